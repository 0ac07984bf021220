"""Hot spots over HTTP and by command: what is counted, for whom, on which scale, and what is refused."""

import csv
import datetime as dt
import io
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pyogrio
import pytest
from anyio import create_task_group, run, to_thread
from PIL import Image
from sqlalchemy import update
from starlette.requests import ClientDisconnect

from api import hotspot_bounds, hotspot_grounds
from api.cli import main
from api.hotspot_grounds import Grounds
from api.hotspot_questions import MOST_DAYS, Written, method_of, question_of
from api.hotspot_turns import AT_ONCE, once
from api.hotspots import FRESH, Counted, Hotspots, answer_of
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.methods import METHODS
from gis_core.hotspots.surface import decay, decayed_days
from gis_core.mvt import EXTENT, tile_units
from gis_core.permissions import Area, Grant
from layers.frames import table_of
from layers.issues import Issue
from layers.stores import Stores
from map_ui.hotspot_colours import HEAT, ramp
from tests import patrolled, town
from tests.patrolled import whole_days
from tests.serving import Reply, Server, join, serving
from tests.town import SIDE, SOUTH, WEST, report

PATH = "/api/v1/hotspots"
HEATED = f"{PATH}/surface?bandwidth_m=20"
Z = 17
TILE = "/".join(
    str(int(one)) for one in tile_units(np.array([[WEST + SIDE / 2, SOUTH + SIDE / 2]]), Z, 0, 0)[0] // EXTENT
)
WEST_HALF = f"{WEST},{SOUTH},{WEST + SIDE},{SOUTH + 2 * SIDE}"


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town with lanes, forty reports in the west of 0101 and ten in 0102, the newest on 29 June."""
    patrolled.found(founded_stores)
    report(founded_stores, 40, 0.4, 0.49, 1)
    report(founded_stores, 10, 1.5, 0.51, 100, "2026-06-20")
    return founded_stores


@pytest.fixture
def server(stores: Stores) -> Iterator[Server]:
    """Asked by somebody who sees the whole city."""
    with serving(stores) as up:
        yield up.by(join(stores, "commander", Grant("commander", Area("city"))))


def told(reply: Reply) -> dict[str, Any]:
    """An answer as GeoJSON, without anything that is no number."""
    assert reply.status == 200, reply.text
    assert "NaN" not in reply.text and "Infinity" not in reply.text
    document: dict[str, Any] = reply.document
    assert document["type"] == "FeatureCollection" and document["count"] == len(document["features"])
    return document


def by_code(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Properties by the code of the unit."""
    return {one["properties"]["code"]: one["properties"] for one in document["features"]}


def test_methods_are_listed_in_the_reader_s_language(server: Server) -> None:
    """A page would offer what the city has not, or in words that its reader does not know."""
    english, chinese = (server.ask(f"{PATH}?lang={lang}").document["methods"] for lang in ("en", "zh"))
    assert [one["name"] for one in english] == list(METHODS)
    assert {one["name"]: one["title"] for one in chinese} == {name: one.titles[1] for name, one in METHODS.items()}
    (units,) = (one for one in english if one["name"] == "significance")
    assert units["supports"] == ["lattice", "unit", "district", "segment", "strip"] and "patrol" in units["per"]


def test_heat_of_a_box_is_on_the_scale_of_the_whole(server: Server) -> None:
    """Red would mean something else in every view, or a box would be counted without what lies beside it."""
    whole, half = told(server.ask(HEATED)), told(server.ask(f"{HEATED}&bbox={WEST_HALF}"))
    assert (whole["since"], whole["until"], whole["facts"]["counted"]) == ("2026-05-31", "2026-06-29", 50)
    assert half["facts"] == whole["facts"] and 0 < half["count"] < whole["count"]
    lons = [point[0] for one in half["features"] for point in np.vstack(_rings(one["geometry"])).tolist()]
    assert max(lons) <= WEST + SIDE + 1e-9
    (hottest,) = (one for one in whole["features"] if one["properties"]["to_density"] is None)
    lon, lat = np.vstack(_rings(hottest["geometry"])).mean(axis=0)
    assert (lon, lat) == pytest.approx((WEST + 0.4 * SIDE, SOUTH + 0.49 * SIDE), abs=1e-4)
    narrow = told(server.ask(f"{HEATED}&since=2026-06-25&until=2026-06-29"))
    assert narrow["facts"]["counted"] == 40


def _rings(geometry: dict[str, Any]) -> list[Any]:
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [np.array(ring) for part in parts for ring in part]


def test_files_tiles_and_pictures_show_the_same(server: Server) -> None:
    """A picture would be of another heat than the features, or a tile hold what the reader cannot see."""
    whole = told(server.ask(HEATED))
    rows = list(csv.DictReader(io.StringIO(server.ask(f"{HEATED}&f=csv").body.decode("utf-8-sig"))))
    assert [int(row["class"]) for row in rows] == [one["properties"]["class"] for one in whole["features"]]
    reply = server.ask(f"{PATH}/surface/tiles/{Z}/{TILE}.pbf?bandwidth_m=20")
    layer = mapbox_vector_tile.decode(reply.body)["hotspots"]
    assert {one["properties"]["class"] for one in layer["features"]} == {
        one["properties"]["class"] for one in whole["features"]
    }
    colours = {tuple(int(one[at : at + 2], 16) for at in (1, 3, 5)) for one in ramp(len(whole["facts"]["breaks"]))}
    for path in (f"{HEATED}&f=png&width=300", f"{PATH}/surface/tiles/{Z}/{TILE}.png?bandwidth_m=20"):
        reply = server.ask(path)
        image = Image.open(io.BytesIO(reply.body))
        assert (reply.headers["Content-Type"], image.mode) == ("image/png", "RGBA"), path
        assert image.width == (300 if "f=png" in path else 256)
        pixels = np.asarray(image).reshape(-1, 4)
        assert {tuple(one) for one in pixels[pixels[:, 3] > 0][:, :3].tolist()} == colours
        assert (pixels[:, 3] == 0).any() and len(colours) <= len(HEAT)
    for ending in ("pbf", "png"):
        assert server.ask(f"{PATH}/surface/tiles/{Z}/0/0.{ending}?bandwidth_m=20").status == 204


def test_what_has_not_changed_is_not_sent_again(stores: Stores) -> None:
    """Every reader would have the city counted anew, at every report of somebody; or see yesterday's heat."""
    clock = [town.NOW]
    key = join(stores, "commander", Grant("commander", Area("city")))
    with serving(stores, lambda: clock[0]) as up:
        server = up.by(key)
        for path in (HEATED, f"{PATH}/surface/tiles/{Z}/{TILE}.png?bandwidth_m=20"):
            first = server.ask(path)
            report(stores, 1, 0.4, 0.49, 900 + len(path))
            clock[0] += FRESH - dt.timedelta(seconds=1)
            again = server.ask(path, If_None_Match=first.headers["ETag"])
            assert (first.status, again.status, again.body) == (200, 304, b"")
            clock[0] += dt.timedelta(seconds=1)
            later = server.ask(path, If_None_Match=first.headers["ETag"])
            assert later.status == 200 and later.headers["ETag"] != first.headers["ETag"]
        assert told(server.ask(HEATED))["facts"]["counted"] == 52


def test_one_question_is_worked_out_once_and_waits_without_a_thread() -> None:
    """The tiles of one view would each hold a thread and a connection, until nobody else is answered."""
    release, begun, done = threading.Event(), threading.Semaphore(0), []

    def work(name: str) -> str:
        begun.release()
        assert release.wait(60)
        done.append(name)
        return name

    async def asked() -> None:
        async def one(name: str) -> None:
            assert await once(name, lambda: name if name in done else None, partial(work, name), there) == name

        async with create_task_group() as group:
            for name in ("a",) * 9 + ("b", "c"):
                group.start_soon(one, name)
            for _ in range(AT_ONCE):
                await to_thread.run_sync(begun.acquire)
            # Nine wait for one, which none of them began; the third has no turn yet.
            assert await to_thread.run_sync(partial(begun.acquire, timeout=0)) is False
            release.set()

    # A browser that other tests keep open has the loop of this thread.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(run, asked).result()
    assert sorted(done) == ["a", "b", "c"]


async def there() -> bool:
    """Whoever asks still waits."""
    return False


def test_nothing_is_worked_out_for_who_is_gone() -> None:
    """A map that is moved ten times would keep everybody else waiting for nine answers that nobody looks at."""
    done = list[str]()

    async def left() -> bool:
        return True

    async def asked() -> None:
        with pytest.raises(ClientDisconnect):
            await once("a", lambda: None, partial(done.append, "a"), left)
        await once("a", lambda: None, partial(done.append, "again"), there)

    with ThreadPoolExecutor(1) as apart:
        apart.submit(run, asked).result()
    assert done == ["again"], "and the turn is given on"


def test_answers_are_worked_out_when_the_store_is_left(
    stores: Stores, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A method that takes seconds would keep a transaction open, and old rows with it."""
    pools = []

    def answered(counted: Counted) -> Answer:
        with stores.read() as store:
            pools.append(store.session.get_bind().engine.pool.checkedout())
        return counted.method.work(counted.question.asked, counted.given)

    monkeypatch.setattr(Counted, "answer", answered)
    told(server.ask(HEATED))
    assert pools == [1], "that of the test alone"


def test_everybody_counts_what_lies_in_their_area(server: Server, stores: Stores) -> None:
    """Somebody would read a neighbour's reports off the heat, or be told of units that are not theirs."""
    ours = server.by(join(stores, "ours", Grant("grid_manager", Area("grid", "0102"))))
    assert told(ours.ask(HEATED))["facts"]["counted"] == 10
    for method, query in (("significance", "support=unit"), ("significance", "support=segment")):
        document = told(ours.ask(f"{PATH}/{method}?{query}"))
        assert sum(one["properties"]["count"] for one in document["features"]) == 10, query
    assert set(by_code(told(ours.ask(f"{PATH}/significance?support=unit")))) == {"0102"}
    nowhere = server.by(join(stores, "firm", Grant("contractor", Area("contractor", "F1"))))
    refusal = nowhere.ask(HEATED)
    assert (refusal.status, refusal.document["code"]) == (400, "hotspot_nowhere")


def test_units_are_compared_with_size_shops_and_patrol(server: Server, stores: Stores) -> None:
    """A busy patrol would look like a dirty street, or where nobody looked be called clean."""
    whole_days(stores)
    counts = {
        code: one["count"] for code, one in by_code(told(server.ask(f"{PATH}/significance?support=unit"))).items()
    }
    assert counts == {"0101": 40, "0102": 10, "0103": 0, "0104": 0}
    sized = told(server.ask(f"{PATH}/significance?support=unit&per=size"))
    assert sized["facts"]["unit"] == "km2"
    assert {round(one["exposure"], 3) for one in by_code(sized).values()} == {0.011}
    walked = told(server.ask(f"{PATH}/significance?support=unit&per=patrol&until=2026-07-01"))
    units = by_code(walked)
    assert (walked["since"], walked["until"]) == ("2026-06-02", "2026-07-01"), "as far back as passes are kept"
    assert units["0101"]["exposure"] > units["0102"]["exposure"] > 0 and units["0104"]["class"] == "insufficient"
    for support in ("segment", "lattice"):
        document = told(server.ask(f"{PATH}/significance?support={support}&per=patrol&cell_m=20&until=2026-07-01"))
        assert any(one["properties"]["exposure"] > 0 for one in document["features"]), support
    shops = by_code(told(server.ask(f"{PATH}/significance?support=unit&per=shops")))
    assert {one["class"] for one in shops.values()} == {"insufficient"}, "there are none"


def test_squares_segments_and_units_count_the_same_reports(server: Server) -> None:
    """A report would be lost between two units, or be counted twice."""
    for support in ("lattice", "unit", "district", "segment"):
        document = told(server.ask(f"{PATH}/significance?support={support}&cell_m=20"))
        assert sum(one["properties"]["count"] for one in document["features"]) == 50, support
        assert document["support"] == support


def test_repeats_categories_and_kinds_are_left_out_where_asked(server: Server, stores: Stores) -> None:
    """One problem that thirty people report would be thirty."""
    issue = table_of(Issue)
    with stores.write() as store:
        master = store.issues(newest=1)["code"].iloc[0]
        repeats = issue.c.external_id.in_([str(one) for one in range(2, 32)])
        store.session.execute(update(issue).where(repeats).values(master=master))
    for query, count in {"": 50, "&problems=true": 20, "&category=a": 50, "&kind=matter": 50}.items():
        assert told(server.ask(f"{HEATED}{query}"))["facts"]["counted"] == count, query
    for query in ("&category=b", "&kind=component"):
        empty = server.ask(f"{HEATED}{query}")
        assert told(empty)["count"] == 0 and server.ask(f"{HEATED}{query}&f=png").status == 204


def test_old_reports_count_for_less_on_the_ground_and_along_streets(server: Server, stores: Stores) -> None:
    """What was cleared away weeks ago would be as hot as what came today, or everything cold."""
    whole_days(stores)
    for method in ("surface", "network"):
        for since, until, age in ((1, 29, 0), (20, 25, 5)):
            asked = f"{PATH}/{method}?since=2026-06-{since:02}&until=2026-06-{until}&bandwidth_m=20"
            alike, aged = (told(server.ask(asked + more))["facts"] for more in ("", "&halflife_days=9"))
            days = until - since + 1
            share = decay(np.array([age]), 9.0)[0] * days / decayed_days(days, 9.0)
            assert aged["peak"] == pytest.approx(alike["peak"] * share, rel=1e-4), (method, since)
            assert aged["counted"] == alike["counted"] > 0


def test_every_method_answers_or_says_what_is_wanting(server: Server, stores: Stores) -> None:
    """A method would end in a fault where there is little to go by."""
    whole_days(stores)
    columns = {
        "network": {"street", "from_m", "to_m", "density"}, "scan": {"rank", "radius_m", "count", "p", "days"},
        "emerging": {"code", "pattern", "word", "trend"}, "clusters": {"category", "count", "area_m2", "p"},
    }  # fmt: skip
    for method, wanted in columns.items():
        document = told(server.ask(f"{PATH}/{method}?bandwidth_m=20&cell_m=20"))
        assert document["method"] == method and document["facts"]["counted"] > 0, method
        for one in document["features"]:
            assert wanted <= set(one["properties"]), method
    patrol = told(server.ask(f"{PATH}/emerging?support=unit&per=patrol&until=2026-06-30"))
    assert (patrol["since"], patrol["facts"]["steps"]) == ("2026-06-03", 14), "whole steps of the days kept"
    few = server.ask(f"{PATH}/emerging?since=2026-06-01")
    assert (few.status, few.document["code"]) == (400, "hotspot_steps")
    for support in ("segment", "unit"):
        none = server.ask(f"{PATH}/emerging?support={support}&step_days=366").document
        assert (none["code"], none["field"]) == ("hotspot_steps", "since"), "steps longer than the window"
    forecast = server.ask(f"{PATH}/forecast")
    assert forecast.status == 200 or forecast.document["code"] == "forecast_short"


IMPOSSIBLE = {
    "surface?since=2026-06-20&until=2026-06-10": "since", "surface?until=2026-07-02": "until",
    "surface?since=x": "since", "surface?since=2000-01-01": "since", "surface?bandwidth_m=0": "bandwidth_m",
    "surface?bandwidth_m=nan": "bandwidth_m", "surface?bandwidth_m=x": "bandwidth_m",
    "surface?bbox=2,1,1,2": "bbox", "surface?bbox=1,2": "bbox", "surface?support=unit": "support",
    "surface?per=shops": "per", "surface?halflife_days=0": "halflife_days", "surface?kind=x": "kind",
    "surface?category=nosuch": "category", "surface?nosuch=1": "nosuch", "surface?f=xml": "f",
    "surface?width=0": "width", "significance?support=moon": "support", "significance?per=moon": "per",
    "significance?cell_m=0.01": "cell_m", "significance?support=strip&per=patrol": "per",
    "significance?support=unit&per=patrol&since=2026-01-01": "since",
    "scan?since=2026-06-01&until=2026-06-29": "since", "emerging?step_days=1" + "0" * 30: "step_days",
    "surface/tiles/3/9/0.png": "x", "surface/tiles/99/0/0.pbf": "z",
}  # fmt: skip
"""Questions that are none, and the field that a refusal names."""


def test_what_cannot_be_asked_is_refused_with_field_value_and_expectation(server: Server, stores: Stores) -> None:
    """Somebody would look at a heat that they have not asked for."""
    whole_days(stores)
    for query, field in IMPOSSIBLE.items():
        refusal = server.ask(f"{PATH}/{query}")
        assert refusal.status == 400, (query, refusal.text)
        document = refusal.document
        assert document.get("field") == field and document["detail"], (query, document)
    unknown = server.ask(f"{PATH}/moon?lang=en")
    assert unknown.status == 404 and "significance" in unknown.document["detail"]


def test_counts_are_not_compared_with_patrol_that_there_is_not(server: Server) -> None:
    """A city without tracks would be told of January 1970, when nobody reported and nobody walked."""
    for query in ("significance?per=patrol", "emerging?per=patrol&since=2026-06-01", "scan?per=patrol&support=segment"):
        refusal = server.ask(f"{PATH}/{query}")
        document = refusal.document
        assert (refusal.status, document["code"], document["field"]) == (400, "hotspot_unpatrolled", "per"), query


def test_units_and_steps_are_bounded_together(server: Server, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand squares by ten years of weeks would keep a server busy for minutes."""
    whole_days(stores)
    year = "since=2025-07-01&until=2026-06-29"
    monkeypatch.setattr(hotspot_bounds, "MOST_PAIRS", 4 * 30 * 30)
    monkeypatch.setattr(hotspot_bounds, "MOST_OF_STREETS", 20)
    for support in ("unit", "segment"):
        refusal = server.ask(f"{PATH}/emerging?support={support}&{year}&lang=en").document
        assert (refusal["code"], refusal["field"]) == ("hotspot_work", "step_days"), refusal
        assert "step_days is 7" in refusal["detail"]
        least = int(refusal["detail"].split("≥ ")[1])
        assert server.ask(f"{PATH}/emerging?support={support}&{year}&step_days={least - 1}").status == 400
        told(server.ask(f"{PATH}/emerging?support={support}&{year}&step_days={least}"))
    monkeypatch.setitem(hotspot_bounds.MOST_COUNTS, "days", 111)
    squares = server.ask(f"{PATH}/scan?support=lattice&cell_m=20").document
    assert (squares["code"], squares["field"]) == ("hotspot_work", "cell_m")
    units = server.ask(f"{PATH}/scan?support=unit").document
    assert (units["code"], units["field"]) == ("hotspot_work", "support")
    told(server.ask(f"{PATH}/scan?support=unit&per=size&{year}"))
    monkeypatch.setattr(hotspot_bounds, "MOST_SCANNED", 3)
    for query, field in (("support=unit", "support"), ("support=lattice&cell_m=20", "cell_m")):
        refusal = server.ask(f"{PATH}/scan?{query}&per=size&since=2026-05-01").document
        assert (refusal["code"], refusal["field"]) == ("hotspot_work", field)


def test_an_alarm_of_a_comparison_is_of_the_whole_window(server: Server) -> None:
    """Ten years would be counted day by day, and all but the last four weeks be dropped without a word."""
    document = told(server.ask(f"{PATH}/scan?support=unit&per=size&since=2025-06-01&until=2026-06-29"))
    assert document["facts"]["counted"] == 50
    few = server.ask(f"{PATH}/scan?support=unit&since=2026-06-01&until=2026-06-29&lang=en").document
    assert few["field"] == "since" and "2026-06-02" in few["detail"]


def test_units_that_are_kept_are_weighed(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand squares would weigh as much as four units, and each tenth of a metre be another lattice."""
    monkeypatch.setattr(hotspot_grounds, "PARTS_BYTES", 200 * hotspot_grounds.A_UNIT_BYTES)
    grounds, method = Grounds(), method_of("significance")
    with stores.read() as store:
        questions = [question_of(store, method, Written(cell_m=size), town.NOW) for size in (20.0, 20.3, 40.0, 21.0)]
        assert questions[0] == questions[1]
        first, same, small = (grounds.support(store, one, None) for one in questions[:3])
        assert first is same and 100 < len(first.codes) < 150 and len(small.codes) < 50
        grounds.support(store, questions[3], None)
        assert grounds.support(store, questions[0], None) is not first, "two of them are too heavy"


def test_jobs_and_commands_answer_without_a_server(stores: Stores) -> None:
    """A snapshot of the night would differ from what people saw in the day."""
    with stores.read() as store:
        question = question_of(store, method_of("surface"), Written(bandwidth_m=20), town.NOW)
        kept, answer = Hotspots(), answer_of(store, "surface", question)
        key, counted = kept.key(store, "surface", question, None), kept.counted(store, "surface", question, None)
    found = kept.keep(key, counted)
    assert kept.known(key) is found
    pd.testing.assert_frame_equal(pd.DataFrame(answer.features), pd.DataFrame(found.answer.features))
    assert MOST_DAYS > 3_650


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_writes_files_and_tables(
    stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    """What the server shows could not be had as a file, or a mistake would end in a trace."""
    run = ["--store", stores.url, "--lang", lang, "--json", "hotspots"]
    main([*run, "significance", "--by", "grid"])
    document = json.loads(capsys.readouterr().out)
    assert {row["code"]: row["count"] for row in document["rows"]} == {"0101": 40, "0102": 10, "0103": 0, "0104": 0}
    files = [tmp_path / f"heat.{ending}" for ending in ("geojson", "csv", "gpkg", "png")]
    for file in files:
        main([*run, "surface", "--bandwidth", "20", "--out", str(file)])
        assert json.loads(capsys.readouterr().out)["out"] == str(file)
    assert json.loads(files[0].read_text("utf-8"))["facts"]["counted"] == 50
    assert len(pyogrio.read_dataframe(files[2])) == len(files[1].read_text("utf-8-sig").splitlines()) - 1
    with Image.open(files[3]) as image:
        assert image.mode == "RGBA"
    for wrong in (
        ["moon"],
        ["surface", "--out", "x.doc"],
        ["surface", "--bandwidth", "0"],
        ["surface", "--by", "unit"],
    ):
        with pytest.raises(SystemExit) as left:
            main([*run, *wrong])
        assert left.value.code == 2 and len(capsys.readouterr().err.strip().splitlines()) == 1

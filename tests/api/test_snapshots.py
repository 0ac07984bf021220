"""Hot spots kept night by night: once, whatever happens in between, for whom, and how good forecasts were."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import event

from api import snapshots
from api.cli import main
from api.hotspot_questions import Written, method_of, question_of
from api.hotspots import Counted, answer_of
from api.jobs import Worker
from api.settings import Settings
from api.snapshot_bodies import body_of
from api.snapshots import AGAIN_AFTER, MOST_TRIES, HotspotsWatch, day_due, take_night, wanted_on
from gis_core.crs import to_metres
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.forecast import scored
from gis_core.lattice import lonlat_of_cells, place_numbers
from gis_core.permissions import Area, Grant
from layers.files import FILES_VARIABLE, files_of
from layers.jobs import LEASE
from layers.snapshots import KEPT_DAYS, Snapshot, put_snapshot, snapshots_of, snapshots_on
from layers.stores import Stores
from tests import patrolled, town
from tests.serving import SECRET, Server, commander, join, serving

SIDE = 8
UNITS = [f"{row:02}{column:02}" for row in range(SIDE) for column in range(SIDE)]
HOT = "0305"
"""Fourth row from the south, sixth column: a crowd for four weeks."""
FLARE = (6, 1.5, 6.5, 0.7)
"""Days, column, row and spread of another crowd."""
LAST = dt.date(2026, 6, 30)
"""Yesterday, at :data:`town.NOW`."""
FIRST = LAST - dt.timedelta(days=199)
PATH = "/api/v1/hotspots"
KILLED_WHILE_KEEPING = """
import os, signal
from api import snapshots
from api.cli import main
put, count = snapshots.put_snapshot, 0
def put_and_die(*given):
    global count
    count += 1
    if count == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return put(*given)
snapshots.put_snapshot = put_and_die
from api.cli import main
main()
"""


def ground(stores: Stores) -> None:
    """Eight by eight units instead of four."""
    shapes = [town.cell(0, 0, SIDE, SIDE), *(town.cell(int(unit[2:]), int(unit[:2])) for unit in UNITS)]
    with stores.publishing() as store:
        town.publish(store, grids=town.grids(UNITS, geometry=shapes))


def report(stores: Stores, days: Any, columns: Any, rows: Any, first: int) -> None:
    """Store reports by local day and place, at ten in the morning."""
    at = pd.DatetimeIndex(pd.to_datetime(pd.Series(days).astype(str) + "T02:00Z"))
    lon, lat = town.WEST + np.asarray(columns) * town.SIDE, town.SOUTH + np.asarray(rows) * town.SIDE
    places = {"lon": lon, "lat": lat, "raw_x": lon, "raw_y": lat, "reported_at": at}
    frame: gpd.GeoDataFrame = town.issues(len(at), first=first, **places)
    with stores.write() as store:
        rows_of = frame.set_geometry(shapely.points(lon, lat), crs=4326)
        assert store.add_issues(town.answered(store, rows_of), town.NOW) == len(at)


def background(until: dt.date = LAST) -> tuple[list[dt.date], Any, Any]:
    """Three reports a day, anywhere."""
    random = np.random.default_rng(4)
    days = [FIRST + dt.timedelta(days=day) for day in range((until - FIRST).days + 1) for _ in range(3)]
    # Cells of heat at the border belong to the city where their middle does.
    return days, random.uniform(0.3, SIDE - 0.3, len(days)), random.uniform(0.3, SIDE - 0.3, len(days))


def crowd(days: int = 28, column: float = 5.5, row: float = 3.5, spread: float = 1.3) -> tuple[list[dt.date], Any, Any]:
    """Three reports a day in a unit and around it for the last days, four weeks in :data:`HOT` if nothing is said."""
    random = np.random.default_rng(5)
    some = [LAST - dt.timedelta(days=day) for day in range(days) for _ in range(3)]
    return some, column + random.uniform(-spread, spread, len(some)), row + random.uniform(-spread, spread, len(some))


@pytest.fixture
def stores(founded_stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """A town of 64 units with 200 days of reports, and a crowd in one of them for four weeks, in another for days."""
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path / "files"))
    ground(founded_stores)
    report(founded_stores, *background(), first=1)
    report(founded_stores, *crowd(), first=10_001)
    report(founded_stores, *crowd(*FLARE), first=11_001)
    return founded_stores


@pytest.fixture
def server(stores: Stores) -> Iterator[Server]:
    """Served without a worker, asked by somebody who sees the whole city."""
    with serving(stores, settings=Settings(SECRET, works=False)) as up:
        yield up.by(commander(stores))


def worker(stores: Stores, now: dt.datetime = town.NOW) -> Worker:
    """A worker whose clock stands still."""
    return Worker(stores, files_of(stores.address), lambda: now)


def night(stores: Stores, day: dt.date | None = None, now: dt.datetime = town.NOW, again: bool = False) -> Any:
    """Keep a night's hot spots; what came of it."""
    return take_night(stores, now, lambda done, total: None, day=day, again=again)


def failing(fault: Exception) -> Any:
    """What always fails."""

    def fail(*_: Any, **__: Any) -> Any:
        raise fault

    return fail


def kept(stores: Stores, day: dt.date = LAST) -> dict[tuple[str, str, str], Snapshot]:
    """What is kept of a day, by its key."""
    with stores.read() as store:
        return {one.key: one for one in snapshots_on(store.session, day)}


def test_a_night_is_kept_once_by_whoever_works(stores: Stores, server: Server) -> None:
    """Nobody would remember a command every morning; and what people decided by would change under them."""
    assert worker(stores).work()
    (job,) = server.ask("/api/v1/jobs").document["jobs"]
    assert (job["kind"], job["state"], job["result"]["day"]) == ("hotspots", "done", "2026-06-30"), job
    found = kept(stores)
    assert set(found) == {
        ("significance", "district", "none"), ("significance", "unit", "none"), ("emerging", "unit", "none"),
        ("scan", "unit", "none"), ("forecast", "", "none"),
    }  # fmt: skip
    assert [one.fault for one in found.values()] == [None] * 5
    assert job["result"]["stored"] == 5 and job["result"]["faults"] == 0
    later = town.NOW + dt.timedelta(hours=2)
    assert not worker(stores, later).work()
    assert night(stores, now=later).stored == 0
    assert {one.made_at for one in kept(stores).values()} == {town.NOW}


def test_what_was_planted_is_found(stores: Stores, server: Server) -> None:
    """A snapshot of another window or of other units would be kept for years."""
    night(stores)
    hot = server.ask(f"{PATH}/snapshots/{LAST}/significance").document
    assert (hot["support"], hot["per"], hot["count"], hot["facts"]["window_days"]) == ("unit", "none", len(UNITS), 28)
    units = {one["properties"]["code"]: one for one in hot["features"]}
    assert units[HOT]["properties"]["class"] == "hot_99" and units["0700"]["properties"]["class"] == "none"
    assert shapely.equals_exact(shapely.geometry.shape(units[HOT]["geometry"]), town.cell(5, 3), 1e-6, normalize=True)
    changing = server.ask(f"{PATH}/snapshots/{LAST}/emerging").document
    words = {one["properties"]["code"]: one["properties"]["word"] for one in changing["features"]}
    assert changing["facts"]["steps"] == 26 and words[HOT] == "new"
    (flare, *_) = server.ask(f"{PATH}/snapshots/{LAST}/scan").document["features"]
    assert shapely.geometry.shape(flare["geometry"]).contains(town.cell(1.4, 6.4, 0.2, 0.2))
    ahead = server.ask(f"{PATH}/snapshots/{LAST}/forecast").document
    hottest = max(ahead["features"], key=lambda one: one["properties"]["class"])
    assert shapely.geometry.shape(hottest["geometry"]).intersects(town.cell(5, 3))
    assert server.ask(f"{PATH}/snapshots/{LAST}/significance?by=district").document["count"] == 1


def test_a_worker_that_is_killed_leaves_what_is_done(stores: Stores, founded_url: str) -> None:
    """A server that is restarted every night would never keep the last of five answers."""
    command = [sys.executable, "-c", KILLED_WHILE_KEEPING, "--store", founded_url, "worker"]
    ended = subprocess.run(command, env=dict(os.environ), stderr=subprocess.DEVNULL, timeout=300, check=False)
    assert ended.returncode == -signal.SIGKILL
    before = kept(stores)
    assert len(before) == 2
    assert worker(stores, dt.datetime.now(dt.UTC) + 2 * LEASE).work()
    after = kept(stores)
    assert len(after) == 5 and {after[key].made_at for key in before} == {one.made_at for one in before.values()}


def test_a_watch_with_nothing_to_do_asks_next_to_nothing(stores: Stores) -> None:
    """It looks every second, for years."""
    watch = HotspotsWatch(stores)
    assert watch.look(town.NOW), "a night is to be kept"
    assert watch.look(town.NOW), "and waits"
    assert worker(stores).work()
    assert not watch.look(town.NOW)
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    with stores.read() as store:
        engine = store.session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    assert not watch.look(town.NOW + dt.timedelta(hours=1))
    event.remove(engine, "before_cursor_execute", note)
    assert len([one for one in asked if one != "BEGIN"]) == 2, asked


@pytest.mark.parametrize(
    ("now", "day"),
    [("2026-07-01T04:00Z", LAST), ("2026-06-30T18:59Z", LAST - dt.timedelta(days=1)), ("2026-06-30T19:00Z", LAST),
     ("2026-12-24T04:00Z", LAST), ("2026-06-20T04:00Z", dt.date(2026, 6, 19))],
)  # fmt: skip
def test_a_day_is_over_at_three_in_the_morning_of_the_city(stores: Stores, now: str, day: dt.date) -> None:
    """Tracks and reports of the evening come in the night; a city whose reports end in June has a last day in June."""
    with stores.read() as store:
        assert day_due(store, dt.datetime.fromisoformat(now)) == day


def test_a_city_whose_reports_come_late_is_kept_when_they_do(founded_stores: Stores) -> None:
    """Its nights would be kept without the reports that they had, or never."""
    ground(founded_stores)
    watch, early = HotspotsWatch(founded_stores), LAST - dt.timedelta(days=20)
    assert not watch.look(town.NOW), "no report at all"
    report(founded_stores, *background(early), first=1)
    assert watch.look(town.NOW) and worker(founded_stores).work()
    assert len(kept(founded_stores, early)) == 5
    assert not watch.look(town.NOW)
    days, columns, rows = background()
    late = [number for number, day in enumerate(days) if early < day <= LAST - dt.timedelta(days=2)]
    report(founded_stores, [days[number] for number in late], columns[late], rows[late], first=20_001)
    assert watch.look(town.NOW) and worker(founded_stores).work()
    assert len(kept(founded_stores, LAST - dt.timedelta(days=2))) == 5 and not watch.look(town.NOW)
    told = next(one for one in kept(founded_stores, early).values() if one.method == "forecast").told
    assert told is not None and told["reports"] == 3 * 14


def test_a_city_that_is_not_there_yet_is_left_alone(founded_stores: Stores) -> None:
    """A server begins with an empty store."""
    assert not HotspotsWatch(founded_stores).look(town.NOW)
    with pytest.raises(InvalidInput) as fault:
        night(founded_stores)
    assert fault.value.key == "snapshot_day"


def test_a_forecast_is_scored_by_what_came(stores: Stores, server: Server) -> None:
    """How good it was would be told of other days, other ground, or of a forecast that already knew."""
    made = LAST - dt.timedelta(days=14)
    assert night(stores, made - dt.timedelta(days=1)).scored == 1
    done = night(stores, made)
    assert (done.day, done.scored) == (made, 1), "its fortnight is just over"
    assert night(stores, made + dt.timedelta(days=1)).scored == 0
    with stores.read() as store:
        written = Written((made - dt.timedelta(days=181)).isoformat(), made.isoformat(), None, "none")
        question = question_of(store, method_of("forecast"), written, town.NOW)
        surface = answer_of(store, "forecast", question).surface
    assert surface is not None
    days, columns, rows = (np.concatenate(parts) for parts in zip(background(), crowd(), crowd(*FLARE), strict=True))
    came = days > made
    lonlat = np.column_stack([town.WEST + columns[came] * town.SIDE, town.SOUTH + rows[came] * town.SIDE])
    lonlat = lonlat_of_cells(place_numbers(lonlat), 0)  # as exactly as the store counts places
    epoch = dt.date(1970, 1, 1)
    day = np.array([(one - epoch).days for one in days[came]], dtype=float)
    expected = scored(surface, to_metres(lonlat, town.CITY.metric_srid), day)
    listed = server.ask(f"{PATH}/scores").document["scores"]
    assert [one["day"] for one in listed] == [str(made + dt.timedelta(days=ago)) for ago in (1, 0, -1)]
    assert listed[0]["told"] is None
    told = listed[1]["told"]
    assert (told["since"], told["until"]) == (str(made + dt.timedelta(days=1)), str(LAST))
    assert told["reports"] == came.sum() == 3 * (14 + 14 + 6)
    for name in ("share", "units", "caught", "pai", "pai_low", "pai_high", "pei", "pei_low", "pei_high"):
        assert [one[name] for one in told["shares"]] == pytest.approx(expected[name].tolist()), name
    for name in ("hit", "hit_low", "hit_high"):
        own = [one[name.replace("hit", "hit_rate")] for one in told["shares"]]
        assert own == pytest.approx(expected[name].tolist()), name
    assert told["shares"][-1]["pai"] > 3, "the crowd had been there for a fortnight"
    assert listed[0]["bandwidth_m"] and listed[0]["before"]


def test_of_a_forecast_after_which_nothing_came_nothing_is_said(founded_stores: Stores) -> None:
    """A hit rate of nought would say that it was bad; and somebody would look for reports every second."""
    ground(founded_stores)
    made = LAST - dt.timedelta(days=30)
    report(founded_stores, *background(made), first=1)
    report(founded_stores, [LAST], [0.5], [0.5], first=20_001)
    night(founded_stores, made)
    told = next(one for one in kept(founded_stores, made).values() if one.method == "forecast").told
    assert told is not None and (told["reports"], told["shares"]) == (0, [])
    night(founded_stores)
    assert not HotspotsWatch(founded_stores).look(town.NOW)


def test_a_night_works_when_the_store_is_left(founded_stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction would be open for the seconds of every method, and old rows kept with it."""
    ground(founded_stores)
    report(founded_stores, *background(), first=1)
    work, used = Counted.answer, list[int]()

    def answered(counted: Counted) -> Answer:
        used.append(founded_stores.connections[0])
        return work(counted)

    monkeypatch.setattr(Counted, "answer", answered)
    assert night(founded_stores).stored == len(used) == 5
    assert used == [0] * 5


def test_a_method_that_cannot_answer_stops_no_other(founded_stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """A city with five days of reports has no forecast yet; a fault in one method would leave every night empty."""
    ground(founded_stores)
    five = [LAST - dt.timedelta(days=day) for day in range(5)]
    report(founded_stores, five, [0.5] * 5, [0.5] * 5, first=1)

    def breaking(method: str, answer: Answer) -> dict[str, Any]:
        if method == "scan":
            raise RuntimeError("it broke")
        return body_of(method, answer)

    monkeypatch.setattr(snapshots, "body_of", breaking)
    with pytest.raises(RuntimeError):
        night(founded_stores)
    with serving(founded_stores) as up:
        reply = up.by(commander(founded_stores)).ask(f"{PATH}/snapshots?lang=en")
    assert reply.status == 200, reply.text
    listed = reply.document["snapshots"]
    faults = {one["method"]: one["fault"] for one in listed if one["fault"]}
    codes = {name: one["code"] for name, one in faults.items()}
    assert codes == {"forecast": "forecast_short"}
    assert "42" in faults["forecast"]["detail"]
    watch, tries = HotspotsWatch(founded_stores), 0
    for hours in range(24):
        tries += worker(founded_stores, town.NOW + hours * AGAIN_AFTER).work()
        if tries == MOST_TRIES:
            break
    for hours in range(3, 9):
        assert not watch.look(town.NOW + hours * AGAIN_AFTER), "nobody tries again every hour"
    monkeypatch.undo()
    assert night(founded_stores).stored == 1, "but whoever asks for it by hand does"
    assert {one.method for one in kept(founded_stores).values() if one.fault} == {"forecast"}


def test_a_forecast_that_cannot_be_scored_is_marked(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be tried every hour for good, and fail the job each time."""
    made = LAST - dt.timedelta(days=14)
    night(stores, made - dt.timedelta(days=1))
    monkeypatch.setattr(snapshots, "told_of", failing(RuntimeError("it broke")))
    with pytest.raises(RuntimeError):
        night(stores, made)
    assert night(stores).scored == 0
    told = next(one for one in kept(stores, made).values() if one.method == "forecast").told
    assert told is not None and (told["reports"], told["shares"], told["until"]) == (None, [], str(LAST))
    assert not HotspotsWatch(stores).look(town.NOW)


def test_a_night_that_failed_is_tried_again_an_hour_later(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be begun again every second, or never."""
    monkeypatch.setattr(snapshots, "put_snapshot", failing(RuntimeError("it broke")))
    assert worker(stores).work() and not worker(stores).work()
    monkeypatch.undo()
    assert not worker(stores, town.NOW + AGAIN_AFTER / 2).work() and not kept(stores)
    assert worker(stores, town.NOW + AGAIN_AFTER).work() and len(kept(stores)) == 5


def test_old_snapshots_are_dropped(stores: Stores) -> None:
    """Every night would be kept for ever."""
    with stores.write() as store:
        for ago in (KEPT_DAYS, KEPT_DAYS + 1):
            day = LAST - dt.timedelta(days=ago)
            assert put_snapshot(store.session, Snapshot(day, "scan", "unit", "none", town.NOW, {}))
    assert night(stores).forgotten == 1
    with stores.read() as store:
        assert snapshots_of(store.session, limit=99)[-1].day == LAST - dt.timedelta(days=KEPT_DAYS)


def test_where_somebody_patrols_rates_by_patrol_are_kept(founded_stores: Stores) -> None:
    """Busy patrols would look like dirty streets."""
    patrolled.found(founded_stores)
    report(founded_stores, [LAST - dt.timedelta(days=day) for day in range(20)], [0.5] * 20, [0.5] * 20, first=1)
    key = ("significance", "district", "patrol")
    for walked, day in ((False, LAST - dt.timedelta(days=60)), (True, LAST)):
        patrolled.walked(founded_stores, "li", [("L1", 0, 200, "08:00", 200)], day)
        with founded_stores.read() as store:
            assert (key in {one.key for one in wanted_on(store, LAST)}) == walked
    night(founded_stores)
    one = kept(founded_stores)[key]
    assert one.fault is None and (one.facts["unit"], one.facts["insufficient"]) == ("km_h", 0)


def test_whoever_sees_a_part_is_told_of_that_part(stores: Stores, server: Server) -> None:
    """What is found elsewhere, and figures of the whole city, would be told to somebody who may not see them."""
    night(stores)
    part = server.by(join(stores, "part", Grant("inspector", Area("grid", HOT))))
    units = part.ask(f"{PATH}/snapshots/{LAST}/significance").document
    assert [one["properties"]["code"] for one in units["features"]] == [HOT]
    assert (units["facts"], units["count"]) == (None, 1)
    assert part.ask(f"{PATH}/snapshots/{LAST}/significance?by=district").document["features"] == []
    for path in (f"snapshots/{LAST}/scan", f"snapshots/{LAST}/forecast", "scores"):
        assert part.ask(f"{PATH}/{path}").status == 403, path
    listed = part.ask(f"{PATH}/snapshots").document["snapshots"]
    assert len(listed) == 5 and all(one["facts"] is one["told"] is None for one in listed)
    assert all(one["facts"] for one in server.ask(f"{PATH}/snapshots").document["snapshots"])


def test_lists_are_told_by_whole_days(stores: Stores, server: Server) -> None:
    """A page that ends in a day would hide its other half."""
    for ago in range(3):
        night(stores, LAST - dt.timedelta(days=ago))
    told, until = [], ""
    while until is not None:
        page = server.ask(f"{PATH}/snapshots?limit=7{until}").document
        told.append([one["day"] for one in page["snapshots"]])
        until = page["until"] and f"&until={page['until']}"
    assert told == [[str(LAST - dt.timedelta(days=ago))] * 5 for ago in range(3)]
    page = server.ask(f"{PATH}/snapshots?limit=2&method=scan").document
    assert [one["day"] for one in page["snapshots"]] == [str(LAST), str(LAST - dt.timedelta(days=1))]
    page = server.ask(f"{PATH}/snapshots?limit=1").document
    assert len(page["snapshots"]) == 5 and page["until"] == str(LAST - dt.timedelta(days=1))
    assert server.ask(f"{PATH}/snapshots?since={LAST}&method=scan").document["until"] is None


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("snapshots/2026-13-01/scan", 400, "parameter_invalid"),
        ("snapshots/0001-01-01/scan", 400, "parameter_invalid"),
        ("snapshots/2026-06-29/scan", 404, "snapshot_missing"),
        ("snapshots/2026-06-30/surface", 404, "snapshot_missing"),
        ("snapshots/2026-06-30/scan?by=moon", 404, "snapshot_missing"),
        ("snapshots/2026-06-30/scan?per=moon", 400, "parameter_invalid"),
        ("snapshots?since=x", 400, "parameter_invalid"), ("snapshots?limit=0", 400, "parameter_invalid"),
        ("scores?limit=x", 400, "parameter_invalid"),
    ],
)  # fmt: skip
def test_what_is_not_kept_is_refused_in_words(founded_stores: Stores, path: str, status: int, code: str) -> None:
    """A typing error would look like a night without hot spots."""
    with founded_stores.write() as store:
        assert put_snapshot(store.session, Snapshot(LAST, "scan", "unit", "none", town.NOW, {}))
    with serving(founded_stores) as up:
        reply = up.by(commander(founded_stores)).ask(f"{PATH}/{path}")
    assert (reply.status, reply.document["code"]) == (status, code)


def test_the_command_keeps_a_night(stores: Stores, founded_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A city that begins with a history has none of its forecasts scored."""
    made = LAST - dt.timedelta(days=14)
    for day in ([], ["--day", str(made)]):
        capsys.readouterr()
        main(["--store", founded_url, "--json", "hotspots-snapshot", *day])
    told = {"day": str(made), "stored": 5, "faults": 0, "scored": 1, "forgotten": 0}
    assert json.loads(capsys.readouterr().out) == told
    for day in ([str(LAST + dt.timedelta(days=1))], ["yesterday"]):
        with pytest.raises(SystemExit) as left:
            main(["--store", founded_url, "hotspots-snapshot", "--day", *day])
        assert left.value.code == 2 and day[0] in capsys.readouterr().err


def test_the_morning_says_what_is_new(stores: Stores, server: Server) -> None:
    """Nobody compares two maps of 64 cells over coffee."""
    before = LAST - dt.timedelta(days=40)
    assert server.ask(f"{PATH}/digest").status == 404
    night(stores, before)
    first = server.ask(f"{PATH}/digest").document
    assert (first["figures"]["before"], first["figures"]["new"], first["figures"]["hot"]) == (None, None, [])
    night(stores)
    english, chinese = (server.ask(f"{PATH}/digest?day={LAST}&lang={lang}").document for lang in ("en", "zh"))
    figures = english["figures"]
    assert figures == chinese["figures"] and figures["before"] == str(before)
    assert HOT in [one["code"] for one in figures["new"]] and figures["faded"] == []
    assert (figures["alarm"]["days"], figures["alarm"]["around"]) == (6, ["东区"]) and figures["alarm"]["p"] <= 0.05
    assert figures["ahead"] == {"since": "2026-07-01", "until": "2026-07-14", "areas": ["东区"]}
    assert figures["scored"]["day"] == str(before) and figures["scored"]["reports"] == 3 * 14 + 3 * 2
    assert f" {3 * 14 + 3 * 2} reports" in english["lines"][-1]
    for lines, words in ((english["lines"], ("hot", "alarm: ", "PAI")), (chinese["lines"], ("显著", "预警", "PAI"))):
        assert len(lines) == 5 and all(any(word in line for line in lines) for word in words[1:]), lines
    nothing = {"fault": {"key": "hotspot_nowhere", "params": {}}}
    with stores.write() as store:
        lowest, day = store.city.levels[-1].name, LAST - dt.timedelta(days=1)
        assert put_snapshot(store.session, Snapshot(day, "significance", lowest, "none", town.NOW, nothing))
    again = server.ask(f"{PATH}/digest?day={LAST}").document["figures"]
    assert again == figures, "nothing is new against a day that came to nothing"
    part = server.by(join(stores, "part", Grant("inspector", Area("grid", HOT)))).ask(f"{PATH}/digest").document
    assert [one["code"] for one in part["figures"]["hot"]] == [HOT] and len(part["lines"]) == 2
    assert not {"alarm", "ahead", "scored"} & set(part["figures"])

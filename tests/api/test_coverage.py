"""Coverage over HTTP: windows, scope, persons, blind spots, exposure, tiles, and what a later match changes."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely.geometry import MultiLineString

from api.cli import main
from api.networks import Networks
from api.patrolling import WINDOWS as WINDOWS_TOLD
from api.patrolling import Patrols, segments_told
from api.rollups import count_days
from gis_core.mvt import EXTENT, tile_units
from gis_core.permissions import Area, Grant
from layers.coverages import SegmentDay
from layers.engine import connect, upgrade
from layers.features import state_of
from layers.frames import read_frame
from layers.patrolled import put_day
from layers.rollups import days_stored, uncounted
from layers.stores import Stores
from layers.territories import Territories
from tests import patrolled, town
from tests.patrolled import DAY, HALF_M, whole_days
from tests.serving import Reply, Server, join, serving
from tests.town import SIDE, SOUTH, WEST

PATH = "/api/v1/coverage"
AREAS = {"city": Area("city"), "unit": Area("grid", "0101"), "firm": Area("contractor", "F1")}
TILE = "/".join(
    str(int(one)) for one in tile_units(np.array([[WEST + SIDE / 2, SOUTH + SIDE / 2]]), 16, 0, 0)[0] // EXTENT
)


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town with lanes; nobody has walked yet."""
    patrolled.found(founded_stores)
    return founded_stores


@pytest.fixture
def server(stores: Stores) -> Iterator[Server]:
    """Asked by somebody who sees the whole city, but no tracks."""
    with serving(stores) as up:
        yield up.by(join(stores, "commander", Grant("commander", Area("city"))))


def rows(reply: Reply) -> list[dict[str, Any]]:
    """The rows of an answer."""
    assert reply.status == 200, reply.text
    found: list[dict[str, Any]] = reply.document["rows"]
    return found


def by_segment(server: Server, query: str = "") -> dict[tuple[str, float], dict[str, Any]]:
    """What is told of each segment."""
    return {(one["street"], one["from_m"]): one for one in rows(server.ask(f"{PATH}?{query}"))}


def test_segments_lanes_cells_and_shifts(server: Server, stores: Stores) -> None:
    """A lane that was walked to its middle would be walked, or a road that nobody has to patrol be blind."""
    whole_days(stores)
    segments = by_segment(server)
    assert set(segments) == {("L1", 0.0), ("L1", 102.67), ("L2", 0.0), ("L2", 102.67)}
    west, east, part = (segments[one] for one in (("L1", 0.0), ("L1", 102.67), ("L2", 0.0)))
    assert (west["status"], west["visits"], west["share"], west["grid"]) == ("walked", 3, 1.0, "0101")
    assert (west["age_h"], east["age_h"], part["age_h"]) == (3.0, 28.0, None)
    assert (east["status"], part["status"], part["visits"], part["passes"]) == ("walked", "blind", 0, 1)
    assert (part["contractor"], west["contractor"]) == ("F1", None)
    lanes = {one["code"]: one for one in rows(server.ask(f"{PATH}?by=lane"))}
    assert (lanes["L1"]["walked_m"], lanes["L1"]["share"], lanes["L1"]["name"]) == (205.35, 1.0, "一巷")
    assert (lanes["L2"]["blind_m"], lanes["L2"]["blind"], lanes["L2"]["covered_m"]) == (205.35, 2, 18.67)
    units = {one["code"]: one for one in rows(server.ask(f"{PATH}?by=unit"))}
    assert {code: one["walked_m"] for code, one in units.items()} == {
        "0101": 102.67, "0102": 102.67, "0103": 0.0, "0104": 0.0,
    } and units["0101"]["name"] == "单元0101"  # fmt: skip
    assert [one["code"] for one in rows(server.ask(f"{PATH}?by=district"))] == ["01"]
    parties = {one["code"]: one for one in rows(server.ask(f"{PATH}?by=contractor"))}
    assert (parties["F1"]["name"], parties["F1"]["due_m"], parties[None]["walked_m"]) == ("洁美", 205.35, 205.35)
    shifts = {one["day"]: one for one in rows(server.ask(f"{PATH}?by=shift&days=2"))}
    assert set(shifts) == {"2026-06-30", "2026-07-01"}
    assert shifts["2026-06-30"]["visits"] == 2, "not what was walked at night"


def test_sides_of_wide_streets_are_told(server: Server, stores: Stores) -> None:
    """An avenue swept on one footway would be walked on both, or a lane be told to have sides."""
    with stores.publishing() as store:
        town.publish(store, grids=town.grids(), streets=patrolled.streets().assign(width_m=[8.0, 36.0, 8.0]))
    for nth, (street, side) in enumerate((("L1", 1), ("L2", 1), ("L2", 1), ("L2", -1), ("L2", 0))):
        patrolled.walked(stores, f"i{nth}", [(street, 0, HALF_M, "08:00", 80)], side=side)
    segments = by_segment(server)
    assert [segments["L2", 0.0][name] for name in ("visits", "visits_left", "visits_right")] == [4, 2, 1]
    assert [segments["L2", 102.67][name] for name in ("visits", "visits_left", "visits_right")] == [0, 0, 0]
    assert [segments["L1", 0.0][name] for name in ("visits", "visits_left", "visits_right")] == [1, None, None]
    told = list(csv.DictReader(io.StringIO(server.ask(f"{PATH}?f=csv").text.removeprefix("\ufeff"))))
    assert {one["visits_left"] for one in told if one["street"] == "L2"} == {"2", "0"}
    assert {one["visits_left"] for one in told if one["street"] == "L1"} == {""}


WINDOWS = {
    "days=1": 1, "days=2": 3, "from=2026-06-30&to=2026-07-01": 2, "from=2026-07-01": 1, "to=2026-07-01&days=1": 2,
    "from=2026-06-30T08:00&to=2026-06-30T23:30": 1, "from=2026-06-30T08:00:01&to=2026-06-30T23:30:01": 1,
    "from=2026-06-30T15:30:00Z": 2, "days=30": 3,
}  # fmt: skip
"""How often the west of the first lane was visited in a window."""
IMPOSSIBLE = (
    "days=0", "days=31", "from=2026-05-01", "from=2026-07-01&to=2026-06-30", "from=x", "days=3&from=2026-06-30",
    "bbox=1,2", "limit=0", "f=xml", "from=beginning", "to=beginning", "nosuch=1", "by=moon",
)  # fmt: skip


def test_windows_are_half_open_and_days_are_the_city_s(server: Server, stores: Stores) -> None:
    """A walk at midnight would count in two days or in none, a day begin at eight in the morning, or a window beyond
    what is kept look as if nobody had walked.
    """
    whole_days(stores)
    planner = server.by(join(stores, "planner", Grant("planner", Area("city"))))
    for query, visits in WINDOWS.items():
        assert by_segment(planner, query)["L1", 0.0]["visits"] == visits, query
    for query in IMPOSSIBLE:
        assert server.ask(f"{PATH}?{query}").status == 400, query
    older = server.ask(f"{PATH}?from=2026-05-01").document["detail"]
    assert "gridwarden coverage --date" in older and "layer `coverage`" in older, older


def test_midnight_belongs_to_the_day_that_begins(server: Server, stores: Stores) -> None:
    """The last pass of a night would be counted on both days."""
    patrolled.walked(stores, "li", [("L1", 0, HALF_M, "00:00", 80)], dt.date(2026, 7, 1))
    patrolled.walked(stores, "wang", [("L1", 0, HALF_M, "23:59", 59)])
    assert [by_segment(server, f"from={day}&to={to}")["L1", 0.0]["visits"]
            for day, to in (("2026-06-30", "2026-07-01"), ("2026-07-01", "2026-07-02"))] == [1, 1]  # fmt: skip


def test_narrowed_by_class_cell_and_box(server: Server, stores: Stores) -> None:
    """Who asks for one cell would count the city by hand."""
    whole_days(stores)
    assert set(by_segment(server, "grid=0102")) == {("L1", 102.67)}
    assert len(by_segment(server, "grid=01")) == 4
    for path in ("", "/unwalked"):
        reply = server.ask(f"{PATH}{path}?grid=99")
        assert (reply.status, reply.document["code"]) == (404, "grid_missing")
    assert len(by_segment(server, "class=backstreet")) == 4 and not by_segment(server, "class=branch")
    box = f"{WEST},{SOUTH},{WEST + 0.5 * SIDE},{SOUTH + 2 * SIDE}"
    assert set(by_segment(server, f"bbox={box}")) == {("L1", 0.0), ("L2", 0.0)}
    limited = server.ask(f"{PATH}?limit=1").document
    assert (limited["count"], len(limited["rows"])) == (4, 1)


def test_everybody_sees_the_coverage_of_their_area(server: Server, stores: Stores) -> None:
    """A neighbour's blind spots would be known to all, or a contractor not see the lanes they sweep."""
    whole_days(stores)
    seen = {
        "unit": {("L1", 0.0)}, "firm": {("L2", 0.0), ("L2", 102.67)},
        "city": {("L1", 0.0), ("L1", 102.67), ("L2", 0.0), ("L2", 102.67)},
    }  # fmt: skip
    for name, segments in seen.items():
        one = server.by(join(stores, name, Grant("contractor", AREAS[name])))
        assert set(by_segment(one)) == segments, name
        spots = one.ask(f"{PATH}/unwalked").document["segments"]
        assert {(spot["street"], spot["from_m"]) for spot in spots} == {
            key for key in segments if key[0] == "L2"
        }, name  # fmt: skip
        lanes = {row["code"] for row in rows(one.ask(f"{PATH}?by=lane"))}
        assert lanes == {street for street, _ in segments}
        units = {row["code"] for row in rows(one.ask(f"{PATH}?by=unit"))}
        assert units <= {"unit": {"0101"}, "firm": set(), "city": {"0101", "0102", "0103", "0104"}}[name]
        spent = rows(one.ask(f"{PATH}/exposure?by=segment"))
        assert {(row["code"], row["from_m"]) for row in spent if row["code"] != "X1"} == segments
        cells = {row["code"] for row in rows(one.ask(f"{PATH}/exposure")) if row["patrol_m"]}
        assert cells == {"unit": {"0101"}, "firm": set(), "city": {"0101", "0102", "0103"}}[name]
        drawn = tile(one)
        assert {feature["properties"]["street"] for feature in drawn} == lanes
        layer = one.ask("/ogc/collections/coverage/items").document["features"]
        assert {feature["properties"]["street"] for feature in layer} - {"X1"} <= lanes
    nobody = server.by(join(stores, "nobody", Grant("reporter", Area("city"))))
    for path in ("", "/unwalked", "/exposure", f"/tiles/16/{TILE}.pbf"):
        assert nobody.ask(PATH + path).status == 403, path


def test_nobody_is_named_to_who_may_not_see_tracks(server: Server, stores: Stores) -> None:
    """Coverage of segments would be surveillance of people."""
    whole_days(stores)
    assert server.ask(f"{PATH}?by=inspector").status == 403
    for path in ("", "?by=lane", "?by=unit", "?by=contractor", "?by=shift", "?f=csv", "?f=geojson", "/unwalked",
                 "/exposure", "/exposure?by=segment"):  # fmt: skip
        text = server.ask(PATH + path).text
        assert '"li"' not in text and "wang" not in text, path
    auditor = server.by(join(stores, "auditor", Grant("auditor", Area("city"))))
    people = {one["code"]: one for one in rows(auditor.ask(f"{PATH}?by=inspector"))}
    assert {name: (one["visits"], one["segments"]) for name, one in people.items()} == {"li": (3, 2), "wang": (1, 1)}
    part = server.by(join(stores, "part", Grant("auditor", Area("grid", "0103")), Grant("commander", Area("city"))))
    assert {one["visits"] for one in rows(part.ask(f"{PATH}?by=inspector"))} == {0}, "tracks in their own area only"


def test_people_are_told_as_far_as_tracks_are_seen(server: Server, stores: Stores) -> None:
    """A planner of one unit would know when everybody in the city began and went home."""
    whole_days(stores)
    planners = {
        code: server.by(join(stores, f"planner{code}", Grant("planner", Area("grid", code))))
        for code in ("0101", "0104")
    }
    assert rows(planners["0104"].ask(f"{PATH}?by=inspector")) == []
    people = {one["code"]: one for one in rows(planners["0101"].ask(f"{PATH}?by=inspector&days=2"))}
    li, wang = people["li"], people["wang"]
    assert (li["patrol_m"], wang["patrol_m"]) == (pytest.approx(2 * 102.67 + 55, abs=0.2), 102.67)
    assert (wang["first_at"], wang["last_at"]) == ("2026-06-30T15:30:00Z", "2026-06-30T15:31:30Z")
    auditor = server.by(join(stores, "auditor", Grant("auditor", Area("city"))))
    trail = [one for one in auditor.ask("/api/v1/audit").document["entries"] if one["action"] == "traced"]
    assert [(one["actor"], one["subject"]) for one in trail] == [
        ("planner0101", "coverage"), ("planner0104", "coverage")
    ]  # fmt: skip


def test_nobody_is_followed_by_minutes(server: Server, stores: Stores) -> None:
    """Whoever asks for each minute would see who goes where, without a name."""
    whole_days(stores)
    both = server.by(join(stores, "both", Grant("commander", Area("city")), Grant("planner", Area("grid", "0101"))))
    planner = server.by(join(stores, "planner", Grant("planner", Area("city"))))
    minute = "from=2026-07-01T09:00:00%2B08:00&to=2026-07-01T09:01:00%2B08:00"
    for path in (f"{PATH}?", f"{PATH}/exposure?by=segment&"):
        for one in ("from=2026-07-01T09:00:00%2B08:00", "from=2026-06-30&to=2026-07-01T09:00"):
            refused = server.ask(path + one)
            assert (refused.status, refused.document["code"]) == (
                400,
                "parameter_invalid",
            ) and "YYYY-MM-DD" in refused.text
        assert both.ask(path + minute).status == 400 and planner.ask(path + minute).status == 200, path
        assert server.ask(f"{path}from=2026-06-30&to=2026-07-01").status == 200
    assert both.ask(f"{PATH}?grid=0101&{minute}").status == 200, "of what they may trace"
    assert (by_segment(server)["L1", 102.67]["age_h"], by_segment(planner)["L1", 102.67]["age_h"]) == (28, 28.0)
    for asks in (server, both):
        told = rows(asks.ask(PATH)) + rows(asks.ask(f"{PATH}?by=lane"))
        hours = [
            one[name] for one in told for name in ("age_h", "gap_h", "oldest_age_h", "longest_gap_h") if one.get(name)
        ]
        assert hours and all(float(one).is_integer() for one in hours)


def test_within_an_hour_nothing_moves(stores: Stores) -> None:
    """Whoever asks each minute would see at which minute what is rounded changes: that of somebody's walk."""
    whole_days(stores)
    walks = [("L1", 0.0, HALF_M, "09:17", 80.0), ("L2", 0.0, HALF_M, "09:44", 80.0)]
    patrolled.walked(stores, "li", walks, dt.date(2026, 6, 24))
    moments = [town.NOW + dt.timedelta(seconds=one) for one in (1, 17 * 60 + 85, 47 * 60 + 85, 3_600)]
    clock = moments[:1]
    told = []
    with serving(stores, now=lambda: clock[0]) as up:
        reader = up.by(join(stores, "commander", Grant("commander", Area("city"))))
        for clock[0] in moments:
            answers = [reader.ask(f"{PATH}{query}").document for query in UNMOVED]
            told.append([{**one, "as_of": None} for one in answers])
    assert told[0][0]["until"] == "2026-07-01T05:00:00Z"
    assert all(one == told[0] for one in told)


UNMOVED = ("?days=8", "?by=lane&days=8", "?by=shift&days=2", "?by=unit", "?from=2026-06-24&to=2026-07-02",
           "/unwalked?days=7", "/exposure?days=1", "/digest?day=2026-07-01&lang=en")  # fmt: skip


def test_who_sees_the_tracks_is_answered_by_the_minute(stores: Stores) -> None:
    """A planner who asks for nothing would be refused the minute, or be told of hours that have not come."""
    whole_days(stores)
    now = town.NOW + dt.timedelta(minutes=17)
    with serving(stores, now=lambda: now) as up:
        planner = up.by(join(stores, "planner", Grant("planner", Area("city"))))
        found = planner.ask(PATH).document
        assert found["until"] == "2026-07-01T04:17:00Z"
        assert by_segment(planner)["L1", 0.0]["age_h"] == 3.3
        assert rows(planner.ask(f"{PATH}?class=branch&from=2026-07-01T09:00")) == []
        planner.ask(f"{PATH}?by=inspector&class=backstreet&grid=0101&bbox=108,22,109,23")
        auditor = up.by(join(stores, "auditor", Grant("auditor", Area("city"))))
        (noted,) = [one for one in auditor.ask("/api/v1/audit").document["entries"] if one["action"] == "traced"]
    assert {"class": "backstreet", "grid": "0101", "bbox": "108,22,109,23"}.items() <= noted["detail"].items()


def test_the_digest_of_today_knows_no_hours_to_come(server: Server, stores: Stores) -> None:
    """At noon half of the day would be missed already, a day without a walk have no digest, and the first be 1970."""
    empty = server.ask(f"{PATH}/digest").document
    assert empty["day"] == "2026-07-01" and empty["figures"]["totals"]["people"] == 0
    whole_days(stores)
    figures = server.ask(f"{PATH}/digest?day=2026-07-01").document["figures"]
    assert figures["running"] and figures["against"]["day_before"]["change"] is None
    assert figures["longest_gap"]["gap_s"] < 7 * 86_400 - 3_600, "not up to the midnight to come"
    assert not server.ask(f"{PATH}/digest?day=2026-06-30").document["figures"]["running"]
    with serving(stores, now=lambda: town.NOW + dt.timedelta(days=2)) as later:
        reader = later.by(join(stores, "second", Grant("commander", Area("city"))))
        idle = reader.ask(f"{PATH}/digest?day=2026-07-03").document
        assert idle["figures"]["totals"]["visits"] == 0 and reader.ask(f"{PATH}/digest?day=2026-07-04").status == 400


def test_the_digest_tells_hours(server: Server, stores: Stores) -> None:
    """What is refused by window would stand in the digest, to the second."""
    whole_days(stores)
    patrolled.walked(stores, "li", [("L2", HALF_M, 205.34, "09:00", 80)], dt.date(2026, 6, 20))
    figures = server.ask(f"{PATH}/digest?day=2026-06-30").document["figures"]
    last = [one["last_s"] for one in figures["unwalked"]["worst"] if one["last_s"] is not None]
    assert last and all(one % 3_600 == 0 for one in last) and figures["longest_gap"]["gap_s"] % 3_600 == 0
    assert all(one["age_s"] is None or one["age_s"] % 3_600 == 0 for one in figures["unwalked"]["worst"])


def test_files_hold_the_same_and_no_formulas(server: Server, stores: Stores) -> None:
    """A lane's name would be worked out by whoever opens the file."""
    whole_days(stores)
    sent = server.ask(f"{PATH}?f=csv")
    assert sent.body.startswith(b"\xef\xbb\xbf") and sent.headers["Content-Type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(sent.body.decode("utf-8-sig"))))
    assert [one["name"] for one in table] == ["一巷", "一巷", "'=二巷", "'=二巷"]
    assert [one["status"] for one in table] == ["walked", "walked", "blind", "blind"]
    shapes = server.ask(f"{PATH}?f=geojson").document
    assert {one["geometry"]["type"] for one in shapes["features"]} == {"LineString"} and shapes["count"] == 4
    lanes = server.ask(f"{PATH}?f=geojson&by=lane").document["features"]
    assert [len(one["geometry"]["coordinates"]) for one in lanes] == [2, 2]
    cells = server.ask(f"{PATH}?f=geojson&by=unit").document["features"]
    assert {one["geometry"]["type"] for one in cells} == {"MultiPolygon"}
    assert [one["geometry"] for one in server.ask(f"{PATH}?f=geojson&by=shift&days=1").document["features"]] == [None]


def test_blind_spots_come_with_when_they_were_last_walked(server: Server, stores: Stores) -> None:
    """Whoever is sent would go where somebody was yesterday."""
    whole_days(stores)
    patrolled.walked(stores, "li", [("L2", HALF_M, 205.34, "09:00", 80)], dt.date(2026, 6, 20))
    found = server.ask(f"{PATH}/unwalked").document
    assert [(one["street"], one["from_m"], one["last_at"]) for one in found["segments"]] == [
        ("L2", 0.0, None), ("L2", 102.67, "2026-06-20T01:00:00Z"),
    ] and found["length_m"] == 205.35  # fmt: skip
    assert len(server.ask(f"{PATH}/unwalked?days=12").document["segments"]) == 1
    assert server.ask(f"{PATH}/unwalked?days=30").status == 400


def test_days_unwalked_go_as_far_back_as_passes_where_clocks_were_put_forward(store_url: str) -> None:
    """On the first night of Berlin's summer the longest list would be refused: 29 times 24 hours are an hour more."""
    engine = connect(store_url)
    upgrade(engine)
    berlin = Stores(engine)
    with berlin.publishing() as store:
        store.init_city(replace(town.CITY, timezone="Europe/Berlin"))
        town.publish(store, grids=town.grids(), streets=patrolled.streets())
    midnight = dt.datetime(2027, 3, 28, 22, tzinfo=dt.UTC)
    clock = [midnight]
    patrolled.walked(berlin, "li", [("L1", 0, HALF_M, "06:00", 80)], dt.date(2027, 3, 29), midnight)
    with serving(berlin, now=lambda: clock[0]) as up:
        reader = up.by(join(berlin, "commander", Grant("commander", Area("city")), now=midnight))
        for clock[0] in (midnight, midnight + dt.timedelta(minutes=10)):
            found = reader.ask(f"{PATH}/unwalked?days=29")
            assert found.status == 200 and found.document["since"] == "2027-02-27T23:00:00Z", found.text
    engine.dispose()


def test_the_layer_tells_hours_and_no_minutes(server: Server, stores: Stores) -> None:
    """What is kept for ever would tell when somebody stood where."""
    whole_days(stores)
    told = {str(one["last_at"])[14:19] for one in layer_rows(stores)}
    sent = [one["properties"]["last_at"] for one in server.ask("/ogc/collections/coverage/items").document["features"]]
    assert told == {"00:00"} == {one[14:19] for one in sent}
    drawn = mapbox_vector_tile.decode(server.ask(f"/tiles/coverage/16/{TILE}.pbf").body)
    at = [one["properties"].get("last_at", "") for layer in drawn.values() for one in layer["features"]]
    assert {one[14:19] for one in at} <= {"00:00", ""}


def test_exposure_is_all_patrol(server: Server, stores: Stores) -> None:
    """A hot spot would be where many look."""
    whole_days(stores)
    cells = {one["code"]: one for one in rows(server.ask(f"{PATH}/exposure"))}
    assert cells["0101"]["patrol_m"] == pytest.approx(3 * 102.67 + 55, abs=0.2)
    assert cells["0101"]["patrol_h"] == pytest.approx((80 + 90 + 80 + 50) / 3_600, abs=0.01)
    segments = {
        (one["code"], one["from_m"]): one["patrol_m"] for one in rows(server.ask(f"{PATH}/exposure?by=segment"))
    }
    assert segments["L2", 0.0] == 20.0 and segments["X1", 0.0] == 55.0 and segments["L2", 102.67] == 0.0


def test_sent_again_in_another_order_or_elsewhere_it_is_the_same(server: Server, stores: Stores) -> None:
    """Whoever uploads twice would walk twice."""
    whole_days(stores)
    before, layer = server.ask(PATH).document, layer_rows(stores)
    whole_days(stores)
    assert server.ask(PATH).document == before and layer_rows(stores) == layer
    patrolled.walked(stores, "wang", [("L2", 0, 20, "23:40", 20), ("L1", 0, HALF_M, "23:30", 90)])
    assert server.ask(PATH).document == before and layer_rows(stores) == layer
    with serving(stores) as other:
        assert other.by(join(stores, "second", Grant("commander", Area("city")))).ask(PATH).document == before


def layer_rows(stores: Stores) -> list[dict[str, Any]]:
    """What was counted by day, numbers and all."""
    with stores.read() as store:
        return read_frame(store.session, SegmentDay).drop(columns="geometry").astype(str).to_dict("records")


def test_a_day_matched_anew_replaces_what_was_known(server: Server, stores: Stores) -> None:
    """A pass that a later batch disproves would be walked for good."""
    whole_days(stores)
    assert by_segment(server)["L1", 102.67]["status"] == "walked"
    known = layer_rows(stores)
    patrolled.walked(stores, "li", [("L1", 0, HALF_M, "08:00", 80), ("X1", 0, 55, "08:04", 50)])
    assert by_segment(server)["L1", 102.67]["status"] == "blind"
    assert by_segment(server)["L1", 0.0]["visits"] == 3
    now = layer_rows(stores)
    assert [one for one in known if one not in now] == [one for one in known if one["from_m"] == "102.67"]


def test_tiles_change_after_a_match(server: Server, stores: Stores) -> None:
    """A map would show yesterday's blind spots, or fetch everything at each move."""
    path = f"{PATH}/tiles/16/{TILE}.pbf?days=7"
    layer = f"/tiles/coverage/16/{TILE}.pbf"
    whole_days(stores)
    first, of_layer = server.ask(path), server.ask(layer)
    assert first.status == 200 and of_layer.status == 200
    for one, at in ((first, path), (of_layer, layer)):
        assert server.ask(at, If_None_Match=one.headers["ETag"]).status == 304
    assert server.ask(f"{PATH}/tiles/16/{TILE}.pbf?days=1").headers["ETag"] != first.headers["ETag"]
    assert {one["properties"]["status"] for one in tile(server) if one["properties"]["street"] == "L2"} == {"blind"}
    patrolled.walked(stores, "li", [("L2", 0, 205.34, "10:00", 160)], dt.date(2026, 7, 1))
    again = server.ask(path, If_None_Match=first.headers["ETag"])
    assert again.status == 200 and again.headers["ETag"] != first.headers["ETag"]
    assert server.ask(layer, If_None_Match=of_layer.headers["ETag"]).status == 200
    assert {one["properties"]["status"] for one in tile(server) if one["properties"]["street"] == "L2"} == {"walked"}
    assert server.ask(f"{PATH}/tiles/11/0/0.pbf").status == 204
    for place in ("3/9/9", "-1/0/0", "999999999/1/1"):
        assert server.ask(f"{PATH}/tiles/{place}.pbf").status == 400, place


def tile(server: Server) -> list[dict[str, Any]]:
    """The features of the tile that the town begins in."""
    reply = server.ask(f"{PATH}/tiles/16/{TILE}.pbf")
    if reply.status == 204:
        return []
    (layer,) = mapbox_vector_tile.decode(reply.body).values()
    found: list[dict[str, Any]] = layer["features"]
    return found


def test_a_city_without_patrol(server: Server, stores: Stores) -> None:
    """The first day would be a fault, or look as if it had been patrolled."""
    found = server.ask(PATH).document
    assert {one["status"] for one in found["rows"]} == {"no_data"} and found["newest_day"] is None
    assert len(server.ask(f"{PATH}/unwalked").document["segments"]) == 4
    assert server.ask(f"{PATH}?by=shift").status == 200
    assert rows(server.by(join(stores, "auditor", Grant("auditor", Area("city")))).ask(f"{PATH}?by=inspector")) == []
    assert server.ask("/ogc/collections/coverage/items").document["features"] == []


def test_streets_of_another_version_in_between(server: Server, stores: Stores) -> None:
    """A new crossing would make everybody's walks of the month before be walks of nowhere."""
    whole_days(stores)
    before = by_segment(server)["L1", 0.0]
    crossing = MultiLineString([[(WEST + 0.5 * SIDE, SOUTH + 0.2 * SIDE), (WEST + 0.5 * SIDE, SOUTH + 0.8 * SIDE)]])
    with stores.publishing() as store:
        more = town.rows(code=["X2"], name=["新路"], **{"class": ["branch"]}, length_m=[66.0], geometry=[crossing])
        streets = patrolled.streets()
        town.publish(store, streets=town.gpd.GeoDataFrame(town.pd.concat([streets, more], ignore_index=True), crs=4326))
    now = by_segment(server)
    assert set(now) == {("L1", 0.0), ("L1", 51.34), ("L1", 102.67), ("L2", 0.0), ("L2", 102.67)}
    assert {now["L1", at]["visits"] for at in (0.0, 51.34)} == {3} == {before["visits"]}
    assert {one["from_m"] for one in layer_rows(stores) if one["street"] == "L1"} == {"0.0", "102.67"}, (
        "as it was counted"
    )
    patrolled.walked(stores, "li", [("L1", 0, 60, "09:00", 50)], dt.date(2026, 7, 1))
    counted = [one["from_m"] for one in layer_rows(stores) if one["day"] == "2026-07-01"]
    assert counted == ["0.0", "51.34"]


def test_the_digest_of_a_day(server: Server, stores: Stores) -> None:
    """Whoever reads no map would not know what was left out, or a part of the city read how many people all have."""
    whole_days(stores)
    found = server.ask(f"{PATH}/digest?day=2026-06-30&lang=en").document
    totals = found["figures"]["totals"]
    assert (totals["visits"], totals["people"], round(totals["walked_share"], 2)) == (3, 2, 0.5)
    walked, *others = found["lines"]
    assert walked == "2026-06-30: of 0.4 km 0.2 km were walked (50 %), 0.0 km probably; 0.2 km blind"
    assert found["figures"]["against"]["week_before"] is None, "nobody walked then"
    assert not any("against" in line for line in others)
    assert "=二巷" in found["lines"][-3] and len(found["lines"]) == 5
    assert server.ask(f"{PATH}/digest").document["day"] == "2026-07-01", "the newest"
    assert "应巡" in server.ask(f"{PATH}/digest?lang=zh").document["lines"][0]
    for wrong in ("2026-05-01", "2026-07-02", "x"):
        assert server.ask(f"{PATH}/digest?day={wrong}").status == 400
    part = server.by(join(stores, "part", Grant("inspector", Area("grid", "0102"))))
    own = part.ask(f"{PATH}/digest?day=2026-06-30").document["figures"]
    assert (own["totals"]["due_m"], own["totals"]["people"], own["grids"]) == (
        pytest.approx(102.67, abs=0.01),
        None,
        [],
    )


def test_what_was_stored_and_not_counted_is_counted_by_the_next(stores: Stores) -> None:
    """Days would be missing from the layer for good where a worker was killed between the two."""
    whole_days(stores)
    with stores.write() as store:
        (first, *_), *_ = days_stored(store.session, DAY, DAY)
        put_day(store.session, replace(first, carrier="zhao"), town.NOW)
        assert uncounted(store.session) == [DAY]
    moment = state(stores)
    assert count_days(stores, Networks(), town.NOW) == 1 and count_days(stores, Networks(), town.NOW) == 0
    assert state(stores) > moment
    counted = {(one["street"], one["from_m"]): one["carriers"] for one in layer_rows(stores) if one["day"] == str(DAY)}
    assert counted["L1", "0.0"] == "3" and counted["L1", "102.67"] == "2"


def state(stores: Stores) -> str:
    """What the layer's tags are made of."""
    with stores.read() as store:
        return state_of(store, "coverage")


def test_shifts_that_are_over_are_kept(stores: Stores) -> None:
    """A month by shift would be painted anew, each of its windows, whenever somebody's track comes in."""
    whole_days(stores)
    patrols = Patrols(Networks(), Territories())
    known = patrols.known(stores, town.NOW)
    shifts = {
        day: [dt.datetime(2026, 6, day, hour, tzinfo=known.zone).timestamp() for hour in (7, 21)] for day in (25, 30)
    }
    before = {day: known.told_of_shift(*window) for day, window in shifts.items()}
    patrolled.walked(stores, "wang", [("L1", 0, HALF_M, "08:00", 80), ("L2", 0, HALF_M, "08:05", 80)], DAY)
    now = patrols.known(stores, town.NOW)
    after = {day: now.told_of_shift(*window) for day, window in shifts.items()}
    assert known.told_of_shift(*shifts[30]) is before[30] and after[25] is before[25]
    assert after[30]["visits"].sum() == before[30]["visits"].sum() + 2
    pd.testing.assert_frame_equal(
        after[30], Patrols(Networks(), Territories()).known(stores, town.NOW).told_of_shift(*shifts[30])
    )


def test_segments_of_a_moment_for_a_page(stores: Stores) -> None:
    """A page would show other figures than the addresses do."""
    whole_days(stores)
    patrols = Patrols(Networks(), Territories())
    patrolling = patrols.known(stores, town.NOW)
    assert patrols.known(stores, town.NOW) is patrolling, "nothing is read again"
    found = segments_told(patrolling, town.NOW).set_index(["street", "grid"])
    west = found.loc["L1", "0101"]
    assert [west[f"visits_{days}"] for days in WINDOWS_TOLD] == [1, 3, 3, 3, 3] and west["age_h"] < 3
    assert found["status_30"].tolist() == ["walked", "walked", "blind", "blind"]
    assert found["age_h"].isna().tolist() == [False, False, True, True] and found.crs.to_epsg() == 4326
    yesterday = segments_told(patrolling, dt.datetime(2026, 6, 30, 16, tzinfo=dt.UTC), (1,)).set_index(
        ["street", "grid"]
    )
    assert yesterday.loc["L1", "0101"]["visits_1"] == 2, "the end of a day is its last moment"


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg"])
def test_the_command_writes_files(stores: Stores, tmp_path: Path, ending: str) -> None:
    """Whoever makes a report for a meeting would copy figures from a screen."""
    whole_days(stores)
    out = tmp_path / f"lanes.{ending}"
    main(["--store", stores.url, "coverage", "--date", "2026-06-30", "--by", "lane", "--out", str(out)])
    read = pd.read_csv(out) if ending == "csv" else pyogrio.read_dataframe(out)
    assert read["code"].tolist() == ["L1", "L2"] and read["walked_m"].tolist() == [205.35, 0.0]


def test_the_command_tells(stores: Stores, capsys: pytest.CaptureFixture[str]) -> None:
    """A script would have to read a table made for people."""
    whole_days(stores)
    main(["--store", stores.url, "--json", "coverage", "--days", "2"])
    told = json.loads(capsys.readouterr().out)
    assert {one["code"]: one["visits"] for one in told["rows"]} == {"0101": 3, "0102": 1, "0103": 0, "0104": 0}
    main(["--store", stores.url, "--lang", "en", "coverage", "--digest", "--date", "2026-06-30"])
    assert "of 0.4 km 0.2 km were walked (50 %)" in capsys.readouterr().out
    for wrong in (["--by", "moon"], ["--out", "x.pdf"], ["--date", "x"], ["--digest", "--days", "2"]):
        with pytest.raises(SystemExit):
            main(["--store", stores.url, "coverage", *wrong])

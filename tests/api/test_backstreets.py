"""The page of backstreets as served: each reader's part, where its periods end, and the replay of tracks."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from api.maps import write_maps
from api.matching import match_pending
from api.networks import Networks
from gis_core.permissions import Area, Grant
from layers.patrolled import keep_batch
from layers.stores import Stores
from map_ui.texts import TEXTS
from tests import patrolled, town, walking
from tests.browsing import Open, Visit
from tests.patrolled import whole_days
from tests.serving import PASSWORD, Server, join, serving

CITY = Area("city")
AREAS = {"city": CITY, "unit": Area("grid", "0101"), "firm": Area("contractor", "F1")}
READER = {"Accept": "text/html,*/*;q=0.8"}
FACTS = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)

DRAWN = """() => {
  let count = 0;
  gridwarden.map.eachLayer((one) => { count += one.options.color === "#00695c"; });
  return count;
}"""
"""Passes on the map."""


@pytest.fixture
def lanes(founded_stores: Stores) -> Stores:
    """The town with two lanes; nobody has walked yet."""
    patrolled.found(founded_stores)
    return founded_stores


@pytest.fixture
def server(founded_stores: Stores) -> Iterator[Server]:
    with serving(founded_stores) as up:
        yield up


def read(page: str) -> dict[str, Any]:
    """The facts of a page, the layer of segments with plain columns."""
    told: dict[str, Any] = json.loads(FACTS.findall(page)[0])
    columns = told["layers"][-1]["columns"]
    for name, column in columns.items():
        columns[name] = column if isinstance(column, list) else [column["of"][at] for at in column["at"]]
    return told


def facts(server: Server) -> dict[str, Any]:
    """What the page tells somebody."""
    reply = server.ask("/maps/backstreets?lang=en", **READER)
    assert reply.status == 200, reply.text
    return read(reply.text)


def segments(told: dict[str, Any]) -> dict[tuple[str, float], str]:
    """Status in two days by segment."""
    columns = told["layers"][-1]["columns"]
    return dict(zip(zip(columns["street"], columns["from_m"], strict=True), columns["status_3"], strict=True))


def test_each_reader_sees_their_part(lanes: Stores, server: Server) -> None:
    """A neighbour's blind spots would be known to all, or a contractor not see the lanes they sweep."""
    whole_days(lanes)
    seen = {
        "unit": {("L1", 0): "walked"}, "firm": {("L2", 0): "blind", ("L2", 103): "blind"},
        "city": {("L1", 0): "walked", ("L1", 103): "walked", ("L2", 0): "blind", ("L2", 103): "blind"},
    }  # fmt: skip
    for name, area in AREAS.items():
        told = facts(server.by(join(lanes, name, Grant("commander", area))))
        assert {key: one for key, one in segments(told).items() if one != "no_data"} == seen[name]
        assert sum(count for _, count in told["totals"]["3"].values()) == len(seen[name])
        assert "wang" not in json.dumps(told) and told["replays"]
    for role, replays in (("planner", True), ("admin", False)):
        assert facts(server.by(join(lanes, role, Grant(role, CITY))))["replays"] == replays


def test_figures_are_those_of_the_coverage(lanes: Stores, server: Server) -> None:
    """The map would say something else than the reports."""
    whole_days(lanes)
    reader = server.by(join(lanes, "commander", Grant("commander", CITY)))
    totals = facts(reader)["totals"]
    for days in (1, 3, 7, 14, 30):
        rows = reader.ask(f"/api/v1/coverage?by=district&days={days}").document["rows"]
        for status in ("walked", "blind", "no_data"):
            assert totals[str(days)][status][0] == pytest.approx(rows[0][f"{status}_m"], abs=1)


def test_periods_end_with_the_tracks_when_these_are_old(lanes: Stores, tmp_path: Any) -> None:
    """A month after the last track every lane would be without data, or look as if nobody had ever walked."""
    whole_days(lanes)
    for days, end, walked in ((20, town.NOW + dt.timedelta(days=20), 0), (151, patrolled.NOW.replace(hour=16), 1)):
        with lanes.read() as store:
            files = write_maps(store, tmp_path, "en", town.NOW + dt.timedelta(days=days), ("backstreets",))
        told = read(files["backstreets"].read_text("utf-8"))
        assert told["until"] == end.timestamp() and told["totals"]["1"]["walked"][1] == walked
        assert told["stale"] and f"2026-07-01, {days} days ago" in told["until_words"][1]
        assert told["ended"] == ("07-01" if days == 151 else None), "ages are those of then"
        assert not told["replays"]


def test_within_an_hour_the_page_tells_the_same(lanes: Stores, tmp_path: Any) -> None:
    """Whoever loads it each minute would see at which minute an age changes: that of somebody's walk."""
    whole_days(lanes)
    told = []
    for minutes in (1, 32, 47, 60):
        with lanes.read() as store:
            files = write_maps(store, tmp_path, "en", town.NOW + dt.timedelta(minutes=minutes), ("backstreets",))
        told.append(read(files["backstreets"].read_text("utf-8")))
    assert all(one == told[0] for one in told)


def test_reports_are_compared_with_patrol_in_ones_area(lanes: Stores, server: Server) -> None:
    """Six on the west of L1, walked three times; one on the road, which nobody is to walk; the rest walked too little.

    The west of L1: 308 m in 250 s, the root of .308 km times .0694 h is .146 km·h.
    """
    whole_days(lanes)
    with lanes.write() as store:
        for first, (count, column, row) in enumerate(((6, 0.2, 0.5), (2, 0.2, 1.5), (1, 1.0, 1.0))):
            issues = town.issues(count, column=column, row=row, first=10 * first, reported_at="2026-06-20T02:00Z")
            store.add_issues(town.answered(store, issues), town.NOW)
    told = facts(server.by(join(lanes, "commander", Grant("commander", CITY))))
    columns, found = told["layers"][-1]["columns"], told["hot"]["hot_patrol"]
    said = dict(zip(zip(columns["street"], columns["from_m"], strict=True),
                    zip(columns["hot_patrol"], columns["why_hot_patrol"], strict=True), strict=True))  # fmt: skip
    assert {key: one for key, (one, _) in said.items() if one != "insufficient"} == {("L1", 0): "none"}
    count, observed, _, rate, *_, patrol = said["L1", 0][1]
    assert (count, observed, patrol) == (6, 6, 0.15) and rate == pytest.approx(6 / 0.1463, rel=0.01)
    assert said["L2", 0][1] == [2, 0, None, None, None, None, 0]
    assert (found["reports"], found["elsewhere"], found["insufficient"]) == (8, 1, 3)
    part = facts(server.by(join(lanes, "unit", Grant("commander", Area("grid", "0104")))))
    assert part["hot"]["hot_patrol"]["reports"] == 0 and part["hot"]["hot_patrol"]["units"] == 0


def test_without_patrol_nothing_is_blind(lanes: Stores, server: Server) -> None:
    """Before the first track the whole city would be called a blind spot."""
    reader = server.by(join(lanes, "commander", Grant("commander", CITY)))
    told = facts(reader)
    assert [told["totals"]["7"][status][1] for status in ("walked", "probable", "blind", "no_data")] == [0, 0, 0, 4]
    assert "No tracks have come in yet" in reader.ask("/maps/backstreets?lang=en", **READER).text


def test_a_city_without_lanes_has_a_page(founded_stores: Stores, server: Server) -> None:
    """Whoever has not loaded streets yet would find a fault instead of a page."""
    page = server.by(join(founded_stores, "commander", Grant("commander", CITY))).ask("/maps/backstreets", **READER)
    assert page.status == 200 and TEXTS.say("no_due_streets", "zh", classes="背街小巷") in page.text


def test_a_day_is_replayed_and_refused_in_words(founded_stores: Stores, server: Server, visit: Open) -> None:
    """The auditor could not see how a figure came about, or somebody else where people were."""
    walking.lay(founded_stores)
    points = walking.walk()
    with founded_stores.people(writes=True) as accounts:
        assert keep_batch(accounts.session, "lin", points, "lin", town.NOW)
    match_pending(founded_stores, Networks(), town.NOW, lambda done, total: None)
    join(founded_stores, "auditor", Grant("auditor", CITY))
    seen = visit(f"{server.root}/maps/backstreets?lang=en")
    page = _sign_in(seen, "auditor")
    page.locator("#replay summary").click()
    person = page.get_by_role("combobox", name="Person")
    expect(person.locator("option")).to_have_count(2)
    person.select_option("lin")
    player = page.locator("#player")
    expect(player).to_contain_text("2026-07-01 08:00")
    time = player.get_by_role("slider", name="Time")
    time.press("End")
    expect(player).to_contain_text("m passed")
    assert page.evaluate(DRAWN) > 20
    player.get_by_role("button", name="Play").click()
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
    assert seen.complaints == []
    with founded_stores.people(writes=True) as accounts:
        auditor = accounts.user("auditor")
        accounts.revoke(auditor, Grant("auditor", CITY))
        accounts.grant(auditor, Grant("inspector", CITY))
    person.select_option("")
    expect(player).to_be_hidden()
    person.select_option("lin")
    expect(page.locator("#replay [role=status]")).to_have_text(TEXTS.say("replay_refused", "en"))
    expect(player).to_be_hidden()


def _sign_in(seen: Visit, name: str) -> Any:
    page = seen.page
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page.locator("#figures")).to_be_visible()
    return page

"""The page of hot spots as served and as written: each reader's part, the days it is about, and the figures."""

import datetime as dt
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from anyio import from_thread
from playwright.sync_api import expect

from api import hotspot_pages
from api.hotspot_turns import _KEPT
from api.hotspots import Counted
from api.maps import write_maps
from api.settings import Settings
from gis_core.hotspots.answers_heat import spread
from gis_core.hotspots.asking import Answer, Asked, Given
from gis_core.hotspots.surface import Surface
from gis_core.permissions import Area, Grant
from layers.stores import Stores
from map_ui.texts import TEXTS
from tests import patrolled, town
from tests.browsing import Open
from tests.patrolled import whole_days
from tests.serving import PASSWORD, SECRET, Server, join, serving

CITY, UNIT = Area("city"), Area("grid", "0101")
READER = {"Accept": "text/html,*/*;q=0.8"}
FACTS = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)
TODAY = town.NOW.date()


def report(stores: Stores, count: int, column: float, row: float, first: int, days_ago: int = 1) -> None:
    """Store reports at one place, at ten o'clock some days ago."""
    town.report(stores, count, column, row, first, str(TODAY - dt.timedelta(days=days_ago)))


@pytest.fixture
def busy(founded_stores: Stores) -> Stores:
    """The town with thirty reports in 0101 yesterday, eight there five weeks ago, and five in 0102."""
    patrolled.found(founded_stores)
    report(founded_stores, 30, 0.4, 0.49, 1)
    report(founded_stores, 8, 0.4, 0.49, 100, days_ago=36)
    report(founded_stores, 5, 1.5, 0.51, 200)
    return founded_stores


@pytest.fixture
def server(founded_stores: Stores) -> Iterator[Server]:
    with serving(founded_stores) as up:
        yield up


def read(page: str) -> dict[str, Any]:
    """The facts of a page, with plain columns in its answers."""
    told: dict[str, Any] = json.loads(FACTS.findall(page)[0])
    for table in (*told["areas"].values(), *told["changes"].values()):
        for name, column in table["columns"].items():
            table["columns"][name] = column if isinstance(column, list) else [column["of"][at] for at in column["at"]]
    return told


def facts(server: Server, lang: str = "en", more: str = "") -> dict[str, Any]:
    """What the page tells somebody."""
    reply = server.ask(f"/maps/hotspots?lang={lang}{more}", **READER)
    assert reply.status == 200, reply.text
    return read(reply.text)


def counts(told: dict[str, Any], period: str = "now", per: str = "none") -> dict[str, int]:
    """Reports by unit, of those that have some."""
    [level] = told["area_levels"]
    columns = told["areas"][f"{level}|{per}|{period}"]["columns"]
    return {code: count for code, count in zip(columns["code"], columns["count"], strict=True) if count}


def test_each_reader_sees_their_part(busy: Stores, server: Server) -> None:
    """What is hot next door would be known to all, or count in what is usual here."""
    city = facts(server.by(join(busy, "city", Grant("commander", CITY))))
    unit = facts(server.by(join(busy, "unit", Grant("commander", UNIT))))
    assert counts(city) == {"0101": 30, "0102": 5}
    assert counts(unit) == {"0101": 30}
    assert unit["heat"]["pictures"]["now"]["counted"] == 30 and city["heat"]["pictures"]["now"]["counted"] == 35
    assert "0102" not in json.dumps(unit["areas"])


def test_periods_end_with_the_newest_report_and_follow_each_other(busy: Stores, server: Server) -> None:
    """Four weeks would be compared with three, or with some of themselves."""
    told = facts(server.by(join(busy, "city", Grant("commander", CITY))))
    newest = TODAY - dt.timedelta(days=1)
    spans = {name: [dt.date.fromisoformat(day) for day in span] for name, span in told["spans"].items()}
    assert spans["now"] == [newest - dt.timedelta(days=27), newest]
    assert spans["before"] == [newest - dt.timedelta(days=55), newest - dt.timedelta(days=28)]
    assert spans["emerging"] == [newest - dt.timedelta(days=83), newest]
    days = [spans[str(nth)] for nth in range(28)]
    assert days == [[spans["now"][0] + dt.timedelta(days=nth)] * 2 for nth in range(28)]
    assert spans["forecast"] == [newest + dt.timedelta(days=1), newest + dt.timedelta(days=14)]
    assert counts(told, "before") == {"0101": 8}


def test_a_period_is_chosen(busy: Stores, server: Server) -> None:
    """A deputy mayor who asks for the year would be shown four weeks, or a year in 365 pictures."""
    reader = server.by(join(busy, "city", Grant("commander", CITY)))
    day = [str(TODAY - dt.timedelta(days=ago)) for ago in range(2 * 366)]
    for more, first, last, days, step_days, steps in (
        ("", 28, 1, 28, 1, 28),
        ("&days=7", 7, 1, 7, 1, 7),
        ("&days=90", 90, 1, 90, 7, 12),
        ("&days=365", 365, 1, 365, 28, 13),
        ("&days=10", 10, 1, None, 1, 10),
        (f"&since={day[40]}&until={day[36]}", 40, 36, None, 1, 5),
        (f"&until={day[36]}&days=7", 42, 36, None, 1, 7),
        (f"&since={day[0]}", 0, 0, None, 1, 1),
    ):
        told = facts(reader, more=more)
        spans = told["spans"]
        before = [day[2 * first - last + 1], day[first + 1]] if first < 36 else None
        assert (spans["now"], spans.get("before"), told["begin"]) == ([day[first], day[last]], before, day[36])
        assert (told["days"], told["step_days"], told["periods"]) == (days, step_days, [7, 28, 90, 365])
        played = [str(nth) for nth in range(steps)]
        assert {name for name in spans if name.isdecimal()} == set(played)
        assert (spans["scan"], spans[played[-1]][1]) == ([day[last + 27], day[last]], day[last])
        expected = {ago: count for ago, count in ((1, 35), (36, 8)) if last <= ago <= first}
        assert counts(told).get("0101", 0) == sum(expected.values()) - 5 * (1 in expected)
        if expected:
            assert set(told["heat"]["pictures"]) == {"now", *(["before"] if before else []), *played}
            assert told["heat"]["pictures"]["now"]["counted"] == sum(expected.values())
        else:
            assert told["heat"] is None


def test_a_period_that_cannot_be_is_refused(busy: Stores, server: Server) -> None:
    """Somebody could ask for a thousand years, or be shown other days than those they asked for."""
    reader = server.by(join(busy, "city", Grant("commander", CITY)))
    for more, field in (
        ("days=0", "days"), ("days=367", "days"), ("days=x", "days"), ("since=2026-13-01", "since"),
        ("until=2999-01-01", "until"), ("since=2026-06-20&until=2026-06-10", "since"),
        ("since=2020-01-01&until=2026-06-10", "since"),
    ):  # fmt: skip
        reply = reader.ask(f"/maps/hotspots?lang=en&{more}", **READER)
        assert reply.status == 400 and field in reply.text


def test_two_who_ask_at_once_are_answered_from_one_work_without_a_connection(
    busy: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes seconds would keep transactions open, and who waits for it would keep another."""
    whole_days(busy)
    worked: list[tuple[str, Asked]] = []
    held = set()
    soon = time.monotonic() + 60

    def both_wait() -> bool:
        return sum(asking for _, asking in _KEPT.get().asked.values()) == 2

    def note(name: str, asked: Asked) -> None:
        while not worked and not from_thread.run_sync(both_wait):
            assert time.monotonic() < soon
        worked.append((name, asked))
        held.add(busy.connections[0])

    def answered(counted: Counted) -> Answer:
        note(counted.method.name, counted.question.asked)
        return counted.method.work(counted.question.asked, counted.given)

    def heated(asked: Asked, given: Given) -> tuple[Surface, dict[str, Any]]:
        note("step", asked)
        return spread(asked, given)

    monkeypatch.setattr(Counted, "answer", answered)
    monkeypatch.setattr(hotspot_pages, "spread", heated)
    with busy.read():
        assert busy.connections[0] == 1
    # Nobody does jobs, who would take connections of their own.
    with serving(busy, settings=Settings(SECRET, works=False)) as server, ThreadPoolExecutor(2) as apart:
        reader = server.by(join(busy, "city", Grant("commander", CITY)))
        first, second = apart.map(partial(facts, reader), ("en", "zh"))
        assert first["areas"] == second["areas"] and first["pers"] == ["none", "size", "shops", "patrol"]
        assert facts(reader) == first
    assert held == {0}
    assert len(worked) == len(set(worked)) > 28, "nothing is worked out twice"


def test_figures_are_those_of_the_address(busy: Stores, server: Server) -> None:
    """The page would say something else than what a machine is told."""
    reader = server.by(join(busy, "city", Grant("commander", CITY)))
    told = facts(reader)
    [level] = told["area_levels"]
    since, until = told["spans"]["now"]
    asked = reader.ask(f"/api/v1/hotspots/significance?support={level}&since={since}&until={until}").document
    rows = {one["properties"]["code"]: one["properties"] for one in asked["features"]}
    columns = told["areas"][f"{level}|none|now"]["columns"]
    for at, code in enumerate(columns["code"]):
        assert columns["class"][at] == rows[code]["class"]
        assert columns["expected"][at] == pytest.approx(rows[code]["expected"], rel=0.005)


def test_patrol_is_compared_with_where_there_is_any(busy: Stores, server: Server) -> None:
    """A comparison would be offered that nobody can make."""
    reader = server.by(join(busy, "city", Grant("commander", CITY)))
    assert facts(reader)["pers"] == ["none", "size", "shops"]
    whole_days(busy)
    told = facts(reader)
    assert told["pers"] == ["none", "size", "shops", "patrol"]
    assert told["spans"]["patrol"][1] <= told["spans"]["now"][1]


def test_what_cannot_be_answered_is_said_in_the_reader_s_language(founded_stores: Stores, server: Server) -> None:
    """A forecast without a past would be an empty map, or a fault."""
    report(founded_stores, 3, 0.4, 0.49, 1)
    reader = server.by(join(founded_stores, "city", Grant("commander", CITY)))
    english, chinese = (facts(reader, lang)["missing"]["forecast"] for lang in ("en", "zh"))
    assert english != chinese and "days" in english and "天" in chinese


def test_a_city_without_reports_says_so(founded_stores: Stores, server: Server) -> None:
    """Whoever has loaded no reports would see an empty map without a word."""
    reader = server.by(join(founded_stores, "city", Grant("commander", CITY)))
    page = reader.ask("/maps/hotspots?lang=zh", **READER)
    assert page.status == 200 and TEXTS.say("hotspots_nothing", "zh") in page.text


def test_the_written_page_opens_alone(busy: Stores, tmp_path: Path, visit: Open) -> None:
    """A page from disk would ask a server for its answers."""
    with busy.read() as store:
        files = write_maps(store, tmp_path, "zh", town.NOW, ("hotspots",))
    seen = visit(files["hotspots"].as_uri())
    seen.page.locator("#modes button:nth-child(2)").click()
    expect(seen.page.locator("#view")).to_contain_text("件")
    assert seen.complaints == []
    assert not [address for address in seen.requests if not address.startswith(("file:", "data:"))]


def test_the_served_page_is_its_readers(busy: Stores, server: Server, visit: Open) -> None:
    """A signed-in reader's page would break where the policy is sent with it."""
    join(busy, "chief", Grant("commander", CITY))
    seen = visit(f"{server.root}/maps/hotspots?lang=en")
    page = seen.page
    page.locator("input[name=name]").fill("chief")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page.locator("#view")).to_contain_text("35 issues counted")
    page.wait_for_selector(".leaflet-heat-pane img")
    page.locator("#modes button:nth-child(2)").click()
    expect(page.locator("#view")).to_contain_text("of 4 areas")
    assert seen.complaints == []

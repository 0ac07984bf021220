"""A day proposed from a store, on both databases: what is due in the town, and for whom."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from pydantic import TypeAdapter

from api.networks import Networks
from api.patrolling import Patrols
from api.proposing import Proposal, propose, propose_showcase
from gis_core.errors import InvalidInput, NotFound
from gis_core.patrol.checker import check
from gis_core.patrol.rules import PatrolRules
from gis_core.patrol.visits import plan_visits
from gis_core.permissions import Area, Grant
from gis_core.planning.asking import Asked, Named
from gis_core.planning.recurring import plan_showcase
from gis_core.planning.tasks import Day
from gis_core.routing.matrices import ways_of
from gis_core.texts import TEXTS
from layers.check_ins import put_check_ins
from layers.snapshots import Snapshot, put_snapshot
from layers.stores import Stores
from layers.territories import Territories
from tests import patrolled, town
from tests.town import NOW

TODAY, YESTERDAY = dt.date(2026, 7, 1), dt.date(2026, 6, 30)
MORNING = dt.datetime(2026, 6, 30, 22, 0, tzinfo=dt.UTC)
"""Six o'clock in the town."""
BODIES = ("U01", "F1", "P1", "P2")
ASKED = Asked(day=TODAY, as_of=MORNING)


@pytest.fixture
def busy(stores: Stores) -> Stores:
    """The town with two lanes, a market, a park, issues, a hot spot, and inspectors of four bodies."""
    with stores.publishing() as store:
        store.init_city(replace(town.CITY, patrol=PatrolRules(sweeping="a")))
        revision = store.revise(NOW, "town")
        for table, frame in (("parties", town.parties()), ("categories", town.categories())):
            assert not len(store.put(table, frame, revision).rejects)
        places = town.rows(
            code=["M1", "K1"], name=["集市", "公园"], type=["market", "park"],
            geometry=[town.cell(0.4, 0.55, 0.1, 0.1), town.cell(1.4, 1.55, 0.1, 0.1)],
        )  # fmt: skip
        town.publish(store, grids=town.grids(), streets=patrolled.streets(), places=places)
    with stores.write() as store:
        reported = pd.DatetimeIndex(["2026-06-01T02:00Z", "2026-06-29T02:00Z", "2026-07-01T02:00Z"])
        closed = pd.DatetimeIndex([None, "2026-07-01T03:00Z", None], tz="UTC")
        rows = town.issues(3, reported_at=reported, closed_at=closed)
        store.add_issues(town.answered(store, rows), NOW)
        elsewhere = town.issues(1, column=1.5, row=1.5, first=9, reported_at="2026-06-20T02:00Z")
        store.add_issues(town.answered(store, elsewhere), NOW)
        unit = {"code": "0101", "name": "单元0101", "class": "hot_99", "core": True, "count": 9, "expected": 2.0}
        features = [{"type": "Feature", "geometry": None, "properties": unit | more} for more in (
            {}, {"code": "0102", "core": False}, {"code": "0103", "class": "none"})]  # fmt: skip
        hot = Snapshot(YESTERDAY - dt.timedelta(days=1), "significance", "unit", "none", NOW, {"window_days": 28},
                       body={"type": "FeatureCollection", "features": features})  # fmt: skip
        assert put_snapshot(store.session, hot)
    with stores.people(writes=True) as accounts:
        areas = (Area("grid", "0101"), Area("grid", "01"), Area("city"), Area("organisation", "U01"))
        for name, body, area in zip(("li", "wang", "zhao", "qian"), BODIES, areas, strict=True):
            user = accounts.add(name, title=name, organisation=body, password=None, now=NOW)
            accounts.grant(user, Grant("inspector", area))
        user = accounts.add("boss", title="boss", organisation=None, password=None, now=NOW)
        accounts.grant(user, Grant("commander", Area("city")))
        accounts.grant(accounts.add("clerk", title="", organisation=None, password=None, now=NOW),
                       Grant("auditor", Area("city")))  # fmt: skip
    patrolled.whole_days(stores)
    return stores


def proposed(stores: Stores, asked: Asked = ASKED) -> Proposal:
    """What is proposed by a process that has just begun."""
    return propose(stores, Patrols(Networks(), Territories()), asked, NOW)


def said(proposal: Proposal, code: str) -> list[str]:
    """Keys of the reasons of a task, all of which can be said."""
    task = next(task for task in proposal.day.tasks if task.code == code)
    for reason in task.reasons:
        assert all("?" not in TEXTS.say(reason.key, locale, **reason.params) for locale in ("zh", "en"))
    return [reason.key for reason in task.reasons]


def test_the_day_is_proposed_from_the_store_and_can_be_planned(busy: Stores) -> None:
    found = proposed(busy)
    codes = {task.code for task in found.day.tasks}
    issues = {code for code in codes if code.startswith("issue:")}
    assert len(issues) == 3, "open at six in the morning: what was closed at eleven too, but not what came at ten"
    assert {f"place:M1:{nth}" for nth in range(1, 5)} < codes and "hotspot:0101" in codes
    assert {stop.area for stop in found.day.stops if stop.place == "M1"} == {"0101"}
    lanes = {lane.code: lane for lane in found.day.lanes}
    assert {lane.street for lane in lanes.values()} == {"L2"}, "L1 was walked yesterday, and X1 is a road"
    assert said(found, "hotspot:0101") == ["hotspot", "worth"]
    west = next(lane for lane in lanes.values() if lane.street == "L2" and lane.area == "0103")
    assert said(found, west.code)[0] in ("lane_blind", "lane_no_data")
    assert {skill for stop in found.day.stops for skill in stop.skills} == {f"body:{one}" for one in BODIES}
    assert [who.code for who in found.day.patrollers] == ["li", "qian", "wang", "zhao"]
    areas = {who.code: who.areas for who in found.day.patrollers}
    assert areas == {"li": {"0101"}, "wang": {"01"}, "zhao": None, "qian": {"01"}}
    ways = ways_of(found.network, ["walking"])
    plan = plan_visits(replace(found.day, iterations=50), ways)
    assert not check(found.day, plan, found.network) and plan.done


def test_the_same_store_proposes_the_same_day(busy: Stores) -> None:
    """A plan that is contested could not be made again."""
    asked = replace(ASKED, surveys=1, draw={"park": 1, "market": 1, "zoo": 2})
    first, again = proposed(busy, asked), proposed(busy, replace(asked))
    kinds = TypeAdapter(Day)
    assert kinds.dump_json(first.day) == kinds.dump_json(again.day)
    assert kinds.validate_json(kinds.dump_json(first.day)) == first.day
    assert first.left == again.left and first.asked.as_of == MORNING
    assert TypeAdapter(Asked).validate_json(TypeAdapter(Asked).dump_json(first.asked)) == first.asked


def test_of_an_area_only_what_lies_in_it_and_who_goes_there(busy: Stores) -> None:
    found = proposed(busy, replace(ASKED, area="0104"))
    assert {task.area for task in found.day.tasks} == {"0104"}
    assert {who.code for who in found.day.patrollers} == {"wang", "zhao", "qian"}
    assert sum(task.kind == "issue" for task in found.day.tasks) == 1
    with pytest.raises(NotFound):
        proposed(busy, replace(ASKED, area="77"))


def test_what_happened_meanwhile_counts(busy: Stores) -> None:
    """A body that has been there would be sent again, and an issue that is closed looked at."""
    with busy.write() as store:
        visit = {"place": "M1", "carrier": "li", "body": "U01", "by": "qr"}
        arrived = dt.datetime(2026, 7, 1, 1, 0, tzinfo=dt.UTC)
        put_check_ins(
            store.session, [{**visit, "arrived_at": arrived, "left_at": arrived + dt.timedelta(minutes=9)}], NOW
        )
    found = proposed(busy, replace(ASKED, as_of=NOW))
    stops = [stop for stop in found.day.stops if stop.place == "M1"]
    assert {skill for stop in stops for skill in stop.skills} == {"body:F1", "body:P1", "body:P2"}
    assert min(stop.windows[0][0] for stop in stops) >= 12 * 3_600
    assert sum(task.kind == "issue" for task in found.day.tasks) == 3, "one closed, one come since"
    tomorrow = proposed(busy, replace(ASKED, as_of=NOW, day=TODAY + dt.timedelta(days=1)))
    assert sum(stop.place == "M1" for stop in tomorrow.day.stops) == 4


def test_who_goes_out_may_be_named(busy: Stores) -> None:
    named = (
        Named(
            code="boss", mover="cycling", start=(1.0, 2.0), shift=(3_600, 7_200), breaks=(), skills=frozenset({"law"})
        ),
    )
    (who,) = proposed(busy, replace(ASKED, patrollers=named)).day.patrollers
    assert (who.code, who.mover, who.start, who.shift, who.breaks) == (
        "boss",
        "cycling",
        (1.0, 2.0),
        (3_600, 7_200),
        (),
    )
    assert who.skills == {"law"} and who.areas is None
    for name in ("clerk", "nobody"):
        with pytest.raises(InvalidInput):
            proposed(busy, replace(ASKED, patrollers=(Named(code=name),)))


def test_draws_places_asked_for_and_what_is_missing(busy: Stores) -> None:
    found = proposed(busy, replace(ASKED, kinds=(), draw={"park": 2, "zoo": 1}, places=("M1",), surveys=2))
    assert {stop.code for stop in found.day.stops} == {"place:K1", "place:M1"}
    assert [reason.key for reason in found.told] == ["draw_missing", "draw_short"]
    assert {lane.kind for lane in found.day.lanes} == {"survey"} and len(found.day.lanes) == 2
    assert said(found, "place:K1")[0] == "place_drawn" and said(found, "place:M1")[0] == "place_asked"
    assert found.drawn and found.drawn.codes == {"park": ("K1",), "zoo": ()} and found.drawn.seed == ASKED.seed
    with pytest.raises(NotFound):
        proposed(busy, replace(ASKED, places=("X9",)))


def test_a_showcase_route_is_led_by_one_in_its_order(busy: Stores) -> None:
    asked = replace(ASKED, places=("K1", "M1", "K1"), patrollers=(Named(code="li"),))
    found = propose_showcase(busy, Patrols(Networks(), Territories()), asked, "一号线", NOW)
    plan = plan_showcase(found.day, ways_of(found.network, ["walking"]))
    assert not check(found.day, plan, found.network)
    stops = {stop.code: stop.place for stop in found.day.stops}
    assert [stops[step.code] for step in plan.routes[0].steps if step.code] == ["K1", "M1", "K1"]


def test_without_hot_spots_that_is_told(busy: Stores) -> None:
    late = proposed(busy, replace(ASKED, day=TODAY + dt.timedelta(days=20)))
    assert [reason.key for reason in late.told] == ["proposal_no_hotspots"]
    assert not any(task.kind == "hotspot" for task in late.day.tasks)

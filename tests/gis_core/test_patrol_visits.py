"""The day's planner: plans that keep what was asked, and say why something is left out."""

from dataclasses import replace

import numpy as np
import pytest

from gis_core.patrol.checker import check, check_kept
from gis_core.patrol.visits import plan_visits
from gis_core.planning.adjusting import lock
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Break, Day, Patroller, Stop
from tests.benchmarks import routing_visits
from tests.gis_core.planned import H, lane, place, random_day, town, ways_of

TOWN = town(8)
KINDS = {
    "own grids": {},
    "whole city": {"crossing": True},
    "movers": {"crossing": True, "movers": ("walking", "driving", "cycling")},
    "balanced": {"crossing": True, "balance": True},
}


def planned(day: Day, **more: object) -> Plan:
    """The plan of a day, which is right."""
    plan = plan_visits(day, ways_of(TOWN, day), **more)  # type: ignore[arg-type]
    assert check(day, plan, TOWN) == []
    return plan


def stop(code: str, x: float, y: float, **more: object) -> Stop:
    """A stop at a place of the town."""
    return Stop(code=code, kind="place", x=place(x, y)[0], y=place(x, y)[1], **more)  # type: ignore[arg-type]


def one(code: str = "p", **more: object) -> Patroller:
    """Somebody who begins in the corner and has an hour."""
    return Patroller(**{"code": code, "start": place(0, 0), "shift": (8 * H, 9 * H), **more})  # type: ignore[arg-type]


def left_out(day: Day, code: str) -> tuple[str, dict[str, object]]:
    """Why a task is left out of the plan of a day, and what it needs."""
    found = next(each for each in planned(day).dropped if each.code == code)
    return found.reason.key, dict(found.needs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_plan_keeps_everything_that_was_asked(kind: str, seed: int) -> None:
    """Somebody would stand before a closed door, miss a break, or be sent where they may not go."""
    day = random_day(TOWN, seed, iterations=100, **KINDS[kind])  # type: ignore[arg-type]
    plan = planned(day)
    assert plan.iterations == 100
    assert len(plan.done) > 20


def test_the_same_seed_and_iterations_make_the_same_plan() -> None:
    """A plan could not be made again, nor two machines agree."""
    day = random_day(TOWN, 5, iterations=60, crossing=True)
    assert repr(planned(day)) == repr(planned(day))
    timed = planned(replace(day, iterations=10**6), seconds=0.5)
    assert 0 < timed.iterations < 10**6
    assert timed == planned(replace(day, iterations=timed.iterations))


def test_whose_shift_is_over_is_not_kept_longer_when_the_rest_is_planned() -> None:
    """A plan made at noon would be refused for somebody who had the night."""
    day = Day(stops=(stop("a", 300, 0),), patrollers=(one(), one("q", shift=(8 * H, 12 * H))))
    plan = planned(day, now_s=10 * H)
    assert plan.done == {"a"}
    assert plan.routes[0].steps[-1].leave_s == 9 * H


def test_what_must_be_done_goes_before_everything_that_may() -> None:
    """An overdue issue would be left for a handful of small ones on the way."""
    many = [stop(f"may{at}", 60.0 * at, 0, prize=300.0) for at in range(12)]
    day = Day(stops=(stop("must", 700, 700, must=True, prize=1.0, service_s=900), *many), patrollers=(one(),))
    assert "must" in planned(day).done


def test_loads_are_made_equal_on_request() -> None:
    """One would walk till evening while another sat in the office."""
    stops = tuple(stop(f"s{at}", 100.0 * (at % 9), 100.0 * (at // 9), service_s=600) for at in range(36))
    people = tuple(one(f"p{at}", shift=(8 * H, 18 * H)) for at in range(3))
    day = Day(stops=stops, patrollers=people, iterations=400)
    alone, shared = planned(day), planned(replace(day, balance=True))
    assert alone.done == shared.done
    lasts = [route.lasts_s for route in shared.routes]
    assert max(lasts) < 0.6 * max(route.lasts_s for route in alone.routes)
    assert max(lasts) - min(lasts) < 900
    assert 0.5 * max(lasts) < shared.bound["longest_s"] <= max(lasts)


def test_a_break_is_taken_where_one_is() -> None:
    """Who takes a break would be sent to a place for it, and lose the way there."""
    people = (one(shift=(8 * H, 12 * H), breaks=(Break(1_800, 9 * H, 9 * H + 1_800), Break(600, 10 * H, 11 * H))),)
    day = Day(stops=tuple(stop(f"s{at}", 110.0 * at, 300, service_s=1_200) for at in range(8)), patrollers=people)
    steps = planned(day).routes[0].steps
    assert [step.leg_m for step in steps if step.kind == "break"] == [0.0, 0.0]
    assert len([step for step in steps if step.code]) >= 7


def test_why_something_is_left_out() -> None:
    """Nobody would know what to do about it."""
    far = stop("far", 840, 960, service_s=600, prize=300.0)
    assert left_out(Day(stops=(replace(far, skills=frozenset({"law"})),), patrollers=(one(),)), "far") == (
        "dropped_nobody",
        {"patroller": "p", "skill": ("law",)},
    )
    elsewhere = Day(stops=(replace(far, area="b"),), patrollers=(one(areas=frozenset({"a"})),))
    assert left_out(elsewhere, "far") == ("dropped_nobody", {"patroller": "p", "area": "b"})
    assert planned(replace(elsewhere, crossing=True)).done == {"far"}
    key, needs = left_out(Day(stops=(replace(far, windows=((7 * H, 8 * H),)),), patrollers=(one(),)), "far")
    assert (key, needs["window"]) == ("dropped_window", (8 * H + 1_440, 8 * H + 1_440))
    key, needs = left_out(Day(stops=(replace(far, service_s=3_600),), patrollers=(one(),)), "far")
    assert (key, needs) == ("dropped_shift", {"patroller": "p", "extra_s": 2 * 1_440})
    longer = Day(stops=(replace(far, service_s=3_600),), patrollers=(one(shift=(8 * H, 9 * H + 2 * 1_440)),))
    assert planned(longer).done == {"far"}, "what it is told to take is enough"
    key, needs = left_out(Day(stops=(replace(far, prize=1.0),), patrollers=(one(),)), "far")
    assert (key, needs) == ("dropped_prize", {"patroller": "p", "extra_s": 2_880, "points": 160})
    off = Day(stops=(stop("off", 5_000, 5_000),), patrollers=(one(),))
    assert left_out(off, "off")[0] == "dropped_unreachable"


def test_both_sides_of_a_lane_are_two_walks() -> None:
    """One side of a wide street would be taken for both."""
    day = Day(lanes=(lane(TOWN, 3, both_sides=True), lane(TOWN, 20)), patrollers=(one(),))
    codes = [step.code for step in planned(day).routes[0].steps if step.code]
    assert sorted(codes) == ["lane:20", "lane:3", "lane:3"]


def test_what_is_done_and_locked_stays_when_the_rest_is_planned_anew() -> None:
    """Somebody would be asked to do again what they did, or not keep an appointment."""
    day = random_day(TOWN, 2, iterations=60, crossing=True)
    before = planned(day)
    route = max(before.routes, key=lambda one: len(one.steps))
    code = next(step.code for step in route.steps[8:] if step.code.startswith("stop"))
    before = lock(before, code)
    now_s = route.steps[4].leave_s
    after = plan_visits(day, ways_of(TOWN, day), before=before, now_s=now_s)
    assert check(day, after, TOWN) == []
    assert check_kept(before, after) == []
    again = next(one for one in after.routes if one.patroller == route.patroller)
    assert again.steps[:6] == route.steps[:6]


@pytest.mark.skipif(not routing_visits.SOLOMON.is_dir(), reason="Solomon's instances are not beside the project")
def test_the_search_finds_good_rounds_within_the_best_known_fleet() -> None:
    """Plans would be long, or need more people than are there."""
    instance = routing_visits.solomon("RC206")
    routes = routing_visits.rounds(instance, 1, lambda done: done < 2_000)
    assert routing_visits.length(instance, routes) <= 1.03 * instance.known


def test_a_plan_is_worth_more_than_rounds_that_go_nearest_first() -> None:
    """Nobody would need a planner."""
    days = [random_day(TOWN, seed, stops=80, lanes=40, people=4, iterations=150) for seed in range(2)]
    found = routing_visits.against_nearest(TOWN, days)
    assert np.sum([ours for _, ours in found]) >= 1.1 * np.sum([theirs for theirs, _ in found])

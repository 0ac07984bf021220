"""Backstreets for patrollers: plans that pass the checker, against all plans there are on tiny days."""

from dataclasses import replace

import numpy as np
import pytest

from gis_core.errors import InvalidInput
from gis_core.patrol.checker import check
from gis_core.patrol.dividing import divided
from gis_core.patrol.planner import plan_day, suits_streets
from gis_core.patrol.street_model import Streets
from gis_core.patrol.streets import plan_streets
from gis_core.planning.board import Board, lane_s
from gis_core.planning.openings import opened
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Day, Patroller
from gis_core.routing.matrices import Ways
from gis_core.routing.splitting import split_tour
from tests.gis_core.planned import H, lane, place, random_day, town, ways_of
from tests.gis_core.test_routing_arcs import plans
from tests.oracles.giant_tour import length, tour

TOWN = town(8)
WALKING = {"walking": Ways(TOWN)}


def any_time(day: Day) -> Day:
    """The same without windows."""
    return replace(day, stops=tuple(replace(stop, windows=()) for stop in day.stops))


def checked(day: Day, plan: Plan) -> Plan:
    """A plan without faults, whose bounds are below it."""
    assert not check(day, plan, TOWN)
    on_feet = [route.lasts_s - _pauses(route.steps) for route in plan.routes]
    assert plan.bound["longest_s"] <= max(route.lasts_s for route in plan.routes)
    assert plan.bound["total_s"] <= sum(on_feet)
    return plan


def _pauses(steps: tuple) -> int:  # type: ignore[type-arg]
    return sum(step.leave_s - step.arrive_s for step in steps if step.kind == "break")


KINDS = {
    "own grids": {},
    "whole city": {"crossing": True},
    "equal": {"crossing": True, "balance": True},
    "movers": {"crossing": True, "movers": ("walking", "driving", "cycling")},
    "too much": {"crossing": True, "lanes": 130, "people": 2, "balance": True},
}


@pytest.mark.parametrize("kind", KINDS)
def test_plans_of_lanes_and_stops_pass_the_checker(kind: str) -> None:
    """Somebody would be sent where they may not go, or be out for longer than the shift."""
    day = any_time(random_day(TOWN, 3, **{"stops": 10, "lanes": 30, "iterations": 20, **KINDS[kind]}))  # type: ignore[arg-type]
    plan = checked(day, plan_streets(day, ways_of(TOWN, day)))
    assert plan.done
    if kind == "too much":
        left = {one.code for one in plan.dropped if one.reason.key == "dropped_shift"}
        assert left
        assert all(one.needs["extra_s"] > 0 for one in plan.dropped if one.code in left)
        assert not any(task.must for task in day.tasks if task.code in left)


def test_the_same_day_gives_the_same_plan_and_tells_how_far_it_is() -> None:
    """A plan that is looked at again would be another one."""
    day = any_time(random_day(TOWN, 5, stops=8, lanes=25, people=3, crossing=True, balance=True, iterations=30))
    told: list[tuple[int, int | None]] = []
    first = plan_streets(day, WALKING, tell=lambda done, total: told.append((done, total)))
    assert first == plan_streets(day, WALKING)
    assert told == sorted(told)
    assert told[-1] == (30, 30)
    ticks = iter(range(10**6))
    short = plan_streets(day, WALKING, seconds=0.001, clock=lambda: float(next(ticks)))
    assert short.iterations == 1
    assert short == plan_streets(replace(day, iterations=1), WALKING)


def test_whoever_is_told_can_end_the_search() -> None:
    """A job that is cancelled would go on."""
    day = any_time(random_day(TOWN, 5, stops=0, lanes=20, crossing=True, iterations=1))

    def tell(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan_streets(day, WALKING, tell=tell)


@pytest.mark.parametrize("seed", range(4))
def test_tiny_days_are_planned_as_well_as_can_be(seed: int) -> None:
    """Rounds would be longer than they need be."""
    random = np.random.default_rng(seed)
    lanes = tuple(lane(TOWN, int(edge)) for edge in random.choice(len(TOWN.u), 4, replace=False))
    crew = tuple(Patroller(code=f"p{at}", start=place(*random.uniform(0, 900, 2))) for at in range(2))
    day = Day(lanes=lanes, patrollers=crew, iterations=20)
    drafts = opened(board := filled(day))
    known = list(plans(Streets(board, drafts, range(4)).bare()))
    longest = plan_streets(replace(day, balance=True), WALKING)
    assert max(route.lasts_s for route in checked(day, longest).routes) == min(known)[0]
    # One of the four is 2 % longer than need be: two tasks would have to change hands at once.
    short = plan_streets(day, WALKING)
    assert sum(route.lasts_s for route in checked(day, short).routes) <= 1.03 * min(total for _, total in known)


def filled(day: Day) -> Board:
    """A board with all ways."""
    board = Board(day, WALKING)
    board.fill("walking", range(board.points), range(board.points))
    return board


def test_both_sides_are_walked_and_one_way_streets_are_driven_one_way() -> None:
    """A side of a wide street would be left out."""
    barred = int(np.flatnonzero(TOWN.one_way == 1)[0])
    lanes = (lane(TOWN, barred, both_sides=True), lane(TOWN, 40, both_sides=True))
    crew = (Patroller(code="p", start=place(300, 300), end=place(500, 100), mover="driving"),)
    day = Day(lanes=lanes, patrollers=crew, iterations=5)
    plan = checked(day, plan_streets(day, ways_of(TOWN, day)))
    steps = [step for step in plan.routes[0].steps if step.code == f"lane:{barred}"]
    assert [step.reverse for step in steps] == [False, False]


def test_least_valuable_lanes_are_left_out_and_musts_stay() -> None:
    """What must be walked today would be walked tomorrow."""
    lanes = tuple(lane(TOWN, edge, prize=float(edge), must=edge == 0) for edge in range(30))
    takes_s = lane_s(lanes[0].length_m, "walking")
    who = Patroller(code="p", start=place(0, 0), shift=(8 * H, 8 * H + 12 * takes_s))
    day = Day(lanes=lanes, patrollers=(who,), iterations=20)
    plan = checked(day, plan_streets(day, WALKING))
    assert "lane:0" in plan.done
    prizes = {one.code: one.prize for one in lanes}
    left = [prizes[one.code] for one in plan.dropped]
    assert left
    assert np.mean(left) < np.mean([prizes[code] for code in plan.done])


def test_much_is_divided_by_grid() -> None:
    """A city's lanes in one search would take hours, and a grid's lanes two people on the same day."""
    day = any_time(random_day(TOWN, 2, stops=0, lanes=80, people=4, parts=8, crossing=True, iterations=10))
    day = replace(day, lanes=tuple(replace(one, skills=frozenset()) for one in day.lanes))
    parts, nobodys = divided(day, TOWN, most_tasks=30)
    assert not nobodys
    assert sorted(one.code for part in parts for one in part.day.lanes) == sorted(one.code for one in day.lanes)
    grids = [{one.area for one in part.day.lanes} for part in parts]
    assert sum(map(len, grids)) == len(set().union(*grids))
    assert [part.family for part in parts] == [0, 0, 0]
    told: list[int | None] = []
    plan = plan_streets(day, WALKING, most_tasks=30, tell=lambda done, total: told.append(total))
    assert set(told) == {30}
    checked(day, plan)


def test_one_door_for_all_days() -> None:
    """Windows would be asked of a search that knows none."""
    day = any_time(random_day(TOWN, 2, stops=5, lanes=10, people=2, crossing=True, iterations=5))
    windowed = replace(day, stops=tuple(replace(stop, windows=((9 * H, 11 * H),)) for stop in day.stops))
    assert suits_streets(day)
    assert not suits_streets(windowed)
    assert not suits_streets(replace(day, lanes=()))
    assert plan_day(day, WALKING) == plan_streets(day, WALKING)
    assert not check(windowed, plan_day(windowed, WALKING), TOWN)
    with pytest.raises(InvalidInput):
        plan_streets(windowed, WALKING)


def test_a_tour_is_cut_evenly_and_is_no_longer_than_that_of_the_yardstick() -> None:
    """Equal rounds would begin from a bad tour."""
    edges = np.random.default_rng(1).choice(len(TOWN.u), 25, replace=False)
    crew = tuple(Patroller(code=f"p{at}", start=place(480, 480)) for at in range(3))
    day = Day(lanes=tuple(lane(TOWN, int(edge)) for edge in edges), patrollers=crew)
    streets = Streets(board := filled(day), opened(board), range(25))
    problem = streets.bare()
    rounds = split_tour(problem, steps=3_000)
    assert rounds is not None
    assert sorted(problem.task[arc] for arcs in rounds for arc in arcs) == list(range(25))
    first = [int(pair[0]) for pair in problem.pairs]
    told = [(int(problem.tail[arc]), int(problem.head[arc]), int(problem.cost[arc])) for arc in first]
    depot = int(np.atleast_1d(problem.start)[0])
    one = split_tour(replace(problem, routes=1, start=depot, end=depot), steps=3_000)
    assert one is not None
    known = length(tour(told, problem.ways, depot), told, problem.ways, depot)
    passed = [(int(problem.task[arc]), arc not in first) for arc in one[0]]
    assert length(passed, told, problem.ways, depot) <= known

"""The day's planner: plans that keep what was asked, and say why something is left out."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gis_core.patrol.visits import plan_visits
from gis_core.planning.board import lane_s
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Day, Lane, Patroller, Stop, travel_s
from gis_core.routing.matrices import Ways
from tests.gis_core.planned import random_day, town, ways_of

TOWN = town(8)
KINDS = {
    "own grids": {},
    "whole city": {"crossing": True},
    "movers": {"crossing": True, "movers": ("walking", "driving", "cycling")},
    "balanced": {"crossing": True, "balance": True},
}


def planned(day: Day, **more: object) -> Plan:
    """The plan of a day."""
    return plan_visits(day, ways_of(TOWN, day), **more)  # type: ignore[arg-type]


def upheld(day: Day, ways: dict[str, Ways], plan: Plan) -> None:
    """A plan that keeps times, windows, shifts, breaks, skills and areas, every task once or left out."""
    tasks = {task.code: task for task in day.tasks}
    sides = {lane.code: 1 + lane.both_sides for lane in day.lanes}
    seen: dict[str, int] = {}
    for who, route in zip(day.patrollers, plan.routes, strict=True):
        assert route.patroller == who.code
        assert [route.steps[0].kind, route.steps[-1].kind] == ["start", "end"]
        assert who.shift[0] <= route.steps[0].leave_s <= route.steps[-1].leave_s <= who.shift[1]
        spot = ways[who.mover].spots(np.array([who.start]))
        pauses = list(who.breaks)
        for before, step in pairwise(route.steps):
            target = spot if step.kind == "break" else _into(day, ways, who, step)
            metres = ways[who.mover].matrix(spot, target)[0, 0] if len(route.steps) > 2 else 0.0
            assert step.leg_m == metres
            assert step.arrive_s == before.leave_s + travel_s(metres, who.mover)
            assert step.begin_s >= step.arrive_s
            spot = target
            if step.kind == "break":
                pause = pauses.pop(0)
                assert pause.earliest_s <= step.begin_s <= pause.latest_s
                assert step.leave_s == step.begin_s + pause.length_s
            elif step.code:
                task = tasks[step.code]
                assert day.fits(task, who)
                assert not task.windows or any(begin <= step.begin_s <= end for begin, end in task.windows)
                takes_s = task.service_s if isinstance(task, Stop) else lane_s(task.length_m, who.mover)
                assert step.leave_s == step.begin_s + takes_s
                seen[step.code] = seen.get(step.code, 0) + 1
                spot = target if isinstance(task, Stop) else _end(ways[who.mover], task, not step.reverse)
        assert not pauses or len(route.steps) == 2
    assert seen == {code: sides.get(code, 1) for code in plan.done}
    assert {one.code for one in plan.dropped} == set(tasks) - plan.done
    assert len(plan.dropped) == len(tasks) - len(plan.done)


def _into(day: Day, ways: dict[str, Ways], who: Patroller, step: object):
    if step.kind == "end":
        return ways[who.mover].spots(np.array([who.end or who.start]))
    task = next(task for task in day.tasks if task.code == step.code)
    if isinstance(task, Stop):
        return ways[who.mover].spots(np.array([(task.x, task.y)]))
    return _end(ways[who.mover], task, step.reverse)


def _end(ways: Ways, lane: Lane, far: bool):
    at_m = ways.network.length_m[lane.edge] if far else 0.0
    return ways.on_edges(np.array([lane.edge]), np.array([at_m]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_plan_keeps_everything_that_was_asked(kind: str, seed: int) -> None:
    """Somebody would stand before a closed door, miss a break, or be sent where they may not go."""
    day = random_day(TOWN, seed, iterations=100, **KINDS[kind])  # type: ignore[arg-type]
    ways = ways_of(TOWN, day)
    plan = plan_visits(day, ways)
    upheld(day, ways, plan)
    assert plan.iterations == 100
    assert len(plan.done) > 20


def test_the_same_seed_and_iterations_make_the_same_plan() -> None:
    """A plan could not be made again, nor two machines agree."""
    day = random_day(TOWN, 5, iterations=60, crossing=True)
    assert repr(planned(day)) == repr(planned(day))
    timed = planned(replace(day, iterations=10**6), seconds=0.5)
    assert 0 < timed.iterations < 10**6
    assert timed == planned(replace(day, iterations=timed.iterations))

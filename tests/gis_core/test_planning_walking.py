"""A plan held against tracks that follow it, leave something out, or go elsewhere."""

import numpy as np
import pandas as pd
import pytest

from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.stays import Positions
from gis_core.patrol.visits import plan_visits
from gis_core.planning.tasks import Lane
from gis_core.planning.walking import VISITS, missed, walked
from tests.gis_core.planned import random_day, town, ways_of

MIDNIGHT_S = 1_793_548_800.0
TOWN = town(5)
DAY = random_day(TOWN, 3, people=2, stops=8, lanes=8, crossing=True, iterations=60)
PLAN = plan_visits(DAY, ways_of(TOWN, DAY))
TASKS = {task.code: task for task in DAY.tasks}
NONE = pd.DataFrame({name: [] for name in VISITS})
LANES = [(route.patroller, code) for route in PLAN.routes for code in dict.fromkeys(step.code for step in route.steps)
         if isinstance(TASKS.get(code), Lane)]  # fmt: skip
STOPS = [(route.patroller, step) for route in PLAN.routes for step in route.steps if step.kind == "stop"]


def passes(without=(), late_s=0.0, also=()):
    """Passes of everybody over the whole of their lanes, as planned."""
    rows = [
        (route.patroller, TASKS[step.code].edge, step.begin_s + late_s, step.leave_s + late_s)
        for route in PLAN.routes for step in route.steps
        if isinstance(TASKS.get(step.code), Lane) and step.code not in without
    ]  # fmt: skip
    rows += [(who, edge, 30_000.0, 30_100.0) for who, edge in also]
    carrier, edge, begin_s, end_s = (np.array(column) for column in zip(*rows, strict=True))
    said = {"edge": edge, "from_m": np.zeros(len(rows)), "to_m": TOWN.length_m[edge], "t_in": begin_s + MIDNIGHT_S,
            "t_out": end_s + MIDNIGHT_S, "confidence": np.ones(len(rows)), "piece": np.zeros(len(rows), int),
            "chain": np.zeros(len(rows), int), "carrier": carrier}  # fmt: skip
    return PatrolLog(TOWN, pd.DataFrame(said))


def positions(without=(), off_m=0.0):
    """Everybody stands at each of their stops, every ten seconds, and nowhere else."""
    found = {}
    for who in DAY.patrollers:
        mine = [step for name, step in STOPS if name == who.code and step.code not in without]
        at_s = [np.arange(step.begin_s, step.leave_s + 1, 10.0) for step in mine] or [np.zeros(0)]
        xy = [np.tile((TASKS[step.code].x + off_m, TASKS[step.code].y), (len(at), 1))
              for step, at in zip(mine, at_s, strict=False)] or [np.zeros((0, 2))]  # fmt: skip
        t = np.concatenate(at_s) + MIDNIGHT_S
        found[who.code] = Positions(t, np.concatenate(xy), np.full(len(t), 5.0))
    return found


def held(log, visits=NONE, stood=None):
    return walked(DAY, PLAN, log, visits, stood or {}, MIDNIGHT_S, until_s=MIDNIGHT_S + 86_400, fence_m=30.0,
                  dwell_s=300.0)  # fmt: skip


def kept(found):
    return {task.code: task for one in found for task in one.tasks}


def test_a_plan_that_is_walked_is_found_walked():
    assert LANES and STOPS
    found = held(passes(), stood=positions())
    assert all(task.done and task.proof == "track" and task.late_s == 0.0 for task in kept(found).values())
    assert set(kept(found)) == PLAN.done and all(one.seen for one in found)


def test_a_lane_and_a_stop_that_are_left_out_are_missed():
    (who, lane), (other, step) = LANES[0], STOPS[-1]
    found = held(passes(without=[lane]), stood=positions(without=[step.code]))
    assert {code for code, task in kept(found).items() if not task.done} == {lane, step.code}
    assert kept(found)[lane].share == 0.0 and kept(found)[lane].at_s is None
    assert lane in missed(found, who) and step.code in missed(found, other)


def test_who_is_late_is_told_so():
    told = kept(held(passes(late_s=600.0)))
    assert all(told[code].late_s == 600.0 for _, code in LANES)


def test_another_who_walks_a_lane_has_not_walked_it_for_its_own():
    who, lane = LANES[0]
    other = next(one.code for one in DAY.patrollers if one.code != who)
    found = held(passes(without=[lane], also=[(other, TASKS[lane].edge)]))
    assert not kept(found)[lane].done
    (extra,) = [one for one in found if one.patroller == other]
    assert TASKS[lane].edge in extra.extra or any(TASKS[lane].edge in step.edges for route in PLAN.routes
                                                  if route.patroller == other for step in route.steps)  # fmt: skip


def test_what_is_on_no_way_of_the_plan_is_extra():
    planned = {edge for route in PLAN.routes for step in route.steps for edge in step.edges}
    planned |= {lane.edge for lane in DAY.lanes}
    detour = next(edge for edge in range(len(TOWN.u)) if edge not in planned)
    found = held(passes(also=[(DAY.patrollers[0].code, detour)]))
    assert found[0].extra == (detour,) and found[0].extra_m == pytest.approx(TOWN.length_m[detour])
    assert found[1].extra == ()


@pytest.mark.parametrize("proof", ["check_in", "mark"])
def test_who_told_that_they_came_has_visited(proof):
    who, step = STOPS[0]
    row = {"code": step.code, "patroller": who, "proof": proof, "arrived_s": MIDNIGHT_S + step.begin_s - 60}
    told = kept(held(passes(), pd.DataFrame([row])))
    assert told[step.code].proof == proof and told[step.code].late_s == -60.0
    assert sum(task.done for task in told.values()) == len(LANES) + 1


def test_who_stood_elsewhere_or_was_not_seen_has_visited_nothing():
    assert not any(task.done for task in kept(held(passes(), stood=positions(off_m=31.0))).values() if task.code in {
        step.code for _, step in STOPS})  # fmt: skip
    empty = PatrolLog(TOWN, pd.DataFrame({name: [] for name in (
        "piece", "chain", "edge", "from_m", "to_m", "t_in", "t_out", "confidence", "carrier")}))  # fmt: skip
    found = held(empty)
    assert not any(one.seen or task.done for one in found for task in one.tasks)

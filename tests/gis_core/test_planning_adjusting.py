"""Plans changed during the day: as little as can be, never into something that cannot be kept."""

from collections.abc import Callable

import numpy as np
import pytest

from gis_core.errors import InvalidInput
from gis_core.patrol.checker import check, check_kept
from gis_core.patrol.visits import plan_visits
from gis_core.planning import adjusting
from gis_core.planning.adjusting import insert_urgent, lock, move, remove, reorder, swap, unlock
from gis_core.planning.changes import Adjusted
from gis_core.planning.plan import Plan, Route
from gis_core.planning.tasks import Day, Patroller, Stop
from tests.gis_core.planned import H, lane, place, random_day, town, ways_of

TOWN = town(8)
DAY = random_day(TOWN, 3, iterations=60, crossing=True)
WAYS = ways_of(TOWN, DAY)
PLAN = plan_visits(DAY, WAYS)
NOW_S = 9 * H + 900


def urgent(**more: object) -> Stop:
    """Something that came in."""
    x, y = place(430.0, 610.0)
    return Stop(**{"code": "urgent", "kind": "issue", "x": x, "y": y, "must": True, **more})  # type: ignore[arg-type]


def right(made: Adjusted, before: Plan = PLAN) -> Plan:
    """The plan of a change, which is right and keeps what was kept."""
    assert check(made.day, made.plan, TOWN) == []
    assert check_kept(before, made.plan) == []
    return made.plan


def changed(before: Plan, after: Plan) -> list[str]:
    """Whose routes differ."""
    return [one.patroller for one, other in zip(before.routes, after.routes, strict=True) if one != other]


def codes(route: Route) -> list[str]:
    """What is done on a route, in order."""
    return [step.code for step in route.steps if step.code]


def test_an_urgent_stop_changes_one_route_and_nothing_that_was_begun() -> None:
    """Everybody would be sent somewhere else because of one issue."""
    made = insert_urgent(DAY, PLAN, urgent(), WAYS, NOW_S)
    after = right(made)
    who = changed(PLAN, after)
    assert len(who) == 1
    assert after.done == PLAN.done | {"urgent"}
    assert [told.key for told in made.told].count("changed_added") == 1
    was, now = (next(route for route in plan.routes if route.patroller == who[0]) for plan in (PLAN, after))
    begun = [step for step in was.steps if step.arrive_s <= NOW_S]
    assert now.steps[: len(begun)] == tuple(begun)
    assert all(step.begin_s >= NOW_S for step in now.steps if step.code == "urgent")


def test_an_urgent_stop_goes_where_it_costs_the_least_way() -> None:
    """Another place on another route would have been nearer."""
    made = insert_urgent(DAY, PLAN, urgent(), WAYS, NOW_S)
    walked = sum(route.walked_m for route in made.plan.routes)
    for who in DAY.patrollers:
        open_ = next(route for route in PLAN.routes if route.patroller == who.code)
        for place_ in range(len(codes(open_)) + 1):
            try:
                other = move(made.day, made.plan, "urgent", who.code, WAYS, NOW_S, place_)
            except InvalidInput:
                continue
            assert sum(route.walked_m for route in other.plan.routes) >= walked - 2.0


@pytest.mark.parametrize("service_s", [3 * H, 3 * H + 1_800])
def test_an_urgent_stop_pushes_out_the_least_that_may_go(service_s: int) -> None:
    """An urgent stop would be refused though there are others that can wait, or cost more of them than it must."""
    stop = urgent(service_s=service_s, windows=((NOW_S, 12 * H),))
    made = insert_urgent(DAY, PLAN, stop, WAYS, NOW_S)
    after = right(made)
    gone = PLAN.done - after.done
    musts = {task.code for task in DAY.tasks if task.must}
    assert gone
    assert not gone & musts
    assert "urgent" in after.done
    assert {one.code for one in after.dropped if one.reason.key == "dropped_urgent"} == gone
    for code in gone:
        with pytest.raises(InvalidInput):  # it could have stayed
            move(made.day, after, code, changed(PLAN, after)[0], WAYS, NOW_S)


def test_an_urgent_stop_that_nobody_can_do_is_refused_with_why() -> None:
    """It would be lost, or planned for somebody who cannot do it."""
    with pytest.raises(InvalidInput) as refused:
        insert_urgent(DAY, PLAN, urgent(skills=frozenset({"crane"})), WAYS, NOW_S)
    assert (refused.value.key, refused.value.params["why"]) == ("plan_urgent", "dropped_nobody")


def test_a_task_can_be_moved_removed_and_given_back() -> None:
    """A planner could not have the last word."""
    giver, taker = PLAN.routes[3], PLAN.routes[1]
    code = next(code for code in codes(giver) if PLAN_FREE(code))
    moved = move(DAY, PLAN, code, taker.patroller, WAYS)
    after = right(moved)
    assert code in codes(after.routes[1])
    assert moved.told[0].key == "changed_given"
    removed = right(remove(DAY, after, code, WAYS))
    assert code not in removed.done
    assert [one.reason.key for one in removed.dropped if one.code == code] == ["dropped_by_hand"]
    back = right(move(DAY, removed, code, giver.patroller, WAYS))
    assert back.done == PLAN.done


def PLAN_FREE(code: str) -> bool:
    """Whether a task is a stop that anybody may do at any time."""
    task = next(task for task in DAY.tasks if task.code == code)
    return isinstance(task, Stop) and not task.windows and not task.skills


def test_an_order_can_be_changed_and_what_would_be_late_is_told() -> None:
    """A changed order would be taken although a door is closed by then."""
    x = [place(100.0 * at, 0.0) for at in range(4)]
    stops = [Stop(code=f"s{at}", kind="place", x=x[at][0], y=x[at][1]) for at in range(1, 4)]
    early = Stop(code="early", kind="place", x=x[2][0], y=x[2][1], windows=((8 * H, 8 * H + 600),))
    who = Patroller(code="p", start=x[0], shift=(8 * H, 12 * H))
    day = Day(stops=(*stops, early), lanes=(lane(TOWN, 0),), patrollers=(who,), iterations=50)
    ways = ways_of(TOWN, day)
    plan = plan_visits(day, ways)
    order = codes(plan.routes[0])
    late = [code for code in order if code != "early"]
    with pytest.raises(InvalidInput) as refused:
        reorder(day, plan, "p", [*late, "early"], ways)
    assert refused.value.params["value"] == "early"
    assert refused.value.params["late_s"] > 600
    with pytest.raises(InvalidInput, match="each of"):
        reorder(day, plan, "p", late, ways)
    made = reorder(day, plan, "p", ["early", *late[::-1]], ways)
    assert check(day, made.plan, TOWN) == []
    assert codes(made.plan.routes[0]) == ["early", *late[::-1]]


def test_two_tasks_change_places() -> None:
    """A swap would lose a task, or leave a lane without one of its sides."""
    rng = np.random.default_rng(1)
    free = sorted(code for code in PLAN.done if PLAN_FREE(code) or code.startswith("lane"))
    swapped = 0
    for _ in range(25):
        code, other = rng.choice(free, 2, replace=False).tolist()
        try:
            made = swap(DAY, PLAN, code, other, WAYS)
        except InvalidInput as refused:
            assert refused.key in ("plan_late", "plan_unfit")
            continue
        assert right(made).done == PLAN.done
        swapped += 1
    assert swapped > 3


def test_what_is_locked_keeps_its_moment() -> None:
    """An appointment would be moved by what comes in before it."""
    at, route = max(enumerate(PLAN.routes), key=lambda each: each[1].steps[-2].begin_s)
    step = next(step for step in route.steps if step.code and step.begin_s > NOW_S + 1_800)
    kept = lock(PLAN, step.code)
    with pytest.raises(InvalidInput, match="locked"):
        remove(DAY, kept, step.code, WAYS)
    after = right(insert_urgent(DAY, kept, urgent(), WAYS, NOW_S), kept)
    assert next(one.begin_s for one in after.routes[at].steps if one.code == step.code) == step.begin_s
    assert unlock(kept, step.code) == PLAN
    with pytest.raises(InvalidInput, match="route"):
        lock(PLAN, "nothing")


@pytest.mark.parametrize("change", [
    lambda: move(DAY, PLAN, "stop:1", "nobody", WAYS),
    lambda: remove(DAY, PLAN, "nothing", WAYS),
    lambda: remove(DAY, PLAN, codes(PLAN.routes[0])[0], WAYS, 23 * H),
    lambda: adjusting.reorder(DAY, PLAN, "nobody", [], WAYS),
])  # fmt: skip
def test_a_change_of_what_is_not_there_is_refused(change: Callable[[], object]) -> None:
    """A slip of the pen would be a fault of the server."""
    with pytest.raises(InvalidInput) as refused:
        change()
    assert "?" not in refused.value.text("zh") + refused.value.text("en")

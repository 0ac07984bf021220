"""The checker: a right plan passes, and each rule that is broken is found."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil, inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_core.patrol.checker import check, check_kept
from gis_core.patrol.network import build_network
from gis_core.planning.plan import Dropped, Plan, Route, Step
from gis_core.planning.tasks import LANE_MPS, SPEEDS_MPS, Break, Day, Lane, Patroller, Reason, Stop
from tests.gis_core import truth_patrol as truth
from tests.gis_core.truth_patrol import EAST_M, NORTH_M, layer
from tests.project import ROOT, imported

H = 3_600
LINES = {
    "h0": [(0, 0), (200, 0)], "h1": [(0, 100), (200, 100)], "v0": [(0, 0), (0, 100)], "v1": [(100, 0), (100, 100)],
    "v2": [(200, 0), (200, 100)], "isle": [(0, 300), (90, 300)],
}  # fmt: skip
NETWORK = build_network(layer(LINES, oneway=["no", "yes", "no", "no", "no", "no"]), truth.SRID)


def edge(street: str, from_m: float = 0.0) -> int:
    """The edge of a street that begins at a metre."""
    return int(np.flatnonzero((NETWORK.code[NETWORK.street] == street) & (abs(NETWORK.from_m - from_m) < 1))[0])


def at(x: float, y: float) -> tuple[float, float]:
    return EAST_M + x, NORTH_M + y


def lane(code: str, street: str, from_m: float, **more: object) -> Lane:
    return Lane(
        code=code, kind="lane", street=street, from_m=from_m, to_m=from_m + 100, edge=edge(street, from_m),
        length_m=100.0, **more,
    )  # fmt: skip


def stop(code: str, x: float, y: float, **more: object) -> Stop:
    return Stop(code=code, kind="issue", x=at(x, y)[0], y=at(x, y)[1], **more)


WALKER = Patroller(
    code="ann", start=at(0, -2), shift=(8 * H, 12 * H), breaks=(Break(1_800, 8 * H, 10 * H),),
    skills=frozenset({"law"}), areas=frozenset({"west"}),
)  # fmt: skip
RIDER = Patroller(code="bob", start=at(200, 0), shift=(8 * H, 12 * H), mover="cycling")
IDLER = Patroller(code="cat", start=at(0, 100), shift=(8 * H, 12 * H), areas=frozenset({"nowhere"}))
DAY = Day(
    stops=(
        stop("s1", 50, -3, area="w1", skills=frozenset({"law"}), windows=((8 * H, 9 * H),)),
        stop("s2", 100, 50, area="west", service_s=600),
        stop("s3", 20, 100, area="west"),
        stop("s4", 20, 100, must=True, skills=frozenset({"dig"})),
        stop("s5", 40, 300, must=True),
    ),
    lanes=(lane("l1", "h0", 100, area="w1", both_sides=True), lane("l2", "h1", 100, area="east")),
    patrollers=(WALKER, RIDER, IDLER),
    above={"w1": "west", "west": None, "east": None},
)


def route(who: Patroller, begin_s: int, told: list[tuple[str, str, float, list[int], bool]]) -> Route:
    """A route by hand: kind, code, metres, edges and whether a lane is walked in reverse."""
    service = {one.code: one.service_s for one in DAY.stops}
    service |= {one.code: ceil(one.length_m / LANE_MPS[who.mover]) for one in DAY.lanes} | {"": 0}
    steps = [Step(kind="start", arrive_s=begin_s, begin_s=begin_s, leave_s=begin_s)]
    for kind, code, leg_m, edges, reverse in told:
        here_s = steps[-1].leave_s + ceil(leg_m / SPEEDS_MPS[who.mover])
        done_s = here_s + (1_800 if kind == "break" else service[code])
        steps.append(
            Step(
                kind=kind, code=code, arrive_s=here_s, begin_s=here_s, leave_s=done_s, leg_m=leg_m, edges=tuple(edges),
                reverse=reverse,
            )
        )  # fmt: skip
    return Route(patroller=who.code, steps=tuple(steps))


PLAN = Plan(
    routes=(
        route(WALKER, 8 * H, [
            ("stop", "s1", 50.0, [edge("h0")], False),
            ("lane", "l1", 50.0, [edge("h0")], False),
            ("lane", "l1", 0.0, [], True),
            ("break", "", 0.0, [], False),
            ("stop", "s2", 50.0, [edge("v1")], False),
            ("end", "", 150.0, [edge("v1"), edge("h0")], False),
        ]),
        route(RIDER, 8 * H + 60, [
            ("lane", "l2", 200.0, [edge("h0", 100), edge("v1")], False),
            ("end", "", 100.0, [edge("v2")], False),
        ]),
        route(IDLER, 8 * H, [("end", "", 0.0, [], False)]),
    ),
    dropped=(
        Dropped(code="s3", reason=Reason("dropped_prize")), Dropped(code="s4", reason=Reason("nobody")),
        Dropped(code="s5", reason=Reason("dropped_unreachable")),
    ),
)  # fmt: skip


def keys(plan: Plan = PLAN, day: Day = DAY, **more: object) -> set[str]:
    """What is wrong with a plan, each told in both languages."""
    found = check(day, plan, NETWORK, **more)
    assert all("{" not in fault.text(locale) for fault in found for locale in ("en", "zh"))
    return {fault.key.removeprefix("fault_") for fault in found}


def step(who: int, nth: int, **changed: object) -> Plan:
    """The plan with one step changed."""
    steps = list(PLAN.routes[who].steps)
    steps[nth] = replace(steps[nth], **changed)
    return steps_of(who, steps)


def steps_of(who: int, steps: list[Step]) -> Plan:
    routes = list(PLAN.routes)
    routes[who] = replace(routes[who], steps=tuple(steps))
    return replace(PLAN, routes=tuple(routes))


def later(who: int, by_s: int, since: int = 0) -> Plan:
    """The plan with the steps of one from the nth on moved."""
    moved = [
        replace(one, arrive_s=one.arrive_s + by_s, begin_s=one.begin_s + by_s, leave_s=one.leave_s + by_s)
        if nth >= since else one
        for nth, one in enumerate(PLAN.routes[who].steps)
    ]  # fmt: skip
    return steps_of(who, moved)


def dropping(*dropped: tuple[str, str]) -> Plan:
    """The plan with other tasks left out."""
    return replace(PLAN, dropped=tuple(Dropped(code=code, reason=Reason(reason)) for code, reason in dropped))


def person(who: int, **changed: object) -> Day:
    people = list(DAY.patrollers)
    people[who] = replace(people[who], **changed)
    return replace(DAY, patrollers=tuple(people))


def task(code: str, **changed: object) -> Day:
    stops, lanes = (
        [replace(one, **changed) if one.code == code else one for one in some] for some in (DAY.stops, DAY.lanes)
    )
    return replace(DAY, stops=tuple(stops), lanes=tuple(lanes))


W, R = PLAN.routes[0].steps, PLAN.routes[1].steps
LEFT = (("s3", "prize"), ("s4", "nobody"), ("s5", "unreachable"))


def test_a_right_plan_passes() -> None:
    """Every plan would be refused."""
    assert keys() == set()
    assert keys(day=replace(DAY, crossing=True)) == set()


@pytest.mark.parametrize(("broken", "expected"), [
    (lambda: replace(PLAN, bound={"longest_s": 20_000.0}), "bound"),
    (lambda: replace(PLAN, routes=PLAN.routes[:2]), "route"),
    (lambda: replace(PLAN, routes=(*PLAN.routes, PLAN.routes[2])), "route"),
    (lambda: replace(PLAN, routes=PLAN.routes[::-1]), "order"),
    (lambda: replace(PLAN, routes=(*PLAN.routes, replace(PLAN.routes[2], patroller="eve"))), "patroller"),
    (lambda: steps_of(0, [*W[1:]]), "ends"),
    (lambda: steps_of(0, [*W[:-1]]), "ends"),
    (lambda: steps_of(0, [*W[:3], W[0], *W[3:]]), "ends"),
    (lambda: steps_of(2, []), "ends"),
    (lambda: step(0, 1, kind="lane"), "kind"),
    (lambda: step(0, 4, code="s3"), "task_both"),
    (lambda: step(0, 1, code="s9"), "task_unknown"),
    (lambda: steps_of(0, [*W[:2], *W[3:]]), "task_count"),
    (lambda: steps_of(0, [*W[:2], W[1], *W[2:]]), "task_count"),
    (lambda: steps_of(1, [R[0], R[2]]), "task_missing"),
    (lambda: dropping(*LEFT[1:]), "task_missing"),
    (lambda: dropping(*LEFT, ("s2", "prize")), "task_both"),
    (lambda: dropping(*LEFT, LEFT[0]), "dropped_twice"),
    (lambda: dropping(*LEFT, ("s9", "prize")), "task_unknown"),
    (lambda: dropping(("s3", "dull"), *LEFT[1:]), "reason"),
    (lambda: dropping(*LEFT[:2], ("s5", "prize")), "must"),
    (lambda: dropping(LEFT[0], ("s4", "dropped_urgent"), LEFT[2]), "must"),
    (lambda: dropping(("s3", "nobody"), *LEFT[1:]), "reason_false"),
    (lambda: dropping(("s3", "unreachable"), *LEFT[1:]), "reason_false"),
    (lambda: dropping(("s3", "window"), *LEFT[1:]), "reason_false"),
    (lambda: step(0, 1, begin_s=W[1].arrive_s - 1), "clock"),
    (lambda: step(0, 1, leave_s=W[1].begin_s - 1), "clock"),
    (lambda: step(0, 1, leave_s=W[1].leave_s - 1), "service"),
    (lambda: step(0, 2, leave_s=W[2].leave_s - 1), "service"),
    (lambda: later(0, -1, since=1), "early"),
    (lambda: later(0, -1, since=6), "early"),
    (lambda: later(0, 7_200), "window"),
    (lambda: later(1, 4 * H), "shift"),
    (lambda: later(1, -61), "shift"),
    (lambda: later(0, 2 * H, since=4), "break"),
    (lambda: step(0, 4, leave_s=W[4].leave_s - 60), "break"),
    (lambda: steps_of(0, [*W[:4], *W[5:]]), "breaks"),
    (lambda: steps_of(0, [*W[:5], W[4], *W[5:]]), "breaks"),
    (lambda: step(0, 4, leg_m=5.0), "break_moves"),
    (lambda: step(0, 1, leg_m=nan), "number"),
    (lambda: step(0, 1, leg_m=inf), "number"),
    (lambda: step(0, 1, leg_m=-50.0), "number"),
    (lambda: step(0, 1, leg_m=49.98), "leg_sum"),
    (lambda: step(0, 0, leg_m=5.0), "leg_sum"),
    (lambda: step(0, -1, leave_s=W[-1].leave_s + 60), "clock"),
    (lambda: step(0, 1, leg_m=50.02), "leg_sum"),
    (lambda: step(0, 3, leg_m=1.0), "leg_sum"),
    (lambda: step(0, 1, edges=()), "leg_broken"),
    (lambda: step(0, 1, edges=(edge("v1"),)), "leg_broken"),
    (lambda: step(0, 6, edges=(edge("h0"), edge("v1"))), "leg_broken"),
    (lambda: step(0, 6, edges=(edge("v1"),), leg_m=50.0), "leg_broken"),
    (lambda: step(0, 1, edges=(-1,)), "leg_edge"),
    (lambda: step(0, 1, edges=(edge("h0"), 99)), "leg_edge"),
    (lambda: step(0, 3, reverse=False), "leg_broken"),
    (lambda: step(1, 2, leg_m=300.0, edges=(edge("h1", 100), edge("v1"), edge("h0", 100))), "leg_barred"),
    (lambda: steps_of(1, [R[0], replace(R[1], edges=(edge("v2"),), leg_m=100.0, reverse=True), R[2]]), "lane_barred"),
    (lambda: step(0, 6, leg_m=250.0, edges=(edge("v1"), edge("h1"), edge("v0"))), "leg_detour"),
])  # fmt: skip
def test_each_rule_that_a_plan_breaks_is_found(broken: Callable[[], Plan], expected: str) -> None:
    """People would be sent out with a plan that cannot be kept."""
    assert expected in keys(broken())


@pytest.mark.parametrize(("day", "expected"), [
    (person(0, skills=frozenset()), "skill"),
    (person(0, areas=frozenset({"east"})), "area"),
    (person(0, breaks=()), "breaks"),
    (person(0, start=at(30, 0)), "leg_sum"),
    (person(0, start=at(0, 99)), "leg_broken"),
    (person(0, start=at(0, -900)), "off"),
    (person(0, end=at(0, 50)), "leg_broken"),
    (person(0, shift=(8 * H, 8 * H + 600)), "shift"),
    (person(0, shift=(9 * H, 12 * H)), "shift"),
    (person(1, mover="driving"), "service"),
        (person(1, mover="walking"), "early"),
    (person(2, areas=None), "reason_false"),
    (person(2, skills=frozenset({"dig"}), areas=None), "reason_false"),
    (task("s1", x=at(60, 0)[0]), "leg_sum"),
    (task("s2", y=at(0, 1_200)[1]), "off"),
    (task("s2", service_s=601), "service"),
    (task("s1", windows=((9 * H, 10 * H),)), "window"),
    (task("s2", area="east"), "area"),
    (task("s2", area=None), "area"),
    (task("s1", skills=frozenset({"law", "dig"})), "skill"),
    (task("l1", both_sides=False), "task_count"),
    (task("l2", both_sides=True), "task_count"),
    (task("l2", edge=99), "lane"),
    (task("l2", street="h0"), "lane"),
    (task("l2", length_m=90.0), "lane"),
    (task("l2", edge=edge("h1")), "lane"),
])  # fmt: skip
def test_a_plan_of_another_day_is_none(day: Day, expected: str) -> None:
    """A rule that the planner forgets, the checker would forget as well."""
    left = PLAN if day != person(2, areas=None) else dropping(("s3", "prize"), ("s4", "nobody"), ("s5", "nobody"))
    assert expected in keys(left, day)


def test_closed_streets_are_passed_by_nobody() -> None:
    """A plan of the morning would stay right when a street is closed at noon."""
    assert keys(closed=[edge("v2")]) == {"leg_barred"}
    assert keys(closed=[edge("h1", 100)]) == {"lane_barred"}
    assert keys(closed=[edge("v0"), edge("isle")]) == set()
    done = replace(PLAN, routes=tuple(
        replace(one, steps=tuple(replace(step, done=True) for step in one.steps)) for one in PLAN.routes
    ))  # fmt: skip
    assert keys(done, closed=[edge("v2"), edge("h1", 100)]) == set(), "it was walked before"


def test_who_arrives_in_one_lane_does_not_leave_by_another() -> None:
    """A stop as near to two streets would be a bridge between them."""
    network = build_network(
        layer({"a": [(0, 0), (100, 0)], "b": [(0, 20), (100, 20)], "c": [(0, 0), (0, 20)]}), truth.SRID
    )
    names = {str(network.code[street]): nth for nth, street in enumerate(network.street)}
    who = Patroller(code="ann", start=at(10, 0), end=at(10, 20))
    day = Day(stops=(stop("s", 50, 10),), patrollers=(who,))
    legs = [40.0, 40.0], [(names["a"],), (names["b"],)]
    steps = [Step(kind="start", arrive_s=8 * H, begin_s=8 * H, leave_s=8 * H)]
    for kind, code, leg_m, edges in zip(("stop", "end"), ("s", ""), *legs, strict=True):
        begin = steps[-1].leave_s + 32
        steps.append(
            Step(
                kind=kind,
                code=code,
                arrive_s=begin,
                begin_s=begin,
                leave_s=begin + 300 * bool(code),
                leg_m=leg_m,
                edges=edges,
            )
        )
    plan = Plan(routes=(Route(patroller="ann", steps=tuple(steps)),))
    assert [fault.key for fault in check(day, plan, network)] == ["fault_leg_broken"]


def test_a_task_that_must_be_done_is_not_left_out_while_somebody_is_idle() -> None:
    """Whoever sits in the office would be no reason to ask."""
    day = replace(DAY, stops=(*DAY.stops, stop("s6", 50, 100, must=True, area="nowhere", windows=((8 * H, 9 * H),))))
    for reason, expected in (("window", {"reason_false"}), ("shift", {"reason_false"}), ("prize", {"must"})):
        assert keys(dropping(*LEFT, ("s6", reason)), day) == expected
    late = replace(day, stops=(*day.stops[:-1], replace(day.stops[-1], windows=((7 * H, 8 * H),))))
    assert keys(dropping(*LEFT, ("s6", "window")), late) == set()
    long = replace(day, stops=(*day.stops[:-1], replace(day.stops[-1], service_s=4 * H)))
    assert keys(dropping(*LEFT, ("s6", "shift")), long) == set()


def test_what_was_done_or_locked_stays() -> None:
    """An urgent issue would undo the morning, or break a promise to a shopkeeper."""
    marked = list(W)
    marked[0], marked[1], marked[5] = (
        replace(W[0], done=True), replace(W[1], done=True), replace(W[5], locked=True),
    )  # fmt: skip
    before = steps_of(0, marked)

    def kept(steps: list[Step]) -> list[str]:
        return [fault.key.removeprefix("fault_kept_") for fault in check_kept(before, steps_of(0, steps))]

    assert kept(marked) == kept([*marked[:2], *marked[4:]]) == []
    assert kept([marked[0], *marked[2:]]) == ["done"] == kept([marked[0], replace(marked[1], leave_s=1), *marked[2:]])
    assert kept([*marked[:5], *marked[6:]]) == ["locked"]
    assert kept([*marked[:5], replace(marked[5], begin_s=marked[5].begin_s + 1), marked[6]]) == ["locked"]
    assert kept([]) == ["done", "done", "locked"]
    assert len(check_kept(before, replace(before, routes=before.routes[1:]))) == 3


FIELDS = {
    "kind": st.sampled_from(["start", "stop", "lane", "break", "end", "", "nap"]),
    "code": st.sampled_from(["", "s1", "s2", "s3", "l1", "l2", "s9"]),
    "arrive_s": st.integers(-10, 2 * 86_400), "begin_s": st.integers(-10, 2 * 86_400),
    "leave_s": st.integers(-10, 2 * 86_400), "leg_m": st.floats(), "reverse": st.booleans(), "done": st.booleans(),
    "edges": st.lists(st.integers(-2, 13), max_size=4).map(tuple),
}  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 6), st.sampled_from(sorted(FIELDS)), st.data()), min_size=1, max_size=4,
))  # fmt: skip
def test_whatever_is_wrong_with_a_plan_is_told(harm: list[tuple[int, int, str, st.DataObject]]) -> None:
    """The checker would end in a fault of its own, and nobody would know whether the plan is right."""
    routes = [list(one.steps) for one in PLAN.routes]
    for who, nth, name, data in harm:
        if nth < len(routes[who]):
            routes[who][nth] = replace(routes[who][nth], **{name: data.draw(FIELDS[name])})
    plan = replace(PLAN, routes=tuple(
        replace(one, steps=tuple(steps)) for one, steps in zip(PLAN.routes, routes, strict=True)
    ))  # fmt: skip
    found = keys(plan)
    same = [[(*vars(one).values(),)[:8] for one in steps] for steps in routes]
    known = [[(*vars(one).values(),)[:8] for one in route.steps] for route in PLAN.routes]
    assert same != known or not found
    check_kept(PLAN, plan)


def test_the_checker_shares_no_code_with_what_it_checks() -> None:
    """A mistake in the planner would be the checker's as well, and never be found."""
    names = {name for path in (ROOT / "gis_core" / "patrol").glob("check*.py") for name in imported(path)}
    ours = {name.rpartition(".")[0] for name in names if name.startswith("gis_core.")}
    own = {f"gis_core.patrol.{name}" for name in ("checker", "checking_times", "checking_ways")}
    given = {
        "gis_core.arrays",
        "gis_core.patrol.network",
        "gis_core.planning.plan",
        "gis_core.planning.tasks",
        "gis_core.texts",
    }
    assert ours <= own | given

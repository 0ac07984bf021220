"""Whether a plan is right: every task, every leg and every rule looked at again, by nothing that made the plan."""

from collections import Counter
from collections.abc import Collection, Iterator
from math import inf, isfinite

from gis_core.patrol.checking_times import Fault, may_do, service_s, times, told
from gis_core.patrol.checking_ways import Position, Streets, seconds_of
from gis_core.patrol.network import PROFILES, StreetNetwork
from gis_core.planning.plan import Plan, Route, Step
from gis_core.planning.tasks import SPEEDS_MPS, Day, Lane, Patroller, Stop, Task

REASONS = ("nobody", "unreachable", "window", "shift", "prize", "urgent", "by_hand")
CLOSE_CM = 1
"""Legs that differ by no more are equal."""
Places = frozenset[Position]
NOWHERE: Places = frozenset()


def check(day: Day, plan: Plan, network: StreetNetwork, closed: Collection[int] = ()) -> list[Fault]:
    """Everything that is wrong with a plan.

    Parameters
    ----------
    day, plan
        What was to be done, and the answer.
    network
        The streets; lanes and legs name its edges.
    closed
        Edges that nobody passes that day.

    Returns
    -------
    faults
        Empty when the plan is right. That it is good is not looked at.
    """
    return list(_Checker(day, plan, network, closed).faults())


def check_kept(before: Plan, after: Plan) -> list[Fault]:
    """What was done or locked in a plan and is not kept in the one made of it: what was done stays as it is, what was
    locked with whom it was and at its time.
    """
    routes = {route.patroller: route.steps for route in after.routes}
    faults = []
    for route in before.routes:
        now = routes.get(route.patroller, ())
        last = max((nth + 1 for nth, step in enumerate(route.steps) if step.done), default=0)
        for nth, step in enumerate(route.steps):
            if nth < last and (nth >= len(now) or _what(now[nth]) != _what(step)):
                faults.append(told("kept_done", patroller=route.patroller, nth=nth, code=step.code))
            elif nth >= last and step.locked and not any(_held(step, other) for other in now):
                faults.append(told("kept_locked", patroller=route.patroller, code=step.code, begin_s=step.begin_s))
    return faults


def _what(step: Step) -> tuple[object, ...]:
    return step.kind, step.code, step.arrive_s, step.begin_s, step.leave_s, step.reverse


def _held(step: Step, other: Step) -> bool:
    return (step.kind, step.code, step.begin_s) == (other.kind, other.code, other.begin_s)


class _Checker:
    """One plan looked at."""

    def __init__(self, day: Day, plan: Plan, network: StreetNetwork, closed: Collection[int]) -> None:
        self._day, self._plan, self._network, self._closed = day, plan, network, closed
        self._tasks: dict[str, Task] = {task.code: task for task in day.tasks}
        self._who = {who.code: who for who in day.patrollers}
        self._streets: dict[str, Streets] = {}
        self._stops: dict[tuple[str, str], Places] = {}

    def faults(self) -> Iterator[Fault]:
        yield from self._lanes()
        yield from self._routes()
        yield from self._coverage()
        yield from self._bound()
        for dropped in self._plan.dropped:
            if dropped.code in self._tasks:
                yield from self._reason(self._tasks[dropped.code], dropped.reason.key.removeprefix("dropped_"))
        for route in self._plan.routes:
            if who := self._who.get(route.patroller):
                yield from times(self._day, who, route, self._tasks)
                yield from self._legs(who, route)

    def _lanes(self) -> Iterator[Fault]:
        """Lanes of the day that are not edges of this network."""
        for lane in self._day.lanes:
            if not self._known(lane):
                yield told("lane", code=lane.code)

    def _known(self, lane: Lane) -> bool:
        network, edge = self._network, lane.edge
        return (
            0 <= edge < len(network.u)
            and network.code[network.street[edge]] == lane.street
            and abs(network.length_m[edge] - lane.length_m) <= 0.01
            and abs(network.from_m[edge] - lane.from_m) + abs(network.to_m[edge] - lane.to_m) <= 1.0
        )

    def _edge(self, task: Task | None) -> int | None:
        """The edge of a lane, ``None`` of what is none or not on this network."""
        return task.edge if isinstance(task, Lane) and self._known(task) else None

    def _routes(self) -> Iterator[Fault]:
        """One route for everybody, in order."""
        found = [route.patroller for route in self._plan.routes]
        for code, count in sorted(Counter(found).items()):
            if code not in self._who:
                yield told("patroller", patroller=code)
            elif count > 1:
                yield told("route", patroller=code, found=count)
        for code in self._who:
            if code not in found:
                yield told("route", patroller=code, found=0)
        known = [code for code in found if code in self._who]
        if sorted(known) == sorted(self._who) and known != list(self._who):
            yield told("order")

    def _coverage(self) -> Iterator[Fault]:
        """Every task on a route as often as it is to be, or left out, and not both."""
        done = Counter(step.code for route in self._plan.routes for step in route.steps if step.code)
        left = Counter(dropped.code for dropped in self._plan.dropped)
        for code in sorted({*done, *left} - set(self._tasks)):
            yield told("task_unknown", code=code)
        for code, task in self._tasks.items():
            expected = 2 if isinstance(task, Lane) and task.both_sides else 1
            if left[code] > 1:
                yield told("dropped_twice", code=code, found=left[code])
            if done[code] and left[code]:
                yield told("task_both", code=code)
            elif not done[code] and not left[code]:
                yield told("task_missing", code=code)
            if done[code] not in (0, expected):
                yield told("task_count", code=code, found=done[code], expected=expected)

    def _bound(self) -> Iterator[Fault]:
        """A bound that no plan can go below is not above this one."""
        lasts = [route.lasts_s for route in self._plan.routes if route.steps]
        bound_s = self._plan.bound.get("longest_s", 0.0)
        if lasts and not bound_s <= max(lasts):
            yield told("bound", bound_s=bound_s, found_s=max(lasts))

    def _reason(self, task: Task, reason: str) -> Iterator[Fault]:
        """Whether a task is left out for a reason that is one."""
        if reason not in REASONS:
            yield told("reason", code=task.code, reason=reason)
        if reason in ("prize", "urgent") and task.must:
            yield told("must", code=task.code)
        fitting = [who for who in self._day.patrollers if may_do(self._day, task, who)]
        if reason == "unreachable":
            fitting = [who for who in fitting if isfinite(self._least_s(who, task)[1])]
        elif reason != "nobody":
            fitting = [who for who in fitting if reason in ("window", "shift") and task.must and self._could(who, task)]
        if fitting or (reason == "window" and not task.windows):
            yield told("reason_false", code=task.code, reason=reason, patroller=", ".join(who.code for who in fitting))

    def _could(self, who: Patroller, task: Task) -> bool:
        """Whether somebody who has nothing to do, nor any break, could do a task."""
        routes = [route for route in self._plan.routes if route.patroller == who.code]
        if (
            who.breaks
            or (isinstance(task, Lane) and task.both_sides)
            or len(routes) != 1
            or [step.kind for step in routes[0].steps] != ["start", "end"]
        ):
            return False
        way_s, whole_s = self._least_s(who, task)
        arrive_s = max(routes[0].steps[0].leave_s, who.shift[0]) + way_s
        begins = [max(begin, arrive_s) for begin, end in task.windows or ((0, who.shift[1]),) if arrive_s <= end]
        return bool(begins) and min(begins) + whole_s - way_s <= who.shift[1]

    def _least_s(self, who: Patroller, task: Task) -> tuple[float, float]:
        """Seconds from somebody's start to a task, and until they are back from it; inf where there is no way."""
        streets, speed, edge = self._of(who), SPEEDS_MPS[who.mover], self._edge(task)
        start, end = (streets.places(xy)[0] for xy in (who.start, who.end or who.start))
        found = [(inf, inf)]
        for reverse in (False,) if edge is None else (False, True):
            into, out = self._step(who, task, reverse)
            if edge is None or streets.passable(edge, reverse=reverse):
                ways = streets.shortest(start, into), streets.shortest(out, end)
                if all(map(isfinite, ways)):
                    there, back = (seconds_of(cm / 100.0, speed) for cm in ways)
                    found.append((there, there + service_s(task, who) + back))
        return min(found, key=lambda each: each[1])

    def _of(self, who: Patroller) -> Streets:
        if who.mover not in self._streets:
            self._streets[who.mover] = Streets(self._network, PROFILES[who.mover], self._closed)
        return self._streets[who.mover]

    def _place(self, who: Patroller, stop: Stop) -> Places:
        if (who.mover, stop.code) not in self._stops:
            self._stops[who.mover, stop.code] = self._of(who).places((stop.x, stop.y))[0]
        return self._stops[who.mover, stop.code]

    @staticmethod
    def _ends(streets: Streets, lane: Lane, reverse: bool) -> tuple[Places, Places]:
        """Where a walk along a lane begins, and where it ends."""
        ends = [frozenset({streets.node(lane.edge, last=last)}) for last in (reverse, not reverse)]
        return ends[0], ends[1]

    def _legs(self, who: Patroller, route: Route) -> Iterator[Fault]:
        """The ways of a route, each from where the step before ended."""
        streets, steps = self._of(who), route.steps
        if not any(step.code or step.edges or step.leg_m for step in steps):
            return  # who stays where they are walks nowhere
        if steps and (steps[0].leg_m or steps[0].edges):
            yield told("leg_sum", patroller=who.code, nth=0, found_m=0.0, told_m=steps[0].leg_m)
        here, away_m = streets.places(who.start)
        if not here:
            yield told("off", code=who.code, away_m=away_m)
        for nth, step in enumerate(steps[1:], 1):
            if step.kind == "break":
                if step.leg_m or step.edges:
                    yield told("break_moves", patroller=who.code, nth=nth)
                continue
            task = self._tasks.get(step.code)
            if not _matches(step, task):
                yield told("kind", patroller=who.code, nth=nth, kind=step.kind, code=step.code)
                return
            into, out = self._step(who, task, step.reverse)
            edge = None if step.done else self._edge(task)
            if edge is not None and not streets.passable(edge, reverse=step.reverse):
                yield told("lane_barred", patroller=who.code, code=step.code)
            if not into and isinstance(task, Stop):
                yield told("off", code=task.code, away_m=streets.places((task.x, task.y))[1])
            if here and into:
                faults, reached = self._leg(streets, who, nth, step, here, into)
                yield from faults
                out = out if isinstance(task, Lane) else reached
            here = out

    def _step(self, who: Patroller, task: Task | None, reverse: bool) -> tuple[Places, Places]:
        """Where a task, or without one the way home, may begin, and where it may end."""
        streets = self._of(who)
        if isinstance(task, Lane):
            return self._ends(streets, task, reverse) if self._known(task) else (NOWHERE, NOWHERE)
        places = self._place(who, task) if isinstance(task, Stop) else streets.places(who.end or who.start)[0]
        return places, places

    def _leg(
        self, streets: Streets, who: Patroller, nth: int, step: Step, here: Places, into: Places
    ) -> tuple[list[Fault], Places]:
        """What is wrong with a leg, and where it ends."""
        name = {"patroller": who.code, "nth": nth}
        strange = [edge for edge in step.edges if not 0 <= edge < streets.size]
        if strange:
            return [told("leg_edge", **name, edge=strange[0])], into
        # What was done may have led through a street that was closed since.
        ways = [(begin, streets.walked([begin], step.edges, into, free=step.done)) for begin in sorted(here)]
        found = {(begin, end): cm for begin, ends in ways for end, cm in ends.items()}
        if not found:
            return [self._broken(streets, name, step, here, into)], into
        told_cm = step.leg_m * 100.0
        equal = [pair for pair, cm in found.items() if abs(cm - told_cm) <= CLOSE_CM + 1e-6]
        if not equal:
            found_m = min(found.values()) / 100.0
            return [told("leg_sum", **name, found_m=found_m, told_m=step.leg_m)], frozenset(end for _, end in found)
        extra_cm = min(told_cm - streets.shortest([begin], [end], told_cm) for begin, end in equal)
        faults = []
        if not step.done and extra_cm > CLOSE_CM + 1e-6:
            faults = [told("leg_detour", **name, extra_m=extra_cm / 100.0)]
        return faults, frozenset(end for _, end in equal)

    @staticmethod
    def _broken(streets: Streets, name: dict[str, object], step: Step, here: Places, into: Places) -> Fault:
        """A row of edges that is no way: it jumps, or it is barred."""
        if streets.walked(here, step.edges, into, free=True):
            barred = [
                edge for edge in step.edges
                if not (streets.passable(edge, reverse=False) and streets.passable(edge, reverse=True))
            ]  # fmt: skip
            return told("leg_barred", **name, street=streets.name((barred or step.edges)[0]))
        return told("leg_broken", **name, code=step.code or step.kind)


def _matches(step: Step, task: Task | None) -> bool:
    """Whether a step is of a kind that its task is of."""
    if task is None:
        return step.kind == "end" and not step.code
    return step.kind == ("lane" if isinstance(task, Lane) else "stop")

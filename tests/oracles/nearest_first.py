"""Rounds as somebody makes them who looks at a map: always on to the nearest that is still to be done.

Shares nothing with the planner but shortest ways. Everybody stays inside their own grids, minds skills, windows, breaks
and the end of the shift, and waits before a door for a quarter of an hour at most.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from gis_core.planning.plan import Dropped, Plan, Route, Step
from gis_core.planning.tasks import LANE_MPS, SPEEDS_MPS, Day, Lane, Patroller, Reason, Stop, Task
from gis_core.routing.matrices import Ways
from gis_core.routing.snapping import Spots

WAITS_S = 900


@dataclass
class _Walker:
    """Somebody on the way."""

    who: Patroller
    ways: Ways
    here: Spots
    when: int
    steps: list[Step] = field(default_factory=list)
    paused: int = 0
    back: bool = False

    def lasts(self, metres: float) -> int:
        return math.ceil(round(metres, 2) / SPEEDS_MPS[self.who.mover] - 1e-9)

    def takes(self, task: Task) -> int:
        if isinstance(task, Lane):
            return math.ceil(round(task.length_m, 2) / LANE_MPS[self.who.mover] - 1e-9)
        return task.service_s if isinstance(task, Stop) else 0

    @property
    def home(self) -> Spots:
        return self.ways.spots(np.array([self.who.end or self.who.start]))

    def still_s(self, when: int) -> int:
        """When one is through with all breaks that are still to come, or never."""
        for pause in self.who.breaks[self.paused :]:
            begin = max(when, pause.earliest_s)
            if begin > pause.latest_s:
                return 10**9
            when = begin + pause.length_s
        return when


def nearest_first(day: Day, ways: dict[str, Ways]) -> Plan:
    """The plan that comes of it; of who is free first, the first in the day's order goes on."""
    walkers = []
    for who in day.patrollers:
        spot = ways[who.mover].spots(np.array([who.start]))
        walkers.append(_Walker(who, ways[who.mover], spot, who.shift[0]))
    left = {task.code: (task, 2 if isinstance(task, Lane) and task.both_sides else 1) for task in day.tasks}
    while open_ := [walker for walker in walkers if not walker.back]:
        walker = min(open_, key=lambda one: one.when)
        if not _goes_on(day, walker, left):
            walker.back = True
    routes = tuple(_route(walker) for walker in walkers)
    done = {step.code for route in routes for step in route.steps if step.code}
    dropped = tuple(Dropped(code=task.code, reason=Reason("shift")) for task in day.tasks if task.code not in done)
    return Plan(routes=routes, dropped=dropped)


def _goes_on(day: Day, walker: _Walker, left: dict[str, tuple[Task, int]]) -> bool:
    """Go to the nearest that can be done in time; whether there is one."""
    if walker.paused < len(walker.who.breaks) and walker.when >= walker.who.breaks[walker.paused].earliest_s:
        _rest(walker)
    may = [(task, sides) for task, sides in left.values() if _may(day, task, walker.who)]
    into, out, told = _ends(walker, may)
    if told:
        metres = walker.ways.matrix(walker.here, into)[0]
        back = walker.ways.matrix(out, walker.home)[:, 0]
        for at in np.argsort(metres, kind="stable").tolist():
            task, sides, reverse = told[at]
            if np.isfinite(metres[at] + back[at]) and _does(walker, task, sides, reverse, metres[at], back[at]):
                del left[task.code]
                walker.here = out.take([at])
                return True
    if walker.paused < len(walker.who.breaks) and walker.steps:
        _rest(walker)
        return True
    return False


def _may(day: Day, task: Task, who: Patroller) -> bool:
    return task.skills <= who.skills and day.belongs(task.area, who.areas)


def _ends(walker: _Walker, tasks: list[tuple[Task, int]]) -> tuple[Spots, Spots, list[tuple[Task, int, bool]]]:
    """Where tasks begin and end: lanes from both ends; whose sides are walked for themselves from where they begin."""
    ways, told, into, out = walker.ways, [], [], []
    for task, sides in tasks:
        if isinstance(task, Stop):
            spot = ways.spots(np.array([(task.x, task.y)]))
            into, out, told = [*into, spot], [*out, spot], [*told, (task, 1, False)]
            continue
        assert isinstance(task, Lane)
        ends = [ways.on_edges(np.array([task.edge]), np.array([at_m])) for at_m in (0.0, task.length_m)]
        onward, back = (bool(free[ends[0].edge[0]]) for free in ways.free)
        if ends[0].at_m[0] > ends[1].at_m[0]:
            onward, back = back, onward
        for reverse, may in ((False, onward), (True, back)):
            if may and (sides == 1 or (onward and back)):
                first, last = ends[::-1] if reverse else ends
                into, out = [*into, first], [*out, last if sides == 1 else first]
                told.append((task, sides, reverse))
    nothing = ways.spots(np.zeros((0, 2)))
    return Spots.joined([nothing, *into]), Spots.joined([nothing, *out]), told


def _does(walker: _Walker, task: Task, sides: int, reverse: bool, metres: float, back: float) -> bool:
    """Do a task where it can be begun soon and one is back in time after it and all breaks; whether it was."""
    arrive = walker.when + walker.lasts(metres)
    begins = [max(arrive, begin) for begin, end in sorted(task.windows) or [(0, arrive)] if arrive <= end]
    if not begins or begins[0] > arrive + WAITS_S:
        return False
    takes, begin = walker.takes(task), begins[0]
    seconds = [begin + nth * takes for nth in range(sides)]
    if task.windows and any(not any(low <= one <= high for low, high in task.windows) for one in seconds):
        return False
    leave = begin + sides * takes
    if walker.still_s(leave) + walker.lasts(back) > walker.who.shift[1]:
        return False
    if not walker.steps:
        _start(walker)
    target = walker.ways.spots(np.array([(task.x, task.y)])) if isinstance(task, Stop) else None
    for nth, one in enumerate(seconds):
        backwards = reverse != bool(nth % 2)
        if isinstance(task, Lane):
            at_m = task.length_m if backwards else 0.0
            target = walker.ways.on_edges(np.array([task.edge]), np.array([at_m]))
        assert target is not None
        step = _leg(walker, target)
        kind = "lane" if isinstance(task, Lane) else "stop"
        walker.steps.append(
            Step(kind=kind, code=task.code, begin_s=one, leave_s=one + takes, reverse=backwards, **step)
        )
        walker.when = one + takes
        if isinstance(task, Lane):
            at_m = 0.0 if backwards else task.length_m
            walker.here = walker.ways.on_edges(np.array([task.edge]), np.array([at_m]))
    return True


def _start(walker: _Walker) -> None:
    walker.steps.append(Step(kind="start", arrive_s=walker.when, begin_s=walker.when, leave_s=walker.when))


def _leg(walker: _Walker, target: Spots) -> dict[str, object]:
    leg = walker.ways.paths(walker.here, target)[0]
    arrive = walker.when + walker.lasts(leg.length_m)
    return {"arrive_s": arrive, "leg_m": leg.length_m, "edges": tuple(int(edge) for edge in leg.edges)}


def _rest(walker: _Walker) -> None:
    """Take the next break as soon as may be."""
    pause = walker.who.breaks[walker.paused]
    if not walker.steps:
        _start(walker)
    begin = max(walker.when, pause.earliest_s)
    walker.steps.append(Step(kind="break", arrive_s=walker.when, begin_s=begin, leave_s=begin + pause.length_s))
    walker.when, walker.paused = begin + pause.length_s, walker.paused + 1


def _route(walker: _Walker) -> Route:
    if not any(step.code for step in walker.steps):
        when = walker.who.shift[0]
        steps = [Step(kind=kind, arrive_s=when, begin_s=when, leave_s=when) for kind in ("start", "end")]
        return Route(patroller=walker.who.code, steps=tuple(steps))
    step = _leg(walker, walker.home)
    arrive = walker.when + walker.lasts(float(str(step["leg_m"])))
    end = Step(kind="end", begin_s=arrive, leave_s=arrive, **step)  # type: ignore[arg-type]
    return Route(patroller=walker.who.code, steps=(*walker.steps, end))

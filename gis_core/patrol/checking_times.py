"""What the checker asks of the clock and of people: times, windows, breaks, shifts, skills and areas of a route."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gis_core.patrol.checking_ways import seconds_of
from gis_core.planning.plan import Route, Step
from gis_core.planning.tasks import LANE_MPS, SPEEDS_MPS, Day, Lane, Patroller, Stop, Task
from gis_core.texts import TEXTS


@dataclass(frozen=True)
class Fault:
    """Something that is wrong with a plan: the key of a text and what goes into it."""

    key: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)

    def text(self, locale: str) -> str:
        """Say what is wrong in ``locale`` (``"en"`` or ``"zh"``)."""
        return TEXTS.say(self.key, locale, **self.params)


def told(key: str, **params: Any) -> Fault:
    """A fault by its key without ``fault_``."""
    return Fault(f"fault_{key}", params)


def may_do(day: Day, task: Task, who: Patroller) -> bool:
    """Whether somebody has the skills for a task, and may be sent there."""
    return set(task.skills) <= set(who.skills) and (day.crossing or _within(day, task.area, who))


def _within(day: Day, area: str | None, who: Patroller) -> bool:
    """Whether a grid is one of somebody's, or below one of them."""
    seen: set[str] = set()
    while who.areas is not None and area not in who.areas:
        if area is None or area in seen:
            return False
        seen.add(area)
        area = day.above.get(area)
    return True


def service_s(task: Task, who: Patroller) -> int:
    """Seconds that a stop, or one walk along a lane, takes."""
    if isinstance(task, Lane):
        return seconds_of(task.length_m, LANE_MPS[who.mover])
    return task.service_s if isinstance(task, Stop) else 0


def times(day: Day, who: Patroller, route: Route, tasks: dict[str, Task]) -> Iterator[Fault]:
    """Everything about a route but where it leads."""
    steps = route.steps
    kinds = [step.kind for step in steps]
    if len(steps) < 2 or (kinds[0], kinds[-1]) != ("start", "end") or {"start", "end"} & set(kinds[1:-1]):
        yield told("ends", patroller=who.code)
        return
    for nth, step in enumerate(steps):
        here = {"patroller": who.code, "nth": nth}
        rests = step.kind in ("start", "end") and step.arrive_s != step.leave_s
        if rests or not step.arrive_s <= step.begin_s <= step.leave_s:
            yield told("clock", **here, arrive_s=step.arrive_s, begin_s=step.begin_s, leave_s=step.leave_s)
        if not 0.0 <= step.leg_m < float("inf"):
            yield told("number", **here, value=str(step.leg_m))
        elif nth:
            due_s = steps[nth - 1].leave_s + seconds_of(step.leg_m, SPEEDS_MPS[who.mover])
            if step.arrive_s < due_s:
                yield told("early", **here, early_s=due_s - step.arrive_s)
        if step.code in tasks and not step.done:
            yield from _task(day, who, step, tasks[step.code])
    begin_s, end_s = who.shift
    leave_s, arrive_s = steps[0].leave_s, max(steps[-1].arrive_s, steps[-1].leave_s)
    if leave_s < begin_s or arrive_s > end_s:
        yield told(
            "shift", patroller=who.code, leave_s=leave_s, arrive_s=arrive_s, begin_s=begin_s, end_s=end_s
        )  # fmt: skip
    yield from _breaks(who, steps)


def _task(day: Day, who: Patroller, step: Step, task: Task) -> Iterator[Fault]:
    """One task, unless it was done already: what is done is not undone by a rule."""
    here = {"patroller": who.code, "code": task.code}
    expected = service_s(task, who)
    if step.leave_s - step.begin_s != expected:
        yield told("service", **here, found_s=step.leave_s - step.begin_s, expected_s=expected)
    if task.windows and not any(begin <= step.begin_s <= end for begin, end in task.windows):
        yield told("window", **here, begin_s=step.begin_s)
    if lacking := sorted(set(task.skills) - set(who.skills)):
        yield told("skill", **here, skills=", ".join(lacking))
    if not day.crossing and not _within(day, task.area, who):
        yield told("area", **here, area=task.area)


def _breaks(who: Patroller, steps: tuple[Step, ...]) -> Iterator[Fault]:
    """Every break in its time, once; who has nothing to do needs none."""
    taken = [step for step in steps if step.kind == "break"]
    if len(taken) != len(who.breaks) and (taken or len(steps) > 2):
        yield told("breaks", patroller=who.code, found=len(taken), expected=len(who.breaks))
    for nth, (step, pause) in enumerate(zip(taken, who.breaks, strict=False), 1):
        length_s = step.leave_s - step.begin_s
        if not pause.earliest_s <= step.begin_s <= pause.latest_s or length_s != pause.length_s:
            yield told(
                "break", patroller=who.code, nth=nth, begin_s=step.begin_s, length_s=length_s,
                earliest_s=pause.earliest_s, latest_s=pause.latest_s, expected_s=pause.length_s,
            )  # fmt: skip

"""From where on a plan can still be changed: what was done stays, what is locked keeps its moment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from gis_core.errors import InvalidInput
from gis_core.planning.board import Board, Choice
from gis_core.planning.plan import Plan, Route, Step
from gis_core.planning.tasks import Break
from gis_core.planning.timing import Draft


def opened(board: Board, plan: Plan | None = None, now_s: int = 0) -> list[Draft]:
    """Of each patroller of the day what is still open.

    Parameters
    ----------
    board
        The day.
    plan
        What was planned before; without it everybody begins anew.
    now_s
        Steps that somebody is at, or on the way to, stay as they are.

    Raises
    ------
    InvalidInput
        When the plan has a step that the day does not know.
    """
    routes = {route.patroller: route for route in plan.routes} if plan else {}
    return [
        _opened(board, at, routes.get(who.code), now_s) if who.code in routes else _fresh(board, at, now_s)
        for at, who in enumerate(board.day.patrollers)
    ]


def _fresh(board: Board, who: int, now_s: int) -> Draft:
    told = board.day.patrollers[who]
    begin, end = told.shift
    gone = [pause for pause in told.breaks if pause.latest_s < now_s]
    past = _rested(begin, gone) if gone and now_s > begin else ()
    leave_s = max(now_s, past[-1].leave_s if past else begin)
    return Draft(board, who, board.start(who), leave_s, end, breaks=told.breaks[len(gone) if past else 0 :], past=past)


def _rested(begin_s: int, breaks: Sequence[Break]) -> tuple[Step, ...]:
    """The day so far of somebody who had nothing to do: breaks were taken where they begin."""
    steps = [Step(kind="start", arrive_s=begin_s, begin_s=begin_s, leave_s=begin_s)]
    for pause in breaks:
        arrive_s = steps[-1].leave_s
        from_s = max(arrive_s, pause.earliest_s)
        steps.append(Step(kind="break", arrive_s=arrive_s, begin_s=from_s, leave_s=from_s + pause.length_s))
    return tuple(steps)


def _opened(board: Board, who: int, route: Route | None, now_s: int) -> Draft:
    fresh = _fresh(board, who, now_s)
    if route is None:
        return fresh
    past = route.steps[: _fixed(route.steps, now_s)]
    choices = _choices(board, who, route.steps)
    gone = sum(bool(step.code) for step in past)
    _know(board, who, route.steps, choices)
    if not past:
        return fresh.having(choices)
    last = past[-1]
    place = choices[gone - 1].out if gone else board.start(who)
    paused = sum(step.kind == "break" for step in past)
    breaks = board.day.patrollers[who].breaks[paused:]
    return Draft(
        board, who, place, last.leave_s, fresh.until_s, tuple(choices[gone:]),
        () if last.kind == "end" else breaks, past,
    )  # fmt: skip


def _fixed(steps: Sequence[Step], now_s: int) -> int:
    """How many steps stay as they are: those done, and those that somebody has set out for."""
    last = max((at + 1 for at, step in enumerate(steps) if step.done), default=0)
    for at in range(1, len(steps)):
        if steps[at - 1].leave_s <= now_s and steps[at].arrive_s > steps[0].leave_s:
            last = max(last, at + 1)
    return last


def _choices(board: Board, who: int, steps: Sequence[Step]) -> list[Choice]:
    mover = board.day.patrollers[who].mover
    seen: Counter[str] = Counter()
    choices = []
    for step in steps:
        if not step.code:
            continue
        if step.code not in board.position:
            raise InvalidInput("plan_step", field="code", value=step.code)
        units = board.units(board.position[step.code], mover)
        found = [one for one in units[min(seen[step.code], len(units) - 1)] if one.reverse == step.reverse]
        if not found:
            raise InvalidInput("plan_step", field="code", value=step.code)
        seen[step.code] += 1
        choices.append(locked(found[0], step.begin_s) if step.locked else found[0])
    return choices


def locked(choice: Choice, begin_s: int) -> Choice:
    """The same, held to the moment it was planned for."""
    return replace(choice, windows=((begin_s, begin_s),), locked=True)


def _know(board: Board, who: int, steps: Sequence[Step], choices: Sequence[Choice]) -> None:
    """Take over the ways that the plan tells already."""
    mover = board.day.patrollers[who].mover
    places = [board.start(who), *(choice.out for choice in choices)]
    targets = [*(choice.into for choice in choices), board.end(who)]
    ways = [step for step in steps if step.code or step.kind == "end"]
    if choices:
        for place, target, step in zip(places, targets, ways, strict=True):
            board.know(mover, place, target, step.leg_m, step.edges)

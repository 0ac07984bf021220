"""A plan changed by hand or by what comes in during the day: as little as can be, with all times made anew.

What was done, and whatever somebody is at or on the way to at ``now_s``, stays. Every change gives a plan that keeps
all windows, breaks and shifts, with what it means for whom; or is refused, with what would be too late and by how much.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gis_core.errors import InvalidInput
from gis_core.planning.board import NEVER_S, Board, Choice, points
from gis_core.planning.changes import Adjusted, Open
from gis_core.planning.dropping import Asked
from gis_core.planning.placing import fits, placed
from gis_core.planning.plan import Dropped, Plan
from gis_core.planning.tasks import Day, Reason, Stop
from gis_core.planning.timing import Draft
from gis_core.routing.matrices import Ways


def insert_urgent(day: Day, plan: Plan, stop: Stop, ways: Mapping[str, Ways], now_s: int) -> Adjusted:
    """Put an urgent stop into a plan where it costs the least way; only one route changes.

    Where it fits nowhere, the least worthy tasks are left out that make room for it, none that must be done or is
    locked.

    Parameters
    ----------
    day
        The day of the plan; the stop is added to it unless it is there.
    plan
        What was planned.
    stop
        What came in.
    ways
        Of each mover that somebody is.
    now_s
        Seconds since midnight.

    Raises
    ------
    InvalidInput
        When nobody can do it, whatever is left out (``why``, and what it needs).
    """
    if stop.code not in {task.code for task in day.tasks}:
        day, plan = _with_stop(day, plan, stop)
    open_ = Open.of(day, plan, ways, now_s)
    board, task = open_.board, open_.board.position[stop.code]
    fitting = [at for at, draft in enumerate(open_.drafts) if fits(board, draft, task) and not draft.over]
    _look_around(board, [open_.drafts[at] for at in fitting], task)
    found = [(done.detour_s, at, done.draft) for at in fitting if (done := placed(open_.drafts[at], task))]
    if found:
        _, at, draft = min(found, key=lambda one: one[:2])
        return open_.done({at: draft})
    made = _room_by_one(open_, fitting, task) or _room_by_some(open_, fitting, task)
    if made is None:
        reason = Asked(board, open_.drafts).why(task).reason
        raise InvalidInput("plan_urgent", field="stop", value=stop.code, why=reason.key, **reason.params)
    at, draft = made
    return open_.done({at: draft}, _gone(open_.drafts[at], draft, Reason("dropped_urgent", {"urgent": stop.code})))


def reorder(
    day: Day, plan: Plan, patroller: str, codes: Sequence[str], ways: Mapping[str, Ways], now_s: int = 0
) -> Adjusted:
    """Let somebody do what is open in another order; ``codes`` names each as often as it is done, two sides of a lane
    twice.
    """
    open_ = Open.of(day, plan, ways, now_s)
    at = open_.who(patroller)
    draft = open_.drafts[at]
    there = [open_.board.tasks[choice.task].code for choice in draft.choices]
    if Counter(codes) != Counter(there):
        raise InvalidInput(
            "plan_order", field="codes", patroller=patroller, value=", ".join(codes), expected=", ".join(there)
        )
    left = list(draft.choices)
    order = [
        left.pop(next(nth for nth, one in enumerate(left) if one.task == open_.board.position[code])) for code in codes
    ]
    return open_.done({at: _turned(draft.having(order))})


def swap(day: Day, plan: Plan, code: str, other: str, ways: Mapping[str, Ways], now_s: int = 0) -> Adjusted:
    """Let two tasks change their places, on one route or on two."""
    open_ = Open.of(day, plan, ways, now_s)
    (holders, task), (others, other_task) = open_.holders(code), open_.holders(other)
    _refuse_unfit(open_, holders[0], other_task)
    _refuse_unfit(open_, others[0], task)
    changed = {at: _without(open_.drafts[at], {task, other_task}) for at in {*holders, *others}}
    for at in sorted({holders[0], others[0]}):
        choices: list[Choice] = []
        put: set[int] = set()
        for choice in open_.drafts[at].choices:
            comes = {task: other_task, other_task: task}.get(choice.task)
            if comes is None:
                choices.append(choice)
            elif comes not in put and at == (others if comes == task else holders)[0]:
                put.add(comes)
                choices += [unit[0] for unit in _units(open_, at, comes)[: _sides(open_, comes)]]
        changed[at] = _turned(open_.drafts[at].having(choices))
    return open_.done(changed)


def move(
    day: Day, plan: Plan, code: str, patroller: str, ways: Mapping[str, Ways], now_s: int = 0, place: int | None = None
) -> Adjusted:
    """Give a task, also one that was left out, to somebody.

    Parameters
    ----------
    day, plan, ways, now_s
        As elsewhere.
    code, patroller
        What goes to whom.
    place
        Before which of the tasks that are open there, from 0; None: where it costs the least way.
    """
    open_ = Open.of(day, plan, ways, now_s)
    at = open_.who(patroller)
    changed: dict[int, Draft] = {}
    if code in {one.code for one in plan.dropped}:
        task = open_.board.position[code]
        sides = open_.board.sides(task)
    else:
        givers, task = open_.holders(code)
        sides = _sides(open_, task)
        changed = {giver: _without(open_.drafts[giver], {task}) for giver in givers}
    _refuse_unfit(open_, at, task)
    draft = changed.get(at, open_.drafts[at])
    if place is None and (done := placed(draft, task, sides=sides)):
        return open_.done({**changed, at: done.draft})
    units = _units(open_, at, task)[:sides]
    place = _nearest(draft, units[0]) if place is None else min(max(place, 0), len(draft.choices))
    choices = [*draft.choices[:place], *(unit[0] for unit in units), *draft.choices[place:]]
    return open_.done({**changed, at: _turned(draft.having(choices))})


def remove(day: Day, plan: Plan, code: str, ways: Mapping[str, Ways], now_s: int = 0) -> Adjusted:
    """Leave a task out."""
    open_ = Open.of(day, plan, ways, now_s)
    holders, task = open_.holders(code)
    if _sides(open_, task) < open_.board.sides(task):
        raise InvalidInput("plan_begun", field="code", value=code)
    changed = {at: _without(open_.drafts[at], {task}) for at in holders}
    return open_.done(changed, [Dropped(code=code, reason=Reason("dropped_by_hand"))])


def lock(plan: Plan, code: str) -> Plan:
    """Hold a task to who has it and to the moment it is planned for, whatever else is changed.

    Raises
    ------
    InvalidInput
        When it is on no route.
    """
    return _locking(plan, code, locked=True)


def unlock(plan: Plan, code: str) -> Plan:
    """Let a task be moved again."""
    return _locking(plan, code, locked=False)


def _locking(plan: Plan, code: str, *, locked: bool) -> Plan:
    if code not in plan.done or not code:
        raise InvalidInput("plan_task", field="code", value=code)
    routes = tuple(
        replace(route, steps=tuple(replace(s, locked=locked) if s.code == code else s for s in route.steps))
        for route in plan.routes
    )
    return replace(plan, routes=routes)


def _with_stop(day: Day, plan: Plan, stop: Stop) -> tuple[Day, Plan]:
    """A day with one stop more; until it is on a route it is left out."""
    left = Dropped(code=stop.code, reason=Reason("dropped_shift"))
    return replace(day, stops=(*day.stops, stop)), replace(plan, dropped=(*plan.dropped, left))


def _look_around(board: Board, drafts: Iterable[Draft], task: int) -> None:
    """Ask at once for the ways between a stop and all places from which one could turn aside to it."""
    for mover in sorted({draft.mover for draft in drafts}):
        own = [draft for draft in drafts if draft.mover == mover]
        around = [draft.around(gap) for draft in own for gap in range(len(draft.choices) + 1)]
        stop = [choice.into for unit in board.units(task, mover) for choice in unit]
        board.fill(mover, [place for place, _ in around], stop)
        board.fill(mover, stop, [target for _, target in around])


def _room_by_one(open_: Open, fitting: Iterable[int], task: int) -> tuple[int, Draft] | None:
    """A draft that takes a task in place of the least worthy one that makes room."""
    free = sorted((points(open_.board.tasks[one]), at, one) for at in fitting for one in _free(open_, at))
    for _, at, one in free:
        if done := placed(_without(open_.drafts[at], {one}), task):
            return at, done.draft
    return None


def _room_by_some(open_: Open, fitting: Iterable[int], task: int) -> tuple[int, Draft] | None:
    """A draft that takes a task in place of several: the least worthy go until it fits, then return if they can."""
    best: tuple[float, int, Draft] | None = None
    for at in fitting:
        draft, worth = open_.drafts[at], {one: points(open_.board.tasks[one]) for one in _free(open_, at)}
        gone: list[int] = []
        done = None
        for one in sorted(worth, key=lambda one: (worth[one], one)):
            gone.append(one)
            if done := placed(_without(draft, set(gone)), task):
                break
        if done is None:
            continue
        for one in sorted(gone, key=lambda one: (-worth[one], one)):
            if again := placed(_without(draft, set(gone) - {one}), task):
                gone.remove(one)
                done = again
        cost = (sum(worth[one] for one in gone), at)
        if best is None or cost < best[:2]:
            best = (*cost, done.draft)
    return best and best[1:]


def _free(open_: Open, at: int) -> set[int]:
    """Tasks of a draft that may be left out."""
    held = Counter(choice.task for choice in open_.drafts[at].choices if not choice.locked)
    return {
        task
        for task, count in held.items()
        if count == open_.board.sides(task) and not open_.board.tasks[task].must
    }  # fmt: skip


def _sides(open_: Open, task: int) -> int:
    """How many sides of a task are still to be walked."""
    return sum(choice.task == task for draft in open_.drafts for choice in draft.choices)


def _without(draft: Draft, tasks: set[int]) -> Draft:
    return draft.having([choice for choice in draft.choices if choice.task not in tasks])


def _gone(before: Draft, after: Draft, reason: Reason) -> list[Dropped]:
    """What is on one draft and not on another, with why."""
    gone = {choice.task for choice in before.choices} - {choice.task for choice in after.choices}
    codes = [before.board.tasks[task].code for task in sorted(gone)]
    return [Dropped(code=code, reason=reason, needs=reason.params) for code in codes]


def _units(open_: Open, at: int, task: int) -> tuple[tuple[Choice, ...], ...]:
    """Parts of a task for a patroller, refused where they cannot pass it."""
    units = open_.board.units(task, open_.drafts[at].mover)
    if not all(units):
        raise InvalidInput("plan_step", field="code", value=open_.board.tasks[task].code)
    return units


def _refuse_unfit(open_: Open, at: int, task: int) -> None:
    """Refuse a task for who lacks a skill or may not go there."""
    told, who = open_.board.tasks[task], open_.board.day.patrollers[at]
    if not fits(open_.board, open_.drafts[at], task):
        lacking = ", ".join(sorted(told.skills - who.skills)) or str(told.area)
        raise InvalidInput("plan_unfit", field="patroller", value=told.code, patroller=who.code, lacking=lacking)


def _nearest(draft: Draft, ways: Sequence[Choice]) -> int:
    """The gap with the least detour, whether anything fits there or not."""
    return min(int(draft.taking(choice)[0].argmin()) for choice in ways)


def _turned(draft: Draft) -> Draft:
    """Lanes walked the other way round where that is less way."""
    for at, choice in enumerate(draft.choices):
        ways = draft.board.units(choice.task, draft.mover)[choice.unit]
        if len(ways) < 2 or choice.locked:
            continue
        drafts = [draft.having([*draft.choices[:at], one, *draft.choices[at + 1 :]]) for one in ways]
        draft = min(drafts, key=lambda one: (one.back_s >= NEVER_S, sum(one.legs[at : at + 2])))
    return draft

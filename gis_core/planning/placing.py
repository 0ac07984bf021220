"""Where a task is cheapest to put in: tried for real, with all windows, breaks and the end of the shift."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gis_core.planning.board import ALWAYS, POINT_S, Board, Choice, points
from gis_core.planning.timing import Draft


class Placed(NamedTuple):
    """A draft with a task put in, and how many seconds of way that costs."""

    detour_s: int
    draft: Draft


def gaps(draft: Draft, ways: Sequence[Choice]) -> list[tuple[int, int, Choice]]:
    """Where one thing more fits in, in one of some ways: detour, gap and way, the least detour first."""
    found = []
    for nth, choice in enumerate(ways):
        detour_s, fits_in = draft.taking(choice)
        found += [(int(detour_s[gap]), gap, nth) for gap in np.flatnonzero(fits_in).tolist()]
    return [(detour_s, gap, ways[nth]) for detour_s, gap, nth in sorted(found)]


def placed(draft: Draft, task: int, *, any_time: bool = False, sides: int | None = None) -> Placed | None:
    """A draft with a task where the detour is least, both sides of a lane if they are walked for themselves.

    Parameters
    ----------
    draft
        What is done already.
    task
        Position of the task.
    any_time
        Whether its windows are left out of account.
    sides
        How many sides are still to be walked; None: all.
    """
    total_s = 0
    for unit in draft.board.units(task, draft.mover)[:sides]:
        ways = [replace(choice, windows=ALWAYS) for choice in unit] if any_time else unit
        found = gaps(draft, ways)
        if not found:
            return None
        detour_s, gap, choice = found[0]
        total_s += detour_s
        draft = draft.with_one(gap, choice)
    return Placed(total_s, draft) if draft.board.units(task, draft.mover) else None


def able(board: Board, draft: Draft, task: int) -> bool:
    """Whether a patroller may do a task and, with nothing else but what their draft holds, can."""
    who = board.day.patrollers[draft.who]
    return board.day.fits(board.tasks[task], who) and placed(draft, task) is not None


def missing(board: Board, drafts: Iterable[Draft]) -> list[int]:
    """Tasks that are on no draft, the worthiest first."""
    there = {choice.task for draft in drafts for choice in draft.choices}
    there |= {board.position[step.code] for draft in drafts for step in draft.past if step.code}
    out = [task for task in range(len(board.tasks)) if task not in there]
    return sorted(out, key=lambda task: (-points(board.tasks[task]), task))


def pays(board: Board, task: int, detour_s: int) -> bool:
    """Whether a task is worth a detour."""
    return board.tasks[task].must or points(board.tasks[task]) * POINT_S > detour_s


def filled(board: Board, drafts: Sequence[Draft], tasks: Iterable[int] | None = None) -> list[Draft]:
    """Drafts with whatever still fits in and is worth its way, the worthiest first; of some tasks, or of all."""
    drafts, before, asked = list(drafts), -1, None if tasks is None else set(tasks)
    # What did not pay may pay once a neighbour of it is visited.
    while before != (before := len(left := [one for one in missing(board, drafts) if asked is None or one in asked])):
        for task in left:
            fitting = [at for at, draft in enumerate(drafts) if fits(board, draft, task)]
            found = [(done.detour_s, at, done.draft) for at in fitting if (done := placed(drafts[at], task))]
            if found:
                detour_s, at, draft = min(found, key=lambda one: one[:2])
                if pays(board, task, detour_s):
                    drafts[at] = draft
    return drafts


def fits(board: Board, draft: Draft, task: int) -> bool:
    """Whether a patroller has the skills and the area of a task."""
    return board.day.fits(board.tasks[task], board.day.patrollers[draft.who])


def mended(draft: Draft) -> Draft:
    """A draft without the least worthy that have to go for it to fit."""
    tasks = draft.board.tasks
    while not draft.fits and (free := [choice.task for choice in draft.choices if not choice.locked]):
        least = min(free, key=lambda task: (points(tasks[task]), task))
        draft = draft.having([choice for choice in draft.choices if choice.task != least])
    return draft


def whole(board: Board, drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts without lanes of which one side is walked and the other is not; two may share the sides of one."""
    sides = Counter(choice.task for draft in drafts for choice in draft.choices)
    sides.update(board.position[step.code] for draft in drafts for step in draft.past if step.code)
    half = {task for task, count in sides.items() if count < board.sides(task)}
    return [draft.having([one for one in draft.choices if one.locked or one.task not in half]) for draft in drafts]

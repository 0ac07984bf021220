"""Why a task is left out, and what would bring it in: tried on the finished plan, not guessed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np

from gis_core.planning.board import NEVER_S, POINT_S, Board
from gis_core.planning.placing import able, fits, gaps, missing, placed
from gis_core.planning.plan import Dropped
from gis_core.planning.tasks import DAY_S, Reason
from gis_core.planning.timing import Draft

TRIED = 4
"""Of the gaps in which a task fits when the shift is longer, the cheapest of which the end is compared."""


def dropped(board: Board, drafts: Sequence[Draft]) -> tuple[Dropped, ...]:
    """Everything that is on no draft, in the order of the day's tasks."""
    return tuple(why(board, drafts, task) for task in sorted(missing(board, drafts)))


def why(board: Board, drafts: Sequence[Draft], task: int) -> Dropped:
    """Why a task is left out, and what would bring it in.

    Returns
    -------
    dropped
        ``dropped_nobody`` needs ``skill`` (a tuple) or ``area``; ``dropped_unreachable`` tells the ``way`` as
        :meth:`gis_core.routing.matrices.Ways.why` does; ``dropped_window`` a ``window`` in which ``patroller`` could
        begin; ``dropped_shift`` by how many seconds (``extra_s``) the shift of ``patroller`` is too short;
        ``dropped_prize`` the detour of ``patroller`` (``extra_s``) and what it would have to be worth (``points``).
    """
    fitting = [draft for draft in drafts if fits(board, draft, task)]
    if not fitting:
        return _told(board, task, "nobody", _lacking(board, task))
    reaching = [draft for draft in fitting if _reaches(board, draft, task)]
    if not reaching:
        return _told(board, task, "unreachable", _apart(board, fitting[0], task))
    there = [draft for draft in reaching if not draft.over]
    alone = [draft for draft in there if able(board, _held(draft), task)]
    if found := _least((done.detour_s, draft) for draft in alone if (done := placed(draft, task))):
        detour_s, patroller = found
        worth = math.ceil(detour_s / POINT_S)
        return _told(board, task, "prize", {"patroller": patroller, "extra_s": detour_s, "points": worth})
    return _too_late(board, task, alone or [_held(draft) for draft in there])


def _too_late(board: Board, task: int, drafts: Sequence[Draft]) -> Dropped:
    """A task that does not fit in: by its windows, if it would without them, else by the ends of the shifts."""
    if board.tasks[task].windows:
        for draft in drafts:
            if done := placed(draft, task, any_time=True):
                begin_s = next(step.begin_s for step in done.draft.steps() if step.code == board.tasks[task].code)
                needs = {"patroller": _code(board, draft), "window": (begin_s, begin_s)}
                return _told(board, task, "window", needs)
    for any_time in (False, True):
        if found := _least((_extra_s(draft, task, any_time), draft) for draft in drafts):
            return _told(board, task, "shift", {"patroller": found[1], "extra_s": found[0]})
    return _told(board, task, "shift", {})


def _extra_s(draft: Draft, task: int, any_time: bool) -> int:
    """By how much a shift is too short for one task more."""
    longer = draft.until(draft.until_s + DAY_S)
    units = draft.board.units(task, draft.mover)
    if any_time or len(units) > 1:
        done = placed(longer, task, any_time=any_time)
        return done.draft.back_s - draft.until_s if done else NEVER_S
    tried = (
        longer.having([*longer.choices[:gap], choice, *longer.choices[gap:]]).back_s
        for _, gap, choice in islice(gaps(longer, units[0]), TRIED)
    )
    return min(tried, default=NEVER_S) - draft.until_s


def _least(found: Iterable[tuple[int, Draft]]) -> tuple[int, str] | None:
    """The least seconds, and whose; of the same the first."""
    least = min(((seconds, draft.who, draft) for seconds, draft in found), key=lambda one: one[:2], default=None)
    return None if least is None or least[0] >= DAY_S else (least[0], _code(least[2].board, least[2]))


def _held(draft: Draft) -> Draft:
    """A draft with nothing on it but what is locked."""
    return draft.having([choice for choice in draft.choices if choice.locked])


def _code(board: Board, draft: Draft) -> str:
    return board.day.patrollers[draft.who].code


def _told(board: Board, task: int, key: str, needs: Mapping[str, object]) -> Dropped:
    return Dropped(code=board.tasks[task].code, reason=Reason(f"dropped_{key}", needs), needs=needs)


def _lacking(board: Board, task: int) -> dict[str, object]:
    """What the one lacks who lacks least: skills, or the area."""
    told, best = board.tasks[task], None
    for at, who in enumerate(board.day.patrollers):
        outside = not (board.day.crossing or board.day.belongs(told.area, who.areas))
        skills = tuple(sorted(told.skills - who.skills))
        if best is None or (len(skills) + outside, at) < best[:2]:
            best = (len(skills) + outside, at, skills, outside)
    if best is None:
        return {}
    needs: dict[str, object] = {"patroller": board.day.patrollers[best[1]].code}
    return needs | ({"skill": best[2]} if best[2] else {}) | ({"area": told.area} if best[3] else {})


def _reaches(board: Board, draft: Draft, task: int) -> bool:
    """Whether there is a way to a task and from there to the end."""
    units = board.units(task, draft.mover)
    return all(
        any(
            board.leg_s(draft.mover, draft.place, one.into) < NEVER_S
            and board.leg_s(draft.mover, one.out, board.end(draft.who)) < NEVER_S
            for one in unit
        )
        for unit in units
    )


def _apart(board: Board, draft: Draft, task: int) -> dict[str, object]:
    """Why there is no way to a task."""
    ways, spots = board.ways[draft.mover], board.spots[draft.mover]
    for unit in board.units(task, draft.mover):
        for one in unit:
            for source, target in ((draft.place, one.into), (one.out, board.end(draft.who))):
                reason = ways.why(spots.take(np.array([source])), spots.take(np.array([target])))
                if reason is not None:
                    return {"way": reason.key, **reason.params}
    return {"way": "way_closed"}

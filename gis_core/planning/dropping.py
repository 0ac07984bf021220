"""Why a task is left out, and what would bring it in: tried on the finished plan, not guessed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gis_core.planning.board import NEVER_S, POINT_S, Board
from gis_core.planning.placing import able, fits, gaps, missing, placed
from gis_core.planning.plan import Dropped
from gis_core.planning.tasks import DAY_S, Reason
from gis_core.planning.timing import Draft

TRIED = 6
"""Of the gaps in which a task fits when shifts are longer, those for which the end of the shift is found out."""


def dropped(board: Board, drafts: Sequence[Draft]) -> tuple[Dropped, ...]:
    """Everything that is on no draft, in the order of the day's tasks."""
    asked = Asked(board, tuple(drafts))
    return tuple(asked.why(task) for task in sorted(missing(board, drafts)))


@dataclass(frozen=True)
class Asked:
    """A finished plan that is asked why tasks are not on it."""

    board: Board
    drafts: tuple[Draft, ...]

    @cached_property
    def held(self) -> tuple[Draft, ...]:
        """The drafts with nothing on them but what is locked."""
        return tuple(draft.having([one for one in draft.choices if one.locked]) for draft in self.drafts)

    @cached_property
    def longer(self) -> Mapping[int, Draft]:
        """All drafts with shifts that end a day later."""
        return {id(draft): draft.until(draft.until_s + DAY_S) for draft in (*self.drafts, *self.held)}

    def why(self, task: int) -> Dropped:
        """Why a task is left out, and what would bring it in.

        Returns
        -------
        dropped
            ``dropped_nobody`` needs ``skill`` (a tuple) or ``area``; ``dropped_unreachable`` tells the ``way`` as
            :meth:`gis_core.routing.matrices.Ways.why` does; ``dropped_window`` a ``window`` in which ``patroller``
            could begin; ``dropped_shift`` by how many seconds (``extra_s``) the shift of ``patroller`` is too short;
            ``dropped_prize`` the detour of ``patroller`` (``extra_s``) and what it would have to be worth (``points``).
        """
        board = self.board
        fitting = [at for at, draft in enumerate(self.drafts) if fits(board, draft, task)]
        if not fitting:
            return _told(board, task, "nobody", _lacking(board, task))
        reaching = [at for at in fitting if _reaches(board, self.drafts[at], task)]
        if not reaching:
            return _told(board, task, "unreachable", _apart(board, self.drafts[fitting[0]], task))
        there = [at for at in reaching if not self.drafts[at].over]
        alone = [self.drafts[at] for at in there if able(board, self.held[at], task)]
        if found := _least((done.detour_s, draft) for draft in alone if (done := placed(draft, task))):
            detour_s, patroller = found
            worth = math.ceil(detour_s / POINT_S)
            return _told(board, task, "prize", {"patroller": patroller, "extra_s": detour_s, "points": worth})
        return self._too_late(task, alone or [self.held[at] for at in there])

    def _too_late(self, task: int, drafts: Sequence[Draft]) -> Dropped:
        """A task that does not fit in: by its windows, if it would without them, else by the ends of the shifts."""
        board, told = self.board, self.board.tasks[task]
        for draft in drafts if told.windows else ():
            if done := placed(draft, task, any_time=True):
                begin_s = next(step.begin_s for step in done.draft.steps() if step.code == told.code)
                needs = {"patroller": _code(board, draft), "window": (begin_s, begin_s)}
                return _told(board, task, "window", needs)
        for any_time in (False, True):
            if found := _least(self._extra_s(task, drafts, any_time)):
                return _told(board, task, "shift", {"patroller": found[1], "extra_s": found[0]})
        return _told(board, task, "shift", {})

    def _extra_s(self, task: int, drafts: Sequence[Draft], any_time: bool) -> list[tuple[int, Draft]]:
        """By how much shifts are too short for one task more, the shortest that seem so."""
        found = []
        for draft in drafts:
            longer, units = self.longer[id(draft)], self.board.units(task, draft.mover)
            if any_time or len(units) > 1:
                done = placed(longer, task, any_time=any_time)
                found += [(done.draft.back_s - draft.until_s, draft.who, -1, done.draft, draft)] if done else []
            else:
                spare_s = draft.until_s - draft.back_s
                found += [
                    (detour_s - spare_s, draft.who, gap, longer.with_one(gap, choice), draft)
                    for detour_s, gap, choice in gaps(longer, units[0])[:TRIED]
                ]
        found.sort(key=lambda one: one[:3])
        return [(done.back_s - draft.until_s, draft) for *_, done, draft in found[:TRIED]]


def _least(found: Iterable[tuple[int, Draft]]) -> tuple[int, str] | None:
    """The least seconds, and whose; of the same the first."""
    least = min(((seconds, draft.who, draft) for seconds, draft in found), key=lambda one: one[:2], default=None)
    return None if least is None or least[0] >= DAY_S else (least[0], _code(least[2].board, least[2]))


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

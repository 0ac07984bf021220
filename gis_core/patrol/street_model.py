"""A part of a day as an arc problem: everybody moves alike there, and no task has windows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gis_core.arrays import Bools, Ints
from gis_core.planning.board import NEVER_S, Board, Choice, points
from gis_core.planning.timing import Draft
from gis_core.routing.arcs import FAR, ArcProblem

WAY_S = 60
"""What the way to a task takes on a day with much to do, about: what is worth most for its time is done first."""


@dataclass(frozen=True, eq=False)
class Streets:
    """Patrollers with nothing to do yet, and what may be given to them. All numbers are seconds.

    Parameters
    ----------
    board
        The day, with all ways of the mover known.
    drafts
        The patrollers.
    tasks
        Positions of tasks, each of which somebody may do.
    """

    board: Board
    drafts: Sequence[Draft]
    tasks: Sequence[int]

    @property
    def mover(self) -> str:
        """How all get on."""
        return self.drafts[0].mover

    @cached_property
    def units(self) -> list[tuple[Choice, ...]]:
        """What is one task of the arc problem: a stop, a lane, or one side of a lane."""
        return [unit for task in self.tasks for unit in self.board.units(task, self.mover)]

    @cached_property
    def choices(self) -> list[Choice]:
        """By arc what it stands for."""
        return [choice for unit in self.units for choice in unit]

    @cached_property
    def shift_s(self) -> Ints:
        """By patroller how long they are there."""
        return np.array([draft.until_s - draft.leave_s for draft in self.drafts], np.int64)

    @cached_property
    def pause_s(self) -> Ints:
        """By patroller how long their breaks are."""
        return np.array([sum(pause.length_s for pause in draft.breaks) for draft in self.drafts], np.int64)

    @cached_property
    def _nodes(self) -> tuple[Ints, Ints]:
        """The node of each point (-1: none), and the way from node to node. Points at one crossing are one node, so
        that bounds see what meets there.
        """
        ends = [point for draft in self.drafts for point in (draft.place, self.board.end(draft.who))]
        used = np.unique([*ends, *(point for choice in self.choices for point in (choice.into, choice.out))])
        apart = self.board.seconds(self.mover)[np.ix_(used, used)]
        first = ((apart == 0) & (apart.T == 0)).argmax(axis=1)
        kept, node = np.unique(first, return_inverse=True)
        of_point = np.full(self.board.points, -1, np.int64)
        of_point[used] = node
        ways = apart[np.ix_(kept, kept)]
        return of_point, np.where(ways >= NEVER_S, FAR, ways)

    def problem(self) -> ArcProblem:
        """The problem. Breaks are on the way out of a start of their own."""
        bare = self.bare()
        size, routes = len(bare.ways), len(self.drafts)
        start = size + np.arange(routes)
        ways = np.full((size + routes, size + routes), FAR)
        ways[:size, :size] = bare.ways
        ways[size:, :size] = np.minimum(bare.ways[bare.start] + self.pause_s[:, None], FAR)
        ways[start, start] = 0
        parts = [len(self.board.units(task, self.mover)) for task in self.tasks]
        may = np.repeat(may_do(self.board, self.drafts, self.tasks), parts, axis=0)
        alike = len(np.unique(bare.start)) == 1 and len(np.unique(self.pause_s)) == 1
        return replace(
            bare, ways=ways, start=np.full(routes, size) if alike else start, limit=self.shift_s, allowed=may
        )

    def bare(self) -> ArcProblem:
        """The same without breaks, and without limits and rules that longer shifts or other rules would change."""
        node, ways = self._nodes
        into, out = (np.array([getattr(one, name) for one in self.choices], np.int64) for name in ("into", "out"))
        of_unit = np.repeat(np.arange(len(self.units)), [len(unit) for unit in self.units])
        return ArcProblem(
            ways=ways, task=of_unit, tail=node[into], head=node[out], cost=self.service_s,
            start=node[[draft.place for draft in self.drafts]],
            end=node[[self.board.end(draft.who) for draft in self.drafts]],
            routes=len(self.drafts),
        )  # fmt: skip

    @cached_property
    def service_s(self) -> Ints:
        """By arc how long it takes to be done."""
        return np.array([self.board.service_s(choice, self.mover) for choice in self.choices], np.int64)

    def meaning(self, tours: Sequence[Sequence[int]]) -> list[Draft]:
        """The patrollers with what arcs by route stand for."""
        pairs = zip(self.drafts, tours, strict=True)
        return [draft.having([self.choices[arc] for arc in arcs]) for draft, arcs in pairs]

    def arcs(self, drafts: Sequence[Draft]) -> list[list[int]]:
        """The other way round."""
        known = {choice: arc for arc, choice in enumerate(self.choices)}
        return [[known[choice] for choice in draft.choices] for draft in drafts]


def alone_s(board: Board, drafts: Sequence[Draft], tasks: Sequence[int]) -> Ints:
    """Seconds of each task (row) there and back, for each patroller (column) who does nothing else; at least
    :data:`NEVER_S` where there is no way.
    """
    mover = drafts[0].mover
    seconds = board.seconds(mover)
    start, end = [draft.place for draft in drafts], [board.end(draft.who) for draft in drafts]
    found = np.full((len(tasks), len(drafts)), NEVER_S)
    for row, task in enumerate(tasks):
        units = board.units(task, mover)
        ways = [seconds[start, one.into] + seconds[one.out, end] for one in units[0]]
        if ways:
            found[row] = np.min(ways, axis=0) + board.service_s(units[0][0], mover) * len(units)
    return found


def may_do(board: Board, drafts: Sequence[Draft], tasks: Sequence[int]) -> Bools:
    """Whether each task (row) may be done by each patroller (column), and fits into a shift with nothing else."""
    crew = Streets(board, drafts, ())
    people = [board.day.patrollers[draft.who] for draft in drafts]
    fits = np.array([[board.day.fits(board.tasks[task], who) for who in people] for task in tasks], bool)
    return fits.reshape(len(tasks), len(drafts)) & (alone_s(board, drafts, tasks) <= crew.shift_s - crew.pause_s)


def worthiest(board: Board, drafts: Sequence[Draft], tasks: Sequence[int]) -> list[int]:
    """Tasks that must be done first, then by what they are worth for the time that they take; of equals the nearest to
    somebody's start.
    """
    mover = drafts[0].mover
    away_s = dict(zip(tasks, alone_s(board, drafts, tasks).min(axis=1).tolist(), strict=True)) if tasks else {}

    def worth(task: int) -> tuple[bool, float, int, int]:
        takes_s = sum(board.service_s(unit[0], mover) for unit in board.units(task, mover))
        return not board.tasks[task].must, -points(board.tasks[task]) / (takes_s + WAY_S), away_s[task], task

    return sorted(tasks, key=worth)

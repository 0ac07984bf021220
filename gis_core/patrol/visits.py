"""The day's planner: who goes where in which order, and what is left out and why."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_core.arrays import Bools
from gis_core.patrol.visit_balance import balanced, least_s
from gis_core.patrol.visit_model import Model
from gis_core.patrol.visit_search import Search
from gis_core.planning.board import Board
from gis_core.planning.openings import opened
from gis_core.planning.placing import able, filled, mended, missing, whole
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Day
from gis_core.planning.telling import refuse, refuse_many
from gis_core.planning.timing import Draft
from gis_core.planning.writing import written
from gis_core.routing.matrices import Ways

TURN = 50
"""Iterations of one part of the day before the next has its turn."""
Tell = Callable[[int, int | None], None]


def quiet(done: int, total: int | None) -> None:
    """Nobody is told how far it is."""


class Part(NamedTuple):
    """Patrollers and tasks that have nothing to do with others: which drafts, which tasks, and who may do what."""

    drafts: tuple[int, ...]
    tasks: tuple[int, ...]
    may: Bools


def plan_visits(
    day: Day, ways: Mapping[str, Ways], *, seconds: float | None = None, before: Plan | None = None, now_s: int = 0,
    tell: Tell = quiet,
) -> Plan:  # fmt: skip
    """Plan a day.

    Parameters
    ----------
    day
        What is to be done and by whom. ``day.iterations`` are searched through for each part of the day that has
        nothing to do with the others.
    ways
        Of each mover that somebody is.
    seconds
        Search no longer than that; the plan tells the iterations that it came to.
    before
        A plan of the same day: what was done, and whatever somebody is at ``now_s``, stays; what is locked stays with
        who has it, and at its moment.
    now_s
        Seconds since midnight; nothing is planned for earlier.
    tell
        Told the iterations that are done, and of how many where that is known; what it raises ends the search.

    Returns
    -------
    plan
        The same, digit for digit, of the same day, ways and iterations.

    Raises
    ------
    InvalidInput
        What :func:`gis_core.planning.telling.refuse` and ``refuse_many`` refuse.
    """
    refuse(day)
    refuse_many(day)
    board = Board(day, ways)
    for mover in ways:
        board.fill(mover, range(board.points), range(board.points))
    drafts = _kept(board, opened(board, before, now_s))
    parts = parts_of(board, drafts)
    models = [Model(board, [drafts[at] for at in part.drafts], part.tasks, part.may) for part in parts]
    searches = [_begun(model, day.seed) for model in models]
    iterations = _search(searches, day.iterations, seconds, tell)
    drafts = filled(board, whole(board, _taken(parts, models, searches, drafts)))
    bound = {}
    if day.balance:
        drafts = _balanced(parts, models, drafts, day.seed, iterations)
        bound = {"longest_s": float(_bound_s(board, parts, drafts))}
    return written(board, drafts, seed=day.seed, iterations=iterations, bound=bound)


def _taken(
    parts: Sequence[Part], models: Sequence[Model], searches: Sequence[Search], drafts: Sequence[Draft]
) -> list[Draft]:
    """Drafts with the rounds that were found for each part."""
    made = list(drafts)
    for part, model, search in zip(parts, models, searches, strict=True):
        # Where what is held leaves too little room for a detour to rest, what fits in without one is taken.
        for kind, clients in search.rounds() if search.found else ():
            at = part.drafts[kind]
            made[at] = made[at].having(model.meaning(clients))
    return [mended(draft) for draft in made]


def _balanced(
    parts: Sequence[Part], models: Sequence[Model], drafts: Sequence[Draft], seed: int, iterations: int
) -> list[Draft]:
    """Drafts with loads as equal as can be, part by part."""
    made = list(drafts)
    for part, model in zip(parts, models, strict=True):
        for at, draft in zip(
            part.drafts, balanced(model, [made[at] for at in part.drafts], seed, iterations), strict=True
        ):
            made[at] = draft
    return made


def _bound_s(board: Board, parts: Sequence[Part], drafts: Sequence[Draft]) -> int:
    """What the longest round cannot be shorter than, of what was given to each part."""
    bound_s = 0
    for part in parts:
        own = [drafts[at] for at in part.drafts]
        tasks = sorted({choice.task for draft in own for choice in draft.choices})
        bound_s = max(bound_s, least_s(board, own, tasks) if tasks else 0)
    return bound_s


def parts_of(board: Board, drafts: Sequence[Draft]) -> list[Part]:
    """The day in parts that have nothing to do with each other; tasks that nobody can do are in none."""
    everyone = range(len(drafts))
    open_ = missing(board, drafts)
    may = np.array([[able(board, drafts[at], task) for at in everyone] for task in sorted(open_)], bool)
    may = may.reshape(len(open_), len(drafts))
    tasks = np.array(sorted(open_), np.int64)
    row, column = np.nonzero(may)
    size = len(drafts) + len(tasks)
    ones = coo_array((np.ones(len(row), np.int8), (column, row + len(drafts))), (size, size))
    count, of = connected_components(ones, directed=False)
    parts = []
    for part in range(count):
        who, rows = np.flatnonzero(of[: len(drafts)] == part), np.flatnonzero(of[len(drafts) :] == part)
        if len(who) and len(rows):
            parts.append(Part(tuple(who.tolist()), tuple(tasks[rows].tolist()), may[np.ix_(rows, who)]))
    return parts


def _kept(board: Board, drafts: Sequence[Draft]) -> list[Draft]:
    """What stays with who has it: what is locked, and the other side of a lane of which one was walked."""
    begun = {board.position[step.code] for draft in drafts for step in draft.past if step.code}
    return [draft.having([one for one in draft.choices if one.locked or one.task in begun]) for draft in drafts]


def _begun(model: Model, seed: int) -> Search:
    """A search that begins with what fits in, the worthiest first."""
    data = model.data()
    return Search(data, seed, model.start(data, filled(model.board, model.drafts, model.tasks)))


def _search(searches: Sequence[Search], iterations: int, seconds: float | None, tell: Tell) -> int:
    """Search through all parts in turn; how many iterations each had."""
    from pyvrp.stop import MaxRuntime

    over = MaxRuntime(seconds) if seconds is not None else None
    done = 0
    while done < iterations and searches and not (over and over(0)):
        turn = min(TURN, iterations - done)
        for search in searches:
            search.run(turn)
        done += turn
        tell(done, None if over else iterations)
    return done

"""Loads as equal as can be: the longest round is made shorter, from one that is known to one a little shorter.

PyVRP knows no such aim. What is asked of it is whether rounds of at most so long can be found for what is to be done,
beginning with the rounds at hand; with each that is found the limit is set lower, with each that is not less is asked.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gis_core.patrol.visit_model import Model
from gis_core.patrol.visit_search import Search
from gis_core.planning.board import NEVER_S, Board
from gis_core.planning.timing import Draft

LEAST_STEP_S = 30
"""Rounds are not made equal to the second."""
TRIES = 4
"""A limit is given up when so much of what may be searched is spent on it: a fourth."""


def balanced(model: Model, drafts: Sequence[Draft], seed: int, iterations: int) -> list[Draft]:
    """Drafts of the same tasks with the longest as short as ``iterations`` of search make it.

    Parameters
    ----------
    model
        The part of the day.
    drafts
        Its patrollers with what they were given.
    seed
        Of the search.
    iterations
        How many may be spent.
    """
    tasks = sorted({choice.task for draft in drafts for choice in draft.choices} - _held(model))
    rows = [model.tasks.index(task) for task in tasks]
    model = replace(model, tasks=tasks, may=model.may[rows], required=True)
    drafts = [replace(draft, late=True) for draft in drafts]
    limit_s = longest_s(drafts)
    step_s, left = limit_s // 8, iterations
    while left > 0 and step_s >= LEAST_STEP_S and tasks:
        data = model.data(most_s=limit_s - step_s)
        search = Search(data, seed, model.start(data, drafts, whole=True))
        search.run(min(left, math.ceil(iterations / TRIES)), until_found=True)
        left -= max(search.iterations, 1)
        made = _taken(model, drafts, search) if search.found else drafts
        if longest_s(made) < limit_s:
            drafts, limit_s = made, longest_s(made)
        else:
            step_s //= 2
    return drafts


def _held(model: Model) -> set[int]:
    """Tasks that stay with who has them."""
    return {choice.task for draft in model.drafts for choice in draft.choices}


def longest_s(drafts: Sequence[Draft]) -> int:
    """How long the longest round lasts."""
    return max((draft.lasts_s for draft in drafts), default=0)


def _taken(model: Model, drafts: Sequence[Draft], search: Search) -> list[Draft]:
    made = [replace(draft, late=True) for draft in model.drafts]
    for kind, clients in search.rounds():
        made[kind] = made[kind].having(model.meaning(clients))
    counts = [sum(len(draft.choices) for draft in some) for some in (made, drafts)]
    same = counts[0] == counts[1] and all(draft.fits for draft in made)
    return made if same else list(drafts)


def least_s(board: Board, drafts: Sequence[Draft], tasks: Sequence[int]) -> int:
    """What the longest round cannot be shorter than: the work shared out evenly, or the farthest task there and back.

    To each part of a task leads a way, of which the shortest from anywhere is counted, and for each who goes out the
    shortest way to an end.
    """
    movers = sorted({draft.mover for draft in drafts})
    places = [draft.place for draft in drafts]
    outs = [one.out for task in tasks for mover in movers for unit in board.units(task, mover) for one in unit]
    work_s, far_s = 0, 0
    for task in tasks:
        alone = []
        for mover in movers:
            seconds = board.seconds(mover)
            sources = np.array([*places, *outs])
            units = board.units(task, mover)
            parts = [
                min(
                    int(seconds[sources[sources != one.out], one.into].min()) + board.service_s(one, mover)
                    for one in unit
                )
                for unit in units
                if unit
            ]
            alone.append(sum(parts) if len(parts) == len(units) else NEVER_S)
        work_s += min(alone)
        far_s = max(far_s, min(_there_and_back_s(board, draft, task) for draft in drafts))
    return max(math.ceil(work_s / len(drafts)), far_s if far_s < NEVER_S else 0)


def _there_and_back_s(board: Board, draft: Draft, task: int) -> int:
    """Seconds to a task and on to the end, with all parts of it done."""
    units = board.units(task, draft.mover)
    if not units or not all(units):
        return NEVER_S
    done_s = sum(min(board.service_s(one, draft.mover) for one in unit) for unit in units)
    there_s = min(board.leg_s(draft.mover, draft.place, one.into) for unit in units for one in unit)
    back_s = min(board.leg_s(draft.mover, one.out, board.end(draft.who)) for unit in units for one in unit)
    return there_s + done_s + back_s

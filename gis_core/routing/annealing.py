"""The search as a whole: steps that make plans better, and at first also worse, with weights that find themselves."""

import math

from gis_core.joins.compiled import compiled
from gis_core.routing.renewing import Habits, Work, arrange, drawn, put_back, tear_out, undo
from gis_core.routing.tours import Ground, copy_row, repriced

STEADY = 200
"""Steps between two looks at how often plans have been sound."""
OFTEN, SELDOM = 0.6, 0.3
"""Shares of sound plans above which what is wrong becomes cheaper, and below which it becomes dearer."""
CHEAPEST, DEAREST = 1e-3, 10.0
"""Weights stay between."""


@compiled
def anneal(
    ground: Ground, work: Work, habits: Habits, hot: float, cold: float, first: int, last: int, whole: int, evenly: bool
) -> None:
    """Take steps ``first`` to ``last`` of ``whole``, the temperature falling from ``hot`` to ``cold`` over the whole.

    ``evenly``: the longest route counts, then the sum; every plan that is better lowers the limit of all routes.
    """
    now = repriced(ground, work.rows, work.weigh)
    falling = (cold / hot) ** (1.0 / whole)
    temperature = hot * falling**first
    light, short = 0, 0
    for step in range(first, last):
        temperature *= falling
        work.touched[:] = 0
        count = tear_out(ground, work, habits)
        arrange(ground, work, count)
        put_back(ground, work, habits, count)
        then = work.rows.price.sum()
        if then < now - temperature * math.log(1.0 - drawn(work.random)):
            now = then
            if keep_if_best(ground, work, evenly) and evenly:
                now = repriced(ground, work.rows, work.weigh)
        else:
            undo(work)
        loads, lengths = too_much(ground, work)
        light += loads == 0
        short += lengths == 0
        if step % STEADY == STEADY - 1:
            work.weigh[0] = weighed(work.weigh[0], light / STEADY)
            work.weigh[1] = weighed(work.weigh[1], short / STEADY)
            light, short = 0, 0
            now = repriced(ground, work.rows, work.weigh)


@compiled
def weighed(weight: float, sound: float) -> float:
    """A weight after a share of plans was sound."""
    if sound > OFTEN:
        return max(weight / 1.1, CHEAPEST)
    return min(weight * 1.1, DEAREST) if sound < SELDOM else weight


@compiled
def too_much(ground: Ground, work: Work) -> tuple[int, int]:
    """Load and length beyond what routes hold and may be."""
    loads, lengths, rows = 0, 0, work.rows
    for r in range(len(rows.size)):
        loads += max(0, rows.load[r] - ground.room[r])
        lengths += max(0, rows.length[r] - ground.sought[r])
    return loads, lengths


@compiled
def keep_if_best(ground: Ground, work: Work, evenly: bool) -> bool:
    """Keep the plan if it is sound and better than the best so far."""
    rows = work.rows
    longest, total = rows.length.max(), rows.length.sum()
    better = total < work.score[1]
    if evenly:
        better = longest < work.score[0] or (longest == work.score[0] and better)
    for r in range(len(rows.size)):
        better = better and rows.load[r] <= ground.room[r] and rows.length[r] <= ground.limit[r]
    if better:
        work.score[0], work.score[1] = longest, total
        for r in range(len(rows.size)):
            copy_row(rows, work.best, r)
            if evenly:
                ground.sought[r] = min(ground.limit[r], longest - 1)
                work.weigh[2] = 1.0 / max(1, longest)
    return better

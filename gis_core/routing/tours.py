"""Routes as rows of tasks whose directions are open: each row knows its shortest way whatever the directions.

A task can be passed in one of two directions. A row holds, for every place on it and both directions there, the
shortest way from its beginning so far and from there to its end, so that what a change comes to *with the best
directions everywhere* is read off in a few steps.
"""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.joins.compiled import Int32s, compiled

FREE = np.int64(1) << 60
"""A limit that limits nothing."""


class Ground(NamedTuple):
    """What stays the same during a search. Task ``t`` passed in direction ``o`` is arc ``2 * t + o``; a task that has
    one direction has it twice, and so have beginnings and ends of routes, which are tasks after all others.

    Parameters
    ----------
    ways, back
        Shortest way from node to node, and the same transposed.
    tail, head, serve
        By arc: from which node to which, and what passing it takes.
    demand
        By task: what counts against ``room``.
    near
        For each task all tasks, itself first and then the nearest.
    far
        By task: how far it is from the nearest beginning of a route.
    start, end, room, limit
        By route: tasks it begins and ends with, what it holds, and how long it may be.
    sought
        By route: how long it should be for the plan to be better than the best so far, no more than ``limit``.
    allowed
        Whether a task (row) may be on a route (column).
    alike
        Whether all routes may do the same, so that one empty route stands for all.
    """

    ways: Int32s
    back: Int32s
    tail: Int32s
    head: Int32s
    serve: Ints
    demand: Ints
    near: Int32s
    far: Ints
    start: Ints
    end: Ints
    room: Ints
    limit: Ints
    sought: Ints
    allowed: Bools
    alike: bool


class Rows(NamedTuple):
    """Routes as they are.

    Parameters
    ----------
    tasks
        By route and place: place 0 is the beginning, the one after the last task the end.
    ahead, behind
        By route, place and direction: the shortest way up to there with the task itself, and from there on with it.
    size, load, length
        By route: tasks, demand, and how long the shortest way is.
    price
        By route: its length and what is wrong with it, weighed.
    route, place
        By task: where it is; route -1: nowhere.
    """

    tasks: Int32s
    ahead: Ints
    behind: Ints
    size: Ints
    load: Ints
    length: Ints
    price: Floats
    route: Ints
    place: Ints


def empty_rows(ground: Ground) -> Rows:
    """Routes without tasks, not yet :func:`settle`-d."""
    routes, tasks = len(ground.start), len(ground.demand)
    rows = Rows(
        np.zeros((routes, tasks + 2), np.int32),
        np.zeros((routes, tasks + 2, 2), np.int64),
        np.zeros((routes, tasks + 2, 2), np.int64),
        np.zeros(routes, np.int64),
        np.zeros(routes, np.int64),
        np.zeros(routes, np.int64),
        np.zeros(routes, np.float64),
        np.full(tasks, -1, np.int64),
        np.zeros(tasks, np.int64),
    )
    rows.tasks[:, 0] = ground.start
    rows.tasks[:, 1] = ground.end
    return rows


@compiled
def steep(length: float, per_longest: float) -> float:
    """A length, or (``per_longest`` not zero) what it is worth where only the longest route counts: its 16th power,
    scaled so that a route as long as the longest is worth its length.
    """
    if per_longest == 0.0:
        return length
    share = length * per_longest
    for _ in range(4):
        share *= share
    return share / per_longest


@compiled
def priced(ground: Ground, r: int, length: int, load: int, weigh: Floats) -> float:
    """What a route of this length and load comes to; ``weigh`` as :class:`gis_core.routing.renewing.Work` has it."""
    price = steep(length, weigh[2])
    if load > ground.room[r]:
        price += weigh[0] * (load - ground.room[r])
    if length > ground.sought[r]:
        price += weigh[1] * (length - ground.sought[r])
    return price


@compiled
def settle(ground: Ground, rows: Rows, r: int, left: int, right: int, weigh: Floats) -> None:
    """Compute a route anew whose places from ``left`` to ``right`` have changed, its load being right already."""
    back, ways, head, tail, serve = ground.back, ground.ways, ground.head, ground.tail, ground.serve
    size = rows.size[r]
    for i in range(left, size + 2):
        before, arc = 2 * rows.tasks[r, i - 1], 2 * rows.tasks[r, i]
        for o in range(2):
            at = tail[arc + o]
            rows.ahead[r, i, o] = serve[arc + o] + min(
                rows.ahead[r, i - 1, 0] + back[at, head[before]], rows.ahead[r, i - 1, 1] + back[at, head[before + 1]]
            )
        if i <= size:
            rows.route[arc // 2], rows.place[arc // 2] = r, i
    for i in range(right, -1, -1):
        arc, after = 2 * rows.tasks[r, i], 2 * rows.tasks[r, i + 1]
        for o in range(2):
            at = head[arc + o]
            rows.behind[r, i, o] = serve[arc + o] + min(
                ways[at, tail[after]] + rows.behind[r, i + 1, 0],
                ways[at, tail[after + 1]] + rows.behind[r, i + 1, 1],
            )
    rows.length[r] = rows.ahead[r, size + 1, 0]
    rows.price[r] = priced(ground, r, rows.length[r], rows.load[r], weigh)


@compiled
def repriced(ground: Ground, rows: Rows, weigh: Floats) -> float:
    """All prices anew after other weights, and their sum."""
    for r in range(len(rows.size)):
        rows.price[r] = priced(ground, r, rows.length[r], rows.load[r], weigh)
    return rows.price.sum()


@compiled
def copy_row(source: Rows, target: Rows, r: int) -> None:
    """The same route in another set of routes, but for where its tasks say they are."""
    for i in range(source.size[r] + 2):
        target.tasks[r, i] = source.tasks[r, i]
        for o in range(2):
            target.ahead[r, i, o] = source.ahead[r, i, o]
            target.behind[r, i, o] = source.behind[r, i, o]
    target.size[r], target.load[r] = source.size[r], source.load[r]
    target.length[r], target.price[r] = source.length[r], source.price[r]


@compiled
def put(ground: Ground, rows: Rows, t: int, r: int, i: int, weigh: Floats) -> None:
    """A task into a route after place ``i``."""
    for j in range(rows.size[r] + 1, i, -1):
        rows.tasks[r, j + 1] = rows.tasks[r, j]
        rows.behind[r, j + 1, 0], rows.behind[r, j + 1, 1] = rows.behind[r, j, 0], rows.behind[r, j, 1]
    rows.tasks[r, i + 1] = t
    rows.size[r] += 1
    rows.load[r] += ground.demand[t]
    settle(ground, rows, r, i + 1, i + 1, weigh)


@compiled
def directed(ground: Ground, rows: Rows, r: int) -> Ints:
    """The arcs of a route on its shortest way; of two ways of the same length the first direction."""
    size = rows.size[r]
    arcs = np.empty(size, np.int64)
    node = ground.head[2 * ground.start[r]]
    for i in range(1, size + 1):
        arc = 2 * rows.tasks[r, i]
        one = ground.ways[node, ground.tail[arc]] + rows.behind[r, i, 0]
        other = ground.ways[node, ground.tail[arc + 1]] + rows.behind[r, i, 1]
        arcs[i - 1] = arc if one <= other else arc + 1
        node = ground.head[arcs[i - 1]]
    return arcs

"""Routes as rows of tasks whose directions are open: each row knows its shortest way whatever the directions.

A task can be passed in one of two directions. A row holds, for every place on it and both directions there, the
shortest way from its beginning so far and from there to its end, so that what a change comes to *with the best
directions everywhere* is read off in a few steps.
"""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.joins.compiled import Int32s, compiled


class Ground(NamedTuple):
    """What stays the same during a search. Task ``t`` passed in direction ``o`` is row ``2 * t + o``; beginnings and
    ends of routes are tasks too, with two equal directions.

    Parameters
    ----------
    ways, back
        From the end of one row to the beginning of another, and the same transposed.
    serve
        What passing a row itself takes.
    demand
        By task, a row of numbers each: what counts against ``room``.
    near
        For each task all others, the nearest first.
    far
        How far from the nearest beginning each task is.
    start, end, room, limit
        By route: tasks it begins and ends with, what it holds, and how long it may be.
    allowed
        Whether a task (row) may be on a route (column).
    alike
        Whether all routes may do the same, so that one empty route stands for all.
    """

    ways: Int32s
    back: Int32s
    serve: Ints
    demand: Ints
    near: Int32s
    far: Ints
    start: Ints
    end: Ints
    room: Ints
    limit: Ints
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
    """Routes without tasks, not yet :func:`refresh`-ed."""
    routes, tasks = len(ground.start), len(ground.demand)
    return Rows(
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


@compiled
def priced(ground: Ground, r: int, length: float, load: int, weigh: Floats) -> float:
    """What a route of this length and load comes to: what is too much is weighed by ``weigh`` (load, length)."""
    price = float(length)
    if load > ground.room[r]:
        price += weigh[0] * (load - ground.room[r])
    if length > ground.limit[r]:
        price += weigh[1] * (length - ground.limit[r])
    return price


@compiled
def refresh(ground: Ground, rows: Rows, r: int, weigh: Floats) -> None:
    """Compute a route anew from its tasks."""
    tasks, ahead, behind, ways, serve = rows.tasks[r], rows.ahead[r], rows.behind[r], ground.ways, ground.serve
    size = rows.size[r]
    tasks[0], tasks[size + 1] = ground.start[r], ground.end[r]
    ahead[0, :] = 0
    load = 0
    for i in range(1, size + 2):
        before, row = 2 * tasks[i - 1], 2 * tasks[i]
        for o in range(2):
            ahead[i, o] = serve[row + o] + min(
                ahead[i - 1, 0] + ground.back[row + o, before], ahead[i - 1, 1] + ground.back[row + o, before + 1]
            )
        if i <= size:
            rows.route[tasks[i]], rows.place[tasks[i]] = r, i
            load += ground.demand[tasks[i]]
    behind[size + 1, :] = 0
    for i in range(size, -1, -1):
        row, after = 2 * tasks[i], 2 * tasks[i + 1]
        for o in range(2):
            behind[i, o] = serve[row + o] + min(
                ways[row + o, after] + behind[i + 1, 0], ways[row + o, after + 1] + behind[i + 1, 1]
            )
    rows.load[r] = load
    rows.length[r] = ahead[size + 1, 0]
    rows.price[r] = priced(ground, r, rows.length[r], load, weigh)


@compiled
def repriced(ground: Ground, rows: Rows, weigh: Floats) -> float:
    """All prices anew after other weights, and their sum."""
    for r in range(len(rows.size)):
        rows.price[r] = priced(ground, r, rows.length[r], rows.load[r], weigh)
    return rows.price.sum()


@compiled
def copy_row(source: Rows, target: Rows, r: int) -> None:
    """The same route in another set of routes, but for where its tasks say they are."""
    stop = source.size[r] + 2
    target.tasks[r, :stop] = source.tasks[r, :stop]
    target.ahead[r, :stop] = source.ahead[r, :stop]
    target.behind[r, :stop] = source.behind[r, :stop]
    target.size[r], target.load[r] = source.size[r], source.load[r]
    target.length[r], target.price[r] = source.length[r], source.price[r]


@compiled
def put(rows: Rows, t: int, r: int, i: int) -> None:
    """A task into a route after place ``i``; :func:`refresh` is to follow."""
    for j in range(rows.size[r], i, -1):
        rows.tasks[r, j + 1] = rows.tasks[r, j]
    rows.tasks[r, i + 1] = t
    rows.size[r] += 1


@compiled
def shortest_with(ground: Ground, rows: Rows, t: int, r: int, i: int) -> int:
    """How long a route is with a task after place ``i``."""
    before, after = 2 * rows.tasks[r, i], 2 * rows.tasks[r, i + 1]
    ahead, behind = rows.ahead[r], rows.behind[r]
    row = 2 * t
    one = (
        ground.serve[row]
        + min(ahead[i, 0] + ground.back[row, before], ahead[i, 1] + ground.back[row, before + 1])
        + min(ground.ways[row, after] + behind[i + 1, 0], ground.ways[row, after + 1] + behind[i + 1, 1])
    )
    row += 1
    other = (
        ground.serve[row]
        + min(ahead[i, 0] + ground.back[row, before], ahead[i, 1] + ground.back[row, before + 1])
        + min(ground.ways[row, after] + behind[i + 1, 0], ground.ways[row, after + 1] + behind[i + 1, 1])
    )
    return min(one, other)


@compiled
def directed(ground: Ground, rows: Rows, r: int) -> Ints:
    """The rows (task and direction) of a route on its shortest way; between equal ones the first direction."""
    size = rows.size[r]
    taken = np.empty(size, np.int64)
    before = 2 * ground.start[r]
    for i in range(1, size + 1):
        row = 2 * rows.tasks[r, i]
        one = ground.ways[before, row] + rows.behind[r, i, 0]
        other = ground.ways[before, row + 1] + rows.behind[r, i, 1]
        before = row if one <= other else row + 1
        taken[i - 1] = before
    return taken

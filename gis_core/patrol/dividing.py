"""A day in parts that are planned each for itself: people have grids of their own, there is too much for one search, or
some walk and others drive.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_core.arrays import Floats
from gis_core.patrol.network import StreetNetwork
from gis_core.planning.tasks import LANE_MPS, Day, Lane, Patroller, Stop, Task

MOST_TASKS = 1_500
"""More than that are divided by grid before anybody searches."""
CELL_M = 500.0
"""What lies in no grid is divided by squares of this side."""


class Division(NamedTuple):
    """A part of a day.

    Parameters
    ----------
    day
        Its patrollers and tasks; the rest as it was.
    family
        Divisions of one family were divided so that they can be planned; others have nothing to do with each other.
    """

    day: Day
    family: int


class Bin(NamedTuple):
    """Patrollers who move alike and are to be planned together, and metres that they can inspect in their shifts."""

    people: tuple[Patroller, ...]
    metres: float


def divided(day: Day, network: StreetNetwork, most_tasks: int = MOST_TASKS) -> tuple[list[Division], list[Task]]:
    """Divide a day.

    Parameters
    ----------
    day
        What is to be done and by whom.
    network
        The streets that its lanes are edges of.
    most_tasks
        How many tasks a part should have at most; it has more where there are not enough people for more parts.

    Returns
    -------
    divisions
        In each all move alike. Grids are whole in one, if somebody there may do all that lies in them; how much each
        has follows the shifts of its people.
    nobodys
        Tasks that nobody may do.
    """
    tasks, people = day.tasks, day.patrollers
    families, nobodys = _families(day)
    divisions = []
    for family, (rows, who) in enumerate(families):
        own, crew = [tasks[row] for row in rows], [people[at] for at in who]
        bins = _bins(crew, len(own), most_tasks)
        for some, part in zip(_shared(day, own, bins, network), bins, strict=True):
            divisions.append(Division(_part(day, some, part.people), family))
    return divisions, [tasks[row] for row in nobodys]


def _part(day: Day, tasks: Iterable[Task], people: Sequence[Patroller]) -> Day:
    """The day with some of its tasks and people, in its order."""
    codes, names = {task.code for task in tasks}, {who.code for who in people}
    return replace(
        day,
        stops=tuple(stop for stop in day.stops if stop.code in codes),
        lanes=tuple(lane for lane in day.lanes if lane.code in codes),
        patrollers=tuple(who for who in day.patrollers if who.code in names),
    )


def _families(day: Day) -> tuple[list[tuple[list[int], list[int]]], list[int]]:
    """Tasks and people, by position, that have nothing to do with others; and the tasks of nobody."""
    kinds: dict[tuple[str | None, frozenset[str]], list[int]] = {}
    row, column = [], []
    for at, task in enumerate(day.tasks):
        key = (task.area, task.skills)
        if key not in kinds:
            kinds[key] = [nth for nth, who in enumerate(day.patrollers) if day.fits(task, who)]
        row += [at] * len(kinds[key])
        column += kinds[key]
    size, count = len(day.tasks), len(day.patrollers)
    joined = coo_array((np.ones(len(row), np.int8), (row, np.array(column, np.int64) + size)), (size + count,) * 2)
    _, of = connected_components(joined, directed=False)
    members: dict[int, tuple[list[int], list[int]]] = {int(one): ([], []) for one in of[size:]}
    nobodys = []
    for at, one in enumerate(of[:size].tolist()):
        if one in members:
            members[one][0].append(at)
        else:
            nobodys.append(at)
    for at, one in enumerate(of[size:].tolist()):
        members[one][1].append(at)
    return list(members.values()), nobodys


def _bins(crew: Sequence[Patroller], tasks: int, most_tasks: int) -> list[Bin]:
    """People in as many parts as are needed, those who begin near to each other together."""
    movers = sorted({who.mover for who in crew})
    every = sum(_metres(who) for who in crew)
    bins = []
    for mover in movers:
        own = [who for who in crew if who.mover == mover]
        share = sum(_metres(who) for who in own) / every
        parts = max(1, min(len(own), math.ceil(tasks * share / most_tasks - 1e-9)))
        start = np.array([who.start for who in own])
        along = start[:, int(np.argmax(np.ptp(start, axis=0)))]
        order = np.argsort(along, kind="stable")
        for some in np.array_split(order, parts):
            people = tuple(own[at] for at in sorted(some.tolist()))
            bins.append(Bin(people, sum(_metres(who) for who in people)))
    return bins


def _metres(who: Patroller) -> float:
    """Metres of lane that fit into a shift."""
    begin, end = who.shift
    return LANE_MPS[who.mover] * max(1, end - begin - sum(pause.length_s for pause in who.breaks))


def _shared(day: Day, tasks: Sequence[Task], bins: Sequence[Bin], network: StreetNetwork) -> list[list[Task]]:
    """The tasks of each bin."""
    if len(bins) == 1:
        return [list(tasks)]
    xy = np.array([_xy(task, network) for task in tasks])
    weight = np.array([_weight(task) for task in tasks])
    cells: dict[str, list[int]] = {}
    for at, task in enumerate(tasks):
        square = "{:.0f}:{:.0f}".format(*(xy[at] // CELL_M))
        cells.setdefault(task.area or square, []).append(at)
    names = sorted(cells)
    middle = np.array([xy[cells[name]].mean(axis=0) for name in names])
    heavy = np.array([weight[cells[name]].sum() for name in names])
    found: list[list[Task]] = [[] for _ in bins]
    for nth, of_bin in _cut(list(range(len(names))), list(range(len(bins))), middle, heavy, bins):
        for at in cells[names[nth]]:
            found[_who_may(day, tasks[at], bins, of_bin)].append(tasks[at])
    return found


def _xy(task: Task, network: StreetNetwork) -> tuple[float, float]:
    """Where a task lies."""
    if isinstance(task, Lane):
        x, y = (network.node_xy[network.u[task.edge]] + network.node_xy[network.v[task.edge]]) / 2.0
        return float(x), float(y)
    assert isinstance(task, Stop)
    return task.x, task.y


def _weight(task: Task) -> float:
    """Metres of lane, or what could be walked of one while a stop takes."""
    if isinstance(task, Lane):
        return task.length_m * (1 + task.both_sides)
    assert isinstance(task, Stop)
    return task.service_s * LANE_MPS["walking"]


def _cut(
    cells: list[int], parts: list[int], middle: Floats, heavy: Floats, bins: Sequence[Bin]
) -> list[tuple[int, int]]:
    """Cells with the bin of each: cut across the longer side of where they lie, again and again."""
    if len(parts) == 1 or not cells:
        return [(cell, parts[0]) for cell in cells]
    here = middle[cells]
    axis = int(np.argmax(np.ptp(here, axis=0)))
    start = [float(np.mean([who.start[axis] for who in bins[part].people])) for part in parts]
    parts = [parts[nth] for nth in np.argsort(start, kind="stable")]
    cells = [cells[nth] for nth in np.argsort(here[:, axis], kind="stable")]
    half = len(parts) // 2
    share = sum(bins[part].metres for part in parts[:half]) / sum(bins[part].metres for part in parts)
    reached = np.concatenate([[0.0], np.cumsum(heavy[cells])])
    at = int(np.argmin(np.abs(reached - share * reached[-1])))
    first, last = (cells[:at], parts[:half]), (cells[at:], parts[half:])
    return [pair for some, own in (first, last) for pair in _cut(some, own, middle, heavy, bins)]


def _who_may(day: Day, task: Task, bins: Sequence[Bin], of_bin: int) -> int:
    """The bin of a task: that of its cell, or the first in which somebody may do it."""
    for nth in (of_bin, *range(len(bins))):
        if any(day.fits(task, who) for who in bins[nth].people):
            return nth
    return of_bin

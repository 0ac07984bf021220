"""One step of the search: strings of near tasks are torn out of routes and put back one by one.

After Christiaens and Vanden Berghe, "Slack induction by string removals for vehicle routing problems", Transportation
Science 54(2), 2020; here tasks have open directions and are put back beside near ones, and too much load or length is
weighed instead of forbidden.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import compiled
from gis_core.routing.tours import FREE, Ground, Rows, copy_row, empty_rows, put, settle, steep

Random = NDArray[np.uint64]


class Habits(NamedTuple):
    """How the search goes about it.

    Parameters
    ----------
    torn, string
        Tasks taken out at a time on average, and at most from one route.
    spared
        How often a string leaves out one task more in its middle.
    blink
        How often a place for a task is overlooked.
    nearest
        Tasks are put back beside so many of the nearest, if their routes have room.
    """

    torn: float = 10.0
    string: float = 10.0
    spared: float = 0.01
    blink: float = 0.01
    nearest: int = 30


class Work(NamedTuple):
    """What changes during a search.

    Parameters
    ----------
    rows, kept, best
        The routes, those touched as they were before, and the best so far.
    touched
        By route, whether it is kept.
    out
        Tasks taken out.
    gaps
        Places to be looked at, as route and the place before.
    score
        Longest route and sum of all of ``best``.
    random
        State of the generator of random numbers.
    weigh
        What a unit of load too much costs, and of length; and zero or, where only the longest route counts, one by the
        longest so far (:func:`gis_core.routing.tours.steep`).
    """

    rows: Rows
    kept: Rows
    best: Rows
    touched: Ints
    out: Ints
    gaps: Ints
    score: Ints
    random: Random
    weigh: Floats


@compiled
def drawn(random: Random) -> float:
    """A number from 0 to below 1 (xorshift64*, Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * 1.1102230246251565e-16


@compiled
def tear_out(ground: Ground, work: Work, habits: Habits) -> int:
    """Take strings of tasks out of routes near to each other; how many tasks are in ``out`` then."""
    rows, random = work.rows, work.random
    tasks = len(ground.demand)
    longest = min(habits.string, tasks / max(1, int(np.count_nonzero(rows.size))))
    strings = int(1 + drawn(random) * max(1.0, 4 * habits.torn / (1 + longest) - 1))
    first = int(drawn(random) * tasks)
    count = 0
    for j in range(tasks):
        t = ground.near[first, j]
        r = rows.route[t]
        if r < 0 or work.touched[r]:
            continue
        copy_row(rows, work.kept, r)
        work.touched[r] = 1
        length = int(1 + drawn(random) * min(rows.size[r], longest))
        count = _string_out(ground, work, habits, r, rows.place[t], min(length, rows.size[r]), count)
        strings -= 1
        if strings == 0:
            break
    return count


@compiled
def _string_out(ground: Ground, work: Work, habits: Habits, r: int, place: int, length: int, count: int) -> int:
    """Take ``length`` tasks around a place out of a route, or with some in between that stay."""
    rows, random, size = work.rows, work.random, work.rows.size[r]
    spared, skip = 0, length
    if 1 < length < size and drawn(random) < 0.5:
        spared = 1
        while length + spared < size and drawn(random) < habits.spared:
            spared += 1
        skip = int(1 + drawn(random) * (length - 1))
    lowest = max(1, place - (length + spared) + 1)
    highest = min(place, size - (length + spared) + 1)
    begin = lowest + int(drawn(random) * (highest - lowest + 1))
    to = begin
    for i in range(begin, size + 2):
        passed = i - begin
        if passed < length + spared and not skip <= passed < skip + spared:
            t = rows.tasks[r, i]
            work.out[count] = t
            rows.route[t] = -1
            rows.load[r] -= ground.demand[t]
            count += 1
        else:
            rows.tasks[r, to] = rows.tasks[r, i]
            rows.behind[r, to, 0], rows.behind[r, to, 1] = rows.behind[r, i, 0], rows.behind[r, i, 1]
            to += 1
    rows.size[r] = to - 2
    settle(ground, rows, r, begin, min(begin + skip + spared, to - 1) - 1, work.weigh)
    return count


@compiled
def arrange(ground: Ground, work: Work, count: int) -> None:
    """An order to put tasks back in: by chance, the largest, the farthest or the nearest first."""
    keys, out = np.empty(count), work.out
    choice = drawn(work.random) * 11
    for j in range(count):
        if choice < 4:
            keys[j] = drawn(work.random)
        elif choice < 8:
            keys[j] = -ground.demand[out[j]]
        elif choice < 10:
            keys[j] = -ground.far[out[j]]
        else:
            keys[j] = ground.far[out[j]]
    for j in range(1, count):
        key, t = keys[j], out[j]
        i = j - 1
        while i >= 0 and keys[i] > key:
            keys[i + 1], out[i + 1] = keys[i], out[i]
            i -= 1
        keys[i + 1], out[i + 1] = key, t


@compiled
def put_back(ground: Ground, work: Work, habits: Habits, count: int) -> None:
    """Put the tasks in ``out`` back where they add least, one after the other."""
    rows = work.rows
    for j in range(count):
        t = work.out[j]
        r, i = _cheapest(ground, work, t, _gaps_near(ground, work, habits, t))
        # The price of too much load is for plans between two good ones: where there is room elsewhere, it is looked at.
        while r < 0 or rows.load[r] + ground.demand[t] > ground.room[r]:
            gaps = _gaps_anywhere(ground, work, habits, t)
            r, i = _cheapest(ground, work, t, gaps)
            if r >= 0:
                break
        if not work.touched[r]:
            copy_row(rows, work.kept, r)
            work.touched[r] = 1
        put(ground, rows, t, r, i, work.weigh)


@compiled
def _gaps_near(ground: Ground, work: Work, habits: Habits, t: int) -> int:
    """Fill ``gaps`` with those beside near tasks and on an empty route, a few overlooked by chance; how many."""
    route, place, size, gaps, random = work.rows.route, work.rows.place, work.rows.size, work.gaps, work.random
    near, allowed, blink = ground.near, ground.allowed, habits.blink
    count = 0
    for j in range(1, min(habits.nearest + 1, len(near))):
        u = near[t, j]
        r = route[u]
        if r >= 0 and allowed[t, r]:
            for i in range(place[u] - 1, place[u] + 1):
                if drawn(random) >= blink:
                    gaps[count, 0], gaps[count, 1] = r, i
                    count += 1
    for r in range(len(size)):
        if size[r] == 0 and allowed[t, r]:
            gaps[count, 0], gaps[count, 1] = r, 0
            count += 1
            if ground.alike:
                break
    return count


@compiled
def _gaps_anywhere(ground: Ground, work: Work, habits: Habits, t: int) -> int:
    """Fill ``gaps`` with all there are, a few overlooked by chance; how many."""
    size, gaps, random = work.rows.size, work.gaps, work.random
    count, bare = 0, False
    for r in range(len(size)):
        if ground.allowed[t, r] and not (size[r] == 0 and bare and ground.alike):
            bare = bare or size[r] == 0
            for i in range(size[r] + 1):
                if drawn(random) >= habits.blink:
                    gaps[count, 0], gaps[count, 1] = r, i
                    count += 1
    return count


@compiled
def _cheapest(ground: Ground, work: Work, t: int, count: int) -> tuple[int, int]:
    """Of the first ``count`` gaps that in which a task adds least to the price; -1: there is none."""
    ways, back, tail, head, room, limit = ground.ways, ground.back, ground.tail, ground.head, ground.room, ground.sought
    rows, gaps, weigh = work.rows, work.gaps, work.weigh
    tasks, ahead, behind, load, price = rows.tasks, rows.ahead, rows.behind, rows.load, rows.price
    at_0, at_1, on_0, on_1 = tail[2 * t], tail[2 * t + 1], head[2 * t], head[2 * t + 1]
    serve_0, serve_1, demand = ground.serve[2 * t], ground.serve[2 * t + 1], ground.demand[t]
    best, where, after = np.inf, -1, 0
    for k in range(count):
        r, i = gaps[k, 0], gaps[k, 1]
        before, then = 2 * tasks[r, i], 2 * tasks[r, i + 1]
        from_0, from_1, to_0, to_1 = head[before], head[before + 1], tail[then], tail[then + 1]
        ahead_0, ahead_1, behind_0, behind_1 = ahead[r, i, 0], ahead[r, i, 1], behind[r, i + 1, 0], behind[r, i + 1, 1]
        one = serve_0 + min(ahead_0 + back[at_0, from_0], ahead_1 + back[at_0, from_1])
        one += min(ways[on_0, to_0] + behind_0, ways[on_0, to_1] + behind_1)
        other = serve_1 + min(ahead_0 + back[at_1, from_0], ahead_1 + back[at_1, from_1])
        other += min(ways[on_1, to_0] + behind_0, ways[on_1, to_1] + behind_1)
        length = min(one, other)
        more = steep(length, weigh[2]) - price[r]
        if load[r] + demand > room[r]:
            more += weigh[0] * (load[r] + demand - room[r])
        if length > limit[r]:
            more += weigh[1] * (length - limit[r])
        if more < best:
            best, where, after = more, r, i
    return where, after


@compiled
def undo(work: Work) -> None:
    """Touched routes as they were."""
    rows = work.rows
    for r in range(len(work.touched)):
        if work.touched[r]:
            copy_row(work.kept, rows, r)
            for i in range(1, rows.size[r] + 1):
                rows.route[rows.tasks[r, i]], rows.place[rows.tasks[r, i]] = r, i


def begun(ground: Ground, weigh: Floats, seed: int) -> Work:
    """The beginning of a search: all routes empty, all tasks out."""
    tasks, routes = len(ground.demand), len(ground.start)
    random = np.array([(seed * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) % 2**64 or 1], np.uint64)
    work = Work(
        empty_rows(ground),
        empty_rows(ground),
        empty_rows(ground),
        np.zeros(routes, np.int64),
        np.arange(tasks),
        np.zeros((2 * tasks + 2 * routes, 2), np.int64),
        np.full(2, FREE),
        random,
        weigh.copy(),
    )
    for r in range(routes):
        settle(ground, work.rows, r, 1, 0, work.weigh)
    return work

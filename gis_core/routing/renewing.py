"""The search: strings of near tasks are torn out of routes and put back one by one, better or a little worse.

After Christiaens and Vanden Berghe, "Slack induction by string removals for vehicle routing problems",
Transportation Science 54(2), 2020, with rows whose directions are open (Vidal, "Node, edge, arc routing and turn
penalties", Operations Research 65(4), 2017) and with too much load or length weighed instead of forbidden.
"""

import math

import numpy as np
from numpy.typing import NDArray

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import compiled
from gis_core.routing.tours import Ground, Rows, copy_row, priced, put, refresh, repriced, shortest_with

Random = NDArray[np.uint64]
BLINK = 0.01
"""So often a place for a task is overlooked."""
STEADY = 200
"""Iterations between two looks at how often plans are sound."""


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
def ruin(ground: Ground, rows: Rows, kept: Rows, touched: Ints, out: Ints, random: Random, weigh: Floats, most: Floats) -> int:
    """Take strings of tasks out of routes near to each other; how many tasks are in ``out`` then."""
    tasks = len(ground.demand)
    used = 0
    for r in range(len(rows.size)):
        used += rows.size[r] > 0
    longest = min(most[1], tasks / used)
    strings = int(1 + drawn(random) * (4 * most[0] / (1 + longest) - 1))
    first = int(drawn(random) * tasks)
    taken = 0
    count = 0
    for j in range(tasks):
        t = ground.near[first, j]
        r = rows.route[t]
        if r < 0 or touched[r]:
            continue
        copy_row(rows, kept, r)
        touched[r] = 1
        size = rows.size[r]
        length = int(1 + drawn(random) * min(size, longest))
        length = min(length, size)
        gap = 0
        if length > 1 and length < size and drawn(random) < 0.5:
            gap = 1
            while length + gap < size and drawn(random) < most[2]:
                gap += 1
        low = max(1, rows.place[t] - (length + gap) + 1)
        high = min(rows.place[t], size - (length + gap) + 1)
        begin = low + int(drawn(random) * (high - low + 1))
        skip = length + gap
        if gap:
            skip = int(1 + drawn(random) * (length - 1))
        to = begin
        for i in range(begin, size + 1):
            passed = i - begin
            if passed < length + gap and not (skip <= passed < skip + gap):
                out[count] = rows.tasks[r, i]
                rows.route[rows.tasks[r, i]] = -1
                count += 1
            else:
                rows.tasks[r, to] = rows.tasks[r, i]
                to += 1
        rows.size[r] = to - 1
        refresh(ground, rows, r, weigh)
        taken += 1
        if taken >= strings:
            break
    return count


@compiled
def arranged(ground: Ground, out: Ints, count: int, random: Random) -> None:
    """An order to put tasks back: by chance, the largest, the farthest or the nearest first."""
    keys = np.empty(count)
    choice = drawn(random) * 11
    for j in range(count):
        if choice < 4:
            keys[j] = drawn(random)
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
def place_for(ground: Ground, rows: Rows, t: int, random: Random, weigh: Floats) -> tuple[int, int]:
    """Route and place where a task adds least to the price, a few places overlooked by chance."""
    best, where, after = np.inf, -1, 0
    bare = False
    for r in range(len(rows.size)):
        if not ground.allowed[t, r]:
            continue
        if rows.size[r] == 0:
            if bare and ground.alike:
                continue
            bare = True
        load = rows.load[r] + ground.demand[t]
        least = np.int64(1) << 60
        here = -1
        for i in range(rows.size[r] + 1):
            if drawn(random) < BLINK:
                continue
            length = shortest_with(ground, rows, t, r, i)
            if length < least:
                least, here = length, i
        if here >= 0:
            more = priced(ground, r, least, load, weigh) - rows.price[r]
            if more < best:
                best, where, after = more, r, here
    return where, after


@compiled
def put_back(ground: Ground, rows: Rows, kept: Rows, touched: Ints, out: Ints, count: int, random: Random, weigh: Floats) -> None:
    """Put tasks back where they add least."""
    for j in range(count):
        t = out[j]
        r, i = place_for(ground, rows, t, random, weigh)
        while r < 0:
            r, i = place_for(ground, rows, t, random, weigh)
        if not touched[r]:
            copy_row(rows, kept, r)
            touched[r] = 1
        put(rows, t, r, i)
        refresh(ground, rows, r, weigh)


@compiled
def undo(rows: Rows, kept: Rows, touched: Ints) -> None:
    """Touched routes as they were."""
    for r in range(len(touched)):
        if touched[r]:
            copy_row(kept, rows, r)
            for i in range(1, rows.size[r] + 1):
                rows.route[rows.tasks[r, i]], rows.place[rows.tasks[r, i]] = r, i


@compiled
def wrong(ground: Ground, rows: Rows) -> tuple[int, int, int, int]:
    """Too much load, too much length, total length, longest route."""
    load, over, total, longest = 0, 0, 0, 0
    for r in range(len(rows.size)):
        load += max(0, rows.load[r] - ground.room[r])
        over += max(0, rows.length[r] - ground.limit[r])
        total += rows.length[r]
        longest = max(longest, rows.length[r])
    return load, over, total, longest


@compiled
def anneal(
    ground: Ground, rows: Rows, kept: Rows, best: Rows, score: Ints, random: Random, weigh: Floats, most: Floats, heat: Floats,
    first: int, last: int, whole: int, evenly: bool,
) -> int:
    """Iterations ``first`` to ``last`` of ``whole``."""
    routes = len(rows.size)
    touched = np.zeros(routes, np.int64)
    out = np.empty(len(ground.demand), np.int64)
    now = repriced(ground, rows, weigh)
    sound = np.zeros(2, np.int64)
    falling = (heat[1] / heat[0]) ** (1.0 / whole)
    temperature = heat[0] * falling**first
    for step in range(first, last):
        temperature *= falling
        touched[:] = 0
        count = ruin(ground, rows, kept, touched, out, random, weigh, most)
        arranged(ground, out, count, random)
        put_back(ground, rows, kept, touched, out, count, random, weigh)
        then = rows.price.sum()
        if then < now - temperature * math.log(drawn(random) + 1e-300):
            now = then
            load, over, total, longest = wrong(ground, rows)
            if evenly:
                if load == 0 and (longest < score[0] or (longest == score[0] and total < score[1])):
                    score[0], score[1] = longest, total
                    for r in range(routes):
                        copy_row(rows, best, r)
                        ground.limit[r] = longest - 1
                    now = repriced(ground, rows, weigh)
            elif load == 0 and over == 0 and total < score[1]:
                score[0], score[1] = longest, total
                for r in range(routes):
                    copy_row(rows, best, r)
        else:
            undo(rows, kept, touched)
        load, over, total, longest = wrong(ground, rows)
        sound[0] += load == 0
        sound[1] += over == 0
        if step % STEADY == STEADY - 1:
            for k in range(2):
                if sound[k] < 0.3 * STEADY:
                    weigh[k] = min(weigh[k] * 1.1, most[3])
                elif sound[k] > 0.6 * STEADY:
                    weigh[k] = max(weigh[k] / 1.1, most[4])
                sound[k] = 0
            now = repriced(ground, rows, weigh)
    return last

"""The largest likelihood ratio of a map, compiled: asked once for every simulated map."""

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.joins.compiled import Int32s, compiled


@compiled
def best_circles(
    counts: Int32s, order: Ints, ends: Bools, expected: Floats, inside: Floats, outside: Floats, logs: Floats
) -> Floats:
    """Largest ratio of all circles of each of several maps: to read the circles takes longer than to count in them.

    Parameters
    ----------
    counts
        Reports by cell and map.
    order, ends
        Cells of each circle, and where it may end.
    expected, inside, outside
        Of each circle, with the logarithms of it and of what is expected outside.
    logs
        n ln n for every n up to all reports.
    """
    total, maps = len(logs) - 1, counts.shape[1]
    best, here = np.zeros(maps), np.zeros(maps, counts.dtype)
    for centre in range(order.shape[0]):
        here[:] = 0
        for last in range(order.shape[1]):
            cell = order[centre, last]
            for nth in range(maps):
                here[nth] += counts[cell, nth]
            if not ends[centre, last]:
                continue
            for nth in range(maps):
                if here[nth] > expected[centre, last]:
                    rest = total - here[nth]
                    ratio = logs[here[nth]] - here[nth] * inside[centre, last]
                    ratio += logs[rest] - rest * outside[centre, last]
                    best[nth] = max(best[nth], ratio)
    return best


@compiled
def best_cylinder(
    recent: Ints, lasts: Ints, order: Ints, ends: Bools, within: Ints, logs: Floats
) -> tuple[float, int, int, int]:
    """Largest ratio of all circles times the last steps: ratio, centre, last member, steps; ratio 0 for none.

    Of several as large the one of the fewest cells.

    Parameters
    ----------
    recent
        Reports by cell and by age of the step, the newest first.
    lasts
        Reports of the city in the newest step, the newest two, and so on.
    order, ends, within
        Cells of each circle, where it may end, and its reports of all time.
    logs
        n ln n for every n up to all reports.
    """
    total, steps = len(logs) - 1, recent.shape[1]
    best, best_centre, best_last, best_steps = 0.0, 0, 0, 0
    here = np.zeros(steps, np.int64)
    for centre in range(order.shape[0]):
        here[:] = 0
        for last in range(order.shape[1]):
            inside = 0
            for age in range(steps):
                here[age] += recent[order[centre, last], age]
                inside += here[age]
                if not ends[centre, last]:
                    continue
                expected = within[centre, last] / total * lasts[age]
                if inside > expected:
                    rest = total - inside
                    ratio = logs[inside] - inside * np.log(expected) + logs[rest] - rest * np.log(total - expected)
                    if rest == 0:
                        ratio = logs[inside] - inside * np.log(expected)
                    if ratio > best or (ratio == best and last < best_last):
                        best, best_centre, best_last, best_steps = ratio, centre, last, age + 1
    return best, best_centre, best_last, best_steps


@compiled
def largest_cylinder(
    upto: Int32s, lasts: Ints, order: Ints, least: Int32s, within: Ints, logs: Floats, floor: float
) -> float:
    """Largest ratio of all circles times the last steps that is as large as ``floor``; 0 where none is.

    Parameters
    ----------
    upto
        Reports by cell in the newest step, the newest two, and so on.
    least
        Of each circle and number of steps, how many reports a ratio of ``floor`` needs.
    lasts, order, within, logs
        As of :func:`best_cylinder`.
    """
    total, steps = len(logs) - 1, upto.shape[1]
    best = 0.0
    here = np.zeros(steps, upto.dtype)
    for centre in range(order.shape[0]):
        here[:] = 0
        for last in range(order.shape[1]):
            reached = False
            cell = order[centre, last]
            for age in range(steps):
                here[age] += upto[cell, age]
                reached |= here[age] >= least[centre, last, age]
            if not reached:
                continue
            for age in range(steps):
                inside = here[age]
                if inside < least[centre, last, age]:
                    continue
                expected = within[centre, last] / total * lasts[age]
                rest = total - inside
                ratio = logs[inside] - inside * np.log(expected)
                if rest > 0:
                    ratio += logs[rest] - rest * np.log(total - expected)
                if ratio >= floor:
                    best = max(best, ratio)
    return best


@compiled
def least_reports(
    within: Ints, ends: Bools, lasts: Ints, counts: Ints, largest: Floats, total: int
) -> Int32s:  # fmt: skip
    """How many reports each circle and number of steps needs at least for a ratio; more than all where none may end.

    Parameters
    ----------
    counts, largest
        Some numbers of reports, rising from 0, and of each the largest expected with which it has that ratio.
    """
    least = np.full((*within.shape, len(lasts)), total + 1, np.int32)
    for centre in range(within.shape[0]):
        for last in range(within.shape[1]):
            if ends[centre, last] and within[centre, last] > 0:
                for age in range(len(lasts)):
                    expected = within[centre, last] / total * lasts[age]
                    least[centre, last, age] = counts[max(np.searchsorted(largest, expected) - 1, 0)] + 1
    return least


@compiled
def newest(cell: Ints, age: Ints, cells: int, longest: int) -> Ints:
    """Reports by cell and by age of the step, of those younger than ``longest``."""
    counts = np.zeros((cells, longest), np.int64)
    for nth in range(len(cell)):
        if age[nth] < longest:
            counts[cell[nth], age[nth]] += 1
    return counts

"""The largest likelihood ratio of a map, compiled: asked once for every simulated map."""

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.joins.compiled import compiled


@compiled
def best_circle(
    counts: Ints, order: Ints, ends: Bools, expected: Floats, inside: Floats, outside: Floats, logs: Floats
) -> float:
    """Largest ratio of all circles.

    Parameters
    ----------
    counts
        Reports by cell.
    order, ends
        Cells of each circle, and where it may end.
    expected, inside, outside
        Of each circle, with the logarithms of it and of what is expected outside.
    logs
        n ln n for every n up to all reports.
    """
    total, best = len(logs) - 1, 0.0
    for centre in range(order.shape[0]):
        here = 0
        for last in range(order.shape[1]):
            here += counts[order[centre, last]]
            if ends[centre, last] and here > expected[centre, last]:
                rest = total - here
                ratio = logs[here] - here * inside[centre, last] + logs[rest] - rest * outside[centre, last]
                best = max(best, ratio)
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

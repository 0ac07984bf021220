"""All pairs, where most points have one polygon at most."""

from collections.abc import Callable

import numpy as np

from gis_core.arrays import Bools, Floats, Ints


def all_pairs(
    points: Floats, first: Ints, several: Bools, list_all: Callable[[Floats], tuple[Ints, Ints]]
) -> tuple[Ints, Ints]:
    """Every (point, polygon), by point, then by polygon, given the first of each point and whether there are more.

    Parameters
    ----------
    list_all
        The same for the few points that have several, in that order.
    """
    if not several.any():
        point = np.flatnonzero(first >= 0)
        return point, first[point]
    single, crowded = np.flatnonzero((first >= 0) & ~several), np.flatnonzero(several)
    among, polygon = list_all(points[crowded])
    point = np.concatenate([single, crowded[among]])
    order = np.argsort(point, kind="stable")
    return point[order], np.concatenate([first[single], polygon])[order]

"""Clusters of reports of one class: DBSCAN with the least number of neighbours that chance does not explain."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.errors import InvalidInput
from gis_core.hotspots.chance import at_least
from gis_core.hotspots.checking import MOST
from gis_core.hotspots.weights import MOST_PAIRS

REACH_M, CHANCE, LEAST, PILE = 40.0, 1e-4, 3, 3

RESULT = ("kind", "reports", "places", "x", "y", "radius_m", "least", "p")
Significance = Callable[[Ints], float]
"""The p of the reports at these positions, by a scan statistic."""


def least_points(count: float, area_m2: float, reach_m: float, chance: float = CHANCE) -> int:
    """How many reports within reach of one, itself included, chance does not explain.

    Others round a report are Poisson with the mean of its class: the smallest number that so many others come to
    with less than ``chance``, and one for itself; at least :data:`LEAST`.
    """
    if not (np.isfinite(reach_m) and reach_m > 0):
        raise InvalidInput("cluster_reach", value=reach_m)
    if not (np.isfinite(area_m2) and area_m2 > 0):
        raise InvalidInput("cluster_area", value=area_m2)
    mean = count * min(np.pi * reach_m**2 / area_m2, 1.0)
    asked = np.arange(np.ceil(mean), mean + 10 * np.sqrt(mean) + 40)
    return max(int(asked[at_least(asked, np.full(len(asked), mean)) < chance][0]) + 1, LEAST)


def clusters_of(
    xy: Floats, kind: Objects, area_m2: float, reach_m: float = REACH_M, significance: Significance | None = None,
    number: Ints | None = None,
) -> tuple[Ints, pd.DataFrame]:  # fmt: skip
    """Find clusters of each class.

    Reports in one square metre count as :data:`PILE` at most, and a cluster has :data:`LEAST` such places, so that no
    pile is a cluster by itself or makes its neighbours one. Suspected repeats should be left out before.

    Parameters
    ----------
    xy
        Reports, shape (n, 2), metric CRS; those that are nowhere on earth are in no cluster.
    kind
        Class of each report.
    area_m2
        Of the territory.
    reach_m
        Who is how near is a neighbour.
    significance
        Tells the p of a cluster; a cluster of DBSCAN alone is no claim of significance.
    number
        How many reports each row stands for, 1 where not given.

    Returns
    -------
    cluster
        Of each report the row of its cluster, -1 where it is in none.
    clusters
        ``kind``, ``reports``, ``places`` (square metres), ``x``, ``y`` (mean), ``radius_m`` (farthest from it),
        ``least`` (neighbours asked for), ``p`` (``None`` where nobody told it); the largest of each class first.
    """
    least_points(0, area_m2, reach_m)  # refuses what cannot be
    cluster, rows = np.full(len(xy), -1), list[dict[str, object]]()
    many = np.ones(len(xy), np.int64) if number is None else number
    readable = (np.abs(xy) <= MOST).all(axis=1) & (many > 0)
    for one, of_kind in by_kind(kind, readable):
        places, at, amount = squares_of(xy[of_kind], many[of_kind])
        least = least_points(float(amount.sum()), area_m2, reach_m)
        label = _grown(places, amount, least, reach_m)
        label = np.where(_several(label), label, -1)[at]
        for group in _largest_first(label, many[of_kind]):
            members = of_kind[label == group]
            cluster[members] = len(rows)
            p = significance(members) if significance else None
            rows.append(_row(xy[members], many[members], least) | {"kind": one, "p": p})
    return cluster, pd.DataFrame(rows, columns=list(RESULT))


def by_kind(kind: Objects, readable: Bools) -> list[tuple[object, Ints]]:
    """Each class with the positions of its readable reports; a class by itself would be sought among all of them."""
    rows = np.flatnonzero(readable)
    code = pd.factorize(kind[rows], use_na_sentinel=False)[0]
    order = np.argsort(code, kind="stable")
    parts = np.split(rows[order], np.flatnonzero(np.diff(code[order])) + 1) if len(rows) else []
    return sorted(((kind[part[0]], part) for part in parts), key=lambda one: str(one[0]))


def squares_of(xy: Floats, number: Ints) -> tuple[Floats, Ints, Ints]:
    """Square metres with reports, in which of them each row is, and for how many each counts, :data:`PILE` at most."""
    # Columns and rows by number, then their squares by number: pairs are sorted five times as slowly.
    (east, column), (north, row) = (np.unique(side, return_inverse=True) for side in np.floor(xy).T)
    square, at = np.unique(column * max(len(north), 1) + row, return_inverse=True)
    column, row = np.divmod(square, max(len(north), 1))
    amount = np.minimum(np.bincount(at, number, minlength=len(square)), PILE)
    return np.column_stack([east[column], north[row]]), at, amount.astype(np.int64)


def _largest_first(label: Ints, number: Ints) -> Ints:
    """The clusters there are, by their reports."""
    sizes = np.bincount(label[label >= 0], number[label >= 0])
    found = np.flatnonzero(sizes)
    return found[np.argsort(-sizes[found], kind="stable")]


def _several(label: Ints) -> Bools:
    """Which places are in a cluster of at least :data:`LEAST`: a pile and who is beside it are none."""
    return (np.bincount(label + 1)[label + 1] >= LEAST) & (label >= 0)


def _row(xy: Floats, number: Ints, least: int) -> dict[str, object]:
    middle = np.average(xy, axis=0, weights=number)
    return {
        "reports": int(number.sum()), "places": len(np.unique(np.floor(xy), axis=0)), "x": middle[0], "y": middle[1],
        "radius_m": float(np.hypot(*(xy - middle).T).max()), "least": least,
    }  # fmt: skip


def _grown(places: Floats, amount: Ints, least: int, reach_m: float) -> Ints:
    """Of each place its cluster, -1 of noise. A place on the rim of two clusters joins that of its nearest core."""
    tree = cKDTree(places)
    found = int(tree.count_neighbors(tree, reach_m))
    if found > MOST_PAIRS:
        raise InvalidInput("hotspot_dense", value=reach_m, found=found, limit=MOST_PAIRS)
    pairs = tree.query_pairs(reach_m, output_type="ndarray")
    around = amount + np.bincount(pairs[:, 0], amount[pairs[:, 1]], minlength=len(places))
    around = around + np.bincount(pairs[:, 1], amount[pairs[:, 0]], minlength=len(places))
    core: Bools = around >= least
    if not core.any():
        return np.full(len(places), -1)
    both = pairs[core[pairs].all(axis=1)]
    ones = np.ones(len(both), np.int8)
    _, label = connected_components(coo_array((ones, (both[:, 0], both[:, 1])), (len(places),) * 2), directed=False)
    cores = np.flatnonzero(core)
    away_m, nearest = cKDTree(places[cores]).query(places)
    return np.where(away_m <= reach_m, label[cores[nearest]], -1)

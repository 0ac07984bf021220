"""Clusters of reports of one class: DBSCAN with the least number of neighbours that chance does not explain."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.stats import poisson

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.errors import InvalidInput

REACH_M, CHANCE, LEAST, PILE = 40.0, 1e-4, 3, 3

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
    # P(others >= m) < chance is the same as: m - 1 is the first that 1 - chance of the mass does not exceed.
    others = int(poisson.isf(chance, count / area_m2 * np.pi * reach_m**2)) + 1
    return max(others + 1, LEAST)


def clusters_of(
    xy: Floats, kind: Objects, area_m2: float, reach_m: float = REACH_M, significance: Significance | None = None
) -> tuple[Ints, pd.DataFrame]:
    """Find clusters of each class.

    Reports in one square metre count as :data:`PILE` at most, so that no pile is a cluster by itself or makes its
    neighbours one. Suspected repeats should be left out before.

    Parameters
    ----------
    xy
        Reports, shape (n, 2), metric CRS; those without a finite position are in no cluster.
    kind
        Class of each report.
    area_m2
        Of the territory.
    reach_m
        Who is how near is a neighbour.
    significance
        Tells the p of a cluster; a cluster of DBSCAN alone is no claim of significance.

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
    readable = np.isfinite(xy).all(axis=1)
    for one in sorted(set(kind[readable].tolist()), key=str):
        of_kind = np.flatnonzero(readable & (kind == one))
        places, at, count = np.unique(np.floor(xy[of_kind]), axis=0, return_inverse=True, return_counts=True)
        amount = np.minimum(count, PILE)
        least = least_points(float(amount.sum()), area_m2, reach_m)
        label = _grown(places, amount, least, reach_m)[at.ravel()]
        found, sizes = np.unique(label[label >= 0], return_counts=True)
        for group in found[np.argsort(-sizes, kind="stable")]:
            members = of_kind[label == group]
            cluster[members] = len(rows)
            rows.append(_row(xy[members], least) | {"kind": one, "p": significance(members) if significance else None})
    columns = ["kind", "reports", "places", "x", "y", "radius_m", "least", "p"]
    return cluster, pd.DataFrame(rows, columns=columns)


def _row(xy: Floats, least: int) -> dict[str, object]:
    middle = xy.mean(axis=0)
    return {
        "reports": len(xy), "places": len(np.unique(np.floor(xy), axis=0)), "x": middle[0], "y": middle[1],
        "radius_m": float(np.hypot(*(xy - middle).T).max()), "least": least,
    }  # fmt: skip


def _grown(places: Floats, amount: Ints, least: int, reach_m: float) -> Ints:
    """Of each place its cluster, -1 of noise. A place on the rim of two clusters joins that of its nearest core."""
    tree = cKDTree(places)
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

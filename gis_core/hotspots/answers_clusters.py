"""Clusters of reports of one class as an answer, each with the chance of one in reports spread evenly."""

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.crs import shapes_to_wgs84
from gis_core.hotspots.answers_heat import points_of
from gis_core.hotspots.asking import Answer, Asked, Given, Points
from gis_core.hotspots.clusters import REACH_M, by_kind, clusters_of, squares_of
from gis_core.hotspots.scan import Draws, circles, largest_ratios, ratio_of
from gis_core.hotspots.telling import features

MARGIN_M = 10.0
"""How far beyond its reports a cluster is drawn."""
SQUARE_M, SIDE, NEAREST, MAPS = 80.0, 64, 8, 99
"""Simulated for the chance of a cluster: a part of the territory of at most so many squares each way, and how often;
and how many squares a circle has besides its own."""
_EULER = 0.5772156649


def crowded(asked: Asked, given: Given) -> Answer:
    """Places where reports of one class lie closer than chance has them.

    Returns
    -------
    Polygons round the reports: ``category``, ``count``, ``area_m2``, and ``p``, the chance that as unlikely a circle
    is anywhere on a map of as many reports spread evenly. Of one square metre three reports count for it at most.
    """
    points = points_of(given)
    area_m2 = float(shapely.area(given.territory))
    cluster, found = clusters_of(points.xy, points.kind, area_m2, REACH_M, number=points.number)
    shapes = _hulls(points.xy, cluster, len(found))
    columns = {
        "category": found["kind"].to_numpy(object), "count": found["reports"].to_numpy(np.int64),
        "area_m2": shapely.area(shapes), "p": _chances(area_m2, points, cluster, found, asked.seed),
    }  # fmt: skip
    facts = {"counted": int(points.number.sum()), "reach_m": REACH_M, "clusters": len(found)}
    return Answer(features(columns, shapes_to_wgs84(shapes, f"EPSG:{given.srid}")), facts)


def _hulls(xy: Floats, cluster: Ints, count: int) -> Objects:
    inside = np.flatnonzero(cluster >= 0)
    inside = inside[np.argsort(cluster[inside], kind="stable")]
    if not count:
        return np.empty(0, dtype=object)
    several = shapely.multipoints(shapely.points(xy[inside]), indices=cluster[inside])
    return shapely.buffer(shapely.convex_hull(several), MARGIN_M)


def _chances(area_m2: float, points: Points, cluster: Ints, found: pd.DataFrame, seed: int) -> Floats:
    """The chance of each cluster, by its ratio as that of a circle round it, among circles on maps of its class."""
    p = np.ones(len(found))
    readable = np.isfinite(points.xy).all(axis=1) & (points.number > 0)
    rows_of = {kind: rows.to_numpy() for kind, rows in found.index.to_series().groupby(found["kind"], dropna=False)}
    for kind, of_kind in by_kind(points.kind, readable):
        rows = rows_of.get(kind)
        if rows is None:
            continue
        places, at, amount = squares_of(points.xy[of_kind], points.number[of_kind])
        label = np.full(len(places), -1)
        label[at] = cluster[of_kind]
        inside = np.bincount(label[label >= 0], amount[label >= 0], minlength=len(found))[rows].astype(np.float64)
        share = np.minimum(np.pi * (found["radius_m"].to_numpy()[rows] + REACH_M / 2) ** 2 / area_m2, 1.0)
        p[rows] = _chance(ratio_of(inside, share * amount.sum(), int(amount.sum())), amount.sum(), area_m2, seed)
    return p


def _chance(ratio: Floats, total: float, area_m2: float, seed: int) -> Floats:
    """How often reports that are spread evenly have a circle with such a ratio anywhere in the territory.

    The largest ratios of maps of a part of it follow Gumbel's law (Abrams and others 2010), which tells of rarer ones
    than so few maps can, and of as many parts as the territory has.
    """
    side = int(np.clip(np.sqrt(area_m2) / SQUARE_M, 2, SIDE))
    part = min((side * SQUARE_M) ** 2 / area_m2, 1.0)
    xy = np.argwhere(np.ones((side, side), bool)).astype(np.float64) * SQUARE_M
    even = np.full(side * side, 1 / (side * side))
    largest = largest_ratios(even, max(1, round(total * part)), circles(xy, even, 1.0, NEAREST), Draws(MAPS, seed))
    spread = max(float(largest.std()) * np.sqrt(6) / np.pi, 0.01)
    away = (ratio - largest.mean()) / spread + _EULER
    return -np.expm1(-np.exp(np.minimum(-away, 700.0)) / part)

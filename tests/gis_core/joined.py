"""What the compiled indexes must answer, by comparing every point with every shape near it."""

import numpy as np
import shapely
from hypothesis import strategies as st

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.cells import NearestIndex, measure_and_side
from gis_core.joins.choosing import PolygonIndex

LATTICE = np.stack(np.meshgrid(*[np.arange(-2, 19) * 5.0] * 2), axis=-1).reshape(-1, 2)
"""Points on and between the vertices of :data:`lattice_lines`."""
_place = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda two: (two[0] * 10.0, two[1] * 10.0))
lattice_lines = st.lists(st.lists(_place, min_size=2, max_size=5).map(shapely.LineString), min_size=1, max_size=8)
"""A few lines that share corners, run on each other or never leave."""


def covering_pairs(polygons: Objects, points: Floats) -> tuple[Ints, Ints]:
    """Every (point, polygon) in which GEOS says the polygon covers the point, ordered."""
    finite = np.flatnonzero(np.isfinite(points).all(axis=1))
    polygon, point = shapely.STRtree(shapely.points(points[finite])).query(polygons, predicate="covers")
    order = np.lexsort((polygon, point))
    return finite[point[order]], polygon[order]


def assert_same_cells(index: PolygonIndex, polygons: Objects, points: Floats) -> tuple[Ints, Bools]:
    """The index answers as GEOS does; what it should answer."""
    point, polygon = covering_pairs(polygons, points)
    first = np.full(len(points), -1)
    first[point[::-1]] = polygon[::-1]
    several = np.bincount(point, minlength=len(points)) > 1
    found, more = index.covering(points)
    np.testing.assert_array_equal(found, first)
    np.testing.assert_array_equal(more, several)
    np.testing.assert_array_equal(index.locate(points), first)
    for answer, expected in zip(index.pairs(points), (point, polygon), strict=True):
        np.testing.assert_array_equal(answer, expected)
    return first, several


def nearest_lines(lines: Objects, xy: Floats, limit_m: float) -> tuple[Ints, Floats, Ints]:
    """Position, distance and side by the light index."""
    position, distance_m = NearestIndex(lines).nearest(xy, limit_m)
    side, found = np.zeros(len(xy), np.int64), position >= 0
    _, side[found] = measure_and_side(lines[position[found]], xy[found])
    return position, distance_m, side


def beside(shapes: Objects, away: Floats) -> Floats:
    """Points on all vertices and middles of edges, and so far from the middles on both sides, coordinates' units."""
    xy, shape = shapely.get_coordinates(shapely.get_parts(shapes), return_index=True)
    edge = np.flatnonzero(shape[1:] == shape[:-1])
    along, middle = xy[edge + 1] - xy[edge], (xy[edge + 1] + xy[edge]) / 2
    length = np.hypot(*along.T)
    across = np.column_stack([-along[:, 1], along[:, 0]])[length > 0] / length[length > 0, None]
    sides = [middle[length > 0] + sign * far * across for far in away for sign in (1.0, -1.0)]
    return np.vstack([xy, middle, *sides])

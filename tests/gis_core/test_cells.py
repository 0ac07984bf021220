"""The indexes against comparing everything with everything."""

import numpy as np
import pytest
import shapely

from gis_core.arrays import Floats, Objects
from gis_core.cells import EQUAL_M, CellIndex, Groups, NearestIndex, measure_and_side, outlines

RANDOM = np.random.default_rng(20260701)


@pytest.fixture(scope="module")
def shapes() -> Objects:
    """Sixty overlapping squares, some with holes, some in two parts."""
    corner = RANDOM.integers(0, 40, (60, 2)).astype(float)
    squares = shapely.box(*corner.T, *(corner + RANDOM.integers(2, 12, (60, 2))).T)
    squares[::5] = [shapely.union(square, shapely.box(90, at, 91, at + 1)) for at, square in enumerate(squares[::5])]
    squares[1::5] = [square.difference(square.centroid.buffer(0.8)) for square in squares[1::5]]
    return squares


@pytest.fixture(scope="module")
def points() -> Floats:
    """Half of them on a lattice, where the squares have their edges and corners."""
    return np.vstack([RANDOM.uniform(-5, 60, (300, 2)), RANDOM.integers(-5, 60, (300, 2)).astype(float)])


def test_every_covering_polygon_is_found(shapes: Objects, points: Floats) -> None:
    covers = shapely.covers(shapes[None, :], shapely.points(points)[:, None])
    point, cell = CellIndex(shapes).pairs(points)
    assert list(zip(point, cell, strict=True)) == list(zip(*np.nonzero(covers), strict=True))
    first = np.where(covers.any(axis=1), covers.argmax(axis=1), -1)
    assert CellIndex(shapes).locate(points).tolist() == first.tolist()
    assert covers.any(axis=1).sum() > 100 and (~covers.any(axis=1)).sum() > 100


@pytest.mark.parametrize("limit_m", [0.0, 3.0, 1000.0])
def test_the_nearest_shape_is_found(shapes: Objects, points: Floats, limit_m: float) -> None:
    """Of those equally near, the one of the lowest position."""
    away = shapely.distance(shapes[None, :], shapely.points(points)[:, None])
    least = away.min(axis=1)
    expected = np.where(least <= limit_m + EQUAL_M, (away <= least[:, None] + EQUAL_M).argmax(axis=1), -1)
    position, distance_m = NearestIndex(shapes).nearest(points, limit_m)
    assert position.tolist() == expected.tolist()
    np.testing.assert_allclose(distance_m[position >= 0], least[position >= 0], atol=EQUAL_M)
    assert np.isnan(distance_m[position < 0]).all()


def test_what_no_cell_covers_is_nearest_to_an_outline(shapes: Objects, points: Floats) -> None:
    """Of a tessellation with gaps, either way round, and of whatever overlaps, as of the whole cells."""
    column, row = np.divmod(np.arange(36), 6)
    cells = shapely.box(column * 10, row * 10, column * 10 + 10, row * 10 + 10)
    cells[::2] = shapely.reverse(cells[::2])
    holed = np.array([shapely.box(-9, -9, 69, 69).difference(shapely.box(0, 0, 60, 60)), *cells[[7, 14]]])
    for polygons in (cells, np.delete(cells, [7, 14, 15, 35]), holed, cells[[8, 8, 9]], shapes):
        pieces, cell = outlines(polygons)
        open_ground = points[CellIndex(polygons).locate(points) < 0]
        for got, wanted in zip(
            NearestIndex(pieces, cell).nearest(open_ground, 9.0),
            NearestIndex(polygons).nearest(open_ground, 9.0),
            strict=True,
        ):
            np.testing.assert_allclose(got, wanted, atol=EQUAL_M)
        assert len(open_ground) > 50 and (cell[1:] >= cell[:-1]).all()
    assert shapely.length(outlines(cells)[0]).sum() == 240 + 2 * 20 * 10, "the border and what ends there"


def test_everything_within_reach_is_found(shapes: Objects, points: Floats) -> None:
    away = shapely.distance(shapes[None, :], shapely.points(points)[:, None])
    point, shape, distance_m = NearestIndex(shapes).within(points, 4.0)
    assert list(zip(point, shape, strict=True)) == list(zip(*np.nonzero(away <= 4.0 + EQUAL_M), strict=True))
    np.testing.assert_array_equal(distance_m, away[point, shape])


def test_no_shapes_and_no_points() -> None:
    nothing, nowhere = np.empty(0, dtype=object), np.empty((0, 2))
    assert CellIndex(nothing).locate(np.array([[0.0, 0.0]])).tolist() == [-1]
    assert NearestIndex(nothing).nearest(np.array([[0.0, 0.0]]), 5.0)[0].tolist() == [-1]
    square = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    assert len(CellIndex(square).locate(nowhere)) == 0 and len(NearestIndex(square).nearest(nowhere, 5.0)[0]) == 0


def test_where_along_a_line_a_point_lies() -> None:
    """A line of two parts is measured through both."""
    bent = shapely.LineString([(0, 0), (10, 0), (10, 10)])
    parts = shapely.MultiLineString([[(0, 0), (10, 0)], [(20, 0), (30, 0)]])
    places = [(4, 2), (4, -2), (12, 5), (8, 5), (-3, 0), (10, 13), (25, 1), (25, -1), (4, 0)]
    lines = np.array([bent] * 6 + [parts] * 2 + [bent], dtype=object)
    measure, side = measure_and_side(lines, np.array(places, dtype=float))
    assert measure.tolist() == pytest.approx([4, 4, 15, 15, 0, 20, 15, 15, 4])
    assert side.tolist() == [1, -1, -1, 1, 0, 0, 1, -1, 0]


def test_groups_are_expanded() -> None:
    groups = Groups(np.array([2, -1, 0, 2, 0]), 4)
    index, row = groups.expand(np.array([0, -1, 2, 1, 2]))
    assert index.tolist() == [0, 0, 2, 2, 4, 4] and row.tolist() == [2, 4, 0, 3, 0, 3]
    assert [len(part) for part in Groups(np.empty(0, np.int64), 0).expand(np.array([-1]))] == [0, 0]

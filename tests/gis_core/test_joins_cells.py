"""The compiled indexes of polygons against GEOS: inside, outside, on the boundary and a hair beside it."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_core.arrays import Floats, Objects
from gis_core.joins.buckets import Buckets
from gis_core.joins.choosing import PolygonIndex, polygon_index
from gis_core.joins.raster import CellRaster
from gis_core.joins.records import EDGES, ON_EDGE
from tests.benchmarks.city import LargeCity, build
from tests.gis_core.joined import assert_same_cells, beside

DEGREE_M = 111_320.0
KINDS = pytest.mark.parametrize("kind", [CellRaster, Buckets])


@pytest.fixture(scope="module")
def city() -> LargeCity:
    return build(seed=3, grids=200, streets=400, rectangles=300, points=20_000)


def polygons(*shapes: Any) -> Objects:
    return np.array(shapes, dtype=object)


def squares(seed: int) -> Objects:
    """Sixty overlapping squares on whole numbers, some with holes, some in two parts, some twice."""
    random = np.random.default_rng(seed)
    corner = random.integers(0, 40, (60, 2)).astype(float)
    shapes = shapely.box(*corner.T, *(corner + random.integers(2, 12, (60, 2))).T)
    shapes[::5] = [shapely.union(one, shapely.box(90, at, 91, at + 1)) for at, one in enumerate(shapes[::5])]
    shapes[1::5] = [one.difference(one.centroid.buffer(0.8)) for one in shapes[1::5]]
    shapes[2::10] = shapes[3::10]
    return shapes


@KINDS
def test_a_city(kind: type[PolygonIndex], city: LargeCity) -> None:
    first, several = assert_same_cells(kind(city.grids_lonlat), city.grids_lonlat, city.points_lonlat)
    assert len(np.unique(first)) > 150 and (first < 0).any() and not several.any()
    first, several = assert_same_cells(kind(city.rectangles_lonlat), city.rectangles_lonlat, city.points_lonlat)
    assert (first >= 0).any()


@KINDS
def test_on_every_boundary_and_beside_it(kind: type[PolygonIndex], city: LargeCity) -> None:
    """Vertices, corners of three cells, middles of edges, the outer border; from a nanometre to ten centimetres off."""
    points = beside(city.grids_lonlat, np.array([1e-9, 1e-6, 1e-3, 0.1]) / DEGREE_M)
    first, several = assert_same_cells(kind(city.grids_lonlat), city.grids_lonlat, points)
    assert several.sum() > 10_000 and (first < 0).sum() > 100


@KINDS
@pytest.mark.parametrize("seed", range(3))
def test_overlaps_holes_parts_and_twins(kind: type[PolygonIndex], seed: int) -> None:
    shapes, random = squares(seed), np.random.default_rng(seed + 100)
    points = np.vstack(
        [
            random.uniform(-5, 100, (3000, 2)),
            random.integers(-5, 95, (3000, 2)),
            beside(shapes, np.array([1e-12, 0.01])),
        ]
    )
    _, several = assert_same_cells(kind(shapes), shapes, points)
    assert several.sum() > 500


@KINDS
def test_slivers_and_needles(kind: type[PolygonIndex]) -> None:
    """Thinner than any cell, and thinner than the digits of a coordinate allow."""
    needles = [
        shapely.Polygon([(114, 22 + n), (115, 22 + n + thin), (114, 22 + n + 2 * thin)])
        for n, thin in enumerate((1e-5, 1e-9, 1e-13, 1e-15))
    ]
    shapes = polygons(*needles, shapely.box(114.2, 21, 114.2 + 1e-9, 27), shapely.box(113, 20, 116, 28))
    points = beside(shapes, np.array([1e-15, 1e-13, 1e-9, 1e-5]))
    assert_same_cells(kind(shapes), shapes, np.vstack([points, shapely.get_coordinates(shapely.centroid(shapes))]))


@KINDS
def test_tiny_among_huge_polygons(kind: type[PolygonIndex]) -> None:
    """A house and a continent."""
    random = np.random.default_rng(5)
    corner = random.uniform(0, 100, (400, 2))
    shapes = np.append(shapely.box(*corner.T, *(corner + 1e-5).T), polygons(shapely.box(-50, -50, 150, 150)))
    points = np.vstack([beside(shapes, np.array([1e-9, 1e-6])), random.uniform(-60, 160, (2000, 2))])
    assert_same_cells(kind(shapes), shapes, points)


def test_far_apart_cells_are_stored_in_two_levels(city: LargeCity) -> None:
    """Two cities a thousand kilometres apart would need a raster of mostly nothing."""
    away = shapely.transform(city.grids_lonlat, lambda xy: xy + 10.0)
    shapes = np.concatenate([city.grids_lonlat, away])
    index = CellRaster(shapes)
    assert len(index.arrays()["top"]) > 0 and len(index.arrays()["cells"]) < 20_000_000
    points = np.vstack([city.points_lonlat, city.points_lonlat + 10.0, beside(shapes, np.array([1e-9 / DEGREE_M]))])
    assert_same_cells(index, shapes, points)


def test_overlaps_in_two_levels() -> None:
    shapes = np.concatenate([squares(1), shapely.transform(squares(2), lambda xy: xy + 50_000.0)])
    index = CellRaster(np.append(shapes, shapely.transform(squares(3), lambda xy: xy + (0.0, 50_000.0))))
    assert len(index.arrays()["top"]) > 0
    random = np.random.default_rng(6)
    lattice = random.integers(-3, 95, (4000, 2)).astype(float)
    points = np.vstack([lattice, lattice + 50_000.0, random.uniform(0, 60, (2000, 2))])
    everything = np.append(shapes, shapely.transform(squares(3), lambda xy: xy + (0.0, 50_000.0)))
    _, several = assert_same_cells(index, everything, points)
    assert several.sum() > 500


@KINDS
def test_what_is_no_polygon_covers_nothing(kind: type[PolygonIndex]) -> None:
    nothing = [None, shapely.Polygon(), shapely.MultiPolygon()]
    shapes = polygons(*nothing, shapely.box(0, 0, 1, 1), *nothing, shapely.box(1, 0, 2, 1), *nothing)
    points = np.array([[0.5, 0.5], [1.0, 0.5], [1.5, 0.5], [0.0, 0.0], [3.0, 0.5]])
    index = kind(shapes)
    assert index.locate(points).tolist() == [3, 3, 7, 3, -1]
    assert index.covering(points)[1].tolist() == [False, True, False, False, False]
    for empty in (polygons(), polygons(*nothing)):
        assert kind(empty).locate(points).tolist() == [-1] * 5 and len(kind(empty).pairs(points)[0]) == 0
        assert isinstance(polygon_index(empty), Buckets)


@KINDS
def test_points_that_are_nowhere(kind: type[PolygonIndex]) -> None:
    """Not finite, or too far for a number of a cell."""
    index = kind(squares(0))
    points = np.array([[np.nan, 1], [1, np.nan], [np.inf, 1], [1, -np.inf], [1e300, 1], [1, -1e300], [1e19, 1e19]])
    assert index.locate(points).tolist() == [-1] * len(points)
    assert not index.covering(points)[1].any() and len(index.pairs(points)[0]) == 0
    assert [len(part) for part in (*index.covering(np.empty((0, 2))), *index.pairs(np.empty((0, 2))))] == [0] * 4


@KINDS
def test_rings_that_cross_themselves_and_spikes(kind: type[PolygonIndex]) -> None:
    """As GEOS takes them: inside after an odd number of crossings."""
    bow = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    spiked = shapely.Polygon([(5, 0), (9, 0), (9, 2), (12, 2), (9, 2), (9, 4), (5, 4)])
    repeated = shapely.Polygon([(0, 5), (0, 5), (4, 5), (4, 5), (4, 9), (0, 9), (0, 9)])
    shapes = polygons(bow, spiked, repeated)
    points = np.stack(np.meshgrid(np.linspace(-1, 13, 57), np.linspace(-1, 10, 45)), axis=-1).reshape(-1, 2)
    inside = shapely.intersects_xy(shapes[:, None], points[:, 0], points[:, 1])
    assert kind(shapes).locate(points).tolist() == np.where(inside.any(axis=0), inside.argmax(axis=0), -1).tolist()


def test_an_edge_through_the_centre_of_a_cell() -> None:
    """Walking from there could begin on either side; the vertex follows the cell until they agree to the last digit."""
    vertex, index = np.array([3.0, 2.0]), CellRaster(squares(0))
    for _ in range(60):
        shapes = np.append(squares(0), polygons(shapely.Polygon([vertex, vertex + (0.7, 0.1), vertex + (0.1, 0.9)])))
        index = CellRaster(shapes)
        x0, y0, cell, inverse = index.arrays()["frame"][:4]
        place = np.floor((vertex - (x0, y0)) * inverse)
        centre = np.array([x0 + (place[0] + 0.5) * cell, y0 + (place[1] + 0.5) * cell])
        if (centre == vertex).all():
            break
        vertex = centre
    assert (index.arrays()["records"][:, EDGES] == ON_EDGE).any()
    around = vertex + np.random.default_rng(1).uniform(-cell, cell, (2000, 2))
    assert_same_cells(index, shapes, np.vstack([around, [vertex], beside(shapes, np.array([1e-9]))]))


@KINDS
def test_threads_order_and_memory_do_not_matter(kind: type[PolygonIndex], city: LargeCity) -> None:
    index, points = kind(city.grids_lonlat), city.points_lonlat
    expected = index.covering(points)
    for threads in (2, 3, 7):
        for answer, one in zip(index.covering(points, threads), expected, strict=True):
            np.testing.assert_array_equal(answer, one)
        for answer, one in zip(index.pairs(points, threads), index.pairs(points), strict=True):
            np.testing.assert_array_equal(answer, one)
    order = np.random.default_rng(2).permutation(len(points))
    np.testing.assert_array_equal(index.locate(points[order]), expected[0][order])
    frozen = np.asfortranarray(points)
    frozen.flags.writeable = False
    np.testing.assert_array_equal(index.locate(frozen), expected[0])
    assert [index.locate(points[one : one + 1])[0] for one in range(200)] == expected[0][:200].tolist()
    assert len(index.locate(points[:2], threads=5)) == 2


def test_each_kind_is_taken_where_it_suits(city: LargeCity) -> None:
    assert isinstance(polygon_index(city.grids_lonlat), CellRaster)
    assert isinstance(polygon_index(city.rectangles_lonlat), Buckets)


coordinate = st.integers(0, 6).map(float)
triangle = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=3, unique=True).map(shapely.Polygon)


@KINDS
@settings(max_examples=60, deadline=None)
@given(
    shapes=st.lists(triangle.filter(lambda shape: shape.area > 0), min_size=1, max_size=12),
    shift=st.integers(1_000_000, 180_000_000),
)
def test_triangles_on_a_lattice(kind: type[PolygonIndex], shapes: list[Any], shift: float) -> None:
    """Corners on edges of others, edges along each other, from one degree on.

    Nearer to zero GEOS, which reckons with 106 bits, may take a point for one on an edge that is beside it.
    """
    moved = shapely.transform(polygons(*shapes), lambda xy: xy * 1e-3 + shift * 1e-6)
    lattice: Floats = np.stack(np.meshgrid(*[np.arange(-1, 15) / 2] * 2), axis=-1).reshape(-1, 2) * 1e-3 + shift * 1e-6
    inside = shapely.intersects_xy(moved[:, None], lattice[:, 0], lattice[:, 1])
    point, polygon = kind(moved).pairs(lattice)
    assert list(zip(point.tolist(), polygon.tolist(), strict=True)) == list(zip(*np.nonzero(inside.T), strict=True))

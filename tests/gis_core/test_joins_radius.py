"""The compiled search within reach against the light one: pairs, distances, measures and sides, digit for digit."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_core.arrays import Floats, Ints, Objects
from gis_core.cells import EQUAL_M, NearestIndex, measure_and_side
from gis_core.joins.pending import REACH_PAYS
from gis_core.joins.radius import RadiusGrid
from gis_core.reach import ReachIndex
from tests.gis_core.joined import LATTICE, beside, lattice_lines
from tests.gis_core.test_joins_lines import bundle


def ungrouped(rows: Objects | Floats) -> Ints:
    return np.zeros(len(rows), np.int64)


def assert_same(shapes: Objects, xy: Floats, reach_m: Floats) -> int:
    """The compiled search answers as GEOS does; how many pairs there are."""
    point, shape, distance_m = NearestIndex(shapes).within(xy, reach_m)
    linear = np.flatnonzero(shapely.get_dimensions(shapes)[shape] == 1)
    along = measure_and_side(shapes[shape[linear]], xy[point[linear]])
    index = RadiusGrid(shapes, float(reach_m.max(initial=0.0)), ungrouped(shapes))
    found = index.within(xy, reach_m, ungrouped(xy))
    for answer, expected in zip(found[:3], (point, shape, distance_m), strict=True):
        np.testing.assert_array_equal(answer, expected)
    for answer, expected in zip(found[3:], along, strict=True):
        np.testing.assert_array_equal(answer[linear], expected)
    for answer, expected in zip(index.within(xy, reach_m, ungrouped(xy), threads=3), found, strict=True):
        np.testing.assert_array_equal(answer, expected)
    return len(point)


@pytest.mark.parametrize("reach_m", [0.0, 7.0, 30.0, 400.0])
def test_lines_of_every_kind(reach_m: float) -> None:
    """Points anywhere, on the lines, at their ends, corners and joints, and a hair beside them."""
    lines, random = bundle(3), np.random.default_rng(9)
    near = beside(lines, np.array([1e-7, 1e-3, 0.1]))
    points = np.vstack([random.uniform(-500, 1500, (2000, 2)), near[:: 1 if reach_m < 100 else 20]])
    assert assert_same(lines, points, np.full(len(points), reach_m)) > 1000


def test_points_and_lines_each_with_a_reach_of_its_own() -> None:
    random = np.random.default_rng(5)
    shapes = np.concatenate([shapely.points(random.uniform(0, 1000, (500, 2))), bundle(1)[:100]])
    shapes[[3, 8]] = None, shapely.Point()
    points = random.uniform(-100, 1100, (5000, 2))
    points[:500] = shapely.get_coordinates(shapes[:500])[0]
    assert assert_same(shapes, points, random.uniform(0, 60, len(points))) > 1000


def test_the_reach_includes_its_own_length() -> None:
    lines = np.array([shapely.LineString([(0, 0), (10, 0)]), shapely.Point(5, 60)], dtype=object)
    away = np.array([30.0, 30.0 + 0.9 * EQUAL_M, 30.0 + 2 * EQUAL_M])
    found = RadiusGrid(lines, 30.0, ungrouped(lines)).within(
        np.column_stack([np.full(3, 5.0), away]), np.full(3, 30.0), ungrouped(away)
    )
    assert found[0].tolist() == [0, 0, 1, 1, 2] and found[1].tolist() == [0, 1, 0, 1, 1]


def test_only_the_group_that_is_asked_for() -> None:
    shapes = shapely.points([(0, 0), (1, 0), (2, 0), (3, 0)])
    xy, groups = np.zeros((3, 2)), np.array([7, -1, 4])
    for index in (ReachIndex(shapes, 5.0, np.array([4, 7, -1, 7])), RadiusGrid(shapes, 5.0, np.array([4, 7, -1, 7]))):
        found = index.within(xy, np.array([2.0, 5.0, 5.0]), groups)
        assert (found[0].tolist(), found[1].tolist(), found[2].tolist()) == ([0, 1, 2], [1, 2, 0], [1.0, 2.0, 0.0])


def test_nothing_and_nowhere() -> None:
    points = np.array([[np.nan, 0], [0, np.inf], [1e300, 1e300], [5e3, 5e3]])
    for shapes in (bundle(0), np.empty(0, dtype=object), np.array([None, shapely.Point()], dtype=object)):
        index = RadiusGrid(shapes, 50.0, ungrouped(shapes))
        assert [len(part) for part in index.within(points, np.full(4, 50.0), ungrouped(points))] == [0] * 5


def test_the_answer_is_the_same_before_and_after_it_pays() -> None:
    lines, points = bundle(2), np.random.default_rng(6).uniform(0, 1000, (5000, 2))
    light, paid = ReachIndex(lines, 30.0), ReachIndex(lines, 30.0)
    enough = np.zeros((int(REACH_PAYS[0] + REACH_PAYS[1] * shapely.get_num_coordinates(lines).sum()) + 1, 2))
    paid.within(enough, 0.0)
    for answer, expected in zip(paid.along(points, 25.0), light.along(points, 25.0), strict=True):
        np.testing.assert_array_equal(answer, expected)


@pytest.mark.parametrize("shape", [shapely.box(0, 0, 10, 10), shapely.MultiPoint([(5, 5), (90, 90)])])
def test_other_shapes_are_left_to_the_light_index(shape: shapely.Geometry) -> None:
    index = ReachIndex(np.array([shape], dtype=object), 5.0)
    inside = np.full((REACH_PAYS[0] + 10, 2), 5.0)
    point, _, distance_m = index.within(inside, 5.0)
    assert len(point) == len(inside) and distance_m.max() == 0.0


@settings(max_examples=60, deadline=None)
@given(
    lines=lattice_lines,
    reach_m=st.sampled_from([5.0, 10.0, 100.0]),
)
def test_lines_on_a_lattice(lines: list[Any], reach_m: float) -> None:
    """Ties everywhere: shared corners, parallels, lines that turn back on themselves or never leave."""
    assert_same(np.array(lines, dtype=object), LATTICE, np.full(len(LATTICE), reach_m))

"""The compiled index of lines against the light one: nearest, distance and side, digit for digit."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_core.arrays import Floats, Objects
from gis_core.cells import EQUAL_M, NearestIndex, SegmentIndex
from gis_core.joins.segments import SegmentRaster
from tests.benchmarks.city import LargeCity, build
from tests.gis_core.joined import LATTICE, beside, lattice_lines, nearest_lines


@pytest.fixture(scope="module")
def city() -> LargeCity:
    return build(seed=4, grids=300, streets=2_000, rectangles=10, points=20_000)


def assert_same(index: SegmentRaster, lines: Objects, xy: Floats, limit_m: float) -> int:
    """The index answers as the light one does; how many points have a line."""
    for answer, expected in zip(index.nearest(xy, limit_m), nearest_lines(lines, xy, limit_m), strict=True):
        np.testing.assert_array_equal(answer, expected)
    return int((index.nearest(xy, limit_m)[0] >= 0).sum())


def bundle(seed: int) -> Objects:
    """Four hundred short lines in a square kilometre: parts, twins, turned ones, lines on whole tens, none at all."""
    random = np.random.default_rng(seed)
    steps = [np.cumsum(random.normal(0, 40, (random.integers(2, 9), 2)), axis=0) for _ in range(300)]
    lines: list[Any] = [shapely.LineString(random.uniform(0, 1000, 2) + one) for one in steps]
    lines[::7] = [
        shapely.MultiLineString([one, shapely.transform(one, lambda xy: xy + (60, 30))]) for one in lines[::7]
    ]
    lines += [shapely.LineString(random.integers(0, 100, (3, 2)) * 10.0) for _ in range(100)]
    lines[3], lines[9], lines[50], lines[300] = None, shapely.LineString(), lines[20], shapely.reverse(lines[200])
    lines[5] = shapely.LineString([(5, 5), (5, 5), (10, 5), (10, 5), (10, 5.004), (10, 9)])
    lines[6] = shapely.LineString([(500, 500), (500, 500)])
    return np.array(lines, dtype=object)


@pytest.mark.parametrize("limit_m", [0.0, 7.0, 50.0, 100.0])
@pytest.mark.parametrize("seed", range(3))
def test_lines_of_every_kind(seed: int, limit_m: float) -> None:
    """Points anywhere, on the lines, at their ends, corners and joints, and a hair beside them."""
    lines, random = bundle(seed), np.random.default_rng(seed + 50)
    on_tens = random.integers(0, 100, (3000, 2)) * 10.0
    near = beside(lines, np.array([1e-7, 0.9e-6, 1.1e-6, 1e-3, 0.1]))
    points = np.vstack(
        [random.uniform(-200, 1300, (4000, 2)), on_tens, near, near + random.normal(0, 1e-3, near.shape)]
    )
    assert assert_same(SegmentRaster(lines, 100.0), lines, points, limit_m) > 1000


@pytest.mark.parametrize("limit_m", [50.0, 100.0])
def test_a_city(city: LargeCity, limit_m: float) -> None:
    points = np.vstack([city.points, beside(city.streets, np.array([1e-6, 1.0, 9.0]))])
    assert assert_same(SegmentRaster(city.streets, 100.0), city.streets, points, limit_m) > 10_000


def test_of_lines_a_micrometre_apart_the_lowest_position_answers() -> None:
    """Beyond that, the nearer one."""
    lines = shapely.linestrings([[(0, step), (100, step)] for step in (0.0, 0.9 * EQUAL_M, -3 * EQUAL_M)])
    xy = np.array([[50.0, 10.0], [50.0, -10.0], [50.0, 0.5 * EQUAL_M]])
    index = SegmentRaster(lines, 25.0)
    assert index.nearest(xy, 25.0)[0].tolist() == [0, 2, 0]
    assert index.nearest(xy, 25.0)[2].tolist() == [1, -1, 0]
    assert_same(index, lines, xy, 25.0)


def test_the_limit_includes_its_own_length() -> None:
    lines = np.array([shapely.LineString([(0, 0), (10, 0)])], dtype=object)
    xy = np.array([[5.0, 30.0], [5.0, 30.0 + 0.9 * EQUAL_M], [5.0, 30.0 + 2 * EQUAL_M], [40.0, 0.0], [40.01, 0.0]])
    assert SegmentRaster(lines, 30.0).nearest(xy, 30.0)[0].tolist() == [0, 0, -1, 0, -1]
    assert SegmentRaster(lines, 100.0).nearest(xy, 30.0)[0].tolist() == [0, 0, -1, 0, -1]


def test_farther_than_the_index_reaches_is_refused_and_left_to_the_light_one() -> None:
    lines = np.array([shapely.LineString([(0, 0), (10, 0)])], dtype=object)
    compiled, xy = SegmentRaster(lines, 30.0), np.array([[5.0, 60.0]])
    with pytest.raises(ValueError, match="reaches 30"):
        compiled.nearest(xy, 70.0)
    index = SegmentIndex(lines, lambda: NearestIndex(lines), 30.0, compiled)
    assert [part.tolist() for part in index.nearest(xy, 70.0)] == [[0], [60.0], [1]]
    assert index.nearest(xy, 30.0)[0].tolist() == [-1]


def test_a_motorway_through_alleys() -> None:
    """A straight edge of two hundred kilometres keeps its millimetres."""
    random = np.random.default_rng(8)
    alleys = [shapely.LineString(one + np.array([(0, 0), (30, 5)])) for one in random.uniform(0, 3000, (200, 2))]
    lines = np.array([shapely.LineString([(-1e5, -99_000), (1e5, 101_000)]), *alleys], dtype=object)
    points = random.uniform(0, 3000, (5000, 2))
    points[:2000, 1] = points[:2000, 0] + 1000 + random.normal(0, 1e-3, 2000)
    assert assert_same(SegmentRaster(lines, 100.0), lines, points, 100.0) > 2000


def test_nothing_and_nowhere() -> None:
    points = np.array([[np.nan, 0], [0, np.inf], [1e300, 1e300], [5e3, 5e3]])
    for lines in (bundle(0), np.empty(0, dtype=object), np.array([None, shapely.LineString()], dtype=object)):
        index = SegmentRaster(lines, 100.0)
        position, distance_m, side = index.nearest(points, 100.0)
        assert position.tolist() == [-1] * 4 and np.isnan(distance_m).all() and side.tolist() == [0] * 4
        assert [len(part) for part in index.nearest(np.empty((0, 2)), 100.0)] == [0, 0, 0]


def test_threads_and_order_do_not_matter(city: LargeCity) -> None:
    index, points = SegmentRaster(city.streets, 100.0), city.points
    expected = index.nearest(points, 50.0)
    order = np.random.default_rng(3).permutation(len(points))
    for threads in (2, 3):
        for answer, one in zip(index.nearest(points[order], 50.0, threads), expected, strict=True):
            np.testing.assert_array_equal(answer, one[order])
    singly = [index.nearest(points[one : one + 1], 50.0) for one in range(300)]
    for answer, one in zip(zip(*singly, strict=True), expected, strict=True):
        np.testing.assert_array_equal(np.concatenate(answer), one[:300])


@settings(max_examples=60, deadline=None)
@given(
    lines=lattice_lines,
    limit_m=st.sampled_from([5.0, 10.0, 100.0]),
)
def test_lines_on_a_lattice(lines: list[Any], limit_m: float) -> None:
    """Ties everywhere: shared corners, parallels, lines that turn back on themselves or never leave."""
    shapes = np.array(lines, dtype=object)
    assert_same(SegmentRaster(shapes, 100.0), shapes, LATTICE, limit_m)

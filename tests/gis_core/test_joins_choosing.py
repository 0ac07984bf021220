"""When a compiled index is built, and that nobody can tell from the answers."""

from fractions import Fraction
from threading import Thread

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis_core.cells import CellIndex, NearestIndex, SegmentIndex
from gis_core.joins.buckets import Buckets
from gis_core.joins.choosing import index_of
from gis_core.joins.looking import list_all, look_up
from gis_core.joins.nearing import look_near
from gis_core.joins.pending import LINES_PAY, POLYGONS_PAY, Pending
from gis_core.joins.predicates import side_of
from gis_core.joins.raster import CellRaster
from gis_core.joins.segments import SegmentRaster
from tests.gis_core.joined import nearest_lines

SQUARES = shapely.box(
    *np.meshgrid(np.arange(30.0), np.arange(30.0)), *np.meshgrid(np.arange(1.0, 31), np.arange(1.0, 31))
)


def test_it_is_built_once_when_the_points_so_far_pay_for_it() -> None:
    built: list[str] = []
    shapes = np.array([shapely.box(0, 0, 1, 1)] * 4, dtype=object)
    pending = Pending(lambda: built.append("once") or "index", (100, 2.0), shapes)
    assert [pending.after(points) for points in (100, 39, 0)] == [None, None, None] and built == []
    assert [pending.after(points) for points in (1, 0, 500)] == ["index"] * 3 and built == ["once"]
    assert Pending(lambda: "another", (100, 2.0), shapes, "ready").after(0) == "ready"


def test_two_threads_build_it_once() -> None:
    built: list[int] = []
    pending = Pending(lambda: built.append(1) or "index", (0, 0.0), np.empty(0, dtype=object))
    threads = [Thread(target=pending.after, args=(1,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [1]


def test_polygons_answer_the_same_before_and_after() -> None:
    """On the lattice, where up to four squares cover a point."""
    squares = SQUARES.ravel()
    points = np.random.default_rng(1).integers(-2, 64, (4000, 2)) / 2
    index = CellIndex(squares)
    light = index.covering(points), index.pairs(points)
    index.locate(np.zeros((int(POLYGONS_PAY[0] + POLYGONS_PAY[1] * 5 * len(squares)), 2)))
    compiled = index.covering(points), index.pairs(points)
    assert isinstance(index._pending.after(0), Buckets | CellRaster)
    for before, after in zip((*light[0], *light[1]), (*compiled[0], *compiled[1]), strict=True):
        np.testing.assert_array_equal(before, after)
        assert before.dtype == after.dtype
    ready = CellIndex(squares, CellRaster(squares))
    np.testing.assert_array_equal(ready.locate(points, threads=2), light[0][0])
    assert ready.touched_by(np.array([shapely.Point(3, 3), shapely.Point(-3, 3)])).tolist() == [True, False]


def test_lines_answer_the_same_before_and_after() -> None:
    random = np.random.default_rng(2)
    lines = shapely.linestrings(
        np.cumsum(random.normal(0, 20, (300, 4, 2)), axis=1) + random.uniform(0, 500, (300, 1, 2))
    )
    points = random.uniform(-100, 600, (3000, 2))
    index = SegmentIndex(lines, lambda: NearestIndex(lines), 60.0)
    light = index.nearest(points, 60.0)
    index.nearest(np.zeros((int(LINES_PAY[0] + LINES_PAY[1] * 4 * len(lines)), 2)), 60.0)
    compiled = index.nearest(points, 60.0, threads=2)
    assert isinstance(index._pending.after(0), SegmentRaster)
    for before, after, expected in zip(light, compiled, nearest_lines(lines, points, 60.0), strict=True):
        np.testing.assert_array_equal(before, expected)
        np.testing.assert_array_equal(after, expected)
        assert before.dtype == after.dtype


@pytest.mark.parametrize("kind", [CellRaster, Buckets])
def test_polygons_come_back_from_their_arrays(kind: type[CellRaster] | type[Buckets]) -> None:
    index = kind(SQUARES.ravel())
    again = index_of(index.arrays())
    points = np.random.default_rng(3).uniform(-1, 32, (2000, 2))
    assert type(again) is kind
    assert isinstance(again, CellRaster | Buckets)
    np.testing.assert_array_equal(again.locate(points), index.locate(points))
    with pytest.raises(ValueError, match="read-only"):
        again.arrays()["xy"][0] = 0.0


def test_lines_come_back_from_their_arrays() -> None:
    lines = shapely.linestrings([[(0, 0), (10, 0)], [(0, 5), (10, 5)]])
    again = index_of(SegmentRaster(lines, 25.0).arrays())
    assert isinstance(again, SegmentRaster)
    assert [part.tolist() for part in again.nearest(np.array([[5.0, 4.0]]), 25.0)] == [[1], [1.0], [-1]]


def test_nothing_is_compiled_twice() -> None:
    """Points of a frame are for reading only, those of a file too; each would be another type for the compiler."""
    squares, lines = SQUARES.ravel(), shapely.linestrings([[(0, 0), (10, 0)], [(0, 5), (10, 5)]])
    points = np.random.default_rng(4).uniform(-1, 32, (100, 2))
    points[0] = 5.0  # a corner of four
    frozen = points.copy()
    frozen.flags.writeable = False
    for asked in (points, frozen, np.asfortranarray(points), points[::2], points.astype(np.float32)):
        for index in (CellRaster(squares), Buckets(squares), index_of(CellRaster(squares).arrays())):
            assert isinstance(index, CellRaster | Buckets)
            index.pairs(asked, threads=2)
        SegmentRaster(lines, 25.0).nearest(asked, 25.0, threads=2)
    for kernel in (look_up, list_all, look_near):
        assert len(kernel.signatures) == 1


number = st.one_of(
    st.integers(-9, 9).map(float),
    st.integers(-9, 9).map(lambda n: 114.1 + n * 2.0**-46),
    st.floats(-180, 180).filter(lambda n: n == 0 or abs(n) > 1e-30),
)


@given(st.tuples(*[number] * 6))
def test_the_side_of_a_line_is_exact(numbers: tuple[float, ...]) -> None:
    ax, ay, bx, by, px, py = map(Fraction, numbers)
    exact = (ax - px) * (by - py) - (ay - py) * (bx - px)
    assert np.sign(side_of(*numbers)) == (exact > 0) - (exact < 0)

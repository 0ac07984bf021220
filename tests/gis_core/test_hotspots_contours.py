"""Classes of heat as polygons: every cell in the patch of its class, and every patch whole and valid."""

import numpy as np
import pytest
import shapely

from gis_core.arrays import Bools, Floats
from gis_core.hotspots.contours import contours
from gis_core.hotspots.surface import Canvas

BREAKS = (1.0, 2.0)
CELL_M, WEST, SOUTH = 10.0, 100.0, 200.0


def cells(chosen: Bools) -> shapely.Geometry:
    """The squares of the cells that are chosen, as one shape."""
    row, column = np.nonzero(chosen)
    west, south = WEST + column * CELL_M, SOUTH + row * CELL_M
    return shapely.union_all(shapely.box(west, south, west + CELL_M, south + CELL_M))


def canvas(inside: Bools) -> Canvas:
    """A small canvas."""
    return Canvas(WEST, SOUTH, CELL_M, inside)


@pytest.mark.parametrize("seed", range(60))
def test_patches_are_the_cells_of_their_class(seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = random.integers(1, 14, 2)
    inside, values = random.random(shape) < 0.9, random.integers(0, 3, shape).astype(float)
    patches, number = contours(canvas(inside), values, BREAKS)
    assert shapely.is_valid(patches).all() and (np.diff(number) >= 0).all()
    for nth in range(len(BREAKS)):
        expected = cells(inside & (values == nth + 1))
        found = patches[number == nth]
        assert shapely.symmetric_difference(expected, shapely.union_all(found)).area < 1e-6
        assert np.isclose(shapely.area(found).sum(), shapely.area(expected))


def rows(*drawn: str) -> Floats:
    """Values as they are drawn, the northernmost row first."""
    return np.array([[float(one) for one in row] for row in drawn[::-1]])


def test_a_patch_that_meets_itself_in_a_corner_has_a_hole() -> None:
    values = rows("111", "101", "110")
    (patch,), _ = contours(canvas(np.ones(values.shape, bool)), values, BREAKS)
    assert shapely.is_valid(patch) and len(patch.interiors) == 1


def test_patches_that_meet_in_a_corner_are_two() -> None:
    values = rows("10", "01")
    patches, _ = contours(canvas(np.ones(values.shape, bool)), values, BREAKS)
    assert len(patches) == 2


def test_an_island_in_a_lake_is_a_patch_of_its_own() -> None:
    values = rows("11111", "10001", "10101", "10001", "11111")
    patches, _ = contours(canvas(np.ones(values.shape, bool)), values, BREAKS)
    assert sorted(len(one.interiors) for one in patches) == [0, 1]


def test_nothing_warm_has_no_patch() -> None:
    patches, number = contours(canvas(np.ones((3, 3), bool)), np.zeros((3, 3)), BREAKS)
    assert len(patches) == len(number) == 0

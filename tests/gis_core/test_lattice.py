"""Numbers of places and cells: those of the tile they lie in, at every zoom."""

import numpy as np
import pytest

from gis_core.crs import to_metres
from gis_core.lattice import (
    BITS,
    LATTICE,
    box_numbers,
    cells_of_tile,
    lonlat_of_cells,
    mark_of,
    metres_of_cells,
    middles,
    place_numbers,
    shift_of,
    tile_ranges,
    units_of,
)
from gis_core.mvt import BUFFER, EXTENT, LIMIT_LAT, tile_box, tile_units

RNG = np.random.default_rng(20260701)
PLACES = np.column_stack([RNG.uniform(-180, 180, 400), RNG.uniform(-85, 85, 400)])


@pytest.mark.parametrize("level", [9, 11, 12, 13])
def test_a_place_lies_in_the_cell_that_its_tile_says(level: int) -> None:
    """A count would be drawn beside what it counts."""
    cells = mark_of(level) | place_numbers(PLACES) >> shift_of(level)
    units = tile_units(PLACES, level, 0, 0)
    for cell, (x, y), place in zip(cells.tolist(), np.floor(units / EXTENT).astype(int).tolist(), units, strict=True):
        low, high = cells_of_tile(level, level, x, y)
        assert low <= cell < high and high - low == LATTICE**2
        (middle,) = middles(np.array([cell & LATTICE**2 - 1]))
        assert np.abs(middle - (place - np.array([x, y]) * EXTENT)).max() <= EXTENT / LATTICE / 2


def test_a_smaller_zoom_holds_the_cells_of_the_larger() -> None:
    """A tile between two lattices would miss some."""
    cells = mark_of(13) | place_numbers(PLACES) >> shift_of(13)
    for z in (0, 3, 9, 12):
        tiles = np.floor(tile_units(PLACES, z, 0, 0) / EXTENT).astype(int).tolist()
        for cell, (x, y) in zip(cells.tolist(), tiles, strict=True):
            low, high = cells_of_tile(13, z, x, y)
            assert low <= cell < high


@pytest.mark.parametrize("shift", [0, 10, 20, 36])
def test_the_middle_of_a_cell_lies_in_it_half_a_side_from_its_edges(shift: int) -> None:
    """Heat would be drawn beside what was reported."""
    cells = place_numbers(PLACES) >> shift
    units = tile_units(lonlat_of_cells(cells, shift), 0, 0, 0) / EXTENT * 2.0 ** (BITS - shift // 2)
    assert (place_numbers(lonlat_of_cells(cells, shift)) >> shift).tolist() == cells.tolist()
    assert np.abs(units % 1 - 0.5).max() < 1e-3


@pytest.mark.parametrize("shift", [0, 10, 20, 24, 36])
@pytest.mark.parametrize(("west", "south", "srid"), [(108.3, 22.8, 4545), (24.9, 60.1, 3067), (-0.1, -0.05, 32630)])
def test_metres_by_a_net_are_those_of_each_middle(shift: int, west: float, south: float, srid: int) -> None:
    """Heat would be drawn beside what was reported."""
    lonlat = np.array([west, south]) + RNG.uniform(0, 0.2, (20_000, 2))
    cells = place_numbers(lonlat) >> shift
    exact = to_metres(lonlat_of_cells(cells, shift), srid)
    assert np.abs(metres_of_cells(cells, shift, srid) - exact).max() < 0.01
    few = metres_of_cells(cells[:5], shift, srid)
    assert np.abs(few - exact[:5]).max() < 0.01
    assert metres_of_cells(cells[:0], shift, srid).shape == (0, 2)


@pytest.mark.parametrize("side", [0.0, 0.01, 3.0, 90.0])
def test_what_lies_in_a_box_has_its_numbers_and_little_else_has(side: float) -> None:
    """A page would miss what lies in the box, or read the whole city for it."""
    west, south = RNG.uniform(-180, 180 - side), RNG.uniform(-85, 85 - side)
    box = np.array([west, south, west + side, south + side])
    inside = np.column_stack([RNG.uniform(*box[[0, 2]], 500), RNG.uniform(*box[[1, 3]], 500)])
    corners = box[[[0, 1], [0, 3], [2, 1], [2, 3]]]
    ranges = box_numbers(*box.tolist())
    for number in place_numbers(np.vstack([inside, corners])).tolist():
        assert all(one.low <= number & one.bits <= one.high for one in ranges)
    _, column, row = ranges
    beside = place_numbers(np.array([[west + side + 0.001, south], [west, south + side + 0.001]])).tolist()
    assert beside[0] & column.bits > column.high and beside[1] & row.bits < row.low


@pytest.mark.parametrize(
    ("z", "x", "y"), [(14, 13120, 7125), (14, 0, 0), (14, 16383, 16383), (16, 65535, 0), (22, 3_358_720, 1_824_000)]
)
def test_the_numbers_of_a_tile_are_those_of_the_places_in_it_and_its_margin(z: int, x: int, y: int) -> None:
    """A tile would miss an issue, or show one that is not there; a symbol at its edge would be cut."""
    west, south, east, north = tile_box(z, x, y, 2 * BUFFER / EXTENT)
    places = np.column_stack(
        [RNG.uniform(west, east, 5000), RNG.uniform(*np.clip([south, north], -LIMIT_LAT, LIMIT_LAT), 5000)]
    )
    units, numbers, ranges = tile_units(places, z, x, y), place_numbers(places), tile_ranges(z, x, y)
    found = ((numbers[:, None] >= ranges[:, 0]) & (numbers[:, None] <= ranges[:, 1])).sum(axis=1)
    grain = 2.0 ** max(0, z - 18)
    assert (found[((units >= -BUFFER) & (units < EXTENT + BUFFER)).all(axis=1)] == 1).all()
    assert (found[((units < -BUFFER - grain) | (units > EXTENT + BUFFER + grain)).any(axis=1)] == 0).all()
    assert np.abs(units_of(numbers, z, x, y) - units).max() <= (grain + 1) / 2 + 0.04


def test_cells_of_two_zooms_are_never_the_same() -> None:
    """One table holds them all."""
    assert cells_of_tile(9, 0, 0, 0)[1] <= cells_of_tile(11, 0, 0, 0)[0]


def test_the_edges_of_the_world_are_in_it() -> None:
    """A report at the date line would be an error, or on the other side of the world."""
    numbers = place_numbers(np.array([[180.0, 90.0], [-180.0, -90.0], [180.0, -90.0], [-180.0, 90.0]]))
    assert ((numbers >= 0) & (numbers < 1 << 60)).all() and len(set(numbers.tolist())) == 4

"""Places as cells of the lattice that tiles count in: one number each, near ones near each other."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_core.arrays import Floats, Ints
from gis_core.crs import to_metres
from gis_core.mvt import BUFFER, EXTENT, tile_units

BITS = 30
"""Of a place's column and row in the world: four centimetres at the equator."""
SIDE_BITS = 6
"""Of a cell's column and row in a tile."""
LATTICE = 1 << SIDE_BITS
"""Cells along a tile's side."""
ALL_BITS = (1 << 2 * BITS) - 1
COLUMN_BITS = ALL_BITS // 3
ROW_BITS = COLUMN_BITS << 1
MARGIN_BITS = (EXTENT // BUFFER).bit_length() - 1
"""By how many zooms a tile is deeper that is as wide as this one's margin."""
NET_BITS = 12
"""Of a mesh's side in :func:`metres_of_cells`: 150 m at the equator."""
_SPREAD = ((32, 0x00000000FFFFFFFF), (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
           (2, 0x3333333333333333), (1, 0x5555555555555555))  # fmt: skip
_GATHER = tuple((distance, kept) for (distance, _), (_, kept) in zip(_SPREAD[:0:-1], _SPREAD[-2::-1], strict=True))


class Numbers(NamedTuple):
    """Numbers of which some bits, the others being 0, lie in a range, both ends of it included."""

    bits: int
    low: int
    high: int


def place_numbers(lonlat: Floats) -> Ints:
    """Degrees, shape (n, 2), as numbers whose bits are those of column and row in turn (Morton 1966)."""
    units = tile_units(lonlat, 0, 0, 0) * (2.0**BITS / EXTENT)
    column, row = np.clip(np.floor(units), 0, 2**BITS - 1).astype(np.int64).T
    return _number(column, row)


def box_numbers(west: float, south: float, east: float, north: float) -> tuple[Numbers, Numbers, Numbers]:
    """Which numbers places in a box of degrees can have: every place in it, and some beside it, has a number that lies
    in all three ranges, the first of all its bits, the others of those of its column and of its row.
    """
    low, high = place_numbers(np.array([[west, north], [east, south]])).tolist()
    column, row = (Numbers(bits, low & bits, high & bits) for bits in (COLUMN_BITS, ROW_BITS))
    return Numbers(ALL_BITS, low, high), column, row


def shift_of(level: int) -> int:
    """By how many bits a place's number is larger than its cell's in the lattice of a zoom."""
    return 2 * (BITS - SIDE_BITS - level)


def mark_of(level: int) -> int:
    """The bit before all others, which tells cells of one zoom from those of another."""
    return 1 << 2 * (level + SIDE_BITS)


def cells_of_tile(level: int, z: int, x: int, y: int) -> tuple[int, int]:
    """The first cell of the lattice of a zoom that lies in a tile of that or a smaller zoom, and the first after."""
    tile = int(_number(np.array([x]), np.array([y]))[0])
    width = 2 * (level + SIDE_BITS - z)
    low = mark_of(level) | tile << width
    return low, low + (1 << width)


def tile_ranges(z: int, x: int, y: int) -> Ints:
    """The first and last numbers, shape (n, 2), of places in a tile, and in the squares that make up its margin."""
    side = 1 << MARGIN_BITS
    column, row = np.indices((side + 2, side + 2)).reshape(2, -1) - 1
    around = (column < 0) | (row < 0) | (column == side) | (row == side)
    column, row = column[around] + x * side, row[around] + y * side
    there = (np.minimum(column, row) >= 0) & (np.maximum(column, row) < side << z)
    first = np.append(_number(np.array([x]), np.array([y])), np.sort(_number(column[there], row[there])))
    bits = np.append(BITS - z, np.repeat(BITS - z - MARGIN_BITS, there.sum()))
    return np.column_stack([first << 2 * bits, ((first + 1) << 2 * bits) - 1])


def units_of(numbers: Ints, z: int, x: int, y: int) -> Ints:
    """Units of a tile, shape (n, 2), of places by their numbers."""
    middle = np.column_stack([_gathered(numbers), _gathered(numbers >> 1)]) + 0.5
    return np.rint(middle * 2.0 ** (z - BITS) * EXTENT - np.array([x, y]) * EXTENT).astype(np.int64)


def lonlat_of_cells(cells: Ints, shift: int) -> Floats:
    """Degrees, shape (n, 2), of the middles of cells; ``shift``, an even number, is by how many bits a place's number
    is longer than its cell's.
    """
    share = (np.column_stack([_gathered(cells), _gathered(cells >> 1)]) + 0.5) * 2.0 ** (shift // 2 - BITS)
    return _degrees(share)


def metres_of_cells(cells: Ints, shift: int, srid: int) -> Floats:
    """The same in the metric CRS ``srid``, to a centimetre: the crossings of a net are put there, and between them
    middles lie as they do in the net. Half a million of a city take a fifth of the time.
    """
    half = shift // 2
    column, row = ((axis << half) + (1 << half >> 1) for axis in (_gathered(cells), _gathered(cells >> 1)))
    if not len(cells) or half >= NET_BITS:
        return to_metres(lonlat_of_cells(cells, shift), srid)
    corner = [int(axis.min()) >> NET_BITS for axis in (column, row)]
    across, down = (
        (int(axis.max()) >> NET_BITS) - first + 2 for axis, first in zip((column, row), corner, strict=True)
    )
    if across * down > len(cells):
        return to_metres(lonlat_of_cells(cells, shift), srid)
    knots = np.indices((down, across)).reshape(2, -1)[::-1].T + corner
    net = to_metres(_degrees(knots * 2.0 ** (NET_BITS - BITS)), srid).reshape(down, across, 2)
    middle = 0.5 if half == 0 else 0.0
    return _in_net(column - (corner[0] << NET_BITS), row - (corner[1] << NET_BITS), middle, net)


def _degrees(share: NDArray[np.floating[Any]]) -> Floats:
    """Degrees of places by how far east and south of the world's corner they lie, shape (n, 2), 1 being all of it."""
    return np.column_stack([share[:, 0] * 360 - 180, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * share[:, 1]))))])


@njit(cache=True, nogil=True)
def _in_net(column: Ints, row: Ints, middle: float, net: Floats) -> Floats:  # pragma: no cover
    found = np.empty((len(column), 2))
    for nth in range(len(column)):
        i, j = column[nth] >> NET_BITS, row[nth] >> NET_BITS
        x = (column[nth] - (i << NET_BITS) + middle) / (1 << NET_BITS)
        y = (row[nth] - (j << NET_BITS) + middle) / (1 << NET_BITS)
        for axis in range(2):
            upper = net[j, i, axis] * (1 - x) + net[j, i + 1, axis] * x
            lower = net[j + 1, i, axis] * (1 - x) + net[j + 1, i + 1, axis] * x
            found[nth, axis] = upper * (1 - y) + lower * y
    return found


def middles(cells: Ints) -> Ints:
    """Units, shape (n, 2), of the middles of a tile's own cells, given by their last twelve bits."""
    side = EXTENT // LATTICE
    return np.column_stack([_gathered(cells), _gathered(cells >> 1)]) * side + side // 2


def _number(column: Ints, row: Ints) -> Ints:
    """The bits of column and row in turn."""
    return _spread(column) | _spread(row) << 1


def _spread(numbers: Ints) -> Ints:
    """The bits of numbers, with a 0 before each."""
    for distance, kept in _SPREAD:
        numbers = (numbers | numbers << distance) & kept
    return numbers


def _gathered(cells: Ints) -> Ints:
    """Every second bit, beginning with the last."""
    cells = cells & _SPREAD[-1][1]
    for distance, kept in _GATHER:
        cells = (cells | cells >> distance) & kept
    return cells

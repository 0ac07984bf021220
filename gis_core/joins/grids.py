"""Lattices of square cells, and which of them edges pass through."""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Floats
from gis_core.joins.compiled import Int32s, compiled

PAD = 1e-6
"""An edge is entered in a cell it misses by less than this share of a cell: far more than rounding moves a point."""


class Grid(NamedTuple):
    """A lattice of ``ny`` rows of ``nx`` square cells from its lower left corner.

    Parameters
    ----------
    x0, y0
        The corner.
    cell, inverse
        Side of a cell in the units of the coordinates, and one divided by it.
    """

    x0: float
    y0: float
    cell: float
    inverse: float
    nx: int
    ny: int


class Blocks(NamedTuple):
    """The parts of a lattice that are stored, as blocks of ``height`` rows of ``width`` cells.

    Parameters
    ----------
    number
        Of each block its place in the store, -1 where it is not stored.
    """

    number: Int32s
    width: int
    height: int


def lattice(low: Floats, high: Floats, cell: float, margin: float, multiple: int = 1) -> Grid:
    """The lattice over a box with a margin round it; rows and columns a multiple of ``multiple``."""
    # An odd share of a cell keeps centres off the round coordinates that edges like to have.
    x0, y0 = low - margin - cell * 0.318309886
    nx, ny = (np.ceil((high + margin - (x0, y0)) / (cell * multiple)) * multiple).astype(int)
    return Grid(float(x0), float(y0), cell, 1.0 / cell, max(int(nx), 1), max(int(ny), 1))


@compiled
def slot_of(blocks: Blocks, row: int, column: int) -> int:
    """Where a cell is stored; -1 if it is not."""
    block = blocks.number[row // blocks.height, column // blocks.width]
    if block < 0:
        return -1
    inside = (row % blocks.height) * blocks.width + column % blocks.width
    return block * blocks.width * blocks.height + inside


@compiled
def rows_of(grid: Grid, ay: float, by: float) -> tuple[int, int]:
    """First row an edge passes through and the row after the last."""
    low = (min(ay, by) - grid.y0) * grid.inverse - PAD
    high = (max(ay, by) - grid.y0) * grid.inverse + PAD
    return max(int(np.floor(low)), 0), min(int(np.floor(high)) + 1, grid.ny)


@compiled
def columns_of(grid: Grid, row: int, ax: float, ay: float, bx: float, by: float) -> tuple[int, int]:
    """First column in a row that an edge passes through and the column after the last."""
    ax, bx = (ax - grid.x0) * grid.inverse, (bx - grid.x0) * grid.inverse
    ay, by = (ay - grid.y0) * grid.inverse - row, (by - grid.y0) * grid.inverse - row
    pad = PAD * (1.0 + abs(bx - ax))
    # Of an edge this flat the part in a row cannot be computed well; it is entered along its whole length.
    if abs(by - ay) >= 1e-3:
        slope = (bx - ax) / (by - ay)
        cx = ax + (min(max(ay, -PAD), 1.0 + PAD) - ay) * slope
        bx = ax + (min(max(by, -PAD), 1.0 + PAD) - ay) * slope
        ax = cx
    return max(int(np.floor(min(ax, bx) - pad)), 0), min(int(np.floor(max(ax, bx) + pad)) + 1, grid.nx)


@compiled
def count_edges(xy: Floats, owner: Int32s, grid: Grid, blocks: Blocks, counts: Int32s) -> None:
    """Add to the count of each stored cell the edges that pass through it."""
    for edge in range(len(owner)):
        if owner[edge] < 0:
            continue
        ax, ay, bx, by = xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1]
        low, high = rows_of(grid, ay, by)
        for row in range(low, high):
            first, end = columns_of(grid, row, ax, ay, bx, by)
            for column in range(first, end):
                slot = slot_of(blocks, row, column)
                if slot >= 0:
                    counts[slot] += 1


@compiled
def enter_edges(xy: Floats, owner: Int32s, grid: Grid, blocks: Blocks, position: Int32s, entries: Int32s) -> None:
    """Write each edge into the lists of its cells, in order; ``position`` moves from their starts to their ends."""
    for edge in range(len(owner)):
        if owner[edge] < 0:
            continue
        ax, ay, bx, by = xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1]
        low, high = rows_of(grid, ay, by)
        for row in range(low, high):
            first, end = columns_of(grid, row, ax, ay, bx, by)
            for column in range(first, end):
                slot = slot_of(blocks, row, column)
                if slot >= 0:
                    entries[position[slot]] = edge
                    position[slot] += 1

"""Which polygons cover the centre of each cell.

The polygons over a centre form a set; sets are numbered, and each but the empty one (0) is another set and one
more polygon of a higher position, so that a city whose cells overlap nowhere has one set for each polygon.
"""

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import Int32s, compiled, grown
from gis_core.joins.grids import Blocks, Grid
from gis_core.joins.predicates import side_of

LOWEST, SIZE, PARENT, LAST = 0, 1, 2, 3
"""Columns of a set: its lowest position, number of polygons, the set it extends and the position it adds."""


@compiled
def fill(xy: Floats, owner: Int32s, start: Ints, grid: Grid, blocks: Blocks, cells: Int32s) -> Int32s:
    """Write the number of its set into each stored cell.

    Returns
    -------
    sets
        Shape (sets, 4): see :data:`LOWEST`.
    """
    sets, used = np.empty((1024, 4), np.int32), 1
    sets[0] = (-1, 0, -1, -1)
    follow = np.full((1024, 2), -1, np.int32)
    for polygon in range(len(start) - 1):
        first, offset, column = _crossings(xy, owner, start[polygon], start[polygon + 1], grid)
        for row in range(len(offset) - 1):
            for nth in range(offset[row], offset[row + 1] - 1, 2):
                at, end = column[nth], column[nth + 1]
                while at < end:
                    stop = min(end, (at // blocks.width + 1) * blocks.width)
                    block = blocks.number[(first + row) // blocks.height, at // blocks.width]
                    if block >= 0:
                        line = block * blocks.height + (first + row) % blocks.height
                        low = line * blocks.width + at % blocks.width
                        sets, follow, used = _extend(cells, low, low + stop - at, polygon, sets, follow, used)
                    at = stop
    return sets[:used].copy()


@compiled
def _extend(
    cells: Int32s, low: int, high: int, polygon: int, sets: Int32s, follow: Int32s, used: int
) -> tuple[Int32s, Int32s, int]:
    """Add a polygon to the sets of a run of cells; ``follow`` knows for which polygon and to what a set led last."""
    for slot in range(low, high):
        one = cells[slot]
        if follow[one, 0] != polygon:
            sets = grown(sets, used + 1)
            if len(follow) < len(sets):
                longer = np.full((len(sets), 2), -1, np.int32)
                longer[: len(follow)] = follow
                follow = longer
            sets[used, LOWEST] = sets[one, LOWEST] if one > 0 else polygon
            sets[used, SIZE] = sets[one, SIZE] + 1
            sets[used, PARENT], sets[used, LAST] = one, polygon
            follow[one, 0], follow[one, 1] = polygon, used
            used += 1
        cells[slot] = follow[one, 1]
    return sets, follow, used


@compiled
def _crossings(xy: Floats, owner: Int32s, first: int, end: int, grid: Grid) -> tuple[int, Int32s, Int32s]:
    """Where a polygon's edges cross the centre lines of rows.

    Returns
    -------
    row, offset, column
        The first row; per row where its crossings begin; of each, ordered, the first column with its centre to the
        right of the edge.
    """
    if end <= first:
        return 0, np.zeros(1, np.int32), np.empty(0, np.int32)
    lowest = max(int((xy[first:end, 1].min() - grid.y0) * grid.inverse) - 1, 0)
    highest = min(int((xy[first:end, 1].max() - grid.y0) * grid.inverse) + 1, grid.ny - 1)
    offset, column = np.zeros(highest - lowest + 2, np.int32), np.empty(0, np.int32)
    for filling in range(2):
        for edge in range(first, end):
            if owner[edge] < 0 or xy[edge, 1] == xy[edge + 1, 1]:
                continue
            low, high = (edge, edge + 1) if xy[edge, 1] < xy[edge + 1, 1] else (edge + 1, edge)
            row = max(int((xy[low, 1] - grid.y0) * grid.inverse) - 1, 0)
            while row < grid.ny:
                y = grid.y0 + (row + 0.5) * grid.cell
                if y >= xy[high, 1]:
                    break
                if y >= xy[low, 1]:
                    if filling:
                        offset[row - lowest] -= 1
                        column[offset[row - lowest]] = _column(xy, low, high, y, grid)
                    else:
                        offset[row - lowest] += 1
                row += 1
        if not filling:
            offset = np.cumsum(offset).astype(np.int32)
            column = np.empty(offset[-1], np.int32)
    for row in range(len(offset) - 1):
        column[offset[row] : offset[row + 1]].sort()
    return lowest, offset, column


@compiled
def _column(xy: Floats, low: int, high: int, y: float, grid: Grid) -> int:
    """First column whose centre at height ``y`` is right of the upward edge, exactly."""
    ax, ay, bx, by = xy[low, 0], xy[low, 1], xy[high, 0], xy[high, 1]
    x = ax + (bx - ax) * ((y - ay) / (by - ay))
    column = min(max(int((x - grid.x0) * grid.inverse + 0.5), 0), grid.nx)
    while column > 0 and side_of(ax, ay, bx, by, grid.x0 + (column - 0.5) * grid.cell, y) < 0.0:
        column -= 1
    while column < grid.nx and side_of(ax, ay, bx, by, grid.x0 + (column + 0.5) * grid.cell, y) >= 0.0:
        column += 1
    return column

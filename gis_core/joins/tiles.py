"""The order in which neighbours follow each other, so that what one point reads serves the next."""

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import compiled
from gis_core.joins.grids import Grid

TILES = 128
"""Tiles along each side."""
FEW = 4_096
"""Below this number of points the order is not worth making."""


@compiled
def by_tile(points: Floats, grid: Grid, share: int, shares: int) -> tuple[Ints, Floats]:
    """One of several shares of the points, ordered by tile of the lattice.

    A share is the points of neighbouring tiles, about as many in each; of few points, a run as they are.

    Returns
    -------
    order, ordered
        Positions of the points, and the points.
    """
    first, end = share * len(points) // shares, (share + 1) * len(points) // shares
    if len(points) < FEW:
        return np.arange(first, end), points[first:end]
    per_column, per_row = TILES / (grid.nx * grid.cell), TILES / (grid.ny * grid.cell)
    tile, position = np.empty(len(points), np.int32), np.zeros(TILES * TILES + 1, np.int64)
    for at in range(len(points)):
        x, y = (points[at, 0] - grid.x0) * per_column, (points[at, 1] - grid.y0) * per_row
        column = int(min(x, TILES - 1.0)) if x > 0.0 else 0
        row = int(min(y, TILES - 1.0)) if y > 0.0 else 0
        tile[at] = row * TILES + column
        position[tile[at] + 1] += 1
    position = np.cumsum(position)
    low = np.searchsorted(position[1:], first, "right")
    high = np.searchsorted(position[1:], end, "right") if share < shares - 1 else np.int64(TILES * TILES)
    position -= position[low]
    order, ordered = np.empty(position[high], np.int64), np.empty((position[high], 2))
    for at in range(len(points)):
        if low <= tile[at] < high:
            place = position[tile[at]]
            position[tile[at]] = place + 1
            order[place], ordered[place, 0], ordered[place, 1] = at, points[at, 0], points[at, 1]
    return order, ordered

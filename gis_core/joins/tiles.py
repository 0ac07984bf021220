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
def by_tile(points: Floats, grid: Grid) -> tuple[Ints, Floats]:
    """Positions of points ordered by tile of the lattice, and the points so ordered; as they are when there are few."""
    if len(points) < FEW:
        return np.arange(len(points)), points
    per_column, per_row = TILES / (grid.nx * grid.cell), TILES / (grid.ny * grid.cell)
    tile, position = np.empty(len(points), np.int32), np.zeros(TILES * TILES + 1, np.int64)
    for at in range(len(points)):
        x, y = (points[at, 0] - grid.x0) * per_column, (points[at, 1] - grid.y0) * per_row
        column = np.int64(min(x, TILES - 1.0)) if x > 0.0 else 0
        row = np.int64(min(y, TILES - 1.0)) if y > 0.0 else 0
        tile[at] = row * TILES + column
        position[tile[at] + 1] += 1
    position = np.cumsum(position)
    order, ordered = np.empty(len(points), np.int64), np.empty((len(points), 2))
    for at in range(len(points)):
        place = position[tile[at]]
        position[tile[at]] = place + 1
        order[place], ordered[place, 0], ordered[place, 1] = at, points[at, 0], points[at, 1]
    return order, ordered

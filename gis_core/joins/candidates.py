"""For each cell, the edges that can be nearest to a point in it."""

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import Float32s, Int32s, compiled, grown
from gis_core.joins.grids import Grid
from gis_core.joins.lines import from_segment
from gis_core.joins.predicates import clipped

SPARE_M = 1e-3
"""Farther than rounding and ties reach."""


@compiled
def candidates(xy: Floats, grid: Grid, offset: Ints, entries: Int32s, reach_m: float) -> tuple[Ints, Int32s, Float32s]:
    """List the candidates of each cell.

    An edge can be nearest to some point of a cell if it is no farther from the centre than the nearest one and
    the cell's diagonal, and at most the reach and half of it.

    Parameters
    ----------
    offset, entries
        The edges that pass through each cell.

    Returns
    -------
    offset, edge, segment
        Of each cell where its candidates begin; their first vertices; and their starts as seen from the centre, with
        the vector to their ends.
    """
    half = grid.cell * 0.5 * np.sqrt(2.0)
    starts, used = np.empty(grid.nx * grid.ny + 1, np.int64), 0
    edges, segments = np.empty(4096, np.int32), np.empty((4096, 4), np.float32)
    seen, away, found = np.full(len(xy), -1), np.empty(1024), np.empty(1024, np.int32)
    for cell in range(grid.nx * grid.ny):
        starts[cell] = used
        x = grid.x0 + (cell % grid.nx + 0.5) * grid.cell
        y = grid.y0 + (cell // grid.nx + 0.5) * grid.cell
        limit = reach_m + half + SPARE_M
        count, limit, away, found = _around(xy, grid, offset, entries, cell, x, y, half, limit, seen, away, found)
        edges, segments = grown(edges, used + count), grown(segments, used + count)
        for nth in range(count):
            if away[nth] <= limit:
                edge = found[nth]
                ax, ay, bx, by = clipped(
                    xy[edge, 0] - x, xy[edge, 1] - y, xy[edge + 1, 0] - x, xy[edge + 1, 1] - y, reach_m + half + 1.0
                )
                edges[used] = edge
                segments[used, 0], segments[used, 1], segments[used, 2], segments[used, 3] = ax, ay, bx - ax, by - ay
                used += 1
    starts[grid.nx * grid.ny] = used
    return starts, edges[:used].copy(), segments[:used].copy()


@compiled
def _around(
    xy: Floats,
    grid: Grid,
    offset: Ints,
    entries: Int32s,
    cell: int,
    x: float,
    y: float,
    half: float,
    limit: float,
    seen: Ints,
    away: Floats,
    found: Int32s,
) -> tuple[int, float, Floats, Int32s]:
    """Find edges in rings of cells round one, until no nearer ones can come.

    Returns
    -------
    count, limit, away, found
        Number of edges, how far candidates may be, and the edges' distances and first vertices.
    """  # fmt: skip
    count, ring, row, column = 0, 0, cell // grid.nx, cell % grid.nx
    while (ring - 0.5) * grid.cell <= limit:
        for r in range(max(row - ring, 0), min(row + ring, grid.ny - 1) + 1):
            step = 1 if abs(r - row) == ring else 2 * ring
            for c in range(column - ring, column + ring + 1, step):
                if c < 0 or c >= grid.nx:
                    continue
                for at in range(offset[r * grid.nx + c], offset[r * grid.nx + c + 1]):
                    edge = entries[at]
                    if seen[edge] == cell:
                        continue
                    seen[edge] = cell
                    far = from_segment(x, y, xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1])
                    if far <= limit:
                        if count == len(away):
                            away, found = grown(away, count + 1), grown(found, count + 1)
                        away[count], found[count] = far, edge
                        count, limit = count + 1, min(limit, far + 2 * half + SPARE_M)
        ring += 1
    return count, limit, away, found

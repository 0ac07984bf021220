"""What is known of a cell that edges pass through, as one line of the processor's cache.

From the centre to the point, each edge crossed changes the polygons the point is in. Where all edges of a cell
make the same change, one position answers after an even number of crossings and another after an odd one.
"""

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import Float32s, Int32s, compiled
from gis_core.joins.filling import LOWEST, SIZE
from gis_core.joins.grids import Grid
from gis_core.joins.predicates import clipped, on_segment, side_of

EVEN, ODD, EDGES, SET, FIRST_EDGE = 0, 1, 2, 3, 4
"""Columns of a record: both answers, number of edges, set at the centre, then the edges, four numbers each."""
WIDTH = 16
MOST_EDGES = (WIDTH - FIRST_EDGE) // 4
MANY, ON_EDGE = -1, -2
"""Instead of a number of edges: they do not fit; the centre lies on one and cannot be started from."""
REACH = 1.5
"""Edges are cut off this far from the centre, in cells, so that single precision is enough for them."""
DOUBT = 3e-6
"""Determinants of such edges, in cells squared, are trusted beyond this; their rounding moves them by half of it."""


@compiled
def centre_of(grid: Grid, row: int, column: int) -> tuple[float, float]:
    """Centre of a cell."""
    return grid.x0 + (column + 0.5) * grid.cell, grid.y0 + (row + 0.5) * grid.cell


@compiled
def write_records(
    xy: Floats,
    owner: Int32s,
    grid: Grid,
    places: Ints,
    offset: Ints,
    entries: Int32s,
    sets: Int32s,
    records: Int32s,
    edges: Float32s,
) -> int:
    """Complete the records, whose sets are there.

    Parameters
    ----------
    places
        Row and column of each cell.
    edges
        The memory of ``records`` as single precision.

    Returns
    -------
    most
        Number of polygons whose edges pass through one cell, at most.
    """  # fmt: skip
    most = 0
    for record in range(len(places)):
        first, end = offset[record], offset[record + 1]
        x, y = centre_of(grid, places[record, 0], places[record, 1])
        count, owners, last = MANY, 0, -1
        for at in range(first, end):
            edge = entries[at]
            if owner[edge] != last:
                owners, last = owners + 1, owner[edge]
            ax, ay, bx, by = xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1]
            if on_segment(side_of(ax, ay, bx, by, x, y), ax, ay, bx, by, x, y):
                count = ON_EDGE
        most = max(most, owners)
        alike = (end - first) // owners
        if (
            count == MANY
            and owners <= 2
            and alike <= MOST_EDGES
            and alike * owners == end - first
            and _answers(owner[entries[first]], owner[entries[end - 1]], sets, records[record])
            and (owners == 1 or _shared(xy, owner, entries[first : first + alike], entries[first + alike : end]))
        ):
            count = _write_edges(xy, grid, x, y, entries[first : first + alike], edges[record])
        records[record, EDGES] = count
    return most


@compiled
def _answers(one: int, other: int, sets: Int32s, record: Int32s) -> bool:
    """Write the answers if crossing changes the membership in ``one`` and ``other`` and one polygon is left at most."""
    even, size = sets[record[SET], LOWEST], sets[record[SET], SIZE]
    if one == other:
        record[EVEN], record[ODD] = even, one if size == 0 else -1
        return size == 0 or (size == 1 and even == one)
    record[EVEN], record[ODD] = even, other if even == one else one
    return size == 1 and even in (one, other)


@compiled
def _shared(xy: Floats, owner: Int32s, ones: Int32s, others: Int32s) -> bool:
    """Whether the edges of one polygon are those of the other, each once."""
    for at, edge in enumerate(ones):
        if owner[edge] != owner[ones[0]] or owner[others[at]] != owner[others[0]]:
            return False
        for earlier in ones[:at]:
            if _same(xy, edge, earlier):
                return False
        found = False
        for rival in others:
            found |= _same(xy, edge, rival)
        if not found:
            return False
    return True


@compiled
def _same(xy: Floats, edge: int, other: int) -> bool:
    forth = (xy[edge] == xy[other]).all() and (xy[edge + 1] == xy[other + 1]).all()
    return forth or ((xy[edge] == xy[other + 1]).all() and (xy[edge + 1] == xy[other]).all())


@compiled
def _write_edges(xy: Floats, grid: Grid, x: float, y: float, entries: Int32s, line: Float32s) -> int:
    """Write the edges, from the centre and in cells; ``MANY`` if the centre is too near one of them."""
    for nth, edge in enumerate(entries):
        at = FIRST_EDGE + 4 * nth
        line[at], line[at + 1], line[at + 2], line[at + 3] = clipped(
            (xy[edge, 0] - x) * grid.inverse, (xy[edge, 1] - y) * grid.inverse,
            (xy[edge + 1, 0] - x) * grid.inverse, (xy[edge + 1, 1] - y) * grid.inverse, REACH,
        )  # fmt: skip
        if abs(np.float64(line[at]) * line[at + 3] - np.float64(line[at + 1]) * line[at + 2]) < DOUBT:
            return MANY
    return len(entries)

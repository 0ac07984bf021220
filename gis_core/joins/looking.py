"""Looking points up in the raster of cells."""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.joins.compiled import Float32s, Int32s, compiled, grown
from gis_core.joins.filling import LAST, PARENT, SIZE
from gis_core.joins.grids import Grid
from gis_core.joins.predicates import covers, on_segment, side_of
from gis_core.joins.records import DOUBT, EDGES, EVEN, FIRST_EDGE, ODD, ON_EDGE, SET, centre_of

BLOCK = 1 << 30
"""In the upper level, values from here on are numbers of blocks."""
AT_ONCE = 2048
"""Points of which all cells are read first, then all records, so that the memory answers many at a time."""


class Raster(NamedTuple):
    """Everything a point is looked up in.

    Parameters
    ----------
    cells
        Per cell the position of the one polygon that covers it, -1 for none, -2 - r for record r.
    top, shift
        With two levels, the same per block of ``1 << shift`` cells a side, or ``BLOCK`` + the block's number.
    records, edges
        See :mod:`gis_core.joins.records`; the same memory.
    offset, entries
        The edges that pass through the cell of each record, ordered by polygon.
    xy, owner, start
        See :class:`gis_core.joins.shapes.Rings`.
    sets
        See :mod:`gis_core.joins.filling`.
    most
        Polygons over one point, at most.
    """

    grid: Grid
    cells: Int32s
    top: Int32s
    shift: int
    records: Int32s
    edges: Float32s
    offset: Ints
    entries: Int32s
    xy: Floats
    owner: Int32s
    start: Ints
    sets: Int32s
    most: int


@compiled
def look_up(points: Floats, raster: Raster, first: Ints, several: Bools) -> int:
    """Write the lowest position over each point, -1 for none, and whether there are more.

    Returns
    -------
    nothing of use
        It keeps the reads ahead from being left out.
    """
    todo, buffer, seen = np.empty(AT_ONCE, np.int64), np.empty(raster.most, np.int64), np.int32(0)
    for begin in range(0, len(points), AT_ONCE):
        count = 0
        for at in range(begin, min(begin + AT_ONCE, len(points))):
            value = _value(raster, points[at, 0], points[at, 1])
            first[at], several[at] = value, False
            todo[count] = at
            count += value < -1
        for nth in range(count):
            seen ^= raster.records[-2 - first[todo[nth]], EDGES]
        for nth in range(count):
            at = todo[nth]
            record = -2 - first[at]
            answer = _crossing(raster, record, points[at, 0], points[at, 1])
            if answer < -1:
                found = covering(raster, record, points[at, 0], points[at, 1], buffer)
                several[at], answer = found > 1, -1
                if found:
                    answer = buffer[:found].min()
            first[at] = answer
    return seen


@compiled
def list_all(points: Floats, raster: Raster, first: Ints, several: Bools) -> tuple[Ints, Ints]:
    """Every (point, polygon), given the first of each point and whether there are more."""
    point, polygon, used = np.empty(len(points), np.int64), np.empty(len(points), np.int64), 0
    buffer = np.empty(raster.most, np.int64)
    for at in range(len(points)):
        found = int(first[at] >= 0)
        buffer[0] = first[at]
        if several[at]:
            record = -2 - _value(raster, points[at, 0], points[at, 1])
            found = covering(raster, record, points[at, 0], points[at, 1], buffer)
            buffer[:found].sort()
        point, polygon = grown(point, used + found), grown(polygon, used + found)
        point[used : used + found] = at
        polygon[used : used + found] = buffer[:found]
        used += found
    return point[:used].copy(), polygon[:used].copy()


@compiled
def _value(raster: Raster, x: float, y: float) -> int:
    grid = raster.grid
    x, y = (x - grid.x0) * grid.inverse, (y - grid.y0) * grid.inverse
    if not ((x >= 0.0) & (y >= 0.0) & (x < grid.nx) & (y < grid.ny)):
        return -1
    column, row, shift = int(x), int(y), raster.shift
    if shift == 0:
        return raster.cells[row * grid.nx + column]
    value = raster.top[(row >> shift) * (grid.nx >> shift) + (column >> shift)]
    if value < BLOCK:
        return value
    mask = (1 << shift) - 1
    return raster.cells[((value - BLOCK) << (2 * shift)) + ((row & mask) << shift) + (column & mask)]


@compiled
def _crossing(raster: Raster, record: int, x: float, y: float) -> int:
    """The answer by the number of edges between centre and point; -2 if in doubt."""
    grid, edges = raster.grid, raster.edges
    x, y = (x - grid.x0) * grid.inverse, (y - grid.y0) * grid.inverse
    x, y = x - int(x) - 0.5, y - int(y) - 0.5
    count = raster.records[record, EDGES]
    odd, sure = False, count >= 0
    for at in range(FIRST_EDGE, FIRST_EDGE + 4 * count, 4):
        ax, ay = np.float64(edges[record, at]), np.float64(edges[record, at + 1])
        bx, by = np.float64(edges[record, at + 2]), np.float64(edges[record, at + 3])
        centre = ax * by - ay * bx
        point = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        one, other = x * ay - y * ax, x * by - y * bx
        odd ^= ((point > 0.0) != (centre > 0.0)) & ((one > 0.0) != (other > 0.0))
        sure &= (abs(point) > DOUBT) & (abs(one) > DOUBT) & (abs(other) > DOUBT)
    if not sure:
        return -2
    return raster.records[record, ODD if odd else EVEN]


@compiled
def covering(raster: Raster, record: int, x: float, y: float, found: Ints) -> int:
    """Write all polygons that cover a point, in no order, by exact predicates; their number."""
    first, end, count = raster.offset[record], raster.offset[record + 1], 0
    state, kind = raster.records[record, SET], raster.records[record, EDGES]
    grid, owner, entries = raster.grid, raster.owner, raster.entries
    row, column = int((y - grid.y0) * grid.inverse), int((x - grid.x0) * grid.inverse)
    cx, cy = centre_of(grid, row, column)
    at = first
    while at < end:
        polygon, stop = owner[entries[at]], at
        while stop < end and owner[entries[stop]] == polygon:
            stop += 1
        if kind == ON_EDGE:
            inside = covers(raster.xy, owner, raster.start[polygon], raster.start[polygon + 1], x, y)
        else:
            inside = _walk(raster.xy, entries[at:stop], _member(raster.sets, state, polygon), cx, cy, x, y)
        if inside:
            found[count] = polygon
            count += 1
        at = stop
    while state > 0:
        polygon, passes = raster.sets[state, LAST], False
        for at in range(first, end):
            passes |= owner[entries[at]] == polygon
        if not passes:
            found[count] = polygon
            count += 1
        state = raster.sets[state, PARENT]
    return count


@compiled
def _member(sets: Int32s, state: int, polygon: int) -> bool:
    while state > 0 and sets[state, LAST] > polygon:
        state = sets[state, PARENT]
    return state > 0 and sets[state, LAST] == polygon


@compiled
def _walk(xy: Floats, entries: Int32s, inside: bool, cx: float, cy: float, x: float, y: float) -> bool:
    """Whether a polygon that covers the centre, or not, covers the point, by its edges between them."""
    for edge in entries:
        ax, ay, bx, by = xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1]
        turn = side_of(ax, ay, bx, by, x, y)
        if on_segment(turn, ax, ay, bx, by, x, y):
            return True
        if (turn > 0.0) != (side_of(ax, ay, bx, by, cx, cy) > 0.0):
            if (side_of(x, y, cx, cy, ax, ay) > 0.0) != (side_of(x, y, cx, cy, bx, by) > 0.0):
                inside = not inside
    return inside

"""Looking points up in the raster of cells."""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.joins.compiled import Float32s, Int32s, compiled, grown
from gis_core.joins.filling import LAST, PARENT
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
    grid, cells, top, shift = raster.grid, raster.cells, raster.top, raster.shift
    records, edges = raster.records, raster.edges
    todo, seen = np.empty(min(AT_ONCE, len(points)), np.int64), 0
    for begin in range(0, len(points), AT_ONCE):
        end = min(begin + AT_ONCE, len(points))
        several[begin:end] = False
        count = _gather(points, begin, end, grid, cells, top, shift, first, todo)
        count, ahead = _cross(points, todo[:count], grid, records, edges, first)
        seen ^= ahead
        if count:
            _settle(points, todo[:count], raster, first, several)
    return seen


@compiled
def list_all(points: Floats, raster: Raster) -> tuple[Ints, Ints]:
    """Every (point, polygon), for points that have a record, by exact predicates."""
    point, polygon, used = np.empty(len(points), np.int64), np.empty(len(points), np.int64), 0
    buffer, value = np.empty(raster.most, np.int64), np.empty(len(points), np.int64)
    _gather(points, 0, len(points), raster.grid, raster.cells, raster.top, raster.shift, value, value.copy())
    for at in range(len(points)):
        found = covering(raster, -2 - value[at], points[at, 0], points[at, 1], buffer)
        if used + found > len(point):
            point, polygon = grown(point, used + found), grown(polygon, used + found)
        for nth in range(found):
            one, place = buffer[nth], used + nth
            while place > used and polygon[place - 1] > one:
                polygon[place] = polygon[place - 1]
                place -= 1
            point[used + nth], polygon[place] = at, one
        used += found
    return point[:used].copy(), polygon[:used].copy()


# Passing an array to a function costs two counts of its users, which is dear in a loop over points: what is
# called for each point takes numbers, what takes arrays is called for many.


@compiled
def _cell_of(grid: Grid, x: float, y: float) -> tuple[int, int]:
    """Row and column of a point, -1 outside."""
    x, y = (x - grid.x0) * grid.inverse, (y - grid.y0) * grid.inverse
    within = (x >= 0.0) & (y >= 0.0) & (x < grid.nx) & (y < grid.ny)
    return (int(y), int(x)) if within else (-1, -1)


@compiled
def _gather(
    points: Floats, begin: int, end: int, grid: Grid, cells: Int32s, top: Int32s, shift: int, value: Ints, todo: Ints
) -> int:
    """Write the value of each point's cell, and which points have a record; their number."""
    count, mask, wide = 0, (1 << shift) - 1, grid.nx >> shift
    for at in range(begin, end):
        row, column = _cell_of(grid, points[at, 0], points[at, 1])
        if shift == 0:
            found = cells[row * grid.nx + column] if row >= 0 else -1
        else:
            found = top[(row >> shift) * wide + (column >> shift)] if row >= 0 else -1
            if found >= BLOCK:
                found = cells[((found - BLOCK) << (2 * shift)) + ((row & mask) << shift) + (column & mask)]
        value[at] = found
        todo[count] = at
        count += found < -1
    return count


@compiled
def _cross(points: Floats, todo: Ints, grid: Grid, records: Int32s, edges: Float32s, first: Ints) -> tuple[int, int]:
    """Answer by the number of edges between centre and point; the points in doubt come to the front of ``todo``."""
    doubts, ahead = 0, 0
    for at in todo:
        ahead ^= records[-2 - first[at], EDGES]
    for at in todo:
        record, x, y = (
            -2 - first[at],
            (points[at, 0] - grid.x0) * grid.inverse,
            (points[at, 1] - grid.y0) * grid.inverse,
        )
        x, y = x - int(x) - 0.5, y - int(y) - 0.5
        count = records[record, EDGES]
        odd, sure = False, count >= 0
        for part in range(FIRST_EDGE, FIRST_EDGE + 4 * count, 4):
            ax, ay = np.float64(edges[record, part]), np.float64(edges[record, part + 1])
            bx, by = np.float64(edges[record, part + 2]), np.float64(edges[record, part + 3])
            centre = ax * by - ay * bx
            point = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            one, other = x * ay - y * ax, x * by - y * bx
            odd ^= ((point > 0.0) != (centre > 0.0)) & ((one > 0.0) != (other > 0.0))
            sure &= (abs(point) > DOUBT) & (abs(one) > DOUBT) & (abs(other) > DOUBT)
        if sure:
            first[at] = records[record, ODD] if odd else records[record, EVEN]
        else:
            todo[doubts] = at
            doubts += 1
    return doubts, ahead


@compiled
def _settle(points: Floats, todo: Ints, raster: Raster, first: Ints, several: Bools) -> None:
    """Answer by exact predicates."""
    buffer = np.empty(raster.most, np.int64)
    for at in todo:
        found = covering(raster, -2 - first[at], points[at, 0], points[at, 1], buffer)
        several[at], lowest = found > 1, buffer[0] if found else -1
        for nth in range(1, found):
            lowest = min(lowest, buffer[nth])
        first[at] = lowest


@compiled
def covering(raster: Raster, record: int, x: float, y: float, found: Ints) -> int:
    """Write all polygons that cover a point, in no order, by exact predicates; their number."""
    begin, end, count = raster.offset[record], raster.offset[record + 1], 0
    state, kind, sets = raster.records[record, SET], raster.records[record, EDGES], raster.sets
    owner, entries, xy = raster.owner, raster.entries, raster.xy
    row, column = _cell_of(raster.grid, x, y)
    cx, cy = centre_of(raster.grid, row, column)
    at = begin
    while at < end:
        polygon, one = owner[entries[at]], state
        while one > 0 and sets[one, LAST] > polygon:
            one = sets[one, PARENT]
        inside, touches = one > 0 and sets[one, LAST] == polygon, False
        while at < end and owner[entries[at]] == polygon:
            edge = entries[at]
            ax, ay, bx, by = xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1]
            on_it, between = _between(ax, ay, bx, by, cx, cy, x, y)
            inside, touches = inside != between, touches | on_it
            at += 1
        if kind == ON_EDGE:
            inside = covers(xy, owner, raster.start[polygon], raster.start[polygon + 1], x, y)
        if inside or touches:
            found[count] = polygon
            count += 1
    while state > 0:
        polygon, passes = sets[state, LAST], False
        for at in range(begin, end):
            passes |= owner[entries[at]] == polygon
        if not passes:
            found[count] = polygon
            count += 1
        state = sets[state, PARENT]
    return count


@compiled
def _between(ax: float, ay: float, bx: float, by: float, cx: float, cy: float, x: float, y: float) -> tuple[bool, bool]:
    """Whether the edge from a to b passes through a point, and whether between it and the centre c."""
    turn = side_of(ax, ay, bx, by, x, y)
    if on_segment(turn, ax, ay, bx, by, x, y):
        return True, False
    if (turn > 0.0) == (side_of(ax, ay, bx, by, cx, cy) > 0.0):
        return False, False
    return False, (side_of(x, y, cx, cy, ax, ay) > 0.0) != (side_of(x, y, cx, cy, bx, by) > 0.0)

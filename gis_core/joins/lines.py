"""Lines as arrays of vertices, and measuring along them as GEOS does, digit for digit."""

from typing import NamedTuple

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.joins.compiled import Int32s, compiled
from gis_core.joins.grids import Blocks, Grid, count_edges, enter_edges


class Lines(NamedTuple):
    """All lines, neighbours near each other.

    Parameters
    ----------
    xy
        Shape (m, 2), metres.
    owner
        Of each vertex, the position of its line.
    last
        Whether a vertex ends its line or a part of it: no edge begins there.
    along
        Distance of each vertex from the start of its line, through all parts.
    begin, end
        Of each position, its first vertex and the one after its last.
    """

    xy: Floats
    owner: Int32s
    last: Bools
    along: Floats
    begin: Ints
    end: Ints


def lines_of(shapes: Objects, tile_m: float = 200.0) -> Lines:
    """Lines and lines of several parts; ``None`` and what is no line has no vertices."""
    parts, line = shapely.get_parts(shapes, return_index=True)
    linear = shapely.get_dimensions(parts) == 1
    parts, line = parts[linear], line[linear]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    here = np.zeros((len(shapes), 2))
    found, at = np.unique(line[part], return_index=True)
    here[found] = np.floor(xy[at] / tile_m)
    order = np.lexsort((here[:, 0], here[:, 1]))
    rank = np.argsort(order)
    moved = np.argsort(rank[line[part]], kind="stable")
    xy, part = np.ascontiguousarray(xy[moved]), part[moved]
    owner = line[part].astype(np.int32)
    last = np.append(part[1:] != part[:-1], True)[: len(part)]
    count = np.bincount(owner, minlength=len(shapes))
    end = np.cumsum(count[order])[rank]
    return Lines(xy, owner, last, _along(xy, owner, last), end - count, end)


def edges_by_cell(lines: Lines, grid: Grid) -> tuple[Ints, Int32s]:
    """Where the edges of each cell begin in a list, and the list: the first vertices of the edges that pass through."""
    blocks = Blocks(np.zeros((1, 1), np.int32), grid.nx, grid.ny)
    owner, counts = np.where(lines.last, np.int32(-1), lines.owner), np.zeros(grid.nx * grid.ny, np.int32)
    count_edges(lines.xy, owner, grid, blocks, counts)
    offset = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    entries = np.empty(offset[-1], np.int32)
    enter_edges(lines.xy, owner, grid, blocks, offset[:-1].astype(np.int32), entries)
    return offset, entries


@compiled
def _along(xy: Floats, owner: Int32s, last: Bools) -> Floats:
    along = np.zeros(len(xy))
    for vertex in range(1, len(xy)):
        if owner[vertex] == owner[vertex - 1]:
            step = (
                0.0 if last[vertex - 1] else length(xy[vertex - 1, 0], xy[vertex - 1, 1], xy[vertex, 0], xy[vertex, 1])
            )
            along[vertex] = along[vertex - 1] + step
    return along


@compiled
def length(ax: float, ay: float, bx: float, by: float) -> float:
    """Distance between two points."""
    return np.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))


@compiled
def from_segment(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Distance of a point from a segment."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    share = ((x - ax) * dx + (y - ay) * dy) / square
    beside = (share > 0.0) & (share < 1.0)
    east, north = x - (bx if share >= 1.0 else ax), y - (by if share >= 1.0 else ay)
    root = np.sqrt(square if beside else east * east + north * north)
    return abs(((ay - y) * dx - (ax - x) * dy) / square) * root if beside else root


@compiled
def measure_on(x: float, y: float, ax: float, ay: float, bx: float, by: float, along: float) -> float:
    """Measure of the foot of a point on a segment that begins at measure ``along``."""
    square = (bx - ax) * (bx - ax) + (by - ay) * (by - ay)
    if square == 0.0:
        return along
    share = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square
    if share <= 0.0:
        return along
    whole = length(ax, ay, bx, by)
    return along + share * whole if share <= 1.0 else along + whole


@compiled
def place_at(
    measure: float, near: int, begin: int, end: int, xy: Floats, last: Bools, along: Floats
) -> tuple[float, float]:
    """The point of a line at a measure, looked for from vertex ``near`` on."""
    if measure <= 0.0:
        return xy[begin, 0], xy[begin, 1]
    vertex = near
    while vertex > begin and along[vertex] >= measure:
        vertex -= 1
    while vertex < end - 1:
        if along[vertex + 1] > measure:
            ax, ay, bx, by = xy[vertex, 0], xy[vertex, 1], xy[vertex + 1, 0], xy[vertex + 1, 1]
            share = (measure - along[vertex]) / length(ax, ay, bx, by)
            return (bx - ax) * share + ax, (by - ay) * share + ay
        if last[vertex + 1] and along[vertex + 1] == measure:
            return xy[vertex + 1, 0], xy[vertex + 1, 1]
        vertex += 1
    return xy[end - 1, 0], xy[end - 1, 1]

"""Points against lines and points: everything within reach, how far, where along and on which side."""

from typing import NamedTuple

import numpy as np
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.cells import EQUAL_M
from gis_core.joins.compiled import Int32s, compiled, frozen, grown, points_of
from gis_core.joins.grids import Grid, lattice
from gis_core.joins.lines import Lines, edges_by_cell, from_segment, lines_of
from gis_core.joins.nearing import AT_BEND, measure_and_side_on, side_at_bend
from gis_core.joins.threads import in_parts

CELLS_AN_EDGE = 4
MOST_CELLS = 4_000_000
_POINT = 0

Reached = tuple[Ints, Ints, Floats, Floats, Ints]
"""Point, shape, distance, measure and side of each pair, by point, then by shape."""
NONE: Reached = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int64)


class Spread(NamedTuple):
    """Everything a point is looked up in.

    Parameters
    ----------
    offset, entries
        The edges that pass through each cell; cells are no smaller than the reach.
    group
        Of each shape.
    """

    grid: Grid
    offset: Ints
    entries: Int32s
    group: Ints
    lines: Lines


class RadiusGrid:
    """Finds the lines and points within reach of a point, of the group that is asked for.

    Parameters
    ----------
    shapes
        Lines, lines of several parts and points, in a metric CRS.
    reach_m
        Nothing farther away than this will be asked for.
    group
        Of each shape.
    """

    def __init__(self, shapes: Objects, reach_m: float, group: Ints) -> None:
        lines = lines_of(_as_lines(shapes))
        grid = _grid(lines, reach_m)
        offset, entries = edges_by_cell(lines, grid)
        self._spread = frozen(Spread(grid, offset, entries, np.ascontiguousarray(group), frozen(lines)))

    def within(self, xy: Floats, reach_m: Floats, group: Ints, threads: int = 1) -> Reached:
        """Every pair of a point and a shape of its ``group`` within its ``reach_m``."""
        xy, spread = points_of(xy), self._spread
        reach_m, group = np.ascontiguousarray(reach_m, np.float64), np.ascontiguousarray(group, np.int64)
        parts = in_parts(lambda part: _reached(xy, part, reach_m, group, spread), len(xy), threads)
        if len(parts) == 1:
            return parts[0]
        point, shape, distance_m, measure_m, side = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return point, shape, distance_m, measure_m, side


def _as_lines(shapes: Objects) -> Objects:
    """Points as lines that never leave."""
    lines, point = shapes.copy(), shapely.get_type_id(shapes) == _POINT
    lines[point & shapely.is_empty(shapes)] = None
    point &= ~shapely.is_empty(shapes)
    lines[point] = shapely.linestrings(np.repeat(shapely.get_coordinates(shapes[point])[:, None], 2, axis=1))
    return lines


def _grid(lines: Lines, reach_m: float) -> Grid:
    if not len(lines.xy):
        return lattice(np.zeros(2), np.zeros(2), 1.0, 0.0)
    low, high = lines.xy.min(axis=0), lines.xy.max(axis=0)
    area = float(np.prod(high - low + 2 * reach_m))
    cells = min(CELLS_AN_EDGE * len(lines.xy) + 64, MOST_CELLS)
    # Whatever is within reach, noise included, passes through a cell beside the point's own.
    cell = max((reach_m + 2 * EQUAL_M) * (1 + 1e-9), float(np.sqrt(area / cells)), 1e-3)
    return lattice(low, high, cell, cell)


def _reached(xy: Floats, part: slice, reach_m: Floats, group: Ints, spread: Spread) -> Reached:
    point, edge, used, at = np.empty(1024, np.int64), np.empty(1024, np.int64), 0, part.start
    while at < part.stop:
        at, used = _edges(xy, at, part.stop, reach_m, group, spread, point, edge, used)
        if at < part.stop:
            point, edge = grown(point, 2 * len(point)), grown(edge, 2 * len(edge))
    return _pairs(xy, point[:used], edge[:used], spread) if used else NONE


@compiled
def _edges(
    xy: Floats, at: int, stop: int, reach_m: Floats, group: Ints, spread: Spread, point: Ints, edge: Ints, used: int
) -> tuple[int, int]:
    """Write all edges within reach of each point, as long as there is room.

    Returns
    -------
    at, used
        The first point that is not done, and how many edges are written.
    """
    grid, offset, entries, groups = spread.grid, spread.offset, spread.entries, spread.group
    owner, edges = spread.lines.owner, spread.lines.xy
    for one in range(at, stop):
        before, x, y, limit_m = used, xy[one, 0], xy[one, 1], reach_m[one] + EQUAL_M
        column, row = (x - grid.x0) * grid.inverse, (y - grid.y0) * grid.inverse
        if not ((column >= 0.0) & (row >= 0.0) & (column < grid.nx) & (row < grid.ny)):
            continue
        left, right = max(int(column) - 1, 0), min(int(column) + 2, grid.nx)
        for r in range(max(int(row) - 1, 0), min(int(row) + 2, grid.ny)):
            for entry in range(offset[r * grid.nx + left], offset[r * grid.nx + right]):
                near = entries[entry]
                if groups[owner[near]] != group[one]:
                    continue
                far = from_segment(x, y, edges[near, 0], edges[near, 1], edges[near + 1, 0], edges[near + 1, 1])
                if far <= limit_m:
                    if used == len(point):
                        return one, before
                    point[used], edge[used] = one, near
                    used += 1
    return stop, used


@compiled
def _pairs(xy: Floats, point: Ints, edge: Ints, spread: Spread) -> Reached:
    """Of each point and shape the nearest edge, and where along the shape the point lies; by point, then by shape."""
    lines, count = spread.lines, 0
    owner, edges = lines.owner, lines.xy
    shape, foot, distance_m = np.empty(len(point), np.int64), np.empty(len(point), np.int64), np.empty(len(point))
    points, begin = np.empty(len(point), np.int64), 0
    for nth in range(len(point)):
        at, near = point[nth], edge[nth]
        one, x, y = owner[near], xy[at, 0], xy[at, 1]
        far = from_segment(x, y, edges[near, 0], edges[near, 1], edges[near + 1, 0], edges[near + 1, 1])
        if nth == 0 or point[nth - 1] != at:
            begin = count
        place = count
        while place > begin and shape[place - 1] >= one:
            place -= 1
        if place < count and shape[place] == one:
            if far < distance_m[place] or (far == distance_m[place] and near < foot[place]):
                foot[place], distance_m[place] = near, far
            continue
        for later in range(count, place, -1):
            shape[later], foot[later], distance_m[later] = shape[later - 1], foot[later - 1], distance_m[later - 1]
        shape[place], foot[place], distance_m[place], points[count] = one, near, far, at
        count += 1
    measure_m, side = np.empty(count), np.empty(count, np.int64)
    along, last, begins, ends = lines.along, lines.last, lines.begin, lines.end
    for nth in range(count):
        one, near, x, y = shape[nth], foot[nth], xy[points[nth], 0], xy[points[nth], 1]
        ax, ay, bx, by = edges[near, 0], edges[near, 1], edges[near + 1, 0], edges[near + 1, 1]
        measure_m[nth], side[nth] = measure_and_side_on(
            x, y, ax, ay, bx, by, along[near], along[near + 1], distance_m[nth]
        )
        if side[nth] == AT_BEND:
            side[nth] = side_at_bend(x, y, measure_m[nth], near, begins[one], ends[one], edges, last, along)
    return points[:count], shape[:count], distance_m[:count], measure_m, side

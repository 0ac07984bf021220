"""Points against lines and points: everything within reach, how far, where along and on which side."""

from typing import NamedTuple

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.cells import EQUAL_M
from gis_core.joins.compiled import Int32s, compiled, frozen, grown, points_of
from gis_core.joins.grids import Blocks, Grid, count_edges, enter_edges, lattice
from gis_core.joins.lines import Lines, from_segment, lines_of
from gis_core.joins.nearing import measure_and_side_on
from gis_core.joins.threads import in_parts

CELLS_AN_EDGE = 4
MOST_CELLS = 4_000_000
_POINT = 0

Reached = tuple[Ints, Ints, Floats, Floats, Ints]
"""Point, shape, distance, measure and side of each pair, by point, then by shape."""


class Spread(NamedTuple):
    """Everything a point is looked up in.

    Parameters
    ----------
    offset, entries
        The edges that pass through each cell; cells are no smaller than the reach.
    group
        Of each shape.
    xy, owner, last, along, begin, end
        See :class:`gis_core.joins.lines.Lines`.
    """

    grid: Grid
    offset: Int32s
    entries: Int32s
    group: Ints
    xy: Floats
    owner: Int32s
    last: Bools
    along: Floats
    begin: Ints
    end: Ints


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
        blocks = Blocks(np.zeros((1, 1), np.int32), grid.nx, grid.ny)
        owner, counts = np.where(lines.last, np.int32(-1), lines.owner), np.zeros(grid.nx * grid.ny, np.int32)
        count_edges(lines.xy, owner, grid, blocks, counts)
        offset = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        entries = np.empty(offset[-1], np.int32)
        enter_edges(lines.xy, owner, grid, blocks, offset[:-1].copy(), entries)
        self._spread = frozen(Spread(grid, offset, entries, np.ascontiguousarray(group), *lines))

    def within(self, xy: Floats, reach_m: Floats, group: Ints, threads: int = 1) -> Reached:
        """Every pair of a point and a shape of its ``group`` within its ``reach_m``."""
        xy, spread = points_of(xy), self._spread
        reach_m, group = np.ascontiguousarray(reach_m, np.float64), np.ascontiguousarray(group, np.int64)
        parts = in_parts(lambda part: _reached(xy, part.start, part.stop, reach_m, group, spread), len(xy), threads)
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


@compiled
def _reached(xy: Floats, first: int, end: int, reach_m: Floats, group: Ints, spread: Spread) -> Reached:
    point, shape, side = np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024, np.int64)
    distance_m, measure_m = np.empty(1024), np.empty(1024)
    shapes, feet, away, used = np.empty(16, np.int64), np.empty(16, np.int64), np.empty(16), 0
    for at in range(first, end):
        x, y = xy[at, 0], xy[at, 1]
        limit_m = reach_m[at] + EQUAL_M
        count, shapes, feet, away = _around(x, y, limit_m, group[at], spread, shapes, feet, away)
        if count == 0:
            continue
        if used + count > len(point):
            point, shape, side = grown(point, used + count), grown(shape, used + count), grown(side, used + count)
            distance_m, measure_m = grown(distance_m, used + count), grown(measure_m, used + count)
        for nth in range(count):
            one = shapes[nth]
            point[used], shape[used], distance_m[used] = at, one, away[nth]
            measure_m[used], side[used] = measure_and_side_on(
                x, y, feet[nth], away[nth], spread.begin[one], spread.end[one], spread.xy, spread.last, spread.along
            )
            used += 1
    return (
        point[:used].copy(), shape[:used].copy(), distance_m[:used].copy(), measure_m[:used].copy(), side[:used].copy()
    )  # fmt: skip


@compiled
def _around(
    x: float, y: float, limit_m: float, group: int, spread: Spread, shapes: Ints, feet: Ints, away: Floats
) -> tuple[int, Ints, Ints, Floats]:
    """Find the shapes of a group near a place in ascending order, the nearest edge of each and its distance."""
    grid, owner, edges, count = spread.grid, spread.owner, spread.xy, 0
    column, row = (x - grid.x0) * grid.inverse, (y - grid.y0) * grid.inverse
    if not ((column >= 0.0) & (row >= 0.0) & (column < grid.nx) & (row < grid.ny)):
        return 0, shapes, feet, away
    left, right = max(int(column) - 1, 0), min(int(column) + 2, grid.nx)
    for r in range(max(int(row) - 1, 0), min(int(row) + 2, grid.ny)):
        for entry in range(spread.offset[r * grid.nx + left], spread.offset[r * grid.nx + right]):
            edge = spread.entries[entry]
            if spread.group[owner[edge]] != group:
                continue
            far = from_segment(x, y, edges[edge, 0], edges[edge, 1], edges[edge + 1, 0], edges[edge + 1, 1])
            if not far <= limit_m:
                continue
            nth = count
            while nth > 0 and shapes[nth - 1] >= owner[edge]:
                nth -= 1
            if nth == count or shapes[nth] != owner[edge]:
                if count == len(shapes):
                    shapes, feet, away = grown(shapes, count + 1), grown(feet, count + 1), grown(away, count + 1)
                for later in range(count, nth, -1):
                    shapes[later], feet[later], away[later] = shapes[later - 1], feet[later - 1], away[later - 1]
                shapes[nth], feet[nth], away[nth] = owner[edge], edge, far
                count += 1
            elif far < away[nth] or (far == away[nth] and edge < feet[nth]):
                feet[nth], away[nth] = edge, far
    return count, shapes, feet, away

"""Looking points up in the raster of lines."""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.cells import EQUAL_M, SIDE_STEP_M
from gis_core.joins.compiled import Float32s, Int32s, compiled, compiled_loosely, grown
from gis_core.joins.grids import Grid
from gis_core.joins.lines import from_segment, measure_on, place_at
from gis_core.joins.tiles import tile_order

ROUGH_M = np.float32(2e-3)
"""Distances in single precision are this good, twice over."""
AT_ONCE = 512


class Roads(NamedTuple):
    """Everything a point is looked up in.

    Parameters
    ----------
    offset, edge, segment
        See :func:`gis_core.joins.candidates.candidates`.
    xy, owner, last, along, begin, end
        See :class:`gis_core.joins.lines.Lines`.
    """

    grid: Grid
    offset: Ints
    edge: Int32s
    segment: Float32s
    xy: Floats
    owner: Int32s
    last: Bools
    along: Floats
    begin: Ints
    end: Ints
    most: int


@compiled
def look_near(points: Floats, roads: Roads, limit_m: float, position: Ints, distance_m: Floats, side: Ints) -> int:
    """Write the nearest line of each point, -1 for none, how far it is and on which side of it the point lies.

    Returns
    -------
    nothing of use
        It keeps the reads ahead from being left out.
    """
    order = tile_order(points, roads.grid)
    cells, foot, ahead = np.empty(AT_ONCE, np.int64), np.empty(AT_ONCE, np.int64), 0
    near, bounds = np.empty(AT_ONCE, np.int64), np.zeros(AT_ONCE + 1, np.int64)
    for begin in range(0, len(points), AT_ONCE):
        part = order[begin : begin + AT_ONCE]
        ahead ^= _cells(points, part, roads.grid, roads.offset, cells)
        near = _roughly(points, part, cells, roads.grid, roads.offset, roads.segment, roads.most, limit_m, near, bounds)
        _nearest(points, part, near, bounds, roads, limit_m, position, distance_m, foot)
        _sides(points, part, foot, roads, position, distance_m, side)
    return ahead


@compiled
def _cells(points: Floats, part: Ints, grid: Grid, offset: Ints, cells: Ints) -> int:
    """Write the cell of each point, -1 outside, and read what comes next."""
    ahead = 0
    for nth, at in enumerate(part):
        x, y = (points[at, 0] - grid.x0) * grid.inverse, (points[at, 1] - grid.y0) * grid.inverse
        within = (x >= 0.0) & (y >= 0.0) & (x < grid.nx) & (y < grid.ny)
        cells[nth] = np.int64(y) * grid.nx + np.int64(x) if within else -1
        ahead ^= offset[max(cells[nth], 0)]
    return ahead


@compiled_loosely
def _roughly(
    points: Floats, part: Ints, cells: Ints, grid: Grid, offset: Ints, segment: Float32s, most: int, limit_m: float,
    near: Ints, bounds: Ints,
) -> Ints:
    """Leave of each point's candidates those that single precision cannot tell from the nearest.

    Parameters
    ----------
    bounds
        Is written: where the candidates of each point begin in what is returned.

    Returns
    -------
    near
        Numbers of candidates.
    """  # fmt: skip
    away, used, zero, one = np.empty(most, np.float32), 0, np.float32(0), np.float32(1)
    for nth, at in enumerate(part):
        bounds[nth + 1] = used
        cell = cells[nth]
        if cell < 0 or offset[cell] == offset[cell + 1]:
            continue
        begin, count = offset[cell], offset[cell + 1] - offset[cell]
        row, column = cell // grid.nx, cell % grid.nx
        x = np.float32(points[at, 0] - (grid.x0 + (column + 0.5) * grid.cell))
        y = np.float32(points[at, 1] - (grid.y0 + (row + 0.5) * grid.cell))
        least = np.float32(3e38)
        for which in range(count):
            ax, ay = segment[begin + which, 0], segment[begin + which, 1]
            dx, dy = segment[begin + which, 2] - ax, segment[begin + which, 3] - ay
            share = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy + np.float32(1e-12))
            share = min(max(share, zero), one)
            east, north = x - ax - share * dx, y - ay - share * dy
            away[which] = east * east + north * north
            least = min(least, away[which])
        limit = np.sqrt(least) + ROUGH_M
        if limit - 2 * ROUGH_M > limit_m:
            continue
        near, limit = grown(near, used + count), limit * limit
        for which in range(count):
            near[used] = begin + which
            used += away[which] <= limit
        bounds[nth + 1] = used
    return near


@compiled
def _nearest(
    points: Floats, part: Ints, near: Ints, bounds: Ints, roads: Roads, limit_m: float,
    position: Ints, distance_m: Floats, foot: Ints,
) -> None:
    """Of the candidates left, the lowest position among the equally near, and the edge that is nearest."""  # fmt: skip
    edges, owner, xy = roads.edge, roads.owner, roads.xy
    away = np.empty(len(near))
    for nth, at in enumerate(part):
        least, lowest, x, y = np.inf, -1, points[at, 0], points[at, 1]
        for which in range(bounds[nth], bounds[nth + 1]):
            edge = edges[near[which]]
            away[which] = from_segment(x, y, xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1])
            least = min(least, away[which])
        if least <= limit_m + EQUAL_M:
            for which in range(bounds[nth], bounds[nth + 1]):
                one = owner[edges[near[which]]]
                if away[which] <= least + EQUAL_M and (lowest < 0 or one < lowest):
                    lowest = one
        least, foot[nth] = np.inf, -1
        for which in range(bounds[nth], bounds[nth + 1]):
            edge = edges[near[which]]
            if owner[edge] == lowest and (away[which] < least or (away[which] == least and edge < foot[nth])):
                least, foot[nth] = away[which], edge
        position[at], distance_m[at] = lowest, least if lowest >= 0 else np.nan


@compiled
def _sides(
    points: Floats, part: Ints, foot: Ints, roads: Roads, position: Ints, distance_m: Floats, side: Ints
) -> None:
    """Write on which side of its line each point lies: see :func:`gis_core.cells.measure_and_side`."""
    xy, along = roads.xy, roads.along
    for nth, at in enumerate(part):
        edge, x, y = foot[nth], points[at, 0], points[at, 1]
        side[at] = 0
        if edge < 0:
            continue
        ax, ay, bx, by = xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1]
        measure = measure_on(x, y, ax, ay, bx, by, along[edge])
        if along[edge] < measure - SIDE_STEP_M and measure + SIDE_STEP_M < along[edge + 1] and distance_m[at] > 1e-3:
            side[at] = 1 if (bx - ax) * (y - ay) > (by - ay) * (x - ax) else -1
        else:
            begin, end = roads.begin[position[at]], roads.end[position[at]]
            side[at] = _at_bend(x, y, measure, edge, begin, end, xy, roads.last, along)


@compiled
def _at_bend(
    x: float, y: float, measure: float, edge: int, begin: int, end: int, xy: Floats, last: Bools, along: Floats
) -> int:
    """The side as seen along a chord across the foot of the point."""
    whole = along[end - 1]
    foot_x, foot_y = place_at(measure, edge, begin, end, xy, last, along)
    back_x, back_y = place_at(max(measure - SIDE_STEP_M, 0.0), edge, begin, end, xy, last, along)
    next_x, next_y = place_at(min(measure + SIDE_STEP_M, whole), edge, begin, end, xy, last, along)
    east, north = next_x - back_x, next_y - back_y
    cross = east * (y - foot_y) - north * (x - foot_x)
    if abs(cross) <= EQUAL_M * np.hypot(east, north):
        return 0
    return 1 if cross > 0.0 else -1

"""Looking points up in the raster of lines."""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.cells import EQUAL_M, SIDE_STEP_M
from gis_core.joins.compiled import Float32s, Int32s, compiled, compiled_loosely
from gis_core.joins.grids import Grid
from gis_core.joins.lines import from_segment, measure_on, place_at
from gis_core.joins.tiles import by_tile

ROUGH_M = np.float32(2e-3)
"""Distances in single precision are this good, twice over."""
AT_ONCE = 512
AT_BEND = 2
"""Stands for a side that more than one edge decides."""


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
def look_near(
    points: Floats,
    share: int,
    shares: int,
    roads: Roads,
    limit_m: float,
    position: Ints,
    distance_m: Floats,
    side: Ints,
) -> int:
    """Write the nearest line of each point, -1 for none, how far it is and on which side of it the point lies.

    Of several shares of the points it looks up one: see :func:`gis_core.joins.tiles.by_tile`.

    Returns
    -------
    nothing of use
        It keeps the reads ahead from being left out.
    """  # fmt: skip
    order, points = by_tile(points, roads.grid, share, shares)
    cells, seen_from, foot = (
        np.empty(AT_ONCE, np.int64),
        np.empty((AT_ONCE, 2), np.float32),
        np.empty(AT_ONCE, np.int64),
    )
    near = np.empty(min(AT_ONCE, len(points)) * roads.most, np.int64)
    bounds, ahead = np.zeros(AT_ONCE + 1, np.int64), 0
    for begin in range(0, len(points), AT_ONCE):
        some, part = points[begin : begin + AT_ONCE], order[begin : begin + AT_ONCE]
        ahead ^= _cells(some, roads.grid, roads.offset, cells, seen_from)
        _roughly(cells[: len(some)], seen_from, roads.offset, roads.segment, roads.most, limit_m, near, bounds)
        _nearest(some, part, near, bounds, roads, limit_m, position, distance_m, foot)
        _sides(some, part, foot, roads, position, distance_m, side)
    return ahead


@compiled
def _cells(points: Floats, grid: Grid, offset: Ints, cells: Ints, seen_from: Float32s) -> int:
    """Write the cell of each point, -1 outside, and where it lies from the centre; read what comes next."""
    ahead = 0
    for at in range(len(points)):
        x, y = (points[at, 0] - grid.x0) * grid.inverse, (points[at, 1] - grid.y0) * grid.inverse
        within = (x >= 0.0) & (y >= 0.0) & (x < grid.nx) & (y < grid.ny)
        column, row = int(x) if within else 0, int(y) if within else 0
        seen_from[at, 0] = (x - column - 0.5) * grid.cell
        seen_from[at, 1] = (y - row - 0.5) * grid.cell
        cells[at] = row * grid.nx + column if within else -1
        ahead ^= offset[row * grid.nx + column]
    return ahead


@compiled_loosely
def _roughly(
    cells: Ints,
    seen_from: Float32s,
    offset: Ints,
    segment: Float32s,
    most: int,
    limit_m: float,
    near: Ints,
    bounds: Ints,
) -> None:
    """Write of each point's candidates those that single precision cannot tell from the nearest.

    Parameters
    ----------
    near, bounds
        Numbers of candidates, and where those of each point begin.
    """  # fmt: skip
    away, used, zero, one = np.empty(most, np.float32), 0, np.float32(0), np.float32(1)
    for at in range(len(cells)):
        bounds[at + 1] = used
        begin = offset[max(cells[at], 0)]
        count = offset[cells[at] + 1] - begin if cells[at] >= 0 else 0
        if count == 0:
            continue
        x, y, least = seen_from[at, 0], seen_from[at, 1], np.float32(3e38)
        for which in range(count):
            east, north = x - segment[begin + which, 0], y - segment[begin + which, 1]
            dx, dy = segment[begin + which, 2], segment[begin + which, 3]
            share = (east * dx + north * dy) / (dx * dx + dy * dy + np.float32(1e-12))
            share = min(max(share, zero), one)
            east, north = east - share * dx, north - share * dy
            away[which] = east * east + north * north
            least = min(least, away[which])
        limit = np.sqrt(least) + ROUGH_M
        if limit - 2 * ROUGH_M > limit_m:
            continue
        limit *= limit
        for which in range(count):
            near[used] = begin + which
            used += away[which] <= limit
        bounds[at + 1] = used


@compiled
def _nearest(
    points: Floats,
    part: Ints,
    near: Ints,
    bounds: Ints,
    roads: Roads,
    limit_m: float,
    position: Ints,
    distance_m: Floats,
    foot: Ints,
) -> float:
    """Of the candidates left, the lowest position among the equally near, and the edge that is nearest.

    Returns
    -------
    nothing of use
    """  # fmt: skip
    edges, owner, xy = roads.edge, roads.owner, roads.xy
    away, ahead = np.empty(roads.most), 0.0
    for nth in range(bounds[len(points)]):
        near[nth] = edges[near[nth]]
        ahead += xy[near[nth], 0] + owner[near[nth]]
    for at in range(len(points)):
        least, x, y, begin, count = np.inf, points[at, 0], points[at, 1], bounds[at], bounds[at + 1] - bounds[at]
        for which in range(count):
            edge = near[begin + which]
            away[which] = from_segment(x, y, xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1])
            least = min(least, away[which])
        lowest, distance, foot[at] = -1, np.nan, -1
        if least <= limit_m + EQUAL_M and count == 1:
            lowest, distance, foot[at] = owner[near[begin]], least, near[begin]
        elif least <= limit_m + EQUAL_M:
            for which in range(count):
                edge = near[begin + which]
                one, far = owner[edge], away[which]
                if far > least + EQUAL_M or (lowest >= 0 and one > lowest):
                    continue
                if one != lowest or far < distance or (far == distance and edge < foot[at]):
                    lowest, distance, foot[at] = one, far, edge
        position[part[at]], distance_m[part[at]] = lowest, distance
    return ahead


@compiled
def _sides(
    points: Floats, part: Ints, foot: Ints, roads: Roads, position: Ints, distance_m: Floats, side: Ints
) -> None:
    """Write on which side of its line each point lies."""
    begins, ends, xy, last, along = roads.begin, roads.end, roads.xy, roads.last, roads.along
    for nth in range(len(part)):
        at, edge, x, y = part[nth], foot[nth], points[nth, 0], points[nth, 1]
        side[at] = 0
        if edge >= 0:
            ax, ay, bx, by = xy[edge, 0], xy[edge, 1], xy[edge + 1, 0], xy[edge + 1, 1]
            measure, side[at] = measure_and_side_on(x, y, ax, ay, bx, by, along[edge], along[edge + 1], distance_m[at])
            if side[at] == AT_BEND:
                line = position[at]
                side[at] = side_at_bend(x, y, measure, edge, begins[line], ends[line], xy, last, along)


@compiled
def measure_and_side_on(
    x: float, y: float, ax: float, ay: float, bx: float, by: float, begin_m: float, end_m: float, distance_m: float
) -> tuple[float, int]:
    """Where along its line a point lies and on which side: see :func:`gis_core.cells.measure_and_side`.

    Parameters
    ----------
    ax, ay, bx, by
        The line's nearest edge, whose ends are at the measures ``begin_m`` and ``end_m``.
    distance_m
        How far away it is.

    Returns
    -------
    measure_m, side
        :data:`AT_BEND` where the edge alone does not tell. Arrays are not handed in: each would cost as much as the
        reckoning.
    """
    measure = measure_on(x, y, ax, ay, bx, by, begin_m)
    if begin_m < measure - SIDE_STEP_M and measure + SIDE_STEP_M < end_m and distance_m > 1e-3:
        return measure, 1 if (bx - ax) * (y - ay) > (by - ay) * (x - ax) else -1
    return measure, AT_BEND


@compiled
def side_at_bend(
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

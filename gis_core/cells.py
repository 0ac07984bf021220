"""Points against shapes: which polygon covers a point, which line is nearest to it and on which side.

Positions returned are positions in the array the index was built from. Callers sort that array by
code, so "smallest position" is "smallest code" and every tie has one answer.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.joins.pending import LINES_PAY, POLYGONS_PAY, Pending

if TYPE_CHECKING:
    from gis_core.joins.choosing import PolygonIndex
    from gis_core.joins.segments import SegmentRaster

EQUAL_M = 1e-6
"""Distances closer together than this are equal: the noise of projecting a coordinate."""
SIDE_STEP_M = 0.01
"""Half the chord that stands for a line's direction, so that a bend has one left and one right."""
NONE: Ints = np.empty(0, np.int64)
PIECE_EDGES = 32
"""Edges of a piece of a boundary."""


class CellIndex:
    """Finds the polygons that cover a point, boundary included.

    Parameters
    ----------
    polygons
        Polygons or multipolygons, in the coordinates the points will have.
    compiled
        The compiled index of the same polygons where it is there; otherwise it is built once it pays.
    """

    def __init__(self, polygons: Objects, compiled: "PolygonIndex | None" = None) -> None:
        self._polygons = polygons
        self._pending: Pending[PolygonIndex] = Pending(self._compiled, POLYGONS_PAY, polygons, compiled)
        if compiled is not None:
            return
        shapely.prepare(polygons)
        # GEOS builds a prepared polygon's index at its first use, which two threads must not do at once.
        rings = shapely.get_exterior_ring(shapely.get_geometry(polygons, 0))
        vertex = shapely.get_coordinates(shapely.get_point(rings, 0))
        if len(vertex) == len(polygons):
            shapely.intersects_xy(polygons, vertex[:, 0], vertex[:, 1])

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._polygons)

    def _compiled(self) -> "PolygonIndex":
        from gis_core.joins.choosing import polygon_index  # here, so that the compiler is loaded only for this

        return polygon_index(self._polygons)

    def pairs(self, points: Floats, threads: int = 1) -> tuple[Ints, Ints]:
        """Every (point, polygon) pair in which the polygon covers the point.

        Returns
        -------
        point, cell
            Positions, ordered by point, then by cell.
        """
        if (compiled := self._pending.after(len(points))) is not None:
            return compiled.pairs(points, threads)
        return self._pairs(points)

    def _pairs(self, points: Floats) -> tuple[Ints, Ints]:
        point, cell = self._tree.query(shapely.points(points))
        covers = shapely.intersects_xy(self._polygons[cell], points[point, 0], points[point, 1])
        point, cell = point[covers], cell[covers]
        order = np.lexsort((cell, point))
        return point[order], cell[order]

    def touched_by(self, shapes: Objects) -> Bools:
        """Whether each shape meets any of the polygons."""
        touched = np.zeros(len(shapes), dtype=bool)
        touched[self._tree.query(shapes, predicate="intersects")[0]] = True
        return touched

    def covering(self, points: Floats, threads: int = 1) -> tuple[Ints, Bools]:
        """The first polygon over each point, -1 for none, and whether there are more.

        Parameters
        ----------
        points
            Shape (n, 2).
        threads
            The compiled index shares the points among so many.
        """
        if (compiled := self._pending.after(len(points))) is not None:
            return compiled.covering(points, threads)
        point, cell = self._pairs(points)
        return first_of(point, cell, len(points)), np.bincount(point, minlength=len(points)) > 1

    def locate(self, points: Floats, threads: int = 1) -> Ints:
        """Position of the first polygon that covers each point, -1 for none."""
        return self.covering(points, threads)[0]


class NearestIndex:
    """Finds the nearest shape to a point, in metres.

    Parameters
    ----------
    shapes
        Lines or polygons in a metric CRS.
    whole
        Position of the whole that each shape is a piece of, ascending; by default each is one.
    """

    def __init__(self, shapes: Objects, whole: Ints | None = None) -> None:
        self.shapes = shapes
        self._whole = np.arange(len(shapes)) if whole is None else whole
        self._tree = shapely.STRtree(shapes)

    def nearest(self, xy: Floats, limit_m: float) -> tuple[Ints, Floats]:
        """Nearest whole within ``limit_m`` of each point; the lowest position among equally near ones.

        Returns
        -------
        position, distance_m
            -1 and NaN where nothing is near enough.
        """
        position = np.full(len(xy), -1, dtype=np.int64)
        distance = np.full(len(xy), np.nan)
        if not len(self.shapes) or not len(xy):
            return position, distance
        points = shapely.points(xy)
        # All-matches would miss rivals that differ by less than the noise, so ties are looked up afterwards.
        found, shape = self._tree.query_nearest(points, max_distance=limit_m + 2 * EQUAL_M, all_matches=False)
        least = shapely.distance(points[found], self.shapes[shape])
        near = least <= limit_m + EQUAL_M
        found, least = found[near], least[near]
        tied, rival = _ordered(*self._tree.query(points[found], predicate="dwithin", distance=least + EQUAL_M))
        first = self._whole[first_of(tied, rival, len(found))]
        own = self._whole[rival] == first[tied]
        away = np.full(len(found), np.inf)
        np.minimum.at(away, tied[own], shapely.distance(points[found[tied[own]]], self.shapes[rival[own]]))
        position[found], distance[found] = first, away
        return position, distance

    def touched_by(self, shapes: Objects, reach_m: float) -> Bools:
        """Whether each shape comes within ``reach_m`` of any of the index's."""
        touched = np.zeros(len(shapes), dtype=bool)
        touched[self._tree.query(shapes, predicate="dwithin", distance=reach_m + EQUAL_M)[0]] = True
        return touched

    def within(self, xy: Floats, reach_m: float | Floats) -> tuple[Ints, Ints, Floats]:
        """Every (point, shape, distance) with the shape within ``reach_m`` (per point or for all)."""
        points = shapely.points(xy)
        point, shape = _ordered(*self._tree.query(points, predicate="dwithin", distance=reach_m + EQUAL_M))
        return point, shape, shapely.distance(points[point], self.shapes[shape])


def outlines(polygons: Objects) -> tuple[Objects, Ints]:
    """The boundaries of polygons in short pieces, which are quickly measured from where no polygon is.

    Edges between two polygons are left out unless they end where ground does: whatever lies on no polygon has
    another edge before them.

    Returns
    -------
    pieces, polygon
        Lines, and the position of the polygon that each is of, ascending.
    """
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    hole = np.diff(part, prepend=-1) == 0
    edge = edge[_beside_open_ground(xy, edge, (shapely.is_ccw(rings) == hole)[ring[edge]])]
    runs = np.diff(edge, prepend=-2) > 1  # between two rings there is a number that is no edge
    place = np.arange(len(edge))
    begins = (place - np.maximum.accumulate(np.where(runs, place, 0))) % PIECE_EDGES == 0
    ends = np.append(begins[1:], True)[: len(edge)]
    piece = np.cumsum(begins) - 1
    vertex = np.concatenate([edge, edge[ends] + 1])
    of_piece = np.concatenate([piece, piece[ends]])
    order = np.argsort(of_piece, kind="stable")
    pieces = shapely.linestrings(xy[vertex[order]], indices=of_piece[order])
    return pieces, polygon[part[ring[edge[begins]]]]


def _beside_open_ground(xy: Floats, edge: Ints, backward: Bools) -> Bools:
    """Which edges, each from a vertex to the next, have ground on one side only, or end where one of those does.

    Parameters
    ----------
    backward
        Which edges have their polygon on the right instead of the left.
    """
    vertex, _ = pd.factorize(xy @ np.array([1, 1j]))
    start, end = (vertex[edge + step] for step in np.where(backward, [[1], [0]], [[0], [1]]))
    outer = ~pd.Series(start * len(xy) + end).isin(end * len(xy) + start).to_numpy()
    open_end = np.zeros(len(xy), dtype=bool)
    open_end[start[outer]] = open_end[end[outer]] = True
    return open_end[start] | open_end[end]


def first_of(point: Ints, other: Ints, count: int) -> Ints:
    """First ``other`` of each point when the pairs are ordered; -1 for points without a pair."""
    first = np.full(count, -1, dtype=np.int64)
    found, at = np.unique(point, return_index=True)
    first[found] = other[at]
    return first


def _ordered(point: Ints, other: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((other, point))
    return point[order], other[order]


def measure_and_side(lines: Objects, xy: Floats) -> tuple[Floats, Ints]:
    """Where along its line each point lies and on which side, looking from the line's start to its end.

    Parameters
    ----------
    lines
        One line per point, metric CRS.
    xy
        Shape (n, 2), metres.

    Returns
    -------
    measure_m, side
        Distance from the start of the line to the foot of the point; 1 left, -1 right, 0 on the line.
    """
    points = shapely.points(xy)
    measure = shapely.line_locate_point(lines, points)
    foot = shapely.get_coordinates(shapely.line_interpolate_point(lines, measure))
    length = shapely.length(lines)
    # A chord across a vertex bisects the bend, which gives both flanks of the bend the right side.
    back = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(measure - SIDE_STEP_M, 0.0)))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.minimum(measure + SIDE_STEP_M, length)))
    along, off = ahead - back, xy - foot
    cross = along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]
    away = np.abs(cross) > EQUAL_M * np.hypot(along[:, 0], along[:, 1])
    return measure, np.where(away, np.sign(cross), 0).astype(np.int64)


class SegmentIndex:
    """Finds the nearest line to a point, how far away it is and on which side of it the point lies.

    Parameters
    ----------
    lines
        Lines, in whatever CRS.
    near
        Makes the light index of the lines in a metric CRS, where it is needed.
    reach_m
        Limits up to this are answered by the compiled index, which is built once it pays.
    compiled
        The compiled index of the same lines where it is there.
    """

    def __init__(
        self,
        lines: Objects,
        near: Callable[[], NearestIndex],
        reach_m: float,
        compiled: "SegmentRaster | None" = None,
    ) -> None:
        self._near, self._reach_m = near, reach_m
        self._pending = Pending(self._compiled, LINES_PAY, lines, compiled)

    def _compiled(self) -> "SegmentRaster":
        from gis_core.joins.segments import SegmentRaster  # here, so that the compiler is loaded only for this

        return SegmentRaster(self._near().shapes, self._reach_m)

    def nearest(self, xy: Floats, limit_m: float, threads: int = 1) -> tuple[Ints, Floats, Ints]:
        """Nearest line within ``limit_m`` of each point; the lowest position among equally near ones.

        Returns
        -------
        position, distance_m, side
            -1, NaN and 0 where nothing is near enough; side 1 left, -1 right, 0 on the line.
        """
        if limit_m <= self._reach_m and (compiled := self._pending.after(len(xy))) is not None:
            return compiled.nearest(xy, limit_m, threads)
        near = self._near()
        position, distance_m = near.nearest(xy, limit_m)
        side, found = np.zeros(len(xy), np.int64), position >= 0
        _, side[found] = measure_and_side(near.shapes[position[found]], xy[found])
        return position, distance_m, side


class Groups:
    """Rows grouped by the position they belong to.

    Parameters
    ----------
    position
        Group of each row, -1 for rows of no group.
    count
        Number of groups.
    """

    def __init__(self, position: Ints, count: int) -> None:
        order = np.argsort(position, kind="stable")
        self._rows = order[position[order] >= 0]
        self._start = np.searchsorted(position[self._rows], np.arange(count + 1))

    def expand(self, position: Ints) -> tuple[Ints, Ints]:
        """Every (index, row) with the row in the group ``position[index]``; -1 has no rows."""
        if len(position) == 1:  # one issue need not wait for what a million need
            rows = self._rows[self._start[position[0]] : self._start[position[0] + 1]] if position[0] >= 0 else NONE
            return np.zeros(len(rows), np.int64), rows
        start = self._start[position]
        size = np.where(position >= 0, self._start[position + 1] - start, 0)
        index = np.repeat(np.arange(len(position)), size)
        nth = np.arange(len(index)) - np.repeat(np.cumsum(size) - size, size)
        return index, self._rows[np.repeat(start, size) + nth]

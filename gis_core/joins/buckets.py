"""Points against small polygons: places, shop fronts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.joins.compiled import Int32s, compiled, frozen, grown, points_of
from gis_core.joins.grids import Grid, lattice
from gis_core.joins.pairing import all_pairs
from gis_core.joins.predicates import covers
from gis_core.joins.shapes import Rings, rings_of
from gis_core.joins.threads import in_parts

CELLS_A_POLYGON = 32
MOST_CELLS = 16_000_000
STORED = ("offset", "entries", "box", "xy", "owner", "start")


class Boxed(NamedTuple):
    """Everything a point is looked up in.

    Parameters
    ----------
    offset, entries
        The polygons whose boxes meet each cell, in order.
    box
        Shape (polygons, 4): least and greatest x and y as ``x, y, x, y``.
    xy, owner, start
        See :class:`gis_core.joins.shapes.Rings`.
    """

    grid: Grid
    offset: Int32s
    entries: Int32s
    box: Floats
    xy: Floats
    owner: Int32s
    start: Ints


class Buckets:
    """Finds the polygons that cover a point, boundary included, exactly as doubles.

    Each polygon near the point is tested edge by edge, which suits polygons of few edges that lie apart.

    Parameters
    ----------
    polygons
        Polygons or multipolygons, in the coordinates the points will have.
    """

    def __init__(self, polygons: Objects) -> None:
        self._boxed = frozen(_built(rings_of(polygons)))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Buckets":
        """The index whose :meth:`arrays` these are."""
        x0, y0, cell, inverse, nx, ny = arrays["frame"].tolist()
        index = cls.__new__(cls)
        index._boxed = frozen(Boxed(Grid(x0, y0, cell, inverse, int(nx), int(ny)), *(arrays[name] for name in STORED)))
        return index

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything the index consists of, as plain arrays."""
        frame = np.array(self._boxed.grid, dtype=np.float64)
        return {"frame": frame} | {name: getattr(self._boxed, name) for name in STORED}

    def covering(self, points: Floats, threads: int = 1) -> tuple[Ints, Bools]:
        """The first polygon over each point (-1 for none), and whether there are more; ``points`` of shape (n, 2)."""
        points = points_of(points)
        first, several = np.empty(len(points), np.int64), np.empty(len(points), np.bool_)
        boxed = self._boxed
        in_parts(lambda part: _look_up(points[part], boxed, first[part], several[part]), len(points), threads)
        return first, several

    def locate(self, points: Floats, threads: int = 1) -> Ints:
        """Position of the first polygon that covers each point, -1 for none."""
        return self.covering(points, threads)[0]

    def pairs(self, points: Floats, threads: int = 1) -> tuple[Ints, Ints]:
        """Every (point, polygon) pair in which the polygon covers the point, by point, then by polygon."""
        points = points_of(points)
        return all_pairs(points, *self.covering(points, threads), lambda crowded: _list_all(crowded, self._boxed))


def _built(rings: Rings) -> Boxed:
    count = len(rings.start) - 1
    box = np.full((count, 4), np.nan)
    has = np.flatnonzero(np.diff(rings.start) > 0)
    box[has, :2] = np.minimum.reduceat(rings.xy, rings.start[has]) if len(has) else 0.0
    box[has, 2:] = np.maximum.reduceat(rings.xy, rings.start[has]) if len(has) else 0.0
    grid = _grid(box[has])
    offset = np.zeros(grid.nx * grid.ny + 1, np.int32)
    _enter(box, grid, offset[:-1], np.empty(0, np.int32))
    offset = np.concatenate([[0], np.cumsum(offset[:-1])]).astype(np.int32)
    entries, position = np.empty(offset[-1], np.int32), offset[:-1].copy()
    _enter(box, grid, position, entries)
    return Boxed(grid, offset, entries, box, *rings)


def _grid(box: Floats) -> Grid:
    """Cells a good deal larger than polygons are, so that few are empty of use and their lists stay near."""
    if not len(box):
        return lattice(np.zeros(2), np.zeros(2), 1.0, 1.0)
    low, high = box[:, :2].min(axis=0), box[:, 2:].max(axis=0)
    width, height = np.maximum(high - low, 1e-12 * max(float(np.abs(box).max()), 1e-288))
    cells = min(CELLS_A_POLYGON * len(box) + 64, MOST_CELLS)
    mean = float((box[:, 2:] - box[:, :2]).mean())
    cell = max(float(np.sqrt(width * height / cells)), mean, max(width, height) / cells)
    return lattice(low, high, cell, cell * 1e-3)


@compiled
def _enter(box: Floats, grid: Grid, position: Int32s, entries: Int32s) -> None:
    """Count the polygons of each cell, or write them where there is room; ``position`` moves either way."""
    for polygon in range(len(box)):
        if not box[polygon, 0] <= box[polygon, 2]:
            continue
        first, low = (box[polygon, 0] - grid.x0) * grid.inverse, (box[polygon, 1] - grid.y0) * grid.inverse
        last, high = (box[polygon, 2] - grid.x0) * grid.inverse, (box[polygon, 3] - grid.y0) * grid.inverse
        for row in range(int(low), int(high) + 1):
            for column in range(int(first), int(last) + 1):
                cell = row * grid.nx + column
                if len(entries):
                    entries[position[cell]] = polygon
                position[cell] += 1


@compiled
def _cell(grid: Grid, x: float, y: float) -> int:
    x, y = (x - grid.x0) * grid.inverse, (y - grid.y0) * grid.inverse
    within = (x >= 0.0) & (y >= 0.0) & (x < grid.nx) & (y < grid.ny)
    return int(y) * grid.nx + int(x) if within else -1


@compiled
def _look_up(points: Floats, boxed: Boxed, first: Ints, several: Bools) -> None:
    grid, offset, entries, box = boxed.grid, boxed.offset, boxed.entries, boxed.box
    xy, owner, start = boxed.xy, boxed.owner, boxed.start
    for at in range(len(points)):
        first[at], several[at] = -1, False
        x, y = points[at, 0], points[at, 1]
        cell = _cell(grid, x, y)
        if cell < 0:
            continue
        for entry in range(offset[cell], offset[cell + 1]):
            one = entries[entry]
            outside = (x < box[one, 0]) | (x > box[one, 2]) | (y < box[one, 1]) | (y > box[one, 3])
            if not outside and covers(xy, owner, start[one], start[one + 1], x, y):
                several[at] = first[at] >= 0
                if several[at]:
                    break
                first[at] = one


@compiled
def _list_all(points: Floats, boxed: Boxed) -> tuple[Ints, Ints]:
    grid, offset, entries, box = boxed.grid, boxed.offset, boxed.entries, boxed.box
    xy, owner, start = boxed.xy, boxed.owner, boxed.start
    point, polygon, used = np.empty(1024, np.int64), np.empty(1024, np.int64), 0
    for at in range(len(points)):
        x, y = points[at, 0], points[at, 1]
        cell = _cell(grid, x, y)
        if cell < 0:
            continue
        for entry in range(offset[cell], offset[cell + 1]):
            one = entries[entry]
            outside = (x < box[one, 0]) | (x > box[one, 2]) | (y < box[one, 1]) | (y > box[one, 3])
            if not outside and covers(xy, owner, start[one], start[one + 1], x, y):
                point, polygon = grown(point, used + 1), grown(polygon, used + 1)
                point[used], polygon[used] = at, one
                used += 1
    return point[:used].copy(), polygon[:used].copy()

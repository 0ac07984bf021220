"""Whether cells lie edge to edge: where two of them overlap, and what between them is nobody's."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects

GRAIN_M = 0.001
"""Corners are compared on whole millimetres: what is finer is arithmetic."""
NOISE_M = 0.002
"""Mean width up to which a fault is noise of rounding; a wedge that is 1 cm wide at its end has 5 mm."""
SLIVER_M = 1.0
"""Mean width from which a fault is more than inaccurate drawing."""
DEGREE_M = 111_320.0


@dataclass(frozen=True)
class Plane:
    """Degrees to metres around a latitude and back, by factors only, so that straight edges stay straight: in a
    projected system an edge of kilometres is another line, and cells along it would seem to overlap.
    """

    middle: Floats

    @classmethod
    def around(cls, shapes: Objects) -> "Plane":
        """The plane in the middle of some shapes."""
        west, south, east, north = shapely.total_bounds(shapes)
        return cls(np.array([(west + east) / 2, (south + north) / 2]))

    @property
    def _metres(self) -> Floats:
        return np.array([DEGREE_M * np.cos(np.radians(self.middle[1])), DEGREE_M])

    def flat(self, shapes: Objects) -> Objects:
        """Shapes in metres, with corners on :data:`GRAIN_M`, valid."""
        grains = self._metres / GRAIN_M
        found = shapely.transform(shapes, lambda xy: np.rint((xy - self.middle) * grains) * GRAIN_M)
        crossed = ~shapely.is_valid(found)
        found[crossed] = shapely.make_valid(found[crossed], method="structure", keep_collapsed=False)
        return found

    def back(self, shapes: Objects) -> Objects:
        """Shapes in degrees, valid: what is too thin for them becomes a line."""
        found = shapely.transform(shapes, lambda xy: xy / self._metres + self.middle)
        crossed = ~shapely.is_valid(found)
        found[crossed] = shapely.make_valid(found[crossed], method="structure", keep_collapsed=True)
        return found


class Tiling:
    """Cells of one level, by position.

    Parameters
    ----------
    shapes
        Valid polygons in EPSG:4326.
    """

    def __init__(self, shapes: Objects) -> None:
        self.plane = Plane.around(shapes)
        self._cells = self.plane.flat(shapes)
        # Cells whose edges match their neighbours' exactly need no overlay, which is nearly all of them.
        self._loose = shapely.coverage_invalid_edges(self._cells, gap_width=SLIVER_M)

    @cached_property
    def _matched(self) -> Bools:
        return shapely.is_empty(self._loose)

    @cached_property
    def _whole(self) -> shapely.Geometry:
        matched = shapely.coverage_union_all(self._cells[self._matched])
        return shapely.union_all([matched, *self._cells[~self._matched]])

    def overlaps(self, together: Callable[[Ints, Ints], Bools]) -> tuple[Ints, Ints, Objects, Floats]:
        """Pairs that share ground: position of one and of another, what they share, and its mean width in metres.

        Parameters
        ----------
        together
            Whether two cells, by their positions, are there at the same time.
        """
        # Of a cell within another only the inner one is loose.
        loose = np.flatnonzero(~self._matched)
        mine, other = shapely.STRtree(self._cells).query(self._cells[loose], predicate="intersects")
        pairs = np.sort(np.column_stack([loose[mine], other]), axis=1)
        one, other = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0).T
        same_time = together(one, other)
        one, other = one[same_time], other[same_time]
        shared = shapely.intersection(self._cells[one], self._cells[other])
        width_m, found = mean_width_m(shared)
        real = width_m > NOISE_M
        return one[real], other[real], self.plane.back(found[real]), width_m[real]

    def gaps(self) -> tuple[Objects, Floats]:
        """What cells enclose without covering it, and what is left open between them where it is narrower than
        :data:`SLIVER_M`; with its mean width in metres.
        """
        width_m, found = mean_width_m(self._gaps)
        real = width_m > NOISE_M
        return self.plane.back(found[real]), width_m[real]

    @cached_property
    def _gaps(self) -> Objects:
        return np.concatenate([_holes(self._whole), self._open()])

    def uncovered(self, uppers: Objects) -> tuple[Ints, Objects]:
        """What no cell covers of larger areas, but for what :meth:`gaps` has: position of the area, and polygon."""
        missing = shapely.difference(self.plane.flat(uppers), self._whole)
        parts, upper = shapely.get_parts(missing, return_index=True)
        width_m, parts = mean_width_m(parts)
        real = width_m > NOISE_M
        parts, upper = parts[real], upper[real]
        known, _ = shapely.STRtree(self._gaps).query(shapely.point_on_surface(parts), predicate="within")
        new = ~np.isin(np.arange(len(parts)), known)
        return upper[new], self.plane.back(parts[new])

    def _open(self) -> Objects:
        """Narrow gaps that reach the outside: what closes when the whole grows and shrinks again, along edges of two
        cells.
        """
        half = SLIVER_M / 2
        outlines = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(self._whole))))
        closed = shapely.buffer(shapely.buffer(outlines, half, join_style="mitre"), -half, join_style="mitre")
        parts = shapely.get_parts(shapely.difference(closed, outlines))
        parts = parts[shapely.get_dimensions(parts) == 2]
        part, _ = shapely.STRtree(self._loose).query(parts, predicate="dwithin", distance=2 * GRAIN_M)
        return parts[np.bincount(part, minlength=len(parts)) > 1]


def mean_width_m(shapes: Objects) -> tuple[Floats, Objects]:
    """Twice the area by the length around, of the widest part, 0 where there is no area; and the polygons among the
    parts. A part with a tail is as wide as what is left of it without its slivers.
    """
    parts, row = shapely.get_parts(shapes, return_index=True)
    polygons = (shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)
    parts, row = parts[polygons], row[polygons]
    width_m = np.zeros(len(shapes))
    np.maximum.at(width_m, row, 2 * shapely.area(parts) / shapely.length(parts))
    thin = width_m[row] < SLIVER_M
    wide = ~shapely.is_empty(shapely.buffer(parts[thin], -SLIVER_M / 2, quad_segs=1))
    np.maximum.at(width_m, row[thin][wide], SLIVER_M)
    kept = np.full(len(shapes), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(parts, indices=row, out=kept)
    return width_m, kept


def _holes(whole: shapely.Geometry) -> Objects:
    """What a shape encloses without covering it, as polygons."""
    parts = shapely.get_parts(whole)
    rings, part = shapely.get_rings(parts, return_index=True)
    inner = np.append(False, part[1:] == part[:-1])[: len(part)]
    holes = shapely.polygons(rings[inner])
    # Few holes have an island; only those are cut.
    hole, island = shapely.STRtree(shapely.point_on_surface(parts)).query(holes, predicate="contains")
    for one in np.unique(hole):
        holes[one] = shapely.difference(holes[one], shapely.union_all(parts[island[hole == one]]))
    return holes

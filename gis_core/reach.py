"""Points against whatever lies within reach of them: facilities, and the ground of contracts along streets."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.cells import NearestIndex, measure_and_side
from gis_core.joins.pending import AT_ONCE, REACH_PAYS, Pending
from gis_core.ready import Ready

if TYPE_CHECKING:
    from gis_core.joins.radius import RadiusGrid, Reached

COMPILED_TYPES = (-1, 0, 1, 5)
"""Nothing, points, lines and lines of several parts; among other shapes GEOS searches."""


class ReachIndex:
    """Finds all lines, points or polygons within reach of a point, in metres.

    Parameters
    ----------
    shapes
        In a metric CRS.
    reach_m
        The farthest that will be asked for.
    group
        Of each shape; a point asks for one group. Without it all are of group 0.
    ready
        Says whether the compiled index is built at the first question; else it is once that pays.
    """

    def __init__(self, shapes: Objects, reach_m: float, group: Ints | None = None, ready: Ready | None = None) -> None:
        self.shapes, self._reach_m = shapes, reach_m
        self._group = np.zeros(len(shapes), np.int64) if group is None else group
        pays = AT_ONCE if ready is not None and ready.at_once(shapes) else REACH_PAYS
        compilable = np.isin(shapely.get_type_id(shapes), COMPILED_TYPES).all()
        self._pending = Pending(self._compiled, pays, shapes) if compilable else None

    @cached_property
    def _near(self) -> NearestIndex:
        return NearestIndex(self.shapes)

    def _compiled(self) -> "RadiusGrid":
        from gis_core.joins.radius import RadiusGrid  # here, so that the compiler is loaded only for this

        return RadiusGrid(self.shapes, self._reach_m, self._group)

    def within(self, xy: Floats, reach_m: float | Floats, group: Ints | None = None) -> tuple[Ints, Ints, Floats]:
        """Every (point, shape, distance) with the shape within ``reach_m`` (per point or for all) of its point.

        Parameters
        ----------
        group
            What each point asks for; group 0 if it does not say.
        """
        if (found := self._reached(xy, reach_m, group)) is not None:
            return found[:3]
        point, shape, distance_m = self._near.within(xy, reach_m)
        if group is not None and len(point):
            meant = self._group[shape] == group[point]
            point, shape, distance_m = point[meant], shape[meant], distance_m[meant]
        return point, shape, distance_m

    def along(self, xy: Floats, reach_m: float) -> "Reached":
        """Every (point, line, distance, measure, side) with the line within ``reach_m`` of the point.

        See :func:`measure_and_side`.
        """
        if (found := self._reached(xy, reach_m, None)) is not None:
            return found
        point, line, distance_m = self._near.within(xy, reach_m)
        return point, line, distance_m, *measure_and_side(self.shapes[line], xy[point])

    def _reached(self, xy: Floats, reach_m: float | Floats, group: Ints | None) -> "Reached | None":
        if self._pending is None or (compiled := self._pending.after(len(xy))) is None:
            return None
        reach = np.full(len(xy), reach_m) if isinstance(reach_m, float) else reach_m
        return compiled.within(xy, reach, np.zeros(len(xy), np.int64) if group is None else group)

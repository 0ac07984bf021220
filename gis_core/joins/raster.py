"""Points against the cells of a city: a raster that knows the answer nearly everywhere."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.joins.building import raster_of
from gis_core.joins.compiled import frozen, points_of
from gis_core.joins.grids import Grid
from gis_core.joins.looking import Raster, list_all, look_up
from gis_core.joins.pairing import all_pairs
from gis_core.joins.shapes import rings_of
from gis_core.joins.threads import in_parts

STORED = ("cells", "top", "records", "offset", "entries", "xy", "owner", "start", "sets")


class CellRaster:
    """Finds the polygons that cover a point, boundary included, exactly as doubles.

    Built in seconds for a city; a point costs tens of nanoseconds. Polygons may overlap, have holes and parts.

    Parameters
    ----------
    polygons
        Polygons or multipolygons, in the coordinates the points will have.
    """

    def __init__(self, polygons: Objects) -> None:
        self._raster = frozen(raster_of(rings_of(polygons)))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "CellRaster":
        """The index whose :meth:`arrays` these are."""
        x0, y0, cell, inverse, nx, ny, shift, most = arrays["frame"].tolist()
        stored = {name: arrays[name] for name in STORED}
        grid, edges = Grid(x0, y0, cell, inverse, int(nx), int(ny)), stored["records"].view(np.float32)
        index = cls.__new__(cls)
        index._raster = frozen(Raster(grid=grid, shift=int(shift), edges=edges, most=int(most), **stored))
        return index

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything the index consists of, as plain arrays."""
        frame = np.array([*self._raster.grid, self._raster.shift, self._raster.most], dtype=np.float64)
        return {"frame": frame} | {name: getattr(self._raster, name) for name in STORED}

    def covering(self, points: Floats, threads: int = 1) -> tuple[Ints, Bools]:
        """The first polygon over each point, and whether there are more.

        Parameters
        ----------
        points
            Shape (n, 2); nothing covers a point that is not finite.

        Returns
        -------
        first, several
            Position, -1 for none.
        """
        points = points_of(points)
        first, several = np.empty(len(points), np.int64), np.empty(len(points), np.bool_)
        raster = self._raster
        in_parts(lambda part: look_up(points[part], raster, first[part], several[part]), len(points), threads)
        return first, several

    def locate(self, points: Floats, threads: int = 1) -> Ints:
        """Position of the first polygon that covers each point, -1 for none."""
        return self.covering(points, threads)[0]

    def pairs(self, points: Floats, threads: int = 1) -> tuple[Ints, Ints]:
        """Every (point, polygon) pair in which the polygon covers the point, by point, then by polygon."""
        points = points_of(points)
        return all_pairs(points, *self.covering(points, threads), lambda crowded: list_all(crowded, self._raster))

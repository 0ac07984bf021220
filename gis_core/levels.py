"""The cells of one grid level, with their indexes."""

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from gis_core.arrays import Ints, Objects, codes_of, shapes_of
from gis_core.cells import CellIndex, NearestIndex, outlines
from gis_core.crs import project
from gis_core.ready import Ready


@dataclass(frozen=True, eq=False)
class LevelCells:
    """The cells of one grid level, ordered by code.

    Parameters
    ----------
    frame
        Grid rows with a RangeIndex; positions everywhere refer to it.
    srid
        The city's metric CRS.
    ready
        Where compiled indexes are found.
    """

    frame: pd.DataFrame
    srid: int
    ready: Ready = field(default_factory=Ready)

    @cached_property
    def codes(self) -> Objects:
        """Code of each cell."""
        return codes_of(self.frame, "code")

    @cached_property
    def index(self) -> CellIndex:
        """Cells in longitude and latitude."""
        shapes = shapes_of(self.frame)
        return CellIndex(shapes, self.ready.polygons(shapes))

    def metric(self, rows: Ints) -> Objects:
        """Some of the cells in metres."""
        return project(shapes_of(self.frame)[rows], self.srid)

    @cached_property
    def near(self) -> NearestIndex:
        """Outlines of the cells in metres, as :func:`outlines` has them: only for what none of them covers."""
        pieces, cell = outlines(shapes_of(self.frame))
        return NearestIndex(project(pieces, self.srid), cell)

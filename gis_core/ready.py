"""Compiled indexes that are there already, asked for by the shapes they were built of."""

from typing import TYPE_CHECKING

from gis_core.arrays import Objects

if TYPE_CHECKING:
    from gis_core.joins.choosing import PolygonIndex
    from gis_core.joins.segments import SegmentRaster


class Ready:
    """What has no index for any shapes; a room that reads files has one that does."""

    def polygons(self, polygons: Objects) -> "PolygonIndex | None":
        """The index of exactly these polygons, ``None`` if there is none."""
        return None

    def lines(self, lines: Objects, srid: int, reach_m: float) -> "SegmentRaster | None":
        """The index of exactly these lines (EPSG:4326) in the metric CRS ``srid``, for limits up to ``reach_m``."""
        return None

    def at_once(self, shapes: Objects) -> bool:
        """Whether an index of these shapes is built when it is asked for, since there are others: then the compiler
        is loaded anyway, and it takes but a moment.
        """
        return False

"""Compiled indexes that are there already, asked for by the shapes they were built of."""

from typing import TYPE_CHECKING

from gis_core.arrays import Objects

if TYPE_CHECKING:
    from gis_core.joins.choosing import PolygonIndex
    from gis_core.joins.segments import SegmentRaster


class Ready:
    """What has no index for any shapes; a room that reads files has one that does."""

    opened = False
    """Whether there are any: then the compiler will be loaded, and what is built in a moment is built at once."""

    def polygons(self, polygons: Objects) -> "PolygonIndex | None":
        """The index of exactly these polygons, ``None`` if there is none."""
        return None

    def lines(self, lines: Objects, srid: int, reach_m: float) -> "SegmentRaster | None":
        """The index of exactly these lines (EPSG:4326) in the metric CRS ``srid``, for limits up to ``reach_m``."""
        return None

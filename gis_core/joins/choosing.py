"""Which compiled index suits the shapes, and which it was in a file."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_core.arrays import Objects
from gis_core.joins.buckets import Buckets
from gis_core.joins.raster import CellRaster
from gis_core.joins.segments import SegmentRaster

PolygonIndex = CellRaster | Buckets

EDGES_LOOKED_AT = 16.0
"""Buckets are taken for polygons of which a point has no more edges than this to look at."""


def polygon_index(polygons: Objects) -> PolygonIndex:
    """The compiled index that suits polygons: a raster, or buckets where few edges are near any point."""
    bounds = shapely.bounds(polygons)
    size = (bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1])
    edges = float(np.nansum(size * shapely.get_num_coordinates(polygons)))
    low = np.fmin.reduce(bounds[:, :2], axis=0, initial=np.inf)
    high = np.fmax.reduce(bounds[:, 2:], axis=0, initial=-np.inf)
    return CellRaster(polygons) if edges > EDGES_LOOKED_AT * np.prod(high - low) else Buckets(polygons)


def index_of(arrays: Mapping[str, NDArray[Any]]) -> PolygonIndex | SegmentRaster:
    """The compiled index whose arrays these are."""
    for name, kind in (("cells", CellRaster), ("box", Buckets)):
        if name in arrays:
            return kind.from_arrays(arrays)
    return SegmentRaster.from_arrays(arrays)

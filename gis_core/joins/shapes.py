"""Polygons as arrays of vertices."""

from typing import NamedTuple

import numpy as np
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.joins.compiled import Int32s


class Rings(NamedTuple):
    """All rings of all polygons, one after the other.

    Parameters
    ----------
    xy
        Shape (m, 2).
    owner
        Of the edge from each vertex to the next, the position of its polygon; -1 at the last vertex of a ring.
    start
        First vertex of each polygon, and the number of vertices.
    """

    xy: Floats
    owner: Int32s
    start: Ints


def rings_of(polygons: Objects) -> Rings:
    """Polygons and multipolygons as rings; ``None`` and what is no polygon have none."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    owner = polygon[part[ring]].astype(np.int32)
    start = np.searchsorted(owner, np.arange(len(polygons) + 1))
    owner[np.append(ring[1:] != ring[:-1], True)[: len(ring)]] = -1
    return Rings(np.ascontiguousarray(xy), owner, start)

"""Spatial functions of PostGIS for SQLite, under the same names."""

from functools import lru_cache
from struct import unpack_from
from typing import Any

import shapely

KEPT_PREPARED = 64


def register(connection: Any) -> None:
    """Give a driver's connection the functions."""
    connection.create_function("ST_Intersects", 2, _intersects, deterministic=True)
    connection.create_function("ST_X", 1, lambda point: _coordinate(point, 0), deterministic=True)
    connection.create_function("ST_Y", 1, lambda point: _coordinate(point, 1), deterministic=True)


def _coordinate(point: bytes | None, axis: int) -> float | None:
    """Of a point as we write it: byte order, kind, two numbers."""
    return None if point is None else float(unpack_from("<d", point, 5 + 8 * axis)[0])


def _intersects(area: bytes | None, shape: bytes | None) -> bool | None:
    if area is None or shape is None:
        return None
    return bool(shapely.intersects(_prepared(area), shapely.from_wkb(shape)))


@lru_cache(KEPT_PREPARED)
def _prepared(wkb: bytes) -> shapely.Geometry:
    """The area is asked about for row after row."""
    area = shapely.from_wkb(wkb)
    shapely.prepare(area)
    return area

"""Spatial functions of PostGIS for SQLite, under the same names."""

from collections.abc import Callable
from functools import lru_cache
from struct import unpack_from
from typing import Any

import shapely

KEPT_PREPARED = 64
_POINT_BYTES = 21
_RELATED: dict[str, Callable[[shapely.Geometry, shapely.Geometry], Any]] = {
    "ST_Intersects": shapely.intersects,
    "ST_Disjoint": shapely.disjoint,
    "ST_Within": shapely.contains,
    "ST_Contains": shapely.within,
}
"""What is asked of (area, shape): how the second argument's area relates to the first one's shape."""


def register(connection: Any) -> None:
    """Give a driver's connection the functions."""
    # A prepared shape finishes its indexes when it is first asked. Two threads that ask the same one at that moment end
    # the process, so each connection, which one thread has at a time, prepares its own.
    prepared, box = lru_cache(KEPT_PREPARED)(_prepared), lru_cache(1)(_box)
    for name, relation in _RELATED.items():
        connection.create_function(name, 2, _related(relation, prepared), deterministic=True)
    for name, axis in (("ST_X", 0), ("ST_Y", 1)):
        connection.create_function(name, 1, _side(axis, box), deterministic=True)
    for name, place in (("ST_XMin", 0), ("ST_YMin", 1), ("ST_XMax", 2), ("ST_YMax", 3)):
        connection.create_function(name, 1, _side(place, box), deterministic=True)


def _related(
    relation: Callable[[shapely.Geometry, shapely.Geometry], Any], prepared: Callable[[bytes], shapely.Geometry]
) -> Callable[..., bool | None]:
    def related(shape: bytes | None, area: bytes | None) -> bool | None:
        if area is None or shape is None:
            return None
        return bool(relation(prepared(area), shapely.from_wkb(shape)))

    return related


def _side(place: int, box: Callable[[bytes], tuple[float, ...]]) -> Callable[[bytes | None], float | None]:
    """A side of a shape's box: west, south, east, north."""

    def side(shape: bytes | None) -> float | None:
        if shape is None:
            return None
        if len(shape) == _POINT_BYTES:
            # A point as we write it: byte order, kind, two numbers.
            return float(unpack_from("<d", shape, 5 + 8 * (place % 2))[0])
        return box(shape)[place]

    return side


def _box(shape: bytes) -> tuple[float, ...]:
    """All four sides are asked for one after the other."""
    return tuple(shapely.bounds(shapely.from_wkb(shape)).tolist())


def _prepared(wkb: bytes) -> shapely.Geometry:
    """The area is asked about for row after row."""
    area = shapely.from_wkb(wkb)
    shapely.prepare(area)
    return area

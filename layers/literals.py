"""Shapes and times as filters write them."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from gis_core.crs import WGS84, north_first, readable, shapes_to_wgs84
from layers.cql2_text import refused
from layers.questions import MOST_VERTICES, called, counted, shown
from layers.validity import span


def is_value(part: Any) -> bool:
    """Whether a part of a filter is written out, so that it names no property."""
    if called(part) == "casei" and isinstance(part.get("args"), list):
        return all(is_value(one) for one in part["args"])
    return not (isinstance(part, dict) and ("property" in part or "op" in part))


def text_of(part: str) -> str:
    """A text that a database can keep.

    Raises
    ------
    InvalidInput
        When it cannot.
    """
    if "\0" in part:
        raise refused(part, "text without NUL")
    return part


def shape_of(part: Any, srid: int) -> shapely.Geometry:
    """A shape or box of a filter in longitude and latitude, without heights.

    Parameters
    ----------
    srid
        The system it is written in, axes in the order of that system.

    Raises
    ------
    InvalidInput
        When it is none, empty in any part, invalid, beyond the globe, or of more corners than :data:`MOST_VERTICES`.
    """
    try:
        drawn = part["bbox"] if isinstance(part, dict) and "bbox" in part else None
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(part))) if drawn is None else _box(drawn, srid)
        if drawn is None and north_first(srid):
            shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
        if srid != WGS84:
            shape = shapes_to_wgs84(np.array([shape], dtype=object), f"EPSG:{srid}")[0]
        corners = shapely.get_coordinates(shape)
    except (shapely.errors.GEOSException, ValueError, TypeError):
        raise refused(shown(part), "a shape") from None
    # PostGIS does not read a shape with a ring of no corners.
    sound = shapely.is_valid(shape) and "EMPTY" not in shape.wkt
    if not 0 < len(corners) <= MOST_VERTICES or not readable(corners).all() or not sound:
        raise refused(shown(part), f"a valid shape of at most {MOST_VERTICES} corners within 180 and 90 degrees")
    return shape


def _box(sides: Any, srid: int) -> shapely.Geometry:
    """A box of four numbers, or of six with heights; of degrees it may go over the date line."""
    numbers = np.array(sides, dtype=float)
    west, south, east, north = numbers[[0, 1, 3, 4]] if numbers.shape == (6,) else numbers
    if north_first(srid):
        west, south, east, north = south, west, north, east
    if south > north or (west > east and srid != WGS84):
        raise ValueError(sides)
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.MultiPolygon([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])


def span_of(part: Any, kind: str, zone: ZoneInfo) -> tuple[Any, Any]:
    """The first moment or day of a time of a filter, and the first after it; ``None`` for an open end.

    Parameters
    ----------
    kind
        ``instant`` or ``day``: what is wanted.
    zone
        Where a day begins.

    Raises
    ------
    InvalidInput
        When it is no time.
    """
    if is_interval(part):
        first, last = counted("interval", part["interval"], 2)
        start = None if first == ".." else span_of(first, kind, zone)[0]
        return start, None if last == ".." else span_of(last, kind, zone)[1]
    written = part.get("timestamp", part.get("date")) if isinstance(part, dict) else part
    try:
        if isinstance(written, str):
            return span(written, kind, zone)
    except ValueError:
        pass
    raise refused(shown(part), "a time" if kind == "instant" else "a day")


def is_interval(part: Any) -> bool:
    """Whether a time is written as its two ends."""
    return isinstance(part, dict) and "interval" in part

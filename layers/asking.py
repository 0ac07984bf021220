"""Questions about features as OGC API writes them, parsed at the border."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.geometry import box
from sqlalchemy import JSON, Column, ColumnElement, and_, func, literal, or_

from gis_core.city import City
from gis_core.crs import north_first, readable, to_wgs84
from gis_core.errors import InvalidInput
from layers import LAYERS
from layers.base import Shape
from layers.boxes import Box, meets
from layers.features import Asked, Sort, id_of, place_values, placed, properties
from layers.filters import Filters
from layers.frames import table_of
from layers.questions import LANGUAGES
from layers.validity import holds_between, span

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MOST_SORTED = 5
"""Columns to sort by."""


@dataclass(frozen=True)
class Written:
    """The parameters of a question as they were written; ``None`` for what was not."""

    bbox: str | None = None
    bbox_crs: str | None = None
    crs: str | None = None
    datetime: str | None = None
    filter: str | None = None
    filter_lang: str | None = None
    filter_crs: str | None = None
    sortby: str | None = None
    cursor: str | None = None
    offset: int = 0


def epsg(code: int) -> str:
    """The URI of an EPSG code."""
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}"


def systems(city: City) -> dict[str, int]:
    """The coordinate systems on offer, EPSG code by URI; the first is the one stored."""
    codes = dict.fromkeys((4490, 3857, city.metric_srid))
    return {CRS84: 4326, **{epsg(code): code for code in codes}}


def asked(written: Written, layer: str, city: City, *, postgis: bool) -> Asked:
    """What is asked for.

    Raises
    ------
    InvalidInput
        When a parameter cannot be, naming it.
    """
    conditions: list[ColumnElement[bool]] = []
    boxes: list[Box] = []
    if written.bbox is not None:
        boxes = boxes_of(written.bbox, system(written.bbox_crs, "bbox-crs", city))
        conditions.append(_in_boxes(boxes, layer, postgis))
    if written.datetime is not None:
        conditions.append(_in_time(written.datetime, layer, city))
    if written.filter is not None:
        srid = system(written.filter_crs, "filter-crs", city)
        table = table_of(LAYERS[layer])
        filters = Filters(properties(layer), ("geom", table.c.geom), city.zone, postgis, srid)
        conditions.append(filters.condition(written.filter, written.filter_lang or "cql2-text"))
    elif written.filter_lang not in (None, *LANGUAGES):
        raise _refused("filter-lang", written.filter_lang or "", ", ".join(LANGUAGES))
    sort = placed(layer) if boxes and written.sortby is None else _sorted(written.sortby, layer)
    near = boxes[0] if len(conditions) == len(boxes) == 1 and written.sortby is None and sort else None
    after = None if written.cursor is None else _place(written.cursor, (*sort, Sort(id_of(layer))))
    crs = system(written.crs, "crs", city)
    return Asked(conditions, sort, after, written.offset, crs, near)


def system(written: str | None, field: str, city: City) -> int:
    """The EPSG code of a coordinate system on offer; 4326 for none, in longitude and latitude.

    Raises
    ------
    InvalidInput
        When it is not on offer.
    """
    known = systems(city)
    if written is None:
        return 4326
    if written not in known:
        raise _refused(field, written, ", ".join(known))
    return known[written]


def cursor(place: list[Any]) -> str:
    """A place in a list, as it travels in a link."""
    return base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode()).decode()


def _place(written: str, sort: tuple[Sort, ...]) -> list[Any]:
    try:
        place = json.loads(base64.urlsafe_b64decode(written.encode()))
        if not isinstance(place, list) or type(place[-1]) is not int or not 0 <= place[-1] < 2**63:
            raise ValueError(place)
        return place_values(sort, place)
    except (binascii.Error, ValueError, TypeError, IndexError, OverflowError, RecursionError):
        raise InvalidInput("cursor_invalid", field="cursor", value=written[:40]) from None


def boxes_of(written: str, srid: int = 4326) -> list[Box]:
    """A box as it was written, in degrees; two where it crosses the date line.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    numbers = _numbers(written)
    west, south, east, north = numbers if len(numbers) == 4 else np.delete(numbers, [2, 5])
    if north_first(srid):
        west, south, east, north = south, west, north, east
    corners = np.array([[west, south], [east, north]])
    if srid != 4326:
        corners = to_wgs84(corners, f"EPSG:{srid}")
    (west, south), (east, north) = corners.tolist()
    if not readable(corners).all() or south > north:
        raise _refused("bbox", written, "west,south,east,north")
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return [(left, south, right, north) for left, right in parts]


def _in_boxes(boxes: Sequence[Box], layer: str, postgis: bool) -> ColumnElement[bool]:
    table = table_of(LAYERS[layer])
    shape = table.c.geom
    kind = shape.type
    assert isinstance(kind, Shape)

    def touches(one: Box) -> ColumnElement[bool]:
        if kind.kind != "POINT":
            return func.ST_Intersects(shape, literal(box(*one), Shape()))
        west, south, east, north = one
        # The same, for a tenth of the time.
        return and_(func.ST_X(shape).between(west, east), func.ST_Y(shape).between(south, north))

    return or_(*(and_(meets(table, one, postgis=postgis), touches(one)) for one in boxes))


def _numbers(written: str) -> Any:
    try:
        numbers = np.array([float(part) for part in written.split(",")])
    except ValueError:
        numbers = np.array([])
    if len(numbers) not in (4, 6) or not np.isfinite(numbers).all():
        raise _refused("bbox", written, "four or six numbers: west,south,east,north")
    return numbers


def _in_time(written: str, layer: str, city: City) -> ColumnElement[bool]:
    first, slash, last = written.partition("/")
    table = table_of(LAYERS[layer])
    moment = {"issues": "reported_at", "coverage": "day"}.get(layer)
    kind = "instant" if layer == "issues" else "day"
    try:
        start = None if slash and first in ("", "..") else span(first, kind, city.zone)[0]
        until = None if slash and last in ("", "..") else span(last if slash else first, kind, city.zone)[1]
        if (start is None and until is None) or (start is not None and until is not None and start >= until):
            raise ValueError(written)
    except ValueError:
        raise _refused("datetime", written, "an instant or a day, or start/end") from None
    if moment is None:
        return holds_between(table, start, until)
    return and_(*([] if start is None else [table.c[moment] >= start]),
                *([] if until is None else [table.c[moment] < until]))  # fmt: skip


def _sorted(written: str | None, layer: str) -> tuple[Sort, ...]:
    if written is None:
        return ()
    known: dict[str, Column[Any]] = {
        name: column for name, column in properties(layer).items() if not isinstance(column.type, JSON)
    }
    parts = [(part.lstrip("+-").strip(), part.strip().startswith("-")) for part in written.split(",")]
    names = [name for name, _ in parts]
    if len(parts) > MOST_SORTED or len(set(names)) < len(names) or not set(names) <= set(known):
        raise _refused("sortby", written, f"up to {MOST_SORTED} of: {', '.join(known)}")
    return tuple(Sort(known[name], descending) for name, descending in parts)


def _refused(field: str, value: str, expected: str) -> InvalidInput:
    return InvalidInput("parameter_invalid", field=field, value=value[:100], expected=expected)

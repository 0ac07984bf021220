"""CQL2 filters as SQL conditions: a closed list of operators, known properties, bound values, on both databases."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy import Boolean, Column, ColumnElement, Date, Float, Integer, String, and_, func, literal, not_, or_

from gis_core.crs import readable, shapes_to_wgs84
from layers.base import Instant, Shape
from layers.questions import MOST_VERTICES, counted, operation, parsed, refused, shown
from layers.validity import span

_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
_SPATIAL = {
    "s_intersects": "ST_Intersects",
    "s_within": "ST_Within",
    "s_contains": "ST_Contains",
    "s_disjoint": "ST_Disjoint",
}
_TURNED = {"s_within": "s_contains", "s_contains": "s_within"}


@dataclass(frozen=True)
class Filters:
    """Compiles filters for one table.

    Parameters
    ----------
    properties
        The columns that may be asked about, by the name they are asked by.
    geometry
        The column of shapes, and the name it is asked by.
    zone
        Where a day begins when it is compared with an instant.
    postgis
        For which database.
    datum
        Of shapes in the filter, as :func:`gis_core.crs.check_datum` spells it.
    """

    properties: Mapping[str, Column[Any]]
    geometry: tuple[str, Column[Any]]
    zone: ZoneInfo
    postgis: bool
    datum: str = "wgs84"

    def condition(self, written: str, language: str) -> ColumnElement[bool]:
        """What rows must fulfil.

        Raises
        ------
        InvalidInput
            When it is no filter, or asks for anything beyond :data:`layers.questions.OPERATORS` and the properties.
        """
        return self._truth(parsed(written, language))

    def _truth(self, part: Any) -> ColumnElement[bool]:
        """A part that is true or false."""
        if isinstance(part, bool):
            return literal(part)
        if isinstance(part, dict) and "property" in part:
            column = self._property(part)
            if not isinstance(column.type, Boolean):
                raise refused(part["property"], "a comparison")
            return column
        operator, given = operation(part)
        if operator in ("and", "or"):
            joined = and_ if operator == "and" else or_
            return joined(*(self._truth(one) for one in given))
        if operator == "not":
            return not_(self._truth(*counted(operator, given, 1)))
        if operator == "isNull":
            return self._any_property(*counted(operator, given, 1)).is_(None)
        if operator in _COMPARED:
            return self._compared(operator, *counted(operator, given, 2))
        if operator == "between":
            value, least, most = counted(operator, given, 3)
            return and_(self._compared(">=", value, least), self._compared("<=", value, most))
        if operator == "in":
            value, among = counted(operator, given, 2)
            if not isinstance(among, list) or not among:
                raise refused("in", "a list of values")
            return or_(*(self._compared("=", value, one) for one in among))
        if operator == "like":
            return self._like(*counted(operator, given, 2))
        if operator in _SPATIAL:
            return self._related(operator, *counted(operator, given, 2))
        return self._timed(operator, *counted(operator, given, 2))

    def _compared(self, operator: str, one: Any, other: Any) -> ColumnElement[bool]:
        if _is_value(one) and not _is_value(other):
            turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(operator, operator)
            return self._compared(turned, other, one)
        left, kind = self._side(one)
        if kind in ("instant", "day") and _is_value(other):
            return self._at(operator, left, kind, other)
        right, other_kind = self._side(other)
        if kind != other_kind:
            raise refused(shown(other), kind)
        if kind == "text" and self.postgis and operator not in ("=", "<>"):
            left = left.collate("C")
        compared: ColumnElement[bool] = _COMPARED[operator](left, right)
        return compared

    def _side(self, part: Any) -> tuple[Any, str]:
        """One side of a comparison, and its kind."""
        if isinstance(part, dict) and str(part.get("op", "")).lower() == "casei":
            (inner,) = counted("casei", part.get("args"), 1)
            side, kind = self._side(inner)
            if kind != "text":
                raise refused("casei", "a text")
            # Of letters beyond ASCII no two databases agree, so case is that of ASCII.
            return func.lower(side.collate("C") if self.postgis else side), kind
        if isinstance(part, dict) and "property" in part:
            column = self._property(part)
            return column, _kind(column)
        if isinstance(part, bool):
            return literal(part), "boolean"
        if isinstance(part, int | float):
            return literal(float(part), Float), "number"
        if isinstance(part, str):
            return literal(_kept(part), String), "text"
        raise refused(shown(part), "a property or a value")

    def _like(self, value: Any, pattern: Any) -> ColumnElement[bool]:
        side, kind = self._side(value)
        shape, shape_kind = self._side(pattern)
        written = pattern["args"][0] if isinstance(pattern, dict) and "args" in pattern else pattern
        if (kind, shape_kind) != ("text", "text") or not isinstance(written, str):
            raise refused(shown(pattern), "a text and a pattern")
        if (len(written) - len(written.rstrip("\\"))) % 2:
            raise refused(written, "a pattern that does not end with a backslash")
        return side.like(shape, escape="\\")

    def _related(self, operator: str, one: Any, other: Any) -> ColumnElement[bool]:
        name, column = self.geometry
        if isinstance(other, dict) and other.get("property") == name:
            operator, one, other = _TURNED.get(operator, operator), other, one
        if not isinstance(one, dict) or one.get("property") != name:
            raise refused(shown(one), name)
        return getattr(func, _SPATIAL[operator])(column, literal(self._shape(other), Shape()))

    def _shape(self, part: Any) -> shapely.Geometry:
        try:
            if isinstance(part, dict) and "bbox" in part:
                west, south, *_, east, north = (
                    part["bbox"] if len(part["bbox"]) == 4 else np.delete(part["bbox"], [2, 5])
                )
                shape = shapely.box(west, south, east, north)
            else:
                shape = shapely.force_2d(shapely.from_geojson(json.dumps(part)))
            shape = shapes_to_wgs84(np.array([shape], dtype=object), self.datum)[0]
            corners = shapely.get_coordinates(shape)
        except (shapely.errors.GEOSException, ValueError, TypeError, KeyError, IndexError):
            raise refused(shown(part), "a shape") from None
        if not 0 < len(corners) <= MOST_VERTICES or not readable(corners).all() or not shapely.is_valid(shape):
            raise refused(shown(part), f"a valid shape in degrees of at most {MOST_VERTICES} points")
        return shape

    def _timed(self, operator: str, one: Any, other: Any) -> ColumnElement[bool]:
        column = self._property(one)
        kind = _kind(column)
        if kind not in ("instant", "day"):
            raise refused(shown(one), "a property of time")
        start, end = self._span(other, kind)
        if operator == "t_after":
            return literal(False) if end is None else column >= end
        if operator == "t_before":
            return literal(False) if start is None else column < start
        if operator == "t_during":
            if not isinstance(other, dict) or "interval" not in other:
                raise refused(shown(other), "an interval")
            inside = [] if start is None else [column > start]
            return and_(literal(True), *inside, *([] if end is None else [column < self._last(end, kind)]))
        touching = [] if start is None else [column >= start]
        return and_(literal(True), *touching, *([] if end is None else [column < end]))

    def _at(self, operator: str, column: Any, kind: str, value: Any) -> ColumnElement[bool]:
        """A comparison with a moment or day, which lasts until its end."""
        start, end = self._span(value, kind)
        if start is None or end is None or (isinstance(value, dict) and "interval" in value):
            raise refused(shown(value), "a time")
        spans: dict[str, ColumnElement[bool]] = {
            "=": and_(column >= start, column < end),
            "<>": or_(column < start, column >= end),
            "<": column < start,
            "<=": column < end,
            ">": column >= end,
            ">=": column >= start,
        }
        return spans[operator]

    def _span(self, part: Any, kind: str) -> tuple[Any, Any]:
        """The first moment or day of a time, and the first after it; ``None`` for an open end."""
        if isinstance(part, dict) and isinstance(part.get("interval"), list):
            first, last = counted("interval", part["interval"], 2)
            start = None if first == ".." else self._span(first, kind)[0]
            return start, None if last == ".." else self._span(last, kind)[1]
        written = part if isinstance(part, str) else None
        if isinstance(part, dict):
            written = part.get("timestamp") or part.get("date")
        try:
            if isinstance(written, str):
                return span(written, kind, self.zone)
        except ValueError:
            pass
        raise refused(shown(part), "a time" if kind == "instant" else "a day")

    @staticmethod
    def _last(end: Any, kind: str) -> Any:
        """The last moment or day before the end: what lies within an interval lies before it."""
        return end - (dt.timedelta(days=1) if kind == "day" else dt.timedelta(microseconds=1))

    def _property(self, part: Any) -> Column[Any]:
        name = part.get("property") if isinstance(part, dict) else None
        if not isinstance(name, str) or name not in self.properties:
            raise refused(shown(part if name is None else name), ", ".join(self.properties))
        return self.properties[name]

    def _any_property(self, part: Any) -> Column[Any]:
        name, column = self.geometry
        return column if isinstance(part, dict) and part.get("property") == name else self._property(part)


def _kind(column: Column[Any]) -> str:
    kinds = {Instant: "instant", Date: "day", Boolean: "boolean", Integer: "number", Float: "number", String: "text"}
    found = next((name for kind, name in kinds.items() if isinstance(column.type, kind)), None)
    if found is None:
        raise refused(column.name, "a property with one value")
    return found


def _is_value(part: Any) -> bool:
    """Whether a side names no property."""
    if isinstance(part, dict) and str(part.get("op", "")).lower() == "casei":
        return all(_is_value(one) for one in part.get("args") or ())
    return not (isinstance(part, dict) and ("property" in part or "op" in part))


def _kept(text: str) -> str:
    if "\0" in text:
        raise refused(text, "text without NUL")
    return text

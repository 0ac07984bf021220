"""CQL2 filters as SQL conditions: a closed list of operators, known properties, bound values, on both databases."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from operator import add, eq, ge, gt, le, lt, mul, ne, sub, truediv
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Float,
    Integer,
    String,
    Table,
    and_,
    cast,
    func,
    literal,
    not_,
    or_,
)

from gis_core.crs import WGS84
from layers.base import Instant, Shape
from layers.boxes import meets
from layers.cql2_text import refused
from layers.literals import is_interval, is_value, shape_of, span_of, text_of
from layers.questions import called, counted, operation, parsed, shown

_COMPARED = {"=": eq, "<>": ne, "<": lt, ">": gt, "<=": le, ">=": ge}
_CALCULATED = {"+": add, "-": sub, "*": mul, "/": truediv}
_SMALLEST, _GREATEST = 1e-15, 1e15
"""Of numbers to calculate with, see :data:`layers.questions.MOST_CALCULATED`."""
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
        The name shapes are asked by, and their column, which always holds one.
    zone
        Where a day begins when it is compared with an instant.
    postgis
        For which database.
    srid
        Of shapes in the filter: an EPSG code, axes in the order of that system; 4326 is longitude and latitude.
    """

    properties: Mapping[str, Column[Any]]
    geometry: tuple[str, Column[Any]]
    zone: ZoneInfo
    postgis: bool
    srid: int = WGS84

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
        if operator in ("and", "or") and given:
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
        one, other = counted(operator, given, 2)
        return self._related(operator, one, other) if operator in _SPATIAL else self._timed(operator, one, other)

    def _compared(self, operator: str, one: Any, other: Any) -> ColumnElement[bool]:
        if is_value(one) and not is_value(other):
            turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(operator, operator)
            return self._compared(turned, other, one)
        left, kind = self._side(one)
        if kind in ("instant", "day") and is_value(other):
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
        if (name := called(part)) == "casei":
            (inner,) = counted(name, part.get("args"), 1)
            side, kind = self._side(inner)
            if kind != "text":
                raise refused("casei", "a text")
            # Of letters beyond ASCII no two databases agree, so case is that of ASCII.
            return func.lower(side.collate("C") if self.postgis else side), kind
        if name in _CALCULATED:
            return self._calculated(name, *counted(name, part.get("args"), 2)), "number"
        if isinstance(part, dict) and "property" in part:
            column = self._property(part)
            return column, _kind(column)
        if isinstance(part, bool):
            return literal(part), "boolean"
        if isinstance(part, int | float):
            return literal(float(part), Float), "number"
        if isinstance(part, str):
            return literal(text_of(part), String), "text"
        raise refused(shown(part), "a property or a value")

    def _calculated(self, operator: str, one: Any, other: Any) -> Any:
        left, right = self._number(one), self._number(other)
        # What is divided by nothing is nothing, as SQLite has it; PostgreSQL would give up.
        return _CALCULATED[operator](left, func.nullif(right, 0.0, type_=Float) if operator == "/" else right)

    def _number(self, part: Any) -> Any:
        """A number to calculate with, floating on both databases."""
        side, kind = self._side(part)
        if kind != "number":
            raise refused(shown(part), "a number")
        if isinstance(part, int | float) and part and not _SMALLEST <= abs(part) <= _GREATEST:
            raise refused(shown(part), f"a number between {_SMALLEST:g} and {_GREATEST:g}")
        return cast(side, Float)

    def _like(self, value: Any, pattern: Any) -> ColumnElement[bool]:
        side, kind = self._side(value)
        shape, shape_kind = self._side(pattern)
        written = pattern
        while isinstance(written, dict) and "args" in written:
            written = written["args"][0]
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
        shape = shape_of(other, self.srid)
        related: ColumnElement[bool] = getattr(func, _SPATIAL[operator])(column, literal(shape, Shape()))
        if self.postgis or operator == "s_disjoint":
            return related
        # PostGIS looks into its index by itself.
        assert isinstance(column.table, Table)
        return and_(meets(column.table, shape.bounds, postgis=False), related)

    def _timed(self, operator: str, one: Any, other: Any) -> ColumnElement[bool]:
        column = self._property(one)
        kind = _kind(column)
        if kind not in ("instant", "day"):
            raise refused(shown(one), "a property of time")
        if operator == "t_equals":
            return self._at("=", column, kind, other)
        if operator == "t_during" and not is_interval(other):
            raise refused(shown(other), "an interval")
        start, end = span_of(other, kind, self.zone)
        if operator == "t_after":
            # Nothing is after an open end; a row without a time stays unknown, as in every other comparison.
            return column != column if end is None else column >= end
        if operator == "t_before":
            return column != column if start is None else column < start
        within = operator == "t_during"
        first = [] if start is None else [column > start if within else column >= start]
        last = [] if end is None else [column < (self._last(end, kind) if within else end)]
        return and_(*(first + last or [column == column]))

    def _at(self, operator: str, column: Any, kind: str, value: Any) -> ColumnElement[bool]:
        """A comparison with a moment or day, which lasts until its end."""
        if is_interval(value):
            raise refused(shown(value), "a time")
        start, end = span_of(value, kind, self.zone)
        spans: dict[str, ColumnElement[bool]] = {
            "=": and_(column >= start, column < end),
            "<>": or_(column < start, column >= end),
            "<": column < start,
            "<=": column < end,
            ">": column >= end,
            ">=": column >= start,
        }
        return spans[operator]

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

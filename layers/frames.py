"""Between tables and frames: rows out as columns, columns in as plain values."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    Select,
    Table,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from layers.base import SRID, Base, Instant, Shape

Plain = dict[str, list[Any]]
"""Columns as lists of what a driver takes: ``None`` for what is missing."""


def table_of(model: type[Base]) -> Table:
    """The table of a mapped class."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def read_frame(
    session: Session, model: type[Base], narrowed: Select[Any] | None = None, only: Collection[str] | None = None
) -> pd.DataFrame:
    """Rows of a table as a frame.

    Parameters
    ----------
    narrowed
        A selection of the table's ``id`` that says which rows and in which order; ``None`` for all.
    only
        The columns wanted beside ``geom``, by their names in the database; ``None`` for all.

    Returns
    -------
    frame
        The table's columns by their names in the database; instead of ``geom`` a column ``geometry`` in EPSG:4326,
        which makes it a GeoDataFrame.
    """
    table = table_of(model)
    postgis = session.get_bind().dialect.name == "postgresql"
    wanted = [column for column in table.columns if only is None or column.name in only or column.name == "geom"]
    columns = [_selected(column, postgis) for column in wanted]
    query = select(*columns) if narrowed is None else narrowed.with_only_columns(*columns)
    rows = session.execute(query).all()
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    read = {column.name: _series(column, found) for column, found in zip(wanted, values, strict=True)}
    if "geom" not in read:
        return pd.DataFrame(read)
    return gpd.GeoDataFrame(read).rename(columns={"geom": "geometry"}).set_geometry("geometry", crs=SRID)


def _selected(column: Column[Any], postgis: bool) -> Any:
    """Shapes travel as WKB, which shapely turns into geometries all at once."""
    if not isinstance(column.type, Shape):
        return column
    return func.ST_AsBinary(column, type_=LargeBinary) if postgis else type_coerce(column, LargeBinary)


def _series(column: Column[Any], values: Iterable[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Shape):
        return shapely.from_wkb(np.array([value and bytes(value) for value in values], dtype=object))
    if isinstance(kind, Instant):
        return pd.Series(pd.to_datetime(pd.Series(list(values), dtype=object), utc=True))
    if isinstance(kind, Boolean):
        return pd.Series(list(values), dtype=bool)
    if isinstance(kind, Integer) and not column.nullable:
        return pd.Series(list(values), dtype=np.int64)
    if isinstance(kind, Float | Integer):
        return pd.Series(list(values), dtype=np.float64)
    return pd.Series(list(values), dtype=object)


def plain(frame: pd.DataFrame, table: Table, given: Mapping[str, Any]) -> Plain:
    """A frame's columns that the table has, as plain values, completed with ``given`` and the table's defaults.

    Parameters
    ----------
    frame
        Columns by their names in the database; ``geometry`` for ``geom``. Others are left out.
    given
        Values by column: a list, or one value for every row.
    """
    columns: Plain = {}
    for column in table.columns:
        name = "geometry" if column.name == "geom" else column.name
        if column.name in given:
            value = given[column.name]
            columns[column.name] = value if isinstance(value, list) else [value] * len(frame)
        elif name in frame:
            columns[column.name] = _with_default(_plain(frame[name], column), column)
        elif column.name != "id":
            columns[column.name] = _with_default([None] * len(frame), column)
    return columns


def _plain(values: pd.Series, column: Column[Any]) -> list[Any]:
    kind = column.type
    if isinstance(kind, Instant):
        stamps = pd.to_datetime(values, utc=True)
        return [None if stamp is pd.NaT else stamp.to_pydatetime() for stamp in stamps]
    if isinstance(kind, Date):
        return [_day(value) for value in values]
    if isinstance(kind, Boolean | Integer | Float):
        make = bool if isinstance(kind, Boolean) else int if isinstance(kind, Integer) else float
        return [None if value is None or value != value else make(value) for value in values.tolist()]
    return [None if value is None or value is pd.NA or (isinstance(value, float) and value != value) else value
            for value in values.tolist()]  # fmt: skip


def _day(value: Any) -> dt.date | None:
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])


def _with_default(values: list[Any], column: Column[Any]) -> list[Any]:
    """Missing values become the column's default, as one inserted row would."""
    default = column.default
    if default is None or not (default.is_scalar or default.is_callable):
        return values
    make = default.arg if default.is_callable else None  # type: ignore[attr-defined]
    return [(make(None) if make else default.arg) if value is None else value  # type: ignore[attr-defined]
            for value in values]  # fmt: skip

"""Between tables and frames: rows out as columns, columns in as typed arrays."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from gis_core.arrays import Floats
from gis_core.labels import occurring
from layers.base import SRID, Base, Instant, Shape

ROWS_AT_ONCE = 300
"""So few that the interpreter, which looks for garbage after some hundred new objects, finds no reason to."""

Columns = dict[str, pa.Array]
"""Columns of one table, each of the arrow type that :func:`arrow_type` gives it; categories as a dictionary of it."""


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
    columns = [selected(column, postgis) for column in wanted]
    query = select(*columns) if narrowed is None else narrowed.with_only_columns(*columns)
    read = {
        column.name: _series(column, cells)
        for column, cells in zip(wanted, _cells(session, query, wanted), strict=True)
    }
    if "geom" not in read:
        return pd.DataFrame(read)
    return gpd.GeoDataFrame(read).rename(columns={"geom": "geometry"}).set_geometry("geometry", crs=SRID)


def selected(column: Column[Any], postgis: bool) -> Any:
    """Shapes travel as WKB, which shapely turns into geometries all at once."""
    if not isinstance(column.type, Shape):
        return column
    return func.ST_AsBinary(column, type_=LargeBinary) if postgis else type_coerce(column, LargeBinary)


def _cells(session: Session, query: Select[Any], wanted: Sequence[Column[Any]]) -> list[list[Any]]:
    """The values of each column, fetched a few rows at a time: as rows they take several times the memory."""
    cells: list[list[Any]] = [[] for _ in wanted]
    # Drivers make a new object for every row, however often the same is said.
    same: dict[Any, Any] = {}
    for rows in session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)).partitions():
        for column, into, values in zip(wanted, cells, zip(*rows, strict=True), strict=True):
            if isinstance(column.type, Shape):
                into += shapely.from_wkb([value and bytes(value) for value in values]).tolist()
            elif isinstance(column.type, String | Date):
                into += [same.setdefault(value, value) for value in values]
            else:
                into += values
    return cells


def _series(column: Column[Any], values: list[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Shape):
        return np.array(values, dtype=object)
    if isinstance(kind, Instant):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True))
    if isinstance(kind, Boolean):
        return pd.Series(values, dtype=bool)
    if isinstance(kind, Integer) and not column.nullable:
        return pd.Series(values, dtype=np.int64)
    if isinstance(kind, Float | Integer):
        return pd.Series(values, dtype=np.float64)
    return pd.Series(values, dtype=object)


def typed(frame: pd.DataFrame, table: Table, given: Mapping[str, Any]) -> Columns:
    """A frame's columns that the table has, as typed arrays, completed with ``given`` and the table's defaults.

    Parameters
    ----------
    frame
        Columns by their names in the database; ``geometry`` for ``geom``. Others are left out.
    given
        Values by column: an arrow array or a list, or one value for every row.
    """
    columns: Columns = {}
    for column in table.columns:
        name = "geometry" if column.name == "geom" else column.name
        if column.name in given:
            columns[column.name] = _given(given[column.name], column, len(frame))
        elif name in frame:
            columns[column.name] = _array(frame[name], column)
        elif column.name != "id":
            columns[column.name] = _given(None, column, len(frame))
    return columns


def arrow_type(column: Column[Any]) -> pa.DataType:
    """How a column's values travel: shapes as WKB, JSON as text."""
    kind = column.type
    if isinstance(kind, Shape):
        return pa.binary()
    if isinstance(kind, Instant):
        return pa.timestamp("us", "UTC")
    plain = {Date: pa.date32(), Boolean: pa.bool_(), Integer: pa.int64(), Float: pa.float64()}
    return next((found for sort, found in plain.items() if isinstance(kind, sort)), pa.string())


def point_wkb(lonlat: Floats) -> pa.Array:
    """Points as WKB, without a geometry of each on the way."""
    written = np.empty(len(lonlat), dtype=[("order", "u1"), ("kind", "<u4"), ("lon", "<f8"), ("lat", "<f8")])
    written["order"], written["kind"], written["lon"], written["lat"] = 1, 1, *lonlat.T
    size = pa.binary(written.itemsize)
    return pa.Array.from_buffers(size, len(written), [None, pa.py_buffer(written)]).cast(pa.binary())


def json_texts(values: Iterable[Any]) -> list[str | None]:
    """Values as JSON, ``None`` for missing ones; a column of such texts is stored as it is."""
    return [None if _missing(value) else _json(value) for value in values]


def _given(value: Any, column: Column[Any], count: int) -> pa.Array:
    if isinstance(value, pa.Array):
        return value
    if isinstance(value, list):
        return _array(pd.Series(value, dtype=object), column)
    return pa.repeat(pa.scalar(_default(column) if value is None else value, arrow_type(column)), count)


def _array(values: pd.Series, column: Column[Any]) -> pa.Array:
    """Values in the column's type; missing ones become its default, as one inserted row would."""
    kind, default = arrow_type(column), _default(column)
    if isinstance(values.dtype, pd.CategoricalDtype):
        if kind == pa.string() and (default is None or not values.hasnans):
            number, texts = occurring(values.array)
            return pa.DictionaryArray.from_arrays(pa.array(number, mask=number < 0), pa.array(texts, kind))
        values = values.astype(object)
    if isinstance(column.type, Shape):
        return pa.array(shapely.to_wkb(np.asarray(values, dtype=object), byte_order=1, output_dimension=2), kind)
    if isinstance(column.type, JSON) and not isinstance(values.dtype, pd.StringDtype):
        found = pa.array(json_texts(values), kind)
    elif isinstance(column.type, Instant):
        found = pa.array(pd.to_datetime(values, utc=True), kind, from_pandas=True)
    elif isinstance(column.type, Date):
        found = pa.array(pd.to_datetime(values).dt.date, kind, from_pandas=True)
    else:
        found = pa.array(values, kind, from_pandas=True)
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return found if default is None else found.fill_null(default)


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def _json(value: Any) -> str:
    return "{}" if value == {} else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _default(column: Column[Any]) -> Any:
    """The column's default as it travels."""
    if column.default is None:
        return None
    if column.default.is_callable:
        return _json(column.default.arg(None))  # type: ignore[attr-defined]
    return column.default.arg if column.default.is_scalar else None  # type: ignore[attr-defined]

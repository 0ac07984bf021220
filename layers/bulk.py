"""Many rows in: COPY on PostgreSQL, one prepared statement on SQLite."""

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Column, Dialect, Table, bindparam, insert, text
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON

from layers.base import SRID, Shape
from layers.frames import Plain

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_BLOCK_ROWS = 5_000


def insert_rows(session: Session, table: Table, columns: Plain) -> None:
    """Insert rows given as columns, within the session's transaction."""
    count = len(next(iter(columns.values())))
    if not count:
        return
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, table, columns, count)
        return
    bound = [_bound(table.columns[name], values, session.get_bind().dialect) for name, values in columns.items()]
    statement = str(insert(table).values({name: bindparam(name) for name in columns}).compile(session.connection()))
    session.connection().exec_driver_sql(statement, list(zip(*bound, strict=True)))


def blocks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The items in blocks that fit into one ``IN``."""
    for start in range(0, len(items), _BLOCK_ROWS):
        yield items[start : start + _BLOCK_ROWS]


def new_ids(session: Session, table: Table, count: int) -> list[int]:
    """Keys for rows about to be inserted, so that others can name them in the same transaction."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = session.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
        query = text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")
        return list(session.scalars(query, {"sequence": sequence, "count": count}))
    last = session.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table.name}")) or 0
    return list(range(last + 1, last + 1 + count))


def _bound(column: Column[Any], values: list[Any], dialect: Dialect) -> list[Any]:
    """Values as the driver takes them: a column at a time costs a third of a row at a time."""
    if isinstance(column.type, Shape):
        shapes: list[Any] = shapely.to_wkb(np.array(values, dtype=object)).tolist()
        return shapes
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    return values if process is None else [process(value) for value in values]


def _copy(session: Session, table: Table, columns: Plain, count: int) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    cursor: Any = session.connection().connection.cursor()
    try:
        for start in range(0, count, _BLOCK_ROWS):
            end = start + _BLOCK_ROWS
            block = (_texts(table.columns[name], values[start:end]) for name, values in columns.items())
            lines = "".join("\t".join(row) + "\n" for row in zip(*block, strict=True))
            cursor.copy_expert(f'COPY "{table.name}" ({names}) FROM STDIN', io.StringIO(lines))
    finally:
        cursor.close()


def _texts(column: Column[Any], values: list[Any]) -> list[str]:
    if isinstance(column.type, Shape):
        shapes = shapely.set_srid(np.array(values, dtype=object), SRID)
        written = shapely.to_wkb(shapes, hex=True, include_srid=True)
        return ["\\N" if text is None else text for text in written]
    write = _json if isinstance(column.type, JSON) else _text
    return ["\\N" if value is None else write(value) for value in values]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)


def _text(value: Any) -> str:
    return _WRITERS.get(type(value), str)(value)


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: lambda value: value.translate(_ESCAPES),
    float: repr,
    bool: lambda value: "t" if value else "f",
    dt.datetime: dt.datetime.isoformat,
    dt.date: dt.date.isoformat,
}

"""Many rows in: binary COPY on PostgreSQL, statements of many rows on SQLite."""

import datetime as dt
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, count, islice, pairwise
from sqlite3 import SQLITE_LIMIT_VARIABLE_NUMBER
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Dialect,
    FromClause,
    Table,
    any_,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON, BigInteger

from gis_core.arrays import Ints
from layers.base import SRID, Base, Instant, Shape
from layers.frames import Columns, table_of

Bytes = NDArray[np.uint8]
_BLOCK_ROWS = 5_000
_ROWS_A_STATEMENT = 200
_BUFFER_BYTES = 1 << 20
_EPOCH_S, _EPOCH_DAYS = 946_684_800, 10_957
"""PostgreSQL counts from 2000-01-01."""
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def insert_rows(session: Session, table: Table, columns: Columns) -> None:
    """Insert rows given as columns, within the session's transaction."""
    if not len(next(iter(columns.values()))):
        return
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, table, columns)
        return
    one_row = str(insert(table).values({name: bindparam(name) for name in columns}).compile(session.connection()))
    begin, _, _ = one_row.rpartition(" VALUES ")
    lists = [_sqlite_values(values) for values in columns.values()]
    alike = [all(value is values[0] for value in values) for values in lists]
    common = [values[0] for values, same in zip(lists, alike, strict=True) if same]
    rows = zip(*(values for values, same in zip(lists, alike, strict=True) if not same), strict=True)
    with _cursor(session, one_row) as cursor:
        # Other threads run between two statements, and may hold up the next one. With a row in each, a thread that
        # computes would hold up every row.
        allowed = cursor.connection.getlimit(SQLITE_LIMIT_VARIABLE_NUMBER) // len(columns)
        most = max(1, min(_ROWS_A_STATEMENT, allowed))
        left = len(lists[0])
        while left > 0:
            block = min(most, left)
            values = [*common, *chain.from_iterable(islice(rows, block))]
            cursor.execute(f"{begin} VALUES {_places(block, tuple(alike))}", values)
            left -= block


@lru_cache(maxsize=4)
def _places(rows: int, alike: tuple[bool, ...]) -> str:
    """Parameters by number for so many rows; those of columns that say the same in every row are given once."""
    common, own = count(1), count(1 + sum(alike))
    shared = [f"?{next(common)}" if same else None for same in alike]
    return ", ".join(f"({', '.join(place or f'?{next(own)}' for place in shared)})" for _ in range(rows))


def blocks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The items in blocks that fit into one ``IN``."""
    for start in range(0, len(items), _BLOCK_ROWS):
        yield items[start : start + _BLOCK_ROWS]


def among(session: Session, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column of texts or whole numbers has one of the values, however many; they travel as one parameter."""
    if session.get_bind().dialect.name == "postgresql":
        # An array's length is known to the planner; of what a function returns it would have to guess, and loop.
        # The driver would write each value as a constant of its own, which the server parses ten times as long.
        return column == any_(cast(literal(_array_text(values)), ARRAY(column.type)))
    document = json.dumps(list(values), ensure_ascii=False)
    return column.in_(select(func.json_each(document).table_valued("value").c.value))


def spans(session: Session, ranges: Ints) -> tuple[FromClause, ColumnElement[int], ColumnElement[int]]:
    """Ranges of whole numbers, shape (n, 2), as a table to join, and its two columns; they travel as :func:`among`'s
    values do.
    """
    if session.get_bind().dialect.name == "postgresql":
        texts = ("{" + ",".join(map(str, column)) + "}" for column in ranges.T.tolist())
        ends = [cast(literal(text), ARRAY(BigInteger)) for text in texts]
        unnested = func.unnest(*ends).table_valued("first", "last").render_derived(name="span")
        return unnested, unnested.c.first, unnested.c.last
    listed = func.json_each(json.dumps(ranges.tolist())).table_valued("value", name="span")
    first, last = (func.json_extract(listed.c.value, f"$[{place}]") for place in (0, 1))
    return listed, first, last


def periods(
    session: Session, edges: Sequence[dt.datetime]
) -> tuple[FromClause, ColumnElement[int], ColumnElement[dt.datetime], ColumnElement[dt.datetime]]:
    """Periods, each from an instant up to the next, as a table to join, and its columns: which of them it is, rising,
    where it begins and where it ends; they travel as :func:`among`'s values do.
    """
    if session.get_bind().dialect.name == "postgresql":
        ends = [cast(literal(_array_text(some)), ARRAY(Instant)) for some in (edges[:-1], edges[1:])]
        listed = func.unnest(*ends).table_valued("first", "last", with_ordinality="nth").render_derived(name="period")
        return listed, listed.c.nth, listed.c.first, listed.c.last
    texts = [one.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ", "microseconds") for one in edges]
    document = json.dumps(list(pairwise(texts)))
    listed = func.json_each(document).table_valued("key", "value", name="period")
    begin, end = (func.json_extract(listed.c.value, f"$[{place}]") for place in (0, 1))
    return listed, listed.c.key, begin, end


def _array_text(values: Sequence[Any]) -> str:
    """Texts or whole numbers as PostgreSQL writes an array."""
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return '{"' + '","'.join(quoted) + '"}' if len(values) else "{}"


def new_ids(session: Session, table: Table, count: int) -> list[int]:
    """Keys for rows about to be inserted, so that others can name them in the same transaction."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = session.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
        query = text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")
        return list(session.scalars(query, {"sequence": sequence, "count": count}))
    last = session.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table.name}")) or 0
    return list(range(last + 1, last + 1 + count))


def _sqlite_values(values: pa.Array) -> list[Any]:
    """Values as SQLite keeps them: instants and days as text; texts that are alike share one object."""
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("us")).cast(pa.string())
    elif pa.types.is_date(values.type):
        values = pc.strftime(values, "%Y-%m-%d")
    if not (pa.types.is_string(values.type) or pa.types.is_dictionary(values.type)):
        found: list[Any] = values.to_pylist()
        return found
    encoded = values.dictionary_encode()  # what is a dictionary already stays as it is
    distinct = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    shared: list[Any] = distinct[encoded.indices.fill_null(-1).to_numpy()].tolist()
    return shared


def _copy(session: Session, table: Table, columns: Columns) -> None:
    dialect = session.get_bind().dialect
    fields = [_field(table.columns[name], values, dialect) for name, values in columns.items()]
    nulls = np.array([values.is_null().to_numpy(zero_copy_only=False) for values in columns.values()])
    shift = np.concatenate([[0], np.cumsum([len(data) for data, _ in fields[:-1]])])
    offsets = np.array([offset + start for (_, offset), start in zip(fields, shift, strict=True)])
    packed = _pack(np.concatenate([data for data, _ in fields]), offsets, nulls)
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{table.name}" ({names}) FROM STDIN WITH (FORMAT binary)'
    with _cursor(session, statement) as cursor:
        stream = io.BytesIO(b"".join((_HEADER, packed.tobytes(), _TRAILER)))
        cursor.copy_expert(statement, stream, _BUFFER_BYTES)


@contextmanager
def _cursor(session: Session, statement: str) -> Iterator[Any]:
    """The driver's own cursor; its faults become those of every other statement."""
    connection = session.connection()
    fault_of_driver = connection.dialect.loaded_dbapi.Error
    cursor = connection.connection.cursor()
    try:
        yield cursor
    except fault_of_driver as fault:
        raise DBAPIError.instance(statement, None, fault, fault_of_driver, dialect=connection.dialect) from fault
    finally:
        cursor.close()


@njit(cache=True, nogil=True)
def _pack(data: Bytes, offsets: NDArray[np.int64], nulls: NDArray[np.bool_]) -> Bytes:  # pragma: no cover
    """Rows in the binary format of COPY: the number of fields, then the length of each (-1: null) and its bytes."""
    fields, rows = nulls.shape
    size = rows * (2 + 4 * fields)
    for field in range(fields):
        for row in range(rows):
            if not nulls[field, row]:
                size += offsets[field, row + 1] - offsets[field, row]
    packed = np.empty(size, np.uint8)
    at = 0
    for row in range(rows):
        packed[at], packed[at + 1] = fields >> 8, fields & 255
        at += 2
        for field in range(fields):
            start, end = offsets[field, row], offsets[field, row + 1]
            length = -1 if nulls[field, row] else end - start
            for byte in range(4):
                packed[at + byte] = (length >> (24 - 8 * byte)) & 255
            at += 4
            if length > 0:
                packed[at : at + length] = data[start:end]
                at += length
    return packed


def _field(column: Column[Any], values: pa.Array, dialect: Dialect) -> tuple[Bytes, NDArray[np.int64]]:
    """The bytes of all values of a column, and where each begins and the last one ends."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = values.type
    if isinstance(column.type, Shape):
        return _variable(_with_srid(values))
    if isinstance(column.type, JSON):
        # A version number stands before the text of jsonb.
        return _variable(pc.binary_join_element_wise("\x01", values, ""))
    if pa.types.is_string(kind):
        return _variable(values)
    filled = values.fill_null(False if pa.types.is_boolean(kind) else 0)
    if pa.types.is_timestamp(kind):
        return _fixed(filled.cast(pa.int64()).to_numpy() - _EPOCH_S * 1_000_000, ">i8")
    if pa.types.is_date(kind):
        return _fixed(filled.cast(pa.int32()).to_numpy() - _EPOCH_DAYS, ">i4")
    if pa.types.is_integer(kind):
        wide = isinstance(column.type.dialect_impl(dialect), BigInteger)
        return _fixed(filled.to_numpy(), ">i8" if wide else ">i4")
    form = "u1" if pa.types.is_boolean(kind) else ">f8"
    return _fixed(filled.to_numpy(zero_copy_only=False), form)


def _with_srid(wkb: pa.Array) -> pa.Array:
    """EWKB: a bit of the type, which follows the byte order, says that the SRID comes after it."""
    return pc.binary_replace_slice(wkb, start=4, stop=5, replacement=b"\x20" + SRID.to_bytes(4, "little"))


def _fixed(values: NDArray[Any], form: str) -> tuple[Bytes, NDArray[np.int64]]:
    data = np.ascontiguousarray(values.astype(form))
    return data.view(np.uint8), np.arange(len(values) + 1, dtype=np.int64) * data.itemsize


def _variable(values: pa.Array) -> tuple[Bytes, NDArray[np.int64]]:
    _, offsets, data = values.buffers()
    begins = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1].astype(np.int64)
    return np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8), begins


def inserting(dialect: str, rows: type[Base]) -> Any:
    """An insertion that knows what to do about a conflict."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table_of(rows))

"""Tables: CSV, XLSX and Parquet, the last with or without geometry."""

import csv
import json
import warnings
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from gis_core.errors import InvalidInput
from layers.encodings import detect
from layers.opened import Chunk, arrow_chunks, headings, object_frame, reading

_DELIMITERS = ",;\t"
_CELL_CHARACTERS = 1 << 24
_BLOCK_RECORDS = 500

# Python's own limit of 131072 characters is less than the outline of one district in WKT. The limit is the process's.
csv.field_size_limit(_CELL_CHARACTERS)


def read_csv(path: Path, rows: int) -> Iterator[Chunk]:
    """A CSV file, every cell as text exactly as it is written; memory stays constant.

    Columns are separated by comma, semicolon or tab, whichever the first line has most of. A row with more or
    fewer cells than the first is a fault of that row.
    """
    with path.open("rb") as raw:
        encoding = detect(raw, path.name)
    with path.open(encoding=encoding, newline="") as text, reading(path, csv.Error):
        line = text.readline()
        text.seek(0)
        reader = csv.reader(text, delimiter=max(_DELIMITERS, key=line.count), strict=True)
        try:
            yield from _table_chunks(reader, path, rows)
        except csv.Error as fault:
            raise csv.Error(f"line {reader.line_num}: {fault}") from None


def read_xlsx(path: Path, rows: int) -> Iterator[Chunk]:
    """The first sheet of an Excel workbook: names in the first row, values of formulas as Excel last saved them."""
    # A workbook is XML by strangers, over which openpyxl stumbles with whatever its code happens to raise.
    # Opened here, because openpyxl judges a path by its ending.
    with path.open("rb") as file, reading(path, Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet = openpyxl.load_workbook(file, read_only=True, data_only=True).worksheets[0]
        sheet.reset_dimensions()
        records = list(sheet.iter_rows(values_only=True))
    yield from _table_chunks(iter(records), path, rows)


def read_parquet(path: Path, rows: int) -> Iterator[Chunk]:
    """A Parquet file in constant memory; GeoParquet gives shapes and their coordinate system.

    Raises
    ------
    InvalidInput
        When it is damaged, or its geometry is not encoded as WKB.
    """
    # What is read ahead would be kept until the end of the file.
    with reading(path, pa.ArrowException, OSError, ValueError), pq.ParquetFile(path, pre_buffer=False) as file:
        schema = file.schema_arrow
        geometry, crs = _geoparquet(schema, path)
        yield from arrow_chunks(file.iter_batches(batch_size=rows), schema, geometry, crs, path)


def _geoparquet(schema: pa.Schema, path: Path) -> tuple[str | None, str | None]:
    """Name of the geometry column and the coordinate system that the file declares for it."""
    document = (schema.metadata or {}).get(b"geo")
    if document is None:
        return None, None
    try:
        geo = json.loads(document)
        name = geo["primary_column"]
        column = geo["columns"][name]
        encoding, crs = column["encoding"], column.get("crs")
        schema.field(name)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInput("file_damaged", file=path.name, found="GeoParquet metadata") from None
    if encoding != "WKB":
        raise InvalidInput("geometry_encoding", file=path.name, found=encoding)
    return name, None if crs is None else json.dumps(crs)


def _table_chunks(records: Iterator[Sequence[Any]], path: Path, rows: int) -> Iterator[Chunk]:
    names = headings(_without_empty_end(next(records, ())), path)
    if not names:
        raise InvalidInput("file_empty", file=path.name)
    first, more = 1, True
    while more:
        chunk, following = _table_chunk(names, islice(records, rows), first)
        if following > first or first == 1:
            yield chunk
        first, more = following, following - first == rows


def _table_chunk(names: list[str], records: Iterator[Sequence[Any]], first: int) -> tuple[Chunk, int]:
    """A chunk of records, of which the first has the number ``first``, and the number after the last one's.

    Few records are held at a time: the interpreter would look through thousands of them again and again for garbage.
    """
    columns: list[list[Any]] = [[] for _ in names]
    row: list[int] = []
    faults: dict[int, tuple[str, dict[str, Any]]] = {}
    while block := list(islice(records, _BLOCK_RECORDS)):
        numbers: Sequence[int] = range(first, first + len(block))
        first += len(block)
        if set(map(len, block)) != {len(names)} or not all(map(any, block)):
            there = [place for place, record in enumerate(block) if not _is_blank(record)]
            numbers = [numbers[place] for place in there]
            block = [_of_width(block[there[k]], len(names), len(row) + k, faults) for k in range(len(there))]
        row.extend(numbers)
        for column, cells in zip(columns, zip(*block, strict=True), strict=False):
            column.extend(cells)
    frame = object_frame(dict(zip(names, columns, strict=True)), len(row))
    return Chunk(frame, np.array(row, dtype=np.int64), faults=faults), first


def _of_width(
    record: Sequence[Any], width: int, place: int, faults: dict[int, tuple[str, dict[str, Any]]]
) -> Sequence[Any]:
    """The record with as many cells as there are columns; where that is not what it has, the row is at fault."""
    fitted = _fitted(record, width) if len(record) != width else record
    if len(fitted) == width:
        return fitted
    faults[place] = ("row_cells", {"found": len(fitted), "expected": width})
    return [*fitted, *[None] * width][:width]


def _is_blank(record: Sequence[Any]) -> bool:
    return all(cell in (None, "") for cell in record)


def _fitted(record: Sequence[Any], width: int) -> Sequence[Any]:
    """Without the empty cells after the last column; Excel leaves out cells at the end, text must not."""
    shorter = _without_empty_end(record)
    if isinstance(record, tuple):
        return (*shorter, *[None] * (width - len(shorter)))
    return record[:width] if len(shorter) <= width < len(record) else record


def _without_empty_end(record: Sequence[Any]) -> Sequence[Any]:
    used = max((place for place, cell in enumerate(record, start=1) if cell not in (None, "")), default=0)
    return record[:used]

"""What reading a file gives: its columns in chunks, with the number and the shape of each row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gis_core.errors import GisError, InvalidInput

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
RowFaults = Mapping[int, tuple[str, dict[str, Any]]]
"""Position of a row in its chunk: a text key and the text's parameters."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Consecutive rows of a file.

    Parameters
    ----------
    frame
        The file's columns under its own names, dtype object: text, numbers, dates … as the file has them.
    row
        Number of each row as people count: the first row of data is 1, blank rows are counted and left out.
    shapes
        Geometry of each row, None where there is none; None altogether for a file that has no geometry.
    crs
        The coordinate system that the file declares for ``shapes``, in any spelling PROJ reads.
    faults
        Rows that could not be read.
    """

    frame: pd.DataFrame
    row: Ints
    shapes: Shapes | None = None
    crs: str | None = None
    faults: RowFaults = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Opened:
    """A file that has been recognised.

    Parameters
    ----------
    digest
        SHA-256 of its content, hexadecimal.
    read
        Reads it from the start in chunks of so many rows.
    """

    digest: str
    read: Callable[[int], Iterator[Chunk]]

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """All rows in chunks of at most ``rows``; a file without rows gives one chunk with its columns.

        Raises
        ------
        InvalidInput
            When it is damaged or holds what cannot be read.
        """
        return self.read(rows)


@contextmanager
def reading(path: Path, *faults: type[Exception]) -> Iterator[None]:
    """Turns what a library raises over a damaged file into one clear refusal."""
    try:
        yield
    except GisError:
        raise
    except faults as fault:
        found = " ".join(str(fault).split()) or type(fault).__name__
        raise InvalidInput("file_damaged", file=path.name, found=found[:200]) from None


def headings(names: Sequence[object], path: Path) -> list[str]:
    """Column names without blanks around them; an unnamed column is called by its place.

    Raises
    ------
    InvalidInput
        When two columns share a name, so that nobody can say which is meant.
    """
    named = [str(name).strip() if name is not None else "" for name in names]
    named = [name or f"column {place}" for place, name in enumerate(named, start=1)]
    if twice := next((name for place, name in enumerate(named) if name in named[:place]), None):
        raise InvalidInput("column_twice", file=path.name, value=twice)
    return named


def object_frame(columns: Mapping[str, Sequence[Any]], rows: int) -> pd.DataFrame:
    """Columns of Python objects as a frame; pandas is kept from guessing, which would turn ``01001`` into 1001."""
    return pd.DataFrame(
        {name: pd.Series(list(cells), dtype=object) for name, cells in columns.items()}, index=pd.RangeIndex(rows)
    )


def wkb_shapes(blobs: Sequence[bytes | None]) -> tuple[Shapes, RowFaults]:
    """Shapes of well-known binaries, None where there is none, and the rows whose binary cannot be read."""
    shapes = shapely.from_wkb(np.array(blobs, dtype=object), on_invalid="ignore")
    return shapes, unreadable(shapes, [blob is not None for blob in blobs])


def unreadable(shapes: Shapes, given: Sequence[bool]) -> RowFaults:
    """The rows that gave a geometry out of which no shape came."""
    broken = np.flatnonzero(shapely.is_missing(shapes) & np.array(given, dtype=bool))
    return {int(row): ("geometry_unreadable", {}) for row in broken}


def arrow_chunks(
    batches: Iterator[pa.RecordBatch], schema: pa.Schema, geometry: str | None, crs: str | None, path: Path
) -> Iterator[Chunk]:
    """Chunks of Arrow batches, with shapes from the binary column ``geometry``; other binary columns are left out."""
    headings(schema.names, path)
    first = 1
    empty = pa.RecordBatch.from_pylist([], schema=schema)
    for batch in batches:
        yield _arrow_chunk(batch, first, geometry, crs)
        first += batch.num_rows
    if first == 1:
        yield _arrow_chunk(empty, first, geometry, crs)


def _arrow_chunk(batch: pa.RecordBatch, first: int, geometry: str | None, crs: str | None) -> Chunk:
    kept = [one.name for one in batch.schema if not _is_binary(one.type) and one.name != geometry]
    frame = object_frame({name: batch.column(name).to_pylist() for name in kept}, batch.num_rows)
    row = np.arange(first, first + batch.num_rows, dtype=np.int64)
    if geometry is None:
        return Chunk(frame, row)
    shapes, faults = wkb_shapes(batch.column(geometry).to_pylist())
    return Chunk(frame, row, shapes, crs, faults)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))

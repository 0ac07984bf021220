"""GeoPackage, read as the SQLite database that it is.

Opened read-only, tables only and with an untrusted schema, so that no view or trigger of a stranger runs.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from gis_core.errors import InvalidInput
from layers.opened import Chunk, headings, object_frame, reading, wkb_shapes

_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_HEADER_BYTES = 8
_TABLES = """
SELECT c.table_name, g.column_name, s.organization, s.organization_coordsys_id, s.definition
FROM gpkg_contents c
JOIN sqlite_schema t ON t.name = c.table_name AND t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%'
LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
WHERE c.data_type IN ('features', 'attributes')
ORDER BY c.table_name
"""


@dataclass(frozen=True)
class _Layer:
    table: str
    geometry: str | None
    crs: str | None


def read_geopackage(path: Path, rows: int) -> Iterator[Chunk]:
    """The one table of a GeoPackage, in constant memory.

    Raises
    ------
    InvalidInput
        When it is damaged, or has no table or several, which are named then.
    """
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with reading(path, sqlite3.Error, ValueError), closing(sqlite3.connect(address, uri=True)) as database:
        database.execute("PRAGMA trusted_schema = OFF")
        layer = _only_layer(database, path)
        cursor = database.execute('SELECT * FROM "{}"'.format(layer.table.replace('"', '""')))
        names = headings([column[0] for column in cursor.description], path)
        first = 1
        blocks = iter(lambda: cursor.fetchmany(rows), [])
        for records in chain([next(blocks, [])], blocks):
            yield _chunk(names, records, first, layer)
            first += len(records)


def _only_layer(database: sqlite3.Connection, path: Path) -> _Layer:
    found = database.execute(_TABLES).fetchall()
    if len(found) != 1:
        raise InvalidInput("layers_not_one", file=path.name, found=", ".join(str(row[0]) for row in found) or "-")
    table, geometry, organisation, number, definition = found[0]
    if organisation is None or number is None or int(number) < 1:
        return _Layer(table, geometry, None)
    known = str(organisation).upper() == "EPSG"
    return _Layer(table, geometry, f"EPSG:{number}" if known else str(definition))


def _chunk(names: list[str], records: list[tuple[object, ...]], first: int, layer: _Layer) -> Chunk:
    columns = dict(zip(names, zip(*records, strict=True) if records else [()] * len(names), strict=True))
    row = np.arange(first, first + len(records), dtype=np.int64)
    if layer.geometry is None:
        return Chunk(object_frame(columns, len(records)), row)
    shapes, faults = wkb_shapes([_wkb(blob) for blob in columns.pop(layer.geometry)])
    return Chunk(object_frame(columns, len(records)), row, shapes, layer.crs, faults)


def _wkb(blob: object) -> bytes | None:
    """The well-known binary after the GeoPackage header; a header that is none leaves nothing readable."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < _HEADER_BYTES or blob[:2] != b"GP":
        return b""
    envelope = blob[3] >> 1 & 7
    return blob[_HEADER_BYTES + _ENVELOPE_BYTES[envelope] :] if envelope < len(_ENVELOPE_BYTES) else b""

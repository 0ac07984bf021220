"""Rows of a file as rows of a table: mapped, converted, checked; what cannot be is rejected with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import JSON, Column, Date, Float, Integer
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from gis_core.city import LOCALES, City
from gis_core.crs import check_datum
from gis_core.errors import InvalidInput
from layers import TABLES
from layers.base import Instant, Shape
from layers.binding import POSITIONS, ROW, Binding, Mapping, check_ours, missing_column
from layers.faults import Faults
from layers.frames import table_of
from layers.opened import Chunk
from layers.shaping import (
    declared_datum,
    measures,
    position_columns,
    raw_positions,
    read_shapes,
    shaped,
)
from layers.values import (
    LONGEST_TEXT,
    Bools,
    Objects,
    days,
    given,
    inexact,
    instants,
    items,
    json_values,
    numbers,
    objects,
    texts,
)
from layers.walls import LOT

__all__ = ["Importer", "Mapping", "Parsed"]

_NAMES = tuple(f"name_{locale}" for locale in LOCALES)
_DIGEST_DIGITS = 16


@dataclass(frozen=True, eq=False)
class Parsed:
    """Rows split in two.

    Parameters
    ----------
    accepted
        All of the table's columns that a file may fill, by their names in the database, and ``source``, ``key``
        (``external_id`` for issues), ``extra``, ``row``. Tables with a geometry have ``geometry`` in EPSG:4326
        (None where there is none) and ``area_m2`` or ``length_m`` if they keep one; issues have ``lon``, ``lat``
        in degrees instead, and ``raw_x``, ``raw_y``, ``datum`` as given. Text, days (``datetime.date``), lists and
        shapes are objects with None for what is missing; numbers are floats; instants are in UTC.
    rejects
        Columns :data:`gis_core.issues.REJECT_COLUMNS`.
    """

    accepted: pd.DataFrame
    rejects: pd.DataFrame


class Importer:
    """Turns the chunks of one file, in order, into rows of a table.

    Parameters
    ----------
    table
        Name in :data:`layers.TABLES`.
    mapping
        How the file's columns become ours.
    city
        Gives the time zone, the datum and scheme of what says none, the grid levels and the metric CRS.
    digest
        Of the file's content; with the row number it identifies rows that have no key.
    stem
        The file's name without its ending: the source of its rows unless the mapping names one.

    Raises
    ------
    InvalidInput
        When the mapping names a column that the table does not have, a level that the city does not have, or an
        unknown coordinate system.
    """

    def __init__(self, table: str, mapping: Mapping, city: City, digest: str, stem: str) -> None:
        self._table, self._mapping, self._city, self._digest, self._stem = table, mapping, city, digest, stem
        self._all = {column.name: column for column in table_of(TABLES[table]).columns}
        self._given = {name: column for name, column in self._all.items() if column.info.get("given")}
        self._named = "names" in self._all
        read = [*(POSITIONS if "geom" in self._all else ()), *(_NAMES if self._named else ())]
        check_ours(mapping, list(self._given), read)
        if mapping.level is not None:
            city.level(mapping.level)
        self._datum = check_datum(mapping.datum) if mapping.datum else None
        self._seen: set[tuple[Any, ...]] = set()

    def parse(self, chunk: Chunk) -> Parsed:
        """Parse the next rows.

        Raises
        ------
        InvalidInput
            When the file lacks a column that the mapping names or that the table must have.
        """
        faults = Faults(len(chunk.frame))
        for place, (reason, params) in chunk.faults.items():
            faults.add(np.arange(len(chunk.frame)) == place, reason, **params)
        ours = [*self._given, *(_NAMES if self._named else ())]
        binding = Binding(self._mapping, ours, list(chunk.frame), self._stem)
        frame = chunk.frame if ROW in chunk.frame else chunk.frame.assign(**{ROW: chunk.row})
        chunk = replace(chunk, frame=frame, shapes=None if binding.unplaced() else chunk.shapes)
        self._require_columns(binding)
        columns = {name: self._column(column, binding, chunk, faults) for name, column in self._given.items()}
        if self._named:
            columns["names"] = self._names(binding, chunk, faults)
        key = self._key(binding, chunk, columns, faults)
        positions = self._positions(binding, chunk)
        columns |= self._geometry(positions, chunk, faults)
        if self._table == "walls":
            lines = shapely.get_dimensions(columns["geometry"]) == 1
            faults.add((columns["kind"] == LOT) & lines, "lot_no_area")
        columns |= {
            "source": np.full(len(key), self._mapping.source or self._stem, dtype=object),
            "external_id" if "external_id" in self._all else "key": key,
            "extra": self._extra(binding.kept(positions), chunk),
            "row": chunk.row,
        }
        rows = pd.DataFrame({name: pd.Series(cells, dtype=cells.dtype) for name, cells in columns.items()})
        return self._split(rows, chunk, key, faults)

    def _split(self, rows: pd.DataFrame, chunk: Chunk, key: Objects, faults: Faults) -> Parsed:
        first = self._first_of_each(rows, faults.clear)
        kept = faults.clear & first
        accepted = rows if kept.all() else rows[kept].reset_index(drop=True)
        if "geom" in self._all and "lon" not in accepted:
            found = measures(accepted["geometry"].to_numpy(object), self._city.metric_srid)
            accepted = accepted.assign(**{name: values for name, values in found.items() if name in self._all})
        return Parsed(accepted, faults.rejects(~faults.clear & first, chunk.row, key))

    def _require_columns(self, binding: Binding) -> None:
        for name, column in self._given.items():
            if not (column.nullable or column.default or name == "scheme" or binding.filled(name)):
                raise InvalidInput(
                    "column_needed", file=self._stem, value=name, table=self._table, expected=", ".join(binding.theirs)
                )

    def _column(self, column: Column[Any], binding: Binding, chunk: Chunk, faults: Faults) -> Any:
        name = column.name
        cells = binding.cells(name, chunk.frame, faults)
        default = column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
        default = self._city.scheme if name == "scheme" else default
        if isinstance(column.type, JSON):
            lists = items(cells)
            self._require_cells(column, lists, faults)
            return lists
        written = texts(cells)
        if default:
            written[~given(written)] = default
        self._require_cells(column, written, faults)
        if isinstance(column.type, Float | Integer):
            values, wrong = numbers(written)
            faults.add(wrong, "cell_number", field=name, value=written)
            if isinstance(column.type, Integer):
                faults.add(np.mod(values, 1) > 0, "cell_whole", field=name, value=written)
            return values
        if isinstance(column.type, Instant | Date):
            at, wrong = (instants if isinstance(column.type, Instant) else days)(written, self._city.zone)
            faults.add(wrong, "cell_time", field=name, value=written)
            return at
        self._check_text(column, written, inexact(cells), faults)
        if default is not None:
            written[~given(written)] = default
        return written

    def _require_cells(self, column: Column[Any], written: Objects, faults: Faults) -> None:
        if not (column.nullable or column.default):
            faults.add(~given(written), "cell_empty", field=column.name)

    def _check_text(self, column: Column[Any], written: Objects, ruined: Bools, faults: Faults) -> None:
        levels = [level.name for level in self._city.levels] if column.name == "level" else []
        choices = column.info["choices"] or levels
        faults.add(ruined, "cell_inexact", field=column.name, value=written)
        if choices:
            wrong = given(written) & ~pd.Series(written, dtype=object).isin(choices).to_numpy()
            faults.add(wrong, "cell_choice", field=column.name, value=written, expected=", ".join(choices))
        if max(map(len, filter(None, written)), default=0) <= LONGEST_TEXT:
            return
        lengths = np.array([len(text or "") for text in written], dtype=np.int64)
        faults.add(lengths > LONGEST_TEXT, "cell_long", field=column.name, found=lengths, most=LONGEST_TEXT)

    def _names(self, binding: Binding, chunk: Chunk, faults: Faults) -> Objects:
        by_locale = [texts(binding.cells(name, chunk.frame, faults)) for name in _NAMES]
        return _records(LOCALES, by_locale, len(chunk.frame))

    def _key(self, binding: Binding, chunk: Chunk, columns: dict[str, Any], faults: Faults) -> Objects:
        name = self._mapping.key
        if name is None:
            return objects(f"{self._digest[:_DIGEST_DIGITS]}:{row}" for row in chunk.row)
        if name not in chunk.frame and name not in columns:
            raise missing_column(name, binding.theirs, self._stem)
        cells = chunk.frame[name].to_numpy(object) if name in chunk.frame else columns[name]
        key = texts(cells)
        faults.add(inexact(cells), "cell_inexact", field=name, value=key)
        faults.add(~given(key), "cell_empty", field=name)
        return key

    def _positions(self, binding: Binding, chunk: Chunk) -> tuple[str, ...]:
        if "geom" not in self._all:
            return ()
        named = {name: binding.columns[name] for name in POSITIONS if name in binding.columns}
        columns = () if binding.unplaced() else position_columns(named, chunk)
        if not columns and chunk.shapes is None and not self._all["geom"].nullable:
            raise InvalidInput("positions_needed", file=self._stem, expected=", ".join(binding.theirs))
        return columns

    def _geometry(self, positions: tuple[str, ...], chunk: Chunk, faults: Faults) -> dict[str, Any]:
        if "geom" not in self._all:
            return {}
        declared = chunk.crs if chunk.shapes is not None and not positions else None
        datum = self._datum or (declared and declared_datum(declared, self._stem)) or self._city.datum
        if "raw_x" in self._all:
            return raw_positions(chunk, positions, datum, faults)
        raw, unread = read_shapes(chunk, positions)
        faults.add(given(unread), "geometry_unreadable", value=unread)
        if not self._all["geom"].nullable:
            faults.add(~given(raw), "geometry_missing")
        kind = self._all["geom"].type
        assert isinstance(kind, Shape)
        return {"geometry": shaped(raw, datum, kind.kind, self._city.metric_srid, faults)}

    def _extra(self, kept: Sequence[str], chunk: Chunk) -> Objects:
        return _records(kept, [json_values(chunk.frame[name]) for name in kept], len(chunk.frame))

    def _first_of_each(self, rows: pd.DataFrame, clear: Bools) -> Bools:
        """The rows whose combination of distinct columns has not come before; of those at fault the first as well."""
        if not self._mapping.distinct:
            return np.ones(len(rows), dtype=bool)
        first = np.zeros(len(rows), dtype=bool)
        columns = [texts(rows[name]) for name in self._mapping.distinct]
        for place, combination in enumerate(zip(clear, *columns, strict=True)):
            first[place] = combination not in self._seen
            self._seen.add(combination)
        return first


def _records(names: Sequence[str], columns: Sequence[Objects], count: int) -> Objects:
    """Per row the values by name, without those that are missing."""
    if not columns:
        return objects({} for _ in range(count))
    rows = zip(*columns, strict=True)
    return objects({name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows)

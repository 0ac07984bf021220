"""Formats that features are written in, a few thousand at a time."""

import csv
import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer

from layers.base import Instant
from layers.features import written_features

SHEET_ROWS = 1_000_000
"""Rows of one sheet; Excel reads 48,576 more."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text begins with that a spreadsheet would work out instead of showing it."""
_KINDS = {
    "POINT": "Point", "LINESTRING": "LineString", "MULTILINESTRING": "MultiLineString", "MULTIPOLYGON": "MultiPolygon",
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """What is written.

    Parameters
    ----------
    layer
        Its name.
    told
        Columns that are told, by name.
    kind
        Geometry type of the layer.
    crs
        EPSG code of the coordinates.
    zone
        The city's: people read local times.
    """

    layer: str
    told: Mapping[str, Column[Any]]
    kind: str
    crs: int
    zone: ZoneInfo


@dataclass(frozen=True, eq=False)
class Rows:
    """Features: their numbers, shapes in the system asked for, and the values of each column."""

    numbers: Sequence[int]
    shapes: NDArray[np.object_]
    columns: Mapping[str, Sequence[Any]]


Write = Callable[[Rows], None]
Writer = Callable[[Path, Sheet], AbstractContextManager[Write]]


@contextmanager
def geojson(path: Path, sheet: Sheet) -> Iterator[Write]:
    """GeoJSON (RFC 7946): one feature a line, so that large files can be read by line."""
    begun = False
    with path.open("w", encoding="utf-8") as file:
        name = "" if sheet.crs == 4326 else f'"crs":{{"type":"name","properties":{{"name":"EPSG:{sheet.crs}"}}}},'
        file.write(f'{{"type":"FeatureCollection",{name}"features":[\n')

        def write(rows: Rows) -> None:
            nonlocal begun
            said = zip(*rows.columns.values(), strict=True)
            texts = written_features(rows.numbers, rows.shapes, list(rows.columns), said)
            file.write((",\n" if begun else "") + ",\n".join(texts))
            begun = True

        yield write
        file.write("\n]}\n")


@contextmanager
def csv_table(path: Path, sheet: Sheet) -> Iterator[Write]:
    """CSV in UTF-8 with a mark, as spreadsheets expect; a text that would be a formula begins with an apostrophe."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        into = csv.writer(file)
        into.writerow(["id", *sheet.told, *_placed(sheet)])

        def write(rows: Rows) -> None:
            columns = [[cell(value, sheet.zone) for value in values] for values in rows.columns.values()]
            into.writerows(zip(rows.numbers, *columns, *_places(rows, sheet, wkt=True), strict=True))

        yield write


@contextmanager
def xlsx(path: Path, sheet: Sheet) -> Iterator[Write]:
    """XLSX: times of the city, one sheet a million rows, texts never formulas; of shapes a point within."""
    book = Workbook(write_only=True)
    page: Any = None
    left = 0

    def begin() -> None:
        nonlocal page, left
        page, left = book.create_sheet(f"{sheet.layer} {len(book.worksheets) + 1}".removesuffix(" 1")), SHEET_ROWS
        page.freeze_panes = "A2"
        page.append([_bold(page, name) for name in ("id", *sheet.told, *_placed(sheet, wkt=False))])

    def write(rows: Rows) -> None:
        nonlocal left
        columns = [[_plain(value, sheet.zone) for value in values] for values in rows.columns.values()]
        for row in zip(rows.numbers, *columns, *_places(rows, sheet, wkt=False), strict=True):
            if not left:
                begin()
            page.append([_text(page, value) if isinstance(value, str) else value for value in row])
            left -= 1

    begin()
    yield write
    book.save(path)


@contextmanager
def geopackage(path: Path, sheet: Sheet) -> Iterator[Write]:
    """GeoPackage, one layer; instants in UTC."""
    target = path.with_suffix(".gpkg")
    begun = False

    def write(rows: Rows) -> None:
        nonlocal begun
        columns = {"id": pd.Series(list(rows.numbers), dtype="int64")} | {
            name: _series(sheet.told[name], values) for name, values in rows.columns.items()
        }
        frame = gpd.GeoDataFrame(columns, geometry=rows.shapes, crs=sheet.crs)
        pyogrio.write_dataframe(
            frame, target, layer=sheet.layer, driver="GPKG", append=begun,
            geometry_type=_KINDS.get(sheet.kind, "Unknown"), promote_to_multi=False,
        )  # fmt: skip
        begun = True

    yield write
    if not begun:
        write(Rows([], np.array([], dtype=object), {name: [] for name in sheet.told}))
    target.replace(path)


@dataclass(frozen=True)
class Format:
    """A format: what writes it, its media type and its ending."""

    writer: Writer
    media_type: str
    ending: str


FORMATS: dict[str, Format] = {
    "geojson": Format(geojson, "application/geo+json", "geojson"),
    "csv": Format(csv_table, "text/csv; charset=utf-8", "csv"),
    "xlsx": Format(xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "gpkg": Format(geopackage, "application/geopackage+sqlite3", "gpkg"),
}


def _placed(sheet: Sheet, *, wkt: bool = True) -> list[str]:
    """Names of the columns that say where."""
    if sheet.kind != "POINT" and wkt:
        return ["wkt"]
    return ["lon", "lat"] if sheet.crs in (4326, 4490) else ["x", "y"]


def _places(rows: Rows, sheet: Sheet, *, wkt: bool) -> list[Any]:
    if sheet.kind != "POINT" and wkt:
        return [shapely.to_wkt(rows.shapes, rounding_precision=7, trim=True)]
    points = shapely.point_on_surface(rows.shapes)
    places = np.column_stack([shapely.get_x(points), shapely.get_y(points)]).round(7)
    return [[None if value != value else value for value in column] for column in places.T.tolist()]


def cell(value: Any, zone: ZoneInfo) -> Any:
    """A value as a cell of CSV: a local time, and never a formula."""
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.lstrip(" \u3000\ufeff").startswith(FORMULA) else value


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """A value as a cell of a spreadsheet, which knows no time zones."""
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _text(page: Any, value: str) -> Any:
    cell = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell


def _bold(page: Any, value: str) -> Any:
    cell = WriteOnlyCell(page, value)
    cell.font = Font(bold=True)
    return cell


def _series(column: Column[Any], values: Sequence[Any]) -> pd.Series:
    kind = column.type
    if isinstance(kind, Instant):
        return pd.Series(pd.to_datetime(pd.Series(list(values), dtype=object), utc=True))
    if isinstance(kind, Date):
        values = [value and value.isoformat() for value in values]
    if isinstance(kind, Boolean):
        return pd.Series(list(values), dtype=bool)
    if isinstance(kind, Integer) and not column.nullable:
        return pd.Series(list(values), dtype=np.int64)
    if isinstance(kind, Float | Integer):
        return pd.Series(list(values), dtype=np.float64)
    if isinstance(kind, JSON):
        values = [value and json.dumps(value, ensure_ascii=False) for value in values]
    return pd.Series(list(values), dtype="str")

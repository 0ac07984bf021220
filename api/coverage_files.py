"""What was walked as a file: CSV, GeoJSON, GeoPackage."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from api.coverages import told_rows
from api.documents import written
from gis_core.arrays import Objects
from gis_core.errors import InvalidInput
from layers.features import written_features
from layers.writing import cell

ENDINGS = (".csv", ".geojson", ".gpkg")


def as_csv(found: pd.DataFrame, zone: ZoneInfo) -> bytes:
    """Rows as CSV in UTF-8 with a mark, as spreadsheets expect; times are local, and texts never formulas."""
    return rows_as_csv(list(found.columns), told_rows(found), zone)


def rows_as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> bytes:
    """The same of rows that are rounded already."""
    into = io.StringIO(newline="")
    table = csv.writer(into)
    table.writerow(columns)
    table.writerows([cell(value, zone) for value in row.values()] for row in rows)
    return into.getvalue().encode("utf-8-sig")


def as_geojson(found: pd.DataFrame, shapes: Objects, head: Mapping[str, Any]) -> bytes:
    """Rows as GeoJSON, each with its shape, ``head`` beside them; ids are the index."""
    return rows_as_geojson(found.index.tolist(), shapes, list(found.columns), told_rows(found), head)


def rows_as_geojson(
    ids: Sequence[int], shapes: Objects, columns: Sequence[str], rows: Sequence[Mapping[str, Any]],
    head: Mapping[str, Any],
) -> bytes:  # fmt: skip
    """The same of rows that are rounded already."""
    return features_as_geojson(written_features(ids, shapes, columns, (row.values() for row in rows)), head)


def features_as_geojson(features: Sequence[str], head: Mapping[str, Any]) -> bytes:
    """A FeatureCollection of features that are texts already, with ``head`` beside them."""
    document = written({"type": "FeatureCollection", **head})
    return document[:-1] + b',"features":[' + ",".join(features).encode() + b"]}"


def check_ending(path: Path) -> None:
    """Refuse a file that nothing is written as.

    Raises
    ------
    InvalidInput
        When its name has another ending than :data:`ENDINGS`.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InvalidInput("parameter_invalid", field="out", value=str(path), expected=", ".join(ENDINGS))


def write_file(path: Path, found: pd.DataFrame, shapes: Objects, head: Mapping[str, Any], zone: ZoneInfo) -> None:
    """Write rows in the format that the file's name says; see :func:`check_ending`."""
    ending = path.suffix.lower()
    if ending == ".gpkg":
        write_package(path, "coverage", list(found.columns), told_rows(found), shapes)
        return
    path.write_bytes(as_csv(found, zone) if ending == ".csv" else as_geojson(found, shapes, head))


def write_package(
    path: Path, layer: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], shapes: Objects
) -> None:
    """Write rows as the one layer of a GeoPackage."""
    plain = gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(columns)), geometry=shapes, crs=4326)
    path.unlink(missing_ok=True)
    kinds = set(shapely.get_type_id(shapes[~shapely.is_missing(shapes)]).tolist())
    kind = None if len(kinds) == 1 else "Unknown"
    pyogrio.write_dataframe(plain, path, layer=layer, driver="GPKG", geometry_type=kind)

"""Answers about hot spots as they leave: GeoJSON, CSV, tiles, pictures, documents of the methods."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely

from api.coverage_files import features_as_geojson, rows_as_csv, write_package
from api.documents import written
from api.hotspot_questions import DAYS_LOOKED_AT, USUAL_DAYS, Question, refused, supports_of
from api.hotspots import Found
from gis_core.arrays import Bools, Floats, Objects, shapes_of
from gis_core.city import City
from gis_core.hotspots.methods import METHODS
from gis_core.mvt import BUFFER, EXTENT, encode, tile_box
from layers.boxes import Box
from layers.features import joined_features
from map_ui.heat_pictures import box_frame, extent_of, picture, tile_frame

LAYER = "hotspots"
ENDINGS = (".geojson", ".csv", ".gpkg", ".png")
DIGITS, EXACT_TENS = 6, 1e22
"""Significant ones of every number that is told: a chance of a millionth is not 0. Powers of ten that are exact."""
WIDTH_PX = 1_024


def methods_document(city: City, locale: str) -> dict[str, Any]:
    """What may be asked: every method with its title, units, what they may be compared with, and what is usual."""
    usual = Question.__dataclass_fields__
    said = {name: usual[name].default for name in ("bandwidth_m", "cell_m", "step_days")}
    return {
        "methods": [
            {
                "name": name, "title": method.titles[locale == "zh"], "supports": list(supports_of(method, city)),
                "per": list(method.per), "usual": {"days": USUAL_DAYS.get(name, DAYS_LOOKED_AT), **said},
            }
            for name, method in METHODS.items()
        ]
    }  # fmt: skip


def head_of(found: Found, locale: str) -> dict[str, Any]:
    """What is said of an answer beside its features."""
    question, answer = found.question, found.answer
    return {
        "method": found.method, "title": METHODS[found.method].titles[locale == "zh"], "since": question.since,
        "until": question.until, "support": question.support, "per": question.per, "problems": question.problems,
        "facts": plain(answer.facts),
    }  # fmt: skip


def seen(found: Found, box: Box | None) -> tuple[pd.DataFrame, Objects]:
    """The features that touch a box, all without one, and their shapes; areas of heat are cut at its border."""
    features = found.answer.features
    shapes = shapes_of(features)
    if box is not None:
        touching = np.sort(found.tree.query(shapely.box(*box), predicate="intersects"))
        features, shapes = features.iloc[touching], shapes[touching]
        if found.answer.surface is not None:
            shapes, inside = _cut(shapes, box)
            features = features[inside]
    return pd.DataFrame(features.drop(columns="geometry")), shapes


def _cut(shapes: Objects, box: Box) -> tuple[Objects, Bools]:
    """What of areas lies in a box, and which of them have any inside it: some only touch it."""
    cut: Objects = shapely.intersection(shapes, shapely.box(*box))
    mixed = shapely.get_type_id(cut) == shapely.GeometryType.GEOMETRYCOLLECTION
    cut[mixed] = shapely.buffer(cut[mixed], 0)
    inside: Bools = shapely.area(cut) > 0
    return cut[inside], inside


def told(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as they are told: numbers to six digits, nothing for what is none."""
    columns = _columns(rows)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _columns(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """The values of each column as they are told: a hundred thousand rows have two million of them."""
    return {str(name): _values(rows[name].to_numpy()) for name in rows}


def _values(given: np.ndarray) -> list[Any]:
    numbers = given.dtype == object and pd.api.types.infer_dtype(given, skipna=True) == "floating"
    if not (numbers or given.dtype.kind == "f"):
        return [plain(value) for value in given.tolist()] if given.dtype == object else given.tolist()
    exact = given.astype(np.float64)
    said = _rounded(exact).astype(object)
    said[~np.isfinite(exact)] = None
    return said.tolist()


def _rounded(exact: Floats) -> Floats:
    """The same to :data:`DIGITS` digits. Up to 10²² powers of ten are exact, so what is rounded is short as well."""
    usual = (np.abs(exact) > 10.0**DIGITS / EXACT_TENS) & (np.abs(exact) < EXACT_TENS)
    rounded = np.where(np.isfinite(exact), exact, 0.0)
    some = rounded[usual]
    places = DIGITS - 1 - np.floor(np.log10(np.abs(some))).astype(np.int64)
    tens = 10.0 ** np.abs(places)
    rounded[usual] = np.where(places >= 0, np.rint(some * tens) / tens, np.rint(some / tens) * tens)
    rounded[~usual] = [plain(value) for value in rounded[~usual].tolist()]
    return rounded


def plain(value: Any) -> Any:
    """A value as JSON can carry it."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
    return value


def as_geojson(found: Found, box: Box | None, locale: str) -> bytes:
    """A FeatureCollection with ``facts`` beside the features."""
    rows, shapes = seen(found, box)
    said = (written(row).decode() for row in told(rows))
    features = joined_features(rows.index.tolist(), shapes, said)
    return features_as_geojson(features, {**head_of(found, locale), "count": len(rows)})


def as_csv(found: Found, box: Box | None, zone: ZoneInfo) -> bytes:
    """A row for each feature, with a place in it."""
    rows, shapes = seen(found, box)
    lonlat = shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)
    placed = rows.assign(lon=np.round(lonlat[:, 0], 7), lat=np.round(lonlat[:, 1], 7))
    exact = [{**row, **place} for row, place in zip(told(rows), placed[["lon", "lat"]].to_dict("records"), strict=True)]
    return rows_as_csv(list(placed.columns), exact, zone)


def as_picture(found: Found, box: Box | None, width: int) -> bytes:
    """PNG of a box, of all there is without one."""
    shown = box or extent_of(found.answer, found.srid)
    return picture(found.method, found.answer, found.srid, box_frame(shown, width)) if shown else b""


def as_png_tile(found: Found, z: int, x: int, y: int) -> bytes:
    """A tile of 256 pixels; empty where nothing is in it."""
    return picture(found.method, found.answer, found.srid, tile_frame(z, x, y))


def as_vector_tile(found: Found, z: int, x: int, y: int) -> bytes:
    """A vector tile with the columns of the method; empty where nothing is in it."""
    near = np.sort(found.tree.query(shapely.box(*tile_box(z, x, y, BUFFER / EXTENT)), predicate="intersects"))
    features = found.answer.features.iloc[near]
    said = _columns(pd.DataFrame(features.drop(columns="geometry")))
    return encode(LAYER, shapes_of(features), near.astype(np.int64), said, z, x, y)


def check_ending(path: Path) -> None:
    """Refuse a file that nothing is written as.

    Raises
    ------
    InvalidInput
        When its name has another ending than :data:`ENDINGS`.
    """
    if path.suffix.lower() not in ENDINGS:
        raise refused("out", path, ", ".join(ENDINGS))


def write_file(path: Path, found: Found, box: Box | None, zone: ZoneInfo, locale: str) -> None:
    """Write an answer in the format that the file's name says; see :func:`check_ending`."""
    ending = path.suffix.lower()
    if ending == ".gpkg":
        rows, shapes = seen(found, box)
        write_package(path, LAYER, list(rows.columns), told(rows), shapes)
    elif ending == ".csv":
        path.write_bytes(as_csv(found, box, zone))
    elif ending == ".png":
        path.write_bytes(as_picture(found, box, WIDTH_PX))
    else:
        path.write_bytes(as_geojson(found, box, locale))

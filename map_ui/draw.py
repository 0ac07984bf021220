"""From frames to the compact JSON that a page's script draws."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from map_ui.data import MapData

Json = dict[str, Any]

DEGREE_DECIMALS = 6
"""Coordinates are written to the micro-degree, about 0.1 m."""

MOST_FEATURES = 20_000
"""Beyond this many features a layer makes a page too slow to move."""


@dataclass(frozen=True)
class Drawing:
    """What a page shows.

    Parameters
    ----------
    facts
        JSON for the page's script.
    notes
        Limits that were met, in words.
    """

    facts: Json
    notes: Sequence[str] = ()


def script_json(value: object) -> str:
    """JSON that may stand inside ``<script>``: nothing in it can end the element or the line."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def columns(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, list[Any]]:
    """Columns as lists: ``None`` for what is missing, numbers to one decimal."""
    values = pd.DataFrame(frame).reindex(columns=list(names)).round(1).astype(object)
    kept = values.where(values.notna(), None)
    return {name: kept[name].tolist() for name in names}


def packed(values: Sequence[Any]) -> Sequence[Any] | Json:
    """A column of few different values as those values and each row's place among them, a fraction as long."""
    keys = [tuple(value) if isinstance(value, list) else value for value in values]
    place = {value: order for order, value in enumerate(dict.fromkeys(keys))}
    return {"of": list(place), "at": [place[key] for key in keys]} if 2 * len(place) < len(keys) else values


def thinned(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """At most ``MOST_FEATURES`` rows, left out evenly so that no part of the city looks empty."""
    if len(frame) <= MOST_FEATURES:
        return frame
    return frame.iloc[np.linspace(0, len(frame) - 1, MOST_FEATURES).astype(np.int64)]


def shapes(frame: gpd.GeoDataFrame) -> list[Json | list[int]]:
    """GeoJSON geometries whose lines are steps (see :func:`steps`); a point is ``[x, y]`` alone."""
    parsed = json.loads(f"[{','.join(shapely.to_geojson(frame.geometry.to_numpy()))}]")
    return [
        steps(shape["coordinates"])
        if shape["type"] == "Point"
        else {"type": shape["type"], "coordinates": _nested(shape["coordinates"])}
        for shape in parsed
    ]


def _nested(part: list[Any]) -> list[Any]:
    return steps(part) if isinstance(part[0][0], float | int) else [_nested(inner) for inner in part]


def steps(xy: Any) -> list[int]:
    """Positions as a flat list ``x, y, dx, dy, …`` in micro-degrees, a third as long."""
    whole = np.rint(np.array(xy, dtype=np.float64).reshape(-1, 2) * 10**DEGREE_DECIMALS).astype(np.int64)
    whole[1:] -= whole[:-1].copy()
    flat: list[int] = whole.ravel().tolist()
    return flat


def positions(frame: gpd.GeoDataFrame) -> list[int]:
    """Points as one list of steps."""
    return steps(shapely.get_coordinates(frame.geometry.to_numpy()))


def bounds(data: MapData) -> list[list[float]]:
    """South-west and north-east corner of the territory, or of the issues where there is none."""
    for name in ("grids", "streets", "issues"):
        if len(frame := data.frame(name)):
            west, south, east, north = np.round(frame.total_bounds, DEGREE_DECIMALS).tolist()
            return [[south, west], [north, east]]
    return [[-60.0, -170.0], [75.0, 170.0]]


def localised(frame: pd.DataFrame, locale: str) -> list[str | None]:
    """Each row's name in ``locale``, else its official name; ``None`` where it has none."""
    if not len(frame):
        return []
    texts = columns(frame, ["name"])["name"]
    languages = frame["names"].tolist() if "names" in frame else [None] * len(frame)
    return [
        (names.get(locale) if isinstance(names, dict) else None) or name or None
        for name, names in zip(texts, languages, strict=True)
    ]


def names_by_code(frame: pd.DataFrame, locale: str) -> dict[str, str | None]:
    """Names of a frame's rows by ``code``."""
    return dict(zip(frame["code"], localised(frame, locale), strict=True)) if len(frame) else {}


def party_names(data: MapData, locale: str, layers: Sequence[Json]) -> dict[str, str | None]:
    """Names of those parties that any column of ``layers`` refers to, and of shops that answer for issues."""
    said = [
        column["of"] if isinstance(column, dict) else column for one in layers for column in one["columns"].values()
    ]
    used = {value for values in said for value in values if isinstance(value, str)}
    known = {code: name for code, name in names_by_code(data.parties, locale).items() if code in used}
    issues = data.frame("issues")
    if "responsible_kind" not in issues:
        return known
    shops = set(issues.loc[issues["responsible_kind"] == "shop", "responsible"])
    return {code: name for code, name in names_by_code(data.frame("places"), locale).items() if code in shops} | known


def category_names(data: MapData, locale: str) -> dict[tuple[str, str, str], str | None]:
    """Names of categories by (scheme, kind, code)."""
    frame = data.categories
    if not len(frame):
        return {}
    keys = zip(frame["scheme"], frame["kind"], frame["code"], strict=True)
    return dict(zip(keys, localised(frame, locale), strict=True))


def place_type_names(data: MapData, locale: str) -> dict[str, str]:
    """Names of place types by code."""
    frame = data.place_types
    return dict(zip(frame["code"], frame["name" if locale == "zh" else "name_en"], strict=True))

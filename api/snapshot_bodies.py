"""What of an answer about hot spots is kept, and what of that is shown to whom."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from api.coverage_files import rows_as_geojson
from api.hotspot_views import plain, told
from gis_core.arrays import Objects, shapes_of
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.keeping import kept
from layers.snapshots import Snapshot
from layers.store import Store

DECIMALS = 6
"""Of degrees: a decimetre, for shapes that were smoothed."""
BY_UNITS = ("significance", "emerging")
"""Methods whose features are the units that they count by."""
LONGEST = 20
"""Of lists that are told with a snapshot in a list."""


def facts_of(answer: Answer, days: int, version: int) -> dict[str, Any]:
    """What is said of the whole answer, with how many days it looked at and the version its units are of."""
    return {"window_days": days, "version": version, **plain(answer.facts)}


def body_of(method: str, answer: Answer) -> dict[str, Any]:
    """The features as GeoJSON, and of a forecast what scores will ask of it.

    The shapes of units are those of the version, and are not kept night after night.
    """
    rows, shapes = told(answer.features.drop(columns="geometry")), shapes_of(answer.features)
    geometries = [None] * len(rows) if method in BY_UNITS else _geometries(shapes)
    features = [
        {"type": "Feature", "geometry": shape, "properties": row} for shape, row in zip(geometries, rows, strict=True)
    ]
    surface = {} if answer.surface is None else {"kept": kept(answer.surface).document()}
    return {"type": "FeatureCollection", "features": features, **surface}


def _geometries(shapes: Objects) -> list[Any]:
    rounded = shapely.set_precision(shapes, 10.0**-DECIMALS, mode="pointwise")
    return [shapely.geometry.mapping(shape) for shape in rounded]


def shown(store: Store, one: Snapshot, head: Mapping[str, Any]) -> bytes:
    """A snapshot with its body as GeoJSON, ``head`` beside the features; of cells those in scope."""
    features = (one.body or {}).get("features", [])
    rows = [feature["properties"] for feature in features]
    if one.method not in BY_UNITS:
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    else:
        grids = store.read("grids", one.facts.get("version"), only=("code",))
        known = dict(zip(grids["code"], grids.geometry, strict=True))
        rows = [row for row in rows if row["code"] in known]
        shapes = [known[row["code"]] for row in rows]
    names = list(rows[0]) if rows else []
    filled = np.array([*shapes, None], dtype=object)[:-1]
    return rows_as_geojson(range(1, len(rows) + 1), filled, names, rows, {**head, "count": len(rows)})


def short(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The figures among facts, for a list: single values and short lists of them."""
    return {name: value for name, value in facts.items() if name != "fault" and _is_short(value)}


def _is_short(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= LONGEST and not any(isinstance(one, list | dict) for one in value)
    return not isinstance(value, dict)

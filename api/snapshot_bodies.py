"""What of an answer about hot spots is kept, and what of that is shown to whom."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from api.documents import written
from gis_core.arrays import Objects
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.keeping import kept
from layers.features import written_features
from layers.snapshots import Snapshot
from layers.store import Store

GRID_DECIMALS = 6
"""Of degrees: a decimetre, for shapes that were smoothed."""
DIGITS = 6
"""Of numbers."""
LONGEST = 20
"""Of lists that are told with a snapshot in a list."""


def facts_of(answer: Answer, days: int, version: int) -> dict[str, Any]:
    """What is said of the whole answer, with how many days it looked at and the version its units are of."""
    return {"days": days, "version": version, **answer.facts}


def body_of(answer: Answer, units: bool) -> dict[str, Any]:
    """The features as GeoJSON, and of a forecast what scores will ask of it.

    Parameters
    ----------
    units
        Whether features are cells of the grid: their shapes are those of the version, and are not kept once a night.
    """
    names = [name for name in answer.features.columns if name != "geometry"]
    columns = [_plain(answer.features[name].tolist()) for name in names]
    shapes = [None] * len(answer.features) if units else _shapes(answer.features.geometry.to_numpy())
    features = [
        {"type": "Feature", "geometry": shape, "properties": dict(zip(names, row, strict=True))}
        for shape, row in zip(shapes, zip(*columns, strict=True), strict=True)
    ]
    surface = {} if answer.surface is None else {"kept": kept(answer.surface).document()}
    return {"type": "FeatureCollection", "features": features, **surface}


def _shapes(shapes: Objects) -> list[Any]:
    rounded = shapely.set_precision(shapes, 10.0**-GRID_DECIMALS, mode="pointwise")
    return [None if shape is None else shapely.geometry.mapping(shape) for shape in rounded]


def _plain(values: list[Any]) -> list[Any]:
    """Values as JSON has them: nothing for what is no number, and no more digits than anybody reads."""
    return [_number(value) if isinstance(value, float) else value for value in values]


def _number(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None


def of_units(store: Store, one: Snapshot) -> bool:
    """Whether the features of a snapshot are cells of the grid."""
    return one.support in {level.name for level in store.city.levels}


def shown(store: Store, one: Snapshot, head: Mapping[str, Any]) -> bytes:
    """A snapshot with its body as GeoJSON, ``head`` beside the features; of cells those in scope."""
    features = (one.body or {}).get("features", [])
    rows = [feature["properties"] for feature in features]
    if not of_units(store, one):
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    else:
        grids = store.read("grids", one.facts.get("version"), only=("code",))
        known = dict(zip(grids["code"], grids.geometry, strict=True))
        rows = [row for row in rows if row["code"] in known]
        shapes = [known[row["code"]] for row in rows]
    names = list(rows[0]) if rows else []
    filled = np.array([*shapes, None], dtype=object)[:-1]
    told = written_features(range(1, len(rows) + 1), filled, names, (row.values() for row in rows))
    document = written({"type": "FeatureCollection", "count": len(rows), **head})
    return document[:-1] + b',"features":[' + ",".join(told).encode() + b"]}"


def short(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The figures among facts, for a list: single values and short lists of them."""
    return {name: value for name, value in facts.items() if name != "fault" and _is_short(value)}


def _is_short(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= LONGEST and not any(isinstance(one, list | dict) for one in value)
    return not isinstance(value, dict)

"""Features that somebody edits: parsed as a file's rows are, kept in a draft, published as one version."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.loading import Batch, Loaded, Step, Terms, store_within, with_parents
from api.reporting import Report
from gis_core.arrays import shapes_of
from gis_core.bounds import check_territory
from gis_core.crs import north_first
from gis_core.errors import Conflict, Forbidden, InvalidInput
from gis_core.references import FINDING_COLUMNS
from layers import TABLES, binding
from layers.drafts import DRAFTED, changes_of, close, draft_of, drafted, feature_of, on_the_ground, rows_of
from layers.features import DECIMALS, properties
from layers.frames import table_of
from layers.importers import Importer
from layers.opened import Chunk, object_frame
from layers.store import Store

SAME_DEG = 2 * 10.0**-DECIMALS
"""What is read, changed in words only and sent back has lost what is beyond the decimals told."""
CARRIED = ("names", "extra", "source", "key")
"""What an editor cannot see stays as it was."""


def edited(
    store: Store, layer: str, feature: Mapping[str, Any], stored: pd.DataFrame | None, srid: int, *, whole: bool
) -> pd.DataFrame:
    """An edited feature as one row that the layer takes.

    Parameters
    ----------
    feature
        GeoJSON: ``geometry`` and ``properties``.
    stored
        The row it takes the place of; ``None`` for a new feature.
    srid
        EPSG code of the coordinates.
    whole
        Whether what is not said becomes empty; otherwise it stays as it is.

    Raises
    ------
    InvalidInput
        When the layer does not take it, naming the property.
    """
    said = _properties(layer, feature.get("properties"))
    if stored is not None:
        said = said if whole else {**_given(layer, stored), **said}
        if (
            layer == "grids"
            and stored["parent_by"].iloc[0] != "file"
            and said.get("parent") == stored["parent"].iloc[0]
        ):
            # A parent that was found and only comes back as it was read is found again.
            said["parent"] = None
    key = uuid4().hex if stored is None else str(stored["key"].iloc[0])
    shape = _shape(feature, stored, srid, whole=whole)
    row = _parsed(store, layer, said, shape, 4326 if stored is not None and shape is stored.geometry.iloc[0] else srid)
    row = row.assign(source="api", key=key)
    if stored is not None:
        row = row.assign(**{name: pd.Series([stored[name].iloc[0]], dtype=object) for name in CARRIED if name in row})
    if layer == "grids":
        return _placed(store, row)
    place = row.geometry.iloc[0]
    if not on_the_ground(store, place):
        lon, lat = (round(degrees, 6) for degrees in place.representative_point().coords[0])
        raise InvalidInput("geometry_outside", field="geometry", value=f"{lon}, {lat}")
    return row


def revised(store: Store, layer: str, stored: pd.DataFrame | None, row: pd.DataFrame | None, now: dt.datetime) -> int:
    """Bring a feature of a layer that has no drafts, put another row in its place, or take it away; its feature id.

    Raises
    ------
    Conflict, Forbidden
        When its code is taken, or it would lie outside the scope.
    """
    frame = stored.drop(columns="id").head(0) if row is None and stored is not None else row
    assert frame is not None
    revision = store.revise(now, f"api {layer}")
    ending = [] if row is not None or stored is None else [int(stored["id"].iloc[0])]
    put = store.put(layer, frame.assign(row=1), revision, ending=ending)
    for reject in put.rejects.to_dict("records"):
        raise Conflict(reject["reason"], **reject["params"])
    if row is None and stored is not None:
        return int(stored["feature_id"].iloc[0])
    feature = feature_of(store, layer, str(frame["source"].iloc[0]), str(frame["key"].iloc[0]))
    if feature is None:
        raise Forbidden("draft_outside", value=frame["code"].iloc[0])
    return feature


def publish_draft(store: Store, number: int, terms: Terms) -> Loaded:
    """Publish a draft as one version, in a transaction that is alone with the version pointer.

    Raises
    ------
    Conflict
        When it changes nothing, was made over what has changed since, or cannot be stored.
    api.loading.ChecksFailed
        When the checks find errors and no reason to publish nevertheless is given.
    """
    loaded = Loaded()
    draft_of(store, number)
    if not (changes := changes_of(store, number)):
        raise Conflict("draft_empty", value=number)
    if outdated := [one["code"] for one in changes if one["outdated"]]:
        raise Conflict("draft_outdated", value=", ".join(outdated[:10]), count=len(outdated))
    batches = [_batch(store, number, layer) for layer in DRAFTED]
    store_within(store, [one for one in batches if len(one.frame) or one.ending], terms, loaded)
    for batch in batches:
        for reject in batch.report.rejected.to_dict("records"):
            raise Conflict(reject["reason"], **reject["params"])
    if loaded.version is None:
        raise Conflict("draft_empty", value=number)
    close(store, number, loaded.version, terms.now)
    return loaded


def findings(store: Store, number: int, day: int) -> pd.DataFrame:
    """What the checks say of the grids in scope as a draft has them, and of gaps beside them; a cell out of scope is
    not named. See :func:`gis_core.bounds.check_territory`.
    """
    every, mine = drafted(Store(store.session), "grids", number), drafted(store, "grids", number)
    streets = drafted(Store(store.session), "streets", number)
    return told_of(check_territory(every, streets, store.city, day), every, mine)[list(FINDING_COLUMNS)]


def told_of(found: gpd.GeoDataFrame, every: pd.DataFrame, mine: pd.DataFrame) -> gpd.GeoDataFrame:
    """Of the findings in grids those that concern some of them, or lie beside these; no other is named."""
    hidden = set(every["code"]) - set(mine["code"])
    named = found[["code", "other"]].astype(object)
    named = named.where(named.notna() & ~named.isin(hidden), None)
    nameless = found["code"].isna().to_numpy()
    beside = np.zeros(len(found), dtype=bool)
    near, _ = shapely.STRtree(shapes_of(mine)).query(shapes_of(found)[nameless], predicate="intersects")
    beside[np.flatnonzero(nameless)[near]] = True
    # Of two cells of which one is theirs, that one is named first.
    theirs = named["code"].isna() & named["other"].isin(mine["code"])
    named.loc[theirs, ["code", "other"]] = named.loc[theirs, ["other", "code"]].to_numpy()
    told = found.assign(code=named["code"], other=named["other"])
    return told[named["code"].notna() | beside]


def _batch(store: Store, number: int, layer: str) -> Batch:
    rows, ending = rows_of(store, number, layer)
    if layer == "grids" and len(rows):
        # Parents that nobody named are looked for again among the cells that are published with it.
        rows["parent"] = rows["parent"].where(rows["parent_by"] == "file", None)
    step = Step(table=layer, path=Path(f"draft-{number}"), mapping=binding.Mapping(table=layer))
    return Batch(step, rows, Report(), ending)


def _properties(layer: str, said: Any) -> dict[str, Any]:
    """The properties that may be given, as JSON has them."""
    known = properties(layer)
    if not isinstance(said, dict | None):
        raise InvalidInput("parameter_invalid", field="properties", value=str(said)[:100], expected="an object")
    for name, value in (said or {}).items():
        if name not in known:
            raise InvalidInput("parameter_unknown", field=str(name)[:100], value=str(value)[:100],
                               expected=", ".join(known))  # fmt: skip
        if isinstance(value, dict | list):
            raise InvalidInput("parameter_invalid", field=name, value=str(value)[:100], expected="a plain value")
    return {name: value for name, value in (said or {}).items() if known[name].info.get("given")}


def _given(layer: str, stored: pd.DataFrame) -> dict[str, Any]:
    """What was given for a stored row."""
    given = {name: stored[name].iloc[0] for name, column in properties(layer).items() if column.info.get("given")}
    return {name: None if pd.isna(value) else value for name, value in given.items()}


def _shape(feature: Mapping[str, Any], stored: pd.DataFrame | None, srid: int, *, whole: bool) -> Any:
    """The shape that is meant: of the stored row where none is said, or the one said is the same but for rounding."""
    before = None if stored is None else stored.geometry.iloc[0]
    if before is not None and "geometry" not in feature and not whole:
        return before
    written = json.dumps(feature.get("geometry"))
    try:
        shape = None if written == "null" else shapely.from_geojson(written)
    except shapely.errors.GEOSException:
        raise InvalidInput("geometry_unreadable", field="geometry", value=written[:100]) from None
    if shape is not None and north_first(srid):
        shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
    same = before is not None and shape is not None and srid == 4326
    return before if same and shapely.equals_exact(shape, before, SAME_DEG) else shape


def _parsed(store: Store, layer: str, said: Mapping[str, Any], shape: Any, srid: int) -> pd.DataFrame:
    datum = "wgs84" if srid == 4326 else f"EPSG:{srid}"
    importer = Importer(layer, binding.Mapping(table=layer, datum=datum), store.city, "", layer)
    shapes = np.array([shape], dtype=object)
    chunk = Chunk(object_frame({name: [value] for name, value in said.items()}, 1), np.array([1]), shapes)
    parsed = importer.parse(chunk)
    for reject in parsed.rejects.to_dict("records"):
        raise InvalidInput(reject["reason"], **{"field": "geometry", **reject["params"]})
    return parsed.accepted


def _placed(store: Store, row: pd.DataFrame) -> pd.DataFrame:
    """A grid with its parent among the cells of the draft one level up."""
    assert store.draft is not None
    depth = store.city.level(row["level"].iloc[0])
    levels = store.city.levels[max(0, depth - 1) : depth]
    table = table_of(TABLES["grids"])
    above = drafted(Store(store.session), "grids", store.draft, table.c.level.in_([level.name for level in levels]))
    return with_parents(row, above, store.city)

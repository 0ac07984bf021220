"""The territory itself: what the checks find, and what a draft would move."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis_core.impact import MOVES, Impact
from gis_core.texts import TEXTS as CORE
from map_ui.data import MapData
from map_ui.draw import Drawing, Json, columns, localised, names_by_code, party_names, shapes
from map_ui.legend import items
from map_ui.territory import GRID_COLUMNS, STREET_COLUMNS, grid_layers, layer, street_layer
from map_ui.texts import TEXTS, number

NEEDS = {"grids": GRID_COLUMNS, "streets": STREET_COLUMNS, "parties": ("code", "kind", "name", "names")}
"""The columns the page draws, by frame."""
MOST_FINDINGS, MOST_MOVES = 2_000, 200
SEVERITIES: dict[str, Json] = {
    "error": {"color": "#b30000", "weight": 3, "fillColor": "#b30000", "fillOpacity": 0.55, "radius": 6},
    "warning": {"color": "#e69f00", "weight": 2, "fillColor": "#e69f00", "fillOpacity": 0.4, "radius": 5},
}
GROUND: Json = {"color": "#0072b2", "weight": 2, "fillColor": "#56b4e9", "fillOpacity": 0.45}
PALE = {
    "arterial": {"color": "#c2c8d1", "weight": 2},
    "secondary": {"color": "#cfd4da", "weight": 1.2},
}
THIN_DEG = 2e-5
"""About 2 m: what is narrower is drawn as a line as well, or nobody would see it."""


def draw(data: MapData, locale: str) -> Drawing:
    """The page in ``locale``."""
    found, moved = data.findings, data.impact
    shown = found.iloc[np.argsort(found["severity"] != "error", kind="stable")].head(MOST_FINDINGS)
    layers = [*grid_layers(data, locale), street_layer(data, locale, PALE)]
    if moved is not None:
        layers.append(_ground_layer(moved, locale))
    layers.append(_finding_layer(shown, len(found), locale))
    facts = {
        "layers": layers,
        "grids": names_by_code(data.frame("grids"), locale),
        "parties": party_names(data, locale, layers),
        "levels": {level.name: level.title(locale) for level in data.city.levels},
        "drafts": [[one["id"], one["note"], one["changes"]] for one in data.drafts],
        "draft": data.draft,
        "served": data.served,
        "totals": None if moved is None else {name: round(value) for name, value in moved.totals().items()},
        "moves": [] if moved is None else _moves(moved, data, locale),
    }
    notes = []
    if len(shown) < len(found):
        title = TEXTS.say("findings", locale)
        notes.append(TEXTS.say("cut", locale, layer=title, shown=number(len(shown)), total=number(len(found))))
    return Drawing(facts, notes)


def finding_words(found: gpd.GeoDataFrame, locale: str) -> list[str]:
    """Each finding in words."""
    rows = found.drop(columns="geometry").astype(object).where(found.drop(columns="geometry").notna(), None)
    return [CORE.say(f"check_{row['check']}", locale, **row) for row in rows.to_dict("records")]


def _finding_layer(found: gpd.GeoDataFrame, total: int, locale: str) -> Json:
    content = columns(found, ["check", "severity", "level", "code", "other"])
    content["words"] = finding_words(found, locale)
    labels = {one: TEXTS.say(f"severity_{one}", locale) for one in SEVERITIES}
    by_severity = [{"by": "severity", "items": items(content["severity"], labels, SEVERITIES, swatch="area")}]
    return layer("findings", total, by_severity, locale, columns=content, shapes=shapes(_visible(found)))


def _visible(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Shapes as they are drawn: a sliver as the line it looks like."""
    drawn = found.geometry.to_numpy().copy()
    slivers = (shapely.get_dimensions(drawn) == 2) & shapely.is_empty(shapely.buffer(drawn, -THIN_DEG / 2))
    drawn[slivers] = shapely.boundary(drawn[slivers])
    return found.set_geometry(drawn, crs=4326)


def _ground_layer(moved: Impact, locale: str) -> Json:
    lowest = moved.ground["level"].tail(1)
    ground = moved.ground[moved.ground["level"].isin(lowest)]
    content = columns(ground, ["level", *MOVES, "area_m2"])
    content["kind"] = ["ground"] * len(ground)
    labels = {"ground": TEXTS.say("ground", locale)}
    by_kind = [{"by": "kind", "items": items(content["kind"], labels, {"ground": GROUND}, swatch="area")}]
    return layer("ground", len(ground), by_kind, locale, columns=content, shapes=shapes(ground))


def _moves(moved: Impact, data: MapData, locale: str) -> Sequence[Sequence[Any]]:
    """From and to which cell, and how much."""
    names = dict(zip(data.frame("grids")["code"], localised(data.frame("grids"), locale), strict=True))
    rows = moved.moves()
    rows = rows[rows["level"].isin(moved.ground["level"].tail(1))].head(MOST_MOVES)
    told = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return [
        [
            *(row[end] and (names.get(row[end]) or row[end]) for end in MOVES), round(row["area_m2"]), row["issues"],
            round(row["street_m"]), row["places"], row["contracts"],
        ]
        for row in told
    ]  # fmt: skip

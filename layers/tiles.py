"""Layers as vector tiles: features from zoom 14 on, counts in a lattice before, so that no tile drops anything. What
was walked is shown from zoom 12 on, of the newest day.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    type_coerce,
)

from gis_core.arrays import Ints
from gis_core.city import City
from gis_core.lattice import LATTICE, cells_of_tile, middles, tile_ranges, units_of
from gis_core.mvt import BUFFER, EXTENT, LIMIT_LAT, encode, encode_points, tile_box, tile_units
from layers import LAYERS
from layers.boxes import meets
from layers.bulk import spans
from layers.features import chosen, id_of
from layers.frames import table_of
from layers.issues import Issue
from layers.lattice import GRIDS, LEVELS, counts
from layers.store import Store

DETAIL_ZOOM = 14
"""From here on a tile holds the features themselves."""
NOT_COUNTED = ("",)
"""For a sight whose issues no lattice has counted."""
MOST_BYTES = 500_000
SHOWN: dict[str, tuple[str, ...]] = {
    "grids": ("code", "name", "level"),
    "streets": ("code", "name", "class"),
    "places": ("code", "name", "type"),
    "walls": ("code", "kind"),
    "frontages": ("code", "kind", "origin"),
    "marks": ("code", "kind"),
    "facilities": ("code", "category", "state"),
    "coverage": ("street", "class", "walked_m", "visits", "passes", "carriers"),
    "issues": ("status", "kind", "category", "responsible_kind"),
}
"""Properties of a feature in a tile; a click asks the feature service for the rest."""
SEGMENT_ZOOM = 12
"""From here on a tile holds what was walked; a street from crossing to crossing is a few units long then."""
COUNTED = ("issues", "facilities", "places", "walls")
"""Layers of which a tile of many holds counts."""
EXTENDED = ("places", "walls")
"""Those of them whose features may be more than a point."""
MAIN_STREETS = {12: ("arterial", "secondary"), DETAIL_ZOOM: ("arterial", "secondary", "branch")}
"""Classes of streets below a zoom."""


def is_counted(layer: str, z: int) -> bool:
    """Whether a layer's tiles at a zoom are counts in a lattice: ``count`` and, of issues, ``open``."""
    return z < DETAIL_ZOOM and layer in COUNTED


def tile(store: Store, layer: str, z: int, x: int, y: int) -> bytes:
    """One tile of a layer in scope; empty when nothing lies in it."""
    if is_counted(layer, z):
        return _counted(store, layer, z, x, y)
    if layer == "coverage" and z < SEGMENT_ZOOM:
        return b""
    if LAYERS[layer] is Issue:
        found = _by_number(store, layer, z, x, y)
    else:
        made = _by_database if store.is_postgis else _by_row
        found = made(store, layer, _at_zoom(layer, z, store.city), z, x, y)
    # A crowd that no map could show one by one is counted at any zoom.
    crowded = len(found) > MOST_BYTES and layer in COUNTED
    return _counted(store, layer, z, x, y) if crowded else found


def _at_zoom(layer: str, z: int, city: City) -> list[ColumnElement[bool]]:
    """What of a layer is drawn at a zoom: coarser cells and the main streets where one sees far."""
    table = table_of(LAYERS[layer])
    if layer == "grids":
        # The lowest level from zoom 14 on, the one above it two zooms earlier, and so on up.
        above = max(0, -(-(DETAIL_ZOOM - z) // 2))
        level = city.levels[max(0, len(city.levels) - 1 - above)].name
        return [table.c.level == level]
    if layer == "streets":
        shown = next((classes for below, classes in MAIN_STREETS.items() if z < below), None)
        return [] if shown is None else [table.c["class"].in_(shown)]
    if layer == "coverage":
        return [table.c.day == select(func.max(table.alias().c.day)).scalar_subquery()]
    return []


def _by_database(store: Store, layer: str, conditions: Sequence[ColumnElement[bool]], z: int, x: int, y: int) -> bytes:
    table = table_of(LAYERS[layer])
    envelope = func.ST_TileEnvelope(z, x, y)
    shape = func.ST_AsMVTGeom(func.ST_Transform(table.c.geom, 3857), envelope, EXTENT, BUFFER, True).label("geom")
    near = meets(table, tile_box(z, x, y, BUFFER / EXTENT), postgis=True)
    columns = [shape, id_of(layer).label("id"), *(table.c[name] for name in SHOWN[layer])]
    rows = chosen(store, layer, [near, *conditions]).with_only_columns(*columns).subquery("tile")
    made = select(func.ST_AsMVT(rows.table_valued(), layer, EXTENT, "geom", "id"))
    found = store.session.scalar(made)
    return bytes(found) if found is not None else b""


def _by_row(store: Store, layer: str, conditions: Sequence[ColumnElement[bool]], z: int, x: int, y: int) -> bytes:
    table, shown = table_of(LAYERS[layer]), SHOWN[layer]
    near = meets(table, tile_box(z, x, y, BUFFER / EXTENT), postgis=False)
    columns = [id_of(layer), type_coerce(table.c.geom, LargeBinary), *(table.c[name] for name in shown)]
    found = chosen(store, layer, [near, *conditions]).with_only_columns(*columns).order_by(id_of(layer))
    rows = store.session.execute(found).all()
    if not rows:
        return b""
    ids, shapes, *said = zip(*rows, strict=True)
    return encode(layer, shapely.from_wkb(shapes), np.array(ids), dict(zip(shown, said, strict=True)), z, x, y)


def _by_number(store: Store, layer: str, z: int, x: int, y: int) -> bytes:
    """Issues by the numbers of their places: the index that has them holds all that a tile shows, and thousands of
    issues are alike in all but number and place.
    """
    table = table_of(Issue)
    found = chosen(store, layer, [])
    if store.is_postgis and not store.scope.sight.everything:
        # The planner cannot tell how few rows the ranges hold, and would begin with all that are in scope.
        found = found.where(meets(table, tile_box(z, x, y, BUFFER / EXTENT), postgis=True))
    else:
        near, first, last = spans(store.session, tile_ranges(z, x, y))
        found = found.join(near, table.c.place_number.between(first, last))
    listed = [func.aggregate_strings(cast(column, String), ",") for column in (table.c.id, table.c.place_number)]
    said = [table.c[name] for name in SHOWN[layer]]
    rows = store.session.execute(found.with_only_columns(func.count(), *listed, *said).group_by(*said)).all()
    if not rows:
        return b""
    count, ids, places, *values = zip(*rows, strict=True)
    row = np.repeat(np.arange(len(rows)), count)
    properties = dict(zip(SHOWN[layer], values, strict=True))
    return encode_points(layer, units_of(_whole(places), z, x, y), _whole(ids), properties, row)


def _whole(listed: Sequence[str]) -> Ints:
    return np.fromstring(",".join(listed), dtype=np.int64, sep=",")


def _counted(store: Store, layer: str, z: int, x: int, y: int) -> bytes:
    """Each feature in exactly one cell of exactly one tile, with its number of features and of open issues."""
    if layer == "issues" and z <= LEVELS[-1] and (grids := _grids_counted(store)) is not NOT_COUNTED:
        return _of_lattice(store, layer, grids, z, x, y)
    near = meets(table_of(LAYERS[layer]), tile_box(z, x, y), postgis=store.is_postgis)
    found = chosen(store, layer, [near])
    cells = (_cells_by_database if store.is_postgis else _cells_by_row)(store, layer, found, z, x, y)
    if not len(cells):
        return b""
    across, down, count, still_open = cells.T
    side = 2.0**z
    # The middle of each cell, from shares of the world back to degrees.
    middle = np.column_stack([x + (across + 0.5) / LATTICE, y + (down + 0.5) / LATTICE]) / side
    lats = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * middle[:, 1]))))
    points = shapely.points(middle[:, 0] * 360 - 180, lats)
    said: dict[str, list[int]] = {"count": count.tolist()}
    if LAYERS[layer] is Issue:
        said["open"] = still_open.tolist()
    return encode(layer, points, np.arange(len(cells)), said, z, x, y)


def _of_lattice(store: Store, layer: str, grids: tuple[str, ...] | None, z: int, x: int, y: int) -> bytes:
    """The same from what was counted when issues were stored."""
    level = next(level for level in LEVELS if level >= z)
    low, high = cells_of_tile(level, z, x, y)
    found = counts(store.session, low, high, 2 * (level - z), grids)
    if not len(found):
        return b""
    cell, number, still_open = found.T
    said = {"count": number.tolist(), "open": still_open.tolist()}
    return encode_points(layer, middles(cell & LATTICE**2 - 1), np.arange(len(cell)), said)


def _grids_counted(store: Store) -> tuple[str, ...] | None:
    """The grids by which counts are bounded to the scope; ``None`` for all of the city."""
    scope = store.scope
    if scope.sight.everything:
        return None
    upper = [level.name for level in store.city.levels[: len(GRIDS)]]
    if scope.named or not set(scope.given) <= set(scope.of_levels(upper)):
        return NOT_COUNTED
    return scope.given


def _cells_by_database(store: Store, layer: str, found: Select[Any], z: int, x: int, y: int) -> NDArray[np.int64]:
    table = table_of(LAYERS[layer])
    point = func.ST_Centroid(table.c.geom) if layer in EXTENDED else table.c.geom
    lat = func.radians(func.least(func.greatest(func.ST_Y(point), -LIMIT_LAT), LIMIT_LAT))
    side = literal(2.0**z)
    across = (func.ST_X(point) + 180.0) / 360.0 * side - float(x)
    down = (1.0 - func.ln(func.tan(lat) + 1.0 / func.cos(lat)) / np.pi) / 2.0 * side - float(y)
    cell = [func.floor(part * LATTICE).label(name) for part, name in ((across, "across"), (down, "down"))]
    placed = found.with_only_columns(*cell, table.c.id)
    if LAYERS[layer] is Issue:
        placed = placed.add_columns(table.c.status)
    rows = placed.subquery()
    still_open = func.count(case((rows.c.status == "open", 1))) if LAYERS[layer] is Issue else literal(0)
    inside = and_(rows.c.across >= 0, rows.c.across < LATTICE, rows.c.down >= 0, rows.c.down < LATTICE)
    counted = select(rows.c.across, rows.c.down, func.count(), still_open).where(inside)
    answer = store.session.execute(counted.group_by(rows.c.across, rows.c.down))
    return np.array([tuple(row) for row in answer], dtype=np.float64).reshape(-1, 4).astype(np.int64)


def _cells_by_row(store: Store, layer: str, found: Select[Any], z: int, x: int, y: int) -> NDArray[np.int64]:
    table = table_of(LAYERS[layer])
    status = [table.c.status] if LAYERS[layer] is Issue else []
    rows = store.session.execute(found.with_only_columns(type_coerce(table.c.geom, LargeBinary), *status)).all()
    shapes = shapely.from_wkb([row[0] for row in rows])
    if layer in EXTENDED:
        shapes = shapely.centroid(shapes)
    cell = np.floor(tile_units(shapely.get_coordinates(shapes), z, x, y) * LATTICE / EXTENT).astype(np.int64)
    still_open = np.array([row[1] == "open" for row in rows] if status else [False] * len(rows), dtype=bool)
    inside = ((cell >= 0) & (cell < LATTICE)).all(axis=1)
    which, nth = np.unique(cell[inside] @ np.array([1, LATTICE]), return_inverse=True)
    counts = np.bincount(nth, minlength=len(which)), np.bincount(nth, weights=still_open[inside], minlength=len(which))
    return np.column_stack([which % LATTICE, which // LATTICE, *counts]).astype(np.int64)

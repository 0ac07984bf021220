"""The ledger of front doors, read from the store: of a day, once for a sight, or of what lies near."""

import datetime as dt

import pandas as pd
import shapely

from api.remembering import Remembered
from gis_core.crs import project, shapes_to_wgs84
from gis_core.ledger import Ledger, ledger
from gis_core.territory import Territory
from gis_core.validity import local_day
from layers import LAYERS, TABLES
from layers.base import Territorial
from layers.boxes import Box, meets
from layers.bulk import among
from layers.frames import read_frame, table_of
from layers.store import Store
from layers.territories import seen_by

AROUND_M = 60.0
READ = {
    "frontages": ("code", "kind", "origin", "shops", "quality", "kerb_m", "fronts", "valid_from", "valid_to"),
    "agreements": ("code", "shop", "valid_from", "valid_to"),
    "grids": ("code", "level", "parent", "valid_from", "valid_to"),
    "places": ("code", "name", "valid_from", "valid_to"),
    "streets": ("code", "name", "length_m", "valid_from", "valid_to"),
}
"""Columns of the layers that a ledger is made of."""


def ledger_of(store: Store, moment: dt.datetime) -> Ledger:
    """The ledger of a local day, of the strips in scope."""
    version, revision = store.version_at(moment), store.latest_revision()
    # A strip may reach into an area in which its shop does not stand; signed it is nevertheless.
    of = {"agreements": Store(store.session)}
    frames = {
        name: of.get(name, store).read(
            name, version if issubclass(TABLES[name], Territorial) else revision, only=columns
        )
        for name, columns in READ.items()
    }
    day = local_day(moment, store.city.zone)
    return ledger(Territory(store.city, version, revision, frames).on(day), day)


def book_of(kept: Remembered[Ledger], store: Store, moment: dt.datetime) -> Ledger:
    """The same, made once for a state, a sight and a day."""
    day = local_day(moment, store.city.zone)
    key = (store.version_at(moment), store.latest_revision(), store.scope.sight.key, day)
    book = kept.get(key)
    if book is None:
        kept.put(key, book := ledger_of(store, moment))
    return book


def around(shape: shapely.Geometry, srid: int) -> Box:
    """The box of degrees that holds whatever is near a shape of degrees."""
    (metric,) = project(shapely.force_2d([shape]), srid)
    (wide,) = shapes_to_wgs84(shapely.buffer([metric], AROUND_M, quad_segs=2), f"EPSG:{srid}")
    west, south, east, north = shapely.bounds(wide).tolist()
    return west, south, east, north


def ledger_near(store: Store, box: Box, moment: dt.datetime) -> Ledger:
    """The ledger of what lies near: its ``strips`` meet a box of degrees."""
    version, revision = store.version_at(moment), store.latest_revision()
    frames: dict[str, pd.DataFrame] = {}
    for name, columns in READ.items():
        table = table_of(TABLES[name])
        if name in LAYERS:
            held = meets(table, box, postgis=store.is_postgis)
        else:
            held = among(store.session, table.c.shop, sorted(_shops(frames["frontages"])))
        seen = store.bounded(name, seen_by(store, name, version), held).order_by(table.c.id)
        frames[name] = read_frame(store.session, TABLES[name], seen, columns)
    day = local_day(moment, store.city.zone)
    return ledger(Territory(store.city, version, revision, frames).on(day), day)


def _shops(strips: pd.DataFrame) -> set[str]:
    return {
        shop for code, shops in zip(strips["code"], strips["shops"], strict=True) for shop in (*(shops or ()), code)
    }

"""What the checks find today in a part of the city, with its place: faults of grids, of the registers of shops, and
what stands too far apart along the lanes.
"""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd

from api.callers import Context
from api.drafting import told_of
from api.lanes import lanes_of, told_lanes
from gis_core.arrays import Objects, codes_of, shapes_of
from gis_core.bounds import check_territory
from gis_core.patrol.amenities import Amenities
from gis_core.references import FINDING_COLUMNS
from gis_core.registers import check_doors
from gis_core.territory import Territory
from gis_core.validity import local_day
from layers.store import Store

STREET_COLUMNS = ("code", "name", "width_m", "footway_m", "valid_from", "valid_to")


def grid_findings(store: Store, now: dt.datetime) -> gpd.GeoDataFrame:
    """Faults of the grids in scope, and gaps beside them; a cell out of scope is not named. See
    :func:`gis_core.bounds.check_territory`.
    """
    version = store.version_at(now)
    whole = Store(store.session).read("grids", version)
    streets = Store(store.session).read("streets", version, only=STREET_COLUMNS)
    found = check_territory(whole, streets, store.city, local_day(now, store.city.zone))
    if store.scope.sight.everything:
        return found
    return told_of(found, whole, store.read("grids", version, only=("code",)))


def door_findings(context: Context, store: Store, now: dt.datetime) -> gpd.GeoDataFrame:
    """What of the registers of front doors cannot be, is over, or is to be done, about the shops in scope, each where
    the shop is or the strip. See :func:`gis_core.registers.check_doors`.
    """
    whole = Store(store.session)
    version = store.version_at(now)
    territory = context.territories.get(whole, version)
    shops = whole.read("shops", territory.revision, only=("code", "plate", "valid_from", "valid_to"))
    found = check_doors(territory, shops, local_day(now, store.city.zone))
    place, other = _places(territory, found, "code"), _places(territory, found, "other")
    overlap = (found["check"] == "strips_overlap").to_numpy(bool)
    if not store.scope.sight.everything:
        seen = set(store.read("places", version, only=("code",))["code"])
        mine, theirs = (np.array([one in seen for one in ones], dtype=bool) for ones in (place, other))
        # Of two strips of which one is theirs, that one is named first, and the other one not at all.
        turned = overlap & theirs & ~mine
        found.loc[turned, ["code", "other"]] = found.loc[turned, ["other", "code"]].to_numpy()
        found["other"] = found["other"].astype(object).where(~overlap | (mine & theirs), None)
        place = np.where(turned, other, place)
        found, place = found[mine | turned], place[mine | turned]
    shapes = dict(zip(codes_of(territory.frames["places"], "code"), shapes_of(territory.frames["places"]), strict=True))
    return gpd.GeoDataFrame(found, geometry=[shapes.get(one) for one in place], crs=4326)


def amenities_today(context: Context, whole: Store, now: dt.datetime) -> Amenities | None:
    """What stands along the lanes today, worked out once for a state; see :func:`api.lanes.lanes_of`."""
    territory = context.territories.get(whole, whole.version_at(now))
    day = local_day(now, whole.city.zone)
    key = (territory.version, territory.revision, day)
    found = context.amenities.get(key)
    if found is None:
        found = lanes_of(context.networks, whole, territory, day)
        if found is not None:
            context.amenities.put(key, found)
    return found


def lane_findings(context: Context, store: Store, now: dt.datetime) -> gpd.GeoDataFrame:
    """Where facilities stand too far apart along the lanes in scope, and what was never registered. See
    :func:`gis_core.patrol.amenities.check_amenities`.
    """
    everything = store.scope.sight.everything
    seen = None if everything else store.read("streets", store.version_at(now), only=("code",))["code"]
    return told_lanes(amenities_today(context, Store(store.session), now), seen)


def _places(territory: Territory, found: pd.DataFrame, name: str) -> Objects:
    """The place that a column of each finding is about: the shop that an entry, an agreement or a strip is of."""
    letters, strips = territory.frames["agreements"], territory.frames["frontages"]
    first = (
        [(shops or [code])[0] for code, shops in zip(strips["code"], strips["shops"], strict=True)]
        if len(strips)
        else []
    )
    by = {
        "agreements": dict(zip(codes_of(letters, "code"), codes_of(letters, "shop"), strict=True)),
        "frontages": dict(zip(codes_of(strips, "code"), first, strict=True)),
    }
    rows = zip(found["layer"], found[name], strict=True)
    return np.array([by.get(layer, {}).get(code, code) for layer, code in rows], dtype=object)


def features(found: gpd.GeoDataFrame) -> list[dict[str, object]]:
    """Findings as GeoJSON features."""
    named = found[list(FINDING_COLUMNS)].astype(object)
    rows = named.where(named.notna(), None).to_dict("records")
    shapes = gpd.GeoSeries(shapes_of(found), crs=4326)
    geometry = [None if shape is None or shape.is_empty else shape.__geo_interface__ for shape in shapes]
    return [{"type": "Feature", "geometry": shape, "properties": row}
            for row, shape in zip(rows, geometry, strict=True)]  # fmt: skip

"""Lanes under patrol as people ask for them: what stands along them, by lane or cell, and what the checks say."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.networks import Networks
from gis_core.arrays import Objects, codes_of, shapes_of
from gis_core.crs import readable, to_lonlat
from gis_core.errors import InvalidInput
from gis_core.locating import locate
from gis_core.patrol.amenities import Amenities, amenities_of, amenity_figures, check_amenities
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.places import on_edges
from gis_core.patrol.register import check_lanes
from gis_core.references import FINDING_COLUMNS
from gis_core.territory import Territory
from gis_core.validity import local_day, on_day
from layers.store import Store

LANE = "lane"
HOUSEHOLDS = ("households", "户数")
"""What a source may call how many live in a place."""


def lanes_of(networks: Networks, store: Store, territory: Territory, day: int) -> Amenities | None:
    """What stands along the lanes under patrol on a day (days since 1970); None where there are no streets.

    Raises
    ------
    ValueError
        When the store sees a part only: one walks to a toilet through the next grid.
    """
    streets = territory.frames["streets"]
    standing = territory.in_force("streets", np.arange(len(streets)), day)
    patrolled = np.isin(codes_of(streets, "class").astype(str), store.city.patrol.classes)
    due = set(codes_of(streets, "code")[standing & patrolled])
    facilities = territory.frames["facilities"]
    there = facilities[territory.in_force("facilities", np.arange(len(facilities)), day)]
    network = _network(networks, store, territory.version)
    if network is None:
        return None
    of_street = np.array([code in due for code in network.code], dtype=bool)
    return amenities_of(network, there, of_street[network.street], store.city.patrol)


def _network(networks: Networks, store: Store, version: int) -> StreetNetwork | None:
    try:
        return networks.at(store, version)
    except InvalidInput as fault:
        if fault.key == "network_empty":
            return None
        raise


def check_facilities(networks: Networks, store: Store, territory: Territory, day: int) -> gpd.GeoDataFrame:
    """What :func:`gis_core.patrol.amenities.check_amenities` finds on a day; nothing where there are no streets."""
    return told_lanes(lanes_of(networks, store, territory, day))


def told_lanes(amenities: Amenities | None, streets: Collection[str] | None = None) -> gpd.GeoDataFrame:
    """What the checks say of lanes as far as they lie on some streets, of none at all nothing."""
    if amenities is None:
        return gpd.GeoDataFrame(columns=[*FINDING_COLUMNS, "geometry"], geometry="geometry", crs=4326)
    return check_amenities(amenities, streets)


def check_register(register: pd.DataFrame, territory: Territory, day: int) -> gpd.GeoDataFrame:
    """What :func:`gis_core.patrol.register.check_lanes` finds on a day, each with the street where there is one."""
    streets, city = territory.frames["streets"], territory.city
    streets = streets[on_day(streets, day)] if len(streets) else streets
    found = check_lanes(register, streets, city.metric_srid, city.patrol.classes)
    points = shapely.points(found["lon"].astype(np.float64), found["lat"].astype(np.float64))
    shapes = np.where(found["lon"].notna(), points, None)
    return gpd.GeoDataFrame(found, geometry=shapes, crs=4326)


def figures_of(
    store: Store, whole: Store, territory: Territory, amenities: Amenities | None, by: str, now: dt.datetime
) -> list[dict[str, Any]]:
    """Facilities along the lanes in scope, by ``lane`` or level, with names, by code.

    Parameters
    ----------
    store, whole
        The store as far as it is seen, and all of it.

    Raises
    ------
    InvalidInput
        When ``by`` is neither.
    """
    levels = [level.name for level in store.city.levels]
    if by not in (LANE, *levels):
        raise InvalidInput("parameter_invalid", field="by", value=by, expected=", ".join((LANE, *levels)))
    if amenities is None:
        return []
    network, households = amenities.network, None
    if by == LANE:
        of = network.code[network.street]
    else:
        today = territory.on(local_day(now, store.city.zone))
        level = store.city.level(by)
        of = _cells(today, level, _middles(network))
        households = _households(whole.read("places", territory.version, only=("code", "extra")), today, level)
    figures = amenity_figures(amenities, of, households)
    known = store.read("streets" if by == LANE else "grids", territory.version, only=("code", "name"))
    names = dict(zip(known["code"], known["name"], strict=True))
    seen = figures[figures["code"].isin(names)]
    rows = seen.astype(object).where(seen.notna(), None).to_dict("records")
    return [{"code": row["code"], "name": names[row["code"]], **_rounded(row)} for row in rows]


def _middles(network: StreetNetwork) -> Any:
    """Longitude and latitude of the middle of each edge: it counts for the cell that lies in."""
    return to_lonlat(on_edges(network, np.arange(len(network.u)), network.length_m / 2), network.srid)


def _cells(territory: Territory, level: int, lonlat: Any) -> Objects:
    """Code of the cell of a level at each place, None outside."""
    cell = locate(territory, lonlat).grids[:, level]
    codes: Objects = np.array([*territory.levels[level].codes, None], dtype=object)
    return codes[cell]


def _households(places: pd.DataFrame, territory: Territory, level: int) -> Mapping[str, float]:
    """How many live in the places of each cell whose source says so."""
    said = [next((row[name] for name in HOUSEHOLDS if name in row), None) if isinstance(row, dict) else None
            for row in places["extra"]]  # fmt: skip
    homes = pd.to_numeric(pd.Series(said, dtype=object), errors="coerce").to_numpy(np.float64)
    points = shapely.point_on_surface(shapes_of(places))
    lonlat = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    there = (homes > 0) & readable(lonlat)
    cells = pd.Series(_cells(territory, level, lonlat[there]), dtype=object)
    return dict(pd.Series(homes[there]).groupby(cells).sum())


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Figures as they are told."""
    return {name: round(one, 4) if isinstance(one, float) else one for name, one in row.items() if name != "code"}

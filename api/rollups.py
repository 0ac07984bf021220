"""What was walked of each segment on each day, counted when the day's tracks are matched."""

import datetime as dt
from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.networks import Networks
from api.patrolling import instants, intervals_of_days
from gis_core.crs import shapes_to_wgs84
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.ground import Ground, ground_of
from gis_core.patrol.network import StreetNetwork
from gis_core.validity import local_day
from layers.rollups import days_stored, put_segments
from layers.store import Store
from layers.territories import read_territory
from layers.validity import midnight

DECIMALS = 2
"""Of metres and seconds."""


def roll_up(store: Store, networks: Networks, days: Collection[dt.date], now: dt.datetime) -> None:
    """Count local days anew, in the transaction that stores carriers' days of them.

    Segments are those of the newest version that answers for now: what was counted before stays as it was counted.

    Parameters
    ----------
    store
        One that sees everything.
    """
    version, zone = store.version_at(now), store.city.zone
    network = networks.at(store, version)
    ground = ground_of(network, read_territory(store, version, store.latest_revision()), local_day(now, zone))
    for day in sorted(days):
        noon = dt.datetime.combine(day, dt.time(12), zone)
        window = midnight(noon, zone).timestamp(), midnight(noon, zone, 1).timestamp()
        rows = [row for part in days_stored(store.session, day, day) for row in part]
        log = PatrolLog(network, intervals_of_days(network, rows))
        put_segments(store.session, day, _counted(network, ground, log, window))


def _counted(network: StreetNetwork, ground: Ground, log: PatrolLog, window: tuple[float, float]) -> gpd.GeoDataFrame:
    """One row for each segment that somebody passed, by the columns of :class:`layers.coverages.SegmentDay`."""
    found, count = log.within(*window), len(network.u)
    passes = pd.DataFrame({
        name: np.concatenate([getattr(day, name) for day in log.days(*window)] or [np.empty(0)])
        for name in ("edge", "carrier", "from_m", "to_m", "t_in", "t_out")
    })  # fmt: skip
    passes = passes[(passes["t_in"] >= window[0]) & (passes["t_in"] < window[1])]
    edge = passes["edge"].to_numpy(np.int64)
    spent_m, spent_s = (
        np.bincount(edge, (passes[end] - passes[begin]).to_numpy(np.float64), minlength=count)
        for begin, end in (("from_m", "to_m"), ("t_in", "t_out"))
    )
    people = np.bincount(passes[["edge", "carrier"]].drop_duplicates()["edge"].to_numpy(np.int64), minlength=count)
    passed = np.flatnonzero(found.passes > 0)
    first = np.searchsorted(ground.pieces["edge"].to_numpy(), np.arange(count))
    last_s = np.maximum.reduceat(found.last_s, first)
    said = ground.segments.iloc[passed]
    rows = said[["street", "from_m", "to_m", "class", "grid"]].round(DECIMALS).assign(
        walked_m=found.covered_m[passed].round(DECIMALS), visits=found.visits[passed], passes=found.passes[passed],
        carriers=people[passed], patrol_m=spent_m[passed].round(DECIMALS), patrol_s=spent_s[passed].round(DECIMALS),
        last_at=instants(last_s[passed]).to_numpy(object),
    )  # fmt: skip
    lines = shapes_to_wgs84(network.lines[passed], f"EPSG:{network.srid}")
    return gpd.GeoDataFrame(rows, geometry=shapely.set_precision(lines, 1e-8, mode="pointwise"), crs=4326)

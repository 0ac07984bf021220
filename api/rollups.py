"""What was walked of each segment on each day, counted when the day's tracks are matched."""

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.networks import Networks
from api.patrolling import hours, intervals_of_days, midnight_of
from gis_core.crs import shapes_to_wgs84
from gis_core.errors import InvalidInput
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.exposure import spent
from gis_core.patrol.ground import Ground, ground_of
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.painting import IS_SURE
from gis_core.validity import local_day
from layers.engine import NO_ANSWER
from layers.jobs import Cancelled
from layers.patrolled import alone_with_patrols
from layers.rollups import days_stored, note_counted, put_segments, uncounted
from layers.store import Store
from layers.stores import Stores
from layers.territories import read_territory

LOG = logging.getLogger("gridwarden.jobs")
DECIMALS = 2
"""Of metres and seconds."""


@contextmanager
def going_on(faults: list[Exception], about: str) -> Iterator[None]:
    """Keep what fails here from stopping what comes after: it is logged and noted among ``faults``.

    Whoever is told to stop, or has no answer from the store, stops.
    """
    try:
        yield
    except (Cancelled, *NO_ANSWER):
        raise
    except Exception as fault:
        LOG.exception("%s: not done", about)
        faults.append(fault)


def count_days(
    stores: Stores, networks: Networks, now: dt.datetime, held: Callable[[Store], None] = lambda store: None
) -> int:
    """Count the days of which something was stored since they were counted, each in a transaction of its own; how many.

    All that is stored of a day is counted anew, by the segments of the version that answers for now; days of which
    nothing is stored anew stay as they were counted. Whoever is killed meanwhile leaves days that the next one counts.

    Parameters
    ----------
    held
        Called in each transaction; what it raises stops that.

    Raises
    ------
    Exception
        What went wrong with the first day that could not be counted, after the others are.
    """
    faults: list[Exception] = []
    with stores.read() as store:
        days = uncounted(store.session)
        ground = _ground(store, networks, now) if days else None
    for day in days:
        with going_on(faults, f"coverage of {day}"), stores.write() as store:
            held(store)
            alone_with_patrols(store.session)
            _count(store, ground, day)
    if faults:
        raise faults[0]
    return len(days)


def _ground(store: Store, networks: Networks, now: dt.datetime) -> tuple[StreetNetwork, Ground] | None:
    """The streets and what lies under them; ``None`` where there are no streets."""
    version = store.version_at(now)
    try:
        network = networks.at(store, version)
    except InvalidInput:
        return None
    territory = read_territory(store, version, store.latest_revision())
    return network, ground_of(network, territory, local_day(now, store.city.zone))


def _count(store: Store, on: tuple[StreetNetwork, Ground] | None, day: dt.date) -> None:
    note_counted(store.session, day)
    if on is None:
        return
    network, ground = on
    window = tuple(midnight_of(one, store.city.zone).timestamp() for one in (day, day + dt.timedelta(days=1)))
    rows = [row for part in days_stored(store.session, day, day) for row in part]
    log = PatrolLog(network, intervals_of_days(network, rows, store.city.zone))
    put_segments(store.session, day, _counted(network, ground, log, (window[0], window[1])))


def _counted(network: StreetNetwork, ground: Ground, log: PatrolLog, window: tuple[float, float]) -> gpd.GeoDataFrame:
    """One row for each segment that somebody passed, by the columns of :class:`layers.coverages.SegmentDay`."""
    found, count = log.within(*window), len(network.u)
    passes = pd.DataFrame({
        name: np.concatenate([getattr(day, name) for day in log.days(*window)] or [np.empty(0)])
        for name in ("edge", "carrier", "t_in", "says")
    })  # fmt: skip
    sure = passes["says"].to_numpy(np.int64) & IS_SURE > 0
    passes = passes[(passes["t_in"] >= window[0]) & (passes["t_in"] < window[1]) & sure]
    spent_m, spent_s = (np.add.reduceat(of, log.offset[:-1]) for of in spent(log, *window))
    people = np.bincount(passes[["edge", "carrier"]].drop_duplicates()["edge"].to_numpy(np.int64), minlength=count)
    passed = np.flatnonzero(found.passes > 0)
    first = np.searchsorted(ground.pieces["edge"].to_numpy(), np.arange(count))
    last_s = np.maximum.reduceat(found.last_s, first)
    said = ground.segments.iloc[passed]
    rows = said[["street", "from_m", "to_m", "class", "grid"]].round(DECIMALS).assign(
        walked_m=found.covered_m[passed].round(DECIMALS), visits=found.visits[passed], passes=found.passes[passed],
        carriers=people[passed], patrol_m=spent_m[passed].round(DECIMALS), patrol_s=spent_s[passed].round(DECIMALS),
        last_at=hours(last_s[passed]).to_numpy(object),  # kept for ever: nobody is followed by it
    )  # fmt: skip
    lines = shapes_to_wgs84(network.lines[passed], f"EPSG:{network.srid}")
    return gpd.GeoDataFrame(rows, geometry=shapely.set_precision(lines, 1e-8, mode="pointwise"), crs=4326)

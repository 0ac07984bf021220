"""What was walked in the last thirty days, kept in memory, ready for any window of time."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.networks import Networks
from api.remembering import Remembered
from gis_core.arrays import Bools, Floats, Objects
from gis_core.crs import shapes_to_wgs84
from gis_core.hotspots.street_supports import SegmentSupport, segment_support
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.ground import Ground, ground_of
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.passes import PASSES, intervals_of
from gis_core.patrol.report import OF_SHIFTS, told
from gis_core.patrol.rules import MOST_UNWALKED_DAYS
from gis_core.patrol.sides import wide_of
from gis_core.patrol.status import Neighbours, neighbours
from gis_core.validity import local_day
from layers.patrolled import DayRow, last_position
from layers.rollups import days_stored, newest_day
from layers.scoping import Scope
from layers.store import Store
from layers.stores import Stores
from layers.territories import Territories
from layers.validity import midnight

KEPT_DAYS = MOST_UNWALKED_DAYS + 1
"""Local days that are kept, up to the newest that there is a track of."""
SIGMA_M = 10.0
"""How far receivers err among houses: parallel lanes three times as near may be mistaken for each other."""
WINDOWS = (1, 3, 7, 14, 30)
WINDOWS_KEPT = 16
SHIFTS_KEPT = 2 * KEPT_DAYS
"""Duty windows, of which 33 bytes a segment are kept."""
HOUR_S = 3_600.0
EPOCH = dt.date(1970, 1, 1)
AHEAD = dt.timedelta(days=1)
"""Days so far after the last are read with it: a clock that is fast stores the next day before midnight, and what has
a position up to the one that is known is not asked for again."""


@dataclass(frozen=True, eq=False)
class Patrolling:
    """What was walked, as far as it is known at a position.

    Parameters
    ----------
    lines, tree
        Each segment, EPSG:4326, and which of them are where.
    near
        Segments that are mistaken for each other.
    state
        Territory version, revision and local day of the ground.
    first, last
        The local days that passes are kept of.
    position
        Of the last day stored that is in it.
    changed
        Days that were taken in since it was read, and at which position.
    """

    network: StreetNetwork
    lines: Objects
    tree: shapely.STRtree
    ground: Ground
    log: PatrolLog
    near: Neighbours
    state: tuple[int, int, int]
    first: dt.date
    last: dt.date
    position: int
    zone: ZoneInfo
    changed: Mapping[dt.date, int] = field(default_factory=dict)
    _told: Remembered[pd.DataFrame] = field(default_factory=lambda: Remembered(WINDOWS_KEPT))
    _shifts: Remembered[pd.DataFrame] = field(default_factory=lambda: Remembered(SHIFTS_KEPT))

    @cached_property
    def beginning(self) -> dt.datetime:
        """From when on passes are kept."""
        return midnight_of(self.first, self.zone)

    @cached_property
    def support(self) -> SegmentSupport:
        """Its segments as units of hot spots."""
        return segment_support(self.network, self.ground)

    @cached_property
    def key(self) -> str:
        """Text that differs whenever something may be told otherwise."""
        return ".".join(map(str, (*self.state, self.first, self.position)))

    def told(self, begin: dt.datetime, end: dt.datetime) -> pd.DataFrame:
        """What :func:`gis_core.patrol.report.told` says of every segment in a window, asked once."""
        key = (begin, end)
        found = self._told.get(key)
        if found is None:
            found = told(self.ground, self.log, begin.timestamp(), end.timestamp(), self.near)
            self._told.put(key, found)
        return found

    def told_of_shift(self, begin_s: float, end_s: float) -> pd.DataFrame:
        """Of :meth:`told` what a report by shift needs, asked once until passes of then or the day before come in."""
        key = (begin_s, end_s, self._changed(begin_s, end_s))
        found = self._shifts.get(key)
        if found is None:
            found = told(self.ground, self.log, begin_s, end_s, self.near)[list(OF_SHIFTS)]
            self._shifts.put(key, found)
        return found

    def _changed(self, begin_s: float, end_s: float) -> int:
        """At which position passes were taken in that may matter in a window: of days in it, or that last into it."""
        lasting_s = 24 * HOUR_S
        return max(
            (
                position
                for day, position in self.changed.items()
                if _bound_s(day, self.zone, 0) < end_s and begin_s < _bound_s(day, self.zone, 1) + lasting_s
            ),
            default=0,
        )

    def seen(self, scope: Scope) -> Bools:
        """Which segments are in scope: in its grids, on its streets, or swept by one of its parties."""
        segments = self.ground.segments
        if scope.sight.everything:
            return np.ones(len(segments), dtype=bool)
        by = {"grid": scope.patrolled_grids, "street": scope.patrolled_streets, "contractor": scope.named}
        return np.logical_or.reduce([segments[name].isin(codes).to_numpy(bool) for name, codes in by.items()])


class Patrols:
    """The patrols of a store, kept by a process: what was stored since is taken in when somebody asks.

    Parameters
    ----------
    networks, territories
        Shared with whatever else needs them.
    """

    def __init__(self, networks: Networks, territories: Territories) -> None:
        self._networks, self._territories = networks, territories
        self._kept: Patrolling | None = None
        self._lock = Lock()

    def known(self, stores: Stores, now: dt.datetime) -> Patrolling:
        """What was walked up to the days that are stored. While somebody else is taking in what is new, it is what
        was there before: whoever asks is not kept waiting.

        Raises
        ------
        Conflict, InvalidInput
            When nothing is published, or there are no streets.
        """
        before = self._kept
        if not self._lock.acquire(blocking=before is None):
            assert before is not None
            return before
        try:
            with stores.read() as store:
                self._kept = self._brought_up(store, now)
            return self._kept
        finally:
            self._lock.release()

    def _brought_up(self, store: Store, now: dt.datetime) -> Patrolling:
        kept, state = self._kept, state_at(store, now)
        newest = min(newest_day(store.session) or EPOCH, now.astimezone(store.city.zone).date())
        first, position = newest - dt.timedelta(days=KEPT_DAYS - 1), last_position(store.session)
        if kept is None or kept.state[0] != state[0] or first < kept.first:
            return patrolling_of(store, self._networks, self._territories, now, first, newest)
        if kept.state != state:
            ground = _ground(store, kept.network, self._territories, state)
            kept = replace(kept, ground=ground, state=state, _told=Remembered(WINDOWS_KEPT),
                           _shifts=Remembered(SHIFTS_KEPT))  # fmt: skip
        if kept.position == position and kept.first == first:
            return kept
        log = kept.log.since(midnight_of(first, kept.zone).timestamp())
        changed = {day: at for day, at in kept.changed.items() if day >= first}
        for rows in days_stored(store.session, first, newest + AHEAD, kept.position):
            log = _taken_in(log, kept.network, rows, kept.zone, anew=True)
            changed |= {one.day: position for one in rows}
        return replace(kept, log=log, first=first, last=newest, position=position, changed=changed,
                       _told=Remembered(WINDOWS_KEPT))  # fmt: skip


def state_at(store: Store, now: dt.datetime) -> tuple[int, int, int]:
    """Version, revision and local day that the ground is of."""
    return store.version_at(now), store.latest_revision(), local_day(now, store.city.zone)


def patrolling_of(
    store: Store,
    networks: Networks,
    territories: Territories,
    now: dt.datetime,
    first: dt.date,
    last: dt.date,
    tell: Callable[[int], None] = lambda days: None,
) -> Patrolling:
    """What was walked from ``first`` to ``last``, both included, read from the store.

    Parameters
    ----------
    store
        One that sees everything.
    tell
        Told how many more carriers' days are read.
    """
    state = state_at(store, now)
    network = networks.at(store, state[0])
    lines = shapes_to_wgs84(network.lines, f"EPSG:{network.srid}")
    ground, near = _ground(store, network, territories, state), neighbours(network, SIGMA_M)
    zone = store.city.zone
    log = PatrolLog(network, intervals_of_days(network, [], zone))
    for rows in days_stored(store.session, first, last + AHEAD):
        log = _taken_in(log, network, rows, zone)
        tell(len(rows))
    position, tree = last_position(store.session), shapely.STRtree(lines)
    return Patrolling(network, lines, tree, ground, log, near, state, first, last, position, zone)


def segments_told(patrolling: Patrolling, as_of: dt.datetime, windows: Sequence[int] = WINDOWS) -> gpd.GeoDataFrame:
    """Every segment that is to be patrolled, as it is at a moment.

    Parameters
    ----------
    windows
        Local days, the last one being that of ``as_of``.

    Returns
    -------
    segments
        ``street``, ``name``, ``class``, ``from_m``, ``to_m``, ``length_m``, ``grid``, ``contractor``; ``age_h`` (NaN
        where it was never walked in the longest window) and ``gap_h``; for each window ``status_7``, ``visits_7``,
        ``share_7``, and ``visits_left_7`` and ``visits_right_7``, nothing where the street is not wide. The
        index is the edge of the network, lines are in EPSG:4326.
    """
    due = np.flatnonzero(patrolling.ground.due)
    wide = wide_of(patrolling.network)[due]
    found = patrolling.ground.segments.iloc[due].drop(columns="due").set_axis(due, axis=0)
    for days in sorted(windows):
        told_ = patrolling.told(begin_of(as_of, days, patrolling.zone), as_of).iloc[due]
        found = found.assign(**{f"{name}_{days}": told_[name].to_numpy() for name in ("status", "visits", "share")})
        sides = {f"{name}_{days}": told_[name].astype("Int64") for name in ("visits_left", "visits_right")}
        found = found.assign(**{name: counts.set_axis(due).where(wide) for name, counts in sides.items()})
    age_s = told_["age_s"].to_numpy(np.float64)
    ages = {"age_h": np.where(np.isfinite(age_s), age_s, np.nan) / HOUR_S, "gap_h": told_["gap_s"].to_numpy() / HOUR_S}
    return gpd.GeoDataFrame(found.assign(**ages), geometry=patrolling.lines[due], crs=4326)


def instants(seconds: Floats) -> pd.Series:
    """Whole seconds since 1970 as instants, nothing for never."""
    known = np.where(np.isfinite(seconds), np.floor(seconds), np.nan)
    return pd.Series(pd.to_datetime(known, unit="s", utc=True))


def hours(seconds: Floats) -> pd.Series:
    """The full hours before seconds since 1970, as instants, nothing for never: so much is told of anybody's walk."""
    return instants(np.floor(seconds / HOUR_S) * HOUR_S)


def hour_end(now: dt.datetime) -> dt.datetime:
    """The end of the hour of a moment, the moment itself where it is a full hour. Windows end then that are told to who
    may not see tracks: what is rounded would change at the minute of a walk while windows go on by less.
    """
    full = now.replace(minute=0, second=0, microsecond=0)
    return full if full == now else full + dt.timedelta(hours=1)


def begin_of(end: dt.datetime, days: int, zone: ZoneInfo) -> dt.datetime:
    """Beginning of the window of so many local days, of which the last one is that before whose end ``end`` is."""
    return midnight(end - dt.timedelta(microseconds=1), zone, 1 - days)


def midnight_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """When a local day begins."""
    return midnight(dt.datetime.combine(day, dt.time(12), zone), zone)


def _ground(store: Store, network: StreetNetwork, territories: Territories, state: tuple[int, int, int]) -> Ground:
    return ground_of(network, territories.get(store, state[0], state[1]), state[2])


def _taken_in(
    log: PatrolLog, network: StreetNetwork, rows: Sequence[DayRow], zone: ZoneInfo, anew: bool = False
) -> PatrolLog:
    """A log with some carriers' days, which take the place of what it has of them where they come anew."""
    of = rows if anew else ()
    begin_s, end_s = ([_bound_s(one.day, zone, more) for one in of] for more in (0, 1))
    carriers = pd.Series([one.carrier for one in of], dtype=object)
    stale = pd.DataFrame({"carrier": carriers, "begin_s": begin_s, "end_s": end_s})
    return log.with_passes(intervals_of_days(network, rows, zone), stale)


def intervals_of_days(network: StreetNetwork, rows: Sequence[DayRow], zone: ZoneInfo) -> pd.DataFrame:
    """What carriers passed, on the edges of a network.

    A pass over midnight that a new crossing divides stays of the day it is stored with, all of it: what is past
    midnight begins at the last moment of that day, or it would be lost, or stay when the day is matched anew.
    """
    nothing = pd.DataFrame({name: np.empty(0, object if name == "street" else float) for name in PASSES})
    parts = [
        one.passes.assign(carrier=one.carrier, latest_s=np.nextafter(_bound_s(one.day, zone, 1), 0.0))
        for one in rows
        if len(one.passes)
    ]
    found = intervals_of(network, pd.concat(parts or [nothing.assign(carrier="", latest_s=0.0)], ignore_index=True))
    return found.assign(t_in=found[["t_in", "latest_s"]].min(axis=1)).drop(columns="latest_s")


def _bound_s(day: dt.date, zone: ZoneInfo, more: int) -> float:
    """When so many days after a local day begin, seconds since 1970."""
    return midnight_of(day + dt.timedelta(days=more), zone).timestamp()

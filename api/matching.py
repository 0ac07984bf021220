"""Tracks matched as they come: what waits is matched by day, and stored as one with the word that it is done."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import pandas as pd

from api.networks import Networks
from api.rollups import count_days, going_on
from api.watching import Watching
from gis_core.errors import GisError, InvalidInput
from gis_core.patrol.days import PatrolledDay, matched_day, no_passes
from layers.files import Files
from layers.jobs import OPEN_STATES, THE_CITY, Taken, check_wanted, forget_done, newest_of, submit
from layers.patrolled import (
    MARGIN_S,
    DayRow,
    Waiting,
    alone_with_patrols,
    batches_between,
    body_of,
    day_of,
    forget_tracks,
    is_old,
    is_pending,
    points_between,
    put_day,
    settle,
    waiting,
)
from layers.rollups import uncounted
from layers.store import Store
from layers.stores import Stores

KIND = "tracks"
DAYS_AT_ONCE = 20
"""So many days of a carrier are stored in one transaction."""
AGAIN_AFTER = dt.timedelta(minutes=10)
"""When matching is tried again that failed or was stopped."""
DAY, MARGIN = dt.timedelta(days=1), dt.timedelta(seconds=MARGIN_S)
Tell = Callable[[int, int | None], None]
Held = Callable[[Store], None]


@dataclass
class Matched:
    """What came of matching: days that were matched, of these that changed, that have a fault; batches forgotten."""

    days: int = 0
    changed: int = 0
    faults: int = 0
    forgotten: int = 0


@dataclass(frozen=True, eq=False)
class MatchedDay:
    """A day that was matched, and the batches that its points were read from."""

    row: DayRow
    batches: tuple[int, ...]


def first_day(store: Store, now: dt.datetime) -> dt.date:
    """The first local day of which raw tracks are kept and taken."""
    return now.astimezone(store.city.zone).date() - DAY * (store.city.patrol.tracks_days - 1)


def forgotten_before(store: Store, now: dt.datetime) -> dt.datetime:
    """Points from before that go: the day before the first one stays as long as that one may be matched again."""
    return midnight(store, first_day(store, now) - DAY)


def midnight(store: Store, day: dt.date) -> dt.datetime:
    """When a local day begins, UTC, so that hours added to it are hours and not what clocks show."""
    return dt.datetime.combine(day, dt.time(), store.city.zone).astimezone(dt.UTC)


def tracks_job(stores: Stores, files: Files, taken: Taken, now: dt.datetime, tell: Tell) -> dict[str, Any]:
    """Match what waits, and drop raw tracks that are too old."""
    done = match_pending(stores, _networks(stores), now, tell, lambda store: check_wanted(store.session, taken))
    return {"result": vars(done)}


def match_pending(
    stores: Stores, networks: Networks, now: dt.datetime, tell: Tell, held: Held = lambda store: None
) -> Matched:
    """Match the days that batches wait for, by carrier and day, and drop raw tracks that are too old.

    Whoever is killed meanwhile leaves batches that still wait.

    Parameters
    ----------
    tell
        Told how many days are done, of how many.
    held
        Called in each transaction that stores; what it raises stops that.

    Raises
    ------
    Exception
        What went wrong with the first carrier whose batches still wait, after the others are done and counted.
    """
    with stores.write() as store:
        held(store)
        done = Matched(forgotten=forget_tracks(store.session, forgotten_before(store, now)))
    with stores.read() as store:
        found, first = waiting(store.session, store.city.zone), first_day(store, now)
    faults = _match(stores, networks, found, first, now, tell, held, done)
    count_days(stores, networks, now, held)
    if faults:
        raise faults[0]
    return done


def match_again(stores: Stores, networks: Networks, since: dt.date, now: dt.datetime, tell: Tell) -> Matched:
    """Match all days anew from one on, as far as raw tracks are kept, with the streets that are known now."""
    done = Matched()
    with stores.read() as store:
        first = max(since, first_day(store, now))
        found = waiting(store.session, store.city.zone, midnight(store, first))
    faults = _match(stores, networks, found, first, now, tell, lambda store: None, done)
    count_days(stores, networks, now)
    if faults:
        raise faults[0]
    return done


def _match(
    stores: Stores, networks: Networks, found: Sequence[Waiting], first: dt.date, now: dt.datetime, tell: Tell,
    held: Held, done: Matched,
) -> list[Exception]:  # fmt: skip
    """Match days from ``first`` on; batches of earlier ones come too late and wait no more.

    A carrier with whom something goes wrong is left waiting, and stops no other; what went wrong.
    """
    faults: list[Exception] = []
    total, told = sum(day >= first for one in found for day in one.days), 0
    for one in found:
        due = [day for day in one.days if day >= first]
        with going_on(faults, f"tracks of {one.carrier}"):
            _match_carrier(stores, networks, one, due, now, partial(_tell_on, tell, told, total), held, done)
        told += len(due)
    return faults


def _tell_on(tell: Tell, before: int, total: int, count: int) -> None:
    tell(before + count, total)


def _match_carrier(
    stores: Stores, networks: Networks, one: Waiting, due: Sequence[dt.date], now: dt.datetime,
    tell: Callable[[int], None], held: Held, done: Matched,
) -> None:  # fmt: skip
    settled = set(one.days).difference(due)
    for start in range(0, max(len(due), 1), DAYS_AT_ONCE):
        days = due[start : start + DAYS_AT_ONCE]
        with stores.read() as store:
            matched = list(matched_days(store, networks, one.carrier, days))
        with stores.write() as store:
            held(store)
            settled |= set(days) - put_days(store, matched, now, done)
            settle(store.session, [number for number, its in one.batches.items() if settled.issuperset(its)])
        done.days += len(days)
        tell(start + len(days))


def matched_days(store: Store, networks: Networks, carrier: str, days: Sequence[dt.date]) -> Iterator[MatchedDay]:
    """Days of a carrier, matched; of days without points, or of which points are gone, there is nothing to say."""
    body = body_of(store.session, carrier)
    for day in days:
        begin, end = midnight(store, day), midnight(store, day + DAY)
        read = batches_between(store.session, carrier, begin - MARGIN, end + MARGIN)
        points = points_between(store.session, carrier, begin - MARGIN, end + MARGIN)
        begin_s, end_s = begin.timestamp(), end.timestamp()
        own = int(points["t"].between(begin_s, end_s, inclusive="left").sum())
        if not own or _has_lost(store, carrier, day, own, points, begin_s):
            continue
        version = store.version_at(begin)
        try:
            found = matched_day(networks.matcher(store, version), points, begin_s, end_s)
        except InvalidInput as fault:  # there are no streets
            found = PatrolledDay(no_passes(), own, 0, {}, fault)
        yield MatchedDay(_row(carrier, day, body, version, found), read)


def _has_lost(store: Store, carrier: str, day: dt.date, own: int, points: pd.DataFrame, begin_s: float) -> bool:
    """Whether points are gone that the stored day was matched from, so that less would be put in place of more.

    Without the hour before it, and with no point that is new, a day would have once more what was passed over midnight.
    """
    stored = day_of(store.session, carrier, day)
    if stored is None or own != stored["points"]:
        return stored is not None and own < stored["points"]
    before = day_of(store.session, carrier, day - DAY)
    if before is None or (points["t"] < begin_s).any():
        return False
    return bool((before["passes"]["t_out"] > begin_s - MARGIN_S).any())


def _row(carrier: str, day: dt.date, body: str | None, version: int, found: PatrolledDay) -> DayRow:
    fault = None
    if found.fault is not None:
        params = found.fault.params
        told = {name: value if isinstance(value, int | float) else str(value) for name, value in params.items()}
        fault = {"key": found.fault.key, "params": told}
    return DayRow(
        carrier=carrier, day=day, body=body, position=0, version=version, fault=fault, walked_m=found.walked_m,
        passes=found.passes, points=found.points, used=found.used, dropped=found.dropped,
    )  # fmt: skip


def put_days(store: Store, matched: Sequence[MatchedDay], now: dt.datetime, done: Matched) -> set[dt.date]:
    """Store days, but for those that points have come for, or gone from, since they were read: these days."""
    alone_with_patrols(store.session)
    overtaken = set[dt.date]()
    for one in matched:
        begin, end = midnight(store, one.row.day) - MARGIN, midnight(store, one.row.day + DAY) + MARGIN
        if batches_between(store.session, one.row.carrier, begin, end) != one.batches:
            overtaken.add(one.row.day)
        elif put_day(store.session, one.row, now):
            done.changed += 1
            done.faults += one.row.fault is not None
    return overtaken


@lru_cache(maxsize=1)
def _kept(url: str) -> Networks:
    return Networks()


def _networks(stores: Stores) -> Networks:
    """The networks of this process, which does one job after the other; a database in memory is not known by name."""
    return Networks() if stores.in_memory else _kept(stores.url)


class TracksWatch(Watching):
    """Looks whether tracks wait to be matched, or to be forgotten."""

    asks = "whether tracks wait"

    def _look(self, now: dt.datetime) -> bool:
        with self._stores.read() as store:
            try:
                old = forgotten_before(store, now)
                due = is_pending(store.session) or is_old(store.session, old) or bool(uncounted(store.session))
                store.version_at(now)
            except GisError:
                return False  # there is no city yet, or nothing is published
            newest = newest_of(store.session, KIND) if due else None
        if newest is not None and newest["state"] in OPEN_STATES:  # one that is to stop is told over when it does
            lease = newest["lease_until"]
            return lease is None or lease < now
        if not due or (newest is not None and newest["state"] != "done" and now < newest["finished_at"] + AGAIN_AFTER):
            return False
        with self._stores.people(writes=True) as accounts:
            forget_done(accounts.session, KIND)
            submit(accounts.session, KIND, {}, THE_CITY, now)
        return True

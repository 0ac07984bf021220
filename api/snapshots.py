"""Hot spots kept night by night: taken once a local day is over, and forecasts scored once their fortnight is."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from api.hotspot_grounds import Grounds
from api.hotspot_questions import Written, method_of, question_of
from api.hotspots import Counted, counted_of
from api.networks import Networks
from api.patrolling import Patrolling, midnight_of, patrolling_of
from api.rollups import going_on
from api.snapshot_bodies import body_of, facts_of
from api.watching import Watching
from gis_core.city import City
from gis_core.errors import GisError, InvalidInput
from gis_core.hotspots.forecast import HORIZON_DAYS
from gis_core.hotspots.keeping import read_kept
from layers.files import Files
from layers.heat import Window, points
from layers.jobs import OPEN_STATES, THE_CITY, Taken, check_wanted, failed_last, forget_done, newest_of, submit
from layers.rollups import newest_day
from layers.snapshots import (
    KEPT_DAYS,
    Snapshot,
    forget_snapshots,
    note_told,
    oldest_day,
    put_snapshot,
    snapshot_of,
    snapshots_on,
    untold,
)
from layers.store import Store
from layers.stores import Stores
from layers.territories import Territories

KIND = "hotspots"
AGAIN_AFTER = dt.timedelta(hours=1)
"""When it is tried again what failed or was stopped."""
MOST_TRIES = 3
"""How often a day is tried: what breaks three times breaks the fourth time."""
COMES_LATE = dt.timedelta(hours=3)
"""So long after midnight a day counts as over: telephones send the evening's tracks, inspectors their last reports."""
DAY, HORIZON = dt.timedelta(days=1), dt.timedelta(days=HORIZON_DAYS)
SIGNIFICANCE_DAYS, EMERGING_DAYS, SCAN_DAYS, FORECAST_DAYS = 28, 182, 28, 182
"""Local days that methods look at: whole weeks, as Sundays are not Mondays; four, and half a year."""
WIDE = "community"
"""The level above the lowest that people know by name; where a city has none, the one before the last."""
Tell = Callable[[int, int | None], None]
Held = Callable[[Store], None]


class Wanted(NamedTuple):
    """One answer of a night: its method, its units, what counts are compared with, and how many days it looks at."""

    method: str
    support: str
    per: str
    days: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it among those of a day."""
        return self.method, self.support, self.per


@dataclass
class Done:
    """What came of a night: snapshots that were stored, of these that came to nothing; forecasts that were scored;
    snapshots forgotten.
    """

    day: dt.date
    stored: int = 0
    faults: int = 0
    scored: int = 0
    forgotten: int = 0

    @property
    def result(self) -> dict[str, Any]:
        """What a job says of it."""
        return {**vars(self), "day": self.day.isoformat()}


def levels_kept(city: City) -> tuple[str, str]:
    """The level that people know by name, and the lowest."""
    levels = [level.name for level in city.levels]
    return WIDE if WIDE in levels else levels[-2:][0], levels[-1]


def wanted_of(city: City, patrolled: bool) -> tuple[Wanted, ...]:
    """What is kept of a night.

    Parameters
    ----------
    patrolled
        Whether anybody patrolled in the days that significance looks at.
    """
    wide, lowest = levels_kept(city)
    found = [Wanted("significance", level, "none", SIGNIFICANCE_DAYS) for level in (wide, lowest)]
    found += [Wanted("significance", wide, "patrol", SIGNIFICANCE_DAYS)] if patrolled else []
    found += [Wanted("emerging", lowest, "none", EMERGING_DAYS)]
    found += [Wanted("scan", lowest, "none", SCAN_DAYS), Wanted("forecast", "", "none", FORECAST_DAYS)]
    return tuple(dict.fromkeys(found))


def day_due(store: Store, now: dt.datetime) -> dt.date | None:
    """The last local day that is over and has, or is followed by, a report; ``None`` where there is none.

    In a city whose reports come late it is the last day that they reach.
    """
    newest, zone = store.last_report(), store.city.zone
    if newest is None:
        return None
    return min(newest.astimezone(zone).date(), (now - COMES_LATE).astimezone(zone).date() - DAY)


def wanted_on(store: Store, day: dt.date) -> tuple[Wanted, ...]:
    """What is to be kept of a local day."""
    newest = newest_day(store.session)
    return wanted_of(store.city, newest is not None and newest > day - SIGNIFICANCE_DAYS * DAY)


def hotspots_job(stores: Stores, files: Files, taken: Taken, now: dt.datetime, tell: Tell) -> dict[str, Any]:
    """Keep the hot spots of the day that is due, score forecasts and drop what is old."""
    done = take_night(stores, now, tell, lambda store: check_wanted(store.session, taken))
    return {"result": done.result}


def take_night(
    stores: Stores, now: dt.datetime, tell: Tell, held: Held = lambda store: None, day: dt.date | None = None,
    again: bool = False,
) -> Done:  # fmt: skip
    """Keep what is not kept yet of a local day, each answer in a transaction of its own, score the forecasts whose
    fortnight is over, and drop old snapshots.

    Whoever is killed meanwhile leaves what is stored, and the next one goes on with the rest.

    Parameters
    ----------
    day
        The one that is due, if none is said.
    tell
        Told how many answers are done, of how many.
    held
        Called in each transaction that stores; what it raises stops that.
    again
        Whether methods that could not answer are asked again.

    Raises
    ------
    InvalidInput
        When the day is not over, or no report is of it or of a later one.
    Exception
        What went wrong with the first answer or score that could not be made, after all else is done.
    """
    with stores.read() as store:
        due = day_due(store, now)
        day = due if day is None else day
        if due is None or day is None or day > due:
            raise InvalidInput("snapshot_day", value=str(day or "–"), expected=str(due or "–"))
        missing = _missing(store, day, again)
    done, faults = Done(day), list[Exception]()
    _keep(stores, missing, done, now, tell, held, faults)
    tell(len(missing), len(missing))
    faults += _score(stores, due, now, held, done)
    with stores.write() as store:
        held(store)
        done.forgotten = forget_snapshots(store.session, due - KEPT_DAYS * DAY)
    if faults:
        raise faults[0]
    return done


def _keep(
    stores: Stores, missing: Sequence[Wanted], done: Done, now: dt.datetime, tell: Tell, held: Held,
    faults: list[Exception],
) -> None:  # fmt: skip
    """Store the answers that are missing of a day, but for those that break, which are noted among ``faults``."""
    grounds = Grounds()
    for number, one in enumerate(missing):
        tell(number, len(missing))
        snapshot = None
        with going_on(faults, f"hot spots of {done.day}, {one.method}"):
            snapshot = _made(stores, grounds, one, done.day, now)
        if snapshot is None:
            continue
        with stores.write() as store:
            held(store)
            stored = put_snapshot(store.session, snapshot)
        done.stored += stored
        done.faults += stored and snapshot.fault is not None


def _missing(store: Store, day: dt.date, again: bool = False) -> list[Wanted]:
    there = {one.key for one in snapshots_on(store.session, day) if not (again and one.fault)}
    return [one for one in wanted_on(store, day) if one.key not in there]


def _made(stores: Stores, grounds: Grounds, one: Wanted, day: dt.date, now: dt.datetime) -> Snapshot:
    """The snapshot, or why the method has no answer, which is not asked again; what breaks is no answer."""
    said: dict[str, Any] = {"day": day, "method": one.method, "support": one.support, "per": one.per, "made_at": now}
    try:
        with stores.read() as store:
            version, counted = store.scope.states[0], _counted(store, grounds, one, day, now)
        answer = counted.answer()  # which takes long, and needs no store
        return Snapshot(**said, facts=facts_of(answer, one.days, version), body=body_of(one.method, answer))
    except GisError as fault:
        plain = (int, float, str)
        key, params = (
            fault.key,
            {name: one if isinstance(one, plain) else str(one) for name, one in fault.params.items()},
        )
    return Snapshot(**said, facts={"fault": {"key": key, "params": params}})


def _counted(store: Store, grounds: Grounds, one: Wanted, day: dt.date, now: dt.datetime) -> Counted:
    first = day - (one.days - 1) * DAY
    streets = _patrolling(store, first, day, now) if one.per == "patrol" else None
    written = Written(first.isoformat(), day.isoformat(), one.support or None, one.per)
    question = question_of(store, method_of(one.method), written, now, streets)
    return counted_of(store, one.method, question, grounds, streets)


def _patrolling(store: Store, first: dt.date, last: dt.date, now: dt.datetime) -> Patrolling:
    """What was walked on some days, on the streets and ground of the last one's end."""
    end = min(midnight_of(last + DAY, store.city.zone), now) - dt.timedelta(microseconds=1)
    return patrolling_of(store, Networks(), Territories(), end, first, last)


def _score(stores: Stores, day: dt.date, now: dt.datetime, held: Held, done: Done) -> list[Exception]:
    """Say of forecasts how good they were whose days are all over on a day; what went wrong."""
    faults: list[Exception] = []
    with stores.read() as store:
        due = untold(store.session, "forecast", day - HORIZON)
    for one in due:
        told = _told(one.day, now)
        with going_on(faults, f"forecast of {one.day}"), stores.read() as store:
            kept = snapshot_of(store.session, one.day, *one.key)
            assert kept is not None
            told = told_of(store, kept, now)
        # What cannot be scored is marked, or it would be tried every hour for good.
        with stores.write() as store:
            held(store)
            note_told(store.session, one.id, told)
        done.scored += told["reports"] is not None
    return faults


def _told(day: dt.date, now: dt.datetime) -> dict[str, Any]:
    """What is said of a forecast of a day that could not be scored: of which days it was, without figures."""
    days = {"since": (day + DAY).isoformat(), "until": (day + HORIZON).isoformat()}
    return {"told_at": now.isoformat(), **days, "reports": None, "shares": []}


def told_of(store: Store, one: Snapshot, now: dt.datetime) -> dict[str, Any]:
    """How good a forecast was, read with its body: ``told_at``, ``since`` and ``until`` (local days, both included),
    how many ``reports`` came, and ``shares`` as the forecast tells of itself; none where no report came.
    """
    assert one.body is not None
    zone, first, end = store.city.zone, one.day + DAY, one.day + DAY + HORIZON
    window = Window(midnight_of(first, zone), midnight_of(end, zone))
    came = points(store, window, 0, by_day=True, by_kind=False)
    day, number = (of.astype(np.float64) for of in (came.day, came.number))
    told = read_kept(one.body["kept"]).scored(came.xy, day, number)
    reports = int(told["reports"].iloc[0])
    told = told.astype({"reports": int, "caught": int}).rename(columns=lambda name: name.replace("hit", "hit_rate"))
    rows = told.to_dict("records") if reports else []
    return {**_told(one.day, now), "reports": reports, "shares": rows}


class HotspotsWatch(Watching):
    """Looks whether the hot spots of a day are to be kept, forecasts to be scored, or old snapshots to be dropped.

    It asks for the newest report; more only where that begins another day than the one that was settled.
    """

    asks = "whether hot spots are to be kept"

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores)
        self._settled: dt.date | None = None
        """The day of which there was nothing to do, or that was tried in vain."""

    def _look(self, now: dt.datetime) -> bool:
        with self._stores.read() as store:
            try:
                day = day_due(store, now)
                if day is None or day == self._settled:
                    return False
                store.version_at(now)
            except GisError:
                return False  # there is no city yet, or nothing is published
            due = is_due(store, day)
            newest = newest_of(store.session, KIND) if due else None
            tries = failed_last(store.session, KIND, {"day": day.isoformat()}, MOST_TRIES) if due else 0
        if newest is not None and newest["state"] in OPEN_STATES:
            lease = newest["lease_until"]
            return lease is None or lease < now
        if not due or tries == MOST_TRIES:
            self._settled = day
            return False
        if newest is not None and newest["state"] != "done" and now < newest["finished_at"] + AGAIN_AFTER:
            return False
        with self._stores.people(writes=True) as accounts:
            forget_done(accounts.session, KIND)
            submit(accounts.session, KIND, {"day": day.isoformat()}, THE_CITY, now)
        return True


def is_due(store: Store, day: dt.date) -> bool:
    """Whether something of a day is not kept, a forecast can be scored, or a snapshot is to go."""
    oldest = oldest_day(store.session)
    too_old = oldest is not None and oldest < day - KEPT_DAYS * DAY
    return bool(_missing(store, day)) or bool(untold(store.session, "forecast", day - HORIZON)) or too_old

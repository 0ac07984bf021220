"""Tracks in: what of the points can be taken, in which coordinate system they are, and whether they are known."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from api.matching import first_day, midnight
from api.networks import Networks
from gis_core.arrays import Bools, Floats
from gis_core.crs import OBFUSCATED, check_datum, readable, to_metres, to_wgs84
from gis_core.errors import InvalidInput
from gis_core.issues import REJECT_COLUMNS
from gis_core.patrol.datums import SPELT, check_declared
from gis_core.patrol.days import declared, is_telling
from gis_core.patrol.matching import Matcher
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.tracks import ON_FOOT, clean_track
from gis_core.texts import TEXTS
from layers.accounts import Accounts
from layers.patrolled import POINT_COLUMNS, keep_batch
from layers.store import Store
from layers.stores import Stores
from layers.track_files import TrackFile

BEYOND_M = 2_000.0
"""Points so far beyond all streets are not of this city."""
REFUSED = ("unreadable", "swapped", "elsewhere", "future", "too_old")
"""Why a point is not taken, in the order in which that is looked at."""


@dataclass(frozen=True, eq=False)
class Screened:
    """Points that can be taken, and why others cannot.

    Parameters
    ----------
    points
        Columns :data:`layers.patrolled.POINT_COLUMNS`, WGS 84.
    reason
        Of each point given one of :data:`REFUSED`, empty where it is taken.
    """

    points: pd.DataFrame
    reason: Sequence[str]

    @property
    def dropped(self) -> dict[str, int]:
        """How many points are not taken, by reason."""
        counts = Counter(self.reason)
        return {why: counts[why] for why in REFUSED if counts[why]}


@dataclass
class Kept:
    """What became of points: new ones, those that were there already, those not taken, and the days to be matched."""

    accepted: int = 0
    known: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    days: list[dt.date] = field(default_factory=list)


def screened(store: Store, networks: Networks, points: pd.DataFrame, datum: str, now: dt.datetime) -> Screened:
    """See which points of one carrier can be taken, and that they are in the coordinate system they are declared in.

    Parameters
    ----------
    store
        One that sees everything.
    points
        ``t`` (seconds since 1970), ``lon``, ``lat`` as declared, ``accuracy_m`` or NaN.
    datum
        As :func:`gis_core.crs.check_datum` reads it.

    Raises
    ------
    InvalidInput
        When no point is left, or those that are left are in another coordinate system or another city.
    """
    datum = check_datum(datum)
    if not len(points):
        raise InvalidInput("track_empty")
    matcher = networks.matcher(store, store.version_at(now))
    raw = points[["lon", "lat"]].to_numpy(np.float64)
    lonlat = _in_degrees(raw, datum)
    t, accuracy_m = (points[name].to_numpy(np.float64) for name in ("t", "accuracy_m"))
    oldest = midnight(store, first_day(store, now)).astimezone(store.city.zone)
    with np.errstate(invalid="ignore"):
        faults = {
            "swapped": ~_within(lonlat, matcher.network) & _within(_in_degrees(raw[:, ::-1], datum), matcher.network),
            "unreadable": ~(readable(lonlat) & np.isfinite(t)) | (accuracy_m < 0),
            "elsewhere": ~_within(lonlat, matcher.network),
            "future": t > now.timestamp() + ON_FOOT.clock_s,
            "too_old": t < oldest.timestamp(),
        }
    reason = np.select(list(faults.values()), list(faults), "")
    left = pd.DataFrame({"t": t, "lon": lonlat[:, 0], "lat": lonlat[:, 1], "accuracy_m": accuracy_m})[reason == ""]
    found = Screened(left.reset_index(drop=True), reason.tolist())
    if not len(left):
        raise _none_left(found, raw, datum, matcher, now.astimezone(store.city.zone), oldest)
    _check(found.points, raw[reason == ""], datum, matcher, now)
    return found


def keep(store: Store, carrier: str, screened: Screened, sent_by: str, now: dt.datetime) -> Kept:
    """Keep points by local day, each day's as a batch, so that they go by day; what is there already stays once."""
    kept = Kept(dropped=screened.dropped)
    stamps = pd.to_datetime(screened.points["t"], unit="s", utc=True).dt.tz_convert(store.city.zone)
    for day, points in screened.points.groupby(stamps.dt.date.to_numpy()):
        new = keep_batch(store.session, carrier, points, sent_by, now)
        kept.accepted += new
        kept.known += len(points) - new
        kept.days += [day] * bool(new)
    return kept


def keep_file(
    stores: Stores, networks: Networks, read: TrackFile, carrier: str | None, datum: str, now: dt.datetime, sent_by: str
) -> tuple[Kept, pd.DataFrame]:  # fmt: skip
    """Keep the points of a file, all that can be taken or, where some are refused as a whole, none.

    Parameters
    ----------
    carrier
        Account of who carried it; ``None``: the file names one in each row.
    sent_by
        Who is written into the audit trail for the points of each carrier.

    Returns
    -------
    kept, rejects
        ``rejects`` has the columns :data:`gis_core.issues.REJECT_COLUMNS`: rows of the file that are no points, and
        those that cannot be taken.

    Raises
    ------
    NotFound
        When nobody has the account.
    InvalidInput
        As :func:`screened`, or where nothing of the file names who carried it.
    """
    with stores.people() as accounts:
        known = {user.name for user in accounts.users()} if carrier is None else {accounts.user(carrier).name}
    points = read.points if carrier is None else read.points.assign(carrier=carrier)
    named = points["carrier"].isin(known).to_numpy(dtype=bool)
    rejects = [read.rejects, _strangers(points[~named])]
    if carrier is not None:
        # A row that names somebody else would otherwise become the walk of whoever is named for the file.
        others = (read.points["carrier"].notna() & (read.points["carrier"] != carrier)).to_numpy(dtype=bool)
        rejects.append(_others(read.points[others], carrier))
        named = named & ~others
    if len(points) and not named.any():
        first = next(part for part in rejects[1:] if len(part)).iloc[0]
        raise InvalidInput(first["reason"], **first["params"])
    found: dict[str, Screened] = {}
    with stores.read() as store:
        for name, its in points[named].groupby("carrier"):
            found[str(name)] = screened(store, networks, its, datum, now)
            rejects.append(_rejected(its, found[str(name)]))
    return _all_kept(stores, found, sent_by, now), pd.concat(
        [part for part in rejects if len(part)] or rejects[:1], ignore_index=True
    )


def _all_kept(stores: Stores, found: Mapping[str, Screened], sent_by: str, now: dt.datetime) -> Kept:
    """Keep the points of several carriers, all or none."""
    kept = Kept()
    with stores.write() as store:
        for name, one in found.items():
            its_kept = keep(store, name, one, sent_by, now)
            Accounts(store.session).note(sent_by, "tracks_sent", now, subject=name, points=its_kept.accepted)
            kept.accepted += its_kept.accepted
            kept.known += its_kept.known
            kept.days += its_kept.days
    return kept


def _strangers(points: pd.DataFrame) -> pd.DataFrame:
    """Rows that name nobody, or nobody who is known."""
    names = points["carrier"].tolist()
    rows = [
        (row, name, "carrier_missing" if name is None else "carrier_unknown", {} if name is None else {"value": name})
        for row, name in zip(points["row"].tolist(), names, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(REJECT_COLUMNS))


def _others(points: pd.DataFrame, carrier: str) -> pd.DataFrame:
    """Rows that name somebody else than the one who is said to have carried it all."""
    rows = [
        (row, name, "track_carrier", {"value": name, "expected": carrier})
        for row, name in zip(points["row"], points["carrier"], strict=True)
    ]
    return pd.DataFrame(rows, columns=list(REJECT_COLUMNS))


def _rejected(points: pd.DataFrame, found: Screened) -> pd.DataFrame:
    """Rows that cannot be taken."""
    told: list[tuple[int, str, str, dict[str, Any]]] = [
        (row, carrier, f"point_{why}", {})
        for row, carrier, why in zip(points["row"], points["carrier"], found.reason, strict=True)
        if why
    ]
    return pd.DataFrame(told, columns=list(REJECT_COLUMNS))


def points_frame(columns: Mapping[str, Sequence[float | None]]) -> pd.DataFrame:
    """Columns :data:`layers.patrolled.POINT_COLUMNS` of numbers, NaN where there is none."""
    return pd.DataFrame({name: np.array(columns[name], dtype=np.float64) for name in POINT_COLUMNS})


def _in_degrees(raw: Floats, datum: str) -> Floats:
    """Longitude and latitude, NaN for what is none."""
    lonlat = np.full(raw.shape, np.nan)
    there = np.isfinite(raw).all(axis=1)
    lonlat[there] = to_wgs84(raw[there], datum)
    return lonlat


def _within(lonlat: Floats, network: StreetNetwork) -> Bools:
    """Whether places are among the streets, or not far beyond them."""
    within = readable(lonlat)
    xy = to_metres(lonlat[within], network.srid)
    low, high = network.xy.min(axis=0) - BEYOND_M, network.xy.max(axis=0) + BEYOND_M
    within[within] = ((xy >= low) & (xy <= high)).all(axis=1)
    return within


def _none_left(
    found: Screened, sent: Floats, datum: str, matcher: Matcher, now: dt.datetime, oldest: dt.datetime
) -> InvalidInput:
    """Why nothing is left, in words; ``now`` and ``oldest`` in city time, positions as they were sent."""
    dropped = found.dropped
    most = max(dropped, key=lambda why: dropped[why])
    if most == "elsewhere":
        there = sent[np.array(found.reason) == most]
        if datum in OBFUSCATED and _within(there, matcher.network).mean() > 0.5:
            return InvalidInput("track_datum", value=SPELT[datum], suggestion="WGS 84", datum="wgs84")
        lon, lat = np.median(there, axis=0).tolist()
        return InvalidInput("track_elsewhere", limit_m=BEYOND_M, lon=lon, lat=lat)
    if most == "swapped":
        return InvalidInput("track_swapped", found=dropped[most])
    said = {"now": f"{now:%Y-%m-%d %H:%M:%S}", "first": oldest.date(), "last": now.date()}
    words = {
        f"reasons_{locale}": between.join(
            TEXTS.say(f"track_none_{why}", locale, found=count, **said) for why, count in dropped.items()
        )
        for locale, between in (("en", "; "), ("zh", "；"))
    }
    return InvalidInput("track_refused", found=len(found.reason), **words)


def _check(points: pd.DataFrame, sent: Floats, datum: str, matcher: Matcher, now: dt.datetime) -> None:
    """Refuse points of another coordinate system or city; too few say nothing, and are seen with the whole day."""
    try:
        cleaned = clean_track(points, matcher.network.srid, now.timestamp())
    except InvalidInput:
        return
    if not is_telling(cleaned):
        return
    try:
        check_declared(declared(points, cleaned), matcher)
    except InvalidInput:
        if datum not in OBFUSCATED:
            raise
    else:
        return
    as_sent = points.reset_index(drop=True).assign(lon=sent[:, 0], lat=sent[:, 1])
    check_declared(declared(as_sent, cleaned), matcher, SPELT[datum])
    raise InvalidInput("track_datum", value=SPELT[datum], suggestion="WGS 84", datum="wgs84")

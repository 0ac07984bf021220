"""Tracks and what was passed, read and written: columns of numbers as compressed bytes, in order of time."""

import datetime as dt
import hashlib
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from layers.bulk import among, inserting
from layers.engine import PATROL_LOCK
from layers.frames import table_of
from layers.people import UserAccount
from layers.tracks import PatrolDay, TrackBatch

POINT_COLUMNS = ("t", "lon", "lat", "accuracy_m")
"""Seconds since 1970, degrees (EPSG:4326), metres or NaN."""
MARGIN_S = 3_600.0
"""So much of the day before and of the day after is matched with a day, for what is passed over midnight."""
_DAY = dt.timedelta(days=1)
_batch, _day = table_of(TrackBatch), table_of(PatrolDay)


@dataclass(frozen=True, eq=False)
class DayRow:
    """One carrier's local day: the columns of :class:`layers.tracks.PatrolDay`, ``passes`` as a frame.

    ``position`` is 0 of a day that is still to be stored.
    """

    carrier: str
    day: dt.date
    body: str | None
    position: int
    version: int
    fault: dict[str, Any] | None
    walked_m: float
    passes: pd.DataFrame
    points: int
    used: int
    dropped: dict[str, int]


@dataclass(frozen=True)
class Waiting:
    """Batches of one carrier that are still to be matched, by number the local days that each changes."""

    carrier: str
    batches: Mapping[int, tuple[dt.date, ...]]

    @property
    def days(self) -> tuple[dt.date, ...]:
        """All of these days, in order."""
        return tuple(sorted({day for days in self.batches.values() for day in days}))


def packed(frame: pd.DataFrame) -> bytes:
    """A frame of numbers and texts as bytes, the same for the same frame."""
    columns = {name: frame[name].to_numpy() for name in frame}
    arrays = {name: one.astype(np.str_) if one.dtype.kind not in "iuf" else one for name, one in columns.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def unpacked(content: bytes) -> pd.DataFrame:
    """The frame that :func:`packed` made bytes of."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        found: Mapping[str, np.ndarray] = {name: arrays[name] for name in arrays.files}
    return pd.DataFrame({name: one.astype(object) if one.dtype.kind == "U" else one for name, one in found.items()})


def canonical(points: pd.DataFrame) -> pd.DataFrame:
    """Points in one order, each once: the same for the same points, however often and in whatever order they come."""
    values = points[list(POINT_COLUMNS)].to_numpy(np.float64)
    values = values[np.lexsort(values.T[::-1])]
    shown = np.where(np.isnan(values), -np.inf, values)
    new = np.append(True, (shown[1:] != shown[:-1]).any(axis=1))[: len(values)]
    return pd.DataFrame(values[new], columns=list(POINT_COLUMNS))


def digest_of_points(points: pd.DataFrame) -> str:
    """SHA-256 of points, whatever the order they come in and however often."""
    values = canonical(points).to_numpy(np.float64)
    return hashlib.sha256(np.where(np.isnan(values), -np.inf, values).tobytes()).hexdigest()


def alone_with_patrols(session: Session) -> None:
    """Have nobody else store days until the transaction ends, so that positions are read in the order they are given.

    On SQLite a writer is alone from its beginning.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PATROL_LOCK})


def keep_batch(session: Session, carrier: str, points: pd.DataFrame, sent_by: str, now: dt.datetime) -> int:
    """Keep points of a carrier (columns :data:`POINT_COLUMNS`, at least one), those that are not there; how many.

    Two who keep the same points at the same time may keep both; whoever reads them reads each once.
    """
    points = canonical(points)
    begin, end = (_instant(points["t"].iloc[place]) for place in (0, -1))
    points = _without(points, points_between(session, carrier, begin, end + dt.timedelta(seconds=1)))
    if not len(points):
        return 0
    begin_s, end_s = points["t"].iloc[0], points["t"].iloc[-1]
    given = {
        "carrier": carrier, "digest": digest_of_points(points), "begins_at": _instant(begin_s),
        "ends_at": _instant(end_s), "points": len(points), "content": packed(points), "pending": True,
        "sent_by": sent_by, "received_at": now,
    }  # fmt: skip
    written = inserting(session.get_bind().dialect.name, TrackBatch).values(**given)
    new = session.scalar(written.on_conflict_do_nothing().returning(_batch.c.id)) is not None
    return len(points) * new


def _without(points: pd.DataFrame, there: pd.DataFrame) -> pd.DataFrame:
    """Canonical points but for those that are among others."""
    known = set(there.fillna(-1.0).itertuples(index=False, name=None))
    new = [one not in known for one in points.fillna(-1.0).itertuples(index=False, name=None)]
    return points[np.array(new, dtype=bool)]


def batches_between(session: Session, carrier: str, begin: dt.datetime, end: dt.datetime) -> tuple[int, ...]:
    """Numbers of the batches that may have points of a carrier in a span of time."""
    chosen = select(_batch.c.id).where(_touching(carrier, begin, end)).order_by(_batch.c.id)
    return tuple(session.scalars(chosen))


def points_between(session: Session, carrier: str, begin: dt.datetime, end: dt.datetime) -> pd.DataFrame:
    """The points of a carrier from ``begin`` up to but not including ``end``, canonical."""
    kept = session.scalars(select(_batch.c.content).where(_touching(carrier, begin, end)).order_by(_batch.c.id))
    frames = [unpacked(content) for content in kept]
    if not frames:
        return pd.DataFrame(columns=list(POINT_COLUMNS), dtype=float)
    points = canonical(pd.concat(frames, ignore_index=True))
    within = (points["t"] >= begin.timestamp()) & (points["t"] < end.timestamp())
    return points[within].reset_index(drop=True)


def is_pending(session: Session) -> bool:
    """Whether a batch is still to be matched."""
    return session.scalar(select(_batch.c.id).where(_batch.c.pending).limit(1)) is not None


def waiting(session: Session, zone: ZoneInfo, since: dt.datetime | None = None) -> list[Waiting]:
    """What is still to be matched, by carrier; or, where an instant is given, all that has points from then on.

    A batch changes the days that its points are of, and the day beside where they are near to midnight.
    """
    chosen = _batch.c.pending if since is None else _batch.c.ends_at >= since
    columns = (_batch.c.id, _batch.c.carrier, _batch.c.begins_at, _batch.c.ends_at)
    rows = session.execute(select(*columns).where(chosen).order_by(_batch.c.carrier, _batch.c.id)).all()
    found: dict[str, dict[int, tuple[dt.date, ...]]] = {}
    margin = dt.timedelta(seconds=MARGIN_S)
    for row in rows:
        first, last = (one.astimezone(zone).date() for one in (row.begins_at - margin, row.ends_at + margin))
        days = tuple(first + _DAY * n for n in range((last - first).days + 1))
        found.setdefault(row.carrier, {})[row.id] = days
    return [Waiting(carrier, batches) for carrier, batches in found.items()]


def body_of(session: Session, carrier: str) -> str | None:
    """Code of the party that a carrier belongs to."""
    return session.scalar(select(UserAccount.organisation).where(UserAccount.name == carrier))


def settle(session: Session, batches: Collection[int]) -> None:
    """Say of batches that their days are matched, in the transaction that stores these."""
    session.execute(update(_batch).where(among(session, _batch.c.id, list(batches))).values(pending=False))


def put_day(session: Session, row: DayRow, now: dt.datetime) -> bool:
    """Store a day, or put it in the place of what was stored of it; whether that changed anything.

    The party of a day that is there stays: carriers who change theirs do not take their old days along.
    Call :func:`alone_with_patrols` first.
    """
    given = {
        "carrier": row.carrier, "day": row.day, "body": row.body, "version": row.version, "points": row.points,
        "used": row.used, "dropped": row.dropped, "fault": row.fault, "walked_m": row.walked_m,
        "passes": packed(row.passes),
    }  # fmt: skip
    stored = select(_day).where(_day.c.carrier == row.carrier, _day.c.day == row.day)
    before = session.execute(stored).mappings().one_or_none()
    if before is not None:
        given["body"] = before["body"]
    if before is not None and all(before[name] == value for name, value in given.items()):
        return False
    given |= {"position": last_position(session) + 1, "matched_at": now}
    written = inserting(session.get_bind().dialect.name, PatrolDay).values(**given)
    session.execute(written.on_conflict_do_update(index_elements=["carrier", "day"], set_=given))
    return True


def last_position(session: Session) -> int:
    """Position of the day that was stored last, 0 where there is none."""
    return int(session.scalar(select(func.max(_day.c.position))) or 0)


def day_of(session: Session, carrier: str, day: dt.date) -> dict[str, Any] | None:
    """What is stored of a carrier's day, ``passes`` as a frame."""
    found = session.execute(select(_day).where(_day.c.carrier == carrier, _day.c.day == day)).mappings().one_or_none()
    return None if found is None else {**found, "passes": _passes(found["passes"])}


def find_days(
    session: Session, carrier: str | None, since: dt.date | None, until: dt.date | None,
    after: tuple[dt.date, int] | None, limit: int,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Days, newest first, as :func:`day_of` tells them, each unpacked when its turn comes.

    Parameters
    ----------
    carrier
        Of whom; ``None`` for all.
    since, until
        First and last day.
    after
        Day and id of the last one of the page before.
    """
    chosen = select(_day).order_by(_day.c.day.desc(), _day.c.id.desc()).limit(limit)
    if carrier is not None:
        chosen = chosen.where(_day.c.carrier == carrier)
    if since is not None:
        chosen = chosen.where(_day.c.day >= since)
    if until is not None:
        chosen = chosen.where(_day.c.day <= until)
    if after is not None:
        day, number = after
        chosen = chosen.where(or_(_day.c.day < day, and_(_day.c.day == day, _day.c.id < number)))
    rows = session.execute(chosen).mappings()
    return ({**row, "passes": _passes(row["passes"])} for row in rows)


def day_row(row: Mapping[str, Any]) -> DayRow:
    """A stored day from its columns."""
    plain = {name: row[name] for name in DayRow.__dataclass_fields__ if name != "passes"}
    return DayRow(**plain, passes=_passes(row["passes"]))


def is_old(session: Session, before: dt.datetime) -> bool:
    """Whether there are points that are to go; see :func:`forget_tracks`."""
    return session.scalar(select(_batch.c.id).where(_batch.c.ends_at < before).limit(1)) is not None


def forget_tracks(session: Session, before: dt.datetime) -> int:
    """Drop points from before an instant, whole batches; how many batches. What was passed stays."""
    gone = session.scalars(delete(_batch).where(_batch.c.ends_at < before).returning(_batch.c.id))
    return len(gone.all())


def _passes(content: bytes) -> pd.DataFrame:
    """Stored passes; of a day matched before sides were told none is."""
    passes = unpacked(content)
    return passes if "side" in passes else passes.assign(side=np.int8(0))


def _touching(carrier: str, begin: dt.datetime, end: dt.datetime) -> ColumnElement[bool]:
    return and_(_batch.c.carrier == carrier, _batch.c.begins_at < end, _batch.c.ends_at >= begin)


def _instant(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(float(seconds), dt.UTC)

"""Hot spots as they were found on a day, kept so that later days can tell how good they were."""

import datetime as dt
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Index, LargeBinary, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from layers.base import Base, BigId, Instant, Json
from layers.bulk import inserting
from layers.frames import table_of

KEPT_DAYS = 400
"""Older ones go: a day can be compared with the same one of the year before."""
SHORT = ("id", "day", "method", "support", "per", "made_at", "facts", "told")


class HotspotSnapshot(Base):
    """The answer of one method on one local day."""

    __tablename__ = "hotspot_snapshot"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[dt.date]
    """The last local day whose reports it knows."""
    method: Mapped[str]
    """One of :data:`gis_core.hotspots.methods.METHODS`."""
    support: Mapped[str]
    per: Mapped[str]
    """What counts are compared with."""
    made_at: Mapped[dt.datetime] = mapped_column(Instant)
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What it was asked, and what is said of the whole answer."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """The features, GeoJSON, gzip."""
    told: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """How good it was, once that is known."""

    __table_args__ = (Index("uq_hotspot_snapshot", "day", "method", "support", "per", unique=True),)


_kept = table_of(HotspotSnapshot)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The columns of :class:`HotspotSnapshot`, the body read; ``id`` is 0 of one that is still to be stored."""

    day: dt.date
    method: str
    support: str
    per: str
    made_at: dt.datetime
    facts: Mapping[str, Any]
    told: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    id: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """Method, support and what counts are compared with."""
        return self.method, self.support, self.per

    @property
    def fault(self) -> Mapping[str, Any] | None:
        """Why there is none: key of a text and its parameters."""
        found: Mapping[str, Any] | None = self.facts.get("fault")
        return found


def put_snapshot(session: Session, one: Snapshot) -> bool:
    """Store a snapshot that is not there; whether it was stored.

    What is there stays, but for one that came to nothing: it makes way for one that did not.
    """
    named = select(_kept.c.id, _kept.c.facts).where(*_named(one.day, *one.key))
    stored = session.execute(named).one_or_none()
    if stored is not None and "fault" in stored.facts and one.fault is None:
        session.execute(delete(_kept).where(_kept.c.id == stored.id))
    given = {
        "day": one.day, "method": one.method, "support": one.support, "per": one.per, "made_at": one.made_at,
        "facts": dict(one.facts), "body": packed(one.body or {}),
    }  # fmt: skip
    written = inserting(session.get_bind().dialect.name, HotspotSnapshot).values(**given)
    return session.scalar(written.on_conflict_do_nothing().returning(_kept.c.id)) is not None


def packed(document: Mapping[str, Any]) -> bytes:
    """A document as bytes, the same for the same document."""
    written = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return gzip.compress(written.encode(), mtime=0)


def snapshots_on(session: Session, day: dt.date) -> list[Snapshot]:
    """All of a day, without their bodies."""
    return _listed(session, _kept.c.day == day)


def snapshots_of(
    session: Session, method: str | None = None, *, first: dt.date | None = None, last: dt.date | None = None,
    limit: int,
) -> list[Snapshot]:  # fmt: skip
    """Snapshots without their bodies, newest day first, of some days or one method."""
    conditions = [] if method is None else [_kept.c.method == method]
    conditions += [] if first is None else [_kept.c.day >= first]
    conditions += [] if last is None else [_kept.c.day <= last]
    return _listed(session, *conditions, limit=limit)


def snapshot_of(session: Session, day: dt.date, method: str, support: str, per: str) -> Snapshot | None:
    """One snapshot with its body."""
    found = session.execute(select(_kept).where(*_named(day, method, support, per))).mappings().one_or_none()
    if found is None:
        return None
    return Snapshot(**{**found, "body": json.loads(gzip.decompress(found["body"]))})


def newest_day(session: Session, method: str | None = None, before: dt.date | None = None) -> dt.date | None:
    """The newest day that there is a snapshot of, of a method or before a day."""
    chosen = select(func.max(_kept.c.day))
    if method is not None:
        chosen = chosen.where(_kept.c.method == method)
    if before is not None:
        chosen = chosen.where(_kept.c.day < before)
    return session.scalar(chosen)


def oldest_day(session: Session) -> dt.date | None:
    """The oldest day that there is a snapshot of."""
    return session.scalar(select(func.min(_kept.c.day)))


def untold(session: Session, method: str, last: dt.date) -> list[Snapshot]:
    """Snapshots of a method up to a day of which nobody has said how good they were, oldest first, without bodies."""
    found = _listed(session, _kept.c.method == method, _kept.c.day <= last, _kept.c.told.is_(None))
    return [one for one in found[::-1] if one.fault is None]


def note_told(session: Session, number: int, told: Mapping[str, Any]) -> None:
    """Say how good a snapshot was."""
    session.execute(update(_kept).where(_kept.c.id == number).values(told=dict(told)))


def forget_snapshots(session: Session, before: dt.date) -> int:
    """Drop the snapshots of days before one; how many."""
    gone = session.scalars(delete(_kept).where(_kept.c.day < before).returning(_kept.c.id))
    return len(gone.all())


def _listed(session: Session, *conditions: Any, limit: int | None = None) -> list[Snapshot]:
    newest = (_kept.c.day.desc(), _kept.c.method, _kept.c.support, _kept.c.per)
    chosen = select(*(_kept.c[name] for name in SHORT)).where(*conditions).order_by(*newest).limit(limit)
    return [Snapshot(**row) for row in session.execute(chosen).mappings()]


def _named(day: dt.date, method: str, support: str, per: str) -> tuple[Any, ...]:
    return _kept.c.day == day, _kept.c.method == method, _kept.c.support == support, _kept.c.per == per

"""Check-ins at places, read and written."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from gis_core.patrol.stays import LONGEST, Stay
from layers.base import Instant
from layers.bulk import among, inserting
from layers.frames import read_frame, table_of
from layers.people import UserAccount
from layers.tracks import CheckIn

BY_CODE, BY_FENCE = "qr", "geofence"
TOLD = ("id", "place", "carrier", "body", "by", "arrived_at", "left_at")
_row, _account = table_of(CheckIn), table_of(UserAccount)


def check_ins(
    session: Session, since: dt.datetime, until: dt.datetime, places: Collection[str] | None = None
) -> pd.DataFrame:
    """Check-ins that begin in a time, half-open, at some places or all, in order of time: :data:`TOLD`."""
    chosen = select(_row.c.id).where(_row.c.arrived_at >= since, _row.c.arrived_at < until)
    if places is not None:
        chosen = chosen.where(among(session, _row.c.place, sorted(places)))
    return read_frame(session, CheckIn, chosen.order_by(_row.c.arrived_at, _row.c.id), TOLD)


def put_check_ins(session: Session, rows: Sequence[dict[str, Any]], now: dt.datetime) -> None:
    """Store check-ins; those that are there already (same carrier, place and ``arrived_at``) change nothing.

    Parameters
    ----------
    rows
        Each ``place``, ``carrier``, ``body``, ``by`` (:data:`BY_CODE` or :data:`BY_FENCE`), ``arrived_at`` and
        ``left_at``; nothing is checked.
    """
    if rows:
        kept = inserting(session.get_bind().dialect.name, CheckIn).on_conflict_do_nothing()
        session.execute(kept, [{**row, "received_at": now} for row in rows])


def alone_with_carrier(session: Session, carrier: str) -> None:
    """Let whatever else comes from the same person wait until this transaction ends."""
    session.execute(select(_account.c.id).where(_account.c.name == carrier).with_for_update())


def stay_of(
    session: Session, carrier: str, place: str, at: dt.datetime, by: str | None = None
) -> dict[str, Any] | None:
    """The stay of a person at a place that begins or ends at an instant: :data:`TOLD`."""
    mine = _of(carrier, place, by)
    chosen = select(*(_row.c[name] for name in TOLD)).where(*mine, or_(_row.c.arrived_at == at, _row.c.left_at == at))
    found = session.execute(chosen.order_by(_row.c.arrived_at.desc()).limit(1)).mappings().one_or_none()
    return None if found is None else dict(found)


def open_stay(session: Session, carrier: str, place: str, now: dt.datetime) -> dt.datetime | None:
    """When a person came to a place who has not left it yet, by the code there."""
    mine = (*_of(carrier, place, BY_CODE), _row.c.arrived_at.between(now - LONGEST, now))
    chosen = select(_row.c.arrived_at, _row.c.left_at).where(*mine).order_by(_row.c.arrived_at.desc()).limit(1)
    found = session.execute(chosen).one_or_none()
    return None if found is None or found.left_at is not None else found.arrived_at


def stays_near(session: Session, carrier: str, place: str, at: dt.datetime) -> list[Stay]:
    """The stays of a person at a place, by the code there, that one more coming or going can change."""
    near = _row.c.arrived_at.between(at - LONGEST, at + LONGEST)
    found = session.execute(select(_row.c.arrived_at, _row.c.left_at).where(*_of(carrier, place, BY_CODE), near))
    return [(row.arrived_at, row.left_at) for row in found]


def change_stays(
    session: Session, said: dict[str, Any], before: Collection[Stay], after: Collection[Stay], now: dt.datetime
) -> None:
    """Put stays by the code of a place in the room of others.

    Parameters
    ----------
    said
        ``place``, ``carrier`` and ``body`` of those that are new.
    """
    mine = _of(said["carrier"], said["place"], BY_CODE)
    former, wanted = dict(before), dict(after)
    for begun in former.keys() - wanted.keys():
        session.execute(delete(_row).where(*mine, _row.c.arrived_at == begun))
    for begun, ended in wanted.items():
        if begun not in former:
            put_check_ins(session, [{**said, "by": BY_CODE, "arrived_at": begun, "left_at": ended}], now)
        elif former[begun] != ended:
            session.execute(update(_row).where(*mine, _row.c.arrived_at == begun).values(left_at=ended))


def elsewhere(
    session: Session, carrier: str, place: str, begun: dt.datetime, ended: dt.datetime
) -> dict[str, Any] | None:
    """A stay of a person at another place that overlaps a time; who has not told that they left was there only when
    they came.
    """
    until = func.coalesce(_row.c.left_at, _row.c.arrived_at, type_=Instant)
    chosen = select(*(_row.c[name] for name in TOLD)).where(
        _row.c.carrier == carrier,
        _row.c.place != place,
        _row.c.arrived_at >= begun - LONGEST,
        _row.c.arrived_at < ended,
    )
    found = session.execute(chosen.where(until > begun).limit(1)).mappings().one_or_none()
    return None if found is None else dict(found)


def _of(carrier: str, place: str, by: str | None) -> tuple[Any, ...]:
    mine = and_(_row.c.carrier == carrier, _row.c.place == place)
    return (mine,) if by is None else (mine, _row.c.by == by)

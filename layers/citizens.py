"""What concerns citizens: who reported an issue, kept apart and erasable, and which issues the public may see."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Select, delete, func, insert, select

from gis_core.crs import to_lonlat
from gis_core.errors import NotFound
from layers.bulk import inserting
from layers.finding import Wanted
from layers.frames import table_of
from layers.issues import Issue, Publication
from layers.people import ReporterContact
from layers.store import Store
from layers.suspecting import forget_reporter
from layers.validity import midnight

CELL_M = 200.0
"""Side of the fixed cells of the city's metric CRS in whose middle the public sees an issue."""


@dataclass(frozen=True)
class Contact:
    """Name and telephone number of a reporter; one of them may be missing."""

    name: str | None
    phone: str | None


def number_of(store: Store, code: str) -> int:
    """The id of the issue in scope of a case number.

    Raises
    ------
    NotFound
        When there is none.
    """
    number = store.session.scalar(store.bounded("issues", table_of(Issue).c.code == code))
    if number is None:
        raise NotFound("issue_missing", value=code)
    return number


def keep_contact(store: Store, code: str, contact: Contact, now: dt.datetime) -> None:
    """Keep whom to ask back about an issue."""
    given = {"issue_id": number_of(store, code), "name": contact.name, "phone": contact.phone, "given_at": now}
    store.session.execute(insert(table_of(ReporterContact)).values(given))


def contact_of(store: Store, code: str) -> Contact | None:
    """Whom to ask back about an issue in scope, if it is known."""
    found = store.session.get(ReporterContact, number_of(store, code))
    return None if found is None else Contact(found.name, found.phone)


def erase_contact(store: Store, code: str) -> bool:
    """Forget who reported an issue in scope, and what was noted because of that; whether it was known."""
    table, number = table_of(ReporterContact), number_of(store, code)
    erased = store.session.execute(delete(table).where(table.c.issue_id == number).returning(table.c.issue_id))
    known = erased.one_or_none() is not None
    # Whoever notes a pair holds the row until it can be read here.
    forget_reporter(store.session, number)
    return known


def publish(store: Store, code: str, now: dt.datetime) -> None:
    """Let the public see an issue in scope; one they see already stays as it is."""
    # Somebody else may publish it at this moment.
    seen = inserting(store.session.get_bind().dialect.name, Publication)
    seen = seen.values(issue_id=number_of(store, code), published_at=now)
    store.session.execute(seen.on_conflict_do_nothing())


def withdraw(store: Store, code: str) -> None:
    """Let the public see an issue in scope no more."""
    table = table_of(Publication)
    store.session.execute(delete(table).where(table.c.issue_id == number_of(store, code)))


def published(store: Store, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """What the public sees, newest first: ``id``, ``scheme``, ``kind``, ``category``, ``status``, ``day`` of report in
    the city, and ``lon``, ``lat`` of the middle of the cell it lies in.

    Parameters
    ----------
    before
        Only issues with a smaller id.
    """
    table = table_of(Issue)
    narrowed = [] if before is None else [table.c.id < before]
    rows = _seen(store, select(table.c.id).where(*narrowed).order_by(table.c.id.desc()).limit(limit))
    for row in rows:
        row["day"] = row.pop("reported_at").astimezone(store.city.zone).date()
    return rows


def published_requests(store: Store, wanted: Wanted, limit: int, offset: int) -> list[dict[str, Any]]:
    """The same in the order and by the questions of lists: ``code`` is the id, ``reported_at`` the day's beginning.

    Times asked for count by their days in the city: by halving them nobody finds out the minute of a report.
    """
    table, zone = table_of(Issue), store.city.zone
    asked = wanted.codes or ()
    codes = [table.c.id.in_([int(one) for one in asked if one.isascii() and one.isdigit() and len(one) < 19])]
    last = wanted.until and wanted.until - dt.timedelta(microseconds=1)
    asked_for = replace(
        wanted,
        codes=None,
        since=wanted.since and midnight(wanted.since, zone),
        until=last and midnight(last, zone, days=1),
        changed_since=wanted.changed_since and midnight(wanted.changed_since, zone),
    )
    narrowed = asked_for.conditions() + (codes if wanted.codes is not None else [])
    ordered = select(table.c.id).where(*narrowed).order_by(table.c.reported_at.desc(), table.c.id.desc())
    rows = _seen(store, ordered.limit(limit).offset(offset or None))
    for row in rows:
        row.update(code=row["id"], reported_at=midnight(row["reported_at"], zone))
    return rows


def _seen(store: Store, chosen: Select[Any]) -> list[dict[str, Any]]:
    table, shown = table_of(Issue), table_of(Publication)
    named = ("id", "scheme", "kind", "category", "status", "reported_at")
    # The position is rounded where it is read: nothing finer leaves the database.
    cells = [(func.floor(table.c[axis] / CELL_M) * CELL_M + CELL_M / 2).label(axis) for axis in ("x", "y")]
    columns = (*(table.c[name] for name in named), *cells)
    found = chosen.with_only_columns(*columns).join(shown, shown.c.issue_id == table.c.id)
    rows = [dict(row) for row in store.session.execute(found).mappings()]
    middles = to_lonlat(np.array([[row.pop("x"), row.pop("y")] for row in rows]).reshape(-1, 2), store.city.metric_srid)
    for row, (lon, lat) in zip(rows, middles.tolist(), strict=True):
        row.update(lon=round(lon, 5), lat=round(lat, 5))
    return rows

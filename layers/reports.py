"""One report stored: numbered, with its events and counts; on PostgreSQL by one statement, made once."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    Date,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from gis_core.city import City
from gis_core.errors import Conflict
from gis_core.lattice import mark_of, place_numbers, shift_of
from layers.base import Instant
from layers.batches import BATCH, batch_of
from layers.bulk import inserting
from layers.cases import SEQUENCE_DIGITS, next_numbers
from layers.frames import table_of
from layers.issues import CaseEvent, EventBatch, Issue
from layers.lattice import FOLDED_EVERY, GRIDS, LEVELS, LatticeAdded, count_one, fold_in
from layers.reference import CaseNumber

_issue, _event, _batch, _added = table_of(Issue), table_of(CaseEvent), table_of(EventBatch), table_of(LatticeAdded)
_SAME = select(_issue.c.code, _issue.c.extra).where(
    _issue.c.source == bindparam("of"), _issue.c.external_id == bindparam("by")
)
_NEW_EVENTS = insert(_event)
_NAMES = [column.name for column in _issue.columns]


class Overtaken(Exception):
    """Somebody else has just stored the same issue."""


def add_report(session: Session, city: City, issue: Mapping[str, Any], now: dt.datetime) -> tuple[str, bool]:
    """Store one assigned issue with its events.

    Parameters
    ----------
    issue
        The issue's columns by name with the answer's, ``geometry``, and ``extra`` with the ``request`` it came by:
        a digest of what was said, so that the same request is known when it comes again.

    Returns
    -------
    code, new
        The case number, and whether it is a new one.

    Raises
    ------
    Conflict
        When another request came under its (source, external id).
    Overtaken
        When the same one is being stored by somebody else at this moment: begin again.
    """
    connection = session.connection()
    stored = connection.execute(_SAME, {"of": issue["source"], "by": issue["external_id"]}).one_or_none()
    if stored is not None:
        if stored.extra.get("request") != issue["extra"]["request"]:
            raise Conflict("key_reused", field="Idempotency-Key", value=issue["external_id"])
        return stored.code, False
    (place,) = place_numbers(np.array([[issue["geometry"].x, issue["geometry"].y]])).tolist()
    given = {name: issue[name] for name in _NAMES if name in issue}
    given |= {"status": "open", "as_of": issue["reported_at"], "geom": issue["geometry"], "place_number": place}
    day = issue["reported_at"].astimezone(city.zone).date()
    together = connection.dialect.name == "postgresql"
    number, code = (_at_once if together else _in_turn)(session, given, issue["area"], day, now)
    if number % FOLDED_EVERY == 0:
        fold_in(session)
    return code, True


def is_stored(session: Session, source: str, external_id: str) -> bool:
    """Whether something came under a (source, external id)."""
    return bool(session.connection().execute(_SAME, {"of": source, "by": external_id}).all())


def _in_turn(session: Session, given: dict[str, Any], area: str, day: dt.date, now: dt.datetime) -> tuple[int, str]:
    """Write table after table: there is one writer, and nothing in between."""
    connection = session.connection()
    last = connection.execute(_NUMBER, {"area": area, "day": day, "last": 1}).one().last
    code = f"{area}{day:%Y%m%d}{last:0{SEQUENCE_DIGITS}}"
    number = connection.execute(_NEW_ISSUE, {**given, "code": code}).scalar_one()
    happened = {"issue_id": number, "batch": batch_of(session), "version": None, "revision": None}
    state = {"version": given["version"], "revision": given["revision"]}
    events = [
        {**happened, "type": "reported", "at": given["reported_at"]},
        {**happened, "type": "assigned", "at": now, **state},
    ]
    connection.execute(_NEW_EVENTS, events)
    count_one(session, given["place_number"], given)
    return number, code


_NUMBER = next_numbers(inserting("sqlite", CaseNumber))
_NEW_ISSUE = insert(_issue).returning(_issue.c.id)


def _at_once(session: Session, given: dict[str, Any], area: str, day: dt.date, now: dt.datetime) -> tuple[int, str]:
    statement = _everything(tuple(given), BATCH in session.info)
    said = {**given, "case_area": area, "case_day": day, "now": now, "batch": session.info.get(BATCH)}
    stored = session.connection().execute(statement, said).one_or_none()
    if stored is None:
        raise Overtaken
    session.info[BATCH] = stored.batch
    return stored.id, stored.code


@lru_cache(8)
def _everything(names: tuple[str, ...], begun: bool) -> Select[Any]:
    """The statement for an issue with some columns, in a transaction whose batch has begun or begins with it.

    Its parts see the tables as they were before it, and each other only by what they return.
    """
    said = {name: bindparam(name, type_=_issue.c[name].type) for name in names}
    area, day = bindparam("case_area", type_=String), bindparam("case_day", type_=Date)
    number = next_numbers(inserting("postgresql", CaseNumber).values(area=area, day=day, last=1)).cte("number")
    digits = cast(number.c.last, String)
    padded = func.lpad(digits, func.greatest(SEQUENCE_DIGITS, func.length(digits)), "0")
    code = area.concat(func.to_char(day, "YYYYMMDD")).concat(padded)
    row = inserting("postgresql", Issue).from_select(["code", *names], select(code, *said.values()).select_from(number))
    row = row.on_conflict_do_nothing(index_elements=["source", "external_id"])
    stored = row.returning(_issue.c.id, _issue.c.code).cte("stored")
    new = insert(_batch).values(position=None).returning(_batch.c.id).cte("batch")
    batch = select(bindparam("batch", type_=BigInteger).label("id")).cte("batch") if begun else new
    events = _events(stored, batch, said).cte("events")
    counts = _counts(stored, said).cte("counts")
    made = select(stored.c.id, stored.c.code, batch.c.id.label("batch")).join_from(stored, batch, true())
    return made.add_cte(events, counts)


def _events(stored: Any, batch: Any, said: Mapping[str, Any]) -> Any:
    happened = _table([("reported", 0), ("assigned", 1)], ("type", "place"))
    assigned = happened.c.type == "assigned"
    at = case((assigned, bindparam("now", type_=Instant)), else_=said["reported_at"])
    state = [case((assigned, said[name])) for name in ("version", "revision")]
    rows = select(stored.c.id, batch.c.id, happened.c.type, at, *state).select_from(stored)
    rows = rows.join(batch, true()).join(happened, true()).order_by(happened.c.place)
    return insert(_event).from_select(["issue_id", "batch", "type", "at", "version", "revision"], rows)


def _counts(stored: Any, said: Mapping[str, Any]) -> Any:
    levels = _table([(mark_of(level), shift_of(level)) for level in LEVELS], ("mark", "shift"))
    cell = levels.c.mark.bitwise_or(cast(said["place_number"], BigInteger).bitwise_rshift(levels.c.shift))
    grids = [func.coalesce(said[name], "") for name in GRIDS]
    rows = select(cell, *grids, literal(1), literal(1)).join_from(stored, levels, true())
    return insert(_added).from_select(["cell", *GRIDS, "count", "open"], rows)


def _table(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> Any:
    """A table of constants. SQLAlchemy would put a statement with ``VALUES`` together anew each time."""
    parts = [select(*(literal(value).label(name) for value, name in zip(row, names, strict=True))) for row in rows]
    return union_all(*parts).cte()

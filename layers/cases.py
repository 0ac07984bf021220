"""Issues and their events: numbered, stored once, re-assigned with their past kept."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    bindparam,
    case,
    column,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    update,
    values,
)
from sqlalchemy.orm import Session

from gis_core.answers import ANSWER
from gis_core.arrays import lonlat_of
from gis_core.city import City
from gis_core.lattice import place_numbers
from gis_core.validity import local_days
from layers.base import Instant
from layers.batches import batch_of
from layers.bulk import among, blocks, insert_rows, inserting, new_ids
from layers.frames import point_wkb, table_of, typed
from layers.issues import CaseEvent, Issue
from layers.lattice import FOLDED_EVERY, count_issues, fold_in
from layers.reference import CaseNumber

KEPT = tuple(name for name in ANSWER if name != "area")
"""The answer's columns in the issue table."""
SAID = ("raw_x", "raw_y", "scheme", "kind", "category", "reported_at")
"""What makes an issue this issue: another report under its id may add to it, but not contradict these."""
SEQUENCE_DIGITS = 5
_AT_FIRST = [("reported", 0), ("assigned", 1), ("closed", 2)]
"""What may have happened to an issue that comes in, in this order."""


def add_issues(session: Session, city: City, answers: pd.DataFrame, now: dt.datetime) -> int:
    """Store assigned issues with their events; those already there by (source, external id) stay as they are.

    Parameters
    ----------
    answers
        Screened issues with the columns of :data:`gis_core.answers.ANSWER`.

    Returns
    -------
    stored
        How many were new.
    """
    fresh = answers[~(answers.duplicated(["source", "external_id"]).to_numpy() | _known(session, answers))]
    if not len(fresh):
        return 0
    ids = new_ids(session, table_of(Issue), len(fresh))
    given: dict[str, Any] = {
        "id": pa.array(ids, pa.int64()),
        "code": _case_numbers(session, city, fresh),
        "geom": point_wkb(lonlat_of(fresh)),
        "place_number": pa.array(place_numbers(lonlat_of(fresh))),
        "status": pa.array(np.where(_closed_at(fresh).isna(), "open", "closed")),
    }
    fresh = fresh.assign(as_of=fresh["reported_at"])
    insert_rows(session, table_of(Issue), typed(fresh, table_of(Issue), given))
    _insert_first_events(session, ids, now)
    count_issues(session, ids)
    if len(fresh) >= FOLDED_EVERY:
        fold_in(session)
    return len(fresh)


def contradicting(session: Session, issues: pd.DataFrame) -> "np.typing.NDArray[np.bool_]":
    """Which issues say another place, time or category than the stored one of their source and external id."""
    table = table_of(Issue)
    wrong = np.zeros(len(issues), dtype=bool)
    for source, rows in issues.groupby("source").indices.items():
        said = issues.iloc[rows].assign(reported_at=lambda frame: frame["reported_at"].dt.floor("us"))
        query = select(table.c.external_id, *(table.c[name] for name in SAID)).where(table.c.source == source)
        found = session.execute(query.where(among(session, table.c.external_id, said["external_id"])))
        stored = {row[0]: tuple(row[1:]) for row in found}
        given = zip(*(said[name].tolist() for name in SAID), strict=True)
        wrong[rows] = [stored.get(key, one) != one for key, one in zip(said["external_id"], given, strict=True)]
    return wrong


def close_issues(session: Session, issues: pd.DataFrame) -> int:
    """Close the stored open issues that come again with a time of closing; closed ones stay as they are.

    Parameters
    ----------
    issues
        ``source``, ``external_id`` and ``closed_at``.

    Returns
    -------
    closed
        How many were closed.
    """
    ending = issues[_closed_at(issues).notna()].drop_duplicates(["source", "external_id"])
    table, closed = table_of(Issue), 0
    for source, rows in ending.groupby("source"):
        when = dict(zip(rows["external_id"], rows["closed_at"], strict=True))
        still_open = select(table.c.id, table.c.external_id).where(
            table.c.source == source, table.c.status == "open", among(session, table.c.external_id, list(when))
        )
        found = [(one.id, when[one.external_id].to_pydatetime()) for one in session.execute(still_open)]
        if found:
            _close(session, found)
            closed += len(found)
    return closed


def _close(session: Session, closings: list[tuple[int, dt.datetime]]) -> None:
    table = table_of(Issue)
    statement = update(table).where(table.c.id == bindparam("issue_id"))
    statement = statement.values(status="closed", closed_at=bindparam("at"))
    with _counted_anew(session, [one for one, _ in closings]):
        session.connection().execute(statement, [{"issue_id": one, "at": at} for one, at in closings])
    events = pd.DataFrame(closings, columns=["issue_id", "at"]).assign(type="closed")
    given = {"batch": batch_of(session)}
    insert_rows(session, table_of(CaseEvent), typed(events, table_of(CaseEvent), given))


def reassign(session: Session, issues: pd.DataFrame, answers: pd.DataFrame, now: dt.datetime) -> int:
    """Give stored issues new answers; the former ones are kept in their events.

    Parameters
    ----------
    issues
        Issues as stored.
    answers
        Their answers of today, on the same index.

    Returns
    -------
    changed
        How many got another answer.
    """
    compared = [name for name in KEPT if name not in ("version", "revision")]
    differs = np.column_stack([_differs(answers[name], issues[name]) for name in compared]).any(axis=1)
    if not differs.any():
        return 0
    table = table_of(Issue)
    ids = issues["id"][differs].tolist()
    names = ("id", "as_of", *KEPT)
    columns = typed(answers.loc[differs, list(KEPT)], table, {"id": ids, "as_of": now})
    former = typed(issues.loc[differs, list(KEPT)], table, {})
    statement = update(table).where(table.c.id == bindparam("issue_id"))
    statement = statement.values({name: bindparam(name) for name in names[1:]})
    rows = zip(*(columns[name].to_pylist() for name in names), strict=True)
    with _counted_anew(session, ids):
        session.connection().execute(statement, [dict(zip(("issue_id", *names[1:]), row, strict=True)) for row in rows])
    replaced = [
        {name: value for name, value in zip(KEPT, row, strict=True) if value is not None}
        for row in zip(*(former[name].to_pylist() for name in KEPT), strict=True)
    ]
    events = pd.DataFrame({"issue_id": ids, "type": "reassigned", "former": replaced})
    state = {name: columns[name].to_pylist() for name in ("version", "revision")}
    given = {"at": now, "batch": batch_of(session), **state}
    insert_rows(session, table_of(CaseEvent), typed(events, table_of(CaseEvent), given))
    return len(ids)


@contextmanager
def _counted_anew(session: Session, ids: list[int]) -> Iterator[None]:
    """Around a change of issues: counted out of the lattice as they were, and in as they are."""
    count_issues(session, ids, -1)
    yield
    count_issues(session, ids)
    if len(ids) >= FOLDED_EVERY:
        fold_in(session)


def _differs(new: pd.Series, former: pd.Series) -> "np.typing.NDArray[np.bool_]":
    """Which values differ; a missing one equals another missing one."""
    same = (new.to_numpy(object) == former.to_numpy(object)) | (new.isna().to_numpy() & former.isna().to_numpy())
    return ~same.astype(bool)


def _closed_at(issues: pd.DataFrame) -> pd.Series:
    return issues["closed_at"] if "closed_at" in issues else pd.Series(pd.NaT, index=issues.index)


def _known(session: Session, issues: pd.DataFrame) -> "np.typing.NDArray[np.bool_]":
    """Which issues are stored already. Two loads of one source take turns, so that neither stores the other's."""
    table = table_of(Issue)
    known = np.zeros(len(issues), dtype=bool)
    for source, rows in sorted(issues.groupby("source").indices.items()):
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:source))"), {"source": source})
        ids = issues["external_id"].iloc[rows]
        query = select(table.c.external_id).where(table.c.source == source, among(session, table.c.external_id, ids))
        known[rows] = ids.isin(session.scalars(query).all()).to_numpy()
    return known


def _case_numbers(session: Session, city: City, issues: pd.DataFrame) -> pa.Array:
    """Area + local date + sequence, the sequence in the order of the rows."""
    day = local_days(issues["reported_at"], city.zone)
    series = pd.DataFrame({"area": issues["area"].to_numpy(object), "day": day}).groupby(["area", "day"])
    which, count = series.ngroup().to_numpy(), series.size()
    areas, days = (count.index.get_level_values(name) for name in ("area", "day"))
    dates = pd.to_datetime(days, unit="D")
    last: list[int] = []
    for block in blocks(list(zip(areas, dates.date, count.tolist(), strict=True))):
        statement = inserting(session.get_bind().dialect.name, CaseNumber).values(block)
        taken = {(area, day): last for area, day, last in session.execute(next_numbers(statement))}
        last.extend(taken[area, day] for area, day, _ in block)
    number = (np.array(last) - count.to_numpy())[which] + series.cumcount().to_numpy() + 1
    begins = pa.array(areas + dates.strftime("%Y%m%d")).take(pa.array(which))
    padded = pc.utf8_lpad(pa.array(number).cast(pa.string()), SEQUENCE_DIGITS, "0")
    return pc.binary_join_element_wise(begins.cast(pa.string()), padded, "")


def next_numbers(statement: Any) -> Any:
    """An insertion of case numbers that adds to those taken already; rows of area, day and the last one taken."""
    table = table_of(CaseNumber)
    adding = {"last": table.c.last + statement.excluded.last}
    taken = statement.on_conflict_do_update(index_elements=["area", "day"], set_=adding)
    return taken.returning(table.c.area, table.c.day, table.c.last)


def _insert_first_events(session: Session, ids: list[int], now: dt.datetime) -> None:
    """Of stored issues: reported and assigned, and closed where they came in closed."""
    event, issue = table_of(CaseEvent).c, table_of(Issue).c
    happened = values(column("type", String), column("place", Integer), name="happened").data(_AT_FIRST).cte().c
    assigned = happened.type == "assigned"
    at = case((assigned, literal(now, Instant)), (happened.type == "closed", issue.closed_at), else_=issue.reported_at)
    state = (case((assigned, issue[name])) for name in ("version", "revision"))
    batch = literal(batch_of(session), BigInteger)
    said = select(issue.id, batch, happened.type, at, *state).join_from(issue.id.table, happened.type.table, true())
    said = said.where(among(session, issue.id, ids), or_(happened.type != "closed", issue.closed_at.is_not(None)))
    written = [event.issue_id, event.batch, event.type, event.at, event.version, event.revision]
    session.execute(insert(CaseEvent).from_select(written, said.order_by(issue.id, happened.place)))

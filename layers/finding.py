"""Stored things as people ask for them: issues by filter, near a place, in pages; rows of registers."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Integer, Select, and_, cast, false, func, or_, select, tuple_
from sqlalchemy.sql.functions import Function

from gis_core.answers import ANSWER, GRID_COLUMNS
from gis_core.crs import to_lonlat, to_metres
from gis_core.validity import local_days
from layers import TABLES
from layers.base import SRID
from layers.bulk import among
from layers.frames import table_of
from layers.issues import CaseEvent, Issue
from layers.reference import Category
from layers.scoping import ANSWERING
from layers.store import Store
from layers.versions import Revision

QUARTER_S = 900
SHOWN = (
    "id", "code", "status", "scheme", "kind", "category", "description", "address", "channel", "reported_at",
    "closed_at", "as_of", *(name for name in ANSWER if name != "area"),
)  # fmt: skip
"""Columns of an issue that are told: what was said, and who answers."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which issues are asked for; ``None`` asks for nothing in particular.

    Parameters
    ----------
    codes, statuses, categories
        One of several case numbers, statuses, or categories by scheme, kind and code.
    changed_since
        Something happened to it after then.
    grid
        Code of a cell of any level.
    party
        Code of a party with any part in the answer.
    since, until
        Reported from then on, and before then.
    after
        Time of report and id of the last issue of the page before.
    """

    codes: tuple[str, ...] | None = None
    status: str | None = None
    statuses: tuple[str, ...] | None = None
    categories: tuple[tuple[str, str, str], ...] | None = None
    changed_since: dt.datetime | None = None
    grid: str | None = None
    party: str | None = None
    kind: str | None = None
    category: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    after: tuple[dt.datetime, int] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What the rows of the issue table must fulfil."""
        table = table_of(Issue)
        found: list[ColumnElement[bool]] = [
            table.c[name] == value
            for name, value in (("status", self.status), ("kind", self.kind), ("category", self.category))
            if value is not None
        ]
        for name, several in (("code", self.codes), ("status", self.statuses)):
            if several is not None:
                found.append(table.c[name].in_(several))
        if self.categories is not None:
            found.append(tuple_(table.c.scheme, table.c.kind, table.c.category).in_(self.categories))
        if self.changed_since is not None:
            event = table_of(CaseEvent)
            found.append(table.c.id.in_(select(event.c.issue_id).where(event.c.at > self.changed_since)))
        if self.grid is not None:
            found.append(or_(*(table.c[name] == self.grid for name in GRID_COLUMNS)))
        if self.party is not None:
            found.append(or_(*(table.c[name] == self.party for name in ANSWERING)))
        if self.since is not None:
            found.append(table.c.reported_at >= self.since)
        if self.until is not None:
            found.append(table.c.reported_at < self.until)
        if self.after is not None:
            moment, number = self.after
            earlier = and_(table.c.reported_at == moment, table.c.id < number)
            # Said twice, so that an index of the time is enough to begin where the page begins.
            found += [table.c.reported_at <= moment, or_(table.c.reported_at < moment, earlier)]
        return found


def find_issues(store: Store, wanted: Wanted, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """Issues in scope, newest first: :data:`SHOWN` with ``lon`` and ``lat`` in degrees."""
    table = table_of(Issue)
    chosen = store.bounded("issues", *wanted.conditions())
    ordered = chosen.order_by(table.c.reported_at.desc(), table.c.id.desc())
    return _issues(store, ordered.limit(limit).offset(offset or None))


def issue_of(store: Store, code: str) -> dict[str, Any] | None:
    """The issue in scope of a case number, as :func:`find_issues` gives it."""
    return next(iter(_issues(store, store.bounded("issues", table_of(Issue).c.code == code))), None)


def issues_near(
    store: Store, lon: float, lat: float, radius_m: float, wanted: Wanted, limit: int
) -> list[dict[str, Any]]:
    """Issues in scope within ``radius_m`` of a place in degrees, nearest first, with ``distance_m``."""
    table = table_of(Issue)
    ((x, y),) = to_metres(np.array([[lon, lat]]), store.city.metric_srid).tolist()
    dx, dy = table.c.x - x, table.c.y - y
    square = dx * dx + dy * dy
    near: list[ColumnElement[bool]] = [
        table.c.x.between(x - radius_m, x + radius_m),
        table.c.y.between(y - radius_m, y + radius_m),
    ]
    if not np.isfinite([x, y]).all():
        # Half way round the Earth the city's CRS has no metres.
        near = [false()]
    elif store.is_postgis:
        near.append(table.c.geom.bool_op("&&")(_box(store.city.metric_srid, x, y, radius_m)))
    chosen = store.bounded("issues", *near, square <= radius_m**2, *wanted.conditions())
    found = _issues(store, chosen.order_by(square, table.c.id).limit(limit))
    return [{**row, "distance_m": hypot(row["x"] - x, row["y"] - y)} for row in found]


def violations_of(store: Store, since: dt.datetime, until: dt.datetime, strip: str | None = None) -> pd.DataFrame:
    """Issues in scope that a shop answers for by its front door, counted by strip, of one only if it is named; what
    lies inside painted lines that allow it is none.

    Returns
    -------
    violations
        ``frontage``, ``count`` and ``last`` (when the newest was reported), by frontage.
    """
    table = table_of(Issue)
    only = [] if strip is None else [table.c.frontage == strip]
    counted = store.bounded("issues", *_violations(since, until), *only).with_only_columns(
        table.c.frontage, func.count(), func.max(table.c.reported_at)
    )
    rows = store.session.execute(counted.group_by(table.c.frontage).order_by(table.c.frontage)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=["frontage", "count", "last"])


def violation_days(store: Store, since: dt.datetime, until: dt.datetime, strips: Sequence[str]) -> dict[str, int]:
    """On how many local days there were such violations before each of some strips."""
    table = table_of(Issue)
    chosen = store.bounded("issues", *_violations(since, until), among(store.session, table.c.frontage, strips))
    said = chosen.with_only_columns(table.c.frontage, _quarter(store, table.c.reported_at)).distinct()
    found = pd.DataFrame(store.session.execute(said).all(), columns=["frontage", "quarter"])
    instants = pd.to_datetime(found["quarter"].astype(np.int64) * QUARTER_S, unit="s", utc=True)
    days = pd.Series(local_days(instants, store.city.zone)).groupby(found["frontage"].to_numpy(object)).nunique()
    return {str(strip): int(count) for strip, count in days.items()}


def _quarter(store: Store, when: ColumnElement[Any]) -> ColumnElement[int]:
    """Quarters of an hour since 1970: no clock's day begins within one, and there are few in a window."""
    if store.is_postgis:
        return cast(func.floor(func.date_part("epoch", when) / QUARTER_S), BigInteger)
    # A fraction of a second would be rounded, and may be the last one of a day.
    return cast(func.strftime("%s", func.substr(when, 1, len("2026-07-01 00:00:00"))), Integer) // QUARTER_S


def _violations(since: dt.datetime, until: dt.datetime) -> list[ColumnElement[bool]]:
    table = table_of(Issue)
    return [
        table.c.rule == "front_door", table.c.reported_at >= since, table.c.reported_at < until,
        table.c.flags.not_like("%inside_lines%"),
    ]  # fmt: skip


def _box(srid: int, x: float, y: float, radius_m: float) -> Function[Any]:
    """A box in degrees around the circle; a little larger, since its sides are not straight in degrees."""
    reach = 1.01 * radius_m
    sides = np.array([[east, north] for east in (-reach, reach) for north in (-reach, reach)])
    corners = to_lonlat(np.array([x, y]) + sides, srid)
    (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return func.ST_MakeEnvelope(west, south, east, north, SRID)


def _issues(store: Store, chosen: Select[Any]) -> list[dict[str, Any]]:
    table = table_of(Issue)
    at = (func.ST_X(table.c.geom).label("lon"), func.ST_Y(table.c.geom).label("lat"))
    found = store.session.execute(chosen.with_only_columns(*(table.c[name] for name in SHOWN), *at))
    return [dict(row) for row in found.mappings()]


def events_of(store: Store, code: str) -> list[dict[str, Any]] | None:
    """What happened to an issue, in order; ``None`` when no issue in scope has that case number."""
    issue = table_of(Issue)
    number = store.session.scalar(store.bounded("issues", issue.c.code == code))
    if number is None:
        return None
    table = table_of(CaseEvent)
    columns = [table.c[name] for name in ("type", "at", "version", "revision", "former")]
    found = store.session.execute(select(*columns).where(table.c.issue_id == number).order_by(table.c.id))
    return [dict(row) for row in found.mappings()]


def last_events(store: Store, ids: Sequence[int]) -> dict[int, tuple[str, dt.datetime]]:
    """Type and instant of what happened last to each of some issues in scope, by their ids."""
    table = table_of(CaseEvent)
    newest = select(func.max(table.c.id)).where(among(store.session, table.c.issue_id, ids)).group_by(table.c.issue_id)
    found = store.session.execute(select(table.c.issue_id, table.c.type, table.c.at).where(table.c.id.in_(newest)))
    return {row.issue_id: (row.type, row.at) for row in found}


def categories_of(store: Store, codes: Collection[str]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Categories with some codes in every scheme, by scheme, kind and code: ``name`` and ``names``.

    As the newest revision said that knew them, so that what no longer holds still has its name.
    """
    table = table_of(Category)
    columns = [table.c[name] for name in ("scheme", "kind", "code", "name", "names")]
    chosen = store.bounded("categories", among(store.session, table.c.code, sorted(codes)))
    found = store.session.execute(chosen.with_only_columns(*columns).order_by(table.c.id)).mappings()
    return {(row["scheme"], row["kind"], row["code"]): dict(row) for row in found}


def revised_at(store: Store) -> dt.datetime | None:
    """When the reference data was last revised."""
    return store.session.scalar(select(func.max(table_of(Revision).c.created_at)))


def rows_of(
    store: Store, table: str, columns: Sequence[str], *conditions: Any, after: int = 0, limit: int | None = None
) -> list[dict[str, Any]]:
    """Rows of a territory layer or register in scope as the newest state sees them, by id, without their shapes.

    Parameters
    ----------
    columns
        Names in the database; ``id`` comes with them.
    after
        Only rows with a greater id.
    """
    model = table_of(TABLES[table])
    chosen = store.bounded(table, store.scope.seen(model, TABLES[table]), model.c.id > after, *conditions)
    wanted = [model.c[name] for name in ("id", *columns)]
    found = store.session.execute(chosen.with_only_columns(*wanted).order_by(model.c.id).limit(limit))
    return [dict(row) for row in found.mappings()]


def named_by(store: Store, table: str, codes: Collection[str]) -> dict[str, dict[str, Any]]:
    """The rows in scope of some codes, by code: ``name`` and ``names``."""
    chosen = among(store.session, table_of(TABLES[table]).c.code, sorted(codes))
    return {row["code"]: row for row in rows_of(store, table, ("code", "name", "names"), chosen)}


def seen_codes(store: Store, table: str, codes: Collection[str]) -> set[str]:
    """Which of some codes name a row in scope; of holders, what they hold."""
    column = "subject_code" if table == "holders" else "code"
    chosen = among(store.session, table_of(TABLES[table]).c[column], sorted(codes))
    return {row[column] for row in rows_of(store, table, (column,), chosen)}


def figures_of(store: Store, column: str, code: str) -> dict[str, int]:
    """How many issues in scope of a cell are open and closed; ``column`` is that of its level."""
    table = table_of(Issue)
    counted = store.bounded("issues", table.c[column] == code).with_only_columns(
        table.c.status, func.count().label("issues")
    )
    found = {row.status: row.issues for row in store.session.execute(counted.group_by(table.c.status))}
    return {status: found.get(status, 0) for status in ("open", "closed")}

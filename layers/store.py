"""The one way to read and write."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import URL, Select, delete, func, select, update
from sqlalchemy.orm import Session

from gis_core.city import City
from gis_core.errors import Conflict
from gis_core.permissions import EVERYTHING, Sight
from layers import SCOPED, TABLES
from layers.base import Source
from layers.boxes import Box, meets_any
from layers.cases import add_issues, close_issues, contradicting, reassign
from layers.frames import read_frame, table_of
from layers.issues import Issue
from layers.present import Present
from layers.putting import Put, Ready, put, state_columns
from layers.reports import add_report
from layers.scoping import Resolved, Scope
from layers.standing import Standing
from layers.versions import (
    CITY_DOCUMENT,
    DRAFTS,
    FIXED_FIELDS,
    LATEST_REVISION,
    LATEST_VERSION,
    VERSION_AT,
    CityRow,
    Revision,
    TerritoryVersion,
    city_of,
)

CITY = Standing("gridwarden_city", CITY_DOCUMENT)
REVISION = Standing("gridwarden_revision", LATEST_REVISION)
VERSION = Standing("gridwarden_version", VERSION_AT)


class Store:
    """What is stored, within one transaction.

    Parameters
    ----------
    session
        The transaction; :class:`Stores` begins and ends it.
    sight
        What of issues, layers and reference data is read and counted.
    at
        The moment that is read, where it is known.
    """

    def __init__(
        self, session: Session, sight: Sight = EVERYTHING, resolved: Resolved | None = None, at: Present | None = None
    ) -> None:
        self.session = session
        self.scope = Scope(session, sight, resolved or Resolved(), at=at)
        self.draft: int | None = None
        """The draft that is looked at; ``None``: what is published."""

    @property
    def is_postgis(self) -> bool:
        """Whether the database is PostGIS."""
        return self.session.get_bind().dialect.name == "postgresql"

    @property
    def address(self) -> URL:
        """Address of the database."""
        return self.session.connection().engine.url

    @cached_property
    def city(self) -> City:
        """The city of this store.

        Raises
        ------
        NotFound
            When it has none yet.
        """
        if self.scope.at is not None:
            return self.scope.at.city
        found = CITY.ask(self.session.connection())
        return city_of(found[0][0] if found else None)

    def init_city(self, city: City) -> None:
        """Make this the store of ``city``, or change what nothing stored depends on.

        Raises
        ------
        Conflict
            When a field in :data:`FIXED_FIELDS` would change under a loaded territory.
        """
        row = self.session.get(CityRow, 1)
        if row is None:
            self.session.add(CityRow(id=1, document=city.document()))
        else:
            for name, fixed in FIXED_FIELDS.items() if self.latest_version() else ():
                if fixed(self.city) != fixed(city):
                    raise Conflict("city_differs", stored=self.city.name, field=name, value=fixed(city))
            row.document = city.document()
        self.session.flush()
        vars(self).pop("city", None)

    # Versions and revisions

    def begin_version(self, now: dt.datetime, note: str) -> int:
        """Begin a territory version that nobody sees yet; its id."""
        version = TerritoryVersion(created_at=now, note=note)
        self.session.add(version)
        self.session.flush()
        return version.id

    def publish(
        self, version: int, *, effective_from: dt.datetime | None, now: dt.datetime, override_reason: str | None
    ) -> None:
        """Let a version answer from ``effective_from`` on (``None``: from the beginning of time)."""
        self.session.execute(
            update(TerritoryVersion)
            .where(TerritoryVersion.id == version)
            .values(published_at=now, effective_from=effective_from, override_reason=override_reason)
        )

    def discard(self, version: int) -> None:
        """Drop a draft that changed nothing."""
        self.session.execute(delete(TerritoryVersion).where(TerritoryVersion.id == version))

    def take_back(self, revision: int) -> None:
        """Drop a revision just begun that changed nothing."""
        self.session.execute(delete(Revision).where(Revision.id == revision))
        self.scope = replace(self.scope)

    def revise(self, now: dt.datetime, note: str) -> int:
        """Begin a revision of the reference data; its id."""
        revision = Revision(created_at=now, note=note)
        self.session.add(revision)
        self.session.flush()
        # What is seen from here on is the new revision.
        self.scope = replace(self.scope)
        return revision.id

    def published(self) -> list[int]:
        """Numbers of the published versions, ascending."""
        known = select(TerritoryVersion.id).where(TerritoryVersion.published_at.is_not(None))
        return list(self.session.scalars(known.order_by(TerritoryVersion.id)))

    def latest_version(self) -> int:
        """The newest published version, 0 when there is none."""
        return self.session.scalar(LATEST_VERSION) or 0

    def latest_revision(self) -> int:
        """The newest revision, 0 when there is none."""
        if self.scope.at is not None:
            return self.scope.at.revision
        return REVISION.ask(self.session.connection())[0][0] or 0

    def version_at(self, instant: dt.datetime) -> int:
        """The version that answers for an instant: the newest one effective by then, else the first.

        Raises
        ------
        Conflict
            When nothing is published.
        """
        version = VERSION.ask(self.session.connection(), instant=instant)[0][0]
        if version is None:
            raise Conflict("no_grids")
        return int(version)

    def versions_at(self, instants: pd.Series) -> NDArray[np.int64]:
        """The version that answers for each instant; see :meth:`version_at`."""
        published = self.session.execute(
            select(TerritoryVersion.id, TerritoryVersion.effective_from)
            .where(TerritoryVersion.published_at.is_not(None))
            .order_by(TerritoryVersion.id)
        ).all()
        if not published:
            raise Conflict("no_grids")
        answers = np.full(len(instants), published[0].id, dtype=np.int64)
        for version, effective_from in published:
            in_force = True if effective_from is None else (instants >= pd.Timestamp(effective_from)).to_numpy()
            answers[in_force] = version
        return answers

    # Territory and reference data

    def read(
        self, table: str, state: int | None, *, only: Collection[str] | None = None
    ) -> gpd.GeoDataFrame | pd.DataFrame:
        """Rows of a table as a version or revision sees them, in stable order.

        Parameters
        ----------
        table
            Name in :data:`layers.TABLES`.
        state
            Id of a version (also one just begun) or revision; ``None`` sees nothing.
        only
            The columns wanted beside the geometry; ``None`` for all.
        """
        model = TABLES[table]
        begun, ended = (table_of(model).c[name] for name in state_columns(model))
        seen = self.bounded(table, begun <= (state or 0), ended.is_(None) | (ended > (state or 0)))
        return read_frame(self.session, model, seen.order_by(table_of(model).c.id), only)

    def put(
        self, table: str, frame: pd.DataFrame | Ready, state: int, *, replace: bool = False, ending: Sequence[int] = ()
    ) -> Put:
        """Store rows in a new version or revision; see :func:`layers.putting.put`."""
        return put(self.session, TABLES[table], frame, state, replace=replace, ending=ending)

    def first_of_its_kind(self, table: str, level: str | None = None) -> bool:
        """Whether no row of the table (for grids: of the level) is stored."""
        rows, (begun, _) = table_of(TABLES[table]), state_columns(TABLES[table])
        found = select(rows.c.id).where(rows.c[begun] < DRAFTS)
        if level is not None:
            found = found.where(rows.c.level == level)
        return self.session.scalar(found.limit(1)) is None

    def count(self, table: str) -> int:
        """How many rows a table has: the ones no state has ended."""
        model = SCOPED[table]
        query = self.bounded(table).with_only_columns(func.count(), maintain_column_froms=True)
        if issubclass(model, Source):
            query = query.where(table_of(model).c[state_columns(model)[1]].is_(None))
        return self.session.scalar(query) or 0

    def bounded(self, table: str, *conditions: Any) -> Select[Any]:
        """Ids of the rows of a table that are in scope; every reading starts here."""
        within = self.scope.within(table)
        return select(table_of(SCOPED[table]).c.id).where(*conditions, *([] if within is None else [within]))

    # Issues

    def issues(
        self,
        *,
        codes: Sequence[str] | None = None,
        status: str | None = None,
        since: dt.datetime | None = None,
        newest: int | None = None,
        near: Sequence[Box] | None = None,
        only: Collection[str] | None = None,
    ) -> gpd.GeoDataFrame:
        """Stored issues, newest first, with ``lon`` and ``lat`` beside their columns.

        Parameters
        ----------
        codes, status, since
            Only these case numbers, only ``open`` or ``closed``, only reported from then on.
        newest
            At most so many.
        near
            Only in one of these boxes, and some at their very edges.
        only
            The columns wanted beside the geometry; ``None`` for all.
        """
        table = table_of(Issue)
        chosen = self.bounded("issues").order_by(table.c.reported_at.desc(), table.c.id.desc()).limit(newest)
        if codes is not None:
            chosen = chosen.where(table.c.code.in_(codes))
        if status is not None:
            chosen = chosen.where(table.c.status == status)
        if since is not None:
            chosen = chosen.where(table.c.reported_at >= since)
        if near is not None:
            chosen = chosen.where(meets_any(table, near, postgis=self.is_postgis))
        found = read_frame(self.session, Issue, chosen, only)
        return found.assign(lon=found.geometry.x, lat=found.geometry.y)

    def issues_by_status(self) -> dict[str, int]:
        """How many issues are ``open`` and ``closed``; a status without one is left out."""
        table = table_of(Issue)
        counted = self.bounded("issues").with_only_columns(table.c.status, func.count().label("issues"))
        counted = counted.group_by(table.c.status)
        return {row.status: row.issues for row in self.session.execute(counted)}

    def last_report(self) -> dt.datetime | None:
        """When the newest issue was reported."""
        return self.session.scalar(self.bounded("issues").with_only_columns(func.max(table_of(Issue).c.reported_at)))

    def first_report(self) -> dt.datetime | None:
        """When the oldest issue was reported."""
        return self.session.scalar(self.bounded("issues").with_only_columns(func.min(table_of(Issue).c.reported_at)))

    def add_issues(self, answers: pd.DataFrame, now: dt.datetime) -> int:
        """Store assigned issues that are not there yet; see :func:`layers.cases.add_issues`."""
        return add_issues(self.session, self.city, answers, now)

    def add_report(self, issue: Mapping[str, Any], now: dt.datetime) -> tuple[str, bool]:
        """Store one assigned issue; see :func:`layers.reports.add_report`."""
        return add_report(self.session, self.city, issue, now)

    def contradicting(self, issues: pd.DataFrame) -> NDArray[np.bool_]:
        """Which issues contradict their stored namesakes; see :func:`layers.cases.contradicting`."""
        return contradicting(self.session, issues)

    def close_issues(self, issues: pd.DataFrame) -> int:
        """Close stored open issues that come again as closed; see :func:`layers.cases.close_issues`."""
        return close_issues(self.session, issues)

    def reassign(self, issues: pd.DataFrame, answers: pd.DataFrame, now: dt.datetime) -> int:
        """Give stored issues new answers; see :func:`layers.cases.reassign`."""
        return reassign(self.session, issues, answers, now)

"""The city row, territory versions and reference revisions: what everything else is dated by."""

import datetime as dt
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ForeignKey, String, bindparam, case, cast, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from gis_core.city import City
from gis_core.errors import NotFound
from layers.base import Base, BigId, Instant, Json

DRAFTS = 1 << 40
"""Rows of draft ``n`` begin and end in state ``DRAFTS + n``, which no version ever reaches: nobody else sees them."""
FIXED_FIELDS: dict[str, Callable[[City], object]] = {
    "timezone": lambda city: city.timezone,
    "metric_srid": lambda city: city.metric_srid,
    "levels": lambda city: [level.name for level in city.levels],
}
"""What of a city stored things depend on."""


class CityRow(Base):
    """The one city of this database, as its city file said."""

    __tablename__ = "city"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(Json)


@lru_cache(4)
def city_of(document: str | None) -> City:
    """The city of a document in JSON, parsed once: every request asks.

    Raises
    ------
    NotFound
        When there is no document yet.
    """
    if document is None:
        raise NotFound("city_missing")
    return City.parse(json.loads(document))


class TerritoryVersion(Base):
    """One immutable state of grids, streets and places; a draft while ``published_at`` is empty."""

    __tablename__ = "territory_version"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    effective_from: Mapped[dt.datetime | None] = mapped_column(Instant, index=True)
    """From when it answers; empty: from the beginning of time."""
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    published_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """When we knew it."""
    note: Mapped[str] = mapped_column(default="")
    override_reason: Mapped[str | None]
    """Why it was published although the checks complained."""


class Draft(Base):
    """Changes to the territory that somebody prepares; they count for nobody until it becomes a version."""

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    note: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    created_by: Mapped[str]
    """Name of the account."""
    edition: Mapped[int] = mapped_column(default=0)
    """Counts the changes made to it."""
    closed_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """When it was published or thrown away."""
    became: Mapped[int | None]
    """The version it was published as."""


class DraftChange(Base):
    """A feature that a draft brings, replaces or takes away; its new row stands in the layer's own table."""

    __tablename__ = "draft_change"
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    layer: Mapped[str] = mapped_column(primary_key=True)
    feature_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    over_id: Mapped[int | None] = mapped_column(BigId)
    """The published row it was made over; empty for a new feature. Another one by now: the draft is outdated."""
    operation: Mapped[str]
    """``create``, ``replace`` or ``delete``."""
    changed_at: Mapped[dt.datetime] = mapped_column(Instant)
    changed_by: Mapped[str]


class Revision(Base):
    """One state of the reference data: categories, parties, facilities, contracts, holders."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(default="")


# Asked by every request, so that they are put together once.
_published = TerritoryVersion.published_at.is_not(None)
_by_then = or_(
    TerritoryVersion.effective_from.is_(None),
    TerritoryVersion.effective_from <= bindparam("instant", type_=Instant),
)
LATEST_VERSION = select(func.max(TerritoryVersion.id)).where(_published)
LATEST_REVISION = select(func.max(Revision.id))
CITY_DOCUMENT = select(cast(CityRow.document, String))
VERSION_AT = select(
    func.coalesce(func.max(case((_by_then, TerritoryVersion.id))), func.min(TerritoryVersion.id))
).where(_published)
"""The version that answers for ``instant``."""

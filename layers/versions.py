"""The city row, territory versions and reference revisions: what everything else is dated by."""

import datetime as dt
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from gis_core.city import City
from layers.base import Base, BigId, Instant, Json

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
def city_of(document: str) -> City:
    """The city of a document in JSON, parsed once: every request asks."""
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
VERSION_AT = select(
    func.coalesce(func.max(case((_by_then, TerritoryVersion.id))), func.min(TerritoryVersion.id))
).where(_published)
"""The version that answers for ``instant``."""

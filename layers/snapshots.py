"""Hot spots as they were found on a day, kept so that later days can tell how good they were."""

import datetime as dt
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Base, BigId, Instant, Json


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

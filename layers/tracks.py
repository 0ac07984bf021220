"""Tracks: what receivers sent, what was made of it by day, and check-ins at places.

Positions of people are kept here and nowhere else, and go after a time (:class:`gis_core.patrol.rules.PatrolRules`);
what they have passed stays. Tables grow by thousands of rows a day and have no foreign keys, as :mod:`layers.issues`.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Base, BigId, Instant, Json


class TrackBatch(Base):
    """Points that came in one piece, as they were sent. What was sent twice is there once."""

    __tablename__ = "track_batch"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    carrier: Mapped[str]
    """Name of the account of whoever wears the receiver."""
    digest: Mapped[str]
    """SHA-256 of the points in order of time."""
    begins_at: Mapped[dt.datetime] = mapped_column(Instant)
    ends_at: Mapped[dt.datetime] = mapped_column(Instant, index=True)
    """When the last point was; by it batches go."""
    points: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """The points; :mod:`layers.patrolled` reads and writes them."""
    pending: Mapped[bool] = mapped_column(default=True)
    """Whether the days that it has points of are still to be matched."""
    sent_by: Mapped[str]
    """Name of the account."""
    received_at: Mapped[dt.datetime] = mapped_column(Instant)

    __table_args__ = (
        Index("uq_track_batch_carrier_digest", "carrier", "digest", unique=True),
        Index("ix_track_batch_carrier_begins_at", "carrier", "begins_at"),
        Index("ix_track_batch_pending", "carrier", postgresql_where=text("pending"), sqlite_where=text("pending")),
    )


class PatrolDay(Base):
    """One carrier's local day: what of the points could be used, and what was passed."""

    __tablename__ = "patrol_day"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    carrier: Mapped[str]
    day: Mapped[dt.date] = mapped_column(index=True)
    body: Mapped[str | None]
    """Party that the carrier belonged to when it was matched."""
    position: Mapped[int] = mapped_column(BigId, unique=True)
    """Above that of all days that were matched before, so that who has read up to one asks for those above it."""
    version: Mapped[int] = mapped_column(BigId)
    """Territory version that it was matched in."""
    points: Mapped[int]
    used: Mapped[int]
    """Points that were left after cleaning."""
    dropped: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """How many points went, by reason."""
    fault: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Why nothing of it counts: key of a text and its parameters."""
    walked_m: Mapped[float]
    matched_at: Mapped[dt.datetime] = mapped_column(Instant)
    passes: Mapped[bytes] = mapped_column(LargeBinary)
    """Columns :data:`gis_core.patrol.passes.PASSES`; :mod:`layers.patrolled` reads and writes them."""

    __table_args__ = (Index("uq_patrol_day_carrier_day", "carrier", "day", unique=True),)


class CheckIn(Base):
    """Somebody was at a place, and for how long: by the QR code there, or by positions within its fence."""

    __tablename__ = "check_in"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    place: Mapped[str]
    """The place's code."""
    carrier: Mapped[str]
    """Name of the account."""
    body: Mapped[str | None]
    """Party that they belong to: of bodies that must be distinct, this is which."""
    by: Mapped[str]
    """``qr`` or ``geofence``."""
    arrived_at: Mapped[dt.datetime] = mapped_column(Instant)
    left_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """Not known yet, or never told: then it counts nothing."""
    received_at: Mapped[dt.datetime] = mapped_column(Instant)

    __table_args__ = (
        Index("uq_check_in_carrier_place_arrived_at", "carrier", "place", "arrived_at", unique=True),
        Index("ix_check_in_place_arrived_at", "place", "arrived_at"),
    )

"""Issues and the events they are made of.

These two tables grow by millions. They have no foreign keys: nothing they refer to is ever deleted, each key
would be looked up for each row, and tables spread over several machines could not have them.
"""

import datetime as dt
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gis_core.answers import GRID_COLUMNS
from layers.base import Base, BigId, Instant, Json, Layer, Shape, Style, geometry_index, given

EVENT_TYPES = ("reported", "assigned", "reassigned", "closed", "photographed", "merged", "parted")
STAGES = ("report", "before", "after")
"""What a photo proves: the issue as it was reported, as it was found, that it has been dealt with."""


def _of_open(column: str) -> Index:
    """An index of the open issues, which people work on. A million closed ones are counted by reading them all."""
    still_open = text("status = 'open'")
    return Index(f"ix_issue_open_{column}", column, postgresql_where=still_open, sqlite_where=still_open)


def _of_front_doors() -> Index:
    """An index of what shops answer for, by strip."""
    theirs = text("rule = 'front_door'")
    return Index("ix_issue_front_door", "frontage", "reported_at", postgresql_where=theirs, sqlite_where=theirs)


class Issue(Layer):
    """Reported issues, each with its one answer: the projection of its events."""

    __tablename__ = "issue"
    title = ("Issues", "问题")
    style = Style(colour="#c1121f", label="code", weight=1)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    """Case number: area + local date + sequence."""
    source: Mapped[str]
    external_id: Mapped[str]
    raw_x: Mapped[float]
    raw_y: Mapped[float]
    """The coordinate as given, in ``datum``."""
    datum: Mapped[str]
    scheme: Mapped[str] = given()
    kind: Mapped[str] = given(default="matter", choices=("component", "matter"))
    category: Mapped[str] = given()
    description: Mapped[str | None] = given()
    address: Mapped[str | None] = given()
    channel: Mapped[str | None] = given()
    """How it came in: collector, hotline, camera …"""
    reported_at: Mapped[dt.datetime] = given(type_=Instant)
    closed_at: Mapped[dt.datetime | None] = given(type_=Instant)
    status: Mapped[str] = mapped_column(default="open")
    """``open`` or ``closed``, derived from the events."""
    master: Mapped[str | None]
    """Case number of the issue it repeats, as a person said; that one is not itself a repeat."""
    x: Mapped[float]
    y: Mapped[float]
    """Position in the city's metric CRS."""
    as_of: Mapped[dt.datetime] = mapped_column(Instant)
    """The instant it was answered for: its report, or the re-assignment that gave the answer."""
    version: Mapped[int] = mapped_column(BigId)
    revision: Mapped[int] = mapped_column(BigId)
    grid_1: Mapped[str | None]
    grid_2: Mapped[str | None]
    grid_3: Mapped[str | None]
    grid_4: Mapped[str | None]
    grid_5: Mapped[str | None]
    grid_6: Mapped[str | None]
    grid: Mapped[str | None]
    """Lowest grid; empty when the issue waits in the queue of an enclosing one."""
    grid_distance_m: Mapped[float | None]
    """0 inside the grid, more where the nearest was taken, empty in a queue."""
    street: Mapped[str | None]
    street_distance_m: Mapped[float | None]
    street_side: Mapped[str | None]
    place: Mapped[str | None]
    frontage: Mapped[str | None]
    facility: Mapped[str | None]
    contract: Mapped[str | None]
    contractor: Mapped[str | None]
    responsible: Mapped[str]
    responsible_kind: Mapped[str]
    """``unit``, ``firm``, ``person``, ``shop`` or ``queue`` (then ``responsible`` is a grid code)."""
    rule: Mapped[str]
    supervises: Mapped[str | None]
    owns: Mapped[str | None]
    handles: Mapped[str]
    holds: Mapped[str]
    flags: Mapped[str] = mapped_column(default="")
    """Words separated by blanks, see ``gis_core.answers.FLAGS``."""
    extra: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    place_number: Mapped[int] = mapped_column(BigInteger)
    """Its place, as :func:`gis_core.lattice.place_numbers` numbers them."""
    geom: Mapped[WKBElement] = mapped_column(Shape("POINT"))

    __table_args__ = (
        Index("uq_issue_source_external_id", "source", "external_id", unique=True),
        _of_open("grid"),
        _of_open("responsible"),
        geometry_index("issue"),
        _of_front_doors(),
        # By which a page of a box goes from place to place, with all that a tile shows of an issue.
        Index("ix_issue_place", "place_number", "id", "status", "kind", "category", "responsible_kind"),
        # By which lists go from newest to oldest, with all that heat asks of an issue, and who sees the area.
        Index("ix_issue_reported", "reported_at", "place_number", "category", "kind", "master", *GRID_COLUMNS),
    )


class CaseEvent(Base):
    """What happened to an issue; only ever added to. Codes and references only: no names, no free text."""

    __tablename__ = "case_event"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    issue_id: Mapped[int] = mapped_column(BigId, index=True)
    batch: Mapped[int] = mapped_column(BigId, index=True)
    """The :class:`EventBatch` it was written in."""
    type: Mapped[str]
    """One of :data:`EVENT_TYPES`."""
    at: Mapped[dt.datetime] = mapped_column(Instant)
    version: Mapped[int | None] = mapped_column(BigId)
    revision: Mapped[int | None] = mapped_column(BigId)
    former: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """For a re-assignment: the answer that was replaced."""


class EventBatch(Base):
    """The events of one transaction, and their place among those of all others."""

    __tablename__ = "event_batch"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    position: Mapped[int | None] = mapped_column(BigId, unique=True)
    """In the order of commits, without gaps; empty while it is written."""


class Publication(Base):
    """An issue that the public may see."""

    __tablename__ = "publication"
    issue_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    published_at: Mapped[dt.datetime] = mapped_column(Instant)


class Photo(Base):
    """A photo of an issue; never changed."""

    __tablename__ = "photo"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    issue_id: Mapped[int] = mapped_column(BigId)
    stage: Mapped[str]
    """One of :data:`STAGES`."""
    original: Mapped[str]
    """SHA-256 of what was sent."""
    size_bytes: Mapped[int]
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """When the camera says that it was taken."""
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    """Where the camera says that it was, in WGS 84."""
    shown: Mapped[str]
    """SHA-256 of the copy that is shown."""
    sent_by: Mapped[str]
    """Name of the account."""
    received_at: Mapped[dt.datetime] = mapped_column(Instant)

    __table_args__ = (Index("uq_photo_issue_original", "issue_id", "original", unique=True),)

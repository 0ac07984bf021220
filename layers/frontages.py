"""Front-of-door strips: each shop's ground from wall to kerb, and the blanks between them."""

import datetime as dt
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from gis_core.frontage.strips import KINDS, QUALITIES
from layers.base import (
    Base,
    BigId,
    Instant,
    Json,
    Layer,
    Revised,
    Shape,
    Style,
    geometry_index,
    given,
    unique_while_open,
)

ORIGINS = ("official", "derived")


class Frontage(Revised, Layer):
    """Strips, as the subdistrict drew them or as they were derived from streets, walls and shops: the official one
    prevails.
    """

    __tablename__ = "frontage"
    title = ("Front-of-door strips", "门前责任区")
    style = Style(colour="#7a5195", label="code", weight=1)

    code: Mapped[str] = given()
    """The shop's; of a joint strip its first shop's; of a blank its block and number."""
    kind: Mapped[str] = given(choices=(*KINDS, "excluded"), default="shop")
    """Excluded: no shop's duty, such as a crossing, a bus bay or the gate of a site."""
    origin: Mapped[str] = given(choices=ORIGINS, default="official")
    shops: Mapped[list[str]] = given(type_=Json, default=list)
    """Codes of the shops that answer for it; empty, and no blank: the one with its own code."""
    responsible: Mapped[str | None] = given()
    """Party that answers: the operator of its first shop, or that shop itself."""
    quality: Mapped[str | None] = given(choices=QUALITIES)
    """Of a derived one: from fronts (``measured``) or points (``estimated``)."""
    document: Mapped[str | None] = given()
    """Of an official one: the paper it was drawn in."""
    document_on: Mapped[dt.date | None] = given()
    """The paper's date."""
    block: Mapped[str | None]
    """Of a derived one: name of its block, the same as long as the block's shape is."""
    kerb_m: Mapped[float | None] = given()
    """Metres of kerb."""
    fronts: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    """Metres along streets: ``street`` (code), ``side``, ``from_m``, ``to_m``, ``length_m``."""
    rules: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """The city's rules that a derived one was drawn by."""
    area_m2: Mapped[float]
    geom: Mapped[WKBElement] = mapped_column(Shape("MULTIPOLYGON"))

    __table_args__ = (
        unique_while_open("frontage", "revision_to", "origin", "code"),
        geometry_index("frontage"),
    )


class Drawing(Base):
    """The last drawing of derived strips that was kept."""

    __tablename__ = "drawing"
    source: Mapped[str] = mapped_column(primary_key=True)
    """Source of its strips."""
    basis: Mapped[str]
    """Digest of the states that it was drawn from."""
    drawn_at: Mapped[dt.datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(BigId)
    """The version they are of."""
    given_up: Mapped[str | None]
    """Basis that could not be drawn, or that somebody did not want drawn."""
    given_up_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    again_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """From when that is tried again; never, where somebody stopped it."""
    fault: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Why it could not: key of a text and its parameters."""


CONFIRMATION = "confirmation"


class DoorEvent(Base):
    """Something that happened at a shop's front door; it holds codes, and no words of people."""

    __tablename__ = "door_event"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop: Mapped[str] = mapped_column(index=True)
    """The place's code."""
    kind: Mapped[str]
    """``inspection``, ``notice``, ``warning``, ``case``, or ``confirmation`` that one of these is dealt with."""
    at: Mapped[dt.datetime] = mapped_column(Instant)
    actor: Mapped[str]
    """Name of the account; of a confirmation ``public``."""
    body: Mapped[str | None]
    """Of an inspection: whose it is, ``city`` or ``district``."""
    score: Mapped[float | None]
    category: Mapped[str | None]
    """Of the others: what was wrong."""
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """Since when it counts no more; who took it back and why is in the audit trail."""
    settled_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """Of a notice, warning or case: when an inspector said that it is dealt with."""
    issue: Mapped[str | None]
    """Of a case: its number."""
    answers: Mapped[int | None] = mapped_column(BigId)
    """Of a confirmation: the event that it is about."""
    original: Mapped[str | None]
    """Of a confirmation: SHA-256 of the photo as it was sent."""
    media_type: Mapped[str | None]
    taken_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """When the camera says that it was taken."""
    shown: Mapped[str | None]
    """SHA-256 of the copy that is shown."""

    __table_args__ = (
        Index("uq_door_event_answers_original", "answers", "original", unique=True),
        Index("ix_door_event_kind_at", "kind", "at"),
    )


class DoorToken(Base):
    """What the QR code on the plate of a shop, or of a place that is visited, says. It opens that page and nothing
    else, and hangs there for everybody to read, so it is kept as it is.
    """

    __tablename__ = "door_token"
    shop: Mapped[str] = mapped_column(primary_key=True)
    """The place's code."""
    token: Mapped[str] = mapped_column(unique=True)
    """128 random bits in 22 characters."""
    given_at: Mapped[dt.datetime] = mapped_column(Instant)
    given_by: Mapped[str]
    """Name of the account."""

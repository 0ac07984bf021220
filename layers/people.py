"""People and machines with an account, what they may do where, what they came in by, and what they did."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Base, BigId, Instant, Json

PASSAGE_KINDS = ("page", "refresh", "key")


class UserAccount(Base):
    """Somebody who may come in, a person or a machine; never deleted, so that the audit trail keeps its names."""

    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(default="")
    """What others call them."""
    organisation: Mapped[str | None]
    """Party they belong to."""
    password: Mapped[str | None]
    """Argon2 digest; a machine with keys only has none."""
    epoch: Mapped[int] = mapped_column(default=0)
    """Everything given out under another epoch is void."""
    left_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """From when they may not come in any more."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Passwords tried since the last right one."""
    locked_until: Mapped[dt.datetime | None] = mapped_column(Instant)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)


class UserGrant(Base):
    """A role for an area."""

    __tablename__ = "user_grant"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    role: Mapped[str]
    area_kind: Mapped[str]
    area_code: Mapped[str] = mapped_column(default="")

    __table_args__ = (Index("uq_user_grant", "user_id", "role", "area_kind", "area_code", unique=True),)


class Passage(Base):
    """What somebody comes in by without a password: the session of a browser, a refresh token, an API key.

    What is shown for it is 256 random bits; the SHA-256 of them is all that is kept.
    """

    __tablename__ = "passage"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str]
    """One of :data:`PASSAGE_KINDS`."""
    digest: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(default="")
    """A key's name among those of its user."""
    family: Mapped[str] = mapped_column(default="", index=True)
    """Refresh tokens that came one from the other share it."""
    epoch: Mapped[int]
    """The account's epoch when it was given out."""
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime | None] = mapped_column(Instant, index=True)
    spent_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """When a refresh token was exchanged for the next."""


class AuditEntry(Base):
    """What somebody did that others must be able to look up; only ever added to."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(Instant, index=True)
    actor: Mapped[str]
    """Name of the account; of commands on the machine, ``command line``."""
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    """What it was done to."""
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    address: Mapped[str] = mapped_column(default="")
    """Network address it came from."""


class ReporterContact(Base):
    """Whom to ask back about an issue; in no other table, so that erasing the row erases the person.

    What follows from it, the ``score`` of suspected repeats, is erased with it.
    """

    __tablename__ = "reporter_contact"
    issue_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    given_at: Mapped[dt.datetime] = mapped_column(Instant)

"""Suspected repeats of issues, and what a person made of each."""

import datetime as dt

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Base, BigId, Instant

SUSPECTED, MERGED, REJECTED = REPEAT_STATES = ("suspected", "merged", "rejected")


class Repeat(Base):
    """A pair of issues that may be of one problem."""

    __tablename__ = "repeat"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    issue_id: Mapped[int] = mapped_column(BigId, index=True)
    """The later one."""
    earlier_id: Mapped[int] = mapped_column(BigId, index=True)
    score: Mapped[float]
    """Probability that both are of one problem, 0 to 1."""
    blind: Mapped[float]
    """The same without regard to who reported; what is known to those who may not know that."""
    away_m: Mapped[float]
    returned: Mapped[bool]
    """Whether the earlier one was closed before the later one came: the problem has returned."""
    state: Mapped[str] = mapped_column(default=SUSPECTED)
    """One of :data:`REPEAT_STATES`."""
    noted_at: Mapped[dt.datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None]
    """Name of the account."""
    decided_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("uq_repeat_issue_earlier", "issue_id", "earlier_id", unique=True),)

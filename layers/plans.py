"""Plans of patrol: each edition as it was made, what patrollers did of it, and patterns that plans are made from."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Base, BigId, Instant, Json

PROPOSED, PUBLISHED, WITHDRAWN = PLAN_STATES = ("proposed", "published", "withdrawn")
ARRIVED, DONE, SKIPPED = MARK_EVENTS = ("arrived", "done", "skipped")
RECURRING, SHOWCASE, DRAW = PATTERN_KINDS = ("recurring", "showcase", "draw")


class PatrolPlan(Base):
    """A plan of one local day for one area; what it says is in its editions."""

    __tablename__ = "patrol_plan"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[dt.date] = mapped_column(index=True)
    area: Mapped[str]
    """Code of the grid that it is for; empty: the city."""
    name: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    """One of :data:`PLAN_STATES`."""
    edition: Mapped[int]
    """The newest; whoever changes the plan says which one they saw."""
    made_by: Mapped[str]
    """Name of the account."""
    made_at: Mapped[dt.datetime] = mapped_column(Instant)
    published_by: Mapped[str | None]
    published_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    """What was asked for: the same again makes the same plan."""
    job_id: Mapped[int | None] = mapped_column(BigId, unique=True)
    """The job that made it, so that one that is done twice stores one plan."""


class PlanEdition(Base):
    """A plan as it was from one change to the next; never rewritten."""

    __tablename__ = "plan_edition"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("patrol_plan.id"))
    edition: Mapped[int]
    made_by: Mapped[str]
    made_at: Mapped[dt.datetime] = mapped_column(Instant)
    change: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What was changed; of the first what was told of the day, and what was not proposed."""
    version: Mapped[int]
    """Territory version whose streets its edges are of."""
    day: Mapped[dict[str, Any]] = mapped_column(Json)
    """The :class:`gis_core.planning.tasks.Day`."""
    plan: Mapped[dict[str, Any]] = mapped_column(Json)
    """The :class:`gis_core.planning.plan.Plan`."""

    __table_args__ = (Index("uq_plan_edition", "plan_id", "edition", unique=True),)


class PlanMark(Base):
    """What a patroller told of a task: that they came, that it is done, or why not. It may come hours later."""

    __tablename__ = "plan_mark"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("patrol_plan.id"))
    code: Mapped[str]
    """Of the task."""
    by: Mapped[str]
    """Name of the account."""
    event: Mapped[str]
    """One of :data:`MARK_EVENTS`."""
    at: Mapped[dt.datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(default="")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    received_at: Mapped[dt.datetime] = mapped_column(Instant)

    __table_args__ = (Index("uq_plan_mark", "plan_id", "code", "by", "event", unique=True),)


class PlanPattern(Base):
    """What plans are made from again and again: a round that recurs, a showcase route, a draw before an inspection."""

    __tablename__ = "plan_pattern"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    """One of :data:`PATTERN_KINDS`."""
    area: Mapped[str]
    """Code of the grid that it is for; empty: the city."""
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    """Weekdays, patrollers and kinds of a recurring one; places in order of a showcase; types and numbers of a draw."""
    made_by: Mapped[str]
    made_at: Mapped[dt.datetime] = mapped_column(Instant)

"""What is sent and answered about check-ins and quotas, as the OpenAPI document describes it."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from api.schemas import Code, Degrees, Moment, Sent

MOST_POSITIONS = 2_000
Period = Literal["day", "week", "month"]
State = Literal["done", "on_time", "due", "overdue", "missed"]
Reason = Literal["outside", "open", "short", "soon", "body", "enough"]


class ByCode(Sent):
    """Coming or going, told by the QR code at a place."""

    token: Code = Field(description="What the QR code says.")
    event: Literal["arrive", "leave"]
    at: Moment | None = Field(None, description="When, up to 31 days ago; now if not given.")


class Position(Sent):
    """Where a telephone was."""

    t: Moment
    lon: Degrees
    lat: Degrees
    accuracy_m: float = Field(ge=0, le=1e6, description="How far off it may be; above 50 m nothing is proved.")


class ByFence(Sent):
    """A stay at a place, told by positions, which are held against the place and not kept."""

    place: Code = Field(description="The place's code.")
    arrived_at: Moment = Field(description="Up to 31 days ago.")
    left_at: Moment
    positions: list[Position] = Field(min_length=2, max_length=MOST_POSITIONS)
    datum: Code = Field("wgs84", description="`wgs84`, `cgcs2000`, `gcj02`, `bd09` or `EPSG:n`.")


class QuotaDocument(BaseModel):
    """How a place stands in a period."""

    place: str
    name: str
    type: str
    period: Period
    begins: dt.date
    ends: dt.date = Field(description="First day after the period.")
    required: int = Field(description="Visits.")
    done: int = Field(description="Visits that count.")
    bodies: int = Field(description="Distinct bodies that have come.")
    bodies_required: int
    last_at: dt.datetime | None = Field(description="When the last visit that counts began.")
    next_due: dt.datetime | None = Field(description="Of the next period, where this one is done or missed.")
    state: State


class QuotaList(BaseModel):
    """How places stand."""

    day: dt.date
    count: int
    quotas: list[QuotaDocument]


class CheckedIn(BaseModel):
    """What came of a check-in."""

    place: str
    name: str
    arrived_at: dt.datetime
    left_at: dt.datetime | None = Field(description="The same as `arrived_at` where only the leaving is known yet.")
    counts: bool
    reason: Reason | None = Field(description="Why it does not count: `open` until the leaving is told.")
    quota: QuotaDocument


class CheckInDocument(BaseModel):
    """Somebody's stay at a place."""

    id: int
    place: str
    name: str
    body: str | None
    carrier: str | None = Field(description="Account; of others told only to those who may see tracks.")
    by: Literal["qr", "geofence"]
    arrived_at: dt.datetime
    left_at: dt.datetime | None
    counts: bool
    reason: Reason | None


class CheckInList(BaseModel):
    """Check-ins of a day."""

    day: dt.date
    check_ins: list[CheckInDocument]
    next: int | None

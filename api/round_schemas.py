"""What is sent and answered about a patroller's own round, as the OpenAPI document describes it."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas import Code, Line, Moment, Sent

MOST_MARKS = 200
Event = Literal["arrived", "done", "skipped"]
LonLat = tuple[float, float]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class SentMark(Sent):
    """What somebody tells of a task of theirs."""

    code: Code = Field(description="Of the task.")
    event: Event
    at: Moment = Field(description="When, up to 31 days ago.")
    note: Line = Field("", description="Why it was not done, and whatever else is to be said.")
    lon: Longitude | None = Field(None, description="Where they were, WGS 84.")
    lat: Latitude | None = None


class SentMarks(Sent):
    """Marks in the order in which they were made."""

    marks: list[SentMark] = Field(min_length=1, max_length=MOST_MARKS)


class TakenMark(BaseModel):
    """A mark that is stored."""

    code: str
    event: Event
    new: bool = Field(description="Whether it was not told before.")


class TakenMarks(BaseModel):
    """The marks that were sent."""

    marks: list[TakenMark]


class InBoth(BaseModel):
    """A sentence in both languages."""

    en: str
    zh: str


class RoundStep(BaseModel):
    """Something on a round; times are whole seconds since midnight."""

    kind: Literal["start", "stop", "lane", "break", "end"]
    code: str = Field(description="Of the task; of a start, break or end empty.")
    task: str | None = Field(description="What kind of task it is.")
    name: str
    must: bool
    arrive_s: int
    begin_s: int
    leave_s: int
    leg_m: float = Field(description="The way from the step before.")
    length_m: float | None = Field(description="Of a lane.")
    at: LonLat | None = Field(description="Where it is, or begins; none of a break.")
    to: LonLat | None = Field(description="Where a lane ends as it is walked.")
    way: list[list[LonLat]] = Field(description="The streets on the way from the step before.")
    reasons: list[InBoth]
    plate: bool = Field(description="Whether a plate with a QR code is there.")


class ToldMark(BaseModel):
    """What was told before."""

    code: str
    event: Event
    at: dt.datetime
    note: str


class RoundOfPlan(BaseModel):
    """One's own route of a plan."""

    number: int
    edition: int
    steps: list[RoundStep]
    marks: list[ToldMark]


class Round(BaseModel):
    """What somebody is to do on a day."""

    account: str
    day: dt.date
    plans: list[RoundOfPlan]

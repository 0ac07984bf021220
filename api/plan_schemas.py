"""What is sent to and answered by the addresses of plans, as the OpenAPI document describes it."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas import Code, Degrees, Line, Moment, Sent

MOST_STOPS, MOST_MARKS = 5_000, 500
State = Literal["proposed", "published", "withdrawn"]
Event = Literal["arrived", "done", "skipped"]
Seconds = Annotated[int, Field(ge=0, le=172_800, description="Seconds since the day's midnight.")]
Span = tuple[Seconds, Seconds]
Place = tuple[Degrees, Degrees]
Words = dict[Literal["en", "zh"], str]


class PauseSent(Sent):
    """A pause within a shift."""

    length_s: Seconds
    earliest_s: Seconds
    latest_s: Seconds


class PatrollerSent(Sent):
    """Somebody who is to go out, and what differs from what is usual."""

    code: Code = Field(description="Name of the account.")
    start: Place | None = Field(None, description="Longitude, latitude; a street of their own grids if not given.")
    end: Place | None = None
    shift: Span | None = None
    breaks: list[PauseSent] | None = Field(None, max_length=5)
    skills: list[Code] = Field([], max_length=50)
    mover: Literal["walking", "cycling", "driving"] = "walking"


class StopSent(Sent):
    """A stop that is asked for beside what is proposed, or put in during the day."""

    code: Code = Field(description="Names it among the tasks of the day.", examples=["issue:2026-1"])
    name: Line = ""
    lon: Degrees
    lat: Degrees
    service_s: Annotated[int, Field(ge=0, le=43_200)] = 300
    must: bool = False
    prize: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] = 100.0
    windows: list[Span] = Field([], max_length=10)
    skills: list[Code] = Field([], max_length=50)
    place: Code | None = Field(None, description="Place whose plate proves the visit.")


class WantedSent(Sent):
    """What a day is planned from; a pattern says the same."""

    kinds: list[Literal["lane", "place", "issue", "hotspot"]] = Field(["lane", "place", "issue", "hotspot"])
    patrollers: list[PatrollerSent] = Field([], max_length=500, description="None: every inspector of the area.")
    shift: Span = (28_800, 61_200)
    breaks: list[PauseSent] | None = Field(None, max_length=5, description="An hour at noon if not given.")
    must_days: Annotated[int, Field(ge=1, le=29)] | None = None
    surveys: Annotated[int, Field(ge=0, le=10_000)] = 0
    draw: dict[Code, Annotated[int, Field(ge=0, le=10_000)]] = Field({}, max_length=100)
    places: list[Code] = Field([], max_length=MOST_STOPS)
    weights: dict[Code, Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)]] = Field({}, max_length=100)
    most: Annotated[int, Field(ge=1, le=10_000, description="Tasks a patroller that are proposed at most.")] = 80
    stops: list[StopSent] = Field([], max_length=MOST_STOPS)
    crossing: bool = Field(False, description="Whether patrollers may be sent outside their grids.")
    balance: bool = False
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    iterations: Annotated[int, Field(ge=1, le=1_000_000)] = 2_000
    seconds: Annotated[float, Field(gt=0, le=600)] | None = Field(None, description="Search no longer than this.")


class PlanAsked(WantedSent):
    """A plan to be made."""

    day: dt.date = Field(description="Local day, today or later.")
    area: Annotated[str, Field(max_length=100)] = Field("", description="Code of the grid; empty: the city.")
    name: Line = ""
    showcase: Line = Field("", description="A route's name: `places` in their order, led by the one who is named.")
    pattern: Code | None = Field(None, description="Whatever is not said is as this pattern says.")
    anyway: bool = Field(False, description="Plan although tasks that were named cannot be done.")


class PatternSent(Sent):
    """What plans are made from again and again."""

    name: Line
    kind: Literal["recurring", "showcase", "draw"]
    area: Annotated[str, Field(max_length=100)] = ""
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field([], max_length=7, description="0 is Monday.")
    dates: list[dt.date] = Field([], max_length=400, description="Of `recurring`: further days.")
    without: list[dt.date] = Field([], max_length=400, description="Of `recurring`: days on which it is not.")
    asked: WantedSent


class ChangeSent(Sent):
    """One change of a plan."""

    kind: Literal["insert", "move", "reorder", "swap", "lock", "unlock", "remove"]
    code: Code | None = Field(None, description="Of the task; not of `insert` and `reorder`.")
    other: Code | None = Field(None, description="Of `swap`: the other task.")
    patroller: Code | None = Field(None, description="Of `move` and `reorder`.")
    place: Annotated[int, Field(ge=0, le=10_000)] | None = Field(None, description="Of `move`: before which open task.")
    codes: list[Code] | None = Field(None, max_length=MOST_STOPS, description="Of `reorder`: open tasks in order.")
    stop: StopSent | None = Field(None, description="Of `insert`: what is urgent.")


class MarkSent(Sent):
    """What a patroller tells of a task."""

    code: Code
    event: Event
    at: Moment
    note: Line = ""
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    token: Code | None = Field(None, description="What the QR code of the place's plate says: a visit that is proved.")


class MarksSent(Sent):
    """Marks, in any order, hours late and twice as it may be."""

    account: Code | None = Field(None, description="Who told; refused where somebody else has signed in since.")
    marks: list[MarkSent] = Field(max_length=MOST_MARKS)


class PlanHead(BaseModel):
    """A plan, without what it says."""

    number: int
    day: dt.date
    area: str = Field(description="Code of the grid; empty: the city.")
    name: str
    state: State
    edition: int = Field(description="The newest.")
    made_by: str
    made_at: dt.datetime
    published_by: str | None
    published_at: dt.datetime | None


class PlanList(BaseModel):
    """Plans, newest first."""

    plans: list[PlanHead]
    next: int | None = Field(description="`before` of the next page.")


class TaskSaid(BaseModel):
    """What is known of a task."""

    code: str
    task: str | None = Field(description="`issue`, `place`, `hotspot`, `survey`, `lane`, `showcase` or `other`.")
    name: str
    must: bool
    prize: float | None
    area: str | None
    plate: str | None = Field(description="Place whose plate proves the visit.")
    length_m: float | None
    reasons: list[Words]


class StepDocument(TaskSaid):
    """Something on a route."""

    kind: Literal["start", "stop", "lane", "break", "end"]
    arrive_s: int = Field(description="Seconds since the day's midnight.")
    begin_s: int
    leave_s: int
    leg_m: float = Field(description="The way from the step before.")
    reverse: bool
    locked: bool
    done: bool
    at: list[float] | None = Field(description="Longitude, latitude; of a lane where it begins.")
    to: list[float] | None = Field(description="Where a lane ends.")
    line: list[list[float]] | None = Field(description="A lane as it is walked.")
    way: list[list[list[float]]] = Field(description="Lines of the way from the step before.")


class RouteDocument(BaseModel):
    """What one patroller does."""

    patroller: str
    name: str
    mover: str
    shift: tuple[int, int]
    walked_m: float
    lasts_s: int
    steps: list[StepDocument]


class DroppedDocument(TaskSaid):
    """A task that is left out."""

    at: list[float] | None
    reason: Words
    needs: dict[str, Any] = Field(description="What would bring it in.")


class LeftDocument(BaseModel):
    """What was not proposed, or somebody who cannot go out."""

    code: str
    reason: Words
    needs: dict[str, Any]


class EditionDocument(BaseModel):
    """An edition, and what made it."""

    edition: int
    made_by: str
    made_at: dt.datetime
    change: str


class PlanDocument(PlanHead):
    """A plan with one edition."""

    shown: int = Field(description="The edition that is told.")
    editions: list[EditionDocument]
    seed: int
    iterations: int
    bound: dict[str, float]
    routes: list[RouteDocument]
    dropped: list[DroppedDocument]
    left: list[LeftDocument]
    told: list[Words] = Field(description="What should be known; of a change, what it means for whom.")


class MarkDocument(BaseModel):
    """What was told of a task."""

    code: str
    by: str
    event: Event
    at: dt.datetime
    note: str
    lon: float | None
    lat: float | None
    received_at: dt.datetime


class MarkList(BaseModel):
    """Marks, by when they were made."""

    marks: list[MarkDocument]


class MarksKept(BaseModel):
    """How many marks came, and of these were new."""

    received: int
    kept: int


class OwnRound(BaseModel):
    """One's own route of a published plan."""

    number: int
    edition: int
    name: str
    steps: list[StepDocument]
    marks: list[MarkDocument]


class OwnDay(BaseModel):
    """One's own routes of a day."""

    account: str
    day: dt.date
    plans: list[OwnRound]


class SideDocument(BaseModel):
    """What a plan comes to."""

    tasks: int
    value: float
    walked_m: float
    lasts_s: int


class TaskNamed(BaseModel):
    """A task by name."""

    code: str
    name: str


class DifferenceDocument(BaseModel):
    """Somebody in two plans; of all together without a name."""

    patroller: str
    before: SideDocument
    after: SideDocument
    gained: list[TaskNamed]
    lost: list[TaskNamed]


class Comparison(BaseModel):
    """What is different in another plan: all together first, then by patroller."""

    number: int
    edition: int
    other: int
    other_edition: int
    differences: list[DifferenceDocument]


class PatternDocument(BaseModel):
    """What plans are made from again and again."""

    code: str
    name: str
    kind: Literal["recurring", "showcase", "draw"]
    area: str
    weekdays: list[int]
    dates: list[dt.date]
    without: list[dt.date]
    asked: dict[str, Any]
    made_by: str
    made_at: dt.datetime


class PatternList(BaseModel):
    """Patterns, by code."""

    patterns: list[PatternDocument]

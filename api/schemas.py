"""What programs send and are answered, as the OpenAPI document describes it."""

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import Header, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.repeat_schemas import SuspectDocument

MOST_AT_ONCE = 1_000
"""Rows of a page, and questions in a batch, at most."""


def _plain(text: str) -> str:
    """Text that every database can keep: no NUL, no half of a surrogate pair."""
    if "\0" in text or (not text.isprintable() and any(ord(sign) < 32 and sign not in "\t\n\r" for sign in text)):
        raise ValueError("text without control characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("text in Unicode") from None
    return text


def _in_utc(moment: dt.datetime) -> dt.datetime:
    """The same instant in UTC, where the calendar has it: its first and last hours lie beyond it with some offsets."""
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("an instant of the years 1 to 9999 in UTC") from None


Plain = AfterValidator(_plain)
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100), Plain]
MOST_LINE, MOST_WORDS = 500, 4_000
Line = Annotated[str, StringConstraints(max_length=MOST_LINE), Plain]
Words = Annotated[str, StringConstraints(max_length=MOST_WORDS), Plain]
Degrees = Annotated[float, Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, description="Degrees, WGS 84.")]
Latitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False, description="Degrees, WGS 84.")]
Limit = Annotated[int, Query(ge=1, le=MOST_AT_ONCE, description="Rows of a page.")]
Cursor = Annotated[Line, Query(description="`next` of the page before.")]
CodeQuery = Annotated[Code, Query()]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same report stores it once, however often it is sent.",
    ),
]


class Sent(BaseModel):
    """A document that a program sends; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Question(Sent):
    """A place and a category to answer for."""

    lon: Degrees = Field(description="Degrees east in `datum`, or its first coordinate.", examples=[108.3665])
    lat: Degrees = Field(description="Degrees north in `datum`, or its second coordinate.", examples=[22.817])
    datum: Code = Field("wgs84", description="`wgs84`, `cgcs2000`, `gcj02`, `bd09` or `EPSG:n`.", examples=["gcj02"])
    kind: Literal["matter", "component"] = "matter"
    category: Code = Field(description="Code of the category.", examples=["06010"])
    scheme: Code | None = Field(None, description="Category scheme, if not the city's.")
    reported_at: Moment | None = Field(
        None, description="With its offset; now if not given.", examples=["2026-07-01T08:30:00+08:00"]
    )


class ContactDocument(Sent):
    """Whom to ask back; kept apart from the issue, told to few and erasable."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100), Plain] | None = Field(None, examples=["王芳"])
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+() -]{5,30}$")] | None = Field(
        None, examples=["13800000000"]
    )


class Report(Question):
    """An issue that somebody reports."""

    description: Words | None = Field(None, examples=["垃圾桶满溢"])
    address: Line | None = None
    contact: ContactDocument | None = None
    channel: Code | None = Field(None, description="How it came in.", examples=["collector"])


class OwnReport(Report):
    """An issue that somebody with an account reports."""

    insist: bool = Field(
        True, description="False: refuse it with 409 where it may repeat an earlier report in sight, and tell which."
    )


class Batch(Sent):
    """Several questions."""

    questions: list[Question] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Answer(BaseModel):
    """Who answers, and why; codes of things and parties."""

    grids: list[str] = Field(description="Cells that answer, from the top level down.")
    grid: str | None = Field(description="Lowest cell; none when it waits in the queue of an enclosing one.")
    grid_distance_m: float | None
    street: str | None
    street_distance_m: float | None
    street_side: str | None
    place: str | None
    frontage: str | None
    facility: str | None
    contract: str | None
    contractor: str | None
    responsible: str
    responsible_kind: Literal["unit", "firm", "person", "shop", "queue"]
    rule: str
    supervises: str | None
    owns: str | None
    handles: str
    holds: str
    flags: list[str]
    version: int
    revision: int


class Answered(BaseModel):
    """The answer to a question."""

    answer: Answer


class IssueRow(Answer):
    """A stored issue with its answer."""

    code: str = Field(description="Case number.")
    status: Literal["open", "closed"]
    lon: float
    lat: float
    scheme: str
    kind: str
    category: str
    description: str | None
    address: str | None
    channel: str | None
    reported_at: dt.datetime
    closed_at: dt.datetime | None
    as_of: dt.datetime
    distance_m: float | None = Field(None, description="From the place asked about.")


class IssueDocument(IssueRow):
    """An issue, and those in sight that it has to do with."""

    master: str | None = Field(description="Case number of the earlier issue that it repeats.")
    repeats: list[str] = Field(description="Case numbers of those that repeat it.")
    returned_from: list[str] = Field(description="Of closed ones whose problem it may be that has returned.")


class IssuePage(BaseModel):
    """Issues, and where the next ones begin."""

    issues: list[IssueRow]
    next: str | None


class AnyFiled(BaseModel):
    """What became of a report, whoever sent it."""

    code: str = Field(description="Case number.")
    new: bool = Field(description="False when the same key brought the same report before.")
    answer: Answer | None = Field(description="None where the reporter may not see who answers.")


class Filed(AnyFiled):
    """What became of a report."""

    suspected: list[SuspectDocument] = Field(description="Earlier reports that it may repeat, the likeliest first.")


class PublicFiled(AnyFiled):
    """What became of a report without an account."""

    photos: str = Field(description="Where photos of it are sent, for an hour.")


class JobFault(BaseModel):
    """Why a job failed."""

    code: str
    detail: str


class JobDocument(BaseModel):
    """A piece of work and how far it is."""

    id: int
    kind: Literal["export", "hotspots", "import", "plan", "strips", "tracks"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int = Field(description="Rows done.")
    total: int | None = Field(description="Rows to do, where that is known.")
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    result: dict[str, int | str | None] | None = Field(description="Counts, and of a file its `bytes` and `sha256`.")
    fault: JobFault | None
    file: str | None = Field(description="Where the file is that it made.")


class JobList(BaseModel):
    """Jobs, and where the next ones begin."""

    jobs: list[JobDocument]
    next: int | None


class UploadDocument(BaseModel):
    """A file that was sent."""

    id: int
    name: str
    bytes: int
    sha256: str
    columns: list[str] = Field(description="Columns of its first rows, under the file's own names.")


class PhotoDocument(BaseModel):
    """A photo of an issue."""

    id: int
    stage: Literal["report", "before", "after"]
    media_type: str
    width: int
    height: int
    bytes: int
    sha256: str = Field(description="Of what was sent.")
    taken_at: dt.datetime | None = Field(description="When the camera says that it was taken.")
    received_at: dt.datetime
    shown: str = Field(description="Where the copy is that is shown.")


class PhotoReceipt(BaseModel):
    """A photo that was received."""

    media_type: str
    width: int
    height: int
    bytes: int
    sha256: str = Field(description="Of what was sent.")


class PhotoList(BaseModel):
    """An issue's photos."""

    photos: list[PhotoDocument]


class PublicIssue(BaseModel):
    """What the public sees of an issue."""

    scheme: str
    kind: str
    category: str
    status: Literal["open", "closed"]
    day: dt.date = Field(description="Of the report, in the city.")
    lon: float = Field(description="Middle of the cell of 200 m that it lies in.")
    lat: float


class PublicPage(BaseModel):
    """Published issues, and where the next ones begin."""

    issues: list[PublicIssue]
    next: int | None


class Event(BaseModel):
    """Something that happened to an issue."""

    type: Literal["reported", "assigned", "reassigned", "closed", "photographed", "merged", "parted"]
    at: dt.datetime
    version: int | None
    revision: int | None
    former: dict[str, Any] | None = Field(description="The answer before, of a new one.")


class EventList(BaseModel):
    """What happened, in order."""

    events: list[Event]


class ConsideredDocument(BaseModel):
    """A candidate and what became of it."""

    step: str
    code: str
    name: str | None
    party: str | None
    verdict: str
    distance_m: float | None


class ExplanationDocument(BaseModel):
    """Why an issue has its answer."""

    answer: Answer
    considered: list[ConsideredDocument]
    told: list[str] = Field(description="The same in lines of plain words.")


class QuestionFault(BaseModel):
    """Why a question has no answer."""

    code: str
    detail: str


class Result(BaseModel):
    """An answer, or why there is none."""

    answer: Answer | None
    fault: QuestionFault | None


class BatchDocument(BaseModel):
    """One result a question, in their order."""

    results: list[Result]

"""What programs are answered about patrols, as the OpenAPI document describes it."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, Field

Status = Literal["walked", "probable", "blind", "no_data"]


class Segment(BaseModel):
    """A street from crossing to crossing."""

    street: str
    name: str | None
    class_: str | None = Field(alias="class")
    from_m: float = Field(description="Metres from the street's beginning; with `street` it names the segment.")
    to_m: float
    length_m: float
    grid: str | None = Field(description="Lowest grid that most of it lies in.")
    contractor: str | None = Field(description="Party that sweeps it.")


class SegmentCoverage(Segment):
    """What was walked of a segment within the window."""

    status: Status
    share: float = Field(description="Of its metres, surely passed at least once.")
    visits: int = Field(description="Sure passes over at least half of it.")
    passes: int = Field(description="Passes of any length and certainty.")
    visits_left: int | None = Field(
        description="Visits told to the left of the line as it is drawn; empty where the street is less than 30 m wide."
    )
    visits_right: int | None = Field(description="The same of the right; of the other visits no side can be told.")
    age_h: float | None = Field(description="Hours since four fifths of it were passed; empty where they were not all.")
    gap_h: float = Field(description="Longest time without a visit.")


class CoverageFigures(BaseModel):
    """What was walked of all segments of a lane, cell, party, person or shift."""

    code: str | None
    name: str | None
    due_m: float = Field(description="Metres that are to be patrolled.")
    walked_m: float
    probable_m: float
    blind_m: float
    no_data_m: float = Field(description="Metres where nobody sent a track at all; not blind.")
    covered_m: float = Field(description="Metres surely passed at least once, whatever may be said of the segment.")
    share: float | None = Field(description="Covered metres of those that are due.")
    walked_share: float | None = Field(description="Metres of walked segments of those that are due; as on the page.")
    visits: int
    segments: int
    blind: int = Field(description="Segments that are blind.")
    oldest_age_h: float | None = Field(description="Hours since the segment was passed that was passed longest ago.")
    longest_gap_h: float | None
    unwalked_m: float | None = Field(
        description="Metres that nobody is proved to have walked in the city's days; nothing where these are not kept."
    )


class ShiftFigures(CoverageFigures):
    """The same of one duty window."""

    day: dt.date
    class_: str = Field(alias="class", description="Of the streets; `*` for all without a window of their own.")
    begins_at: dt.datetime
    ends_at: dt.datetime


class InspectorFigures(BaseModel):
    """What one person walked, of all segments that are due."""

    code: str = Field(description="Name of the account.")
    name: str | None
    due_m: float
    covered_m: float
    share: float | None
    visits: int
    segments: int = Field(description="Segments visited.")
    patrol_m: float = Field(description="Metres of all sure passes, on any segment.")
    patrol_h: float
    first_at: dt.datetime
    last_at: dt.datetime


class CoverageWindow(BaseModel):
    """Half-open, and when it was asked."""

    as_of: dt.datetime
    since: dt.datetime
    until: dt.datetime
    newest_day: dt.date | None = Field(description="The last local day that there is a track of.")


class CoverageList(CoverageWindow):
    """What was walked within a window."""

    by: str
    count: int = Field(description="How many rows there are; `limit` of them are told.")
    rows: list[SegmentCoverage | ShiftFigures | CoverageFigures | InspectorFigures]


class Unwalked(Segment):
    """A segment that nobody is proved to have walked."""

    status: Status
    last_at: dt.datetime | None = Field(description="When it was last visited, as far back as is kept.")


class UnwalkedList(CoverageWindow):
    """What nobody is proved to have walked: blind, probable or without data; those longest ago first."""

    count: int
    length_m: float = Field(description="Of all of them.")
    segments: list[Unwalked]


class Exposure(BaseModel):
    """Patrol on a segment or in a cell."""

    code: str | None = Field(description="Of the street or the grid.")
    from_m: float | None = Field(description="Of a segment.")
    to_m: float | None
    patrol_m: float = Field(description="Metres walked, all people together.")
    patrol_h: float = Field(description="Hours spent, all people together.")


class ExposureList(CoverageWindow):
    """Where patrols were, for rates by patrol: a place where nobody looks has no findings."""

    by: str
    count: int
    rows: list[Exposure]


class DigestDocument(BaseModel):
    """One local day's patrol in figures and sentences."""

    day: dt.date
    figures: dict[str, Any]
    lines: list[str]

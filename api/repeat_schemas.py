"""What programs are told of suspected repeats, as the OpenAPI document describes it."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

State = Literal["suspected", "merged", "rejected"]


class SuspectDocument(BaseModel):
    """An earlier report that may be of the same problem. Who may not see issues is told of which class it is, how far
    away, to ten metres, and when, to the hour, and nothing else.
    """

    code: str | None = Field(description="Case number.")
    score: float | None = Field(description="Probability that it is the same problem.")
    away_m: float = Field(description="How far it lies.")
    returned: bool | None = Field(description="Whether it was closed before: then the problem has returned.")
    scheme: str
    kind: str
    category: str
    reported_at: dt.datetime
    reasons: list[str] = Field(description="What both have in common, in words.")


class SuspectList(BaseModel):
    """Earlier reports that one may repeat, the likeliest first."""

    suspected: list[SuspectDocument]


class PairedIssue(BaseModel):
    """One of the two issues of a pair."""

    code: str = Field(description="Case number.")
    status: Literal["open", "closed"]
    lon: float
    lat: float
    scheme: str
    kind: str
    category: str
    description: str | None
    address: str | None
    reported_at: dt.datetime
    closed_at: dt.datetime | None


class RepeatDocument(BaseModel):
    """Two issues that may be of one problem, and what a person made of it."""

    id: int
    state: State
    score: float = Field(
        description="Probability that both are of one problem; without regard to who reported to who may not know that."
    )
    away_m: float = Field(description="How far they lie from each other.")
    returned: bool = Field(description="Whether the earlier one was closed before: a problem that has returned.")
    earlier: PairedIssue
    later: PairedIssue
    reasons: list[str] = Field(description="What both have in common, in words.")
    noted_at: dt.datetime
    decided_at: dt.datetime | None


class RepeatPage(BaseModel):
    """Pairs, and where the next ones begin."""

    repeats: list[RepeatDocument]
    next: int | None


class GroupDocument(BaseModel):
    """Issues of one problem."""

    master: str = Field(description="Case number of the earliest.")
    repeats: list[str] = Field(description="Of those that repeat it.")
    changed: bool = Field(description="False when it was so before.")


class Decided(BaseModel):
    """What a decision came to."""

    changed: bool = Field(description="False when it was so before.")


class RepeatCounts(BaseModel):
    """What was reported in a time, counted both ways."""

    since: dt.datetime
    until: dt.datetime
    reports: int = Field(description="As they came.")
    problems: int = Field(description="Without those that repeat an earlier one, as people said.")
    returned: int = Field(description="Problems that had been closed before, as far as nobody has rejected that.")
    returned_share: float | None = Field(description="Their share of the problems; none without a problem.")
    suspected: int = Field(description="Reports with a suspicion that nobody has decided.")

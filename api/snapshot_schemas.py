"""What programs are answered about kept hot spots, as the OpenAPI document describes it."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, Field


class Share(BaseModel):
    """How good a forecast was in its hottest share of the ground."""

    share: float = Field(description="Of the area, at most.")
    units: int = Field(description="Cells that were chosen.")
    chosen: float = Field(description="Share of the area that they are.")
    reports: int = Field(description="That came in all.")
    caught: int = Field(description="Of these, in the chosen cells.")
    hit_rate: float = Field(description="Caught of all.")
    hit_rate_low: float
    hit_rate_high: float
    pai: float = Field(description="Hit rate over the chosen share: 1 is chance.")
    pai_low: float
    pai_high: float
    pei: float = Field(description="Caught of the most that any choice of that size could have.")
    pei_low: float
    pei_high: float


class Told(BaseModel):
    """How good a forecast was over the fortnight after it."""

    told_at: dt.datetime
    since: dt.date = Field(description="First local day that was forecast.")
    until: dt.date = Field(description="Last one.")
    reports: int | None = Field(
        description="That came, within the forecast's ground; of none nothing can be said. `null`: it broke."
    )
    shares: list[Share]


class Refusal(BaseModel):
    """Why a method had no answer."""

    code: str
    detail: str


class SnapshotEntry(BaseModel):
    """Hot spots as they were found."""

    day: dt.date = Field(description="The last local day whose reports they know.")
    method: str
    support: str = Field(description="Level of the grids; empty of methods that count by none.")
    per: Literal["none", "size", "shops", "patrol"] = Field(description="What counts are compared with.")
    made_at: dt.datetime
    fault: Refusal | None
    facts: dict[str, Any] | None = Field(description="Figures of the whole city, for those who see all of it.")
    told: Told | None = Field(description="How good a forecast was, once that is known; for those who see all.")


class SnapshotList(BaseModel):
    """Kept hot spots, newest day first."""

    snapshots: list[SnapshotEntry]
    until: dt.date | None = Field(description="`until` of the next page; empty on the last.")


class SnapshotDocument(SnapshotEntry):
    """A snapshot as GeoJSON: cells in scope; circles and surfaces for those who see the whole city."""

    type: Literal["FeatureCollection"]
    count: int
    features: list[dict[str, Any]]


class ForecastScore(BaseModel):
    """One forecast, and how good it was."""

    day: dt.date
    made_at: dt.datetime
    bandwidth_m: float | None
    since: dt.date = Field(description="First local day that was forecast.")
    until: dt.date = Field(description="Last one; scores are told once it is over.")
    before: list[dict[str, Any]] | None = Field(
        description="What the same forecast would have come to over the last fortnight known then."
    )
    told: Told | None


class ScoreList(BaseModel):
    """Forecasts of the city, newest first."""

    scores: list[ForecastScore]


class HotCell(BaseModel):
    """A cell of the lowest level."""

    code: str
    name: str | None


class Alarm(BaseModel):
    """A crowd of reports that chance hardly makes."""

    count: int
    expected: float
    days: int = Field(description="How long it has lasted.")
    radius_m: float
    p: float
    around: list[str] = Field(description="Names of the areas its middle lies in.")


class Ahead(BaseModel):
    """Where the next fortnight's reports are expected."""

    since: dt.date
    until: dt.date
    areas: list[str] = Field(description="Areas with most of the hottest hundredth of the ground.")


class LastScore(BaseModel):
    """How good the last forecast was that can be told of."""

    day: dt.date
    share: float
    hit_rate: float
    pai: float
    reports: int


class HotFigures(BaseModel):
    """What was hot on a day, and what had not been so, or was so no longer."""

    before: dt.date | None = Field(description="The day it is compared with: the last one before it that is kept.")
    hot: list[HotCell] = Field(description="Hot at 95 % at least, those least likely by chance first.")
    new: list[HotCell] | None
    faded: list[HotCell] | None
    alarm: Alarm | None = Field(None, description="This and what follows: for those who see the whole city.")
    ahead: Ahead | None = None
    scored: LastScore | None = None


class HotDigest(BaseModel):
    """A local day's hot spots in figures and sentences."""

    day: dt.date
    figures: HotFigures
    lines: list[str]

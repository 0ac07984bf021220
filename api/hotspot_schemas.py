"""What programs are answered about hot spots, as the OpenAPI document describes it."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, Field


class UsualQuestion(BaseModel):
    """What a method is asked where nothing else is said."""

    days: int = Field(description="Local days up to the newest report.")
    bandwidth_m: float
    cell_m: float
    step_days: int


class MethodDocument(BaseModel):
    """A way of looking for hot spots."""

    name: str
    title: str = Field(description="In the reader's language.")
    supports: list[str] = Field(description="Units it may count by, the usual one first; none of methods on points.")
    per: list[str] = Field(description="What counts may be compared with: `none`, `size`, `shops`, `patrol`.")
    usual: UsualQuestion


class MethodList(BaseModel):
    """The methods, in the order they are offered."""

    methods: list[MethodDocument]


class HotspotFeature(BaseModel):
    """A class of heat, a stretch of street, a unit, a circle or a cluster."""

    type: Literal["Feature"]
    id: int = Field(description="Its place in the answer.")
    geometry: dict[str, Any]
    properties: dict[str, Any] = Field(description="Columns of the method; what cannot be told is `null`.")


class HotspotFeatures(BaseModel):
    """What a method found."""

    type: Literal["FeatureCollection"]
    method: str
    title: str
    since: dt.date = Field(description="First local day that is looked at.")
    until: dt.date = Field(description="Last local day, included.")
    support: str | None = Field(description="Units that were counted by.")
    per: str
    problems: bool = Field(description="Whether repeats of a report were left out.")
    facts: dict[str, Any] = Field(description="What is said of the whole, whatever the box: scale, rates, expected.")
    count: int = Field(description="Features told.")
    features: list[HotspotFeature]

"""What programs send of tracks and are answered, as the OpenAPI document describes it."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas import Code, Moment, Sent

MOST_POINTS = 20_000


class Position(Sent):
    """Where somebody was. A point without a time or a place is not taken, and counted."""

    t: float | None = Field(None, description="Seconds since 1970.", examples=[1_782_792_000.0])
    time: Moment | None = Field(None, description="The same with its offset, instead of `t`.")
    lon: float | None = Field(None, description="Degrees east in `datum`.", examples=[108.3665])
    lat: float | None = Field(None, description="Degrees north in `datum`.", examples=[22.817])
    accuracy_m: float | None = Field(None, description="Radius of 68 %, metres; 0 where the receiver does not know.")


class TrackSent(Sent):
    """Points of one receiver, in any order."""

    points: list[Position] = Field(min_length=1, max_length=MOST_POINTS)
    datum: Code = Field("wgs84", description="`wgs84`, `cgcs2000`, `gcj02`, `bd09` or `EPSG:n`.", examples=["wgs84"])
    carrier: Code | None = Field(None, description="Account of who carried it, for those who may load; else one's own.")


class TrackKept(BaseModel):
    """What became of points that were sent."""

    accepted: int = Field(description="Points that are new, or came with some that are.")
    known: int = Field(description="Points of days of which exactly these were there already.")
    dropped: dict[str, int] = Field(
        description="Points not taken, by reason: `unreadable`, `swapped`, `elsewhere`, `future`, `too_old`."
    )
    days: list[dt.date] = Field(description="Local days that will be matched.")


class Fault(BaseModel):
    """Why nothing of a day counts."""

    code: str
    detail: str


class TrackDay(BaseModel):
    """One carrier's local day."""

    carrier: str
    day: dt.date
    body: str | None = Field(description="Party they belonged to when it was matched.")
    points: int | None = Field(description="Points of the day; null for who sees a part of the city.")
    used: int | None = Field(description="Points left after cleaning; null as above.")
    dropped: dict[str, int] | None = Field(description="Points that went, by reason; null as above.")
    walked_m: float = Field(description="Metres of all passes in one's area together.")
    fault: Fault | None
    matched_at: dt.datetime


class TrackDays(BaseModel):
    """Days, newest first."""

    days: list[TrackDay]
    next: str | None = Field(description="There may be more, even where a page has few days or none.")


class TrackFeature(BaseModel):
    """A piece of the track (`track`, a line with its seconds in `t`), a pass (`pass`) or a stop (`stop`)."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class TrackReplay(BaseModel):
    """One day of a carrier as GeoJSON."""

    type: Literal["FeatureCollection"]
    features: list[TrackFeature]
    day: TrackDay | None = Field(description="What was made of it; none where it is not matched yet.")
    expired: bool = Field(description="Whether the raw points are gone by their age; passes stay.")

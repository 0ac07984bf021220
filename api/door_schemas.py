"""What programs are answered about front doors, as the OpenAPI document describes it."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, Field

from gis_core.ledger import STATES

Grade = Literal["red", "blue", "yellow"]
Body = Literal["city", "district"]
Step = Literal["notice", "warning", "case"]
State = Literal["signed", "unsigned", "blank", "excluded"]
assert State.__args__ == STATES  # type: ignore[attr-defined]


class DoorFigures(BaseModel):
    """Kerb, shops and violations of a street or cell."""

    code: str
    name: str | None
    signed_m: float = Field(description="Metres of kerb before shops that all have an agreement in force.")
    unsigned_m: float
    blank_m: float
    excluded_m: float
    signed_share: float | None = Field(description="Signed metres of the kerb that is not excluded.")
    shop_share: float | None = Field(description="Signed metres of the kerb before shops.")
    units: int = Field(description="Shops.")
    signed_units: int
    unit_share: float | None
    estimated_share: float | None = Field(description="Of the metres before shops those known by points only.")
    violations: int
    per_100_m: float | None = Field(description="Violations for each 100 m of kerb that is not excluded.")
    low: float | None = Field(description="Lower end of its interval at 95 percent.")
    high: float | None


class DoorFiguresList(BaseModel):
    """Figures by street or cell on a day."""

    day: dt.date
    since: dt.datetime
    until: dt.datetime
    figures: list[DoorFigures]


class DoorPart(BaseModel):
    """A piece of a street's side."""

    strip: str
    name: str | None
    kind: str
    state: State
    side: Literal["left", "right"]
    from_m: float
    to_m: float
    violations: int


class StreetUnrolled(BaseModel):
    """Both sides of a street from its beginning to its end."""

    code: str
    name: str
    length_m: float
    left: list[DoorPart]
    right: list[DoorPart]


class Repeated(BaseModel):
    """A strip before which something was wrong again and again."""

    strip: str
    name: str | None
    state: State | None = Field(description="Empty where the strip is no longer there.")
    street: str | None
    violations: int
    last: dt.datetime


class RepeatedList(BaseModel):
    """Strips with several violations, most first."""

    since: dt.datetime
    until: dt.datetime
    strips: list[Repeated]


class Letter(BaseModel):
    """An agreement of a shop."""

    code: str
    duties: list[str]
    party: str | None
    signed_on: dt.date | None
    document: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None


class Month(BaseModel):
    """A month in which a shop was inspected."""

    month: str = Field(examples=["2026-06"])
    score: float
    grade: Grade
    referred: bool = Field(description="The third yellow month in a row or later: to the market regulator.")


class DoorEventDocument(BaseModel):
    """Something that happened at a shop's front door."""

    id: int
    kind: Literal["inspection", "notice", "warning", "case", "confirmation"]
    at: dt.datetime
    body: Body | None
    score: float | None
    category: str | None
    issue: str | None
    answers: int | None = Field(description="Of a confirmation: the event that a photo shows to be dealt with.")
    taken_at: dt.datetime | None = Field(description="Of a confirmation: when the camera says that it was taken.")
    photo: str | None = Field(description="Of a confirmation: where its photo is.")
    settled_at: dt.datetime | None = Field(description="When an inspector said that it is dealt with.")
    withdrawn_at: dt.datetime | None = Field(description="Since when it counts no more.")


class StandingDocument(BaseModel):
    """How a shop stands."""

    grade: Grade | None = Field(
        description="Of the newest month that is over; before there is one, of the running one."
    )
    month: str | None
    provisional: bool = Field(description="Whether that month is still running.")
    referred: bool = Field(description="Whether the last month was the third yellow one in a row or a later one.")
    months: list[Month]
    events: list[DoorEventDocument] = Field(description="The newest 50.")


class ShopStanding(BaseModel):
    """How a shop stands."""

    shop: str
    name: str | None
    month: str
    score: float
    grade: Grade
    provisional: bool
    referred: bool


class StandingList(BaseModel):
    """How shops stand."""

    count: int
    standings: list[ShopStanding]
    next: str | None


class Noticed(BaseModel):
    """What came of a notice."""

    event: int
    step: Step
    again: bool = Field(description="Whether somebody noted it a moment before: this is that one.")
    issue: str | None = Field(
        description="Number of the case, from the third time on; empty where the city's cells do not reach."
    )
    responsible: str | None = Field(
        description="Who answers for the case, if it is in one's area; not the shop where an earlier rule does."
    )
    rule: str | None


class DoorDocument(BaseModel):
    """A shop's front door."""

    code: str
    name: str
    address: str | None
    trade: str | None
    plate: str | None
    person: str | None = Field(description="Who is in charge; of those who may not see how to reach people, masked.")
    strip: str | None = Field(description="Code of its strip; empty where it has none.")
    state: State | None
    origin: str | None
    quality: str | None
    street: str | None
    length_m: float | None
    duties: list[str] = Field(description="What it answers for on the day.")
    agreements: list[Letter]
    violations: int
    standing: StandingDocument


class Duty(BaseModel):
    """Duties of a shop in words."""

    tag: str | None = Field(description="What they are called together; empty for single matters.")
    matters: list[dict[str, str]] = Field(description="Their names by language.")


class ToldShop(BaseModel):
    """Something that a shop was told."""

    number: int
    step: Step
    at: dt.datetime
    category: str
    matter: dict[str, str] = Field(description="Name of the category by language.")
    photos: int = Field(description="How many photos show that it is dealt with.")
    confirmed_at: dt.datetime | None = Field(description="When the first of them came.")
    settled_at: dt.datetime | None = Field(description="When an inspector said so, or its issue was closed.")


class OpenedDoor(BaseModel):
    """What a shop's plate opens."""

    code: str
    name: str
    address: str | None
    plate: str | None
    grade: Grade | None
    signed: bool = Field(description="Whether the shop has an agreement in force.")
    quality: str | None
    street: str | None
    length_m: float | None
    strip: dict[str, Any] | None = Field(description="GeoJSON geometry; empty where none is drawn.")
    signed_on: dt.date | None
    valid_to: dt.date | None
    duties: list[Duty]
    notices: list[ToldShop] = Field(description="The newest ten of the city's days.")


class ConfirmationReceipt(BaseModel):
    """A photo that was received."""

    received_at: dt.datetime
    bytes: int
    sha256: str = Field(description="Of what was sent.")


class PlateDocument(BaseModel):
    """What is on a shop's new plate."""

    token: str = Field(examples=["3q2-7wXkQmO0vYd1tq9ZsA"])
    address: str = Field(description="What its QR code says.")

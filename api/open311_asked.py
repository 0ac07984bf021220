"""What Open311 clients ask for: lists between commas, dates, and reports as forms."""

import datetime as dt
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator, ValidationError
from starlette.datastructures import UploadFile

from api.open311 import category_of
from api.schemas import MOST_AT_ONCE, Report
from gis_core.errors import InvalidInput

SPAN = dt.timedelta(days=90)
YEARS = range(1900, 9900)
"""Far enough from where calendars end for every sum of a date, a zone and a span."""
MOST_CHARACTERS = 40_000
Text = Annotated[str | None, Query(max_length=MOST_CHARACTERS), BeforeValidator(lambda text: text or None)]
"""A parameter of the standard: an empty one is one that is not there."""
TAKEN = (
    "api_key", "jurisdiction_id", "service_code", "lat", "long", "address_string", "description", "first_name",
    "last_name", "phone",
)  # fmt: skip
NOT_KEPT = ("email", "device_id", "account_id", "address_id", "media_url", "media")
"""Fields of a report that the standard knows and there is no place for; ``media`` as a file is a photo."""


@dataclass(frozen=True)
class Form:
    """A report as it was sent: its fields without empty ones, of files the name; and the files called ``media``, on the
    disk as long as the request is.
    """

    fields: Mapping[str, str]
    photos: Sequence[UploadFile]


@asynccontextmanager
async def sent(request: Request) -> AsyncIterator[Form]:
    """A report, urlencoded or multipart.

    Raises
    ------
    InvalidInput
        For the first field that the standard does not know, or that no service asks for.
    """
    async with request.form(max_files=10, max_fields=100) as form:
        fields = {name: value if isinstance(value, str) else value.filename or "" for name, value in form.items()}
        files = {name for name, value in form.items() if not isinstance(value, str)}
        for name in fields:
            if name not in TAKEN + NOT_KEPT or (name in files and name in TAKEN):
                known = ", ".join(TAKEN + NOT_KEPT)
                raise InvalidInput("parameter_unknown", field=name[:100], value=name[:100], expected=known)
        media = [value for value in form.getlist("media") if not isinstance(value, str) and value.size]
        yield Form({name: value for name, value in fields.items() if value}, media)


def report_of(said: Mapping[str, str]) -> Report:
    """The report in the fields of a form.

    Raises
    ------
    InvalidInput
        When it lacks a service or a position; an address alone is none.
    RequestValidationError
        When a value cannot be.
    """
    if "service_code" not in said:
        raise InvalidInput("parameter_invalid", field="service_code", value="", expected="services")
    if "lat" not in said or "long" not in said:
        raise InvalidInput("position_needed", field="lat, long")
    kind, category = category_of(said["service_code"])
    person = " ".join(said[name] for name in ("last_name", "first_name") if name in said)
    contact = {"name": person or None, "phone": said.get("phone")}
    named: dict[str, Any] = {
        "lon": said["long"], "lat": said["lat"], "kind": kind, "category": category, "channel": "open311",
        "description": said.get("description"), "address": said.get("address_string"),
        "contact": contact if any(contact.values()) else None,
    }  # fmt: skip
    try:
        return Report.model_validate(named)
    except ValidationError as fault:
        called = {"lon": "long", "address": "address_string", "category": "service_code"}
        wrong = [{**one, "loc": ("body", *(called.get(str(name), name) for name in one["loc"]))}
                 for one in fault.errors()]  # fmt: skip
        raise RequestValidationError(wrong) from None


def not_kept(form: Form, photos_kept: int) -> list[str]:
    """Names of the fields that were sent and are not stored, or of ``media`` not every one."""
    whole = {"media"} if form.photos and photos_kept == len(form.photos) else set()
    return [name for name in NOT_KEPT if name in form.fields and name not in whole]


def several(name: str, written: str | None, known: Collection[str] | None = None) -> tuple[str, ...] | None:
    """Values between commas; ``None`` where there are none.

    Raises
    ------
    InvalidInput
        When there are more than a page holds, or one is not known.
    """
    values = tuple(dict.fromkeys(one for part in (written or "").split(",") if (one := part.strip())))
    if len(values) > MOST_AT_ONCE:
        raise InvalidInput("parameter_invalid", field=name, value=len(values), expected=f"≤ {MOST_AT_ONCE}")
    for one in values:
        if known is not None and one not in known:
            raise InvalidInput("parameter_invalid", field=name, value=one[:100], expected=", ".join(known))
    return values or None


def window(start_date: str | None, end_date: str | None, now: dt.datetime) -> tuple[dt.datetime, dt.datetime | None]:
    """From when and before when requests are asked for: 90 days at most.

    With one date the 90 days from or up to it, without any the last 90 and whatever came since ``now``.

    Raises
    ------
    InvalidInput
        When a date is no instant with its zone, or they are the wrong way round or farther apart.
    """
    start, end = instant("start_date", start_date), instant("end_date", end_date)
    if start is None and end is None:
        return now - SPAN, None
    start = start or (end or now) - SPAN
    end = end or start + SPAN
    if not dt.timedelta(0) <= end - start <= SPAN:
        expected = f"start_date ≤ end_date ≤ start_date + {SPAN.days} d"
        raise InvalidInput("parameter_invalid", field="end_date", value=end_date, expected=expected)
    # Requests say their time in whole seconds: the one that gave the date is asked for as well.
    return start, end + dt.timedelta(seconds=1)


_EXAMPLE = "2026-07-01T08:00:00Z"


def instant(name: str, written: str | None) -> dt.datetime | None:
    """An instant with its zone, in UTC; ``None`` where there is none.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    if not written:
        return None
    try:
        # A plus sign that was not encoded arrives as a blank.
        moment = dt.datetime.fromisoformat(written.replace(" ", "+"))
        if moment.tzinfo is None or moment.year not in YEARS:
            raise ValueError(written)
        return moment.astimezone(dt.UTC)
    except ValueError:
        raise InvalidInput("parameter_invalid", field=name, value=written[:100], expected=_EXAMPLE) from None

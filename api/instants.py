"""Days and instants as people type them, in the city's time."""

import datetime as dt
from zoneinfo import ZoneInfo

from gis_core.errors import InvalidInput

BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)
"""The beginning of time: a version effective from here answers for every past."""


def parse_day(text: str | dt.date) -> dt.date:
    """A calendar day.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    try:
        return text if isinstance(text, dt.date) else dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("not_a_time", value=text) from None


def parse_instant(text: str | dt.date, zone: ZoneInfo) -> dt.datetime:
    """A day (its first moment), an instant, or ``beginning``; without an offset it is city time.

    Raises
    ------
    InvalidInput
        When it is none of these.
    """
    if text == "beginning":
        return BEGINNING
    try:
        moment = dt.datetime.fromisoformat(str(text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise InvalidInput("not_a_time", value=str(text)) from None

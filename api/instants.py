"""Days and instants as people type them, in the city's time."""

import datetime as dt
from zoneinfo import ZoneInfo

from gis_core.errors import InvalidInput

YEARS = (1970, 9998)
"""The calendar ends soon after these, and no day there can be asked for with the hours beside it."""
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


def is_sensible(day: dt.date) -> bool:
    """Whether anything can be asked of a local day and of those beside it."""
    return YEARS[0] <= day.year <= YEARS[1]


def sensible(day: dt.date) -> dt.date:
    """A local day of which anything can be asked.

    Raises
    ------
    InvalidInput
        When it is at the ends of the calendar.
    """
    if not is_sensible(day):
        raise InvalidInput(
            "parameter_invalid", field="day", value=day.isoformat(), expected=" – ".join(map(str, YEARS))
        )
    return day


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

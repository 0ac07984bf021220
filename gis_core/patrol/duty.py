"""When streets are to be patrolled: duty windows by class of street, in the city's local time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from gis_core.errors import InvalidInput

DAY = 24 * 60


@dataclass(frozen=True)
class Duty:
    """One window a day.

    Parameters
    ----------
    kind
        Class of street, ``"*"`` for all that have no window of their own.
    begin, end
        Local time, ``HH:MM``; up to and without the end, ``24:00`` being midnight. A window that ends before it begins
        goes on into the next day.
    """

    kind: str
    begin: str
    end: str

    def minutes(self) -> list[tuple[int, int]]:
        """The window in minutes from midnight, in two parts where it goes on into the next day."""
        begin, end = _minutes(self.begin), _minutes(self.end)
        if begin < end:
            return [(begin, end)]
        return [(begin, DAY), (DAY, DAY + end)] if end else [(begin, DAY)]


TWELVE_HOURS = (Duty("*", "07:00", "19:00"),)
SEVEN_TO_NINE = (Duty("*", "07:00", "21:00"),)
"""朝七晚九: fourteen hours."""


def duty_windows(duties: Sequence[Duty], days: Sequence[dt.date], timezone: str) -> pd.DataFrame:
    """Every window of every day: ``kind``, ``day``, ``begin_s`` and ``end_s`` (seconds since 1970, half-open).

    A night belongs to the day it begins on. Windows that the clocks leap over in spring are left out.

    Raises
    ------
    InvalidInput
        When a time of day or the time zone cannot be read.
    """
    zone = _zone(timezone)
    rows = [
        (duty.kind, day, _instant(day, begin, zone), _instant(day, end, zone))
        for day in days
        for duty in duties
        for begin, end in duty.minutes()
    ]
    rows = [row for row in rows if row[2] < row[3]]
    return pd.DataFrame(rows, columns=["kind", "day", "begin_s", "end_s"])


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput("duty_zone", value=timezone, expected="Asia/Shanghai") from error


def _instant(day: dt.date, minute: int, zone: ZoneInfo) -> float:
    midnight = dt.datetime.combine(day + dt.timedelta(days=minute // DAY), dt.time(), zone)
    return midnight.replace(hour=minute % DAY // 60, minute=minute % 60).timestamp()


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    if hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2:
        total = int(hours) * 60 + int(minutes)
        if int(minutes) < 60 and total <= DAY:
            return total
    raise InvalidInput("duty_time", field="duty", value=text, expected="00:00–24:00")

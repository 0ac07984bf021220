"""Times as people write them, and days on which rows hold."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Table, and_, or_, true


def span(written: str, kind: str, zone: ZoneInfo) -> tuple[Any, Any]:
    """The first moment or day of a time, and the first after it.

    Parameters
    ----------
    written
        A day, or an instant, which is in ``zone`` unless it has an offset.
    kind
        ``instant`` or ``day``: what is wanted.

    Raises
    ------
    ValueError
        When it is neither.
    """
    try:
        if len(written) == len("2026-07-01"):
            day = dt.date.fromisoformat(written)
            days = (day, day + dt.timedelta(days=1))
            return days if kind == "day" else (_begin(days[0], zone), _begin(days[1], zone))
        moment = dt.datetime.fromisoformat(written)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)
        if kind == "instant":
            return moment, moment + dt.timedelta(microseconds=1)
        return moment.astimezone(zone).date(), moment.astimezone(zone).date() + dt.timedelta(days=1)
    except OverflowError:
        raise ValueError(written) from None


def _begin(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def midnight(instant: dt.datetime, zone: ZoneInfo, days: int = 0) -> dt.datetime:
    """The beginning of the local day of an instant, or of a later day, in UTC."""
    return _begin(instant.astimezone(zone).date() + dt.timedelta(days=days), zone)


def holds_between(table: Table, first: dt.date | None, until: dt.date | None) -> ColumnElement[bool]:
    """The rows that hold on a day from ``first`` to before ``until``; ``None`` for an open end."""
    begun = true() if until is None else or_(table.c.valid_from.is_(None), table.c.valid_from < until)
    lasting = true() if first is None else or_(table.c.valid_to.is_(None), table.c.valid_to >= first)
    return and_(begun, lasting)

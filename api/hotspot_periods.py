"""The period that the page of hot spots shows, as its address says it, and the steps that it is played in."""

import datetime as dt
from typing import NamedTuple

from api.hotspot_questions import DAYS, day_of, refused
from map_ui.hotspots import PERIODS_DAYS, USUAL_DAYS

WEEK, WEEKS = 7, 12
"""Days of a step of changes, and how many of them are told of."""
BANDWIDTH_M = 100.0
MOST_DAYS = 366
STEPS_DAYS = ((28, 1), (182, 7), (MOST_DAYS, 28))
"""Up to how many days a period has steps of how many: 28 at most, each of which is a picture in the page."""
Span = tuple[dt.date, dt.date]


class Chosen(NamedTuple):
    """A period as an address says it.

    Parameters
    ----------
    days
        So many local days up to the last one.
    since, until
        Local days, both included; the last is that of the newest report if not said.
    """

    days: int | None = None
    since: str | None = None
    until: str | None = None


USUAL = Chosen()


def period_of(chosen: Chosen, newest: dt.date, today: dt.date) -> Span:
    """First and last local day of a period.

    Parameters
    ----------
    newest
        Local day of the newest report.

    Raises
    ------
    InvalidInput
        When there is no such day, one is still to come, or the days are none, or more than :data:`MOST_DAYS`.
    """
    days = USUAL_DAYS if chosen.days is None else chosen.days
    if not 1 <= days <= MOST_DAYS:
        raise refused("days", days, f"1 – {MOST_DAYS}")
    since, until = (day_of(name, getattr(chosen, name), today) for name in ("since", "until"))
    last = until or max(newest, since or newest)
    first = since or last - (days - 1) * DAYS
    if not first <= last < first + MOST_DAYS * DAYS:
        raise refused("since", first, f"{last - (MOST_DAYS - 1) * DAYS} – {last}")
    return first, last


def chosen_days(period: Span, newest: dt.date) -> int | None:
    """Which of the periods that are offered it is."""
    days = (period[1] - period[0]).days + 1
    return days if period[1] == newest and days in PERIODS_DAYS else None


def steps_of(period: Span) -> tuple[int, list[Span]]:
    """How many days a step has, and the steps: whole ones, the last of which ends with the period."""
    days = (period[1] - period[0]).days + 1
    step = next(step for most, step in STEPS_DAYS if days <= most)
    return step, [until_of(period[1] - step * nth * DAYS, step) for nth in reversed(range(days // step))]


def until_of(last: dt.date, days: int) -> Span:
    """So many days up to the last one."""
    return last - (days - 1) * DAYS, last

"""Plans that recur: on which days, and what is asked for then; and showcase routes, walked as they are written."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gis_core.errors import InvalidInput
from gis_core.planning.asking import Asked
from gis_core.planning.board import Board, Choice
from gis_core.planning.openings import opened
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Day, Patroller, Reason, Stop
from gis_core.planning.writing import written
from gis_core.routing.matrices import Ways


@dataclass(frozen=True, kw_only=True)
class Recurring:
    """What is asked for on days that come again.

    Parameters
    ----------
    asked
        Its day is the first on which it may be.
    weekdays
        0 for Monday to 6 for Sunday.
    dates, without
        Further days, and days on which it is not.
    until
        The last day on which it may be; None: no last.
    """

    asked: Asked
    weekdays: frozenset[int] = frozenset()
    dates: frozenset[dt.date] = frozenset()
    without: frozenset[dt.date] = frozenset()
    until: dt.date | None = None

    def __post_init__(self) -> None:
        if wrong := sorted(self.weekdays - set(range(7))):
            raise InvalidInput("proposal_count", field="weekdays", value=wrong[0], expected="0 – 6")

    def on(self, day: dt.date) -> Asked | None:
        """What is asked for on a day, ``None`` where nothing is. Each day has draws of its own."""
        last = self.until is None or day <= self.until
        if day in self.without or day < self.asked.day or not last:
            return None
        return replace(self.asked, day=day) if day in self.dates or day.weekday() in self.weekdays else None


def showcase(route: str, places: Sequence[Stop]) -> list[Stop]:
    """Stops of a showcase route, in the order in which they are shown.

    Parameters
    ----------
    route
        Its name.
    places
        Where they are; a place may come twice.
    """
    of = len(places)
    return [
        replace(
            place, code=f"showcase:{nth}:{place.place or place.code}", kind="showcase", must=True,
            reasons=(Reason("showcase_place", {"nth": nth, "of": of, "route": route}),),
        )
        for nth, place in enumerate(places, start=1)
    ]  # fmt: skip


def plan_showcase(day: Day, ways: Mapping[str, Ways], *, now_s: int = 0) -> Plan:
    """The stops of a day one after the other, as they are written, by its one patroller; nothing is searched for.

    Parameters
    ----------
    day
        One patroller, and the stops in order; lanes are not looked at.
    now_s
        Nobody sets out before.

    Raises
    ------
    InvalidInput
        When there is not exactly one patroller, or the order cannot be kept within shift, breaks and windows.
    """
    if len(day.patrollers) != 1:
        raise InvalidInput("showcase_one", field="patrollers", value=len(day.patrollers), expected=1)
    board = Board(replace(day, lanes=()), ways)
    draft = opened(board, now_s=now_s)[0]
    who = day.patrollers[0]
    for at, stop in enumerate(day.stops):
        choice: Choice = board.units(at, who.mover)[0][0]
        draft = draft.having([*draft.choices, choice])
        if not draft.fits or not day.fits(stop, who):
            raise InvalidInput("showcase_order", field="places", value=stop.name or stop.code, patroller=who.code)
    return written(board, [draft], seed=day.seed, iterations=0)


def alone(day: Day, who: Patroller, stops: Sequence[Stop]) -> Day:
    """A day for one patroller with some stops alone, who goes wherever they are."""
    return replace(day, patrollers=(who,), stops=tuple(stops), lanes=(), crossing=True)

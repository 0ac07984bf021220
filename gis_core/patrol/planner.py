"""The one door to the day's planners: a search for streets, and one for visits with windows."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from gis_core.patrol.dividing import MOST_TASKS
from gis_core.patrol.streets import plan_streets
from gis_core.patrol.visits import Tell, plan_visits, quiet
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Day, Task
from gis_core.routing.matrices import Ways


def plan_day(
    day: Day, ways: Mapping[str, Ways], *, seconds: float | None = None, clock: Callable[[], float] | None = None,
    before: Plan | None = None, now_s: int = 0, tell: Tell = quiet,
) -> Plan:  # fmt: skip
    """Plan a day by whichever search suits it (:func:`suits_streets`).

    Parameters
    ----------
    day, ways, tell
        As both take them.
    seconds, clock
        About how long to search, and what tells the seconds; where :func:`gis_core.patrol.visits.plan_visits` plans it
        brings a clock of its own.
    before, now_s
        A plan of the same day that is gone on with, and since when.

    Raises
    ------
    InvalidInput
        What :func:`gis_core.planning.telling.refuse` refuses.
    """
    day = loosened(day)
    if suits_streets(day) and before is None and now_s == 0:
        return plan_streets(day, ways, seconds=seconds, clock=clock, tell=tell)
    return plan_visits(day, ways, seconds=seconds, before=before, now_s=now_s, tell=tell)


def loosened(day: Day) -> Day:
    """A day without the windows that all its shifts lie in: they bind nobody."""
    if not day.patrollers:
        return day
    begin, end = min(who.shift[0] for who in day.patrollers), max(who.shift[1] for who in day.patrollers)

    def idle(task: Task) -> bool:
        return any(window[0] <= begin and end <= window[1] for window in task.windows)

    stops = tuple(replace(stop, windows=()) if idle(stop) else stop for stop in day.stops)
    return replace(
        day, stops=stops, lanes=tuple(replace(lane, windows=()) if idle(lane) else lane for lane in day.lanes)
    )


def suits_streets(day: Day) -> bool:
    """Whether a day is planned by :func:`gis_core.patrol.streets.plan_streets`: there are lanes, nothing has windows,
    and all move alike or there is more than the other search can take at once.
    """
    if not day.lanes or any(task.windows for task in day.tasks):
        return False
    return len({who.mover for who in day.patrollers}) == 1 or len(day.tasks) > MOST_TASKS

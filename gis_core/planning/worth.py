"""What tasks are worth, in points: 100 is a task that one would go half an hour for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from gis_core.planning.tasks import Reason, Task

HALF_HOUR_POINTS, HALF_HOUR_MIN = 100.0, 30.0
MOST = 400.0
"""Nothing that need not be done is worth more: two hours' walk."""

LANE = 20.0
"""A hundred metres of a lane on the day that it is due."""
LANE_LEAST_M, LANE_MOST_M = 30.0, 500.0
"""Shorter ones count as so long, longer ones as no longer."""
LANE_BLIND, LANE_NO_DATA, LANE_TWICE = 2.0, 1.5, 2.0
"""Times that, where nobody was all the while, where nothing was heard, and at most by age."""
LANE_YOUNG = 0.5
"""Lanes that were walked within this share of the days are not proposed."""

VISIT, VISIT_DUE, VISIT_OVERDUE = 80.0, 100.0, 120.0
"""A visit of a quota: on time, due, overdue."""
DRAWN, SURVEY = 100.0, 60.0
"""A place or a lane that chance has drawn: as much as it takes for the draw not to be undone by convenience."""
ISSUE, ISSUE_A_DAY, ISSUE_MOST = 20.0, 4.0, 140.0
"""An open issue when it is new, more for each day, and at most."""
ISSUE_RETURNED = 1.5
"""Times that, where the problem was closed before and has come back."""
HOT = {99: 90.0, 95: 70.0, 90: 50.0}
"""Going to see a hot spot, by how certain it is, in per cent."""
HOT_RAISES = 1.3
"""Times that, for what lies in a hot spot."""

T = TypeVar("T", bound=Task)


def raised(tasks: Sequence[T], hot: dict[str, Reason]) -> list[T]:
    """Tasks, worth more in hot spots.

    Parameters
    ----------
    hot
        By grid why it is one.
    """
    return [
        replace(task, prize=task.prize * HOT_RAISES, reasons=(*task.reasons, hot[task.area]))
        if task.area in hot
        else task
        for task in tasks
    ]


def told(tasks: Sequence[T]) -> list[T]:
    """Tasks with whole points, and told what that means."""
    found = []
    for task in tasks:
        points = round(min(task.prize, MOST), 0) or 1.0
        minutes = round(points / HALF_HOUR_POINTS * HALF_HOUR_MIN, 1)
        reason = Reason("worth_must") if task.must else Reason("worth", {"points": int(points), "minutes": minutes})
        found.append(replace(task, prize=points, reasons=(*task.reasons, reason)))
    return found

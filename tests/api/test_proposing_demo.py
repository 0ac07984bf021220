"""Days of the demo city: what is planned of what is proposed does more than going to whatever is nearest."""

import datetime as dt

import pytest

from api.demo import fill
from api.door import Door
from data.demo.walks import DAYS, FIRST_DAY
from gis_core.planning.asking import Asked
from tests.benchmarks.routing_demo import compared, morning
from tests.conftest import empty_store

MUST = 1.10
"""Of the weighted value of nearest-first rounds; thirty days and more work are measured by ``make bench-routing``."""


def test_a_plan_does_more_than_going_to_the_nearest(request: pytest.FixtureRequest) -> None:
    """A planner who only fills the day is not worth the trouble."""
    days = [FIRST_DAY + dt.timedelta(days=n) for n in (DAYS - 15, DAYS - 1)]
    with empty_store("sqlite", request) as url:
        door = Door(url=url, lang="en", as_json=True)
        fill(door, 60, 1_800, 20260701, strips=False, patrols=True)
        rows = list(compared(door.stores, days, asked=morning(Asked(day=FIRST_DAY, iterations=150))))
        door.stores.close()
    assert sum(row.planned for row in rows) >= MUST * sum(row.nearest for row in rows)

"""What is kept in memory is what the store says, whatever it is learned from and in whatever order."""

import datetime as dt

import pandas as pd
import pytest

from api.matching import matched_days
from api.networks import Networks
from api.patrolling import Patrols, midnight_of
from layers.coverages import SegmentDay
from layers.frames import read_frame
from layers.patrolled import POINT_COLUMNS, keep_batch
from layers.stores import Stores
from layers.territories import Territories
from tests import patrolled, town
from tests.patrolled import DAY, HALF_M

NEXT = DAY + dt.timedelta(days=1)


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town with lanes; nobody has walked yet."""
    patrolled.found(founded_stores)
    return founded_stores


def covered_m(patrols: Patrols, stores: Stores, now: dt.datetime = town.NOW) -> float:
    """Metres walked of all segments, from the first day to the end of the last."""
    known = patrols.known(stores, now)
    end = midnight_of(now.astimezone(known.zone).date() + dt.timedelta(days=1), known.zone)
    return float(known.told(known.beginning, end)["covered_m"].sum())


def test_a_pass_over_midnight_that_a_crossing_divides_stays_of_its_day(stores: Stores) -> None:
    """Its second half would be forgotten when the next day is stored, and be in no day's rows."""
    patrols = Patrols(Networks(), Territories())
    patrolled.walked(stores, "li", [("L1", 0, 205.34, "23:59:30", 100)])
    assert covered_m(patrols, stores) == pytest.approx(205.34, abs=0.1)
    patrolled.walked(stores, "li", [("L2", 0, HALF_M, "08:00", 80)], NEXT)
    fresh = covered_m(Patrols(Networks(), Territories()), stores)
    assert covered_m(patrols, stores) == fresh == pytest.approx(308.0, abs=0.1)
    with stores.read() as store:
        counted = read_frame(store.session, SegmentDay)
    assert counted[counted["day"] == DAY]["from_m"].tolist() == [0.0, 102.67]
    patrolled.walked(stores, "li", [("X1", 0, 55, "23:59:30", 100)])
    assert covered_m(patrols, stores) == covered_m(Patrols(Networks(), Territories()), stores)


def test_a_day_that_was_stored_before_its_midnight_is_known_when_it_comes(stores: Stores) -> None:
    """What a clock two minutes fast says would be lost until the server starts anew."""
    patrols = Patrols(Networks(), Territories())
    patrolled.walked(stores, "li", [("L2", 0, HALF_M, "08:00", 80)])
    evening = dt.datetime(2026, 6, 30, 15, 59, tzinfo=dt.UTC)
    covered_m(patrols, stores, evening)
    patrolled.walked(stores, "li", [("L1", 0, HALF_M, "00:00", 80)], NEXT)
    assert covered_m(patrols, stores, evening) == pytest.approx(HALF_M, abs=0.1)
    patrolled.walked(stores, "wang", [("X1", 0, 55, "09:00", 50)], NEXT)
    assert covered_m(patrols, stores) == covered_m(Patrols(Networks(), Territories()), stores) > 2 * HALF_M


def test_what_is_not_sure_is_no_patrol_in_the_rows_of_a_day(stores: Stores) -> None:
    """The layer would have more metres than the address for the same day."""
    patrolled.walked(stores, "li", [("L1", 0, HALF_M, "08:00", 80)], confidence=0.3)
    with stores.read() as store:
        (row,) = read_frame(store.session, SegmentDay).to_dict("records")
    assert (row["passes"], row["carriers"], row["patrol_m"], row["patrol_s"]) == (1, 0, 0, 0)


def test_points_of_a_day_without_streets_are_its_own(founded_stores: Stores) -> None:
    """Those of the hours beside it would be counted on both days."""
    with founded_stores.publishing() as store:
        town.publish(store, grids=town.grids())
    begin_s = midnight_of(DAY, town.CITY.zone).timestamp()
    points = pd.DataFrame(
        [(begin_s + late, town.WEST, town.SOUTH, 5.0) for late in (-60, 60, 120)], columns=list(POINT_COLUMNS)
    )
    with founded_stores.people(writes=True) as accounts:
        keep_batch(accounts.session, "li", points, "li", town.NOW)
    with founded_stores.read() as store:
        (found,) = matched_days(store, Networks(), "li", [DAY])
    assert found.row.fault is not None and found.row.points == 2

"""The town with lanes, and days of patrol in its store that are known by heart.

Two lanes run from west to east through two units each, and a road between the units crosses them::

    0103 --L2-- 0104       L2 is swept by F1
         X1 (road)
    0101 --L1-- 0102
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from shapely.geometry import MultiLineString
from sqlalchemy.orm import Session

from api.networks import Networks
from api.rollups import count_days
from gis_core.patrol.passes import PASSES
from gis_core.patrol.rules import PatrolRules
from layers.patrolled import DayRow, alone_with_patrols, put_day
from layers.rollups import days_stored
from layers.stores import Stores
from tests import town
from tests.town import NOW, SIDE, SOUTH, WEST

HALF_M = 102.67
"""Metres from the west end of a lane to the road, rounded down."""
DAY = dt.date(2026, 6, 30)
Pass = tuple[str, float, float, str, float]
"""Street, metres, local time, seconds it took."""


def days_after(session: Session, position: int, since: dt.date) -> list[DayRow]:
    """Days from ``since`` on that were stored after a position, in the order they were stored."""
    found = [row for part in days_stored(session, since, dt.date.max, position) for row in part]
    return sorted(found, key=lambda row: row.position)


def streets() -> pd.DataFrame:
    """Two lanes and a road."""
    middle = WEST + SIDE
    lanes = [[(WEST, SOUTH + row * SIDE), (WEST + 2 * SIDE, SOUTH + row * SIDE)] for row in (0.5, 1.5)]
    road = [(middle, SOUTH), (middle, SOUTH + 2 * SIDE)]
    return town.rows(
        code=["L1", "L2", "X1"], name=["一巷", "=二巷", "横路"], **{"class": ["backstreet", "backstreet", "branch"]},
        length_m=[205.0, 205.0, 221.0], geometry=[MultiLineString([line]) for line in (*lanes, road)],
    )  # fmt: skip


def found(stores: Stores) -> None:
    """The lanes, published, and a contract for one of them."""
    with stores.publishing() as store:
        store.init_city(replace(town.CITY, patrol=PatrolRules(sweeping="a")))
        town.publish(store, grids=town.grids(), streets=streets())
        revision = store.revise(NOW, "sweeping")
        contract = town.rows(code=["C1"], kind=["road"], contractor=["F1"], duties=[["*"]], scheme=["town"],
                             street=["L2"])  # fmt: skip
        assert not len(store.put("contracts", contract, revision).rejects)


def walked(
    stores: Stores, carrier: str, passes: Sequence[Pass], day: dt.date = DAY, now: dt.datetime = NOW,
    confidence: float = 1.0, side: int = 0,
) -> None:  # fmt: skip
    """Store what somebody passed on a local day, in place of what was stored of it, and count the day."""
    rows = []
    for street, from_m, to_m, at, lasts_s in passes:
        t_in = dt.datetime.fromisoformat(f"{day}T{at}+08:00").timestamp()
        rows.append((street, from_m, to_m, t_in, t_in + lasts_s, confidence, 0, side))
    frame = pd.DataFrame(rows, columns=list(PASSES))
    row = DayRow(carrier, day, "F1", 0, 1, None, float((frame["to_m"] - frame["from_m"]).sum()), frame, 9, 9, {})
    with stores.write() as store:
        alone_with_patrols(store.session)
        put_day(store.session, row, now)
    count_days(stores, Networks(), now)


def whole_days(stores: Stores) -> None:
    """Two people on two days: the west of L1 twice on the first, its east once, a bit of L2; the west once today."""
    walked(
        stores, "li", [("L1", 0, HALF_M, "08:00", 80), ("L1", HALF_M, 205.34, "08:02", 80), ("X1", 0, 55, "08:04", 50)]
    )
    walked(stores, "wang", [("L1", 0, HALF_M, "23:30", 90), ("L2", 0, 20, "23:40", 20)])
    walked(stores, "li", [("L1", 0, HALF_M, "09:00", 80)], dt.date(2026, 7, 1))

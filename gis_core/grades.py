"""Grades of front-door plates by month, and what comes of a shop that is written to again and again."""

import datetime as dt
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Ints, Objects
from gis_core.city import City

BODIES = {"city": 0.6, "district": 0.4}
"""Whose inspections count how much (江夏): those of a third party for the city, and the district's own."""
GRADES = ("red", "blue", "yellow")
"""Best first."""
REFERRED_AFTER = 3
"""So many yellow months in a row are reported to the market regulator."""
STEPS = ("notice", "warning", "case")
"""What the first, the second and every later time is."""
GRADE_COLUMNS = ("month", "score", "grade", "referred")


@dataclass(frozen=True)
class Standing:
    """How a shop stands: its grade and the month it is of (``None`` before any inspection), whether that month is still
    running, and whether the shop is referred.
    """

    grade: str | None = None
    month: str | None = None
    provisional: bool = False
    referred: bool = False


def monthly(inspections: pd.DataFrame, city: City) -> pd.DataFrame:
    """The grade of each month in which a shop was inspected.

    Parameters
    ----------
    inspections
        ``shop``, ``at`` (UTC), ``body`` of :data:`BODIES`, ``score`` from 0 to 100.
    city
        Says from which scores a plate is red or blue.

    Returns
    -------
    months
        ``shop`` and :data:`GRADE_COLUMNS`, by shop and month. ``score`` is the weighted mean of each body's inspections
        to a tenth; where only one has been there its own. ``referred`` from the third yellow month in a row on.
    """
    if not len(inspections):
        return pd.DataFrame(columns=["shop", *GRADE_COLUMNS])
    local = inspections["at"].dt.tz_convert(city.zone)
    month = 12 * local.dt.year + local.dt.month - 1
    means = inspections.assign(month=month).groupby(["shop", "month", "body"])["score"].mean().unstack()
    weight = means.notna().mul(pd.Series(BODIES)).reindex(columns=means.columns)
    # What is told is what is graded: 89.96 is 90.0.
    score = ((means * weight).sum(axis=1) / weight.sum(axis=1)).round(1)
    grade = np.where(score >= city.plate_red_from, 0, np.where(score >= city.plate_blue_from, 1, 2))
    shop, month = (score.index.get_level_values(name).to_numpy() for name in ("shop", "month"))
    return pd.DataFrame(
        {"shop": shop, "month": [f"{one // 12}-{one % 12 + 1:02}" for one in month.tolist()],
         "score": score.to_numpy(), "grade": np.array(GRADES, dtype=object)[grade],
         "referred": _in_a_row(grade == len(GRADES) - 1, shop, month) >= REFERRED_AFTER}
    )  # fmt: skip


def standings(months: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """How shops stand: by their newest month that is over, and before there is one by the running one. A shop is
    referred as long as the last month that is over was one of three yellow ones in a row.

    Parameters
    ----------
    months
        As :func:`monthly` gives them.

    Returns
    -------
    standings
        ``shop``, ``month``, ``score``, ``grade``, ``provisional``, ``referred``, by shop.
    """
    running = f"{today:%Y-%m}"
    before = f"{today.replace(day=1) - dt.timedelta(days=1):%Y-%m}"
    months = months[months["month"] <= running]
    provisional = (months["month"] == running).to_numpy(bool)
    order = months.assign(provisional=provisional).sort_values(["provisional", "month"], ascending=[False, True])
    last = order.drop_duplicates("shop", keep="last").sort_values("shop", ignore_index=True)
    return last.assign(referred=last["referred"].to_numpy(bool) & (last["month"] == before).to_numpy(bool))


def standing(months: pd.DataFrame, today: dt.date) -> Standing:
    """How the one shop of ``months`` stands."""
    found = standings(months, today).to_dict("records")
    return Standing(**{one.name: found[0][one.name] for one in fields(Standing)}) if found else Standing()


def step(earlier: int) -> str:
    """What comes after so many notices, warnings and cases."""
    return STEPS[min(earlier, len(STEPS) - 1)]


def _in_a_row(yellow: Bools, shop: Objects, month: Ints) -> Ints:
    """How many yellow months of a shop in a row each month ends; one without an inspection breaks the row."""
    follows = np.append(False, (shop[1:] == shop[:-1]) & (np.diff(month) == 1))
    begins = yellow & ~(follows & np.append(False, yellow[:-1]))
    place = np.arange(len(yellow))
    first: Ints = np.maximum.accumulate(np.where(begins, place, 0))
    return np.where(yellow, place - first + 1, 0)

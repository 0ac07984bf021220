"""Grades of front-door plates by month, and what comes of a shop that is written to again and again."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

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
    """How a shop stands: its newest grade (``None`` before any inspection), and whether it is referred."""

    grade: str | None
    referred: bool


def monthly(inspections: pd.DataFrame, city: City) -> pd.DataFrame:
    """The grade of each month in which a shop was inspected.

    Parameters
    ----------
    inspections
        Of one shop: ``at`` (UTC), ``body`` of :data:`BODIES`, ``score`` from 0 to 100.
    city
        Says from which scores a plate is red or blue.

    Returns
    -------
    months
        :data:`GRADE_COLUMNS`, in order. ``score`` is the mean of each body's inspections, weighted; where only one has
        been there its own. ``referred`` from the third yellow month in a row on.
    """
    if not len(inspections):
        return pd.DataFrame(columns=list(GRADE_COLUMNS))
    month = _months(inspections["at"], city.zone)
    means = inspections.assign(month=month).groupby(["month", "body"])["score"].mean().unstack()
    weight = means.notna().mul(pd.Series(BODIES)).reindex(columns=means.columns)
    score = (means * weight).sum(axis=1) / weight.sum(axis=1)
    grade = np.where(score >= city.plate_red_from, 0, np.where(score >= city.plate_blue_from, 1, 2))
    names = np.array(GRADES, dtype=object)[grade]
    months = pd.PeriodIndex(score.index, freq="M")
    return pd.DataFrame(
        {"month": months.astype(str), "score": score.round(1).to_numpy(), "grade": names,
         "referred": _in_a_row(names == GRADES[-1], months) >= REFERRED_AFTER}
    )  # fmt: skip


def standing(months: pd.DataFrame) -> Standing:
    """How a shop stands after its newest month."""
    if not len(months):
        return Standing(None, referred=False)
    last = months.iloc[-1]
    return Standing(str(last["grade"]), bool(last["referred"]))


def step(earlier: int) -> str:
    """What comes after so many notices, warnings and cases."""
    return STEPS[min(earlier, len(STEPS) - 1)]


def _months(at: pd.Series, zone: ZoneInfo) -> Sequence[pd.Period]:
    local = at.dt.tz_convert(zone).dt.tz_localize(None)
    return local.dt.to_period("M").tolist()


def _in_a_row(yellow: np.ndarray, months: pd.PeriodIndex) -> np.ndarray:
    """How many yellow months in a row each month ends; a month without inspection breaks the row."""
    count, run = [], 0
    for nth, is_yellow in enumerate(yellow.tolist()):
        follows = nth > 0 and (months[nth] - months[nth - 1]).n == 1
        run = (run if follows else 0) + 1 if is_yellow else 0
        count.append(run)
    return np.array(count)

"""Duty windows as whole shifts: a night is one, though it is written in two parts."""

import datetime as dt

import pandas as pd

from gis_core.city import City
from gis_core.patrol.duty import duty_windows


def shifts(city: City, begin_s: float, end_s: float) -> pd.DataFrame:
    """The duties of the city's classes that touch a window: ``kind``, ``day``, ``begin_s``, ``end_s``, by begin.

    A night is of the day it begins on.
    """
    first, last = (dt.datetime.fromtimestamp(at, city.zone).date() for at in (begin_s, end_s))
    days = [first + dt.timedelta(days=nth) for nth in range(-1, (last - first).days + 1)]
    windows = duty_windows(city.patrol.duties(), days, city.timezone)
    whole = windows.groupby(["kind", "day"], as_index=False).agg(begin_s=("begin_s", "min"), end_s=("end_s", "max"))
    touching = whole[(whole["begin_s"] < end_s) & (whole["end_s"] > begin_s)]
    return touching.sort_values(["begin_s", "kind"], ignore_index=True)

"""When issues are reported and closed: days of the week, hours of the day, trends and how long handling takes."""

import datetime as dt

import numpy as np
import pandas as pd

from data.demo.city import CITY, LAST_DAY, drawn
from gis_core.arrays import Bools, Floats, Objects

DAYS = 90
FIRST_DAY = LAST_DAY - dt.timedelta(days=DAYS - 1)
END = pd.Timestamp(LAST_DAY + dt.timedelta(days=1), tz=CITY.timezone).tz_convert("UTC")
"""The instant the demo stands at: nothing is reported or closed from then on."""

_WEEKDAYS = np.array([1.12, 1.05, 1.0, 1.0, 1.08, 0.82, 0.7])
"""Weight of Monday to Sunday."""
_DAYTIME = np.array([1, 1, 1, 1, 1, 2, 6, 14, 30, 36, 32, 22, 12, 14, 28, 32, 28, 22, 14, 10, 8, 5, 3, 2], dtype=float)
_EVENING = np.array([6, 3, 1, 1, 1, 2, 6, 10, 10, 8, 7, 10, 12, 8, 7, 8, 12, 22, 34, 44, 46, 38, 24, 12], dtype=float)
"""Weight of each hour from midnight."""
_HANDLING_DAYS = {"06": 2.5, "07": 3.0, "08": 5.0, "09": 1.0, "10": 0.5}
_HANDLING_OTHER_DAYS = 5.0
_SPREAD = 1.0
_NEVER_CLOSED = 0.03


def trend(pattern: str) -> Floats:
    """Weight of each day for a pattern of :data:`data.demo.mixes.CLUSTERS`; all others are steady."""
    day = np.arange(DAYS)
    if pattern == "emerging":
        return np.asarray(np.where(day < DAYS - 28, 0.005, (day - (DAYS - 29)) / 28))
    if pattern == "fading":
        return np.asarray(np.exp(-day / 16))
    return np.ones(DAYS)


def reported(pattern: Objects, evening: Bools, rng: np.random.Generator) -> pd.DatetimeIndex:
    """When each issue is reported, as UTC instants to the second within the last :data:`DAYS` days."""
    weekday = (FIRST_DAY.weekday() + np.arange(DAYS)) % 7
    weather = rng.lognormal(0, 0.12, DAYS)
    day = np.zeros(len(pattern), dtype=np.int64)
    for one in sorted(set(pattern)):
        rows = np.flatnonzero(pattern == one)
        day[rows] = drawn(trend(one) * _WEEKDAYS[weekday] * weather, len(rows), rng)
    hour = np.where(evening, drawn(_EVENING, len(day), rng), drawn(_DAYTIME, len(day), rng))
    seconds = day * 86_400 + hour * 3_600 + rng.integers(3_600, size=len(day))
    start = END - pd.Timedelta(days=DAYS)
    return pd.DatetimeIndex(start + pd.to_timedelta(seconds, unit="s"))


def closed(instant: pd.DatetimeIndex, category: Objects, rng: np.random.Generator) -> pd.DatetimeIndex:
    """When each issue was closed, NaT while it is open at :data:`END`; the older, the more are closed."""
    days = np.array([_HANDLING_DAYS.get(code[:2], _HANDLING_OTHER_DAYS) for code in category])
    taken = np.ceil(days * rng.lognormal(0, _SPREAD, len(category)) * 86_400)
    done = instant + pd.to_timedelta(taken, unit="s")
    still_open = (done >= END) | (rng.random(len(category)) < _NEVER_CLOSED)
    return done.where(~still_open, pd.NaT)

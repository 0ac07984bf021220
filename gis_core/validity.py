"""From when until when things hold, in whole days since 1970."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Ints

FIRST_DAY, LAST_DAY = -(2**31), 2**31
"""Days since 1970 that stand for "always" and "until further notice"."""


def days(dates: pd.Series, missing: int) -> Ints:
    """Calendar days as whole days since 1970-01-01, ``missing`` where there is none."""
    stamps = pd.to_datetime(dates, errors="coerce")
    count = stamps.to_numpy("datetime64[D]").astype(np.int64)
    return np.where(stamps.isna().to_numpy(), missing, count)


def local_day(moment: dt.datetime, zone: ZoneInfo) -> int:
    """The calendar day of an instant in a time zone."""
    return (moment.astimezone(zone).date() - dt.date(1970, 1, 1)).days


def local_days(instants: pd.Series, zone: ZoneInfo) -> Ints:
    """The calendar day of each instant in a time zone."""
    return np.asarray(instants.array.tz_convert(zone).tz_localize(None)).astype("datetime64[D]").astype(np.int64)


def first_day(frame: pd.DataFrame) -> Ints:
    """First day on which each row holds."""
    return days(frame["valid_from"], FIRST_DAY) if "valid_from" in frame else np.full(len(frame), FIRST_DAY)


def last_day(frame: pd.DataFrame) -> Ints:
    """Last day on which each row holds."""
    return days(frame["valid_to"], LAST_DAY) if "valid_to" in frame else np.full(len(frame), LAST_DAY)


def on_day(frame: pd.DataFrame, day: int) -> Bools:
    """Whether each row holds on a day, both end days included."""
    return (first_day(frame) <= day) & (day <= last_day(frame))


def holds(period: tuple[Ints, Ints], position: Ints, day: Ints | int) -> Bools:
    """Whether rows at ``position`` hold on ``day``, by first and last days of all rows, both end days included."""
    begins, ends = period
    return (begins[position] <= day) & (day <= ends[position])


def ordered(frame: pd.DataFrame | None) -> pd.DataFrame:
    """The frame by code, so that a smaller position is a smaller code."""
    frame = pd.DataFrame() if frame is None else frame
    by = [name for name in ("code", "subject_code", "holder", "tag_group", "tag", "scheme", "kind") if name in frame]
    return (frame.sort_values(by, kind="stable") if by else frame).reset_index(drop=True)

"""Cells of strangers' files as our types: text, numbers, days, instants and lists."""

import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

LONGEST_TEXT = 10_000
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BETWEEN_ITEMS = re.compile("[;|,；，、]")
_EXACT_BELOW = 2.0**53
_MOMENT = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2}(?:[.,]\d+)?))?)?"
    r"\s*(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<off_hour>\d{2}):?(?P<off_minute>\d{2})?)?"
)
_COMPACT_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
_COMPACT_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")
_EPOCH_MS = re.compile(r"\d{13}")
_YEARS = (1000, 9999)


def texts(cells: Iterable[Any]) -> Objects:
    """Each cell as text without blanks around it, None where it is empty.

    Text stays as it is written, so that codes keep their leading zeros. A number that is whole is written without
    decimals, since tables keep codes as ``12.0``. Control characters and halves of surrogate pairs are left out:
    they mean nothing, no database stores all of them, and a report is not lost for their sake.
    """
    return objects(_text(cell) for cell in cells)


def json_values(cells: Iterable[Any]) -> Objects:
    """Each cell as JSON can hold it: numbers and truth values as they are, everything else as text."""
    return objects(
        cell if isinstance(cell, int) or (isinstance(cell, float) and np.isfinite(cell)) else _text(cell)
        for cell in cells
    )


def inexact(cells: Iterable[Any]) -> Bools:
    """Numbers too long for a float to hold every digit, as spreadsheets ruin long codes."""
    return np.array([isinstance(cell, float) and abs(cell) >= _EXACT_BELOW for cell in cells], dtype=bool)


def numbers(written: Objects) -> tuple[Floats, Bools]:
    """Numbers, NaN where there is none, and which texts are not numbers."""
    values = pd.to_numeric(pd.Series(written, dtype=object), errors="coerce").to_numpy(np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    return values, np.isnan(values) & given(written)


def days(written: Objects, zone: ZoneInfo) -> tuple[Objects, Bools]:
    """Calendar days of the city, None where there is none, and which texts are no days.

    Forms are those of :func:`instants`; of an instant its day in the city is taken.
    """
    local, offset_us, wrong = _moments(written)
    aware = pd.Series(local - offset_us).dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    stamps = pd.Series(local).where(np.isnat(offset_us), aware)
    return objects(None if stamp is pd.NaT else stamp.date() for stamp in stamps), wrong


def instants(written: Objects, zone: ZoneInfo) -> tuple[pd.Series, Bools]:
    """Instants in UTC, NaT where there is none, and which texts are none.

    Forms are ISO 8601, ``2026/7/1 8:30``, ``2026年7月1日 8:30``, ``20260701``, ``20260701083000`` and milliseconds
    since 1970 (13 digits). Without an offset it is city time: of an hour that comes twice the first is meant, and a
    time that the clock leaps over becomes the first one after.
    """
    local, offset_us, wrong = _moments(written)
    wrong |= local >= np.datetime64(f"{_YEARS[1]}-12-30")
    local[wrong] = np.datetime64("NaT")
    first = np.ones(len(local), dtype=bool)
    city = pd.Series(local).dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward").dt.tz_convert("UTC")
    aware = pd.Series(local - offset_us).dt.tz_localize("UTC")
    return city.where(np.isnat(offset_us), aware), wrong


def items(cells: Iterable[Any]) -> Objects:
    """Lists of texts, of a list or of text with its items between ``;``, ``|`` or ``,``; None for an empty one."""
    return objects(_items(cell) or None for cell in cells)


def given(written: Objects) -> Bools:
    """Which cells hold something."""
    return np.array([cell is not None for cell in written], dtype=bool)


def objects(cells: Iterable[Any]) -> Objects:
    """An array of whatever there is, lists too, one to a row."""
    listed = list(cells)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _text(cell: Any) -> str | None:
    if isinstance(cell, list | tuple | dict):
        cell = json.dumps(cell, ensure_ascii=False, default=str)
    if isinstance(cell, str):
        return _UNPRINTABLE.sub("", cell).strip() or None
    if cell is None or isinstance(cell, bytes) or cell != cell:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return f"{cell:.0f}"
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def _items(cell: Any) -> list[str]:
    parts = cell if isinstance(cell, list | tuple) else _BETWEEN_ITEMS.split(_text(cell) or "")
    return [part for part in map(_text, parts) if part is not None]


def _moments(written: Objects) -> tuple[NDArray[np.datetime64], NDArray[np.timedelta64], Bools]:
    """Times as their text reads, its offset from UTC (NaT without one), and which texts are no times."""
    found = [_MOMENT.fullmatch(_spread(cell)) if cell is not None else None for cell in written]
    nothing = (None,) * _MOMENT.groups
    groups = [match.groups() if match else nothing for match in found]
    parts = pd.DataFrame(groups, columns=list(_MOMENT.groupindex), dtype=object)
    parts["second"] = parts["second"].str.replace(",", ".")
    value = {name: pd.to_numeric(parts[name]).to_numpy(np.float64) for name in parts if name not in ("utc", "sign")}
    clock = {name: np.nan_to_num(value[name]) for name in ("hour", "minute", "second", "off_hour", "off_minute")}
    month_start = _months(value["year"], value["month"])
    day = month_start.astype("M8[D]") + (np.nan_to_num(value["day"]) - 1).astype(np.int64)
    microseconds = (clock["hour"] * 3600 + clock["minute"] * 60 + clock["second"]) * 1e6
    local = day.astype("M8[us]") + np.round(microseconds).astype(np.int64).astype("m8[us]")
    fits = (day.astype("M8[M]") == month_start) & (value["day"] >= 1)
    fits &= (clock["hour"] < 24) & (clock["minute"] < 60) & (clock["second"] < 60)
    fits &= (clock["off_hour"] < 24) & (clock["off_minute"] < 60)
    sign = np.where(parts["sign"].to_numpy(object) == "-", -1, 1)
    minutes = sign * (clock["off_hour"] * 60 + clock["off_minute"])
    offset = (minutes * 6e7).astype(np.int64).astype("m8[us]")
    offset[(parts["utc"].isna() & parts["sign"].isna()).to_numpy() | ~fits] = np.timedelta64("NaT")
    local[~fits] = np.datetime64("NaT")
    return local, offset, given(written) & ~fits


def _months(year: Floats, month: Floats) -> NDArray[np.datetime64]:
    fits = (year >= _YEARS[0]) & (year <= _YEARS[1]) & (month >= 1) & (month <= 12)
    count = np.where(fits, (year - 1970) * 12 + month - 1, 0).astype(np.int64)
    return np.where(fits, count.astype("M8[M]"), np.datetime64("NaT"))


def _spread(text: str) -> str:
    """Times written without separators, and milliseconds since 1970, in ISO 8601."""
    if _EPOCH_MS.fullmatch(text):
        return f"{np.datetime64(int(text), 'ms')}Z"
    text = _COMPACT_MOMENT.sub(r"\1-\2-\3T\4:\5:\6", text) if _COMPACT_MOMENT.fullmatch(text) else text
    return _COMPACT_DAY.sub(r"\1-\2-\3", text) if _COMPACT_DAY.fullmatch(text) else text

"""Cells of strangers' files as our types: text, numbers, days, instants and lists."""

import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

LONGEST_TEXT = 10_000
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BETWEEN_ITEMS = re.compile("[;|,；，、]")
_EXACT_BELOW = 2.0**53
_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})[-/.年](?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?"
    r"(?:[T ]\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2}(?:[.,][0-9]+)?))?)?"
    r"\s*(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<off_hour>[0-9]{2}):?(?P<off_minute>[0-9]{2})?)?"
)
_COMPACT_MOMENT = re.compile(r"([0-9]{4})([0-9][0-9])([0-9][0-9])([0-9][0-9])([0-9][0-9])([0-9][0-9])")
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9][0-9])([0-9][0-9])")
_EPOCH_MS = re.compile(r"[0-9]{13}")
_YEARS = (1000, 9999)
_CLOCK = "2000-01-01 00:00:00"
"""How nearly all programs write a time, whatever they add to it."""
_DIGITS = [place for place, character in enumerate(_CLOCK) if character.isdigit()]
_BELOW_MICROSECOND = re.compile(r"[.,][0-9]{7}")


def texts(cells: Iterable[Any]) -> Objects:
    """Each cell as text without blanks around it, None where it is empty.

    Text stays as it is written, so that codes keep their leading zeros. A number that is whole is written without
    decimals, since tables keep codes as ``12.0``. Control characters and halves of surrogate pairs are left out:
    they mean nothing, no database stores all of them, and a report is not lost for their sake.
    """
    listed = list(cells)
    if _plain(listed):
        return objects([cell.strip() or None if cell else None for cell in listed])
    return objects(map(_text, listed))


def json_values(cells: Iterable[Any]) -> Objects:
    """Each cell as JSON can hold it: numbers and truth values as they are, everything else as text."""
    return objects(
        cell if isinstance(cell, int) or (isinstance(cell, float) and np.isfinite(cell)) else _text(cell)
        for cell in cells
    )


def inexact(cells: Iterable[Any]) -> Bools:
    """Numbers too long for a float to hold every digit, as spreadsheets ruin long codes."""
    listed = list(cells)
    if not any(issubclass(kind, float) for kind in set(map(type, listed))):
        return np.zeros(len(listed), dtype=bool)
    return np.array([isinstance(cell, float) and abs(cell) >= _EXACT_BELOW for cell in listed], dtype=bool)


def numbers(written: Objects) -> tuple[Floats, Bools]:
    """Numbers, NaN where there is none, and which texts are not numbers."""
    try:
        values = pa.array(written, pa.string()).cast(pa.float64()).to_numpy(zero_copy_only=False).copy()
    except pa.ArrowInvalid:  # one of them is no number, or is written in a way that only pandas reads
        values = pd.to_numeric(pd.Series(written, dtype=object), errors="coerce").to_numpy(np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    return values, np.isnan(values) & given(written)


def days(written: Objects, zone: ZoneInfo) -> tuple[Objects, Bools]:
    """Calendar days of the city, None where there is none, and which texts are no days.

    Forms are those of :func:`instants`; of an instant its day in the city is taken.
    """
    local, offset, wrong = _moments(written)
    aware = pd.Series(local - offset).dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    stamps = pd.Series(local).where(np.isnat(offset), aware)
    return objects(None if stamp is pd.NaT else stamp.date() for stamp in stamps), wrong


def instants(written: Objects, zone: ZoneInfo) -> tuple[pd.Series, Bools]:
    """Instants in UTC, NaT where there is none, and which texts are none.

    Forms are ISO 8601, ``2026/7/1 8:30``, ``2026年7月1日 8:30``, ``20260701``, ``20260701083000`` and milliseconds
    since 1970 (13 digits). Without an offset it is city time: of an hour that comes twice the first is meant, and a
    time that the clock leaps over becomes the first one after.
    """
    local, offset, wrong = _moments(written)
    wrong |= local >= np.datetime64(f"{_YEARS[1]}-12-30")
    local[wrong] = np.datetime64("NaT")
    utc = local - offset
    naive = np.isnat(offset) & ~np.isnat(local)
    if naive.any():
        first = np.ones(np.count_nonzero(naive), dtype=bool)
        city = pd.Series(local[naive]).dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
        utc[naive] = city.dt.tz_convert("UTC").dt.tz_localize(None)
    return pd.Series(utc).dt.tz_localize("UTC"), wrong


def items(cells: Iterable[Any]) -> Objects:
    """Lists of texts, of a list or of text with its items between ``;``, ``|`` or ``,``; None for an empty one."""
    return objects(_items(cell) or None for cell in cells)


def given(written: Objects) -> Bools:
    """Which cells hold something."""
    there: Bools = ~pd.isna(written)
    return there


def objects(cells: Iterable[Any]) -> Objects:
    """An array of whatever there is, lists too, one to a row."""
    return np.fromiter(cells, dtype=object)


def _plain(cells: list[Any]) -> bool:
    """Whether all that is there is text, and nothing of it has to be left out."""
    if not set(map(type, cells)) <= {str, type(None)}:
        return False
    joined = "".join(filter(None, cells))
    return joined.isprintable() or not _UNPRINTABLE.search(joined)


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


Moments = tuple[NDArray[np.datetime64], NDArray[np.timedelta64], Bools]
"""Times as their text reads, its offset from UTC (NaT without one), and which texts are no times."""


def _moments(written: Objects) -> Moments:
    local, offset = np.full(len(written), "NaT", "M8[us]"), np.full(len(written), "NaT", "m8[us]")
    rows = np.flatnonzero(given(written))
    clocks, sound = _clocks(written[rows])
    after = np.array([text[len(_CLOCK) :] for text in written[rows]], dtype=object)
    distinct, which = np.unique(after[sound].astype(str), return_inverse=True)
    coarse = np.array([not _BELOW_MICROSECOND.match(text) for text in distinct], dtype=bool)[which]
    sound[sound] = coarse
    fraction, offsets, _ = _parsed([_CLOCK + text for text in distinct])
    local[rows[sound]] = clocks[sound] + (fraction - np.datetime64(_CLOCK))[which[coarse]]
    offset[rows[sound]] = offsets[which[coarse]]
    offset[np.isnat(local)] = np.timedelta64("NaT")
    others = rows[~sound]
    local[others], offset[others], _ = _parsed(written[others].tolist())
    return local, offset, given(written) & np.isnat(local)


def _clocks(written: Objects) -> tuple[NDArray[np.datetime64], Bools]:
    """The time that each text begins with, and which of them begin with one that is written like :data:`_CLOCK`."""
    size = len(_CLOCK)
    begun = "".join([text[:size].ljust(size) for text in written]).replace("T", " ").encode("ascii", "replace")
    characters = np.frombuffer(begun, np.uint8).reshape(-1, size)
    digits = characters[:, _DIGITS] - np.uint8(ord("0"))
    between = np.delete(np.frombuffer(_CLOCK.encode(), np.uint8), _DIGITS)
    alike = (digits < 10).all(axis=1) & (np.delete(characters, _DIGITS, axis=1) == between).all(axis=1)
    pairs = (digits[:, ::2] * 10.0 + digits[:, 1::2]).T
    local, fits = _calendar(pairs[0] * 100 + pairs[1], *pairs[2:])
    return local, alike & fits


def _parsed(texts: list[str]) -> Moments:
    found = [_MOMENT.fullmatch(_spread(text)) for text in texts]
    nothing = (None,) * _MOMENT.groups
    groups = [match.groups() if match else nothing for match in found]
    parts = pd.DataFrame(groups, columns=list(_MOMENT.groupindex), dtype=object)
    parts["second"] = parts["second"].str.replace(",", ".")
    value = {name: pd.to_numeric(parts[name]).to_numpy(np.float64) for name in parts if name not in ("utc", "sign")}
    clock = {name: np.nan_to_num(value[name]) for name in ("hour", "minute", "second", "off_hour", "off_minute")}
    local, fits = _calendar(value["year"], value["month"], value["day"], *list(clock.values())[:3])
    fits &= (clock["off_hour"] < 24) & (clock["off_minute"] < 60)
    sign = np.where(parts["sign"].to_numpy(object) == "-", -1, 1)
    minutes = sign * (clock["off_hour"] * 60 + clock["off_minute"])
    offset = (minutes * 6e7).astype(np.int64).astype("m8[us]")
    offset[(parts["utc"].isna() & parts["sign"].isna()).to_numpy() | ~fits] = np.timedelta64("NaT")
    local[~fits] = np.datetime64("NaT")
    return local, offset, ~fits


def _calendar(
    year: Floats, month: Floats, day: Floats, hour: Floats, minute: Floats, second: Floats
) -> tuple[NDArray[np.datetime64], Bools]:
    """Times of the calendar, and which of them there are."""
    month_start = _months(year, month)
    date = month_start.astype("M8[D]") + (np.nan_to_num(day) - 1).astype(np.int64)
    microseconds = np.round((hour * 3600 + minute * 60 + second) * 1e6).astype(np.int64)
    fits = (date.astype("M8[M]") == month_start) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    return date.astype("M8[us]") + microseconds.astype("m8[us]"), fits


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

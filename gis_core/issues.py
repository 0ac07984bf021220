"""Screening: which reports can become issues, and why the others cannot."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Ints, Objects, lonlat_of, missing
from gis_core.assignment import categories_of
from gis_core.crs import readable, suggest
from gis_core.territory import Territory
from gis_core.validity import local_day, local_days

REJECT_COLUMNS = ("row", "key", "reason", "params")


@dataclass(frozen=True, eq=False)
class Screened:
    """Reports split in two: nothing is dropped.

    Parameters
    ----------
    accepted
        The rows that can be assigned, index kept.
    rejects
        Columns :data:`REJECT_COLUMNS`: row number, key, reason (a text key) and the text's parameters.
    """

    accepted: pd.DataFrame
    rejects: pd.DataFrame


def screen(issues: pd.DataFrame, territory: Territory) -> Screened:
    """Accept the reports that one territory can answer for.

    Parameters
    ----------
    issues
        ``lon``, ``lat`` (degrees, EPSG:4326), ``scheme``, ``kind``, ``category``, ``reported_at``
        (UTC instants); ``raw_x``, ``raw_y`` to suggest a swap, ``closed_at``, ``row`` and
        ``external_id`` where there are any.
    territory
        The territory in force when they were reported.
    """
    positioned = readable(lonlat_of(issues))
    timed = issues["reported_at"].notna().to_numpy()
    faults = {
        "issue_no_position": ~positioned,
        "issue_no_time": ~timed,
        "issue_closed_before_reported": _closed_too_early(issues),
        "issue_category_unknown": categories_of(issues, territory) < 0,
        "outside": positioned & timed & ~_inside(issues, np.flatnonzero(positioned & timed), territory),
    }
    fault = np.full(len(issues), None, dtype=object)
    for name, wrong in reversed(faults.items()):
        fault[wrong] = name
    wrong = ~missing(fault)
    row = issues["row"].to_numpy() if "row" in issues else np.arange(len(issues)) + 1
    if not wrong.any():
        return Screened(issues, _rejects(issues.iloc[:0], row[:0], fault[:0], territory))
    return Screened(issues[~wrong], _rejects(issues[wrong], row[wrong], fault[wrong], territory))


def fits(
    territory: Territory, *, lon: float, lat: float, scheme: str, kind: str, category: str, reported_at: dt.datetime
) -> bool:
    """Whether :func:`screen` would accept an open issue, without the cost of a frame."""
    state = territory.on(local_day(reported_at, territory.city.zone))
    known = (scheme, kind, category) in territory.category_positions
    return known and bool(state.inside(np.array([[lon, lat]]))[0])


def _rejects(issues: pd.DataFrame, row: Ints, reason: Objects, territory: Territory) -> pd.DataFrame:
    """The rejected rows with what a reader needs to mend them."""
    if not len(issues):
        return pd.DataFrame(columns=list(REJECT_COLUMNS))
    # Degrees that are none are looked at as well: in most of China a swapped latitude is beyond 90.
    hints = _hints(issues, (reason == "outside") | (reason == "issue_no_position"), territory)
    params: list[Mapping[str, Any]] = [
        {"lon": lon, "lat": lat, "category": category, "scheme": scheme, **hint}
        for lon, lat, category, scheme, hint in zip(
            issues["lon"], issues["lat"], issues["category"], issues["scheme"], hints, strict=True
        )
    ]
    names = [
        f"outside_{hint['suggestion']}" if hint.get("suggestion") else one
        for one, hint in zip(reason, hints, strict=True)
    ]
    key = issues.get("external_id")
    return pd.DataFrame({"row": row, "key": key, "reason": names, "params": params}, index=issues.index)


def _hints(frame: pd.DataFrame, outside: Bools, territory: Territory) -> list[dict[str, Any]]:
    """Per row: for those outside, the distance to the city in metres and the reading that would fit, if any."""
    hints: list[dict[str, Any]] = [{} for _ in range(len(frame))]
    rows = np.flatnonzero(outside)
    if not len(rows):
        return hints
    raw = frame[["raw_x", "raw_y"] if "raw_x" in frame else ["lon", "lat"]].to_numpy(np.float64)[rows]
    readings = suggest(raw, territory.inside)
    distance_m = territory.distance_m(lonlat_of(frame)[rows])
    for row, reading, away in zip(rows, readings, distance_m, strict=True):
        hints[row] = {"suggestion": reading, "distance_m": away}
    return hints


def _inside(issues: pd.DataFrame, rows: Ints, territory: Territory) -> Bools:
    """Whether the issues at ``rows`` lie in the city as it was on their day; the others do not."""
    inside = np.zeros(len(issues), dtype=bool)
    lonlat = lonlat_of(issues)[rows]
    for held, state in territory.by_state(local_days(issues["reported_at"].iloc[rows], territory.city.zone)):
        inside[rows[held]] = state.inside(lonlat[held])
    return inside


def _closed_too_early(issues: pd.DataFrame) -> Bools:
    if "closed_at" not in issues:
        return np.zeros(len(issues), dtype=bool)
    early: Bools = (issues["closed_at"] < issues["reported_at"]).to_numpy()
    return early

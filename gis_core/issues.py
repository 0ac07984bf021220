"""Screening: which reports can become issues, and why the others cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis_core.cells import Floats
from gis_core.crs import suggest
from gis_core.locating import Bools
from gis_core.territory import Territory

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
    lonlat = issues[["lon", "lat"]].to_numpy(np.float64)
    readable = np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat) <= (180, 90)).all(axis=1)
    known = territory.category_positions
    keys = list(zip(issues["scheme"], issues["kind"], issues["category"], strict=True))
    category = np.array([key in known for key in keys], dtype=bool)
    inside = np.zeros(len(issues), dtype=bool)
    inside[readable] = territory.inside(lonlat[readable])
    faults = {
        "issue_no_position": ~readable,
        "issue_no_time": issues["reported_at"].isna().to_numpy(),
        "issue_closed_before_reported": _closed_too_early(issues),
        "issue_category_unknown": ~category,
        "outside": readable & ~inside,
    }
    fault = np.full(len(issues), None, dtype=object)
    for name, wrong in reversed(faults.items()):
        fault[wrong] = name
    wrong = np.array([one is not None for one in fault], dtype=bool)
    return Screened(issues[~wrong], rejects(issues[wrong], fault[wrong], territory))


def rejects(issues: pd.DataFrame, reason: "np.typing.NDArray[np.object_]", territory: Territory) -> pd.DataFrame:
    """The rejected rows with what a reader needs to mend them, columns :data:`REJECT_COLUMNS`."""
    hints = outside_hints(issues, reason == "outside", territory)
    params: list[Mapping[str, Any]] = [
        {"lon": lon, "lat": lat, "category": category, "scheme": scheme, **hint}
        for lon, lat, category, scheme, hint in zip(
            issues["lon"], issues["lat"], issues["category"], issues["scheme"], hints, strict=True
        )
    ]
    names = [
        f"{one}_{hint['suggestion']}" if hint.get("suggestion") else one for one, hint in zip(reason, hints, strict=True)
    ]
    return pd.DataFrame(
        {
            "row": issues["row"] if "row" in issues else np.arange(len(issues)) + 1,
            "key": issues["external_id"] if "external_id" in issues else None,
            "reason": names,
            "params": params,
        },
        columns=list(REJECT_COLUMNS),
    )


def outside_hints(frame: pd.DataFrame, outside: Bools, territory: Territory) -> list[dict[str, Any]]:
    """Per row: for those outside, the distance to the city in metres and the reading that would fit, if any."""
    hints: list[dict[str, Any]] = [{} for _ in range(len(frame))]
    rows = np.flatnonzero(outside)
    if not len(rows):
        return hints
    raw = frame[["raw_x", "raw_y"] if "raw_x" in frame else ["lon", "lat"]].to_numpy(np.float64)[rows]
    for row, reading, away in zip(rows, suggest(raw, territory.inside), _distance_m(frame, rows, territory), strict=True):
        hints[row] = {"suggestion": reading, "distance_m": away}
    return hints


def _distance_m(frame: pd.DataFrame, rows: "np.typing.NDArray[np.int64]", territory: Territory) -> Floats:
    return territory.distance_m(frame[["lon", "lat"]].to_numpy(np.float64)[rows])


def _closed_too_early(issues: pd.DataFrame) -> Bools:
    if "closed_at" not in issues:
        return np.zeros(len(issues), dtype=bool)
    early: Bools = (issues["closed_at"] < issues["reported_at"]).to_numpy()
    return early

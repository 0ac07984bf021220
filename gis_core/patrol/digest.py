"""A day of patrol in figures: what was due, what was walked, what was not, and how that was before."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gis_core.patrol.coverage import DAY_S, PatrolLog
from gis_core.patrol.exposure import walked_by_carrier
from gis_core.patrol.ground import Ground
from gis_core.patrol.report import report, segment_codes, told, unwalked
from gis_core.patrol.status import STATUSES, WALKED, Neighbours

WORST_GRIDS, WORST_LANES = 5, 10
AGAINST = {"day_before": 1, "week_before": 7}
"""Days to compare with, by how many days before."""
Rows = list[dict[str, Any]]


def digest(
    ground: Ground, log: PatrolLog, near: Neighbours, day: dt.date, quotas: Sequence[Mapping[str, Any]] = (),
    known_s: float = -np.inf, cells: Collection[str] | None = None, now_s: float = np.inf,
) -> dict[str, Any]:  # fmt: skip
    """What a day came to, in keys and numbers that JSON can hold; ``None`` for what there is not.

    Parameters
    ----------
    ground, day
        From midnight to midnight by the city's clock, and the ground of that day.
    quotas
        Of places on that day: ``required`` and ``done`` visits of each, and its ``state``.
    known_s
        From when on passes are known, seconds since 1970. What begins before is ``None``, and so is a day to compare
        with on which nobody passed anything.
    cells
        Only these grids are told of; without, all.
    now_s
        When the day ends at the latest, seconds since 1970: hours that have not come are nobody's.

    Returns
    -------
    digest
        ``day``, and whether it is ``running``, not over by then; ``totals`` as :func:`totals` has them; ``against`` the
        day before and the same weekday before, each with its ``totals``, by the ground of this day, and ``change``
        (this day less that one; ``None`` where on one of them nobody passed anything, and while this one is running);
        ``grids``, the five of the lowest level with most metres blind; ``unwalked``, with how many ``segments``,
        ``lanes`` and metres nobody is proved to have walked for as many ``days`` as the city says, ``by_status`` the
        segments and metres of these, and the ten ``worst``, as :func:`gis_core.patrol.report.unwalked` has them;
        ``longest_gap`` within these days, of the segments that were visited in them at all; ``quotas``, with how many
        ``places``, visits ``required`` and ``done`` (not more of a place than required) and places ``met``.
    """
    begin_s, midnight_s = window_of(ground, day)
    end_s, running = max(min(midnight_s, now_s), begin_s), now_s < midnight_s
    days = ground.territory.city.patrol.unwalked_days
    own = totals(ground, log, near, (begin_s, end_s))
    against = {
        name: _earlier(ground, log, near, day - dt.timedelta(before), known_s) for name, before in AGAINST.items()
    }
    for then in filter(None, against.values()):
        then["change"] = _change(own, then["totals"]) if own["people"] and not running else None
    known = end_s - days * DAY_S >= known_s
    return {
        "day": str(day), "running": running, "totals": own, "against": against,
        "grids": _worst_grids(ground, log, near, (begin_s, end_s), known_s, cells),
        "unwalked": _unwalked(ground, log, near, end_s, days) if known else None,
        "longest_gap": _longest_gap(ground, log, end_s - days * DAY_S, end_s) if known else None,
        "quotas": _quotas(quotas),
    }  # fmt: skip


def _earlier(ground: Ground, log: PatrolLog, near: Neighbours, day: dt.date, known_s: float) -> dict[str, Any] | None:
    """A day to compare with, where it is known and anybody passed anything on it."""
    window = window_of(ground, day)
    then = totals(ground, log, near, window) if window[0] >= known_s else None
    return {"day": str(day), "totals": then} if then is not None and then["people"] else None


def _change(own: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    return {key: own[key] - then[key] if None not in (own[key], then[key]) else None for key in own}


def _by_status(late: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Segments and metres of each status that leaves it open or denies that somebody walked."""
    parts = {one: late["length_m"][late["status"] == one] for one in STATUSES if one != WALKED}
    return {one: {"segments": len(length_m), "metres": float(length_m.sum())} for one, length_m in parts.items()}


def totals(ground: Ground, log: PatrolLog, near: Neighbours, window: tuple[float, float]) -> dict[str, Any]:
    """Metres due and by status, ``covered_m`` and visits; ``walked_share`` and ``share`` (covered) of what is due;
    ``people`` who passed anything, and ``patrol_m`` and ``patrol_s`` of all their sure passes.
    """
    begin_s, end_s = window
    said = told(ground, log, begin_s, end_s, near)
    length_m = ground.segments["length_m"].to_numpy(np.float64)
    due, status = ground.due, said["status"].to_numpy(object)
    found: dict[str, Any] = {"due_m": float(length_m[due].sum())}
    found |= {
        f"{one}_m": float(length_m[due & (status == one)].sum()) for one in ("walked", "probable", "blind", "no_data")
    }
    found |= {"covered_m": float(said["covered_m"][due].sum()), "visits": int(said["visits"][due].sum())}
    found["walked_share"] = found["walked_m"] / found["due_m"] if due.any() else None
    found["share"] = found["covered_m"] / found["due_m"] if due.any() else None
    people = walked_by_carrier(log, begin_s, end_s, due)
    return found | {
        "people": len(people), "patrol_m": float(people["patrol_m"].sum()), "patrol_s": float(people["patrol_s"].sum())
    }  # fmt: skip


def window_of(ground: Ground, day: dt.date) -> tuple[float, float]:
    """From midnight to midnight by the city's clock, seconds since 1970; 23 or 25 hours where clocks are changed."""
    zone = ground.territory.city.zone
    begin, end = (dt.datetime.combine(day + dt.timedelta(days=one), dt.time(), zone).timestamp() for one in (0, 1))
    return begin, end


def _worst_grids(
    ground: Ground,
    log: PatrolLog,
    near: Neighbours,
    window: tuple[float, float],
    known_s: float,
    cells: Collection[str] | None,
) -> list[dict[str, Any]]:
    level = ground.territory.city.levels[-1].name
    said = told(ground, log, *window, near)
    found = report(ground, log, said, level, *window, near, known_s=known_s)
    found = found[(found["blind_m"] > 0) & found["code"].notna()]
    if cells is not None:
        found = found[found["code"].isin(list(cells))]
    found = found.sort_values(["blind_m", "code"], ascending=[False, True]).head(WORST_GRIDS)
    return _rows(found[["code", "due_m", "walked_m", "blind_m", "no_data_m", "share", "walked_share", "unwalked_m"]])


def _unwalked(ground: Ground, log: PatrolLog, near: Neighbours, end_s: float, days: int) -> dict[str, Any]:
    late = unwalked(ground, log, end_s - days * DAY_S, end_s, near)
    return {
        "days": days, "segments": len(late), "lanes": int(late["street"].nunique()),
        "metres": float(late["length_m"].sum()), "by_status": _by_status(late),
        "worst": _rows(late.drop(columns="edge").head(WORST_LANES)),
    }  # fmt: skip


def _longest_gap(ground: Ground, log: PatrolLog, begin_s: float, end_s: float) -> dict[str, Any] | None:
    coverage = log.within(begin_s, end_s)
    visited = np.flatnonzero(ground.due & (coverage.visits > 0))
    if not len(visited):
        return None
    edge = int(visited[np.argmax(coverage.gap_s[visited])])
    row = ground.segments.iloc[[edge]][["street", "name", "grid", "contractor", "length_m"]]
    return _rows(row.assign(segment=segment_codes(ground)[edge], gap_s=coverage.gap_s[edge]))[0]


def _quotas(quotas: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    pairs = [(int(one["required"]), int(one["done"])) for one in quotas]
    return {
        "places": len(pairs), "required": sum(required for required, _ in pairs),
        "done": sum(min(pair) for pair in pairs), "met": sum(one["state"] == "done" for one in quotas),
    }  # fmt: skip


def _rows(frame: pd.DataFrame) -> Rows:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]

"""Places that a day is proposed to visit: those whose quota is not met, those drawn by chance, and those asked for."""

import datetime as dt
import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from api.patrolling import Patrolling, midnight_of
from api.quotas import quota_rows, reasons_by_id
from gis_core.arrays import shapes_of
from gis_core.crs import to_metres
from gis_core.errors import NotFound
from gis_core.locating import locate
from gis_core.patrol.quotas import duty_of, period_of
from gis_core.patrol.rules import Quota
from gis_core.planning import proposing
from gis_core.planning.asking import Asked
from gis_core.planning.drawing import Drawn, draw
from gis_core.planning.plan import Dropped
from gis_core.planning.proposing import BODY, windows_of
from gis_core.planning.tasks import Patroller, Reason, Stop, Window
from layers.proposed import shaped_places
from layers.store import Store

DAY_S = 86_400


def visits_due(
    store: Store, patrolling: Patrolling, asked: Asked, as_of: dt.datetime, people: Sequence[Patroller]
) -> tuple[list[Stop], list[Dropped]]:
    """The visits of the day that quotas in the area still ask for, and those that there is no time or no body for."""
    zone = store.city.zone
    judged = min(asked.day, as_of.astimezone(zone).date())
    rows = {row["place"]: row for row in quota_rows(store, as_of, judged)}
    quotas = {quota.type: quota for quota in store.city.quotas}
    shapes = shaped_places(store, asked.day, codes=rows)
    came = _came(store, shapes, as_of, judged)
    begin = midnight_of(asked.day, zone)
    found = [
        _due(rows[place], quotas[rows[place]["type"]], asked, begin, as_of, came.get(place, set()))
        for place in shapes["code"]
    ]
    placed = placed_of(patrolling, shapes).merge(pd.DataFrame(found, columns=list(_DUE)), on="place")
    bodies = {skill.removeprefix(BODY) for who in people for skill in who.skills if skill.startswith(BODY)}
    return proposing.visits(placed[placed["today"] > 0], _open_s(store, people), bodies)


_DUE = (
    "place", "period", "state", "done", "required", "today", "spacing_s", "dwell_s", "after_s", "came",
    "bodies_required",
)  # fmt: skip


def _due(
    row: dict[str, Any], quota: Quota, asked: Asked, begin: dt.datetime, as_of: dt.datetime, came: set[str]
) -> dict[str, Any]:
    """How many visits of a place are to be made on the day, and from when on."""
    first, after = period_of(quota.period, asked.day)
    same = row["begins"] == first
    done, state = (row["done"], row["state"]) if same else (0, "on_time")
    left = quota.visits - done
    days = (after - asked.day).days
    today = math.ceil(left / days)
    if quota.period != "day" and left and not today > 1:
        # Of a week or month no more than is due by the end of the day.
        due = not same or row["next_due"] is None or row["next_due"] < begin + dt.timedelta(days=1)
        today = int(due or left >= days)
    last = row["last_at"]
    since = [as_of] if last is None else [as_of, last + dt.timedelta(minutes=quota.spacing_min)]
    after_s = max(math.ceil((max(since) - begin).total_seconds()), 0)
    return dict(zip(_DUE, (
        row["place"], quota.period, state, done, quota.visits, today, 60 * quota.spacing_min, 60 * quota.dwell_min,
        min(after_s, 2 * DAY_S), frozenset(came if same else ()), quota.bodies if quota.bodies > 1 else 0,
    ), strict=True))  # fmt: skip


def _came(store: Store, shapes: pd.DataFrame, as_of: dt.datetime, day: dt.date) -> dict[str, set[str]]:
    """Bodies whose visits count in the period of a day, by place."""
    told = reasons_by_id(store, shapes[["code", "name", "type"]], as_of, day)
    told = told[told["reason"].isna() & told["body"].notna()]
    return {str(place): set(some) for place, some in told.groupby("place")["body"]}


def _open_s(store: Store, people: Sequence[Patroller]) -> Window:
    """When places are to be visited and somebody is out."""
    (begin, end), *_ = windows_of([duty_of(store.city.patrol)], "*")
    shifts = [who.shift for who in people] or [(begin, end)]
    return max(begin, min(one for one, _ in shifts)), min(end, max(one for _, one in shifts))


def places_asked(store: Store, patrolling: Patrolling, asked: Asked) -> tuple[list[Stop], list[Reason], Drawn | None]:
    """Places that are drawn, or asked for by code; what is told of types that there are too few of; and the draw.

    Raises
    ------
    NotFound
        When a place is asked for that is not there on the day, or not in the area.
    """
    reasons: dict[str, Reason] = {code: Reason("place_asked") for code in asked.places}
    told: list[Reason] = []
    drawn: Drawn | None = None
    if asked.draw:
        there = shaped_places(store, asked.day, types=asked.draw)
        drawn = draw(there, asked.draw, asked.seed)
        told += [Reason("draw_missing", {"type": kind}) for kind in drawn.missing]
        told += [
            Reason("draw_short", {"type": kind, "there": drawn.there[kind], "asked": drawn.asked[kind]})
            for kind in drawn.short
        ]
        for kind, codes in drawn.codes.items():
            said = {"type": kind, "count": len(codes), "of": drawn.there[kind], "seed": asked.seed}
            reasons |= {code: Reason("place_drawn", said) for code in codes}
    shapes = shaped_places(store, asked.day, codes=reasons) if reasons else None
    if shapes is None:
        return [], told, drawn
    for code in sorted(set(reasons) - set(shapes["code"])):
        raise NotFound("place_missing", value=code[:100])
    return proposing.asked_places(placed_of(patrolling, shapes), reasons), told, drawn


def placed_of(patrolling: Patrolling, shapes: pd.DataFrame) -> pd.DataFrame:
    """Where places are: ``place``, ``name``, ``x``, ``y`` (metres, a point of their own) and ``area``, the lowest grid
    that they lie in.
    """
    points = [shape.representative_point() for shape in shapes_of(shapes)]
    lonlat = shapely.get_coordinates(np.array(points, dtype=object)).reshape(-1, 2)
    xy = np.round(to_metres(lonlat, patrolling.network.srid), 2)
    return pd.DataFrame({
        "place": shapes["code"].to_numpy(object), "name": shapes["name"].to_numpy(object), "x": xy[:, 0], "y": xy[:, 1],
        "area": areas_of(patrolling, lonlat),
    })  # fmt: skip


def areas_of(patrolling: Patrolling, lonlat: np.ndarray[Any, Any]) -> Collection[str | None]:
    """Code of the lowest grid that each point lies in."""
    territory = patrolling.ground.territory
    if not len(lonlat):
        return []
    cells = locate(territory, lonlat).grids
    return [
        next((str(territory.levels[at].codes[row[at]]) for at in range(len(row) - 1, -1, -1) if row[at] >= 0), None)
        for row in cells
    ]

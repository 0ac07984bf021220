"""Quotas of visits as people ask for them: how each place in one's area stands on a day."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from api.instants import sensible
from gis_core.arrays import shapes_of
from gis_core.errors import InvalidInput
from gis_core.patrol.quotas import duty_of, history, instant, judge, period_of, why_not
from gis_core.patrol.rules import Quota
from layers.bulk import among
from layers.check_ins import check_ins
from layers.finding import rows_of
from layers.frames import read_frame, table_of
from layers.places import Place
from layers.store import Store
from layers.validity import holds_between

_place = table_of(Place)
MOST_DAYS = {"day": 1, "week": 7, "month": 31}
"""How long periods are at most."""


def quota_rows(
    store: Store, now: dt.datetime, day: dt.date | None = None, kinds: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """How the places in scope stand that have a quota, as the columns of :func:`gis_core.patrol.quotas.judge`, by code.

    Parameters
    ----------
    day
        Local day whose day, week or month is judged, as it is known now; today if not given.
    kinds
        Place types; all that have a quota if not given.

    Raises
    ------
    InvalidInput
        When the day is still to come, or at the ends of the calendar.
    """
    zone = store.city.zone
    today = now.astimezone(zone).date()
    day = sensible(day or today)
    if day > today:
        raise InvalidInput("quota_day", field="day", value=day.isoformat())
    quotas = [quota for quota in store.city.quotas if kinds is None or quota.type in kinds]
    places = places_with_quota(store, [quota.type for quota in quotas], day)
    told = _check_ins(store, quotas, places, day)
    found = judge(quotas, places, told, now, zone, duty=duty_of(store.city.patrol), day=day)
    return documents(found)


def quota_of(store: Store, place: dict[str, Any], now: dt.datetime, day: dt.date) -> dict[str, Any]:
    """How one place stands now in the period of a day."""
    quota, zone, places = quota_for(store, place), store.city.zone, pd.DataFrame([place])
    told = _check_ins(store, [quota], places, day)
    return documents(judge([quota], places, told, now, zone, duty=duty_of(store.city.patrol), day=day))[0]


def quota_for(store: Store, place: dict[str, Any]) -> Quota:
    """The quota of a place's type.

    Raises
    ------
    InvalidInput
        When it has none.
    """
    for quota in store.city.quotas:
        if quota.type == place["type"]:
            return quota
    raise InvalidInput("quota_none", field="place", value=place["name"] or place["code"])


def quota_history(store: Store, place: dict[str, Any], now: dt.datetime, periods: int) -> list[dict[str, Any]]:
    """How one place stood in the running period and in those before it, ``periods`` in all, oldest first."""
    quota, zone = quota_for(store, place), store.city.zone
    since = now - dt.timedelta(days=MOST_DAYS[quota.period] * periods + 1)
    told = check_ins(store.session, since, now + dt.timedelta(days=1), [place["code"]])
    return documents(history([quota], pd.DataFrame([place]), told, now, zone, periods, duty=duty_of(store.city.patrol)))


def reasons_by_id(store: Store, places: pd.DataFrame, now: dt.datetime, day: dt.date) -> pd.DataFrame:
    """Check-ins at places with a quota in the period of a day, with ``reason``: why each does not count."""
    by_type = {quota.type: quota for quota in store.city.quotas}
    told = _check_ins(store, list(by_type.values()), places, day)
    told["reason"] = None
    kinds = dict(zip(places["code"], places["type"], strict=True))
    for code, some in told.groupby("place"):
        reasons = why_not(by_type[kinds[str(code)]], some, now, store.city.zone, day)
        told.loc[some.index, "reason"] = np.array(reasons, dtype=object)
    return told


def places_with_quota(store: Store, kinds: Collection[str], day: dt.date, code: str | None = None) -> pd.DataFrame:
    """The places in scope of some types that are there on a day, by code: ``code``, ``name``, ``type``."""
    there = holds_between(_place, day, day + dt.timedelta(days=1))
    wanted = [
        among(store.session, _place.c.type, sorted(kinds)),
        there,
        *([] if code is None else [_place.c.code == code]),
    ]
    rows = rows_of(store, "places", ("code", "name", "type"), *wanted)
    return pd.DataFrame(rows, columns=["code", "name", "type"]).sort_values("code", ignore_index=True)


def within_cell(store: Store, codes: Collection[str], grid: str, now: dt.datetime) -> set[str]:
    """Which places in scope lie in a cell in scope, each by a point of its own."""
    cells = store.read("grids", store.version_at(now), only=("code",))
    cells = cells[cells["code"] == grid]
    chosen = store.bounded("places", store.scope.seen(_place), among(store.session, _place.c.code, sorted(codes)))
    found = read_frame(store.session, Place, chosen, ("code",))
    if not len(cells) or not len(found):
        return set()
    inside = [shape.representative_point().within(cells.geometry.iloc[0]) for shape in shapes_of(found)]
    return set(found["code"][inside])


def documents(judged: pd.DataFrame) -> list[dict[str, Any]]:
    """Judged places as rows of plain values."""
    plain = judged.astype(object).where(judged.notna(), None)
    rows = plain.to_dict("records")
    for row in rows:
        for name in ("last_at", "next_due"):
            row[name] = row[name] and row[name].to_pydatetime()
    return rows


def _check_ins(store: Store, quotas: Collection[Quota], places: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """The check-ins of every period that a day lies in."""
    periods = [period_of(quota.period, day) for quota in quotas] or [period_of("day", day)]
    since, until = min(first for first, _ in periods), max(after for _, after in periods)
    zone = store.city.zone
    return check_ins(store.session, instant(since, zone), instant(until, zone), places["code"].tolist())

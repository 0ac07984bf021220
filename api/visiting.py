"""Plates of places that have a quota of visits: what is printed, and what their codes open."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import pandas as pd
from fastapi import Request

from api.callers import Caller, Context, caller
from api.check_ins import place_in_area
from api.quotas import places_with_quota, quota_for, quota_of, reasons_by_id
from gis_core.errors import Forbidden, NotFound, Unauthorised
from gis_core.permissions import may
from layers.check_ins import open_stay
from layers.plates import shop_of
from layers.store import Store


def opened_place(store: Store, token: str, now: dt.datetime) -> dict[str, Any] | None:
    """What the code at a place that has a quota tells without an account: ``code``, ``name``, ``address``,
    ``dwell_min`` and ``quota``; no persons. ``None`` where the plate is a shop's.

    Raises
    ------
    NotFound
        When the token opens nothing, or the place is gone.
    """
    code, day = shop_of(store, token), now.astimezone(store.city.zone).date()
    try:
        place = place_in_area(store, code, day)
    except NotFound:
        raise NotFound("plate_missing") from None
    quota = next((one for one in store.city.quotas if one.type == place["type"]), None)
    if quota is None or place["type"] == "shop":
        return None
    said = {name: place[name] for name in ("code", "name", "address")}
    return {**said, "dwell_min": quota.dwell_min, "quota": quota_of(store, place, now, day)}


def visitor_of(request: Request, context: Context, code: str, now: dt.datetime) -> dict[str, Any] | None:
    """Who looks at a place's page, if they are signed in: whether they are ``permitted`` to check in there, ``since``
    when they have been there, and their ``visits`` of the quota's period.
    """
    try:
        asking = caller(request)
        permitted = _told(asking, code, now) if may(asking.user.grants, "patrol") else None
    except (Unauthorised, Forbidden):
        return None
    except NotFound:
        permitted = None
    return permitted or {"permitted": False, "since": None, "visits": []}


def _told(asking: Caller, code: str, now: dt.datetime) -> dict[str, Any]:
    with asking.reading("patrol") as store:
        day = now.astimezone(store.city.zone).date()
        place = place_in_area(store, code, day)
        told = reasons_by_id(store, pd.DataFrame([place]), now, day)
        told = told[told["carrier"] == asking.user.name].iloc[::-1]
        plain = told.astype(object).where(told.notna(), None)
        visits = plain[["arrived_at", "left_at", "reason"]].to_dict("records")
        return {"permitted": True, "since": open_stay(store.session, asking.user.name, code, now), "visits": visits}


def place_plates(
    store: Store, kinds: Collection[str], codes: Collection[str], now: dt.datetime
) -> dict[str, dict[str, Any]]:
    """What is printed for the places in scope of some types, and for others that are named: ``name`` and ``quota`` by
    code. Those without a quota have no plate.
    """
    day = now.astimezone(store.city.zone).date()
    there = places_with_quota(store, [quota.type for quota in store.city.quotas], day)
    wanted = there[there["type"].isin(list(kinds)) | there["code"].isin(list(codes))]
    found = {}
    for place in wanted.to_dict("records"):
        quota = quota_for(store, place)
        said = {"period": quota.period, "visits": quota.visits, "bodies": quota.bodies}
        found[place["code"]] = {"name": place["name"], "quota": said}
    return found

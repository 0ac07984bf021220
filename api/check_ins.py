"""Check-ins: somebody says that they were at a place, by the code there or by their positions."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from api.callers import Caller
from api.filing import AHEAD
from api.quotas import quota_for, quota_of, reasons_by_id
from gis_core.arrays import Floats
from gis_core.crs import OBFUSCATED, check_datum, project, to_metres, to_wgs84
from gis_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from gis_core.patrol.quotas import instant
from gis_core.patrol.stays import LONGEST, Positions, check_positions, stays_with
from gis_core.permissions import may
from layers.accounts import User
from layers.check_ins import (
    BY_FENCE,
    alone_with_carrier,
    change_stays,
    elsewhere,
    put_check_ins,
    stay_of,
    stays_near,
)
from layers.finding import named_by
from layers.frames import read_frame, table_of
from layers.places import Place
from layers.plates import shop_of
from layers.store import Store
from layers.validity import holds_between

MOST_BACK_DAYS = 31
"""A telephone may have been offline for so long."""
_place = table_of(Place)


def place_in_area(store: Store, code: str, day: dt.date) -> dict[str, Any]:
    """A place in scope that is there on a day: ``code``, ``name``, ``type``, ``address``, ``geometry``.

    Raises
    ------
    NotFound
        When there is none.
    """
    there = (_place.c.code == code, holds_between(_place, day, day + dt.timedelta(days=1)))
    chosen = store.bounded("places", store.scope.seen(_place), *there)
    found = read_frame(store.session, Place, chosen, ("code", "name", "type", "address"))
    if not len(found):
        raise NotFound("place_missing", value=code)
    return {name: found[name].iloc[0] for name in ("code", "name", "type", "address", "geometry")}


def by_code(store: Store, user: User, token: str, event: str, at: dt.datetime, now: dt.datetime) -> str:
    """Note a coming or going by the code at a place in scope; in any order, and twice changes nothing.

    Returns
    -------
    place
        Its code.

    Raises
    ------
    NotFound
        When the token opens nothing.
    Forbidden
        When its place is not in scope: who holds the plate knows that it is there.
    InvalidInput
        When the place has no quota, or it was too long ago, or is to come.
    Conflict
        When they were at another place at that time.
    """
    _check_when("at", at, now, store.city.zone)
    place = _place_of(store, token, _day(store, at))
    quota_for(store, place)
    alone_with_carrier(store.session, user.name)
    said = {"place": place["code"], "carrier": user.name, "body": user.organisation}
    before = stays_near(store.session, user.name, place["code"], at)
    after = stays_with(before, event, at)
    for begun, ended in after:
        if (begun, ended) not in before:
            _check_elsewhere(store, user.name, place["code"], begun, ended or begun)
    change_stays(store.session, said, before, after, now)
    return str(place["code"])


def by_fence(
    store: Store, user: User, code: str, span: tuple[dt.datetime, dt.datetime], told: Floats, datum: str,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Note a stay at a place in scope that positions prove, which are not kept; twice changes nothing.

    Parameters
    ----------
    span
        When they came and left.
    told
        Seconds since 1970, two coordinates in ``datum``, and metres of accuracy; shape (n, 4).

    Raises
    ------
    NotFound, Conflict
        As :func:`by_code`.
    InvalidInput
        When the positions do not prove it.
    """
    begun, ended = span
    _check_when("arrived_at", begun, now, store.city.zone)
    _check_when("left_at", ended, now, store.city.zone)
    if not begun < ended <= begun + LONGEST:
        hours = round(LONGEST.total_seconds() / 3_600)
        raise InvalidInput("check_in_order", field="left_at", value=ended.isoformat(), expected=hours)
    place = place_in_area(store, code, _day(store, begun))
    quota_for(store, place)
    _check_fence(store, place, span, told[np.argsort(told[:, 0], kind="stable")], datum)
    alone_with_carrier(store.session, user.name)
    _check_elsewhere(store, user.name, code, begun, ended)
    row = {"place": code, "carrier": user.name, "body": user.organisation, "by": BY_FENCE}
    put_check_ins(store.session, [{**row, "arrived_at": begun, "left_at": ended}], now)


def receipt(store: Store, user: User, code: str, at: dt.datetime, now: dt.datetime) -> dict[str, Any]:
    """What came of somebody's coming or going at a place in scope: the stay, whether it counts or why not, and how the
    place stands.

    Raises
    ------
    NotFound
        When there is no such place, or nothing is known of them there.
    """
    stay = stay_of(store.session, user.name, code, at)
    if stay is None:
        raise NotFound("place_missing", value=code)
    day = _day(store, stay["arrived_at"])
    place = place_in_area(store, code, day)
    told = reasons_by_id(store, pd.DataFrame([place]), now, day)
    mine = told[(told["carrier"] == user.name) & (told["arrived_at"] == stay["arrived_at"])]
    reason = mine["reason"].iloc[0] if len(mine) else "outside"
    return {
        "place": place["code"], "name": place["name"], "arrived_at": stay["arrived_at"], "left_at": stay["left_at"],
        "counts": reason is None, "reason": reason, "quota": quota_of(store, place, now, day),
    }  # fmt: skip


def listed(
    store: Store, places: pd.DataFrame, day: dt.date, now: dt.datetime, named: frozenset[str], own: str
) -> list[dict[str, Any]]:
    """The check-ins of a local day at places with a quota, in order of time, with whether and why they count.

    Parameters
    ----------
    named
        Codes of the places whose visitors the reader may know by name.
    own
        The reader, who may always know their own.
    """
    zone = store.city.zone
    told = reasons_by_id(store, places, now, day)
    told = told[
        (told["arrived_at"] >= instant(day, zone)) & (told["arrived_at"] < instant(day + dt.timedelta(1), zone))
    ]
    names = dict(zip(places["code"], places["name"], strict=True))
    plain = told.astype(object).where(told.notna(), None)
    return [
        {
            **{name: row[name] for name in ("id", "place", "body", "by", "reason")}, "name": names[row["place"]],
            "carrier": row["carrier"] if row["place"] in named or row["carrier"] == own else None,
            **{name: row[name] and row[name].to_pydatetime() for name in ("arrived_at", "left_at")},
            "counts": row["reason"] is None,
        }
        for row in plain.to_dict("records")
    ]  # fmt: skip


def named_places(asking: Caller, codes: Collection[str]) -> frozenset[str]:
    """The places of some codes whose visitors somebody may know by name."""
    if not may(asking.user.grants, "trace"):
        return frozenset()
    with asking.reading("trace") as store:
        return frozenset(named_by(store, "places", codes))


def _day(store: Store, at: dt.datetime) -> dt.date:
    return at.astimezone(store.city.zone).date()


def _place_of(store: Store, token: str, day: dt.date) -> dict[str, Any]:
    try:
        code = shop_of(store, token)
    except NotFound:
        raise NotFound("check_in_token") from None
    try:
        return place_in_area(store, code, day)
    except NotFound:
        raise Forbidden("check_in_area", value=code) from None


def _check_when(field: str, at: dt.datetime, now: dt.datetime, zone: dt.tzinfo) -> None:
    if at > now + AHEAD:
        clock = f"{now.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        raise InvalidInput("check_in_future", field=field, value=at.isoformat(), expected=clock)
    if at < now - dt.timedelta(days=MOST_BACK_DAYS):
        raise InvalidInput("check_in_when", field=field, value=at.isoformat(), expected=MOST_BACK_DAYS)


def _check_elsewhere(store: Store, carrier: str, code: str, begun: dt.datetime, ended: dt.datetime) -> None:
    other = elsewhere(store.session, carrier, code, begun, ended)
    if other is None:
        return
    zone, known = store.city.zone, named_by(store, "places", [other["place"]])
    said = {name: f"{(other[at] or other['arrived_at']).astimezone(zone):%Y-%m-%d %H:%M}"
            for name, at in (("begun", "arrived_at"), ("ended", "left_at"))}  # fmt: skip
    raise Conflict("check_in_elsewhere", name=known.get(other["place"], {}).get("name") or other["place"], **said)


def _check_fence(
    store: Store, place: dict[str, Any], span: tuple[dt.datetime, dt.datetime], told: Floats, datum: str
) -> None:
    srid, declared = store.city.metric_srid, check_datum(datum)
    (shape,) = project(np.array([place["geometry"]], dtype=object), srid)
    begun_s, ended_s = (at.timestamp() for at in span)

    def fault_of(name: str) -> InvalidInput | None:
        xy = to_metres(to_wgs84(told[:, 1:3], name), srid)
        try:
            check_positions(shape, Positions(told[:, 0], xy, told[:, 3]), begun_s, ended_s, store.city.patrol.fence_m)
        except InvalidInput as fault:
            return fault
        return None

    fault = fault_of(declared)
    if fault is None:
        return
    for other in OBFUSCATED if fault.key == "fence_outside" else ():
        if fault_of(other) is None:
            raise InvalidInput("fence_datum", field="datum", value=declared, suggestion=other)
    raise fault

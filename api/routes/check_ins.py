"""Check-ins at places, and how often places were visited."""

import datetime as dt
import hashlib
from typing import Annotated, Any

import numpy as np
from fastapi import Path, Query, Response

from api.callers import Asking, Here
from api.check_in_schemas import ByCode, ByFence, CheckedIn, CheckInList, QuotaList, State
from api.check_ins import by_code, by_fence, listed, named_places, place_in_area, receipt
from api.documents import answered
from api.instants import sensible
from api.quotas import places_with_quota, quota_history, quota_rows, within_cell
from api.routing import Router
from api.schemas import CodeQuery, Key, Limit
from gis_core.errors import InvalidInput
from layers.once import once

router = Router(prefix="/api/v1", tags=["check-ins"])
MOST_PERIODS = 31
Day = Annotated[dt.date | None, Query(description="Local day; today if not given.")]


@router.post("/check-ins", status_code=201, summary="Check in at a place", responses={201: {"model": CheckedIn}})
def check_in(context: Here, asking: Asking, said: ByCode | ByFence, key: Key = None) -> Response:
    """Say that one came to a place of one's area or left it, by the code there (`token`), or that one was there, by
    positions; whether that counts, and how the place stands. The two of a stay come in any order, up to 31 days late,
    and twice change nothing. Who was at another place at that time is refused.
    """
    now, user = context.now(), asking.user
    digest = hashlib.sha256(f"check-in {said.model_dump_json()}".encode()).hexdigest()

    def do() -> list[str]:
        if isinstance(said, ByCode):
            return [by_code(store, user, said.token, said.event, said.at or now, now), (said.at or now).isoformat()]
        told = np.array([(one.t.timestamp(), one.lon, one.lat, one.accuracy_m) for one in said.positions])
        by_fence(store, user, said.place, (said.arrived_at, said.left_at), told, said.datum, now)
        return [said.place, said.arrived_at.isoformat()]

    with context.stores.write(asking.sight("patrol")) as store:
        place, at = once(store.session, user.name, key, digest, now, do)
        return answered(receipt(store, user, place, dt.datetime.fromisoformat(at), now), 201)


@router.get("/check-ins", summary="Check-ins of a day", responses={200: {"model": CheckInList}})
def check_ins(
    asking: Asking,
    place: CodeQuery | None = None,
    day: Day = None,
    after: Annotated[int, Query(ge=0, le=2**53, description="`next` of the page before.")] = 0,
    limit: Limit = 100,
) -> Response:
    """The check-ins of a local day at places of one's area that have a quota, in order of time: body and time; names
    for those who may see tracks, and one's own. Whether each counts, or why not.
    """
    with asking.reading() as store:
        today = asking.now.astimezone(store.city.zone).date()
        day = sensible(day or today)
        if day > today:
            raise InvalidInput("quota_day", field="day", value=day.isoformat())
        there = places_with_quota(store, [quota.type for quota in store.city.quotas], day, place)
    named = named_places(asking, there["code"].tolist())
    with asking.reading() as store:
        rows = listed(store, there, day, asking.now, named, asking.user.name)
    begin = next((position + 1 for position, row in enumerate(rows) if row["id"] == after), 0)
    page = rows[begin : begin + limit]
    rest = begin + limit < len(rows)
    return answered({"day": day, "check_ins": page, "next": page[-1]["id"] if page and rest else None})


@router.get("/quotas", summary="How often places were visited", responses={200: {"model": QuotaList}})
def quotas(
    asking: Asking,
    day: Day = None,
    type: CodeQuery | None = None,  # noqa: A002
    grid: CodeQuery | None = None,
    state: Annotated[State | None, Query()] = None,
) -> Response:
    """How the places of one's area that have a quota stand in the day, week or month that a day lies in, as it is known
    now.
    """
    with asking.reading() as store:
        rows: list[dict[str, Any]] = quota_rows(store, asking.now, day, None if type is None else (type,))
        if grid is not None:
            within = within_cell(store, {row["place"] for row in rows}, grid, asking.now)
            rows = [row for row in rows if row["place"] in within]
        told = day or asking.now.astimezone(store.city.zone).date()
    rows = [row for row in rows if state is None or row["state"] == state]
    return answered({"day": told, "count": len(rows), "quotas": rows})


@router.get("/quotas/{code}/history", summary="How often a place was visited", responses={200: {"model": QuotaList}})
def past(
    asking: Asking,
    code: Annotated[str, Path(max_length=200)],
    periods: Annotated[int, Query(ge=1, le=MOST_PERIODS, description="Days, weeks or months, as its quota says.")] = 7,
) -> Response:
    """How a place of one's area that has a quota stood in the running period and in those before it, oldest first."""
    with asking.reading() as store:
        day = asking.now.astimezone(store.city.zone).date()
        rows = quota_history(store, place_in_area(store, code, day), asking.now, periods)
    return answered({"day": day, "count": len(rows), "quotas": rows})

"""How a shop stands: inspections and the grade of its plate, notices and what follows them."""

import datetime as dt
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.callers import Caller, Context
from api.duties import check_duty, duties_in_force, matters
from api.filing import AHEAD, file_within
from api.ledgers import around, ledger_near
from api.schemas import MOST_LINE, MOST_WORDS, Report
from gis_core.arrays import shapes_of
from gis_core.errors import Forbidden, InvalidInput
from gis_core.front_doors import ALLOWED
from gis_core.grades import Standing, monthly, standing, standings, step
from gis_core.texts import TEXTS
from layers.boxes import meets
from layers.doors import add_event, alone_with, events_of, inspections, open_case, shape_of, told_lately, warned_since
from layers.finding import issue_of, rows_of
from layers.frames import read_frame, table_of
from layers.frontages import CONFIRMATION
from layers.marks import Mark
from layers.places import Place
from layers.store import Store

CHANNEL = "front_door"
MOST_EVENTS, MOST_BACK_DAYS = 50, 31
MONTHS, LISTED_MONTHS = 13, 4
"""How many months back the grades of one shop are told, and those of all: three in a row, and the running one."""
SAME = dt.timedelta(minutes=10)
"""What two people note of the same shop and matter within this is one thing."""


def standing_of(store: Store, shop: str, now: dt.datetime) -> dict[str, Any]:
    """The grade of a shop's plate, its months, whether it is referred, and its newest events."""
    months = _months(store, now, shop)
    stands = standing(months, now.astimezone(store.city.zone).date())
    return {
        **vars(stands), "months": months.drop(columns="shop").to_dict("records"),
        "events": [
            {**one, "photo": f"/api/v1/doors/shops/{quote(shop, safe='')}/confirmations/{one['id']}/photo"
             if one["kind"] == CONFIRMATION else None}
            for one in events_of(store, shop, MOST_EVENTS)
        ],
    }  # fmt: skip


def grade_of(store: Store, shop: str, now: dt.datetime) -> Standing:
    """How a shop stands."""
    return standing(_months(store, now, shop), now.astimezone(store.city.zone).date())


def all_standings(store: Store, now: dt.datetime) -> pd.DataFrame:
    """How the shops in scope stand that were inspected in the last months, by code."""
    local = now.astimezone(store.city.zone)
    found = monthly(inspections(store, _since(local, LISTED_MONTHS), day=local.date()), store.city)
    return standings(found, local.date())


def _months(store: Store, now: dt.datetime, shop: str) -> pd.DataFrame:
    local = now.astimezone(store.city.zone)
    return monthly(inspections(store, _since(local, MONTHS), shop), store.city)


def _since(local: dt.datetime, months: int) -> dt.datetime:
    """Where the month begins in which so many months end with the running one."""
    first = 12 * local.year + local.month - months
    return dt.datetime(first // 12, first % 12 + 1, 1, tzinfo=local.tzinfo).astimezone(dt.UTC)


def check_inspection(asking: Caller, body: str, at: dt.datetime, now: dt.datetime) -> None:
    """Refuse an inspection that its sender cannot have made.

    Raises
    ------
    Forbidden
        When it is said to be the city's by somebody who inspects a part of it only.
    InvalidInput
        When it was too long ago, or is to come.
    """
    if body == "city" and not asking.sight("inspect").everything:
        raise Forbidden("inspected_for_city")
    if not now - dt.timedelta(days=MOST_BACK_DAYS) <= at <= now + AHEAD:
        raise InvalidInput("inspected_when", field="at", value=at.isoformat(), expected=MOST_BACK_DAYS)


def inspected(store: Store, shop: str, actor: str, body: str, score: float, at: dt.datetime) -> int:
    """Note an inspection; its number.

    Raises
    ------
    NotFound, Conflict
        When no shop in scope has the code, or it was closed then.
    """
    alone_with(store, shop, at.astimezone(store.city.zone).date())
    return add_event(store, shop, "inspection", actor, at, body=body, score=score)


def noticed(context: Context, store: Store, shop: str, actor: str, category: str, now: dt.datetime) -> dict[str, Any]:
    """Note that something was wrong at a shop's door: the first time a notice, then a warning, from the third time on
    within the city's days a case, which is filed in the same transaction. What was just noted is not noted again, and
    as long as a case about the matter is open there is no other one.

    Returns
    -------
    done
        ``event``, its number, ``step``, ``again`` (whether it was noted before), ``issue``, and who answers for it by
        which rule, as far as that is in scope.

    Raises
    ------
    NotFound, Conflict
        When no shop in scope has the code, or it is closed.
    InvalidInput
        When the shop does not answer for the matter.
    Overtaken
        When the transaction has to be done again.
    """
    alone_with(store, shop, now.astimezone(store.city.zone).date())
    whole = Store(store.session)
    check_duty(whole, duties_in_force(whole, shop, now), category)
    if (before := told_lately(store, shop, category, now - SAME)) is not None:
        return _done(store, before["id"], before["kind"], before["issue"], again=True)
    earlier = warned_since(store, shop, now - dt.timedelta(days=store.city.notice_days))
    told, issue = step(earlier), None
    if told == "case":
        issue = open_case(store, shop, category) or _filed(context, whole, shop, category, earlier + 1, now)
    event = add_event(store, shop, told, actor, now, category=category, issue=issue)
    return _done(store, event, told, issue)


def _done(store: Store, event: int, told: str, issue: str | None, *, again: bool = False) -> dict[str, Any]:
    case = (issue_of(store, issue) if issue else None) or {}
    answer = {name: case.get(name) for name in ("responsible", "rule")}
    return {"event": event, "step": told, "again": again, "issue": issue, **answer}


def _filed(context: Context, whole: Store, shop: str, category: str, nth: int, now: dt.datetime) -> str | None:
    """A case at a shop's door: in what of its strip is neither excluded nor painted for goods or vehicles, or where the
    shop is; none where the city's cells do not reach.
    """
    city = whole.city
    (place,) = rows_of(whole, "places", ("name", "address"), Place.code == shop)
    near = ledger_near(whole, around(shape_of(whole, shop), city.metric_srid), now)
    mine = near.of_shop(shop)
    shape = shape_of(whole, shop) if mine.empty else _free(whole, mine.geometry.iloc[0], near.strips)
    point = shapely.point_on_surface(shape)
    matter = matters(whole, {category}).get(category, {})
    words = TEXTS.say("door_case", city.locale, count=nth, days=city.notice_days, name=place["name"], code=shop,
                      matter=matter.get(city.locale) or matter.get("zh", category))  # fmt: skip
    report = Report.model_validate({
        "lon": point.x, "lat": point.y, "category": category, "channel": CHANNEL, "description": words[:MOST_WORDS],
        "address": place["address"] and place["address"][:MOST_LINE],
    })  # fmt: skip
    try:
        return file_within(context, whole, "doors", report, None, now).code
    except InvalidInput:
        return None


def _free(whole: Store, strip: shapely.Geometry, near: gpd.GeoDataFrame) -> shapely.Geometry:
    table = table_of(Mark)
    here = meets(table, strip.bounds, postgis=whole.is_postgis)
    marks = read_frame(whole.session, Mark, whole.bounded("marks", whole.scope.seen(table), here), ("kind",))
    painted = shapes_of(marks)[np.isin(marks["kind"].to_numpy(object), ALLOWED)] if len(marks) else ()
    outside = near.geometry[near["kind"] == "excluded"]
    free = shapely.difference(strip, shapely.union_all([*outside, *painted]))
    return strip if free.is_empty else free

"""How a shop stands: inspections and the grade of its plate, notices and what follows them."""

import datetime as dt
from typing import Any

import shapely

from api.callers import Context
from api.filing import answer, file
from api.schemas import Question, Report
from gis_core.grades import monthly, standing, step
from gis_core.ledger import Ledger
from layers.doors import (
    add_event,
    alone_with,
    events_of,
    inspections_of,
    issue_of_event,
    set_issue,
    shape_of,
    warned_since,
)
from layers.store import Store

CHANNEL = "front_door"
MOST_EVENTS = 50


def standing_of(store: Store, shop: str) -> dict[str, Any]:
    """The grade of a shop's plate, its months, whether it is referred, and its newest events."""
    months = monthly(inspections_of(store, shop), store.city)
    now = standing(months)
    return {
        "grade": now.grade, "referred": now.referred, "months": months.to_dict("records"),
        "events": events_of(store, shop, MOST_EVENTS),
    }  # fmt: skip


def inspected(store: Store, shop: str, actor: str, body: str, score: float, now: dt.datetime) -> dict[str, Any]:
    """Note an inspection; how the shop stands after it.

    Raises
    ------
    NotFound
        When no shop in scope has the code.
    """
    alone_with(store, shop)
    add_event(store, shop, "inspection", actor, now, body=body, score=score)
    return standing_of(store, shop)


def noticed(store: Store, shop: str, actor: str, category: str, now: dt.datetime) -> dict[str, Any]:
    """Note that something was wrong at a shop's door: the first time a notice, then a warning, from the third time on
    within the city's days a case.

    Returns
    -------
    done
        ``event``, its number, and ``step``.

    Raises
    ------
    NotFound
        When no shop in scope has the code.
    """
    alone_with(store, shop)
    earlier = warned_since(store, shop, now - dt.timedelta(days=store.city.notice_days))
    told = step(earlier)
    return {"event": add_event(store, shop, told, actor, now, category=category), "step": told}


def case_of(context: Context, event: int, question: Question, now: dt.datetime) -> str:
    """The case of a third time, filed once however often it is asked for."""
    with context.stores.read() as store:
        issue = issue_of_event(store, event)
    if issue is None:
        report = Report(**question.model_dump(), channel=CHANNEL)
        issue, _, _ = file(context, "doors", report, str(event), now)
        with context.stores.write() as store:
            set_issue(store, event, issue)
    return issue


def before_door(store: Store, book: Ledger, shop: str, category: str) -> Question:
    """The question of something wrong at a shop's door: in its strip, or where the shop is.

    Raises
    ------
    NotFound
        When no shop in scope has the code.
    """
    place, strips = shape_of(store, shop), book.of_shop(shop)
    shape = strips.geometry.iloc[0] if len(strips) else place
    point = shapely.point_on_surface(shape)
    return Question.model_validate({"lon": point.x, "lat": point.y, "category": category})


def check(context: Context, question: Question, now: dt.datetime) -> None:
    """Refuse what could never become a case.

    Raises
    ------
    InvalidInput
        When the category is unknown.
    """
    with context.stores.read() as store:
        answer(context, store, question, now)

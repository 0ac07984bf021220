"""What patrollers tell of their tasks: whose it is, when it may be, and what a plate proves."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from api.check_ins import by_code
from api.plan_schemas import MarkSent
from gis_core.errors import Forbidden, InvalidInput
from layers.accounts import User
from layers.store import Store

MOST_BACK = dt.timedelta(days=31)
AHEAD = dt.timedelta(minutes=5)
"""A telephone may have been offline for so long, and its clock be so wrong."""
PROVES: Mapping[str, str] = {"arrived": "arrive", "done": "leave"}
"""What a mark with the code of a plate says of a visit."""


def own_codes(editions: Iterable[Mapping[str, Any]], name: str, wanted: Collection[str]) -> set[str]:
    """Tasks that are somebody's by editions of a plan as they are stored, newest first: no more of these are looked
    at than it takes to find those that are wanted.
    """
    own: set[str] = set()
    for plan in editions:
        routes = [route for route in plan["routes"] if route["patroller"] == name]
        own |= {step["code"] for route in routes for step in route["steps"] if step["code"]}
        if own >= set(wanted):
            break
    return own


def checked_marks(
    marks: Sequence[MarkSent], own: Sequence[str], day: dt.date, now: dt.datetime, zone: dt.tzinfo
) -> list[dict[str, Any]]:
    """Marks as they are stored, each once.

    Parameters
    ----------
    own
        Codes of the tasks that are, or were in an edition, the sender's.

    Raises
    ------
    Forbidden
        When a task is another's.
    InvalidInput
        When one was made before the day of the plan, too long ago, or is to come.
    """
    known = set(own)
    for mark in marks:
        if mark.code not in known:
            raise Forbidden("plan_not_yours", field="code", value=mark.code)
        if not now - MOST_BACK <= mark.at <= now + AHEAD or mark.at.astimezone(zone).date() < day:
            raise InvalidInput("plan_mark_when", field="at", value=mark.at.isoformat(), expected=MOST_BACK.days)
    first = {(mark.code, mark.event): mark.model_dump(exclude={"token"}) for mark in reversed(marks)}
    return list(first.values())[::-1]


def prove(
    store: Store, user: User, marks: Sequence[MarkSent], places: Mapping[str, str | None], now: dt.datetime
) -> None:
    """Note the visits that marks prove by the code of a plate, as check-ins.

    Parameters
    ----------
    places
        Of the tasks that have a plate, by code.

    Raises
    ------
    InvalidInput
        When a plate is not that of the task, a task that was skipped is to be proved, or the place has no quota of
        visits.
    NotFound, Forbidden, Conflict
        As :func:`api.check_ins.by_code`.
    """
    for mark in marks:
        if mark.token is None:
            continue
        expected = places.get(mark.code)
        if mark.event not in PROVES or by_code(store, user, mark.token, PROVES[mark.event], mark.at, now) != expected:
            raise InvalidInput("plan_plate", field="token", value=mark.code)

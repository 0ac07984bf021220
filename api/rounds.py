"""What a patroller is to do on a day by published plans, and what they tell of it."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from pydantic import TypeAdapter

from api.check_ins import MOST_BACK_DAYS
from api.filing import AHEAD
from api.round_schemas import SentMark
from gis_core.arrays import Floats
from gis_core.city import LOCALES
from gis_core.crs import to_lonlat
from gis_core.errors import InvalidInput, NotFound
from gis_core.patrol.network import StreetNetwork
from gis_core.planning.plan import Plan, Route, Step
from gis_core.planning.tasks import Day, Lane, Reason, Stop, Task
from gis_core.texts import TEXTS
from layers.accounts import User
from layers.rounds import editions, in_force, marks_by, put_mark
from layers.store import Store

DAYS, PLANS = TypeAdapter(Day), TypeAdapter(Plan)
SIX = 6
"""Decimals of a degree: a tenth of a metre."""
NetworkAt = Callable[[int], StreetNetwork]


def round_of(store: Store, network_at: NetworkAt, account: str, day: dt.date) -> dict[str, Any]:
    """The round of an account as :class:`api.round_schemas.Round`.

    Parameters
    ----------
    network_at
        The street network of a territory version.
    """
    plans = []
    for row in in_force(store.session, day):
        problem, route = DAYS.validate_python(row.day), _route_of(row.plan, account)
        if route is not None:
            steps = [*_steps(problem, route, network_at(row.version))]
            plans.append({"number": row.number, "edition": row.edition, "steps": steps})
    told = marks_by(store.session, account, [plan["number"] for plan in plans])
    marks = {plan["number"]: [mark for mark in told if mark["plan_id"] == plan["number"]] for plan in plans}
    return {"account": account, "day": day, "plans": [{**plan, "marks": marks[plan["number"]]} for plan in plans]}


def put_marks(store: Store, user: User, number: int, said: Sequence[SentMark], now: dt.datetime) -> list[bool]:
    """Note what somebody tells of their tasks of a published plan, in any edition of it: who did what another does by
    now has done it. Which of it is new.

    Raises
    ------
    NotFound
        When no such plan is published, or a task is not theirs.
    InvalidInput
        When a time is to come, or too long ago.
    """
    if not (known := editions(store.session, number)):
        raise NotFound("round_missing", value=number)
    own: set[str] = set()
    for row in known:
        if (route := _route_of(row.plan, user.name)) is not None:
            own |= {step.code for step in route.steps if step.code}
    for mark in said:
        if mark.code not in own:
            raise NotFound("round_task", value=mark.code, plan=number)
        _check_when(mark.at, now, store.city.zone)
    return [
        put_mark(store.session, {**mark.model_dump(), "plan_id": number, "by": user.name, "received_at": now})
        for mark in said
    ]


def _check_when(at: dt.datetime, now: dt.datetime, zone: dt.tzinfo) -> None:
    if at > now + AHEAD:
        clock = f"{now.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        raise InvalidInput("round_future", field="at", value=at.isoformat(), expected=clock)
    if at < now - dt.timedelta(days=MOST_BACK_DAYS):
        raise InvalidInput("round_when", field="at", value=at.isoformat(), expected=MOST_BACK_DAYS)


def _route_of(plan: dict[str, Any], account: str) -> Route | None:
    routes = PLANS.validate_python(plan).routes
    return next((route for route in routes if route.patroller == account), None)


def _steps(day: Day, route: Route, network: StreetNetwork) -> Iterator[dict[str, Any]]:
    tasks = {task.code: task for task in day.tasks}
    walker = next(one for one in day.patrollers if one.code == route.patroller)
    ends = {"start": walker.start, "end": walker.end or walker.start}
    for step in route.steps:
        task = tasks.get(step.code)
        at, to = _where(step, task, network, ends)
        yield {
            "kind": step.kind, "code": step.code, "arrive_s": step.arrive_s, "begin_s": step.begin_s,
            "leave_s": step.leave_s, "leg_m": step.leg_m, "length_m": task.length_m if isinstance(task, Lane) else None,
            "at": at, "to": to, "way": [_degrees(shapely.get_coordinates(network.lines[edge]), network.srid)
                                        for edge in step.edges],
            **_said(task),
        }  # fmt: skip


def _said(task: Task | None) -> dict[str, Any]:
    if task is None:
        return {"task": None, "name": "", "must": False, "reasons": [], "plate": False}
    reasons = [{locale: _words(reason, locale) for locale in LOCALES} for reason in task.reasons]
    plate = isinstance(task, Stop) and task.place is not None
    return {"task": task.kind, "name": task.name, "must": task.must, "reasons": reasons, "plate": plate}


def _words(reason: Reason, locale: str) -> str:
    # What a planner wrote is no key.
    return TEXTS.say(reason.key, locale, **reason.params) if reason.key in TEXTS else reason.key


def _where(
    step: Step, task: Task | None, network: StreetNetwork, ends: dict[str, tuple[float, float]]
) -> tuple[list[float] | None, list[float] | None]:
    """Where a step is, or begins and ends."""
    if isinstance(task, Lane):
        xy = shapely.get_coordinates(network.lines[task.edge])[[0, -1]]
        begin, end = _degrees(xy[::-1] if step.reverse else xy, network.srid)
        return begin, end
    at = (task.x, task.y) if isinstance(task, Stop) else ends.get(step.kind)
    return (None if at is None else _degrees(np.array([at]), network.srid)[0]), None


def _degrees(xy: Floats, srid: int) -> list[list[float]]:
    degrees: list[list[float]] = np.round(to_lonlat(xy, srid), SIX).tolist()
    return degrees

"""A round of five tasks in the town, published for an inspector, for tests of what shows it."""

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import select, update

from gis_core.crs import to_metres
from gis_core.planning.plan import Plan, Route, Step
from gis_core.planning.tasks import Day, Lane, Patroller, Reason, Stop, Task
from layers.plans import PUBLISHED, PatrolPlan, PlanEdition, PlanMark
from layers.stores import Stores
from tests import town

HOSTILE = '<img src=x onerror="window.broken=1"> & "中街 12 号"'
STRANGERS = "单元乙"
"""What nobody but the stranger is to read."""
BEGIN_S = 28_800
CODES = ("place:M1", "issue:1", "hotspot:0101", "lane:S1:0", "survey:1")


def publish_round(
    stores: Stores, day: dt.date, *patrollers: str, left_out: Collection[str] = (), begin_s: int = BEGIN_S
) -> int:
    """Store the round as the newest edition of the day's plan; its number."""
    problem, plan = round_of(patrollers, left_out, begin_s)
    said = {
        "version": 1,
        "made_by": "planner",
        "made_at": town.NOW,
        "day": TypeAdapter(Day).dump_python(problem, mode="json"),
        "plan": TypeAdapter(Plan).dump_python(plan, mode="json"),
    }
    with stores.write() as store:
        session = store.session
        found = session.scalars(select(PatrolPlan).where(PatrolPlan.day == day)).one_or_none()
        if found is None:
            found = PatrolPlan(
                day=day, area="0101", name="round", state=PUBLISHED, edition=0, made_by="planner", made_at=town.NOW,
                published_by="planner", published_at=town.NOW, asked={},
            )  # fmt: skip
            session.add(found)
            session.flush()
        found.edition += 1
        session.add(PlanEdition(plan_id=found.id, edition=found.edition, change={}, **said))
        return found.id


def set_state(stores: Stores, number: int, state: str) -> None:
    """Publish or withdraw a plan past everything that watches over it."""
    with stores.write() as store:
        store.session.execute(update(PatrolPlan).where(PatrolPlan.id == number).values(state=state))


def marks_of(stores: Stores) -> list[PlanMark]:
    """What was told, in the order in which it came."""
    with stores.read() as store:
        return list(store.session.scalars(select(PlanMark).order_by(PlanMark.id)))


def round_of(patrollers: Collection[str], left_out: Collection[str] = (), begin_s: int = BEGIN_S) -> tuple[Day, Plan]:
    """The day and the plan of it: all have the same round, beside a stranger who has another."""
    tasks = [task for task in _tasks() if task.code not in left_out]
    x, y = _metres(1.5, 0.5)
    foreign = Stop(code="issue:2", kind="issue", name=STRANGERS, area="0102", x=x, y=y)
    routes = [Route(patroller=name, steps=_steps(tasks, begin_s)) for name in patrollers]
    walkers = [Patroller(code=name, name="李", start=_metres(0.1, 0.1)) for name in (*patrollers, "stranger")]
    day = Day(
        stops=tuple(task for task in (*tasks, foreign) if isinstance(task, Stop)),
        lanes=tuple(task for task in tasks if isinstance(task, Lane)),
        patrollers=tuple(walkers),
    )
    return day, Plan(routes=(*routes, Route(patroller="stranger", steps=_steps([foreign]))))


def _steps(tasks: Sequence[Task], begin_s: int = BEGIN_S) -> tuple[Step, ...]:
    steps, now_s = [Step(kind="start", arrive_s=begin_s, begin_s=begin_s, leave_s=begin_s)], begin_s
    for nth, task in enumerate(tasks):
        begin_s = now_s + 120
        now_s = begin_s + 600
        lane = isinstance(task, Lane)
        steps.append(
            Step(kind="lane" if lane else "stop", code=task.code, arrive_s=begin_s, begin_s=begin_s, leave_s=now_s,
                 leg_m=100.0 + nth, reverse=lane)
        )  # fmt: skip
        if nth == 2:
            steps.append(Step(kind="break", arrive_s=now_s, begin_s=now_s, leave_s=now_s + 3_600))
            now_s += 3_600
    back_s = now_s + 60
    return (*steps, Step(kind="end", arrive_s=back_s, begin_s=back_s, leave_s=back_s, leg_m=70.0))


def _tasks() -> list[Task]:
    reasons = (Reason("plan_off_network", {"code": "<b>x</b>", "away_m": 3.0}),)
    said = (
        ("place", "东市场", 0.3, 0.4),
        ("issue", HOSTILE, 0.8, 0.9),
        ("hotspot", "热点", 0.6, 0.2),
        ("survey", "暗访点", 0.2, 0.8),
    )
    stops = []
    for code, (kind, name, column, row) in zip((*CODES[:3], CODES[4]), said, strict=True):
        x, y = _metres(column, row)
        stops.append(Stop(code=code, kind=kind, name=name, must=kind == "issue", reasons=reasons, area="0101", x=x, y=y,
                          service_s=600, place="M1" if kind == "place" else None))  # fmt: skip
    lane = Lane(code=CODES[3], kind="lane", name="中街一段", reasons=reasons, area="0101", street="S1", from_m=0.0,
                to_m=204.0, edge=0, length_m=204.0)  # fmt: skip
    return [*stops[:3], lane, *stops[3:]]


def _metres(column: float, row: float) -> tuple[float, float]:
    lonlat = np.array([[town.WEST + column * town.SIDE, town.SOUTH + row * town.SIDE]])
    x, y = to_metres(lonlat, town.CITY.metric_srid)[0]
    return float(x), float(y)

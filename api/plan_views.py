"""Plans as documents: routes with places in WGS 84, reasons in both languages, and what is left out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from api.plan_ways import read_day, read_plan
from gis_core.arrays import Floats
from gis_core.crs import to_lonlat
from gis_core.patrol.network import StreetNetwork
from gis_core.planning.lines import way_line
from gis_core.planning.plan import Dropped, Plan, Route, Step
from gis_core.planning.tasks import Day, Lane, Reason, Stop, Task
from gis_core.texts import TEXTS

HEAD = ("day", "area", "name", "state", "edition", "made_by", "made_at", "published_by", "published_at")
Place = tuple[Floats, Floats] | None
"""Where something begins and ends, metres."""


def head_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A plan by the names of :class:`api.plan_schemas.PlanHead`."""
    return {"number": row["id"], **{name: row[name] for name in HEAD}}


def plan_document(
    found: Mapping[str, Any], network: StreetNetwork, editions: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A plan with one edition by the names of :class:`api.plan_schemas.PlanDocument`."""
    shown = found["shown"]
    day, plan = read_day(shown["day"]), read_plan(shown["plan"])
    tasks = {task.code: task for task in day.tasks}
    change = shown["change"]
    people = {who.code: who for who in day.patrollers}
    routes = []
    for route in plan.routes:
        who = people[route.patroller]
        routes.append({
            "patroller": route.patroller, "name": who.name, "mover": who.mover, "shift": who.shift,
            "walked_m": round(route.walked_m, 2), "lasts_s": route.lasts_s,
            "steps": steps_document(day, route, network),
        })  # fmt: skip
    return {
        **head_document(found), "shown": shown["edition"],
        "editions": [{**one, "change": one["change"].get("kind", "propose")} for one in editions],
        "seed": plan.seed, "iterations": plan.iterations, "bound": dict(plan.bound), "routes": routes,
        "dropped": [_dropped(one, tasks.get(one.code), network) for one in plan.dropped],
        "left": [_left(one) for one in change.get("left", ())],
        "told": [said(Reason(**one)) for one in change.get("told", ())],
    }  # fmt: skip


def steps_document(day: Day, route: Route, network: StreetNetwork) -> list[dict[str, Any]]:
    """Steps of a route by the names of :class:`api.plan_schemas.StepDocument`."""
    tasks = {task.code: task for task in day.tasks}
    who = next(one for one in day.patrollers if one.code == route.patroller)
    ends = {"start": who.start, "end": who.end or who.start}
    found, here = [], np.array(who.start)
    for step in route.steps:
        task = tasks.get(step.code)
        place = _place(step, task, network)
        if step.kind in ends:
            place = (np.array(ends[step.kind]),) * 2
        line = np.zeros((0, 2)) if place is None else way_line(network, step.edges, here, place[0])
        here = here if place is None else place[1]
        lane = _lane_line(step, task, network) if isinstance(task, Lane) else None
        found.append({**_step(step, task), **_drawn(step, place, line, network.srid), "line": lane})
    return found


def said(reason: Reason) -> dict[str, str]:
    """A reason in both languages; its key where there is no text for it (any more)."""
    if reason.key not in TEXTS:
        return {"en": reason.key, "zh": reason.key}
    return {locale: TEXTS.say(reason.key, locale, **reason.params) for locale in ("en", "zh")}


def task_names(day: Day) -> dict[str, str]:
    """What people call the tasks of a day, by code."""
    return {task.code: task.name or task.code for task in day.tasks}


def own_route(day: Day, plan: Plan, name: str) -> Route | None:
    """Somebody's route, if they have one."""
    known = any(who.code == name for who in day.patrollers)
    return next((route for route in plan.routes if known and route.patroller == name), None)


def _step(step: Step, task: Task | None) -> dict[str, Any]:
    return {
        "kind": step.kind, "code": step.code, "arrive_s": step.arrive_s, "begin_s": step.begin_s,
        "leave_s": step.leave_s, "leg_m": step.leg_m, "reverse": step.reverse, "locked": step.locked,
        "done": step.done, **_task(task),
    }  # fmt: skip


def _task(task: Task | None) -> dict[str, Any]:
    plate = task.place if isinstance(task, Stop) else None
    return {
        "task": task.kind if task else None, "name": (task.name or task.code) if task else "",
        "must": bool(task and task.must), "prize": task.prize if task else None,
        "area": task.area if task else None, "plate": plate,
        "length_m": task.length_m if isinstance(task, Lane) else None,
        "reasons": [said(reason) for reason in task.reasons] if task else [],
    }  # fmt: skip


def _drawn(step: Step, place: Place, line: Floats, srid: int) -> dict[str, Any]:
    at, to = (None, None) if place is None else (_lonlat(place[0], srid), _lonlat(place[1], srid))
    way = [[[x, y] for x, y in np.round(to_lonlat(line, srid), 6).tolist()]] if len(line) > 1 else []
    return {"at": at, "to": to if step.kind == "lane" else None, "way": way}


def _lane_line(step: Step, lane: Lane, network: StreetNetwork) -> list[list[float]]:
    """A lane as it is walked."""
    lonlat = np.round(to_lonlat(shapely.get_coordinates(network.lines[lane.edge]), network.srid), 6)
    found: list[list[float]] = (lonlat[::-1] if step.reverse else lonlat).tolist()
    return found


def _place(step: Step, task: Task | None, network: StreetNetwork) -> Place:
    if isinstance(task, Stop):
        xy = np.array([task.x, task.y])
        return xy, xy
    if isinstance(task, Lane):
        xy = shapely.get_coordinates(network.lines[task.edge])
        return (xy[-1], xy[0]) if step.reverse else (xy[0], xy[-1])
    return None


def _lonlat(xy: Floats, srid: int) -> list[float]:
    lon, lat = np.round(to_lonlat(np.asarray(xy, float).reshape(1, 2), srid), 6)[0].tolist()
    return [lon, lat]


def _dropped(one: Dropped, task: Task | None, network: StreetNetwork) -> dict[str, Any]:
    place = _place(Step(kind="stop", arrive_s=0, begin_s=0, leave_s=0), task, network)
    at = None if place is None else _lonlat(place[0], network.srid)
    return {"code": one.code, **_task(task), "at": at, "reason": said(one.reason), "needs": dict(one.needs)}


def _left(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": one["code"], "reason": said(Reason(**one["reason"])), "needs": one["needs"]}

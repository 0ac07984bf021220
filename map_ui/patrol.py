"""Plans of patrol: routes, what each patroller does when and why, what is left out, and what was walked."""

from collections.abc import Mapping
from typing import Any

from map_ui.data import MapData
from map_ui.draw import Drawing, Json
from map_ui.rounds import TASKS, clock, line_of, lines_of, needs, numbered, reasons, step_name
from map_ui.territory import GRID_COLUMNS, STREET_COLUMNS, grid_layers, street_layer
from map_ui.texts import TEXTS, number

NEEDS = {"grids": GRID_COLUMNS, "streets": STREET_COLUMNS}
"""The columns the page draws, by frame."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Of Okabe and Ito, which colour-blind people tell apart; routes are numbered as well, since there may be more."""
PALE = {"arterial": {"color": "#c2c8d1", "weight": 2}, "secondary": {"color": "#cfd4da", "weight": 1.2}}


def draw(data: MapData, locale: str) -> Drawing:
    """The page in ``locale``."""
    plan = data.plan
    facts: Json = {
        "layers": [*grid_layers(data, locale), street_layer(data, locale, PALE)],
        "grids": {}, "parties": {}, "levels": {level.name: level.title(locale) for level in data.city.levels},
        "plans": [_head(one, locale) for one in data.plans],
        "plan": None if plan is None else _plan(plan, data.walked, locale),
        "served": data.served,
    }  # fmt: skip
    return Drawing(facts)


def _head(plan: Mapping[str, Any], locale: str) -> Json:
    state = TEXTS.say(f"plan_{plan['state']}", locale)
    said = {"day": plan["day"], "name": plan["name"] or plan["area"], "number": plan["number"], "state": state}
    return {"number": plan["number"], "title": TEXTS.say("plan_of", locale, **said)}


def _plan(plan: Mapping[str, Any], walked: Mapping[str, Any] | None, locale: str) -> Json:
    names = {route["patroller"]: route["name"] or route["patroller"] for route in plan["routes"]}
    done = {one["patroller"]: one for one in walked["routes"]} if walked else {}
    return {
        "number": plan["number"], "edition": plan["edition"], "state": plan["state"],
        "routes": [
            _route(route, COLOURS[nth % len(COLOURS)], names, done.get(route["patroller"]), locale)
            for nth, route in enumerate(plan["routes"])
        ],
        "dropped": [
            {"name": task["name"] or task["code"], "at": task["at"], "reason": task["reason"][locale],
             "needs": needs(task, names, locale)}
            for task in plan["dropped"]
        ],
        "told": [one[locale] for one in plan["told"]],
        "bound": _bound(plan, locale),
    }  # fmt: skip


def _bound(plan: Mapping[str, Any], locale: str) -> list[str]:
    """How near the best possible the plan is, where that is known."""
    lasts = [route["lasts_s"] for route in plan["routes"]]
    found = {"longest_s": max(lasts, default=0), "total_s": sum(lasts)}
    return [
        TEXTS.say(f"plan_bound_{name}", locale, found=number(round(found[name] / 60)), bound=number(int(least_s // 60)))
        for name, least_s in plan["bound"].items()
        if least_s
    ]


def _route(
    route: Mapping[str, Any], colour: str, names: Mapping[str, str], walked: Mapping[str, Any] | None, locale: str
) -> Json:
    kept = {task["code"]: task["done"] for task in walked["tasks"]} if walked else {}
    begin_s, end_s = route["steps"][0]["leave_s"], route["steps"][-1]["arrive_s"]
    shift_s = max(route["shift"][1] - route["shift"][0], 1)
    return {
        "patroller": route["patroller"], "name": names[route["patroller"]], "colour": colour,
        "metres": round(route["walked_m"]), "begin": clock(begin_s), "end": clock(end_s),
        "load": round(min((end_s - begin_s) / shift_s, 1.0), 3), "ways": lines_of(route),
        "seen": bool(walked and (walked["seen"] or walked["done"])), "planned": len(kept), "done": sum(kept.values()),
        "steps": [
            {"number": nth, "kind": step["kind"], "code": step["code"], "name": step_name(step, locale),
             "begin": clock(step["begin_s"]), "leave": clock(step["leave_s"]), "leg_m": round(step["leg_m"]),
             "reasons": reasons(step, locale), "locked": step["locked"], "at": step["at"],
             "line": line_of(step) if step["kind"] == "lane" else None, "done": kept.get(step["code"])}
            for step, nth in zip(route["steps"], numbered(route), strict=True)
        ],
        "tasks": sum(step["kind"] in TASKS for step in route["steps"]),
    }  # fmt: skip

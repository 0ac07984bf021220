"""Plans changed by hand or by what comes in, and held against each other."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from api.plan_schemas import ChangeSent
from api.plan_views import task_names
from api.plan_ways import read_day, read_plan, written_day, written_plan
from api.planning import check_within, reason_document, second_of, stops_of
from gis_core.errors import Conflict, InvalidInput
from gis_core.patrol.checker import check, check_kept
from gis_core.patrol.network import StreetNetwork
from gis_core.planning import adjusting
from gis_core.planning.changes import Adjusted, consequences
from gis_core.planning.comparing import Difference, compare
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Day
from gis_core.routing.matrices import Ways
from layers.planned import Written
from layers.plans import DONE

NEEDS: Mapping[str, tuple[str, ...]] = {
    "insert": ("stop",), "move": ("code", "patroller"), "reorder": ("patroller", "codes"), "swap": ("code", "other"),
    "lock": ("code",), "unlock": ("code",), "remove": ("code",),
}  # fmt: skip
"""What each kind of change says."""
Movers = Mapping[str, Ways]


def changed(
    found: Mapping[str, Any], change: ChangeSent, marks: Sequence[Mapping[str, Any]], network: StreetNetwork,
    movers: Movers, place: Callable[[float, float], str | None], now: dt.datetime, zone: dt.tzinfo,
) -> Written:  # fmt: skip
    """The edition that a change makes of a plan.

    Parameters
    ----------
    found
        The plan, as :func:`layers.planned.plan_of` gives it.
    marks
        What was told: tasks that are done stay where they are.
    place
        The lowest grid of a longitude and latitude.

    Raises
    ------
    InvalidInput
        When the change cannot be made, with what stands against it.
    Conflict
        With the first fault of what it makes.
    """
    _check_said(change)
    shown = found["shown"]
    day, plan = read_day(shown["day"]), _told(read_plan(shown["plan"]), marks)
    now_s = second_of(found["day"], now, zone, max((who.shift[1] for who in day.patrollers), default=0))
    done = _adjusted(day, plan, change, network, movers, place, found["area"], now_s)
    for fault in (*check(done.day, done.plan, network), *check_kept(plan, done.plan)):
        raise Conflict(fault.key, **fault.params)
    told = [reason_document(reason) for reason in done.told]
    document = {
        **change.model_dump(mode="json", exclude_none=True),
        "told": told,
        "left": shown["change"].get("left", []),
    }
    return Written(version=shown["version"], day=written_day(done.day), plan=written_plan(done.plan), change=document)


def _check_said(change: ChangeSent) -> None:
    if any(getattr(change, name) is None for name in NEEDS[change.kind]):
        raise InvalidInput("plan_change", field="kind", value=change.kind, expected=", ".join(NEEDS[change.kind]))


def _told(plan: Plan, marks: Sequence[Mapping[str, Any]]) -> Plan:
    """A plan with what was told to be done."""
    done = {(mark["by"], mark["code"]) for mark in marks if mark["event"] == DONE}
    routes = tuple(
        replace(route, steps=tuple(
            replace(step, done=True) if (route.patroller, step.code) in done else step for step in route.steps
        ))
        for route in plan.routes
    )  # fmt: skip
    return replace(plan, routes=routes)


def _adjusted(
    day: Day, plan: Plan, change: ChangeSent, network: StreetNetwork, movers: Movers,
    place: Callable[[float, float], str | None], area: str, now_s: int,
) -> Adjusted:  # fmt: skip
    code, who = change.code or "", change.patroller or ""
    if change.kind in ("lock", "unlock"):
        after = (adjusting.lock if change.kind == "lock" else adjusting.unlock)(plan, code)
        return Adjusted(day, after, consequences(plan, after))
    if change.kind == "insert" and change.stop is not None:
        (stop,) = stops_of([change.stop], network.srid, [place(change.stop.lon, change.stop.lat)])
        check_within(day, [stop], area)
        return adjusting.insert_urgent(day, plan, stop, movers, now_s)
    if change.kind == "reorder":
        return adjusting.reorder(day, plan, who, change.codes or [], movers, now_s)
    if change.kind == "swap":
        return adjusting.swap(day, plan, code, change.other or "", movers, now_s)
    if change.kind == "move":
        return adjusting.move(day, plan, code, who, movers, now_s, change.place)
    return adjusting.remove(day, plan, code, movers, now_s)


def comparison(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What is different in a plan from another, by the names of :class:`api.plan_schemas.Comparison`."""
    one, other = before["shown"], after["shown"]
    days, plans = (
        [read_day(shown["day"]) for shown in (one, other)],
        [read_plan(shown["plan"]) for shown in (one, other)],
    )
    names = task_names(days[0]) | task_names(days[1])

    def document(found: Difference) -> dict[str, Any]:
        named = {
            side: [{"code": code, "name": names[code]} for code in getattr(found, side)] for side in ("gained", "lost")
        }
        return {**asdict(found), **named}

    return {
        "number": before["id"], "edition": one["edition"], "other": after["id"], "other_edition": other["edition"],
        "differences": [document(found) for found in compare(days[0], plans[0], days[1], plans[1])],
    }  # fmt: skip

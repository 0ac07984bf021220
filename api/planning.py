"""Plans made: what is asked for becomes a day, what cannot be is told first, and a job searches, checks and stores."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from api.networks import Networks
from api.patrollers import touches
from api.patrolling import Patrols
from api.plan_schemas import PatrollerSent, PauseSent, PlanAsked, StopSent
from api.plan_ways import PlanWays, ways_here, written_day, written_plan
from api.preconditions import Impossible
from api.proposing import Proposal, propose, propose_showcase
from api.proposing_places import areas_of
from gis_core.crs import to_metres
from gis_core.errors import Conflict, InvalidInput
from gis_core.patrol.checker import check
from gis_core.patrol.planner import plan_day
from gis_core.planning.asking import NOON, Asked, Named
from gis_core.planning.plan import Plan
from gis_core.planning.recurring import plan_showcase
from gis_core.planning.tasks import DAY_S, Break, Day, Reason, Stop
from gis_core.planning.telling import tell_before
from layers.files import Files
from layers.jobs import Taken, check_wanted
from layers.planned import Written, put_plan
from layers.store import Store
from layers.stores import Stores
from layers.territories import Territories

KIND = "plan"


class Prepared(NamedTuple):
    """A day as it is to be planned, and from when on; ``told`` is what keeps tasks out. Of a ``showcase`` the
    order is as it was asked for.
    """

    proposal: Proposal
    now_s: int
    told: tuple[Reason, ...]
    showcase: bool = False


def plan_job(stores: Stores, files: Files, taken: Taken, now: dt.datetime, tell: Any) -> dict[str, Any]:
    """Make a plan and store it, whole or not at all."""
    ways = ways_here(stores)
    asked = PlanAsked.model_validate(taken.asked)
    prepared = prepare(stores, _patrols(stores), ways, asked, now)
    tell(0, asked.iterations if asked.seconds is None else None)
    plan = solved(stores, ways, prepared, asked.seconds, tell)
    with stores.write() as store:
        check_wanted(store.session, taken)
        number = store_plan(store, asked, prepared, plan, taken.actor, now, taken.id)
    return {"result": {"plan": number, "planned": len(plan.done - {""}), "dropped": len(plan.dropped)}}


def prepare(stores: Stores, patrols: Patrols, ways: PlanWays, said: PlanAsked, now: dt.datetime) -> Prepared:
    """The day that is to be planned: what is proposed, and the stops that are named.

    Raises
    ------
    InvalidInput
        When the day is over, or what :func:`gis_core.planning.telling.refuse` refuses.
    Impossible
        When a stop that was named cannot be done, with the least that helps.
    NotFound, Conflict
        As :func:`api.proposing.propose`.
    """
    with stores.read() as store:
        zone, srid = store.city.zone, store.city.metric_srid
    shifts = [said.shift, *(one.shift for one in said.patrollers if one.shift)]
    now_s = second_of(said.day, now, zone, max(end for _, end in shifts))
    asked = _asked(said, srid)
    proposal = (
        propose_showcase(stores, patrols, asked, said.showcase, now)
        if said.showcase
        else propose(stores, patrols, asked, now)
    )
    patrolling = patrols.known(stores, now)
    day = proposal.day
    lonlat = np.array([[one.lon, one.lat] for one in said.stops]).reshape(-1, 2)
    stops = stops_of(said.stops, srid, areas_of(patrolling, lonlat) if len(lonlat) else ())
    check_within(day, stops, said.area)
    named = {stop.code for stop in stops}
    kept = tuple(stop for stop in day.stops if stop.code not in named)
    day = replace(day, stops=(*kept, *stops))
    _, movers = ways.at(stores, proposal.version, day)
    try:
        told = tell_before(day, movers, now_s=now_s)
        if said.showcase:
            plan_showcase(day, movers, now_s=now_s)
    except InvalidInput as fault:
        raise Impossible(fault.key, **fault.params) from None
    if not said.anyway:
        _refuse(told, named)
    return Prepared(replace(proposal, day=day), now_s, told, bool(said.showcase))


def solved(stores: Stores, ways: PlanWays, prepared: Prepared, seconds: float | None, tell: Any) -> Plan:
    """The plan of a day, which the checker finds right.

    Raises
    ------
    Conflict
        With the first fault, when it does not.
    """
    proposal = prepared.proposal
    network, movers = ways.at(stores, proposal.version, proposal.day)
    day = proposal.day
    # Before anybody has set out, now is nothing that a plan must heed.
    now_s = prepared.now_s if any(who.shift[0] < prepared.now_s for who in day.patrollers) else 0
    if prepared.showcase:
        plan = plan_showcase(day, movers, now_s=now_s)
    else:
        plan = plan_day(day, movers, seconds=seconds, clock=time.monotonic, now_s=now_s, tell=tell)
    for fault in check(day, plan, network):
        raise Conflict(fault.key, **fault.params)
    return plan


def store_plan(
    store: Store, said: PlanAsked, prepared: Prepared, plan: Plan, by: str, now: dt.datetime, job: int | None = None
) -> int:
    """Store a plan that was made; its number."""
    proposal = prepared.proposal
    told = [*proposal.told, *prepared.told]
    change = {"left": [_plain(one) for one in proposal.left], "told": [reason_document(one) for one in told]}
    first = Written(version=proposal.version, day=written_day(proposal.day), plan=written_plan(plan), change=change)
    asked = said.model_dump(mode="json")
    asked["as_of"] = proposal.asked.as_of.isoformat() if proposal.asked.as_of else None
    head = {"day": said.day, "area": said.area, "name": said.name, "asked": asked}
    return put_plan(store, head, first, by, now, job)


def second_of(day: dt.date, now: dt.datetime, zone: dt.tzinfo, until_s: int = DAY_S) -> int:
    """Seconds since the midnight of a local day, 0 before it.

    Parameters
    ----------
    until_s
        When the last shift of the day ends: one of a night ends on the day after.

    Raises
    ------
    InvalidInput
        When the day and its shifts are over.
    """
    now_s = int((now - dt.datetime.combine(day, dt.time(), zone)).total_seconds())
    today = now.astimezone(zone).date()
    if day < today and now_s >= until_s:
        raise InvalidInput("plan_past", field="day", value=day, expected=today)
    return min(max(0, now_s), max(DAY_S, until_s))


def stops_of(said: Sequence[StopSent], srid: int, areas: Any) -> list[Stop]:
    """Stops as they were sent, in the grids that they lie in."""
    if not said:
        return []
    xy = np.round(to_metres(np.array([[one.lon, one.lat] for one in said]), srid), 2)
    return [
        Stop(
            code=one.code, kind="issue" if one.code.startswith("issue:") else "other", name=one.name, must=one.must,
            prize=one.prize, windows=tuple(one.windows), skills=frozenset(one.skills), area=area, x=float(x),
            y=float(y), service_s=one.service_s, place=one.place,
        )
        for one, area, (x, y) in zip(said, areas, xy, strict=True)
    ]  # fmt: skip


def check_within(day: Day, stops: Sequence[Stop], area: str) -> None:
    """Let only stops through that lie in the area of a plan; empty: anywhere.

    Raises
    ------
    InvalidInput
        When one lies elsewhere.
    """
    for stop in stops:
        if area and not day.belongs(stop.area, frozenset([area])):
            raise InvalidInput("plan_elsewhere", field="stops", value=stop.code, expected=area)


def check_people(day: Day, area: str) -> None:
    """Let only those be sent out by whoever plans in an area who patrol in some of it.

    Raises
    ------
    InvalidInput
        When somebody does not.
    """
    for who in day.patrollers:
        if who.areas is not None and not touches(who.areas, area, day.above):
            raise InvalidInput("plan_patroller_elsewhere", field="patrollers", value=who.code, expected=area)


def _refuse(told: Sequence[Reason], named: set[str]) -> None:
    for reason in told:
        if reason.params.get("code") in named or reason.params.get("task") in named:
            raise Impossible(reason.key, **reason.params)


def _asked(said: PlanAsked, srid: int) -> Asked:
    breaks = (NOON,) if said.breaks is None else _breaks(said.breaks)
    return Asked(
        day=said.day, area=said.area or None, kinds=tuple(said.kinds),
        patrollers=tuple(_named(one, srid) for one in said.patrollers), shift=said.shift, breaks=breaks,
        must_days=said.must_days, surveys=said.surveys, draw=said.draw, places=tuple(said.places),
        weights=said.weights, most=said.most, crossing=said.crossing, balance=said.balance, seed=said.seed,
        iterations=said.iterations,
    )  # fmt: skip


def _named(said: PatrollerSent, srid: int) -> Named:
    start, end = (None if place is None else _metres(place, srid) for place in (said.start, said.end))
    return Named(
        code=said.code, start=start, end=end, shift=said.shift, skills=frozenset(said.skills), mover=said.mover,
        breaks=None if said.breaks is None else _breaks(said.breaks),
    )  # fmt: skip


def _breaks(said: Sequence[PauseSent]) -> tuple[Break, ...]:
    return tuple(Break(one.length_s, one.earliest_s, one.latest_s) for one in said)


def _metres(place: tuple[float, float], srid: int) -> tuple[float, float]:
    x, y = np.round(to_metres(np.array([place]), srid), 2)[0].tolist()
    return x, y


def _plain(left: Any) -> dict[str, Any]:
    return {"code": left.code, "reason": reason_document(left.reason), "needs": dict(left.needs)}


def reason_document(reason: Reason) -> dict[str, Any]:
    """A reason to be stored."""
    return {"key": reason.key, "params": _jsonable(reason.params)}


def _jsonable(params: Mapping[str, object]) -> dict[str, object]:
    return {name: one if isinstance(one, str | int | float | bool | None) else str(one) for name, one in params.items()}


@lru_cache(maxsize=1)
def _kept_patrols(url: str) -> Patrols:
    return Patrols(Networks(), Territories())


def _patrols(stores: Stores) -> Patrols:
    return Patrols(Networks(), Territories()) if stores.in_memory else _kept_patrols(stores.url)

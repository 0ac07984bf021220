"""Plans of patrol: made, read, changed, published and told of; one's own round; and patterns."""

import datetime as dt
import hashlib
from typing import Annotated, Any

import numpy as np
from fastapi import Path, Query, Request, Response

from api.callers import Asking, Caller, Context, Here
from api.documents import answered
from api.instants import sensible
from api.patrol_plans import changed, comparison
from api.plan_marking import checked_marks, own_codes, prove
from api.plan_patterns import asked_by, kept_pattern, pattern_document
from api.plan_schemas import (
    ChangeSent,
    Comparison,
    MarkList,
    MarksKept,
    MarksSent,
    OwnDay,
    PatternDocument,
    PatternList,
    PatternSent,
    PlanAsked,
    PlanDocument,
    PlanList,
    State,
)
from api.plan_views import head_document, own_route, plan_document, steps_document
from api.plan_ways import read_day, read_plan
from api.planning import KIND, check_people, prepare
from api.preconditions import PreconditionFailed, check_match, row_tag
from api.proposing_places import areas_of
from api.routing import Router
from api.schemas import JobDocument, Key, Limit
from api.submitting import submitted
from gis_core.errors import Conflict, Unauthorised
from gis_core.planning.tasks import DAY_S
from layers.once import once
from layers.plan_marks import drop_pattern, marks_of, pattern_of, patterns_in, put_marks, put_pattern
from layers.planned import (
    add_edition,
    check_area,
    day_of_published,
    editions_of,
    plan_of,
    plans_in,
    plans_said,
    published_on,
    set_published,
)
from layers.store import Store

router = Router(prefix="/api/v1", tags=["plans"])
Number = Annotated[int, Path(ge=1, le=2**53)]
Edition = Annotated[int | None, Query(ge=1, le=2**31, description="The newest if not given.")]
PatternCode = Annotated[str, Path(max_length=100)]
OVERTIME_S = 3_600
"""A round of the night is told for so long after its end."""
MARK_SAID = ("code", "by", "event", "at", "note", "lon", "lat", "received_at")
PLAN: dict[int | str, dict[str, Any]] = {200: {"model": PlanDocument}}


@router.post("/plans", status_code=202, summary="Make a plan", responses={202: {"model": JobDocument}})
def make(request: Request, context: Here, asking: Asking, said: PlanAsked, key: Key = None) -> Response:
    """Have a day of one's area planned, as a job: what is due is proposed from the store, stops that are named are
    added, and who patrols there goes out. What no plan can be made for, and named stops that cannot be done, are
    refused at once, with the least that helps. The job's result names the plan.
    """
    sensible(said.day)
    with asking.reading("plan") as store:
        if said.pattern is not None:
            said = asked_by(said, pattern_of(store, said.pattern))
        check_area(store, said.area)
        everywhere = store.scope.sight.everything
    prepared = prepare(context.stores, context.patrols, context.plan_ways, said, context.now())
    if not everywhere:
        check_people(prepared.proposal.day, said.area)
    return submitted(request, context, asking, KIND, said.model_dump(mode="json"), key)


@router.get("/plans", summary="Plans, newest first", responses={200: {"model": PlanList}})
def plans(
    asking: Asking,
    day: Annotated[dt.date | None, Query(description="Local day.")] = None,
    area: Annotated[str | None, Query(max_length=100, description="Grid; empty: the city.")] = None,
    state: Annotated[State | None, Query()] = None,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> Response:
    """The plans of one's area; those of the city for who plans everywhere."""
    with asking.reading("plan") as store:
        found = plans_in(store, day=day, area=area, state=state, before=before, limit=limit)
    last = found[-1]["id"] if len(found) == limit else None
    return answered({"plans": [head_document(one) for one in found], "next": last})


@router.get("/plans/mine", summary="One's own round", responses={200: {"model": OwnDay}})
def mine(
    context: Here,
    asking: Asking,
    day: Annotated[
        dt.date | None,
        Query(description="Local day; if not given today, or yesterday while one is out by its plan past midnight."),
    ] = None,
) -> Response:
    """One's own route of each plan that is published for a day, with what was told of it; nothing of others."""
    asking.sight("patrol")
    name = asking.user.name
    with context.stores.read() as store:
        wanted = sensible(day or _day_of_round(store, name, asking.now))
        found = published_on(store, wanted)
        marks = marks_of(store, [one["id"] for one in found], name) if found else []
    rounds = []
    for one in found:
        problem, plan = read_day(one["shown"]["day"]), read_plan(one["shown"]["plan"])
        route = own_route(problem, plan, name)
        if route is None:
            continue
        network = context.plan_ways.network(context.stores, one["shown"]["version"])
        told = [_mark(mark) for mark in marks if mark["plan_id"] == one["id"]]
        rounds.append({
            "number": one["id"], "edition": one["edition"], "name": one["name"],
            "steps": steps_document(problem, route, network), "marks": told,
        })  # fmt: skip
    return answered({"account": name, "day": wanted, "plans": rounds})


@router.get("/plans/{number}", summary="A plan", responses=PLAN)
def plan(context: Here, asking: Asking, number: Number, edition: Edition = None) -> Response:
    """A plan of one's area: routes, what is left out and why, and what should be known. Its tag names the newest
    edition, for whoever changes it.
    """
    return _shown(context, asking, number, edition)


@router.post("/plans/{number}/changes", summary="Change a plan", responses=PLAN)
def change(request: Request, context: Here, asking: Asking, number: Number, said: ChangeSent) -> Response:
    """Put in what is urgent, move, reorder, swap, lock, unlock or leave out, over the edition that `If-Match` names, so
    that one that is sent again changes nothing; what was done stays. Answers with the new edition; `told` is what it
    means for whom.
    """
    now = context.now()
    with asking.reading("plan") as store:
        found = plan_of(store, number)
        check_match(request, str(found["edition"]))
        marks, zone = marks_of(store, [number]), store.city.zone
    day = read_day(found["shown"]["day"])
    network, movers = context.plan_ways.at(context.stores, found["shown"]["version"], day)

    def area_at(lon: float, lat: float) -> str | None:
        patrolling = context.patrols.known(context.stores, now)
        return next(iter(areas_of(patrolling, np.array([[lon, lat]]))))

    made = changed(found, said, marks, network, movers, area_at, now, zone)
    try:
        with context.stores.write(asking.sight("plan")) as store:
            add_edition(store, number, found["edition"], made, asking.user.name, now)
    except Conflict:
        raise PreconditionFailed("match_failed", field="If-Match", value=str(found["edition"])) from None
    return _shown(context, asking, number, None)


@router.post("/plans/{number}/publication", summary="Publish a plan", responses=PLAN)
def publish(request: Request, context: Here, asking: Asking, number: Number) -> Response:
    """Let everybody on the plan see their own route; over the edition that `If-Match` names. Twice changes nothing."""
    return _publishing(request, context, asking, number, published=True)


@router.delete("/plans/{number}/publication", summary="Withdraw a plan", responses=PLAN)
def withdraw(context: Here, asking: Asking, number: Number) -> Response:
    """Take a plan back that was published; nobody but planners sees it then. Twice changes nothing."""
    return _publishing(None, context, asking, number, published=False)


@router.get("/plans/{number}/comparison", summary="Two plans compared", responses={200: {"model": Comparison}})
def compared(
    asking: Asking,
    number: Number,
    other: Annotated[int, Query(alias="with", ge=1, le=2**53, description="Number of the other plan, or the same.")],
    edition: Edition = None,
    with_edition: Edition = None,
) -> Response:
    """Who gains and loses which tasks, metres and value from one plan or edition to another."""
    with asking.reading("plan") as store:
        before, after = plan_of(store, number, edition), plan_of(store, other, with_edition)
    return answered(comparison(before, after))


@router.post("/plans/{number}/marks", summary="Tell of tasks", responses={200: {"model": MarksKept}})
def tell(context: Here, asking: Asking, number: Number, said: MarksSent, key: Key = None) -> Response:
    """Tell that one came to, did or could not do tasks of one's own in a published plan; up to 31 days late. What comes
    again changes nothing. With the `token` of the plate of a place that has a quota, coming is a check-in as well.
    """
    sight = asking.sight("patrol")
    now, name = context.now(), asking.user.name
    if said.account not in (None, name):
        raise Unauthorised("signed_out")
    with context.stores.read() as store:
        day, zone = day_of_published(store, number), store.city.zone
        own = own_codes(plans_said(store, number), name, {mark.code for mark in said.marks})
        shown = [read_day(one["shown"]["day"]) for one in published_on(store, day, number)]
    places = {stop.code: stop.place for one in shown for stop in one.stops}
    marks = checked_marks(said.marks, sorted(own), day, now, zone)

    def keep() -> dict[str, int]:
        prove(store, asking.user, said.marks, places, now)
        return {"received": len(said.marks), "kept": put_marks(store, number, name, marks, now)}

    with context.stores.write(sight) as store:
        asked = hashlib.sha256(f"{number} {said.model_dump_json()}".encode()).hexdigest()
        return answered(once(store.session, name, key, asked, now, keep))


@router.get("/plans/{number}/marks", summary="What was told", responses={200: {"model": MarkList}})
def told(asking: Asking, number: Number) -> Response:
    """What everybody told of their tasks in a plan of one's area."""
    with asking.reading("plan") as store:
        plan_of(store, number)
        return answered({"marks": [_mark(mark) for mark in marks_of(store, [number])]})


@router.get("/plan-patterns", summary="Patterns", responses={200: {"model": PatternList}})
def patterns(asking: Asking) -> Response:
    """Patterns of one's area, by code."""
    with asking.reading("plan") as store:
        return answered({"patterns": [pattern_document(one) for one in patterns_in(store)]})


@router.get("/plan-patterns/{code}", summary="A pattern", responses={200: {"model": PatternDocument}})
def pattern(asking: Asking, code: PatternCode) -> Response:
    """A pattern of one's area."""
    with asking.reading("plan") as store:
        return answered(pattern_document(pattern_of(store, code)))


@router.put("/plan-patterns/{code}", summary="Keep a pattern", responses={200: {"model": PatternDocument}})
def keep_pattern(context: Here, asking: Asking, code: PatternCode, said: PatternSent) -> Response:
    """Keep a pattern for one's area, in place of the one of the same code."""
    with context.stores.write(asking.sight("plan")) as store:
        put_pattern(store, code, kept_pattern(said), asking.user.name, context.now())
        return answered(pattern_document(pattern_of(store, code)))


@router.delete("/plan-patterns/{code}", status_code=204, summary="Drop a pattern")
def forget_pattern(context: Here, asking: Asking, code: PatternCode) -> Response:
    """Drop a pattern of one's area; plans that were made from it stay."""
    with context.stores.write(asking.sight("plan")) as store:
        drop_pattern(store, code)
    return Response(status_code=204)


def _day_of_round(store: Store, name: str, now: dt.datetime) -> dt.date:
    """Today, or yesterday as long as somebody is out by a plan of it: their night is one round."""
    zone = store.city.zone
    today = now.astimezone(zone).date()
    before = today - dt.timedelta(days=1)
    since_s = (now - dt.datetime.combine(before, dt.time(), zone)).total_seconds()
    ends = [
        route["steps"][-1]["leave_s"]
        for one in published_on(store, before)
        for route in one["shown"]["plan"]["routes"]
        if route["patroller"] == name and any(step["code"] for step in route["steps"])
    ]
    return before if max(ends, default=0) > max(since_s - OVERTIME_S, DAY_S) else today


def _publishing(request: Request | None, context: Context, asking: Caller, number: int, *, published: bool) -> Response:
    now = context.now()
    with context.stores.write(asking.sight("plan")) as store:
        found = plan_of(store, number)
        if request is not None:
            check_match(request, str(found["edition"]))
        if set_published(store, number, published, asking.user.name, now):
            action = "plan_published" if published else "plan_withdrawn"
            asking.note(store, action, f"plan {number}", now, edition=found["edition"])
    return _shown(context, asking, number, None)


def _shown(context: Context, asking: Caller, number: int, edition: int | None) -> Response:
    with asking.reading("plan") as store:
        found, editions = plan_of(store, number, edition), editions_of(store, number)
    network = context.plan_ways.network(context.stores, found["shown"]["version"])
    return answered(plan_document(found, network, editions), ETag=row_tag(str(found["edition"])))


def _mark(mark: dict[str, Any]) -> dict[str, Any]:
    return {name: mark[name] for name in MARK_SAID}

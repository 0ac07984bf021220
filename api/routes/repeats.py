"""Suspected repeats in one's area: listed, merged, rejected, parted again, and counted both ways."""

import datetime as dt
from typing import Annotated

from fastapi import Path, Query, Request, Response

from api.callers import Asking, Here
from api.documents import answered
from api.languages import preferred
from api.repeat_schemas import Decided, GroupDocument, RepeatCounts, RepeatPage, State
from api.repeating import COUNTED, documents
from api.repeats import is_blind
from api.routing import Router
from api.schemas import Limit, Moment
from gis_core.errors import InvalidInput
from layers.repeating import merge, part, reject
from layers.suspecting import counts, pairs

router = Router(prefix="/api/v1", tags=["repeats"])
Number = Annotated[int, Path(ge=1, le=2**62, description="Number of the pair.")]


@router.get("/repeats", summary="Suspected repeats, newest first", responses={200: {"model": RepeatPage}})
def repeats(
    request: Request,
    asking: Asking,
    state: Annotated[State, Query(description="What a person made of them.")] = "suspected",
    returned: Annotated[bool | None, Query(description="Only problems that have returned, or only others.")] = None,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> Response:
    """Pairs of issues, both in one's area, that may be of one problem, with the reasons."""
    with asking.reading() as store:
        blind = is_blind(asking)
        found = pairs(store, state=state, returned=returned, before=before, limit=limit, blind=blind)
        told = documents(store, found, preferred(request) or store.city.locale)
    return answered({"repeats": told, "next": found[-1]["id"] if len(found) == limit else None})


@router.get("/repeats/counts", summary="Reports and problems", responses={200: {"model": RepeatCounts}})
def counted(
    context: Here,
    asking: Asking,
    since: Annotated[Moment | None, Query(description="Reported from then on; 30 days before `until`.")] = None,
    until: Annotated[Moment | None, Query(description="Reported before then; now if not given.")] = None,
) -> Response:
    """What was reported in one's area, as it came and when repeats count once, and how much of it had returned."""
    end = until or context.now()
    begin = since or end - min(COUNTED, end - dt.datetime.min.replace(tzinfo=dt.UTC))
    if begin > end:
        raise InvalidInput("repeat_window", field="since", value=begin.isoformat(), expected=end.isoformat())
    with asking.reading() as store:
        found = counts(store, begin, end, is_blind(asking))
    share = found["returned"] / found["problems"] if found["problems"] else None
    return answered({"since": begin, "until": end, **found, "returned_share": share})


@router.post("/repeats/{number}/merge", summary="Say that it is one problem", responses={200: {"model": GroupDocument}})
def merged(context: Here, asking: Asking, number: Number) -> Response:
    """The groups of both issues become one, under its earliest; twice changes nothing. A problem that has returned is
    not merged.
    """
    now = context.now()
    with context.stores.write(asking.sight("merge")) as store:
        group = merge(store, number, asking.user.name, now)
        if group.changed:
            asking.note(store, "merged", group.master, now, pair=number)
    return answered(vars(group))


@router.post("/repeats/{number}/reject", summary="Say that they are two problems", responses={200: {"model": Decided}})
def rejected(context: Here, asking: Asking, number: Number) -> Response:
    """The pair is suspected no more; twice changes nothing."""
    now = context.now()
    with context.stores.write(asking.sight("merge")) as store:
        changed = reject(store, number, asking.user.name, now)
        if changed:
            asking.note(store, "repeat_rejected", str(number), now)
    return answered({"changed": changed})


@router.post("/issues/{code}/part", summary="Take an issue out of its group", responses={200: {"model": Decided}})
def parted(context: Here, asking: Asking, code: Annotated[str, Path(max_length=100)]) -> Response:
    """It is a problem of its own again; those that repeated it have their earliest for master. Twice changes
    nothing.
    """
    now = context.now()
    with context.stores.write(asking.sight("merge")) as store:
        changed = part(store, code, asking.user.name, now)
        if changed:
            asking.note(store, "parted", code, now)
    return answered({"changed": changed})

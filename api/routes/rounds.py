"""One's own round of a day, and what one tells of it."""

import datetime as dt
import hashlib
from typing import Annotated

from fastapi import Path, Query, Response

from api.callers import Asking, Here
from api.documents import answered
from api.instants import sensible
from api.round_schemas import Round, SentMarks, TakenMarks
from api.rounds import put_marks, round_of
from api.routing import Router
from api.schemas import Key
from layers.once import once

router = Router(prefix="/api/v1/plans", tags=["plans"])
Number = Annotated[int, Path(ge=1, le=2**53)]
Day = Annotated[dt.date | None, Query(description="Local day; today if not given.")]


@router.get("/mine", summary="One's own round of a day", responses={200: {"model": Round}})
def mine(context: Here, asking: Asking, day: Day = None) -> Response:
    """What one is to do on a local day by plans that are published: steps in order with times, ways and reasons, and
    what one told of them. Nothing of anybody else.
    """
    asking.sight("patrol")
    # One's own tasks are one's own wherever they lie, and a network is read whole.
    with context.stores.read() as store:
        wanted = sensible(day or context.now().astimezone(store.city.zone).date())
        found = round_of(store, lambda version: context.networks.at(store, version), asking.user.name, wanted)
    return answered(found)


@router.post("/{number}/marks", summary="Tell of one's tasks", responses={200: {"model": TakenMarks}})
def tell(context: Here, asking: Asking, number: Number, said: SentMarks, key: Key = None) -> Response:
    """Say that one came to a task of one's own of a published plan, did it, or could not and why: up to 31 days late,
    in any order. Each is told once; twice changes nothing.
    """
    now, user = context.now(), asking.user
    digest = hashlib.sha256(f"marks {number} {said.model_dump_json()}".encode()).hexdigest()
    with context.stores.write(asking.sight("patrol")) as store:
        new = once(store.session, user.name, key, digest, now, lambda: put_marks(store, user, number, said.marks, now))
    marks = [{"code": mark.code, "event": mark.event, "new": one} for mark, one in zip(said.marks, new, strict=True)]
    return answered({"marks": marks})

"""Front doors: what is signed, what happened before shops, one street unrolled, one shop."""

import datetime as dt
import hashlib
import json
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import Field

from api.callers import Asking, Here
from api.documents import answered, written
from api.door_schemas import (
    Body,
    DoorDocument,
    DoorFiguresList,
    Noticed,
    RepeatedList,
    StandingDocument,
    StreetUnrolled,
)
from api.doors import book_of, figures_of, repeated, shop_document, unrolled
from api.routing import Router
from api.schemas import Code as CodeText
from api.schemas import Key, Sent
from api.standing import before_door, case_of, check, inspected, noticed
from gis_core.permissions import may
from layers.doors import is_shop
from layers.once import once


class Inspection(Sent):
    """An inspection of a front door."""

    body: Body = Field(description="Whose it is: a third party's for the city, or the district's own.")
    score: float = Field(ge=0, le=100, examples=[86.5])


class Notice(Sent):
    """Something wrong at a front door."""

    category: CodeText = Field(description="Code of a matter of the city's scheme.", examples=["06010"])


router = Router(prefix="/api/v1/doors", tags=["front doors"])
By = Annotated[str, Query(max_length=100, description="`street`, or a level of the city's grids.")]
Days = Annotated[int, Query(ge=1, le=3_660, description="Violations of so many days up to now.")]
Least = Annotated[int, Query(ge=2, le=1_000, description="Violations it takes.")]
Code = Annotated[str, Path(max_length=200)]


@router.get(
    "/figures", summary="Signed, unsigned and blank kerb, and violations", responses={200: {"model": DoorFiguresList}}
)
def figures(context: Here, asking: Asking, by: By = "street", days: Days = 90) -> Response:
    """Metres of kerb and shops by street or cell today, of the strips in one's area, and violations before them."""
    until, since = asking.now, asking.now - dt.timedelta(days=days)
    with asking.reading() as store:
        rows = figures_of(store, book_of(context.ledgers, store, asking.now), by, since, until)
        day = asking.now.astimezone(store.city.zone).date()
    return answered({"day": day, "since": since, "until": until, "figures": rows})


@router.get("/streets/{code}", summary="Both sides of a street unrolled", responses={200: {"model": StreetUnrolled}})
def street(context: Here, asking: Asking, code: Code, days: Days = 90) -> Response:
    """The parts of each side from the street's beginning to its end: whose they are, signed or not, and violations."""
    since = asking.now - dt.timedelta(days=days)
    with asking.reading() as store:
        return answered(unrolled(store, book_of(context.ledgers, store, asking.now), code, since, asking.now))


@router.get("/repeats", summary="Shops with violations again and again", responses={200: {"model": RepeatedList}})
def repeats(context: Here, asking: Asking, days: Days = 90, least: Least = 3) -> Response:
    """Strips in one's area with several violations."""
    since = asking.now - dt.timedelta(days=days)
    with asking.reading() as store:
        rows = repeated(store, book_of(context.ledgers, store, asking.now), since, asking.now, least)
    return answered({"since": since, "until": asking.now, "strips": rows})


@router.get("/shops/{code}", summary="One shop's front door", responses={200: {"model": DoorDocument}})
def shop(context: Here, asking: Asking, code: Code, days: Days = 90) -> Response:
    """A shop in one's area: its strip, its duties, its agreements, and violations before its door."""
    since, named = asking.now - dt.timedelta(days=days), False
    if may(asking.user.grants, "contact"):
        with asking.reading("contact") as store:
            named = is_shop(store, code)
    with asking.reading() as store:
        book = book_of(context.ledgers, store, asking.now)
        return answered(shop_document(store, book, code, since, asking.now, named=named))


@router.post("/shops/{code}/inspections", status_code=201, summary="Note an inspection of a front door",
             responses={201: {"model": StandingDocument}})  # fmt: skip
def inspection(context: Here, asking: Asking, code: Code, said: Inspection, key: Key = None) -> Response:
    """Note the score of an inspection of a shop in one's area; how the shop stands after it."""
    now, asked = context.now(), _digest("inspection", code, said)
    with context.stores.write(asking.sight("inspect")) as store:
        done = once(store.session, asking.user.name, key, asked, now,
                    lambda: _plain(inspected(store, code, asking.user.name, said.body, said.score, now)))  # fmt: skip
    return answered(done, 201)


@router.post("/shops/{code}/notices", status_code=201, summary="Note something wrong at a front door",
             responses={201: {"model": Noticed}})  # fmt: skip
def notice(context: Here, asking: Asking, code: Code, said: Notice, key: Key = None) -> Response:
    """Note that something was wrong before a shop in one's area. The first time it is a notice, then a warning; from
    the third time on within the city's days it is a case, which is filed.
    """
    now, asked = context.now(), _digest("notice", code, said)
    with asking.reading("inspect") as store:
        question = before_door(store, book_of(context.ledgers, store, now), code, said.category)
    check(context, question, now)
    with context.stores.write(asking.sight("inspect")) as store:
        done = once(store.session, asking.user.name, key, asked, now,
                    lambda: noticed(store, code, asking.user.name, said.category, now))  # fmt: skip
    issue = case_of(context, done["event"], question, now) if done["step"] == "case" else None
    return answered({"step": done["step"], "issue": issue}, 201)


def _digest(what: str, code: str, said: Sent) -> str:
    return hashlib.sha256(f"{what} {code} {said.model_dump_json()}".encode()).hexdigest()


def _plain(document: Any) -> Any:
    """A document as it is kept: JSON knows no instants."""
    return json.loads(written(document))

"""Front doors: what is signed, what happened before shops, one street unrolled, one shop."""

import datetime as dt
import hashlib
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import Field

from api.callers import Asking, Here
from api.documents import answered
from api.door_schemas import (
    Body,
    DoorDocument,
    DoorFiguresList,
    Grade,
    Noticed,
    RepeatedList,
    StandingDocument,
    StandingList,
    StreetUnrolled,
)
from api.doors import figures_of, repeated, shop_document, unrolled
from api.ledgers import book_of
from api.routing import Router
from api.schemas import Code as CodeText
from api.schemas import Key, Limit, Line, Moment, Sent
from api.standing import all_standings, check_inspection, inspected, noticed, standing_of
from gis_core.errors import Forbidden, NotFound
from gis_core.permissions import may
from layers.doors import event_of, is_shop, settle, withdraw
from layers.finding import named_by
from layers.once import once
from layers.reports import Overtaken


class Inspection(Sent):
    """An inspection of a front door."""

    body: Body = Field(description="Whose it is: a third party's for the city, or the district's own.")
    score: float = Field(ge=0, le=100, examples=[86.5])
    at: Moment | None = Field(None, description="When it was, up to 31 days ago; now if not given.")


class Reason(Sent):
    """Why something is taken back."""

    reason: Line = Field(min_length=1, examples=["录入错误"])


class Notice(Sent):
    """Something wrong at a front door."""

    category: CodeText = Field(description="Code of a matter of the city's scheme.", examples=["06010"])


router = Router(prefix="/api/v1/doors", tags=["front doors"])
By = Annotated[str, Query(max_length=100, description="`street`, or a level of the city's grids.")]
Days = Annotated[int, Query(ge=1, le=3_660, description="Violations of so many days up to now.")]
Least = Annotated[int, Query(ge=2, le=1_000, description="Violations it takes.")]
Code = Annotated[str, Path(max_length=200)]
Number = Annotated[int, Path(ge=1, le=2**53)]


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


@router.get("/standings", summary="Grades of plates", responses={200: {"model": StandingList}})
def standings(
    asking: Asking,
    grade: Annotated[Grade | None, Query()] = None,
    referred: Annotated[bool | None, Query(description="Whether the shop is referred to the regulator.")] = None,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> Response:
    """How the shops in one's area stand that were inspected, by code."""
    with asking.reading() as store:
        found = all_standings(store, asking.now)
    for name, value in (("grade", grade), ("referred", referred)):
        found = found if value is None else found[found[name] == value]
    page = (found if after is None else found[found["shop"] > after]).head(limit)
    last = page["shop"].iloc[-1] if len(page) == limit else None
    with asking.reading() as store:
        names = named_by(store, "places", set(page["shop"]))
    rows = [{**row, "name": names.get(row["shop"], {}).get("name")} for row in page.to_dict("records")]
    return answered({"count": len(found), "standings": rows, "next": last})


@router.post("/shops/{code}/inspections", status_code=201, summary="Note an inspection of a front door",
             responses={201: {"model": StandingDocument}})  # fmt: skip
def inspection(context: Here, asking: Asking, code: Code, said: Inspection, key: Key = None) -> Response:
    """Note the score of an inspection of a shop in one's area, of now or up to 31 days ago; how the shop stands after
    it. Those for the city are noted by who inspects in all of it.
    """
    now, actor = context.now(), asking.user.name
    at = said.at or now

    def do() -> int:
        check_inspection(asking, said.body, at, now)
        number = inspected(store, code, actor, said.body, said.score, at)
        asking.note(store, "inspected", code, now, event=number, body=said.body, score=said.score)
        return number

    with context.stores.write(asking.sight("inspect")) as store:
        once(store.session, actor, key, _digest("inspection", code, said), now, do)
        done = standing_of(store, code, now)
    return answered(done, 201)


@router.post("/shops/{code}/notices", status_code=201, summary="Note something wrong at a front door",
             responses={201: {"model": Noticed}})  # fmt: skip
def notice(context: Here, asking: Asking, code: Code, said: Notice, key: Key = None) -> Response:
    """Note that something was wrong before a shop in one's area that it answers for. The first time it is a notice,
    then a warning; from the third time on within the city's days it is a case, which is filed: as long as it is open,
    further ones of the matter belong to it. What somebody noted a moment ago is not noted again.
    """
    now, actor = context.now(), asking.user.name

    def do() -> dict[str, Any]:
        done = noticed(context, store, code, actor, said.category, now)
        if not done["again"]:
            asking.note(store, "noticed", code, now, event=done["event"], step=done["step"])
        return done

    while True:
        try:
            with context.stores.write(asking.sight("inspect")) as store:
                return answered(once(store.session, actor, key, _digest("notice", code, said), now, do), 201)
        except Overtaken:
            continue


@router.post("/shops/{code}/events/{number}/settlement", status_code=204, summary="Say that a notice is dealt with")
def settlement(context: Here, asking: Asking, code: Code, number: Number) -> Response:
    """Whoever inspects has seen that what the shop was told is dealt with; its page says so, and asks for no more
    photos. The issue of a case is closed as any other, and says the same.
    """
    now = context.now()
    with context.stores.write(asking.sight("inspect")) as store:
        if not is_shop(store, code):
            raise NotFound("shop_missing", value=code)
        settle(store, code, number, now)
        asking.note(store, "settled", code, now, event=number)
    return Response(status_code=204)


@router.post("/shops/{code}/events/{number}/withdrawal", status_code=204, summary="Take back what was noted")
def withdrawal(context: Here, asking: Asking, code: Code, number: Number, said: Reason) -> Response:
    """Let an event that was noted by mistake count no more, or a photo that shows nothing; who took it back and why is
    in the audit trail. The city's inspections are taken back by who inspects in all of it. The issue of a case stays,
    and is closed as any other.
    """
    now = context.now()
    with context.stores.write(asking.sight("inspect")) as store:
        if not is_shop(store, code):
            raise NotFound("shop_missing", value=code)
        if event_of(store, code, number)["body"] == "city" and not asking.sight("inspect").everything:
            raise Forbidden("inspected_for_city")
        withdraw(store, number, now)
        asking.note(store, "withdrawn_event", code, now, event=number, reason=said.reason)
    return Response(status_code=204)


def _digest(what: str, code: str, said: Sent) -> str:
    return hashlib.sha256(f"{what} {code} {said.model_dump_json()}".encode()).hexdigest()

"""Plates with QR codes: printed by those who inspect, and opened by anybody in the street."""

import hashlib
from functools import partial
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.callers import Asking, Here
from api.check_ins import by_code, place_in_area
from api.documents import answered
from api.door_schemas import ConfirmationReceipt, OpenedDoor, PlateDocument
from api.exchanges import exchange_of
from api.languages import preferred
from api.ledgers import book_of
from api.middleware import ASSETS
from api.photographing import PICTURE, at_a_time, check_space, content_of, given, pictures
from api.plates import MOST_CONFIRMATIONS, along, check_notice, confirm, opened, plates_of, streets_near
from api.proxies import root_of
from api.quotas import quota_for
from api.routing import Router
from api.schemas import Key
from api.visiting import opened_place, place_plates, visitor_of
from gis_core.city import City
from gis_core.errors import InvalidInput, NotFound
from layers.doors import alone_with
from layers.once import once
from layers.pictures import MEDIA_TYPES
from layers.plates import photo_of, renew, tokens_of
from map_ui.plates import Plate, plate_sheet, shop_page, strip_picture
from map_ui.visits import place_page

router = Router(tags=["front doors"])
MOST_PLATES = 500
Token = Annotated[str, Path(max_length=100, description="What the QR code of a plate says.")]
Code = Annotated[str, Path(max_length=200)]
Number = Annotated[int, Path(ge=1, le=2**53)]
Event = Literal["arrive", "leave"]
OPENED = "/api/v1/public/doors/{token}"
"""Where the document behind a plate is."""


@router.get("/d/{token}", response_class=HTMLResponse, include_in_schema=False)
def page(request: Request, context: Here, token: Token) -> HTMLResponse:
    """The page of a shop, or of a place that is visited, for whoever scans its plate."""
    now = context.now()
    context.openings.take(exchange_of(request).address, now)
    with context.stores.read() as store:
        city, place = store.city, opened_place(store, token, now)
    if place is not None:
        return _place_page(request, context, token, place, city)
    with context.stores.read() as store:
        document, near = opened(store, token, now)
        own = near.of_shop(document["code"])
        streets = streets_near(store, own, now)
    picture = None if own.empty else strip_picture(near.strips, own, streets, city.metric_srid)
    names = dict(zip(streets["code"], streets["name"], strict=True))
    html = shop_page(
        {**document, "street_name": names.get(document["street"])}, picture, preferred(request) or city.locale,
        city=city.name, local=lambda at: f"{at.astimezone(city.zone):%Y-%m-%d %H:%M}", most_photos=MOST_CONFIRMATIONS,
        photos=f"{OPENED.format(token=token)}/notices/{{number}}/photo", assets=ASSETS,
    )  # fmt: skip
    return HTMLResponse(html, headers={"X-Robots-Tag": "noindex"})


def _place_page(request: Request, context: Here, token: str, place: dict[str, Any], city: City) -> HTMLResponse:
    visitor = visitor_of(request, context, place["code"], context.now())
    html = place_page(
        place, visitor, preferred(request) or city.locale, city=city.name, path=f"/d/{token}", assets=ASSETS,
        local=lambda at: f"{at.astimezone(city.zone):%Y-%m-%d %H:%M}",
    )  # fmt: skip
    return HTMLResponse(html, headers={"X-Robots-Tag": "noindex"})


@router.post("/d/{token}", include_in_schema=False)
def visit(context: Here, asking: Asking, token: Token, event: Annotated[Event, Form()]) -> RedirectResponse:
    """Check in at a place, or say that one leaves it, by the button of its page."""
    now = context.now()
    with context.stores.write(asking.sight("patrol")) as store:
        by_code(store, asking.user, token, event, now, now)
    return RedirectResponse(f"/d/{token}", 303)


@router.get(OPENED, summary="What a shop's plate opens", responses={200: {"model": OpenedDoor}})
def document(request: Request, context: Here, token: Token) -> Response:
    """A shop's strip, duties and notices for whoever scans its plate, without an account; no persons, and nothing of
    other shops.
    """
    context.openings.take(exchange_of(request).address, context.now())
    with context.stores.read() as store:
        found, _ = opened(store, token, context.now())
    return answered(found)


@router.post(f"{OPENED}/notices/{{number}}/photo", status_code=201, summary="Show that a notice is dealt with",
             responses={201: {"model": ConfirmationReceipt}}, openapi_extra=PICTURE)  # fmt: skip
async def confirmation(request: Request, context: Here, token: Token, number: Number) -> Response:
    """Send a JPEG, PNG or WebP of at most 8 MB that shows that a notice, warning or case is dealt with; up to three for
    each. It says so to those who inspect, and decides nothing. Of a case it becomes a photo of the issue as well.
    """
    now = context.now()
    context.public_reports.take(exchange_of(request).address, now)
    await to_thread.run_sync(check_notice, context, token, number)
    check_space(context)
    content = await content_of(request)
    kept = await at_a_time(partial(confirm, context, token, number, content, now))
    return answered({"received_at": kept["at"], "bytes": len(content), "sha256": kept["original"]}, 201)


@router.get("/maps/plates", response_class=HTMLResponse, include_in_schema=False)
def sheet(
    request: Request,
    context: Here,
    asking: Asking,
    street: Annotated[str | None, Query(max_length=200)] = None,
    shop: Annotated[list[str] | None, Query(max_length=MOST_PLATES)] = None,
    type: Annotated[list[str] | None, Query(max_length=MOST_PLATES)] = None,  # noqa: A002
    place: Annotated[list[str] | None, Query(max_length=MOST_PLATES)] = None,
) -> HTMLResponse:
    """Plates of a street, of some shops, and of places that are visited, by type or code, in one's area, to print."""
    with asking.reading("inspect") as store:
        city, book = store.city, book_of(context.ledgers, store, asking.now)
        wanted = list(dict.fromkeys([*(along(book, street) if street else ()), *(shop or ())]))
        visited = place_plates(store, type or (), place or (), asking.now)
        if (count := len(wanted) + len(visited)) > MOST_PLATES:
            raise InvalidInput("plates_many", field="street", value=count, expected=MOST_PLATES)
        said = {**plates_of(store, book, wanted, asking.now), **visited}
    if not said:
        raise NotFound("plates_none")
    with context.stores.write(asking.sight("inspect")) as store:
        tokens = tokens_of(store, list(said), asking.user.name, context.now())
    plates = [Plate(token=tokens[one], **words) for one, words in said.items()]
    html = plate_sheet(plates, preferred(request) or city.locale, city=city.name, language=city.locale, assets=ASSETS,
                       site=root_of(request, context.settings.proxies))  # fmt: skip
    return HTMLResponse(html)


@router.post("/api/v1/doors/shops/{code}/plate", status_code=201, summary="Give a shop a new plate",
             responses={201: {"model": PlateDocument}})  # fmt: skip
def new_plate(request: Request, context: Here, asking: Asking, code: Code, key: Key = None) -> Response:
    """A new token for a shop in one's area, when a plate is lost or the shop changes hands; the one before opens
    nothing any more.
    """
    now, actor = context.now(), asking.user.name
    with context.stores.write(asking.sight("inspect")) as store:

        def do() -> str:
            alone_with(store, code, now.astimezone(store.city.zone).date())
            asking.note(store, "plate_renewed", code, now)
            return renew(store, code, actor, now)

        token = once(store.session, actor, key, hashlib.sha256(f"plate {code}".encode()).hexdigest(), now, do)
    return answered({"token": token, "address": f"{root_of(request, context.settings.proxies)}/d/{token}"}, 201)


@router.post("/api/v1/places/{code}/plate", status_code=201, summary="Give a place that is visited a new plate",
             responses={201: {"model": PlateDocument}})  # fmt: skip
def new_place_plate(request: Request, context: Here, asking: Asking, code: Code, key: Key = None) -> Response:
    """A new token for a place in one's area that has a quota of visits; nobody checks in by the one before any more."""
    now, actor = context.now(), asking.user.name
    with context.stores.write(asking.sight("inspect")) as store:

        def do() -> str:
            quota_for(store, place_in_area(store, code, now.astimezone(store.city.zone).date()))
            asking.note(store, "plate_renewed", code, now)
            return renew(store, code, actor, now)

        token = once(store.session, actor, key, hashlib.sha256(f"place plate {code}".encode()).hexdigest(), now, do)
    return answered({"token": token, "address": f"{root_of(request, context.settings.proxies)}/d/{token}"}, 201)


@router.get("/api/v1/doors/shops/{code}/confirmations/{number}/photo", summary="The photo of a confirmation",
            responses=pictures("image/jpeg"), response_class=Response)  # fmt: skip
def photo(request: Request, context: Here, asking: Asking, code: Code, number: Number) -> Response:
    """What passers-by sent to show that something is dealt with, as it is shown."""
    with asking.reading() as store:
        found = photo_of(store, code, number)
    return given(request, context, found["shown"], "image/jpeg")


@router.get("/api/v1/doors/shops/{code}/confirmations/{number}/photo/original",
            summary="The photo of a confirmation as it was sent", responses=pictures(*MEDIA_TYPES.values()),
            response_class=Response)  # fmt: skip
def original(request: Request, context: Here, asking: Asking, code: Code, number: Number) -> Response:
    """Byte by byte what was sent, for those who need the proof; every look is in the audit trail."""
    with context.stores.write(asking.sight("evidence")) as store:
        found = photo_of(store, code, number)
        asking.note(store, "original_read", f"confirmation {number}", context.now(), sha256=found["original"])
    return given(request, context, found["original"], found["media_type"])

"""What comes out of a plan: sheets and files for who walks, lines for maps, and what was walked of it."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Path, Query, Request, Response

from api.callers import Asking, Caller, Context, Here
from api.documents import answered, written
from api.languages import preferred
from api.middleware import ASSETS
from api.plan_sheet_schemas import RoutesCollection, WalkedPlan
from api.plan_sheets import drawn_plan, missed_before, plates_on, route_in, streets_around, walked_document, walked_of
from api.proxies import root_of
from api.routing import Router
from gis_core.errors import NotFound
from gis_core.patrol.network import StreetNetwork
from layers.planned import day_of_published, plan_of, published_on
from layers.plates import tokens_of
from map_ui.round_files import plan_geojson, plan_workbook, route_gpx
from map_ui.sheets import route_sheet

router = Router(prefix="/api/v1", tags=["plans"])
Number = Annotated[int, Path(ge=1, le=2**53)]
Patroller = Annotated[str, Path(max_length=200, description="Name of the account.")]
Format = Annotated[Literal["html", "xlsx", "gpx", "geojson"], Query()]
GEOJSON = "application/geo+json"
TYPES = {
    "html": "text/html; charset=utf-8", "gpx": "application/gpx+xml", "geojson": GEOJSON,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
SHEET: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in TYPES.values()}, "description": "The sheet, in the form that is asked for."}
}


@router.get("/plans/{number}/sheets/{patroller}", summary="A patroller's sheet", responses=SHEET)
def sheet(
    request: Request, context: Here, asking: Asking, number: Number, patroller: Patroller, f: Format = "html"
) -> Response:
    """The round of one patroller: a page to print with map, list and QR codes, a workbook, GPX or GeoJSON. Planners
    have those of their area, a patroller their own of a published plan.
    """
    document, network, own = _drawn(context, asking, number, patroller)
    route = route_in(document, patroller)
    with context.stores.read() as store:
        city = store.city
    locale = preferred(request) or city.locale
    content: str | bytes
    if f == "gpx":
        content = route_gpx(document, route, locale)
    elif f == "geojson":
        content = written(plan_geojson(document, [route]))
    elif f == "xlsx":
        content = plan_workbook(document, [route], locale, left=not own)
    else:
        tokens: dict[str, str] = {}
        if plates := plates_on(route):
            with context.stores.write(asking.sight("patrol" if own else "plan")) as store:
                tokens = tokens_of(store, plates, asking.user.name, context.now())
        before = missed_before(context.stores, context.plan_ways, document["day"], document["area"], patroller)
        content = route_sheet(
            document, patroller, streets_around(route, network), locale, city=city.name, srid=network.srid,
            site=root_of(request, context.settings.proxies), tokens=tokens, assets=ASSETS,
            before=before,
        )  # fmt: skip
    headers = {} if f == "html" else {"Content-Disposition": _named(f"{document['day']} {patroller}.{f}")}
    return Response(content, media_type=TYPES[f], headers=headers)


@router.get("/plans/{number}/routes", summary="Routes as lines",
            responses={200: {"model": RoutesCollection, "content": {GEOJSON: {}}}})  # fmt: skip
def routes(context: Here, asking: Asking, number: Number) -> Response:
    """All routes of a plan of one's area as GeoJSON: legs, lanes and stops in order, with times."""
    with asking.reading("plan") as store:
        found = plan_of(store, number)
    document = drawn_plan(found, context.plan_ways.network(context.stores, found["shown"]["version"]))
    return Response(written(plan_geojson(document, document["routes"])), media_type=GEOJSON)


@router.get("/plans/{number}/walked", summary="Plan against walked", responses={200: {"model": WalkedPlan}})
def walked(context: Here, asking: Asking, number: Number) -> Response:
    """Of each task of a plan of one's area whether it was done, when, and what proves it; and what else was walked."""
    with asking.reading("plan") as store:
        found = plan_of(store, number)
    network = context.plan_ways.network(context.stores, found["shown"]["version"])
    with asking.reading("plan") as store:
        done = walked_of(store, found, network)
    return answered(walked_document(found, done, network))


def _drawn(
    context: Context, asking: Caller, number: int, patroller: str
) -> tuple[dict[str, Any], StreetNetwork, bool]:  # fmt: skip
    """A plan as it is drawn, its streets, and whether it is asked for as one's own."""
    found = _own(context, asking, number) if patroller == asking.user.name else None
    own = found is not None
    if found is None:
        with asking.reading("plan") as store:
            found = plan_of(store, number)
    network = context.plan_ways.network(context.stores, found["shown"]["version"])
    return drawn_plan(found, network), network, own


def _own(context: Context, asking: Caller, number: int) -> dict[str, Any] | None:
    """A published plan, for whoever is on it."""
    with context.stores.read() as store:
        try:
            day = day_of_published(store, number)
        except NotFound:
            return None
        (found,) = published_on(store, day, number)
    on_it = any(route["patroller"] == asking.user.name for route in found["shown"]["plan"]["routes"])
    return found if on_it else None


def _named(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"

"""Hot spots: what methods there are, what each finds in one's area, as features, tiles and pictures."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.callers import Asking, Caller, Context, Here
from api.documents import answered
from api.hotspot_questions import Written, box_of, method_of, needs_streets, question_of
from api.hotspot_schemas import HotspotFeatures, MethodList
from api.hotspot_turns import once
from api.hotspot_views import WIDTH_PX, as_csv, as_geojson, as_picture, as_png_tile, as_vector_tile, methods_document
from api.hotspots import Found, Key
from api.languages import preferred
from api.ogc import GEOJSON
from api.routes.tiles import MVT, TILE
from api.routing import Router
from gis_core.mvt import check_tile
from gis_core.validity import local_day
from layers.boxes import Box
from map_ui.heat_pictures import MOST_PX

router = Router(prefix="/api/v1/hotspots", tags=["hotspots"])
CSV, PNG = "text/csv", "image/png"
KEPT_BYTES = 4_000_000
"""A larger document would push out the tiles of many readers; it is written again from the answer."""
KINDS = {"geojson": GEOJSON, "csv": CSV, "png": PNG}
Name = Annotated[str, Path(max_length=40, description="Of a method, as `GET /api/v1/hotspots` lists them.")]
UNCHANGED: dict[int | str, dict[str, Any]] = {204: {"description": "Nothing is there to be shown."}, 304: TILE[304]}
FEATURES: dict[int | str, dict[str, Any]] = {
    200: {"model": HotspotFeatures, "content": {GEOJSON: {}, CSV: {}, PNG: {}}}, **UNCHANGED,
}  # fmt: skip
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {PNG: {}}, "description": "The tile, 256 × 256, on a transparent ground."}, **UNCHANGED,
}  # fmt: skip
Text = str | None


def asked(
    since: Annotated[Text, Query(max_length=10, description="First local day.")] = None,
    until: Annotated[Text, Query(max_length=10, description="Last local day, included; that of the newest report.")] = None,  # noqa: E501
    support: Annotated[Text, Query(max_length=100, description="Units to count by: one of the method's.")] = None,
    per: Annotated[Text, Query(max_length=20, description="What counts are compared with: one of the method's.")] = None,  # noqa: E501
    category: Annotated[Text, Query(max_length=1_000, description="Codes of categories with commas between.")] = None,
    kind: Annotated[Text, Query(max_length=100, description="`component`, `matter` or both.")] = None,
    bandwidth_m: Annotated[float | None, Query(description="Of heat: how far a report spreads.")] = None,
    cell_m: Annotated[float | None, Query(description="Side of the squares of the lattice.")] = None,
    halflife_days: Annotated[float | None, Query(description="Reports so old count half as much.")] = None,
    step_days: Annotated[int | None, Query(description="Length of a step of time.")] = None,
    problems: Annotated[bool, Query(description="Leave out repeats: count problems, not reports.")] = False,
) -> Written:  # fmt: skip
    """A question as the address says it."""
    return Written(since, until, support, per, category, kind, bandwidth_m, cell_m, halflife_days, step_days, None,
                   problems)  # fmt: skip


Asked = Annotated[Written, Depends(asked)]
Bbox = Annotated[
    str | None, Query(max_length=200, description="Features that touch west,south,east,north; the scale stays.")
]
Made = Callable[[Found, Box | None, str], bytes]


@router.get("", summary="Methods of hot spots", responses={200: {"model": MethodList}})
def methods(request: Request, asking: Asking) -> Response:
    """What can be asked for: methods, the units they count by in this city, and what counts may be compared with."""
    asking.sight("see")
    city = asking.present.city
    return answered(methods_document(city, preferred(request) or city.locale))


@router.get("/{method}", summary="What a method finds", responses=FEATURES)
async def hotspots(
    request: Request, context: Here, asking: Asking, method: Name, written: Asked, bbox: Bbox = None,
    f: Annotated[Literal["geojson", "csv", "png"], Query()] = "geojson",
    width: Annotated[int, Query(ge=1, le=MOST_PX, description="Of a picture, pixels.")] = WIDTH_PX,
) -> Response:  # fmt: skip
    """What a method finds in one's area, from the reports there. A box only chooses what is told: classes, rates and
    significance are those of the whole area and period, so that red means the same in every view.
    """
    zone = asking.present.city.zone

    def made(found: Found, box: Box | None, locale: str) -> bytes:
        if f == "csv":
            return as_csv(found, box, zone)
        return as_picture(found, box, width) if f == "png" else as_geojson(found, box, locale)

    return await _answer(request, context, asking, method, written._replace(bbox=bbox), (f, width), KINDS[f], made)


@router.get("/{method}/tiles/{z}/{x}/{y}.pbf", summary="One tile of hot spots", responses=TILE, response_class=Response)
async def vector_tile(
    request: Request, context: Here, asking: Asking, method: Name, written: Asked, z: int, x: int, y: int
) -> Response:
    """Features of a method with its columns, in the layer `hotspots`; 204 when none is there."""
    check_tile(z, x, y)
    tile = partial(_tile, as_vector_tile, (z, x, y))
    return await _answer(request, context, asking, method, written, ("pbf", z, x, y), MVT, tile)


@router.get(
    "/{method}/tiles/{z}/{x}/{y}.png", summary="One picture of hot spots", responses=PICTURE, response_class=Response
)
async def picture_tile(
    request: Request, context: Here, asking: Asking, method: Name, written: Asked, z: int, x: int, y: int
) -> Response:
    """A tile of 256 pixels in Web Mercator; 204 when nothing is there."""
    check_tile(z, x, y)
    tile = partial(_tile, as_png_tile, (z, x, y))
    return await _answer(request, context, asking, method, written, ("png tile", z, x, y), PNG, tile)


def _tile(
    draw: Callable[[Found, int, int, int], bytes], place: tuple[int, int, int], found: Found, *_: object
) -> bytes:
    """A tile of an answer, the same in any box and language."""
    return draw(found, *place)


async def _answer(
    request: Request, context: Context, asking: Caller, method: str, written: Written, view: tuple[object, ...],
    kind: str, make: Made,
) -> Response:  # fmt: skip
    """A view of an answer, made once for a state, a sight and a question; 304 to whoever has it."""
    chosen, sight, now, city = method_of(method), asking.sight("see"), asking.present, asking.present.city
    locale, box = preferred(request) or city.locale, box_of(written.bbox)
    on_streets = needs_streets(chosen, written.support, written.per)
    position = context.hotspots.position(now.position, asking.now)
    state = (now.version, now.revision, position, now.patrolled if on_streets else 0, now.document)
    # What is usual depends on the day, and no day to come may be asked for.
    asked = (method, written._replace(bbox=None), state, sight.key, local_day(asking.now, city.zone))
    key = ("hotspots", asked, written.bbox, view, locale)
    tag = f'"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = context.tiles.get(key)
    if body is None:
        known = partial(_known, context, asked)
        work = partial(_found, context, asking, written, asked, position)
        found, newest = await once(asked, known, work, request.is_disconnected)
        body = await run_in_threadpool(make, found, box, locale)
        if not newest:
            del headers["ETag"]
        elif len(body) <= KEPT_BYTES:
            context.tiles.put(key, body, len(body) + 200)
    return Response(body, 200 if body else 204, headers=headers, media_type=kind if body else None)


def _known(context: Context, asked: Key) -> tuple[Found, bool] | None:
    """The answer that was given before, without a look into the store."""
    found = context.hotspots.of_written(asked)
    return None if found is None else (found, True)


def _found(context: Context, asking: Caller, written: Written, asked: Key, position: int) -> tuple[Found, bool]:
    """The answer, and whether it is of all that is known. What takes long is done when all is read."""
    method, streets, kept = str(asked[0]), None, context.hotspots
    chosen = method_of(method)
    if needs_streets(chosen, written.support, written.per):
        streets = context.patrols.known(context.stores, asking.now)
    with asking.reading() as store:
        question = question_of(store, chosen, written, asking.now, streets)
        key = kept.key(store, method, question, streets, position)
        found = kept.known(key)
        counted = None if found is not None else kept.counted(store, method, question, streets)
    if counted is not None:
        found = kept.keep(key, counted)
    assert found is not None
    # While what is new of patrols is taken in, an answer may be of what was there before; it is asked for again.
    newest = streets is None or streets.position >= asking.present.patrolled
    if newest:
        kept.note(asked, key)
    return found, newest

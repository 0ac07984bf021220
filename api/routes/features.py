"""OGC API – Features: every layer as a collection, for GDAL, QGIS and programs, and as pages for people."""

import datetime as dt
import hashlib
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.callers import Asking, Context, Here
from api.documents import answered, written
from api.languages import preferred
from api.ogc import CONFORMS, GEOJSON, OPENAPI, SCHEMA, collection, description, landing, link, queryables
from api.preconditions import row_tag
from api.proxies import root_of
from api.routing import Router
from api.versions import Version, reading_version
from gis_core.errors import NotFound
from layers import LAYERS
from layers.asking import CRS84, Written, asked, cursor, epsg, systems
from layers.features import MOST_COUNTED, Asked, count, digest_of, extent, feature_number, id_of, page, state_of
from layers.store import Store
from map_ui.listing import listing_page

router = Router(prefix="/ogc", tags=["features"], include_in_schema=False)
MOST, MOST_OFFSET = 10_000, 10_000
Layer = Annotated[str, Path(max_length=40)]
Form = Annotated[Literal["json", "html"] | None, Query()]
Text = Annotated[str | None, Query(max_length=10_000)]
PRIVATE = "private, no-cache"
"""Kept by the reader's own browser only, and asked about each time."""


@router.get("")
@router.get("/")
def first(request: Request, context: Here, asking: Asking, f: Form = None) -> Response:
    """The landing page."""
    root = root_of(request, context.settings.proxies)
    with asking.reading() as store:
        return _told(request, f, landing(root, store.city), store.city.locale)


@router.get("/conformance")
def conformance(request: Request, asking: Asking, f: Form = None) -> Response:
    """What of the standards holds here."""
    asking.sight("see")
    return _told(request, f, {"conformsTo": CONFORMS}, "en")


@router.get("/api")
def api(request: Request, context: Here, asking: Asking) -> Response:
    """The description that GDAL and QGIS read."""
    with asking.reading() as store:
        document = description(root_of(request, context.settings.proxies), store.city)
    answer = answered(document)
    answer.headers["Content-Type"] = OPENAPI
    return answer


@router.get("/collections")
def collections(request: Request, context: Here, asking: Asking, f: Form = None) -> Response:
    """Every layer."""
    root = root_of(request, context.settings.proxies)
    with asking.reading() as store:
        locale = preferred(request) or store.city.locale
        box = extent(store)
        each = [collection(root, layer, store.city, box, locale) for layer in LAYERS]
        document = {"links": [link(f"{root}/ogc/collections", "self")], "crs": list(systems(store.city))}
    return _told(request, f, {**document, "collections": each}, locale)


@router.get("/collections/{layer}")
def one_collection(request: Request, context: Here, asking: Asking, layer: Layer, f: Form = None) -> Response:
    """One layer."""
    root = root_of(request, context.settings.proxies)
    _check(layer)
    with asking.reading() as store:
        locale = preferred(request) or store.city.locale
        document = collection(root, layer, store.city, extent(store), locale)
    return _told(request, f, document, locale)


@router.get("/collections/{layer}/queryables")
def asked_by(request: Request, context: Here, asking: Asking, layer: Layer, f: Form = None) -> Response:
    """What of a layer may be filtered and sorted by."""
    _check(layer)
    asking.sight("see")
    return _told(request, f, queryables(root_of(request, context.settings.proxies), layer), "en", SCHEMA)


@router.get("/collections/{layer}/items")
def items(
    request: Request,
    context: Here,
    asking: Asking,
    layer: Layer,
    limit: Annotated[int, Query(ge=1)] = 100,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    bbox: Text = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs")] = None,
    crs: Text = None,
    datetime: Text = None,
    filter: Text = None,  # noqa: A002 - the standard's name
    filter_lang: Annotated[str | None, Query(alias="filter-lang")] = None,
    filter_crs: Annotated[str | None, Query(alias="filter-crs")] = None,
    sortby: Text = None,
    cursor: Text = None,
    version: Version = None,
    resultType: Annotated[Literal["results", "hits"], Query()] = "results",
    f: Form = None,
) -> Response:
    """Features of a layer in one's area, in pages."""
    _check(layer)
    question = Written(bbox, bbox_crs, crs, datetime, filter, filter_lang, filter_crs, sortby, cursor, offset)
    with reading_version(asking, version) as store:
        state = state_of(store, layer)
        tag = _tag(request, store, state)
        if _unchanged(request, tag):
            return Response(status_code=304, headers={"ETag": tag, "Cache-Control": PRIVATE})
        parsed = asked(question, layer, store.city, postgis=store.is_postgis)
        if resultType == "hits":
            number = count(store, layer, parsed.conditions)
            return answered({"type": "FeatureCollection", "features": [], "numberMatched": number, "numberReturned": 0})
        return _page(request, context, store, layer, parsed, min(limit, MOST), state, tag, f)


def _page(
    request: Request, context: Context, store: Store, layer: str, question: Asked, limit: int, state: str, tag: str,
    form: str | None,
) -> Response:  # fmt: skip
    found = page(store, layer, question, limit)
    root = root_of(request, context.settings.proxies)
    links = [link(f"{root}{_asked(request)}", "self", GEOJSON)]
    if found.after is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("cursor", "offset")]
        following = urlencode([*kept, ("cursor", cursor(found.after))])
        links.append(link(f"{root}{request.url.path}?{following}", "next", GEOJSON))
    head = {
        "links": links,
        "numberReturned": found.count,
        "timeStamp": context.now().astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
        **_matched(context, store, layer, question, found.count, limit, state, request),
    }
    if _wants_html(request, form):
        return _told(request, form, {**head, "features": found.features}, store.city.locale)
    # The features are text already; the rest of the document is put around them.
    body = written({"type": "FeatureCollection", **head})[:-1] + b',"features":[' + found.features.encode() + b"]}"
    return _geojson(body, tag, question.crs)


def _matched(
    context: Context, store: Store, layer: str, question: Asked, returned: int, limit: int, state: str, request: Request
) -> dict[str, int]:
    """How many features fulfil the conditions, as far as that is worth its time: it is optional."""
    if returned < limit and question.after is None and not question.offset:
        return {"numberMatched": returned}
    narrowing = ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")
    asked_for = tuple(request.query_params.get(name) for name in narrowing)
    key = (layer, state, store.scope.sight.key, *asked_for)
    number = context.counts.get(key)
    if number is None:
        number = count(
            store, layer, question.conditions, None if asked_for == (None,) * len(narrowing) else MOST_COUNTED
        )
        context.counts.put(key, number)
    return {} if any(asked_for) and number > MOST_COUNTED else {"numberMatched": number}


@router.get("/collections/{layer}/items/{number}")
def item(
    request: Request,
    context: Here,
    asking: Asking,
    layer: Layer,
    number: Annotated[str, Path(max_length=40)],
    crs: Text = None,
    version: Version = None,
    f: Form = None,
) -> Response:
    """One feature."""
    _check(layer)
    named = [id_of(layer) == feature_number(number)]
    root = root_of(request, context.settings.proxies)
    with reading_version(asking, version) as store:
        tag = row_tag(digest_of(store, layer, named), _tag(request, store, state_of(store, layer)))
        if _unchanged(request, tag):
            return Response(status_code=304, headers={"ETag": tag, "Cache-Control": PRIVATE})
        question = asked(Written(crs=crs), layer, store.city, postgis=store.is_postgis)
        found = page(store, layer, Asked(named, crs=question.crs), 1)
        locale = store.city.locale
    if not found.count:
        raise NotFound("feature_missing", value=number)
    here = f"{root}/ogc/collections/{layer}"
    links = [link(f"{here}/items/{number}", "self", GEOJSON), link(here, "collection")]
    if _wants_html(request, f):
        return _told(request, f, {"links": links, "features": found.features}, locale)
    return _geojson(found.features[:-1].encode() + b"," + written({"links": links})[1:], tag, question.crs)


def _geojson(body: bytes, tag: str, crs: int) -> Response:
    headers = {"ETag": tag, "Cache-Control": PRIVATE, "Content-Crs": f"<{CRS84 if crs == 4326 else epsg(crs)}>"}
    return Response(body, headers=headers, media_type=GEOJSON)


def _unchanged(request: Request, tag: str) -> bool:
    """Whether the reader has it already."""
    return tag in request.headers.get("if-none-match", "")


def _check(layer: str) -> None:
    if layer not in LAYERS:
        raise NotFound("layer_missing", value=layer, expected=", ".join(LAYERS))


def _tag(request: Request, store: Store, state: str) -> str:
    said = (state, store.scope.sight.key, _asked(request), request.headers.get("accept", ""), preferred(request) or "")
    return f'"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"'


def _asked(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _wants_html(request: Request, form: str | None) -> bool:
    return form == "html" or (form is None and "text/html" in request.headers.get("accept", ""))


def _told(
    request: Request, form: str | None, document: dict[str, Any], locale: str, kind: str | None = None
) -> Response:
    """A document for a program, or as a page for a reader."""
    if _wants_html(request, form):
        return HTMLResponse(
            listing_page(document, preferred(request) or locale, request.url.path, assets="/maps/assets")
        )
    answer = answered(document)
    if kind is not None:
        answer.headers["Content-Type"] = kind
    return answer

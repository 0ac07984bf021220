"""Vector tiles of every layer, for maps."""

import hashlib
from typing import Annotated, Any

from fastapi import Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Float, Integer

from api.callers import Asking, Caller, Here
from api.documents import answered
from api.languages import preferred
from api.proxies import root_of
from api.routing import Router
from api.territory_schemas import TileDocument
from gis_core.errors import NotFound
from gis_core.mvt import DEEPEST, check_tile
from layers import LAYERS
from layers.features import extent, properties, state_at
from layers.tiles import DETAIL_ZOOM, SHOWN, tile

router = Router(prefix="/tiles", tags=["tiles"])
MVT = "application/vnd.mapbox-vector-tile"
TILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {MVT: {}}, "description": "The tile."},
    204: {"description": "Nothing of the layer lies in it."},
    304: {"description": "The client has it already."},
}
Layer = Annotated[str, Path(max_length=40)]


@router.get("/{layer}.json", summary="TileJSON of a layer", responses={200: {"model": TileDocument}})
def description(request: Request, context: Here, asking: Asking, layer: Layer) -> Response:
    """What a map must know of a layer's tiles: address, zooms, box and properties."""
    _check(layer)
    root = root_of(request, context.settings.proxies)
    with asking.reading() as store:
        box = extent(store)
        locale = preferred(request) or store.city.locale
    numbers = {name for name, column in properties(layer).items() if isinstance(column.type, Float | Integer)}
    fields = {name: "Number" if name in numbers else "String" for name in SHOWN[layer]} | {"count": "Number"}
    document = {
        "tilejson": "3.0.0",
        "name": LAYERS[layer].title[locale == "zh"],
        "description": f"Features from zoom {DETAIL_ZOOM} on; before, points are counted in a lattice.",
        "tiles": [f"{root}/tiles/{layer}/{{z}}/{{x}}/{{y}}.pbf"],
        "minzoom": 0,
        "maxzoom": DEEPEST,
        "bounds": list(box) if box else [-180, -85, 180, 85],
        "vector_layers": [{"id": layer, "fields": fields}],
    }
    return answered(document)


@router.get("/{layer}/{z}/{x}/{y}.pbf", summary="One tile", responses=TILE, response_class=Response)
async def one_tile(request: Request, context: Here, asking: Asking, layer: Layer, z: int, x: int, y: int) -> Response:
    """A tile of what lies in one's area; 204 when nothing does."""
    _check(layer)
    check_tile(z, x, y)
    key = (layer, state_at(asking.present, layer), asking.sight("see").key, z, x, y)
    tag = f'"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = context.tiles.get(key)
    if found is None:
        found = await run_in_threadpool(_made, asking, layer, z, x, y)
        context.tiles.put(key, found, len(found) + 200)
    return Response(found, 200 if found else 204, headers=headers, media_type=MVT if found else None)


def _made(asking: Caller, layer: str, z: int, x: int, y: int) -> bytes:
    with asking.glancing() as store:
        return tile(store, layer, z, x, y)


def _check(layer: str) -> None:
    if layer not in LAYERS:
        raise NotFound("layer_missing", value=layer, expected=", ".join(LAYERS))

"""OGC API – Features, Part 4: create, replace, update and delete features.

Layers of the territory are changed in a draft, never as they are published; facilities are reference data, of which
each change is a revision.
"""

import hashlib
import json
from typing import Annotated, Any

import pandas as pd
from fastapi import Body, Header, Path, Request, Response

from api.callers import Asking, Caller, Context, Here
from api.documents import answered
from api.drafting import edited, revised
from api.ogc import EDITED, GEOJSON
from api.preconditions import NotEditable, PreconditionFailed, check_match, row_tag
from api.proxies import root_of
from api.routing import Router
from api.schemas import Key
from api.versions import Version, draft_number
from gis_core.errors import InvalidInput, NotFound
from layers import LAYERS
from layers.asking import system
from layers.drafts import DRAFTED, change, look_at
from layers.features import Asked, chosen, digest_of, feature_number, id_of, page
from layers.frames import read_frame
from layers.once import once
from layers.store import Store

router = Router(prefix="/ogc/collections", tags=["features"], include_in_schema=False)
Layer = Annotated[str, Path(max_length=40)]
Number = Annotated[str, Path(max_length=40)]
Feature = Annotated[dict[str, Any], Body(media_type=GEOJSON)]
Crs = Annotated[str | None, Header(alias="Content-Crs", max_length=200)]


@router.post("/{layer}/items", status_code=201)
def create(
    request: Request, context: Here, asking: Asking, layer: Layer, said: Feature, version: Version = None,
    crs: Crs = None, key: Key = None,
) -> Response:  # fmt: skip
    """A new feature."""
    number, now = _target(layer, version), context.now()

    def add() -> int:
        row = edited(store, layer, _feature(said, whole=True), None, _srid(crs, store), whole=True)
        return _keep(store, number, layer, None, row, asking, context)

    with context.stores.publishing(asking.sight("draft")) as store:
        if number is not None:
            look_at(store, number)
        asked = hashlib.sha256(json.dumps([layer, version, crs, said]).encode()).hexdigest()
        feature = once(store.session, asking.user.name, key, asked, now, add)
        return _told(request, context, store, layer, feature, 201)


@router.put("/{layer}/items/{number}")
def replace(
    request: Request, context: Here, asking: Asking, layer: Layer, number: Number, said: Feature,
    version: Version = None, crs: Crs = None,
) -> Response:  # fmt: skip
    """A feature in the place of another; what is not said becomes empty."""
    return _changed(request, context, asking, layer, number, said, version, crs, whole=True)


@router.patch("/{layer}/items/{number}")
def update(
    request: Request, context: Here, asking: Asking, layer: Layer, number: Number, said: Feature,
    version: Version = None, crs: Crs = None,
) -> Response:  # fmt: skip
    """A feature with some properties or its geometry changed, by JSON Merge Patch (RFC 7396)."""
    return _changed(request, context, asking, layer, number, said, version, crs, whole=False)


@router.delete("/{layer}/items/{number}", status_code=204)
def remove(
    request: Request, context: Here, asking: Asking, layer: Layer, number: Number, version: Version = None
) -> Response:
    """A feature no more."""
    draft = _target(layer, version)
    with context.stores.publishing(asking.sight("draft")) as store:
        stored = _stored(request, store, draft, layer, number)
        _keep(store, draft, layer, stored, None, asking, context)
    return Response(status_code=204)


def _changed(
    request: Request, context: Context, asking: Caller, layer: str, number: str, said: dict[str, Any],
    version: str | None, crs: str | None, *, whole: bool,
) -> Response:  # fmt: skip
    draft = _target(layer, version)
    with context.stores.publishing(asking.sight("draft")) as store:
        stored = _stored(request, store, draft, layer, number)
        row = edited(store, layer, _feature(said, whole=whole), stored, _srid(crs, store), whole=whole)
        feature = _keep(store, draft, layer, stored, row, asking, context)
        return _told(request, context, store, layer, feature, 200)


def _target(layer: str, version: str | None) -> int | None:
    """The draft that a layer is changed in; ``None`` for a layer that has none."""
    if layer not in LAYERS:
        raise NotFound("layer_missing", value=layer, expected=", ".join(LAYERS))
    if layer not in EDITED:
        raise NotEditable("layer_not_edited", value=layer, expected=", ".join(EDITED))
    number = draft_number(version)
    if (number is None) == (layer in DRAFTED):
        expected = "version=draft-1" if layer in DRAFTED else "–"
        raise InvalidInput("parameter_invalid", field="version", value=version or "", expected=expected)
    return number


def _stored(request: Request, store: Store, draft: int | None, layer: str, number: str) -> pd.DataFrame:
    """The row that a change is made over, seen by whoever makes it."""
    if draft is not None:
        look_at(store, draft)
    one = [id_of(layer) == feature_number(number)]
    stored = read_frame(store.session, LAYERS[layer], chosen(store, layer, one))
    if not len(stored):
        raise NotFound("feature_missing", value=number)
    check_match(request, stored["digest"].iloc[0])
    return stored


def _keep(
    store: Store, draft: int | None, layer: str, stored: pd.DataFrame | None, row: pd.DataFrame | None,
    asking: Caller, context: Context,
) -> int:  # fmt: skip
    now = context.now()
    if draft is None:
        revised_feature = revised(store, layer, stored, row, now)
        asking.note(store, "feature_changed", f"{layer} {revised_feature}", now)
        return revised_feature
    feature = None if stored is None else int(stored["feature_id"].iloc[0])
    changed = change(store, draft, layer, feature, row, asking.user.name, now)
    assert changed is not None  # only a change that is compared can be none
    return changed


def _feature(said: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    if said.get("type", None if whole else "Feature") != "Feature":
        raise InvalidInput("parameter_invalid", field="type", value=str(said.get("type"))[:100], expected="Feature")
    return said


def _srid(crs: str | None, store: Store) -> int:
    """EPSG code of the coordinates that are sent, as ``Content-Crs`` says."""
    return system(crs and crs.strip("<>"), "Content-Crs", store.city)


def _told(request: Request, context: Context, store: Store, layer: str, feature: int, status: int) -> Response:
    """The feature as it is now, with the tag over which it is changed next."""
    one = [id_of(layer) == feature]
    if not (digest := digest_of(store, layer, one)):
        # The answer to a key was kept, and the feature has been taken away since.
        raise PreconditionFailed("feature_missing", value=feature)
    version = f"?version={request.query_params['version']}" if "version" in request.query_params else ""
    here = f"{root_of(request, context.settings.proxies)}/ogc/collections/{layer}/items/{feature}{version}"
    answer = answered(json.loads(page(store, layer, Asked(one), 1).features), status)
    answer.headers.update({"ETag": row_tag(digest), "Location": here, "Content-Type": GEOJSON})
    return answer

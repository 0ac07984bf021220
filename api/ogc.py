"""The documents of OGC API – Features: links, conformance, collections, queryables and the description for clients."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Float, Integer

from api.contract import PROBLEM, REFUSING
from gis_core.city import City
from layers import LAYERS
from layers.asking import CRS84, systems
from layers.base import Instant, Shape
from layers.drafts import DRAFTED
from layers.features import properties
from layers.frames import table_of

GEOJSON, HTML, OPENAPI = "application/geo+json", "text/html", "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
CONFORMS = [
    *(
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}"
        for part in ("core", "geojson", "oas30", "html")
    ),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    *(
        f"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/{part}"
        for part in ("queryables", "filter", "features-filter")
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/{part}"
        for part in ("create-replace-delete", "update", "optimistic-locking-etags", "features")
    ),
    *(
        f"http://www.opengis.net/spec/cql2/1.0/conf/{part}"
        for part in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
            "basic-spatial-functions", "property-property", "arithmetic",
        )
    ),
]  # fmt: skip
"""What is declared here is tested."""
PARAMETERS: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100},
    "offset": {"type": "integer", "minimum": 0, "maximum": 10_000, "default": 0},
    "bbox": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
    "bbox-crs": {"type": "string", "format": "uri"},
    "crs": {"type": "string", "format": "uri"},
    "datetime": {"type": "string"},
    "filter": {"type": "string"},
    "filter-lang": {"type": "string", "enum": ["cql2-text", "cql-text", "cql2-json"], "default": "cql2-text"},
    "filter-crs": {"type": "string", "format": "uri"},
    "version": {"type": "string"},
    "sortby": {"type": "array", "items": {"type": "string"}},
    "resultType": {"type": "string", "enum": ["results", "hits"], "default": "results"},
}
"""Of a collection's items. GDAL sends filters only where it finds ``cql-text`` in a plain list of languages."""
EDITED = (*DRAFTED, "facilities")
"""Layers whose features are edited, those of the territory in a draft."""
VERSION, IF_MATCH = (
    {"name": name, "in": where, "required": where == "header", "schema": {"type": "string"}}
    for name, where in (("version", "query"), ("If-Match", "header"))
)
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def link(href: str, rel: str, kind: str = "application/json", title: str | None = None) -> dict[str, Any]:
    """One link."""
    return {"href": href, "rel": rel, "type": kind, **({"title": title} if title else {})}


def landing(root: str, city: City) -> dict[str, Any]:
    """The first page."""
    return {
        "title": f"GridWarden {city.name}",
        "links": [
            link(f"{root}/ogc", "self"),
            link(f"{root}/ogc/api", "service-desc", OPENAPI),
            link(f"{root}/ogc/conformance", "conformance"),
            link(f"{root}/ogc/collections", "data"),
        ],
    }


def collection(root: str, layer: str, city: City, box: tuple[float, ...] | None, locale: str) -> dict[str, Any]:
    """One layer as a collection."""
    here = f"{root}/ogc/collections/{layer}"
    spatial = {"spatial": {"bbox": [list(box)], "crs": CRS84}} if box else {}
    return {
        "id": layer,
        "title": LAYERS[layer].title[locale == "zh"],
        "description": (LAYERS[layer].__doc__ or "").strip(),
        "extent": spatial,
        "itemType": "feature",
        "crs": list(systems(city)),
        "storageCrs": CRS84,
        "links": [
            link(here, "self"),
            link(f"{here}/items", "items", GEOJSON),
            link(f"{here}/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", SCHEMA),
        ],
    }


def queryables(root: str, layer: str) -> dict[str, Any]:
    """What of a layer may be filtered and sorted by, as a JSON Schema."""
    names = ("point", "linestring", "multilinestring", "multipolygon")
    shapes = {name.upper(): name for name in names}
    kind = table_of(LAYERS[layer]).c.geom.type
    assert isinstance(kind, Shape)
    found: dict[str, Any] = {
        name: schema for name, column in properties(layer).items() if (schema := _schema(column)) is not None
    }
    return {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": f"{root}/ogc/collections/{layer}/queryables",
        "type": "object",
        "title": LAYERS[layer].title[0],
        "properties": {"geom": {"format": f"geometry-{shapes.get(kind.kind, 'any')}"}, **found},
        "additionalProperties": False,
    }


def _schema(column: Any) -> dict[str, Any] | None:
    kind = column.type
    if isinstance(kind, JSON):
        return None
    if isinstance(kind, Instant):
        return {"type": "string", "format": "date-time"}
    plain: Mapping[type, dict[str, str]] = {
        Date: {"type": "string", "format": "date"}, Boolean: {"type": "boolean"}, Integer: {"type": "integer"},
        Float: {"type": "number"},
    }  # fmt: skip
    found = next((schema for sort, schema in plain.items() if isinstance(kind, sort)), {"type": "string"})
    choices = [one for one in column.info.get("choices", ()) if one]
    return {**found, "enum": choices} if choices else dict(found)


def description(root: str, city: City) -> dict[str, Any]:
    """The OpenAPI 3.0 document, as GDAL and QGIS read it."""
    paths: dict[str, Any] = {
        "/": _get("Landing page"),
        "/conformance": _get("Conformance"),
        "/collections": _get("Layers"),
    }
    for layer in LAYERS:
        here = f"/collections/{layer}"
        items = [
            {"name": name, "in": "query", "required": False, "schema": schema, "style": "form", "explode": False}
            for name, schema in PARAMETERS.items()
        ]
        paths |= {
            here: _get(layer),
            f"{here}/queryables": _get(f"Queryables of {layer}", SCHEMA),
            f"{here}/items": {
                "get": {**_get(f"Features of {layer}", GEOJSON)["get"], "parameters": items},
                **_edits(layer, {"post": "Create"}, [VERSION]),
            },
            f"{here}/items/{{id}}": {
                "get": {**_get(f"One feature of {layer}", GEOJSON)["get"], "parameters": [ID, VERSION]},
                **_edits(layer, {"put": "Replace", "patch": "Update", "delete": "Delete"}, [ID, VERSION, IF_MATCH]),
            },
        }
    return {
        "openapi": "3.0.3",
        "info": {"title": f"GridWarden {city.name}: features", "version": "1"},
        "servers": [{"url": f"{root}/ogc"}],
        "paths": paths,
        "components": {"schemas": {"Problem": PROBLEM}},
    }


def _edits(layer: str, verbs: Mapping[str, str], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """How features of a layer that is edited are changed."""
    if layer not in EDITED:
        return {}
    content = {GEOJSON: {"schema": {"type": "object"}}}
    kinds = {"patch": {**content, "application/merge-patch+json": content[GEOJSON]}}
    status = {"post": "201", "delete": "204"}
    return {
        verb: {
            "summary": f"{word} a feature of {layer}",
            "parameters": parameters,
            "responses": {status.get(verb, "200"): {"description": word}, **REFUSING},
            **({} if verb == "delete" else {"requestBody": {"required": True, "content": kinds.get(verb, content)}}),
        }
        for verb, word in verbs.items()
    }


def _get(summary: str, kind: str = "application/json") -> dict[str, Any]:
    content = {kind: {"schema": {"type": "object"}}}
    return {"get": {"summary": summary, "responses": {"200": {"description": summary, "content": content}, **REFUSING}}}

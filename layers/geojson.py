"""GeoJSON, read as the JSON that it is: no driver is asked, so none can be led elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis_core.errors import InvalidInput
from layers.encodings import detect
from layers.opened import Chunk, object_frame, reading, unreadable

_BETWEEN = " \t\r\n\x1e"
"""What may stand between documents; the last one is the record separator of RFC 8142."""


def read_geojson(path: Path, rows: int) -> Iterator[Chunk]:
    """A GeoJSON file, read whole: a collection, or features one after the other, as in line-delimited GeoJSON.

    Members of ``properties`` are the columns; the ``id`` of features is one where ``properties`` has none.

    Raises
    ------
    InvalidInput
        When it is no JSON, or not of features.
    """
    with path.open("rb") as raw:
        encoding = detect(raw, path.name)
    with reading(path, ValueError, RecursionError):
        documents = list(_documents(path.read_text(encoding=encoding)))
    features = [feature for document in documents for feature in _features(document, path)]
    names = list(dict.fromkeys(name for feature in features for name in feature["properties"]))
    with reading(path, UnicodeEncodeError):
        # JSON can write half a letter, which is no column's name.
        "".join(names).encode()
    crs = _crs(documents[0])
    for start in range(0, max(len(features), 1), rows):
        yield _chunk(features[start : start + rows], names, start + 1, crs)


def _chunk(features: list[dict[str, Any]], names: list[str], first: int, crs: str | None) -> Chunk:
    frame = object_frame(
        {name: [feature["properties"].get(name) for feature in features] for name in names}, len(features)
    )
    given = [feature.get("geometry") is not None for feature in features]
    written = [json.dumps(feature["geometry"]) if has else None for feature, has in zip(features, given, strict=True)]
    shapes = shapely.from_geojson(np.array(written, dtype=object), on_invalid="ignore")
    row = np.arange(first, first + len(features), dtype=np.int64)
    return Chunk(frame, row, shapes, crs, unreadable(shapes, given))


def _documents(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    text = text.strip(_BETWEEN)
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        yield document
        while at < len(text) and text[at] in _BETWEEN:
            at += 1


def _features(document: Any, path: Path) -> Iterator[dict[str, Any]]:
    kind = document.get("type") if isinstance(document, dict) else type(document).__name__
    features = [document] if kind == "Feature" else document.get("features") if kind == "FeatureCollection" else None
    if not isinstance(features, list):
        raise InvalidInput("geojson_kind", file=path.name, found=kind)
    for feature in features:
        properties = (feature.get("properties") or {}) if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise InvalidInput("geojson_kind", file=path.name, found=type(feature).__name__)
        identity = {"id": feature["id"]} if "id" in feature else {}
        yield {"geometry": feature.get("geometry"), "properties": identity | properties}


def _crs(document: dict[str, Any]) -> str | None:
    """The coordinate system of files older than RFC 7946, which knows longitude and latitude only."""
    try:
        return str(document["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        return None

"""Shapes of strangers' files as ours: found, brought to EPSG:4326, in one form, repaired where that changes nothing."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis_core.crs import check_datum, project, readable, shapes_to_wgs84, to_wgs84
from gis_core.errors import InvalidInput
from layers.base import LINES_OR_AREAS
from layers.faults import Faults
from layers.opened import Chunk
from layers.values import Objects, given, numbers, texts

LON_NAMES = ("lon", "lng", "long", "longitude", "x", "经度", "經度")
LAT_NAMES = ("lat", "latitude", "y", "纬度", "緯度")
WKT_NAMES = ("wkt", "geometry", "geom")
REPAIR_M2 = 1.0
"""An invalid polygon is repaired where that moves less area than this."""

_POINT, _LINE, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON = 0, 1, 3, 4, 5, 6
_ALLOWED = {
    "POINT": (_POINT,),
    "MULTILINESTRING": (_MULTILINE,),
    "MULTIPOLYGON": (_MULTIPOLYGON,),
    LINES_OR_AREAS: (_MULTILINE, _MULTIPOLYGON),
    "GEOMETRY": (_POINT, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON),
}


def position_columns(named: Mapping[str, str], chunk: Chunk) -> tuple[str, ...]:
    """The columns in which positions are written: one of WKT, or longitude and latitude; none where shapes are read.

    Parameters
    ----------
    named
        What the mapping says, ``lon`` and ``lat`` or ``wkt`` to column; it goes before the file's own geometry.
    """
    if "wkt" in named:
        return (named["wkt"],)
    if {"lon", "lat"} <= named.keys():
        return named["lon"], named["lat"]
    if chunk.shapes is not None:
        return ()
    there = {name.lower(): name for name in reversed(list(chunk.frame))}
    if wkt := next((there[name] for name in WKT_NAMES if name in there), None):
        return (wkt,)
    lon, lat = (next((there[name] for name in names if name in there), None) for names in (LON_NAMES, LAT_NAMES))
    return (lon, lat) if lon and lat else ()


def read_shapes(chunk: Chunk, columns: tuple[str, ...]) -> tuple[Objects, Objects]:
    """Shapes as they are written, None where there is none, and what could not be read as one.

    Parameters
    ----------
    columns
        As :func:`position_columns` finds them.
    """
    if not columns:
        shapes = chunk.shapes if chunk.shapes is not None else np.full(len(chunk.frame), None, dtype=object)
        return shapes, np.full(len(shapes), None, dtype=object)
    written = [texts(chunk.frame[name]) for name in columns]
    if len(columns) == 1:
        shapes = shapely.from_wkt(written[0], on_invalid="ignore")
        shown = np.array([text and text[:60] for text in written[0]], dtype=object)
    else:
        shapes = _points(np.column_stack([numbers(text)[0] for text in written]))
        shown = np.array(
            [f"{lon or ''} {lat or ''}".strip() or None for lon, lat in zip(*written, strict=True)], object
        )
    shown[~shapely.is_missing(shapes)] = None
    return shapes, shown


@lru_cache(maxsize=64)
def declared_datum(crs: str, file: str) -> str | None:
    """The datum that a file's declared coordinate system means.

    WGS 84 and CGCS2000 degrees mean nothing: programs write that into every file, shifted coordinates or not.

    Raises
    ------
    InvalidInput
        When it is no system PROJ knows, or has no EPSG code.
    """
    try:
        known = CRS.from_user_input(crs).to_2d()
    except CRSError:
        raise InvalidInput("crs_unknown", file=file, found=crs[:60]) from None
    code = known.to_epsg()
    if known.is_geographic and code in (None, 4326, 4490):
        return None
    if code is None:
        raise InvalidInput("crs_unknown", file=file, found=known.name)
    return check_datum(f"EPSG:{code}")


def shaped(raw: Objects, datum: str, kind: str, srid: int, faults: Faults) -> Objects:
    """Shapes in EPSG:4326, two-dimensional, of the form a column holds; what cannot be is a fault.

    Parameters
    ----------
    raw
        Shapes in ``datum``; None is left alone.
    kind
        ``POINT``, ``MULTILINESTRING``, ``MULTIPOLYGON``, :data:`layers.base.LINES_OR_AREAS` or ``GEOMETRY``.
        Single parts become multi-part and the other way round for points; lines that join are joined.
    srid
        The city's metric CRS, in which repairs are measured.
    """
    faults.add(shapely.is_empty(raw), "geometry_empty")
    shapes = _one_form(shapes_to_wgs84(shapely.force_2d(raw), datum))
    there = ~shapely.is_missing(shapes)
    expected = " / ".join(shapely.GeometryType(one).name for one in _ALLOWED[kind])
    found = np.array([shape and shape.geom_type for shape in shapes], dtype=object)
    allowed = np.isin(shapely.get_type_id(shapes), _ALLOWED[kind])
    faults.add(there & ~allowed, "geometry_kind", found=found, expected=expected)
    x_min, y_min, x_max, y_max = shapely.bounds(shapes).reshape(-1, 4).T
    least, most = np.column_stack([x_min, y_min]), np.column_stack([x_max, y_max])
    beyond = there & ~(readable(least) & readable(most))
    swapped = readable(least[:, ::-1]) & readable(most[:, ::-1])
    faults.add(beyond & swapped, "geometry_swapped", x=x_min, y=y_min)
    faults.add(beyond, "geometry_not_degrees", x=x_min, y=y_min, datum=datum)
    return _repaired(shapes, srid, faults)


def measures(shapes: Objects, srid: int) -> dict[str, "NDArray[np.float64]"]:
    """``area_m2`` and ``length_m`` of shapes in EPSG:4326, NaN where there is nothing to measure."""
    metric = project(shapes, srid)
    kinds = shapely.get_type_id(shapes)
    return {
        "area_m2": np.where(kinds == _MULTIPOLYGON, shapely.area(metric), np.nan),
        "length_m": np.where(kinds == _MULTILINE, shapely.length(metric), np.nan),
    }


def raw_positions(chunk: Chunk, columns: tuple[str, ...], datum: str, faults: Faults) -> dict[str, Any]:
    """Positions of points as given and in degrees: ``raw_x``, ``raw_y``, ``datum``, ``lon``, ``lat``.

    Parameters
    ----------
    columns
        As :func:`position_columns` finds them.
    """
    if len(columns) == 2:
        raw = np.column_stack([numbers(texts(chunk.frame[name]))[0] for name in columns])
    else:
        points = _single_points(read_shapes(chunk, columns)[0], faults)
        raw = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    there = np.isfinite(raw).all(axis=1)
    raw[~there] = np.nan
    lonlat = raw.copy()
    lonlat[there] = to_wgs84(raw[there], datum)
    return {
        "raw_x": raw[:, 0],
        "raw_y": raw[:, 1],
        "datum": np.full(len(raw), datum, dtype=object),
        "lon": lonlat[:, 0],
        "lat": lonlat[:, 1],
    }


def _points(xy: "NDArray[np.float64]") -> Objects:
    """Points, None where a coordinate is missing."""
    points = np.full(len(xy), None, dtype=object)
    finite = np.isfinite(xy).all(axis=1)
    points[finite] = shapely.points(xy[finite])
    return points


def _single_points(raw: Objects, faults: Faults) -> Objects:
    """Points, a single-part MultiPoint being one; other shapes are a fault and left out."""
    shapes = _one_form(np.asarray(shapely.force_2d(raw), dtype=object))
    point = shapely.get_type_id(shapes) == _POINT
    found = np.array([shape and shape.geom_type for shape in shapes], dtype=object)
    faults.add(given(shapes) & ~point, "geometry_kind", found=found, expected="POINT")
    shapes[~point] = None
    return shapes


def _one_form(shapes: Objects) -> Objects:
    """Polygons and lines as multi-part shapes, lines joined where they join, a point alone as a point."""
    formed, kinds = shapes.copy(), shapely.get_type_id(shapes)
    one_part = shapely.get_num_geometries(shapes) == 1
    single_point = (kinds == _MULTIPOINT) & one_part
    formed[single_point] = shapely.get_geometry(shapes[single_point], 0)
    formed[kinds == _POLYGON] = shapely.multipolygons(shapes[kinds == _POLYGON][:, None])
    joined = shapely.line_merge(shapes[kinds == _MULTILINE])
    lines = formed.copy()
    lines[kinds == _MULTILINE] = joined
    whole = shapely.get_type_id(lines) == _LINE
    formed[whole] = shapely.multilinestrings(lines[whole][:, None])
    return formed


def _repaired(shapes: Objects, srid: int, faults: Faults) -> Objects:
    rows = np.flatnonzero(faults.clear & ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes))
    if not len(rows):
        return shapes
    mended = np.array([_polygonal(shape) for shape in shapely.make_valid(shapes[rows])], dtype=object)
    moved = np.abs(shapely.area(project(mended, srid)) - shapely.area(project(shapes[rows], srid)))
    polygons = shapely.get_type_id(shapes[rows]) == _MULTIPOLYGON
    fits = polygons & (moved < REPAIR_M2) & ~shapely.is_empty(mended)
    wrong, reason, amount = np.zeros(len(shapes), bool), shapely.is_valid_reason(shapes), np.full(len(shapes), np.nan)
    wrong[rows[~fits]] = True
    amount[rows] = moved
    faults.add(wrong, "geometry_invalid", found=reason, amount_m2=amount, most_m2=REPAIR_M2)
    repaired = shapes.copy()
    repaired[rows[fits]] = mended[fits]
    return repaired


def _polygonal(shape: shapely.Geometry) -> shapely.MultiPolygon:
    parts = shapely.get_parts(shapely.get_parts([shape]))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])

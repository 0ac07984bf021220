"""Streets, shops and walls drawn by hand in metres around a corner, and the strips that come of them."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis_core.crs import project, shapes_to_wgs84
from gis_core.frontage.kerbside import Kerbside
from gis_core.frontage.rules import StripRules
from gis_core.frontage.strips import Strips, strips

SRID = 4545
CORNER = np.array([500_000.0, 2_500_000.0])
Drawn = list[tuple[float, float]]
AROUND: dict[str, tuple[Drawn, float, float]] = {
    "South": ([(-50, -5), (150, -5)], 10, 3), "North": ([(-50, 105), (150, 105)], 10, 3),
    "West": ([(-5, -50), (-5, 150)], 10, 3), "East": ([(105, -50), (105, 150)], 10, 3),
}  # fmt: skip
"""Four streets of ten metres with footways around a block from 0 to 100: where, how wide, with which footway."""
GROUND = shapely.box(-50, -50, 150, 150)


def geographic(shapes: Any) -> Any:
    """Shapes in metres from the corner, in degrees."""
    moved = shapely.transform(np.array([*shapes], dtype=object), lambda xy: xy + CORNER)
    return shapes_to_wgs84(moved, f"EPSG:{SRID}")


def metric(shapes: Any) -> Any:
    """Shapes in degrees, in metres from the corner."""
    return shapely.transform(project(np.asarray(shapes, dtype=object), SRID), lambda xy: xy - CORNER)


def kerbside(
    streets: dict[str, tuple[Drawn, float | None, float | None]], ground: Any = GROUND, **rules: Any
) -> Kerbside:
    """Streets by code, which is their name as well."""
    lines, widths, footways = zip(*streets.values(), strict=True)
    frame = {"code": list(streets), "name": list(streets), "class": "branch", "width_m": widths, "footway_m": footways}
    shapes = geographic([shapely.LineString(line) for line in lines])
    (area,) = geographic([ground])
    return Kerbside(gpd.GeoDataFrame(frame, geometry=shapes, crs=4326), area, SRID, StripRules(**rules))


def shops(streets: dict[str, str] | None = None, **drawn: Any) -> gpd.GeoDataFrame:
    """Shops by code: two or more places are a front, one is a point."""
    shapes = [shapely.LineString(one) if isinstance(one, list) else shapely.Point(one) for one in drawn.values()]
    named = [(streets or {}).get(code) for code in drawn]
    return gpd.GeoDataFrame({"code": list(drawn), "street": named}, geometry=geographic(shapes), crs=4326)


def drawn(found: Strips) -> gpd.GeoDataFrame:
    """Strips by code, in metres from the corner."""
    rows = found.strips.set_index("code")
    return gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=metric(rows.geometry.to_numpy()))


def sound(found: Strips) -> Strips:
    """The same, if nothing overlaps and nothing is open."""
    rows, over = found.strips, set(found.unplaced["shop"][found.unplaced["reason"] == "built_over"])
    shapes = metric(rows.geometry.to_numpy())
    assert shapely.is_valid(shapes).all() and rows["code"].is_unique
    empty = shapely.is_empty(shapes)
    assert {shop for mine in rows["shops"][empty] for shop in mine} == over and (rows["kind"][empty] != "blank").all()
    return found


def made(side: Kerbside, these: gpd.GeoDataFrame, walls: Any = None) -> Strips:
    """Strips, checked to be sound."""
    return sound(strips(side, these, None if walls is None else geographic(walls)))

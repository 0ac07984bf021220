"""Stated bounds (四至): whether the streets that a cell is said to end at lie where it ends."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Floats, Ints, Objects, codes_of, missing, shapes_of
from gis_core.city import City
from gis_core.crs import project, shapes_to_wgs84
from gis_core.references import FINDING_COLUMNS
from gis_core.topology import check_grids
from gis_core.validity import on_day

SIDES = ("east", "north", "west", "south")
NEAR_M = 30.0
"""A border in the middle of a wide street, or along its wall, is at the street."""
LEAST_SHARE = 0.5
"""A side is at its street where this much of it is near."""
PIECE_M = 20.0


def check_territory(grids: gpd.GeoDataFrame, streets: pd.DataFrame, city: City, day: int) -> gpd.GeoDataFrame:
    """What :func:`gis_core.topology.check_grids` and :func:`check_bounds` find, one below the other."""
    found = [check_grids(grids, city, day), check_bounds(grids, streets, city, day)]
    some = [one for one in found if len(one)] or found[:1]
    return gpd.GeoDataFrame(pd.concat(some, ignore_index=True), geometry="geometry", crs=4326)


def check_bounds(grids: gpd.GeoDataFrame, streets: pd.DataFrame, city: City, day: int) -> gpd.GeoDataFrame:
    """Sides of cells that do not run where they are said to.

    Parameters
    ----------
    grids
        ``code``, ``level``, ``geometry`` in EPSG:4326, and ``bound_north`` … : code or name of the street that a cell
        ends at on that side.
    streets
        ``code``, ``name``, ``geometry`` in EPSG:4326.
    day
        Days since 1970: cells and streets that hold then.

    Returns
    -------
    findings
        Columns :data:`gis_core.references.FINDING_COLUMNS` and ``geometry``, the side in EPSG:4326, all warnings:
        ``bound_unknown`` (no street of the name) and ``bound_differs``, of whose side only ``amount`` percent is within
        :data:`NEAR_M` of the street; ``other`` says side and street.
    """
    cells = grids[on_day(grids, day)].reset_index(drop=True) if len(grids) else grids
    stated = {side: codes_of(cells, f"bound_{side}") for side in SIDES}
    said = [(nth, side) for nth, side in enumerate(SIDES) if (~missing(stated[side])).any()]
    nothing = gpd.GeoDataFrame(columns=[*FINDING_COLUMNS, "geometry"], geometry="geometry", crs=4326)
    if not said:
        return nothing
    known = _by_name(streets[on_day(streets, day)] if len(streets) else streets, city.metric_srid)
    cell, side, line = _sides(project(shapes_of(cells), city.metric_srid))
    found = []
    for nth, name in said:
        named = ~missing(stated[name])[cell] & (side == nth)
        mine, wanted = cell[named], stated[name][cell[named]]
        near = shapely.distance(line[named], np.array([known.get(one) for one in wanted], dtype=object)) <= NEAR_M
        length = shapely.length(line[named])
        rows = pd.DataFrame({"cell": mine, "street": wanted, "length": length, "near": np.where(near, length, 0.0)})
        shares = rows.groupby(["cell", "street"], sort=True)[["length", "near"]].sum().reset_index()
        shares["share"] = shares["near"] / shares["length"]
        pieces = pd.Series(line[named]).groupby(mine).agg(lambda parts: shapely.union_all(parts.to_numpy()))
        off = shares[shares["share"] < LEAST_SHARE].itertuples()
        found += [_finding(cells, row, name, pieces[row.cell], row.street in known) for row in off]
    if not found:
        return nothing
    rows = pd.DataFrame(found, columns=[*FINDING_COLUMNS, "geometry"])
    shapes = shapes_to_wgs84(rows["geometry"].to_numpy(object), f"EPSG:{city.metric_srid}")
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes))
    return gpd.GeoDataFrame(rows.assign(lon=middle[:, 0], lat=middle[:, 1]), geometry=shapes, crs=4326)


def _by_name(streets: pd.DataFrame, srid: int) -> Mapping[str, shapely.Geometry]:
    """Streets by code and by name, in metres, all of a name as one."""
    lines = project(shapes_of(streets), srid)
    named = pd.concat([pd.Series(lines, index=codes_of(streets, column), dtype=object) for column in ("name", "code")])
    named = named[[bool(one) for one in named.index]]
    together = named.groupby(level=0).agg(lambda parts: shapely.union_all(parts.to_numpy()))
    return dict(together.items())


def _sides(polygons: Objects) -> tuple[Ints, Ints, Objects]:
    """The outline of polygons in short pieces: polygon, position in :data:`SIDES` of where each faces, and line."""
    parts, cell = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings = shapely.segmentize(shapely.get_exterior_ring(parts), PIECE_M)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    start, end, ring = xy[:-1][inside], xy[1:][inside], ring[:-1][inside]
    return cell[ring], _facing(end - start), shapely.linestrings(np.stack([start, end], axis=1))


def _facing(step: Floats) -> Ints:
    """Where the outside lies, of pieces that have their polygon to the left."""
    outward = np.arctan2(-step[:, 0], step[:, 1])
    return np.rint(outward / (np.pi / 2)).astype(np.int64) % len(SIDES)


def _finding(cells: pd.DataFrame, row: object, side: str, shape: shapely.Geometry, known: bool) -> dict[str, object]:
    told = {"check": "bound_differs" if known else "bound_unknown", "severity": "warning", "layer": "grids"}
    told |= {"level": cells["level"].iloc[row.cell], "code": cells["code"].iloc[row.cell]}  # type: ignore[attr-defined]
    told |= {"other": f"{side} {row.street}", "geometry": shape}  # type: ignore[attr-defined]
    return told | ({"amount": round(100 * row.share), "unit": "%"} if known else {})  # type: ignore[attr-defined]

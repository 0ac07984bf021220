"""Stated bounds (四至): whether the streets that a cell is said to end at lie where it ends."""

import re
from collections.abc import Collection, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Floats, Ints, Objects, codes_of, numbers_of, shapes_of
from gis_core.city import City
from gis_core.crs import project, shapes_to_wgs84
from gis_core.references import FINDING_COLUMNS
from gis_core.topology import check_grids
from gis_core.validity import on_day

SIDES = ("east", "north", "west", "south")
FACING = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
"""Where each side faces."""
NEAR_M = 30.0
"""A border in the middle of a street or along its wall is at the street; at one wider than that up to its wall."""
LEAST_SHARE = 0.5
"""A side is at its street where this much of it is near."""
PIECE_M = 20.0
BETWEEN = re.compile("[、，,;；/]")
AND = re.compile("[和及与]")
BEFORE = re.compile("^[东南西北]?[至到以临邻起]")
AFTER = re.compile(
    "(为界|中心线|道路中线|中线|道路红线|红线|边线|道路|以[东南西北]|[东南西北]侧|（[^（）]*）|\\([^()]*\\))+$"
)
"""How papers write around a street's name."""
ENDINGS = ("路", "街", "道", "巷", "弄", "胡同")
"""With one of these a name is taken for a street's, and so is any in Latin letters."""


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
        ``code``, ``level``, ``geometry`` in EPSG:4326, and ``bound_north`` … : the streets that a cell ends at on that
        side, by code or name, as papers write them (至人民路, 以中山路、解放路为界).
    streets
        ``code``, ``name``, ``width_m``, ``footway_m``, ``geometry`` in EPSG:4326.
    day
        Days since 1970: cells and streets that hold then.

    Returns
    -------
    findings
        Columns :data:`gis_core.references.FINDING_COLUMNS` and ``geometry``, the side in EPSG:4326, all warnings:
        ``bound_unknown`` (no street of the name ``other``) and ``bound_north`` …, of whose side only ``amount`` percent
        is at the streets ``other``. What is no street, such as a river, is not compared.
    """
    cells = grids[on_day(grids, day)].reset_index(drop=True) if len(grids) else grids
    known = _by_name(streets[on_day(streets, day)] if len(streets) else streets, city.metric_srid)
    stated = [
        (cell, side, name)
        for side in SIDES
        for cell, said in enumerate(codes_of(cells, f"bound_{side}").tolist())
        if said
        for name in named_in(said, known)
    ]
    if not stated:
        return gpd.GeoDataFrame(columns=[*FINDING_COLUMNS, "geometry"], geometry="geometry", crs=4326)
    said = pd.DataFrame(stated, columns=["cell", "side", "street"])
    there = said["street"].isin(known)
    unknown = said[~there & said["street"].map(lambda one: one.endswith(ENDINGS) or one.isascii())]
    rows = pd.concat(
        [_differing(cells, said[there], known, city.metric_srid), _unknown(cells, unknown, city.metric_srid)]
    )
    shapes = shapes_to_wgs84(rows["geometry"].to_numpy(object), f"EPSG:{city.metric_srid}")
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)
    cell = rows["cell"].to_numpy(np.int64)
    named = {name: codes_of(cells, name)[cell] for name in ("level", "code")}
    told = rows.assign(severity="warning", layer="grids", lon=middle[:, 0], lat=middle[:, 1], **named)
    return gpd.GeoDataFrame(told[list(FINDING_COLUMNS)].reset_index(drop=True), geometry=shapes, crs=4326)


def named_in(stated: str, known: Collection[str]) -> list[str]:
    """The streets that a stated bound names: as it is where it is one, else without the words around it."""
    return [name for part in BETWEEN.split(stated) if part.strip() for name in _names(part.strip(), known)]


def _names(part: str, known: Collection[str]) -> list[str]:
    """A part of a stated bound as streets: the first way to read it that gives known ones."""
    plain = [part, AFTER.sub("", part), BEFORE.sub("", part), AFTER.sub("", BEFORE.sub("", part))]
    for one in map(str.strip, plain):
        if one in known:
            return [one]
        for cut in AND.finditer(one):
            both = [one[: cut.start()].strip(), one[cut.end() :].strip()]
            if all(name in known for name in both):
                return both
    return [plain[-1].strip()] if plain[-1].strip() else []


def _differing(
    cells: pd.DataFrame, said: pd.DataFrame, known: Mapping[str, tuple[shapely.Geometry, float]], srid: int
) -> pd.DataFrame:
    """Sides of which less than the least share is at the streets they are said to end at. How much of a side a piece of
    outline is follows from how far it faces there, so that a cell may be turned by any angle.
    """
    cell, outward, line = _outline(project(shapes_of(cells), srid))
    found = []
    for nth, side in enumerate(SIDES):
        weight = outward @ FACING[nth]
        mine = np.flatnonzero((weight > 0) & np.isin(cell, said.loc[said["side"] == side, "cell"]))
        pairs = pd.DataFrame({"piece": mine, "cell": cell[mine]}).merge(said[said["side"] == side], on="cell")
        shape, reach = (np.array([known[one][at] for one in pairs["street"]], dtype=object) for at in (0, 1))
        near = shapely.distance(line[pairs["piece"]], shape) <= reach.astype(np.float64)
        at_street = pairs.assign(near=near).groupby("piece")["near"].any().reindex(mine, fill_value=False)
        rows = pd.DataFrame({"cell": cell[mine], "weight": weight[mine], "near": weight[mine] * at_street.to_numpy()})
        sums = rows.groupby("cell")[["weight", "near"]].sum()
        share = sums["near"] / sums["weight"]
        for one, least in share[share < LEAST_SHARE].items():
            here = mine[cell[mine] == one]
            turned = weight[here] / shapely.length(line[here])
            facing = here[turned >= min(0.5, turned.max())]
            names = said.loc[(said["cell"] == one) & (said["side"] == side), "street"]
            found.append(
                (f"bound_{side}", one, "、".join(names), round(100 * least), "%", shapely.union_all(line[facing]))
            )
    return pd.DataFrame(found, columns=["check", "cell", "other", "amount", "unit", "geometry"])


def _unknown(cells: pd.DataFrame, said: pd.DataFrame, srid: int) -> pd.DataFrame:
    shapes = shapely.boundary(project(shapes_of(cells)[said["cell"]], srid))
    return pd.DataFrame({"check": "bound_unknown", "cell": said["cell"].to_numpy(), "other": said["street"].to_numpy(),
                         "amount": np.nan, "unit": None, "geometry": shapes})  # fmt: skip


def _by_name(streets: pd.DataFrame, srid: int) -> Mapping[str, tuple[shapely.Geometry, float]]:
    """Streets by code and by name, in metres, all of a name as one; and how near to it is at it."""
    width, footway = (np.nan_to_num(numbers_of(streets, name)) for name in ("width_m", "footway_m"))
    rows = pd.DataFrame(
        {"line": project(shapes_of(streets), srid), "reach": np.maximum(NEAR_M, width / 2 + footway + 10)}
    )
    named = pd.concat([rows.assign(name=codes_of(streets, column)) for column in ("name", "code")])
    together = named[named["name"].astype(bool)].groupby("name")
    lines = together["line"].agg(lambda parts: shapely.union_all(parts.to_numpy()))
    return dict(zip(lines.index, zip(lines, together["reach"].max(), strict=True), strict=True))


def _outline(polygons: Objects) -> tuple[Ints, Floats, Objects]:
    """The outline of polygons in short pieces: polygon, outward direction times length, and line."""
    parts, cell = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings = shapely.segmentize(shapely.get_exterior_ring(parts), PIECE_M)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    start, end, ring = xy[:-1][inside], xy[1:][inside], ring[:-1][inside]
    east, north = (end - start).T
    # Of pieces that have their polygon to the left.
    return cell[ring], np.column_stack([north, -east]), shapely.linestrings(np.stack([start, end], axis=1))

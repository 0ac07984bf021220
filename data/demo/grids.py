"""The five grid levels on the blocks: codes, names, organisations and outlines."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.demo.blocks import Blocks
from data.demo.city import CITY, COUNTY_PREFIX, generator, layer, lonlat, names
from data.demo.names import Stems
from gis_core.arrays import Ints, Objects
from gis_core.crs import project

Codes = dict[str, Objects]
"""Per level name: code of the cell that each unit grid lies in, shape (units,)."""

_TITLES = {
    "district": ("{}区", "{} District"),
    "subdistrict": ("{}街道", "{} Subdistrict"),
    "community": ("{}社区", "{} Community"),
    "responsibility": ("{}第{}责任网格", "{} responsibility grid {}"),
    "unit": ("{}{}单元", "{} unit {}"),
}


def number(blocks: Blocks) -> Codes:
    """Number the cells of every level within the cell above, from the north-west row by row."""
    row, column = blocks.row_column
    code = np.full(len(row), COUNTY_PREFIX, dtype=object)
    codes: Codes = {}
    spans = zip(CITY.levels, (2, 3, 3), blocks.row_group, blocks.column_group, strict=False)
    for level, digits, rows, columns in spans:
        codes[level.name] = code = _numbered(code, rows[row] * len(columns) + columns[column], digits)
    codes["responsibility"] = _numbered(code, _patch(code, row, column), 2)
    codes["unit"] = _numbered(code, np.arange(len(row)), 3)
    return codes


def grids(blocks: Blocks, codes: Codes, seed: int) -> gpd.GeoDataFrame:
    """Cells of the five levels.

    Returns
    -------
    grids
        Columns of the grid table, levels from the top down, each ordered by code; MultiPolygons in EPSG:4326.
    """
    stems = Stems(generator(seed, "grid names"))
    shapes = _outlines(blocks.rings(blocks.land))
    pools = _pools(blocks, codes["district"])
    called: dict[str, tuple[str, str]] = {}
    parts = []
    for depth, level in enumerate(CITY.levels):
        members = pd.Series(codes[level.name]).groupby(codes[level.name], sort=True).indices
        dissolved = [
            shapely.coverage_union_all(np.concatenate([shapes[rows], pools.get(code, shapes[:0]) if not depth else []]))
            for code, rows in members.items()
        ]
        first = np.array([rows[0] for rows in members.values()])
        code = np.array(list(members), dtype=object)
        parent = codes[CITY.levels[depth - 1].name][first] if depth else np.full(len(code), None, dtype=object)
        called.update(_called(level.name, code, parent, called, stems))
        community = codes["community"][first] if depth > 2 else code
        parts.append(_level(level.name, parent, community, called, code, multipolygons(dissolved)))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=4326)


def multipolygons(shapes: list[shapely.Geometry]) -> Objects:
    """The same polygons, all of them MultiPolygons."""
    many = [shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape]) for shape in shapes]
    return np.array(many, dtype=object)


def organisation(code: str) -> str:
    """Party code of the district command, subdistrict office or community committee of a cell."""
    return f"U{code}"


def _level(
    name: str, parent: Objects, community: Objects, called: dict[str, tuple[str, str]], code: Objects, shapes: Objects
) -> gpd.GeoDataFrame:
    chinese = np.array([called[one][0] for one in code], dtype=object)
    english = np.array([called[one][1] for one in code], dtype=object)
    area_m2 = shapely.area(project(shapes, CITY.metric_srid)).round(1)
    columns = {
        "code": code,
        "name": chinese,
        "names": names(chinese, english),
        "level": name,
        "parent": parent,
        "organisation": [organisation(one) for one in community],
        "grade": [f"{1 + int(one[-1]) % 3}" if name == "unit" else None for one in code],
        "stated_area_m2": area_m2.round(),
        "area_m2": area_m2,
    }
    return layer(columns, shapes)


def _called(
    level: str, code: Objects, parent: Objects, called: dict[str, tuple[str, str]], stems: Stems
) -> dict[str, tuple[str, str]]:
    """Chinese and English name of each cell: a stem of its own, or its community's name and its number."""
    chinese, english = _TITLES[level]
    if level in ("responsibility", "unit"):
        community = [one[:12] for one in code]
        return {
            one: (
                chinese.format(called[above][0], int(one[12:]) if level == "responsibility" else one[12:]),
                english.format(called[above][1], int(one[12:])),
            )
            for one, above in zip(code, community, strict=True)
        }
    stem = zip(*stems.take(len(code)), strict=True)
    return {one: (chinese.format(zh), english.format(en)) for one, (zh, en) in zip(code, stem, strict=True)}


def _outlines(rings: "np.typing.NDArray[np.float64]") -> Objects:
    shapes: Objects = shapely.polygons(lonlat(rings.reshape(-1, 2)).reshape(rings.shape))
    return shapes


def _pools(blocks: Blocks, district: Objects) -> dict[str, Objects]:
    """The water of each district: it lies in the district and in no cell below."""
    row, column = blocks.row_column
    rows, columns = blocks.row_group[0], blocks.column_group[0]
    owner = dict(zip(zip(rows[row], columns[column], strict=True), district, strict=True))
    wet_row, wet_column = np.nonzero(blocks.water)
    owners = pd.Series([owner[key] for key in zip(rows[wet_row], columns[wet_column], strict=True)], dtype=object)
    shapes = _outlines(blocks.rings(blocks.water))
    return {str(code): shapes[where] for code, where in owners.groupby(owners).indices.items()}


def _patch(community: Objects, row: Ints, column: Ints) -> Ints:
    """Within its community: which responsibility grid of two columns and two or three rows a unit grid is in."""
    frame = pd.DataFrame({"row": row, "column": column})
    by = frame.groupby(community)
    south = frame["row"] - by["row"].transform("min")
    east = frame["column"] - by["column"].transform("min")
    high = by["row"].transform("max") - by["row"].transform("min") + 1
    bands = np.maximum(1, np.rint(high / 2.5)).astype(np.int64)
    patch: Ints = (south * bands // high * 1000 + east // 2).to_numpy()
    return patch


def _numbered(parent: Objects, label: Ints, digits: int) -> Objects:
    """Codes under ``parent``, numbered from 1 in the order of ``label``."""
    table = pd.DataFrame({"parent": parent, "label": label})
    distinct = table.drop_duplicates().sort_values(["parent", "label"])
    counted = distinct.groupby("parent").cumcount() + 1
    distinct["code"] = distinct["parent"] + counted.astype(str).str.zfill(digits)
    return table.merge(distinct, how="left", on=["parent", "label"])["code"].to_numpy(object)

"""Whether the grids fit together: codes, polygons, overlaps, gaps, and each cell in its parent."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects, codes_of, missing, shapes_of
from gis_core.city import City, Level
from gis_core.codes import parent_code
from gis_core.crs import project
from gis_core.references import FINDING_COLUMNS
from gis_core.tiling import SLIVER_M, Tiling
from gis_core.validity import first_day, last_day, on_day

TOLERANCE_M2 = 1.0
"""Overhangs up to this area are noise of drawing."""
NATIONAL, COMMUNITY_DIGITS = r"\d{15}", 12
"""The form of the national number of a unit grid, and how much of it is its community's."""
MOSTLY = 0.6
"""Share of the shorter side from which two cells lie side by side or one above the other."""
MEANT_TO_COVER = 0.9
"""Share of a parent from which its cells are meant to cover all of it; unit grids often end with the built-up area."""
CODES_AGREE = 0.95
"""Share of a level's codes that must name the cell they mostly lie in for codes to name parents at all."""
STATED_AREA_SHARE = 0.01
"""How far a stated area may be from the polygon's."""


def check_grids(grids: gpd.GeoDataFrame, city: City, day: int) -> gpd.GeoDataFrame:
    """Faults in the grids of a territory, level by level.

    Errors are codes of the wrong form or used twice, levels the city lacks, polygons that are none,
    and overlaps of at least :data:`gis_core.tiling.SLIVER_M`; narrower ones, gaps, cells in several parts, parents
    that are not covered, national numbers out of order or unlike their parent's, and stated areas that differ are
    warnings. A cell without a known parent, or one that reaches out of it, is an error where the level nests and a
    warning where it does not.

    Parameters
    ----------
    grids
        ``code``, ``level``, ``geometry`` in EPSG:4326; ``parent``, ``stated_area_m2``, ``valid_from``
        and ``valid_to`` where there are any.
    day
        Days since 1970: gaps and the order of numbers are those of the cells that hold then, overlaps of any that hold
        together.

    Returns
    -------
    findings
        Columns :data:`gis_core.references.FINDING_COLUMNS`; ``geometry`` in EPSG:4326 is the fault, or the cell that
        has it, and ``lon``, ``lat`` a point on it.
    """
    if not len(grids):
        return gpd.GeoDataFrame(columns=[*FINDING_COLUMNS, "geometry"], geometry="geometry", crs=4326)
    known = [level.name for level in city.levels]
    found = [_findings("level_unknown", "error", grids[~grids["level"].isin(known)])]
    above: pd.DataFrame | None = None
    for level in city.levels:
        cells = grids[grids["level"] == level.name]
        found += _codes(cells, level)
        sound = _sound(cells)
        found.append(_findings("polygon_invalid", "error", cells[~sound]))
        cells = cells[sound]
        if len(cells):
            held = cells[on_day(cells, day)]
            tiling = Tiling(shapes_of(cells))
            ground = tiling if len(held) == len(cells) else Tiling(shapes_of(held))
            found += [*_overlaps(cells, tiling, city.metric_srid), *_gaps(level, ground, city.metric_srid)]
            found += [_in_parts(cells), _order(held, level), _stated_areas(cells, city.metric_srid)]
            if above is not None and len(above):
                found += _nesting(cells, above, level, city.metric_srid)
                if level.nests:
                    found.append(_uncovered(above[on_day(above, day)], level, ground, city.metric_srid))
        above = cells
    found = [part for part in found if len(part)] or found[:1]
    return gpd.GeoDataFrame(pd.concat(found, ignore_index=True), geometry="geometry", crs=4326)


def parents(cells: pd.DataFrame, uppers: pd.DataFrame, srid: int) -> pd.DataFrame:
    """The cell one level up that each cell belongs to: as its file says, else as its code says, else by area.

    Codes are believed only where nearly all of them (:data:`CODES_AGREE`) agree with the ground: the first 14
    of a unit grid's 15 digits look like a responsibility grid without meaning one.

    Parameters
    ----------
    cells
        ``code``, ``geometry`` in EPSG:4326 and ``parent`` where a file names one.
    uppers
        ``code`` (each once), ``geometry`` of the cells one level up.
    srid
        Metric CRS in which areas are measured.

    Returns
    -------
    parents
        On the index of ``cells``: ``parent`` code or ``None``; ``parent_by`` ``file``, ``code``, ``overlap`` or
        ``None``; ``parent_share`` of the cell's area inside it (NaN where it is not among ``uppers``);
        ``parent_differs``, whether another of ``uppers`` holds more of the cell.
    """
    uppers = uppers.sort_values("code")
    codes = uppers["code"].to_numpy(object)
    own_m2, cell, upper, held_m2 = _held(shapes_of(cells), shapes_of(uppers), srid)
    order = np.lexsort((upper, -held_m2, cell))
    most_m2 = np.zeros(len(cells))
    largest = np.full(len(cells), None, dtype=object)
    first, at = np.unique(cell[order], return_index=True)
    most_m2[first], largest[first] = held_m2[order][at], codes[upper[order][at]]
    largest[most_m2 == 0] = None
    parent, by = _parent(codes_of(cells, "parent"), parent_code(cells["code"].to_numpy(object), codes), largest)
    position = pd.Index(codes, dtype=object).get_indexer(pd.Index(parent, dtype=object))
    inside_m2 = np.zeros(len(cells))
    mine = position[cell] == upper
    inside_m2[cell[mine]] = held_m2[mine]
    with np.errstate(invalid="ignore"):
        share = np.where(position >= 0, np.minimum(inside_m2 / own_m2, 1.0), np.nan)
    differs = most_m2 > inside_m2 + TOLERANCE_M2
    values = {"parent": parent, "parent_by": by, "parent_share": share, "parent_differs": differs}
    return pd.DataFrame(values, index=cells.index)


def _parent(named: Objects, coded: Objects, largest: Objects) -> tuple[Objects, Objects]:
    """The parent of each cell and where it comes from."""
    unnamed = missing(named)
    agreeing = unnamed & (coded == largest) & ~missing(coded)
    believed = agreeing.sum() >= CODES_AGREE * unnamed.sum()
    parent, by = named.copy(), np.full(len(named), None, dtype=object)
    by[~unnamed] = "file"
    for source, codes in ([("code", coded)] if believed else []) + [("overlap", largest)]:
        taken = missing(parent) & ~missing(codes)
        parent[taken], by[taken] = codes[taken], source
    return parent, by


def _held(cells: Objects, uppers: Objects, srid: int) -> tuple[Floats, Ints, Ints, Floats]:
    """Area of each cell, and every (cell, upper) pair that meets with the area they share, in m2."""
    metric = project(cells, srid)
    own_m2 = shapely.area(metric)
    cell, upper = shapely.STRtree(uppers).query(cells, predicate="intersects")
    shapely.prepare(uppers)
    whole = shapely.covers(uppers[upper], cells[cell])
    held_m2 = own_m2[cell]
    part = np.flatnonzero(~whole)
    # Cut in degrees: a long edge is another line after projecting, and a cell along it would seem to stick out.
    shared = shapely.intersection(cells[cell[part]], uppers[upper[part]])
    held_m2[part] = shapely.area(project(shared, srid))
    return own_m2, cell, upper, held_m2


def _codes(cells: pd.DataFrame, level: Level) -> list[pd.DataFrame]:
    malformed = ~cells["code"].astype(str).str.fullmatch(level.code)
    return [
        _findings("code_form", "error", cells[malformed], other=level.code),
        _findings("code_twice", "error", cells[cells["code"].duplicated()]),
    ]


def _order(cells: pd.DataFrame, level: Level) -> pd.DataFrame:
    """Unit grids whose national number is out of order: within a community numbers grow from west to east and, row by
    row, from north to south. Rows bend and tilt, so only neighbours are compared, and of those only the ones that lie
    side by side, or one above the other, for most of their length.
    """
    if level.code != NATIONAL:
        return _findings("code_order", "warning", cells.iloc[:0])
    ordered = cells.sort_values("code", ignore_index=True)
    shapes = shapes_of(ordered)
    earlier, later = shapely.STRtree(shapes).query(shapes)
    community = ordered["code"].str.slice(0, COMMUNITY_DIGITS).to_numpy(object)
    pairs = (earlier < later) & (community[earlier] == community[later])
    earlier, later = earlier[pairs], later[pairs]
    low, high = np.split(shapely.bounds(shapes), 2, axis=1)
    size = np.minimum((high - low)[earlier], (high - low)[later])
    shared = (np.minimum(high[earlier], high[later]) - np.maximum(low[earlier], low[later])) / size
    beside, above = ((shared > MOSTLY)[:, [1, 0]] & (shared < 1 - MOSTLY)).T
    ahead = (low + high)[later] < (low + high)[earlier]
    wrong = (beside & ahead[:, 0]) | (above & ~ahead[:, 1])
    later, nth = np.unique(later[wrong], return_index=True)
    return _findings(
        "code_order", "warning", ordered.iloc[later], other=ordered["code"].to_numpy(object)[earlier[wrong][nth]]
    )


def _sound(cells: pd.DataFrame) -> Bools:
    shapes = shapes_of(cells)
    return (shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes) & shapely.is_valid(shapes)


def _overlaps(cells: pd.DataFrame, tiling: Tiling, srid: int) -> list[pd.DataFrame]:
    """Overlaps between the cells of one level: as such, or as slivers."""
    one, other, common, width_m = tiling.overlaps(lambda one, other: _together(cells, one, other))
    return _by_width("overlap", "error", cells.iloc[one], cells["code"].to_numpy(object)[other], common, width_m, srid)


def _gaps(level: Level, tiling: Tiling, srid: int) -> list[pd.DataFrame]:
    """Gaps between the cells of one level: as such, or as slivers."""
    open_ground, width_m = tiling.gaps()
    nowhere = pd.DataFrame({"level": level.name, "code": None}, index=range(len(open_ground)))
    return _by_width("gap", "warning", nowhere, np.full(len(nowhere), None), open_ground, width_m, srid)


def _by_width(
    check: str, severity: str, rows: pd.DataFrame, others: Objects, shapes: Objects, width_m: Floats, srid: int
) -> list[pd.DataFrame]:
    m2, sliver = shapely.area(project(shapes, srid)), width_m < SLIVER_M
    return [
        _findings(name, grave, rows[which], other=others[which], amount=m2[which], unit="m2", fault=shapes[which])
        for name, grave, which in ((check, severity, ~sliver), (f"{check}_sliver", "warning", sliver))
    ]


def _together(cells: pd.DataFrame, one: Ints, other: Ints) -> Bools:
    """Whether two cells hold on a common day."""
    since, until = first_day(cells), last_day(cells)
    return np.maximum(since[one], since[other]) <= np.minimum(until[one], until[other])


def _uncovered(uppers: pd.DataFrame, level: Level, tiling: Tiling, srid: int) -> pd.DataFrame:
    """What cells leave open of a parent that they are meant to cover: at its edge, since gaps are known."""
    shapes = shapes_of(uppers)
    upper, open_ground = tiling.uncovered(shapes)
    open_m2, whole_m2 = shapely.area(project(open_ground, srid)), shapely.area(project(shapes, srid))
    meant = np.bincount(upper, open_m2, len(shapes)) < (1 - MEANT_TO_COVER) * whole_m2
    real = meant[upper]
    return _findings("uncovered", "warning", uppers.iloc[upper[real]], other=level.name, amount=open_m2[real],
                     unit="m2", fault=open_ground[real])  # fmt: skip


def _in_parts(cells: pd.DataFrame) -> pd.DataFrame:
    parts = shapely.get_num_geometries(shapes_of(cells))
    return _findings("in_parts", "warning", cells[parts > 1], amount=parts[parts > 1].astype(np.float64), unit="parts")


def _stated_areas(cells: pd.DataFrame, srid: int) -> pd.DataFrame:
    stated_m2 = pd.to_numeric(cells.get("stated_area_m2", pd.Series(np.nan, index=cells.index)), errors="coerce")
    area_m2 = shapely.area(project(shapes_of(cells), srid))
    off = np.abs(stated_m2.to_numpy(np.float64) / area_m2 - 1)
    wrong = off > STATED_AREA_SHARE
    return _findings("stated_area", "warning", cells[wrong], amount=100 * off[wrong], unit="%")


def _nesting(cells: pd.DataFrame, uppers: pd.DataFrame, level: Level, srid: int) -> list[pd.DataFrame]:
    """Whether each cell has a parent that is there and holds all of it."""
    severity = "error" if level.nests else "warning"
    found = parents(cells, uppers.drop_duplicates("code"), srid)
    outside_m2 = (1 - found["parent_share"].to_numpy()) * shapely.area(project(shapes_of(cells), srid))
    orphan = found["parent"].isna().to_numpy()
    unknown = ~orphan & np.isnan(outside_m2)
    differs = ~orphan & ~unknown & found["parent_differs"].to_numpy()
    outside = ~differs & (outside_m2 > TOLERANCE_M2)
    parent = found["parent"].to_numpy(object)
    return [
        _findings("parent_none", severity, cells[orphan]),
        _findings("parent_unknown", severity, cells[unknown], other=parent[unknown]),
        *(
            _findings(check, severity, cells[wrong], other=parent[wrong], amount=outside_m2[wrong], unit="m2")
            for check, wrong in (("parent_differs", differs), ("outside_parent", outside))
        ),
        _findings("code_prefix", "warning", cells[strange := _strange(cells, parent, level)], other=parent[strange]),
    ]


def _strange(cells: pd.DataFrame, parent: Objects, level: Level) -> Bools:
    """National numbers that begin unlike that of the cell they lie in, as far as both have a community's digits."""
    national = level.code == NATIONAL
    return np.array(
        [national and str(upper).isdigit() and not str(code).startswith(str(upper)[:COMMUNITY_DIGITS])
         for code, upper in zip(cells["code"], parent, strict=True)], dtype=bool,
    )  # fmt: skip


def _findings(
    check: str, severity: str, cells: pd.DataFrame, *, other: Any = None, amount: Any = np.nan, unit: str | None = None,
    fault: Objects | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One finding a row of ``cells``, each with a point on its ``fault`` (the cell, where no other is given)."""
    shapes = shapes_of(cells) if fault is None else fault
    drawn = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    lonlat = np.full((len(cells), 2), np.nan)
    lonlat[drawn] = shapely.get_coordinates(shapely.point_on_surface(shapes[drawn]))
    values = {
        "check": check, "severity": severity, "layer": "grids", "level": cells["level"].to_numpy(object),
        "code": cells["code"].to_numpy(object), "other": other, "amount": amount, "unit": unit,
        "lon": lonlat[:, 0], "lat": lonlat[:, 1], "geometry": shapes,
    }  # fmt: skip
    return pd.DataFrame(values, columns=[*FINDING_COLUMNS, "geometry"], index=range(len(cells)))

"""Units that reports are counted by: squares of a lattice, and the cells of a grid level."""

import numpy as np
import shapely

from gis_core.arrays import Floats, Ints, Objects, codes_of, shapes_of
from gis_core.crs import project, shapes_to_wgs84, to_lonlat
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import StreetSupport, Support
from gis_core.hotspots.checking import one_of
from gis_core.hotspots.surface import prepared
from gis_core.hotspots.weights import Neighbourhoods, contiguous, linked
from gis_core.territory import Territory

LATTICE = "lattice"
MOST_UNITS, MOST_ASKED = 100_000, 1_000_000
"""Squares of a lattice, and those that are looked at where a territory is narrow and long."""
M2_A_KM2 = 1e6
LEAST_CELL_M = 1.0
SLIT_M = 0.5
"""Cells of a grid that are no farther apart are neighbours: layers are drawn with slits."""
_ROW = 1 << 32


def lattice_support(territory: shapely.Geometry, srid: int, cell_m: float) -> Support:
    """Squares over a territory, cut off at its border; a code is ``column:row`` from the origin of the metric CRS.

    The same square has the same code whatever part of a city is looked at.

    Parameters
    ----------
    territory
        Polygons, metric CRS.
    cell_m
        Side of a square.

    Raises
    ------
    InvalidInput
        A territory without area, a side that is none, or more than :data:`MOST_UNITS` squares; the text says what side
        would do.
    """
    area_m2 = float(shapely.area(territory)) if territory is not None else 0.0
    if not area_m2 > 0:
        raise InvalidInput("surface_territory")
    if not (np.isfinite(cell_m) and cell_m > 0):
        raise InvalidInput("hotspot_cell", field="cell_m", value=cell_m, expected=LEAST_CELL_M)
    _check(area_m2 / cell_m**2, MOST_UNITS, cell_m)
    column, row = _touched(territory, cell_m)
    _check(len(column), MOST_UNITS, cell_m)
    squares = _squares(column, row, cell_m)
    whole = shapely.contains(prepared(territory), squares)
    squares[~whole] = _areal(shapely.intersection(squares[~whole], territory))
    kept = np.flatnonzero(shapely.area(squares) > 0)
    codes = lattice_codes(column[kept], row[kept])
    order = np.argsort(codes.astype(str), kind="stable")
    kept, codes = kept[order], codes[order]
    column, row, squares = column[kept], row[kept], squares[kept]
    xy = (np.column_stack([column, row]).astype(np.float64) + 0.5) * cell_m
    beside = ~shapely.contains_xy(squares, *xy.T)
    xy[beside] = shapely.get_coordinates(shapely.point_on_surface(squares[beside]))
    shapes = shapes_to_wgs84(squares, f"EPSG:{srid}")
    names = np.full(len(codes), None, dtype=object)
    size: Floats = shapely.area(squares) / M2_A_KM2
    return Support(LATTICE, codes, names, shapes, xy, size, "km2", linked(len(codes), _beside(column, row)))


def lattice_codes(column: Ints, row: Ints) -> Objects:
    """``column:row`` of squares."""
    return np.array([f"{c}:{r}" for c, r in zip(column.tolist(), row.tolist(), strict=True)], dtype=object)


def lattice_places(support: Support, xy: Floats, cell_m: float) -> Ints:
    """Position in a lattice of the square that holds each place (metric CRS), -1 where none does."""
    found = np.full(len(xy), -1, np.int64)
    known = np.isfinite(xy).all(axis=1)
    column, row = np.floor(xy[known] / cell_m).astype(np.int64).T
    found[known] = _places(_keys(*_columns_rows(support)), _keys(column, row))
    return found


def grid_support(territory: Territory, level: str, day: int) -> Support:
    """Cells of a grid level on a day (days since 1970), with those that share a border or a corner as neighbours.

    Raises
    ------
    InvalidInput
        The city has no such level.
    """
    city = territory.city
    names = [one.name for one in city.levels]
    one_of("level", level, names)
    frame = territory.on(day).levels[names.index(level)].frame
    frame = frame[~shapely.is_empty(shapes_of(frame)) & ~shapely.is_missing(shapes_of(frame))]
    shapes = shapes_of(frame)
    metric = project(shapes, city.metric_srid)
    xy = shapely.get_coordinates(shapely.point_on_surface(metric)).reshape(-1, 2)
    near = contiguous(metric, SLIT_M) if len(metric) else linked(0, np.empty((0, 2), np.int64))
    size = shapely.area(metric) / M2_A_KM2
    return Support(level, codes_of(frame, "code"), codes_of(frame, "name"), shapes, xy, size, "km2", near)


def coarser(support: Support, above: Support | None, srid: int) -> tuple[Ints, Neighbourhoods] | None:
    """Larger units to ask again by: of each unit the one that holds it, -1 where none does, and their neighbourhoods.

    They are those of ``above``; without it, of units along streets the stretches that hold them, of a lattice squares
    of twice the side; else there are none.
    """
    if above is not None:
        points = shapely.points(to_lonlat(support.xy, srid))
        held, by = shapely.STRtree(above.shapes).query(points, predicate="intersects")
        holder = np.full(len(points), -1, np.int64)
        holder[held[::-1]] = by[::-1]
        return holder, above.near
    if isinstance(support, StreetSupport):
        stretches, holder = np.unique(support.stretch, return_inverse=True)
        none = int((stretches < 0).any())
        return holder - none, support.near.joined(holder - none, len(stretches) - none)
    if support.name != LATTICE or not len(support.codes):
        return None
    column, row = _columns_rows(support)
    keys, holder = np.unique(_keys(column // 2, row // 2), return_inverse=True)
    first = np.unique(holder, return_index=True)[1]
    return holder.astype(np.int64), linked(len(keys), _beside(column[first] // 2, row[first] // 2))


def _check(found: float, most: int, cell_m: float) -> None:
    """Refuse more than so many squares, and name the next of 1, 2, 5, 10 … metres that would do."""
    if found > most:
        least = max(cell_m * np.sqrt(found / most) * 1.1, LEAST_CELL_M)
        ten = 10.0 ** np.floor(np.log10(least))
        expected = next(ten * step for step in (1, 2, 5, 10) if ten * step >= least)
        raise InvalidInput(
            "hotspot_cells", field="cell_m", value=cell_m, found=int(found), limit=most, expected=expected
        )


def _touched(territory: shapely.Geometry, cell_m: float) -> tuple[Ints, Ints]:
    """Columns and rows of squares that touch a territory, part by part: the sea between islands costs nothing."""
    parts = shapely.get_parts(territory)
    ends = np.floor(shapely.bounds(parts) / cell_m)
    asked = ((ends[:, 2] - ends[:, 0] + 1) * (ends[:, 3] - ends[:, 1] + 1)).sum()
    _check(float(asked), MOST_ASKED, cell_m)
    found = []
    for part, (west, south, east, north) in zip(parts, ends.astype(np.int64), strict=True):
        row, column = np.mgrid[south : north + 1, west : east + 1].reshape(2, -1)
        shapely.prepare(part)
        touched = shapely.intersects(part, _squares(column, row, cell_m))
        found.append(np.column_stack([column, row])[touched])
    column, row = np.unique(np.concatenate(found), axis=0).T
    return column, row


def _squares(column: Ints, row: Ints, cell_m: float) -> Objects:
    return shapely.box(column * cell_m, row * cell_m, (column + 1) * cell_m, (row + 1) * cell_m)


def _areal(shapes: Objects) -> Objects:
    """What of the shapes has area: a square that is cut may leave a line or a point as well."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    shapes[mixed] = shapely.buffer(shapes[mixed], 0)
    return shapes


def _columns_rows(support: Support) -> tuple[Ints, Ints]:
    pairs = np.array([code.split(":") for code in support.codes], dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _beside(column: Ints, row: Ints) -> Ints:
    """Pairs of squares that share a side or a corner."""
    keys, pairs = _keys(column, row), []
    for right, up in ((1, 0), (-1, 1), (0, 1), (1, 1)):
        other = _places(keys, _keys(column + right, row + up))
        here = np.flatnonzero(other >= 0)
        pairs.append(np.column_stack([here, other[here]]))
    return np.concatenate(pairs)


def _keys(column: Ints, row: Ints) -> Ints:
    return row * _ROW + column


def _places(keys: Ints, wanted: Ints) -> Ints:
    """Position of each key that is wanted, -1 where it is not there."""
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(keys, kind="stable")
    at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    return np.where(keys[at] == wanted, at, -1)

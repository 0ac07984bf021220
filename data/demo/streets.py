"""Streets along the edges of the blocks, from arterial road to lane, and positions along them."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.demo.blocks import Blocks
from data.demo.city import generator, geographic, layer, names, numbered, text
from data.demo.grids import Codes
from data.demo.names import Stems, numeral
from gis_core.arrays import Bools, Floats, Ints, Objects

CLASSES = ("arterial", "secondary", "branch", "backstreet")
WIDTH_M = np.array([32.0, 20.0, 12.0, 5.0])
FOOTWAY_M = np.array([5.0, 3.5, 2.5, 1.0])
WALL_M = WIDTH_M / 2 + FOOTWAY_M
"""From the centre line to the wall, by class."""

_GRADES = ("一级", "二级", "三级", "四级")
_TITLES = (("大道", "Avenue"), ("路", "Road"), ("街", "Street"), ("巷", "Lane"))
_LANES_MISSING = 0.18
_FRONTAGE_M = 6.0
"""Street per house number."""


@dataclass(frozen=True, eq=False)
class Streets:
    """Street segments.

    Parameters
    ----------
    frame
        Columns of the street table; MultiLineStrings in EPSG:4326.
    lines
        The same lines in metres.
    grade
        Class of each as a position in :data:`CLASSES`.
    cell
        A unit grid beside each, as a position, shape (streets,).
    inside
        Which side the city is on for a street on its rim: 1 left, -1 right, 0 both.
    across_class, down_class
        Class of the street on each edge of the blocks, -1 where there is none.
    """

    frame: gpd.GeoDataFrame
    lines: Objects
    grade: Ints
    cell: Ints
    inside: Ints
    across_class: Ints
    down_class: Ints


@dataclass(frozen=True, eq=False)
class _Runs:
    """Edges of one direction joined into segments: line and span numbers, a cell beside, the city's side."""

    lines: Objects
    line: Ints
    span: Ints
    grade: Ints
    left: Ints
    right: Ints
    drawn: Ints


def pave(blocks: Blocks, codes: Codes, seed: int) -> Streets:
    """Streets along the edges of the blocks.

    A street is split where it enters another community. Lanes are missing here and there; only
    arterial and secondary streets cross the river.
    """
    rng = generator(seed, "streets")
    padded = np.pad(blocks.cell, 1, constant_values=-1)
    north, south = padded[:-1, 1:-1], padded[1:, 1:-1]
    west, east = padded[1:-1, :-1], padded[1:-1, 1:]
    across = _runs(blocks.across, _line_classes(blocks.row_group), blocks.column_group[2], north, south, rng)
    wet = np.zeros_like(west, dtype=bool)
    wet[blocks.river, 1:-1] = blocks.water[blocks.river, 1:] & blocks.water[blocks.river, :-1]
    turned = [np.swapaxes(one, 0, 1) for one in (blocks.down, east, west, wet)]
    down = _runs(
        turned[0], _line_classes(blocks.column_group), blocks.row_group[2], turned[1], turned[2], rng, turned[3]
    )
    both = (across, down)
    lines = np.concatenate([run.lines for run in both])
    grade = np.concatenate([run.grade for run in both])
    left, right = (np.concatenate([getattr(run, side) for run in both]) for side in ("left", "right"))
    cell = np.where(left >= 0, left, right)
    side = np.where((left >= 0) & (right < 0), 1, np.where((left < 0) & (right >= 0), -1, 0))
    frame = _frame(both, lines, grade, cell, codes, seed)
    frame["belongs_to"] = _border_street(blocks, across, down, cell, codes)
    return Streets(frame, lines, grade, cell, side, across.drawn, down.drawn.T)


def along(
    lines: Objects, spacing_m: Floats | float, offset_m: Floats | float, rng: np.random.Generator, shake_m: float = 0.0
) -> tuple[Ints, Floats, Floats]:
    """Positions about every ``spacing_m`` along lines, beside them.

    Parameters
    ----------
    offset_m
        Distance from the line, positive to the left.
    shake_m
        Standard deviation of the position along the line.

    Returns
    -------
    row, xy, measure_m
        Line of each position, metric coordinates of shape (n, 2), and metres from the line's start.
    """
    length = shapely.length(lines)
    # Rounded up or down by chance, so that short lines get their share.
    count = np.floor(length / spacing_m + rng.random(len(lines))).astype(np.int64)
    phase = rng.uniform(0.1, 0.9, len(lines))
    row = np.repeat(np.arange(len(lines)), count)
    order = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    measure = (order + phase[row]) * (length / np.maximum(count, 1))[row] + rng.normal(0, shake_m, len(row))
    return row, beside(lines[row], measure, np.broadcast_to(offset_m, len(lines))[row]), measure


def beside(lines: Objects, measure_m: Floats, offset_m: Floats) -> Floats:
    """Points at a measure along each line and a distance to its left (negative: right), shape (n, 2)."""
    at = np.clip(measure_m, 0.6, shapely.length(lines) - 0.6)
    centre, ahead, behind = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, at + step)) for step in (0.0, 0.5, -0.5)
    )
    along_line = ahead - behind
    left = np.column_stack([-along_line[:, 1], along_line[:, 0]]) / np.hypot(*along_line.T)[:, None]
    return centre + left * offset_m[:, None]


def kerbs(streets: Streets) -> tuple[Ints, Ints]:
    """Both sides of every street that lie in the city: positions of the streets, and 1 left or -1 right."""
    street = np.repeat(np.arange(len(streets.lines)), 2)
    side = np.tile([1, -1], len(streets.lines))
    kept = streets.inside[street] * side >= 0
    return street[kept], side[kept]


def address(streets: Streets, street: Ints, measure_m: Floats, side: Ints) -> Objects:
    """Street name and house number: odd on the left of the line, even on the right."""
    number = 2 * (measure_m // _FRONTAGE_M).astype(np.int64) + np.where(side >= 0, 1, 2)
    written: Objects = streets.frame["name"].to_numpy(object)[street] + text(number) + "号"
    return written


def _line_classes(groups_of: Sequence[Ints]) -> Ints:
    """Class of each lattice line: arterial between subdistricts and round the city, secondary between
    communities, branch in the middle of a community, else lane.
    """
    _, subdistrict, community = groups_of
    changes = np.flatnonzero(np.diff(community)) + 1
    starts = np.concatenate([[0], changes])
    ends = np.append(changes, len(community))
    grade = np.full(len(community) + 1, 3)
    grade[(starts + ends) // 2] = 2
    grade[changes] = 1
    grade[np.flatnonzero(np.diff(subdistrict)) + 1] = 0
    grade[[0, -1]] = 1
    return grade


def _runs(
    edges: Floats,
    classes: Ints,
    spans: Ints,
    left: Ints,
    right: Ints,
    rng: np.random.Generator,
    bridges: Bools | None = None,
) -> _Runs:
    """Join the edges of each lattice line into one street per span, split where an edge is missing.

    ``edges`` has shape (lines, edges, 4, 2), ``left`` and ``right`` the unit grids on both sides.
    """
    grade = np.broadcast_to(classes[:, None], left.shape)
    exists = ((left >= 0) | (right >= 0)) & ((grade < 3) | (rng.random(left.shape) > _LANES_MISSING))
    if bridges is not None:
        exists |= bridges & (grade < 2)
    line, edge = np.nonzero(exists)
    span = spans[edge]
    begins = np.ones(len(line), dtype=bool)
    begins[1:] = (np.diff(line) != 0) | (np.diff(span) != 0) | (np.diff(edge) != 1)
    run = np.cumsum(begins) - 1
    kept = np.ones((len(line), edges.shape[2]), dtype=bool)
    kept[~begins, 0] = False
    lines = shapely.linestrings(edges[line, edge][kept], indices=np.repeat(run, kept.sum(axis=1)))
    on_left, on_right = (pd.Series(side[line, edge]).groupby(run).max().to_numpy() for side in (left, right))
    drawn = np.where(exists, grade, -1)
    return _Runs(lines, line[begins], span[begins], classes[line[begins]], on_left, on_right, drawn)


def _frame(runs: Sequence[_Runs], lines: Objects, grade: Ints, cell: Ints, codes: Codes, seed: int) -> gpd.GeoDataFrame:
    chinese, english = _called(runs, grade, codes["community"][cell], seed)
    columns = {
        "code": numbered("R", len(lines), 5),
        "name": chinese,
        "names": names(chinese, english),
        "class": np.array(CLASSES, dtype=object)[grade],
        "width_m": WIDTH_M[grade],
        "footway_m": FOOTWAY_M[grade],
        "cleaning_grade": np.array(_GRADES, dtype=object)[grade],
        "length_m": shapely.length(lines).round(2),
    }
    return layer(columns, geographic(shapely.multilinestrings(lines, indices=np.arange(len(lines)))))


def _called(runs: Sequence[_Runs], grade: Ints, community: Objects, seed: int) -> tuple[Objects, Objects]:
    """A name per lattice line; lanes are numbered within their community."""
    line = np.concatenate([2 * run.line + direction for direction, run in enumerate(runs)])
    stems = Stems(generator(seed, "street names"))
    lanes = grade == 3
    key = np.where(lanes, community, line.astype(str).astype(object))
    known = pd.unique(pd.Series(key))
    position = pd.Series(np.arange(len(known)), index=known)[key].to_numpy()
    zh, en = (stem[position] for stem in stems.take(len(known)))
    number = pd.DataFrame({"key": key, "line": line}).groupby("key")["line"].rank("dense").astype(int).to_numpy()
    numerals = np.array([numeral(one) for one in range(int(number.max()) + 1)], dtype=object)
    titles = np.array(_TITLES, dtype=object)[grade]
    chinese = zh + np.where(lanes, numerals[number], "") + titles[:, 0]
    return chinese, en + " " + titles[:, 1] + np.where(lanes, " " + number.astype(str).astype(object), "")


def _border_street(blocks: Blocks, across: _Runs, down: _Runs, cell: Ints, codes: Codes) -> Objects:
    """The community that each segment of one border street belongs to whole, None for all others.

    The street between the first two subdistricts from the west belongs to its western side.
    """
    belongs = np.full(len(cell), None, dtype=object)
    borders = np.flatnonzero(np.diff(blocks.column_group[1])) + 1
    if len(borders):
        chosen = np.flatnonzero((down.line == borders[0]) & (down.right >= 0))
        belongs[len(across.line) + chosen] = codes["community"][down.right[chosen]]
    return belongs

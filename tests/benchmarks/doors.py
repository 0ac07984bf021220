"""Front-of-door strips: a whole city, and one block after an edit."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from gis_core.arrays import Floats, Objects
from gis_core.crs import shapes_to_wgs84
from gis_core.frontage.kerbside import Kerbside
from gis_core.frontage.rules import StripRules
from gis_core.frontage.strips import redrawn, strips
from tests.benchmarks.spending import alone, measured, setting

BLOCKS, BLOCK_M, EDITS = 26, (150.0, 120.0), 40
"""Blocks in a row and in a column, their size from centre line to centre line, and edits measured."""
WIDTHS_M = (24.0, 9.0, 5.0, 9.0)
SPACING_M, VACANT = 9.0, 0.28
SRID, ORIGIN = 4545, np.array([500_000.0, 2_500_000.0])
HEAD = """
{setting}.

{blocks:,} blocks of {wide:.0f} by {high:.0f} m with {shops:,} shops known by points: every strip drawn, and the one
block drawn again in which a shop came or went ({edits} edits; blocks and kerbs known).

| work | wall s | CPU s | strips |
|---|---:|---:|---:|
"""


def section(_: Path) -> str:
    """Everything, as a section of the page."""
    shops, rows = alone(_measured)
    head = HEAD.format(setting=setting("shapely", "geopandas"), blocks=BLOCKS**2, wide=BLOCK_M[0], high=BLOCK_M[1],
                       shops=shops, edits=EDITS)  # fmt: skip
    return "\n".join([head.strip(), *rows])


def lattice() -> tuple[Kerbside, gpd.GeoDataFrame]:
    """A town of straight streets in four widths, with shops along every kerb."""
    size = np.array(BLOCK_M) * BLOCKS
    lines, widths = [], []
    for axis in (0, 1):
        for nth in range(BLOCKS + 1):
            at = nth * BLOCK_M[axis]
            ends = np.array([[at, 0.0], [at, size[1]]]) if axis == 0 else np.array([[0.0, at], [size[0], at]])
            lines.append(shapely.linestrings(ends))
            widths.append(WIDTHS_M[nth % len(WIDTHS_M)])
    code = [f"S{nth:02}" for nth in range(len(lines))]
    streets = _frame(lines, code=code, name=code, width_m=widths, footway_m=3.0, **{"class": "branch"})
    ground = _geographic([shapely.box(0, 0, *size)])[0]
    shops = _shops(lines, np.array(widths), size)
    return Kerbside(streets, ground, SRID, StripRules()), shops


def _shops(lines: list[shapely.Geometry], widths: Floats, size: Floats) -> gpd.GeoDataFrame:
    random, places, street = np.random.default_rng(5), [], []
    for nth, (line, width) in enumerate(zip(lines, widths, strict=True)):
        along = np.arange(SPACING_M, line.length, SPACING_M) + random.uniform(-2, 2)
        for side in (-1, 1):
            off = side * (width / 2 + 4.0)
            points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
            points[:, 0 if line.bounds[0] == line.bounds[2] else 1] += off
            points = points[random.random(len(points)) > VACANT]
            places.append(points)
            street += [f"S{nth:02}"] * len(points)
    xy = np.concatenate(places)
    inside = ((xy > 0) & (xy < size)).all(axis=1)
    points = [shapely.Point(one) for one in xy[inside]]
    code = [f"D{nth:06}" for nth in range(len(points))]
    return _frame(points, code=code, street=np.array(street, dtype=object)[inside])


def _frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=_geographic(shapes), crs=4326)


def _geographic(shapes: list[shapely.Geometry]) -> Objects:
    moved = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy + ORIGIN)
    return shapes_to_wgs84(moved, f"EPSG:{SRID}")


def _measured() -> tuple[int, list[str]]:
    side, shops = lattice()
    with measured() as spent:
        found = strips(side, shops)
    rows = [f"| whole city | {spent.wall:.1f} | {spent.ours:.1f} | {len(found.strips):,} |"]
    chosen = np.random.default_rng(1).choice(len(shops), EDITS, replace=False)
    walls, ours, count = [], [], 0
    for one in chosen.tolist():
        with measured() as spent:
            again, _ = redrawn(side, shops.drop(index=one), shops.iloc[[one]])
        walls.append(spent.wall)
        ours.append(spent.ours)
        count += len(again.strips)
    for name, of in (("one block, median", np.median), ("one block, slowest", np.max)):
        rows.append(f"| {name} | {of(walls):.3f} | {of(ours):.3f} | {count // EDITS} |")
    return len(shops), rows

"""The territory as its grid managers change it: what a check of all cells costs, and what a draft would move."""

import datetime as dt
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from api.cli import cli
from gis_core.arrays import Objects, shapes_of
from gis_core.city import City, Level
from gis_core.tiling import Plane
from gis_core.topology import check_grids
from layers.drafts import begin_draft, change, look_at
from layers.engine import connect
from layers.stores import Stores
from tests.benchmarks.spending import alone, measured, setting
from tests.gis_core.test_tiling import PLANE, mid_edges, moved, town

CELLS, SEEDED, PAIRS = 20_000, 50, 20
HEAD = """
{setting}.

`check` of {cells:,} unit grids with {corners:,} corners, whole; clean, with {seeded} corners pushed out or in by a
centimetre, and with every cell a few millimetres off its place.

| cells | wall s | CPU s | findings |
|---|---:|---:|---:|
"""


def section(_: Path) -> str:
    """Everything, as a section of the page."""
    corners, rows = alone(_checked)
    head = HEAD.format(setting=setting("shapely", "geopandas"), cells=CELLS, corners=corners, seeded=SEEDED)
    return "\n".join([head.strip(), *rows])


def _checked() -> tuple[int, list[str]]:
    clean = town(CELLS, 1)
    seeded = clean.copy()
    for number, (cell, at) in enumerate(mid_edges(clean, SEEDED, 3)):
        seeded[cell], _ = moved(clean[cell], at, 0.01 if number % 2 else -0.01)
    xy, cell = shapely.get_coordinates(clean, return_index=True)
    apart = np.random.default_rng(2).uniform(-0.005, 0.005, (CELLS, 2))
    rough = shapely.set_coordinates(clean.copy(), xy + apart[cell])
    cases = {"clean": clean, f"{SEEDED} faults": seeded, "all edges rough": rough}
    return int(shapely.get_num_coordinates(clean).sum()), [_case(name, cells) for name, cells in cases.items()]


def _case(name: str, cells: Objects) -> str:
    city = City(name="x", timezone="UTC", metric_srid=4545, scheme="x", levels=(Level(name="unit", code=r"\d+"),))
    codes = [f"{number:06}" for number in range(len(cells))]
    frame = gpd.GeoDataFrame({"code": codes, "level": "unit", "parent": None}, geometry=PLANE.back(cells), crs=4326)
    with measured() as spent:
        found = check_grids(frame, city, 20_600)
    return f"| {name} | {spent.wall:.1f} | {spent.ours:.1f} | {len(found)} |"


def draft(url: str) -> int:
    """A draft in which half of a unit grid goes to its neighbour, :data:`PAIRS` times all over the city; its number."""
    stores, now = Stores(connect(url)), dt.datetime.now(dt.UTC)
    with stores.publishing() as store:
        number = begin_draft(store, "bench", "bench", now)
        look_at(store, number)
        grids = store.read("grids", store.latest_version())
        units = grids[grids["level"] == store.city.levels[-1].name].reset_index(drop=True)
        for one, shape in _halved(shapes_of(units)):
            row = units.iloc[[one]].set_geometry(shapely.multipolygons([shapely.get_parts(shape)]), crs=4326)
            given = row.drop(columns=["version_from", "version_to", "feature_id", "digest"])
            change(store, number, "grids", int(row["feature_id"].iloc[0]), given, "bench", now)
    stores.close()
    return number


def _halved(shapes: Objects) -> list[tuple[int, Any]]:
    plane, taken = Plane.around(shapes), set[int]()
    tree, changed = shapely.STRtree(shapes), list[tuple[int, Any]]()
    for one in np.random.default_rng(1).permutation(len(shapes)).tolist():
        near = tree.query(shapes[one], predicate="intersects")
        edges = shapely.length(plane.flat(shapely.intersection(shapes[one], shapes[near])))
        other = next((int(two) for two, edge in zip(near, edges, strict=True) if two != one and edge > 50), one)
        if other == one or {one, other} & taken:
            continue
        taken |= {one, other}
        west, south, east, north = shapes[other].bounds
        half = shapely.intersection(shapes[other], shapely.box(west, south, (west + east) / 2, north))
        changed += [(one, shapely.union(shapes[one], half)), (other, shapely.difference(shapes[other], half))]
        if len(changed) == 2 * PAIRS:
            break
    return changed


def impact(url: str, number: int) -> dict[str, Any]:
    """What the command that asks for a draft's impact says and spends."""
    with measured() as spent, redirect_stdout(StringIO()) as said:
        cli.main(["--store", url, "--json", "impact", str(number)], standalone_mode=False)
    return {**json.loads(said.getvalue())["totals"], **vars(spent)}

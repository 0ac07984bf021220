"""The large city as a territory: grids of five levels, streets, places, facilities, holders, contracts, and its issues.

from tests.benchmarks.territory import build, territory_of

large = build()
territory, issues = territory_of(large), large.frames["issues"]
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.demo.blocks import Blocks
from data.demo.city import CITY, geographic, layer, lonlat, names, numbered, ordinal, table, text
from data.demo.grids import Codes, multipolygons, number, organisation
from data.demo.parties import chief, firm, keeper, leader, management, managements, manager, organisations, persons
from data.demo.streets import CLASSES, FOOTWAY_M, WIDTH_M
from data.tables import category_rows, reference, tag_rows
from gis_core.arrays import Floats, Ints, Objects
from gis_core.city import City
from gis_core.crs import project
from gis_core.territory import Territory
from tests.benchmarks import city as large_city
from tests.benchmarks.agreements import contracts
from tests.benchmarks.city import MEASURED_SEED, LargeCity
from tests.benchmarks.reports import issues as reports

SPANS = (60, 20, 10)
"""Rows and columns of unit grids in a district, subdistrict and community."""
STREETS_OF_A_NAME = 8
BORDER_STREETS = 100
COMPONENTS = 50
UNHELD, NOBODYS, ENDED = 0.1, 0.05, 0.03
"""Shares: of grids without a holder, of places and facilities for which nobody is named, of facilities taken away."""
SINCE, TAKEN_AWAY = dt.date(2025, 1, 1), dt.date(2026, 1, 1)


@dataclass(frozen=True, eq=False)
class Large:
    """A city and everything in it; frames as in :class:`data.demo.Demo`."""

    city: City
    frames: Mapping[str, pd.DataFrame]


def build(
    seed: int = MEASURED_SEED,
    *,
    grids: int = 20_000,
    streets: int = 120_000,
    places: int = 60_000,
    facilities: int = 60_000,
    agreed: int = 2_000,
    issues: int = 1_000_000,
) -> Large:
    """Build the city; issues as an import gives them.

    Parameters
    ----------
    agreed
        Number of contracts.
    """
    ground = large_city.build(seed, grids, streets, places, issues)
    rng = np.random.default_rng([seed, 1])
    codes = _codes(ground)
    cells = _grids(ground, codes)
    roads, street_cell = _streets(ground, codes, rng)
    grounds, place_cell = _places(ground, codes, rng)
    components, at = _facilities(ground, codes, street_cell, facilities, rng)
    parties = [organisations(cells, len(ground.grids), seed), managements(grounds), persons(codes, grounds, seed)]
    frames = {
        "parties": pd.concat(parties, ignore_index=True),
        "categories": category_rows(),
        "tags": tag_rows(),
        "grids": cells,
        "streets": roads,
        "places": grounds,
        "frontages": _frontages(ground, places // 3, rng),
        "facilities": components,
        "contracts": contracts(cells, roads, grounds, agreed, rng),
        "holders": _holders(codes, roads, street_cell, grounds, place_cell, rng),
        "issues": reports(ground.points, components["category"].to_numpy(object), at, roads["name"], rng),
    }
    return Large(CITY, frames)


def territory_of(large: Large) -> Territory:
    """Its territory, as if just read."""
    return Territory(large.city, 1, 1, {name: frame for name, frame in large.frames.items() if name != "issues"})


def _codes(ground: LargeCity) -> Codes:
    """Codes by the rows of bricks, as the demo city's by its blocks."""
    rows, columns = (int(one.max()) + 1 for one in ground.row_column)
    groups = [tuple(np.arange(count) // span for span in SPANS) for count in (rows, columns)]
    nothing, all_land = np.empty(0), np.ones((rows, columns), dtype=bool)
    codes = number(Blocks(nothing, nothing, all_land, ~all_land, *groups, river=-1))
    # Numbers begin in the north, the rows of bricks in the south.
    return {level: code.reshape(rows, columns)[::-1].ravel() for level, code in codes.items()}


def _grids(ground: LargeCity, codes: Codes) -> gpd.GeoDataFrame:
    shapes = geographic(ground.grids)
    parts = []
    for depth, level in enumerate(CITY.levels):
        members = pd.Series(codes[level.name]).groupby(codes[level.name], sort=True).indices
        code = np.array(list(members), dtype=object)
        first = np.array([rows[0] for rows in members.values()])
        cells = multipolygons([shapely.coverage_union_all(shapes[rows]) for rows in members.values()])
        area_m2 = shapely.area(project(cells, CITY.metric_srid)).round(1)
        columns = {
            "code": code,
            "name": code,
            "names": names(code, code),
            "level": level.name,
            "parent": codes[CITY.levels[depth - 1].name][first] if depth else None,
            "organisation": [organisation(one[:12]) for one in code],
            "stated_area_m2": area_m2.round(),
            "area_m2": area_m2,
        }
        parts.append(layer(columns, cells))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=4326)


def _streets(ground: LargeCity, codes: Codes, rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, Ints]:
    """Streets, eight of a name, and a grid beside each; some border streets belong to one community whole."""
    count = len(ground.streets)
    grade = rng.choice(len(CLASSES), count, p=(0.1, 0.2, 0.3, 0.4))
    middle = shapely.line_interpolate_point(ground.streets, 0.5, normalized=True)
    cell = shapely.STRtree(ground.grids).query_nearest(middle, all_matches=False)[1]
    title = "路" + text(np.arange(count) // STREETS_OF_A_NAME + 1)
    belongs_to = np.full(count, None, dtype=object)
    border = rng.choice(count, min(BORDER_STREETS, count // 10), replace=False)
    belongs_to[border] = codes["community"][cell[border]]
    columns = {
        "code": numbered("R", count, 6),
        "name": title,
        "names": names(title, title),
        "class": np.array(CLASSES, dtype=object)[grade],
        "width_m": WIDTH_M[grade],
        "footway_m": FOOTWAY_M[grade],
        "length_m": shapely.length(ground.streets).round(2),
        "belongs_to": belongs_to,
    }
    lines = shapely.multilinestrings(ground.streets, indices=np.arange(count))
    return layer(columns, geographic(lines)), cell


def _places(ground: LargeCity, codes: Codes, rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, Ints]:
    """Rectangles as places that enclose, and a grid near each; one in four runs itself, others have firms."""
    count = len(ground.rectangles)
    code = numbered("L", count, 6)
    kinds = reference("place_types").query("encloses == 'true'")["code"].to_numpy(object)
    cell = shapely.STRtree(ground.grids).query_nearest(shapely.centroid(ground.rectangles), all_matches=False)[1]
    operator = firm("FP", rng.permutation(count), len(ground.grids))
    operator = np.where(rng.random(count) < 0.25, management(code), operator)
    operator[rng.random(count) < NOBODYS] = None
    columns = {
        "code": code,
        "name": code,
        "names": names(code, code),
        "type": rng.choice(kinds, count),
        "operator": operator,
        "supervisor": rng.choice(np.array(["D01", "D02", "D06", "D09"], dtype=object), count),
    }
    return layer(columns, geographic(multipolygons(list(ground.rectangles)))), cell


def _frontages(ground: LargeCity, count: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Ground a few metres beside the streets, with a shop each; some overlap, and one in ten is official."""
    foot = shapely.line_interpolate_point(ground.streets[rng.integers(len(ground.streets), size=count)],
                                          rng.random(count), normalized=True)  # fmt: skip
    x, y = (shapely.get_coordinates(foot) + rng.normal(0, 6, (count, 2))).T
    wide, deep = rng.uniform(3, 12, count), rng.uniform(2, 8, count)
    shapes = multipolygons(shapely.box(x - wide, y - deep, x + wide, y + deep).tolist())
    code = numbered("S", count, 6)
    columns = {
        "code": code,
        "kind": "shop",
        "origin": np.where(rng.random(count) < 0.1, "official", "derived"),
        "shops": [[one] for one in code],
        "responsible": code,
        "kerb_m": wide.round(2),
        "area_m2": shapely.area(shapes).round(1),
    }
    return layer(columns, geographic(shapes))


def _facilities(
    ground: LargeCity, codes: Codes, street_cell: Ints, count: int, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, Floats]:
    """Components of many classes a few metres beside the streets, and where they stand in metres."""
    known = reference("categories").query("kind == 'component'")["code"].to_numpy(object)
    weight = 1 / np.arange(1.0, COMPONENTS + 1)
    category = rng.choice(rng.choice(known, COMPONENTS, replace=False), count, p=weight / weight.sum())
    street = rng.integers(len(ground.streets), size=count)
    foot = shapely.line_interpolate_point(ground.streets[street], rng.random(count), normalized=True)
    at = shapely.get_coordinates(foot) + rng.normal(0, 6, (count, 2))
    district = codes["district"][street_cell[street]]
    maintains = firm("FM", ordinal(district), len(ground.grids))
    maintains[rng.random(count) < NOBODYS] = None
    sequence = pd.Series(category).groupby([district, category]).cumcount() + 1
    code = district + category + sequence.astype(str).str.zfill(6).to_numpy(object)
    columns = {
        "code": code,
        "name": category,
        "names": names(category, category),
        "scheme": CITY.scheme,
        "category": category,
        "supervises": "D01",
        "owns": rng.choice(np.array(["D01", "W01", "W02", "W03", None], dtype=object), count),
        "maintains": maintains,
        "valid_from": SINCE,
        "valid_to": np.where(rng.random(count) < ENDED, TAKEN_AWAY, None),
    }
    return layer(columns, shapely.points(lonlat(at))), at


def _holders(
    codes: Codes,
    roads: gpd.GeoDataFrame,
    street_cell: Ints,
    grounds: gpd.GeoDataFrame,
    place_cell: Ints,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """A manager for most unit grids, a chief for each street, for each place its keeper or the grid's manager."""
    place, patch, community = grounds["code"].to_numpy(object), codes["responsibility"], codes["community"]
    patches = np.unique(patch)
    run = grounds["operator"].notna().to_numpy()
    parts = [
        _held("grid", codes["unit"], manager(patch), community)[rng.random(len(patch)) >= UNHELD],
        _held("grid", patches, manager(patches), np.array([one[:12] for one in patches], dtype=object)),
        _held("street", roads["code"].to_numpy(object), chief(community[street_cell]), community[street_cell]),
        _held("place", place, np.where(run, keeper(place), manager(patch[place_cell])), community[place_cell]),
    ]
    frame = pd.concat(parts, ignore_index=True)
    return table(frame, key=(frame["subject"] + "/" + frame["subject_code"]).to_numpy(object))


def _held(subject: str, code: Objects, holder: Objects, community: Objects) -> pd.DataFrame:
    held = {"subject": subject, "subject_code": code, "holder": holder, "deputy": leader(community)}
    return pd.DataFrame(held).assign(valid_from=SINCE, valid_to=None)

"""A city with a million issues in two databases, for measuring what counts them: drawn, not reported and assigned."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
from shapely.geometry import MultiPolygon, box

from gis_core.arrays import Floats, Ints, Objects
from gis_core.city import Level
from gis_core.crs import to_metres
from gis_core.lattice import place_numbers
from layers.bulk import insert_rows
from layers.frames import point_wkb, table_of, typed
from layers.issues import Issue
from layers.stores import Stores
from tests import town

SIDE = 144
"""Unit grids along a side of the city; 4 by 4 are a community, 16 by 16 a subdistrict, 48 by 48 a district."""
LEVELS = {"district": 48, "street": 16, "community": 4, "unit": 1}
DEGREES = (0.00275, 0.0025)
"""Width and height of a unit grid: 280 m."""
ISSUES, AT_ONCE, DAYS, SPOTS = 1_000_000, 100_000, 365, 60_000
BEGIN = pd.Timestamp("2025-07-01T00:00+08:00")
CITY = replace(
    town.CITY,
    levels=tuple(
        Level(name=name, code=rf"\d{{{6 + 3 * nth}}}", titles={"en": name}) for nth, name in enumerate(LEVELS)
    ),
)


def codes_at(column: Ints, row: Ints, level: int) -> Objects:
    """Codes of the cells of a level in which unit grids lie, longer ones beginning with those above."""
    sizes = list(LEVELS.values())[: level + 1]
    number, width = np.zeros(len(column), np.int64), SIDE
    for size in sizes:
        number = number * 1_000 + column % width // size + row % width // size * (width // size) + 1
        width = size
    return np.array([f"450{code:0{3 * level + 3}}" for code in number.tolist()], dtype=object)


def found(stores: Stores) -> None:
    """Publish the city's cells."""
    frames = []
    for level, (name, size) in enumerate(LEVELS.items()):
        column, row = np.indices((SIDE // size, SIDE // size)).reshape(2, -1) * size
        codes = codes_at(column, row, level)
        shapes = [_cell(*corner, size) for corner in zip(column.tolist(), row.tolist(), strict=True)]
        parent = codes_at(column, row, level - 1) if level else np.full(len(codes), None)
        frames.append(town.rows(
            code=codes, name=codes, level=[name] * len(codes), parent=parent, organisation=[None] * len(codes),
            area_m2=[1.0] * len(codes), geometry=shapes,
        ))  # fmt: skip
    grids = pd.concat(frames, ignore_index=True)
    with stores.publishing() as store:
        store.init_city(CITY)
        store.revise(town.NOW, "heat")
        town.publish(store, grids=grids.assign(row=np.arange(len(grids)) + 1))


def fill(stores: Stores) -> None:
    """Store the issues, by and by: half of them where there were others, a few metres away."""
    rng = np.random.default_rng(20261128)
    spots = _anywhere(SPOTS, rng)
    categories = np.array([f"{kind:02}{number:03}" for kind in range(1, 7) for number in range(1, 21)], dtype=object)
    shares = 1 / np.arange(1, len(categories) + 1)
    seconds = np.sort(rng.integers(DAYS * 86_400, size=ISSUES))
    for first in range(0, ISSUES, AT_ONCE):
        lonlat = _anywhere(AT_ONCE, rng)
        again = rng.random(AT_ONCE) < 0.5
        lonlat[again] = spots[rng.integers(SPOTS, size=again.sum())] + rng.normal(0, 8e-5, (again.sum(), 2))
        category = rng.choice(categories, AT_ONCE, p=shares / shares.sum())
        when = BEGIN + pd.to_timedelta(seconds[first : first + AT_ONCE], unit="s")
        frame = _issues(first, lonlat, category, when.as_unit("us"), rng)
        given = {
            "id": pa.array(np.arange(first, first + AT_ONCE) + 1), "geom": point_wkb(lonlat),
            "place_number": pa.array(place_numbers(lonlat)),
        }  # fmt: skip
        with stores.write() as store:
            insert_rows(store.session, table_of(Issue), typed(frame, table_of(Issue), given))


def _cell(column: int, row: int, size: int) -> MultiPolygon:
    west, south = town.WEST + column * DEGREES[0], town.SOUTH + row * DEGREES[1]
    return MultiPolygon([box(west, south, west + size * DEGREES[0], south + size * DEGREES[1])])


def _anywhere(count: int, rng: np.random.Generator) -> Floats:
    """Places, more of them in the middle of the city."""
    share = np.where(rng.random((count, 1)) < 0.5, rng.beta(3, 3, (count, 2)), rng.uniform(0.001, 0.999, (count, 2)))
    return np.array([town.WEST, town.SOUTH]) + share * SIDE * np.array(DEGREES)


def _issues(
    first: int, lonlat: Floats, category: Objects, when: pd.DatetimeIndex, rng: np.random.Generator
) -> pd.DataFrame:
    column, row = np.clip((lonlat - [town.WEST, town.SOUTH]) // DEGREES, 0, SIDE - 1).astype(np.int64).T
    x, y = to_metres(lonlat, CITY.metric_srid).T
    cells = [codes_at(column, row, level) for level in range(len(LEVELS))]
    number = np.arange(first, first + len(x)) + 1
    code = np.array([f"{unit[:9]}20260101{one:07}" for unit, one in zip(cells[3], number.tolist(), strict=True)])
    closed = when + pd.to_timedelta(rng.integers(3_600, 86_400, len(x)), unit="s")
    still_open, answers = rng.random(len(x)) < 0.05, rng.random(len(x))
    street = np.char.add("S", (row * SIDE + column).astype(str)).astype(object)
    unit = np.array([f"U{one[3:9]}" for one in cells[1]], dtype=object)
    said = {
        "code": code, "source": "bench", "external_id": code, "raw_x": lonlat[:, 0], "raw_y": lonlat[:, 1],
        "datum": "wgs84", "scheme": "town", "kind": np.where(answers < 0.4, "component", "matter"),
        "category": category, "description": "环城路某号门前有暴露垃圾，影响通行，请尽快处理", "address": "环城路某号",
        "channel": "collector", "reported_at": when, "closed_at": closed.where(~still_open),
        "status": np.where(still_open, "open", "closed"), "master": np.where(answers > 0.97, code, None),
        "x": x, "y": y, "as_of": when, "version": 1, "revision": 1,
        **{f"grid_{level + 1}": codes for level, codes in enumerate(cells)}, "grid": cells[-1], "grid_distance_m": 0.0,
        "street": np.where(answers < 0.9, street, None), "street_distance_m": 7.5, "street_side": "left",
        "frontage": np.where(answers < 0.1, street + "-W", None), "responsible": unit, "responsible_kind": "unit",
        "rule": np.where(answers < 0.1, "front_door", "grid"), "handles": unit, "holds": unit, "flags": "",
    }  # fmt: skip
    return pd.DataFrame(said)

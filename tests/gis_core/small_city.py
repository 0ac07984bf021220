"""A city of eight unit grids, drawn by hand on a lattice in degrees, and ways to ask it.

::

    y
    2 +-------+-------+-------+-------+---------------+
      | 010103|010104 | 010203|010204 |               |
    1 +-------+-------+-------+-------+   district    |
      | 010101|010102 | 010201|010202 |   01 alone    |
    0 +-------+-------+-------+-------+---------------+
      0       1       2       3       4               6  x

Community 0101 is the left half, 0102 the right. One step is 0.002 degrees, a little over 200 m. Street S1 runs
east along y = 0.5, street S2 north along x = 2, the border of the communities. East of x = 4 there are no units.
"""

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.assignment import Assigner
from gis_core.city import City, Level
from gis_core.crs import to_lonlat, to_metres
from gis_core.territory import Territory

CITY = City(
    name="Lattice",
    timezone="Asia/Shanghai",
    metric_srid=4545,
    scheme="T",
    levels=(
        Level(name="district", code=r"\d{2}"),
        Level(name="community", code=r"\d{4}"),
        Level(name="unit", code=r"\d{6}"),
    ),
)
STEP = 0.002
WEST, SOUTH = 108.3, 22.8
UNITS = {
    "010101": (0, 0), "010102": (1, 0), "010103": (0, 1), "010104": (1, 1),
    "010201": (2, 0), "010202": (3, 0), "010203": (2, 1), "010204": (3, 1),
}  # fmt: skip

Row = dict[str, Any]


def lonlat(x: float, y: float) -> tuple[float, float]:
    """A place on the lattice in degrees."""
    return WEST + x * STEP, SOUTH + y * STEP


def box(x: float, y: float, to_x: float, to_y: float) -> shapely.Polygon:
    """A rectangle on the lattice."""
    return shapely.box(*lonlat(x, y), *lonlat(to_x, to_y))


def line(*places: tuple[float, float]) -> shapely.LineString:
    """A line through places on the lattice."""
    return shapely.LineString([lonlat(*place) for place in places])


def moved(place: tuple[float, float], east_m: float, north_m: float) -> tuple[float, float]:
    """A place in degrees, so many metres away."""
    metres = to_metres(np.array([place]), CITY.metric_srid) + (east_m, north_m)
    lon, lat = to_lonlat(metres, CITY.metric_srid)[0]
    return float(lon), float(lat)


def grid(code: str, level: str, geometry: shapely.Geometry, **more: Any) -> Row:
    parent = code[:-2] if level != "district" else None
    return {"code": code, "level": level, "name": code, "parent": parent, "geometry": geometry, **more}


def grids(*, without: Iterable[str] = (), **replaced: Row) -> list[Row]:
    """All cells, some left out, others (``unit_010101=…``) with columns of their own."""
    rows = [
        grid("01", "district", box(0, 0, 6, 2)),
        grid("0101", "community", box(0, 0, 2, 2)),
        grid("0102", "community", box(2, 0, 4, 2)),
        *(grid(code, "unit", box(x, y, x + 1, y + 1)) for code, (x, y) in UNITS.items()),
    ]
    return [row | replaced.get(f"{row['level']}_{row['code']}", {}) for row in rows if row["code"] not in without]


CATEGORIES = [
    {"scheme": "T", "kind": "component", "code": "bin", "component": None, "radius_m": 20.0},
    {"scheme": "T", "kind": "component", "code": "lamp", "component": None, "radius_m": None},
    {"scheme": "T", "kind": "matter", "code": "litter", "component": None, "radius_m": None},
    {"scheme": "T", "kind": "matter", "code": "bin-full", "component": "bin", "radius_m": None},
    {"scheme": "T", "kind": "matter", "code": "parking", "component": None, "radius_m": None},
]
TAGS = [
    {"tag_group": group, "tag": tag, "scheme": "T", "kind": "matter", "code": code}
    for group, tag, code in (
        ("eight", "dirt", "litter"), ("door", "clean", "litter"), ("door", "order", "bin-full"),
        ("lines", "parking", "parking"), ("lines", "no_parking", "parking"), ("lines", "goods", "litter"),
    )
]  # fmt: skip
PARTIES = [
    {"code": "bureau", "kind": "unit", "parent": None},
    {"code": "office", "kind": "unit", "parent": "bureau"},
    {"code": "cleaners", "kind": "firm", "parent": None},
    {"code": "sweepers", "kind": "firm", "parent": None},
    {"code": "manager", "kind": "firm", "parent": "bureau"},
    {"code": "li", "kind": "person", "parent": "office"},
    {"code": "wang", "kind": "person", "parent": "office"},
]


def street(code: str, geometry: shapely.Geometry, **more: Any) -> Row:
    return {"code": code, "name": code, "width_m": 14.0, "footway_m": 3.0, "geometry": geometry, **more}


S1 = street("S1", line((0, 0.5), (4, 0.5)))
S2 = street("S2", line((2, 0), (2, 2)), belongs_to="0101")


def place(code: str, geometry: shapely.Geometry, **more: Any) -> Row:
    row = {"code": code, "name": code, "type": "estate", "operator": "manager", "supervisor": None}
    return {**row, "geometry": geometry, **more}


def strip(code: str, geometry: shapely.Geometry, **more: Any) -> Row:
    row: Row = {"code": code, "kind": "shop", "origin": "derived", "shops": [code], "responsible": code}
    return {**row, "geometry": geometry, **more}


def facility(code: str, where: tuple[float, float], **more: Any) -> Row:
    row = {"code": code, "name": code, "scheme": "T", "category": "bin", "supervises": None, "owns": None}
    return {**row, "maintains": "cleaners", "geometry": shapely.Point(where), **more}


def contract(code: str, kind: str, **more: Any) -> Row:
    row: Row = dict.fromkeys(("responsible", "supervisor", "street", "from_m", "to_m", "left_m", "right_m", "radius_m"))
    row |= {"code": code, "name": code, "kind": kind, "contractor": "sweepers", "duties": ["litter"], "scheme": "T"}
    return {**row, "side": "both", "grid": None, "geometry": None, **more}


def holder(code: str, party: str, **more: Any) -> Row:
    return {"subject": "grid", "subject_code": code, "holder": party, "deputy": None, **more}


LAYERS_OF_ALL: dict[str, list[Row]] = {
    "grids": [
        *grids(
            unit_010101={"geometry": box(0, 0, 1.05, 1)},
            unit_010204={"geometry": box(3.01, 1, 4, 2), "organisation": "office"},
            unit_010102={"valid_to": "2026-07-01"},
        ),
        grids()[4] | {"code": "010109", "valid_from": "2026-07-02"},
    ],
    "streets": [S1, S2],
    "facilities": [facility(f"bin{x}{y}", lonlat(x / 2, y / 2)) for x in range(9) for y in range(5)],
    "frontages": [
        strip("noodles", box(0.2, 0.5, 0.6, 0.55)),
        strip("noodles", box(0.2, 0.5, 0.5, 0.56), origin="official", valid_from="2026-07-02"),
        strip("tea", box(0.6, 0.5, 0.9, 0.55), responsible="manager"),
        strip("B-1", box(0.9, 0.5, 0.95, 0.55), kind="blank", shops=[], responsible=None),
    ],
    "agreements": [{"code": "A1", "shop": "tea", "duties": ["parking"], "valid_to": "2026-07-01"}],
    "marks": [{"code": "X1", "kind": "goods", "geometry": box(0.65, 0.5, 0.7, 0.55)}],
    "places": [
        place("estate", box(1.2, 0.6, 1.8, 0.9)),
        place("market", box(1.5, 0.7, 1.6, 0.8), operator="cleaners"),
        place("shop", box(0.2, 0.2, 0.8, 0.8), type="shop"),
    ],
    "contracts": [
        contract("p1", "point", radius_m=40.0, geometry=shapely.Point(lonlat(1, 1))),
        contract("p2", "point", radius_m=40.0, geometry=shapely.Point(lonlat(1.1, 1))),
        contract("s1", "section", street="S1", from_m=0.0, to_m=300.0, left_m=15.0, right_m=8.0),
        contract("s2", "section", street="S1", from_m=300.0, to_m=None, side="left"),
        contract("r", "road", street="S2", duties=["tag:eight"], responsible="office"),
        contract("a", "area", geometry=box(2, 0, 3, 2), valid_from="2026-07-02", contractor=None, responsible="li"),
        contract("g", "grid", grid="0102", duties=["*"]),
    ],
    "holders": [
        holder("010101", "li", valid_to="2026-07-01"),
        holder("010101", "wang", valid_from="2026-07-01"),
        holder("0101", "office"),
    ],
}
"""Something of everything: dated cells, overlaps, every kind of contract."""


def territory(*, city: City = CITY, **layers: list[Row]) -> Territory:
    """The lattice city; layers given replace those it has by itself (grids, categories, tags, parties)."""
    rows = {"grids": grids(), "categories": CATEGORIES, "tags": TAGS, "parties": PARTIES, **layers}
    return Territory(city, 7, 3, {name: frame(layer) for name, layer in rows.items()})


def frame(rows: list[Row]) -> pd.DataFrame:
    if rows and "geometry" in rows[0]:
        return gpd.GeoDataFrame(rows, geometry="geometry", crs=4326)
    return pd.DataFrame(rows)


def issues(places: Iterable[tuple[float, float]], **columns: Any) -> pd.DataFrame:
    """Reports of litter at places in degrees, at noon of 1 July 2026 in the city's time."""
    at = np.array(list(places), dtype=np.float64).reshape(-1, 2)
    given = {"scheme": "T", "kind": "matter", "category": "litter", "reported_at": instant("2026-07-01 12:00")}
    return pd.DataFrame({"lon": at[:, 0], "lat": at[:, 1], **given, **columns})


def instant(local: str) -> pd.Timestamp:
    """A moment in the city's time as UTC."""
    return pd.Timestamp(local, tz="Asia/Shanghai").tz_convert("UTC")


def answer(city: Territory, place: tuple[float, float], **columns: Any) -> dict[str, Any]:
    """Who answers for one report; None for texts that are missing."""
    answers = Assigner(city)(issues([place], **columns))
    return {name: None if pd.isna(cells.iloc[0]) and cells.dtype == "category" else cells.iloc[0]
            for name, cells in answers.items()}  # fmt: skip

"""A town of three by three cells for the map pages, with answers of every kind and hostile words."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, MultiPolygon, Point, box

from gis_core.city import City, Level
from gis_core.hotspots.significance import significance
from gis_core.hotspots.weights import linked
from gis_core.ledger import Ledger, ledger
from gis_core.territory import Territory
from gis_core.topology import check_grids
from map_ui import MapData
from map_ui.backstreets import WINDOWS_DAYS
from map_ui.data import PatrolHeat, Patrolled
from tests.map_ui import spots

NOW = dt.datetime(2026, 3, 31, 4, 30, tzinfo=dt.UTC)
CELL = 0.01
WEST, SOUTH = 108.30, 22.80
HOSTILE = (
    '<script>window.broken=1</script></script><img src=x onerror="window.broken=1">'
    '\'"&\u2028\u2029 href="//evil.example"'
)
PLACE_TYPES = pd.DataFrame(
    {"code": ["market", "estate"], "name": ["集贸市场", "小区"], "name_en": ["market", "estate"]}
)


def city() -> City:
    """Three levels on the meridian of Nanning."""
    levels = (
        Level(name="district", titles={"en": "district", "zh": "城区"}),
        Level(name="community", titles={"en": "community", "zh": "社区"}),
        Level(name="unit", titles={"en": "unit grid", "zh": "单元网格"}),
    )
    return City(name="试验城 Testville", timezone="Asia/Shanghai", metric_srid=4545, levels=levels)


def layer(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Rows with a geometry as a frame."""
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=4326)


def grids() -> gpd.GeoDataFrame:
    """One district, three communities side by side, nine units."""

    def cell(code: str, name: str, level: str, parent: str | None, *corners: float) -> dict[str, Any]:
        shape = MultiPolygon([box(*corners)])
        english = {"en": f"{level} {code}"}
        return {"code": code, "name": name, "names": english, "level": level, "parent": parent, "organisation": "U1",
                "area_m2": 1_100_000.0, "geometry": shape}  # fmt: skip

    edge = 3 * CELL
    rows = [cell("450100", "城关区", "district", None, WEST, SOUTH, WEST + edge, SOUTH + edge)]
    for column in range(3):
        west = WEST + column * CELL
        community = f"45010{column + 1}"
        name = f"第{column + 1}社区"
        rows.append(cell(community, name, "community", "450100", west, SOUTH, west + CELL, SOUTH + edge))
        for line in range(3):
            south = SOUTH + line * CELL
            code = f"{community}{line + 1}"
            rows.append(cell(code, "", "unit", community, west, south, west + CELL, south + CELL))
    return layer(rows)


def streets() -> gpd.GeoDataFrame:
    """One street of each class."""
    classes = ("arterial", "secondary", "branch", "backstreet", "other")
    rows = []
    for order, name in enumerate(classes):
        north = SOUTH + 0.003 + order * 0.006
        line = LineString([(WEST, north), (WEST + 0.015, north + 0.001), (WEST + 0.03, north)])
        rows.append({"code": f"S{order}", "name": f"{name}路", "names": {"en": f"{name} road"}, "class": name,
                     "width_m": 12.0, "footway_m": None, "length_m": 3080.4, "geometry": line})  # fmt: skip
    return layer(rows)


def places() -> gpd.GeoDataFrame:
    """A market, an estate, and a place of a type nobody named."""
    return layer(
        [
            {"code": "P1", "name": "北门菜市场", "names": {"en": "North Gate market"}, "type": "market",
             "operator": "F2", "geometry": box(WEST + 0.012, SOUTH + 0.014, WEST + 0.016, SOUTH + 0.017)},
            {"code": "P2", "name": "和平小区", "names": {}, "type": "estate", "operator": "F2",
             "geometry": box(WEST + 0.021, SOUTH + 0.004, WEST + 0.028, SOUTH + 0.008)},
            {"code": "P3", "name": HOSTILE, "names": None, "type": "kiosk", "operator": None,
             "geometry": Point(WEST + 0.005, SOUTH + 0.025)},
        ]
    )  # fmt: skip


def facilities() -> gpd.GeoDataFrame:
    """Three litter bins."""
    return layer(
        [
            {"code": f"B{n}", "name": "", "scheme": "T", "category": "0301", "supervises": "U1", "owns": "U1",
             "maintains": "F1", "geometry": Point(WEST + 0.004 * n, SOUTH + 0.004)}
            for n in (1, 2, 3)
        ]
    )  # fmt: skip


def issues(count: int = 40) -> gpd.GeoDataFrame:
    """Issues all over town, one every 20 hours back from ``NOW``; the newest, in the middle, speaks hostile words."""
    rules = ("place_operator", "named_component", "point_contract", "section_contract", "area_contract", "grid_holder",
             "territorial_fallback")  # fmt: skip
    kinds = {
        "grid_holder": ("H1", "person"),
        "territorial_fallback": ("450102", "queue"),
        "area_contract": ("U1", "unit"),
    }
    rows = []
    for n in range(count):
        rule = rules[n % len(rules)]
        responsible, kind = kinds.get(rule, ("F1", "firm"))
        column, line = (1, 1) if n == 0 else (n % 3, n // 3 % 3)
        east = WEST + (column + 0.5) * CELL if n == 0 else WEST + column * CELL + 0.001 + n % 7 * 0.0011
        north = SOUTH + (line + 0.5) * CELL if n == 0 else SOUTH + line * CELL + 0.001 + n % 5 * 0.0015
        queued = kind == "queue"
        unit = None if queued else f"45010{column + 1}{line + 1}"
        rows.append({
            "code": f"450100-20260331-{n:04d}", "source": "test", "external_id": str(n),
            "scheme": "T", "kind": "matter", "category": "0101",
            "description": HOSTILE if n == 0 else "路边有垃圾", "address": "解放路 1 号",
            "reported_at": NOW - dt.timedelta(hours=20 * n), "status": "closed" if n % 4 == 3 else "open",
            "grid_1": "450100", "grid_2": f"45010{column + 1}", "grid_3": unit, "grid": unit,
            "grid_distance_m": None if queued else 0.0,
            "street": "S1", "street_distance_m": 12.34, "street_side": "left",
            "place": "P1" if rule == "place_operator" else None,
            "facility": "B1" if rule == "named_component" else None,
            "contract": "C1" if "contract" in rule else None, "contractor": "F1" if "contract" in rule else None,
            "responsible": responsible, "responsible_kind": kind, "rule": rule, "supervises": "U1", "owns": None,
            "handles": responsible, "holds": "H1", "flags": "queue no_street" if queued else "",
            "geometry": Point(east, north),
        })  # fmt: skip
    return layer(rows)


VIOLATIONS = pd.DataFrame(
    {"frontage": ["D0", "D1"], "count": [7, 1], "days": [3, None], "last": [pd.Timestamp(NOW), pd.NaT]}
)
"""Before the first shop on three days; of the second nobody counted days."""


def strips() -> gpd.GeoDataFrame:
    """Before the first street two shops, one of a hostile name, and a blank between them."""
    said = (("D0", "shop", ["P3"]), ("D1", "joint", ["D1", "P2"]), ("B0", "blank", []))
    rows = []
    for nth, (code, kind, shops) in enumerate(said):
        west, south = WEST + 0.002 * nth, SOUTH + 0.0031
        front = {"street": "S0", "side": "left", "from_m": 200.0 * nth, "to_m": 200.0 * nth + 100, "length_m": 100.0}
        said_too = {"origin": "derived", "quality": "estimated", "kerb_m": 100.0, "fronts": [front]}
        shape = box(west, south, west + 0.001, south + 0.0001)
        rows.append({"code": code, "kind": kind, "shops": shops, **said_too, "geometry": shape})
    return layer(rows)


def marks() -> gpd.GeoDataFrame:
    """Lines for goods, with a hostile name."""
    return layer([{"code": "X1", "name": HOSTILE, "kind": "goods",
                   "geometry": box(WEST, SOUTH + 0.0031, WEST + 0.0002, SOUTH + 0.0032)}])  # fmt: skip


def doors(frames: dict[str, Any]) -> Ledger:
    """The ledger of the town: the first shop has signed."""
    letters = pd.DataFrame({"code": ["A1"], "shop": ["P3"], "valid_from": [None], "valid_to": ["2027-01-01"]})
    known = {name: frames[name] for name in ("frontages", "grids") if len(frames[name])}
    named = pd.DataFrame({"code": ["D0", "D1"], "name": [HOSTILE, "茶馆"]})
    territory = Territory(city(), 1, 1, {**known, "agreements": letters, "places": named})
    return ledger(territory, (NOW.date() - dt.date(1970, 1, 1)).days)


SEGMENTS = (
    # street, name, from_m, length_m, hours since, and for each window status, visits and share
    ("S3", "backstreet路", 0.0, 400.0, 5.0, "walked walked walked walked walked", (1, 3, 6, 11, 25)),
    ("S3", "backstreet路", 400.0, 600.0, 200.0, "blind blind blind walked walked", (0, 0, 0, 3, 9)),
    ("S3", "backstreet路", 1000.0, 900.0, 30.0, "blind probable probable walked walked", (0, 1, 2, 8, 15)),
    ("S3", "backstreet路", 1900.0, 700.0, None, "no_data no_data no_data no_data no_data", (0, 0, 0, 0, 0)),
    ("S9", HOSTILE, 0.0, 150.0, None, "no_data blind blind blind blind", (0, 0, 0, 0, 0)),
)


def segments() -> gpd.GeoDataFrame:
    """Five segments to patrol: fresh, old, probable, of which nobody knows, and one that nobody walked."""
    rows = []
    for nth, (street, name, from_m, length_m, age_h, statuses, visits) in enumerate(SEGMENTS):
        west, south = WEST + 0.001 + 0.005 * nth, SOUTH + (0.021 if street == "S3" else 0.012)
        row = {"street": street, "name": name, "class": "backstreet", "from_m": from_m, "to_m": from_m + length_m,
               "length_m": length_m, "grid": f"45010{1 + nth // 2}3", "contractor": None if nth == 3 else "F2",
               "age_h": age_h, "gap_h": age_h and age_h + 20.0}  # fmt: skip
        for days, status, count in zip(WINDOWS_DAYS, statuses.split(), visits, strict=True):
            row |= {f"status_{days}": status, f"visits_{days}": count, f"share_{days}": 1.0 if count else 0.0}
            # The first is of a wide street: walked on one side only in a week, on both in more.
            row |= (
                {f"visits_left_{days}": count - (days > 7), f"visits_right_{days}": int(days > 7)} if nth == 0 else {}
            )
        rows.append({**row, "geometry": LineString([(west, south), (west + 0.004, south)])})
    return layer(rows)


def patrolled(segments: gpd.GeoDataFrame) -> Patrolled:
    """The town's segments, and two markets with a quota."""
    quota = {"type": "market", "period": "day", "required": 4, "bodies_required": 4}
    quotas = (
        {"place": "P1", "name": "北门菜市场", **quota, "done": 4, "bodies": 4, "last_at": NOW,
         "next_due": NOW + dt.timedelta(hours=20), "state": "done"},
        {"place": "P3", "name": HOSTILE, **quota, "done": 1, "bodies": 1, "last_at": None,
         "next_due": NOW - dt.timedelta(hours=2), "state": "overdue"},
    )  # fmt: skip
    heat = patrol_compared(len(segments))
    return Patrolled(segments=segments, as_of=NOW, newest=NOW.date(), asked_at=NOW, quotas=quotas, heat=heat)


def patrol_compared(segments: int) -> PatrolHeat:
    """Reports and patrol on the town's segments, each next to the one before and the one behind: twelve times as many
    on the second as patrol explains, and too little patrol on the last two.
    """
    reports, patrol = np.array([3, 90, 4, 1, 2])[:segments], np.array([2.0, 2.5, 3.0, 0.0, 0.0])[:segments]
    along = np.arange(max(segments - 1, 0))
    answer = significance(reports, linked(segments, np.column_stack([along, along + 1])), patrol)
    return PatrolHeat(
        answer=answer, unit=np.arange(segments), since=NOW - dt.timedelta(days=30), until=NOW, elsewhere=17
    )  # fmt: skip


def findings(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What the checks say of the town's grids, and of a cell with a hostile name."""
    found = check_grids(grids, city(), 0)
    odd = {"check": "in_parts", "severity": "warning", "level": "unit", "code": HOSTILE, "amount": 2.0}
    odd |= {"unit": "parts", "lon": WEST, "lat": SOUTH, "geometry": box(WEST, SOUTH, WEST + 0.001, SOUTH + 0.001)}
    return gpd.GeoDataFrame(pd.concat([found, gpd.GeoDataFrame([odd], crs=4326)], ignore_index=True), crs=4326)


def parties() -> pd.DataFrame:
    """Two units, two firms and a person."""
    return pd.DataFrame(
        {
            "code": ["U1", "F1", "F2", "H1", "U9"],
            "kind": ["unit", "firm", "firm", "person", "unit"],
            "name": ["城管局", "洁城公司", HOSTILE, "王网格", "无关单位"],
            "names": [{"en": "City management office"}, {"en": "Clean City Ltd"}, {}, None, {}],
        }
    )


def categories() -> pd.DataFrame:
    """One matter and one component."""
    return pd.DataFrame(
        {
            "scheme": ["T", "T"],
            "kind": ["matter", "component"],
            "code": ["0101", "0301"],
            "name": ["暴露垃圾", "果皮箱"],
            "names": [{"en": "exposed rubbish"}, {"en": "litter bin"}],
        }
    )


def make_town(**changes: Any) -> MapData:
    """The whole town; ``changes`` replace frames by name."""
    frames = {"grids": grids(), "streets": streets(), "places": places()}
    frames |= {"facilities": facilities(), "issues": issues(), "frontages": strips(), "marks": marks()}
    frames |= {"segments": segments()} | changes
    counts = frames["issues"]["status"].value_counts().to_dict() if len(frames["issues"]) else {}
    shown = {name: frame for name, frame in frames.items() if name not in ("frontages", "segments")}
    return MapData(
        city=city(), frames=shown, parties=parties(), categories=categories(), issue_counts=counts, as_of=NOW,
        place_types=PLACE_TYPES, doors=doors(frames), violations=VIOLATIONS, findings=findings(frames["grids"]),
        patrol=patrolled(frames["segments"]), hotspots=spots.found(frames["grids"], city(), HOSTILE),
    )  # fmt: skip


@pytest.fixture(scope="session")
def town() -> Callable[..., MapData]:
    """Builds the town; keywords replace its frames."""
    return make_town


@pytest.fixture(scope="session")
def hostile() -> str:
    """Words that try to become markup."""
    return HOSTILE

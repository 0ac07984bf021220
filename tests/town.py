"""A town small enough to know by heart, for tests of the store and the doors.

Four unit grids of 0.001° in a square, all in one district::

    0103 | 0104        north
    -----+-----
    0101 | 0102        south      origin 108.300 E, 22.800 N is the south-west corner
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, box

from gis_core.assignment import Assigner
from gis_core.city import City, Level
from gis_core.issues import screen
from layers.store import Store
from layers.stores import Stores
from layers.territories import read_territory

WEST, SOUTH, SIDE = 108.3, 22.8, 0.001
CITY = City(
    name="小城",
    timezone="Asia/Shanghai",
    metric_srid=4545,
    scheme="town",
    levels=(
        Level(name="district", code=r"\d{2}", titles={"en": "district", "zh": "区"}),
        Level(name="unit", code=r"\d{4}", titles={"en": "unit", "zh": "单元"}),
    ),
)
NOW = dt.datetime(2026, 7, 1, 4, 0, tzinfo=dt.UTC)


def cell(column: float, row: float, width: float = 1, height: float = 1) -> MultiPolygon:
    """A rectangle in cells from the south-west corner."""
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return MultiPolygon([box(west, south, west + width * SIDE, south + height * SIDE)])


def rows(source: str = "town", **columns: Sequence[Any]) -> pd.DataFrame:
    """Rows as an importer accepts them; the code is the key unless one is given."""
    frame = pd.DataFrame({name: pd.Series(list(values), dtype=object) for name, values in columns.items()})
    frame["source"] = source
    if "key" not in frame:
        frame["key"] = frame["code"]
    frame["row"] = np.arange(len(frame)) + 1
    if "geometry" in frame:
        return gpd.GeoDataFrame(frame, geometry="geometry", crs=4326)
    return frame


def grids(units: Sequence[str] = ("0101", "0102", "0103", "0104"), **changed: Any) -> pd.DataFrame:
    """The district and its unit grids."""
    shapes = [cell(0, 0, 2, 2), *(cell(k % 2, k // 2) for k in range(len(units)))]
    columns = {
        "code": ["01", *units],
        "name": ["东区", *(f"单元{unit}" for unit in units)],
        "level": ["district", *(["unit"] * len(units))],
        "parent": [None, *(["01"] * len(units))],
        "organisation": ["U01", *([None] * len(units))],
        "area_m2": [1.0] * (len(units) + 1),
        "geometry": shapes,
    }
    return rows(**{**columns, **changed})


def streets() -> pd.DataFrame:
    """One street from west to east along the middle."""
    line = MultiLineString([[(WEST, SOUTH + SIDE), (WEST + 2 * SIDE, SOUTH + SIDE)]])
    return rows(code=["S1"], name=["中街"], **{"class": ["arterial"]}, length_m=[200.0], geometry=[line])


def parties() -> pd.DataFrame:
    """The district's office, a firm and two persons."""
    return rows(
        code=["U01", "F1", "P1", "P2"],
        name=["东区", "洁美", "甲", "乙"],
        kind=["unit", "firm", "person", "person"],
        parent=[None, None, "U01", "U01"],
    )


def categories() -> pd.DataFrame:
    """Two matters."""
    return rows(code=["a", "b"], name=["甲类", "乙类"], scheme=["town"] * 2, kind=["matter"] * 2)


def holders(holder: str = "P1") -> pd.DataFrame:
    """Unit 0101 has a holder."""
    return rows(key=["0101"], subject=["grid"], subject_code=["0101"], holder=[holder], deputy=["P2"])


def issues(
    count: int = 1,
    *,
    column: float = 0.5,
    row: float = 0.5,
    first: int = 1,
    reported_at: str | pd.DatetimeIndex = "2026-06-01T02:00Z",
    **more: Any,
) -> pd.DataFrame:
    """Issues at one place, as an importer accepts them."""
    lon, lat = WEST + column * SIDE, SOUTH + row * SIDE
    frame = pd.DataFrame(
        {
            "lon": lon, "lat": lat, "raw_x": lon, "raw_y": lat, "datum": "wgs84", "scheme": "town", "kind": "matter",
            "category": "a", "source": "town", "external_id": [str(first + k) for k in range(count)],
            "reported_at": pd.to_datetime(reported_at),
            "closed_at": pd.Series([pd.NaT] * count, dtype="datetime64[us, UTC]"),
            "row": np.arange(count) + 1, "extra": [{}] * count,
        } | more
    )  # fmt: skip
    return gpd.GeoDataFrame(frame, geometry=[Point(lon, lat)] * count, crs=4326)


def report(stores: Stores, count: int, column: float, row: float, first: int, day: str = "2026-06-29") -> None:
    """Store so many issues at one place, reported on a day at ten o'clock."""
    rows = issues(count, column=column, row=row, first=first, reported_at=f"{day}T02:00Z")
    with stores.write() as store:
        assert store.add_issues(answered(store, rows), NOW) == count


def found(stores: Stores) -> None:
    """Make the store the town's, with its territory published and its reference data."""
    with stores.publishing() as store:
        store.init_city(CITY)
        revision = store.revise(NOW, "town")
        for table, frame in (("parties", parties()), ("categories", categories()), ("holders", holders())):
            assert not len(store.put(table, frame, revision).rejects)
        publish(store, grids=grids(), streets=streets())


def publish(store: Store, effective_from: dt.datetime | None = None, **frames: pd.DataFrame) -> int:
    """Publish layers as one version; its number."""
    version = store.begin_version(NOW, "town")
    for table, frame in frames.items():
        assert not len(store.put(table, frame, version, replace=True).rejects)
    store.publish(version, effective_from=effective_from, now=NOW, override_reason=None)
    return version


def walked(**changed: Any) -> gpd.GeoDataFrame:
    """What was walked of a street of two segments on one day, as a roll-up has it: west in 0101, east in 0102."""
    lines = [LineString([(WEST + k * SIDE, SOUTH + 0.99 * SIDE), (WEST + (k + 1) * SIDE, SOUTH + 0.99 * SIDE)])
             for k in range(2)]  # fmt: skip
    columns = {
        "street": ["S1", "S1"], "from_m": [0.0, 102.0], "to_m": [102.0, 204.0], "class": ["backstreet"] * 2,
        "grid": ["0101", "0102"], "walked_m": [100.0, 50.0], "visits": [2, 0], "passes": [2, 1], "carriers": [1, 1],
        "patrol_m": [202.0, 50.0], "patrol_s": [170.5, 40.0],
        "last_at": [pd.Timestamp("2026-06-30T02:00Z"), None],
    }  # fmt: skip
    return gpd.GeoDataFrame(columns | changed, geometry=lines, crs=4326)


def answered(store: Store, frame: pd.DataFrame) -> pd.DataFrame:
    """Issues with their answers by the latest territory."""
    territory = read_territory(store, store.latest_version(), store.latest_revision())
    accepted = screen(frame, territory).accepted
    return accepted.join(Assigner(territory)(accepted))


def same_shapes(one: Any, other: Any) -> bool:
    """Whether two columns of shapes are equal to the last bit."""
    return bool((shapely.to_wkb(np.array(one)) == shapely.to_wkb(np.array(other))).all())

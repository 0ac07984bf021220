"""What of each table a sight takes in, on both databases; the town has four units in one district."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from shapely.geometry import MultiLineString, Point

from gis_core.permissions import EVERYTHING, Area, Sight
from layers import SCOPED
from layers.coverages import SegmentDay
from layers.engine import connect, upgrade
from layers.frames import read_frame
from layers.rollups import put_segments
from layers.scoping import VISIBLE
from layers.store import Store
from layers.stores import Stores
from layers.territories import read_territory
from tests import town
from tests.town import NOW, SIDE, SOUTH, WEST


def seeing(*areas: str) -> Sight:
    """A sight of areas written ``kind:code``."""
    return Sight(tuple(sorted(Area(*area.split(":")) for area in areas)))


SIGHTS = {
    "unit": seeing("grid:0101"),
    "district": seeing("grid:01"),
    "organisation": seeing("organisation:U02"),
    "above": seeing("organisation:U00"),
    "contractor": seeing("contractor:F1"),
    "two": seeing("grid:0102", "contractor:F1"),
    "nowhere": Sight(()),
    "unknown": seeing("grid:99"),
    "everything": EVERYTHING,
}
EXPECTED: dict[str, dict[str, set[str]]] = {
    "grids": {
        "unit": {"0101"}, "district": {"01", "0101", "0102", "0103", "0104"}, "organisation": {"0104"},
        "above": {"01", "0101", "0102", "0103", "0104"}, "contractor": {"0103"}, "two": {"0102", "0103"},
    },
    "streets": {
        "unit": {"S1"}, "district": {"S1", "S2"}, "organisation": {"S1"}, "above": {"S1", "S2"},
        "contractor": {"S2"}, "two": {"S1", "S2"},
    },
    "places": {
        "unit": {"M1"}, "district": {"M1", "M4"}, "organisation": {"M4"}, "above": {"M1", "M4"},
        "contractor": {"M1"}, "two": {"M1"},
    },
    "facilities": {
        "unit": {"B1"}, "district": {"B1", "B4"}, "organisation": {"B4"}, "above": {"B1", "B4"},
        "contractor": {"B4"}, "two": {"B4"},
    },
    "frontages": {
        "unit": {"D1"}, "district": {"D1", "D4"}, "organisation": {"D4"}, "above": {"D1", "D4"},
        "contractor": {"D4"}, "two": {"D4"},
    },
    "walls": {
        "unit": {"W1"}, "district": {"W1", "W4"}, "organisation": {"W4"}, "above": {"W1", "W4"},
        "contractor": set(), "two": set(),
    },
    "marks": {
        "unit": {"X1"}, "district": {"X1", "X4"}, "organisation": {"X4"}, "above": {"X1", "X4"},
        "contractor": set(), "two": set(),
    },
    "shops": {
        "unit": {"M1"}, "district": {"M1", "M4"}, "organisation": {"M4"}, "above": {"M1", "M4"},
        "contractor": {"M1"}, "two": {"M1"},
    },
    "agreements": {
        "unit": {"A1"}, "district": {"A1", "A4"}, "organisation": {"A4"}, "above": {"A1", "A4"},
        "contractor": {"A1"}, "two": {"A1"},
    },
    "contracts": {
        "unit": {"C2"}, "district": {"C1", "C2", "C3"}, "organisation": {"C2"}, "above": {"C1", "C2", "C3"},
        "contractor": {"C1", "C3"}, "two": {"C1", "C2", "C3"},
    },
    "holders": {
        "unit": {"0101"}, "district": {"0101", "0104"}, "organisation": {"0104"}, "above": {"0101", "0104"},
        "contractor": set(), "two": set(),
    },
    "parties": {
        "unit": {"P1", "P2"}, "district": {"P1", "P2", "P4"}, "organisation": {"P4"},
        "above": {"P1", "P2", "P4"}, "contractor": set(), "two": set(),
    },
    "issues": {
        "unit": {"1"}, "district": {"1", "2", "3", "4"}, "organisation": {"4"}, "above": {"1", "2", "3", "4"},
        "contractor": {"1", "3"}, "two": {"1", "2", "3"},
    },
    "coverage": {
        "unit": {"S1 0.0"}, "district": {"S1 0.0", "S1 102.0", "S9 0.0", "S2 0.0"}, "organisation": {"S2 0.0"},
        "above": {"S1 0.0", "S1 102.0", "S9 0.0", "S2 0.0"}, "contractor": {"S9 0.0", "S2 0.0"},
        "two": {"S1 102.0", "S9 0.0", "S2 0.0"},
    },
    "categories": {}, "tags": {},
}  # fmt: skip
"""Keys of what each sight sees; of parties the persons, since units and firms are known to all."""


@pytest.fixture(scope="module")
def stores(module_store_url: str) -> Iterator[Stores]:
    """The town with somebody to see something of everything."""
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    with stores.publishing() as store:
        store.init_city(town.CITY)
        revision = store.revise(NOW, "town")
        for table, frame in reference().items():
            assert not len(store.put(table, frame, revision).rejects), table
        organisations = ["U01", None, None, None, "U02"]
        town.publish(store, grids=town.grids(organisation=organisations), streets=streets(), places=places())
    with stores.write() as store:
        for number, (column, row) in enumerate([(0.3, 0.3), (1.3, 0.3), (0.3, 1.7), (1.7, 1.7)], start=1):
            store.add_issues(town.answered(store, town.issues(1, column=column, row=row, first=number)), NOW)
        # A lane in the firm's grid, and one that the firm sweeps in 0101.
        more = town.walked(street=["S9", "S2"], from_m=[0.0, 0.0], grid=["0103", "0104"])
        put_segments(store.session, dt.date(2026, 6, 30), pd.concat([town.walked(), more]))
    yield stores
    engine.dispose()


def reference() -> dict[str, pd.DataFrame]:
    """Parties in a tree, holders of two units, three contracts of one firm and another, two bins."""
    doors = [town.cell(0.5, 0.1, 0.1, 0.1), town.cell(1.5, 1.1, 0.1, 0.1)]
    return {
        "parties": town.rows(
            code=["U00", "U01", "U02", "F1", "F2", "P1", "P2", "P4"],
            name=["市", "一", "二", "甲", "乙", "丙", "丁", "戊"],
            kind=["unit"] * 3 + ["firm"] * 2 + ["person"] * 3,
            parent=[None, "U00", "U00", None, None, "U01", "U01", "U02"],
        ),
        "categories": town.categories(),
        "tags": town.rows(key=["t"], tag_group=["g"], tag=["t"], scheme=["town"], kind=["matter"], code=["a"]),
        "holders": town.rows(
            key=["0101", "0104"], subject=["grid"] * 2, subject_code=["0101", "0104"], holder=["P1", "P4"],
            deputy=["P2", None],
        ),
        "contracts": town.rows(
            code=["C1", "C2", "C3"], kind=["grid", "road", "road"], contractor=["F1", "F2", "F1"],
            duties=[["*"]] * 3, scheme=["town"] * 3, grid=["0103", None, None], street=[None, "S1", "北街"],
        ),
        "shops": town.rows(code=["M1", "M4"], person=["己", "庚"]),
        "agreements": town.rows(code=["A1", "A4"], shop=["M1", "M4"]),
        "frontages": town.rows(
            code=["D1", "D4"], origin=["derived"] * 2, responsible=["F2", "F1"], area_m2=[1.0] * 2, geometry=doors,
        ),
        "walls": town.rows(code=["W1", "W4"], geometry=doors),
        "marks": town.rows(code=["X1", "X4"], kind=["goods"] * 2, area_m2=[1.0] * 2, geometry=doors),
        "facilities": town.rows(
            code=["B1", "B4"], scheme=["town"] * 2, category=["x"] * 2, maintains=["F2", "F1"],
            geometry=[Point(WEST + SIDE * 0.5, SOUTH + SIDE * 0.2), Point(WEST + SIDE * 1.5, SOUTH + SIDE * 1.2)],
        ),
    }  # fmt: skip


def streets() -> pd.DataFrame:
    """The middle street, and one along the north, in 0103 and 0104 without touching 0104's ground alone."""
    north = MultiLineString([[(WEST + 0.1 * SIDE, SOUTH + 1.8 * SIDE), (WEST + 0.9 * SIDE, SOUTH + 1.8 * SIDE)]])
    middle = town.streets().geometry.iloc[0]
    return town.rows(
        code=["S1", "S2"], name=["中街", "北街"], **{"class": ["arterial", "branch"]}, length_m=[200.0, 80.0],
        geometry=[middle, north],
    )  # fmt: skip


def places() -> pd.DataFrame:
    """A market of the firm's in 0101, and one in 0104."""
    return town.rows(
        code=["M1", "M4"], name=["一市", "四市"], type=["market"] * 2, operator=["F1", "F2"],
        geometry=[town.cell(0.2, 0.2, 0.2, 0.2), town.cell(1.5, 1.5, 0.3, 0.3)],
    )  # fmt: skip


def keys(store: Store, table: str) -> set[str]:
    """Keys of the rows a store reads; of parties the persons."""
    if table == "issues":
        return set(store.issues()["external_id"])
    if table == "coverage":
        rows = read_frame(store.session, SegmentDay, store.bounded("coverage"))
        return {f"{street} {from_m}" for street, from_m in zip(rows["street"], rows["from_m"], strict=True)}
    state = store.latest_version() if table in ("grids", "streets", "places") else store.latest_revision()
    rows = store.read(table, state)
    return set(rows[rows["kind"] == "person"]["key"] if table == "parties" else rows["key"])


def test_every_table_says_who_sees_what() -> None:
    """A new table would be open to everybody or to nobody, and nobody would have decided it."""
    assert set(VISIBLE) == set(SCOPED) == set(EXPECTED)


@pytest.mark.parametrize("table", SCOPED)
@pytest.mark.parametrize("sight", SIGHTS)
def test_a_sight_sees_its_own_and_nothing_else(stores: Stores, table: str, sight: str) -> None:
    """Somebody would read what is another grid's, or not find their own."""
    with stores.read() as store:
        everything = keys(store, table)
    expected = everything if sight == "everything" or VISIBLE[table] is None else EXPECTED[table].get(sight, set())
    with stores.read(SIGHTS[sight]) as store:
        assert keys(store, table) == expected
        assert store.count(table) == len(expected if table != "parties" else store.read(table, 99))


def test_what_no_longer_holds_puts_nothing_in_sight(store_url: str) -> None:
    """Who gave a grid back, or whose contract has ended, would go on reading its issues."""
    engine = connect(store_url)
    upgrade(engine)
    stores = Stores(engine)
    dated = {"valid_from": [dt.date(2026, 1, 1)], "valid_to": [dt.date(2026, 6, 30)]}
    contracts = town.rows(
        code=["C1"], kind=["grid"], contractor=["F1"], duties=[["*"]], scheme=["town"], grid=["0102"], street=["S1"],
        **dated,
    )  # fmt: skip
    town.found(stores)
    with stores.publishing() as store:
        revision = store.revise(NOW, "dated")
        store.put("holders", town.holders().assign(holder="F1", **dated), revision)
        store.put("contracts", contracts, revision)
    with stores.write() as store:
        store.add_issues(town.answered(store, town.issues(reported_at="2027-01-01T00:00Z")), NOW)
    sight = seeing("contractor:F1")
    days = {
        dt.date(2025, 12, 31): False,
        dt.date(2026, 1, 1): True,
        dt.date(2026, 6, 30): True,
        dt.date(2026, 7, 1): False,
    }
    for day, seen in days.items():
        with stores.read(replace(sight, day=day)) as store:
            assert keys(store, "grids") == ({"0101", "0102"} if seen else set()), day
            assert (keys(store, "issues"), keys(store, "streets")) == (({"1"}, {"S1"}) if seen else (set(), set())), day
    assert len({replace(sight, day=day).key for day in (None, *days)}) == 5
    engine.dispose()


@pytest.mark.parametrize("sight", SIGHTS)
def test_counts_are_of_what_is_seen(stores: Stores, sight: str) -> None:
    """A number would tell what a list hides."""
    seen = EXPECTED["issues"].get(sight, set()) if sight != "everything" else {"1", "2", "3", "4"}
    with stores.read(SIGHTS[sight]) as store:
        assert sum(store.issues_by_status().values()) == len(seen)
        assert (store.last_report() is not None) == bool(seen)
        assert store.issues(codes=[]).empty


def test_a_territory_is_never_decided_by_what_one_person_sees(stores: Stores) -> None:
    """Issues would be assigned by half a territory, and everybody after would be, from the cache."""
    with stores.read(SIGHTS["unit"]) as store, pytest.raises(ValueError, match="whole"):
        read_territory(store, store.latest_version(), store.latest_revision())

"""Facilities along lanes as people ask for them: findings, figures, and the register of lanes against the layer."""

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from shapely.geometry import shape

from gis_core.permissions import Area, Grant
from layers.lane_registers import read_register
from layers.stores import Stores
from tests import town
from tests.api.conftest import Run
from tests.serving import Server, join, serving

TOILET, BIN, LAMP, NOTICE = "03001", "03005", "01037", "03008"


def lane(column: float, row: float, to_column: float, to_row: float) -> shapely.MultiLineString:
    """A straight lane between two places of the town, in cells."""
    ends = [(town.WEST + x * town.SIDE, town.SOUTH + y * town.SIDE) for x, y in ((column, row), (to_column, to_row))]
    return shapely.MultiLineString([ends])


def streets() -> gpd.GeoDataFrame:
    """A lane in each of the southern units, either a good 80 m, joined by a street through the middle of the town that
    runs on for ten units; in unit 0104 a lane of its own.
    """
    lines = [lane(0.1, 0.2, 0.9, 0.2), lane(1.1, 0.2, 1.9, 0.2), lane(0.9, 0.2, 1.1, 0.2), lane(1.5, 1.2, 1.5, 1.8)]
    return town.rows(
        code=["L1", "L2", "M1", "L4"], name=["甲巷", "乙巷", "中街", "丁巷"], length_m=[82.0, 82.0, 20.0, 66.0],
        **{"class": ["backstreet", "backstreet", "branch", "backstreet"]}, geometry=lines,
    )  # fmt: skip


def facilities() -> gpd.GeoDataFrame:
    """A toilet in unit 0101, lamps in both lanes of which one is broken, one bin, a notice that is gone."""
    at = [(0.15, 0.21), (0.5, 0.21), (1.2, 0.21), (1.8, 0.21), (0.5, 0.19), (0.4, 0.19)]
    points = [shapely.Point(town.WEST + x * town.SIDE, town.SOUTH + y * town.SIDE) for x, y in at]
    return town.rows(
        code=list("abcdef"), category=[TOILET, LAMP, LAMP, LAMP, BIN, NOTICE],
        state=["完好", "完好", "完好", "破损", None, "移除"], geometry=points,
    )  # fmt: skip


def fill(stores: Stores) -> None:
    """The town with its lanes and what stands along them."""
    with stores.publishing() as store:
        town.publish(store, streets=streets())
        revision = store.revise(town.NOW, "town")
        ready = facilities().assign(scheme="town", name="")
        assert not len(store.put("facilities", ready, revision).rejects)
        places = town.rows(code=["E1", "E2"], name=["甲苑", "乙苑"], type=["estate"] * 2, geometry=[
            town.cell(0.2, 0.5, 0.2, 0.2), town.cell(1.2, 0.5, 0.2, 0.2)])  # fmt: skip
        places["extra"] = [{"户数": "20"}, {"households": "?"}]
        town.publish(store, places=places)


@pytest.fixture
def server(founded_stores: Stores) -> Iterator[Server]:
    """The town of lanes."""
    fill(founded_stores)
    with serving(founded_stores) as up:
        yield up


def test_findings_of_lanes_are_features_of_their_area(server: Server, founded_stores: Stores) -> None:
    """A map could not show from where it is far to a toilet, or would show it to the next grid's manager."""
    commander = server.by(join(founded_stores, "commander", Grant("commander", Area("city"))))
    reply = commander.ask("/api/v1/findings?about=lanes").document
    told = {(one["properties"]["check"], one["properties"]["code"]): one for one in reply["features"]}
    assert set(told) == {("toilet_none", "L4"), ("lamps_missing", "L4"), ("lamps_unlit", "L2")}
    dark = told["lamps_missing", "L4"]
    assert dark["properties"]["amount"] == pytest.approx(66.5, abs=1)
    assert shape(dark["geometry"]).within(town.cell(1, 1)) and dark["geometry"]["type"] == "LineString"
    assert told["lamps_unlit", "L2"]["properties"]["amount"] == 50
    part = server.by(join(founded_stores, "part", Grant("grid_manager", Area("grid", "0102"))))
    mine = part.ask("/api/v1/findings?about=lanes").document["features"]
    assert [one["properties"]["code"] for one in mine] == ["L2"]


def test_figures_by_lane_and_cell(server: Server, founded_stores: Stores) -> None:
    """Nobody could tell which community has too few lamps for its households."""
    commander = server.by(join(founded_stores, "commander", Grant("commander", Area("city"))))
    by_lane = {row["code"]: row for row in commander.ask("/api/v1/lanes/figures").document["figures"]}
    assert set(by_lane) == {"L1", "L2", "L4"}
    one = by_lane["L1"]
    assert (one["name"], one["toilets"], one["bins"], one["lamps"], one["notices"]) == ("甲巷", 1, 1, 1, 0)
    assert (one["toilets_share"], one["lit_share"], one["lamps_per_100_households"]) == (1.0, 1.0, None)
    assert (by_lane["L2"]["lit_share"], by_lane["L4"]["toilets_share"]) == (0.5, 0.0)
    assert by_lane["L4"]["lit_share"] is None
    by_unit = {row["code"]: row for row in commander.ask("/api/v1/lanes/figures?by=unit").document["figures"]}
    assert set(by_unit) == {"0101", "0102", "0104"}
    assert (by_unit["0101"]["lamps_per_100_households"], by_unit["0102"]["lamps_per_100_households"]) == (5.0, None)
    (district,) = commander.ask("/api/v1/lanes/figures?by=district").document["figures"]
    assert (district["lamps"], district["lamps_per_100_households"]) == (3, 15.0)
    assert district["due_m"] == pytest.approx(sum(row["due_m"] for row in by_lane.values()))
    assert commander.ask("/api/v1/lanes/figures?by=moon").status == 400
    part = server.by(join(founded_stores, "part", Grant("grid_manager", Area("grid", "0102"))))
    for by, codes in (("lane", ["L2"]), ("unit", ["0102"])):
        rows = part.ask(f"/api/v1/lanes/figures?by={by}").document["figures"]
        assert [row["code"] for row in rows] == codes


def test_a_town_without_streets_has_no_lanes(founded_stores: Stores) -> None:
    """Whoever has loaded grids only would be refused their figures."""
    with founded_stores.publishing() as store:
        version = store.begin_version(town.NOW, "town")
        store.put("streets", streets().iloc[:0], version, replace=True)
        store.publish(version, effective_from=None, now=town.NOW, override_reason=None)
    with serving(founded_stores) as up:
        commander = up.by(join(founded_stores, "commander", Grant("commander", Area("city"))))
        assert commander.ask("/api/v1/lanes/figures").document["figures"] == []
        assert commander.ask("/api/v1/findings?about=lanes").document["count"] == 0


def test_the_check_tells_of_facilities(town_store: Run, stores: Stores) -> None:
    """At the console nobody would hear of dark lanes."""
    fill(stores)
    found = town_store("--json", "check", "--facilities", "--out", "found.geojson")
    assert found.status == 0
    told = {(one["check"], one["code"]): one["text"] for one in found.answer["findings"]}
    assert set(told) == {("toilet_none", "L4"), ("lamps_missing", "L4"), ("lamps_unlit", "L2")}
    assert told["lamps_unlit", "L2"] == "L2: only 50 % of its lamps are lit"
    assert set(gpd.read_file("found.geojson").geom_type) == {"LineString"}
    assert "lamps_unlit" in {one["check"] for one in town_store("--json", "check").answer["findings"]}


def test_the_check_holds_a_register_against_the_layer(town_store: Run, stores: Stores) -> None:
    """A list of lanes in a spreadsheet could not be compared with the map."""
    fill(stores)
    Path("名录.csv").write_text("编码,名称,长度（米）\nL1,甲巷,82米\nL2,二巷,120\nL9,无名巷,50\n", "utf-8-sig")
    found = town_store("--json", "check", "--lanes", "名录.csv", "--out", "found.geojson")
    assert found.status == 0
    told = {(one["check"], one["code"]): one for one in found.answer["findings"]}
    assert set(told) == {
        ("lane_missing", "L9"),
        ("lane_renamed", "L2"),
        ("lane_length", "L2"),
        ("lane_extra", "L4"),
    }
    assert all(one["text"] for one in told.values())
    places = json.loads(Path("found.geojson").read_text("utf-8"))["features"]
    assert [one["geometry"] is None for one in places].count(True) == 1, "what is not drawn has no place"
    Path("same.csv").write_text("name\n甲巷\n乙巷\n丁巷\n,\n".replace(",", ""), "utf-8")
    assert town_store("--json", "check", "--lanes", "same.csv").answer["findings"] == []


def test_registers_are_read_under_many_headings(tmp_path: Path) -> None:
    """A list as an office keeps it would have to be typed again."""
    book = openpyxl.Workbook()
    for row in (["序号", "街巷编号", "街巷名称", "长度(m)"], [1, 12.0, " 甲巷 ", 82.5], [2, None, None, 3]):
        book.active.append(row)
    book.save(tmp_path / "lanes.xlsx")
    (only,) = read_register(tmp_path / "lanes.xlsx").to_dict("records")
    assert only == {"code": "12", "name": "甲巷", "length_m": 82.5}
    (tmp_path / "plain.csv").write_text('Name,LENGTH_M\n甲巷,"1,200"\n乙巷,\n', "utf-8")
    found = read_register(tmp_path / "plain.csv")
    assert list(found["code"]) == [None, None] and found["length_m"][0] == 1200 and found["length_m"].isna()[1]


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("街道,长度\n甲,5\n", "neither codes nor names"),
        ("code,length_m\nL1,long\n", "row 1"),
        ("code,length_m\nL1,-5\n", "row 1"),
        ("code,length_m\nL1,5\nL2,5,6\n", "row 2"),
        ("", "empty"),
    ],
)
def test_a_register_that_cannot_be_read_is_refused(town_store: Run, written: str, word: str) -> None:
    """Half a register would be taken for all of it."""
    Path("lanes.csv").write_text(written, "utf-8")
    refused = town_store("check", "--lanes", "lanes.csv")
    assert refused.status == 2 and word in refused.err
    assert town_store("check", "--lanes", "nowhere.csv").status == 2

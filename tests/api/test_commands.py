"""The command line as people and machines use it, on both databases."""

import dataclasses
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import update

from gis_core.frontage.rules import StripRules
from layers.issues import Issue
from layers.stores import Stores
from map_ui import PAGES
from tests import town
from tests.api.conftest import Run, write_issues


def test_from_files_to_answers(town_store: Run, files: Path, stores: Stores) -> None:
    done = town_store("--json", "load", "issues", "issues.csv", "--key", "id")
    assert done.status == 0
    assert done.answer["files"][0] | {"file": ""} == {
        "file": "", "table": "issues", "read": 4, "stored": 2, "known": 0, "closed": 0, "rejected": 2,
        "rejects": "issues.csv.rejects.csv",
    }  # fmt: skip
    rejects = pd.read_csv(files / "issues.csv.rejects.csv", dtype=str).set_index("row")
    assert rejects.loc["2", "code"].endswith("swapped")
    assert "'zz'" in rejects.loc["3", "reason"]
    with stores.read() as store:
        stored = store.issues().sort_values("external_id")
    assert stored["external_id"].tolist() == ["1", "4"]
    assert stored["responsible"].tolist() == ["P1", "P1"]
    assert stored["rule"].tolist() == ["grid_holder"] * 2
    assert stored["reported_at"].iloc[0] == pd.Timestamp("2026-06-01T02:00Z")


def test_a_file_of_which_no_row_can_be_read(town_store: Run, files: Path) -> None:
    write_issues(files / "bad.csv", category="")
    assigned = town_store("--json", "assign", "--file", "bad.csv", "--out", "out.csv", "--key", "id")
    assert assigned.answer["rejected"] == 4
    loaded = town_store("--json", "load", "issues", "bad.csv", "--key", "id")
    assert loaded.answer["files"][0]["rejected"] == 4


def test_loading_says_how_fast(town_store: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.search(r"4/\? [\d,]+/s", town_store("load", "issues", "issues.csv", "--key", "id").err)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert re.search(r"4/\? [\d,]+/秒", town_store("load", "issues", "issues.csv", "--key", "id").err)


def test_loading_twice_changes_nothing(town_store: Run) -> None:
    first = town_store("--json", "load", "issues", "issues.csv", "--key", "id").answer["files"][0]
    second = town_store("--json", "load", "issues", "issues.csv", "--key", "id").answer["files"][0]
    assert (first["stored"], second["stored"], second["known"]) == (2, 0, 2)
    again = town_store("load", "grids", "unit.geojson", "--level", "unit", "--key", "code")
    assert "nothing changed" in again.out
    with_row_numbers = [town_store("--json", "load", "issues", "issues.csv").answer["files"][0] for _ in range(2)]
    assert [one["stored"] for one in with_row_numbers] == [2, 0]


def test_a_dry_run_keeps_nothing(town_store: Run, files: Path, stores: Stores) -> None:
    done = town_store("--json", "load", "issues", "issues.csv", "--key", "id", "--dry-run")
    assert (done.answer["dry_run"], done.answer["files"][0]["rejected"]) == (True, 2)
    town.grids(name=["东区", *"一二三四"]).iloc[1:][["code", "name", "geometry"]].to_file(files / "new.geojson")
    changed = town_store(
        "load", "grids", "new.geojson", "--level", "unit", "--key", "code", "--source", "unit", "--dry-run"
    )
    assert changed.status == 0, changed.err
    with stores.read() as store:
        assert store.count("issues") == 0
        assert "一" not in set(store.read("grids", 99)["name"])


def test_explaining_a_place(town_store: Run) -> None:
    place = ("--lon", town.WEST + 0.0005, "--lat", town.SOUTH + 0.0005, "--category", "a")
    told = town_store("explain", *place)
    assert told.out.splitlines()[0] == "responsible: 甲 (P1)"
    assert "中街" in told.out
    chinese = town_store("--lang", "zh", "explain", *place)
    assert chinese.out.splitlines()[0] == "责任方: 甲 (P1)"
    answer = town_store("--json", "explain", *place).answer
    assert answer["answer"]["responsible"] == "P1"
    assert any(one["step"] == "grid_holder" and one["verdict"] == "won" for one in answer["considered"])


def test_explaining_a_stored_issue_uses_the_territory_it_was_assigned_with(town_store: Run, stores: Stores) -> None:
    town_store("load", "issues", "issues.csv", "--key", "id")
    Path("holders.csv").write_text("subject,subject_code,holder,deputy\ngrid,0101,P2,P1\n")
    assert town_store("load", "holders", "holders.csv", "--key", "subject_code").status == 0
    with stores.read() as store:
        code = store.issues(newest=1)["code"].iloc[0]
    past = town_store("--json", "explain", "--issue", code).answer["answer"]
    assert past["responsible"] == "P1"
    place = ("--lon", town.WEST + 0.0005, "--lat", town.SOUTH + 0.0005, "--category", "a")
    assert town_store("--json", "explain", *place).answer["answer"]["responsible"] == "P2"


def test_open_issues_are_assigned_again_and_closed_ones_are_not(town_store: Run, files: Path, stores: Stores) -> None:
    write_issues(files / "closed.csv", count=1, closed_at="2026-06-02 10:00", id="c1")
    town_store("load", "issues", "closed.csv", "--key", "id")
    town_store("load", "issues", "issues.csv", "--key", "id")
    Path("holders.csv").write_text("subject,subject_code,holder,deputy\ngrid,0101,P2,P1\n")
    town_store("load", "holders", "holders.csv", "--key", "subject_code")
    assert town_store("--json", "assign").answer == {"open": 2, "changed": 2}
    assert town_store("--json", "assign").answer == {"open": 2, "changed": 0}
    with stores.read() as store:
        assert set(store.issues(status="open")["responsible"]) == {"P2"}
        assert set(store.issues(status="closed")["responsible"]) == {"P1"}


def test_assigning_a_file_stores_nothing(town_store: Run, files: Path, stores: Stores) -> None:
    done = town_store("--json", "assign", "--file", "issues.csv", "--out", "answers.csv", "--key", "id")
    assert (done.answer["assigned"], done.answer["rejected"]) == (2, 2)
    answers = pd.read_csv(files / "answers.csv", dtype=str)
    assert answers["external_id"].tolist() == ["1", "4"]
    assert answers["grid"].tolist() == ["0101", "0101"]
    assert set(answers["responsible"]) == {"P1"}
    with stores.read() as store:
        assert store.count("issues") == 0


def test_checks_name_what_is_missing_and_leave_with_the_worst(town_store: Run) -> None:
    found = town_store("--json", "check", "--holders")
    assert found.status == 0
    assert {one["code"] for one in found.answer["findings"]} == {"0102", "0103", "0104", "S1"}
    assert "0 errors" in town_store("check").out


def test_errors_of_the_check_need_a_reason(town_store: Run, files: Path, stores: Stores) -> None:
    overlapping = town.grids(units=("0101", "0102", "0103", "0104")).iloc[1:]
    overlapping.loc[overlapping["code"] == "0102", "geometry"] = town.cell(0.5, 0)
    overlapping[["code", "name", "geometry"]].to_file(files / "unit.geojson")
    arguments = ("load", "grids", "unit.geojson", "--level", "unit", "--key", "code")
    refused = town_store(*arguments)
    assert refused.status == 2
    assert "--override" in refused.err
    assert "0102" in refused.out
    with stores.read() as store:
        before = store.latest_version()
    assert town_store(*arguments, "--override", "resurvey in August").status == 0
    with stores.read() as store:
        assert store.latest_version() > before
    assert town_store("check", "--out", "found.geojson", "--repair", "repair.geojson").status == 1
    found, repair = (gpd.read_file(files / name).set_index("code") for name in ("found.geojson", "repair.geojson"))
    overlap = found[found["check"] == "overlap"].iloc[0]
    assert overlap.geometry.area > 0 and "m²" in overlap["text"]
    assert found.loc["S1"].geometry is None, "what has no shape is told as well"
    assert {"0101", "0102"} & set(repair.index) and repair["lost_m2"].max() > 1000


def test_verify_agrees_and_finds_what_was_tampered_with(town_store: Run, stores: Stores, store_url: str) -> None:
    town_store("load", "issues", "issues.csv", "--key", "id")
    done = town_store("--json", "verify")
    if store_url.startswith("sqlite"):
        assert done.status == 2
        assert "PostGIS" in done.err
        return
    assert (done.status, done.answer) == (0, {"issues": 2, "differences": []})
    with stores.write() as store:
        store.session.execute(update(Issue).where(Issue.external_id == "1").values(grid_2="0103"))
        store.session.execute(update(Issue).where(Issue.external_id == "4").values(street_distance_m=54.0))
    done = town_store("--json", "verify")
    assert done.status == 1
    assert sorted((one["what"], one["stored"], one["expected"]) for one in done.answer["differences"]) == [
        ("street", "S1", "S1"), ("unit", "0103", "0101")
    ]  # fmt: skip


def test_maps_are_written(town_store: Run, files: Path) -> None:
    town_store("load", "issues", "issues.csv", "--key", "id")
    done = town_store("--json", "map", "--out", "pages")
    assert set(done.answer) == set(PAGES)
    assert all((files / page).is_file() for page in done.answer.values())
    assert (files / "pages" / "assets" / "leaflet.js").is_file()


def test_the_doctor_says_what_is_there(town_store: Run, run: Run) -> None:
    assert town_store("--json", "doctor").answer["rows"]["grids"] == 5


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "usage"),
        (("lod",), "lod"),
        (("load",), "--plan"),
        (("load", "grids", "nowhere.geojson"), "nowhere.geojson"),
        (("load", "issues", "nowhere.csv"), "there is no file"),
        (("load", "grids", "unit.geojson", "--level", "ward"), "ward"),
        (("load", "grids", "unit.geojson", "--level", "unit", "--map", "code"), "code"),
        (("load", "grids", "unit.geojson", "--level", "unit", "--map", "code=ID"), "ID"),
        (("load", "issues", "issues.csv", "--datum", "mars"), "mars"),
        (("load", "issues", "issues.csv", "--effective-from", "tomorrow"), "tomorrow"),
        (("load", "--plan", "city.toml"), "level"),
        (("explain", "--lon", "108.3"), "--lat"),
        (("explain", "--lon", "1", "--lat", "1", "--category", "a"), "outside"),
        (("explain", "--lon", "108.3005", "--lat", "22.8005", "--category", "nix"), "nix"),
        (("explain", "--issue", "0815"), "0815"),
        (("explain", "--issue", "0815", "--lon", "108.3"), "--issue"),
        (("assign", "--file", "issues.csv"), "--out"),
        (("--store", "mysql://x", "check"), "mysql"),
        (("serve", "--port", "99999"), "99999"),
    ],
)
def test_misuse_is_one_clear_line_and_status_2(town_store: Run, arguments: tuple[str, ...], said: str) -> None:
    done = town_store(*arguments)
    if not arguments:
        assert "explain" in done.out + done.err
        return
    assert done.status == 2
    lines = [line for line in done.err.splitlines() if line.startswith("gridwarden:")]
    assert len(lines) == 1, done.err
    assert said in lines[0]


def test_chinese_by_locale(run: Run, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "数据库已就绪" in run("init", "--city", "city.toml").out
    assert "找不到文件" in run("load", "--plan", "没有.toml").err


def test_an_id_that_means_two_things_is_said_and_one_that_closes_is_closed(
    town_store: Run, files: Path, stores: Stores
) -> None:
    """The same answer whether the rows come in one file or the file comes again."""
    write_issues(
        files / "twice.csv", 4, id=["D1", "D1", "D2", "D2"], category="a", lat=town.SOUTH + 0.0005,
        lon=[town.WEST + 0.0005] * 3 + [town.WEST + 0.0015], closed_at=["", "2026-06-02 10:00", "", ""],
    )  # fmt: skip
    arguments = ("--json", "load", "issues", "twice.csv", "--key", "id")
    first, again = (town_store(*arguments).answer["files"][0] for _ in range(2))
    assert (first["stored"], first["known"], first["closed"], first["rejected"]) == (2, 1, 1, 1)
    assert (again["stored"], again["known"], again["closed"], again["rejected"]) == (0, 3, 0, 1)
    assert "4,D2,issue_contradicts" in (files / "twice.csv.rejects.csv").read_text(encoding="utf-8-sig")
    with stores.read() as store:
        stored = store.issues().set_index("external_id")
    assert stored["status"].to_dict() == {"D1": "closed", "D2": "open"}
    assert stored.loc["D2", "grid"] == "0101"


def test_a_file_without_an_acceptable_row_has_its_header(town_store: Run, files: Path) -> None:
    write_issues(files / "far.csv", 3, lon=1.0, lat=1.0)
    assert town_store("assign", "--file", "far.csv", "--out", "far.out.csv", "--key", "id").status == 0
    answers = pd.read_csv(files / "far.out.csv")
    assert len(answers) == 0
    assert {"external_id", "grid", "responsible", "rule"} <= set(answers.columns)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_readers_do_not_wait_for_a_writer(town_store: Run, stores: Stores) -> None:
    with stores.write():
        assert town_store("check", "--references").status == 0


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_day_beyond_the_calendar_and_a_file_that_is_no_store_are_one_line(town_store: Run) -> None:
    place = ("--lon", town.WEST, "--lat", town.SOUTH, "--category", "a")
    assert "0001-01-01" in town_store("explain", *place, "--at", "0001-01-01").err
    done = town_store("--store", "sqlite:///parties.csv", "check")
    assert (done.status, "parties.csv" in done.err) == (2, True)


def test_parents_are_looked_for_again_when_the_level_above_changes(run: Run, files: Path, stores: Stores) -> None:
    """Codes here do not name the parent, so that only the ground does."""
    run("init", "--city", "city.toml")
    units = ("load", "grids", "unit.geojson", "--level", "unit", "--key", "code")
    assert run(*units).status == 0

    def districts(border: float) -> None:
        shapes = {"code": ["98", "99"], "geometry": [town.cell(0, 0, border, 2), town.cell(border, 0, 2 - border, 2)]}
        gpd.GeoDataFrame(shapes, crs=4326).to_file(files / "district.geojson")
        done = run("load", "grids", "district.geojson", "--level", "district", "--key", "code")
        assert done.status == 0, done.out

    def parents() -> list[str]:
        with stores.read() as store:
            read = store.read("grids", store.latest_version())
        return read[read["level"] == "unit"].sort_values("code")["parent"].tolist()

    districts(1)
    assert parents() == ["98", "99", "98", "99"]
    districts(2 - 1e-9)
    assert parents() == ["98", "98", "98", "98"]
    assert "nothing changed" in run(*units).out


def test_strips_are_drawn_before_the_shops_of_the_store(demo_store: Run, tmp_path: Path) -> None:
    """Who signs up shops would still go with a tape measure, and the shop without ground would be on no list."""
    run = demo_store
    without = run("--json", "strips", "--out", "strips.geojson", "--fronts", "fronts.csv")
    assert without.status == 0, without.err
    strips, told = gpd.read_file("strips.geojson"), without.answer
    assert told["strips"] == (strips["kind"] != "blank").sum() > 10
    assert told["shop_m"] > 100 and told["blank_m"] > 1_000
    fronts = pd.read_csv("fronts.csv")
    assert set(fronts["strip"]) <= set(strips["code"]) and set(fronts["side"]) == {"left", "right"}
    metres = strips.to_crs(4545)
    assert metres.area.to_numpy() == pytest.approx(strips["area_m2"].to_numpy(), abs=0.02)
    walls = metres[metres["kind"] == "shop"].head(1)[["code", "geometry"]]
    walls = walls.assign(geometry=walls.buffer(1), kind="fence").to_crs(4326)
    walls.to_file("walls.geojson")
    over = run("--json", "strips", "--walls", "walls.geojson")
    metres[metres["kind"] == "shop"].head(1).buffer(1).to_file("in_metres.geojson")
    assert run("--json", "strips", "--walls", "in_metres.geojson").answer == over.answer, "from the system it declares"
    assert over.status == 0 and {one["reason"] for one in over.answer["unplaced"]} >= {"built_over"}
    lots = run("strips", "--lots", "walls.geojson")
    assert lots.status == 0 and "property_line" in lots.out, "a file that says nothing would look as if it had"
    refused = run("strips", "--walls", "walls.geojson", "--keep")
    assert refused.status == 2 and "gridwarden load walls walls.geojson" in refused.err
    walls.assign(kind="lot").to_file("as_lots.geojson")
    assert run("load", "walls", "as_lots.geojson", "--key", "code", "--source", "w").status == 0
    assert run("--json", "strips").answer == without.answer, "nothing ends at a lot"
    assert run("load", "walls", "walls.geojson", "--key", "code", "--source", "w").status == 0
    assert run("--json", "strips").answer == over.answer


def test_a_city_rules_by_lots_by_trades_and_on_snow(demo_store: Run, stores: Stores) -> None:
    """Rules that only the book of the command knows would hold in no city."""
    run = demo_store
    rules = StripRules(sides="property_line", snow="centre_line", fronts_m={"餐饮": 9.5})
    with stores.publishing() as store:
        store.init_city(dataclasses.replace(store.city, strips=rules))
    with stores.read() as store:
        assert store.city.strips == rules
        streets = store.read("streets", store.latest_version())
    assert run("--json", "strips", "--out", "strips.geojson").answer["median_fronts_m"] == {}, "all are known by points"
    assert "[strips.fronts_m]" not in run("strips").out, "a heading without a row says that there are no usual fronts"
    strips = gpd.read_file("strips.geojson").to_crs(4545)
    chosen = strips[(strips["kind"] == "shop") & (strips["length_m"] > 8)].head(1)
    lot = chosen.copy()
    lot.geometry = chosen.geometry.buffer(12)
    lot = lot[["code", "geometry"]].assign(kind="lot").to_crs(4326)
    lot.to_file("lots.geojson")
    assert run("strips", "--lots", "lots.geojson", "--out", "tried.geojson").status == 0
    refused = run("strips", "--lots", "lots.geojson", "--keep")
    assert refused.status == 2 and "`kind` all lot" in refused.err, "as buildings they would be what strips end at"
    assert run("load", "walls", "lots.geojson", "--key", "code").status == 0
    assert run("strips", "--out", "by_lots.geojson", "--keep").status == 0
    assert Path("by_lots.geojson").read_bytes() == Path("tried.geojson").read_bytes()
    (code,) = chosen["code"]
    wider = gpd.read_file("by_lots.geojson").set_index("code").loc[code, "length_m"]
    assert wider != chosen["length_m"].iloc[0]
    with stores.read() as store:
        kept = store.read("frontages", store.latest_revision())
    drew = dataclasses.asdict(rules) | {"fronts_m": {}}
    assert drew.pop("snow") and kept.loc[kept["code"] == code, "rules"].iloc[0] == drew
    strip = kept.set_index("code").to_crs(4545).loc[code]
    front = max(strip["fronts"], key=lambda one: one["length_m"])
    line = streets.set_index("code").to_crs(4545).geometry[front["street"]]
    way = shapely.shortest_line(line.interpolate((front["from_m"] + front["to_m"]) / 2), strip["geometry"])
    spot = gpd.GeoSeries([way.interpolate(0.1, normalized=True)], crs=4545).to_crs(4326).iloc[0]
    asked = ("explain", "--lon", spot.x, "--lat", spot.y, "--category")
    snow, litter = (run("--json", *asked, category).answer["answer"] for category in ("10001", "06010"))
    assert (snow["rule"], snow["frontage"]) == ("front_door", code) and litter["frontage"] is None


def test_kept_strips_decide_and_stay_as_they_are(demo_store: Run, tmp_path: Path) -> None:
    """Every drawing would be a revision of thousands of rows, and the line that the subdistrict drew be lost in it."""
    run = demo_store
    again = run("--json", "strips", "--keep")
    assert again.answer["revision"] is None and again.answer["unchanged"] > 100, again.err
    assert [again.answer[name] for name in ("added", "changed", "ended")] == [0, 0, 0]
    assert run("strips", "--out", "strips.geojson").status == 0
    strips = gpd.read_file("strips.geojson")
    (code, shape) = strips.loc[strips["kind"] == "shop", ["code", "geometry"]].iloc[0]
    spot = shape.representative_point()
    asked = ("explain", "--lon", spot.x, "--lat", spot.y, "--category", "06010")
    answer = run("--json", *asked).answer["answer"]
    assert (answer["rule"], answer["responsible"], answer["frontage"]) == ("front_door", code, code)
    official = {"code": ["OWN"], "shops": [code], "responsible": ["P1"], "document": ["1号"]}
    gpd.GeoDataFrame(official, geometry=[shape.buffer(1e-6)], crs=4326).to_file("official.geojson")
    assert run("load", "frontages", "official.geojson", "--key", "code").status == 0
    assert run("--json", *asked).answer["answer"]["frontage"] == "OWN"
    assert run("strips", "--keep").status == 0
    assert run("--json", *asked).answer["answer"]["responsible"] == "P1", "drawing again takes nothing official away"
    findings = run("--json", "check", "--doors").answer["findings"]
    assert {one["check"] for one in findings} <= {"agreement_over", "renewal_due"}
    assert all(one["text"] for one in findings)

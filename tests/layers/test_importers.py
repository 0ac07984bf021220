import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_core.city import City, Level
from gis_core.crs import to_lonlat, wgs84_to_gcj02
from gis_core.errors import InvalidInput
from gis_core.issues import REJECT_COLUMNS
from layers import TABLES
from layers.frames import table_of
from layers.importers import Importer, Mapping
from tests.layers.reading import CITY, parse, reasons

BY_THE_STORE = {
    "id", "feature_id", "version_from", "version_to", "revision_from", "revision_to", "digest", "parent_by",
    "parent_share", "parent_differs", "place_number", "fronts", "rules",
}  # fmt: skip
"""Columns that a file never fills: the store numbers rows and places, and a load finds parents."""
BY_ASSIGNMENT = {"code", "status", "x", "y", "as_of", "version", "revision"}
"""The same for issues, besides their answer."""

Rows = list[dict[str, Any]]


def table(folder: Path, rows: Rows, name: str = "rows.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def layer(folder: Path, shapes: list[Any], crs: Any = 4326, name: str = "layer.gpkg", **columns: Any) -> Path:
    columns = columns or {"code": [f"C{place}" for place in range(len(shapes))]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(folder / name)
    return folder / name


def refusal_of(path: Path, table: str, **mapping: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        parse(path, table, **mapping)
    assert "?" not in refusal.value.text("zh").replace("？", "")
    return refusal.value


PARTY = {"code": "01001", "name": "环卫一队", "kind": "firm"}
FACILITY = {"code": "B1", "category": "0502", "lon": 108.3, "lat": 22.8}
ISSUE = {"category": "0101", "reported_at": "2026-07-01 08:30", "lon": 108.3, "lat": 22.8}


# --- Columns ---------------------------------------------------------------------------------------------------------


def test_columns_with_our_names_are_taken_by_themselves(tmp_path: Path) -> None:
    path = table(tmp_path, [{"CODE": "01001", "Name": "环卫一队", "KIND": "firm", "other": "x", "Name_EN": "Team 1"}])
    parsed = parse(path, "parties")
    row = parsed.accepted.iloc[0].to_dict()
    assert row == {
        "code": "01001", "kind": "firm", "name": "环卫一队", "parent": None, "valid_from": None, "valid_to": None,
        "names": {"en": "Team 1"}, "source": "rows", "key": row["key"], "extra": {}, "row": 1,
    }  # fmt: skip
    assert parsed.rejects.empty
    assert list(parsed.rejects) == list(REJECT_COLUMNS)


def test_map_set_values_and_templates(tmp_path: Path) -> None:
    rows = [{"LITTERID": "7", "TYPE": "Steel"}, {"LITTERID": "", "TYPE": "Wood"}, {"LITTERID": "9", "TYPE": ""}]
    path = table(tmp_path, [{**row, "lon": 108.3, "lat": 22.8} for row in rows])
    parsed = parse(
        path, "facilities", columns={"state": "TYPE"}, constants={"category": "0502", "owns": 12},
        values={"state": {"Steel": "钢", "": "不明", "*": "其他"}}, templates={"code": "can-{LITTERID}-{category}"},
    )  # fmt: skip
    assert parsed.accepted[["code", "state", "owns"]].to_numpy().tolist() == [
        ["can-7-0502", "钢", "12"],
        ["can-9-0502", "不明", "12"],
    ]
    assert reasons(parsed) == {2: "template_empty"}
    assert parsed.rejects["params"][0] == {"field": "code", "value": "LITTERID"}


def test_a_column_of_our_name_may_be_left_out(tmp_path: Path) -> None:
    """What the file calls a status, a position or a name is not always ours."""
    path = table(tmp_path, [ISSUE | {"agency": "环卫", "STATUS": "CLOSED", "name": "x"}])
    categories = parse(path, "categories", columns={"code": "category", "name": "agency", "status": ""})
    assert categories.accepted[["name", "status"]].iloc[0].tolist() == ["环卫", None]
    for name in ("wkt", "lon"):
        contracts = parse(
            path, "contracts", columns={"code": "agency", name: ""}, constants={"kind": "city", "duties": "*"}
        )
        assert contracts.accepted["geometry"].tolist() == [None]
    line = layer(tmp_path, [shapely.Point(108.3, 22.8)], code=["A"])
    contracts = parse(line, "contracts", columns={"wkt": ""}, constants={"kind": "city", "duties": "*"})
    assert contracts.accepted["geometry"].tolist() == [None]
    assert refusal_of(line, "places", columns={"wkt": ""}, constants={"type": "park"}).key == "positions_needed"


@pytest.mark.parametrize("rows", [1, 50])
def test_the_row_number_makes_a_code_where_there_is_none(rows: int, tmp_path: Path) -> None:
    path = table(tmp_path, [{"name": f"摄像头 {place}", "lon": 108.3, "lat": 22.8} for place in range(3)])
    mapping: dict[str, Any] = {"templates": {"code": "cam-{#}"}, "constants": {"category": "0502"}, "keep": ("*",)}
    parsed = parse(path, "facilities", rows=rows, **mapping)
    assert parsed.accepted["code"].tolist() == ["cam-1", "cam-2", "cam-3"]
    assert set(map(str, parsed.accepted["extra"])) == {"{}"}
    own = table(tmp_path, [{"#": "07", "name": "摄像头", "lon": 108.3, "lat": 22.8}], "own.csv")
    assert parse(own, "facilities", **mapping).accepted["code"].tolist() == ["cam-07"], "a column of that name"


def test_a_value_without_translation_stays_for_the_choices_to_refuse(tmp_path: Path) -> None:
    path = table(tmp_path, [{**PARTY, "kind": "F"}, {**PARTY, "kind": "X"}, {**PARTY, "kind": ""}])
    parsed = parse(path, "parties", values={"kind": {"F": "firm"}})
    assert parsed.accepted["kind"].tolist() == ["firm", "unit"]
    assert parsed.rejects["params"][0] == {"field": "kind", "value": "X", "expected": "unit, firm, person"}
    assert reasons(parsed) == {2: "cell_choice"}
    assert parse(path, "parties", values={"kind": {"F": "firm", "*": "person"}}).accepted["kind"].tolist() == [
        "firm", "person", "unit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "key", "value"),
    [
        ({"columns": {"nmae": "name"}}, "map_ours", "nmae"),
        ({"columns": {"lon": "name"}}, "map_ours", "lon"),
        ({"constants": {"level": "unit"}}, "map_ours", "level"),
        ({"level": "unit"}, "map_ours", "level"),
        ({"distinct": ("nmae",)}, "map_ours", "nmae"),
        ({"columns": {"name": "code"}, "constants": {"name": "x"}}, "map_twice", "name"),
        ({"columns": {"name": "Nmae"}}, "column_missing_near", "Nmae"),
        ({"columns": {"name": "完全不同"}}, "column_missing", "完全不同"),
        ({"templates": {"name": "{nothing of the kind}"}}, "column_missing", "nothing of the kind"),
        ({"keep": ("keep me",)}, "column_missing", "keep me"),
        ({"key": "identity card"}, "column_missing", "identity card"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: dict[str, Any], key: str, value: str, tmp_path: Path) -> None:
    refusal = refusal_of(table(tmp_path, [PARTY]), "parties", **mapping)
    assert (refusal.key, refusal.params["value"]) == (key, value)
    if key == "column_missing_near":
        assert refusal.params["near"] == "name"
        assert refusal.params["expected"] == "code, name, kind"


def test_a_column_the_table_must_have_is_asked_for(tmp_path: Path) -> None:
    refusal = refusal_of(table(tmp_path, [{"code": "1"}]), "parties")
    assert (refusal.key, refusal.params["value"]) == ("column_needed", "name")
    assert refusal_of(table(tmp_path, [{"code": "1", "category": "2"}]), "facilities").key == "positions_needed"
    assert (
        refusal_of(table(tmp_path, [{"code": "1", "category": "2", "lon": 1}]), "facilities").key == "positions_needed"
    )


def test_a_file_without_rows_is_checked_too(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("code,name\n")
    assert list(parse(path, "parties").accepted) == list(parse(table(tmp_path, [PARTY], "b.csv"), "parties").accepted)
    assert refusal_of(path, "facilities").key == "column_needed"


@pytest.mark.parametrize("name", TABLES)
def test_every_column_a_row_needs_is_there(name: str, tmp_path: Path) -> None:
    columns = table_of(TABLES[name]).columns
    filled = {
        column.name: (column.info["choices"] or ["2026-07-01"])[0] for column in columns if "given" in column.info
    }
    numbers = {column.name: 1 for column in columns if "given" in column.info and column.name.endswith(("_m", "_m2"))}
    level = {"level": "unit"} if "level" in filled else {}
    shapes = dict.fromkeys(("grids", "frontages", "marks", "walls"), shapely.box(108.3, 22.8, 108.31, 22.81))
    shapes["streets"] = shapely.LineString([(108, 22), (108, 23)])
    wkt = {"wkt": shapes.get(name, shapely.Point(108.3, 22.8)).wkt}
    parsed = parse(table(tmp_path, [{**filled, **numbers, **level, **wkt}]), name)
    assert reasons(parsed) == {}
    given_by_others = BY_THE_STORE | (BY_ASSIGNMENT if name == "issues" else set())
    needed = {column.name for column in columns if not column.nullable} - given_by_others
    answer = {"responsible", "responsible_kind", "rule", "handles", "holds", "flags"} if name == "issues" else set()
    there = {"geom" if column in ("geometry", "lon") else column for column in parsed.accepted}
    assert needed - answer - there == set()
    row = parsed.accepted.drop(columns=["row"]).iloc[0]
    assert (
        row.drop(list(set(parsed.accepted) & {"area_m2"})).isna().pipe(lambda empty: empty[empty].index.tolist()) == []
    )


# --- Cells -----------------------------------------------------------------------------------------------------------


def test_codes_keep_their_zeros_and_lose_their_decimals(tmp_path: Path) -> None:
    assert parse(table(tmp_path, [PARTY]), "parties").accepted["code"].tolist() == ["01001"]
    book = openpyxl.Workbook()
    for row in [("code", "name"), (12.0, "a"), ("012", "b"), (2.0**60, "c"), (350100000000001, "d")]:
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    parsed = parse(tmp_path / "book.xlsx", "parties")
    assert parsed.accepted["code"].tolist() == ["12", "012", "350100000000001"]
    assert reasons(parsed) == {3: "cell_inexact"}


def test_types_are_converted_or_the_row_is_rejected(tmp_path: Path) -> None:
    good = {"code": "a", "name": "a", "scheme": "s", "kind": "component", "radius_m": "2.5", "valid_from": "2026/7/1"}
    rows = [good, {**good, "radius_m": "wide"}, {**good, "valid_from": "2026-02-30"}, {**good, "name": " "}]
    parsed = parse(table(tmp_path, rows), "categories", key="code")
    assert parsed.accepted["radius_m"].tolist() == [2.5]
    assert parsed.accepted["valid_from"].tolist() == [dt.date(2026, 7, 1)]
    assert reasons(parsed) == {2: "cell_number", 3: "cell_time", 4: "cell_empty"}
    assert parsed.rejects["params"].tolist() == [
        {"field": "radius_m", "value": "wide"}, {"field": "valid_from", "value": "2026-02-30"}, {"field": "name"},
    ]  # fmt: skip
    assert parsed.rejects["key"].tolist() == ["a", "a", "a"]


def test_naive_times_are_city_time(tmp_path: Path) -> None:
    times = ["2026-07-01 08:30", "2026/7/1 8:30", "2026-07-01T00:30:00Z", "1782865800000"]
    parsed = parse(table(tmp_path, [{**ISSUE, "reported_at": time} for time in times]), "issues")
    assert parsed.accepted["reported_at"].unique().tolist() == [pd.Timestamp("2026-07-01T00:30Z")]
    assert parsed.accepted["closed_at"].isna().all()


def test_text_is_cleaned_and_bounded(tmp_path: Path) -> None:
    rows = [{**ISSUE, "description": "垃圾\x0b\x7f满\n溢 "}, {**ISSUE, "description": "x" * 10_001}]
    parsed = parse(table(tmp_path, rows), "issues")
    assert parsed.accepted["description"].tolist() == ["垃圾满\n溢"]
    assert reasons(parsed) == {2: "cell_long"}


def test_rows_of_another_length_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("code,name\n1,a\n2\n3,b,c\n")
    assert reasons(parse(path, "parties")) == {2: "row_cells", 3: "row_cells"}


def test_duties_are_lists(tmp_path: Path) -> None:
    rows = [{"code": str(place), "duties": duties} for place, duties in enumerate(["*", "a;tag:b/c", "", "a|b"])]
    parsed = parse(table(tmp_path, rows), "contracts", constants={"kind": "grid", "grid": "g"})
    assert parsed.accepted["duties"].tolist() == [["*"], ["a", "tag:b/c"], ["a", "b"]]
    assert reasons(parsed) == {3: "cell_empty"}
    constant = parse(table(tmp_path, rows), "contracts", constants={"kind": "grid", "duties": ["a", "b"]})
    assert constant.accepted["duties"].tolist() == [["a", "b"]] * 4


def test_levels_are_the_citys(tmp_path: Path) -> None:
    square = shapely.box(108.3, 22.8, 108.31, 22.81)
    path = layer(tmp_path, [square, square], code=["1", "2"], level=["unit", "galaxy"])
    assert reasons(parse(path, "grids")) == {2: "cell_choice"}
    assert parse(layer(tmp_path, [square], name="b.gpkg"), "grids", level="unit").accepted["level"].tolist() == ["unit"]
    with pytest.raises(InvalidInput, match="galaxy"):
        Importer("grids", Mapping(table="grids", level="galaxy"), CITY, "", "grids")


def test_the_scheme_is_the_citys_where_none_is_given(tmp_path: Path) -> None:
    path = table(tmp_path, [{**ISSUE, "scheme": "local"}, {**ISSUE, "scheme": ""}])
    assert parse(path, "issues").accepted["scheme"].tolist() == ["local", CITY.scheme]
    assert parse(path, "issues", scheme="own").accepted["scheme"].tolist() == ["own", "own"]
    assert parse(table(tmp_path, [ISSUE]), "issues").accepted["scheme"].tolist() == [CITY.scheme]


# --- Identity --------------------------------------------------------------------------------------------------------


def test_rows_are_known_by_their_key_or_by_content_and_number(tmp_path: Path) -> None:
    path = table(tmp_path, [PARTY, PARTY])
    assert parse(path, "parties", key="code", source="register").accepted[["source", "key"]].to_numpy().tolist() == [
        ["register", "01001"], ["register", "01001"],
    ]  # fmt: skip
    first, again = parse(path, "parties").accepted, parse(path, "parties", rows=1).accepted
    assert first["key"].tolist() == again["key"].tolist()
    assert first["key"].is_unique
    other = parse(table(tmp_path, [PARTY, {**PARTY, "name": "x"}], "b.csv"), "parties").accepted
    assert not set(other["key"]) & set(first["key"])


def test_a_key_may_be_a_column_of_ours(tmp_path: Path) -> None:
    path = table(tmp_path, [{"n": "1"}, {"n": ""}])
    parsed = parse(path, "parties", templates={"code": "p-{n}"}, constants={"name": "x"}, key="code")
    assert parsed.accepted["key"].tolist() == ["p-1"]


def test_an_empty_key_is_rejected(tmp_path: Path) -> None:
    parsed = parse(table(tmp_path, [{**ISSUE, "id": "1"}, {**ISSUE, "id": ""}]), "issues", key="id")
    assert parsed.accepted["external_id"].tolist() == ["1"]
    assert reasons(parsed) == {2: "cell_empty"}


@pytest.mark.parametrize("rows", [1, 2, 50])
def test_distinct_keeps_the_first_of_each_over_all_chunks(rows: int, tmp_path: Path) -> None:
    agencies = ["A", "B", "", "A", "B", "", "C"]
    path = table(tmp_path, [{"agency": one, "n": place} for place, one in enumerate(agencies)])
    parsed = parse(
        path, "parties", rows=rows, columns={"code": "agency", "name": "agency"}, distinct=("code",), key="agency"
    )
    assert parsed.accepted[["code", "row"]].to_numpy().tolist() == [["A", 1], ["B", 2], ["C", 7]]
    assert reasons(parsed) == {3: "cell_empty"}


def test_keep_puts_their_columns_into_extra(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"code": "a", "n": 3, "f": 1.5, "t": "x\0", "deep": {"a": [1]}, "none": None},
        },
        {"type": "Feature", "properties": {"code": "b", "n": None, "t": " "}},
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    mapping = {"constants": {"name": "x"}, "key": "code"}
    assert parse(path, "parties", keep=("*",), **mapping).accepted["extra"].tolist() == [
        {"n": 3, "f": 1.5, "t": "x", "deep": '{"a": [1]}'}, {},
    ]  # fmt: skip
    assert parse(path, "parties", keep=("n", "code"), **mapping).accepted["extra"].tolist() == [
        {"n": 3, "code": "a"}, {"code": "b"},
    ]  # fmt: skip


def test_kept_columns_leave_out_positions(tmp_path: Path) -> None:
    parsed = parse(table(tmp_path, [{**FACILITY, "brand": "X"}]), "facilities", keep=("*",))
    assert parsed.accepted["extra"].tolist() == [{"brand": "X"}]


def test_valid_from_holds_for_every_row(tmp_path: Path) -> None:
    parsed = parse(table(tmp_path, [PARTY, PARTY]), "parties", valid_from=dt.date(2026, 1, 1))
    assert parsed.accepted["valid_from"].tolist() == [dt.date(2026, 1, 1)] * 2


cells = st.fixed_dictionaries({
    "code": st.sampled_from(["", "a", "b", "c", "01"]),
    "name": st.text(alphabet="ab街\n\"', ;", max_size=5),
    "kind": st.sampled_from(["unit", "firm", "x", ""]),
    "valid_from": st.sampled_from(["", "2026-07-01", "2026/7/1", "never"]),
})  # fmt: skip


@given(rows=st.lists(cells, min_size=1, max_size=12), random=st.randoms(use_true_random=False), size=st.integers(1, 5))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_rows_changes_nothing(rows: Rows, random: Any, size: int, tmp_path: Path) -> None:
    keyed = [{**row, "id": str(place)} for place, row in enumerate(rows)]
    shuffled = random.sample(keyed, len(keyed))
    first, second = (
        parse(table(tmp_path, given_rows), "parties", rows=size, key="id") for given_rows in (keyed, shuffled)
    )
    by_key = [one.accepted.drop(columns="row").sort_values("key", ignore_index=True) for one in (first, second)]
    pd.testing.assert_frame_equal(*by_key)
    faults = [dict(zip(one.rejects["key"], one.rejects["reason"], strict=True)) for one in (first, second)]
    assert faults[0] == faults[1]
    assert len(first.accepted) + len(first.rejects) == len(rows)


# --- Geometry --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [("lon", "lat"), ("LNG", "LAT"), ("Longitude", "Latitude"), ("x", "y"), ("经度", "纬度"), ("經度", "緯度")],
)
def test_usual_names_of_positions_are_known(names: tuple[str, str], tmp_path: Path) -> None:
    row = {"code": "B1", "category": "0502", names[0]: "108.3", names[1]: "22.8"}
    assert parse(table(tmp_path, [row]), "facilities").accepted["geometry"][0] == shapely.Point(108.3, 22.8)


def test_positions_are_mapped_or_written_as_wkt(tmp_path: Path) -> None:
    row = {
        "code": "B1",
        "category": "0502",
        "east": 108.3,
        "north": 22.8,
        "shape": "POINT (108.4 22.9)",
        "lon": 0,
        "lat": 0,
    }
    path = table(tmp_path, [row])
    by_columns = parse(path, "facilities", columns={"lon": "east", "lat": "north"})
    assert by_columns.accepted["geometry"][0] == shapely.Point(108.3, 22.8)
    assert parse(path, "facilities", columns={"wkt": "shape"}).accepted["geometry"][0] == shapely.Point(108.4, 22.9)
    assert parse(path, "facilities").accepted["geometry"][0] == shapely.Point(0, 0)


def test_positions_that_cannot_be_read_are_rejected(tmp_path: Path) -> None:
    rows = [FACILITY, {**FACILITY, "lon": "east"}, {**FACILITY, "lon": "", "lat": ""}, {**FACILITY, "lon": "211.51"},
            {**FACILITY, "lon": 22.8, "lat": 108.3}, {**FACILITY, "lon": 500_000, "lat": 2_500_000}]  # fmt: skip
    parsed = parse(table(tmp_path, rows), "facilities")
    assert parsed.accepted["row"].tolist() == [1]
    assert reasons(parsed) == {
        2: "geometry_unreadable", 3: "geometry_missing", 4: "geometry_not_degrees", 5: "geometry_swapped",
        6: "geometry_not_degrees",
    }  # fmt: skip


def test_issues_keep_the_raw_coordinate_and_every_row(tmp_path: Path) -> None:
    lon, lat = wgs84_to_gcj02(np.array([[108.3, 22.8]]))[0]
    rows = [{**ISSUE, "lon": lon, "lat": lat}, {**ISSUE, "lon": "east"}, {**ISSUE, "lon": 211.51, "lat": ""}]
    parsed = parse(table(tmp_path, rows), "issues", datum="GCJ02")
    assert reasons(parsed) == {}
    assert parsed.accepted[["raw_x", "raw_y"]].iloc[0].tolist() == [lon, lat]
    assert parsed.accepted["datum"].tolist() == ["gcj02"] * 3
    assert parsed.accepted[["lon", "lat"]].iloc[0].tolist() == pytest.approx([108.3, 22.8], abs=1e-9)
    assert parsed.accepted["lon"].isna().tolist() == [False, True, True]


def test_walls_are_lines_and_areas(tmp_path: Path) -> None:
    """A tree in a file of columns would be a wall that no strip ends at, and nobody be told."""
    shapes = [
        shapely.box(108.3, 22.8, 108.31, 22.81),
        shapely.LineString([(108, 22), (108, 23)]),
        shapely.Point(108, 22),
    ]
    parsed = parse(layer(tmp_path, shapes, code=["B", "F", "T"], kind=["building", "fence", "building"]), "walls")
    assert [one.geom_type for one in parsed.accepted["geometry"]] == ["MultiPolygon", "MultiLineString"]
    assert reasons(parsed) == {3: "geometry_kind"}


def test_a_lot_is_a_polygon(tmp_path: Path) -> None:
    """A land register drawn as lines would be taken in, and no strip end at any of it."""
    shapes = [shapely.box(108.3, 22.8, 108.31, 22.81), shapely.LineString([(108, 22), (108, 23)])]
    parsed = parse(layer(tmp_path, shapes, code=["L", "M"], kind=["lot", "lot"]), "walls")
    assert parsed.accepted["code"].tolist() == ["L"] and reasons(parsed) == {2: "lot_no_area"}
    row = {"code": "N", "kind": "lot", "wkt": None}
    assert reasons(parse(table(tmp_path, [row]), "walls")) == {1: "geometry_missing"}


def test_issues_from_shapes_are_points(tmp_path: Path) -> None:
    shapes = [shapely.Point(108.3, 22.8, 5), shapely.MultiPoint([(108.3, 22.8)]), None, shapely.box(108, 22, 109, 23)]
    path = layer(tmp_path, shapes, category=["1"] * 4, reported_at=["2026-07-01"] * 4)
    parsed = parse(path, "issues")
    assert parsed.accepted[["lon", "lat"]].to_numpy()[:2].tolist() == [[108.3, 22.8]] * 2
    assert np.isnan(parsed.accepted["lon"][2])
    assert reasons(parsed) == {4: "geometry_kind"}


@pytest.mark.parametrize("name", ["layer.gpkg", "layer.shp", "layer.parquet", "layer.geojson"])
def test_the_files_own_projected_system_is_used(name: str, tmp_path: Path) -> None:
    point = shapely.Point(530_000, 2_522_000)
    frame = gpd.GeoDataFrame({"code": ["a"], "category": ["c"]}, geometry=[point], crs=4545)
    if name.endswith("parquet"):
        frame.to_parquet(tmp_path / name)
    else:
        frame.to_file(tmp_path / name, **({"RFC7946": "NO"} if name.endswith("geojson") else {}))
    (lonlat,) = to_lonlat(np.array([[point.x, point.y]]), 4545)
    for city in (CITY, City(name="x", timezone="Asia/Shanghai", metric_srid=4545, datum="gcj02")):
        found = parse(tmp_path / name, "facilities", city=city).accepted["geometry"][0]
        assert [found.x, found.y] == pytest.approx(lonlat.tolist(), abs=1e-9)


def test_degrees_are_of_the_citys_datum_and_a_declaration_goes_first(tmp_path: Path) -> None:
    shifted = shapely.Point(wgs84_to_gcj02(np.array([[108.3, 22.8]]))[0])
    path = layer(tmp_path, [shifted], code=["a"], category=["c"])
    city = City(name="x", timezone="Asia/Shanghai", metric_srid=4545, datum="gcj02")
    assert parse(path, "facilities", city=city).accepted["geometry"][0].distance(shapely.Point(108.3, 22.8)) < 1e-9
    assert parse(path, "facilities", city=city, datum="wgs84").accepted["geometry"][0] == shifted
    assert parse(path, "facilities").accepted["geometry"][0] == shifted
    with pytest.raises(InvalidInput, match="mars"):
        parse(path, "facilities", datum="mars")


def test_a_system_without_a_code_must_be_declared(tmp_path: Path) -> None:
    own = "+proj=tmerc +lat_0=22.5 +lon_0=108.4 +k=1 +x_0=1000 +y_0=2000 +ellps=GRS80 +units=m"
    path = layer(tmp_path, [shapely.Point(500_000, 2_500_000)], crs=own, code=["a"], category=["c"])
    assert refusal_of(path, "facilities").key == "crs_unknown"
    assert len(parse(path, "facilities", datum="EPSG:4545").accepted) == 1


def test_grids_are_multipolygons_with_their_area(tmp_path: Path) -> None:
    square = shapely.box(530_000, 2_522_000, 530_100, 2_522_200)
    shapes = [square, shapely.MultiPolygon([square]), shapely.force_3d(square), shapely.Point(530_000, 2_522_000), None,
              shapely.Polygon(), shapely.GeometryCollection([square])]  # fmt: skip
    parsed = parse(layer(tmp_path, shapes, crs=4545), "grids", level="unit")
    assert [shape.geom_type for shape in parsed.accepted["geometry"]] == ["MultiPolygon"] * 3
    assert not shapely.has_z(parsed.accepted["geometry"].to_numpy(object)).any()
    assert parsed.accepted["area_m2"].tolist() == pytest.approx([20_000] * 3, abs=1e-3)
    assert reasons(parsed) == {4: "geometry_kind", 5: "geometry_missing", 6: "geometry_empty", 7: "geometry_kind"}
    assert parsed.rejects["params"][0] == {"found": "Point", "expected": "MULTIPOLYGON"}


def test_streets_are_multilines_joined_where_they_join_with_their_length(tmp_path: Path) -> None:
    x, y = 530_000, 2_522_000
    joining = shapely.MultiLineString([[(x, y), (x + 30, y)], [(x + 30, y), (x + 30, y + 40)]])
    apart = shapely.MultiLineString([[(x, y), (x + 30, y)], [(x + 60, y), (x + 60, y + 40)]])
    shapes = [shapely.LineString([(x, y), (x + 30, y + 40)]), joining, apart, shapely.LineString([(x, y), (x, y)])]
    parsed = parse(layer(tmp_path, shapes, crs=4545), "streets")
    assert [shape.geom_type for shape in parsed.accepted["geometry"]] == ["MultiLineString"] * 3
    assert [len(shape.geoms) for shape in parsed.accepted["geometry"]] == [1, 1, 2]
    assert parsed.accepted["length_m"].tolist() == pytest.approx([50, 70, 70], abs=1e-3)
    assert parsed.accepted["class"].tolist() == ["other"] * 3
    assert reasons(parsed) == {4: "geometry_invalid"}


def test_places_and_contracts_take_any_shape(tmp_path: Path) -> None:
    square = shapely.box(108.3, 22.8, 108.301, 22.801)
    shapes = [shapely.Point(108.3, 22.8), square, shapely.LineString([(108.3, 22.8), (108.4, 22.8)])]
    places = parse(layer(tmp_path, shapes), "places", constants={"type": "market"})
    kinds = ["Point", "MultiPolygon", "MultiLineString"]
    assert [shape.geom_type for shape in places.accepted["geometry"]] == kinds
    path = layer(tmp_path, [*shapes, None], name="contracts.gpkg")
    contracts = parse(path, "contracts", constants={"kind": "area", "duties": "*"})
    assert contracts.accepted["geometry"].isna().tolist() == [False, False, False, True]
    assert contracts.accepted["area_m2"].isna().tolist() == [True, False, True, True]
    assert reasons(contracts) == {}


def test_contracts_need_no_positions(tmp_path: Path) -> None:
    parsed = parse(table(tmp_path, [{"code": "1", "kind": "road", "street": "R", "duties": "*"}]), "contracts")
    assert parsed.accepted["geometry"].tolist() == [None]


def test_polygons_are_repaired_where_that_moves_nothing(tmp_path: Path) -> None:
    x, y = 530_000, 2_522_000
    spike = shapely.Polygon([(x, y), (x + 100, y), (x + 150, y), (x + 100, y), (x + 100, y + 100), (x, y + 100)])
    small = [(x, y), (x + 100, y), (x + 100, y + 100), (x + 99.5, y + 100), (x + 100.4, y + 100.5), (x, y + 100)]
    bow = shapely.Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    parsed = parse(layer(tmp_path, [spike, shapely.Polygon(small), bow], crs=4545), "grids", level="unit")
    shapes = parsed.accepted["geometry"].to_numpy(object)
    assert shapely.is_valid(shapes).all()
    assert parsed.accepted["row"].tolist() == [1, 2]
    assert parsed.accepted["area_m2"].tolist() == pytest.approx([10_000] * 2, abs=30)
    assert reasons(parsed) == {3: "geometry_invalid"}
    assert parsed.rejects["params"][0]["amount_m2"] == pytest.approx(5000, abs=1)
    assert "Self-intersection" in parsed.rejects["params"][0]["found"]


# --- Real cities -----------------------------------------------------------------------------------------------------

DC = City(
    name="Washington DC", timezone="America/New_York", metric_srid=26985, scheme="dc-311", locale="en",
    levels=(Level(name="ward"), Level(name="anc"), Level(name="smd")),
)  # fmt: skip
TAIPEI = City(
    name="臺北市", timezone="Asia/Taipei", metric_srid=3826, scheme="1999",
    levels=(Level(name="district"), Level(name="village"), Level(name="base")),
)  # fmt: skip


def test_washington(cities: Path) -> None:
    folder = cities / "washington-dc"
    grids = parse(folder / "poly_smd.geojson", "grids", DC, level="smd", columns={"code": "SMD_ID"}, key="SMD_ID")
    assert (len(grids.accepted), len(grids.rejects)) == (296, 0)
    assert grids.accepted["area_m2"].sum() / 1e6 == pytest.approx(177, abs=5)
    classes = {"S1100": "arterial", "S1200": "secondary", "S1400": "branch", "S1730": "backstreet", "*": "other"}
    streets = parse(
        folder / "streets_tiger2018.geojson", "streets", DC, columns={"code": "LINEARID", "class": "MTFCC"},
        values={"class": classes},
    )  # fmt: skip
    assert (len(streets.accepted), len(streets.rejects)) == (4401, 0)
    assert set(streets.accepted["class"]) == set(classes.values())
    mapping = {"columns": {"category": "service_code", "reported_at": "created", "closed_at": "closed"}}
    issues = [parse(path, "issues", DC, **mapping, key="request_id") for path in sorted(folder.glob("issues*.csv"))]
    assert [(len(one.accepted), len(one.rejects)) for one in issues] == [(15_360, 0), (7216, 0)]
    assert issues[0].accepted["reported_at"].min() == pd.Timestamp("2016-07-08T00:19:28Z")
    firms = parse(
        folder / "zone_trash_routes_2015.geojson", "parties", DC, templates={"code": "route-{ROUTE_NUMBER}"},
        columns={"name": "ROUTE_NUMBER"}, constants={"kind": "firm"}, distinct=("code",), key="ROUTE_NUMBER",
    )  # fmt: skip
    assert len(firms.accepted) == 96


def test_taipei(cities: Path) -> None:
    folder = cities / "taipei"
    villages = parse(
        folder / "poly_village_456.geojson", "grids", TAIPEI, level="village",
        columns={"code": "CPTVID", "name": "VNAME"}, key="CPTVID",
    )  # fmt: skip
    assert (len(villages.accepted), len(villages.rejects)) == (456, 0)
    bases = [
        parse(path, "grids", TAIPEI, level="base", columns={"code": "CODEBASE"})
        for path in sorted(folder.glob("poly_stat_base_*.geojson"))
    ]
    assert sum(len(one.accepted) for one in bases) == 11_490
    cases = parse(
        folder / "issues_1999_dispatch_2023-05-25_06-01.geojson", "issues", TAIPEI,
        columns={"category": "案件類型", "reported_at": "成案時間"}, key="案件編號",
    )  # fmt: skip
    assert (len(cases.accepted), len(cases.rejects)) == (2817, 0)
    assert cases.accepted["reported_at"][0] == pd.Timestamp("2023-06-01T07:34:43.043Z")
    bins = parse(
        folder / "fac_old_clothes_bins.csv", "facilities", TAIPEI, columns={"code": "核准編號"},
        constants={"category": "bin"}, key="核准編號",
    )  # fmt: skip
    assert reasons(bins) == {974: "geometry_not_degrees"}
    assert "211.51" in str(bins.rejects["params"][0]["x"])
    stops = parse(
        folder / "sanitation_garbage_truck_stops.geojson", "places", TAIPEI, columns={"name": "地點"},
        templates={"code": "{局編}-{車次}-{地點}"}, constants={"type": "stop"},
    )  # fmt: skip
    assert reasons(stops) == {76: "geometry_swapped"}

"""Sheets of a plan, and its files, read back by programs that did not write them."""

import copy
import io
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pyogrio
import pytest
import segno

from map_ui.round_files import plan_geojson, plan_workbook, route_gpx
from map_ui.rounds import clock
from map_ui.sheets import route_picture, route_sheet
from tests.map_ui.rounds import SRID, plan, streets


def sheet(patroller="ann", locale="en", state="published", **said):
    return route_sheet(
        plan(state), patroller, streets(), locale, city="Testville", srid=SRID, site="https://city.example",
        tokens={"m1": "tok-1"}, assets="assets", **said,
    )  # fmt: skip


@pytest.mark.parametrize(("locale", "words"), [
    ("en", ("Patrol of 2026-11-02: Ann 安", "three visits short", "not walked for 9 days", "Signature", "856 m")),
    ("zh", ("2026-11-02 巡查单：Ann 安", "还差三次", "9 天未巡", "签名", "856 米")),
])  # fmt: skip
def test_a_sheet_says_what_when_and_why(locale, words):
    html = sheet(locale=locale)
    assert all(word in html for word in words)
    table = html[html.index("<tbody>") :]
    assert table.index("08:03") < table.index("East Lane") < table.index("09:30")
    assert "=East &lt;Market&gt;" in html and "<Market>" not in html


def test_the_plate_of_a_stop_is_its_code():
    code = segno.make("https://city.example/d/tok-1", error="m").svg_inline(omitsize=True, border=2)
    assert sheet().count(code) == 1 and code not in sheet("bob")


def test_what_is_not_published_says_so_and_who_has_nothing_is_told():
    assert "PROPOSED" in sheet(state="proposed") and "PROPOSED" not in sheet()
    assert "Nothing is planned" in sheet("bob") and "Nothing is planned" not in sheet()


def test_what_was_missed_the_day_before_is_on_the_sheet():
    assert "West Lane" in sheet(before=["West Lane"])
    with pytest.raises(KeyError):
        sheet("nobody")


def test_the_picture_shows_the_round_with_north_and_a_scale():
    root = ElementTree.fromstring(route_picture(plan()["routes"][0], streets(), SRID))
    _, _, wide, tall = map(float, root.attrib["viewBox"].split())
    texts = [one.text for one in root if one.tag == "text"]
    assert {"1", "2", "▲", "N"} <= set(texts) and any(one.endswith(" m") for one in texts)
    paths = [one for one in root if one.tag == "path"]
    assert sum("stroke-dasharray" in one.attrib for one in paths) == 3
    assert sum(one.attrib.get("stroke-width") == "9" for one in paths) == 1
    for circle in (one for one in root if one.tag == "circle"):
        assert 0 < float(circle.attrib["cx"]) < wide and 0 < float(circle.attrib["cy"]) < tall


def test_a_round_of_one_place_has_a_picture():
    assert "▲" in route_picture(plan()["routes"][1], streets()[:0], SRID)


def test_gpx_is_read_by_gdal(tmp_path: Path):
    path = tmp_path / "round.gpx"
    path.write_text(route_gpx(plan(), plan()["routes"][0], "zh"), encoding="utf-8")
    points = pyogrio.read_dataframe(path, layer="waypoints")
    assert list(points["name"]) == ["出发", "1. =East <Market>", "2. East Lane", "返回"]
    assert points["desc"][1] == "08:10–08:15; 还差三次"
    assert points.crs.to_epsg() == 4326 and points.geometry[1].coords[0][:2] == (116.402, 39.9)
    (way,) = pyogrio.read_dataframe(path, layer="routes").geometry
    assert [xy[:2] for xy in way.coords] == [
        (116.40, 39.90), (116.402, 39.9), (116.404, 39.901), (116.404, 39.903), (116.40, 39.90),
    ]  # fmt: skip


def test_geojson_has_legs_lanes_and_stops_in_order(tmp_path: Path):
    said = plan_geojson(plan(), plan()["routes"])
    assert (said["plan"], said["edition"]) == (7, 2)
    told = [(one["properties"]["patroller"], one["properties"]["order"], one["properties"]["what"])
            for one in said["features"]]  # fmt: skip
    assert told == [
        ("ann", 0, "stop"), ("ann", 1, "leg"), ("ann", 1, "stop"), ("ann", 3, "leg"), ("ann", 3, "lane"),
        ("ann", 4, "leg"), ("ann", 4, "stop"), ("bob", 0, "stop"), ("bob", 1, "stop"),
    ]  # fmt: skip
    lane = next(one for one in said["features"] if one["properties"]["what"] == "lane")
    assert (lane["properties"]["begin"], lane["properties"]["number"]) == ("09:18", 2)


def test_a_workbook_has_a_sheet_a_patroller_and_one_of_what_is_left_out():
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook(plan(), plan()["routes"], "en", left=True)))
    assert book.sheetnames == ["Ann 安", "bob", "Left out"]
    rows = list(book["Ann 安"].values)
    assert rows[0][:3] == ("No.", "Arrive", "Begin")
    assert rows[2] == (1, "08:03", "08:10", "08:15", "=East <Market>", "three visits short", 171.5, "place:m1")
    assert book["Ann 安"]["E3"].data_type == "s"
    assert list(book["Left out"].values)[1] == ("issue:1", "Sofa", None, "not enough time", "11 min more for Ann 安")


def test_names_that_no_sheet_may_have_are_changed():
    said = copy.deepcopy(plan())
    said["routes"][0]["name"] = said["routes"][1]["name"] = "a/b:" + "x" * 40
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook(said, said["routes"], "en", left=False)))
    assert len(book.sheetnames) == 2 and all(name.startswith("a_b_x") and len(name) <= 31 for name in book.sheetnames)


def test_a_shift_over_midnight_goes_on_counting():
    assert (clock(0), clock(86_399), clock(90_600)) == ("00:00", "23:59", "25:10")

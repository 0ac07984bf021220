"""The page of hot spots as text: what it hands to its script, in both languages, with nothing, little and strange."""

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image

from gis_core.crs import to_lonlat
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.surface import Canvas, Surface
from map_ui import MapData, render
from map_ui.heat_values import picture, scale_of
from map_ui.hotspots import MODES, draw
from map_ui.texts import TEXTS
from tests.map_ui.spots import DAYS, HOT, PERS

Town = Callable[..., MapData]
SRID = 4545


def pixels(png: str) -> np.ndarray:
    """Grey values of a picture in a page."""
    head, code = png.split(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(code))))


def with_answers(data: MapData, **changes: object) -> MapData:
    """The same with other answers, ``surface_now`` for ``("surface", "now")``."""
    answers = {**data.hotspots.answers, **{tuple(key.split("_")): value for key, value in changes.items()}}
    return replace(data, hotspots=replace(data.hotspots, answers=answers))


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_mode_has_its_answer_and_its_words(town: Town, locale: str) -> None:
    """A mode would open empty, or say what it shows in the other language."""
    facts = draw(town(), locale).facts
    assert facts["modes"] == list(MODES)
    for mode in MODES:
        assert f"hotspots_mode_{mode}" in TEXTS and f"hotspots_lead_{mode}" in TEXTS
        assert facts["heat" if mode == "heat" else mode]
    assert facts["area_levels"] == facts["change_levels"] == ["unit", "community"]
    assert facts["pers"] == list(PERS)
    assert {f"unit|{per}|now" for per in PERS} <= set(facts["areas"])
    assert facts["named"]["word_worse"] == ("加重" if locale == "zh" else "getting worse")
    assert facts["missing"]["significance|unit|patrol|before"] == InvalidInput(
        "hotspot_steps", found=0, expected=10
    ).text(locale)


def test_areas_are_told_by_code_without_their_shapes(town: Town) -> None:
    """Each of a dozen answers would carry the borders of the whole city again."""
    table = draw(town(), "en").facts["areas"]["unit|patrol|now"]
    columns = {name: column if isinstance(column, list) else [column["of"][at] for at in column["at"]]
               for name, column in table["columns"].items()}  # fmt: skip
    assert "geometry" not in columns and table["size"] == 9
    at = columns["code"].index(HOT)
    told = {name: column[at] for name, column in columns.items()}
    assert (told["class"], told["core"], told["count"], told["ratio"], told["q"]) == ("hot_99", 1, 40, 2.66, 0.004)
    assert (columns["class"][0], columns["expected"][0], columns["stable"][0]) == ("insufficient", None, None)


def test_heat_has_one_scale_for_all_its_pictures(town: Town) -> None:
    """Red would mean one thing this week and another the next."""
    heat = draw(town(), "zh").facts["heat"]
    assert set(heat["pictures"]) == {"now", "before", *map(str, range(DAYS))}
    assert heat["scale"][0] == 0 and heat["scale"] == sorted(heat["scale"])
    assert len(heat["colours"]) == len(heat["scale"]) - 2
    assert heat["pictures"]["now"]["counted"] == 60 and heat["pictures"]["now"]["left_out"] == 3
    assert pixels(heat["pictures"]["0"]["png"]).max() == 1, "a day without reports is cold everywhere"
    assert pixels(heat["pictures"]["now"]["png"]).max() > 200


def test_a_picture_says_the_density_where_it_is() -> None:
    """The hot place would lie beside where it is, or a click there tell another number."""
    inside = np.ones((40, 60), bool)
    inside[:, :5] = False
    density = np.zeros((40, 60))
    density[30, 45] = 5.0
    canvas = Canvas(500_000.0, 2_520_000.0, 50.0, inside)
    scale = scale_of([1.0, 2.0, 4.0], 5.0)
    drawn = picture(Surface(canvas, density, 1, 0), scale, SRID)
    grey = pixels(drawn["png"])
    (south, west), (north, east) = drawn["bounds"]
    row, column = np.unravel_index(grey.argmax(), grey.shape)
    lon = west + (column + 0.5) / grey.shape[1] * (east - west)
    lat = north - (row + 0.5) / grey.shape[0] * (north - south)
    here = to_lonlat(np.array([[500_000 + 45.5 * 50, 2_520_000 + 30.5 * 50]]), SRID)[0]
    assert (lon, lat) == pytest.approx(tuple(here), abs=0.0008)
    place = (int(grey.max()) - 1) / 254 * (len(scale) - 1)
    value = np.interp(place, np.arange(len(scale)), scale)
    assert 3.0 < value <= 5.0, "a pixel is not just in the middle of its cell"
    assert grey[20, 0] == 0, "far outside the territory there is nothing"


def test_a_scale_reads_back_within_two_per_cent() -> None:
    """Numbers on the page would be another city's."""
    scale = scale_of([0.5, 2.0, 9.0, 40.0], 123.456)
    assert scale == [0.0, 0.5, 2.0, 9.0, 40.0, 123.0]
    for density in (0.7, 3.3, 20.0, 100.0):
        grey = np.rint(np.interp(density, scale, np.arange(6)) / 5 * 254)
        assert np.interp(grey / 254 * 5, np.arange(6), scale) == pytest.approx(density, rel=0.02)
    assert scale_of([], 3.0) == []
    assert scale_of([2.0], 2.0)[-1] > 2.0


def test_crowds_say_where_they_are(town: Town) -> None:
    """An alarm would be a circle nobody can name."""
    facts = draw(town(), "en").facts
    assert facts["alarm"]["columns"]["near"] == [HOT]
    assert (facts["alarm"]["columns"]["days"], facts["alarm"]["columns"]["p"]) == ([3], [0.004])
    clusters = facts["clusters"]["columns"]
    assert clusters["count"] == [12, 9], "the largest first"
    assert clusters["category"][1] == "exposed rubbish" and clusters["p"] == [0.002, None]


def test_hostile_names_stay_data(town: Town, hostile: str) -> None:
    """A category's name would become markup."""
    data = town()
    html = render("hotspots", data, "en", now=data.as_of)
    assert "<script>window" not in html and "<img" not in html
    assert hostile in draw(data, "en").facts["clusters"]["columns"]["category"]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_without_answers_the_page_says_why(town: Town, locale: str) -> None:
    """A city without reports would show an empty map and no word."""
    data = town()
    none = replace(data, hotspots=None)
    assert TEXTS.say("hotspots_nothing", locale) in render("hotspots", none, locale, now=data.as_of)
    refused = InvalidInput("surface_empty", found=7)
    facts = draw(with_answers(data, surface_now=refused, forecast=refused, scan=refused), locale).facts
    assert facts["heat"] is facts["forecast"] is facts["alarm"] is None
    assert facts["missing"]["surface|now"] == facts["missing"]["scan"] == refused.text(locale)


def test_an_empty_window_is_drawn(town: Town) -> None:
    """A fortnight without a report would break the page."""
    data = town()
    empty = gpd.GeoDataFrame({"class": []}, geometry=[], crs=4326)
    cold = Answer(empty, {"breaks": [], "peak": 0.0, "counted": 0, "left_out": 0})
    bare = Answer(gpd.GeoDataFrame({"category": [], "count": []}, geometry=[], crs=4326), {})
    facts = draw(with_answers(data, surface_now=cold, clusters=bare, scan=bare), "en").facts
    assert facts["heat"] is None and facts["clusters"]["size"] == facts["alarm"]["size"] == 0
    render("hotspots", with_answers(data, surface_now=cold), "en", now=data.as_of)


def test_one_cell_and_no_number_are_drawn(town: Town) -> None:
    """A city of one cell would be none, or what is not a number reach the map."""
    grids = town().frames["grids"]
    one = town(grids=grids[grids["code"].isin(["450100", "450102", HOT])])
    assert draw(one, "zh").facts["areas"]["unit|none|now"]["size"] == 1
    data = town()
    frame = data.hotspots.answers["significance", "unit", "none", "now"].features
    odd = frame.assign(rate=np.nan, high=np.inf, expected=[np.nan, *[1.0] * 8], name=None)
    facts = draw(with_answers(data, significance_unit_none_now=Answer(odd, {"rate": None, "found": []})), "en").facts
    assert "NaN" not in json.dumps(facts, allow_nan=False) and "Infinity" not in json.dumps(facts)


def test_the_page_of_a_large_city_stays_small(town: Town) -> None:
    """It would be too heavy to open on a telephone."""
    data = town()
    side = 0.002
    west, south = np.meshgrid(108.3 + side * np.arange(50), 22.8 + side * np.arange(40))
    cells = shapely.box(west.ravel(), south.ravel(), west.ravel() + side, south.ravel() + side)
    codes = [f"450101{n:06d}" for n in range(len(cells))]
    rows = {"code": codes, "name": codes, "names": None, "level": "unit", "parent": "450101", "organisation": "U1",
            "area_m2": 40_000.0}  # fmt: skip
    large = town(grids=gpd.GeoDataFrame(rows, geometry=cells, crs=4326))
    assert len(large.hotspots.answers["significance", "unit", "none", "now"].features) == 2_000
    assert len(render("hotspots", large, "zh", now=data.as_of).encode()) < 1_500_000

"""Map pages as text: escaping, limits said, languages, size, and the same bytes every time."""

import datetime as dt
import json
import re
from collections.abc import Callable
from string import Formatter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from map_ui import PAGES, MapData, asset_path, fault_page, render
from map_ui.draw import packed, positions, script_json, shapes, thinned
from map_ui.heat import counted
from map_ui.legend import MANY
from map_ui.overview import MOST_ISSUES
from map_ui.texts import TEXTS

Town = Callable[..., MapData]
FACTS = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)
BOTH = [(page, locale) for page in PAGES for locale in ("zh", "en")]


def facts(page: str, data: MapData, locale: str = "en") -> dict:
    """The facts a rendered page hands to its script, with every column as a plain list."""
    known = json.loads(FACTS.findall(render(page, data, locale, now=data.as_of))[0])
    for layer in known["layers"]:
        layer["columns"] = {name: unpacked(column) for name, column in layer["columns"].items()}
    return known


def unpacked(column: list | dict) -> list:
    """What the page's script makes of a column."""
    return [column["of"][place] for place in column["at"]] if isinstance(column, dict) else column


def many(frame: gpd.GeoDataFrame, count: int) -> gpd.GeoDataFrame:
    """``count`` rows with distinct codes."""
    copies = pd.concat([frame] * (count // len(frame) + 1), ignore_index=True).head(count)
    return copies.assign(code=[f"X{n:06d}" for n in range(count)])


@pytest.mark.parametrize(("page", "locale"), BOTH)
def test_hostile_words_stay_data(town: Town, hostile: str, page: str, locale: str) -> None:
    """A report could end the script element or become markup."""
    html = render(page, town(), locale, now=town().as_of)
    assert "<script>window" not in html and "<img" not in html
    assert not set("\u2028\u2029") & set(html)
    known = facts(page, town(), locale)
    if page == "overview":
        assert hostile in known["layers"][-1]["columns"]["description"]
        assert hostile in known["parties"].values()


def test_script_json_reads_back(hostile: str) -> None:
    """Escaping would change what was said."""
    text = script_json({"said": hostile})
    assert json.loads(text) == {"said": hostile}
    assert not set("<>&\u2028\u2029") & set(text)


def test_hostile_city_name_is_escaped(town: Town) -> None:
    """The title bar would take markup from the city file."""
    data = town()
    named = MapData(city=type(data.city)(name="<b>x", timezone="UTC", metric_srid=4545), frames={},
                    parties=data.parties, categories=data.categories, issue_counts={}, as_of=data.as_of)  # fmt: skip
    html = render("overview", named, "en", now=data.as_of)
    assert "<b>x" not in html and "&lt;b&gt;x" in html


@pytest.mark.parametrize("key", TEXTS)
def test_texts_name_the_same_values_in_both_languages(key: str) -> None:
    """One language would lack a sentence or a number that the other has."""
    english, chinese = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in TEXTS[key])
    assert english == chinese and all(TEXTS[key])


def test_every_text_is_used() -> None:
    """Texts would stay behind when the thing they named is gone."""
    ours = [path for path in asset_path().parent.rglob("*") if path.suffix in {".py", ".js", ".html"}]
    used = "".join(path.read_text("utf-8") for path in ours if path.name not in {"texts.py", "leaflet.js"})
    built = ("side_", "kind_", "status_", "short_", "class_", *(f"{page}_" for page in PAGES))
    assert [key for key in TEXTS if not key.startswith(built) and key not in used] == []


@pytest.mark.parametrize(("page", "locale"), BOTH)
def test_page_says_its_language_city_and_time(town: Town, page: str, locale: str) -> None:
    """A reader could not tell which city and which moment the page shows."""
    data = town()
    html = render(page, data, locale, now=data.as_of + dt.timedelta(hours=1))
    assert f'<html lang="{"zh-CN" if locale == "zh" else "en"}">' in html
    assert "试验城 Testville" in html and "2026-03-31 12:30" in html and "2026-03-31 13:30" in html
    assert f'href="{page}?lang={"en" if locale == "zh" else "zh"}"' in html


def test_links_follow_the_pattern_for_folders(town: Town) -> None:
    """Pages in a folder would link to addresses only a server knows."""
    html = render("heat", town(), "zh", link="{page}.{locale}.html", now=town().as_of)
    assert 'href="heat.en.html"' in html and 'href="overview.zh.html"' in html


def test_same_data_same_bytes(town: Town) -> None:
    """A page could not be compared with yesterday's."""
    for page, locale in BOTH:
        assert render(page, town(), locale, now=town().as_of) == render(page, town(), locale, now=town().as_of)


def test_newest_issues_are_shown_and_the_limit_is_said(town: Town) -> None:
    """Old issues would push out new ones, or the reader would take a part for the whole."""
    issues = many(town().frames["issues"], MOST_ISSUES + 700)
    moments = pd.date_range(end=town().as_of, periods=len(issues), freq="min", tz="UTC")
    data = town(issues=issues.assign(reported_at=moments[np.random.default_rng(5).permutation(len(issues))]))
    html = render("overview", data, "en", now=data.as_of)
    assert "newest 5,000 of 5,700 issues" in html
    shown = facts("overview", data)["layers"][-1]["columns"]
    newest = data.frames["issues"].nlargest(MOST_ISSUES, "reported_at")["code"]
    assert shown["code"] == newest.tolist()


def test_features_beyond_the_limit_are_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cut layer would look complete."""
    monkeypatch.setattr("map_ui.overview.MOST_FEATURES", 2)
    assert "Facilities: 2 of 3 shown" in render("overview", town(), "en", now=town().as_of)


def test_issues_after_the_moment_are_left_out(town: Town) -> None:
    """A page about a past moment would show what came later."""
    data = town()
    earlier = MapData(**{**vars(data), "as_of": data.as_of - dt.timedelta(hours=1)})
    assert facts("overview", earlier)["layers"][-1]["count"] == len(data.frames["issues"]) - 1


def test_legend_counts_equal_the_frames(town: Town) -> None:
    """The legend would count something else than what lies on the map."""
    data = town()
    layers = facts("overview", data)["layers"]
    for layer in layers:
        for one in layer["filters"]:
            assert sum(item["count"] for item in one["items"]) == layer["count"]
    kinds = {item["value"]: item["count"] for item in layers[-1]["filters"][0]["items"]}
    assert kinds == data.frames["issues"]["responsible_kind"].value_counts().to_dict()
    assert [layer["popup"] for layer in layers] == ["grid"] * 3 + ["street", "place", "facility", "issue"]


def test_unknown_rule_still_draws(town: Town) -> None:
    """A rule added to the core would break the page until it had a colour."""
    issues = town().frames["issues"].assign(rule="newly_made")
    rules = facts("overview", town(issues=issues))["layers"][-1]["filters"][1]["items"]
    assert [(rule["value"], rule["label"], rule["count"]) for rule in rules] == [("newly_made", "newly_made", 40)]


def test_names_follow_the_language_with_the_official_one_behind(town: Town) -> None:
    """An English reader would see only Chinese names although others are known, or nothing at all."""
    english, chinese = (facts("overview", town(), locale) for locale in ("en", "zh"))
    assert english["parties"]["F1"] == "Clean City Ltd" and chinese["parties"]["F1"] == "洁城公司"
    assert english["parties"]["H1"] == "王网格"
    assert "U9" not in english["parties"]
    assert set(english["layers"][-1]["columns"]["category"]) == {"exposed rubbish"}


def test_shapes_unpack_to_the_micro_degree() -> None:
    """Outlines would drift along their vertices."""
    ring = shapely.Point(108.123456789, 22.987654321).buffer(0.01, quad_segs=30)
    holed = shapely.Polygon(ring.exterior.coords, [shapely.Point(108.12, 22.98).buffer(0.002).exterior.coords])
    given = gpd.GeoSeries(
        [holed, shapely.MultiPolygon([holed]), shapely.LineString(ring.exterior), shapely.Point(-77.5, 38.25)], crs=4326
    )
    packed = shapes(gpd.GeoDataFrame(geometry=given))

    def vertices(part: list) -> list:
        if isinstance(part[0], list):
            return [vertex for inner in part for vertex in vertices(inner)]
        return (np.array(part).reshape(-1, 2).cumsum(axis=0) / 1e6).tolist()

    for shape, want in zip(packed, given, strict=True):
        assert shape["type"] == want.geom_type
        assert np.abs(vertices(shape["coordinates"]) - shapely.get_coordinates(want)).max() <= 5.1e-7


def test_heat_counts_equal_a_plain_count(town: Town) -> None:
    """The period would begin on the wrong day, or the table would miss issues."""
    data = town()
    issues = data.frames["issues"]
    for window in facts("heat", data)["windows"]:
        inside = issues[issues["reported_at"] > data.as_of - dt.timedelta(days=window["days"])]
        assert window["count"] == window["drawn"] == len(inside)
        unit = window["busiest"]["unit"]
        counts = inside["grid"].value_counts()
        assert {row[0]: row[2] for row in unit["rows"]} == counts.to_dict()
        assert unit["outside"] == inside["grid"].isna().sum()


def test_busiest_ranks_by_count_then_code() -> None:
    """Equal counts would change places from page to page."""
    frame = pd.DataFrame({"grid": list("bbaaacd") + [None]})
    found = busiest(frame, "grid", {}, {})
    assert [(row[0], row[2]) for row in found["rows"]] == [("a", 3), ("b", 2), ("c", 1), ("d", 1)]
    assert found["outside"] == 1


def test_heat_limit_is_said_and_the_table_counts_all(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issues beyond the drawable number would vanish silently."""
    monkeypatch.setattr("map_ui.heat.MOST_POSITIONS", 5)
    week, month = facts("heat", town())["windows"]
    assert (week["drawn"], month["drawn"]) == (5, 5) and month["count"] == 36
    assert sum(row[2] for row in month["busiest"]["district"]["rows"]) == 36


@pytest.mark.parametrize(("page", "locale"), BOTH)
def test_empty_city_draws(town: Town, page: str, locale: str) -> None:
    """A newcomer's first page, before any load, would be an error."""
    data = town()
    bare = MapData(city=data.city, frames={}, parties=pd.DataFrame(), categories=pd.DataFrame(), issues_total=0,
                   as_of=data.as_of)  # fmt: skip
    assert TEXTS.say("issues_none", locale) in render(page, bare, locale, now=data.as_of)


def test_a_large_city_stays_small(town: Town) -> None:
    """The overview of 2,000 grids, 6,000 streets and 10,000 facilities would be too heavy to open."""
    data, rng = town(), np.random.default_rng(2)
    cells = many(data.frames["grids"].tail(1), 2000)
    centres = shapely.points(rng.uniform((108, 22), (109, 23), (2000, 2)))
    cells = cells.set_geometry(gpd.GeoSeries(list(shapely.buffer(centres, 0.004, quad_segs=6)), crs=4326))
    lines = rng.uniform((108, 22), (109, 23), (6000, 1, 2)) + rng.normal(0, 0.001, (6000, 10, 2)).cumsum(axis=1)
    streets = many(data.frames["streets"], 6000).set_geometry(gpd.GeoSeries(list(shapely.linestrings(lines)), crs=4326))
    facilities = many(data.frames["facilities"], 10_000)
    issues = many(data.frames["issues"], 6000)
    large = town(grids=cells, streets=streets, facilities=facilities, issues=issues)
    assert len(render("overview", large, "zh", now=data.as_of).encode()) < 6_000_000

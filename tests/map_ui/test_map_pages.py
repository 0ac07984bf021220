"""Map pages as text: escaping, limits said, languages, size, and the same bytes every time."""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import replace
from string import Formatter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from map_ui import PAGES, MapData, asset_path, fault_page, render
from map_ui.backstreets import WINDOWS_DAYS, freshness_of
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
    used = "".join(path.read_text("utf-8") for path in ours if not path.name.endswith(("texts.py", "leaflet.js")))
    built = (
        "side_",
        "plate_",
        "duty_",
        "kind_",
        "status_",
        "short_",
        "class_",
        "issues_",
        "fault_",
        "door_",
        "mark_",
        "drawn_",
        "severity_",
        "impact_",
        "patrol_",
        "fresh_",
        "why_",
        "quota_",
        "ago_",
        "spell_",
        "sure_",
        "by_hot_",
        "hot_per_",
        "hot_exposure_",
        "visit_",
        "sheet_",
        "plan_",
        *(f"{page}_" for page in PAGES),
    )
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


def test_open_issues_come_first_then_the_newest_and_the_limit_is_said(town: Town) -> None:
    """Closed issues would push out open ones, or the reader would take a part for the whole."""
    issues = many(town().frames["issues"], MOST_ISSUES + 700)
    moments = pd.date_range(end=town().as_of, periods=len(issues), freq="min", tz="UTC")
    data = town(issues=issues.assign(reported_at=moments[np.random.default_rng(5).permutation(len(issues))]))
    issues = data.frames["issues"]
    still_open, closed = issues[issues["status"] == "open"], issues[issues["status"] == "closed"]
    shown = facts("overview", data)["layers"][-1]["columns"]
    room = MOST_ISSUES - len(still_open)
    assert shown["code"] == [
        *still_open.sort_values("reported_at", ascending=False)["code"], *closed.nlargest(room, "reported_at")["code"]
    ]  # fmt: skip
    html = render("overview", data, "en", now=data.as_of)
    assert f"{len(still_open):,} open issues · {len(closed):,} closed" in html
    assert f"Closed issues: the newest {room:,} of {len(closed):,} are on this page" in html


def test_issues_in_the_store_but_not_in_the_frame_are_counted(town: Town) -> None:
    """The title would count what was read instead of what there is."""
    more = MapData(**{**vars(town()), "issue_counts": {"open": 30, "closed": 91_234}})
    html = render("overview", more, "zh", now=more.as_of)
    assert "未结案 30 件 · 已结案 91,234 件" in html and "已结案问题：共 91,234 件，本页为最新 10 件" in html


def test_closed_issues_and_facilities_start_hidden(town: Town) -> None:
    """What is done, and every bin of the city, would hide what is still to do."""
    *_, facilities, issues = facts("overview", town())["layers"]
    assert not facilities["shown"] and issues["shown"]
    assert {item["value"]: item["shown"] for item in issues["filters"][2]["items"]} == {"open": True, "closed": False}


def test_a_crowd_of_points_starts_hidden(town: Town) -> None:
    """Thousands of shops would hide the markets."""
    places = town().frames["places"]
    shops = many(places[places["type"] == "kiosk"], MANY + 1).assign(type="shop")
    crowded = town(places=pd.concat([places, shops], ignore_index=True))
    layer = next(one for one in facts("overview", crowded)["layers"] if one["name"] == "places")
    shown = {item["value"]: item["shown"] for item in layer["filters"][0]["items"]}
    assert shown == {"market": True, "shop": False, "estate": True, "kiosk": True}


def test_place_types_are_named(town: Town) -> None:
    """A reader would meet codes such as old_estate."""
    for locale, name in (("zh", "集贸市场"), ("en", "market")):
        layer = next(one for one in facts("overview", town(), locale)["layers"] if one["name"] == "places")
        assert layer["filters"][0]["items"][0]["label"] == name
        assert layer["columns"]["type"][0] == name


def test_features_beyond_the_limit_are_left_out_evenly_and_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cut layer would look complete, or one end of the city empty."""
    monkeypatch.setattr("map_ui.draw.MOST_FEATURES", 2)
    assert "Facilities: 2 of 3 are on this page" in render("overview", town(), "en", now=town().as_of)
    assert thinned(town().frames["facilities"])["code"].tolist() == ["B1", "B3"]


def test_issues_after_the_moment_are_left_out(town: Town) -> None:
    """A page about a past moment would show what came later."""
    data = town()
    earlier = MapData(**{**vars(data), "as_of": data.as_of - dt.timedelta(hours=1)})
    assert facts("overview", earlier)["layers"][-1]["count"] == len(data.frames["issues"]) - 1


def test_every_value_has_its_legend_row(town: Town) -> None:
    """A feature without a row in the legend could not be drawn."""
    layers = facts("overview", town())["layers"]
    for layer in layers:
        for one in layer["filters"]:
            assert {item["value"] for item in one["items"]} == set(layer["columns"][one["by"]])
    assert [layer["name"] for layer in layers] == ["grids"] * 3 + ["streets", "places", "facilities", "issues"]


def test_unknown_rule_still_draws(town: Town) -> None:
    """A rule added to the core would break the page until it had a colour."""
    issues = town().frames["issues"].assign(rule="newly_made")
    rules = facts("overview", town(issues=issues))["layers"][-1]["filters"][1]["items"]
    assert [(rule["value"], rule["label"]) for rule in rules] == [("newly_made", "newly_made")]


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
    drawn = shapes(gpd.GeoDataFrame(geometry=given))

    def vertices(part: list) -> list:
        if isinstance(part[0], list):
            return [vertex for inner in part for vertex in vertices(inner)]
        return (np.array(part).reshape(-1, 2).cumsum(axis=0) / 1e6).tolist()

    for shape, want in zip(drawn, given, strict=True):
        point = isinstance(shape, list)
        assert want.geom_type == ("Point" if point else shape["type"])
        assert (
            np.abs(vertices(shape if point else shape["coordinates"]) - shapely.get_coordinates(want)).max() <= 5.1e-7
        )
    assert np.abs(vertices(positions(given[3:])) - shapely.get_coordinates(given[3:])).max() <= 5.1e-7


def test_columns_unpack_to_what_they_were() -> None:
    """Values would change rows when few differ."""
    for column in ([None, "a", "a", None, "b", "a", "a"], [["x"], ["x", "y"], ["x"], ["x"], ["x"]], ["a", "b"], []):
        assert json.loads(json.dumps(unpacked(packed(column)))) == column
    assert isinstance(packed(["a"] * 3), dict) and packed(["a", "b"]) == ["a", "b"]


def test_heat_counts_equal_a_plain_count(town: Town) -> None:
    """The period would begin on the wrong day, or the table would miss issues."""
    data = town()
    issues = data.frames["issues"]
    for window in facts("heat", data)["windows"]:
        inside = issues[issues["reported_at"] > data.as_of - dt.timedelta(days=window["days"])]
        assert window["count"] == window["drawn"] == len(inside)
        unit = window["grids"]["unit"]
        counts = inside["grid"].value_counts()
        assert dict(unit["rows"]) == counts.to_dict()
        assert unit["outside"] == inside["grid"].isna().sum()


def test_grids_rank_by_count_then_code() -> None:
    """Equal counts would change places from page to page."""
    found = counted(pd.DataFrame({"grid": list("bbaaacd") + [None]}), "grid")
    assert found == {"rows": [["a", 3], ["b", 2], ["c", 1], ["d", 1]], "outside": 1}


def test_heat_limit_is_said_and_the_table_counts_all(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issues beyond the drawable number would vanish silently."""
    monkeypatch.setattr("map_ui.heat.MOST_POSITIONS", 5)
    week, month = facts("heat", town())["windows"]
    assert (week["drawn"], month["drawn"]) == (5, 5) and month["count"] == 36
    assert sum(count for _, count in month["grids"]["district"]["rows"]) == 36
    assert len(facts("heat", town())["points"]) == 2 * 5


def test_patrol_figures_equal_a_plain_count(town: Town) -> None:
    """Metres would be counted in a wrong period or cell, or those beyond the drawable number not at all."""
    data = town()
    told, segments = facts("backstreets", data), data.patrol.segments
    for days in WINDOWS_DAYS:
        status = segments[f"status_{days}"]
        for name, (metres, count) in told["totals"][str(days)].items():
            assert (metres, count) == (segments.loc[status == name, "length_m"].sum(), (status == name).sum())
        for by, key in (
            ("unit", segments["grid"]),
            ("community", segments["grid"].str[:6]),
            ("contractor", segments["contractor"]),
        ):
            rows = told["tables"][str(days)][by]["rows"]
            blind = segments["length_m"].where(status == "blind", 0).groupby(key, dropna=False).sum()
            assert {code: row[2] for code, *row in rows} == {
                None if pd.isna(code) else code: metres for code, metres in blind.items()
            }
            assert [row[3] for row in rows] == sorted((row[3] for row in rows), reverse=True)


def test_freshness_tells_unknown_from_never(town: Town) -> None:
    """A lane of which nobody knows anything would look as if nobody had walked it."""
    assert freshness_of(town().patrol.segments) == ["d1", "d30", "d3", "no_data", "never"]


def test_blind_spots_and_the_longest_unwalked_are_kept(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a large network the page would leave out what it is for, or let a part look like the whole."""
    monkeypatch.setattr("map_ui.backstreets.MOST_FEATURES", 3)
    told = facts("backstreets", town())
    layer = told["layers"][-1]
    assert (layer["count"], layer["total"]) == (3, 5)
    assert layer["columns"]["status_7"] == ["blind", "blind", "no_data"]
    assert layer["columns"]["age_h"] == [None, 200.0, None]
    assert told["totals"]["7"]["walked"] == [400, 1]
    assert "3 of 5 segments are on the map" in render("backstreets", town(), "en", now=town().as_of)


def test_no_patrol_and_no_street_to_patrol_are_said(town: Town) -> None:
    """An empty page would look as if everything were in order."""
    data = town()
    none = town(segments=data.patrol.segments.head(0))
    assert "There are no streets to patrol here (class: backstreet, lane)" in render(
        "backstreets", none, "en", now=data.as_of
    )
    silent = MapData(**{**vars(data), "patrol": replace(data.patrol, newest=None)})
    assert "尚未收到任何轨迹" in render("backstreets", silent, "zh", now=data.as_of)


def test_the_age_of_the_newest_tracks_is_said(town: Town) -> None:
    """What was walked months ago would pass for today."""
    data = town()
    later = MapData(**{**vars(data), "patrol": replace(data.patrol, asked_at=data.as_of + dt.timedelta(days=150))})
    assert not facts("backstreets", data)["stale"]
    told = facts("backstreets", later)
    assert told["stale"] and "2026-03-31, 150 days ago" in told["until_words"][1]


def test_tracks_are_offered_where_a_server_has_them(town: Town) -> None:
    """A page in a folder would ask a server that is not there, or a reader be offered what they may not see."""
    for served, replays in ((True, True), (True, False), (False, True)):
        data = MapData(**{**vars(town()), "served": served, "replays": replays})
        assert facts("backstreets", data)["replays"] == (served and replays)


@pytest.mark.parametrize(("page", "locale"), BOTH)
def test_empty_city_draws(town: Town, page: str, locale: str) -> None:
    """A newcomer's first page, before any load, would be an error."""
    data = town()
    bare = MapData(city=data.city, frames={}, parties=pd.DataFrame(), categories=pd.DataFrame(), issue_counts={},
                   as_of=data.as_of)  # fmt: skip
    html = render(page, bare, locale, now=data.as_of)
    assert TEXTS.say("issues_none", locale) in html and f'<p id="hint">{TEXTS.say("no_grids", locale)}' in html
    assert 'id="hint"' not in render(page, data, locale, now=data.as_of)


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
    assert len(render("overview", large, "zh", now=data.as_of).encode()) < 4_500_000


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_fault_page_says_what_is_wrong_and_leads_back(locale: str, hostile: str) -> None:
    """A reader would be left with a bare status, or with markup from the address."""
    html = fault_page(404, hostile, locale, assets="/maps/assets", home="/")
    assert TEXTS.say("fault_404", locale) in html and 'href="/"' in html
    assert "<script" not in html and "<img" not in html
    assert TEXTS.say("fault_500", locale) in fault_page(418, "", locale, assets="/maps/assets", home="/")

"""The pages in a real browser: nothing leaves the machine, nothing breaks, and what one clicks explains itself."""

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from playwright.sync_api import expect

from map_ui import CSP, PAGES, MapData, copy_assets, render
from map_ui.texts import TEXTS
from tests.browsing import Open, Visit

Town = Callable[..., MapData]
DRAWN = """() => [...document.querySelectorAll('.folium-map canvas')].map((canvas) => {
  const seen = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return seen.filter((value, at) => at % 4 === 3 && value > 0).length;
})"""
FIRST_ISSUE = """() => {
  const issues = gridwarden.facts.layers.at(-1);
  const row = [...Array(issues.count).keys()].find((one) => issues.group.hasLayer(issues.features[one]));
  const at = gridwarden.map.latLngToContainerPoint(issues.points[row]);
  const box = document.querySelector('.folium-map').getBoundingClientRect();
  return [at.x + box.x, at.y + box.y];
}"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the folder as the application does: with the content security policy, silently."""

    def end_headers(self) -> None:
        """Add the policy."""
        self.send_header("Content-Security-Policy", CSP)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def folder(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages in both languages, with their assets."""
    target = tmp_path_factory.mktemp("pages")
    copy_assets(target / "assets")
    for page in PAGES:
        for locale in ("zh", "en"):
            html = render(page, town(), locale, link="{page}.{locale}.html", now=town().as_of)
            (target / f"{page}.{locale}.html").write_text(html, "utf-8")
    return target


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[str]:
    """Address of the folder on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(visit: Open) -> Open:
    """Opens a map page and waits for its legend."""

    def go(address: str, width: int = 1400, height: int = 900) -> Visit:
        seen = visit(address, width, height)
        expect(seen.page.locator("#legend > *").first).to_be_attached()
        return seen

    return go


@pytest.mark.parametrize("way", ["file", "http"])
@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page_opens_and_asks_nobody(
    visit: Open, folder: Path, served: str, name: str, locale: str, way: str, tmp_path: Path
) -> None:
    """A page would be blank, broken, or tell another machine who reads it."""
    root = folder.as_uri() + "/" if way == "file" else served
    seen = visit(f"{root}{name}.{locale}.html")
    page = seen.page
    expect(page.locator("#legend")).to_be_visible()
    expect(page.locator("#panel > summary")).to_have_text(TEXTS.say("legend", locale))
    page.wait_for_function(f"() => ({DRAWN})().every((pixels) => pixels > 500)")
    assert len(page.screenshot(path=tmp_path / "shot.png")) > 20_000
    assert page.evaluate("() => window.broken") is None
    assert seen.complaints == []
    assert len(seen.requests) >= 5
    assert [address for address in seen.requests if not address.startswith((root, "data:"))] == []


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_issue_popup_explains_the_chain(visit: Open, folder: Path, hostile: str, locale: str) -> None:
    """An inspector could not see who answers and why, or a report would run as a script."""
    seen = visit(f"{folder.as_uri()}/overview.{locale}.html")
    page = seen.page
    page.mouse.click(*page.evaluate(FIRST_ISSUE))
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_be_visible()
    said = popup.inner_text()
    firm, unit = ("洁城公司", "城管局") if locale == "zh" else ("Clean City Ltd", "City management office")
    for part in ("450100-20260331-0000", firm, unit, "王网格", "4501022", "2026-03-31 12:30"):
        assert part in said
    for key in ("responsible", "why", "category", "grid", "street", "place", "supervises", "holds", "side_left"):
        assert TEXTS.say(key, locale) in said
    assert hostile in page.evaluate("() => document.querySelector('.popup').textContent")
    assert popup.locator("img, script").count() == 0
    assert page.evaluate("() => window.broken") is None and seen.complaints == []


SHOWN = "(layer) => gridwarden.facts.layers.find((one) => one.name === layer).group.getLayers().length"


def test_layer_switch_takes_issues_away_and_brings_facilities(visit: Open, town: Town, folder: Path) -> None:
    """The legend's switches would not do what they say, or count something else than what lies on the map."""
    page = visit(f"{folder.as_uri()}/overview.en.html").page
    issues = town().frames["issues"]
    still_open = issues[issues["status"] == "open"]
    by_firm = (still_open["responsible_kind"] == "firm").sum()
    assert page.evaluate(SHOWN, "issues") == len(still_open)
    firms = page.locator("label.row", has_text="contracted firm")
    expect(firms.locator(".count")).to_have_text(str(by_firm))
    expect(page.locator("label.row", has_text="closed").locator(".count")).to_have_text(
        str(len(issues) - len(still_open))
    )
    firms.get_by_role("checkbox").uncheck()
    assert page.evaluate(SHOWN, "issues") == len(still_open) - by_firm
    expect(page.locator("label.row", has_text="open").locator(".count")).to_have_text(str(len(still_open) - by_firm))
    firms.get_by_role("checkbox").check()
    page.get_by_role("checkbox", name="closed").check()
    assert page.evaluate(SHOWN, "issues") == len(issues)
    expect(firms.locator(".count")).to_have_text(str((issues["responsible_kind"] == "firm").sum()))
    assert page.evaluate(SHOWN, "facilities") == 0
    page.get_by_role("checkbox", name="show or hide: Facilities").check()
    assert page.evaluate(SHOWN, "facilities") == 3
    page.get_by_role("checkbox", name="show or hide: Issues").uncheck()
    assert page.evaluate(SHOWN, "issues") == 0


def test_colour_by_rule_changes_the_legend(visit: Open, folder: Path) -> None:
    """The reason behind each answer could not be seen on the map."""
    page = visit(f"{folder.as_uri()}/overview.en.html").page
    page.get_by_role("button", name="why (rule)").click()
    expect(page.get_by_role("checkbox", name="territorial fallback")).to_be_checked()
    expect(page.get_by_role("checkbox", name="contracted firm")).to_have_count(0)


def test_names_leave_room_for_each_other(visit: Open, folder: Path) -> None:
    """Bus stops would crowd out the districts, or a street would repeat its name at every corner."""
    page = visit(f"{folder.as_uri()}/overview.zh.html").page
    expect(page.locator(".label.depth0")).to_have_text("城关区")
    expect(page.locator(".label.line").first).to_be_visible()
    assert page.locator(".label", has_text="arterial路").count() == 1
    boxes = page.evaluate(
        "() => [...document.querySelectorAll('.label')].map((one) => one.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) >= 5
    for at, one in enumerate(boxes):
        for other in boxes[:at]:
            aside = one["left"] >= other["right"] - 4 or other["left"] >= one["right"] - 4
            assert aside or one["top"] >= other["bottom"] - 4 or other["top"] >= one["bottom"] - 4


def test_the_way_home_shows_the_whole_city(visit: Open, folder: Path) -> None:
    """Whoever zoomed in would have to find the way out by hand."""
    page = visit(f"{folder.as_uri()}/overview.zh.html").page
    zoom = page.evaluate("() => gridwarden.map.getZoom()")
    page.evaluate("() => { gridwarden.map.setZoom(18, { animate: false }); }")
    page.get_by_role("button", name="显示全市").click()
    page.wait_for_function(f"() => gridwarden.map.getZoom() === {zoom}")


def test_issues_at_one_spot_can_all_be_read(visit: Open, town: Town, folder: Path) -> None:
    """Of several reports from one spot only the topmost could be read."""
    issues = town().frames["issues"].head(3)
    issues = issues.set_geometry([issues.geometry.iloc[0]] * 3, crs=4326)
    (folder / "spot.html").write_text(render("overview", town(issues=issues), "en", now=town().as_of), "utf-8")
    page = visit(f"{folder.as_uri()}/spot.html").page
    page.mouse.click(*page.evaluate(FIRST_ISSUE))
    read = set()
    for number in range(3):
        expect(page.locator(".pager span")).to_have_text(f"{number + 1} of 3 here")
        read.add(page.locator(".popup h2").inner_text().split()[0])
        page.get_by_role("button", name="next").press("Enter")  # a popup may still be moving, and a click miss it
    assert read == set(issues["code"])


def test_heat_period_and_level_can_be_chosen(visit: Open, folder: Path) -> None:
    """The month could not be compared with the week, or the table would not follow."""
    page = visit(f"{folder.as_uri()}/heat.en.html").page
    expect(page.locator("#reported")).to_contain_text("9 issues reported")
    expect(page.locator("#scale")).to_contain_text("Issues within about")
    page.get_by_role("button", name="last 30 days").click()
    expect(page.locator("#reported")).to_contain_text("36 issues reported")
    page.get_by_role("combobox").select_option("unit")
    rows = page.evaluate("() => gridwarden.facts.windows[1].grids.unit.rows")
    expect(page.locator("#busiest tr")).to_have_count(min(len(rows), 10))
    zoom = page.evaluate("() => gridwarden.map.getZoom()")
    page.locator("#busiest button").first.click()
    page.wait_for_function(f"() => gridwarden.map.getZoom() > {zoom}")


SURFACE = """() => {
  const found = [];
  gridwarden.map.eachLayer((layer) => { if (layer.most !== undefined) found.push(layer); });
  return [found[0].most, found[0].top];
}"""


def test_heat_is_measured_in_issues(visit: Open, town: Town, folder: Path) -> None:
    """The scale's numbers would mean nothing, or one lone report would look like the worst place in town."""
    for count in (1, 12):
        issues = many_at_one_spot(town().frames["issues"], count)
        (folder / "heap.html").write_text(render("heat", town(issues=issues), "en", now=town().as_of), "utf-8")
        page = visit(f"{folder.as_uri()}/heap.html").page
        most, top = page.evaluate(SURFACE)
        assert most == pytest.approx(count, rel=1e-4) and top == pytest.approx(max(count, 5), rel=1e-4)
        expect(page.locator("#scale .ends span").last).to_have_text(str(max(count, 5)))


def many_at_one_spot(issues: gpd.GeoDataFrame, count: int) -> gpd.GeoDataFrame:
    """The first issue ``count`` times over."""
    return pd.concat([issues.head(1)] * count, ignore_index=True).assign(code=[f"X{n}" for n in range(count)])


MIDDLE = """() => {
  const at = gridwarden.map.latLngToContainerPoint([22.816, 108.314]);
  const box = document.querySelector('.folium-map').getBoundingClientRect();
  return [at.x + box.x, at.y + box.y];
}"""


def test_click_on_the_heat_counts_the_grid(visit: Open, folder: Path) -> None:
    """A dark spot could not be asked how many it stands for."""
    page = visit(f"{folder.as_uri()}/heat.zh.html").page
    page.mouse.click(*page.evaluate(MIDDLE))
    week = dict(page.evaluate("() => gridwarden.facts.windows[0].grids.unit.rows"))
    expect(page.locator(".popup h2")).to_have_text("4501022")
    expect(page.locator(".popup .lead")).to_have_text(f"近 7 天：{week['4501022']} 件")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("frames", ["nothing", "no issues", "one issue", "far from China"])
def test_small_and_strange_cities_open(visit: Open, town: Town, folder: Path, name: str, frames: str) -> None:
    """A page would break where there is nothing, or too little, or a city on another continent, to show."""
    whole = town()
    moved = {key: frame.set_geometry(frame.translate(-185.32, 16.1)) for key, frame in whole.frames.items()}
    data = {
        "nothing": town(**{key: gpd.GeoDataFrame(geometry=[], crs=4326) for key in whole.frames}),
        "no issues": town(issues=whole.frames["issues"].head(0)),
        "one issue": town(issues=whole.frames["issues"].head(1)),
        "far from China": town(**moved),
    }[frames]
    (folder / "strange.html").write_text(render(name, data, "en", now=whole.as_of), "utf-8")
    seen = visit(f"{folder.as_uri()}/strange.html")
    west, south = seen.page.evaluate("() => { const at = gridwarden.map.getCenter(); return [at.lng, at.lat]; }")
    assert seen.complaints == []
    expect(seen.page.locator("#hint")).to_have_count(int(frames == "nothing"))
    if frames == "far from China":
        assert (west, south) == pytest.approx((-77.005, 38.915), abs=0.02)


def test_phone_starts_with_the_map_and_opens_the_legend(visit: Open, folder: Path) -> None:
    """On a phone the legend would cover the map, or the page would scroll sideways."""
    for name in PAGES:
        page = visit(f"{folder.as_uri()}/{name}.zh.html", 390, 844).page
        expect(page.locator("#legend")).to_be_hidden()
        page.locator("#panel > summary").click()
        expect(page.locator("#legend")).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_a_street_of_front_doors_is_unrolled(visit: Open, folder: Path, hostile: str) -> None:
    """Planner and commander would look at a city of coloured crumbs without ever seeing one street's two sides."""
    page = visit((folder / "doors.en.html").as_uri()).page
    expect(page.locator("#legend")).to_contain_text("33 % of shops signed (1 of 3)")
    expect(page.locator("#legend")).to_contain_text("8 violations before shops in 90 days")
    page.get_by_role("button", name="arterial road").click()
    chart = page.locator("#chart")
    expect(chart).to_contain_text("Both sides of arterial road")
    expect(chart.locator("rect.part")).to_have_count(3)
    expect(chart).to_contain_text("2.67 violations per 100 m of all kerb (95 %: 1.15 – 5.25)")
    chart.locator("rect.part").first.click()
    expect(page.locator(".leaflet-popup")).to_contain_text(hostile)
    expect(page.locator(".leaflet-popup")).to_contain_text("signed")
    page.get_by_text("Again and again: 1 shops with 3 or more").click()
    expect(page.locator("#legend")).to_contain_text("D0")


@pytest.mark.parametrize(("page", "title"), [("doors", "by_hot_stretch"), ("backstreets", "by_hot_patrol")])
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_what_is_more_than_chance_is_coloured_and_explained(
    visit: Open, folder: Path, page: str, title: str, locale: str
) -> None:
    """A commander would see red without knowing how many, how many are usual, and how sure that is."""
    seen = visit((folder / f"{page}.{locale}.html").as_uri())
    asked, hot = len(seen.requests), seen.page.locator("#hot")
    expect(hot).to_be_empty()
    seen.page.get_by_role("button", name=TEXTS.say(title, locale)).click()
    named = "sure_core" if page == "backstreets" else "sure_none"
    row = seen.page.locator("#legend label.row").filter(has_text=re.compile(f"^{TEXTS.say(named, locale)}"))
    expect(row).to_have_count(1)
    if page == "backstreets":
        hot.locator("tbody button").first.click()
        expect(seen.page.locator(".leaflet-popup-content h2")).to_have_text(
            "backstreet road" if locale == "en" else "backstreet路"
        )
        said = seen.page.locator(".leaflet-popup-content").inner_text()
        assert TEXTS.say("sure_core", locale) in said and "90" in said
    else:
        expect(hot).to_contain_text(TEXTS.say("hot_worst_none", locale))
        said = seen.page.evaluate(POPUP)
    for key in ("why_colour", "hot_interval"):
        assert TEXTS.say(key, locale, low="", high="").split("–")[0].strip() in said
    assert "NaN" not in said and seen.complaints == [] and len(seen.requests) == asked
    seen.page.locator(".choices button").first.click()
    expect(hot).to_be_empty()


POPUP = """() => {
  const { facts, popup } = gridwarden;
  const strips = facts.layers.find((one) => one.name === "frontages");
  return popup(strips, strips.columns.code.indexOf("D0")).textContent;
}"""
"""What the popup of the first shop says."""


def test_a_finding_is_shown_where_it_is(visit: Open, folder: Path, hostile: str) -> None:
    """A gap of two metres would be a line in a list, and nobody would ever find it on the map."""
    page = visit((folder / "territory.en.html").as_uri()).page
    row = page.locator(".busiest button").filter(has_text=hostile[:20])
    row.click()
    expect(page.locator(".leaflet-popup")).to_contain_text("warning")
    expect(page.locator(".leaflet-popup")).to_contain_text(hostile)
    expect(page.locator("#legend")).to_contain_text("There is no draft of new borders.")


SEGMENTS = """() => {
  const layer = gridwarden.facts.layers.find((one) => one.name === "segments");
  return layer.columns.street.map((street, row) => {
    const { color, dashArray } = layer.features[row].options;
    return [`${street} ${layer.columns.from_m[row]}`, color, Boolean(dashArray)];
  });
}"""


def test_the_period_recolours_and_recounts_by_keyboard(visit: Open, folder: Path) -> None:
    """An inspector would compare a map of one period with the figures of another, or need a mouse and a network."""
    seen = visit((folder / "backstreets.en.html").as_uri())
    page, asked = seen.page, len(seen.requests)
    legend, figures = page.locator("#legend"), page.locator("#figures")
    expect(figures).to_contain_text("15 %")
    expect(figures).to_contain_text("walked: 400 m of 2.8 km")
    blind, unknown = (TEXTS.say(f"patrol_{status}", "en") for status in ("blind", "no_data"))
    expect(figures.locator("tr", has_text=blind)).to_contain_text("750 m")
    expect(legend.locator("label.row", has_text=blind).locator(".count")).to_have_text("2")
    week = {name: (colour, dashed) for name, colour, dashed in page.evaluate(SEGMENTS)}
    assert week["S3 400"] == week["S9 0"] != week["S3 0"]
    assert [name for name, (_, dashed) in week.items() if dashed] == ["S3 1900"]
    assert week["S3 1900"][0] != week["S9 0"][0]
    slider = page.get_by_role("slider", name="Period")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "last 14 days")
    expect(figures).to_contain_text("69 %")
    expect(legend.locator("label.row", has_text=blind).locator(".count")).to_have_text("1")
    later = {name: colour for name, colour, _ in page.evaluate(SEGMENTS)}
    assert later["S3 400"] == later["S3 0"] and later["S9 0"] == week["S9 0"][0]
    page.get_by_role("button", name="how long ago").click()
    expect(legend.locator("label.row", has_text="7 to 30 days ago").locator(".count")).to_have_text("1")
    expect(legend.locator("label.row", has_text=unknown).locator(".count")).to_have_text("1")
    slider.press("Home")
    expect(legend.locator("label.row", has_text="7 to 30 days ago")).to_have_count(1)
    expect(page.locator("#blind")).to_contain_text("Not walked that day (blind): 2 segments, 1.5 km")
    assert seen.complaints == [] and len(seen.requests) == asked


def test_a_blind_spot_is_shown_with_the_reason(visit: Open, folder: Path, hostile: str) -> None:
    """A commander would read of a lane that nobody walked, and not find it or know why it is called so."""
    seen = visit((folder / "backstreets.en.html").as_uri())
    page, blind = seen.page, seen.page.locator("#blind")
    expect(blind).to_contain_text("Not walked, last 7 days (blind): 2 segments, 750 m")
    names = blind.locator("tbody button").all_inner_texts()
    assert [" ".join(name.split()) for name in names] == [" ".join(hostile.split()), "backstreet road"]
    zoom = page.evaluate("() => gridwarden.map.getZoom()")
    blind.locator("tbody button").last.click()
    assert page.evaluate("() => gridwarden.map.getZoom()") > zoom
    popup = page.locator(".leaflet-popup-content")
    reason, when = TEXTS.say("why_blind", "en"), "8 days ago"
    for said in (reason, "400–1,000 m", when, "unit 4501013", "600 m"):
        expect(popup).to_contain_text(said)
    blind.locator("tbody button").first.click()
    expect(popup.locator("h2")).to_have_text(" ".join(hostile.split()))
    assert popup.locator("img, script").count() == 0
    assert page.evaluate("() => window.broken") is None and seen.complaints == []


SAID = """(name) => {
  const layer = gridwarden.facts.layers.find((one) => one.name === "segments");
  const row = layer.columns.street.findIndex((street, row) => `${street} ${layer.columns.from_m[row]}` === name);
  return gridwarden.popup(layer, row).textContent;
}"""
"""What the popup of a segment says."""


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_visits_of_a_wide_street_are_told_by_side(visit: Open, folder: Path, locale: str) -> None:
    """One footway of an avenue would pass for both, or a lane have sides."""
    page = visit((folder / f"backstreets.{locale}.html").as_uri()).page
    week, one = TEXTS.say("sides_told", locale, left=6, right=0), TEXTS.say("sides_one", locale)
    said = page.evaluate(SAID, "S3 0")
    assert week in said and one in said
    lane = page.evaluate(SAID, "S3 400")
    assert TEXTS.say("sides_in", locale) in said and TEXTS.say("sides_in", locale) not in lane
    page.locator("input[type=range]").first.press("ArrowRight")
    said = page.evaluate(SAID, "S3 0")
    assert TEXTS.say("sides_told", locale, left=10, right=1) in said and one not in said


def test_cells_and_contractors_are_compared(visit: Open, folder: Path, hostile: str) -> None:
    """A planner could not see whose ground is walked least."""
    page = visit((folder / "backstreets.en.html").as_uri()).page
    rows = page.locator("#cells tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("community 450101")
    expect(rows.first).to_contain_text("600 m")
    page.get_by_role("combobox", name="Compare").select_option("contractor")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(hostile[:20])
    expect(rows.first).to_contain_text("750 m")
    page.locator("#quotas summary").click()
    expect(page.locator("#quotas tr").first).to_contain_text("overdue")
    expect(page.locator("#quotas tr").first).to_contain_text("was due 10:30")
    expect(page.locator("#quotas tr").last).to_contain_text("last 12:30 · next by 04-01 08:30")

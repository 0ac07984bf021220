"""The page of hot spots in a real browser: modes, reasons, two periods side by side, and weeks that play."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from map_ui import MapData, copy_assets, render
from map_ui.texts import TEXTS
from tests.browsing import Open, Visit
from tests.map_ui.spots import DAYS, HOT, WEEKS

Town = Callable[..., MapData]
MODE = "#modes button:nth-child({})"
COLOURED = """() => {
  const picture = document.querySelector('.leaflet-heat-pane img');
  if (!picture || !picture.complete) return 0;
  const canvas = Object.assign(document.createElement('canvas'), { width: 60, height: 60 });
  const brush = canvas.getContext('2d');
  brush.drawImage(picture, 0, 0, 60, 60);
  return brush.getImageData(0, 0, 60, 60).data.filter((value, at) => at % 4 === 3 && value > 20).length;
}"""
"""How much of the picture of heat has a colour."""


@pytest.fixture(scope="module")
def folder(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page in both languages, with its assets."""
    target = tmp_path_factory.mktemp("hotspots")
    copy_assets(target / "assets")
    for locale in ("zh", "en"):
        html = render("hotspots", town(), locale, link="{page}.{locale}.html", now=town().as_of)
        (target / f"hotspots.{locale}.html").write_text(html, "utf-8")
    return target


@pytest.fixture
def opened(visit: Open, folder: Path) -> Callable[..., Visit]:
    """Opens the page in a language and a width."""

    def go(locale: str = "en", width: int = 1400, height: int = 900) -> Visit:
        seen = visit((folder / f"hotspots.{locale}.html").as_uri(), width, height)
        expect(seen.page.locator("#modes")).to_be_attached()
        return seen

    return go


def look_at(page: Page, nth: int) -> None:
    """Choose a mode."""
    page.locator(MODE.format(nth)).click()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_modes_switch_and_each_says_what_it_shows(opened: Callable[..., Visit], locale: str) -> None:
    """A deputy mayor would look at colours that nobody explains, or at those of another mode."""
    seen = opened(locale)
    page, view = seen.page, seen.page.locator("#legend")
    said = {
        1: TEXTS.say("hotspots_unit", locale),
        2: TEXTS.say("hotspots_found", locale, hot=1, units=9, false_cells=0.1),
        3: "加重" if locale == "zh" else "getting worse",
        4: TEXTS.say("hotspots_alarm_yes", locale, count=17, expected=4.9),
        5: TEXTS.say("hotspots_told_lead", locale, area=2, hit=14, pai=7),
        6: TEXTS.say("hotspots_cluster_found", locale, count=2),
    }
    for nth, text in said.items():
        look_at(page, nth)
        expect(page.locator(MODE.format(nth))).to_have_attribute("aria-pressed", "true")
        expect(view).to_contain_text(text)
        assert (page.locator(".leaflet-heat-pane img").count() > 0) == (nth in (1, 5))
    assert seen.complaints == [] and page.evaluate("() => window.broken") is None
    assert not [address for address in seen.requests if not address.startswith(("file:", "data:"))]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_click_says_why(opened: Callable[..., Visit], locale: str) -> None:
    """Red would be believed, or not, without a reason: how many, against what, and how sure."""
    seen = opened(locale)
    page = seen.page
    look_at(page, 2)
    row = page.locator("#hottest tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(TEXTS.say("hotspots_list_count", locale, count=40))
    row.get_by_role("button").click()
    popup = page.locator(".leaflet-popup-content")
    expect(popup.locator("h2")).to_contain_text(HOT)
    for text in (
        TEXTS.say("hotspots_class_hot_99", locale), TEXTS.say("hotspots_core_popup", locale),
        TEXTS.say("hotspots_why_counts", locale, neighbours=8, observed=57, expected=21.4),
        TEXTS.say("hotspots_why_100", locale), TEXTS.say("hotspots_second_yes", locale),
        TEXTS.say("hotspots_stable_part", locale, share=75), TEXTS.say("hotspots_times_value", locale, value=2.66),
    ):  # fmt: skip
        expect(popup).to_contain_text(text)
    page.get_by_label(TEXTS.say("hotspots_per", locale)).select_option("patrol")
    expect(page.locator("#view")).to_contain_text(TEXTS.say("hotspots_insufficient", locale, count=1))
    expect(page.locator("#times button")).to_have_count(0), "of the period before nothing is known by patrol"
    assert seen.complaints == []


def test_heat_can_be_asked_and_drawn_by_class(opened: Callable[..., Visit]) -> None:
    """A dark place could not be asked how much it stands for."""
    seen = opened()
    page = seen.page
    page.wait_for_function(f"() => ({COLOURED})() > 100")
    smooth = page.locator(".leaflet-heat-pane img").get_attribute("src")
    page.get_by_role("button", name="by class").click()
    page.wait_for_function(
        "(former) => document.querySelector('.leaflet-heat-pane img').getAttribute('src') !== former", arg=smooth
    )
    box = page.locator(".folium-map").bounding_box()
    at = page.evaluate("() => gridwarden.map.latLngToContainerPoint([22.815, 108.315])")
    page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
    expect(page.locator(".leaflet-popup .lead")).to_contain_text("issues per km² per day")
    assert seen.complaints == []


def test_days_and_weeks_play_by_keyboard_and_by_button(opened: Callable[..., Visit]) -> None:
    """Nobody could see how a place grew, or only with a mouse."""
    seen = opened()
    page, player = seen.page, seen.page.locator("#player")
    page.get_by_role("button", name="day by day").click()
    expect(player).to_contain_text(f"Day {DAYS} of {DAYS}")
    slider = player.get_by_role("slider")
    slider.press("Home")
    expect(player).to_contain_text(f"Day 1 of {DAYS}: 2026-03-03")
    page.wait_for_function(f"() => ({COLOURED})() === 0")
    slider.press("End")
    page.wait_for_function(f"() => ({COLOURED})() > 100")
    player.get_by_role("button", name="Play").click()
    expect(player).to_contain_text(f"Day 3 of {DAYS}")
    player.get_by_role("button", name="Pause").click()
    look_at(page, 3)
    expect(player).to_be_hidden()
    page.get_by_role("button", name="week by week").click()
    expect(player).to_contain_text("2 areas crowded")
    player.get_by_role("slider").press("Home")
    expect(player).to_contain_text(f"Week 1 of {WEEKS}: 2026-01-06 to 2026-01-12")
    assert seen.complaints == []


BOTH = """() => {
  const maps = [...document.querySelectorAll('#canvas .leaflet-container')].map((one) => one.getBoundingClientRect());
  return maps.map((one) => [Math.round(one.left), Math.round(one.top), Math.round(one.width), Math.round(one.height)]);
}"""


@pytest.mark.parametrize(("width", "beside"), [(1400, True), (400, False), (320, False)])
def test_two_periods_are_seen_together(opened: Callable[..., Visit], width: int, beside: bool) -> None:
    """This month would be compared with a memory of the last, or with another place."""
    seen = opened(width=width)
    page = seen.page
    if not beside:
        page.locator("#panel > summary").click()
    look_at(page, 2)
    zoom = page.evaluate("() => gridwarden.map.getZoom()")
    page.get_by_role("button", name="beside the one before").click()
    captions = page.locator(".caption")
    expect(captions.first).to_contain_text("2026-03-03 to 2026-03-30")
    expect(captions.last).to_contain_text("2026-02-03 to 2026-03-02")
    first, second = page.evaluate(BOTH)
    assert abs(first[2] - second[2]) <= 3 and abs(first[3] - second[3]) <= 3
    assert (second[0] > first[0], second[1] > first[1]) == (beside, not beside)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    if not beside:
        page.locator("#panel > summary").click()
    page.get_by_role("button", name="this period", exact=True).click()
    expect(captions.first).to_be_hidden()
    assert page.evaluate("() => gridwarden.map.getZoom()") == pytest.approx(zoom, abs=0.3)
    assert seen.complaints == []

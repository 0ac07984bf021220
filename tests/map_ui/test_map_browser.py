"""The pages in a real browser: nothing leaves the machine, nothing breaks, and what one clicks explains itself."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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
  const at = gridwarden.map.latLngToContainerPoint(gridwarden.facts.layers.at(-1).points[0]);
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
        expect(seen.page.locator("#legend input").first).to_be_attached()
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
    expect(page.locator("#panel summary")).to_have_text(TEXTS.say("legend", locale))
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


def test_layer_switch_takes_issues_away_and_brings_facilities(visit: Open, folder: Path) -> None:
    """The legend's switches would not do what they say."""
    page = visit(f"{folder.as_uri()}/overview.en.html").page
    shown = "(layer) => gridwarden.facts.layers.find((one) => one.popup === layer).group.getLayers().length"
    before = page.evaluate(shown, "issue")
    page.get_by_role("checkbox", name="contracted firm").uncheck()
    kinds = page.evaluate("() => gridwarden.facts.layers.at(-1).columns.responsible_kind")
    assert page.evaluate(shown, "issue") == before - kinds.count("firm")
    assert page.evaluate(shown, "facility") == 0
    page.get_by_role("checkbox", name="litter bin").check()
    assert page.evaluate(shown, "facility") == 3


def test_colour_by_rule_changes_the_legend(visit: Open, folder: Path) -> None:
    """The reason behind each answer could not be seen on the map."""
    page = visit(f"{folder.as_uri()}/overview.en.html").page
    page.get_by_role("button", name="why (rule)").click()
    expect(page.get_by_role("checkbox", name="territorial fallback")).to_be_checked()
    expect(page.get_by_role("checkbox", name="contracted firm")).to_have_count(0)


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
        page.get_by_role("button", name="next").click()
    assert read == set(issues["code"])


def test_heat_period_and_level_can_be_chosen(visit: Open, folder: Path) -> None:
    """The month could not be compared with the week, or the table would not follow."""
    page = visit(f"{folder.as_uri()}/heat.en.html").page
    expect(page.locator("#window")).to_contain_text("9 issues reported")
    expect(page.locator("#unit")).to_contain_text("within")
    page.get_by_role("button", name="last 30 days").click()
    expect(page.locator("#window")).to_contain_text("36 issues reported")
    page.get_by_role("combobox").select_option("unit")
    rows = page.evaluate("() => gridwarden.facts.windows[1].busiest.unit.rows")
    expect(page.locator("#busiest tr")).to_have_count(len(rows))
    page.locator("#busiest button").first.click()


def test_phone_starts_with_the_map_and_opens_the_legend(visit: Open, folder: Path) -> None:
    """On a phone the legend would cover the map, or the page would scroll sideways."""
    for name in PAGES:
        page = visit(f"{folder.as_uri()}/{name}.zh.html", 390, 844).page
        expect(page.locator("#legend")).to_be_hidden()
        page.locator("#panel summary").click()
        expect(page.locator("#legend")).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390

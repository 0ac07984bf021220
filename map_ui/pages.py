"""The map pages: one entry in ``PAGES`` each."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import folium
import jinja2
from branca.element import Figure

from map_ui import heat, overview
from map_ui.data import MapData
from map_ui.draw import Drawing, bounds, script_json
from map_ui.offline import META_CSP, offline
from map_ui.texts import TEXTS, page_texts

TEMPLATES = jinja2.Environment(loader=jinja2.PackageLoader("map_ui"), autoescape=True)
MAX_ZOOM = 19
"""Also what keeps folium's plugins from failing on a map without tiles."""
LANGUAGES = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True)
class Page:
    """One map page.

    Parameters
    ----------
    titles, summary
        In English and Chinese.
    draw
        From data and locale to what the page shows.
    scripts
        Files in the assets; one of them defines ``gridwarden.<name>(map, facts, panel)``.
    """

    name: str
    titles: tuple[str, str]
    summary: tuple[str, str]
    draw: Callable[[MapData, str], Drawing]
    scripts: tuple[str, ...]

    def title(self, locale: str) -> str:
        """The page's name for people."""
        return self.titles[locale == "zh"]


PAGES: dict[str, Page] = {
    name: Page(name, TEXTS[f"{name}_title"], TEXTS[f"{name}_summary"], draw, scripts)
    for name, draw, scripts in (
        ("overview", overview.draw, ("popups.js", "labels.js", "overview.js")),
        ("heat", heat.draw, ("heat.js",)),
    )
}


def render(
    page: str,
    data: MapData,
    locale: str,
    *,
    assets: str = "assets",
    link: str = "{page}?lang={locale}",
    now: dt.datetime,
) -> str:
    """A complete HTML page; the same arguments give the same text.

    Parameters
    ----------
    page
        Name of one of :data:`PAGES`.
    locale
        ``"zh"`` or ``"en"``.
    assets
        Address of the assets folder, seen from the page.
    link
        Address of another page or language; pages in a folder take ``"{page}.{locale}.html"``.
    now
        When the page is made, with its time zone.

    Raises
    ------
    KeyError
        When there is no such page.
    ForeignAddress
        When the page would ask another machine for something.
    """
    drawing = PAGES[page].draw(data, locale)
    figure, canvas = _canvas(page, drawing)
    facts = {**drawing.facts, "bounds": bounds(data), "locale": locale, "texts": page_texts(locale)}
    html = TEMPLATES.get_template("page.html").render(
        figure=figure,
        map_name=canvas.get_name(),
        page=page,
        scripts=("page.js", *PAGES[page].scripts),
        city=data.city.name,
        assets=assets,
        csp=META_CSP,
        status=drawing.status,
        notes=drawing.notes,
        facts=script_json(facts),
        **_words(page, data, locale, link, now),
    )
    return offline(html, assets)


def _words(page: str, data: MapData, locale: str, link: str, now: dt.datetime) -> dict[str, Any]:
    """What the frame around the map says, and where it leads."""
    other = "en" if locale == "zh" else "zh"
    return {
        "texts": page_texts(locale),
        "title": PAGES[page].title(locale),
        "pages": [(one.name, one.title(locale), link.format(page=one.name, locale=locale)) for one in PAGES.values()],
        "language": LANGUAGES[locale],
        "other_language": LANGUAGES[other],
        "other_address": link.format(page=page, locale=other),
        "as_of": TEXTS.say("as_of", locale, time=data.local(data.as_of), zone=data.city.timezone),
        "made_at": TEXTS.say("made_at", locale, time=data.local(now)),
    }


def _canvas(page: str, drawing: Drawing) -> tuple[Figure, folium.Map]:
    """An empty folium map with the drawing's elements, rendered; its fixed id makes equal pages equal bytes."""
    figure = Figure()
    canvas = folium.Map(
        location=[0.0, 0.0],
        tiles=None,
        prefer_canvas=True,
        maxZoom=MAX_ZOOM,
        zoomSnap=0.25,
        attributionControl=False,
    )
    canvas._id = page
    for element in drawing.elements:
        element.add_to(canvas)
    canvas.add_to(figure)
    canvas.render()  # type: ignore[no-untyped-call]
    return figure, canvas

"""The map pages: one entry in ``PAGES`` each."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from map_ui import backstreets, boundaries, doors, heat, hotspots, overview, patrol
from map_ui.data import MapData
from map_ui.draw import Drawing, bounds, script_json
from map_ui.legend import STATUSES
from map_ui.offline import META_CSP, offline, sealed
from map_ui.texts import TEXTS, number, page_texts

TEMPLATES = jinja2.Environment(loader=jinja2.PackageLoader("map_ui"), autoescape=True)
LANGUAGES = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True)
class Page:
    """One map page.

    Parameters
    ----------
    titles, summaries
        In English and Chinese.
    draw
        From data and locale to what the page shows.
    needs
        The columns it draws, by frame.
    scripts
        Files in the assets; one of them defines ``gridwarden.<name>(map, facts, panel)``.
    days
        How many days of issues, or of violations before shops, it shows; ``None``: the newest of each status.
    """

    name: str
    titles: tuple[str, str]
    summaries: tuple[str, str]
    draw: Callable[[MapData, str], Drawing]
    needs: Mapping[str, Sequence[str]]
    scripts: tuple[str, ...]
    days: int | None = None

    def title(self, locale: str) -> str:
        """The page's name for people."""
        return self.titles[locale == "zh"]

    def entry(self, locale: str, link: str) -> tuple[str, str, str, str]:
        """Name, title, summary and address: its entry in the menu."""
        return self.name, self.title(locale), self.summaries[locale == "zh"], link.format(page=self.name, locale=locale)


SHARED = ("page.js", "layers.js", "labels.js", "popups.js")
"""Scripts of every page, before its own."""

PAGES: dict[str, Page] = {
    name: Page(name, TEXTS[f"{name}_title"], TEXTS[f"{name}_summary"], room.draw, room.NEEDS, (*SHARED, *own), days)
    for name, room, own, days in (
        ("overview", overview, ("legend.js", "overview.js"), None),
        ("heat", heat, ("surface.js", "heat.js"), max(heat.WINDOWS_DAYS)),
        ("hotspots", hotspots, ("heatpicture.js", "beside.js", "player.js", "hotwhy.js", "hotspots.js"), None),
        ("doors", doors, ("legend.js", "significance.js", "doors.js"), doors.WINDOW_DAYS),
        ("backstreets", backstreets, ("legend.js", "replay.js", "significance.js", "backstreets.js"), None),
        ("patrol", patrol, ("legend.js", "patrol.js"), None),
        ("territory", boundaries, ("legend.js", "territory.js"), None),
    )
}


def render(
    page: str, data: MapData, locale: str, *, assets: str = "assets", link: str = "{page}?lang={locale}",
    pages: Collection[str] = tuple(PAGES), account: str = "", phone: str = "", more: str = "", now: dt.datetime,
) -> str:  # fmt: skip
    """A complete HTML page; the same arguments give the same text.

    Parameters
    ----------
    page
        Name of one of :data:`PAGES`.
    assets
        Address of the assets folder, seen from the page.
    link
        Address of another page or language; pages in a folder take ``"{page}.{locale}.html"``.
    pages, account
        The pages that can be reached from this one; what to call its reader, empty where nobody signed in.
    phone
        Address of the phone page, for a reader who goes on rounds.
    more
        What else the address of this page says, added to that of the other language.
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
    figure, canvas = _empty_map(page)
    html = TEMPLATES.get_template("page.html").render(
        figure=figure,
        map_name=canvas.get_name(),
        assets=assets,
        notes=drawing.notes,
        account=account,
        phone=phone,
        facts=script_json({**drawing.facts, "bounds": bounds(data), "texts": page_texts(locale)}),
        menu=[PAGES[name].entry(locale, link) for name in pages],
        **_words(page, data, locale, link + more, now),
    )
    return sealed(offline(html, assets))


def fault_title(status: int, locale: str) -> str:
    """What an HTTP status means to a reader."""
    key = f"fault_{status}"
    return TEXTS.say(key if key in TEXTS else "fault_500", locale)


def fault_page(status: int, detail: str, locale: str, *, assets: str, home: str) -> str:
    """A small page that says in ``locale`` why there is no map.

    Parameters
    ----------
    status
        HTTP status, which gives the heading.
    detail
        What is wrong, in the reader's language; may be empty.
    assets, home
        Addresses of the assets folder and of the page to go on with.
    """
    return TEMPLATES.get_template("fault.html").render(
        title=fault_title(status, locale), detail=detail, language=LANGUAGES[locale], assets=assets, home=home,
        back=TEXTS.say("back", locale),
    )  # fmt: skip


def _empty_map(page: str) -> Any:
    # Folium makes ready all it could ever draw when it is imported, which takes longer than a page.
    from map_ui.canvas import empty_map

    return empty_map(page)


def _words(page: str, data: MapData, locale: str, link: str, now: dt.datetime) -> dict[str, Any]:
    """What the frame around the map says, and where it leads."""
    other = "en" if locale == "zh" else "zh"
    counts = {status: number(data.issue_counts.get(status, 0)) for status in STATUSES}
    return {
        "page": page,
        "scripts": PAGES[page].scripts,
        "csp": META_CSP,
        "city": data.city.name,
        "texts": page_texts(locale),
        "status": TEXTS.say("issue_counts" if any(data.issue_counts.values()) else "issues_none", locale, **counts),
        "empty": not len(data.frame("grids")),
        "title": PAGES[page].title(locale),
        "language": LANGUAGES[locale],
        "other_language": LANGUAGES[other],
        "other_address": link.format(page=page, locale=other),
        "as_of": TEXTS.say("as_of", locale, time=data.local(data.as_of), zone=data.city.timezone),
        "made_at": TEXTS.say("made_at", locale, time=data.local(now)),
    }

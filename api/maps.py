"""Map pages from the store: read the frames, let ``map_ui`` draw them."""

import datetime as dt
from pathlib import Path

from gis_core.errors import NotFound
from layers.store import Store
from map_ui.data import MapData
from map_ui.offline import copy_assets
from map_ui.pages import PAGES, render

ISSUES_SHOWN = 5_000
"""Issue objects on a page; more and a browser can no longer pan."""
HEAT_DAYS = 30
TERRITORY_FRAMES = ("grids", "streets", "places")


def page_html(store: Store, page: str, locale: str, now: dt.datetime, assets: str) -> str:
    """One page as HTML.

    Parameters
    ----------
    assets
        Where the page finds its scripts and styles, relative to itself.

    Raises
    ------
    NotFound
        When there is no such page, or nothing to show yet.
    """
    if page not in PAGES:
        raise NotFound("page_missing", value=page, expected=", ".join(PAGES))
    version, revision = store.version_at(now), store.latest_revision()
    as_of = store.last_report() or now
    issues = (
        store.issues(newest=ISSUES_SHOWN)
        if page == "overview"
        else store.issues(since=as_of - dt.timedelta(days=HEAT_DAYS))
    )
    frames = {name: store.read(name, version) for name in TERRITORY_FRAMES}
    data = MapData(
        city=store.city,
        frames={**frames, "facilities": store.read("facilities", revision), "issues": issues},
        parties=store.read("parties", revision),
        categories=store.read("categories", revision),
        issues_total=store.count("issues"),
        as_of=as_of,
    )
    return render(page, data, locale, assets=assets, now=now)


def write_maps(store: Store, folder: Path, locale: str, now: dt.datetime, pages: tuple[str, ...]) -> dict[str, Path]:
    """Write pages and their assets into a folder that can be opened or copied anywhere.

    Returns
    -------
    files
        The file of each page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copy_assets(folder / "assets")
    files = {}
    for page in pages:
        files[page] = folder / f"{page}.{locale}.html"
        files[page].write_text(page_html(store, page, locale, now, "assets"), encoding="utf-8")
    return files

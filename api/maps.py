"""Map pages from the store: read what a page needs, let ``map_ui`` draw it."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pandas as pd

from api.doors import ledger_of
from data.tables import reference
from gis_core.city import LOCALES
from gis_core.errors import NotFound
from layers import TABLES
from layers.base import Territorial
from layers.finding import violations_of
from layers.store import Store
from map_ui.data import MapData
from map_ui.offline import copy_assets
from map_ui.overview import MOST_ISSUES
from map_ui.pages import PAGES, Page, render


def page_html(store: Store, page: str, locale: str, now: dt.datetime, assets: str, account: str = "") -> str:
    """One page as HTML; of a city without territory or issues an empty map.

    Parameters
    ----------
    assets
        Where the page finds its scripts and styles, relative to itself.
    account
        What to call its reader, if one signed in.

    Raises
    ------
    NotFound
        When there is no such page, or no city.
    """
    if page not in PAGES:
        raise NotFound("page_missing", value=page, expected=", ".join(PAGES))
    return render(page, _data(store, PAGES[page], now), locale, assets=assets, account=account, now=now)


def _data(store: Store, page: Page, now: dt.datetime) -> MapData:
    version = store.version_at(now) if store.latest_version() else None
    revision, as_of = store.latest_revision(), store.last_report() or now
    read = {
        name: store.read(name, version if issubclass(TABLES[name], Territorial) else revision, only=columns)
        for name, columns in page.needs.items()
        if name != "issues"
    }
    nothing = pd.DataFrame()
    about_doors = page.name == "doors" and version is not None
    since = as_of - dt.timedelta(days=page.days or 0)
    fronts = {"doors": ledger_of(store, as_of), "violations": violations_of(store, since, now)} if about_doors else {}
    return MapData(
        city=store.city,
        frames={**read, "issues": _issues(store, page, as_of)} if "issues" in page.needs else read,
        parties=read.pop("parties", nothing),
        categories=read.pop("categories", nothing),
        issue_counts=store.issues_by_status(),
        as_of=as_of,
        place_types=reference("place_types")[["code", "name", "name_en"]],
        **fronts,
    )


def _issues(store: Store, page: Page, as_of: dt.datetime) -> gpd.GeoDataFrame:
    """The last days if the page counts them, else the newest open and the newest closed ones."""
    only = page.needs["issues"]
    if page.days:
        return store.issues(since=as_of - dt.timedelta(days=page.days), only=only)
    shown = [store.issues(status=status, newest=MOST_ISSUES, only=only) for status in ("open", "closed")]
    return pd.concat([part for part in shown if len(part)] or shown[:1])


def write_maps(store: Store, folder: Path, locale: str, now: dt.datetime, pages: tuple[str, ...]) -> dict[str, Path]:
    """Write pages and their assets into a folder that can be opened or copied anywhere, each in both languages.

    Returns
    -------
    files
        The file of each page in ``locale``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copy_assets(folder / "assets")
    for page in pages:
        data = _data(store, PAGES[page], now)
        for language in LOCALES:
            html = render(page, data, language, link="{page}.{locale}.html", pages=pages, now=now)
            _file(folder, page, language).write_text(html, encoding="utf-8")
    return {page: _file(folder, page, locale) for page in pages}


def _file(folder: Path, page: str, locale: str) -> Path:
    return folder / f"{page}.{locale}.html"

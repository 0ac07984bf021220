"""Map pages from the store: read what a page needs, let ``map_ui`` draw it."""

import datetime as dt
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from api.backstreets import read_patrols, walks_of
from api.findings import grid_findings
from api.hotspot_pages import made, planned
from api.hotspots import Hotspots
from api.impacting import impact_of
from api.ledgers import ledger_of
from api.networks import Networks
from api.plan_pages import with_plans
from api.plan_ways import PlanWays
from api.redrawing import outdated_text
from data.tables import reference
from gis_core.city import LOCALES
from gis_core.errors import NotFound
from layers import TABLES
from layers.base import Territorial
from layers.drafts import open_drafts
from layers.finding import violation_days, violations_of
from layers.store import Store
from map_ui.data import MapData
from map_ui.doors import MOST_REPEATED, REPEATED
from map_ui.offline import copy_assets
from map_ui.overview import MOST_ISSUES
from map_ui.pages import PAGES, Page, render

TERRITORY, BACKSTREETS, HOTSPOTS, PATROL = "territory", "backstreets", "hotspots", "patrol"
MOST_COUNTED = 10 * MOST_REPEATED
"""Strips of which days are counted: a page leaves out those that are no more."""


def page_data(store: Store, page: str, now: dt.datetime) -> MapData:
    """What a page shows; of a city without territory or issues an empty map.

    Raises
    ------
    NotFound
        When there is no such page, or no city.
    """
    if page not in PAGES:
        raise NotFound("page_missing", value=page, expected=", ".join(PAGES))
    return replace(_data(store, PAGES[page], now), served=True)


def with_drafts(data: MapData, store: Store, number: int | None, now: dt.datetime) -> MapData:
    """The same with the open drafts, and what one of them would move: the newest one if ``number`` does not say.

    Raises
    ------
    NotFound, Conflict
        When there is no such draft, or it is published or thrown away.
    """
    drafts = open_drafts(store)
    chosen = number if number is not None else drafts[0]["id"] if drafts else None
    moved = None if chosen is None else impact_of(store, chosen, now)
    return replace(data, drafts=drafts, draft=chosen, impact=moved)


def _data(store: Store, page: Page, now: dt.datetime) -> MapData:
    version = store.version_at(now) if store.latest_version() else None
    revision, as_of = store.latest_revision(), store.last_report() or now
    read = {
        name: store.read(name, version if issubclass(TABLES[name], Territorial) else revision, only=columns)
        for name, columns in page.needs.items()
        if name != "issues"
    }
    nothing = pd.DataFrame()
    told: dict[str, Any] = {}
    if page.name == TERRITORY and version is not None:
        told["findings"] = grid_findings(store, now)
    about_doors = page.name == "doors" and version is not None
    if about_doors:
        since = as_of - dt.timedelta(days=page.days or 0)
        told |= {"doors": ledger_of(store, now), "violations": _violations(store, since, now)}
        told["outdated"] = {one: text for one in LOCALES if (text := outdated_text(store, now, one))}
    return MapData(
        city=store.city,
        frames={**read, "issues": _issues(store, page, as_of)} if "issues" in page.needs else read,
        parties=read.pop("parties", nothing),
        categories=read.pop("categories", nothing),
        issue_counts=store.issues_by_status(),
        as_of=as_of,
        place_types=reference("place_types")[["code", "name", "name_en"]],
        **told,
    )


def _violations(store: Store, since: dt.datetime, until: dt.datetime) -> pd.DataFrame:
    """Violations by strip; of those before which there were most also on how many days."""
    found = violations_of(store, since, until)
    often = found[found["count"] >= REPEATED].sort_values("count", ascending=False, kind="stable")
    most = often["frontage"].head(MOST_COUNTED).tolist()
    days = violation_days(store, since, until, most) if most else {}
    return found.assign(days=found["frontage"].map(days).astype(object))


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
        if page == TERRITORY:
            data = with_drafts(data, store, None, now)
        if page == BACKSTREETS and (patrolling := read_patrols(store, now)) is not None:
            data = replace(data, patrol=walks_of(store, patrolling, now).told())
        if page == HOTSPOTS:
            kept = Hotspots()
            plan = planned(data, store, kept, read_patrols(store, now), now)
            # A command is alone with its one connection.
            data = replace(data, hotspots=made(plan, kept, lambda: nullcontext(store)))
        if page == PATROL:
            data = with_plans(data, store, PlanWays(Networks()), None)
        for language in LOCALES:
            html = render(page, data, language, link="{page}.{locale}.html", pages=pages, now=now)
            _file(folder, page, language).write_text(html, encoding="utf-8")
    return {page: _file(folder, page, locale) for page in pages}


def _file(folder: Path, page: str, locale: str) -> Path:
    return folder / f"{page}.{locale}.html"

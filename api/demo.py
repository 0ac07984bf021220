"""The demo city in a store: built, published as one version, its issues assigned, and people to look at it."""

import datetime as dt
from collections.abc import Callable
from collections.abc import Mapping as Names
from pathlib import Path
from typing import Any

from api.door import Door, now
from api.founding import found
from api.indexing import index_published
from api.loading import Batch, Step, Terms, store_batches
from api.matching import match_pending
from api.networks import Networks
from api.reporting import CHUNK_ROWS, Report, store_issues
from api.security import hashed
from api.strips import draw_strips, keep_strips
from data.demo import build
from data.demo.patrols import Patrols
from gis_core.permissions import Area, Grant
from layers.accounts import COMMAND_LINE
from layers.check_ins import put_check_ins
from layers.importers import Mapping
from layers.patrolled import keep_batch
from layers.stores import Stores
from layers.territories import Territories

PASSWORD = "gridwarden-demo"


Account = tuple[str, Area, str | None]
"""Role, where it holds, and the party that somebody belongs to."""


def fill(
    door: Door, units: int, issues: int, seed: int, *, strips: bool = True, patrols: bool = False
) -> dict[str, Any]:
    """Build the demo city and load it through the same steps as any file; twice changes nothing.

    Parameters
    ----------
    strips
        Whether front-of-door strips are drawn, which takes most of the time.
    patrols
        Whether inspectors walk: their accounts, tracks and check-ins are stored, and what they walked is matched.

    Returns
    -------
    done
        ``city``, ``version``, and how many ``grids``, ``streets``, ``issues``, ``rejected``, and ``tracks``.
    """
    with door.progress("demo_building"):
        city = build(units=units, issues=issues, seed=seed)
    found(door.stores, city.city, now())
    batches = [
        Batch(Step(table=name, path=Path("demo"), mapping=Mapping(table=name)), _rows(frame), Report())
        for name, frame in city.frames.items()
        if name != "issues"
    ]
    with door.progress("demo_storing"):
        loaded = store_batches(door.stores, batches, Terms(now=now(), note="demo"))
    index_published(door, loaded.version, now())
    if strips:
        with door.progress("drawing_strips"):
            keep_strips(door.stores, draw_strips(door.stores, now()), now())
    report = Report()
    frame = _rows(city.frames["issues"])
    territories = Territories()
    with door.progress("demo_issues", total=len(frame)) as tell:
        for start in range(0, len(frame), CHUNK_ROWS):
            store_issues(
                door.stores, frame.iloc[start : start + CHUNK_ROWS], report, now=now(), territories=territories
            )
            tell(min(CHUNK_ROWS, len(frame) - start))
    tracks = _walk(door, city.patrols) if patrols else 0
    return {
        "city": city.city.name,
        "version": loaded.version,
        "grids": units,
        "streets": len(city.frames["streets"]),
        "issues": report.stored + report.known,
        "rejected": len(report.rejected),
        "tracks": tracks,
    }


def welcome(stores: Stores, now: dt.datetime) -> list[str]:
    """Accounts for the demo city, one a role that sees something, all with :data:`PASSWORD`; twice changes nothing.

    Returns
    -------
    names
        Of the accounts.
    """
    with stores.read() as store:
        grids = store.read("grids", store.latest_version(), only=("code", "level"))
        contracts = store.read("contracts", store.latest_revision(), only=("contractor",))
        levels = [level.name for level in store.city.levels]
    subdistrict = Area("grid", grids["code"][grids["level"] == levels[min(1, len(levels) - 1)]].min())
    contractor = Area("contractor", contracts["contractor"].dropna().mode().min())
    areas = {
        "commander": Area("city"), "planner": Area("city"), "grid_manager": subdistrict, "contractor": contractor,
        "inspector": subdistrict, "auditor": Area("city"),
    }  # fmt: skip
    _join(stores, {role: (role, area, None) for role, area in areas.items()}, now)
    return list(areas)


def _join(stores: Stores, people: Names[str, Account], now: dt.datetime) -> None:
    """Make the accounts that are not there yet."""
    password = hashed(PASSWORD)
    with stores.people(writes=True) as accounts:
        there = {user.name for user in accounts.users()}
        for name, (role, area, organisation) in people.items():
            if name not in there:
                title = name.replace("_", " ")
                user = accounts.add(name, title=title, organisation=organisation, password=password, now=now)
                accounts.grant(user, Grant(role, area))
                accounts.note(COMMAND_LINE, "user_added", now, subject=name, area=str(area))


def _walk(door: Door, patrols: Patrols) -> int:
    """Store what the inspectors sent, as if each track had come when it was over, and match it; how many tracks."""
    carriers = patrols.carriers
    areas = [Area("grid", area) if isinstance(area, str) else Area("city") for area in carriers["area"]]
    inspectors = zip(carriers["carrier"], areas, carriers["body"], strict=True)
    _join(door.stores, {name: ("inspector", area, body) for name, area, body in inspectors}, now())
    tracks = list(patrols.tracks())
    with door.progress("demo_tracks", total=len(tracks)) as tell, door.stores.people(writes=True) as accounts:
        for carrier, points in tracks:
            received = dt.datetime.fromtimestamp(float(points["t"].max()), dt.UTC)
            keep_batch(accounts.session, carrier, points, carrier, received)
            tell(1)
        visits = patrols.check_ins.astype(object)
        put_check_ins(accounts.session, visits.where(visits.notna(), None).to_dict("records"), now())
    with door.progress("demo_matching") as tell:
        match_pending(door.stores, Networks(), now(), _steps(tell))
    return len(tracks)


def _steps(tell: Callable[[int], None]) -> Callable[[int, int | None], None]:
    """Tell how much was done since the last time, of what is said to be done in all."""
    before = 0

    def told(done: int, total: int | None) -> None:
        nonlocal before
        tell(done - before)
        before = done

    return told


def _rows(frame: Any) -> Any:
    numbered = frame.reset_index(drop=True)
    return numbered.assign(row=numbered.index + 1)

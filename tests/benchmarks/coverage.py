"""Coverage served: what the first question costs, any other one, and one after a match."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiLineString, MultiPolygon, box

from api.app import create_app
from api.networks import Networks
from api.rollups import count_days
from api.settings import Settings
from gis_core.arrays import shapes_of
from gis_core.patrol.passes import passes_of
from gis_core.permissions import Area, Grant
from layers.engine import connect, upgrade
from layers.patrolled import DayRow, put_day
from layers.stores import Stores
from tests import town
from tests.benchmarks.patrol import DAYS, INSPECTORS, PASSES, SIDE
from tests.benchmarks.spending import Spent, alone, measured, peak_mb, setting
from tests.gis_core import truth_patrol as truth
from tests.serving import SECRET, Server, join, serving

DAY_S, BLOCK_M, CELLS = 86_400, 50.0, 20
PATH = "/api/v1/coverage"
ASKED = {
    "segments, 7 days, 1,000 rows": "?days=7",
    "segments, 30 days, 1,000 rows": "?days=30",
    "lanes, 30 days": "?by=lane&days=30",
    "cells of the lowest level, 30 days": "?by=unit&days=30",
    "shifts, 30 days": "?by=shift&days=30",
    "exposure by cell, 30 days": "/exposure?days=30",
    "blind spots, 7 days": "/unwalked?days=7",
    "one cell, a week": "?grid=0001&from=2026-06-12&to=2026-06-19",
}
HEAD = """
{setting}.

One server, SQLite, {edges:,} segments, {passes:,} passes of {people} inspectors in {days} days. CPU seconds are
those of the process, client and all; must: 1 s a request.

| work | CPU s | s |
|---|---:|---:|
"""


def section(folder: Path) -> str:
    """Everything, as a section of the page."""
    return alone(_measured, folder)


def _measured(folder: Path) -> str:
    engine = connect(f"sqlite:///{folder / 'coverage.db'}")
    upgrade(engine)
    stores = Stores(engine)
    networks = Networks()
    rows = list(_filled(stores, networks))
    app = create_app(stores, Settings(SECRET, works=False), lambda: town.NOW)
    before_mb = held_mb()
    with measured() as reading:
        app.state.context.patrols.known(stores, town.NOW)
    memory = f"Memory that the server holds by then: {held_mb() - before_mb:,.0f} MB more; {peak_mb():,.0f} at most."
    rows.append(_row("what a server reads when it is first asked", reading))
    with serving(stores, app=app) as up:
        server = up.by(join(stores, "commander", Grant("commander", Area("city"))))
        for name, query in ASKED.items():
            rows.append(_asked(server, name, f"{PATH}{query}"))
            rows.append(_asked(server, f"{name}, again", f"{PATH}{query}"))
        _walk(stores, networks, np.random.default_rng(1), range(1), [dt.date(2026, 6, 30)])
        rows.append(_asked(server, "the first request after one inspector's day was matched", f"{PATH}?days=7"))
    with stores.read() as store:
        edges = len(networks.at(store, store.latest_version()).u)
    used = setting("numba", "numpy", "scipy", "shapely")
    head = HEAD.format(setting=used, edges=edges, passes=INSPECTORS * DAYS * PASSES, people=INSPECTORS, days=DAYS)
    return "\n".join([head.strip(), *rows, "", memory]) + "\n"


def held_mb() -> float:
    """Resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4_096 / 1e6


def _asked(server: Server, name: str, path: str) -> str:
    with measured() as asking:
        reply = server.ask(path)
    assert reply.status == 200, reply.text
    return _row(name, asking)


def _row(name: str, spent: Spent) -> str:
    return f"| {name} | {spent.ours:.2f} | {spent.wall:.2f} |"


def _filled(stores: Stores, networks: Networks) -> Iterator[str]:
    """Streets, cells and days of patrol."""
    random = np.random.default_rng(0)
    east, north = np.meshgrid(np.arange(SIDE) * BLOCK_M, np.arange(SIDE) * BLOCK_M, indexing="ij")
    made = truth.Town(east + random.normal(0, 4, east.shape), north + random.normal(0, 4, east.shape)).streets()
    lines = shapes_of(made)
    west, south, east_, north_ = shapely.total_bounds(lines)
    columns, rows = np.linspace(west, east_, CELLS + 1), np.linspace(south, north_, CELLS + 1)
    cells = [box(columns[c], rows[r], columns[c + 1], rows[r + 1]) for r in range(CELLS) for c in range(CELLS)]
    codes = [f"{number:04}" for number in range(CELLS * CELLS)]
    city = replace(town.CITY, metric_srid=truth.SRID)
    whole = MultiPolygon([box(west, south, east_, north_)])
    grids = town.rows(
        code=["00", *codes], name=["区", *codes], level=["district", *["unit"] * len(codes)],
        parent=[None, *["00"] * len(codes)], organisation=[None] * (len(codes) + 1), area_m2=[1.0] * (len(codes) + 1),
        geometry=[whole, *(MultiPolygon([one]) for one in cells)],
    )  # fmt: skip
    streets = town.rows(
        code=list(made["code"]), name=list(made["name"]), **{"class": ["backstreet"] * len(made)},
        length_m=[1.0] * len(made), geometry=[MultiLineString([one]) for one in lines],
    )  # fmt: skip
    with stores.publishing() as store:
        store.init_city(city)
        revision = store.revise(town.NOW, "town")
        store.put("categories", town.categories(), revision)
        town.publish(store, grids=grids, streets=streets)
    days = [dt.date(2026, 6, 1) + dt.timedelta(days=n) for n in range(DAYS)]
    _walk(stores, networks, random, range(INSPECTORS), days)
    with measured() as counting:
        count_days(stores, networks, town.NOW)
    yield f"| counting {DAYS} days by segment, a day | {counting.ours / DAYS:.2f} | {counting.wall / DAYS:.2f} |"


def _walk(stores: Stores, networks: Networks, random: np.random.Generator, people: range, days: list[dt.date]) -> None:
    """Days of people who each pass some hundred random segments."""
    for day in days:
        with stores.write() as store:
            network = networks.at(store, store.latest_version())
            begin_s = dt.datetime.combine(day, dt.time(6), town.CITY.zone).timestamp()
            count = len(people) * PASSES
            edge = random.integers(0, len(network.u), count)
            t_in = begin_s + np.tile(np.arange(PASSES) * 50.0, len(people)) + random.uniform(0, 8, count)
            intervals = pd.DataFrame({
                "edge": edge, "from_m": 0.0, "to_m": network.length_m[edge], "t_in": t_in, "t_out": t_in + 42,
                "confidence": random.uniform(0.4, 1, count), "piece": 0,
            })  # fmt: skip
            passes = passes_of(network, intervals)
            for number in people:
                own = passes.iloc[number * PASSES : (number + 1) * PASSES].reset_index(drop=True)
                row = DayRow(f"i{number:03}", day, None, 0, 1, None, 1.0, own, 9, 9, {})
                put_day(store.session, row, town.NOW)

"""Heat: what it costs to count a million issues by cell, day, category and unit, on both databases."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from api.app import create_app
from api.settings import Settings
from gis_core.lattice import BITS
from gis_core.permissions import Area, Grant, Sight
from layers.boxes import Box
from layers.engine import connect, upgrade
from layers.heat import Window, points, street_points, unit_counts
from layers.store import Store
from layers.stores import Stores
from tests import town
from tests.benchmarks import heat_city
from tests.benchmarks.databases import postgis, released, settled
from tests.benchmarks.spending import Spent, alone, measured, setting
from tests.serving import SECRET, join, serving

TIMES = 3
SHIFT = 20
"""Cells of 38 m at the equator."""
FIRST = heat_city.BEGIN.to_pydatetime()
YEAR = Window(FIRST, FIRST + dt.timedelta(days=heat_city.DAYS))
MONTH = Window(FIRST + dt.timedelta(days=240), FIRST + dt.timedelta(days=270))
_MIDDLE = [
    begin + heat_city.SIDE / 2 * size for begin, size in zip((town.WEST, town.SOUTH), heat_city.DEGREES, strict=True)
]
BOX: Box = (_MIDDLE[0] - 0.015, _MIDDLE[1] - 0.0135, _MIDDLE[0] + 0.015, _MIDDLE[1] + 0.0135)
WEEKS = [FIRST + dt.timedelta(days=7 * week) for week in range(53)]
PART = Sight((Area("grid", "450005005"),))
ALL = Sight((Area("city"),))
HEAD = """
{setting}; {release}.

{issues:,} issues of {days} days in a city of {units:,} unit grids, half of them within metres of others; `layers.heat`
in a transaction of a server, cells of {side:.0f} m at the equator. CPU of our process and of PostgreSQL, the least of
{times}. *Part* is a subdistrict of 256 unit grids. *Heat* is asked of the server, `/api/v1/hotspots/surface` with a
bandwidth of 300 m as GeoJSON, of a window it has not been asked for before; *bbox* is then another box of one that it
has. Answers are in bytes.

| question | answer | PostGIS: ours ms | PostgreSQL ms | both | SQLite ms |
|---|---:|---:|---:|---:|---:|
"""
Question = Callable[[Store], int]
Cost = tuple[str, int, float, float]
"""A question, how many rows answer it, and milliseconds of our CPU and of PostgreSQL's."""


def _points(window: Window, *, by_day: bool = False, by_kind: bool = False) -> Question:
    return lambda store: len(points(store, window, SHIFT, by_day=by_day, by_kind=by_kind).number)


def questions() -> dict[str, tuple[Sight, Question]]:
    """By name: who asks, and what; the question tells how many rows its answer has."""
    boxed = partial(Window, box=BOX)
    problems = Window(YEAR.since, YEAR.until, problems=True)
    return {
        "the year, whole city": (ALL, _points(YEAR)),
        "the same, by day": (ALL, _points(YEAR, by_day=True)),
        "the same, by category": (ALL, _points(YEAR, by_kind=True)),
        "the same, of one category": (ALL, _points(Window(YEAR.since, YEAR.until, categories=("01003",)))),
        "the same, without repeats": (ALL, _points(problems)),
        "the year, bbox of 3 km": (ALL, _points(boxed(YEAR.since, YEAR.until))),
        "the year, part": (PART, _points(YEAR)),
        "a month, whole city": (ALL, _points(MONTH)),
        "a month, by day and category": (ALL, _points(MONTH, by_day=True, by_kind=True)),
        "a month, bbox of 3 km": (ALL, _points(boxed(MONTH.since, MONTH.until))),
        "a month, part": (PART, _points(MONTH)),
        "the year, by unit grid": (
            ALL,
            lambda store: len(unit_counts(store, YEAR, "grid_4", (YEAR.since, YEAR.until))),
        ),
        "the same, by week": (ALL, lambda store: len(unit_counts(store, YEAR, "grid_4", WEEKS))),
        "a month, by unit grid": (
            ALL,
            lambda store: len(unit_counts(store, MONTH, "grid_4", (MONTH.since, MONTH.until))),
        ),
        "a month, by street": (ALL, lambda store: len(street_points(store, MONTH, SHIFT))),
    }


def section(folder: Path) -> str:
    """Everything, as a section of the page."""
    with postgis() as address:
        url, release = address.render_as_string(hide_password=False), released(address)
        alone(filled, url)
        settled(address)
        there = list(costs(url))
    file = f"sqlite:///{folder / 'heat.db'}"
    alone(filled, file)
    return written(release, there, list(costs(file)))


def written(release: str, there: list[Cost], embedded: list[Cost]) -> str:
    """The section: what the questions cost on PostGIS and on SQLite."""
    lines = [
        f"| {name} | {size:,} | {ours:.0f} | {theirs:.0f} | {ours + theirs:.0f} | {alone_:.0f} |"
        for (name, size, ours, theirs), (_, _, alone_, _) in zip(there, embedded, strict=True)
    ]
    sizes = {"issues": heat_city.ISSUES, "days": heat_city.DAYS, "units": heat_city.SIDE**2, "times": TIMES}
    side_m = 40_075_017 / 2 ** (BITS - SHIFT // 2)
    head = HEAD.format(setting=setting("numpy", "pyarrow", "sqlalchemy"), release=release, side=side_m, **sizes)
    return "\n".join([head.strip(), *lines]) + "\n"


def filled(url: str) -> None:
    """Make the database at an address the city's."""
    engine = connect(url)
    upgrade(engine)
    stores = Stores(engine)
    heat_city.found(stores)
    heat_city.fill(stores)
    stores.close()


def costs(url: str) -> Iterator[Cost]:
    """What each question costs at an address."""
    stores = Stores(connect(url, serving=True))
    for name, (sight, question) in questions().items():
        spent = []
        for _ in range(TIMES + 1):
            with stores.read(sight) as store, measured() as once:
                size = question(store)
            spent.append(once)
        yield _cost(name, size, spent)
    yield from _served(stores)
    stores.close()


def _served(stores: Stores) -> Iterator[Cost]:
    """What heat costs over HTTP, windows that differ by a day so that none is remembered."""
    app = create_app(stores, Settings(SECRET, works=False), lambda: town.NOW)
    with serving(stores, app=app) as up:
        city = up.by(join(stores, "city", Grant("commander", Area("city"))))
        part = up.by(join(stores, "part", Grant("grid_manager", PART.areas[0])))
        box = "&bbox=" + ",".join(map(str, BOX))
        for name, server, window, more in (
            ("heat of the year, whole city", city, YEAR, ""), ("heat of the year, bbox of 3 km", city, YEAR, box),
            ("heat of the year, part", part, YEAR, ""), ("heat of a month, whole city", city, MONTH, ""),
            ("heat of a month, bbox of 3 km", city, MONTH, box), ("heat of a month, part", part, MONTH, ""),
            ("heat of the year, half-life of 30 days", city, YEAR, "&halflife_days=30"),
        ):  # fmt: skip
            spent = []
            for nth in range(TIMES + 1):
                since, until = (at.date() + dt.timedelta(days=nth) for at in (window.since, window.until))
                asked = f"since={since}&until={until - dt.timedelta(days=5)}&bandwidth_m=300{more}"
                with measured() as once:
                    reply = server.ask(f"/api/v1/hotspots/surface?{asked}")
                assert reply.status == 200, reply.text
                spent.append(once)
            yield _cost(name, len(reply.body), spent)


def _cost(name: str, size: int, spent: list[Spent]) -> Cost:
    """The least of all but the first."""
    least = min(spent[1:], key=lambda one: one.ours + one.server)
    return name, size, 1000 * least.ours, 1000 * least.server

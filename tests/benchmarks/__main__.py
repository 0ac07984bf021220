"""``make bench``: the demo city at the size the first goal names, on both databases, written to docs/benchmarks.md."""

import datetime as dt
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from sqlalchemy import text

from api.demo import fill
from api.door import Door
from api.plans import mapping_of
from api.reporting import Report, answered, load_issues, parsed_chunks, store_issues
from data.demo import build
from gis_core.assignment import Assigner
from layers.territories import Territories
from layers.verify import verify
from tests import postgres
from tests.benchmarks import joins

UNITS, ISSUES, SEED = 2_000, 100_000, 20260701
SINGLES = 300
NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PACKAGES = ("numpy", "pandas", "shapely", "sqlalchemy", "psycopg2-binary")
MAPPING = mapping_of({"table": "issues", "key": "external_id", "source": "bench"})
HEAD = """# Benchmarks

Written by `make bench` on {day}: {machine}, {cores} cores;
Python {python}; {packages}; {database}.

The demo city with {units:,} unit grids and {issues:,} issues (seed {seed}).
Both databases are new, as installed, and wait for the disk.

| what | database | wall s | CPU s | PostgreSQL CPU s |
|---|---|---:|---:|---:|
"""


@dataclass
class Spent:
    """Seconds."""

    wall: float
    ours: float
    server: float


def descendants_seconds() -> float:
    """CPU seconds of everything this process has started: its PostgreSQL."""
    known = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        known[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    family = {os.getpid()}
    while more := {pid for pid, (parent, _) in known.items() if parent in family} - family:
        family |= more
    return sum(known[pid][1] for pid in family - {os.getpid()}) / os.sysconf("SC_CLK_TCK")


@contextmanager
def measured() -> Iterator[Spent]:
    """What the block spends."""
    spent = Spent(-time.perf_counter(), -time.process_time(), -descendants_seconds())
    yield spent
    spent.wall += time.perf_counter()
    spent.ours += time.process_time()
    spent.server += descendants_seconds()


def percentiles_ms(calls: list[Callable[[], object]]) -> tuple[float, float]:
    """Median and 95th percentile of single calls, in milliseconds."""
    spent = []
    for call in calls:
        begun = time.perf_counter()
        call()
        spent.append((time.perf_counter() - begun) * 1000)
    return float(np.percentile(spent, 50)), float(np.percentile(spent, 95))


def measure(url: str, file: Path, database: str) -> tuple[list[str], list[str]]:
    """Rows of the two tables for one database."""
    door = Door(url=url, lang="en", as_json=True)
    with measured() as territory:
        fill(door, UNITS, 0, SEED)
    with measured() as issues:
        report = load_issues(door.stores, file, MAPPING, now=NOW, dry_run=False, progress=lambda rows: None)
    assert report.stored == ISSUES, report
    rows = [_row("territory built, loaded and published", database, territory),
            _row(f"{ISSUES:,} issues from CSV: parsed, assigned, stored", database, issues)]  # fmt: skip
    singles = _singles(door, file, database)
    if database == "PostGIS":
        with measured() as checked, door.stores.read() as store:
            differences = len(verify(store.session, store.city))
        rows.append(_row(f"`verify`: {differences} differences", database, checked))
    return rows, singles


def _row(what: str, database: str, spent: Spent) -> str:
    server = f"{spent.server:.1f}" if database == "PostGIS" else "–"
    return f"| {what} | {database} | {spent.wall:.1f} | {spent.ours:.1f} | {server} |"


def _singles(door: Door, file: Path, database: str) -> list[str]:
    """One issue at a time through the same call as a file, with the territory in memory."""
    parsed, _ = next(parsed_chunks(door.stores, file, "issues", MAPPING))
    some = parsed.accepted.iloc[np.linspace(0, len(parsed.accepted) - 1, SINGLES).astype(int)]
    some = some.assign(external_id=[f"single-{number}" for number in range(SINGLES)]).reset_index(drop=True)
    ones = [some.iloc[[number]] for number in range(SINGLES)]
    territories = Territories()
    with door.stores.read() as store:
        accepted, _ = answered(store, territories, some)
        assign = Assigner(territories.get(store, store.latest_version()))
        rows = [some.loc[[number]] for number in accepted.index]
        called = percentiles_ms([lambda one=one: assign(one) for one in rows])
        decided = percentiles_ms([lambda one=one: answered(store, territories, one) for one in ones])
    stored = percentiles_ms(
        [lambda one=one: store_issues(door.stores, one, Report(), now=NOW, territories=territories) for one in ones]
    )
    return [
        f"| {what} | {database} | {median:.1f} | {high:.1f} |"
        for what, (median, high) in (
            ("assigned: the call itself", called),
            ("version looked up, screened and assigned", decided),
            ("the same and stored, committed", stored),
        )
    ]


def main() -> None:
    """Measure and write the page."""
    say = Console(stderr=True).print
    with tempfile.TemporaryDirectory(prefix="gw-bench-") as folder, postgres.server(settings=()) as server:
        file = Path(folder) / "issues.csv"
        frame = pd.DataFrame(build(units=UNITS, issues=ISSUES, seed=SEED).frames["issues"])
        frame.drop(columns=["geometry", "extra", "source", "raw_x", "raw_y", "datum"]).to_csv(file, index=False)
        results = {}
        with postgres.postgis_template(server) as template, postgres.database(server, template) as address:
            stores = {"SQLite": f"sqlite:///{folder}/bench.db", "PostGIS": address.render_as_string(False)}
            for database, url in stores.items():
                say(f"measuring {database}")
                results[database] = measure(url, file, database)
            door = Door(url=stores["PostGIS"], lang="en", as_json=True)
            with door.stores.read() as store:
                release = store.session.scalar(text("SELECT version() || ', PostGIS ' || postgis_lib_version()"))
    PAGE.write_text(_page(results, str(release)) + joins.section(say), "utf-8")
    say(f"written: {PAGE}")


def _page(results: dict[str, tuple[list[str], list[str]]], release: str) -> str:
    head = HEAD.format(
        day=dt.datetime.now(dt.UTC).date(),
        machine=platform.machine() + " " + platform.system(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        packages=", ".join(f"{name} {version(name)}" for name in PACKAGES),
        database=release.split(" on ")[0] + release[release.rindex(", PostGIS") :],
        units=UNITS, issues=ISSUES, seed=SEED,
    )  # fmt: skip
    lines = [row for rows, _ in results.values() for row in rows]
    singles = [row for _, rows in results.values() for row in rows]
    table = [
        "",
        "One issue at a time, through the same call:",
        "",
        "| what | database | p50 ms | p95 ms |",
        "|---|---|---:|---:|",
    ]
    return head + "\n".join([*lines, *table, *singles]) + "\n"


if __name__ == "__main__":
    main()

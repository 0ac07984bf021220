"""The demo city at the size the first goal names, on both databases."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from api.demo import fill
from api.door import Door, now
from api.plans import mapping_of
from api.reporting import Report, answered, load_issues, parsed_chunks, store_issues
from data.demo import build
from gis_core.assignment import Assigner
from layers.territories import Territories
from layers.verify import verify
from tests.benchmarks.databases import postgis, released
from tests.benchmarks.large import door as door_of
from tests.benchmarks.spending import Spent, measured, percentiles_ms, setting

UNITS, ISSUES, SEED = 2_000, 100_000, 20260701
SINGLES = 300
MAPPING = mapping_of({"table": "issues", "key": "external_id", "source": "bench"})
HEAD = f"""
{{setting}}; {{release}}.

The demo city with {UNITS:,} unit grids and {ISSUES:,} issues (seed {SEED}). Both databases are new, as installed, and
wait for the disk.

| what | database | wall s | CPU s | PostgreSQL CPU s |
|---|---|---:|---:|---:|
"""


def section(folder: Path) -> str:
    """Everything, as a section of the page."""
    file = folder / "demo.csv"
    frame = pd.DataFrame(build(units=UNITS, issues=ISSUES, seed=SEED).frames["issues"])
    frame.drop(columns=["geometry", "extra", "source", "raw_x", "raw_y", "datum"]).to_csv(file, index=False)
    rows, singles = _measured(f"sqlite:///{folder}/demo.db", file, "SQLite")
    with postgis() as address:
        release = released(address)
        there, singly = _measured(address.render_as_string(False), file, "PostGIS")
    head = HEAD.format(setting=setting("numpy", "pandas", "shapely", "sqlalchemy", "psycopg2-binary"), release=release)
    table = ["", "One issue at a time, through the same call:", "", "| what | database | p50 ms | p95 ms |"]
    return "\n".join([head.strip(), *rows, *there, *table, "|---|---|---:|---:|", *singles, *singly])


def _measured(url: str, file: Path, database: str) -> tuple[list[str], list[str]]:
    """Rows of the two tables for one database."""
    door = door_of(url)
    with measured() as territory:
        fill(door, UNITS, 0, SEED, strips=False)
    with measured() as issues:
        report = load_issues(door.stores, file, MAPPING, now=now(), dry_run=False, progress=lambda rows: None)
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
        calls: dict[str, list[Callable[[], object]]] = {
            "assigned: the call itself": [lambda one=one: assign(accepted.loc[[one]]) for one in accepted.index],
            "version looked up, screened and assigned": [
                lambda one=one: answered(store, territories, one) for one in ones
            ],
        }
        spent = {what: percentiles_ms(each, 50, 95) for what, each in calls.items()}
    spent["the same and stored, committed"] = percentiles_ms(
        [lambda one=one: store_issues(door.stores, one, Report(), now=now(), territories=territories) for one in ones],
        50, 95,
    )  # fmt: skip
    return [f"| {what} | {database} | {median:.1f} | {high:.1f} |" for what, (median, high) in spent.items()]

"""A million issues from a file into both databases, by the command."""

import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from api.cli import cli
from tests.benchmarks.boundaries import PAIRS, draft, impact
from tests.benchmarks.databases import postgis, released
from tests.benchmarks.large import prepared, sqlite, stock
from tests.benchmarks.spending import alone, descendants_seconds, helpers_peak_mb, measured, peak_mb, setting
from tests.benchmarks.territory import build

HEAD = """
{setting}; {release}.

`gridwarden load issues`: {rows:,} rows of CSV into the store of the large city, which is as installed and waits for the
disk. Reading the territory and opening its indexes is part of it. CPU and peak are of both processes: one reads and
decides, one stores.

| database | wall s | CPU s | PostgreSQL CPU s | rows/s | peak MB | stored | rejected |
|---|---:|---:|---:|---:|---:|---:|---:|
"""

DRAFT = """
Over them, `gridwarden impact`, reading included: a draft in which half of a unit grid goes to its neighbour, {pairs}
times all over the city.

| database | wall s | CPU s | PostgreSQL CPU s | open issues | streets | places | contracts |
|---|---:|---:|---:|---:|---:|---:|---:|"""


def section(folder: Path) -> str:
    """Everything, as a section of the page."""
    file = prepared(folder) / "issues.csv"
    copy = shutil.copytree(folder / "store", folder / "loaded")  # with whatever lies beside the store
    embedded, done = _row("SQLite", lambda: alone(_load, sqlite(copy), file))
    moved = [_moved("SQLite", sqlite(copy))]
    shutil.rmtree(copy)
    with postgis() as address:
        url, release = address.render_as_string(False), released(address)
        alone(_stock, url)
        there, _ = _row("PostGIS", lambda: alone(_load, url, file))
        moved.append(_moved("PostGIS", url))
    used = setting("numpy", "pandas", "sqlalchemy", "psycopg2-binary")
    head = HEAD.format(setting=used, release=release, rows=done["read"]).strip()
    return "\n".join([head, embedded, there, DRAFT.format(pairs=PAIRS), *moved])


def _stock(url: str) -> None:
    stock(url, build(issues=1))


def _row(database: str, load: Callable[[], dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    before = descendants_seconds()
    done = load()
    server = f"{descendants_seconds() - before:.1f}" if database == "PostGIS" else "–"
    rate, wall, peak = done["read"] / done["wall"], done["wall"], done["peak_mb"]
    spent = f"{wall:.1f} | {done['ours']:.1f} | {server} | {rate:,.0f} | {peak:,.0f}"
    return f"| {database} | {spent} | {done['stored']:,} | {done['rejected']:,} |", done


def _moved(database: str, url: str) -> str:
    number, before = alone(draft, url), descendants_seconds()
    found = alone(impact, url, number)
    server = f"{descendants_seconds() - before:.1f}" if database == "PostGIS" else "–"
    counts = " | ".join(f"{found[kind]:,}" for kind in ("issues", "streets", "places", "contracts"))
    return f"| {database} | {found['wall']:.1f} | {found['ours']:.1f} | {server} | {counts} |"


def _load(url: str, file: Path) -> dict[str, Any]:
    """What the command says and spends."""
    command = ["--store", url, "--json", "load", "issues", str(file), "--key", "external_id", "--source", "bench"]
    with measured() as spent, redirect_stdout(StringIO()) as said:
        cli.main(command, standalone_mode=False)
    return {**json.loads(said.getvalue())["files"][0], **vars(spent), "peak_mb": peak_mb() + helpers_peak_mb()}

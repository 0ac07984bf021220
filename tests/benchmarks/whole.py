"""The whole assignment of a million issues as one frame, and of one issue."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from api.reporting import answered
from gis_core.answers import FALLBACK
from gis_core.arrays import Ints
from gis_core.assignment import Assigner
from gis_core.issues import screen
from gis_core.rules import RULES
from gis_core.territory import Territory
from layers.territories import Territories
from tests.benchmarks.large import door, prepared, sqlite
from tests.benchmarks.spending import alone, forget_peak, measured, peak_mb, percentiles_ms, setting

RUNS, SINGLES, COMPARED, WARM = 3, 2_000, 20_000, 1_000
ISSUE_COLUMNS = ("scheme", "kind", "category", "reported_at", "lon", "lat")
HEAD = """
{setting}.

{grids:,} unit grids below four levels of larger ones, {streets:,} streets, {places:,} places that enclose,
{facilities:,} facilities, {contracts:,} contracts, {issues:,} issues of a year. The territory is in memory with its
indexes. Median of {runs} runs, each number of threads in a process of its own; the peak is of that process, with
territory, indexes and issues.

| what | threads | wall s | CPU s | µs an issue | peak MB |
|---|---:|---:|---:|---:|---:|
"""


def section(folder: Path) -> str:
    """Everything, as a section of the page."""
    prepared(folder)
    counts, *rows = alone(_frame, folder, 1)
    rows += alone(_frame, folder, 2)[2:]
    rules, differences = alone(_rules, folder)
    head = HEAD.format(setting=setting("numpy", "pandas", "numba", "shapely"), runs=RUNS, **counts)
    return "\n".join([head.strip() + "\n" + "\n".join(rows), "", *rules, "", differences, "", *alone(_singly, folder)])


def opened(folder: Path) -> tuple[Territory, pd.DataFrame]:
    """The territory of the store and the issues."""
    with door(sqlite(folder / "store")).stores.read() as store:
        territory = Territories().get(store, store.latest_version())
    return territory, pd.read_parquet(folder / "issues.parquet", columns=list(ISSUE_COLUMNS))


def _frame(folder: Path, threads: int) -> list:
    """Counts, and a row each for screening and assigning."""
    territory, issues = opened(folder)
    accepted = screen(issues, territory).accepted
    assign = Assigner(territory, threads)
    assign(accepted)
    frames = territory.frames
    counts = {name: len(frames[name]) for name in ("streets", "places", "facilities", "contracts")}
    counts |= {"grids": len(territory.levels[-1].codes), "issues": len(issues)}
    del issues, frames
    works: dict[str, Callable[[], object]] = {
        "screened": lambda: screen(accepted, territory),
        "assigned": lambda: assign(accepted),
    }
    return [counts, *(_row(what, work, threads, len(accepted)) for what, work in works.items())]


def _row(what: str, work: Callable[[], object], threads: int, count: int) -> str:
    forget_peak()
    spent = []
    for _ in range(RUNS):
        with measured() as one:
            work()
        spent.append((one.wall, one.ours))
    wall, cpu = np.median(spent, axis=0)
    return f"| {what} | {threads} | {wall:.2f} | {cpu:.2f} | {cpu / count * 1e6:.2f} | {peak_mb():,.0f} |"


def _rules(folder: Path) -> tuple[list[str], str]:
    """Which rule answered how many, and whether the light indexes answer the same."""
    territory, issues = opened(folder)
    accepted = screen(issues, territory).accepted
    answers = Assigner(territory)(accepted)
    kinds = pd.Series(territory.codes("contracts", "kind"), territory.codes("contracts", "code"))
    shares = answers["rule"].value_counts(normalize=True)
    rows = ["| rule | answered | by |", "|---|---:|---|"]
    for rule in (*(one.name for one in RULES), FALLBACK):
        by = answers["contract"][answers["rule"] == rule].map(kinds).value_counts()
        named = ", ".join(f"{kind} {count:,}" for kind, count in by.items())
        rows.append(f"| {rule.replace('_', ' ')} | {shares.get(rule, 0.0):.2%} | {named} |")
    some = np.sort(np.random.default_rng(1).choice(len(accepted), COMPARED, replace=False))
    # Asked for so few, a territory that has no indexes yet builds none.
    light = Territory(territory.city, territory.version, territory.revision, territory.frames)
    differing = len(answers.iloc[some].compare(Assigner(light)(accepted.iloc[some])))
    return rows, f"Of {COMPARED:,} of the issues, {differing} are answered differently without compiled indexes."


def _singly(folder: Path) -> list[str]:
    """One issue at a time, through the same calls."""
    stores, territories = door(sqlite(folder / "store")).stores, Territories()
    territory, issues = opened(folder)
    accepted = screen(issues, territory).accepted
    picked: Ints = np.linspace(0, len(accepted) - 1, SINGLES).astype(int)
    ones = [accepted.iloc[[one]] for one in picked]
    plain = [
        {**one, "reported_at": one["reported_at"].to_pydatetime()} for one in accepted.iloc[picked].to_dict("records")
    ]
    with stores.read() as store:
        answered(store, territories, accepted.head(WARM))
        assign = Assigner(territories.get(store, store.latest_version()))
        calls: dict[str, list[Callable[[], object]]] = {
            "`Assigner.one`": [lambda one=one: assign.one(**one) for one in plain],
            "the same call as a million, a frame of one row": [lambda one=one: assign(one) for one in ones],
            "version looked up, screened and assigned, as a frame": [
                lambda one=one: answered(store, territories, one) for one in ones
            ],
        }
        spent = {what: percentiles_ms(each, 50, 99) for what, each in calls.items()}
    rows = ["One issue at a time:", "", "| what | p50 ms | p99 ms |", "|---|---:|---:|"]
    return [*rows, *(f"| {what} | {median:.2f} | {high:.2f} |" for what, (median, high) in spent.items())]

"""``make bench-routing``: measure the searches against what is best known, and write docs/benchmarks-routing.md.

``python -m tests.benchmarks.routing NAME …`` measures some sections again. Seconds are CPU seconds of each of two
searches side by side, which is how long they take on two cores that do nothing else.
"""

import datetime
import platform
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import numba

from gis_core.routing.arcs import min_max, solve
from gis_core.routing.pacing import steps_within
from tests.benchmarks.arc_files import Instance, added_up, best_known, carp, windy
from tests.benchmarks.routing_demo import demo_table
from tests.benchmarks.routing_matrix import matrix_rows
from tests.benchmarks.routing_streets import coverage_table
from tests.benchmarks.routing_visits import drawn_days, morning_table, nearest_table, vrptw_table

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks-routing.md"
SEEDS = (1, 2, 3)
CHAINS = 2
APART = 1_000
"""Seeds of a run's searches differ by one; those of runs by so much."""


class Row(NamedTuple):
    """What is measured for an instance: by seed the value found and the seconds it took."""

    name: str
    known: int
    values: list[int]
    seconds: list[float]

    @property
    def gap(self) -> float:
        """Mean of the seeds over the best known, percent."""
        return 100 * (mean(self.values) / self.known - 1)


def measured(instance: Instance, known: int, enough: bool, seconds: float, routes: int | None = None) -> Row:
    """Seeds of an instance, each until its seconds are over or, where it is ``enough``, the best known is found."""
    problem = instance.problem(routes)
    search = solve if routes is None else min_max
    steps = steps_within(problem, search, seconds, time.thread_time)
    row = Row(instance.name if routes is None else f"{instance.name}, k = {routes}", known, [], [])
    for seed in SEEDS:
        ends: dict[int, float] = {}
        spent: dict[int, float] = {}

        def more(longest: int, total: int, ends: dict[int, float] = ends, spent: dict[int, float] = spent) -> bool:
            thread = threading.get_ident()
            now = time.thread_time()
            ends.setdefault(thread, now + seconds)
            spent[thread] = now - ends[thread] + seconds
            value = total if routes is None else longest
            return now < ends[thread] and not (enough and value <= known)

        tours = search(problem, steps=steps, seed=APART * seed, chains=CHAINS, more=more)
        lengths = added_up(instance, problem.ways, tours)
        row.values.append(sum(lengths) if routes is None else max(lengths))
        row.seconds.append(max(spent.values()))
    print(row, f"{row.gap:.2f} %", file=sys.stderr, flush=True)  # noqa: T201
    return row


def table(rows: list[Row], must: str, good: str, seconds: float) -> str:
    """A section's text: the means, and a row for each instance."""
    gaps = [row.gap for row in rows]
    told = f"Mean gap **{mean(gaps):.3f} %**, worst instance {max(gaps):.2f} %; must {must}, good {good}"
    lines = [
        f"{told}; at most {seconds:g} s a search.",
        "",
        "| instance | best known | found, by seed | gap of the mean | seconds, by seed |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.name} | {row.known} | {', '.join(map(str, row.values))} | {row.gap:.2f} % |"
        f" {', '.join(f'{spent:.1f}' for spent in row.seconds)} |"
        for row in rows
    ]
    return "\n".join(lines)


def _carp(prefixes: tuple[str, ...], seconds: float, must: str, good: str) -> str:
    known = best_known() | LOWER
    names = [name for name in known if name.startswith(prefixes) and "val10" not in name]
    return table([measured(carp(name), known[name], True, seconds) for name in names], must, good, seconds)


LOWER = {"gdb12": 458}
"""Optima that the list of best known values has wrong: a sound plan of this sum exists."""


def gdb() -> str:
    """The 23 small instances of Golden, DeArmon and Baker."""
    return _carp(("gdb",), 5.0, "0.4 %", "0.1 %")


def val() -> str:
    """Benavent's val 1 to 5."""
    return _carp(("val",), 10.0, "1.0 %", "0.5 %")


def egl() -> str:
    """Winter gritting in Lancashire: egl-e and egl-s."""
    return _carp(("egl-e", "egl-s"), 60.0, "0.8 %, none above 2 %", "0.3 %")


def g1() -> str:
    """The large one, of 347 streets; nobody has proven an optimum."""
    row = measured(carp("egl-g1-A"), 1_005_000, False, 60.0)
    return table([row], "≤ 1,005,000 (gap 0)", "≤ 999,000", 60.0)


def minmax() -> str:
    """The longest route of k postmen, in wind."""
    cases = (("P202100", 3, 1281), ("P202100", 5, 905), ("P24110", 4, 97))
    rows = [measured(windy(name), known, True, 30.0, routes) for name, routes, known in cases]
    return table(rows, "0.5 %", "0 %", 30.0)


SECTIONS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "gdb": ("CARP: gdb", gdb),
    "val": ("CARP: val 1–5", val),
    "egl": ("CARP: egl-e and egl-s", egl),
    "g1": ("CARP: egl-g1-A", g1),
    "minmax": ("Longest route of k postmen", minmax),
    "coverage": ("Coverage of backstreets", coverage_table),
    "vrptw": ("Visits with windows: Solomon", vrptw_table),
    "morning": ("A district's morning", morning_table),
    "nearest": ("Against nearest-first rounds: days drawn by chance", lambda: nearest_table(*drawn_days())),
    "demo": ("Against nearest-first rounds: thirty days of the demo city", demo_table),
    "matrix": ("Shortest ways: a matrix of 500 by 500", matrix_rows),
}
"""By name, in the order of the page: its heading and what measures it."""


def head() -> str:
    """What the page begins with."""
    return f"""# Benchmarks of routing

Written by `make bench-routing`; `python -m tests.benchmarks.routing NAME …` measures sections again:
{", ".join(f"`{name}`" for name in SECTIONS)}. Values are those of three seeds, added up by code that shares nothing
with the search. Seconds are CPU seconds of each of two searches that run side by side, as long as they take on two
idle cores; a search ends early when it has found the best known, except on `egl-g1-A`. The instances
lie beside the project.
"""


def page(old: str, found: Mapping[str, str]) -> str:
    """The page with the sections measured, by name; the others as they were."""
    parts = dict(part.split("\n", 1) for part in old.split("\n## ")[1:])
    on = f"Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {platform.machine()}, numba {numba.__version__}."
    parts |= {SECTIONS[name][0]: f"\n{on}\n\n{text.strip()}\n" for name, text in found.items()}
    return head() + "".join(f"\n## {title}\n{parts[title]}" for title, _ in SECTIONS.values() if title in parts)


def main(names: list[str]) -> None:
    """Measure the sections named, or all of them."""
    for name in names or SECTIONS:
        if name not in SECTIONS:
            sys.exit(f"{name}: {', '.join(SECTIONS)}")
    for name in names or SECTIONS:
        text = SECTIONS[name][1]()
        PAGE.write_text(page(PAGE.read_text("utf-8") if PAGE.exists() else "", {name: text}), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

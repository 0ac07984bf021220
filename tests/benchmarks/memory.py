"""Memory while a long file is assigned: as much at ten million rows as at one."""

import time
from pathlib import Path

from api.plans import mapping_of
from api.reporting import assign_file
from tests.benchmarks.large import door, multiplied, prepared, sqlite
from tests.benchmarks.spending import alone, peak_mb, setting

TIMES = 10
MARKS = (1_000_000, 5_000_000, 10_000_000)
HEAD = """
{setting}.

`gridwarden assign --file`: one Parquet file of {rows:,} rows, answers to a file, by the large city's store. The peak is
of the process after so many rows.

| rows | wall s | CPU s | rows/s | peak MB |
|---:|---:|---:|---:|---:|
"""


def section(folder: Path) -> str:
    """Everything, as a section of the page."""
    file = alone(multiplied, prepared(folder), TIMES)
    rows = alone(_assigned, folder, file)
    head = HEAD.format(setting=setting("numpy", "pandas", "pyarrow"), rows=MARKS[-1])
    return head.strip() + "\n" + "\n".join(rows)


def _assigned(folder: Path, file: Path) -> list[str]:
    mapping = mapping_of({"table": "issues", "key": "external_id"})
    begun, cpu, done = time.perf_counter(), time.process_time(), 0
    left, rows = list(MARKS), []

    def progress(more: int) -> None:
        nonlocal done
        done += more
        while left and done >= left[0]:
            wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
            rows.append(f"| {left.pop(0):,} | {wall_s:.0f} | {cpu_s:.0f} | {done / wall_s:,.0f} | {peak_mb():,.0f} |")

    assign_file(door(sqlite(folder / "store")).stores, file, folder / "answers.csv", mapping, progress)
    return rows

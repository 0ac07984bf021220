"""Memory while a long file is assigned: as much at ten million rows as at one."""

import time
from collections.abc import Sequence
from pathlib import Path

from api.assigning import Deciding, Partition, assign_partition
from api.plans import mapping_of
from layers.territories import Territories
from tests.benchmarks.large import door, multiplied, prepared, sqlite
from tests.benchmarks.spending import alone, peak_mb, setting

TIMES = 10
MARKS = (1_000_000, 5_000_000, 10_000_000)
HEAD = """
{setting}.

`gridwarden assign --file`: one Parquet file of {rows:,} rows into a folder, by the large city's store. The peak is of
the process after so many rows.

| rows | wall s | CPU s | rows/s | peak MB |
|---:|---:|---:|---:|---:|
"""


def section(folder: Path) -> str:
    """Everything, as a section of the page."""
    file = alone(multiplied, prepared(folder), TIMES)
    rows = alone(_assigned, folder, file, MARKS)
    head = HEAD.format(setting=setting("numpy", "pandas", "pyarrow"), rows=MARKS[-1])
    return head.strip() + "\n" + "\n".join(rows)


def _assigned(folder: Path, file: Path, marks: Sequence[int]) -> list[str]:
    """A row for each number of rows in ``marks``."""
    mapping = mapping_of({"table": "issues", "key": "external_id"})
    begun, cpu, done = time.perf_counter(), time.process_time(), 0
    left, rows = list(marks), []

    def progress(more: int) -> None:
        nonlocal done
        done += more
        while left and done >= left[0]:
            wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
            rows.append(f"| {left.pop(0):,} | {wall_s:.0f} | {cpu_s:.0f} | {done / wall_s:,.0f} | {peak_mb():,.0f} |")

    answers, rejects = (str(folder / name) for name in ("answers.parquet", "answers.rejects.csv"))
    stores = door(sqlite(folder / "store")).stores
    assign_partition(stores, Territories(), Partition(str(file), answers, rejects), Deciding(mapping, "en"), progress)
    return rows

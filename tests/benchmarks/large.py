"""The large city on the disk: a store that holds its territory, and its issues as a frame and as files."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from api.door import Door, now
from api.founding import found
from api.indexing import index_published
from api.loading import Batch, Step, Terms, store_batches
from api.reporting import Report
from layers.importers import Mapping
from tests.benchmarks.spending import alone
from tests.benchmarks.territory import Large, build

IN_FILES = (
    "external_id", "scheme", "kind", "category", "description", "address", "channel", "reported_at", "closed_at",
    "lon", "lat",
)  # fmt: skip
"""Columns of the files of issues."""


def door(url: str) -> Door:
    """A run of the command line that says nothing."""
    return Door(url=url, lang="en", as_json=True)


def prepared(folder: Path) -> Path:
    """The folder with ``store/large.db``, ``issues.parquet`` and ``issues.csv``, made where they are not there."""
    if not (folder / "issues.csv").exists():
        alone(_prepare, folder)
    return folder


def sqlite(folder: Path) -> str:
    """URL of the store under a folder."""
    return f"sqlite:///{folder}/large.db"


def stock(url: str, large: Large) -> None:
    """Publish the city's territory in an empty store, as any files; what lies outside the city is left out."""
    opened = door(url)
    found(opened.stores, large.city, now())
    batches = [
        Batch(Step(table=name, path=Path("large"), mapping=Mapping(table=name)), numbered(frame), Report())
        for name, frame in large.frames.items()
        if name != "issues"
    ]
    loaded = store_batches(opened.stores, batches, Terms(now=now(), note="large"))
    assert loaded.version and not len(loaded.findings), loaded.findings
    index_published(opened, loaded.version, now())


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows numbered as those of a file."""
    return frame.reset_index(drop=True).assign(row=range(1, len(frame) + 1))


def multiplied(folder: Path, times: int) -> Path:
    """A Parquet file of so many times the issues, each with an id of its own."""
    target = folder / f"issues_{times}.parquet"
    rows = pq.read_table(folder / "issues.parquet", columns=list(IN_FILES))
    ids = rows["external_id"].to_pandas()
    with pq.ParquetWriter(target, rows.schema) as writer:
        for round_ in range(times):
            named = pa.array((f"{round_}-" + ids).astype(object), rows.schema.field("external_id").type)
            writer.write_table(rows.set_column(0, "external_id", named), row_group_size=100_000)
    return target


def _prepare(folder: Path) -> None:
    large = build()
    (folder / "store").mkdir()
    stock(sqlite(folder / "store"), large)
    issues = large.frames["issues"]
    issues.to_parquet(folder / "issues.parquet")
    issues.to_csv(folder / "issues.csv", columns=list(IN_FILES), index=False)

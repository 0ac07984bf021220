"""Files of issues assigned without storing them: one as CSV, or many as partitions, each by itself."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePath

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from api.rejects import in_words
from api.reporting import Progress, Report, answered, parsed_chunks
from gis_core.answers import ANSWER
from gis_core.errors import Conflict, GisError, InvalidInput
from layers.addresses import absolute, created, fetched, inside, listed, name_of, removed, same
from layers.importers import Mapping
from layers.stores import Stores
from layers.territories import Territories

NAMED = ("row", "external_id", "lon", "lat")
"""Columns that say which issue an answer is for."""
NUMBERS = {
    **dict.fromkeys(("row", "version", "revision"), pa.int64()),
    **dict.fromkeys(("lon", "lat", "x", "y", "grid_distance_m", "street_distance_m"), pa.float64()),
}
SCHEMA = pa.schema([(name, NUMBERS.get(name, pa.string())) for name in (*NAMED, *ANSWER)])
"""Answers as Parquet has them, the same in every partition."""


@dataclass(frozen=True)
class Partition:
    """Addresses of a file of issues, of its answers and of the list of its rejected rows."""

    file: str
    answers: str
    rejects: str

    @property
    def outputs(self) -> set[str]:
        """Names of the files that it writes."""
        return {name_of(self.answers), name_of(self.rejects)}


@dataclass(frozen=True)
class Counts:
    """How many rows of a file were read, assigned and rejected."""

    read: int = 0
    assigned: int = 0
    rejected: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.read + other.read, self.assigned + other.assigned, self.rejected + other.rejected)


@dataclass(frozen=True)
class Deciding:
    """How partitions are assigned: the file's columns as ours, the language of reasons, threads for each."""

    mapping: Mapping
    lang: str
    threads: int = 1


def assign_file(stores: Stores, path: Path, out: Path, deciding: Deciding, progress: Progress) -> Report:
    """Assign a file of issues without storing them; the answers go to ``out`` as CSV.

    Raises
    ------
    InvalidInput
        When ``out`` is the file itself.
    """
    report, target = Report(), absolute(str(out))
    if same(absolute(str(path)), target):
        raise InvalidInput("out_over_file", value=path)
    columns: list[str] = []
    with created(target) as file:
        for rows, answers, rejects in _answered_chunks(stores, Territories(), path, deciding):
            header = not columns
            columns = columns or [name for name in (*NAMED, *ANSWER) if name in answers]
            file.write(answers.to_csv(columns=columns, index=False, header=header).encode())
            report.rejects.append(rejects)
            report.read += rows
            report.stored += len(answers)
            progress(rows)
    return report


def partitions_of(patterns: Sequence[str], folder: str) -> list[Partition]:
    """The files that patterns mean, and what each becomes in a folder: ``STEM.parquet`` and ``STEM.rejects.csv``.

    Raises
    ------
    NotFound
        When a pattern means no file.
    InvalidInput
        When two would be written to one file, or one over itself.
    """
    found: dict[str, Partition] = {}
    for file in dict.fromkeys(file for pattern in patterns for file in listed(absolute(pattern))):
        stem = PurePath(name_of(file)).stem
        answers, rejects = (inside(absolute(folder), f"{stem}.{ending}") for ending in ("parquet", "rejects.csv"))
        if answers in found:
            raise InvalidInput("stem_twice", first=found[answers].file, second=file, value=answers)
        found[answers] = Partition(file, answers, rejects)
    for one in found.values():
        if any(same(other.file, written) for other in found.values() for written in (one.answers, one.rejects)):
            raise InvalidInput("out_over_file", value=one.file)
    return list(found.values())


def assign_here(
    stores: Stores, partitions: Sequence[Partition], deciding: Deciding, progress: Progress
) -> Iterator[tuple[Partition, Counts | GisError]]:
    """Assign partitions one after the other; yields what became of each. ``progress`` is told of rows."""
    territories = Territories()
    for one in partitions:
        try:
            yield one, assign_partition(stores, territories, one, deciding, progress)
        except GisError as fault:
            yield one, fault
        except (OSError, pa.ArrowException) as fault:
            yield one, Conflict("partition_gave_up", value=one.file, fault=str(fault))


def assign_partition(
    stores: Stores, territories: Territories, partition: Partition, deciding: Deciding, progress: Progress
) -> Counts:
    """Assign the issues of one file, in constant memory; each file it becomes is there as a whole or not at all.

    The same bytes whoever does it: nothing but the file, the territories and ``deciding`` goes into them.
    """
    counts = Counts()
    with ExitStack() as until_done:
        path = until_done.enter_context(fetched(partition.file))
        answered_rows = until_done.enter_context(created(partition.answers))
        writer = until_done.enter_context(parquet.ParquetWriter(answered_rows, SCHEMA))
        rejected_rows = None
        for rows, answers, rejects in _answered_chunks(stores, territories, path, deciding):
            table = pa.Table.from_pandas(answers, SCHEMA, preserve_index=False)
            writer.write_table(table.replace_schema_metadata())
            if len(rejects):
                first = rejected_rows is None
                rejected_rows = rejected_rows or until_done.enter_context(created(partition.rejects))
                text = in_words(rejects, deciding.lang).to_csv(index=False, header=first)
                rejected_rows.write(text.encode("utf-8-sig" if first else "utf-8"))
            counts += Counts(rows, len(answers), len(rejects))
            progress(rows)
        if not counts.rejected:
            removed(partition.rejects)
    return counts


def _answered_chunks(
    stores: Stores, territories: Territories, path: Path, deciding: Deciding
) -> Iterator[tuple[int, pd.DataFrame, pd.DataFrame]]:
    """A file in chunks: rows read, the accepted issues with their answers, and the others with their reasons."""
    for parsed, rows in parsed_chunks(stores, path, "issues", deciding.mapping):
        with stores.read() as store:
            answers, rejects = answered(store, territories, parsed.accepted, deciding.threads)
        yield rows, answers, Report(rejects=[parsed.rejects, rejects]).rejected

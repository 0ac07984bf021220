"""Issues in: parse, screen, assign, store. The deciding step is one call, for one issue and for a million."""

import datetime as dt
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from api.ahead import by_process, by_thread
from gis_core.answers import ANSWER, stacked
from gis_core.assignment import Assigner
from gis_core.errors import Conflict
from gis_core.issues import REJECT_COLUMNS, screen
from layers.formats import open_file
from layers.frames import json_texts
from layers.importers import Importer, Mapping, Parsed
from layers.store import Store
from layers.stores import Stores
from layers.territories import Territories

CHUNK_ROWS = 50_000
LONG_FILE_BYTES = 16_000_000
"""A file this long is read and decided by a process of its own, which takes a few seconds to begin."""
Progress = Callable[[int], None]
"""Told how many rows more are done."""


@dataclass
class Report:
    """What became of the rows of a file; of those already known, how many were closed by it."""

    read: int = 0
    stored: int = 0
    known: int = 0
    closed: int = 0
    rejects: list[pd.DataFrame] = field(default_factory=list)

    @property
    def rejected(self) -> pd.DataFrame:
        """All rejected rows, columns ``row``, ``key``, ``reason``, ``params``, in file order."""
        parts = [part for part in self.rejects if len(part)]
        if not parts:
            return pd.DataFrame(columns=list(REJECT_COLUMNS))
        return pd.concat(parts).sort_values("row", kind="stable", ignore_index=True)


@dataclass(frozen=True, eq=False)
class Answered:
    """The answers to issues and the rejects, by the version and revision that were the newest."""

    state: tuple[int, int]
    answers: pd.DataFrame
    rejects: pd.DataFrame


def answered(
    store: Store, territories: Territories, issues: pd.DataFrame, threads: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Screen issues and assign them, each by the territory in force when it was reported.

    Returns
    -------
    answers, rejects
        The accepted issues with the columns of :data:`gis_core.answers.ANSWER`, and the others
        with their reasons.
    """
    # Taking a column of a frame with a geometry costs ten times that of a plain one, which one issue would feel.
    issues = pd.DataFrame(issues)
    timed = issues["reported_at"].notna().to_numpy()
    version = np.full(len(issues), store.latest_version(), dtype=np.int64)
    version[timed] = store.versions_at(issues["reported_at"][timed])
    accepted, rejected = [], []
    versions = np.unique(version) if len(version) else [store.latest_version()]
    for one in versions:
        territory = territories.get(store, int(one))
        if territory.lowest is None:
            raise Conflict("no_grids")
        screened = screen(issues if len(versions) == 1 else issues[version == one], territory)
        rejected.append(screened.rejects)
        if len(screened.accepted):
            answers = Assigner(territory, threads)(screened.accepted)
            accepted.append(pd.concat([screened.accepted, answers], axis=1))
    return _joined(accepted, issues), rejected[0] if len(rejected) == 1 else pd.concat(rejected, ignore_index=True)


def load_issues(
    stores: Stores, path: Path, mapping: Mapping, *, now: dt.datetime, dry_run: bool, progress: Progress
) -> Report:
    """Load a file of issues in chunks, each stored whole or not at all.

    Rows already there by (source, external id) are counted as known and left as they are. An open issue that comes
    again with a time of closing is closed; a row that contradicts the stored place, time or category is rejected.
    """
    report, territories = Report(), Territories()
    with closing(_decided_ahead(stores, path, mapping)) as answered_chunks:
        for parsed, rows, decided in answered_chunks:
            report.read += rows
            report.rejects.append(parsed.rejects)
            store_issues(
                stores, parsed.accepted, report, now=now, dry_run=dry_run, territories=territories, decided=decided
            )
            progress(rows)
    return report


DecidedChunk = tuple[Parsed, int, Answered | None]
"""Parsed rows, how many were read, and the answers."""


def _decided_ahead(stores: Stores, path: Path, mapping: Mapping) -> Generator[DecidedChunk, None, None]:
    long = path.is_file() and path.stat().st_size >= LONG_FILE_BYTES
    if stores.in_memory or not long:
        return by_thread(_decided_chunks(stores, path, mapping, CHUNK_ROWS))
    return by_process(_decided_chunks, stores, path, mapping, CHUNK_ROWS)


def _decided_chunks(stores: Stores, path: Path, mapping: Mapping, chunk_rows: int) -> Iterator[DecidedChunk]:
    territories = Territories()
    for parsed, rows in parsed_chunks(stores, path, "issues", mapping, chunk_rows):
        parsed, decided = replace(parsed, accepted=_light(parsed.accepted)), None
        if len(parsed.accepted):
            with stores.read() as store:
                decided = _decided(store, territories, parsed.accepted)
        yield parsed, rows, decided


def _light(issues: pd.DataFrame) -> pd.DataFrame:
    """The same with texts side by side instead of as an object each, which travel in no time and are no garbage."""
    named = [name for name in issues if issues[name].dtype == object]
    return issues.assign(extra=json_texts(issues["extra"])).astype(dict.fromkeys(named, "str"))


def _decided(store: Store, territories: Territories, issues: pd.DataFrame) -> Answered:
    return Answered(_state(store), *answered(store, territories, issues))


def _state(store: Store) -> tuple[int, int]:
    """What answers depend on: nothing that is published ever changes."""
    return store.latest_version(), store.latest_revision()


def store_issues(
    stores: Stores,
    issues: pd.DataFrame,
    report: Report,
    *,
    now: dt.datetime,
    dry_run: bool = False,
    territories: Territories | None = None,
    decided: Answered | None = None,
) -> None:
    """Assign and store parsed issues in one transaction, and add to ``report`` what became of them.

    Parameters
    ----------
    decided
        Their answers, if they were looked for before; they are used unless something was published since.
    """
    if not len(issues):
        return
    with stores.write() as store:
        if decided is None or decided.state != _state(store):
            decided = _decided(store, territories or Territories(), issues)
        answers = decided.answers
        report.rejects.append(decided.rejects)
        if not dry_run:
            stored = store.add_issues(answers, now)
            report.stored += stored
            if stored < len(answers):
                contrary = store.contradicting(answers)
                report.closed += store.close_issues(answers[~contrary])
                report.rejects.append(_contrary(answers[contrary]))
                report.known += len(answers) - stored - int(contrary.sum())


def _contrary(issues: pd.DataFrame) -> pd.DataFrame:
    params = [
        {"source": source, "key": key} for source, key in zip(issues["source"], issues["external_id"], strict=True)
    ]
    named = {"row": issues["row"].to_numpy(), "key": issues["external_id"].to_numpy(object)}
    return pd.DataFrame({**named, "reason": "issue_contradicts", "params": params}, columns=list(REJECT_COLUMNS))


def parsed_chunks(
    stores: Stores, path: Path, table: str, mapping: Mapping, chunk_rows: int | None = None
) -> Iterator[tuple[Parsed, int]]:
    """The rows of a file in chunks (``None``: :data:`CHUNK_ROWS`), parsed for ``table``, with the number read."""
    with stores.read() as store:
        city = store.city
    source = open_file(path)
    importer = Importer(table, mapping, city, source.digest, path.stem)
    yield from by_thread((importer.parse(chunk), len(chunk.frame)) for chunk in source.chunks(chunk_rows or CHUNK_ROWS))


def reassign_open(stores: Stores, territories: Territories, now: dt.datetime) -> tuple[int, int]:
    """Assign every open issue by the territory in force now; closed ones keep their answer.

    Returns
    -------
    open, changed
        How many issues are open, and how many of them got another answer.
    """
    with stores.write() as store:
        issues = store.issues(status="open")
        if not len(issues):
            return 0, 0
        territory = territories.get(store, store.version_at(now))
        # An issue that now lies outside the city keeps the answer it has.
        today = screen(issues.assign(reported_at=pd.Timestamp(now)).drop(columns="closed_at"), territory).accepted
        return len(issues), store.reassign(today, Assigner(territory)(today), now)


def _joined(parts: list[pd.DataFrame], issues: pd.DataFrame) -> pd.DataFrame:
    if not parts:
        return issues.head(0).reindex(columns=[*issues.columns, *ANSWER])
    if len(parts) == 1:
        return parts[0]
    joined = stacked(parts)
    return joined.reindex(issues.index.intersection(joined.index))

"""Imports: a file that was sent, read into a table as ``gridwarden load`` reads one; the territory into a draft."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from api.exporting import sight_now
from api.loading import ORDER, Step, Terms, load, read_step, touching_the_city, with_parents
from api.plans import mapping_of
from api.rejects import in_words
from api.reporting import Report, load_issues
from gis_core.errors import Forbidden
from gis_core.territory import Territory
from layers.drafts import DRAFTED, change, drafted, look_at, stored_of
from layers.files import Files
from layers.jobs import Taken, upload_of
from layers.store import Store
from layers.stores import Stores

Tell = Callable[[int, int | None], None]
IMPORTED = (*ORDER, "issues")
"""Tables that files are read into."""


def import_job(stores: Stores, files: Files, taken: Taken, now: dt.datetime, tell: Tell) -> dict[str, Any]:
    """Read the file of an import; what was rejected is the job's file, with the reasons."""
    asked = taken.asked
    if not sight_now(stores, taken.actor, "load", now).everything:
        raise Forbidden("not_permitted")
    with stores.people() as accounts:
        sent = upload_of(accounts.session, asked["upload"], taken.actor)
    with files.named(sent["digest"], sent["name"]) as path:
        step = Step(table=asked["table"], path=path, mapping=mapping_of(asked), replace=asked["replace"])
        report, counts = _read(stores, step, asked, taken.actor, now, tell)
    outcome: dict[str, Any] = {"result": {"rows": report.read, "rejected": len(report.rejected), **counts}}
    if len(report.rejected):
        outcome |= {"file": _rejects(files, report, asked["lang"]), "file_name": f"{path.name}.rejects.csv"}
    return outcome


def _read(
    stores: Stores, step: Step, asked: dict[str, Any], actor: str, now: dt.datetime, tell: Tell
) -> tuple[Report, dict[str, Any]]:
    done = 0

    def progress(rows: int) -> None:
        nonlocal done
        done += rows
        tell(done, None)

    if step.table == "issues":
        report = load_issues(stores, step.path, step.mapping, now=now, dry_run=asked["dry_run"], progress=progress)
        return report, {"stored": report.stored, "known": report.known, "closed": report.closed}
    if step.table in DRAFTED:
        return _into_draft(stores, step, asked["draft"], actor, now, progress)
    loaded = load(stores, [step], Terms(now=now, note=step.path.name, dry_run=asked["dry_run"]), progress)
    ((_, report),) = loaded.reports
    return report, {"revision": loaded.revision, **loaded.counts.get(step.table, {})}


def _into_draft(
    stores: Stores, step: Step, draft: int, actor: str, now: dt.datetime, progress: Callable[[int], None]
) -> tuple[Report, dict[str, Any]]:
    """Rows as changes of a draft, all of them or none: new ones, changed ones, and those the file has no more."""
    batch = read_step(stores, step, lambda rows: None)
    counts = dict.fromkeys(("added", "changed", "unchanged", "ended"), 0)
    with stores.publishing() as store:
        look_at(store, draft)
        rows = _prepared(store, step.table, batch.frame, draft, batch.report) if len(batch.frame) else batch.frame
        stored = stored_of(store, step.table, draft, sorted(set(rows["source"])) if len(rows) else [])
        for place in range(len(rows)):
            row = rows.iloc[[place]]
            before = stored.pop((row["source"].iloc[0], row["key"].iloc[0]), None)
            known = change(store, draft, step.table, before and before[0], row, actor, now, unless=before and before[1])
            counts["added" if before is None else "unchanged" if known is None else "changed"] += 1
            progress(1)
        for feature, _ in stored.values() if step.replace else ():
            change(store, draft, step.table, feature, None, actor, now)
            counts["ended"] += 1
    return batch.report, counts


def _prepared(store: Store, table: str, frame: pd.DataFrame, draft: int, report: Report) -> pd.DataFrame:
    """Grids with their parents; of other layers what touches the city."""
    grids = drafted(store, "grids", draft)
    if table == "grids":
        return with_parents(frame, grids, store.city)
    return touching_the_city(frame, Territory(store.city, 0, 0, {"grids": grids}), report)


def _rejects(files: Files, report: Report, lang: str) -> str:
    path: Path = files.coming()
    in_words(report.rejected, lang).to_csv(path, index=False, encoding="utf-8-sig")
    return files.keep(path).digest

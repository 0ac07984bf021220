"""Commands that fill the store: ``init`` and ``load``."""

import datetime as dt
from pathlib import Path
from typing import Any

import click
import pandas as pd

from api.door import Door, help_text, now
from api.founding import found
from api.indexing import index_published
from api.instants import parse_instant
from api.loading import ChecksFailed, Loaded, Step, Terms
from api.loading import load as load_territory
from api.plans import Plan, mapping_of, read_plan, read_toml
from api.reporting import Report, load_issues
from gis_core.city import City
from gis_core.errors import InvalidInput
from layers import TABLES

Done = tuple[Step, Report]
"""A file that was loaded into a table, and what became of its rows."""


@click.command(help=help_text("help_init"), short_help=help_text("help_init"))
@click.option("--city", "file", type=click.Path(path_type=Path), required=True, help=help_text("opt_city"))
@click.pass_obj
def init(door: Door, /, file: Path) -> None:
    city = City.parse(read_toml(file))
    found(door.stores, city, now())
    door.say("initialised", city=city.name, store=door.url)
    door.answer({"city": city.name, "store": door.url})


@click.command(help=help_text("help_load"), short_help=help_text("help_load"))
@click.argument("table", required=False, type=click.Choice(list(TABLES)))
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--plan", type=click.Path(path_type=Path), help=help_text("opt_plan"))
@click.option("--base", type=click.Path(path_type=Path), help=help_text("opt_base"))
@click.option("--datum", help=help_text("opt_datum"))
@click.option("--map", "columns", multiple=True, help=help_text("opt_map"))
@click.option("--level", help=help_text("opt_level"))
@click.option("--scheme", help=help_text("opt_scheme"))
@click.option("--key", help=help_text("opt_key"))
@click.option("--source", help=help_text("opt_source"))
@click.option("--effective-from", help=help_text("opt_effective"))
@click.option("--override", help=help_text("opt_override"))
@click.option("--replace", is_flag=True, help=help_text("opt_replace"))
@click.option("--dry-run", is_flag=True, help=help_text("opt_dry_run"))
@click.pass_obj
def load(
    door: Door,
    /,
    table: str | None,
    file: Path | None,
    plan: Path | None,
    base: Path | None,
    dry_run: bool,
    **given: Any,
) -> None:
    if (plan is None) == (table is None or file is None):
        raise InvalidInput("one_of", first="TABLE FILE", second="--plan FILE")
    read = read_plan(plan, base) if plan else _one_file(str(table), Path(str(file)), given)
    if read.city is not None:
        found(door.stores, read.city, now())
    with door.stores.read() as store:
        zone = store.city.zone
    effective = given["effective_from"] or read.effective_from
    terms = Terms(
        now=now(),
        effective_from=parse_instant(effective, zone) if effective else None,
        override=given["override"] or read.override,
        note=read.note,
        dry_run=dry_run,
    )
    done = [*_load_territory(door, read, terms), *_load_issues(door, read, terms.now, dry_run)]
    lists = _write_rejects(door, done)
    if dry_run:
        door.say("dry_run")
    files = [
        {"file": str(step.path), "table": step.table, **_counts(report), "rejects": lists[step.path]}
        for step, report in done
    ]
    door.answer({"files": files, "dry_run": dry_run})


def _one_file(table: str, file: Path, given: dict[str, Any]) -> Plan:
    entry = {name: given[name] for name in ("datum", "level", "scheme", "key", "source") if given[name]}
    mapping = mapping_of({"table": table, "map": dict(_pair(text) for text in given["columns"]), **entry})
    step = Step(table=table, path=file, mapping=mapping, replace=given["replace"])
    issues = table == "issues"
    return Plan(
        city=None,
        steps=() if issues else (step,),
        issue_steps=(step,) if issues else (),
        effective_from=None,
        override=None,
        note=file.name,
    )


def _pair(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not (ours and equals and theirs):
        raise InvalidInput("not_a_pair", value=text)
    return ours.strip(), theirs.strip()


def _load_territory(door: Door, /, plan: Plan, terms: Terms) -> list[Done]:
    if not plan.steps:
        return []
    with door.progress("loading", file=", ".join(dict.fromkeys(step.path.name for step in plan.steps))[:60]) as tell:
        try:
            loaded = load_territory(door.stores, plan.steps, terms, tell)
        except ChecksFailed as fault:
            door.findings(fault.findings, most=3)
            raise
    for step, report in loaded.reports:
        _tell(door, step, report)
    if len(loaded.findings):
        door.findings(loaded.findings, most=3)
    _tell_versions(door, loaded)
    index_published(door, loaded.version, max(terms.now, terms.effective_from or terms.now))
    return loaded.reports


def _tell_versions(door: Door, /, loaded: Loaded) -> None:
    if loaded.version is None and loaded.revision is None:
        door.say("nothing_changed")
    if loaded.version is not None:
        door.say("version", version=loaded.version)
    if loaded.revision is not None:
        door.say("revision", revision=loaded.revision)


def _load_issues(door: Door, /, plan: Plan, moment: dt.datetime, dry_run: bool) -> list[Done]:
    done = []
    for step in plan.issue_steps:
        with door.progress("loading", file=step.path.name) as tell:
            report = load_issues(door.stores, step.path, step.mapping, now=moment, dry_run=dry_run, progress=tell)
        _tell(door, step, report)
        done.append((step, report))
    return done


def _tell(door: Door, /, step: Step, report: Report) -> None:
    counts = _counts(report)
    door.say("loaded_file", file=step.path.name, table=step.table, **counts)
    if counts["closed"]:
        door.say("closed_issues", count=counts["closed"])


def _counts(report: Report) -> dict[str, int]:
    return {
        "read": report.read,
        "stored": report.stored,
        "known": report.known,
        "closed": report.closed,
        "rejected": len(report.rejected),
    }


def _write_rejects(door: Door, /, done: list[Done]) -> dict[Path, str | None]:
    """One list for each file, whatever number of tables it was read for."""
    lists: dict[Path, str | None] = {}
    for path in dict.fromkeys(step.path for step, _ in done):
        parts = [report.rejected.assign(table=step.table) for step, report in done if step.path == path]
        rejected = [part for part in parts if len(part)] or parts[:1]
        written = door.write_rejects(path, pd.concat(rejected, ignore_index=True))
        lists[path] = str(written) if written else None
    return lists

"""Commands that ask the store: ``assign``, ``explain``, ``check`` and ``verify``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import geopandas as gpd
import pandas as pd

from api.assigning import Counts, Deciding, Partition, assign_file, assign_here, partitions_of
from api.door import Door, finding_text, help_text, now
from api.explanation import asked, explained, names_of, told
from api.impacting import document, impact_of
from api.instants import parse_instant
from api.lanes import check_facilities, check_register
from api.networks import Networks
from api.plans import mapping_of
from api.reporting import reassign_open
from gis_core.arrays import shapes_of
from gis_core.bounds import check_territory
from gis_core.errors import Conflict, GisError, InvalidInput
from gis_core.impact import MOVES
from gis_core.references import FINDING_COLUMNS, check_holders, check_references
from gis_core.registers import check_doors
from gis_core.repair import repaired
from gis_core.territory import Territory
from gis_core.validity import local_day
from layers.addresses import is_pattern, make_folder, sweep
from layers.lane_registers import read_register
from layers.store import Store
from layers.territories import Territories
from layers.verify import verify as ask_postgis


@click.command(help=help_text("help_assign"), short_help=help_text("help_assign"))
@click.option("--file", "files", multiple=True, help=help_text("opt_file"))
@click.option("--out", help=help_text("opt_answers"))
@click.option("--datum", help=help_text("opt_datum"))
@click.option("--scheme", help=help_text("opt_scheme"))
@click.option("--key", help=help_text("opt_key"))
@click.option("--map", "columns", multiple=True, help=help_text("opt_map"))
@click.option("--scheduler", help=help_text("opt_scheduler"))
@click.option("--threads", type=click.IntRange(1, 256), default=1, show_default=True, help=help_text("opt_threads"))
@click.pass_obj
def assign(
    door: Door, /, files: tuple[str, ...], out: str | None, columns: tuple[str, ...], scheduler: str | None,
    threads: int, **given: str | None,
) -> None:  # fmt: skip
    if bool(files) != bool(out) or (scheduler and not files):
        raise InvalidInput("one_of", first="--file FILE --out FILE", second="neither")
    if not out:
        with door.progress("reassigning"):
            total, changed = reassign_open(door.stores, Territories(), now())
        door.say("reassigned", open=total, changed=changed)
        door.answer({"open": total, "changed": changed})
        return
    pairs = dict(text.split("=", 1) for text in columns if "=" in text)
    mapping = mapping_of({"table": "issues", "map": pairs, **{name: one for name, one in given.items() if one}})
    deciding = Deciding(mapping, door.lang, threads)
    if not out.lower().endswith(".csv"):
        _assign_partitions(door, partitions_of(files, out), out, scheduler, deciding)
        return
    if scheduler or len(files) > 1 or "://" in files[0] or is_pattern(files[0]):
        raise InvalidInput("out_is_a_file", value=out)
    _assign_file(door, Path(files[0]), Path(out), deciding)


def _assign_file(door: Door, /, file: Path, out: Path, deciding: Deciding) -> None:
    with door.progress("loading", file=file.name) as tell:
        report = assign_file(door.stores, file, out, deciding, tell)
    door.say("assigned_file", read=report.read, assigned=report.stored, rejected=len(report.rejected), out=out)
    door.write_rejects(file, report.rejected)
    door.answer({"read": report.read, "assigned": report.stored, "rejected": len(report.rejected), "out": str(out)})


def _assign_partitions(
    door: Door, /, partitions: list[Partition], out: str, scheduler: str | None, deciding: Deciding
) -> None:
    make_folder(out)
    done: dict[Partition, Counts | GisError] = {}
    with _outcomes(door, partitions, scheduler, deciding) as outcomes:
        for partition, outcome in outcomes:
            done[partition] = outcome
            if isinstance(outcome, GisError):
                door.say("partition_failed", file=partition.file, fault=outcome.text(door.lang))
    sweep(out, {name for one in partitions for name in one.outputs})
    counts = {one: outcome for one, outcome in done.items() if isinstance(outcome, Counts)}
    total = sum(counts.values(), Counts())
    door.say("assigned_files", done=len(counts), files=len(partitions), out=out, **vars(total))
    written = [{**vars(one), **vars(counts[one])} for one in partitions if one in counts]
    failed = [
        {"file": one.file, "fault": fault.text(door.lang)} for one, fault in done.items() if isinstance(fault, GisError)
    ]
    door.answer({"out": out, **vars(total), "files": written, "failed": failed})
    if failed:
        click.get_current_context().exit(1)


@contextmanager
def _outcomes(
    door: Door, partitions: list[Partition], scheduler: str | None, deciding: Deciding
) -> Iterator[Iterator[tuple[Partition, Counts | GisError]]]:
    """What becomes of each partition as it is done, here with the rows counted, or there with the files."""
    if scheduler is None:
        with door.progress("assigning_files", count=len(partitions)) as tell:
            yield assign_here(door.stores, partitions, deciding, tell)
        return
    try:
        from api.cluster import assign_on_cluster
    except ImportError:
        raise Conflict("distributed_missing") from None
    with door.stores.read() as store, door.progress("sending", total=len(partitions), scheduler=scheduler) as tell:
        day = local_day(now(), store.city.zone)
        yield assign_on_cluster(scheduler, store, day, partitions, deciding, tell)


@click.command(help=help_text("help_explain"), short_help=help_text("help_explain"))
@click.option("--lon", type=float, help=help_text("opt_lon"))
@click.option("--lat", type=float, help=help_text("opt_lat"))
@click.option("--category", help=help_text("opt_category"))
@click.option("--scheme", help=help_text("opt_scheme"))
@click.option("--at", "moment", help=help_text("opt_at"))
@click.option("--issue", "code", help=help_text("opt_issue"))
@click.pass_obj
def explain(door: Door, /, code: str | None, moment: str | None, **given: Any) -> None:
    place = [given[name] is not None for name in ("lon", "lat", "category")]
    if any(place) if code is not None else not all(place):
        raise InvalidInput("one_of", first="--lon --lat --category", second="--issue CODE")
    with door.stores.read() as store:
        at = parse_instant(moment, store.city.zone) if moment else now()
        issue = store.issues(codes=[code]) if code else asked(store.city, at=at, **given)
        explanation, territory = explained(store, Territories(), issue, code)
    for line in told(explanation, names_of(territory), door.lang):
        door.console.print(line, markup=False)
    door.answer({"answer": explanation.answer, "considered": [vars(one) for one in explanation.considered]})


@click.command(help=help_text("help_check"), short_help=help_text("help_check"))
@click.option("--holders", is_flag=True, help=help_text("opt_holders"))
@click.option("--references", is_flag=True, help=help_text("opt_references"))
@click.option("--doors", is_flag=True, help=help_text("opt_doors"))
@click.option("--geometry", is_flag=True, help=help_text("opt_geometry"))
@click.option("--facilities", is_flag=True, help=help_text("opt_facilities"))
@click.option("--lanes", type=click.Path(path_type=Path), help=help_text("opt_lanes"), metavar="FILE")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=help_text("opt_findings"), metavar="FILE")
@click.option("--repair", type=click.Path(dir_okay=False, path_type=Path), help=help_text("opt_repair"), metavar="FILE")
@click.pass_obj
def check(door: Door, /, lanes: Path | None, out: Path | None, repair: Path | None, **wanted: bool) -> None:
    register = None if lanes is None else read_register(lanes)
    everything = register is None and not any(wanted.values())
    with door.stores.read() as store:
        territory = Territories().get(store, store.version_at(now()))
        today = local_day(now(), territory.city.zone)
        checks = _checks(store, territory, today)
        found = [run() for name, run in checks.items() if everything or wanted[name]]
    if register is not None:
        found.append(check_register(register, territory, today))
    findings = pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)
    door.findings(findings)
    named = findings[list(FINDING_COLUMNS)]
    rows = named.astype(object).where(named.notna(), None).to_dict("records")
    told = [{**row, "text": finding_text(row, door.lang)} for row in rows]
    if out is not None:
        _write_shapes(door, out, gpd.GeoDataFrame(told, geometry=shapes_of(findings), crs=4326))
    if repair is not None:
        _write_shapes(door, repair, repaired(territory.frames["grids"], territory.city, today))
    door.answer({"findings": told})
    if (findings["severity"] == "error").any():
        click.get_current_context().exit(1)


def _checks(store: Store, territory: Territory, today: int) -> dict[str, Callable[[], pd.DataFrame]]:
    """The checks of what is stored, by option."""
    columns = ("code", "plate", "valid_from", "valid_to")
    frames = territory.frames
    return {
        "geometry": lambda: check_territory(frames["grids"], frames["streets"], territory.city, today),
        "references": lambda: check_references(territory),
        "holders": lambda: check_holders(territory, today),
        "doors": lambda: check_doors(territory, store.read("shops", store.latest_revision(), only=columns), today),
        "facilities": lambda: check_facilities(Networks(), store, territory, today),
    }


@click.command(help=help_text("help_impact"), short_help=help_text("help_impact"))
@click.argument("draft", type=click.IntRange(min=1))
@click.option("--at", "moment", help=help_text("opt_at"))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=help_text("opt_ground"), metavar="FILE")
@click.pass_obj
def impact(door: Door, /, draft: int, moment: str | None, out: Path | None) -> None:
    with door.stores.read() as store:
        at = parse_instant(moment, store.city.zone) if moment else now()
        found = impact_of(store, draft, at)
    told = document(found)
    for move in told["moves"]:
        door.say("impact_move", **{**move, **{end: move[end] or "–" for end in MOVES}})
    door.say("impact_totals", **told["totals"])
    if out is not None:
        _write_shapes(door, out, found.ground)
    door.answer(told)


def _write_shapes(door: Door, path: Path, rows: gpd.GeoDataFrame) -> None:
    path.write_text(rows.to_json(drop_id=True, ensure_ascii=False), "utf-8")
    door.say("shapes_written", count=len(rows), file=path)


@click.command(help=help_text("help_verify"), short_help=help_text("help_verify"))
@click.pass_obj
def verify(door: Door, /) -> None:
    with door.stores.read() as store:
        issues = store.count("issues")
        differences = ask_postgis(store.session, store.city)
    if len(differences):
        door.say("differences", count=len(differences))
        door.console.print(differences.head(20).to_string(index=False), markup=False)
    else:
        door.say("verified", issues=issues)
    rows = differences.astype(object).where(differences.notna(), None).to_dict("records")
    door.answer({"issues": issues, "differences": rows})
    if len(differences):
        click.get_current_context().exit(1)

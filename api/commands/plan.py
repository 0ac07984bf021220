"""The command that plans a day."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import click

from api.documents import written
from api.door import Door, help_text, now
from api.instants import parse_day
from api.networks import Networks
from api.patrolling import Patrols
from api.plan_patterns import asked_by
from api.plan_schemas import PlanAsked
from api.plan_sheets import plates_on, streets_around
from api.plan_views import plan_document
from api.plan_ways import PlanWays
from api.planning import prepare, solved, store_plan
from gis_core.patrol.network import StreetNetwork
from layers.plan_marks import pattern_of
from layers.planned import editions_of, plan_of
from layers.plates import tokens_of
from layers.territories import Territories
from map_ui.offline import copy_assets
from map_ui.round_files import plan_geojson, plan_workbook, route_gpx
from map_ui.rounds import clock
from map_ui.sheets import route_sheet

COMMAND_LINE = "gridwarden"
"""Who makes plans that no account asked for."""
MOST_LEFT = 20


@click.command(help=help_text("help_plan"), short_help=help_text("help_plan"))
@click.option("--day", help=help_text("opt_plan_day"), metavar="DAY")
@click.option("--area", default="", help=help_text("opt_plan_area"), metavar="CODE")
@click.option("--iterations", type=click.IntRange(1, 1_000_000), help=help_text("opt_plan_iterations"))
@click.option("--seconds", type=click.FloatRange(0.1, 3_600), help=help_text("opt_plan_seconds"))
@click.option("--seed", type=click.IntRange(0, 2**31), help=help_text("opt_plan_seed"))
@click.option("--pattern", help=help_text("opt_plan_pattern"), metavar="CODE")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help=help_text("opt_plan_out"), metavar="FOLDER"
)
@click.option("--site", default="", help=help_text("opt_plan_site"), metavar="URL")
@click.pass_obj
def plan(
    door: Door, /, day: str | None, area: str, pattern: str | None, out: Path | None, site: str, **given: float | None
) -> None:
    moment = now()
    with door.stores.read() as store:
        wanted = parse_day(day) if day else moment.astimezone(store.city.zone).date()
        found = None if pattern is None else pattern_of(store, pattern)
    said = {
        name: value for name, value in {"area": area or None, "pattern": pattern, **given}.items() if value is not None
    }
    asked = PlanAsked.model_validate({"day": wanted, "anyway": True, **said})
    asked = asked if found is None else asked_by(asked, found)
    document, network = _made(door, asked, moment)
    _tell(door, document)
    if out is not None:
        count = _write(document, out, door.lang) + _write_sheets(door, document, network, out, site.rstrip("/"), moment)
        door.say("plan_written", count=count, folder=out)
    door.answer(json.loads(written(document)))


def _made(door: Door, asked: PlanAsked, moment: dt.datetime) -> tuple[dict[str, Any], StreetNetwork]:
    """A plan, made and stored; its document, and the streets it is on."""
    networks = Networks()
    ways, before = PlanWays(networks), 0
    with door.progress("plan_searching", None if asked.seconds else asked.iterations) as advance:

        def tell(done: int, total: int | None) -> None:
            nonlocal before
            advance(done - before)
            before = done

        prepared = prepare(door.stores, Patrols(networks, Territories()), ways, asked, moment)
        found = solved(door.stores, ways, prepared, asked.seconds, tell)
    with door.stores.write() as store:
        number = store_plan(store, asked, prepared, found, COMMAND_LINE, moment)
    with door.stores.read() as store:
        stored, editions = plan_of(store, number), editions_of(store, number)
    network = ways.network(door.stores, prepared.proposal.version)
    return plan_document(stored, network, editions), network


def _tell(door: Door, document: dict[str, Any]) -> None:
    routes, dropped = document["routes"], document["dropped"]
    tasks = [[step for step in route["steps"] if step["code"]] for route in routes]
    planned = len({step["code"] for steps in tasks for step in steps})
    door.say("plan_stored", number=document["number"], day=document["day"], planned=planned, people=len(routes),
             dropped=len(dropped))  # fmt: skip
    for text in document["told"]:
        door.say("plan_told", text=text[door.lang])
    for route, steps in zip(routes, tasks, strict=True):
        first, last = route["steps"][0], route["steps"][-1]
        door.say("plan_route", patroller=route["name"] or route["patroller"], tasks=len(steps),
                 walked_km=route["walked_m"] / 1_000, begin=clock(first["leave_s"]),
                 end=clock(last["arrive_s"]))  # fmt: skip
        for step in steps:
            door.say("plan_step", begin=clock(step["begin_s"]), leave=clock(step["leave_s"]), name=step["name"])
    left = [*dropped, *document["left"]]
    for one in left[:MOST_LEFT]:
        door.say("plan_dropped", name=one.get("name") or one["code"], reason=one["reason"][door.lang])
    if len(left) > MOST_LEFT:
        door.say("and_more", count=len(left) - MOST_LEFT)


def _write(document: dict[str, Any], folder: Path, locale: str) -> int:
    """The plan's files; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    routes = document["routes"]
    (folder / "plan.geojson").write_bytes(written(plan_geojson(document, routes)))
    (folder / "plan.xlsx").write_bytes(plan_workbook(document, routes, locale, left=True))
    for nth, route in enumerate(routes, start=1):
        (folder / f"route-{nth}.gpx").write_text(route_gpx(document, route, locale), "utf-8")
    return 2 + len(routes)


def _write_sheets(
    door: Door, document: dict[str, Any], network: StreetNetwork, folder: Path, site: str, moment: dt.datetime
) -> int:
    """A sheet to print for each route, with QR codes where it is known what address they lead to; how many."""
    routes = document["routes"]
    copy_assets(folder / "assets")
    tokens: dict[str, str] = {}
    if site and (plates := sorted({plate for route in routes for plate in plates_on(route)})):
        with door.stores.write() as store:
            tokens = tokens_of(store, plates, COMMAND_LINE, moment)
    with door.stores.read() as store:
        city = store.city.name
    for nth, route in enumerate(routes, start=1):
        html = route_sheet(
            document, route["patroller"], streets_around(route, network), door.lang, city=city, srid=network.srid,
            site=site, tokens=tokens, assets="assets",
        )  # fmt: skip
        (folder / f"route-{nth}.html").write_text(html, "utf-8")
    return len(routes)

"""Commands that show: ``map``, ``demo``, ``serve`` and ``doctor``."""

import importlib.util
import shutil
import signal
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.demo import PASSWORD, fill, welcome
from api.door import Door, help_text, now
from api.jobs import Worker
from api.maps import write_maps
from api.redrawing import outdated_text
from api.settings import Settings, settings
from api.workers import serve_alone, serve_together
from gis_core.errors import Conflict, GisError
from layers import TABLES
from layers.engine import connect
from layers.files import files_of
from layers.stores import Stores
from map_ui.pages import PAGES

DEMO_UNITS, DEMO_ISSUES, DEMO_SEED = 400, 6_000, 20260701


@click.command(name="map", help=help_text("help_map"), short_help=help_text("help_map"))
@click.argument("page", required=False, type=click.Choice(list(PAGES)))
@click.option("--out", type=click.Path(path_type=Path), default=Path("maps"), help=help_text("opt_out"))
@click.pass_obj
def map_(door: Door, /, page: str | None, out: Path) -> None:
    with door.stores.read() as store:
        files = write_maps(store, out, door.lang, now(), (page,) if page else tuple(PAGES))
    for name, file in files.items():
        door.say("map_written", page=name, file=file)
    door.answer({name: str(file) for name, file in files.items()})


@click.command(help=help_text("help_demo"), short_help=help_text("help_demo"))
@click.option(
    "--units", type=click.IntRange(50, 50_000), default=DEMO_UNITS, show_default=True, help=help_text("opt_units")
)
@click.option(
    "--issues", type=click.IntRange(0, 5_000_000), default=DEMO_ISSUES, show_default=True, help=help_text("opt_issues")
)
@click.option("--seed", type=int, default=DEMO_SEED, show_default=True, help=help_text("opt_seed"))
@click.option("--no-patrols", is_flag=True, help=help_text("opt_no_patrols"))
@click.option("--out", type=click.Path(path_type=Path), default=Path("maps"), help=help_text("opt_out"))
@click.option("--serve", "then_serve", is_flag=True, help=help_text("opt_serve"))
@click.option("--host", default="127.0.0.1", show_default=True, help=help_text("opt_host"))
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=help_text("opt_port"))
@click.pass_obj
def demo(
    door: Door, /, units: int, issues: int, seed: int, no_patrols: bool, out: Path, then_serve: bool, host: str,
    port: int,
) -> None:  # fmt: skip
    # Refused before a city is built for nothing.
    served = settings(host, (), demo=True) if then_serve else None
    begun = perf_counter()
    done = fill(door, units, issues, seed, patrols=not no_patrols)
    with door.stores.read() as store, door.progress("demo_maps"):
        write_maps(store, out, door.lang, now(), tuple(PAGES))
    door.say("demo_done", **done, seconds=perf_counter() - begun)
    door.say("map_written", page=", ".join(PAGES), file=out)
    names = welcome(door.stores, now())
    door.say("demo_accounts", names=", ".join(names), password=PASSWORD)
    door.answer({**done, "maps": str(out), "accounts": names})
    if served:
        _serve(door, served, host, port, quiet=True)


@click.command(help=help_text("help_serve"), short_help=help_text("help_serve"))
@click.option("--host", default="127.0.0.1", show_default=True, help=help_text("opt_host"))
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=help_text("opt_port"))
@click.option("--name", "names", multiple=True, help=help_text("opt_name"))
@click.option("--demo", "as_demo", is_flag=True, help=help_text("opt_demo"))
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help=help_text("opt_workers"))
@click.option("--no-worker", is_flag=True, help=help_text("opt_no_worker"))
@click.pass_obj
def serve(
    door: Door, /, host: str, port: int, names: tuple[str, ...], as_demo: bool, workers: int, no_worker: bool
) -> None:
    served = settings(host, names, demo=as_demo, works=not no_worker)
    if workers == 1:
        _serve(door, served, host, port, quiet=False)
        return
    if door.stores.in_memory:
        raise Conflict("in_memory", field="workers", value=workers)
    door.say("serving", url=f"http://{host}:{port}")
    serve_together(door.url, host, port, names, demo=as_demo, works=not no_worker, workers=workers)


def _serve(door: Door, /, served: Settings, host: str, port: int, *, quiet: bool) -> None:
    stores = door.stores if door.stores.in_memory else Stores(connect(door.url, serving=True))
    door.say("serving", url=f"http://{host}:{port}")
    serve_alone(stores, served, host, port, quiet=quiet)


@click.command(help=help_text("help_worker"), short_help=help_text("help_worker"))
@click.pass_obj
def worker(door: Door, /) -> None:
    beside = Worker(door.stores, files_of(door.stores.address))
    signal.signal(signal.SIGTERM, lambda *_: beside.ended.set())
    door.say("working", folder=beside.files.folder)
    beside.run()


@click.command(help=help_text("help_doctor"), short_help=help_text("help_doctor"))
@click.pass_obj
def doctor(door: Door, /) -> None:
    answer: dict[str, Any] = {"python": sys.version.split()[0], "store": door.url}
    try:
        with door.stores.read() as store:
            postgis = store.session.scalar(text("SELECT postgis_full_version()")) if store.is_postgis else None
            answer |= {"postgis": postgis, "city": store.city.name}
            answer |= {"version": store.latest_version(), "revision": store.latest_revision()}
            answer["strips"] = outdated_text(store, now(), door.lang)
            answer["rows"] = {name: store.count(name) for name in TABLES}
    except (GisError, SQLAlchemyError) as fault:
        answer["fault"] = fault.text(door.lang) if isinstance(fault, GisError) else str(fault).splitlines()[0]
    answer["chromium"] = shutil.which("chromium")
    answer["packages"] = {
        name: importlib.util.find_spec(name) is not None for name in ("geopandas", "folium", "psycopg2", "pyogrio")
    }
    for name, value in answer.items():
        door.console.print(f"{name}: {value}", markup=False)
    door.answer(answer)
    if "fault" in answer:
        click.get_current_context().exit(1)

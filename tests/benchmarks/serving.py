"""What requests cost, authenticated and scoped: a real server, a real client, CPU of Python and of PostgreSQL apart."""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from importlib.metadata import version
from pathlib import Path

import numpy as np

from api.demo import fill
from api.door import Door
from gis_core.mvt import EXTENT, tile_units
from gis_core.permissions import Area, Grant, Sight
from layers.asking import cursor
from layers.engine import connect
from layers.store import Store
from layers.stores import Stores
from layers.tiles import tile
from tests.benchmarks.databases import postgis, released, settled
from tests.benchmarks.servers import Serving, for_tipg, served, tipg
from tests.benchmarks.spending import descendants_seconds, setting
from tests.serving import join

UNITS, ISSUES, SEED = 20_000, 200_000, 20260701
INNER, OUTER = 4, 6
REQUESTS, MADE = (2 * INNER + 1) ** 2, 30
WARMING = (2 * OUTER + 1) ** 2 - REQUESTS
"""Tiles around the middle are asked for, and those around them before, for nothing: a server just begun is slower."""
PACED = 200
"""Reports a second, where their number is not what is measured."""
COMPARED = (
    "items, bbox of 3 km, limit 1000", "tile z16, issues", "tile z14, issues", "tile z14, grids", "tile z12, issues",
    "tile z10, issues",
)  # fmt: skip
"""What tipg is asked as well."""
HEAD = """
{setting}; {release}.

`gridwarden serve` over the demo city with {units:,} unit grids and {issues:,} issues, asked by one client by key, one
request after the other, {requests} of each kind after {warming} for nothing; CPU of the server process and of
PostgreSQL.
*All* sees the whole city, *part* one subdistrict; *tipg* {tipg}, asked the same over the same tables, open to all and
with every column of theirs. Tiles asked for are new to the server each time, but for
*kept* (it has made it before) and *304* (the client has it); *made* is the making alone. A feature of an issue has 44
properties.

| request | who | bytes | Python ms | PostgreSQL ms | both |
|---|---|---:|---:|---:|---:|
"""


def section(folder: Path) -> str:
    """Everything, as a section of the page."""
    with postgis() as address:
        url = address.render_as_string(hide_password=False)
        door = Door(url=url, lang="en", as_json=True)
        fill(door, UNITS, ISSUES, SEED, strips=False)
        settled(address)
        stores = Stores(connect(url))
        with stores.read() as store:
            part, places, middle = _places(store)
            questions = _questions(store, middle)
        areas = {"all": Area("city"), "part": Area("grid", part)}
        keys = {who: join(stores, who, Grant("grid_manager", area)) for who, area in areas.items()}
        sizes = {"units": UNITS, "issues": ISSUES, "requests": REQUESTS, "warming": WARMING}
        versions = {"setting": setting("fastapi", "uvicorn", "sqlalchemy"), "tipg": version("tipg")}
        head = HEAD.format(**sizes, **versions, release=released(address))
        with served(url, keys) as server:
            rows = [
                row for name, paths in questions.items() for who in keys for row in _measured(server, who, name, paths)
            ]
        with tipg(url) as server:
            rows += [
                _row(server, "tipg", name, [(for_tipg(path), {}) for path in questions[name]]) for name in COMPARED
            ]
        sights = {who: Sight((area,)) for who, area in areas.items()}
        rows += _made(url, "made", sights, middle)
        with served(url, keys, "--workers", "2") as server:
            reports = _reported(server, places)
        stores.close()
    file = f"sqlite:///{folder / 'serving.db'}"
    fill(Door(url=file, lang="en", as_json=True), UNITS, ISSUES, SEED, strips=False)
    rows += _made(file, "made on SQLite", sights, middle)
    return head.strip() + "\n" + "\n".join(rows) + "\n\n" + reports


def _places(store: Store) -> tuple[str, list[tuple[float, float]], tuple[float, float]]:
    """A subdistrict, places in unit grids, and where most issues are."""
    grids = store.read("grids", store.latest_version(), only=("code", "level"))
    levels = [level.name for level in store.city.levels]
    issues = store.issues(newest=20_000, only=("code",))
    points = grids.geometry[grids["level"] == levels[-1]].representative_point()
    places = list(zip(points.x.tolist(), points.y.tolist(), strict=True))[::37]
    middle = float(issues["lon"].median()), float(issues["lat"].median())
    return str(grids["code"][grids["level"] == levels[1]].min()), places, middle


def _questions(store: Store, middle: tuple[float, float]) -> dict[str, list[str]]:
    lon, lat = middle
    box = f"bbox={lon - 0.015},{lat - 0.0135},{lon + 0.015},{lat + 0.0135}"
    deep = cursor([int(store.count("issues") * 0.95)])

    def tiles(layer: str, z: int) -> list[str]:
        x, y = np.floor(tile_units(np.array([middle]), z, 0, 0)[0] / EXTENT).astype(int).tolist()
        around = [(east, south) for east in range(-OUTER, OUTER + 1) for south in range(-OUTER, OUTER + 1)]
        around.sort(key=lambda one: max(map(abs, one)), reverse=True)
        return [f"/tiles/{layer}/{z}/{x + east}/{y + south}.pbf" for east, south in around]

    items = "/ogc/collections/issues/items"
    return {
        "who one is": ["/api/v1/me"],
        "items, bbox of 3 km, limit 1000": [f"{items}?{box}&limit=1000"],
        "items, first page of 100": [f"{items}?limit=100"],
        "items, page at row 190,000": [f"{items}?limit=100&cursor={deep}"],
        "list, 20 newest": ["/api/v1/issues?limit=20"],
        "tile z16, issues": tiles("issues", 16),
        "tile z14, issues": tiles("issues", 14),
        "tile z14, grids": tiles("grids", 14),
        "tile z12, issues": tiles("issues", 12),
        "tile z10, issues": tiles("issues", 10),
    }


def _measured(server: Serving, who: str, name: str, paths: list[str]) -> Iterator[str]:
    """A row for the request, and for one tile a row for a kept one and for one that the client has."""
    yield _row(server, who, name, [(path, {}) for path in paths])
    if name.startswith("tile z14, issues"):
        tag = server.ask(HTTPConnection("127.0.0.1", server.port), who, paths[0])[2] or ""
        yield _row(server, who, "the same, kept", [(paths[0], {})])
        yield _row(server, who, "the same, 304", [(paths[0], {"If_None_Match": tag})])


def _row(server: Serving, who: str, name: str, questions: list[tuple[str, dict[str, str]]]) -> str:
    connection = HTTPConnection("127.0.0.1", server.port)
    several = (questions * (REQUESTS + WARMING))[: REQUESTS + WARMING]
    sizes = []
    for nth, (path, headers) in enumerate(several):
        if nth == WARMING:
            begun = server.cpu()
        status, body, _ = server.ask(connection, who, path, **headers)
        assert status in (200, 204, 304), (path, body[:200])
        sizes.append(len(body))
    spent = [1000 * (after - then) / REQUESTS for after, then in zip(server.cpu(), begun, strict=True)]
    return _line(name, who, max(sizes[WARMING:]), *spent)


def _line(name: str, who: str, size: int, ours: float, theirs: float) -> str:
    return f"| {name} | {who} | {size:,} | {ours:.1f} | {theirs:.1f} | {ours + theirs:.1f} |"


def _made(url: str, how: str, sights: dict[str, Sight], middle: tuple[float, float]) -> Iterator[str]:
    """Rows for making a tile, without the request around it."""
    stores = Stores(connect(url, serving=True))
    for layer, z in (("issues", 16), ("issues", 14), ("grids", 14), *(("issues", z) for z in (12, 11, 10, 9, 8))):
        x, y = np.floor(tile_units(np.array([middle]), z, 0, 0)[0] / EXTENT).astype(int).tolist()
        for who, sight in sights.items():
            with stores.read(sight) as store:
                for nth in range(WARMING + MADE):
                    if nth == WARMING:
                        begun = time.process_time(), descendants_seconds()
                    size = len(tile(store, layer, z, x, y))
            spent = time.process_time() - begun[0], descendants_seconds() - begun[1]
            yield _line(f"{how}: z{z}, {layer}", who, size, *(1000 * one / MADE for one in spent))
    stores.close()


def _reported(server: Serving, places: list[tuple[float, float]]) -> str:
    """Reports from eight clients to two processes: how many a second, and how long each takes; and how long where they
    come one by one, so many a second.
    """
    spent: list[float] = []

    def send(client: int, count: int, pace_s: float) -> None:
        first_due = time.perf_counter() + client * pace_s / 8
        connection = HTTPConnection("127.0.0.1", server.port)
        shown = {"Authorization": f"Bearer {server.keys['all']}", "Content-Type": "application/json"}
        for number in range(count):
            lon, lat = places[(client * 131 + number) % len(places)]
            body = json.dumps({"lon": lon, "lat": lat, "category": "06010", "description": "垃圾"})
            time.sleep(max(0.0, first_due + number * pace_s - time.perf_counter()))
            begun = time.perf_counter()
            connection.request("POST", "/api/v1/issues", body, {**shown, "Idempotency-Key": secrets.token_hex(8)})
            answer = connection.getresponse()
            document = answer.read()
            assert answer.status == 201, document
            spent.append(1000 * (time.perf_counter() - begun))

    def round_of(count: int, pace_s: float = 0.0) -> float:
        spent.clear()
        threads = [threading.Thread(target=send, args=(client, count, pace_s)) for client in range(8)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - begun

    round_of(100)
    python, database = server.cpu()
    wall = round_of(200)
    ours, theirs = (after - then for after, then in zip(server.cpu(), (python, database), strict=True))
    half, most = np.percentile(spent, (50, 99))
    each = [1000 * one / len(spent) for one in (ours, theirs)]
    rate = len(spent) / wall
    round_of(200, 8 / PACED)
    paced, latest = np.percentile(spent, (50, 99))
    return (
        f"Reports (`POST /api/v1/issues`) from 8 clients to 2 processes, client and database on the same cores: "
        f"{rate:,.0f} a second, p50 {half:.0f} ms, p99 {most:.0f} ms; {each[0]:.1f} ms of Python and {each[1]:.1f} ms "
        f"of PostgreSQL each. Where {PACED} come a second, p50 is {paced:.0f} ms and p99 {latest:.0f} ms."
    )

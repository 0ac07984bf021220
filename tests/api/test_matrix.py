"""Every address against every role and area: who is let in, and that nothing of another grid comes out."""

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import shapely
from fastapi.routing import APIRoute
from PIL import Image
from sqlalchemy import insert

from api.app import ROUTERS
from api.jobs import Worker
from api.routes.registers import REGISTERS
from api.settings import Settings
from gis_core.mvt import EXTENT, tile_units
from gis_core.permissions import PERMITTED, ROLES, Area, Grant
from layers.check_ins import put_check_ins
from layers.citizens import Contact, keep_contact
from layers.doors import add_event
from layers.drafts import begin_draft
from layers.engine import connect, upgrade
from layers.files import FILES_VARIABLE, files_of
from layers.frames import table_of
from layers.frontages import DoorToken
from layers.patrolled import keep_batch
from layers.snapshots import Snapshot, put_snapshot
from layers.stores import Stores
from layers.suspecting import note_pairs
from tests import town
from tests.serving import SECRET, Reply, Server, join, serving
from tests.walking import as_sent

OPEN = "open"
"""What everybody may ask for, signed in or not."""
ANYBODY = "anybody"
"""What everybody with an account may ask for."""
OURS, FOREIGN = "单元甲", "单元乙"
"""Names of unit 0101, which the area of every role here is, and of unit 0102."""


@dataclass(frozen=True)
class Row:
    """One address of the matrix.

    Parameters
    ----------
    needs
        The action that a role must permit, or :data:`OPEN` or :data:`ANYBODY`.
    ask
        Asks for it, for what is there.
    whole_city
        Whether a role for a part of the city is not enough.
    public
        Whether it says something, or no, to those who show nothing as well.
    """

    needs: str
    ask: Callable[[Server], Reply]
    whole_city: bool = False
    public: bool = False


def get(path: str) -> Callable[[Server], Reply]:
    """Asks for a path."""
    return lambda server: server.ask(path)


def question(column: float) -> dict[str, Any]:
    """A question about a place in the southern row of units."""
    return {"lon": town.WEST + column * town.SIDE, "lat": town.SOUTH + town.SIDE / 2, "category": "a"}


def report(column: float) -> dict[str, Any]:
    """A report from there."""
    return {**question(column), "description": "满溢"}


PHONE = "13800000000"
"""Of the reporters of both issues."""
PLACE = f"lon={town.WEST + 1.5 * town.SIDE}&lat={town.SOUTH + 0.5 * town.SIDE}"
"""In unit 0102."""
MINE, THEIRS = "012026060100001", "012026060100002"
"""Case numbers of the issue in unit 0101 and of that in 0102."""
TILE = "/".join(str(int(part)) for part in tile_units(np.array([[town.WEST, town.SOUTH]]), 16, 0, 0)[0] // EXTENT)
"""With the south-west corner of the town."""
WITHOUT = "012026060100003"
"""Of another one in unit 0101, whose reporter nobody knows."""
ACROSS, ONE, OTHER = 1, 2, 3
"""Pairs that may be of one problem: one with the issue in 0102, and two of unit 0101; they are noted by issue."""


def do(method: str, path: str) -> Callable[[Server], Reply]:
    """Sends a request without a body."""
    return lambda server: server.ask(path, method)


WALKER = "walker"
"""Who walked from unit 0101 into 0102."""


def strolled() -> pd.DataFrame:
    """Points along the town's street."""
    t = np.arange(0.0, 180.0, 5.0)
    lon = town.WEST + np.linspace(0.1, 1.9, len(t)) * town.SIDE
    begin_s = (town.NOW - dt.timedelta(hours=1)).timestamp()
    return pd.DataFrame({"t": begin_s + t, "lon": lon, "lat": town.SOUTH + town.SIDE, "accuracy_m": 5.0})


DRAFTED = "/ogc/collections/grids/items?version=draft-1"
UNITS = count(5)
OUR_UNIT = {
    "type": "Feature",
    "geometry": shapely.geometry.mapping(town.cell(0, 0)),
    "properties": {"code": "0101", "level": "unit", "name": OURS},
}


def new_unit() -> dict[str, Any]:
    """A unit that there was not yet, apart from the others."""
    number = next(UNITS)
    shape = shapely.geometry.mapping(town.cell(2 * number, 0))
    return {"type": "Feature", "geometry": shape, "properties": {"code": f"{9000 + number}", "level": "unit"}}


def edit(server: Server, method: str, said: Any, draft: int = 1) -> Reply:
    """Unit 0101 changed in a draft, over whatever it is."""
    path = f"/ogc/collections/grids/items/2?version=draft-{draft}"
    return server.send(path, said, method, If_Match="*")


def delete_and_undo(server: Server) -> tuple[Reply, Reply]:
    """Unit 0101 taken away in a draft, and brought back."""
    return edit(server, "DELETE", None), server.ask("/api/v1/drafts/1/changes/grids/2", "DELETE")


def own_draft(server: Server) -> int:
    """A draft that changes unit 0101, by whoever may make one; for others the one that is there."""
    begun = server.send("/api/v1/drafts", {"note": "x"})
    if begun.status != 201:
        return 1
    number = int(begun.document["id"])
    edit(server, "PATCH", {"properties": {"grade": f"{number}"}}, number)
    return number


def photograph(server: Server) -> Reply:
    """A photo of the issue in unit 0101; the same one each time."""
    into = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(into, "PNG")
    return server.ask(f"/api/v1/issues/{MINE}/photos", "POST", body=into.getvalue(), Content_Type="image/png")


PLATE, NOTICE, MISTAKE, CONFIRMATION = "plate-of-D1", 1, 2, 3
"""What the QR code of a shop in unit 0101 says, the numbers of its notices, and that of what answers the first."""


def confirm(server: Server) -> Reply:
    """A photo that the notice is dealt with; the same one each time."""
    into = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(into, "PNG")
    path = f"/api/v1/public/doors/{PLATE}/notices/{NOTICE}/photo"
    return server.ask(path, "POST", body=into.getvalue(), Content_Type="image/png")


MARKET = "plate-of-M1"
"""What the QR code of a market in unit 0101 says."""


def check_in(server: Server) -> Reply:
    """Somebody comes to the market."""
    return server.send("/api/v1/check-ins", {"token": MARKET, "event": "arrive"})


PLANS, PATTERNS = "/api/v1/plans", "/api/v1/plan-patterns"
OUR_PLAN, CHANGED_PLAN, THEIR_PLAN = 1, 2, 3
"""Numbers of two plans of unit 0101, the first of them published, and of one of unit 0102."""


def plan_unit(server: Server, unit: str, column: float, name: str) -> Reply:
    """A day of one stop in a unit, to be planned."""
    stop = {**question(column), "code": f"issue:{unit}", "name": name}
    del stop["category"]
    said = {"day": "2026-07-02", "area": unit, "kinds": [], "stops": [stop], "iterations": 1}
    return server.send(PLANS, said)


def keep_pattern(server: Server, code: str) -> Reply:
    """A pattern of unit 0101."""
    said = {"name": OURS, "kind": "draw", "area": "0101", "asked": {"draw": {"park": 1}}}
    return server.send(f"{PATTERNS}/{code}", said, "PUT")


def drop_pattern(server: Server) -> Reply:
    """One that was kept before, dropped."""
    kept = keep_pattern(server, "brief")
    return kept if kept.status >= 400 else server.ask(f"{PATTERNS}/brief", "DELETE")


def found_hot(version: int) -> Snapshot:
    """Both units, as they were found on a day."""
    features = [
        {"type": "Feature", "geometry": None, "properties": {"code": code, "name": name, "class": "hot_99", "q": 0.001}}
        for code, name in (("0101", OURS), ("0102", FOREIGN))
    ]
    facts, body = {"version": version, "hottest": FOREIGN}, {"type": "FeatureCollection", "features": features}
    return Snapshot(dt.date(2026, 6, 30), "significance", "unit", "none", town.NOW, facts, None, body)


EXPORT = {"layer": "issues", "format": "geojson"}


def number_of(reply: Reply) -> int:
    """The number of what was made; 1 where it was refused."""
    return int(reply.document["id"]) if reply.status < 400 else 1


def upload(server: Server) -> Reply:
    """A file, sent."""
    return server.ask("/api/v1/uploads?name=a.csv", "POST", body="code,name\nX,Y\n")


def own_job(server: Server) -> int:
    """An export to come, by whoever may have one."""
    return number_of(server.send("/api/v1/exports", EXPORT))


def exported(server: Server) -> Reply:
    """The file of the export that was made for them, if one was."""
    listed = server.ask("/api/v1/jobs")
    if listed.status != 200:
        return listed
    files = (job["file"] for job in listed.document["jobs"] if job["file"])
    return server.ask(next(files, "/api/v1/jobs/1/file"))


ROWS: dict[tuple[str, str], Row] = {
    ("GET", "/healthz"): Row(OPEN, get("/healthz")),
    ("GET", "/readyz"): Row(OPEN, get("/readyz")),
    ("GET", "/metrics"): Row("monitor", get("/metrics"), whole_city=True),
    ("GET", "/"): Row(OPEN, get("/")),
    ("GET", "/login"): Row(OPEN, get("/login")),
    ("POST", "/login"): Row(OPEN, lambda server: server.post("/login", {"name": "x", "password": "y"})),
    ("POST", "/logout"): Row(ANYBODY, lambda server: server.post("/logout", {})),
    ("GET", "/maps/{page}"): Row("see", get("/maps/overview")),
    ("GET", "/maps/hotspots"): Row("see", get("/maps/hotspots")),
    ("GET", "/m"): Row("patrol", get("/m")),
    ("GET", "/m/worker.js"): Row(OPEN, get("/m/worker.js")),
    ("POST", "/api/v1/token"): Row(OPEN, lambda server: server.post("/api/v1/token", {"grant_type": "refresh_token"})),
    ("GET", "/api/v1/me"): Row(ANYBODY, get("/api/v1/me")),
    ("POST", "/api/v1/issues"): Row("report", lambda server: server.send("/api/v1/issues", report(1.5))),
    ("POST", "/api/v1/issues/suspected"): Row(
        "report", lambda server: server.send("/api/v1/issues/suspected", report(1.5))
    ),
    ("POST", "/api/v1/issues/{code}/part"): Row("merge", do("POST", f"/api/v1/issues/{MINE}/part")),
    ("GET", "/api/v1/repeats"): Row("see", get("/api/v1/repeats")),
    ("GET", "/api/v1/repeats/counts"): Row("see", get("/api/v1/repeats/counts?since=2026-06-01T00:00:00Z")),
    ("POST", "/api/v1/repeats/{number}/merge"): Row("merge", do("POST", f"/api/v1/repeats/{ONE}/merge")),
    ("POST", "/api/v1/repeats/{number}/reject"): Row("merge", do("POST", f"/api/v1/repeats/{OTHER}/reject")),
    ("GET", "/api/v1/issues"): Row("see", get("/api/v1/issues")),
    ("GET", "/api/v1/issues/nearby"): Row("see", get(f"/api/v1/issues/nearby?{PLACE}&radius_m=500")),
    ("GET", "/api/v1/issues/{code}"): Row("see", get(f"/api/v1/issues/{MINE}")),
    ("GET", "/api/v1/issues/{code}/events"): Row("see", get(f"/api/v1/issues/{MINE}/events")),
    ("GET", "/api/v1/issues/{code}/explanation"): Row("see", get(f"/api/v1/issues/{MINE}/explanation")),
    ("POST", "/api/v1/public/issues"): Row(OPEN, lambda server: server.send("/api/v1/public/issues", report(0.5))),
    ("POST", "/api/v1/public/photos/{token}"): Row(
        OPEN, lambda server: server.ask("/api/v1/public/photos/x", "POST", body=b"x", Content_Type="image/jpeg")
    ),
    ("GET", "/api/v1/public/issues"): Row(OPEN, get("/api/v1/public/issues")),
    ("PUT", "/api/v1/issues/{code}/publication"): Row("publish", do("PUT", f"/api/v1/issues/{MINE}/publication")),
    ("DELETE", "/api/v1/issues/{code}/publication"): Row("publish", do("DELETE", f"/api/v1/issues/{MINE}/publication")),
    ("GET", "/api/v1/issues/{code}/contact"): Row("contact", get(f"/api/v1/issues/{MINE}/contact")),
    ("DELETE", "/api/v1/issues/{code}/contact"): Row("erase", do("DELETE", f"/api/v1/issues/{WITHOUT}/contact")),
    ("POST", "/api/v1/plans"): Row("plan", lambda server: plan_unit(server, "0101", 0.5, OURS)),
    ("GET", "/api/v1/plans"): Row("plan", get(PLANS)),
    ("GET", "/api/v1/plans/mine"): Row("patrol", get(f"{PLANS}/mine?day=2026-07-02")),
    ("GET", "/api/v1/plans/{number}"): Row("plan", get(f"{PLANS}/{OUR_PLAN}")),
    ("POST", "/api/v1/plans/{number}/changes"): Row(
        "plan",
        lambda server: server.send(
            f"{PLANS}/{CHANGED_PLAN}/changes", {"kind": "lock", "code": "issue:0101"}, If_Match="*"
        ),
    ),
    ("POST", "/api/v1/plans/{number}/publication"): Row(
        "plan", lambda server: server.ask(f"{PLANS}/{CHANGED_PLAN}/publication", "POST", If_Match="*")
    ),
    ("DELETE", "/api/v1/plans/{number}/publication"): Row("plan", do("DELETE", f"{PLANS}/{CHANGED_PLAN}/publication")),
    ("GET", "/api/v1/plans/{number}/comparison"): Row(
        "plan", get(f"{PLANS}/{OUR_PLAN}/comparison?with={CHANGED_PLAN}")
    ),
    ("POST", "/api/v1/plans/{number}/marks"): Row(
        "patrol", lambda server: server.send(f"{PLANS}/{OUR_PLAN}/marks", {"marks": []})
    ),
    ("GET", "/api/v1/plans/{number}/marks"): Row("plan", get(f"{PLANS}/{OUR_PLAN}/marks")),
    ("GET", "/api/v1/plans/{number}/sheets/{patroller}"): Row(
        "plan", get(f"{PLANS}/{CHANGED_PLAN}/sheets/inspector-city")
    ),
    ("GET", "/api/v1/plans/{number}/routes"): Row("plan", get(f"{PLANS}/{OUR_PLAN}/routes")),
    ("GET", "/api/v1/plans/{number}/walked"): Row("plan", get(f"{PLANS}/{OUR_PLAN}/walked")),
    ("GET", "/api/v1/plan-patterns"): Row("plan", get(PATTERNS)),
    ("PUT", "/api/v1/plan-patterns/{code}"): Row("plan", lambda server: keep_pattern(server, "ours")),
    ("GET", "/api/v1/plan-patterns/{code}"): Row("plan", get(f"{PATTERNS}/ours")),
    ("DELETE", "/api/v1/plan-patterns/{code}"): Row("plan", drop_pattern),
    ("POST", "/api/v1/assign"): Row("see", lambda server: server.send("/api/v1/assign", question(0.5))),
    ("POST", "/api/v1/assign/batch"): Row(
        "see", lambda server: server.send("/api/v1/assign/batch", {"questions": [question(0.5), question(1.5)]})
    ),
    ("GET", "/api/v1/grids/mine"): Row("see", get("/api/v1/grids/mine")),
    ("GET", "/api/v1/grids/at"): Row("see", get(f"/api/v1/grids/at?{PLACE}")),
    ("GET", "/api/v1/grids/tree"): Row("see", get("/api/v1/grids/tree?depth=6")),
    ("GET", "/api/v1/grids/{code}"): Row("see", get("/api/v1/grids/0101")),
    ("GET", "/api/v1/findings"): Row("see", get("/api/v1/findings?about=doors")),
    ("GET", "/api/v1/lanes/figures"): Row("see", get("/api/v1/lanes/figures?by=lane")),
    ("GET", "/api/v1/coverage"): Row("see", get("/api/v1/coverage?by=unit")),
    ("GET", "/api/v1/coverage/unwalked"): Row("see", get("/api/v1/coverage/unwalked")),
    ("GET", "/api/v1/coverage/exposure"): Row("see", get("/api/v1/coverage/exposure?by=segment")),
    ("GET", "/api/v1/coverage/digest"): Row("see", get("/api/v1/coverage/digest")),
    ("GET", "/api/v1/hotspots/snapshots"): Row("see", get("/api/v1/hotspots/snapshots")),
    ("GET", "/api/v1/hotspots/snapshots/{day}/{method}"): Row(
        "see", get("/api/v1/hotspots/snapshots/2026-06-30/significance")
    ),
    ("GET", "/api/v1/hotspots/digest"): Row("see", get("/api/v1/hotspots/digest")),
    ("GET", "/api/v1/hotspots/scores"): Row("see", get("/api/v1/hotspots/scores"), whole_city=True),
    ("GET", "/api/v1/coverage/tiles/{z}/{x}/{y}.pbf"): Row("see", get(f"/api/v1/coverage/tiles/16/{TILE}.pbf")),
    ("GET", "/api/v1/hotspots"): Row("see", get("/api/v1/hotspots")),
    ("GET", "/api/v1/hotspots/{method}"): Row("see", get("/api/v1/hotspots/significance?support=unit")),
    ("GET", "/api/v1/hotspots/{method}/tiles/{z}/{x}/{y}.pbf"): Row(
        "see", get(f"/api/v1/hotspots/significance/tiles/16/{TILE}.pbf?support=unit")
    ),
    ("GET", "/api/v1/hotspots/{method}/tiles/{z}/{x}/{y}.png"): Row(
        "see", get(f"/api/v1/hotspots/significance/tiles/16/{TILE}.png?support=unit")
    ),
    ("GET", "/api/v1/doors/figures"): Row("see", get("/api/v1/doors/figures?by=unit")),
    ("GET", "/api/v1/doors/streets/{code}"): Row("see", get("/api/v1/doors/streets/S1")),
    ("GET", "/api/v1/doors/repeats"): Row("see", get("/api/v1/doors/repeats")),
    ("GET", "/api/v1/doors/shops/{code}"): Row("see", get("/api/v1/doors/shops/D1")),
    ("POST", "/api/v1/doors/shops/{code}/inspections"): Row(
        "inspect", lambda server: server.send("/api/v1/doors/shops/D1/inspections", {"body": "district", "score": 90})
    ),
    ("POST", "/api/v1/doors/shops/{code}/notices"): Row(
        "inspect", lambda server: server.send("/api/v1/doors/shops/D1/notices", {"category": "a"})
    ),
    ("POST", "/api/v1/doors/shops/{code}/events/{number}/withdrawal"): Row(
        "inspect", lambda server: server.send(f"/api/v1/doors/shops/D1/events/{MISTAKE}/withdrawal", {"reason": "x"})
    ),
    ("POST", "/api/v1/doors/shops/{code}/events/{number}/settlement"): Row(
        "inspect", do("POST", f"/api/v1/doors/shops/D1/events/{NOTICE}/settlement")
    ),
    ("GET", "/api/v1/doors/standings"): Row("see", get("/api/v1/doors/standings")),
    ("POST", "/api/v1/doors/shops/{code}/plate"): Row("inspect", do("POST", "/api/v1/doors/shops/D3/plate")),
    ("GET", "/api/v1/doors/shops/{code}/confirmations/{number}/photo"): Row(
        "see", get(f"/api/v1/doors/shops/D1/confirmations/{CONFIRMATION}/photo")
    ),
    ("GET", "/api/v1/doors/shops/{code}/confirmations/{number}/photo/original"): Row(
        "evidence", get(f"/api/v1/doors/shops/D1/confirmations/{CONFIRMATION}/photo/original")
    ),
    ("POST", "/api/v1/check-ins"): Row("patrol", lambda server: check_in(server)),
    ("GET", "/api/v1/check-ins"): Row("see", get("/api/v1/check-ins")),
    ("GET", "/api/v1/quotas"): Row("see", get("/api/v1/quotas")),
    ("GET", "/api/v1/quotas/{code}/history"): Row("see", get("/api/v1/quotas/M1/history?periods=2")),
    ("GET", "/maps/plates"): Row("inspect", get("/maps/plates?street=S1")),
    ("GET", "/d/{token}"): Row(OPEN, get(f"/d/{PLATE}")),
    ("POST", "/d/{token}"): Row("patrol", lambda server: server.post(f"/d/{MARKET}", {"event": "arrive"})),
    ("POST", "/api/v1/places/{code}/plate"): Row("inspect", do("POST", "/api/v1/places/M3/plate")),
    ("GET", "/api/v1/public/doors/{token}"): Row(OPEN, get(f"/api/v1/public/doors/{PLATE}")),
    ("POST", "/api/v1/public/doors/{token}/notices/{number}/photo"): Row(OPEN, confirm),
    **{("GET", f"/api/v1/{name}"): Row("see", get(f"/api/v1/{name}")) for name in REGISTERS},
    ("GET", "/ogc"): Row("see", get("/ogc")),
    ("GET", "/ogc/"): Row("see", get("/ogc/")),
    ("GET", "/ogc/conformance"): Row("see", get("/ogc/conformance")),
    ("GET", "/ogc/api"): Row("see", get("/ogc/api")),
    ("GET", "/ogc/collections"): Row("see", get("/ogc/collections")),
    ("GET", "/ogc/collections/{layer}"): Row("see", get("/ogc/collections/issues")),
    ("GET", "/ogc/collections/{layer}/queryables"): Row("see", get("/ogc/collections/issues/queryables")),
    ("GET", "/ogc/collections/{layer}/items"): Row("see", get("/ogc/collections/issues/items?limit=1000")),
    ("GET", "/ogc/collections/{layer}/items/{number}"): Row("see", get("/ogc/collections/issues/items/1")),
    ("POST", "/ogc/collections/{layer}/items"): Row("draft", lambda server: server.send(DRAFTED, new_unit()), True),
    ("PUT", "/ogc/collections/{layer}/items/{number}"): Row("draft", lambda server: edit(server, "PUT", OUR_UNIT)),
    ("PATCH", "/ogc/collections/{layer}/items/{number}"): Row(
        "draft", lambda server: edit(server, "PATCH", {"properties": {"grade": "一级"}})
    ),
    ("DELETE", "/ogc/collections/{layer}/items/{number}"): Row("draft", lambda server: delete_and_undo(server)[0]),
    ("POST", "/api/v1/drafts"): Row("draft", lambda server: server.send("/api/v1/drafts", {"note": "x"})),
    ("GET", "/api/v1/drafts"): Row("draft", get("/api/v1/drafts")),
    ("GET", "/api/v1/drafts/{number}"): Row("draft", get("/api/v1/drafts/1")),
    ("GET", "/api/v1/drafts/{number}/findings"): Row("draft", get("/api/v1/drafts/1/findings")),
    ("GET", "/api/v1/drafts/{number}/impact"): Row("draft", get("/api/v1/drafts/1/impact")),
    ("POST", "/api/v1/drafts/{number}/publication"): Row(
        "enact", lambda server: server.send(f"/api/v1/drafts/{own_draft(server)}/publication", {"override": "x"}), True
    ),
    ("DELETE", "/api/v1/drafts/{number}"): Row(
        "draft", lambda server: server.ask(f"/api/v1/drafts/{own_draft(server)}", "DELETE")
    ),
    ("DELETE", "/api/v1/drafts/{number}/changes/{layer}/{feature}"): Row(
        "draft", lambda server: delete_and_undo(server)[1]
    ),
    ("POST", "/api/v1/exports"): Row("export", lambda server: server.send("/api/v1/exports", EXPORT)),
    ("POST", "/api/v1/uploads"): Row("load", lambda server: upload(server), whole_city=True),
    ("POST", "/api/v1/imports"): Row(
        "load",
        lambda server: server.send(
            "/api/v1/imports", {"upload": number_of(upload(server)), "table": "parties", "dry_run": True}
        ),
        whole_city=True,
    ),
    ("POST", "/api/v1/strips"): Row("load", do("POST", "/api/v1/strips"), whole_city=True),
    ("GET", "/api/v1/jobs"): Row("export", get("/api/v1/jobs")),
    ("GET", "/api/v1/jobs/{number}"): Row("export", lambda server: server.ask(f"/api/v1/jobs/{own_job(server)}")),
    ("DELETE", "/api/v1/jobs/{number}"): Row(
        "export", lambda server: server.ask(f"/api/v1/jobs/{own_job(server)}", "DELETE")
    ),
    ("GET", "/api/v1/jobs/{number}/file"): Row("export", lambda server: exported(server)),
    ("POST", "/api/v1/issues/{code}/photos"): Row("photograph", lambda server: photograph(server)),
    ("GET", "/api/v1/issues/{code}/photos"): Row("see", get(f"/api/v1/issues/{MINE}/photos")),
    ("GET", "/api/v1/issues/{code}/photos/{number}"): Row("see", get(f"/api/v1/issues/{MINE}/photos/1")),
    ("GET", "/api/v1/issues/{code}/photos/{number}/original"): Row(
        "evidence", get(f"/api/v1/issues/{MINE}/photos/1/original")
    ),
    ("GET", "/tiles/{layer}.json"): Row("see", get("/tiles/issues.json")),
    ("GET", "/tiles/{layer}/{z}/{x}/{y}.pbf"): Row("see", get(f"/tiles/issues/16/{TILE}.pbf")),
    ("GET", "/open311/discovery.{form}"): Row(OPEN, get("/open311/discovery.json")),
    ("GET", "/open311/v2/services.{form}"): Row(OPEN, get("/open311/v2/services.json")),
    ("GET", "/open311/v2/services/{code}.{form}"): Row(OPEN, get("/open311/v2/services/a.json")),
    ("GET", "/open311/v2/tokens/{token}.{form}"): Row(OPEN, get("/open311/v2/tokens/x.json")),
    # Without a key the public's view; whoever shows one must have a role that sees.
    ("GET", "/open311/v2/requests.{form}"): Row("see", get("/open311/v2/requests.json"), public=True),
    ("GET", "/open311/v2/requests/{code}.{form}"): Row("see", get(f"/open311/v2/requests/{MINE}.json"), public=True),
    ("POST", "/open311/v2/requests.{form}"): Row(
        "report",
        lambda server: server.post(
            "/open311/v2/requests.json",
            {
                "service_code": "a",
                "lat": str(town.SOUTH + town.SIDE / 2),
                "long": str(town.WEST + town.SIDE / 2),
            },
        ),
        public=True,
    ),
    ("GET", "/api/v1/stream"): Row("see", get("/api/v1/stream?after=0&follow=false")),
    ("GET", "/api/v1/audit"): Row("audit", get("/api/v1/audit"), whole_city=True),
    ("POST", "/api/v1/tracks"): Row("patrol", lambda server: server.send("/api/v1/tracks", as_sent(strolled()))),
    ("GET", "/api/v1/tracks"): Row(ANYBODY, get("/api/v1/tracks")),
    ("GET", "/api/v1/tracks/{carrier}/{day}"): Row("trace", get(f"/api/v1/tracks/{WALKER}/2026-07-01")),
}
"""Every address there is: a new one needs a row."""
KEYS = {f"{role}@{area}": Grant(role, area) for role in ROLES for area in (Area("city"), Area("grid", "0101"))}


def doors(shops: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the register says of two shops, and their strips."""
    fronts = [
        [{"street": "S1", "side": "right", "from_m": at, "to_m": at + 10.0, "length_m": 10.0}] for at in (50.0, 150.0)
    ]
    strips = town.rows(code=["D1", "D2"], kind=["shop"] * 2, origin=["derived"] * 2, kerb_m=[10.0] * 2,
                       area_m2=[50.0] * 2, fronts=fronts, geometry=shops.geometry.tolist()[:2])  # fmt: skip
    return {
        "shops": town.rows(code=["D1", "D2"], person=[OURS, FOREIGN], plate=["1", FOREIGN]),
        "agreements": town.rows(code=["A1", "A2"], shop=["D1", "D2"], document=["1", FOREIGN], duties=[["a"]] * 2),
        "frontages": strips,
    }


@pytest.fixture(scope="module")
def matrix(module_store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """The town with two units by name and an issue in each, and a key for every role and area."""
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    with stores.publishing() as store:
        shops = town.rows(
            code=["D1", "D2", "D3", "M1", "M2", "M3"], name=[OURS, FOREIGN, OURS, OURS, FOREIGN, OURS],
            type=["shop"] * 3 + ["market"] * 3,
            geometry=[*(town.cell(column, 0.9, 0.1, 0.05) for column in (0.5, 1.5, 0.2)),
                      *(town.cell(column, 0.2, 0.2, 0.2) for column in (0.2, 1.2, 0.6))],
        )  # fmt: skip
        town.publish(store, grids=town.grids(name=["东区", OURS, FOREIGN, "丙", "丁"]), places=shops)
        revision = store.revise(town.NOW, "doors")
        for table, frame in doors(shops).items():
            assert not len(store.put(table, frame, revision).rejects)
    with stores.write() as store:
        for number, (column, said) in enumerate(((0.5, OURS), (1.5, FOREIGN)), start=1):
            reported = town.issues(1, column=column, first=number, description=said)
            store.add_issues(town.answered(store, reported), town.NOW)
        for number in (3, 4):
            store.add_issues(town.answered(store, town.issues(1, column=0.4, first=number)), town.NOW)
        suspicion = {"score": 0.9, "blind": 0.9, "away_m": 10.0, "returned": False}
        pairs = [{"earlier_id": one, "issue_id": other, **suspicion} for one, other in ((1, 3), (1, 4), (1, 2))]
        assert note_pairs(store.session, pairs, town.NOW) == len(pairs)
    with stores.publishing() as store:
        begin_draft(store, "draft", "somebody", town.NOW)
    with stores.write() as store:
        for code in (MINE, THEIRS):
            keep_contact(store, code, Contact(f"reporter of {code}", PHONE), town.NOW)
        given = {"given_at": town.NOW, "given_by": "somebody"}
        tokens = [{"shop": place, "token": token, **given} for place, token in (("D1", PLATE), ("M1", MARKET))]
        store.session.execute(insert(table_of(DoorToken)), tokens)
        for number in (NOTICE, MISTAKE):
            assert add_event(store, "D1", "notice", "somebody", town.NOW, category="a") == number
        assert put_snapshot(store.session, found_hot(store.latest_version()))
        assert keep_batch(store.session, WALKER, strolled(), WALKER, town.NOW)
    keys = {name: join(stores, name.replace("@", "-").replace(":", "-"), grant) for name, grant in KEYS.items()}
    keys["nothing"] = join(stores, "nothing")
    # A minute passes with each look at the clock, so that nobody asks too often.
    minutes = count()

    def clock() -> dt.datetime:
        return town.NOW + dt.timedelta(minutes=next(minutes))

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(FILES_VARIABLE, str(tmp_path_factory.mktemp("files")))
        with serving(stores, clock, Settings(SECRET, works=False)) as up:
            for key in keys.values():
                own_job(up.by(key))
            assert photograph(up.by(keys["commander@city"])).status == 201
            assert confirm(up).status == 201
            for code in ("M1", "M2"):
                visit = {"place": code, "carrier": f"of-{OURS if code == 'M1' else FOREIGN}", "body": None, "by": "qr"}
                with stores.write() as store:
                    put_check_ins(store.session, [{**visit, "arrived_at": clock(), "left_at": None}], town.NOW)
            planner = up.by(keys["planner@city"])
            for unit, column, name in (("0101", 0.5, OURS), ("0101", 0.5, OURS), ("0102", 1.5, FOREIGN)):
                assert plan_unit(planner, unit, column, name).status == 202
            worker = Worker(stores, files_of(stores.address), clock)
            while worker.work():
                pass
            assert planner.ask(f"{PLANS}/{OUR_PLAN}/publication", "POST", If_Match="*").status == 200
            assert planner.ask(f"{PLANS}/{THEIR_PLAN}/publication", "POST", If_Match="*").status == 200
            yield up, keys
    engine.dispose()


def test_every_address_has_its_row() -> None:
    """A new address would be open to whom nobody thought of."""
    there = {
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods - {"HEAD"}
    }
    assert there == set(ROWS)


@pytest.fixture(scope="module")
def told(matrix: tuple[Server, dict[str, str]]) -> Callable[[Row], dict[str, Reply]]:
    """Asks for an address with every key, by its name, and with none, ``nobody``; once, whoever looks at the answers.

    Everything has been asked for by a commander before: what there is to be told of, a draft, a report, a file, is
    there when the first one asks.
    """
    server, keys = matrix
    for row in ROWS.values():
        row.ask(server.by(keys["commander@city"]))
    by_name = {"nobody": server, **{name: server.by(key) for name, key in keys.items()}}
    kept: dict[int, dict[str, Reply]] = {}

    def ask(row: Row) -> dict[str, Reply]:
        if id(row) not in kept:
            kept[id(row)] = {name: row.ask(asked) for name, asked in by_name.items()}
        return dict(kept[id(row)])

    return ask


@pytest.mark.parametrize("row", ROWS.values(), ids=[" ".join(key) for key in ROWS])
def test_who_is_let_in(told: Callable[[Row], dict[str, Reply]], row: Row) -> None:
    """A role would open a door it does not permit, or not open its own."""
    replies = told(row)
    nobody = replies.pop("nobody").status
    assert row.needs == OPEN or nobody == 401 or row.public
    for name, reply in replies.items():
        status = reply.status
        if row.needs == OPEN:
            assert status == nobody, name
        elif row.needs == ANYBODY:
            assert status < 400, name
        else:
            role, _, area = name.partition("@")
            let_in = role in PERMITTED[row.needs] and (area == "city" or not row.whole_city)
            assert (status < 400, status == 403) == (let_in, not let_in), name


@pytest.mark.parametrize("row", ROWS.values(), ids=[" ".join(key) for key in ROWS])
def test_nothing_of_another_grid_comes_out(told: Callable[[Row], dict[str, Reply]], row: Row) -> None:
    """A list, a page or a number would tell what happens in a grid that is not theirs."""
    replies = told(row)
    for role in ROLES:
        said = replies[f"{role}@grid:0101"].body.decode("utf-8", "replace")
        assert [word for word in (FOREIGN, "0102", THEIRS) if word in said] == [], role


@pytest.mark.parametrize("row", ROWS.values(), ids=[" ".join(key) for key in ROWS])
def test_who_reported_is_told_by_one_address_to_those_who_need_it(
    told: Callable[[Row], dict[str, Reply]], row: Row
) -> None:
    """A citizen's telephone number would lie in a list, an export or a tile."""
    for name, reply in told(row).items():
        said = reply.body.decode("utf-8", "replace")
        needs = row.needs == "contact" and name.partition("@")[0] in PERMITTED["contact"]
        assert (PHONE in said or "reporter of" in said) == needs, name


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/issues/{THEIRS}", f"/api/v1/issues/{THEIRS}/events", f"/api/v1/issues/{THEIRS}/explanation",
        "/api/v1/grids/0102", "/api/v1/grids/01", "/api/v1/grids/tree?root=0102",
        "/ogc/collections/issues/items/2", "/ogc/collections/grids/items/3",
    ],
)  # fmt: skip
def test_what_is_another_grid_s_does_not_exist(matrix: tuple[Server, dict[str, str]], path: str) -> None:
    """403 would tell that it is there, and a page that is wrong for everybody would prove nothing."""
    server, keys = matrix
    for role in sorted(PERMITTED["see"]):
        assert server.by(keys[f"{role}@city"]).ask(path).status == 200, role
        there, nowhere = (
            server.by(keys[f"{role}@grid:0101"]).ask(one) for one in (path, re.sub(r"\d+$", "9999", path))
        )
        assert (there.status, nowhere.status) == (404, 404), role
        assert there.document["code"] == nowhere.document["code"]


@pytest.mark.parametrize("query", ["grid=0102", "grid=01", "party=P2", "category=a", "status=open", "limit=1", ""])
def test_filters_do_not_reach_beyond(matrix: tuple[Server, dict[str, str]], query: str) -> None:
    """A filter would find by its answer what the list leaves out."""
    server, keys = matrix
    page = server.by(keys["inspector@grid:0101"]).ask(f"/api/v1/issues?{query}").document
    assert {issue["grid"] for issue in page["issues"]} <= {"0101"}


@pytest.mark.parametrize(
    "query",
    ["limit=1", "bbox=108,22,109,23", "filter=grid='0102'", "filter=grid<>'0101' OR grid='0101'", "resultType=hits",
     "filter=S_DISJOINT(geom,POINT(0 0))", "sortby=-grid", "datetime=2026-06-01/.."],
)  # fmt: skip
@pytest.mark.parametrize("layer", ["issues", "grids"])
def test_no_question_about_features_reaches_beyond(
    matrix: tuple[Server, dict[str, str]], layer: str, query: str
) -> None:
    """A filter written by somebody clever would be joined to the scope by OR, or counted without it."""
    server, keys = matrix
    asked = query if layer == "issues" else query.replace("grid", "code").replace("&", "")
    reply = server.by(keys["inspector@grid:0101"]).ask(f"/ogc/collections/{layer}/items?{quote(asked, safe='=&')}")
    assert reply.status == 200, reply.text
    told = {one["properties"]["grid" if layer == "issues" else "code"] for one in reply.document["features"]}
    # Reports of other tests may have come to the unit meanwhile; none of 0102 did.
    assert told <= {"0101"}
    everything = server.by(keys["commander@city"]).ask(f"/ogc/collections/{layer}/items?resultType=hits").document
    assert reply.document.get("numberMatched", 0) < everything["numberMatched"]


def test_the_matrix_can_see_what_it_looks_for(matrix: tuple[Server, dict[str, str]]) -> None:
    """The names would be missing everywhere, and prove nothing."""
    server, keys = matrix
    whole = ROWS["GET", "/maps/{page}"].ask(server.by(keys["commander@city"])).text
    part = ROWS["GET", "/maps/{page}"].ask(server.by(keys["inspector@grid:0101"])).text
    assert FOREIGN in whole and OURS in whole and OURS in part

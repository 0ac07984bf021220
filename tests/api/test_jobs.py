"""Exports, files sent and read, and the worker that does them, on a real server."""

import csv
import datetime as dt
import io
import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest

from api.jobs import Worker
from api.settings import Settings
from gis_core.permissions import Area, Grant
from layers.files import Files, files_of
from layers.jobs import LEASE, MOST_ATTEMPTS, take
from layers.rollups import put_segments
from layers.stores import Stores
from tests import town
from tests.serving import SECRET, Reply, Server, join, serving, settle_hotspots

FORMULA, WORDS = '=HYPERLINK("http://x")', "  @SUM(1) <b>满溢</b>\n🙂"
LATER = town.NOW + LEASE + dt.timedelta(seconds=1)


@dataclass(frozen=True)
class Office:
    """A server of the town with issues, who asks, and the worker beside it."""

    commander: Server
    neighbour: Server
    inspector: Server
    stores: Stores
    worker: Worker

    @property
    def files(self) -> Files:
        """The files of the store."""
        return self.worker.files

    def export(self, server: Server, **asked: Any) -> dict[str, Any]:
        """An export, done; its job."""
        reply = server.send("/api/v1/exports", {"layer": "issues", "format": "csv", **asked})
        assert reply.status == 202, reply.text
        while self.worker.work():
            pass
        done: dict[str, Any] = server.ask(reply.headers["Location"]).document
        return done

    def fetched(self, server: Server, **asked: Any) -> Reply:
        """The file of an export."""
        job = self.export(server, **asked)
        assert job["state"] == "done", job
        return server.ask(job["file"])

    def read_in(self, content: bytes | str, name: str = "file.csv", **asked: Any) -> dict[str, Any]:
        """A file sent and read; its job."""
        sent = self.commander.ask(f"/api/v1/uploads?name={name}", "POST", body=content)
        assert sent.status == 201, sent.text
        reply = self.commander.send("/api/v1/imports", {"upload": sent.document["id"], **asked})
        assert reply.status == 202, reply.text
        while self.worker.work():
            pass
        done: dict[str, Any] = self.commander.ask(reply.headers["Location"]).document
        return done


@pytest.fixture
def office(founded_stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The town with an issue in each of two units."""
    monkeypatch.setenv("GRIDWARDEN_FILES", str(tmp_path / "files"))
    stores = founded_stores
    with stores.write() as store:
        for number, (column, said) in enumerate(((0.5, FORMULA), (1.5, WORDS)), start=1):
            reported = town.issues(1, column=column, first=number, description=said)
            store.add_issues(town.answered(store, reported), town.NOW)
        put_segments(store.session, town.NOW.date(), town.walked())
    settle_hotspots(stores)
    with serving(stores, settings=Settings(SECRET, works=False)) as up:
        keys = [
            join(stores, name, Grant(role, area))
            for name, role, area in (
                ("commander", "commander", Area("city")), ("neighbour", "grid_manager", Area("grid", "0102")),
                ("inspector", "inspector", Area("city")),
            )
        ]  # fmt: skip
        yield Office(*(up.by(key) for key in keys), stores, Worker(stores, files_of(stores.address), lambda: town.NOW))


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(office: Office) -> None:
    """A citizen's report would be a formula on the screen of whoever opens the file."""
    reply = office.fetched(office.commander, sortby="code")
    assert reply.body.startswith(b"\xef\xbb\xbf")
    assert reply.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''issues-20260701-1200.csv")
    rows = list(csv.DictReader(io.StringIO(reply.body.decode("utf-8-sig"))))
    assert [row["description"] for row in rows] == ["'" + FORMULA, "'" + WORDS]
    assert rows[0]["reported_at"] == "2026-06-01T10:00:00+08:00"
    assert float(rows[0]["lon"]) == pytest.approx(town.WEST + town.SIDE / 2)


def test_xlsx_holds_texts_as_texts(office: Office) -> None:
    """The same for Excel, and a time nobody could sort by."""
    book = openpyxl.load_workbook(io.BytesIO(office.fetched(office.commander, format="xlsx", sortby="code").body))
    head, *rows = book["issues"].iter_rows()
    by = {cell.value: place for place, cell in enumerate(head)}
    cell = rows[0][by["description"]]
    assert (cell.value, cell.data_type) == (FORMULA, "s")
    assert rows[1][by["description"]].value == WORDS
    assert rows[0][by["reported_at"]].value == dt.datetime(2026, 6, 1, 10)  # noqa: DTZ001 - as people read it
    assert book["issues"].freeze_panes == "A2"


@pytest.mark.parametrize("layer", ["grids", "streets", "places", "facilities", "coverage", "issues"])
@pytest.mark.parametrize("form", ["geojson", "gpkg"])
def test_other_programs_read_what_is_exported(office: Office, tmp_path: Path, form: str, layer: str) -> None:
    """GDAL would refuse the file, or find other rows than the service tells."""
    path = tmp_path / f"export.{form}"
    path.write_bytes(office.fetched(office.commander, layer=layer, format=form).body)
    told = office.commander.ask(f"/ogc/collections/{layer}/items").document["features"]
    if not told and form == "geojson":
        assert json.loads(path.read_text("utf-8"))["features"] == []
        return
    read = pyogrio.read_dataframe(path, fid_as_index=True)
    numbers = read["id"] if form == "gpkg" else read.index
    by = "from_m" if layer == "coverage" else "code"
    assert dict(zip(numbers, read[by], strict=True)) == {one["id"]: one["properties"][by] for one in told}
    if told:
        assert read.geometry.is_valid.all() and read.crs.to_epsg() == 4326


def test_an_export_shows_one_s_own_area_and_what_is_asked_for(office: Office) -> None:
    """A file would carry what no page shows."""
    mine = office.fetched(office.neighbour, format="geojson").document["features"]
    assert [one["properties"]["grid"] for one in mine] == ["0102"]
    filtered = office.fetched(office.commander, format="geojson", filter="grid = '0101'").document["features"]
    assert [one["properties"]["grid"] for one in filtered] == ["0101"]
    moved = office.fetched(
        office.commander, layer="grids", format="csv", crs="http://www.opengis.net/def/crs/EPSG/0/4545"
    )
    assert "MULTIPOLYGON ((" in moved.text.upper()
    assert office.inspector.send("/api/v1/exports", {"layer": "issues", "format": "csv"}).status == 403


def test_what_cannot_be_exported_is_refused_at_once(office: Office) -> None:
    """The fault would be found by a worker, when nobody looks any more."""
    for asked, field in (({"filter": "nix = 1"}, "filter"), ({"layer": "roads"}, None), ({"bbox": "1"}, "bbox"),
                         ({"format": "pdf"}, "format"), ({"limit": 1}, "limit")):  # fmt: skip
        reply = office.commander.send("/api/v1/exports", {"layer": "issues", "format": "csv", **asked})
        assert reply.status in (400, 404) and reply.document.get("field") == field, reply.text
    assert not office.worker.work()


def test_a_job_is_its_owner_s_alone(office: Office) -> None:
    """Somebody would fetch another's file by counting."""
    job = office.export(office.commander)
    path = f"/api/v1/jobs/{job['id']}"
    for ask in (office.neighbour.ask(path), office.neighbour.ask(job["file"]), office.neighbour.ask(path, "DELETE")):
        assert ask.status == 404
    assert [one["id"] for one in office.commander.ask("/api/v1/jobs").document["jobs"]] == [job["id"]]
    assert office.neighbour.ask("/api/v1/jobs").document == {"jobs": [], "next": None}


def test_what_a_party_holds_is_exported_as_of_the_day(office: Office) -> None:
    """Whoever gave a grid back would export its issues, or no party could fetch what it exported."""
    holder = office.commander.by(join(office.stores, "holder", Grant("grid_manager", Area("contractor", "P1"))))
    assert "0101" in office.fetched(holder, layer="grids").text
    with office.stores.publishing() as store:
        ended = town.holders().assign(valid_to=[dt.date(2026, 6, 30)])
        store.put("holders", ended, store.revise(town.NOW, "given back"))
    assert "0101" not in office.fetched(holder, layer="grids").text


def test_a_file_is_not_given_to_whom_it_would_show_more_than_they_may_see(office: Office) -> None:
    """A role taken back would leave the files of yesterday open."""
    job = office.export(office.commander)
    with office.stores.people(writes=True) as accounts:
        user = accounts.user("commander")
        accounts.revoke(user, Grant("commander", Area("city")))
        accounts.grant(user, Grant("commander", Area("grid", "0101")))
    reply = office.commander.ask(job["file"])
    assert (reply.status, reply.document["code"]) == (409, "export_outdated")


def test_exports_are_on_record(office: Office) -> None:
    """Nobody could say later who took the city's reports along."""
    job = office.export(office.commander, filter="status = 'open'")
    office.commander.ask(job["file"])
    with office.stores.people() as accounts:
        trail = [one for one in accounts.trail(before=None, limit=10) if one["actor"] == "commander"]
    assert [(one["action"], one["subject"]) for one in trail] == [
        ("downloaded", f"job {job['id']}"), ("export", f"job {job['id']}"),
    ]  # fmt: skip
    assert trail[1]["detail"]["asked"]["filter"] == "status = 'open'"


def test_a_request_sent_twice_makes_one_job(office: Office) -> None:
    """A bad line would write the city's issues out five times."""
    said = {"layer": "issues", "format": "csv"}
    first, again = (office.commander.send("/api/v1/exports", said, Idempotency_Key="e") for _ in range(2))
    assert first.document["id"] == again.document["id"]
    other = office.commander.send("/api/v1/exports", {**said, "format": "gpkg"}, Idempotency_Key="e")
    assert (other.status, other.document["code"]) == (409, "key_reused")


def test_a_job_that_waits_is_stopped_at_once(office: Office) -> None:
    """A wrong export would be made all the same."""
    number = office.commander.send("/api/v1/exports", {"layer": "issues", "format": "csv"}).document["id"]
    assert office.commander.ask(f"/api/v1/jobs/{number}", "DELETE").status == 204
    assert not office.worker.work()
    job = office.commander.ask(f"/api/v1/jobs/{number}").document
    assert (job["state"], job["file"]) == ("cancelled", None)


def test_a_job_whose_worker_fell_silent_is_done_by_the_next(office: Office) -> None:
    """A killed worker would leave the job running for ever, or one job would end worker after worker."""
    number = office.commander.send("/api/v1/exports", {"layer": "issues", "format": "csv"}).document["id"]
    with office.stores.people(writes=True) as accounts:
        assert take(accounts.session, town.NOW) is not None
    assert not office.worker.work()
    assert Worker(office.stores, office.files, lambda: LATER).work()
    assert office.commander.ask(f"/api/v1/jobs/{number}").document["state"] == "done"
    lost = office.commander.send("/api/v1/exports", {"layer": "issues", "format": "csv"}).document["id"]
    for attempt in range(MOST_ATTEMPTS):
        with office.stores.people(writes=True) as accounts:
            assert take(accounts.session, town.NOW + attempt * (LEASE + dt.timedelta(seconds=1))) is not None
    late = town.NOW + MOST_ATTEMPTS * (LEASE + dt.timedelta(seconds=1))
    Worker(office.stores, office.files, lambda: late).work()
    job = office.commander.ask(f"/api/v1/jobs/{lost}").document
    assert (job["state"], job["fault"]["code"]) == ("failed", "job_lost")


def test_reference_data_is_read_in(office: Office) -> None:
    """A list of bins would need somebody at the server's keyboard."""
    bins = f"no,class,lon,lat\nB1,a,{town.WEST + 0.0005},{town.SOUTH + 0.0005}\nB2,a,0,0\n"
    ours = {"code": "no", "category": "class"}
    job = office.read_in(bins, quote("垃圾桶.csv"), table="facilities", map=ours, key="no")
    assert job["state"] == "done", job
    assert {name: job["result"][name] for name in ("rows", "rejected", "added")} == {
        "rows": 2,
        "rejected": 1,
        "added": 1,
    }
    rejected = list(csv.DictReader(io.StringIO(office.commander.ask(job["file"]).body.decode("utf-8-sig"))))
    assert [row["key"] for row in rejected] == ["B2"]
    told = office.commander.ask("/ogc/collections/facilities/items").document["features"]
    assert [one["properties"]["code"] for one in told] == ["B1"]


def test_issues_are_read_in_and_assigned(office: Office) -> None:
    """Another department's list would have to be typed again."""
    rows = f"id,lon,lat,cat,at\n7,{town.WEST + 0.0005},{town.SOUTH + 0.0005},a,2026-06-02T08:00\n"
    given = {"map": {"category": "cat", "reported_at": "at"}, "key": "id", "source": "dept"}
    job = office.read_in(rows, table="issues", **given)
    assert (job["state"], job["result"]["stored"]) == ("done", 1), job
    again = office.read_in(rows, table="issues", **given)
    assert (again["result"]["stored"], again["result"]["known"]) == (0, 1)


def test_borders_are_read_into_a_draft(office: Office) -> None:
    """A surveyor's file would count before anybody has looked at it."""
    draft = office.commander.send("/api/v1/drafts", {"note": "测绘"}).document["id"]
    frame = gpd.GeoDataFrame(
        {"code": ["0101", "0105"], "level": ["unit"] * 2, "name": ["改", "新"]},
        geometry=[town.cell(0, 0), town.cell(2, 0)], crs=4326,
    )  # fmt: skip
    asked = {"table": "grids", "draft": draft, "key": "code", "source": "town"}
    job = office.read_in(frame.to_json(), "units.geojson", **asked)
    assert job["state"] == "done", job
    assert {name: job["result"][name] for name in ("added", "changed", "ended")} == {
        "added": 1,
        "changed": 1,
        "ended": 0,
    }
    changes = office.commander.ask(f"/api/v1/drafts/{draft}").document["changes"]
    assert [(one["operation"], one["code"]) for one in changes] == [("replace", "0101"), ("create", "0105")]
    again = office.read_in(frame.to_json(), "units.geojson", **asked, replace=True)
    assert [again["result"][name] for name in ("unchanged", "ended")] == [2, 4]


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"table": "roads"}, "table"), ({"table": "grids"}, "draft"), ({"table": "parties", "draft": 1}, "draft"),
     ({"table": "parties", "map": {"wrong": "x"}}, None), ({"upload": 99, "table": "parties"}, None),
     ({"table": "parties", "wrong": 1}, "wrong")],
)  # fmt: skip
def test_what_cannot_be_read_in_is_refused_at_once(office: Office, asked: dict[str, Any], field: str | None) -> None:
    """The fault would be found when nobody looks any more."""
    sent = office.commander.ask("/api/v1/uploads?name=a.csv", "POST", body="code,name\nX,Y\n").document
    reply = office.commander.send("/api/v1/imports", {"upload": sent["id"], **asked})
    assert 400 <= reply.status < 500 and reply.document.get("field") == field, reply.text
    assert not office.worker.work()


def test_what_is_no_file_of_ours_is_refused_and_not_kept(office: Office) -> None:
    """The folder would fill with what nobody can read."""
    for body in (b"", b"%PDF-1.7 ", b"\x1f\x8b\x08"):
        assert office.commander.ask("/api/v1/uploads?name=a", "POST", body=body).status == 400
    assert office.inspector.ask("/api/v1/uploads?name=a.csv", "POST", body="a\n1\n").status == 403
    assert [path for path in office.files.folder.rglob("*") if path.is_file()] == []


def test_old_jobs_and_their_files_go(office: Office) -> None:
    """The folder would grow for ever; a file that another job has as well must stay."""
    first, second = office.export(office.commander), office.export(office.commander)
    assert first["result"]["sha256"] == second["result"]["sha256"]
    half = office.files.coming()
    half.write_text("half")
    os.utime(half, (0, 0))
    week = town.NOW + dt.timedelta(days=8)
    sweeper = Worker(office.stores, office.files, lambda: week)
    sweeper.ended.set()
    sweeper.run()
    assert office.commander.ask("/api/v1/jobs").document["jobs"] == []
    assert [path for path in office.files.folder.rglob("*") if path.is_file()] == []


def test_the_server_begins_a_worker_when_there_is_a_job(office: Office) -> None:
    """Whoever runs one command would wait for an export for ever; a worker that is killed would be the last."""
    with serving(office.stores, settings=Settings(SECRET)) as up:
        server = up.by(office.commander.shown["Authorization"].removeprefix("Bearer "))
        before = set(multiprocessing.active_children())
        number = server.send("/api/v1/exports", {"layer": "issues", "format": "csv"}).document["id"]
        (worker,) = set(multiprocessing.active_children()) - before
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        while (job := server.ask(f"/api/v1/jobs/{number}").document)["state"] in ("queued", "running"):
            for child in set(multiprocessing.active_children()) - before:
                child.join(0.2)
        assert job["state"] == "done"
        assert len(pd.read_csv(io.BytesIO(server.ask(job["file"]).body))) == 2
    assert set(multiprocessing.active_children()) <= before

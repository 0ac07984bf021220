"""``gridwarden tracks``: files in, and matched; and the worker of a server that does it by itself."""

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from api import door
from api.commands import tracks as commands
from api.matching import MARGIN, midnight
from gis_core.permissions import Area, Grant
from layers.accounts import COMMAND_LINE
from layers.stores import Stores
from tests import town, walking
from tests.api.conftest import Run
from tests.patrolled import days_after
from tests.serving import Server, join, started, until

CITY = Area("city")


@pytest.fixture
def walked(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """The town with lanes and somebody who patrols, for the command line."""
    monkeypatch.setattr(commands, "now", lambda: town.NOW)
    town.found(stores)
    walking.lay(stores)
    join(stores, "lin", Grant("inspector", CITY))
    return stores


def table(folder: Path) -> Path:
    """A walk, and rows that are none."""
    rows = walking.walk().assign(carrier="lin")[["carrier", "t", "lon", "lat"]]
    bad = [("lin", "never", 108.3, 22.8), ("wang", rows["t"][0], 108.3, 22.8), ("lin", rows["t"][0], 22.8, 108.3)]
    with (folder / "walk.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["carrier", "time", "lon", "lat"])
        writer.writerows([*rows.itertuples(index=False), *bad])
    return folder / "walk.csv"


def test_a_file_is_loaded_once_and_matched(walked: Stores, run: Run, tmp_path: Path) -> None:
    """Rows that are no points are written beside it with their reasons; twice changes nothing."""
    path, count = table(tmp_path), len(walking.walk())
    (told,) = run("--json", "tracks", "load", path).answer["files"]
    assert (told["read"], told["stored"], told["known"], told["rejected"]) == (count + 3, count, 0, 3)
    assert told["days"] == ["2026-07-01"]
    with Path(told["rejects"]).open(encoding="utf-8-sig") as file:
        reasons = [(int(row["row"]) - count, row["code"]) for row in csv.DictReader(file)]
    assert reasons == [(1, "track_time"), (2, "carrier_unknown"), (3, "point_swapped")]
    (again,) = run("--json", "tracks", "load", path).answer["files"]
    assert (again["stored"], again["known"]) == (0, count)
    with walked.people() as accounts:
        assert set(accounts.session.scalars(text("SELECT sent_by FROM track_batch"))) == {COMMAND_LINE}
        noted = [one for one in accounts.trail(before=None, limit=9) if one["action"] == "tracks_sent"]
    assert [(one["actor"], one["subject"], one["detail"]["points"]) for one in noted] == [
        (COMMAND_LINE, "lin", 0), (COMMAND_LINE, "lin", count),
    ]  # fmt: skip
    assert run("--json", "tracks", "match").answer == {"days": 1, "changed": 1, "faults": 0, "forgotten": 0}
    assert run("--json", "tracks", "match").answer["days"] == 0
    anew = run("--json", "tracks", "match", "--again", "--since", "2026-06-01").answer
    assert (anew["days"], anew["changed"]) == (1, 0)
    with walked.read() as store:
        (row,) = days_after(store.session, 0, dt.date(2026, 1, 1))
    assert (row.carrier, row.points, row.fault) == ("lin", count, None)


def test_what_cannot_be_loaded_is_said(walked: Stores, run: Run, tmp_path: Path) -> None:
    """In one line, and nothing is stored."""
    path = tmp_path / "walk.csv"
    walking.walk()[["t", "lon", "lat"]].to_csv(path, index=False)
    for arguments, said in (
        ((path,), "--carrier"),
        ((path, "--carrier", "nobody"), "nobody"),
        ((path, "--carrier", "lin", "--datum", "moon"), "moon"),
        ((path, "--carrier", "lin", "--datum", "EPSG:4545"), "2000 m from every street"),
        ((tmp_path / "none.gpx",), "none.gpx"),
    ):
        ran = run("tracks", "load", *arguments)
        assert ran.status == 2 and said in ran.err, (arguments, ran.err)
    assert run("tracks", "match", "--again").status == 2
    assert run("tracks", "match", "--since", "2026-07-01").status == 2
    assert run("--json", "tracks", "match").answer["days"] == 0
    assert run("--lang", "zh", "tracks", "load", path, "--carrier", "lin").status == 0


def test_rows_of_somebody_else_and_files_without_tracks(walked: Stores, run: Run, tmp_path: Path) -> None:
    """Another's walk would become that of whoever is named, and a route look as if it had been loaded."""
    path, count = table(tmp_path), len(walking.walk())
    (told,) = run("--json", "tracks", "load", path, "--carrier", "lin").answer["files"]
    assert (told["stored"], told["rejected"]) == (count, 3)
    with Path(told["rejects"]).open(encoding="utf-8-sig") as file:
        codes = {int(row["row"]) - count: row["code"] for row in csv.DictReader(file)}
    assert codes[2] == "track_carrier"
    route = tmp_path / "route.gpx"
    route.write_text('<gpx version="1.1"><rte><rtept lon="108.3" lat="22.8"/></rte></gpx>')
    ran = run("--lang", "en", "tracks", "load", route, "--carrier", "lin")
    assert ran.status == 0 and "no track in it" in ran.out
    ran = run("tracks", "load", tmp_path / "none.gpx", path)
    assert ran.status == 2 and "none.gpx" in ran.err and path.name in ran.out, "the others are taken"


def test_the_worker_of_a_server_matches_what_comes(walked: Stores) -> None:
    """Nobody asks for it."""
    now = door.now()
    key = join(walked, "wang", Grant("inspector", CITY), now=now)
    points = walking.walk(begin=now - dt.timedelta(hours=1))

    def matched() -> bool:
        with walked.read() as store:
            return any(row.carrier == "wang" for row in days_after(store.session, 0, dt.date(2026, 1, 1)))

    with started(walked.url) as (process, server):
        assert Server(server.port).by(key).send("/api/v1/tracks", walking.as_sent(points)).status == 202
        until(matched, process)


def test_hours_beside_a_day_are_hours_where_clocks_change_at_midnight(stores: Stores) -> None:
    """Two, or none, of the day before would be read."""
    with stores.write() as store:
        store.init_city(replace(town.CITY, timezone="America/Havana"))
    for day, hours in ((dt.date(2026, 3, 8), 23), (dt.date(2026, 11, 1), 25)):
        with stores.read() as store:
            begin, end = midnight(store, day), midnight(store, day + dt.timedelta(days=1))
        assert end - begin == dt.timedelta(hours=hours)
        assert begin.timestamp() - (begin - MARGIN).timestamp() == 3600

"""Loads that are killed: whole chunks or nothing, and the next run completes them."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from api import reporting
from api.reporting import load_issues
from layers.importers import Mapping
from layers.stores import Stores
from tests import town
from tests.api.conftest import Run, write_issues

COMMAND = Path(sys.executable).with_name("gridwarden")
CHUNK_ROWS = 2_000
ISSUES = 10 * CHUNK_ROWS
SMALL_CHUNKS = f"""
from api import reporting
from api.cli import main
reporting.CHUNK_ROWS, reporting.LONG_FILE_BYTES = {CHUNK_ROWS}, %d
main()
"""


def killed_when(seen: Callable[[], bool], store_url: str, *arguments: str, long_file_bytes: int = 1 << 30) -> int:
    """Run a command, kill it as soon as something is seen, and say how it ended."""
    command = [sys.executable, "-c", SMALL_CHUNKS % long_file_bytes, "--store", store_url, *arguments]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while not seen():
        # Soon again, or nothing would be left to interrupt; but the processor is the command's.
        with suppress(subprocess.TimeoutExpired):
            return process.wait(0.002)
    process.kill()
    return process.wait()


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of which a short file has many."""
    monkeypatch.setattr(reporting, "CHUNK_ROWS", CHUNK_ROWS)


@pytest.fixture
def many_issues(files: Path) -> Path:
    """Reports for several chunks, spread over the town."""
    random = np.random.default_rng(1)
    path = files / "many.csv"
    write_issues(
        path, ISSUES, category="a", lon=town.WEST + random.uniform(0, 0.002, ISSUES),
        lat=town.SOUTH + random.uniform(0, 0.002, ISSUES),
    )  # fmt: skip
    return path


@pytest.mark.parametrize("long_file_bytes", [0, 1 << 30], ids=["process", "thread"])
def test_killed_among_issues(
    town_store: Run, many_issues: Path, stores: Stores, store_url: str, long_file_bytes: int
) -> None:
    def counted() -> int:
        with stores.read() as store:
            return store.count("issues")

    load = ("load", "issues", str(many_issues), "--key", "id")
    ended = killed_when(lambda: counted() > 0, store_url, *load, long_file_bytes=long_file_bytes)
    assert ended == -signal.SIGKILL
    left = counted()
    assert left % CHUNK_ROWS == 0
    assert 0 < left < ISSUES
    done = town_store("--json", "load", "issues", many_issues, "--key", "id").answer["files"][0]
    assert (done["known"], done["stored"]) == (left, ISSUES - left)
    with stores.read() as store:
        issues = store.issues()
    assert issues["code"].is_unique
    assert sorted(issues["external_id"].astype(int)) == list(range(1, ISSUES + 1))


@pytest.fixture(params=["thread", "process"])
def ahead(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read and decided by a thread, or by a process as long ones are."""
    if request.param == "process":
        monkeypatch.setattr(reporting, "LONG_FILE_BYTES", 0)


def test_what_is_published_meanwhile_answers_the_rest(
    town_store: Run, many_issues: Path, stores: Stores, ahead: None
) -> None:
    """Answers are found ahead of storing; those that were found before the publication are found again."""
    revisions = []

    def publish_once(_: int) -> None:
        if not revisions:
            with stores.publishing() as store:
                revisions.extend([store.latest_revision(), store.revise(town.NOW, "meanwhile")])

    mapping = Mapping(table="issues", key="id")
    load_issues(stores, many_issues, mapping, now=town.NOW, dry_run=False, progress=publish_once)
    with stores.read() as store:
        issues = store.issues(only=["external_id", "revision"])
    stored_before = issues["external_id"].astype(int) <= CHUNK_ROWS
    assert set(issues["revision"][stored_before]) == {revisions[0]}
    assert set(issues["revision"][~stored_before]) == {revisions[1]}


def test_a_file_damaged_behind_its_first_rows(town_store: Run, files: Path, stores: Stores, ahead: None) -> None:
    """The rows read before the damage are stored, and the refusal names the file."""
    write_issues(files / "torn.csv", CHUNK_ROWS + 1)
    with (files / "torn.csv").open("a") as file:
        file.write('1,"2\n')
    done = town_store("load", "issues", "torn.csv", "--key", "id")
    assert done.status == 2
    assert "torn.csv" in done.err.splitlines()[-1]
    with stores.read() as store:
        assert store.count("issues") == CHUNK_ROWS - 2


@pytest.mark.full
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_memory_does_not_grow_with_the_file(town_store: Run, files: Path, store_url: str, ending: str) -> None:
    def peak_kib(rows: int) -> int:
        write_issues(files / "long.csv", rows, id=[f"{rows}-{row}" for row in range(rows)])
        if ending == "parquet":
            pd.read_csv(files / "long.csv", dtype={"category": str}).to_parquet(files / "long.parquet")
        arguments = ("--store", store_url, "load", "issues", str(files / f"long.{ending}"), "--key", "id")
        loading = os.posix_spawn(COMMAND, [COMMAND, *arguments], os.environ)
        _, status, used = os.wait4(loading, 0)
        assert status == 0
        return used.ru_maxrss

    peak_kib(1_000)
    assert peak_kib(1_000_000) < 1.1 * peak_kib(250_000)  # as CSV both long enough for a process


def test_killed_in_the_territory(town_store: Run, files: Path, stores: Stores, store_url: str) -> None:
    """The file is being read or its rows are being written when the end comes: nothing of it is seen."""
    count = 40_000
    pd.DataFrame(
        {
            "code": [f"F{k}" for k in range(count)],
            "scheme": "town",
            "category": "a",
            "lon": town.WEST,
            "lat": town.SOUTH,
        }
    ).to_csv(files / "lamps.csv", index=False)
    with stores.read() as store:
        before = store.latest_revision()
    started = files / "lamps.csv.rejects.csv"
    started.write_text("removed by the load once it is over")
    arguments = ("load", "facilities", str(files / "lamps.csv"), "--key", "code")
    assert killed_when(lambda: writing(stores, store_url), store_url, *arguments) == -signal.SIGKILL
    with stores.read() as store:
        assert (store.count("facilities"), store.latest_revision()) == (0, before)
    assert started.exists()
    done = town_store("--json", "load", "facilities", "lamps.csv", "--key", "code").answer["files"][0]
    assert done["stored"] == count
    assert not started.exists()


def writing(stores: Stores, store_url: str) -> bool:
    """Whether another process is inside a writing transaction."""
    with stores.read() as store:
        if store.is_postgis:
            query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted"
            return bool(store.session.scalar(text(query)))
    connection = sqlite3.connect(store_url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        return False
    except sqlite3.OperationalError:
        return True
    finally:
        connection.close()

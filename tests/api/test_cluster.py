"""Files assigned on a Dask cluster of two worker processes: the same bytes as by one process, whoever dies."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from distributed import LocalCluster

from api import cluster as dask
from api.assigning import Counts, Deciding, partitions_of
from api.cluster import assign_on_cluster
from gis_core.errors import GisError
from layers.importers import Mapping
from layers.stores import Stores
from tests.api.conftest import Run, write_issues
from tests.town import SIDE, SOUTH, WEST, streets

FILES, ROWS = 8, 4_000
JULY_1 = 20_635
DECIDING = Deciding(Mapping(table="issues", key="id"), "en")


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers, each a process with one thread."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as made:
        yield made


@pytest.fixture
def issue_files(town_store: Run, files: Path) -> Run:
    """Files of issues all over the town, before and after its street was moved."""
    moved = streets()[["code", "name", "class", "geometry"]]
    moved.assign(geometry=gpd.GeoSeries(moved.geometry).translate(0, SIDE / 4)).to_file(files / "moved.gpkg")
    load = ("load", "streets", "moved.gpkg", "--key", "code", "--source", "streets")
    assert town_store(*load, "--effective-from", "2026-06-15").status == 0
    random = np.random.default_rng(5)
    (files / "in").mkdir()
    for number in range(FILES):
        write_issues(
            files / "in" / f"part{number}.csv", ROWS, category=random.choice(["a", "b", "zz"], ROWS),
            lon=WEST + random.uniform(-0.2, 2.2, ROWS) * SIDE, lat=SOUTH + random.uniform(-0.2, 2.2, ROWS) * SIDE,
            reported_at=[f"2026-06-{day:02} 10:00" for day in random.integers(1, 30, ROWS)],
        )  # fmt: skip
    return town_store


def contents(folder: Path) -> dict[str, bytes]:
    """What a folder holds."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_bytes_with_a_worker_killed_on_the_way(
    issue_files: Run, files: Path, stores: Stores, cluster: LocalCluster
) -> None:
    here = issue_files("assign", "--file", "in/*.csv", "--out", "here", "--key", "id")
    assert here.status == 0, here.err
    (files / "there").mkdir()
    killed = []

    def kill_one_at_work(_: int) -> None:
        if killed:
            return
        working = {state.address for state in cluster.scheduler.workers.values() if state.processing}
        nanny = next(one for one in cluster.workers.values() if one.worker_address in working)
        killed.append((nanny, nanny.pid))
        os.kill(nanny.pid, signal.SIGKILL)

    partitions = partitions_of(["in/*.csv"], str(files / "there"))
    with stores.read() as store:
        done = dict(assign_on_cluster(cluster.scheduler_address, store, JULY_1, partitions, DECIDING, kill_one_at_work))
    assert sum(done.values(), Counts()).read == FILES * ROWS
    ((nanny, pid),) = killed
    assert nanny.pid != pid
    expected, found = contents(files / "here"), contents(files / "there")
    assert len(expected) == 2 * FILES
    assert {name: found[name] for name in expected} == expected


def test_from_the_command_line(issue_files: Run, files: Path, cluster: LocalCluster) -> None:
    (files / "in" / "bad.parquet").write_bytes(b"PAR1 and nothing more")
    arguments = ("--json", "assign", "--file", "in/part[01].csv", "--file", "in/bad.parquet", "--key", "id", "--out")
    here = issue_files(*arguments, "here")
    there = issue_files(*arguments, "there", "--scheduler", cluster.scheduler_address)
    assert here.status == there.status == 1, there.err
    assert here.answer["failed"] == there.answer["failed"]
    assert "bad.parquet is damaged" in there.answer["failed"][0]["fault"]
    assert contents(files / "here") == contents(files / "there")
    assert len(contents(files / "there")) == 4


def test_what_cannot_be_done_after_all_is_named(
    issue_files: Run, files: Path, stores: Stores, cluster: LocalCluster
) -> None:
    partitions = partitions_of(["in/part0.csv"], str(files / "nowhere"))
    with stores.read() as store:
        run = assign_on_cluster(cluster.scheduler_address, store, JULY_1, partitions, DECIDING, lambda _: None)
        ((_, outcome),) = run
    assert isinstance(outcome, GisError)
    assert outcome.text("en").startswith(f"gave up on {files / 'in' / 'part0.csv'}") and "nowhere" in outcome.text("en")


def test_a_cluster_that_is_not_there(issue_files: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "CONNECT_S", 0.2)
    for address in ("nothing://here", "tcp://127.0.0.1:1"):
        done = issue_files("assign", "--file", "in/part0.csv", "--out", "out", "--scheduler", address)
        assert done.status == 2
        assert f"no Dask scheduler at {address}" in done.err


def test_without_dask_it_says_what_to_install(issue_files: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "api.cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = issue_files("assign", "--file", "in/part0.csv", "--out", "out", "--scheduler", "tcp://127.0.0.1:1")
    assert done.status == 2
    assert "gridwarden[distributed]" in done.err

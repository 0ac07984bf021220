"""The command line and files for it."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from sqlalchemy import URL, make_url

from api.cli import main
from api.commands.showing import DEMO_SEED
from api.demo import fill
from api.door import Door
from layers.engine import connect, upgrade
from layers.stores import Stores
from tests import postgres, town
from tests.conftest import copy_file, empty_store

CITY_FILE = """
[city]
name = "小城"
timezone = "Asia/Shanghai"
metric_srid = 4545
scheme = "town"

[[level]]
name = "district"
title = { en = "district", zh = "区" }
code = '\\d{2}'

[[level]]
name = "unit"
title = { en = "unit", zh = "单元" }
code = '\\d{4}'
"""


@dataclass(frozen=True)
class Ran:
    """What a command left: status, standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The JSON document on standard output."""
        document: dict[str, Any] = json.loads(self.out)
        return document


Run = Callable[..., Ran]


@pytest.fixture
def run(store_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command on the test's store, in a folder of its own."""
    monkeypatch.setenv("GRIDWARDEN_DATABASE_URL", store_url)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.chdir(tmp_path)

    def go(*arguments: object) -> Ran:
        capsys.readouterr()
        status = 0
        try:
            main([str(one) for one in arguments])
        except SystemExit as leave:
            status = leave.code if isinstance(leave.code, int) else 1
        seen = capsys.readouterr()
        return Ran(status, seen.out, seen.err)

    return go


@pytest.fixture
def stores(store_url: str) -> Stores:
    """The test's store, seen past the command line."""
    engine = connect(store_url)
    upgrade(engine)
    return Stores(engine)


@pytest.fixture(scope="session")
def made_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town as files a city engineer would have."""
    folder = tmp_path_factory.mktemp("town")
    (folder / "city.toml").write_text(CITY_FILE, encoding="utf-8")
    grids = town.grids()
    for level in ("district", "unit"):
        gpd.GeoDataFrame(grids[grids["level"] == level][["code", "name", "organisation", "geometry"]]).to_file(
            folder / f"{level}.geojson", driver="GeoJSON"
        )
    streets = town.streets()[["code", "name", "class", "geometry"]]
    streets.to_file(folder / "streets.gpkg", driver="GPKG")
    town.parties()[["code", "kind", "name", "parent"]].to_csv(folder / "parties.csv", index=False)
    town.categories()[["code", "kind", "name"]].to_csv(folder / "categories.csv", index=False, encoding="gbk")
    holders = pd.DataFrame({"subject": "grid", "subject_code": ["0101"], "holder": "P1", "deputy": "P2"})
    holders.to_csv(folder / "holders.csv", index=False)
    write_issues(folder / "issues.csv")
    return folder


@pytest.fixture
def files(made_files: Path, tmp_path: Path) -> Path:
    """The town's files, for one test to do with as it likes."""
    return shutil.copytree(made_files, tmp_path, dirs_exist_ok=True)


def write_issues(path: Path, count: int = 4, **changed: Any) -> None:
    """Reports in a file: the first in unit 0101, one outside, one of unknown category."""
    frame = pd.DataFrame(
        {
            "id": range(1, count + 1), "lon": town.WEST + 0.0005, "lat": town.SOUTH + 0.0005, "category": "a",
            "reported_at": "2026-06-01 10:00", "description": "垃圾 <b>满溢</b>",
        }
    )  # fmt: skip
    frame.loc[1, ["lon", "lat"]] = [town.SOUTH + 0.0005, town.WEST + 0.0005]
    frame.loc[2, "category"] = "zz"
    frame.assign(**changed).to_csv(path, index=False, encoding="utf-8-sig")


def load_town(url: str, files: Path) -> URL:
    """Load the town from its files by the commands of the README."""
    main(["--store", url, "init", "--city", str(files / "city.toml")])
    for table, file, *options in (
        ("parties", "parties.csv", "--key", "code"),
        ("categories", "categories.csv", "--key", "code"),
        ("grids", "district.geojson", "--level", "district", "--key", "code"),
        ("grids", "unit.geojson", "--level", "unit", "--key", "code"),
        ("streets", "streets.gpkg", "--key", "code"),
        ("holders", "holders.csv", "--key", "subject_code"),
    ):
        main(["--store", url, "load", table, str(files / file), *options])
    return make_url(url)


@pytest.fixture(scope="session")
def town_on_sqlite(request: pytest.FixtureRequest, made_files: Path) -> Iterator[URL]:
    """The town in a SQLite file, to copy."""
    with empty_store("sqlite", request) as url:
        yield load_town(url, made_files)


@pytest.fixture(scope="session")
def town_on_postgis(request: pytest.FixtureRequest, postgis: object, made_files: Path) -> Iterator[URL]:
    """The town on PostGIS, to copy."""
    with empty_store("postgis", request) as url:
        yield load_town(url, made_files)


@pytest.fixture
def town_store(run: Run, files: Path, store_url: str, request: pytest.FixtureRequest) -> Run:
    """A copy of the town in the test's store, and the command line for it."""
    copy = make_url(store_url)
    if copy.get_backend_name() == "postgresql":
        postgres.copy_into(copy, request.getfixturevalue("town_on_postgis").database)
        return run
    copy_file(request.getfixturevalue("town_on_sqlite"), str(copy.database))
    return run


def load_demo(url: str) -> URL:
    """Fill an empty store with a small demo city, its strips drawn."""
    door = Door(url=url, lang="en", as_json=True)
    fill(door, 60, 200, DEMO_SEED)
    door.stores.close()
    return make_url(url)


@pytest.fixture(scope="session")
def demo_on_sqlite(request: pytest.FixtureRequest) -> Iterator[URL]:
    """The demo city in a SQLite file, to copy."""
    with empty_store("sqlite", request) as url:
        yield load_demo(url)


@pytest.fixture(scope="session")
def demo_on_postgis(request: pytest.FixtureRequest, postgis: object) -> Iterator[URL]:
    """The demo city on PostGIS, to copy."""
    with empty_store("postgis", request) as url:
        yield load_demo(url)


@pytest.fixture
def demo_store(run: Run, store_url: str, request: pytest.FixtureRequest) -> Run:
    """A copy of the demo city in the test's store, and the command line for it."""
    copy = make_url(store_url)
    if copy.get_backend_name() == "postgresql":
        postgres.copy_into(copy, request.getfixturevalue("demo_on_postgis").database)
        return run
    copy_file(request.getfixturevalue("demo_on_sqlite"), str(copy.database))
    return run

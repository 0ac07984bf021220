"""Publishing leaves the indexes as files, and answers are the same with and without them."""

import shutil
from pathlib import Path

import pytest

from layers import indexes
from layers.indexes import shelf_folder
from layers.stores import Stores
from tests import town
from tests.api.conftest import Run, load_town, write_issues


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Small shapes have files as well, in a folder of the test's own."""
    monkeypatch.setattr(indexes, "WORTH_A_FILE", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def town_store(run: Run, files: Path, store_url: str) -> Run:
    """The town loaded here, where small shapes have files."""
    load_town(store_url, files)
    return run


@pytest.fixture
def folder(stores: Stores) -> Path:
    """Where the store's indexes are."""
    with stores.read() as store:
        found = shelf_folder(store.address)
    assert found is not None
    return found


def built(folder: Path) -> set[str]:
    """Names of the indexes."""
    return {path.name for path in folder.iterdir() if path.is_dir()}


def test_publishing_writes_the_indexes(town_store: Run, files: Path, folder: Path) -> None:
    before = built(folder)
    assert len(before) == 3  # two levels, streets
    street = town.streets()[["code", "name", "class", "geometry"]]
    street.assign(geometry=street.translate(0, 0.0002)).to_file(files / "moved.gpkg", driver="GPKG")
    assert town_store("load", "streets", "moved.gpkg", "--key", "code", "--source", "streets").status == 0
    after = built(folder)
    assert len(after) == 4 and before < after  # the former streets are still asked about the past
    assert town_store("load", "streets", "moved.gpkg", "--key", "code", "--source", "streets").status == 0
    assert built(folder) == after
    write_issues(files / "many.csv", 50)
    answers = []
    for out in ("with.csv", "without.csv"):
        assert town_store("assign", "--file", "many.csv", "--out", out, "--key", "id").status == 0
        answers.append((files / out).read_text())
        shutil.rmtree(folder, ignore_errors=True)
    assert answers[0] == answers[1] and answers[0].count("\n") == 49


def test_a_dry_run_writes_none(run: Run, files: Path, folder: Path) -> None:
    assert run("init", "--city", "city.toml").status == 0
    load = ("load", "grids", "district.geojson", "--level", "district", "--key", "code")
    assert run(*load, "--dry-run").status == 0
    assert not folder.exists()
    assert run(*load).status == 0
    assert len(built(folder)) == 1


def test_without_a_folder_it_says_so_and_goes_on(town_store: Run, files: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")
    changed = town.grids(name=["东区", *"一二三四"]).iloc[1:][["code", "name", "geometry"]]
    changed.to_file(files / "new.geojson")
    done = town_store("load", "grids", "new.geojson", "--level", "unit", "--key", "code", "--source", "unit")
    assert done.status == 0
    assert "the indexes could not be written" in done.out and folder.name in done.out
    assert town_store("assign", "--file", "issues.csv", "--out", "out.csv", "--key", "id").status == 0

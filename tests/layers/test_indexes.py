"""Compiled indexes as files."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import make_url

from gis_core.crs import project, to_lonlat
from gis_core.joins.buckets import Buckets
from gis_core.joins.choosing import index_of
from gis_core.joins.raster import CellRaster
from gis_core.joins.segments import SegmentRaster
from layers import indexes
from layers.indexes import HEADER, WORTH_A_FILE, Shelf, digest_of, open_index, shelf_folder, write_index

SQUARES = shapely.box(
    *np.meshgrid(np.arange(9.0), np.arange(9.0)), *np.meshgrid(np.arange(1.0, 10), np.arange(1.0, 10))
).ravel()
POINTS = np.random.default_rng(1).uniform(-1, 10, (500, 2))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_index(tmp_path / "deep" / "grids", CellRaster(SQUARES).arrays(), "abc")
    return tmp_path / "deep" / "grids"


@pytest.mark.parametrize(
    "index", [CellRaster(SQUARES), Buckets(SQUARES), Buckets(SQUARES[:0]), CellRaster(SQUARES[:0])]
)
def test_polygons_come_back(tmp_path: Path, index: CellRaster | Buckets) -> None:
    write_index(tmp_path / "one", index.arrays(), "abc")
    arrays = open_index(tmp_path / "one", "abc")
    assert arrays is not None
    again = index_of(arrays)
    assert type(again) is type(index) and isinstance(again, CellRaster | Buckets)
    np.testing.assert_array_equal(again.pairs(POINTS), index.pairs(POINTS))


def test_lines_come_back(tmp_path: Path) -> None:
    index = SegmentRaster(shapely.linestrings([[(0, 0), (10, 0)], [(0, 5), (10, 5)]]), 25.0)
    write_index(tmp_path / "one", index.arrays(), "abc")
    arrays = open_index(tmp_path / "one", "abc")
    assert arrays is not None
    again = index_of(arrays)
    assert isinstance(again, SegmentRaster) and again.reach_m == 25.0
    for answer, expected in zip(again.nearest(POINTS, 25.0), index.nearest(POINTS, 25.0), strict=True):
        np.testing.assert_array_equal(answer, expected)


def test_large_arrays_are_shared_with_the_file(folder: Path) -> None:
    arrays = open_index(folder, "abc")
    assert arrays is not None and isinstance(arrays["cells"], np.memmap) and not arrays["cells"].flags.writeable


def test_an_index_of_something_else_is_not_opened(folder: Path) -> None:
    assert open_index(folder, "abd") is None
    assert open_index(folder.parent / "streets", "abc") is None


def test_an_index_without_a_readable_header_is_not_opened(folder: Path) -> None:
    for header in ("{", "[]", '{"digest": "abc"}', '{"digest": "abc", "arrays": {"missing": ["<f8", [1]]}}'):
        (folder / HEADER).write_text(header, "utf-8")
        assert open_index(folder, "abc") is None


@pytest.mark.parametrize("kept", [0, 60, 1000])
def test_a_file_cut_short_is_not_opened(folder: Path, kept: int) -> None:
    file = folder / "cells.npy"
    file.write_bytes(file.read_bytes()[:kept])
    assert open_index(folder, "abc") is None


def test_an_array_that_was_exchanged_is_not_opened(folder: Path) -> None:
    np.save(folder / "sets.npy", np.zeros((3, 4), np.int32))
    assert open_index(folder, "abc") is None


def test_writing_again_replaces_and_leaves_nothing_behind(folder: Path) -> None:
    opened = open_index(folder, "abc")
    write_index(folder, Buckets(SQUARES[:3]).arrays(), "new")
    assert open_index(folder, "abc") is None
    fresh = open_index(folder, "new")
    assert fresh is not None and isinstance(index_of(fresh), Buckets)
    assert [path.name for path in folder.parent.iterdir()] == ["grids"]
    assert opened is not None and len(opened["cells"]) > 0 and opened["cells"].min() < 0


CORNER_M = np.array([500_000.0, 3_300_000.0])
LINES = shapely.transform(
    shapely.linestrings([[(0, 0), (10, 0)], [(0, 5), (10, 5)], [(0, 7), (3, 9)]]),
    lambda xy: to_lonlat(xy + CORNER_M, 4545),
)


@pytest.fixture
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small shapes have files as well."""
    monkeypatch.setattr(indexes, "WORTH_A_FILE", 1)


@pytest.mark.usefixtures("always_worth_it")
def test_what_one_shelf_kept_another_opens(tmp_path: Path) -> None:
    kept, opened = Shelf(tmp_path / "deep" / "shelf", keeps=True), Shelf(tmp_path / "deep" / "shelf")
    assert opened.polygons(SQUARES) is None and opened.lines(LINES, 4545, 25.0) is None
    for polygons in (kept.polygons(SQUARES), opened.polygons(SQUARES)):
        np.testing.assert_array_equal(polygons.pairs(POINTS), CellRaster(SQUARES).pairs(POINTS))
    for lines in (kept.lines(LINES, 4545, 25.0), opened.lines(LINES, 4545, 25.0)):
        expected = SegmentRaster(project(LINES, 4545), 25.0).nearest(POINTS + CORNER_M, 25.0)
        assert (expected[0] >= 0).any()
        for answer, right in zip(lines.nearest(POINTS + CORNER_M, 25.0), expected, strict=True):
            np.testing.assert_array_equal(answer, right)


@pytest.mark.usefixtures("always_worth_it")
def test_an_index_answers_for_exactly_what_it_was_built_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restored or corrected territory would be answered by the index of another."""
    kept, opened = Shelf(tmp_path, keeps=True), Shelf(tmp_path)
    kept.polygons(SQUARES)
    kept.lines(LINES, 4545, 25.0)
    moved = SQUARES.copy()
    moved[7] = shapely.transform(moved[7], lambda xy: xy + 1e-12)
    for others in (moved, SQUARES[::-1], SQUARES[:29], np.append(SQUARES, None)):
        assert opened.polygons(others) is None
    assert opened.lines(LINES, 4545, 26.0) is None and opened.lines(LINES[::-1], 4545, 25.0) is None
    assert opened.lines(SQUARES, 4545, 25.0) is None
    assert opened.polygons(SQUARES) is not None and opened.lines(LINES, 4545, 25.0) is not None
    monkeypatch.setattr(indexes, "FORMAT", indexes.FORMAT + 1)
    assert opened.polygons(SQUARES) is None


def test_small_territories_and_stores_in_memory_have_no_files(tmp_path: Path) -> None:
    large = shapely.buffer(shapely.points(0.0, np.arange(30)), 1.0, quad_segs=1000)
    assert shapely.get_num_coordinates(large).sum() > WORTH_A_FILE
    for shelf, shapes in ((Shelf(tmp_path / "shelf", keeps=True), SQUARES), (Shelf(None, keeps=True), large)):
        assert shelf.polygons(shapes) is None and shelf.lines(shapes, 4545, 25.0) is None
        shelf.retire()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("always_worth_it")
def test_the_newest_and_the_former_state_keep_their_indexes(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    states = (SQUARES, LINES), (SQUARES, LINES[::-1]), (SQUARES[::-1], LINES[::-1])
    for polygons, lines in states:
        for _ in range(2):  # published, and indexed once more
            shelf = Shelf(tmp_path, keeps=True)
            shelf.polygons(polygons)
            shelf.lines(lines, 4545, 25.0)
            shelf.retire()
    opened = Shelf(tmp_path)
    assert opened.lines(LINES, 4545, 25.0) is None
    for polygons, lines in states[1:]:
        assert opened.polygons(polygons) is not None and opened.lines(lines, 4545, 25.0) is not None
    assert len(list(tmp_path.iterdir())) == 5  # three indexes, the list of what is used, and what is not ours


def test_what_was_abandoned_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    abandoned, under_way = (tmp_path / f"{32 * '0'}.{32 * digit}.new" for digit in "12")
    for folder in (abandoned, under_way):
        folder.mkdir()
    os.utime(abandoned, (0, 0))
    Shelf(tmp_path).retire()
    assert not abandoned.exists() and under_way.exists()


def test_killed_while_writing(tmp_path: Path) -> None:
    """Half an index would be believed."""
    writing = (
        "from pathlib import Path\nimport sys\nimport numpy as np\nfrom layers.indexes import write_index\n"
        "arrays = {f'a{k}': np.zeros(500_000) for k in range(100)}\n"
        "write_index(Path(sys.argv[1]) / 'index', arrays, 'abc')"
    )
    process = subprocess.Popen([sys.executable, "-c", writing, tmp_path])
    while not list(tmp_path.glob("*.new/a3.npy")) and process.poll() is None:
        pass
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert open_index(tmp_path / "index", "abc") is None
    write_index(tmp_path / "index", CellRaster(SQUARES).arrays(), "abc")
    assert open_index(tmp_path / "index", "abc") is not None


def test_several_write_the_same_while_others_read(tmp_path: Path) -> None:
    """A reader would find half of one and half of another, or a writer would give up."""
    folder, arrays = tmp_path / "index", CellRaster(SQUARES).arrays()

    def read() -> bool:
        found = open_index(folder, "abc")
        return found is None or all(np.array_equal(found[name], array) for name, array in arrays.items())

    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write_index, folder, arrays, "abc") for _ in range(40)]
        readers = [pool.submit(read) for _ in range(200)]
    assert [writer.result() for writer in writers] == [None] * 40
    assert all(reader.result() for reader in readers)
    assert open_index(folder, "abc") is not None
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:////data/city.db", "/data/city.db.indexes"),
        ("postgresql://me:secret@db.example:6543/city", "/cache/gridwarden/db.example-6543-city"),
        ("postgresql:///city", "/cache/gridwarden/local-5432-city"),
        ("postgresql://[::1]/a/b", "/cache/gridwarden/-1-5432-a-b"),
    ],
)
def test_where_indexes_are(address: str, folder: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    monkeypatch.delenv("GRIDWARDEN_INDEXES", raising=False)
    url = make_url(address)
    assert shelf_folder(url) == (folder and Path(folder))
    monkeypatch.setenv("GRIDWARDEN_INDEXES", "/shared")
    shared = folder and folder.replace("/cache/gridwarden", "/shared")
    assert shelf_folder(url) == (shared and Path(shared))


def test_the_digest_is_of_everything() -> None:
    assert len({digest_of(shapes, kind) for shapes in (SQUARES, SQUARES[:0], SQUARES[:1]) for kind in "ab"}) == 6

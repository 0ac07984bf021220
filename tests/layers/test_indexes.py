"""Compiled indexes as files."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from gis_core.joins.buckets import Buckets
from gis_core.joins.choosing import index_of
from gis_core.joins.raster import CellRaster
from gis_core.joins.segments import SegmentRaster
from layers.indexes import HEADER, open_index, write_index

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


def test_an_index_of_another_format_is_not_opened(folder: Path) -> None:
    header = folder / HEADER
    header.write_text(header.read_text("utf-8").replace('"format": 1', '"format": 0'), "utf-8")
    assert open_index(folder, "abc") is None
    header.write_text("{", "utf-8")
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

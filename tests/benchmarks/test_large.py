"""The large city, small: it can be published, its issues loaded by the command and assigned from a file."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from gis_core.references import check_references
from tests.benchmarks import memory, whole
from tests.benchmarks.large import IN_FILES, door, multiplied, sqlite, stock
from tests.benchmarks.loading import _load
from tests.benchmarks.spending import alone, forget_peak, peak_mb
from tests.benchmarks.territory import build, territory_of

SIZES = {"grids": 200, "streets": 1_000, "places": 400, "facilities": 500, "agreed": 100, "issues": 3_000}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a store and files as the benchmarks prepare them."""
    made, large = tmp_path_factory.mktemp("large"), build(8, **SIZES)
    (made / "store").mkdir()
    stock(sqlite(made / "store"), large)
    large.frames["issues"].to_parquet(made / "issues.parquet")
    large.frames["issues"].to_csv(made / "issues.csv", columns=list(IN_FILES), index=False)
    return made


def test_the_same_seed_gives_the_same_city_and_nothing_names_what_is_not_there() -> None:
    one, other = build(9, **SIZES), build(9, **SIZES)
    for name, frame in one.frames.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(other.frames[name]))
    assert not len(check_references(territory_of(one)))


def test_issues_are_loaded_by_the_command(folder: Path) -> None:
    done = alone(_load, sqlite(folder / "store"), folder / "issues.csv")
    assert done["read"] == SIZES["issues"] == done["stored"] + done["rejected"]
    assert done["stored"] > 0.9 * done["read"] and done["peak_mb"] > 50 and done["wall"] > 0 and done["ours"] > 0
    with door(sqlite(folder / "store")).stores.read() as store:
        assert len(store.issues()) == done["stored"]


def test_a_frame_is_screened_and_assigned(folder: Path) -> None:
    counts, screened, assigned = whole._frame(folder, 2)
    assert counts["grids"] >= SIZES["grids"] - 10 and counts["issues"] == SIZES["issues"]
    assert screened.startswith("| screened | 2 |") and assigned.startswith("| assigned | 2 |")


def test_a_file_is_assigned_row_by_row(folder: Path) -> None:
    rows = memory._assigned(folder, folder / "issues.parquet", (1_000, 3_000, 5_000))
    assert [row.split("|")[1].strip() for row in rows] == ["1,000", "3,000"]
    assert pq.read_metadata(folder / "answers.parquet").num_rows > 0.9 * SIZES["issues"]


def test_the_long_file_repeats_the_issues_under_other_ids(folder: Path) -> None:
    rows = pq.read_table(multiplied(folder, 3)).to_pandas()
    assert len(rows) == 3 * SIZES["issues"] and rows["external_id"].is_unique
    assert rows["lon"].nunique() <= SIZES["issues"]


def test_a_peak_is_forgotten() -> None:
    held = bytearray(200_000_000)
    high = peak_mb()
    del held
    forget_peak()
    assert peak_mb() < high - 100

"""Many files assigned into a folder, on both databases."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from api import reporting
from gis_core.answers import ANSWER
from tests.api.conftest import Run, write_issues
from tests.town import SOUTH, WEST

CHUNK_ROWS = 2_000


@pytest.fixture
def issue_files(town_store: Run, files: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Files of issues in three formats, one longer than a chunk, one without rejects."""
    monkeypatch.setattr(reporting, "CHUNK_ROWS", CHUNK_ROWS)
    (files / "in").mkdir()
    write_issues(files / "in" / "a.csv", CHUNK_ROWS + 5)
    issues = pd.read_csv(files / "in" / "a.csv", dtype=str).head(3)
    issues.to_parquet(files / "in" / "plain.parquet", index=False)
    places = gpd.points_from_xy([WEST + 0.0005] * 3, [SOUTH + 0.0005] * 3, crs=4326)
    placed = gpd.GeoDataFrame(issues.drop(columns=["lon", "lat"]).assign(category="a"), geometry=places)
    placed.to_parquet(files / "in" / "placed.parquet", index=False)
    return town_store


def names(folder: Path) -> list[str]:
    """Names of what a folder holds."""
    return sorted(path.name for path in folder.iterdir())


def test_each_file_becomes_one_of_answers_and_one_of_rejects(issue_files: Run, files: Path) -> None:
    done = issue_files("--json", "assign", "--file", "in/*", "--out", "out", "--key", "id")
    assert done.status == 0, done.err
    assert {name: done.answer[name] for name in ("read", "assigned", "rejected", "failed")} == {
        "read": CHUNK_ROWS + 11, "assigned": CHUNK_ROWS + 7, "rejected": 4, "failed": [],
    }  # fmt: skip
    assert names(files / "out") == [
        "a.parquet", "a.rejects.csv", "placed.parquet", "plain.parquet", "plain.rejects.csv",
    ]  # fmt: skip
    answers = pd.read_parquet(files / "out" / "a.parquet")
    assert list(answers) == ["row", "external_id", "lon", "lat", *ANSWER]
    assert answers["row"].tolist() == [1, *range(4, CHUNK_ROWS + 6)]
    assert set(answers["responsible"]) == {"P1"} and set(answers["version"]) == {3}
    rejects = pd.read_csv(files / "out" / "a.rejects.csv", dtype=str, encoding="utf-8-sig")
    assert rejects["row"].tolist() == ["2", "3"] and "'zz'" in rejects["reason"][1]
    schemas = {pd.read_parquet(path).dtypes.astype(str).to_json() for path in (files / "out").glob("*.parquet")}
    assert len(schemas) == 1


def test_it_says_the_same_as_one_file_as_csv(issue_files: Run, files: Path) -> None:
    assert issue_files("assign", "--file", "in/a.csv", "--out", "out", "--key", "id").status == 0
    assert issue_files("assign", "--file", "in/a.csv", "--out", "a.csv", "--key", "id", "--threads", "2").status == 0
    answers, expected = pd.read_parquet(files / "out" / "a.parquet"), pd.read_csv(files / "a.csv", dtype=str)
    for name in answers:
        found = answers[name].replace("", None)  # CSV has one word for both
        same = pd.to_numeric(expected[name]) if found.dtype.kind in "if" else expected[name]
        pd.testing.assert_series_equal(found, same, check_dtype=False, rtol=1e-12)
    assert (files / "out" / "a.rejects.csv").read_bytes() == (files / "in" / "a.csv.rejects.csv").read_bytes()


def test_a_pattern_needs_a_folder_whatever_it_means_today(issue_files: Run, files: Path) -> None:
    for pattern in ("in/a.*", "in/[ab].csv"):
        refused = issue_files("assign", "--file", pattern, "--out", "one.csv", "--key", "id")
        assert refused.status == 2 and "give --out a folder" in refused.err


def test_again_gives_the_same_bytes_and_leaves_nothing_behind(issue_files: Run, files: Path) -> None:
    (files / "out").mkdir()
    (files / "out" / "placed.rejects.csv").write_text("of an earlier, worse file")
    (files / "out" / f"a.parquet.{32 * '0'}.part").write_text("of a run that was killed")
    runs = []
    for _ in range(2):
        done = issue_files("assign", "--file", "in/*.parquet", "--file", "in/a.csv", "--out", "out", "--key", "id")
        assert done.status == 0, done.err
        runs.append({path.name: path.read_bytes() for path in (files / "out").iterdir()})
    assert runs[0] == runs[1] and len(runs[0]) == 5


def test_a_file_at_fault_is_named_and_the_others_are_done(issue_files: Run, files: Path) -> None:
    (files / "in" / "b.parquet").write_bytes(b"PAR1 and nothing more")
    done = issue_files("--json", "assign", "--file", "in/*", "--out", "out", "--key", "id")
    assert done.status == 1
    assert [Path(one["file"]).name for one in done.answer["failed"]] == ["b.parquet"]
    assert "b.parquet is damaged" in done.err
    assert len(done.answer["files"]) == 3
    assert not [name for name in names(files / "out") if name.startswith("b.")]


def test_what_cannot_be_written_is_refused(issue_files: Run, files: Path) -> None:
    def refused(*arguments: str) -> str:
        done = issue_files("assign", *arguments)
        assert done.status == 2 and done.err.count("\n") == 1
        return done.err

    write_issues(files / "plain.csv")
    assert "would both be written to" in refused("--file", "in/plain.parquet", "--file", "plain.csv", "--out", "out")
    assert "would be written over" in refused("--file", "in/*.parquet", "--out", "in")
    assert "give --out a folder" in refused("--file", "in/a.csv", "--file", "plain.csv", "--out", "out.csv")
    assert "give --out a folder" in refused(
        "--file", "in/a.csv", "--out", "out.csv", "--scheduler", "tcp://127.0.0.1:1"
    )
    assert "there is no file" in refused("--file", "in/*.zip", "--out", "out")
    assert "give either" in refused("--scheduler", "tcp://127.0.0.1:1")
    assert not (files / "out").exists()


def test_a_file_is_not_written_over_itself(issue_files: Run, files: Path) -> None:
    before = (files / "in" / "a.csv").read_bytes()
    done = issue_files("assign", "--file", "in/a.csv", "--out", "in/a.csv", "--key", "id")
    assert done.status == 2 and "a.csv" in done.err
    assert (files / "in" / "a.csv").read_bytes() == before


def test_a_file_without_rows_leaves_a_heading(issue_files: Run, files: Path) -> None:
    (files / "none.csv").write_text("id,lon,lat,category,reported_at\n", encoding="utf-8")
    (files / "stale.csv").write_text("stale", encoding="utf-8")
    assert issue_files("assign", "--file", "none.csv", "--out", "stale.csv", "--key", "id").status == 0
    assert pd.read_csv(files / "stale.csv").columns.tolist()[:2] == ["row", "external_id"]


def test_what_cannot_be_written_does_not_keep_the_others_back(issue_files: Run, files: Path) -> None:
    (files / "out" / "a.parquet").mkdir(parents=True)
    (files / "out" / "a.parquet" / "in the way").touch()
    done = issue_files("--json", "assign", "--file", "in/*", "--out", "out", "--key", "id")
    assert done.status == 1
    assert [Path(one["file"]).name for one in done.answer["failed"]] == ["a.csv"]
    assert (files / "out" / "plain.parquet").is_file() and (files / "out" / "placed.parquet").is_file()

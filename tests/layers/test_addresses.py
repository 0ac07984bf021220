"""Files by address, in folders and by URI."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gis_core.errors import InvalidInput, NotFound
from layers.addresses import (
    absolute,
    created,
    fetched,
    inside,
    listed,
    make_folder,
    name_of,
    removed,
    same,
    sibling,
    sweep,
)

Spelled = Callable[[Path], str]
SPELLINGS = [str, lambda path: f"file://{path}"]


def names(folder: Path) -> list[str]:
    """Names of what a folder holds."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=SPELLINGS, ids=["path", "uri"])
def spelled(request: pytest.FixtureRequest) -> Spelled:
    """How a path is given: as it is, or as a URI."""
    spelling: Spelled = request.param
    return spelling


def test_files_of_a_pattern_are_found_in_order(tmp_path: Path, spelled: Spelled) -> None:
    for name in ("b 2.csv", "a.csv", "c.txt", "数据 1%.csv", "b1.csv"):
        (tmp_path / name).touch()
    (tmp_path / "folder.csv").mkdir()
    found = listed(spelled(tmp_path / "*.csv"))
    assert [name_of(one) for one in found] == ["a.csv", "b 2.csv", "b1.csv", "数据 1%.csv"]
    assert [listed(one) for one in found] == [[one] for one in found]
    for one in found:
        with fetched(one) as path:
            assert path == tmp_path / name_of(one)
    for missing in (tmp_path / "*.zip", tmp_path / "none.csv", tmp_path / "nowhere" / "*"):
        with pytest.raises(NotFound, match="there is no file"):
            listed(spelled(missing))


def test_a_name_that_looks_like_a_pattern(tmp_path: Path) -> None:
    for name in ("year[2026].csv", "year2.csv"):
        (tmp_path / name).touch()
    assert listed(str(tmp_path / "year[2026].csv")) == [str(tmp_path / "year[2026].csv")]


def test_a_relative_path_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").touch()
    assert listed("*.csv") == ["a.csv"]
    assert absolute("a.csv") == str(tmp_path / "a.csv") and absolute("s3://b/a.csv") == "s3://b/a.csv"
    assert same("a.csv", str(tmp_path / "a.csv")) and same("a.csv", (tmp_path / "a.csv").as_uri())
    assert not same("a.csv", "b.csv")


def test_options_of_an_address_stay_at_its_end() -> None:
    folder = "s3://bucket/out/?region=here"
    assert inside(folder, "a b.csv") == "s3://bucket/out/a%20b.csv?region=here"
    assert sibling("s3://bucket/in/*.csv?region=here", "a.csv") == "s3://bucket/in/a.csv?region=here"


@pytest.mark.parametrize("address", ["nothing://at/all", "s3://bucket/a?no_such_option=1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="is no address"):
        listed(address)


def test_a_file_is_there_as_a_whole_or_not_at_all(tmp_path: Path, spelled: Spelled) -> None:
    address = spelled(tmp_path / "deep" / "one.txt")
    make_folder(spelled(tmp_path / "deep"))
    make_folder(spelled(tmp_path / "deep"))
    for text in (b"first", b"second"):
        with created(address) as stream:
            stream.write(text)
        assert (tmp_path / "deep" / "one.txt").read_bytes() == text
    with pytest.raises(ZeroDivisionError), created(address) as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert (tmp_path / "deep" / "one.txt").read_bytes() == b"second"
    assert names(tmp_path / "deep") == ["one.txt"]
    removed(address)
    removed(address)
    assert names(tmp_path / "deep") == []


def test_what_killed_writers_left_is_swept(tmp_path: Path, spelled: Spelled) -> None:
    left, others = f"one.txt.{32 * 'a'}.part", (f"two.txt.{32 * 'a'}.part", "one.txt", "one.txt.part")
    for name in (left, *others):
        (tmp_path / name).touch()
    sweep(spelled(tmp_path), {"one.txt"})
    assert names(tmp_path) == sorted(others)

"""Things made ahead by another process: in order, with their faults, and gone with whoever wanted them."""

import os
import signal
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from api.ahead import by_process, by_thread
from gis_core.errors import Conflict, InvalidInput


class Stays(Exception):
    """Cannot be made again of what it says."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one + other)


def counted(count: int, fault: str) -> Iterator[tuple[int, int]]:
    """Numbers and who made them; then the fault, if it has a name."""
    for number in range(count):
        yield number, os.getpid()
    if fault == "refused":
        raise InvalidInput("file_missing", value="nowhere.csv")
    if fault == "ended":
        raise EOFError("of the file itself")
    if fault == "pipe":
        raise BrokenPipeError("of the file itself")
    if fault == "stays":
        raise Stays("here", "there")
    if fault == "killed":
        os.kill(os.getpid(), signal.SIGKILL)


def test_everything_comes_in_order_from_elsewhere() -> None:
    numbers, makers = zip(*by_process(counted, 5, ""), strict=True)
    assert numbers == (0, 1, 2, 3, 4)
    assert len(set(makers)) == 1 and os.getpid() not in makers
    assert list(by_thread(iter("abc"))) == ["a", "b", "c"]
    assert list(by_process(counted, 0, "")) == []


def test_a_refusal_is_the_same_as_here() -> None:
    items = by_process(counted, 1, "refused")
    assert next(items)[0] == 0
    with pytest.raises(InvalidInput) as refused:
        next(items)
    assert (refused.value.key, refused.value.params) == ("file_missing", {"value": "nowhere.csv"})


@pytest.mark.parametrize(("fault", "kind"), [("ended", EOFError), ("pipe", BrokenPipeError)])
def test_a_fault_that_a_pipe_has_as_well_is_not_mistaken(fault: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="of the file itself") as raised:
        list(by_process(counted, 0, fault))
    assert "in counted" in raised.value.__notes__[0]


def test_a_fault_that_cannot_travel_is_told() -> None:
    with pytest.raises(RuntimeError, match="in counted"):
        list(by_process(counted, 0, "stays"))


def test_a_process_that_is_killed_is_missed() -> None:
    items = by_process(counted, 2, "killed")
    assert [next(items)[0], next(items)[0]] == [0, 1]
    with pytest.raises(Conflict, match="status -9"):
        next(items)


def in_a_folder(folder: str) -> Iterator[int]:
    """Numbers, as long as there is a folder of ours in this one."""
    with TemporaryDirectory(dir=folder):
        yield from range(1_000_000)


def test_it_ends_with_whoever_wanted_it_and_leaves_nothing(tmp_path: Path) -> None:
    items = by_process(in_a_folder, str(tmp_path))
    next(items)
    assert len(active_children()) == 1 and len(list(tmp_path.iterdir())) == 1
    items.close()
    assert not active_children() and not list(tmp_path.iterdir())

"""One batch by several threads; kernels run without the interpreter's lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Answer = TypeVar("Answer")


def by_threads(work: Callable[[int], Answer], threads: int) -> list[Answer]:
    """What ``work`` answers in each of so many threads, which it gets the number of."""
    if threads == 1:
        return [work(0)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(threads)))


def in_parts(work: Callable[[slice], Answer], count: int, threads: int) -> list[Answer]:
    """What ``work`` answers for each of ``threads`` parts of a batch, in order."""
    return by_threads(lambda nth: work(slice(nth * count // threads, (nth + 1) * count // threads)), threads)

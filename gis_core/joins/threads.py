"""One batch by several threads; kernels run without the interpreter's lock."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Answer = TypeVar("Answer")
Item = TypeVar("Item")


def by_threads(work: Callable[[int], Answer], threads: int) -> list[Answer]:
    """What ``work`` answers in each of so many threads, which it gets the number of."""
    return mapped(work, range(threads), threads)


def in_parts(work: Callable[[slice], Answer], count: int, threads: int) -> list[Answer]:
    """What ``work`` answers for each of ``threads`` parts of a batch, in order."""
    return by_threads(lambda nth: work(slice(nth * count // threads, (nth + 1) * count // threads)), threads)


def mapped(work: Callable[[Item], Answer], items: Sequence[Item], threads: int) -> list[Answer]:
    """What ``work`` answers for each item, in order, by so many threads."""
    if threads == 1 or len(items) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))

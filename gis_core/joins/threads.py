"""One batch by several threads; kernels run without the interpreter's lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np

Answer = TypeVar("Answer")


def in_parts(work: Callable[[slice], Answer], count: int, threads: int) -> list[Answer]:
    """What ``work`` answers for each of ``threads`` parts of a batch, in order."""
    if threads == 1:
        return [work(slice(0, count))]
    bounds = np.linspace(0, count, threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, (slice(*bound) for bound in pairwise(bounds))))

"""Seconds, memory and processes: what a measurement costs, and whose it is."""

import datetime as dt
import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np

Found = TypeVar("Found")


@dataclass
class Spent:
    """Seconds: by the clock, of our processor and that of processes that helped us, of a server we started."""

    wall: float
    ours: float
    server: float


@contextmanager
def measured() -> Iterator[Spent]:
    """What the block spends."""
    spent = Spent(-time.perf_counter(), -_our_seconds(), -descendants_seconds())
    yield spent
    spent.wall += time.perf_counter()
    spent.ours += _our_seconds()
    spent.server += descendants_seconds()


def _our_seconds() -> float:
    """CPU seconds of this process and of those it has started and seen end."""
    helped = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + helped.ru_utime + helped.ru_stime


def helpers_peak_mb() -> float:
    """Most memory that a process started by this one has held, of those seen to end."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def descendants_seconds() -> float:
    """CPU seconds of everything this process has started and that still runs: its PostgreSQL."""
    known = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        known[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    family = {os.getpid()}
    while more := {pid for pid, (parent, _) in known.items() if parent in family} - family:
        family |= more
    return sum(known[pid][1] for pid in family - {os.getpid()}) / os.sysconf("SC_CLK_TCK")


def peak_mb() -> float:
    """Most memory this process has held since :func:`forget_peak`, files mapped into it included.

    Not ``ru_maxrss``, which begins with what the parent held when it started us.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


def forget_peak() -> None:
    """Begin :func:`peak_mb` anew from what is held now."""
    Path("/proc/self/clear_refs").write_text("5")


def alone(function: Callable[..., Found], *given: object) -> Found:
    """What the function returns in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *given).result()


def percentiles_ms(calls: Sequence[Callable[[], object]], *shares: float) -> list[float]:
    """Percentiles of what single calls take, in milliseconds."""
    spent = []
    for call in calls:
        begun = time.perf_counter()
        call()
        spent.append((time.perf_counter() - begun) * 1000)
    return [float(one) for one in np.percentile(spent, shares)]


def setting(*packages: str) -> str:
    """When, where and with what a section was measured."""
    used = ", ".join(f"{name} {version(name)}" for name in packages)
    machine = f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores"
    return f"{dt.datetime.now(dt.UTC).date()}, {machine}, Python {platform.python_version()}, {used}"

"""The next thing is made while one is worked on: by a thread, or by a process where both keep the interpreter busy."""

import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pickle import dumps, loads
from signal import SIG_IGN, SIGINT, SIGTERM, signal
from traceback import format_exc
from typing import Any, TypeVar

from gis_core.errors import Conflict

Item = TypeVar("Item")
ENDS_WITHIN_S = 10
"""How long a process that is no longer wanted may take to leave."""


def by_thread(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The items, the next one made by a thread while one is worked on."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def by_process(make: Callable[..., Iterator[Item]], *given: object) -> Generator[Item, None, None]:
    """What ``make(*given)`` gives, the next one made by a process of its own while one is worked on.

    Parameters
    ----------
    make, given
        A function of a module and what it is called with; they travel, as does what it gives or raises.

    Raises
    ------
    Conflict
        When the process ends before it is done, killed by whomever.
    """
    context = get_context("spawn")
    coming, going = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(going, make, given), daemon=True)
    process.start()
    going.close()
    try:
        outcome: tuple[Item, Exception | None] | None
        while (outcome := _received(coming, process)) is not None:
            item, fault = outcome
            if fault is not None:
                raise fault
            yield item
    finally:
        coming.close()
        process.terminate()
        process.join(ENDS_WITHIN_S)
        process.kill()
        process.join()


def _received(coming: Connection, process: BaseProcess) -> Any:
    try:
        return coming.recv()
    except (EOFError, OSError):  # between two things, or in the midst of one
        process.join()
        raise Conflict("process_lost", found=process.exitcode) from None


def _send(going: Connection, make: Callable[..., Iterator[Any]], given: tuple[object, ...]) -> None:
    """Send each outcome as soon as the one before was taken."""
    signal(SIGINT, SIG_IGN)  # the terminal sends it to everybody; who started us ends us
    signal(SIGTERM, lambda *_: sys.exit())  # so that what is open is left as it should be
    outcomes = _outcomes(make, given)
    try:
        for outcome in outcomes:
            going.send(outcome)
    except BrokenPipeError:  # who started us wants no more
        signal(SIGTERM, SIG_IGN)  # which it says as well, and would break off the cleaning up
        outcomes.close()


def _outcomes(make: Callable[..., Iterator[Item]], given: tuple[object, ...]) -> Generator[Any, None, None]:
    """Each thing with no fault; then the fault, or ``None`` for the end."""
    try:
        for item in make(*given):
            yield item, None
    except Exception as fault:
        yield None, _portable(fault)
    else:
        yield None


def _portable(fault: Exception) -> Exception:
    """The fault with where it happened, or another one that says so, if it cannot travel."""
    fault.add_note(format_exc())
    try:
        loads(dumps(fault))
    except Exception:
        return RuntimeError(format_exc())
    return fault

"""The next thing is made while one is worked on: by a thread, or by a process where both keep the interpreter busy."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from signal import SIG_IGN, SIGINT, signal
from typing import Any, TypeVar

from gis_core.errors import Conflict

Item = TypeVar("Item")


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
        process.join()


def _received(coming: Connection, process: BaseProcess) -> Any:
    try:
        return coming.recv()
    except (EOFError, OSError):  # between two things, or in the midst of one
        process.join()
        raise Conflict("process_lost", found=process.exitcode) from None


def _send(going: Connection, make: Callable[..., Iterator[Item]], given: tuple[object, ...]) -> None:
    """Send each item as soon as the one before was taken; at last ``None``."""
    signal(SIGINT, SIG_IGN)  # the terminal sends it to everybody; who started us ends us
    with suppress(BrokenPipeError):  # who started us is gone
        try:
            for item in make(*given):
                going.send((item, None))
        except BrokenPipeError:
            raise
        except Exception as fault:
            going.send((None, fault))
        else:
            going.send(None)

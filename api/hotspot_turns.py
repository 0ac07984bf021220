"""Whose turn it is to work out an answer about hot spots: few at once, the same once; others wait without a thread."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from anyio import CapacityLimiter, Lock, Semaphore, to_thread
from anyio.lowlevel import RunVar
from starlette.requests import ClientDisconnect

Result = TypeVar("Result")
Turns = dict[object, tuple[Lock, int]]
AT_ONCE = 2
"""Answers that are worked out at once: everything else that is asked needs threads and connections too."""


class _Kept(NamedTuple):
    """What a loop has: whose turn it is, threads for these, and what is asked for by how many."""

    turn: Semaphore
    threads: CapacityLimiter
    asked: Turns


_KEPT: RunVar[_Kept] = RunVar("hotspots")


async def once(
    key: object, known: Callable[[], Result | None], work: Callable[[], Result], gone: Callable[[], Awaitable[bool]]
) -> Result:
    """What is known, or what comes of work in a thread when nobody else does the same.

    Parameters
    ----------
    known
        Asked again by whoever waited, as it may be known by then.
    gone
        Whether whoever asks is not there any more when the turn has come: a map that is moved asks and goes on.

    Raises
    ------
    ClientDisconnect
        When it is so: nothing is worked out for nobody.
    """
    found = known()
    if found is not None:
        return found
    turn, threads, turns = _kept()
    lock, waiting = turns.get(key, (Lock(), 0))
    turns[key] = (lock, waiting + 1)
    try:
        async with lock:
            found = known()
            if found is not None:
                return found
            async with turn:
                if await gone():
                    raise ClientDisconnect
                return await to_thread.run_sync(work, limiter=threads)
    finally:
        waiting = turns[key][1] - 1
        turns[key] = (lock, waiting)
        if not waiting:
            del turns[key]


def _kept() -> _Kept:
    try:
        return _KEPT.get()
    except LookupError:
        kept = _Kept(Semaphore(AT_ONCE), CapacityLimiter(AT_ONCE), {})
        _KEPT.set(kept)
        return kept

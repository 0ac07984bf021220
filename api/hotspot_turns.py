"""Whose turn it is to work out an answer about hot spots: few at once, the same once; others wait without a thread."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, Lock, to_thread
from anyio.lowlevel import RunVar

Result = TypeVar("Result")
Turns = dict[object, tuple[Lock, int]]
AT_ONCE = 2
"""Answers that are worked out at once: everything else that is asked needs threads and connections too."""
_LIMITER: RunVar[CapacityLimiter] = RunVar("hotspots")
_TURNS: RunVar[Turns] = RunVar("hotspot_turns")


async def once(key: object, known: Callable[[], Result | None], work: Callable[[], Result]) -> Result:
    """What is known, or what comes of work in a thread when nobody else does the same.

    Parameters
    ----------
    known
        Asked again by whoever waited, as it may be known by then.
    """
    found = known()
    if found is not None:
        return found
    limiter, turns = _kept()
    lock, waiting = turns.get(key, (Lock(), 0))
    turns[key] = (lock, waiting + 1)
    try:
        async with lock:
            found = known()
            return await to_thread.run_sync(work, limiter=limiter) if found is None else found
    finally:
        waiting = turns[key][1] - 1
        turns[key] = (lock, waiting)
        if not waiting:
            del turns[key]


def _kept() -> tuple[CapacityLimiter, Turns]:
    try:
        return _LIMITER.get(), _TURNS.get()
    except LookupError:
        limiter, turns = CapacityLimiter(AT_ONCE), Turns()
        _LIMITER.set(limiter)
        _TURNS.set(turns)
        return limiter, turns

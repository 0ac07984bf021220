"""What a server process does from its first moment to its last."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any

from anyio import to_thread
from fastapi import FastAPI

from api.metrics import SAMPLE_S, Metrics
from layers.engine import THREADS

WATCH_S = 5.0
"""How often a server looks whether strips are outdated."""


@asynccontextmanager
async def living(app: FastAPI) -> AsyncIterator[None]:
    """As many threads as there are connections: who has one never waits for another. What the process uses is told
    until it ends, and streams are let go as soon as it is told to stop.
    """
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    context = app.state.context
    _before_stopping(context.hub.ending)
    beside = [asyncio.create_task(one) for one in (_sampling(context.metrics), _watching(context))]
    yield
    for task in beside:
        task.cancel()
    context.hub.end()
    context.workshop.end()


async def _sampling(metrics: Metrics) -> None:
    while True:
        metrics.sample()
        await asyncio.sleep(SAMPLE_S)


async def _watching(context: Any) -> None:
    while True:
        await asyncio.sleep(WATCH_S)
        await to_thread.run_sync(context.workshop.look, context.now())


def _before_stopping(do: Callable[[], None]) -> None:
    """Do something when the process is told to stop, before the server does what it does then: it would wait for open
    streams first and say so to nobody.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        before: Any = signal.getsignal(number)

        def told(number: int, frame: FrameType | None, before: Any = before) -> None:
            do()
            if callable(before):
                before(number, frame)

        signal.signal(number, told)


def end_with_parent() -> None:
    """Have this worker stop when the process that started it is gone, or it would keep the port for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()

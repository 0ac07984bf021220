"""The live stream: one listener a process wakes its readers, and each reads on as far as it may see."""

import asyncio
import select
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from functools import partial
from typing import Any

from anyio import to_thread

from api.documents import written
from gis_core.errors import GisError
from layers.batches import CHANNEL
from layers.events import events_after, newest_position
from layers.store import Store
from layers.stores import Stores

PAGE, MOST_READERS = 500, 500
HEARTBEAT_S, LOOK_S = 15.0, 1.0
"""How long nothing is said at most; how often SQLite is looked at, and PostgreSQL's listener at whether to go on."""
Place = tuple[int, int]
"""Position of a batch and id of an event: the last that was read."""


class Hub:
    """Tells the readers of one process that there is something new.

    Parameters
    ----------
    stores
        Where it happens.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._readers: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def join(self, reader: asyncio.Event) -> bool:
        """Have a reader woken from now on; whether there was room."""
        if len(self._readers) >= MOST_READERS:
            return False
        self._readers.add(reader)
        if self._thread is None:
            self._loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._listen, name="events", daemon=True)
            self._thread.start()
        return True

    def leave(self, reader: asyncio.Event) -> None:
        """Wake a reader no more."""
        self._readers.discard(reader)

    def ending(self) -> None:
        """Let the readers go, so that a server that is told to stop need not wait for them."""
        self._ended.set()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake_all)

    def end(self) -> None:
        """Stop listening."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def ended(self) -> bool:
        """Whether the process is about to stop."""
        return self._ended.is_set()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                if (connection := self._stores.listening()) is None:
                    self._looking()
                else:
                    self._notified(connection)
            except Exception:
                # Whatever the database says, it is asked again: readers look for themselves at every heartbeat.
                self._ended.wait(LOOK_S)

    def _notified(self, own: Any) -> None:
        """Wait for PostgreSQL to say that there is something, on a connection of its own."""
        with closing(own) as connection:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            # What came before it listened.
            self._wake()
            while not self._ended.is_set():
                if select.select([connection], [], [], LOOK_S)[0]:
                    connection.poll()
                    connection.notifies.clear()
                    self._wake()

    def _looking(self) -> None:
        """Look at SQLite, which tells nobody anything."""
        seen = -1
        while not self._ended.wait(LOOK_S if seen >= 0 else 0):
            with self._stores.read() as store:
                newest = newest_position(store)
            if newest != seen:
                seen = newest
                self._wake()

    def _wake(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for reader in tuple(self._readers):
            reader.set()


async def events(
    hub: Hub, reading: Callable[[Callable[[Store], Any]], Any], place: Place | None, *, follow: bool, heartbeat_s: float
) -> AsyncIterator[bytes]:
    """Events as they happen, in the form of server-sent events.

    Parameters
    ----------
    reading
        Asks a question of the store as the reader sees it at that moment; refuses when they may not any more.
    place
        Go on after this; from now on if not given.
    follow
        Whether to stay when there is nothing more for now.
    """
    woken = asyncio.Event()
    if follow and not hub.join(woken):
        yield b"event: end\ndata: too many readers\n\n"
        return
    try:
        last = place if place is not None else await to_thread.run_sync(reading, _now)
        yield b"retry: 2000\n\n"
        while not hub.ended:
            woken.clear()
            page, reached = await to_thread.run_sync(reading, partial(_page, place=last))
            for one in page:
                last = (one["position"], one["id"])
                yield _written(one, last)
            # What happened elsewhere meanwhile is not looked at again.
            last = max(last, reached)
            if len(page) == PAGE:
                continue
            if not follow:
                return
            try:
                await asyncio.wait_for(woken.wait(), heartbeat_s)
            except TimeoutError:
                yield b": still here\n\n"
    except GisError as fault:
        # A role taken back, an account closed, a token run out: the stream ends, and says so.
        yield f"event: end\ndata: {fault.key}\n\n".encode()
    finally:
        hub.leave(woken)


def _now(store: Store) -> Place:
    return newest_position(store), 2**62


def _page(store: Store, place: Place) -> tuple[list[dict[str, Any]], Place]:
    """The next events in sight, and how far all events have been looked at with them."""
    page = events_after(store, *place, PAGE)
    return page, place if len(page) == PAGE else _now(store)


def _written(one: dict[str, Any], place: Place) -> bytes:
    said = {name: value for name, value in one.items() if name not in ("position", "id")}
    return f"id: {place[0]}.{place[1]}\nevent: {one['type']}\ndata: ".encode() + written(said) + b"\n\n"

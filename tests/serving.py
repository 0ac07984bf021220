"""A real server on loopback, and what it answers."""

import datetime as dt
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from email.message import Message
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from api.app import create_app
from api.security import KEY_PREFIX, digest_of, new_secret
from api.settings import Settings
from api.snapshots import day_due, wanted_on
from api.workers import SERVER
from gis_core.permissions import Area, Grant
from layers.snapshots import Snapshot, put_snapshot
from layers.stores import Stores
from tests import town

SECRET = "a secret for tests, long enough to be one"
PASSWORD = "correct horse"
DIGEST = PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1).hash(PASSWORD)
"""Verified by the parameters it says itself: a thousand sign-ins need not be as dear as a thief's guesses."""
BETWEEN_LOOKS_S = 0.02


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def document(self) -> Any:
        """The JSON document."""
        return json.loads(self.text)


@dataclass(frozen=True)
class Server:
    """A server that is up, by its port on loopback.

    Parameters
    ----------
    shown
        Headers of every request: who is asking.
    """

    port: int
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def by(self, key: str) -> "Server":
        """The same server, asked with an API key."""
        return replace(self, shown={"Authorization": f"Bearer {key}"})

    def ask(
        self, path: str, method: str = "GET", *, body: bytes | str | Iterator[bytes] | None = None, **headers: str
    ) -> Reply:
        """One request; headers by name with ``_`` for ``-``."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers={**self.shown, **named})
        answer = connection.getresponse()
        reply = Reply(answer.status, answer.headers, answer.read())
        connection.close()
        return reply

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> Reply:
        """A form, sent."""
        typed = {"Content_Type": "application/x-www-form-urlencoded", **headers}
        return self.ask(path, "POST", body=urlencode(form), **typed)

    def send(self, path: str, document: Any, method: str = "POST", **headers: str) -> Reply:
        """A JSON document, sent."""
        return self.ask(path, method, body=json.dumps(document), **{"Content_Type": "application/json", **headers})


@contextmanager
def serving(
    stores: Stores,
    now: Callable[[], Any] = lambda: town.NOW,
    settings: Settings | None = None,
    app: FastAPI | None = None,
    port: int = 0,
) -> Iterator[Server]:
    """The application on a port, free or given, stopped at the end; the socket listens before the first question."""
    app = app or create_app(stores, settings or Settings(SECRET), now)
    with socket.create_server(("127.0.0.1", port)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, **{**SERVER, "timeout_graceful_shutdown": 5}))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield Server(door.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def join(stores: Stores, name: str, *grants: Grant, now: dt.datetime = town.NOW) -> str:
    """Make an account with :data:`PASSWORD`; its key."""
    key = new_secret(KEY_PREFIX)
    with stores.people(writes=True) as accounts:
        user = accounts.add(name, title="", organisation=None, password=DIGEST, now=now)
        for grant in grants:
            accounts.grant(user, grant)
        accounts.give(user, "key", digest_of(key), now, expires_at=None, label="test")
    return key


def settle_hotspots(stores: Stores, now: dt.datetime = town.NOW) -> None:
    """Have the hot spots of the day that is due count as kept, for tests of workers that have something else to do."""
    with stores.write() as store:
        day = day_due(store, now)
        for one in wanted_on(store, day) if day else ():
            put_snapshot(store.session, Snapshot(day, *one.key, now, {"fault": {"key": "hotspot_none", "params": {}}}))


def commander(stores: Stores) -> str:
    """The key of somebody who sees the whole city."""
    return join(stores, "commander", Grant("commander", Area("city")))


@contextmanager
def started(
    url: str, *options: str, log: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator[tuple[subprocess.Popen[bytes], Server]]:
    """The command in a process of its own, once it answers; ``log`` takes its standard error."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "GRIDWARDEN_SECRET": SECRET, "LC_ALL": "C.UTF-8"}
    program = [sys.executable, "-c", "from api.cli import main; main()"]
    command = [*program, "--store", url, "serve", "--port", str(port), *options]
    process = subprocess.Popen(command, env=environment, stderr=log, stdout=subprocess.DEVNULL)
    try:
        server = Server(port)
        until(lambda: _answers(server), process)
        yield process, server
    finally:
        process.terminate()
        process.wait(60)


def until(reached: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Look again and again until something is so, while a process runs, and leave it the processor meanwhile."""
    while not reached():
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"it ended with status {process.wait(BETWEEN_LOOKS_S)}")


def _answers(server: Server) -> bool:
    try:
        return server.ask("/healthz").status == 200
    except (OSError, HTTPException):
        return False


def workers_of(process: subprocess.Popen[bytes]) -> set[int]:
    """The processes that serve, of those a server has started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return {int(pid) for pid in children if b"spawn_main" in _command_of(pid)}


def replaced(process: subprocess.Popen[bytes], victim: int) -> bool:
    """Whether two serve, and the one that was killed is none of them."""
    now = workers_of(process)
    return len(now) >= 2 and victim not in now


def _command_of(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        # Gone since it was listed.
        return b""

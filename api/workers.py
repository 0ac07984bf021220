"""A server of one process or several: each makes the application for itself, from what the first was told."""

import json
import os
import signal
import sys
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.lines import logging_to_stderr
from api.living import end_with_parent
from api.metrics import FOLDER_VARIABLE
from api.protocol import BoundedHttp
from api.settings import Settings, settings
from layers.engine import connect
from layers.stores import Stores

TOLD_VARIABLE = "GRIDWARDEN_SERVED"
"""Environment variable by which the first process tells the others what to serve."""
STOPS_WITHIN_S = 12
"""What is under way when the server is told to stop may end; longer than a question to the database takes at most."""
SERVER: dict[str, Any] = {
    # Whose word about the client counts is decided by us, not by the server's own list of proxies.
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "timeout_graceful_shutdown": STOPS_WITHIN_S,
    "http": BoundedHttp,
    "ws": "none",
    # A worker that opens the indexes of a large city says nothing for a while, and is not dead. While it imports the
    # application it can be asked: what its first lines need, api.lines, imports nothing of it.
    "timeout_worker_healthcheck": 60,
}


def serve_alone(stores: Stores, served: Settings, host: str, port: int, *, quiet: bool) -> None:
    """Serve from this process until it is told to stop, and leave with status 0.

    Parameters
    ----------
    quiet
        Whether only what goes wrong is logged.
    """
    app = create_app(stores, served)
    log = logging_to_stderr("ERROR" if quiet else "INFO")
    # The server stops in good order and then does what would have happened without it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(app, host=host, port=port, log_config=log, **SERVER)


def serve_together(
    url: str, host: str, port: int, names: tuple[str, ...], *, demo: bool, works: bool, workers: int
) -> None:
    """Serve from several processes, each replaced when it dies, until this one is told to stop. The secret they take
    from where we took it.
    """
    os.environ[TOLD_VARIABLE] = json.dumps({"url": url, "host": host, "names": names, "demo": demo, "works": works})
    with TemporaryDirectory(prefix="gridwarden-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        log = logging_to_stderr()
        how = uvicorn.Config(
            "api.workers:served", factory=True, workers=workers, host=host, port=port, log_config=log, **SERVER
        )
        _Workers(how, [how.bind_socket()]).run()


class _Workers(Multiprocess):
    """Server processes, and the door they share."""

    def keep_subprocess_alive(self) -> None:
        """Replace those that died. Their ends of the pipes are let go here first: as long as somebody holds one, an
        answer is waited for, also of a process that is killed while it is asked how it is.
        """
        for process in self.processes:
            process.child_conn.close()
        super().keep_subprocess_alive()

    def terminate_all(self) -> None:
        """Have all of them stop. The door is shut first, or clients would be let in whom nobody answers any more."""
        for door in self.sockets:
            door.close()
        super().terminate_all()


def served() -> FastAPI:
    """The application, in a process of its own."""
    end_with_parent()
    told = json.loads(os.environ[TOLD_VARIABLE])
    stores = Stores(connect(told["url"], serving=True))
    return create_app(stores, settings(told["host"], tuple(told["names"]), demo=told["demo"], works=told["works"]))

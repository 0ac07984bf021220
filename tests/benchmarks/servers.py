"""Servers to measure: ours, and tipg over the same tables."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from tests.benchmarks.spending import descendants_seconds
from tests.serving import SECRET


@dataclass
class Serving:
    """A server that is up, and the keys of who asks it."""

    port: int
    process: "subprocess.Popen[bytes]"
    keys: dict[str, str] = field(default_factory=dict)

    def cpu(self) -> tuple[float, float]:
        """CPU seconds of the server\'s processes, and of everything else we started."""
        ours = sum(map(_seconds, [self.process.pid, *_children(self.process.pid)]))
        return ours, descendants_seconds() - ours

    def ask(self, connection: HTTPConnection, who: str, path: str, **headers: str) -> tuple[int, bytes, str | None]:
        """One request: status, body and tag."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.keys[who]}", **named})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers["ETag"]


@contextmanager
def served(url: str, keys: dict[str, str], *options: str) -> Iterator[Serving]:
    """Our command, once it answers."""
    port = _free_port()
    command = ["-c", "from api.cli import main; main()", "--store", url, "serve", "--port", str(port), *options]
    with _running(command, {"GRIDWARDEN_SECRET": SECRET}, port, "/readyz") as process:
        yield Serving(port, process, keys)


@contextmanager
def tipg(url: str) -> Iterator[Serving]:
    """The server of features and tiles that people put before PostGIS; it asks nobody who they are."""
    port = _free_port()
    command = ["-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "error"]
    settings = {"DATABASE_URL": url.replace("+psycopg2", ""), "TIPG_DB_SCHEMAS": '["public"]'}
    with _running(command, settings, port, "/healthz") as process:
        yield Serving(port, process, {"tipg": ""})


def for_tipg(path: str) -> str:
    """The same question at tipg's address."""
    tables = {"issues": "public.issue", "grids": "public.grid"}
    if path.startswith("/ogc/"):
        layer, question = path.removeprefix("/ogc/collections/").split("/", 1)
        return f"/collections/{tables[layer]}/{question}"
    _, _, layer, *place = path.removesuffix(".pbf").split("/")
    return f"/collections/{tables[layer]}/tiles/WebMercatorQuad/{'/'.join(place)}"


@contextmanager
def _running(
    command: list[str], settings: Mapping[str, str], port: int, ready: str
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, *command], env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                connection = HTTPConnection("127.0.0.1", port)
                connection.request("GET", ready)
                connection.getresponse().read()
                break
            except OSError:
                assert process.poll() is None, f"{command} has ended"
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, found) for one in (child, *_children(child))]


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

"""A PostgreSQL server with PostGIS of our own: private, on loopback, gone when the tests are."""

import contextlib
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from threading import Thread

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

READY = "ready to accept connections"
UNSAFE_AND_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off", "max_connections=50")
"""A server whose data nobody will miss."""


class Unavailable(Exception):
    """There is no PostGIS to be had, and why."""


@contextlib.contextmanager
def server(
    given: str | None = None, settings: Sequence[str] = UNSAFE_AND_FAST, below: str | Path = "/tmp"
) -> Iterator[URL]:
    """Address of a server where databases may be made: the one at the URL ``given``, or one of our own.

    Parameters
    ----------
    below
        Folder in which ours keeps its data.

    Raises
    ------
    Unavailable
        When there is no PostgreSQL with PostGIS here.
    """
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg2")
        return
    programs = _programs()
    # A short path: the name of a Unix socket may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="gw-", dir=below))
    try:
        with _running(programs, folder, settings) as port:
            yield URL.create("postgresql+psycopg2", "gridwarden", host="127.0.0.1", port=port, database="postgres")
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def database(server: URL, template: str = "template1") -> Iterator[URL]:
    """A new database, dropped afterwards whoever is still connected."""
    made = server.set(database=f"gridwarden_test_{secrets.token_hex(6)}")
    _execute(server, f"CREATE DATABASE {made.database} TEMPLATE {template}")
    try:
        yield made
    finally:
        _execute(server, f"DROP DATABASE {made.database} WITH (FORCE)")


def copy_into(address: URL, template: str) -> None:
    """Make the database at an address a copy of another one of its server, whoever is still connected to either."""
    server = address.set(database="postgres")
    _execute(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'")
    _execute(server, f"DROP DATABASE {address.database} WITH (FORCE)")
    _execute(server, f"CREATE DATABASE {address.database} TEMPLATE {template}")


@contextlib.contextmanager
def postgis_template(server: URL) -> Iterator[str]:
    """Name of a database with PostGIS, to copy new ones from.

    Raises
    ------
    Unavailable
        When the server has no PostGIS.
    """
    with database(server) as made:
        try:
            _execute(made, "CREATE EXTENSION postgis")
        except OperationalError as fault:
            raise Unavailable(f"no PostGIS on the server: {fault.orig}") from None
        assert made.database
        yield made.database


def _execute(address: URL, statement: str) -> None:
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def _programs() -> Path:
    """Folder of the newest ``initdb`` and ``postgres``; Debian keeps them off the path."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda path: int(path.parent.name))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise Unavailable("PostgreSQL is not installed (Debian, Ubuntu: postgresql-NN-postgis-3)")


@contextlib.contextmanager
def _running(programs: Path, folder: Path, settings: Sequence[str]) -> Iterator[int]:
    data = folder / "data"
    person = _unprivileged()
    if person is not None:
        os.chown(folder, person.pw_uid, person.pw_gid)
    how = {"cwd": folder, "start_new_session": True} | (
        {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []} if person is not None else {}
    )
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "gridwarden", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync"],
        capture_output=True, text=True, check=False, **how,
    )  # fmt: skip
    if made.returncode:
        raise Unavailable(f"initdb: {made.stderr.strip()}")
    port = _free_port()
    settings = ["listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}", *settings]
    with subprocess.Popen(
        [programs / "postgres", "-D", data, *(word for setting in settings for word in ("-c", setting))],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=_end_with_us, **how,
    ) as process:  # fmt: skip
        assert process.stdout
        said = list(takewhile(lambda line: READY not in line, process.stdout))
        if process.poll() is not None:
            raise Unavailable(f"PostgreSQL did not start: {''.join(said).strip()}")
        # Read on, or a full pipe would hold the server up.
        reader = Thread(target=deque, args=(process.stdout, 0), daemon=True)
        reader.start()
        try:
            yield port
        finally:
            process.send_signal(signal.SIGINT)
            reader.join()


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; then its own user runs it, or nobody."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _end_with_us() -> None:
    """Ask Linux to stop the server if the tests are killed and cannot."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGQUIT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Connections: PostGIS or one SQLite file, brought to the current schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url, text
from sqlalchemy.pool import ConnectionPoolEntry

from gis_core.errors import Conflict, InvalidInput, NotFound
from layers.spatial import register

BUSY_TIMEOUT_S = 60
"""How long one SQLite writer waits for another."""
SCHEMA_LOCK, TERRITORY_LOCK, EVENT_LOCK, LATTICE_LOCK, PATROL_LOCK = 7_301, 7_302, 7_303, 7_304, 7_305
"""PostgreSQL advisory locks: changing the schema; the pointer to the territory version in force; the place of a batch
of events among the others."""
THREADS = 16
"""Requests that a server process works on at the same time, each with one connection."""
STATEMENT_TIMEOUT_MS, CONNECT_TIMEOUT_S = 10_000, 5
NO_ANSWER = (exc.OperationalError, exc.TimeoutError)
"""What is raised when the database does not answer, or no connection to it is free."""
TOO_LONG = frozenset({"57014", "SQLITE_BUSY"})
"""What PostgreSQL and SQLite say when a server's question was broken off, or waited too long for a writer."""
OPTIONS = "-c timezone=UTC -c cursor_tuple_fraction=1"
"""Rows are fetched a few at a time, but all of them: a plan for the first tenth would take a hundred times as long."""
SERVING_OPTIONS = (
    f"{OPTIONS} -c statement_timeout={STATEMENT_TIMEOUT_MS} -c jit=off -c max_parallel_workers_per_gather=0 "
    "-c random_page_cost=1.1"
)
"""For a tile or a page the planner would rather begin workers and a compiler than look into an index, and read a table
four times as large as its index, as if both lay on a disk that turns.
"""
SERVING: dict[str, Any] = {"pool_size": THREADS, "max_overflow": 0, "hide_parameters": True}
"""A fault of a server's question does not repeat what citizens wrote."""
TRUSTED_S, USED = 1.0, "gridwarden_used"
"""For how long a connection that was used is taken to be there without a look, and where that moment is written."""
WRITES = "gridwarden_writes"
"""Execution option of a transaction that is going to write."""


def connect(url: str, *, serving: bool = False) -> Engine:
    """An engine for ``sqlite:///FILE`` or ``postgresql://…``.

    Parameters
    ----------
    serving
        Whether it is a server's: many short questions at a time, each of which must end.

    Raises
    ------
    InvalidInput
        When the URL is neither.
    NotFound
        When the folder of the SQLite file does not exist.
    """
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except exc.ArgumentError:
        kind = ""
    if kind == "sqlite":
        return _sqlite(parsed, serving)
    if kind == "postgresql":
        # One city's instants are compared as text nowhere, yet a session in UTC makes what people see in psql plain.
        parsed = parsed.set(drivername="postgresql+psycopg2")
        return _postgresql(parsed, serving)
    raise InvalidInput("store_url", value=url)


def _postgresql(address: URL, serving: bool) -> Engine:
    given: dict[str, Any] = {"options": OPTIONS}
    if serving:
        given = {"options": SERVING_OPTIONS, "connect_timeout": CONNECT_TIMEOUT_S}
    engine = create_engine(address, connect_args=given, **(SERVING if serving else {}))

    @event.listens_for(engine, "checkin")
    def used(_: Any, record: ConnectionPoolEntry) -> None:
        record.info[USED] = monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
        # A connection that was used a moment ago is there; to ask each time would be a question more for every request.
        if monotonic() - record.info.get(USED, inf) < TRUSTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except connection.Error as fault:
            raise exc.DisconnectionError from fault

    return engine


def is_in_memory(address: URL) -> bool:
    """Whether a database is in the memory of the process that opened it."""
    unnamed = address.database in (None, "", ":memory:")
    return address.get_backend_name() == "sqlite" and (unnamed or address.query.get("mode") == "memory")


def took_too_long(fault: BaseException) -> bool:
    """Whether a database's fault is that a server's question was broken off for the time it took."""
    own = getattr(fault, "orig", None)
    return (getattr(own, "pgcode", None) or getattr(own, "sqlite_errorname", None)) in TOO_LONG


def _sqlite(address: URL, serving: bool) -> Engine:
    file = address.database
    if file and file != ":memory:" and not Path(file).absolute().parent.is_dir():
        raise NotFound("store_folder", value=str(Path(file).absolute().parent))
    timeout_s = STATEMENT_TIMEOUT_MS / 1000 if serving else BUSY_TIMEOUT_S
    pool = SERVING if serving and not is_in_memory(address) else {}
    engine = create_engine(address, connect_args={"timeout": timeout_s, "check_same_thread": False}, **pool)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        # The driver would begin transactions late and without a write lock; `begin` below does it.
        connection.isolation_level = None
        # Case counts in LIKE, as it does on PostgreSQL.
        for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL", "case_sensitive_like = ON"):
            connection.execute(f"PRAGMA {pragma}")
        register(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def upgrade(engine: Engine) -> None:
    """Bring the store to the current schema; a store that is there already is left as it is.

    Raises
    ------
    Conflict
        When the store has a schema that this version does not know, or cannot be reached.
    """
    try:
        with engine.connect() as connection:
            if is_current(connection):
                return
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})
                connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
            with _migrations() as config:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    except CommandError as fault:
        raise Conflict("store_schema", fault=str(fault)) from None
    except exc.DatabaseError as fault:
        reason = str(fault.orig).strip().splitlines()[0]
        raise Conflict("store_unreachable", value=engine.url.render_as_string(), fault=reason) from None


@contextmanager
def _migrations() -> Iterator[Config]:
    with as_file(files("layers") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        yield config


def is_current(connection: Connection) -> bool:
    """Whether a store has the current schema; asked without a lock, so that readers do not wait for a writer."""
    return set(MigrationContext.configure(connection).get_current_heads()) == _heads()


@cache
def _heads() -> frozenset[str]:
    with _migrations() as config:
        return frozenset(ScriptDirectory.from_config(config).get_heads())

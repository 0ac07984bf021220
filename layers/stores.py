"""Transactions on one database: for reading as far as somebody may see, for writing, for publishing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from gis_core.permissions import EVERYTHING, Sight
from layers.accounts import Accounts
from layers.batches import place_batch
from layers.engine import TERRITORY_LOCK, WRITES, connect, is_current, is_in_memory
from layers.present import Present, present
from layers.scoping import Resolved
from layers.store import Store


class Stores:
    """Transactions on one database.

    Parameters
    ----------
    engine
        As :func:`layers.engine.connect` makes it, upgraded.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._resolved = Resolved()

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets connections of its own."""
        return _reopened, (self.url,)

    @property
    def in_memory(self) -> bool:
        """Whether the database is in the memory of this process, where no other one finds it."""
        return is_in_memory(self._engine.url)

    @property
    def address(self) -> URL:
        """Address of the database."""
        return self._engine.url

    @property
    def url(self) -> str:
        """The address as text, password and all."""
        return self._engine.url.render_as_string(hide_password=False)

    @property
    def connections(self) -> tuple[int, int]:
        """How many connections are in use, and how many there can be; none is counted of a database in memory."""
        pool = self._engine.pool
        return (pool.checkedout(), pool.size()) if isinstance(pool, QueuePool) else (0, 0)

    @property
    def is_current(self) -> bool:
        """Whether the database has the schema that this version knows."""
        with self._engine.connect() as connection:
            return is_current(connection)

    def listening(self) -> Any:
        """A connection of the driver's beside all others, which its listener closes; ``None`` on SQLite, which tells
        nobody anything.
        """
        if self._engine.dialect.name != "postgresql":
            return None
        given, named = self._engine.dialect.create_connect_args(self._engine.url)
        connection = self._engine.dialect.connect(*given, **named)
        connection.autocommit = True
        return connection

    def close(self) -> None:
        """Close the connections to the database; the next use opens new ones."""
        self._engine.dispose()

    @contextmanager
    def read(self, sight: Sight = EVERYTHING) -> Iterator[Store]:
        """A store that sees one state from beginning to end, whatever others publish meanwhile, and of it what is in
        sight; commands on the machine itself see everything.
        """
        with self._session(isolation="REPEATABLE READ") as session:
            yield Store(session, sight, self._resolved)

    @contextmanager
    def glance(self, sight: Sight, at: Present) -> Iterator[Store]:
        """The same without a transaction, for an answer of one question about a moment that is known: of the territory
        it is exactly that of the moment, of issues it may be newer.
        """
        with self._at_once() as session:
            yield Store(session, sight, self._resolved, at)

    @contextmanager
    def people(self, *, writes: bool = False) -> Iterator[Accounts]:
        """The accounts; what is written is kept when the block ends well."""
        with self._session(writes=True) if writes else self._at_once() as session:
            yield Accounts(session)
            if writes:
                session.commit()

    @contextmanager
    def write(self, sight: Sight = EVERYTHING) -> Iterator[Store]:
        """A store for issues, kept when the block ends well. Nothing is published meanwhile."""
        with self._session(writes=True) as session:
            _lock(session, "pg_advisory_xact_lock_shared")
            yield Store(session, sight, self._resolved, present(session.connection()))
            place_batch(session)
            session.commit()

    @contextmanager
    def publishing(self, sight: Sight = EVERYTHING) -> Iterator[Store]:
        """A store for territory and reference data, kept when the block ends well, alone with the version pointer."""
        with self._session(writes=True) as session:
            _lock(session, "pg_advisory_xact_lock")
            yield Store(session, sight, self._resolved)
            session.commit()

    @contextmanager
    def _session(self, *, writes: bool = False, isolation: str | None = None) -> Iterator[Session]:
        options: dict[str, object] = {WRITES: writes}
        if isolation and self._engine.dialect.name == "postgresql":
            options["isolation_level"] = isolation
        with self._engine.connect().execution_options(**options) as connection, Session(connection) as session:
            yield session

    @contextmanager
    def _at_once(self) -> Iterator[Session]:
        """Questions that are each for themselves: on PostgreSQL none waits for a transaction to begin and end."""
        with self._engine.connect() as connection:
            if connection.dialect.name != "postgresql":
                with Session(connection) as session:
                    yield session
                return
            # Not by SQLAlchemy's own option: to set it and to take it back would be a question each.
            driver: Any = connection.connection.driver_connection
            # A level set for some transaction before would be taken back by a question of its own.
            driver.isolation_level = None
            driver.autocommit = True
            try:
                with Session(connection) as session:
                    yield session
            finally:
                if not driver.closed:
                    driver.autocommit = False


def _reopened(url: str) -> Stores:
    return Stores(connect(url))


def _lock(session: Session, function: str) -> None:
    """On SQLite a writer is alone from its beginning."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(f"SELECT {function}(%s)", (TERRITORY_LOCK,))

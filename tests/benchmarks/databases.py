"""A PostGIS of our own to measure on."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, create_engine, text

from tests import postgres


@contextmanager
def postgis(*settings: str) -> Iterator[URL]:
    """Address of an empty database; without settings the server is as installed and waits for the disk."""
    with (
        postgres.server(settings=settings) as server,
        postgres.postgis_template(server) as template,
        postgres.database(server, template) as address,
    ):
        yield address


def settled(address: URL) -> None:
    """Do now what the server does by itself soon after a load, or it would be measured with what comes next."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def released(address: URL) -> str:
    """Versions of PostgreSQL and PostGIS."""
    engine = create_engine(address)
    with engine.connect() as connection:
        version = str(connection.scalar(text("SELECT version() || ', PostGIS ' || postgis_lib_version()")))
    engine.dispose()
    return version.partition(" on ")[0] + version[version.rindex(", PostGIS") :]

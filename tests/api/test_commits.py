"""A commit that fails: whoever wrote is told so, nothing is kept, and the same request is new when it comes again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, func, select, text

from api.settings import Settings
from gis_core.permissions import Area, Grant
from layers.base import Base
from layers.engine import connect, upgrade
from layers.stores import Stores
from tests import town
from tests.serving import SECRET, Reply, Server, join, serving
from tests.town import SIDE, SOUTH, WEST

HERE = {"lon": WEST + SIDE / 2, "lat": SOUTH + SIDE / 2}
REPORT = {**HERE, "category": "a", "contact": {"name": "王芳", "phone": "13800000000"}}
STORED = "/api/v1/issues/012026060100001"
FORM = {"service_code": "a", "lat": str(HERE["lat"]), "long": str(HERE["lon"])}
UNIT = {
    "type": "Feature",
    "geometry": shapely.geometry.mapping(town.cell(2, 0)),
    "properties": {"code": "0105", "level": "unit"},
}
BIN = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": list(HERE.values())},
    "properties": {"code": "B1", "scheme": "town", "category": "a"},
}
KEY = {"Idempotency_Key": "once"}


def sending(path: str, document: Any, method: str = "POST", **headers: str) -> Callable[[Server], Reply]:
    """Sends a document."""
    return lambda server: server.send(path, document, method, **headers)


WRITES: dict[str, tuple[str, Callable[[Server], Reply]]] = {
    "report": ("issue", sending("/api/v1/issues", REPORT, **KEY)),
    "events": ("case_event", sending("/api/v1/issues", REPORT, Idempotency_Key="events")),
    "contact": ("reporter_contact", sending("/api/v1/issues", REPORT, Idempotency_Key="contact")),
    "public": ("issue", sending("/api/v1/public/issues", REPORT, **KEY)),
    "open311": ("issue", lambda server: server.post("/open311/v2/requests.json", FORM, Idempotency_Key="open311")),
    "publish": ("publication", sending(f"{STORED}/publication", None, "PUT")),
    "trail": ("audit_entry", sending(f"{STORED}/contact", None, "DELETE")),
    "draft": ("draft", sending("/api/v1/drafts", {"note": "新边界"}, Idempotency_Key="draft")),
    "edit": ("draft_change", sending("/ogc/collections/grids/items?version=draft-1", UNIT, Idempotency_Key="edit")),
    "enact": ("territory_version", sending("/api/v1/drafts/1/publication", {"override": "x"}, Idempotency_Key="enact")),
    "revise": ("facility", sending("/ogc/collections/facilities/items", BIN, Idempotency_Key="revise")),
    "job": ("job", sending("/api/v1/exports", {"layer": "issues", "format": "csv"}, Idempotency_Key="job")),
    "upload": ("upload", lambda server: server.ask("/api/v1/uploads?name=a.csv", "POST", body="a,b\n1,2\n", **KEY)),
}
"""The table whose rows cannot be committed, and what writes to it."""


@dataclass(frozen=True)
class Office:
    """A commander's server, and its database."""

    server: Server
    engine: Engine

    def counted(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.engine.connect() as connection:
            return {
                name: connection.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
            }

    @contextmanager
    def failing(self, table: str) -> Iterator[None]:
        """Every statement succeeds and the commit fails, if a row of a table is new or changed."""
        postgis = self.engine.dialect.name == "postgresql"
        with self.engine.begin() as connection:
            for statement in (ON_POSTGRESQL if postgis else ON_SQLITE).format(table=table).split("\n\n"):
                connection.execute(text(statement))
        yield
        with self.engine.begin() as connection:
            for event in ("insert", "update"):
                connection.execute(text(f"DROP TRIGGER fail_on_{event}" + (f" ON {table}" if postgis else "")))


ON_POSTGRESQL = """
CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''13800000000''; END'

CREATE CONSTRAINT TRIGGER fail_on_insert AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION fail()

CREATE CONSTRAINT TRIGGER fail_on_update AFTER UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION fail()"""
ON_SQLITE = """
CREATE TABLE IF NOT EXISTS elsewhere (id INTEGER PRIMARY KEY)

CREATE TABLE IF NOT EXISTS failing (id INTEGER REFERENCES elsewhere (id) DEFERRABLE INITIALLY DEFERRED)

CREATE TRIGGER fail_on_insert AFTER INSERT ON {table} BEGIN INSERT INTO failing VALUES (1); END

CREATE TRIGGER fail_on_update AFTER UPDATE ON {table} BEGIN INSERT INTO failing VALUES (1); END"""


@pytest.fixture(scope="module")
def office(module_store_url: str) -> Iterator[Office]:
    """The town with an issue whose reporter is known, and a draft that changes something."""
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    key = join(stores, "li.wei", Grant("commander", Area("city")))
    with serving(stores, settings=Settings(SECRET, works=False)) as up:
        server = up.by(key)
        assert server.send("/api/v1/issues", {**REPORT, "reported_at": "2026-06-01T02:00:00Z"}).status == 201
        assert server.send("/api/v1/drafts", {"note": "x"}).status == 201
        changed = {**UNIT, "properties": {"code": "0106", "level": "unit"}}
        assert server.send("/ogc/collections/grids/items?version=draft-1", changed).status == 201
        yield Office(server, engine)
    engine.dispose()


@pytest.mark.parametrize("name", WRITES)
def test_a_commit_that_fails_is_an_error_and_leaves_nothing(office: Office, name: str) -> None:
    """A citizen would have a case number of a report that is nowhere."""
    table, write = WRITES[name]
    before = office.counted()
    with office.failing(table):
        for _ in range(2):
            refused = write(office.server)
            assert refused.status in (500, 503), refused.text
            assert "13800000000" not in refused.text and "FOREIGN" not in refused.text
    assert office.counted() == before
    done = write(office.server)
    assert done.status in (200, 201, 202, 204), done.text
    assert office.counted() != before
    if "new" in done.text:
        assert done.document["new"]

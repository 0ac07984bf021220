"""What tests of all rooms stand on: stores on both databases, a browser, the real cities, and the switch ``--full``."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserFault
from sqlalchemy import URL, make_url

from layers.engine import connect, upgrade
from layers.stores import Stores
from tests import postgres, town
from tests.browsing import Open, Visit, chromium

BACKENDS = ("sqlite", "postgis")
MEMORY, ROOM = Path("/dev/shm"), 2 << 30
"""Where files do not wait for a disk, and the bytes that must be free there."""
DEAREST = tuple(
    f"tests/{name}.py"
    for name in (
        "api/test_operations", "api/test_workers", "map_ui/test_map_browser", "api/test_commands", "api/test_matrix",
        "clients/test_contract", "api/test_jobs", "api/test_app", "api/test_interrupted", "api/test_cluster",
        "gis_core/test_frontage_towns", "layers/test_indexes", "api/test_entering", "api/test_drafts",
        "api/test_people_commands", "layers/test_cases", "layers/test_tiles", "clients/test_features",
    )
)  # fmt: skip
"""Modules that take longest: begun last, one of them would be waited for by an idle processor."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--full``."""
    parser.addoption("--full", action="store_true", help="also the large sizes named in the issues")


def quick_folder() -> Path:
    """Where to write what nobody will miss after the tests."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if roomy else Path("/tmp")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the files of tests in memory; the large sizes go to the disk."""
    if not config.getoption("--full"):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(quick_folder()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the dearest modules, and leave out what is marked ``full`` unless ``--full`` asks for it."""
    order = {name: number for number, name in enumerate(DEAREST)}
    items.sort(key=lambda item: order.get(item.nodeid.partition("::")[0], len(order)))
    if config.getoption("--full"):
        return
    large = [item for item in items if item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=large)
    items[:] = [item for item in items if item not in large]


def cannot_be_had(reason: str) -> NoReturn:
    """Skip what needs it and say why; where everything must be tested that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgis() -> Iterator[tuple[URL, str]]:
    """A server, and the name of a database with PostGIS on it to copy new ones from."""
    fault = None
    with ExitStack() as until_the_end:
        try:
            given = os.environ.get("GRIDWARDEN_TEST_DATABASE_URL")
            server = until_the_end.enter_context(postgres.server(given, below=quick_folder()))
            template = until_the_end.enter_context(postgres.postgis_template(server))
        except postgres.Unavailable as reason:
            fault = str(reason)
        if fault:
            cannot_be_had(fault)
        yield server, template


@contextmanager
def empty_store(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of an empty database of a kind in :data:`BACKENDS`."""
    if backend == "sqlite":
        folder = request.getfixturevalue("tmp_path_factory").mktemp("store")
        yield f"sqlite:///{folder / 'store.db'}"
        return
    server, template = request.getfixturevalue("postgis")
    with postgres.database(server, template) as made:
        yield made.render_as_string(hide_password=False)


@pytest.fixture(params=BACKENDS)
def store_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of an empty database for one test; the test runs on SQLite and on PostGIS."""
    with empty_store(request.param, request) as url:
        yield url


@pytest.fixture(scope="module", params=BACKENDS)
def module_store_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The same for a module whose tests share what they read."""
    with empty_store(request.param, request) as url:
        yield url


@pytest.fixture
def postgis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of an empty database with PostGIS, for what only PostGIS can do."""
    with empty_store("postgis", request) as url:
        yield url


@contextmanager
def founded(backend: str, request: pytest.FixtureRequest) -> Iterator[URL]:
    """The town in a store, for tests to have copies of."""
    with empty_store(backend, request) as url:
        engine = connect(url)
        upgrade(engine)
        town.found(Stores(engine))
        engine.dispose()
        yield make_url(url)


@pytest.fixture(scope="session")
def founded_on_sqlite(request: pytest.FixtureRequest) -> Iterator[URL]:
    """The town in a SQLite file, to copy."""
    with founded("sqlite", request) as url:
        yield url


@pytest.fixture(scope="session")
def founded_on_postgis(request: pytest.FixtureRequest) -> Iterator[URL]:
    """The town on PostGIS, to copy."""
    with founded("postgis", request) as url:
        yield url


@pytest.fixture(params=BACKENDS)
def founded_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a copy of the town for one test; the test runs on SQLite and on PostGIS."""
    original: URL = request.getfixturevalue(f"founded_on_{request.param}")
    if request.param == "sqlite":
        copy = tmp_path / "town.db"
        copy_file(original, copy)
        yield f"sqlite:///{copy}"
        return
    server, _ = request.getfixturevalue("postgis")
    with postgres.database(server, str(original.database)) as made:
        yield made.render_as_string(hide_password=False)


@pytest.fixture
def founded_stores(founded_url: str) -> Iterator[Stores]:
    """A copy of the town."""
    engine = connect(founded_url)
    yield Stores(engine)
    engine.dispose()


def copy_file(original: URL, copy: str | Path) -> None:
    """A SQLite store with all that was written to it."""
    with closing(sqlite3.connect(str(original.database))) as file, closing(sqlite3.connect(copy)) as other:
        file.backup(other)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    fault = None
    with ExitStack() as until_the_end:
        try:
            opened = until_the_end.enter_context(chromium())
        except BrowserFault as reason:
            fault = f"no Chromium: {reason.message.splitlines()[0]}"
        if fault:
            cannot_be_had(fault)
        yield opened


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens an address and keeps its log."""
    with ExitStack() as until_the_end:

        def go(address: str, width: int = 1400, height: int = 900) -> Visit:
            context = browser.new_context(viewport={"width": width, "height": height})
            until_the_end.callback(context.close)
            seen = Visit(context.new_page())
            seen.listen()
            seen.page.goto(address)
            return seen

        yield go


@pytest.fixture(scope="session")
def cities() -> Path:
    """Folder of the real cities; they lie beside the project and are not part of it."""
    folder = Path(__file__).parents[2] / "shared" / "cities"
    if not folder.is_dir():
        pytest.skip("the real cities are not beside the project")
    return folder

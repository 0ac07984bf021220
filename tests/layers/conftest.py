"""Stores for tests of the storing."""

from collections.abc import Iterator

import pytest

from layers.engine import connect, upgrade
from layers.stores import Stores


@pytest.fixture
def empty(store_url: str) -> Iterator[Stores]:
    """A store with the current schema and nothing in it."""
    engine = connect(store_url)
    upgrade(engine)
    yield Stores(engine)
    engine.dispose()


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The store of the town."""
    return founded_stores

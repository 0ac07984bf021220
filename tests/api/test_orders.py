"""Orders of networks, kept as files."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import URL, make_url

from api import orders
from api.orders import FOLDER, KEPT, order_for
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.routing.topology import is_order, topology_key
from layers.indexes import HEADER, write_index
from tests.gis_core import truth_patrol as truth


@pytest.fixture
def address(tmp_path: Path) -> URL:
    return make_url(f"sqlite:///{tmp_path / 'city.sqlite'}")


@pytest.fixture
def network() -> StreetNetwork:
    return build_network(truth.crooked(3, 5, 5).streets(), truth.SRID)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[StreetNetwork]:
    """The networks of which an order is made."""
    of: list[StreetNetwork] = []
    make = orders.order_of
    monkeypatch.setattr(orders, "order_of", lambda network: of.append(network) or make(network))
    return of


def file_of(address: URL, network: StreetNetwork) -> Path:
    """Where the order of a network is kept."""
    return Path(f"{address.database}.indexes") / FOLDER / topology_key(network)


def test_an_order_is_made_once(address: URL, network: StreetNetwork, made: list[StreetNetwork]) -> None:
    """Every process and every job would wait for it."""
    first = order_for(address, network)
    second = order_for(address, build_network(truth.crooked(3, 5, 5).streets(), truth.SRID))
    assert len(made) == 1 and np.array_equal(first, second) and is_order(first, network)


@pytest.mark.parametrize("harm", ["cut", "header", "empty", "foreign", "doubled", "nothing"])
def test_a_damaged_or_foreign_file_is_replaced(
    address: URL, network: StreetNetwork, made: list[StreetNetwork], harm: str
) -> None:
    """After a full disk the planner would fail until somebody finds the file, or plan on wrong metres."""
    order, folder = order_for(address, network), file_of(address, network)
    array = folder / "order.npy"
    if harm == "cut":
        array.write_bytes(array.read_bytes()[:-9])
    elif harm == "header":
        (folder / HEADER).write_text("{", "utf-8")
    elif harm == "empty":
        array.write_bytes(b"")
    elif harm == "foreign":
        np.save(array, np.arange(len(order)) * 1.5)
    elif harm == "doubled":
        np.save(array, np.zeros_like(order))
    else:
        (folder / HEADER).unlink()
        write_index(folder, {"another": order}, topology_key(network))
    assert np.array_equal(order_for(address, network), order) and len(made) == 2
    assert np.array_equal(order_for(address, network), order) and len(made) == 2


def test_where_nothing_can_be_written_it_is_made_each_time(
    address: URL, network: StreetNetwork, made: list[StreetNetwork]
) -> None:
    """A server on a disk that is read alone could plan nothing."""
    file_of(address, network).parents[1].write_text("in the way", "utf-8")
    assert is_order(order_for(address, network), network)
    assert is_order(order_for(make_url("sqlite://"), network), network) and len(made) == 2


def test_orders_that_nobody_asks_for_go(address: URL, network: StreetNetwork) -> None:
    """Every edition of the streets would leave a file for ever."""
    order_for(address, network)
    first = file_of(address, network)
    for nth in range(KEPT + 1):
        os.utime(first, (1, 1))
        order_for(address, network)
        order_for(address, build_network(truth.crooked(9, 3, 3 + nth).streets(), truth.SRID))
    assert first.is_dir() and len(list(first.parent.iterdir())) == KEPT


def test_without_the_extra_there_is_none(address: URL, network: StreetNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning would ask for what is not installed."""
    monkeypatch.setitem(sys.modules, "routingkit_cch", None)
    assert order_for(address, network) is None

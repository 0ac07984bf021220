"""Orders in which the nodes of street networks are contracted, kept as files: made once, found by the streets."""

import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
from sqlalchemy import URL

from gis_core.arrays import Ints
from gis_core.patrol.network import StreetNetwork
from gis_core.routing.topology import contracts, is_order, order_of, topology_key
from layers.indexes import open_index, shelf_folder, write_index

FOLDER = "orders"
KEPT = 4
"""Networks of which orders are kept: a version's, the one before, and two that are being prepared."""


def order_for(address: URL, network: StreetNetwork) -> Ints | None:
    """The order of a network: from its file, else made and written beside the indexes of the store.

    Parameters
    ----------
    address
        Of the store.
    network
        Of any territory version; those with the same nodes and edges share an order.

    Returns
    -------
    order
        ``None`` where the extra ``routing`` is not installed.
    """
    if not contracts():
        return None
    shelf = shelf_folder(address)
    if shelf is None:
        return order_of(network)
    return _kept(shelf / FOLDER, topology_key(network), network)


def _kept(folder: Path, key: str, network: StreetNetwork) -> Ints:
    file = folder / key
    if (arrays := open_index(file, key)) is not None:
        order = np.array(arrays.get("order", ()))
        if is_order(order, network):
            with suppress(OSError):
                file.touch()  # the orders asked for last are kept
            return order
        shutil.rmtree(file, ignore_errors=True)  # whole, but of something else: nothing would be put in its place
    order = order_of(network)
    with suppress(OSError):  # where nothing can be written, each process makes its own
        write_index(file, {"order": order}, key)
        for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
            shutil.rmtree(path, ignore_errors=True)
    return order

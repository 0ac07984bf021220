"""Territories read from the store, kept by version and revision."""

from collections import OrderedDict
from threading import Lock

from gis_core.territory import LAYERS as FRAMES
from gis_core.territory import Territory
from layers import TABLES
from layers.base import Territorial
from layers.store import Store


def read_territory(store: Store, version: int, revision: int) -> Territory:
    """The territory of one version and one revision.

    Parameters
    ----------
    store
        An open transaction; everything is read in it.
    """
    frames = {name: store.read(name, version if issubclass(TABLES[name], Territorial) else revision) for name in FRAMES}
    return Territory(store.city, version, revision, frames)


class Territories:
    """The territories used last, so that one issue costs no reading.

    A territory of a published version and a closed revision never changes; its two numbers are read
    in the transaction that asks, so that nobody is answered by an outdated one.

    Parameters
    ----------
    size
        How many to keep.
    """

    def __init__(self, size: int = 4) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[int, int], Territory] = OrderedDict()
        self._lock = Lock()

    def get(self, store: Store, version: int, revision: int | None = None) -> Territory:
        """The territory of ``version`` at ``revision`` (the latest when ``None``)."""
        key = (version, store.latest_revision() if revision is None else revision)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = read_territory(store, *key)
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

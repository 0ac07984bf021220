"""Street networks read from the store, kept by territory version."""

from collections import OrderedDict
from threading import Lock

import pandas as pd

from gis_core.patrol.matching import MOVERS, Matcher
from gis_core.patrol.network import StreetNetwork, build_network
from layers.store import Store

KEPT = 2
READ = ("code", "name", "class", "width_m", "extra")
SAID = ("oneway", "bridge", "tunnel", "level", "layer")
"""What a source may say of a street beside its own columns."""


class Networks:
    """The networks of the versions asked for last, and what matches tracks to them.

    A published version never changes. The network is never a part only: its streets are read by a store that sees
    everything.

    Parameters
    ----------
    size
        How many versions to keep.
    """

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[int, StreetNetwork] = OrderedDict()
        self._matchers: dict[tuple[int, str], Matcher] = {}
        self._lock = Lock()

    def at(self, store: Store, version: int) -> StreetNetwork:
        """The network of a version.

        Raises
        ------
        InvalidInput
            When it has no streets.
        ValueError
            When the store sees a part only.
        """
        with self._lock:
            return self._at(store, version)

    def matcher(self, store: Store, version: int, mover: str = "walker") -> Matcher:
        """What matches tracks of a mover, a name in :data:`gis_core.patrol.matching.MOVERS`, to that network.

        Raises
        ------
        InvalidInput, ValueError
            As :meth:`at`.
        """
        with self._lock:
            network = self._at(store, version)
            if (version, mover) not in self._matchers:
                self._matchers[version, mover] = Matcher(network, MOVERS[mover])
            return self._matchers[version, mover]

    def _at(self, store: Store, version: int) -> StreetNetwork:
        if not store.scope.sight.everything:
            raise ValueError("a network is read whole")
        if version not in self._kept:
            self._kept[version] = build_network(_streets(store, version), store.city.metric_srid)
            while len(self._kept) > self._size:
                gone, _ = self._kept.popitem(last=False)
                self._matchers = {key: one for key, one in self._matchers.items() if key[0] != gone}
        self._kept.move_to_end(version)
        return self._kept[version]


def _streets(store: Store, version: int) -> pd.DataFrame:
    streets = store.read("streets", version, only=READ)
    extra = [one if isinstance(one, dict) else {} for one in streets["extra"]]
    return streets.assign(**{name: [one.get(name) for one in extra] for name in SAID}).drop(columns="extra")

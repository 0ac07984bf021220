"""Ways on the streets of a territory version, kept by a process, and plans as they are stored and read."""

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

from pydantic import TypeAdapter

from api.networks import Networks
from api.orders import order_for
from gis_core.patrol.network import PROFILES, StreetNetwork
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Day
from gis_core.routing.matrices import Ways
from layers.store import Store
from layers.stores import Stores

DAY, PLAN = TypeAdapter(Day), TypeAdapter(Plan)
"""Write days and plans as JSON documents, and read them."""


class PlanWays:
    """Ways of the version asked for last.

    Parameters
    ----------
    networks
        Shared with whatever else needs them.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._kept: dict[tuple[int, str], Ways] = {}
        self._lock = Lock()

    def at(self, stores: Stores, version: int, day: Day) -> tuple[StreetNetwork, Mapping[str, Ways]]:
        """The network of a version and the ways of each mover of a day.

        Raises
        ------
        InvalidInput
            When the version has no streets.
        """
        network = self.network(stores, version)
        with self._lock:
            if any(key[0] != version for key in self._kept):
                self._kept.clear()
            for mover in sorted({who.mover for who in day.patrollers}):
                if (version, mover) not in self._kept:
                    order = order_for(stores.address, network)
                    self._kept[version, mover] = Ways(network, PROFILES[mover], order=order)
            # Of nobody else: what another day's movers can pass is nothing to this one.
            return network, {who.mover: self._kept[version, who.mover] for who in day.patrollers}

    def network(self, stores: Stores, version: int) -> StreetNetwork:
        """The network of a version."""
        with stores.read() as store:
            return self.in_store(store, version)

    def in_store(self, store: Store, version: int) -> StreetNetwork:
        """The same for whoever reads already."""
        return self._networks.at(store, version)


@lru_cache(maxsize=1)
def _kept(url: str) -> PlanWays:
    return PlanWays(Networks())


def ways_here(stores: Stores) -> PlanWays:
    """Those of a worker's process; a database in memory is not known by name."""
    return PlanWays(Networks()) if stores.in_memory else _kept(stores.url)


def read_day(said: Mapping[str, Any]) -> Day:
    """A day as it was stored."""
    return DAY.validate_python(said)


def read_plan(said: Mapping[str, Any]) -> Plan:
    """A plan as it was stored."""
    return PLAN.validate_python(said)


def written_day(day: Day) -> dict[str, Any]:
    """A day to be stored."""
    found: dict[str, Any] = DAY.dump_python(day, mode="json")
    return found


def written_plan(plan: Plan) -> dict[str, Any]:
    """A plan to be stored."""
    found: dict[str, Any] = PLAN.dump_python(plan, mode="json")
    return found

"""Lanes in the lattice city of :mod:`tests.gis_core.small_city`, and passes on them whose metres are known.

- *west* runs east along y = 0.3 from x = 0.1 to 1.6, three fifths of it in 010101 and two in 010102.
- *border* runs north along x = 2, between the communities, and belongs to 0101; *main* crosses it and is no lane.
- *east* and *north* lie in 0102, *far* where there are no units and communities.
- *gone* was a lane in 0101 until 2026-07-01.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gis_core.city import City
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.ground import Ground, ground_of
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.patrol.rules import PatrolRules
from gis_core.patrol.status import Neighbours, neighbours
from gis_core.territory import Territory
from tests.gis_core import small_city as city

DAY_S = 86_400.0
TODAY = 20_636
"""2026-07-02."""
LANE, ROAD = {"class": "backstreet"}, {"class": "branch"}
STREETS = [
    city.street("west", city.line((0.1, 0.3), (1.6, 0.3)), **LANE),
    city.street("border", city.line((2, 0), (2, 2)), belongs_to="0101", **LANE),
    city.street("main", city.line((0, 0.5), (4, 0.5)), **ROAD),
    city.street("east", city.line((2.3, 0.3), (3.3, 0.3)), **LANE),
    city.street("north", city.line((2.3, 1.5), (3.3, 1.5)), **LANE),
    city.street("far", city.line((4.5, 1), (5.5, 1)), **LANE),
    city.street("gone", city.line((0.3, 1.5), (0.8, 1.5)), valid_to="2026-07-01", **LANE),
]
CONTRACTS = [
    city.contract("g", "grid", grid="0102"),
    city.contract("s", "section", street="west", from_m=0.0, to_m=400.0, contractor="cleaners"),
]
Pass = dict[str, Any]


@dataclass(frozen=True)
class Town:
    """Network, ground and neighbours."""

    network: StreetNetwork
    ground: Ground
    near: Neighbours

    def edges(self, street: str) -> np.ndarray:
        """The edges of a street."""
        return np.flatnonzero((self.ground.segments["street"] == street).to_numpy(bool))

    def one(self, street: str, t_in: float, *, share: tuple[float, float] = (0, 1), nth: int = 0, **more: Any) -> Pass:
        """A sure pass over a share of an edge, by li, in 100 s."""
        edge = int(self.edges(street)[nth])
        low, high = (part * float(self.network.length_m[edge]) for part in share)
        row = {"edge": edge, "from_m": low, "to_m": high, "t_in": t_in, "t_out": t_in + 100}
        return {**row, "confidence": 1.0, "carrier": "li", **more}

    def log(self, passes: Iterable[Pass]) -> PatrolLog:
        """A log of passes."""
        columns = ["edge", "from_m", "to_m", "t_in", "t_out", "confidence", "carrier"]
        return PatrolLog(self.network, pd.DataFrame(list(passes), columns=columns))


def territory(rules: PatrolRules | None = None, **changes: Any) -> Territory:
    """The city with its lanes."""
    ruled: City = replace(city.CITY, patrol=rules or PatrolRules(sweeping="litter"), **changes)
    return city.territory(city=ruled, streets=STREETS, contracts=CONTRACTS)


def town(rules: PatrolRules | None = None, day: int = TODAY, **changes: Any) -> Town:
    """The city of a day, with the network of all streets that ever were."""
    ground = territory(rules, **changes)
    network = build_network(ground.frames["streets"], ground.city.metric_srid)
    return Town(network, ground_of(network, ground, day), neighbours(network, 10.0))

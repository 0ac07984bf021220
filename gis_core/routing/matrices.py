"""Shortest ways between many places on a street network: matrices of metres, and the ways themselves."""

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.patrol.network import PROFILES, WALKING, Profile, StreetNetwork
from gis_core.planning.tasks import Reason
from gis_core.routing.engines import UNUSED, Contracted, Ends, Engine, Searched, Way
from gis_core.routing.legs import Leg, Parts, line, shorter
from gis_core.routing.reaching import unreachable
from gis_core.routing.snapping import OFF, OFF_LIMIT_M, Spots, centimetres
from gis_core.routing.topology import Topology, contracts

NONE = np.zeros(0, np.int64)


class Ways:
    """Shortest ways of one mover. All lengths are sums of whole centimetres; what lies between a place and its street
    is in none of them.

    Parameters
    ----------
    network
        The streets.
    profile
        Who moves on them.
    closed
        Positions of edges that nobody passes, nor any edge that lies on one of them. What stands on them is reached at
        their ends alone.
    order
        Of :func:`gis_core.routing.topology.order_of`.
    engine
        ``cch`` (the extra ``routing``; makes an order where none is given) or ``scipy``; by default the first where
        there is an order and the extra is installed. Both tell the same metres; of ways of the same length they may
        take different ones.

    Raises
    ------
    InvalidInput
        When ``order`` is not one of this network, or ``cch`` is asked for without the extra.
    """

    def __init__(
        self, network: StreetNetwork, profile: Profile = WALKING, closed: Ints = NONE, order: Ints | None = None,
        engine: Literal["cch", "scipy"] | None = None,
    ) -> None:  # fmt: skip
        self._set(Topology(network, profile, order), np.asarray(closed, np.int64), engine)

    def _set(self, topology: Topology, closed: Ints, engine: Literal["cch", "scipy"] | None) -> None:
        if engine == "cch" and not contracts():
            raise InvalidInput("way_engine", value=engine)
        self.engine = engine or ("cch" if topology.order is not None and contracts() else "scipy")
        self.topology, self.network, self.profile = topology, topology.network, topology.profile
        first = self.network.twins.first
        self.closed: Bools = np.zeros(len(first), bool)
        self.closed[first[closed]] = True

    def closing(self, edges: Ints) -> "Ways":
        """The same with more edges closed; nothing is ordered or contracted anew."""
        other = Ways.__new__(Ways)
        closed = np.concatenate([np.flatnonzero(self.closed), np.asarray(edges, np.int64)])
        other._set(self.topology, closed, "cch" if self.engine == "cch" else "scipy")
        return other

    @cached_property
    def free(self) -> tuple[Bools, Bools]:
        """Of each edge whether it may be passed from u to v, and from v to u; of twins the first."""
        onward, back = self.topology.passable
        return onward & ~self.closed, back & ~self.closed

    @cached_property
    def freer(self) -> tuple[tuple[str, "Ways"], ...]:
        """The same without closures, without one-way rules too, and for who may use every class of streets too; each
        with the reason told where it has a way.
        """
        open_ = Ways.__new__(Ways)
        open_._set(self.topology, NONE, "scipy")
        both_ways = Ways(self.network, Profile(closed=self.profile.closed), engine="scipy")
        return ("way_closed", open_), ("way_one_way", both_ways), ("way_class", Ways(self.network, engine="scipy"))

    @cached_property
    def _engine(self) -> Engine:
        shut = self.closed[self.topology.arcs[2]]
        return Contracted(self.topology, shut) if self.engine == "cch" else Searched(self.topology, shut)

    def spots(self, xy: Floats, limit_m: float = OFF_LIMIT_M) -> Spots:
        """The nearest places on streets that the mover may pass, closed or not.

        Parameters
        ----------
        xy
            Positions in metres of the network's CRS, shape (n, 2).
        limit_m
            Farther from every street than this a position is off the network.

        Raises
        ------
        InvalidInput
            Where a position is no number.
        """
        return self.topology.snapper.nearest(xy, limit_m)

    def on_edges(self, edge: Ints, at_m: Floats) -> Spots:
        """Places so many metres from the beginning of edges."""
        return self.topology.on_edges(edge, at_m)

    def at_nodes(self, nodes: Ints) -> Spots:
        """Places at crossings and ends of streets."""
        return self.topology.at_nodes(nodes)

    def matrix(self, sources: Spots, targets: Spots) -> Floats:
        """Metres from each source to each target, rounded to the centimetre; inf where there is no way."""
        leave, reach = self._ends(sources, leaving=True), self._ends(targets, leaving=False)
        found = np.full((len(sources), len(targets)), np.inf)
        if not found.size:
            return found
        nodes, at = np.unique(reach.node, return_inverse=True)
        at, to_nodes = at.reshape(reach.node.shape), self._engine.to_nodes(nodes)
        add = np.where(reach.cm == UNUSED, np.inf, reach.cm)
        for begin in range(0, len(sources), 256):
            some = slice(begin, begin + 256)
            cm = to_nodes(Ends(leave.node[some], leave.cm[some]))
            np.minimum(cm[:, at[:, 0]] + add[:, 0], cm[:, at[:, 1]] + add[:, 1], out=found[some])
        row, column = np.nonzero(sources.edge[:, None] == targets.edge)
        found[row, column] = np.minimum(found[row, column], self._along(sources.take(row), targets.take(column)))
        return found / 100.0

    def nodes_matrix(self, sources: Ints, targets: Ints) -> Floats:
        """Metres from each node to each other, as :meth:`matrix` tells them of places."""
        return self.matrix(self.at_nodes(sources), self.at_nodes(targets))

    def paths(self, sources: Spots, targets: Spots) -> list[Leg]:
        """A shortest way from each source to the target in the same row; its length is the entry of the matrix."""
        leave, reach = self._ends(sources, leaving=True), self._ends(targets, leaving=False)
        along, found = self._along(sources, targets), self._engine.ways(leave, reach)
        return [
            shorter(
                self._straight(sources, targets, row, along[row]),
                self._around(sources, targets, row, way, leave, reach),
            )
            for row, way in enumerate(found)
        ]

    def path(self, source: Spots, target: Spots) -> tuple[Ints, float]:
        """Edges and metres of a shortest way between two places."""
        leg = self.paths(source, target)[0]
        return leg.edges, leg.length_m

    def line(self, leg: Leg) -> shapely.LineString | None:
        """A way as a line in metres of the network's CRS, ``None`` where it has no length."""
        return line(self.network, leg)

    def why(self, source: Spots, target: Spots) -> Reason | None:
        """Why there is no way between two places; ``None`` where there is one."""
        return unreachable(self, source, target)

    def _ends(self, spots: Spots, *, leaving: bool) -> Ends:
        """By which nodes places are left or reached. Who is at a node needs no metre of the edge, whichever way it may
        be passed.
        """
        edge, at_cm = spots.edge, centimetres(spots.at_m)
        rest_cm = self.topology.edge_cm[edge] - at_cm
        onward, back = self.free
        to_u, to_v = (back, onward) if leaving else (onward, back)
        node = np.column_stack([self.network.u[edge], self.network.v[edge]])
        free = np.column_stack([to_u[edge] | (at_cm == 0), to_v[edge] | (rest_cm == 0)]) & (edge != OFF)[:, None]
        return Ends(node, np.where(free, np.column_stack([at_cm, rest_cm]), UNUSED))

    def _along(self, sources: Spots, targets: Spots) -> Floats:
        """Centimetres of each way that does not leave the edge it begins on, inf where there is none."""
        edge, ahead = sources.edge, centimetres(targets.at_m) - centimetres(sources.at_m)
        onward, back = self.free
        may = np.where(ahead > 0, onward[edge], np.where(ahead < 0, back[edge], True))
        return np.where(may & (edge == targets.edge) & (edge != OFF), np.abs(ahead), np.inf)

    def _straight(self, sources: Spots, targets: Spots, row: int, along_cm: float) -> Parts | None:
        """The way in a row that does not leave the edge it begins on, ``None`` where there is none."""
        ends = (centimetres(spots.at_m[row : row + 1]) for spots in (sources, targets))
        return Parts(sources.edge[row : row + 1], *ends) if np.isfinite(along_cm) else None

    def _around(
        self, sources: Spots, targets: Spots, row: int, way: Way | None, leave: Ends, reach: Ends
    ) -> Parts | None:
        """The way in a row that passes a node, ``None`` where there is none."""
        if way is None:
            return None
        tail, _, edges = self.topology.arcs
        passed, edge_cm = edges[way.arcs], self.topology.edge_cm
        turned, cm = tail[way.arcs] != self.network.u[passed], edge_cm[passed]
        first, last = sources.edge[row], targets.edge[row]
        begin, end = (int(centimetres(spots.at_m[row])) for spots in (sources, targets))
        left = leave.end_at(row, way.first) * edge_cm[first]
        reached = reach.end_at(row, way.last) * edge_cm[last]
        return Parts(
            np.concatenate([[first], passed, [last]]),
            np.concatenate([[begin], np.where(turned, cm, 0), [reached]]),
            np.concatenate([[left], np.where(turned, 0, cm), [end]]),
        )


def ways_of(
    network: StreetNetwork, movers: Iterable[str], closed: Ints = NONE, order: Ints | None = None
) -> dict[str, Ways]:
    """Ways of each of these movers, names in :data:`gis_core.patrol.network.PROFILES`."""
    return {mover: Ways(network, PROFILES[mover], closed, order) for mover in sorted(set(movers))}

"""What the checker knows of streets: where places are, whether a row of edges is a way, and the shortest there is.

Made anew of the network's arrays, in plain Python, so that no mistake of what plans is a mistake of what checks.
"""

import heapq
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_core.arrays import Ints
from gis_core.patrol.network import Profile, StreetNetwork

OFF_M = 250.0
"""Farther from every street no place is on the network."""
TIE_M = 0.001
"""Streets that are as near as the nearest but for so much may be taken for it."""
AT_NODE = -1
Position = tuple[int, int]
"""An edge and a centimetre on it, or :data:`AT_NODE` and a node."""


class Streets:
    """The streets as one mover finds them.

    Parameters
    ----------
    network, profile
        The streets, and who moves on them.
    closed
        Edges that nobody passes.
    """

    def __init__(self, network: StreetNetwork, profile: Profile, closed: Collection[int] = ()) -> None:
        self.network = network
        self._u, self._v, self.size = network.u.tolist(), network.v.tolist(), len(network.u)
        self._cm: list[int] = np.rint(network.length_m * 100.0).astype(np.int64).tolist()
        self._first, self._against = network.twins
        open_ = ~np.isin(network.kind.astype(str)[network.street], profile.closed)
        ways = [open_ & ~(profile.one_way & (network.one_way * way < 0)) for way in (1, -1)]
        may = np.zeros((self.size, 2), np.bool_)
        for column, (same, turned) in enumerate((ways, ways[::-1])):
            np.logical_or.at(may[:, column], self._first, np.where(self._against, turned, same))
        self._usable = np.flatnonzero(may.any(axis=1))
        may[self._first[np.asarray(list(closed), np.int64)]] = False
        self._may = may

    def passable(self, edge: int, *, reverse: bool) -> bool:
        """Whether an edge may be passed from u to v, or in reverse."""
        return bool(self._may[self._first[edge], int(reverse != self._against[edge])])

    def name(self, edge: int) -> str:
        """Name of the street of an edge, else its code."""
        street = self.network.street[edge]
        return str(self.network.name[street] or self.network.code[street])

    def node(self, edge: int, *, last: bool) -> Position:
        """Where an edge ends or begins."""
        return AT_NODE, (self._v if last else self._u)[edge]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.network.lines[self._usable])

    def places(self, xy: tuple[float, float]) -> tuple[frozenset[Position], float]:
        """Where on the streets a point may be said to be, nowhere if it is too far off, and how far off it is."""
        if not (len(self._usable) and all(math.isfinite(value) for value in xy)):
            return frozenset(), math.inf
        point = shapely.Point(xy)
        _, away = self._tree.query_nearest([point], return_distance=True, all_matches=False)
        if away[0] > OFF_M:
            return frozenset(), float(away[0])
        near = self._tree.query(point, predicate="dwithin", distance=float(away[0]) + TIE_M)
        found: set[Position] = set()
        for edge in self._usable[near].tolist():
            share = shapely.line_locate_point(self.network.lines[edge], point, normalized=True)
            at_m = float(np.round(np.nan_to_num(share) * self.network.length_m[edge], 2))
            found |= self._at(edge, round(at_m * 100))
        return frozenset(found), float(away[0])

    def _at(self, edge: int, cm: int) -> set[Position]:
        """A place on an edge, which at an end is that node."""
        ends = {self.node(edge, last=False)} if cm <= 0 else set()
        ends |= {self.node(edge, last=True)} if cm >= self._cm[edge] else set()
        return ends or {(edge, cm)}

    def walked(
        self, begin: Iterable[Position], edges: Sequence[int], ends: Collection[Position], *, free: bool = False
    ) -> dict[Position, int]:
        """The least centimetres of a way along a row of edges, by where it ends; nowhere if they are none.

        Parameters
        ----------
        begin, ends
            Where it may begin and end.
        edges
            Each is passed whole, but for the first and last, which may be passed in part.
        free
            Whether rules and closures do not matter.
        """
        here = dict.fromkeys(begin, 0)
        for nth, edge in enumerate(edges):
            targets = {self.node(edge, last=False), self.node(edge, last=True)}
            if nth == len(edges) - 1:
                targets |= {place for place in ends if place[0] == edge}
            there: dict[Position, int] = {}
            for place, cm in here.items():
                for target in targets:
                    more = self._passed(edge, place, target, free)
                    if more is not None and cm + more < there.get(target, cm + more + 1):
                        there[target] = cm + more
            here = there
        return {place: cm for place, cm in here.items() if place in ends}

    def _passed(self, edge: int, place: Position, target: Position, free: bool) -> int | None:
        """Centimetres from one place on an edge to another, ``None`` where they are not on it or it may not be."""
        ways = [
            abs(high - low)
            for low in self._on(edge, place)
            for high in self._on(edge, target)
            if free or low == high or self.passable(edge, reverse=high < low)
        ]
        if place == target and place[0] == AT_NODE:  # who comes back to where they were has walked a ring
            ways = [cm for cm in ways if cm]
        return min(ways, default=None)

    def _on(self, edge: int, place: Position) -> list[int]:
        """The centimetres of an edge at which a place is."""
        if place[0] != AT_NODE:
            return [place[1]] if place[0] == edge else []
        ends = ((self._u[edge], 0), (self._v[edge], self._cm[edge]))
        return [cm for node, cm in ends if node == place[1]]

    @cached_property
    def _touching(self) -> tuple[Ints, Ints]:
        """The edges by their nodes, those that begin there by their number, those that end there by it and all edges
        more; and of each node the first of them.
        """
        nodes = np.concatenate([self.network.u, self.network.v])
        order = np.argsort(nodes, kind="stable")
        return order, np.searchsorted(nodes[order], np.arange(len(self.network.node_xy) + 1))

    @cached_property
    def _part(self) -> Ints:
        """Of each node which of the parts it lies in that no way leads between."""
        edge, nodes = np.flatnonzero(self._may.any(axis=1)), len(self.network.node_xy)
        ends = self.network.u[edge], self.network.v[edge]
        return np.asarray(
            connected_components(coo_array((np.ones(len(edge)), ends), (nodes, nodes)), directed=False)[1]
        )

    def _from(self, node: int) -> Iterator[tuple[int, int]]:
        """Where one comes to from a node by one edge, and its centimetres."""
        order, first = self._touching
        for end in order[first[node] : first[node + 1]].tolist():
            reverse, edge = divmod(end, self.size)
            if self._may[edge, reverse]:
                yield (self._u if reverse else self._v)[edge], self._cm[edge]

    def shortest(self, begin: Collection[Position], ends: Collection[Position], bound_cm: float = math.inf) -> float:
        """Centimetres of the shortest way from one of some places to one of others; inf where there is none that is
        no longer than a bound.
        """
        pairs = [(one, other) for one in begin for other in ends]
        along = (self._passed(edge, *pair, False) for pair in pairs for edge in {pair[0][0]} - {AT_NODE})
        best: float = min((cm for cm in along if cm is not None), default=math.inf)
        best = 0 if set(begin) & set(ends) else best
        into: dict[int, int] = {}
        for place in ends:
            for node, cm in self._exits(place, leaving=False):
                into[node] = min(cm, into.get(node, cm))
        queue = [(cm, node) for place in begin for node, cm in self._exits(place, leaving=True)]
        if bound_cm == math.inf:  # else all that hangs together would be searched in vain
            parts = {self._part[node] for node in into}
            queue = [(cm, node) for cm, node in queue if self._part[node] in parts]
        heapq.heapify(queue)
        done: set[int] = set()
        while queue and queue[0][0] < best and queue[0][0] <= bound_cm:
            cm, node = heapq.heappop(queue)
            if node in done:
                continue
            done.add(node)
            best = min(best, cm + into.get(node, math.inf))
            for other, more in self._from(node):
                if other not in done:
                    heapq.heappush(queue, (cm + more, other))
        return best

    def _exits(self, place: Position, *, leaving: bool) -> list[tuple[int, int]]:
        """The nodes by which a place is left or reached, and the centimetres to there."""
        edge, cm = place
        if edge == AT_NODE:
            return [(cm, 0)]
        ends = ((self._u[edge], cm, leaving), (self._v[edge], self._cm[edge] - cm, not leaving))
        return [(node, way) for node, way, reverse in ends if self.passable(edge, reverse=reverse)]


def seconds_of(metres: float, speed_mps: float) -> int:
    """Whole seconds for so many metres, rounded up."""
    return math.ceil(round(metres, 2) / speed_mps - 1e-9)

"""Two means to the same shortest ways: contraction hierarchies, and scipy's search, the reference and the fallback.

Both count in whole centimetres and begin at several nodes at once, each with what it takes to get there.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis_core.arrays import Bools, Floats, Ints
from gis_core.routing.topology import Topology

BATCH = 50
"""Sources of one search by scipy: their distances to 100,000 nodes take 40 MB."""
NEVER = 2**31 - 1
"""Weight of an arc that cannot be passed, as the contraction takes it."""
UNUSED = -1


class Ends(NamedTuple):
    """The two nodes by which each place is left or reached, and the centimetres to there; :data:`UNUSED` where that
    way is barred.
    """

    node: Ints
    cm: Ints

    def pairs(self, row: int) -> list[tuple[int, int]]:
        """Nodes and centimetres of one place."""
        ends = zip(self.node[row].tolist(), self.cm[row].tolist(), strict=True)
        return [(node, cm) for node, cm in ends if cm != UNUSED]

    def end_at(self, row: int, node: int) -> int:
        """Which end of its edge, 0 or 1, lets a place be left or reached by a node with the fewest centimetres."""
        return min(
            (0, 1), key=lambda end: (self.node[row, end] != node, self.cm[row, end] == UNUSED, self.cm[row, end])
        )


class Way(NamedTuple):
    """A shortest way between two places: the arcs passed whole, and the nodes where it begins and ends."""

    arcs: Ints
    first: int
    last: int


class Engine(Protocol):
    """What finds shortest ways."""

    def to_nodes(self, nodes: Ints) -> Callable[[Ends], Floats]:
        """What tells the centimetres from places to these nodes, inf where there is no way."""

    def ways(self, leave: Ends, reach: Ends) -> Iterable[Way | None]:
        """A shortest way of each pair, ``None`` where there is none."""


class Contracted:
    """Contraction hierarchies.

    Parameters
    ----------
    topology
        What is contracted, once for all engines on it.
    shut
        Which arcs are closed.
    """

    def __init__(self, topology: Topology, shut: Bools) -> None:
        from routingkit_cch import CCHMetric

        weight = np.where(shut, NEVER, topology.edge_cm[topology.arcs[2]])
        self._metric = CCHMetric(topology.contracted, weight.tolist())

    def to_nodes(self, nodes: Ints) -> Callable[[Ends], Floats]:
        """See :class:`Engine`."""
        from routingkit_cch import CCHOneToMany

        pinned: Any = CCHOneToMany(self._metric, nodes.tolist())

        def distances(leave: Ends) -> Floats:
            found = np.full((len(leave.node), len(nodes)), np.inf)
            for row in range(len(found)):
                if pairs := leave.pairs(row):
                    found[row] = np.array(pinned.distances_from_multi(pairs), np.float64)
            found[np.isnan(found)] = np.inf
            return found

        return distances

    def ways(self, leave: Ends, reach: Ends) -> Iterable[Way | None]:
        """See :class:`Engine`."""
        from routingkit_cch import CCHQuery

        query: Any = CCHQuery(self._metric)
        for row in range(len(leave.node)):
            sources, targets = leave.pairs(row), reach.pairs(row)
            yield self._way(query, sources, targets) if sources and targets else None

    @staticmethod
    def _way(query: Any, sources: list[tuple[int, int]], targets: list[tuple[int, int]]) -> Way | None:
        # A query answers anew only once what it answered before is let go of, as it is when this returns.
        answer = query.run_multi(sources, targets)
        if answer.distance is None:
            return None
        nodes = answer.node_path
        return Way(np.array(answer.arc_path, np.int64), nodes[0], nodes[-1])


class Searched:
    """Dijkstra's search from each place.

    Parameters
    ----------
    topology
        What is searched.
    shut
        Which arcs are closed.
    """

    def __init__(self, topology: Topology, shut: Bools) -> None:
        self._topology, self._shut = topology, shut

    @cached_property
    def _open(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Tail, head, centimetres and number of each open arc; of those between the same nodes the shortest."""
        tail, head, edge = self._topology.arcs
        cm = self._topology.edge_cm[edge]
        arc = np.flatnonzero(~self._shut)
        arc = arc[np.lexsort((edge[arc], cm[arc], head[arc], tail[arc]))]
        fresh = np.ones(len(arc), bool)
        fresh[1:] = (tail[arc[1:]] != tail[arc[:-1]]) | (head[arc[1:]] != head[arc[:-1]])
        arc = arc[fresh]
        return tail[arc], head[arc], cm[arc], arc

    def _with(self, leave: Ends) -> csr_array:
        """The network with a node more for each place, from which one comes to its ends."""
        tail, head, cm, _ = self._open
        nodes, size = len(self._topology.network.node_xy), len(leave.node)
        used = leave.cm != UNUSED
        # Both ends of a ring are one node, to which a matrix has one entry: of the two the shorter.
        same = used.all(axis=1) & (leave.node[:, 0] == leave.node[:, 1])
        used[same, np.argmax(leave.cm[same], axis=1)] = False
        first = np.concatenate([np.searchsorted(tail, np.arange(nodes + 1)), len(tail) + np.cumsum(used.sum(axis=1))])
        to = np.concatenate([head, leave.node[used]])
        weight = np.concatenate([cm, leave.cm[used]]).astype(np.float64)
        return csr_array((weight, to, first), shape=(nodes + size, nodes + size))

    def to_nodes(self, nodes: Ints) -> Callable[[Ends], Floats]:
        """See :class:`Engine`."""

        def distances(leave: Ends) -> Floats:
            found = np.empty((len(leave.node), len(nodes)))
            for begin in range(0, len(found), BATCH):
                some = Ends(leave.node[begin : begin + BATCH], leave.cm[begin : begin + BATCH])
                graph = self._with(some)
                sources = np.arange(graph.shape[0] - len(some.node), graph.shape[0])
                found[begin : begin + BATCH] = dijkstra(graph, indices=sources)[:, nodes]
            return found

        return distances

    def ways(self, leave: Ends, reach: Ends) -> Iterable[Way | None]:
        """See :class:`Engine`."""
        for begin in range(0, len(leave.node), BATCH):
            some = Ends(leave.node[begin : begin + BATCH], leave.cm[begin : begin + BATCH])
            graph = self._with(some)
            sources = np.arange(graph.shape[0] - len(some.node), graph.shape[0])
            metres, before = dijkstra(graph, indices=sources, return_predecessors=True)
            for nth, source in enumerate(sources.tolist()):
                ends = reach.pairs(begin + nth)
                total, last = min(((metres[nth, node] + cm, node) for node, cm in ends), default=(np.inf, UNUSED))
                yield self._unwound(before[nth], source, last) if np.isfinite(total) else None

    def _unwound(self, before: Ints, source: int, last: int) -> Way:
        tail, head, _, arc = self._open
        nodes = [last]
        while (node := int(before[nodes[-1]])) != source:
            nodes.append(node)
        nodes.reverse()
        scale = len(self._topology.network.node_xy)
        keys = np.array(nodes[:-1], np.int64) * scale + np.array(nodes[1:], np.int64)
        return Way(arc[np.searchsorted(tail * scale + head, keys)], nodes[0], last)

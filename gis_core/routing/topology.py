"""The streets that one mover may pass, as arcs with whole centimetres, and a good order to contract their nodes in."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.patrol.network import Profile, StreetNetwork
from gis_core.routing.snapping import Snapper, Spots, centimetres

SHIFT = 1e5
"""Metres that a degree is taken for: the order is made for latitudes and longitudes, of which only the shape counts."""


def topology_key(network: StreetNetwork) -> str:
    """Names the nodes and edges of a network, by which an order of them is found again; whoever moves on it."""
    digest = blake2b(f"1 {len(network.node_xy)}".encode(), digest_size=16)
    for ends in (network.u, network.v):
        digest.update(np.ascontiguousarray(ends, np.int64).tobytes())
    return digest.hexdigest()


def order_of(network: StreetNetwork) -> Ints:
    """An order of nodes by nested dissection, in which they are contracted: seconds for 100,000 nodes, to be kept by
    :func:`topology_key`. It is as good for every profile and closure.

    Raises
    ------
    InvalidInput
        Where the extra ``routing`` is not installed.
    """
    if not contracts():
        raise InvalidInput("way_engine", value="cch")
    from routingkit_cch import compute_order_inertial

    apart = network.u != network.v
    tail, head = network.u[apart].tolist(), network.v[apart].tolist()
    east, north = ((network.node_xy - network.node_xy.min(axis=0)) / SHIFT).T.tolist()
    return np.asarray(compute_order_inertial(len(network.node_xy), tail, head, north, east), np.int64)


def is_order(order: Ints, network: StreetNetwork) -> bool:
    """Whether it names every node of the network once."""
    nodes = len(network.node_xy)
    if order.shape != (nodes,) or not np.issubdtype(order.dtype, np.integer):
        return False
    return bool(((order >= 0) & (order < nodes)).all() and (np.bincount(order, minlength=nodes) == 1).all())


def contracts() -> bool:
    """Whether the extra ``routing`` is installed."""
    try:
        import routingkit_cch  # noqa: F401
    except ImportError:
        return False
    return True


@dataclass(frozen=True, eq=False)
class Topology:
    """What all ways of one profile on one network share, whatever is closed.

    Parameters
    ----------
    network, profile
        The streets, and who moves on them.
    order
        Of :func:`order_of`, or None.
    """

    network: StreetNetwork
    profile: Profile
    order: Ints | None = None

    def __post_init__(self) -> None:
        if self.order is not None and not is_order(np.asarray(self.order), self.network):
            raise InvalidInput("way_order", nodes=len(self.network.node_xy))

    @cached_property
    def passable(self) -> tuple[Bools, Bools]:
        """Of each edge whether it may be passed from u to v, and from v to u."""
        graph = self.network.graph(self.profile)
        return graph.onward, graph.back

    @cached_property
    def edge_cm(self) -> Ints:
        """Length of each edge, whole centimetres."""
        return centimetres(self.network.length_m)

    @cached_property
    def arcs(self) -> tuple[Ints, Ints, Ints]:
        """Tail, head and edge of each arc. A way never passes the whole of an edge that ends where it begins."""
        (onward, back), u, v = self.passable, self.network.u, self.network.v
        there, again = np.flatnonzero(onward & (u != v)), np.flatnonzero(back & (u != v))
        tail, head = np.concatenate([u[there], v[again]]), np.concatenate([v[there], u[again]])
        return tail, head, np.concatenate([there, again])

    @cached_property
    def snapper(self) -> Snapper:
        """Finds the nearest edge that may be passed at all."""
        onward, back = self.passable
        return Snapper(self.network.lines, self.network.length_m, onward | back)

    @cached_property
    def contracted(self) -> Any:
        """The arcs contracted, for any lengths of them."""
        from routingkit_cch import CCH

        tail, head, _ = self.arcs
        order = order_of(self.network) if self.order is None else self.order
        return CCH(np.asarray(order).tolist(), tail.tolist(), head.tolist(), False)

    def on_edges(self, edge: Ints, at_m: Floats) -> Spots:
        """Places on edges, each on the first of those that lie on each other."""
        edge, at_m = np.asarray(edge, np.int64), np.asarray(at_m, np.float64)
        (first, against), length_m = self.network.twins, self.network.length_m
        share = np.clip(at_m / np.where(length_m[edge] > 0.0, length_m[edge], 1.0), 0.0, 1.0)
        share = np.where(against[edge], 1.0 - share, share)
        return Spots(first[edge], np.round(share * length_m[first[edge]], 2), np.zeros(len(edge)))

    @cached_property
    def _touching(self) -> tuple[Ints, Ints]:
        """Of each node an edge that begins or ends there, and its node at the beginning."""
        edge = np.zeros(len(self.network.node_xy), np.int64)
        edge[self.network.v[::-1]] = np.arange(len(self.network.v))[::-1]
        edge[self.network.u[::-1]] = np.arange(len(self.network.u))[::-1]
        return edge, self.network.u[edge]

    def at_nodes(self, nodes: Ints) -> Spots:
        """Crossings and ends of streets as places."""
        edge, begin = self._touching
        edge, begin = edge[nodes], begin[nodes]
        return self.on_edges(edge, np.where(begin == nodes, 0.0, self.network.length_m[edge]))

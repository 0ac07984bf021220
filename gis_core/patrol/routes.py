"""Bounded shortest paths on the network, compiled, and kept for the next who asks."""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import Int32s, compiled
from gis_core.patrol.network import Graph

POOL = 1 << 20
"""Found distances that are kept; when there are more, all are forgotten and found again."""


class Field(NamedTuple):
    """Working memory of a search, and what former searches have found.

    Parameters
    ----------
    metres, via
        Of each node during a search: how far, inf if not reached, and the edge it was reached by.
    key, node
        The heap.
    bound_m, start, stop
        Of each node how far was searched from it (-1: not at all), and where the found nodes are kept.
    kept_node, kept_via, kept_m, used
        The found nodes, how far they are, the edge each was reached by, and how many are kept.
    """

    metres: Floats
    via: Ints
    key: Floats
    node: Ints
    bound_m: Floats
    start: Ints
    stop: Ints
    kept_node: Int32s
    kept_via: Int32s
    kept_m: Floats
    used: Ints


def field_of(graph: Graph) -> Field:
    """Working memory for searches on a graph, by one thread."""
    nodes, ways = len(graph.first) - 1, len(graph.to) + 2
    pool = max(POOL, nodes)
    return Field(
        np.full(nodes, np.inf), np.full(nodes, -1, np.int64), np.empty(ways), np.empty(ways, np.int64),
        np.full(nodes, -1.0), np.zeros(nodes, np.int64), np.zeros(nodes, np.int64),
        np.empty(pool, np.int32), np.empty(pool, np.int32), np.empty(pool), np.zeros(1, np.int64),
    )  # fmt: skip


def shortest_path(graph: Graph, source: int, target: int, bound_m: float) -> tuple[float, Ints]:
    """The shortest way between two nodes, if it is no longer than ``bound_m``.

    Returns
    -------
    length_m, edges
        inf and no edges where there is no such way.
    """
    field = field_of(graph)
    search(graph, source, bound_m, field)
    show(source, field)
    length_m, edges = float(field.metres[target]), np.empty(0, np.int64)
    if np.isfinite(length_m):
        edges = way_back(graph, source, target, field)[::-1].copy()
    return length_m, edges


@compiled
def search(graph: Graph, source: int, bound_m: float, field: Field) -> None:
    """Find all nodes within ``bound_m`` of a node, unless they are known."""
    if field.bound_m[source] >= bound_m:
        return
    first, to, via, length = graph.first, graph.to, graph.via, graph.length_m
    metres, by, used = field.metres, field.via, field.used[0]
    if used + len(metres) > len(field.kept_m):
        field.bound_m[:] = -1.0
        used = 0
    begin, size = used, 1
    metres[source], by[source] = 0.0, -1
    field.key[0], field.node[0] = 0.0, source
    while size:
        near, at = field.key[0], field.node[0]
        size = _popped(field.key, field.node, size)
        if near > metres[at]:
            continue
        field.kept_node[used], field.kept_via[used], field.kept_m[used] = at, by[at], near
        used += 1
        for way in range(first[at], first[at + 1]):
            far = near + length[via[way]]
            if far <= bound_m and far < metres[to[way]]:
                metres[to[way]], by[to[way]] = far, via[way]
                size = _pushed(field.key, field.node, size, far, to[way])
    for nth in range(begin, used):
        metres[field.kept_node[nth]] = np.inf
    field.bound_m[source], field.start[source], field.stop[source], field.used[0] = bound_m, begin, used, used


@compiled
def show(source: int, field: Field) -> None:
    """Lay what was found from a node out by node, in ``metres`` and ``via``."""
    for nth in range(field.start[source], field.stop[source]):
        field.metres[field.kept_node[nth]] = field.kept_m[nth]
        field.via[field.kept_node[nth]] = field.kept_via[nth]


@compiled
def hide(source: int, field: Field) -> None:
    """Take away what :func:`show` laid out."""
    for nth in range(field.start[source], field.stop[source]):
        field.metres[field.kept_node[nth]] = np.inf


@compiled
def way_back(graph: Graph, source: int, target: int, field: Field) -> Ints:
    """Edges from a node that was reached back to the source, whose findings are shown."""
    count, at = 0, target
    while at != source:
        edge = field.via[at]
        at = graph.u[edge] if graph.v[edge] == at else graph.v[edge]
        count += 1
    edges = np.empty(count, np.int64)
    at = target
    for nth in range(count):
        edges[nth] = field.via[at]
        at = graph.u[edges[nth]] if graph.v[edges[nth]] == at else graph.v[edges[nth]]
    return edges


@compiled
def _pushed(key: Floats, node: Ints, size: int, far: float, at: int) -> int:
    place = size
    while place:
        above = (place - 1) >> 1
        # Equally near nodes leave the heap by number, so that of equal ways one is always taken.
        if key[above] < far or (key[above] == far and node[above] <= at):
            break
        key[place], node[place] = key[above], node[above]
        place = above
    key[place], node[place] = far, at
    return size + 1


@compiled
def _popped(key: Floats, node: Ints, size: int) -> int:
    size -= 1
    far, at, place = key[size], node[size], 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        right = below + 1
        if right < size and (key[right] < key[below] or (key[right] == key[below] and node[right] < node[below])):
            below = right
        if far < key[below] or (far == key[below] and at <= node[below]):
            break
        key[place], node[place] = key[below], node[below]
        place = below
    key[place], node[place] = far, at
    return size

"""From matched points to the metres passed: whole and partial edges with times."""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import compiled, grown
from gis_core.patrol.decoding import Decoded
from gis_core.patrol.network import Graph
from gis_core.patrol.places import Places
from gis_core.patrol.routes import Field, hide, search, show, way_back
from gis_core.patrol.trellis import straight_on


class Passes(NamedTuple):
    """Stretches of edges, each passed without leaving the edge in between.

    Parameters
    ----------
    edge, chain
        The edge, and the unbroken chain the pass belongs to.
    low_m, high_m
        From where to where on the edge.
    begin_s, stop_s
        Seconds.
    sure
        The greatest certainty of a point on it, or the least of the two around it where there is none.
    """

    edge: Ints
    chain: Ints
    low_m: Floats
    high_m: Floats
    begin_s: Floats
    stop_s: Floats
    sure: Floats


@compiled
def trace(t: Floats, decoded: Decoded, graph: Graph, places: Places, field: Field, most_m: Floats) -> Passes:
    """The passes of a decoded track, in the order of time."""
    room = 2 * len(t) + 16
    passes = Passes(
        np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room), np.empty(room), np.empty(room),
        np.empty(room), np.empty(room),
    )  # fmt: skip
    used, last = 0, -1
    for k in range(len(t)):
        if decoded.place[k] < 0:
            continue
        if last >= 0 and decoded.chain[k] == decoded.chain[last]:
            passes, used = _moved(t, last, k, decoded, graph, places, field, most_m[k], passes, used)
        else:
            passes = _roomy(passes, used + 1)
            place, sure = decoded.place[k], decoded.sure[k]
            at_m = places.at_m[place]
            used = _along(passes, used, places.edge[place], decoded.chain[k], at_m, at_m, t[k], t[k], sure)
        last = k
    return Passes(
        passes.edge[:used], passes.chain[:used], passes.low_m[:used], passes.high_m[:used], passes.begin_s[:used],
        passes.stop_s[:used], passes.sure[:used],
    )  # fmt: skip


@compiled
def _moved(
    t: Floats, last: int, k: int, decoded: Decoded, graph: Graph, places: Places, field: Field, most_m: float,
    passes: Passes, used: int,
) -> tuple[Passes, int]:  # fmt: skip
    """Add the way from one matched point to the next."""
    one, two = decoded.place[last], decoded.place[k]
    a, b, from_m, to_m, chain = places.edge[one], places.edge[two], places.at_m[one], places.at_m[two], decoded.chain[k]
    sure, begun, done = min(decoded.sure[last], decoded.sure[k]), t[last], t[k]
    direct_m, length_m = np.inf, graph.length_m[a]
    if a == b and straight_on(graph, a, from_m, to_m):
        direct_m = abs(to_m - from_m)
    if direct_m <= min(from_m, length_m - from_m) + min(to_m, length_m - to_m):  # no way by a node can be shorter
        return passes, _along(passes, used, b, chain, from_m, to_m, begun, done, decoded.sure[k])
    leaves, enters, edges, total = _way(a, from_m, b, to_m, graph, field, most_m)
    if direct_m < np.inf and direct_m <= total:
        return passes, _along(passes, used, b, chain, from_m, to_m, begun, done, decoded.sure[k])
    passes = _roomy(passes, used + len(edges) + 2)
    if not total < np.inf:  # never of what was decoded on the same graph
        return passes, _along(passes, used, b, chain, to_m, to_m, done, done, decoded.sure[k])
    pace = (done - begun) / max(total, 1e-9)
    exit_m, entry_m = graph.length_m[a] * leaves, graph.length_m[b] * enters
    now = begun + abs(exit_m - from_m) * pace
    used = _along(passes, used, a, chain, from_m, exit_m, begun, now, sure)
    for nth in range(len(edges) - 1, -1, -1):
        then = now + graph.length_m[edges[nth]] * pace
        used = _along(passes, used, edges[nth], chain, 0.0, graph.length_m[edges[nth]], now, then, sure)
        now = then
    if a == b and len(edges) == 0:  # over the seam of a ring: the metres between are not passed
        return passes, _begun(passes, used, b, chain, to_m, entry_m, now, done, decoded.sure[k])
    return passes, _along(passes, used, b, chain, to_m, entry_m, now, done, decoded.sure[k])


@compiled
def _way(
    a: int, from_m: float, b: int, to_m: float, graph: Graph, field: Field, most_m: float
) -> tuple[int, int, Ints, float]:
    """The shortest way from edge to edge: which end it leaves and enters by (0 or 1), the edges between, metres."""
    least, leaves, enters = np.inf, 0, 0
    for side in range(2):
        if graph.onward[a] if side else graph.back[a]:
            node = graph.v[a] if side else graph.u[a]
            search(graph, node, most_m, field)
            show(node, field)
            out_m = graph.length_m[a] - from_m if side else from_m
            for entry in range(2):
                if graph.back[b] if entry else graph.onward[b]:
                    into_m = graph.length_m[b] - to_m if entry else to_m
                    metres = out_m + field.metres[graph.v[b] if entry else graph.u[b]] + into_m
                    if metres < least:
                        least, leaves, enters = metres, side, entry
            hide(node, field)
    if not least < np.inf:
        return 0, 0, np.empty(0, np.int64), least
    source, target = graph.v[a] if leaves else graph.u[a], graph.v[b] if enters else graph.u[b]
    search(graph, source, most_m, field)
    show(source, field)
    edges = way_back(graph, source, target, field)
    hide(source, field)
    return leaves, enters, edges, least


@compiled
def _along(
    passes: Passes, used: int, edge: int, chain: int, one_m: float, other_m: float, begin_s: float, stop_s: float,
    sure: float,
) -> int:  # fmt: skip
    """Add a stretch, between two metres of an edge, to the pass it continues, or begin one."""
    last, low_m, high_m = used - 1, min(one_m, other_m), max(one_m, other_m)
    if used and passes.edge[last] == edge and passes.chain[last] == chain:
        passes.low_m[last], passes.high_m[last] = min(passes.low_m[last], low_m), max(passes.high_m[last], high_m)
        passes.stop_s[last], passes.sure[last] = stop_s, max(passes.sure[last], sure)
        return used
    return _begun(passes, used, edge, chain, one_m, other_m, begin_s, stop_s, sure)


@compiled
def _begun(
    passes: Passes, used: int, edge: int, chain: int, one_m: float, other_m: float, begin_s: float, stop_s: float,
    sure: float,
) -> int:  # fmt: skip
    """Begin a pass with a stretch."""
    passes.edge[used], passes.chain[used] = edge, chain
    passes.low_m[used], passes.high_m[used] = min(one_m, other_m), max(one_m, other_m)
    passes.begin_s[used], passes.stop_s[used], passes.sure[used] = begin_s, stop_s, sure
    return used + 1


@compiled
def _roomy(passes: Passes, needed: int) -> Passes:
    if needed <= len(passes.edge):
        return passes
    return Passes(
        grown(passes.edge, needed), grown(passes.chain, needed), grown(passes.low_m, needed),
        grown(passes.high_m, needed), grown(passes.begin_s, needed), grown(passes.stop_s, needed),
        grown(passes.sure, needed),
    )  # fmt: skip

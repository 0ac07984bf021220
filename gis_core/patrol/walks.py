"""How far it is along the network to the nearest of some places, and from where it is too far."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis_core.arrays import Bools, Floats, Ints
from gis_core.patrol.network import StreetNetwork

SLACK_M = 0.01
"""What is over by less than this is not: drawn lengths are no more exact."""
LEAST_M = 1e-9
"""Graphs without weight on a link have no link."""


def walks_to(network: StreetNetwork, edge: Ints, at_m: Floats) -> Floats:
    """Metres on foot from each node to the nearest of the places ``at_m`` along edges, inf where there is no way."""
    nodes, length_m = len(network.node_xy), network.length_m
    start = np.full(len(edge), nodes)
    source = np.concatenate([network.u, network.v, start, start])
    target = np.concatenate([network.v, network.u, network.u[edge], network.v[edge]])
    metres = np.maximum(np.concatenate([length_m, length_m, at_m, length_m[edge] - at_m]), LEAST_M)
    # Of links between the same nodes the shortest stays: a matrix would add them up.
    order = np.lexsort((metres, target, source))
    source, target, metres = source[order], target[order], metres[order]
    first = np.append(True, (np.diff(source) != 0) | (np.diff(target) != 0))[: len(source)]
    links = csr_array((metres[first], (source[first], target[first])), (nodes + 1, nodes + 1))
    return np.asarray(dijkstra(links, indices=nodes), np.float64)[:nodes]


def far_stretches(network: StreetNetwork, edge: Ints, at_m: Floats, most_m: float, due: Bools) -> pd.DataFrame:
    """Where on the edges that are due the nearest of some places is farther than ``most_m`` on foot.

    Exact: between two ends or places the walk to the nearer rises and falls by a metre each metre.

    Parameters
    ----------
    edge, at_m
        The places: how far along which edge each lies.

    Returns
    -------
    stretches
        ``edge``, ``from_m``, ``to_m`` along the edge and ``walk_m`` of the farthest point (inf where there is no way),
        in the order of edges and metres.
    """
    away_m = walks_to(network, edge, at_m)
    asked = np.flatnonzero(due)
    on = due[edge]
    # Each edge in parts from an end or place to the next: a place is the end of two, at no distance.
    part_edge = np.concatenate([asked, edge[on]])
    begin_m = np.concatenate([np.zeros(len(asked)), at_m[on]])
    left_m = np.concatenate([away_m[network.u[asked]], np.zeros(on.sum())])
    order = np.lexsort((begin_m, part_edge))
    part_edge, begin_m, left_m = part_edge[order], begin_m[order], left_m[order]
    last = np.append(part_edge[1:] != part_edge[:-1], True)[: len(part_edge)]
    end_m = np.where(last, network.length_m[part_edge], np.append(begin_m[1:], 0.0)[: len(part_edge)])
    right_m = np.where(last, away_m[network.v[part_edge]], 0.0)
    size_m = end_m - begin_m
    low = np.maximum(most_m - left_m, 0.0)
    high = np.minimum(right_m + size_m - most_m, size_m)
    far = high - low > SLACK_M
    walk_m = (left_m + size_m + right_m) / 2
    found = {"edge": part_edge, "from_m": begin_m + low, "to_m": begin_m + high, "walk_m": walk_m}
    return pd.DataFrame(found)[far].reset_index(drop=True)

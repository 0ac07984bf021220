"""Lanes from end to end, however often the layer cuts them, and the gaps between what stands along them."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gis_core.arrays import Bools, Floats, Ints, Objects, missing
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.places import on_edges
from gis_core.patrol.walks import SLACK_M

APART_M = 1.0
"""Between one lane and the next on the line that they are laid on."""


class Chains(NamedTuple):
    """Lanes laid one after the other on one line of metres.

    A lane is what is drawn under one name and class without a fork; streets without a name are lanes by themselves.

    Parameters
    ----------
    edge, chain, start_m, onward
        Edges in the order of the line: which it is, of which lane, where on the line it begins, and whether it runs as
        it is drawn.
    position
        Of each edge of the network its position in ``edge``, -1 where it is on no lane.
    begin_m, length_m, ring
        Of each lane: where on the line it begins, its length, and whether it ends where it begins.
    """

    edge: Ints
    chain: Ints
    start_m: Floats
    onward: Bools
    position: Ints
    begin_m: Floats
    length_m: Floats
    ring: Bools


def chains_of(network: StreetNetwork, due: Bools) -> Chains:
    """The lanes that the edges that are due make up, in the order of their first edges."""
    edge = np.flatnonzero(due)
    node = _joints(network, edge)
    count = int(node.max(initial=-1)) + 1
    _, chain = connected_components(coo_array((np.ones(len(edge)), (node[0], node[1])), (count, count)), directed=False)
    chain = pd.factorize(chain[node[0]])[0].astype(np.int64)
    lanes = int(chain.max(initial=-1)) + 1
    degree = np.bincount(node.ravel(), minlength=count)
    open_ = np.zeros(lanes, dtype=bool)
    np.logical_or.at(open_, chain, (degree[node] == 1).any(axis=0))
    ring = ~open_
    first = np.unique(chain, return_index=True)[1]
    node[0, first[ring]] = count + np.arange(ring.sum())  # a ring is opened where its first edge begins
    degree = np.bincount(node.ravel(), minlength=count + int(ring.sum()))
    # By lane the first of its two ends.
    end = np.flatnonzero((degree[node] == 1).ravel(order="F"))
    source = node.ravel(order="F")[end[np.unique(chain[end // 2], return_index=True)[1]]]
    size_m = network.length_m[edge]
    links = coo_array((size_m, (node[0], node[1])), (len(degree), len(degree))).tocsr()
    at_m = dijkstra(links, directed=False, indices=source, min_only=True) if lanes else np.zeros(0)
    length_m = np.bincount(chain, size_m, minlength=lanes).astype(np.float64)
    begin_m = np.cumsum(length_m + APART_M) - length_m - APART_M
    start_m = begin_m[chain] + np.minimum(at_m[node[0]], at_m[node[1]])
    order = np.argsort(start_m, kind="stable")
    position = np.full(len(due), -1, np.int64)
    position[edge[order]] = np.arange(len(order))
    onward = at_m[node[0]] < at_m[node[1]]
    return Chains(edge[order], chain[order], start_m[order], onward[order], position, begin_m, length_m, ring)


def _joints(network: StreetNetwork, edge: Ints) -> Ints:
    """Of both ends of edges a number that two share where nothing else of their name and class meets them."""
    street = network.street[edge]
    name, code = network.name[street], network.code[street]
    unnamed = missing(name) | (name == "")
    lane = [np.where(unnamed, code, name), unnamed, network.kind[street].astype(str)]
    group = pd.MultiIndex.from_arrays(lane).factorize()[0]
    node = np.stack([network.u[edge], network.v[edge]])
    key = pd.MultiIndex.from_arrays([np.tile(group, 2), node.ravel()]).factorize()[0].astype(np.int64)
    shared = np.bincount(key)[key] == 2 if len(key) else np.zeros(0, dtype=bool)
    apart = np.where(shared, key, len(key) + np.arange(len(key)))
    return np.unique(apart, return_inverse=True)[1].reshape(node.shape).astype(np.int64)


def gaps(network: StreetNetwork, chains: Chains, edge: Ints, at_m: Floats, most_m: float) -> pd.DataFrame:
    """Stretches of lanes longer than ``most_m`` with none of some places, up to the ends of the lane.

    Parameters
    ----------
    edge, at_m
        The places: how far along which edge each lies; those on no lane are passed over.

    Returns
    -------
    pieces
        ``stretch`` numbers them; ``edge``, ``from_m``, ``to_m`` are what they lie on, and ``gap_m`` how long the whole
        of it is.
    """
    at = chains.position[edge]
    at, along_m = at[at >= 0], at_m[at >= 0]
    along_m = np.where(chains.onward[at], along_m, network.length_m[chains.edge[at]] - along_m)
    place_m, chain = chains.start_m[at] + along_m, chains.chain[at]
    lanes = np.arange(len(chains.length_m))
    begin_m, end_m = chains.begin_m.copy(), chains.begin_m + chains.length_m
    first_m = np.full(len(lanes), np.inf)
    np.minimum.at(first_m, chain, place_m)
    turned = chains.ring & np.isfinite(first_m)  # a ring with a place on it begins and ends there
    begin_m[turned] = first_m[turned]
    end_m[turned] = first_m[turned] + chains.length_m[turned]
    # Sorted by lane first: a turned ring reaches over the beginning of the next.
    line_m, of = np.concatenate([begin_m, place_m, end_m]), np.concatenate([lanes, chain, lanes])
    order = np.lexsort((line_m, of))
    line_m, of = line_m[order], of[order]
    wide = np.flatnonzero((of[1:] == of[:-1]) & (np.diff(line_m) > most_m + SLACK_M))
    return _pieces(network, chains, of[wide], line_m[wide], line_m[wide + 1])


def _pieces(network: StreetNetwork, chains: Chains, chain: Ints, from_m: Floats, to_m: Floats) -> pd.DataFrame:
    """Stretches of the line as pieces of edges; what reaches over the end of a ring goes on at its beginning."""
    gap_m, limit_m = to_m - from_m, (chains.begin_m + chains.length_m)[chain]
    over = np.flatnonzero(to_m > limit_m + SLACK_M)
    stretch = np.concatenate([np.arange(len(chain)), over])
    low = np.concatenate([np.minimum(from_m, limit_m), chains.begin_m[chain[over]]])
    high = np.concatenate([np.minimum(to_m, limit_m), to_m[over] - chains.length_m[chain[over]]])
    size_m = network.length_m[chains.edge]
    first = np.searchsorted(chains.start_m + size_m, low, side="right")
    count = np.maximum(np.searchsorted(chains.start_m, high, side="left") - first, 0)
    row = np.repeat(np.arange(len(low)), count)
    at = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    begin_m = np.maximum(low[row] - chains.start_m[at], 0.0)
    end_m = np.minimum(high[row] - chains.start_m[at], size_m[at])
    onward = chains.onward[at]
    begins, ends = np.where(onward, begin_m, size_m[at] - end_m), np.where(onward, end_m, size_m[at] - begin_m)
    found = {"stretch": stretch[row], "edge": chains.edge[at], "from_m": begins, "to_m": ends}
    rows = pd.DataFrame(found)[ends > begins].assign(gap_m=gap_m[stretch[row]][ends > begins])
    return rows.sort_values("stretch", kind="stable", ignore_index=True)


def drawn(network: StreetNetwork, edge: Ints, from_m: Floats, to_m: Floats) -> Objects:
    """Pieces of edges as lines, metric CRS."""
    step = np.append(0.0, np.hypot(*np.diff(network.xy, axis=0).T))
    along, begin, end = np.cumsum(step), network.begin[edge], network.end[edge]
    low = np.clip(np.searchsorted(along, along[begin] + from_m, side="right"), begin, end)
    high = np.clip(np.searchsorted(along, along[begin] + to_m, side="left"), low, end)
    count = high - low + 2
    first = np.cumsum(count) - count
    row = np.repeat(np.arange(len(edge)), count)
    nth = np.arange(len(row)) - first[row]
    xy = network.xy[np.clip(low[row] + nth - 1, 0, len(network.xy) - 1)]
    xy[first], xy[first + count - 1] = on_edges(network, edge, from_m), on_edges(network, edge, to_m)
    return shapely.linestrings(xy, indices=row)

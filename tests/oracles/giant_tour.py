"""One tour past all streets, cut into rounds: what planners did before there were searches.

After Frederickson, Hecht and Kim (SIAM Journal on Computing 7(2), 1978): groups of streets are joined by a shortest
tree, nodes of odd degree by a shortest matching, and the tour that passes all of it is cut where the longest round is
shortest. Shares nothing with the planner. Ways are as long there as back.
"""

from collections import defaultdict
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from gis_core.arrays import Floats, Ints

NEAREST = 10
"""Odd nodes are matched among so many of the nearest to each, or twice as many where that is no matching."""
Street = tuple[int, int, int]
"""From which node to which, and what passing it takes."""


def split_tour(streets: list[Street], ways: Ints, depot: int, routes: int) -> list[list[tuple[int, bool]]]:
    """By round the streets, by position, and whether each is passed from its second node to its first."""
    return split(tour(streets, ways, depot), streets, ways, depot, routes)


def tour(streets: list[Street], ways: Ints, depot: int) -> list[tuple[int, bool]]:
    """One closed tour from the depot past all streets."""
    edges = [(u, v) for u, v, _ in streets]
    edges += _tree(edges, ways, depot)
    degree = np.bincount(np.ravel(edges), minlength=len(ways))
    edges += _matching(np.flatnonzero(degree % 2), ways)
    beside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, (u, v) in enumerate(edges):
        beside[u].append((at, v))
        beside[v].append((at, u))
    passed: set[int] = set()
    path, found = [(depot, -1)], []
    while path:
        node = path[-1][0]
        while beside[node] and beside[node][-1][0] in passed:
            beside[node].pop()
        if beside[node]:
            at, other = beside[node].pop()
            passed.add(at)
            path.append((other, at))
        else:
            found.append(path.pop())
    assert len(passed) == len(edges), "the tour leaves streets out"
    steps = [(at, node, after) for (node, at), (after, _) in pairwise(found)]
    return [(at, (node, after) != edges[at]) for at, node, after in steps if at < len(streets)]


def _tree(edges: list[tuple[int, int]], ways: Ints, depot: int) -> list[tuple[int, int]]:
    """Ways that join the groups of streets and the depot, the shortest tree of them."""
    u, v = np.array(edges).T
    _, of = connected_components(coo_array((np.ones(len(u)), (u, v)), ways.shape), directed=False)
    used = np.unique(np.append(np.ravel(edges), depot))
    groups = [used[of[used] == one] for one in np.unique(of[used])]
    apart = np.zeros((len(groups), len(groups)))
    by: dict[tuple[int, int], tuple[int, int]] = {}
    for a, first in enumerate(groups):
        for b in range(a + 1, len(groups)):
            some = ways[np.ix_(first, groups[b])]
            i, j = np.unravel_index(some.argmin(), some.shape)
            apart[a, b] = max(float(some[i, j]), 1e-6)
            by[a, b] = int(first[i]), int(groups[b][j])
    return [by[min(a, b), max(a, b)] for a, b in zip(*minimum_spanning_tree(csr_array(apart)).nonzero(), strict=True)]


def _matching(odd: Ints, ways: Ints) -> list[tuple[int, int]]:
    """Nodes two by two, their ways together as short as can be."""
    if not len(odd):
        return []
    apart = ways[np.ix_(odd, odd)].astype(float)
    np.fill_diagonal(apart, np.inf)
    order = np.argsort(apart, axis=1, kind="stable")
    nearest = min(NEAREST, len(odd) - 1)
    while (found := _matched(order[:, :nearest], apart)) is None:
        nearest = min(2 * nearest, len(odd) - 1)
    return [(int(odd[a]), int(odd[b])) for a, b in found]


def _matched(near: Ints, apart: Floats) -> list[tuple[int, int]] | None:
    """The shortest matching of rows with some of their neighbours, if there is one."""
    pairs = sorted({(min(a, b), max(a, b)) for a, row in enumerate(near.tolist()) for b in row})
    a, b = np.array(pairs).T
    row, column = np.concatenate([a, b]), np.tile(np.arange(len(pairs)), 2)
    once = csr_array((np.ones(len(row)), (row, column)), (len(apart), len(pairs)))
    found = milp(
        apart[a, b], constraints=LinearConstraint(once, 1, 1), integrality=np.ones(len(pairs)), bounds=Bounds(0, 1)
    )
    return [pairs[at] for at in np.flatnonzero(found.x > 0.5)] if found.success else None


def split(
    order: list[tuple[int, bool]], streets: list[Street], ways: Ints, depot: int, routes: int
) -> list[list[tuple[int, bool]]]:
    """The tour cut into so many rounds that the longest is as short as cuts can make it."""
    low, high = 0, length(order, streets, ways, depot)
    while low < high:
        middle = (low + high) // 2
        cut = _cut(order, streets, ways, depot, middle)
        if cut is not None and len(cut) <= routes:
            high = middle
        else:
            low = middle + 1
    found = _cut(order, streets, ways, depot, high)
    assert found is not None
    return found


def _cut(
    order: list[tuple[int, bool]], streets: list[Street], ways: Ints, depot: int, most: int
) -> list[list[tuple[int, bool]]] | None:
    """As few rounds as there can be of at most so long, or None where a street alone is too far."""
    rounds: list[list[tuple[int, bool]]] = [[]]
    gone, node = 0, depot
    for at, turned in order:
        u, v, cost = streets[at]
        into, out = (v, u) if turned else (u, v)
        if rounds[-1] and gone + ways[node, into] + cost + ways[out, depot] > most:
            rounds.append([])
            gone, node = 0, depot
        gone += int(ways[node, into]) + cost
        node = out
        if gone + ways[node, depot] > most:
            return None
        rounds[-1].append((at, turned))
    return rounds


def length(order: list[tuple[int, bool]], streets: list[Street], ways: Ints, depot: int) -> int:
    """A round from the depot and back, added up."""
    node, total = depot, 0
    for at, turned in order:
        u, v, cost = streets[at]
        into, out = (v, u) if turned else (u, v)
        total += int(ways[node, into]) + cost
        node = out
    return total + int(ways[node, depot])

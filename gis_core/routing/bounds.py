"""What no plan of arc routing can go below."""

import numpy as np
from scipy.sparse.csgraph import floyd_warshall

from gis_core.arrays import Ints
from gis_core.routing.arcs import FAR, ArcProblem


def total_at_least(problem: ArcProblem) -> int:
    """A sum of all routes that none is below: every task once, and from each node where an odd number of tasks end half
    of the way to the nearest other one, since ways must join them two by two.

    Where routes end elsewhere than they begin, tasks only.
    """
    pairs = problem.pairs
    tasks = int(np.minimum(problem.cost[pairs[:, 0]], problem.cost[pairs[:, 1]]).sum())
    if not np.array_equal(np.atleast_1d(problem.start), np.atleast_1d(problem.end)):
        return tasks
    ends = np.concatenate([problem.tail[pairs[:, 0]], problem.head[pairs[:, 0]]])
    odd = np.flatnonzero(np.bincount(ends, minlength=len(problem.ways)) % 2)
    return tasks + int(np.ceil(_joined(problem.ways, odd) - 1e-6))


def _joined(ways: Ints, odd: Ints) -> float:
    """Half the sum of the ways from each of some nodes to the nearest other one, passed in either direction."""
    if len(odd) < 2:
        return 0.0
    either = np.minimum(ways, ways.T).astype(np.float64)
    if not np.array_equal(ways, ways.T):
        either = floyd_warshall(either)  # a way may be put together of pieces in both directions
    apart = either[np.ix_(odd, odd)]
    np.fill_diagonal(apart, np.inf)
    return float(apart.min(axis=1).sum()) / 2


def longest_at_least(problem: ArcProblem) -> int:
    """A longest route that no plan is below: an even share of :func:`total_at_least`, or the way to the farthest task
    and back by the route that is nearest to it and may do it.
    """
    routes = problem.most_routes
    start = np.broadcast_to(np.asarray(problem.start), (routes,))
    end = np.broadcast_to(np.asarray(problem.end), (routes,))
    there = problem.ways[start][:, problem.tail] + problem.cost + problem.ways[:, end][problem.head].T
    if problem.allowed is not None:
        there = np.where(problem.allowed.T[:, problem.task], there, FAR)
    nearest = np.full(problem.tasks, np.iinfo(np.int64).max)
    np.minimum.at(nearest, problem.task, there.min(axis=0))
    return max(-(-total_at_least(problem) // routes), int(nearest.max(initial=0)))

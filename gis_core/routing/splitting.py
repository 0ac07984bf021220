"""Rounds to begin with: one short tour past everything, cut where the longest round is shortest."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from gis_core.arrays import Ints
from gis_core.routing.arcs import FAR, ArcProblem, solve


def split_tour(problem: ArcProblem, *, steps: int, seed: int = 1) -> list[list[int]] | None:
    """Arcs by route, in the order of one tour.

    Parameters
    ----------
    problem
        What is to be passed; ``routes`` must be a number. Limits count for nothing.
    steps, seed
        Of the search for the tour.

    Returns
    -------
    arcs
        The tour is that of the first route and cut for it; each piece is given to the route that is nearest, all
        together. None where somebody would be given what they may not do.
    """
    routes = problem.most_routes
    start, end = (np.array(np.broadcast_to(side, (routes,))) for side in (problem.start, problem.end))
    one = replace(problem, start=int(start[0]), end=int(end[0]), routes=1, limit=None, allowed=None)
    tours = solve(one, steps=steps, seed=seed)
    order, low, high = tours.arcs[0], 0, tours.longest
    while low < high:
        middle = (low + high) // 2
        if len(_cut(one, order, middle)) <= routes:
            high = middle
        else:
            low = middle + 1
    rounds = _cut(one, order, high)
    piece, route = linear_sum_assignment(_lengths(problem, rounds, start, end))
    given: list[list[int]] = [[] for _ in range(routes)]
    for nth, whose in zip(piece.tolist(), route.tolist(), strict=True):
        given[whose] = rounds[nth]
        if problem.allowed is not None and not problem.allowed[problem.task[rounds[nth]], whose].all():
            return None
    return given


def _lengths(problem: ArcProblem, rounds: Sequence[Sequence[int]], start: Ints, end: Ints) -> Ints:
    """Ways out and back of each round (row) on each route (column); :data:`FAR` where it may not be."""
    first, last = (np.array([arcs[at] for arcs in rounds], np.int64) for at in (0, -1))
    found: Ints = problem.ways[start][:, problem.tail[first]].T + problem.ways[problem.head[last]][:, end]
    if problem.allowed is not None:
        may = np.array([problem.allowed[problem.task[arcs]].all(axis=0) for arcs in rounds])
        found = np.where(may, found, FAR)
    return found


def _cut(problem: ArcProblem, order: Sequence[int], most: int) -> list[list[int]]:
    """As few rounds as there can be of at most so long; a round of one arc may be longer."""
    ways, cost, tail, head = problem.ways, problem.cost, problem.tail, problem.head
    rounds: list[list[int]] = []
    gone = most
    for nth, arc in enumerate(order):
        on = gone + ways[head[order[nth - 1]], tail[arc]] + cost[arc]
        if not rounds or on + ways[head[arc], problem.end] > most:
            rounds.append([])
            on = ways[problem.start, tail[arc]] + cost[arc]
        rounds[-1].append(arc)
        gone = int(on)
    return rounds

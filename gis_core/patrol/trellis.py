"""The hidden Markov model of a track on the network: how well each place explains a point and follows another.

An error of GPS is mostly bias that lasts a minute, so that points are not independent witnesses: what counts is
how much of the error of a place is *not* what the error of the place before leads to expect.
"""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import Float32s, Int32s, compiled, grown
from gis_core.patrol.network import Graph
from gis_core.patrol.places import Places, near_places
from gis_core.patrol.routes import Field, hide, search, show

BACK_M = 10.0
"""So far back a place may lie on a one-way edge: the error of the point before."""
MOST = 64
"""Places considered for a point."""
BEAM = 12.0
"""A place whose best way here is by so much less likely (natural logarithm) than the best of all is given up."""


class Model(NamedTuple):
    """What is assumed of receivers and of those who carry them.

    Parameters
    ----------
    reach
        Places within so many standard deviations of a point are considered.
    share, lasting_s
        Share of the variance of the error that is bias, and how long bias lasts.
    detour_m, pace_m, pace
        Scale of the metres walked beyond the straight line, and of their difference from the pace seen over half a
        minute: ``pace_m`` and a share ``pace`` of the distance.
    robust
        Errors beyond so many standard deviations grow less unlikely only linearly.
    slack
        Standard deviations added to the farthest that anybody can have moved.
    turn
        What turning back on the way costs, natural logarithm.
    """

    reach: float
    share: float
    lasting_s: float
    detour_m: float
    pace_m: float
    pace: float
    robust: float
    slack: float
    turn: float


class Steps(NamedTuple):
    """A track as the model sees it, one row a point.

    Parameters
    ----------
    x, y, t, sigma_m
        Position (metres), seconds, and standard deviation of the error on each axis.
    paced_m, within_m
        How far the carrier has probably moved since the first point, and at most.
    """

    x: Floats
    y: Floats
    t: Floats
    sigma_m: Floats
    paced_m: Floats
    within_m: Floats


class Lately(NamedTuple):
    """What is known of the bias when a point comes: the same for all places, since each knows its errors.

    Parameters
    ----------
    kept
        Share of the bias at the point before that is still there.
    variance
        Of a coordinate's error that the bias does not explain, m².
    gain
        Share of that error that is taken for bias.
    doubt
        Variance of the bias once the point is known, m².
    """

    kept: float
    variance: float
    gain: float
    doubt: float


class Links(NamedTuple):
    """Ways between the places of one point and those of the next: from which, to which, how likely (log), and whether
    they end in the direction of the edge (1) or against it (-1).
    """

    source: Int32s
    target: Int32s
    weight: Float32s
    heading: Float32s


@compiled
def first_weight(steps: Steps, k: int, place: int, places: Places, model: Model) -> float:
    """How well a place explains a point, natural logarithm."""
    dx, dy = steps.x[k] - places.px[place], steps.y[k] - places.py[place]
    return -0.5 * _tamed((dx * dx + dy * dy) / (steps.sigma_m[k] * steps.sigma_m[k]), model.robust)


@compiled
def lately(steps: Steps, before: int, k: int, doubt: float, model: Model) -> Lately:
    """What is known of the bias at point ``k``, by the doubt left at the point before it (-1: there is none)."""
    whole = steps.sigma_m[k] * steps.sigma_m[k]
    kept = np.exp(-(steps.t[k] - steps.t[before]) / model.lasting_s) if before >= 0 else 0.0
    prior = kept * kept * doubt + model.share * whole * (1.0 - kept * kept)
    variance = prior + (1.0 - model.share) * whole
    return Lately(kept, variance, prior / variance, prior * (1.0 - prior / variance))


@compiled
def learn(
    steps: Steps, k: int, two: Int32s, best: Int32s, bias: Floats, now: Lately, places: Places, learnt: Floats
) -> None:
    """The bias by each place of a point, from the bias by the place that its best way comes from."""
    for j in range(len(two)):
        x, y = 0.0, 0.0
        if best[j] >= 0:
            x, y = now.kept * bias[best[j], 0], now.kept * bias[best[j], 1]
        learnt[j, 0] = x + now.gain * (steps.x[k] - places.px[two[j]] - x)
        learnt[j, 1] = y + now.gain * (steps.y[k] - places.py[two[j]] - y)


@compiled
def gather(steps: Steps, places: Places, model: Model, found: Int32s, count: Ints) -> None:
    """Write the places near each point to its row of ``found``."""
    away = np.empty(MOST)
    for k in range(len(steps.x)):
        count[k] = near_places(steps.x[k], steps.y[k], model.reach * steps.sigma_m[k], places, found[k], away)


@compiled
def link(
    steps: Steps, before: int, k: int, one: Int32s, score: Floats, bias: Floats, now: Lately, two: Int32s,
    graph: Graph, places: Places, field: Field, model: Model, links: Links, used: int,
) -> tuple[Links, int]:  # fmt: skip
    """Write the ways from the places ``one`` of point ``before``, as far as they are alive, to the places ``two`` of
    point ``k``, behind the ``used`` links there are.
    """
    least, most_m, edge = score.max() - BEAM, _most(steps, before, k, model), places.edge
    near, start = np.empty((len(two), 4)), 0
    while start < len(one):
        stop, a, alive = start, edge[one[start]], False
        while stop < len(one) and edge[one[stop]] == a:
            alive |= score[stop] >= least
            stop += 1
        if alive:
            links = roomy(links, used + (stop - start) * len(two))
            _between(a, two, most_m, graph, places, field, near)
            for i in range(start, stop):
                if score[i] >= least:
                    used = _ways(steps, before, k, i, one[i], two, near, bias, now, graph, places, model, links, used)
        start = stop
    return links, used


@compiled
def straight_on(graph: Graph, edge: int, from_m: float, to_m: float) -> bool:
    """Whether one may move from place to place of an edge without leaving it."""
    return (graph.onward if to_m >= from_m else graph.back)[edge] or abs(to_m - from_m) <= BACK_M


@compiled
def _between(a: int, two: Int32s, most_m: float, graph: Graph, places: Places, field: Field, near: Floats) -> None:
    """From each end of edge ``a`` to each end of the edges of the places ``two``, metres; inf where none may go."""
    for side in range(2):
        if not (graph.onward[a] if side else graph.back[a]):
            near[:, 2 * side] = near[:, 2 * side + 1] = np.inf
            continue
        node = graph.v[a] if side else graph.u[a]
        search(graph, node, most_m, field)
        show(node, field)
        for nth in range(len(two)):
            b = places.edge[two[nth]]
            near[nth, 2 * side] = field.metres[graph.u[b]] if graph.onward[b] else np.inf
            near[nth, 2 * side + 1] = field.metres[graph.v[b]] if graph.back[b] else np.inf
        hide(node, field)


@compiled
def _ways(
    steps: Steps, before: int, k: int, i: int, place: int, two: Int32s, near: Floats, bias: Floats, now: Lately,
    graph: Graph, places: Places, model: Model, links: Links, used: int,
) -> int:  # fmt: skip
    a, begin_m = places.edge[place], places.at_m[place]
    rest_m = graph.length_m[a] - begin_m
    px, py, most_m = places.px[place], places.py[place], _most(steps, before, k, model)
    biased_x, biased_y, heading = now.kept * bias[i, 0], now.kept * bias[i, 1], bias[i, 2]
    certain = 1.0 / now.variance
    expected_m = steps.paced_m[k] - steps.paced_m[before]
    slower = 1.0 / (model.pace_m + model.pace * expected_m)
    for j in range(len(two)):
        other = two[j]
        east, north = places.px[other] - px, places.py[other] - py
        square = east * east + north * north
        if square > most_m * most_m:
            continue
        on_m = places.at_m[other]
        off_m = graph.length_m[places.edge[other]] - on_m
        metres, leaves, enters = np.inf, 0.0, 0.0
        if places.edge[other] == a and straight_on(graph, a, begin_m, on_m):
            metres, leaves = abs(on_m - begin_m), np.sign(on_m - begin_m)
            enters = leaves or heading
        low, high = near[j, 0] + on_m, near[j, 1] + off_m
        if begin_m + min(low, high) < metres:
            metres, leaves, enters = begin_m + min(low, high), -1.0, 1.0 if low <= high else -1.0
        low, high = near[j, 2] + on_m, near[j, 3] + off_m
        if rest_m + min(low, high) < metres:
            metres, leaves, enters = rest_m + min(low, high), 1.0, 1.0 if low <= high else -1.0
        if metres > most_m:
            continue
        dx, dy = steps.x[k] - places.px[other] - biased_x, steps.y[k] - places.py[other] - biased_y
        weight = -0.5 * _tamed((dx * dx + dy * dy) * certain, model.robust)
        weight -= max(metres - np.sqrt(square), 0.0) / model.detour_m + abs(metres - expected_m) * slower
        if leaves * heading < 0.0:
            weight -= model.turn
        links.source[used], links.target[used], links.weight[used], links.heading[used] = i, j, weight, enters
        used += 1
    return used


@compiled
def forward(
    links: Links,
    begin: int,
    stop: int,
    score: Floats,
    chance: Floats,
    ahead: Floats,
    likely: Floats,
    best: Int32s,
    heading: Floats,
) -> bool:
    """From the scores (log) and chances of one point's places to those of the next; False where none is reached.

    ``best`` tells for each place which one before it the best way comes from.
    """
    ahead[:], likely[:], best[:] = -np.inf, 0.0, -1
    for nth in range(begin, stop):
        i, j = links.source[nth], links.target[nth]
        reached = score[i] + links.weight[nth]
        if reached > ahead[j]:
            ahead[j], best[j], heading[j] = reached, i, links.heading[nth]
        likely[j] += chance[i] * np.exp(links.weight[nth])
    total = likely.sum()
    if not total > 0.0:
        return False
    likely /= total
    return True


@compiled
def backward(links: Links, begin: int, stop: int, later: Floats, sooner: Floats) -> None:
    """How likely all that follows is from the places of one point, given that of the next point's."""
    sooner[:] = 0.0
    for nth in range(begin, stop):
        sooner[links.source[nth]] += later[links.target[nth]] * np.exp(links.weight[nth])
    total = sooner.sum()
    sooner /= total if total > 0.0 else 1.0


@compiled
def roomy(links: Links, needed: int) -> Links:
    """Links with room for so many."""
    if needed <= len(links.source):
        return links
    return Links(
        grown(links.source, needed),
        grown(links.target, needed),
        grown(links.weight, needed),
        grown(links.heading, needed),
    )


@compiled
def _most(steps: Steps, before: int, k: int, model: Model) -> float:
    """How far the carrier can have moved from one point to another, metres."""
    return steps.within_m[k] - steps.within_m[before] + model.slack * steps.sigma_m[k]


@compiled
def _tamed(square: float, robust: float) -> float:
    """A squared error, linear beyond ``robust`` standard deviations."""
    if square <= robust * robust:
        return square
    return 2.0 * robust * np.sqrt(square) - robust * robust

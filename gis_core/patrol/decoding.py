"""The likeliest way of a track through its trellis, and how sure each place of it is."""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import Int32s, compiled
from gis_core.patrol.network import Graph
from gis_core.patrol.places import Places
from gis_core.patrol.routes import Field
from gis_core.patrol.trellis import (
    MOST,
    Links,
    Model,
    Steps,
    backward,
    first_weight,
    forward,
    gather,
    lately,
    learn,
    link,
)


class Decoded(NamedTuple):
    """Of each point of a track: its place (-1: off the network), its chain (broken where no way leads on), and how
    sure its edge is; and of all chains together how well they explain the track (log).
    """

    place: Ints
    chain: Ints
    sure: Floats
    score: Floats


class Trellis(NamedTuple):
    """Working memory of a track.

    Parameters
    ----------
    found, many
        Places of each point and how many there are.
    best, chance
        For each place of each point, which place before it the best way comes from, and how likely it is given the
        points so far.
    before
        The point that each is linked to, -1 where a chain begins.
    begin, stop
        The links of each point to the one before.
    """

    found: Int32s
    many: Ints
    best: Int32s
    chance: Floats
    before: Ints
    begin: Ints
    stop: Ints


@compiled
def decode(steps: Steps, graph: Graph, places: Places, field: Field, model: Model) -> Decoded:
    """Match one track, given in the order of time."""
    size = len(steps.x)
    decoded = Decoded(np.full(size, -1, np.int64), np.full(size, -1, np.int64), np.zeros(size), np.zeros(1))
    trellis = _empty(size)
    gather(steps, places, model, trellis.found, trellis.many)
    links = Links(
        np.empty(4096, np.int32), np.empty(4096, np.int32), np.empty(4096, np.float32), np.empty(4096, np.float32)
    )
    score, ahead, used, chain, last, doubt = np.empty(MOST), np.empty(MOST), 0, 0, -1, 0.0
    bias, learnt = np.zeros((MOST, 3)), np.zeros((MOST, 3))
    for k in range(size):
        some = trellis.many[k]
        if some == 0:
            continue
        linked, now = False, lately(steps, -1, k, 0.0, model)
        if last >= 0:
            had, now = trellis.many[last], lately(steps, last, k, doubt, model)
            one, two = trellis.found[last, :had], trellis.found[k, :some]
            links, stop = link(
                steps, last, k, one, score[:had], bias, now, two, graph, places, field, model, links, used
            )
            likely, best = trellis.chance[k, :some], trellis.best[k, :some]
            linked = forward(links, used, stop, score, trellis.chance[last], ahead[:some], likely, best, learnt[:, 2])
            if linked:
                trellis.before[k], trellis.begin[k], trellis.stop[k] = last, used, stop
                used, score, ahead = stop, ahead, score
            else:
                _settle(trellis, links, last, score[:had], chain, places, decoded)
                used, chain = 0, chain + 1
        if not linked:
            _begin(trellis, steps, k, places, model, score)
            now, learnt[:, 2] = lately(steps, -1, k, 0.0, model), 0.0
        learn(steps, k, trellis.found[k, :some], trellis.best[k], bias, now, places, learnt)
        bias, learnt, doubt = learnt, bias, now.doubt
        last = k
    if last >= 0:
        _settle(trellis, links, last, score[: trellis.many[last]], chain, places, decoded)
    return decoded


@compiled
def _empty(size: int) -> Trellis:
    return Trellis(
        np.empty((size, MOST), np.int32), np.zeros(size, np.int64), np.empty((size, MOST), np.int32),
        np.empty((size, MOST)), np.full(size, -1, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64),
    )  # fmt: skip


@compiled
def _begin(trellis: Trellis, steps: Steps, k: int, places: Places, model: Model, score: Floats) -> None:
    """Scores and chances where nothing is known of before."""
    some, total = trellis.many[k], 0.0
    for nth in range(some):
        score[nth] = first_weight(steps, k, trellis.found[k, nth], places, model)
    most = score[:some].max()
    for nth in range(some):
        trellis.chance[k, nth] = np.exp(score[nth] - most)
        total += trellis.chance[k, nth]
    trellis.chance[k, :some] /= total
    trellis.best[k, :some] = -1


@compiled
def _settle(
    trellis: Trellis, links: Links, last: int, score: Floats, chain: int, places: Places, decoded: Decoded
) -> None:
    """Go back along the best way of a chain, and weigh each place by what comes before and after."""
    later, sooner = np.ones(MOST), np.empty(MOST)
    at, k = np.argmax(score), last
    decoded.score[0] += score[at]
    while k >= 0:
        some = trellis.many[k]
        place = trellis.found[k, at]
        both, own = 0.0, 0.0
        for nth in range(some):
            chance = trellis.chance[k, nth] * later[nth]
            both += chance
            own += chance if places.edge[trellis.found[k, nth]] == places.edge[place] else 0.0
        decoded.place[k], decoded.chain[k] = place, chain
        decoded.sure[k] = own / both if both > 0.0 else 0.0
        before = trellis.before[k]
        if before >= 0:
            at = trellis.best[k, at]
            backward(links, trellis.begin[k], trellis.stop[k], later, sooner[: trellis.many[before]])
            later, sooner = sooner, later
        k = before

"""What was matched against what was walked, by length."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from gis_core.patrol.matching import Matcher
from gis_core.patrol.network import StreetNetwork, build_network
from tests.gis_core.truth_patrol import SRID, Block, Town, track, walk, walked


def network_of(town: Town) -> tuple[StreetNetwork, dict[Block, int]]:
    """The network of a town, and which edge each of its blocks is."""
    network = build_network(town.streets(), SRID)
    edges = network.edges()
    where = {
        (code, round(at)): number for number, (code, at) in enumerate(zip(edges["code"], edges["from_m"], strict=True))
    }
    return network, {block: where[town.where(block)[0], round(town.where(block)[1])] for block in town.blocks()}


def visited(network: StreetNetwork, intervals: pd.DataFrame) -> set[int]:
    """Edges of which one pass went over half."""
    share = (intervals["to_m"] - intervals["from_m"]).to_numpy() / network.length_m[intervals["edge"]]
    return set(intervals["edge"][share >= 0.5])


def by_length(network: StreetNetwork, found: Iterable[int], true: Iterable[int]) -> np.ndarray:
    """Metres that are right, that were found, and that are true."""
    found, true = set(found), set(true)
    return np.array([network.length_m[list(some)].sum() for some in (found & true, found, true)])


def precision_and_recall(
    town: Town, seed: int, walks: int, sigma_m: float, every_s: int, *, varying: bool = False
) -> tuple[float, float]:
    """Of segments visited in random walks of 30 blocks each."""
    network, edge_of = network_of(town)
    matcher, random, total = Matcher(network), np.random.default_rng(seed), np.zeros(3)
    for _ in range(walks):
        way = walk(town, random, 30)
        xy, t = track(town, way, random, sigma_m, every_s, varying=varying)
        found = matcher.match(xy, t, np.zeros(len(t), np.int64), np.full(len(t), sigma_m))
        total += by_length(network, visited(network, found), {edge_of[block] for block in walked(way)})
    return total[0] / total[1], total[0] / total[2]

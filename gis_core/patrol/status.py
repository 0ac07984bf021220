"""What may be said of a segment: walked, probably walked, blind, or no data.

Beside a lane that is walked often, bad reception sooner or later shows a visit that was none. How many such are to be
expected follows from the passes on parallel segments near by; walked is what was visited more often than that.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, pdtri

from gis_core.arrays import Bools, Floats, Ints
from gis_core.patrol.beside import beside
from gis_core.patrol.coverage import Coverage
from gis_core.patrol.network import StreetNetwork

WALKED, PROBABLE, BLIND, NO_DATA = STATUSES = ("walked", "probable", "blind", "no_data")
REACH_SIGMAS = 3.0
"""Parallel segments this near are confused with each other."""
BLOCK_SHARE = 0.725
"""Standard deviation of the mean error over a block, as a share of a point's: a minute's bias over eighty seconds."""
CERTAINTY = 0.95
_PARALLEL = 0.85


class Neighbours(NamedTuple):
    """Segments that are mistaken for each other.

    Parameters
    ----------
    edge, other
        Both of them.
    rate
        Share of the passes on ``other`` that show as visits of ``edge``, as far as it lies beside it: a street cut in
        four beside a lane counts a quarter each.
    """

    edge: Ints
    other: Ints
    rate: Floats


def neighbours(network: StreetNetwork, sigma_m: float) -> Neighbours:
    """Parallel segments side by side within three standard deviations of each other."""
    pairs = beside(network, REACH_SIGMAS * sigma_m, _PARALLEL)
    # What lies on an edge is passed with it, and counts once for those beside.
    first = network.twins.first
    edge, other = pairs["edge"].to_numpy(), pairs["other"].to_numpy()
    pairs = pairs[(first[edge] != first[other]) & (first[other] == other)]
    nearest = (
        pairs[pairs["abreast"]]
        .groupby(["edge", "other", "piece"], as_index=False)
        .agg(m=("across_m", "min"), of=("pieces", "first"))
    )
    found = nearest.groupby(["edge", "other"], as_index=False).agg(
        pieces=("piece", "size"), m=("m", "mean"), of=("of", "first")
    )
    share = (found["pieces"] / found["of"]).to_numpy(np.float64)
    rate = share * ndtr(-found["m"].to_numpy() / (2 * BLOCK_SHARE * sigma_m))
    return Neighbours(found["edge"].to_numpy(np.int64), found["other"].to_numpy(np.int64), rate)


def visits_needed(coverage: Coverage, near: Neighbours) -> Ints:
    """How many visits of each segment cannot be mistaken passes on its neighbours, with 95 % certainty."""
    wrong = near.rate * coverage.visits[near.other]
    expected = np.bincount(near.edge, wrong, minlength=len(coverage.visits)).astype(np.float64)
    return most_by_chance(expected) + 1


def most_by_chance(expected: Floats) -> Ints:
    """The upper 95 % bound of how often something happens by chance, by how often it is to be expected.

    As ``scipy.stats.poisson.ppf``; to import that package is a fifth of what it takes to begin a server.
    """
    most = expected.max(initial=0.0)
    counts = np.arange(int(most + 4 * np.sqrt(most)) + 10)
    # Of each count what is to be expected at most for it to be the bound.
    return np.searchsorted(pdtri(counts, CERTAINTY), expected, side="left").astype(np.int64)


def statuses(coverage: Coverage, near: Neighbours, heard: Bools) -> pd.Categorical:
    """One of :data:`STATUSES` for each segment.

    Parameters
    ----------
    heard
        Whether whoever was to walk each segment sent any track at all within the window. Where nobody did there is
        no data, which is not the same as blind.
    """
    enough = coverage.visits >= visits_needed(coverage, near)
    some = (coverage.visits > 0) | (coverage.likely_share >= 0.5)
    numbers = np.arange(len(STATUSES), dtype=np.int8)
    walked, probable, blind, no_data = numbers
    code = np.select([enough, some, ~np.asarray(heard, bool)], [walked, probable, no_data], blind)
    return pd.Categorical.from_codes(code, categories=list(STATUSES))

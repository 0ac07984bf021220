"""What chance explains: exact tails, false discoveries, intervals, and how uneven counts are in any place."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammainc, gammaincc, gammaincinv, gammaln, xlogy

from gis_core.arrays import Bools, Floats
from gis_core.hotspots.checking import one_of

TAILS = ("exact", "mid")
"""Exact tails never find too much; mid-p counts half of what was observed and finds more where counts are small."""
CORRECTIONS = ("bh", "by")
"""Benjamini-Hochberg, right for neighbours that resemble each other; Benjamini-Yekutieli for any dependence."""
UNEVEN = 1.1
"""Dispersion above which counts are negative binomial. At 1.5, maps of chance a little below it are hot one in two."""
_PILES_SHARE, _PILE_P = 0.01, 0.01


@dataclass(frozen=True)
class Reference:
    """What is usual.

    Parameters
    ----------
    rate
        Reports for one unit of exposure.
    dispersion
        Variance of the counts over their mean, 1 where they are Poisson.
    unevenness
        ``a`` of the variance μ + a μ² of a single cell; 0 where the dispersion is no more than :data:`UNEVEN`.
    """

    rate: float
    dispersion: float
    unevenness: float


def usual(counts: Floats, exposure: Floats) -> Reference:
    """Rate and dispersion of cells, of which the heaviest hundredth is left out where nothing usual explains it.

    One pile of a thousand reports would otherwise make every other place look cold and every count uncertain.
    """
    use = exposure > 0
    counts, exposure = counts[use], exposure[use]
    if len(counts) < 2 or counts.sum() == 0:
        return Reference(counts.sum() / exposure.sum() if len(counts) else 0.0, 1.0, 0.0)
    rate = counts.sum() / exposure.sum()
    heaviest = np.argsort((counts - rate * exposure) ** 2, kind="stable")[::-1][
        : max(1, int(_PILES_SHARE * len(counts)))
    ]
    rest = np.ones(len(counts), bool)
    rest[heaviest] = False
    if counts[rest].sum() == 0:  # nothing but piles: they are all that is usual
        return Reference(rate, 1.0, 0.0)
    rate, _, unevenness = _moments(counts[rest], exposure[rest])
    expected = rate * exposure[heaviest]
    piles = at_least(counts[heaviest], expected, unevenness) < _PILE_P / len(counts)
    rest[heaviest[~piles]] = True
    rate, dispersion, unevenness = _moments(counts[rest], exposure[rest])
    return Reference(rate, dispersion, unevenness if dispersion > UNEVEN else 0.0)


def _moments(counts: Floats, exposure: Floats) -> tuple[float, float, float]:
    """Rate, dispersion and unevenness, each a ratio of sums, which tiny exposures do not upset."""
    rate = counts.sum() / exposure.sum()
    expected = rate * exposure
    if rate == 0 or len(counts) < 2:
        return rate, 1.0, 0.0
    squares = ((counts - expected) ** 2).sum() * len(counts) / (len(counts) - 1)
    return rate, squares / expected.sum(), max(0.0, (squares - expected.sum()) / (expected**2).sum())


def at_least(counts: Floats, expected: Floats, unevenness: Floats | float = 0.0) -> Floats:
    """Probability of so many or more."""
    return _tail(counts - 1, expected, unevenness, above=True)


def at_most(counts: Floats, expected: Floats, unevenness: Floats | float = 0.0) -> Floats:
    """Probability of so many or fewer."""
    return _tail(counts, expected, unevenness, above=False)


def chances(
    counts: Floats, expected: Floats, unevenness: Floats | float = 0.0, tail: str = "exact"
) -> tuple[Floats, Floats]:
    """Probabilities of so many or more, and of so many or fewer; where nothing is expected, nothing is told: 1.

    Parameters
    ----------
    unevenness
        ``a`` of the variance μ + a μ², 0 for Poisson.
    tail
        One of :data:`TAILS`.
    """
    one_of("tail", tail, TAILS)
    counts, expected, unevenness = np.broadcast_arrays(counts, expected, unevenness)
    many = counts > expected
    chance = np.empty(counts.shape)
    chance[many] = at_least(counts[many], expected[many], unevenness[many])
    chance[~many] = at_most(counts[~many], expected[~many], unevenness[~many])
    just = np.minimum(_exactly(counts, expected, unevenness), chance)
    other = 1 - chance + just
    more, fewer = np.where(many, chance, other), np.where(many, other, chance)
    if tail == "mid":
        more, fewer = more - just / 2, fewer - just / 2
    told = expected > 0
    return np.where(told, np.clip(more, 0, 1), 1.0), np.where(told, np.clip(fewer, 0, 1), 1.0)


def crowded(counts: Floats, expected: Floats, unevenness: Floats) -> Floats:
    """Probability of so many or more where it may be small, else 1: all that is asked of it is whether it is small.

    Of no more than are expected, and not very uneven, it is above a third; where nothing is expected it is 1.
    """
    chance = np.ones(counts.shape)
    some = (expected > 0) & ((counts > expected) | (unevenness > 1))
    chance[some] = at_least(counts[some], expected[some], unevenness[some])
    return chance


def _exactly(counts: Floats, expected: Floats, unevenness: Floats) -> Floats:
    """Probability of just so many; cheaper than a second tail, of which it is the only part not known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size, grown = 1 / unevenness, unevenness * expected
        uneven = gammaln(counts + size) - gammaln(size) + xlogy(counts, grown / (1 + grown)) - size * np.log1p(grown)
    log = np.where(unevenness > 0, uneven, xlogy(counts, expected) - expected) - gammaln(counts + 1)
    return np.exp(log)


def _tail(counts: Floats, expected: Floats, unevenness: Floats | float, *, above: bool) -> Floats:
    """Probability of more than ``counts``, or of no more."""
    counts, expected, unevenness = np.broadcast_arrays(counts, expected, unevenness)
    result = np.full(counts.shape, 1.0 if above else 0.0)
    some = counts >= 0
    y, mean, uneven = counts[some] + 1, expected[some], unevenness[some]
    poisson = uneven <= 0
    chance = np.empty(len(y))
    chance[poisson] = (gammainc if above else gammaincc)(y[poisson], mean[poisson])
    size, share = 1 / uneven[~poisson], uneven[~poisson] * mean[~poisson]
    # The complement with both sides changed: betaincc says the same and takes ten times as long.
    asked = (y[~poisson], size, share / (1 + share)) if above else (size, y[~poisson], 1 / (1 + share))
    chance[~poisson] = betainc(*asked)
    result[some] = chance
    return result


def interval(counts: Floats, exposure: Floats, certainty: float = 0.95) -> tuple[Floats, Floats]:
    """Exact (Garwood) interval of the rate of Poisson counts; not told where there is no exposure."""
    left = (1 - certainty) / 2
    # Cells are many, and different counts few.
    each, which = np.unique(counts, return_inverse=True)
    low = np.where(each > 0, gammaincinv(np.maximum(each, 1), left), 0.0)[which]
    high = gammaincinv(each + 1, 1 - left)[which]
    with np.errstate(divide="ignore", invalid="ignore"):
        known = exposure > 0
        return np.where(known, low / exposure, np.nan), np.where(known, high / exposure, np.nan)


def q_values(p: Floats, tested: Bools | None = None, correction: str = "bh") -> Floats:
    """Smallest share of false discoveries at which each would be discovered, by column; 1 where not tested.

    Parameters
    ----------
    p
        Shape (n,) or (n, steps); every column is a family of its own.
    tested
        Rows that count.
    correction
        One of :data:`CORRECTIONS`.
    """
    one_of("correction", correction, CORRECTIONS)
    q = np.ones(p.shape)
    rows = np.arange(len(p)) if tested is None else np.flatnonzero(tested)
    count = len(rows)
    if count == 0:
        return q
    rank = np.arange(1, count + 1).reshape(-1, *[1] * (p.ndim - 1))
    factor = count * (np.sum(1 / rank) if correction == "by" else 1.0)
    order = np.argsort(p[rows], axis=0, kind="stable")
    steps = np.take_along_axis(p[rows], order, 0) * factor / rank
    steps = np.minimum(np.minimum.accumulate(steps[::-1], axis=0)[::-1], 1.0)
    found = np.empty(steps.shape)
    np.put_along_axis(found, order, steps, 0)
    q[rows] = found
    return q

"""Rates of few cases, drawn towards the mean as far as their exposure leaves them uncertain; and Gi* of them."""

import numpy as np

from gis_core.arrays import Floats
from gis_core.hotspots.weights import Neighbourhoods


def shrunk_rates(counts: Floats, exposure: Floats) -> Floats:
    """Marshall's empirical Bayes rates, for display: θ = b + a / (a + b/E) (r - b), and b where nothing is exposed."""
    mean, spread = _prior(counts, exposure)
    spread = max(spread, 0.0)
    weighed = spread * exposure + mean
    return mean + spread * (counts - mean * exposure) / (weighed if mean > 0 else 1.0)


def standardised_rates(counts: Floats, exposure: Floats) -> Floats:
    """Deviations from the mean rate in its standard deviations (Assunção and Reis 1999): (r - b) / √(a + b/E).

    The variance is b/E where a + b/E is not above 0; the deviation is 0 where nothing is exposed or nothing happened.
    """
    mean, spread = _prior(counts, exposure)
    result = np.zeros(len(counts))
    if mean == 0:
        return result
    use = exposure > 0
    chance = mean / exposure[use]
    variance = np.where(spread + chance > 0, spread + chance, chance)
    result[use] = (counts[use] / exposure[use] - mean) / np.sqrt(variance)
    return result


def _prior(counts: Floats, exposure: Floats) -> tuple[float, float]:
    """Mean rate ``b`` and variance of true rates ``a``, which may come out below 0."""
    use = exposure > 0
    if not use.any():
        return 0.0, 0.0
    counts, exposure = counts[use], exposure[use]
    mean = counts.sum() / exposure.sum()
    spread = (exposure * (counts / exposure - mean) ** 2).sum() / exposure.sum()
    return mean, spread - mean / exposure.mean()


def gi(values: Floats, near: Neighbourhoods, *, star: bool = True) -> Floats:
    """Getis and Ord's local statistic as standard deviations, in closed form.

    Weights are 1; weights that sum to 1 by row give the same numbers.

    Parameters
    ----------
    values
        One number a cell, shape (n,), or a column for each step of time, shape (n, steps).
    star
        Whether a cell counts itself (Gi*); otherwise it is left out of its sum, mean and deviation (Gi).

    Returns
    -------
    NaN where it is not defined: no neighbours (Gi), a neighbourhood of everything, or values that are all the same.
    """
    count = len(values)
    sums, squares, total = near.sums(values), (values**2).sum(0), values.sum(0)
    weight, others = near.sizes.astype(np.float64), float(count)
    if not star:
        sums, weight, others = sums - values, weight - 1, others - 1
        total, squares = total - values, squares - values**2
    weight = weight.reshape(-1, *[1] * (values.ndim - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / others
        variance = squares / others - mean**2
        variance = np.where(variance > 1e-12 * squares / others, variance, np.nan)
        spread = weight * (others - weight) / (others - 1)
        return (sums - mean * weight) / np.sqrt(variance * np.where(spread > 0, spread, np.nan))

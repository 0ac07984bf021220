"""Whether series rise or fall: Mann and Kendall's test, pre-whitened, and Sen's slope; many series at once."""

import numpy as np
from scipy.special import ndtr

from gis_core.arrays import Floats, Ints

_BLOCK = 64
"""Series at a time: all pairs of steps of these stay in a processor's cache."""


def mann_kendall(series: Floats) -> tuple[Floats, Floats]:
    """Standard deviations of Mann and Kendall's S, and the two-sided chance of it; 0 and 1 for a constant series.

    Parameters
    ----------
    series
        A row each, in order of time.
    """
    count, steps = series.shape
    s = np.zeros(count)
    for lag in range(1, steps):
        s += np.sign(series[:, lag:] - series[:, :-lag]).sum(1)
    variance = (steps * (steps - 1) * (2 * steps + 5) - _ties(series)) / 18
    z = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros(count), where=variance > 0)
    return z, 2 * ndtr(-np.abs(z))


def _ties(series: Floats) -> Floats:
    """Σ t (t - 1) (2 t + 5) over the groups of equal values of each row."""
    ordered = np.sort(series, axis=1)
    total, run = np.zeros(len(series)), np.ones(len(series))
    for step in range(1, series.shape[1] + 1):
        same = ordered[:, step] == ordered[:, step - 1] if step < series.shape[1] else np.zeros(len(series), bool)
        total += np.where(same, 0.0, run * (run - 1) * (2 * run + 5))
        run = np.where(same, run + 1, 1.0)
    return total


def whitened(series: Floats) -> Floats:
    """Series without what each step takes over from the one before, a step shorter; of eight steps or more.

    The lag-one correlation is that of what is left beside a parabola: beside a straight line, one that falls and
    levels off would be taken for inertia and, freed of it, rise. It is freed of the bias it has in short series.
    """
    steps = series.shape[1]
    time = np.linspace(-1, 1, steps)
    bent, _ = np.linalg.qr(np.column_stack([np.ones(steps), time, time**2]))
    around = series - series.mean(1, keepdims=True)
    beside = around - (around @ bent) @ bent.T
    spread = (beside**2).sum(1)
    uneven = spread > 1e-12 * (around**2).sum(1)
    carried = np.divide((beside[:, 1:] * beside[:, :-1]).sum(1), spread, out=np.zeros(len(series)), where=uneven)
    carried = np.where(uneven, np.clip((steps * carried + 4) / (steps - 7), -0.95, 0.95), 0.0)
    return series[:, 1:] - carried[:, None] * series[:, :-1]


def sen_slopes(series: Floats) -> Floats:
    """Median of the slopes between all pairs of steps, per step."""
    first, second = np.triu_indices(series.shape[1], 1)
    apart = (second - first).astype(series.dtype)
    slopes = np.empty(len(series))
    for begin in range(0, len(series), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        slopes[rows] = np.median((series[rows][:, second] - series[rows][:, first]) / apart, axis=1)
    return slopes


def trends(series: Floats, *, whiten: bool = True, level: float = 0.05) -> tuple[Ints, Floats]:
    """1 where a series rises, -1 where it falls, 0 where neither is sure at ``level``; and the chance of it.

    What turns round when it is whitened has no trend that is sure: its chance is 1.
    """
    z, p = mann_kendall(series)
    if whiten:
        plain, (z, p) = z, mann_kendall(whitened(series))
        p = np.where(z * plain < 0, 1.0, p)
    return np.where(p < level, np.sign(z), 0).astype(np.int64), p

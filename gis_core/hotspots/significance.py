"""Which places have more reports than exposure explains: an exact test over the neighbourhood, and Gi* beside.

A cell's window is its neighbourhood with itself. Expected is what the usual rate makes of the exposure in the window:
of cells, of area or length, of shops, or of patrol. Cells with too little exposure are *insufficient*: they are in
nobody's window and are never called cold.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.errors import InvalidInput
from gis_core.hotspots.chance import CORRECTIONS, TAILS, Reference, chances, interval, q_values, usual
from gis_core.hotspots.checking import counts_of, exposures_of, one_of
from gis_core.hotspots.core import core_cells, crowded_q
from gis_core.hotspots.shrinking import gi, shrunk_rates, standardised_rates
from gis_core.hotspots.weights import Neighbourhoods

SIDES = ("hot", "both")
LEVELS = {99: 0.01, 95: 0.05, 90: 0.10}
"""Classes by certainty in per cent, and the share of false discoveries each stays below."""
NOTHING, INSUFFICIENT, ALONE = "none", "insufficient", "alone"
RESULT = (
    "count", "exposure", "observed", "expected", "ratio", "rate", "low", "high", "shrunk", "neighbours", "p", "q",
    "class", "gi_z", "gi_q", "gi_class", "agree", "core",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """How to test.

    Parameters
    ----------
    least
        Exposure that a cell needs to be told about, in the unit of the exposure; a cell without any is never told.
    side
        ``hot`` looks for too many only; ``both`` also for too few, at half the chance each.
    tail, correction
        One of :data:`~gis_core.hotspots.chance.TAILS` and :data:`~gis_core.hotspots.chance.CORRECTIONS`.
    """

    least: float = 0.0
    side: str = "hot"
    tail: str = "exact"
    correction: str = "bh"

    def __post_init__(self) -> None:
        one_of("side", self.side, SIDES)
        one_of("tail", self.tail, TAILS)
        one_of("correction", self.correction, CORRECTIONS)
        if not (np.isfinite(self.least) and self.least >= 0):
            raise InvalidInput("hotspot_radius", field="least", value=self.least, expected="0 or more")

    def enough(self, exposure: Floats) -> Bools:
        """Which cells can be told about."""
        return (exposure > 0) & (exposure >= self.least)


USUAL_QUESTION = Question()


@dataclass(frozen=True)
class Significance:
    """The answer for every cell, and what it was measured by.

    Parameters
    ----------
    cells
        A row for each cell, columns :data:`RESULT`: ``count`` and ``exposure`` of the cell; ``observed``, ``expected``,
        their ``ratio``, ``rate`` and its exact 95 % interval of the window; ``shrunk`` rate of the cell alone;
        ``neighbours`` besides itself that can be told about; ``p`` and ``q`` of the window; ``class`` (``hot_99`` …
        ``cold_99``, ``none``, ``insufficient``); Gi* as ``gi_z``, ``gi_q`` and ``gi_class`` (``alone`` without
        neighbours); ``agree`` where both call it hot, or both cold; ``core``, see
        :func:`~gis_core.hotspots.core.core_cells`. NaN only from ``expected`` to ``shrunk`` and in
        ``gi_z``, where not told.
    reference
        The usual rate and how uneven counts are.
    """

    cells: pd.DataFrame
    reference: Reference

    def found(self) -> pd.DataFrame:
        """For each level the cells found at it and how many of them to expect false: ``level, cells, false_cells``."""
        rows = [(level, int((self.cells["q"] < share).sum()), share) for level, share in LEVELS.items()]
        return pd.DataFrame(
            [(level, cells, cells * share) for level, cells, share in rows], columns=["level", "cells", "false_cells"]
        )


def significance(
    observed: ArrayLike, near: Neighbourhoods, exposure: ArrayLike | None = None, question: Question = USUAL_QUESTION
) -> Significance:
    """Test every cell.

    Parameters
    ----------
    observed
        Reports in each cell.
    near
        Their neighbourhoods.
    exposure
        What reports come from, such as metres, shops, or kilometres times hours of patrol; ``None`` counts cells.

    Raises
    ------
    InvalidInput
        A count or an exposure is negative, absent, or not one for each cell.
    """
    counts = counts_of(observed, len(near))
    if counts.ndim != 1:
        raise InvalidInput("hotspot_shape", field="observed", found=counts.shape, expected=len(near))
    exposed = exposures_of(exposure, counts.shape)
    enough = question.enough(exposed)
    used, base = np.where(enough, counts, 0.0), np.where(enough, exposed, 0.0)
    reference = usual(used, base)
    cells = pd.DataFrame({"count": counts, "exposure": exposed})
    cells = pd.concat([cells, _windows(used, base, near, reference, question)], axis=1)
    cells["neighbours"] = np.maximum(near.sums(enough.astype(np.float64)) - enough, 0).astype(np.int64)
    cells = pd.concat([cells, _second(used, base, near, enough, question)], axis=1)
    cells["shrunk"] = np.where(enough, shrunk_rates(used, base), np.nan)
    primary, other = _sign(cells["class"]), _sign(cells["gi_class"])
    cells["core"] = core_cells(used, base, near, reference, question.correction)
    cells["agree"] = (primary == other) & (primary != 0)
    return Significance(cells[list(RESULT)], reference)


def windows(
    counts: Floats,
    exposure: Floats,
    near: Neighbourhoods,
    reference: Sequence[Reference],
    tail: str = "exact",
    back: int = 0,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Observed and expected of each window, and the chances of so many or more, and of so many or fewer.

    Parameters
    ----------
    counts, exposure
        Shape (cells, steps).
    reference
        One for each step.
    back
        Steps before that are part of a window.
    """
    rate = np.array([one.rate for one in reference])
    unevenness = np.array([one.unevenness for one in reference])
    mean = exposure * rate
    observed, expected = lagged(near.sums(counts), back), lagged(near.sums(mean), back)
    if unevenness.any():
        variance = lagged(near.sums(mean**2) * unevenness, back)
        unevenness = np.divide(variance, expected**2, out=np.zeros_like(variance), where=expected > 0)
    return observed, expected, *chances(observed, expected, unevenness, tail)


def lagged(sums: Floats, back: int) -> Floats:
    """Sums by cell and step together with those of so many steps before."""
    total = sums.copy()
    for lag in range(1, back + 1):
        total[:, lag:] += sums[:, :-lag]
    return total


def crowded_cells(
    counts: Floats, exposure: Floats, near: Neighbourhoods, question: Question = USUAL_QUESTION
) -> Objects:
    """The classes of :func:`significance` where too many are looked for by exact tails, and nothing else of it.

    Parameters
    ----------
    counts, exposure
        Of each cell, as :func:`significance` takes them.
    """
    enough = question.enough(exposure)
    used, base = np.where(enough, counts, 0.0), np.where(enough, exposure, 0.0)
    reference = usual(used, base)
    q = crowded_q(used, reference.rate * base, near, reference.unevenness, enough, question.correction)
    named: Objects = np.where(enough, classes(q, np.zeros(len(q), np.bool_)), INSUFFICIENT)
    return named


def _windows(
    used: Floats, base: Floats, near: Neighbourhoods, reference: Reference, question: Question
) -> pd.DataFrame:
    """The primary test."""
    told = base > 0
    each = windows(used[:, None], base[:, None], near, [reference], question.tail)
    observed, expected, more, fewer = (column[:, 0] for column in each)
    below = (fewer < more) & (question.side == "both")
    p = np.where(told, _sided(more, fewer, question.side), 1.0)
    q = q_values(p, told, question.correction)
    window = near.sums(base)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, ratio = observed / window, np.where(expected > 0, observed / expected, 1.0)
    low, high = interval(observed, window)
    table = {"observed": observed, "expected": expected, "ratio": ratio, "rate": rate, "low": low, "high": high}
    table = {name: column if name == "observed" else np.where(told, column, np.nan) for name, column in table.items()}
    return pd.DataFrame(table | {"p": p, "q": q, "class": np.where(told, classes(q, below), INSUFFICIENT)})


def _second(used: Floats, base: Floats, near: Neighbourhoods, enough: Bools, question: Question) -> pd.DataFrame:
    """Gi* of the standardised rates of those cells that can be told about."""
    z = np.full(len(near), np.nan)
    kept = np.flatnonzero(enough)
    among = near if enough.all() else near.among(enough)
    z[kept] = gi(standardised_rates(used[kept], base[kept]), among)
    alone = np.zeros(len(near), bool)
    alone[kept] = among.islands
    z[alone] = np.nan
    tested = ~np.isnan(z)
    more = np.where(tested, ndtr(-np.nan_to_num(z)), 1.0)
    q = q_values(_sided(more, 1 - more, question.side), tested, question.correction)
    named = classes(q, np.nan_to_num(z) < 0)
    named[alone], named[~enough] = ALONE, INSUFFICIENT
    return pd.DataFrame({"gi_z": z, "gi_q": q, "gi_class": named})


def _sided(more: Floats, fewer: Floats, side: str) -> Floats:
    return more if side == "hot" else np.minimum(1.0, 2 * np.minimum(more, fewer))


def classes(q: Floats, below: Bools) -> Objects:
    """``hot_99``, ``hot_95``, ``hot_90`` or the same with ``cold``, by the share of false discoveries, or ``none``."""
    named = np.full(q.shape, NOTHING, dtype=object)
    for level, share in reversed(LEVELS.items()):
        named = np.where(q < share, np.where(below, f"cold_{level}", f"hot_{level}"), named)
    return named.astype(object)


def _sign(named: pd.Series) -> Ints:
    return named.str.startswith("hot").to_numpy().astype(np.int64) - named.str.startswith("cold").to_numpy()


def hot(named: ArrayLike, level: int = 95) -> Bools:
    """Which classes say hot with at least so much certainty."""
    wanted = [f"hot_{one}" for one in LEVELS if one >= level]
    return np.isin(np.asarray(named, dtype=str), wanted)


@dataclass(frozen=True)
class Stability:
    """How far several results say the same: ``stable`` hot in all, ``ever`` hot in any, and their share."""

    stable: Bools
    ever: Bools

    @property
    def share(self) -> float:
        """Share of the cells hot in any result that are hot in all; 1 where none is hot, since none contradicts."""
        return float(self.stable.sum() / self.ever.sum()) if self.ever.any() else 1.0


def stability(results: Sequence[tuple[ArrayLike, ArrayLike | None]], level: int = 95) -> Stability:
    """Compare results of several bandwidths and supports, by the cells of one of them.

    Parameters
    ----------
    results
        For each the classes of its own cells, and for every cell of the common support the position of its own cell
        that holds it, -1 where none does; ``None`` where its cells are the common ones.

    Raises
    ------
    InvalidInput
        No results, or they are not for the same number of cells.
    """
    flags = []
    for named, holder in results:
        flag = hot(named, level)
        if holder is not None:
            place = np.asarray(holder, dtype=np.int64)
            wrong = place[(place < -1) | (place >= len(flag))]
            if len(wrong):
                raise InvalidInput("hotspot_pairs", field="holder", value=int(wrong[0]), expected=len(flag))
            flag = np.append(flag, False)[place]
        flags.append(flag)
    if len({len(flag) for flag in flags}) != 1:
        raise InvalidInput("hotspot_shape", field="results", found=[len(flag) for flag in flags], expected="one count")
    return Stability(np.all(flags, axis=0), np.any(flags, axis=0))

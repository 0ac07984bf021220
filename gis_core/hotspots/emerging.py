"""Where hot spots come and go: a cube of cells and steps of time, each step tested, and the trend of each cell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincc, ndtr

from gis_core.arrays import Bools, Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.hotspots.chance import q_values, usual
from gis_core.hotspots.checking import counts_of, exposures_of, one_of
from gis_core.hotspots.patterns import PATTERNS, WORDS, patterns
from gis_core.hotspots.significance import INSUFFICIENT, Question, lagged, windows
from gis_core.hotspots.trends import sen_slopes, trends
from gis_core.hotspots.weights import Neighbourhoods

MODES = ("slices", "esri")
"""Each step against its own usual rate; or Gi* over the whole cube with the steps before, as Esri does."""
FEWEST_STEPS = 10
LEVEL = 0.05
GONE_SHARE, GONE_STEPS, QUIET_STEPS, GONE_P = 0.25, 3, 2, 0.01
"""A place without a pattern fades where so many steps were hot, none of the last is, they had too few, and it falls."""
RESULT = (
    "observed",
    "expected",
    "ratio",
    "hot_steps",
    "cold_steps",
    "last",
    "trend",
    "trend_p",
    "slope",
    "pattern",
    "word",
)
_BOTH = Question(side="both")


@dataclass(frozen=True)
class Emerging:
    """The answer for every cell.

    Parameters
    ----------
    cells
        A row for each cell, columns :data:`RESULT`: ``observed``, ``expected`` and ``ratio`` of the window in the last
        step; how many steps were hot and cold; ``last`` (1 hot, -1 cold, 0 neither); ``trend`` (1, 0, -1) of the
        window's ratio over time, its chance, and its ``slope`` per step; ``pattern``, one of
        :data:`~gis_core.hotspots.patterns.PATTERNS` or ``insufficient``; ``word``, what pages say of it, which is
        ``fading`` also of places without a pattern that were hot for long and are not any more.
    states
        1 hot, -1 cold, 0 neither, shape (cells, steps).
    """

    cells: pd.DataFrame
    states: Ints


def emerging(
    cube: ArrayLike, near: Neighbourhoods, exposure: ArrayLike | None = None, question: Question = _BOTH,
    mode: str = "slices", back: int = 1,
) -> Emerging:  # fmt: skip
    """Test every cell at every step, and say what has become of it.

    Parameters
    ----------
    cube
        Reports by cell and step, shape (cells, steps), without a last step that is not over yet.
    exposure
        One for each cell, or for each cell and step; ``None`` counts cells.
    mode
        One of :data:`MODES`. By slices, what changes in the whole city is no trend of a cell.
    back
        Steps before that belong to a window when a step is tested. Trends are of single steps.

    Raises
    ------
    InvalidInput
        Fewer than :data:`FEWEST_STEPS` steps, or a count, exposure or choice that is none.
    """
    one_of("mode", mode, MODES)
    if back < 0:
        raise InvalidInput("hotspot_radius", field="back", value=back, expected="0 or more")
    counts = counts_of(cube, len(near))
    if counts.ndim != 2 or counts.shape[1] < FEWEST_STEPS:
        steps = counts.shape[1] if counts.ndim == 2 else 1
        raise InvalidInput("hotspot_steps", found=steps, expected=FEWEST_STEPS)
    exposed = exposures_of(exposure, counts.shape)
    enough = question.enough(exposed)
    used, base = np.where(enough, counts, 0.0), np.where(enough, exposed, 0.0)
    references = [usual(used[:, step], base[:, step]) for step in range(used.shape[1])]
    observed, expected = near.sums(used), near.sums(base * [one.rate for one in references])
    ratio = np.divide(observed, expected, out=np.ones_like(observed), where=expected > 0)
    if mode == "slices":
        _, _, more, fewer = windows(used, base, near, references, question.tail, back)
    else:
        z = _cube_gi(used, near, back)
        more, fewer = ndtr(-z), ndtr(z)
    states = _states(more, fewer, enough, question)
    trend, chance = trends(ratio, whiten=mode == "slices", level=LEVEL)
    last = {"observed": observed[:, -1], "expected": expected[:, -1], "ratio": ratio[:, -1]}
    told = _told(last, ratio, states, trend, chance, enough)
    gone = _gone(states, observed, expected) & (told["slope"] < 0) & (told["pattern"] == PATTERNS[0])
    told.loc[gone, "word"] = "fading"
    return Emerging(told, states)


def _states(more: Floats, fewer: Floats, enough: Bools, question: Question) -> Ints:
    """Hot and cold steps; the discoveries of each step are a family of their own."""
    p = more if question.side == "hot" else np.minimum(1.0, 2 * np.minimum(more, fewer))
    if enough.all():
        q = q_values(p, None, question.correction)
    else:
        columns = [q_values(p[:, step], enough[:, step], question.correction) for step in range(p.shape[1])]
        q = np.stack(columns, axis=1)
    sign = np.where((fewer < more) & (question.side == "both"), -1, 1)
    return np.where(q < LEVEL, sign, 0)


def _cube_gi(counts: Floats, near: Neighbourhoods, back: int) -> Floats:
    """Gi* over neighbours of this step and of those before, against mean and deviation of the whole cube."""
    if counts.size == 0:
        return counts
    sums, weight = lagged(near.sums(counts), back), lagged(np.outer(near.sizes, np.ones(counts.shape[1])), back)
    deviation = counts.std() * np.sqrt(np.maximum(weight * (counts.size - weight) / (counts.size - 1), 0))
    return np.divide(sums - counts.mean() * weight, deviation, out=np.zeros_like(sums), where=deviation > 0)


def _told(
    last: dict[str, Floats], ratio: Floats, states: Ints, trend: Ints, chance: Floats, enough: Bools
) -> pd.DataFrame:
    number = patterns(states, trend)
    seen = enough[:, -1]
    return pd.DataFrame(
        {
            **last,
            "hot_steps": (states == 1).sum(1),
            "cold_steps": (states == -1).sum(1),
            "last": states[:, -1],
            "trend": trend,
            "trend_p": chance,
            "slope": sen_slopes(ratio),
            "pattern": np.where(seen, np.array(PATTERNS, dtype=object)[number], INSUFFICIENT),
            "word": np.where(seen, np.array(WORDS, dtype=object)[number], INSUFFICIENT),
        }
    )


def _gone(states: Ints, observed: Floats, expected: Floats) -> Bools:
    """Which places were hot for long and are not any more, for less than the table's nine tenths of all steps.

    Of the last quarter of the steps p = P(Bin(all, share) ≤ those), share being that of what was expected then.
    """
    steps = states.shape[1]
    hot = states == 1
    long = (hot.sum(1) >= max(GONE_STEPS, GONE_SHARE * steps)) & ~hot[:, -QUIET_STEPS:].any(1)
    gone = np.zeros(len(states), bool)
    quarter = max(QUIET_STEPS, steps // 4)
    few, before = observed[long, -quarter:].sum(1), observed[long, :-quarter].sum(1)
    share = expected[long, -quarter:].sum(1) / expected[long].sum(1)
    gone[long] = betaincc(few + 1, before, share) < GONE_P
    return gone


def recency(cube: ArrayLike, last: int, correction: str = "bh") -> pd.DataFrame:
    """Alarm for single cells: more in the last steps than the city's own share of these steps explains.

    Parameters
    ----------
    cube
        Reports by cell and step.
    last
        Steps that are recent, at least one and fewer than there are.

    Returns
    -------
    A row for each cell: ``recent, before, expected, p, q``; p = P(Bin(recent + before, share) ≥ recent), where
    ``share`` is that of all reports of the city, so that what rises everywhere is no alarm.

    Raises
    ------
    InvalidInput
        ``last`` leaves no steps before, or a count is none.
    """
    counts = counts_of(cube, len(np.asarray(cube)))
    if counts.ndim != 2 or not (isinstance(last, int | np.integer) and 1 <= last < counts.shape[1]):
        raise InvalidInput("hotspot_radius", field="last", value=last, expected="1 to all steps but one")
    recent, before = counts[:, -last:].sum(1), counts[:, :-last].sum(1)
    total = counts.sum()
    share = recent.sum() / total if total else 0.0
    p = np.ones(len(counts))
    some = recent > 0
    p[some] = betainc(recent[some], before[some] + 1, share)
    table = {"recent": recent, "before": before, "expected": (recent + before) * share, "p": p}
    return pd.DataFrame(table | {"q": q_values(p, None, correction)})


def sliced(cell: ArrayLike, step: ArrayLike, shape: Sequence[int]) -> Ints:
    """The cube of reports by cell and step; reports in no cell or at no step, -1, are left out."""
    cells, steps = np.asarray(cell, dtype=np.int64), np.asarray(step, dtype=np.int64)
    inside = (cells >= 0) & (cells < shape[0]) & (steps >= 0) & (steps < shape[1])
    flat = cells[inside] * shape[1] + steps[inside]
    return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape[0], shape[1])

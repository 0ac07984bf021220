"""A day's cleaned points to passes, of which those that follow on each other in one lane are one."""

import numpy as np
import pandas as pd

from gis_core.patrol.matching import INTERVALS, Matcher
from gis_core.patrol.sides import sides_of
from gis_core.patrol.twins import told_of_all

SILENCE_S = 600.0
"""Who is heard of again in the same lane within so long may have been there all the time."""
STOOD_M, WALKED_M_S = 25.0, 0.5
"""That is believed of who is no farther on than the first, or was no slower than the second."""
SURE = 0.5
TURN_SIGMAS = 1.5
"""Who is back in a lane from so few standard deviations beyond its end, there and back one way, has not left it."""


def match_cleaned(matcher: Matcher, points: pd.DataFrame) -> pd.DataFrame:
    """The intervals of one carrier's cleaned points, with the accuracy of the receiver where it reported one.

    Parameters
    ----------
    points
        ``t``, ``x``, ``y``, ``piece``, ``accuracy_m``. Phones report the radius of 68 %, which is 1.5 standard
        deviations of an axis.

    Returns
    -------
    intervals
        As :meth:`Matcher.match` has them, joined by :func:`joined`, and ``side`` by :func:`sides_of`.
    """
    accuracy_m = points["accuracy_m"].to_numpy(np.float64) / 1.5
    usual = matcher.mover.sigma_m
    sigma_m = np.where(np.isnan(accuracy_m), usual, np.clip(accuracy_m, usual / 3, 2 * usual))
    xy, t = points[["x", "y"]].to_numpy(np.float64), points["t"].to_numpy(np.float64)
    found = matcher.match(xy, t, points["piece"].to_numpy(np.int64), sigma_m)
    network = matcher.network
    once = found[network.twins.first[found["edge"]] == found["edge"]]
    fastest_m_s, turn_m = matcher.mover.fastest_m_s, TURN_SIGMAS * usual
    passes = joined(once, fastest_m_s, turn_m)
    passes["side"] = sides_of(network, passes, xy, t, sigma_m, matcher.mover.model)
    return told_of_all(network.twins, network.length_m, passes)


def joined(intervals: pd.DataFrame, fastest_m_s: float, turn_m: float) -> pd.DataFrame:
    """Passes of one carrier, those of one lane that noise or a silence has torn apart made one.

    - After a silence (another piece, or another chain) of ten minutes at most, in the same lane, if both passes are
      sure and the metres in between were walked at half a metre a second or more, or are no more than 25: the carrier
      stood, or walked on unheard. The metres between are taken for passed then, and for no other silence.
    - After a turn beyond the end of the lane of ``turn_m`` or less: by how few metres somebody turned before or after a
      corner is chance, and decided whether the way back is a visit of its own.

    Parameters
    ----------
    intervals
        Columns :data:`gis_core.patrol.matching.INTERVALS`, by piece, then by time, without twins.
    """
    rows: list[list[float]] = []
    for row in intervals[list(INTERVALS)].to_numpy(np.float64).tolist():
        at = _before(rows, row, turn_m)
        if at is None and rows and _unheard(rows[-1], row, fastest_m_s):
            at = -1
        if at is None:
            rows.append(row)
            continue
        piece, chain, edge, low_m, high_m, in_s, _, sure = rows[at]
        rows[at] = [piece, chain, edge, min(low_m, row[3]), max(high_m, row[4]), in_s, row[6], max(sure, row[7])]
    made = pd.DataFrame(rows, columns=list(INTERVALS), dtype=np.float64)
    return made.astype(dict.fromkeys(INTERVALS[:3], np.int64))


def _before(rows: list[list[float]], row: list[float], turn_m: float) -> int | None:
    """Where the pass is that a turn of a few metres has torn this one from."""
    beyond_m = 0.0
    for at in range(len(rows) - 1, -1, -1):
        piece, chain, edge, low_m, high_m = rows[at][:5]
        if [piece, chain] != row[:2] or beyond_m > turn_m:
            return None
        if edge == row[2]:  # the next of the same lane is over the seam of a ring
            return at if at < len(rows) - 1 else None
        beyond_m += high_m - low_m
    return None


def _unheard(last: list[float], row: list[float], fastest_m_s: float) -> bool:
    """Whether a carrier has stayed in a lane while nothing was heard."""
    silence_s, between_m = row[5] - last[6], max(row[3] - last[4], last[3] - row[4], 0.0)
    if last[:2] == row[:2] or last[2] != row[2] or not 0.0 < silence_s <= SILENCE_S or min(last[7], row[7]) < SURE:
        return False
    return between_m <= STOOD_M or WALKED_M_S <= between_m / silence_s <= fastest_m_s

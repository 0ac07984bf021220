"""One carrier's day: points to what was passed, or to why nothing of it counts."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis_core.errors import InvalidInput
from gis_core.patrol.datums import check_declared
from gis_core.patrol.following import match_cleaned
from gis_core.patrol.matching import Matcher
from gis_core.patrol.passes import PASSES, passes_of
from gis_core.patrol.tracks import ON_FOOT, Cleaned, Rules, clean_track

TELLING_POINTS, TELLING_S, TELLING_M = 60, 300.0, 100.0
"""Fewer points, or of less time, or nearer together say nothing about the coordinate system they are in."""
NUMBERS = {
    "from_m": float, "to_m": float, "t_in": float, "t_out": float, "confidence": float, "piece": "int64",
    "side": "int8",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class PatrolledDay:
    """What became of a day's points.

    Parameters
    ----------
    passes
        Columns :data:`gis_core.patrol.passes.PASSES`, of passes that begin on the day.
    points, used, dropped
        Points of the day, how many are left after cleaning, and how many went by reason.
    fault
        Why nothing of it counts; ``None`` where it does.
    walked_m
        Metres of all passes together; of streets that lie on each other those of one.
    """

    passes: pd.DataFrame
    points: int
    used: int
    dropped: dict[str, int]
    fault: InvalidInput | None
    walked_m: float = 0.0


def matched_day(
    matcher: Matcher, points: pd.DataFrame, begin_s: float, end_s: float, rules: Rules = ON_FOOT
) -> PatrolledDay:
    """Match one carrier's points of a day, the same whatever the order they come in and whenever that is done.

    Parameters
    ----------
    points
        ``t``, ``lon``, ``lat`` (WGS 84), ``accuracy_m``: of the day and some of before and after it, so that what is
        passed over midnight is found.
    begin_s, end_s
        The day, seconds since 1970.
    """
    t = points["t"].to_numpy(np.float64)
    own = (t >= begin_s) & (t < end_s)
    try:
        cleaned = clean_track(points, matcher.network.srid, t.max(initial=end_s), rules)
        left = cleaned.points["row"].to_numpy(np.int64)
        if is_telling(cleaned):
            check_declared(declared(points, cleaned), matcher)
    except InvalidInput as fault:
        return PatrolledDay(no_passes(), int(own.sum()), 0, {}, fault)
    intervals = match_cleaned(matcher, cleaned.points)
    begun = (intervals["t_in"] >= begin_s) & (intervals["t_in"] < end_s)
    intervals = intervals[begun.to_numpy()]
    passes = passes_of(matcher.network, intervals).astype(NUMBERS)
    edge = intervals["edge"].to_numpy(np.int64)
    walked_m = float((passes["to_m"] - passes["from_m"])[matcher.network.twins.first[edge] == edge].sum())
    reasons = Counter(reason for reason, is_own in zip(cleaned.reason, own, strict=True) if reason and is_own)
    return PatrolledDay(passes, int(own.sum()), int(own[left].sum()), dict(sorted(reasons.items())), None, walked_m)


def is_telling(cleaned: Cleaned) -> bool:
    """Whether a cleaned track is long enough to say in which coordinate system it is."""
    points = cleaned.points
    extent_m = np.hypot(np.ptp(points["x"]), np.ptp(points["y"]))
    return bool(len(points) >= TELLING_POINTS and np.ptp(points["t"]) >= TELLING_S and extent_m >= TELLING_M)


def declared(points: pd.DataFrame, cleaned: Cleaned) -> pd.DataFrame:
    """The points that were left, in degrees as they were given: ``t``, ``lon``, ``lat``, ``piece``."""
    left = points.iloc[cleaned.points["row"].to_numpy(np.int64)][["t", "lon", "lat"]].reset_index(drop=True)
    return left.assign(piece=cleaned.points["piece"].to_numpy())


def no_passes() -> pd.DataFrame:
    """Columns of passes, and none."""
    return pd.DataFrame({name: [] for name in PASSES}).astype({"street": object, **NUMBERS})

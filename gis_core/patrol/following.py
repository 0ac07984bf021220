"""A track as it comes in, batch by batch, matched as if it had come whole."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gis_core.patrol.matching import Matcher
from gis_core.patrol.tracks import ON_FOOT, Cleaned, Rules, clean_track


def match_cleaned(matcher: Matcher, points: pd.DataFrame) -> pd.DataFrame:
    """The intervals of cleaned points, with the accuracy of the receiver where it reported one.

    Parameters
    ----------
    points
        ``t``, ``x``, ``y``, ``piece``, ``accuracy_m``. Phones report the radius of 68 %, which is 1.5 standard
        deviations of an axis.
    """
    accuracy_m = points["accuracy_m"].to_numpy(np.float64) / 1.5
    usual = matcher.mover.sigma_m
    sigma_m = np.where(np.isnan(accuracy_m), usual, np.clip(accuracy_m, usual / 3, 2 * usual))
    xy, t = points[["x", "y"]].to_numpy(np.float64), points["t"].to_numpy(np.float64)
    return matcher.match(xy, t, points["piece"].to_numpy(np.int64), sigma_m)


@dataclass
class Following:
    """The points of one device so far. Batches may come late, twice and in any order.

    After every batch the answer is that for all points at once: only the pieces that the batch has changed are matched
    again, and a piece ends with a silence (``rules.gap_s``), so that nothing before that changes any more unless points
    of that time still come.
    """

    matcher: Matcher
    rules: Rules = ON_FOOT
    points: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["t", "lon", "lat", "accuracy_m"], dtype=float)
    )
    cleaned: Cleaned | None = None
    _known: dict[bytes, pd.DataFrame] = field(default_factory=dict)

    def append(self, points: pd.DataFrame, as_of_s: float) -> pd.DataFrame:
        """Take a batch, and tell the intervals of all points so far.

        Parameters
        ----------
        points
            ``t``, ``lon``, ``lat`` and ``accuracy_m`` where it is reported.
        as_of_s
            Now.

        Raises
        ------
        InvalidInput
            When there are not two points that can be used.
        """
        batch = points.reindex(columns=self.points.columns).astype(float)
        self.points = pd.concat([self.points, batch], ignore_index=True) if len(self.points) else batch
        self.cleaned = clean_track(self.points, self.matcher.network.srid, as_of_s, self.rules)
        known, found = dict[bytes, pd.DataFrame](), []
        for number, piece in self.cleaned.points.groupby("piece"):
            key = piece[["t", "x", "y", "accuracy_m"]].to_numpy().tobytes()
            known[key] = self._known[key] if key in self._known else match_cleaned(self.matcher, piece)
            found.append(known[key].assign(piece=number))
        self._known = known
        return pd.concat(found, ignore_index=True)

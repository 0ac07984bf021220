"""Reports on street segments compared with the patrol there: where there are more than looking explains."""

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Ints
from gis_core.hotspots.significance import Significance, significance
from gis_core.hotspots.street_supports import SegmentSupport
from gis_core.patrol.exposure import effort

LEAST_WALKS = 2
"""A segment walked less often in the window is not told about."""
PACE_KM_H = 4.0


def patrol_heat(
    support: SegmentSupport, counts: Ints, patrol: pd.DataFrame, chosen: Bools
) -> tuple[Ints, Significance]:  # fmt: skip
    """Test the segments chosen.

    Parameters
    ----------
    counts
        Reports by unit.
    patrol
        ``patrol_m`` and ``patrol_s`` by edge, as :func:`gis_core.patrol.exposure.exposure_of` counts them.
    chosen
        Which edges are looked at: those that are to be patrolled, and that the reader sees.

    Returns
    -------
    unit, answer
        Of each edge its row in the answer, -1 where it is not chosen; exposure is in km·h of
        :func:`gis_core.patrol.exposure.effort`, 0 where it was walked less than :data:`LEAST_WALKS` times at
        :data:`PACE_KM_H`: there nothing can be told.
    """
    kept = np.zeros(len(support.codes), np.bool_)
    kept[support.of_edge[chosen]] = True
    walked = effort(*(patrol[name].to_numpy(np.float64)[support.edge[kept]] for name in ("patrol_m", "patrol_s")))
    # One walk of a segment takes its length over the pace: the root of length times that is its effort.
    once = support.size[kept] / np.sqrt(PACE_KM_H)
    exposure = np.where(walked < LEAST_WALKS * once, 0.0, walked)
    row = np.where(kept, np.cumsum(kept) - 1, -1)
    unit = np.where(chosen, row[support.of_edge], -1)
    return unit, significance(counts[kept], support.near.among(kept), exposure)

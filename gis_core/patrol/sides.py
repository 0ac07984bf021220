"""On which side of a wide street somebody walked, as far as the receiver can tell."""

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.places import on_edges
from gis_core.patrol.trellis import Model

LEFT, UNTOLD, RIGHT = 1, 0, -1
WIDE_M = 30.0
"""Of streets with a carriageway so wide sides are told."""
FOOTWAY_M = 8.0
"""So far beyond the carriageway somebody may walk; who is farther off is misplaced, and no side is told."""
DRAWN_M = 2.0
"""Standard deviation of the line of a street across it."""
SURE, ERRORS = 0.5, 2.0
"""Sides are told of passes so sure, where the mean offset is more than so many of its standard errors."""


def wide_of(network: StreetNetwork) -> Bools:
    """Of which edges sides are told."""
    return network.width_m[network.street] >= WIDE_M


def sides_of(
    network: StreetNetwork, intervals: pd.DataFrame, xy: Floats, t: Floats, sigma_m: Floats, model: Model
) -> Ints:
    """The side of each pass: 1 left and -1 right of the street as it is drawn, 0 where it cannot be told.

    The mean offset of the points of a pass from the line of the street has a standard error: the bias of the receiver
    lasts a minute, the rest of its error is each point's own.

    Parameters
    ----------
    intervals
        ``edge``, ``t_in``, ``t_out``, ``confidence`` of one carrier.
    xy, t, sigma_m
        Its points by time: metres, seconds, standard deviation of the error on each axis.
    """
    edge, t_in, t_out, sure = (intervals[name].to_numpy() for name in ("edge", "t_in", "t_out", "confidence"))
    begin, stop = np.searchsorted(t, t_in, side="left"), np.searchsorted(t, t_out, side="right")
    side, width_m = np.zeros(len(edge), np.int64), network.width_m[network.street[edge]]
    for row in np.flatnonzero(wide_of(network)[edge] & (stop > begin) & (sure >= SURE)):
        own = slice(begin[row], stop[row])
        left_m = float(_offsets(network, int(edge[row]), xy[own]).mean())
        lasted = max((t_out[row] - t_in[row]) / model.lasting_s, 1e-3)
        biased = 2.0 / lasted**2 * (lasted - 1.0 + np.exp(-lasted))
        errors = model.share * biased + (1.0 - model.share) / (stop[row] - begin[row])
        error_m = float(np.sqrt((sigma_m[own] ** 2).mean() * errors + DRAWN_M**2))
        if ERRORS * error_m < abs(left_m) <= width_m[row] / 2 + FOOTWAY_M + ERRORS * error_m:
            side[row] = LEFT if left_m > 0 else RIGHT
    return side


def _offsets(network: StreetNetwork, edge: int, xy: Floats) -> Floats:
    """How far points are left of an edge, metres, less than 0 to the right."""
    at_m = shapely.line_locate_point(network.lines[edge], shapely.points(xy))
    edges, end_m = np.full(len(at_m), edge), network.length_m[edge]
    low, high = (on_edges(network, edges, np.clip(at_m + step_m, 0.0, end_m)) for step_m in (-1.0, 1.0))
    ahead, apart = high - low, xy - on_edges(network, edges, at_m)
    return (ahead[:, 0] * apart[:, 1] - ahead[:, 1] * apart[:, 0]) / np.maximum(np.hypot(*ahead.T), 1e-9)

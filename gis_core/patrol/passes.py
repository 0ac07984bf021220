"""Passes by street and metre, as they are kept: edges of a network are renumbered with every territory version."""

import numpy as np
import pandas as pd

from gis_core.arrays import codes_of
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.noding import JOIN_M

PASSES = ("street", "from_m", "to_m", "t_in", "t_out", "confidence", "piece", "side")
"""Street code, metres on it, seconds since 1970, how sure, the piece of the track, and the side of a wide
street: 1 left and -1 right of it as it is drawn, 0 untold.
"""


def passes_of(network: StreetNetwork, intervals: pd.DataFrame) -> pd.DataFrame:
    """Matched intervals by street and metre.

    Parameters
    ----------
    intervals
        Columns :data:`gis_core.patrol.matching.INTERVALS`, and ``side`` where it is told; without, it is 0.

    Returns
    -------
    passes
        Columns :data:`PASSES`, in the same order.
    """
    edge = intervals["edge"].to_numpy(np.int64)
    street, from_m = network.at(edge, intervals["from_m"].to_numpy(np.float64))
    to_m = network.from_m[edge] + intervals["to_m"].to_numpy(np.float64)
    kept = {name: intervals[name].to_numpy() if name in intervals else 0 for name in PASSES[3:]}
    return pd.DataFrame({"street": street, "from_m": from_m, "to_m": to_m, **kept})


def intervals_of(network: StreetNetwork, passes: pd.DataFrame) -> pd.DataFrame:
    """Passes as intervals on the edges of a network, which may be of another version than they were matched in.

    A pass that runs over a crossing which the network has and the one before had not is divided there, its time by
    metres. What lies on streets that the network has not, or beyond their ends, is left out, and so is what reaches
    less than half a metre over a crossing: crossings move by as much when lines that come to them do.

    Parameters
    ----------
    passes
        Columns :data:`PASSES` and any others (such as ``carrier``), which are kept.

    Returns
    -------
    intervals
        ``edge``, ``from_m``, ``to_m``, ``t_in``, ``t_out``, ``confidence`` and the others.
    """
    street = pd.Index(network.code).get_indexer(pd.Index(codes_of(passes, "street")))
    passes, street = passes[street >= 0], street[street >= 0]
    # Only the edges that a pass reaches: a long street has hundreds.
    scale = float(network.to_m.max()) + 1.0
    begin_m, end_m = (np.clip(passes[name].to_numpy(np.float64), 0.0, scale - 0.5) for name in ("from_m", "to_m"))
    first = np.searchsorted(network.street * scale + network.to_m, street * scale + begin_m - 0.01, side="left")
    first = np.maximum(first, np.searchsorted(network.street, street, side="left"))
    stop = np.searchsorted(network.street * scale + network.from_m, street * scale + end_m + 0.01, side="right")
    stop = np.maximum(first, np.minimum(stop, np.searchsorted(network.street, street, side="right")))
    row = np.repeat(np.arange(len(passes)), stop - first)
    edge = np.arange(len(row)) - np.repeat(np.cumsum(stop - first) - (stop - first), stop - first) + first[row]
    from_m, to_m, t_in, t_out = (passes[name].to_numpy(np.float64) for name in ("from_m", "to_m", "t_in", "t_out"))
    low, high = np.maximum(from_m[row], network.from_m[edge]), np.minimum(to_m[row], network.to_m[edge])
    length_m = to_m - from_m
    # At a crossing without a length, a pass is on the edge that ends there.
    ends = pd.Series(row[high >= low]).drop_duplicates().index
    standing = np.zeros(len(row), bool)
    standing[np.flatnonzero(high >= low)[ends]] = True
    inside = np.where(length_m[row] > 2 * JOIN_M, high - low > JOIN_M, high - low > 0.005)
    inside |= (length_m[row] <= 0.005) & standing
    row, edge, low, high = row[inside], edge[inside], low[inside], high[inside]
    rate = (t_out - t_in)[row] / np.maximum(length_m[row], 1e-9)
    begin_s = np.where(length_m[row] > 0, t_in[row] + (low - from_m[row]) * rate, t_in[row])
    stop_s = np.where(length_m[row] > 0, t_out[row] - (to_m[row] - high) * rate, t_out[row])
    found = passes.iloc[row].drop(columns="street").reset_index(drop=True)
    base = network.from_m[edge]
    spent = {"from_m": low - base, "to_m": high - base, "t_in": begin_s, "t_out": stop_s}
    return found.assign(edge=edge, **spent)

"""Segments side by side: lanes that are mistaken for each other, and the two carriageways of one road."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.places import on_edges, pieces_of

PIECE_M = 10.0
SIDEWAYS = 0.8
"""What lies ahead is not beside: so much of the distance at least is across."""
LEAST_M, MOST_M, LONG_M, SHARE, OTHER_SHARE, STRAIGHT = 4.0, 25.0, 80.0, 0.8, 0.2, 0.97
"""Carriageways are so far apart, so long, with the other beside so much of them on one side and so much at most on the
other, and so parallel (cosine)."""


def beside(network: StreetNetwork, reach_m: float, parallel: float) -> pd.DataFrame:
    """Each ten metres of an edge with each ten metres of another beside it.

    Parameters
    ----------
    reach_m
        No farther apart than this.
    parallel
        Least cosine of the angle between the two.

    Returns
    -------
    pairs
        ``edge``, ``other``, ``piece`` (of ``edge``), ``left`` (of ``edge`` as it is drawn), ``across_m``, ``abreast``
        (straight across from the middle of the piece, which only one piece of a line is), and ``pieces``, how many
        ``edge`` has.
    """
    offset, length_m = pieces_of(network, PIECE_M)
    edge = np.repeat(np.arange(len(length_m)), np.diff(offset))
    at_m = (np.arange(len(edge)) - offset[edge] + 0.5) * length_m[edge]
    half_m = length_m[edge] / 2
    xy = on_edges(network, edge, at_m)
    ahead = on_edges(network, edge, at_m + half_m) - on_edges(network, edge, at_m - half_m)
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    pairs = cKDTree(xy).query_pairs(reach_m, output_type="ndarray")
    one, two = np.concatenate([pairs, pairs[:, ::-1]]).T
    apart = xy[two] - xy[one]
    across_m = ahead[one, 0] * apart[:, 1] - ahead[one, 1] * apart[:, 0]
    kept = (edge[one] != edge[two]) & (np.abs(across_m) >= SIDEWAYS * np.hypot(*apart.T))
    kept &= np.abs((ahead[one] * ahead[two]).sum(axis=1)) >= parallel
    one, two, across_m, apart = one[kept], two[kept], across_m[kept], apart[kept]
    abreast = np.abs((ahead[one] * apart).sum(axis=1)) <= half_m[two] + 1e-6
    columns = {"edge": edge[one], "other": edge[two], "piece": one, "left": across_m > 0, "across_m": np.abs(across_m)}
    return pd.DataFrame(columns | {"abreast": abreast, "pieces": np.diff(offset)[edge[one]]})


def with_carriageways(network: StreetNetwork, *, keeps_right: bool = True) -> StreetNetwork:
    """The network in which both carriageways of a road are one-way, where the layer does not say so.

    Two long lines side by side are one road, and who drives keeps to one side of it.
    """
    pairs = beside(network, MOST_M, STRAIGHT)
    pairs = pairs[pairs["across_m"] >= LEAST_M].drop_duplicates(["piece", "left"])
    found = pairs.groupby("edge").agg(left=("left", "sum"), count=("left", "size"), pieces=("pieces", "first"))
    left = found["left"] / found["pieces"]
    right = (found["count"] - found["left"]) / found["pieces"]
    side = ((left >= SHARE) & (right < OTHER_SHARE)).astype(np.int64) - ((right >= SHARE) & (left < OTHER_SHARE))
    edge = found.index.to_numpy(np.int64)
    edge, side_of = edge[network.length_m[edge] >= LONG_M], side.to_numpy()[network.length_m[edge] >= LONG_M]
    one_way = network.one_way.copy()
    silent = one_way[edge] == 0
    one_way[edge[silent]] = (side_of if keeps_right else -side_of)[silent]
    return replace(network, one_way=one_way)

"""Edges that lie on each other: streets that are drawn twice, or that share a stretch."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.patrol.noding import JOIN_M


class Twins(NamedTuple):
    """Of each edge the first that lies on it, itself if there is none, and whether the two are drawn against each
    other.
    """

    first: Ints
    against: Bools

    def firsts(self, chosen: Bools) -> Bools:
        """Of the edges chosen the first of those that lie on each other, so that one walk counts once."""
        found, edge = np.zeros(len(self.first), np.bool_), np.flatnonzero(chosen)
        found[edge[np.unique(self.first[edge], return_index=True)[1]]] = True
        return found


def twins_of(u: Ints, v: Ints, lines: Objects) -> Twins:
    """Edges between the same nodes that are nowhere farther from each other than what is joined.

    Parameters
    ----------
    u, v, lines
        Of each edge its nodes and its line, metres.
    """
    first, against = np.arange(len(u)), np.zeros(len(u), bool)
    ends = pd.DataFrame({"low": np.minimum(u, v), "high": np.maximum(u, v), "edge": first})
    ends = ends[ends.duplicated(["low", "high"], keep=False)]
    pairs = ends.merge(ends, on=["low", "high"]).query("edge_x < edge_y").sort_values(["edge_y", "edge_x"])
    one, two = pairs["edge_x"].to_numpy(), pairs["edge_y"].to_numpy()
    same = shapely.hausdorff_distance(lines[one], lines[two]) <= JOIN_M
    one, two = one[same], two[same]
    # The least is taken, and by then it is known whose twin that is.
    two, nth = np.unique(two, return_index=True)
    for edge, other in zip(two, one[nth], strict=True):
        turned = _turned(lines[other], lines[edge]) if u[edge] == v[edge] else u[edge] != u[other]
        first[edge], against[edge] = first[other], turned != against[other]
    return Twins(first, against)


def _turned(ring: shapely.LineString, other: shapely.LineString) -> bool:
    """Whether two rings from the same node run against each other."""
    third = shapely.line_interpolate_point(ring, 1 / 3, normalized=True)
    along, back = (shapely.line_interpolate_point(other, share, normalized=True) for share in (1 / 3, 2 / 3))
    return bool(shapely.distance(third, back) < shapely.distance(third, along))


def told_of_all(twins: Twins, length_m: Floats, passes: pd.DataFrame) -> pd.DataFrame:
    """Passes of first twins, and the same of all that lie on them, each after the one it is made from.

    Parameters
    ----------
    passes
        ``edge``, ``from_m``, ``to_m``, ``side`` where it is told, and any others.
    """
    order = np.argsort(twins.first, kind="stable")
    begin = np.searchsorted(twins.first[order], passes["edge"], side="left")
    many = np.searchsorted(twins.first[order], passes["edge"], side="right") - begin
    if not (many > 1).any():
        return passes
    row = np.repeat(np.arange(len(passes)), many)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    edge = order[begin[row] + nth]
    made = passes.iloc[row].reset_index(drop=True)
    scale = length_m[edge] / length_m[made["edge"]]
    low_m, high_m = made["from_m"] * scale, made["to_m"] * scale
    against = twins.against[edge]
    from_m, to_m = np.where(against, length_m[edge] - high_m, low_m), np.where(against, length_m[edge] - low_m, high_m)
    made = made.assign(edge=edge, from_m=np.maximum(from_m, 0.0), to_m=to_m)
    return made.assign(side=made["side"].where(~against, -made["side"])) if "side" in made else made

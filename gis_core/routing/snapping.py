"""Places on streets: where on the network one is, and how far from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.errors import InvalidInput

OFF_LIMIT_M = 250.0
"""Who is farther from every street than this is off the network: wider than parks and school grounds are deep."""
OFF = -1
"""Stands for the edge of a place that is off the network."""


def centimetres(metres: Floats) -> Ints:
    """Whole centimetres: what all lengths are counted in, so that two who add the same legs up agree."""
    return np.rint(np.asarray(metres, np.float64) * 100.0).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Spots:
    """Places on the network.

    Parameters
    ----------
    edge
        Position of the edge each is on, of edges that lie on each other the first; :data:`OFF` where it is off the
        network.
    at_m
        Metres from the beginning of the edge, to the centimetre.
    off_m
        How far from the street the place is that it stands for; part of no way.
    """

    edge: Ints
    at_m: Floats
    off_m: Floats

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, rows: Ints | Sequence[int] | Bools) -> "Spots":
        """Some of them, or in another order."""
        return Spots(self.edge[rows], self.at_m[rows], self.off_m[rows])

    @staticmethod
    def joined(parts: Sequence["Spots"]) -> "Spots":
        """Several one after the other."""
        return Spots(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("edge", "at_m", "off_m")))


class Snapper:
    """Finds the nearest of some edges.

    Parameters
    ----------
    lines, length_m
        Of each edge of the network.
    usable
        Which edges are looked at.
    """

    def __init__(self, lines: Objects, length_m: Floats, usable: Bools) -> None:
        self._lines, self._length_m = lines, length_m
        self._edge = np.flatnonzero(usable)
        self._tree = shapely.STRtree(lines[self._edge])

    def nearest(self, xy: Floats, limit_m: float) -> Spots:
        """The nearest place on a street of each point; of several as near that of the first edge.

        Raises
        ------
        InvalidInput
            Where a position is no number.
        """
        xy = np.asarray(xy, np.float64).reshape(-1, 2)
        if not np.isfinite(xy).all():
            raise InvalidInput("way_position", row=int(np.flatnonzero(~np.isfinite(xy).all(axis=1))[0]))
        points = shapely.points(xy)
        edge, at_m, off_m = np.full(len(xy), OFF), np.zeros(len(xy)), np.full(len(xy), np.inf)
        if len(self._edge) and len(xy):
            (which, near), away_m = self._tree.query_nearest(points, return_distance=True)
            order = np.lexsort((near, which))
            which, first = np.unique(which[order], return_index=True)
            edge[which], off_m[which] = self._edge[near[order][first]], away_m[order][first]
            share = shapely.line_locate_point(self._lines[edge], points, normalized=True)
            at_m = np.round(np.nan_to_num(share) * self._length_m[edge], 2)
        lost = off_m > limit_m
        return Spots(np.where(lost, OFF, edge), np.where(lost, 0.0, at_m), off_m)

"""A way from one place to another, edge by edge."""

from typing import NamedTuple

import numpy as np
import shapely

from gis_core.arrays import Floats, Ints
from gis_core.patrol.network import StreetNetwork


class Leg(NamedTuple):
    """A shortest way.

    Parameters
    ----------
    edges
        Positions of the edges it passes, in order; the first and last maybe in part. Empty where it has no length or
        where there is no way.
    from_m, to_m
        Of each edge from where to where it is passed, metres from its beginning; ``from_m`` is greater where it is
        passed from v to u.
    length_m
        The sum of all parts, to the centimetre; inf where there is no way.
    """

    edges: Ints
    from_m: Floats
    to_m: Floats
    length_m: float


class Parts(NamedTuple):
    """Edges, and from where to where each is passed, whole centimetres."""

    edge: Ints
    from_cm: Ints
    to_cm: Ints

    @property
    def length_cm(self) -> int:
        """All of them."""
        return int(np.abs(self.to_cm - self.from_cm).sum())


NO_WAY = Leg(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), float("inf"))


def shorter(straight: Parts | None, around: Parts | None) -> Leg:
    """The shorter of two ways, of equal ones the first; :data:`NO_WAY` where there is neither."""
    found = [parts for parts in (straight, around) if parts is not None]
    if not found:
        return NO_WAY
    parts = min(found, key=lambda one: one.length_cm)
    # Who begins or ends at a node passes nothing of that edge; between nodes even an edge without a length is passed.
    kept = parts.from_cm != parts.to_cm
    kept[1:-1] = True
    edge, low, high = (column[kept] for column in parts)
    return Leg(edge, low / 100.0, high / 100.0, parts.length_cm / 100.0)


def line(network: StreetNetwork, leg: Leg) -> shapely.LineString | None:
    """A way as a line, metric CRS; ``None`` where it has no length."""
    if not len(leg.edges):
        return None
    lines, length_m = network.lines[leg.edges], network.length_m[leg.edges]
    length_m = np.where(length_m > 0.0, length_m, 1.0)
    parts = zip(lines, leg.from_m / length_m, leg.to_m / length_m, strict=True)
    xy = np.concatenate([_part(line, begin, end) for line, begin, end in parts])
    fresh = np.append(True, (xy[1:] != xy[:-1]).any(axis=1))
    return shapely.LineString(xy[fresh]) if fresh.sum() > 1 else None


def _part(line: shapely.LineString, begin: float, end: float) -> Floats:
    """Vertices of a line between two shares of its length, turned where the second is the smaller."""
    xy = shapely.get_coordinates(line)
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
    low, high = np.clip(sorted((begin, end)), 0.0, 1.0) * along[-1]
    inner = xy[(along > low) & (along < high)]
    outer = [[np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])] for at in (low, high)]
    part = np.vstack([outer[:1], inner, outer[1:]])
    return part[::-1] if begin > end else part

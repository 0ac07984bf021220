"""Ways of a plan as lines, from the edges that its steps name."""

from collections.abc import Sequence

import numpy as np
import shapely
import shapely.ops

from gis_core.arrays import Floats
from gis_core.patrol.network import StreetNetwork


def way_line(network: StreetNetwork, edges: Sequence[int], begin: Floats, end: Floats) -> Floats:
    """A way along edges from one place to another.

    Parameters
    ----------
    edges
        Positions in the network, each beginning at a node where the one before ends.
    begin, end
        Where it begins and ends, metres of the network's CRS; the first and last edge are cut at what is nearest.

    Returns
    -------
    line
        Vertices, shape (n, 2), metres; empty where there are no edges.
    """
    if not len(edges):
        return np.zeros((0, 2))
    lines = [network.lines[edge] for edge in edges]
    forward = _forward(network, edges, lines[0].project(shapely.Point(begin)), lines[0].project(shapely.Point(end)))
    parts = []
    for nth, (line, ahead) in enumerate(zip(lines, forward, strict=True)):
        low, high = (0.0, line.length) if ahead else (line.length, 0.0)
        low = float(line.project(shapely.Point(begin))) if nth == 0 else low
        high = float(line.project(shapely.Point(end))) if nth == len(lines) - 1 else high
        parts.append(shapely.get_coordinates(shapely.ops.substring(line, low, high)))
    xy = np.concatenate(parts)
    return xy[np.append(True, (xy[1:] != xy[:-1]).any(axis=1))]


def _forward(network: StreetNetwork, edges: Sequence[int], begin_m: float, end_m: float) -> list[bool]:
    """Whether each edge is passed from its first node to its last."""
    if len(edges) == 1:
        return [begin_m <= end_m]
    for ahead in (True, False):
        found, node = [ahead], (network.v if ahead else network.u)[edges[0]]
        for edge in edges[1:]:
            if node not in (network.u[edge], network.v[edge]):
                break
            found.append(bool(network.u[edge] == node))
            node = (network.v if found[-1] else network.u)[edge]
        if len(found) == len(edges):
            break
    return [*found, *[True] * (len(edges) - len(found))]

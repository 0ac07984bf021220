"""Why there is no way between two places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis_core.planning.tasks import Reason
from gis_core.routing.legs import Leg
from gis_core.routing.snapping import OFF, Snapper, Spots

if TYPE_CHECKING:
    from gis_core.routing.matrices import Ways


def unreachable(ways: Ways, source: Spots, target: Spots) -> Reason | None:
    """What keeps a mover from getting from one place to another, ``None`` where nothing does.

    Returns
    -------
    reason
        ``way_off`` (``of`` which place, ``away_m`` from every street), ``way_closed``, ``way_one_way`` or ``way_class``
        (the first ``street`` on the shortest way that would be there without closures, without one-way rules too,
        without classes of streets that are not used too), or ``way_component``: ``of`` which place the ``street`` that
        is joined to most others and nearest to it, ``gap_m`` from it at ``x``, ``y``.
    """
    for place, name in ((source, "source"), (target, "target")):
        if place.edge[0] == OFF:
            return Reason("way_off", {"of": name, "away_m": round(float(place.off_m[0]), 1)})
    if np.isfinite(ways.matrix(source, target)[0, 0]):
        return None
    for key, freer in ways.freer:
        leg = freer.paths(source, target)[0]
        if np.isfinite(leg.length_m):
            return Reason(key, {"street": _street(ways, _barred(ways, leg))})
    return _apart(ways, source, target)


def _barred(ways: Ways, leg: Leg) -> int:
    """The first edge of a way that may not be passed so."""
    onward, back = ways.free
    may = np.where(leg.from_m < leg.to_m, onward[leg.edges], back[leg.edges])
    return int(leg.edges[np.argmin(may)])


def _apart(ways: Ways, source: Spots, target: Spots) -> Reason:
    """Of a place that is not joined to most others, the nearest that is."""
    network = ways.network
    main = network.component == 0
    place, name = (source, "source") if main[target.edge[0]] else (target, "target")
    edge, length_m = int(place.edge[0]), max(float(network.length_m[place.edge[0]]), 0.01)
    point = shapely.line_interpolate_point(network.lines[edge], place.at_m[0] / length_m, normalized=True)
    near = Snapper(network.lines, network.length_m, main).nearest(shapely.get_coordinates(point), np.inf)
    length_m = max(float(network.length_m[near.edge[0]]), 0.01)
    there = shapely.line_interpolate_point(network.lines[near.edge[0]], near.at_m[0] / length_m, normalized=True)
    where = {"x": round(there.x, 2), "y": round(there.y, 2), "gap_m": round(float(near.off_m[0]), 1)}
    return Reason("way_component", {"of": name, "street": _street(ways, int(near.edge[0])), **where})


def _street(ways: Ways, edge: int) -> str:
    """Name of the street of an edge, else its code."""
    street = ways.network.street[edge]
    return str(ways.network.name[street] or ways.network.code[street])

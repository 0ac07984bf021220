"""Heat along streets as an answer: stretches of streets of one class of heat."""

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.crs import shapes_to_wgs84
from gis_core.errors import InvalidInput
from gis_core.hotspots.answers_heat import points_of, weights
from gis_core.hotspots.asking import Answer, Asked, Given
from gis_core.hotspots.network_density import LIXEL_M, Lixels, network_heat
from gis_core.hotspots.surface import breaks_from
from gis_core.hotspots.telling import features
from gis_core.patrol.network import StreetNetwork

PER_LENGTH = "reports_per_km_day"


def along_streets(asked: Asked, given: Given) -> Answer:
    """Heat of reports per km per day along streets, where it is above the lowest class; none without reports.

    Returns
    -------
    Lines along a street: ``street`` (code), ``from_m`` and ``to_m`` (metres from its start), ``density``.

    Raises
    ------
    InvalidInput
        No network or places on it, or what :func:`~gis_core.hotspots.network_density.network_heat` refuses.
    """
    if given.network is None or given.edge is None or given.at_m is None:
        raise InvalidInput("hotspot_given", field="network")
    points = points_of(given)
    weight, days = weights(asked, points)
    counted = (given.edge >= 0) & (weight > 0)
    facts = {
        "counted": int(points.number[counted].sum()), "left_out": int(points.number[~counted].sum()),
        "bandwidth_m": float(asked.bandwidth_m), "halflife_days": asked.halflife_days, "unit": PER_LENGTH,
    }  # fmt: skip
    if not counted.any():
        none = {name: np.empty(0) for name in ("from_m", "to_m", "density")}
        empty = features({"street": np.empty(0, dtype=object), **none}, np.empty(0, dtype=object))
        return Answer(empty, {"breaks": list(asked.breaks), "peak": 0.0, "lixel_m": LIXEL_M, **facts})
    found = network_heat(
        given.network, given.edge[counted], given.at_m[counted], asked.bandwidth_m, days, weight[counted]
    )
    breaks = asked.breaks or breaks_from(found.density)
    columns, shapes = _stretches(given.network, found, breaks)
    told = {"breaks": list(breaks), "peak": float(found.density.max()), "lixel_m": LIXEL_M}
    return Answer(features(columns, shapes_to_wgs84(shapes, f"EPSG:{given.srid}")), told | facts)


def _stretches(
    network: StreetNetwork, found: Lixels, breaks: tuple[float, ...]
) -> tuple[dict[str, Objects | Floats], Objects]:
    """Lixels of one class that follow each other on a street, as one."""
    number = np.searchsorted(np.asarray(breaks), found.density, side="right")
    warm = np.flatnonzero(number > 0)
    edge, length_m = found.edge[warm], found.length_m[warm]
    of_edge = np.searchsorted(found.edge, np.arange(len(network.u)))
    low_m = (warm - of_edge[edge]) * length_m
    begins = _begins(network, warm, edge, number[warm])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(warm)) - 1 if len(first) else first
    street = network.street[edge[first]] if len(first) else np.empty(0, np.int64)
    metres = np.add.reduceat(length_m, first) if len(first) else np.empty(0)
    mean = np.add.reduceat(found.density[warm] * length_m, first) / metres if len(first) else np.empty(0)
    high_m = low_m[last] + length_m[last]
    columns = {
        "street": network.code[street], "from_m": network.from_m[edge[first]] + low_m[first],
        "to_m": network.from_m[edge[last]] + high_m, "density": mean,
    }  # fmt: skip
    return columns, stretch_lines(network, (edge[first], low_m[first]), (edge[last], high_m))


def _begins(network: StreetNetwork, lixel: Ints, edge: Ints, number: Ints) -> Bools:
    """Where another stretch begins: after a gap, in another class, or on another part of a street."""
    begins = np.ones(len(lixel), bool)
    other = (np.diff(network.street[edge]) != 0) | (np.diff(network.part[edge]) != 0)
    begins[1:] = (np.diff(lixel) != 1) | (np.diff(number) != 0) | other
    return begins


def stretch_lines(network: StreetNetwork, begin: tuple[Ints, Floats], end: tuple[Ints, Floats]) -> Objects:
    """Lines (metric CRS) along streets, each from a place to a later one: edges, and metres along them."""
    step = np.zeros(len(network.xy))
    step[1:] = np.hypot(*np.diff(network.xy, axis=0).T)
    along = np.cumsum(step)
    ends = [
        np.clip(along[network.begin[edge]] + at_m, along[network.begin[edge]], along[network.end[edge]])
        for edge, at_m in (begin, end)
    ]
    inner = [np.searchsorted(along, ends[0], side="right"), np.searchsorted(along, ends[1], side="left")]
    count = np.maximum(inner[1] - inner[0], 0)
    line = np.repeat(np.arange(len(count)), count)
    nth = inner[0][line] + np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    at = np.concatenate([ends[0], along[nth], ends[1]])
    of_line = np.concatenate([np.arange(len(count)), line, np.arange(len(count))])
    order = np.lexsort((np.repeat([0, 1, 2], [len(count), len(line), len(count)]), of_line))
    xy = np.column_stack([np.interp(at, along, network.xy[:, axis]) for axis in (0, 1)])
    return shapely.linestrings(xy[order], indices=of_line[order])

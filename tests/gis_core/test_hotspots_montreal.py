"""Heat along the streets of Montréal against the densities that spNetwork computed there."""

import itertools

import numpy as np
import pytest
import shapely

from gis_core.arrays import Floats, Objects
from gis_core.hotspots.network_density import network_heat
from gis_core.patrol.network import StreetNetwork
from tests.gis_core import rda
from tests.gis_core import truth_hotspots as truth

REACH_M, LIXEL_M, LEAST_M, ROUNDED_M, BEYOND_M = 300.0, 200.0, 50.0, 0.1, 400.0


def as_drawn(lines: Objects) -> StreetNetwork:
    """The lines as spNetwork joins them: at ends that are the same to a tenth of a metre, and nowhere else.

    What reaches a dead end leaves its network, and turns back in ours: so each goes on for longer than the kernel.
    """
    xy, count = shapely.get_coordinates(lines), shapely.get_num_coordinates(lines)
    end = np.cumsum(count) - 1
    begin = end - count + 1
    node_xy, node = np.unique(np.round(xy[np.append(begin, end)], 1), axis=0, return_inverse=True)
    u, v = node.reshape(2, -1)
    dead = np.flatnonzero(np.bincount(node.ravel()) == 1)
    outside = node_xy[dead] + 1e6
    first = len(xy) + 2 * np.arange(len(dead))
    size = len(lines) + len(dead)
    none, zero = np.full(size, None, dtype=object), np.zeros(size, np.int64)
    return StreetNetwork(
        code=np.arange(size).astype(str).astype(object), name=none, kind=none, width_m=np.full(size, np.nan),
        street=np.arange(size), part=zero, from_m=np.zeros(size), one_way=zero, srid=32618,
        to_m=np.append(shapely.length(lines), np.full(len(dead), BEYOND_M)),
        u=np.append(u, dead), v=np.append(v, len(node_xy) + np.arange(len(dead))),
        node_xy=np.concatenate([node_xy, outside]),
        xy=np.concatenate([xy, np.stack([node_xy[dead], outside], axis=1).reshape(-1, 2)]),
        begin=np.append(begin, first), end=np.append(end, first + 1),
    )  # fmt: skip


def middles(line: shapely.LineString) -> list[tuple[float, float]]:
    """Middles of pieces of 200 m, the last of which takes what is left if that is under 50 m."""
    cuts = [*np.arange(0.0, line.length, LIXEL_M), line.length]
    if len(cuts) > 2 and cuts[-1] - cuts[-2] <= LEAST_M:
        del cuts[-2]
    return [line.interpolate((one + two) / 2).coords[0] for one, two in itertools.pairwise(cuts)]


def along(network: StreetNetwork, lines: Objects, xy: Floats) -> tuple[np.ndarray, Floats]:
    """On which edge, and where on it, points lie."""
    edge = shapely.STRtree(lines).query_nearest(shapely.points(xy), all_matches=False)[1]
    return edge, shapely.line_locate_point(lines[edge], shapely.points(xy))


def test_montreal_is_that_of_spnetwork() -> None:
    """Accidents on 319 km of streets: the walk would go wrong at crossings that the star of the closed form has not."""
    folder = truth.reference("spnetwork/mtl_network.rda").parent
    shapes = rda.read(folder / "mtl_network.rda")["mtl_network"]["geom"].values
    lines = np.array([shapely.LineString(one.values.reshape(2, -1).T) for one in shapes], dtype=object)
    told = rda.read(folder / "results_vignette_nkde.rda")
    theirs, events = told["densities"], told["adapt_densities"]["events"]
    xy = np.array([one.values if isinstance(one, rda.Valued) else one for one in events["geometry"].values])
    network = as_drawn(lines)
    edge, at_m = along(network, lines, xy)
    length_m = network.length_m[edge]
    at_m = np.where(at_m < ROUNDED_M, 0.0, np.where(length_m - at_m < ROUNDED_M, length_m, at_m))
    heat = network_heat(network, edge, at_m, REACH_M, 1.0, events["weight"], lixel_m=1.0)
    samples = np.array([one for line in lines for one in middles(line)])
    place, where_m = along(network, lines, samples)
    first, count = np.searchsorted(heat.edge, place), np.bincount(heat.edge)[place]
    nth = np.minimum((where_m / heat.length_m[first]).astype(np.int64), count - 1)
    ours = heat.density[first + nth] / 1000 / REACH_M  # theirs are divided by the bandwidth once more
    assert len(samples) == len(theirs) == 3163 and events["weight"].sum() == 347
    warm = theirs > 1e-8
    ratio = ours[warm] / theirs[warm]
    assert np.median(ratio) == pytest.approx(1, abs=1e-4)
    assert (np.abs(ratio - 1) < 0.01).mean() > 0.86 and (np.abs(ratio - 1) < 0.05).mean() > 0.94
    assert np.abs(ours - theirs).sum() < 0.02 * theirs.sum()
    assert np.corrcoef(ours, theirs)[0, 1] > 0.994

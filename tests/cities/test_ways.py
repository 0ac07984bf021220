"""Shortest ways on streets of real cities, by both engines and by the checker."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gis_core.patrol.checking_ways import Streets
from gis_core.patrol.network import PROFILES, StreetNetwork
from gis_core.routing.matrices import Ways
from gis_core.routing.topology import order_of
from tests.cities.hot_taipei import Taipei
from tests.cities.hot_washington import Washington

CITIES: dict[str, Callable[[Path], StreetNetwork]] = {
    "washington": lambda cities: Washington(cities / "washington-dc").network,
    "taipei": lambda cities: Taipei(cities / "taipei").edges,
}


@pytest.mark.parametrize("city", sorted(CITIES))
def test_engines_and_checker_agree_on_real_streets(city: str, cities: Path) -> None:
    """What holds on streets that were drawn for tests would not on those that people drew."""
    network, random = CITIES[city](cities), np.random.default_rng(1)
    edge = random.integers(len(network.u), size=60)
    middle = (network.node_xy[network.u[edge]] + network.node_xy[network.v[edge]]) / 2
    xy = middle + random.normal(0.0, 15.0, (60, 2))
    closed, profile = random.integers(len(network.u), size=30), PROFILES["driving"]
    ways = Ways(network, profile, closed, order_of(network))
    spots = ways.spots(xy)
    matrix = ways.matrix(spots, spots)
    assert np.array_equal(matrix, Ways(network, profile, closed, engine="scipy").matrix(spots, spots))
    assert np.isfinite(matrix).mean() > 0.9
    streets = Streets(network, profile, closed.tolist())
    rows, columns = random.integers(60, size=(2, 150))
    for one, other, leg in zip(rows, columns, ways.paths(spots.take(rows), spots.take(columns)), strict=True):
        assert leg.length_m == matrix[one, other]
        begin, end = (streets.places((float(xy[row, 0]), float(xy[row, 1])))[0] for row in (one, other))
        if np.isfinite(leg.length_m) and len(begin) == len(end) == 1:
            assert list(streets.walked(begin, leg.edges.tolist(), end).values()) == [round(leg.length_m * 100)]
            assert streets.shortest(begin, end) == round(leg.length_m * 100)

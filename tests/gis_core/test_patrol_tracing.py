"""Metres that are painted where a way comes back to the edge it began on."""

from threading import Thread

import numpy as np
import pandas as pd
import pytest

from gis_core.patrol.matching import DRIVER, Matcher
from gis_core.patrol.network import build_network
from tests.gis_core import truth_patrol as truth

CORNER = np.array((truth.EAST_M, truth.NORTH_M))


def test_a_car_round_the_block_is_not_painted_backwards() -> None:
    """The metres that a van skipped would count as swept, and those it drove would not."""
    lines = {"a": [(0, 0), (300, 0)], "b": [(300, 0), (300, 90), (0, 90), (0, 0)]}
    network = build_network(truth.layer(lines, oneway=["yes", None]), truth.SRID)
    places = np.array([(200.0, 0.0), (250.0, 0.0), (100.0, 0.0), (120.0, 0.0)]) + CORNER
    found = Matcher(network, DRIVER).match(places, np.array([0.0, 5.0, 65.0, 67.0]), np.zeros(4, np.int64))
    assert list(found["edge"]) == [0, 1, 0] and set(found["chain"]) == {0}
    metres = found[["from_m", "to_m"]].to_numpy()
    assert metres == pytest.approx(np.array([(200, 300), (0, 480), (0, 120)]), abs=10)  # two deviations
    assert (np.diff(found["t_in"]) > 0).all()


def test_a_walk_over_the_seam_of_a_ring_is_one_walk() -> None:
    """Round a square, metres at the seam would be lost at every round, or the whole square proved by two steps."""
    lines = {"ring": [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]}
    network = build_network(truth.layer(lines), truth.SRID)
    assert network.u[0] == network.v[0]
    places = np.array([(0.0, y) for y in range(80, 0, -6)] + [(float(x), 0.0) for x in range(6, 80, 6)]) + CORNER
    t = np.arange(len(places)) * 5.0
    found = Matcher(network).match(places, t, np.zeros(len(t), np.int64), np.full(len(t), 4.0))
    assert set(found["chain"]) == {0}
    ring = found[found["edge"] == 0]
    assert ring[["from_m", "to_m"]].to_numpy() == pytest.approx(np.array([(320, 400), (0, 78)]), abs=6)


def test_a_matcher_that_two_threads_share_gives_each_its_own() -> None:
    """Two phones that send at the same second would be led through streets of each other's."""
    town, random = truth.crooked(3), np.random.default_rng(3)
    matcher = Matcher(build_network(town.streets(), truth.SRID))
    tracks = [truth.track(town, truth.walk(town, random, 40), random, 8.0, 5) for _ in range(16)]
    expected = [matcher.match(xy, t, np.zeros(len(t), np.int64)) for xy, t in tracks]
    shared, found = Matcher(matcher.network), dict[int, pd.DataFrame]()

    def work(numbers: range) -> None:
        for number in numbers:
            xy, t = tracks[number]
            found[number] = shared.match(xy, t, np.zeros(len(t), np.int64))

    threads = [Thread(target=work, args=(range(first, 16, 4),)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, one in enumerate(expected):
        pd.testing.assert_frame_equal(found[number], one)

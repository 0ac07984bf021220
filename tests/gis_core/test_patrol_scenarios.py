"""Whole shifts with planted truth, from the points that a phone sends to the lanes that were visited.

Lanes 8 and 25 m apart and those that are only crossed are in ``test_patrol_matching``.
"""

import numpy as np
import pandas as pd
import pytest

from gis_core.patrol.following import match_cleaned
from gis_core.patrol.matching import Matcher
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.tracks import clean_track
from tests.gis_core import truth_patrol as truth
from tests.gis_core.matched import by_length, network_of, visited


def found(network: StreetNetwork, xy: np.ndarray, t: np.ndarray) -> pd.DataFrame:
    """Passes of a shift, one point in 5 s."""
    points = clean_track(truth.frame(xy[::5], t[::5]), truth.SRID, truth.START_S + 86_400).points
    return match_cleaned(Matcher(network), points)


@pytest.mark.parametrize(("sigma_m", "more", "missed"), [(5.0, 0, 0), (10.0, 10, 3)])
def test_a_stop_of_twenty_minutes_visits_no_lane_but_its_own(sigma_m: float, more: int, missed: int) -> None:
    """A cup of tea would be a patrol of the quarter. Of 20 stops: so many lanes too many, and so many of 80 missed."""
    town, random = truth.lattice(25.0, 9, 5), np.random.default_rng(8)
    network, edge_of = network_of(town)
    way = [(column, 2) for column in range(1, 6)]
    true, wrong, visits = {edge_of[block] for block in truth.walked(way)}, 0, []
    for _ in range(20):
        places, _ = truth.paced(np.array([town.xy(corner) for corner in way]), random)
        half = len(places) // 2
        places = np.concatenate([places[:half], np.repeat(places[half : half + 1], 1200, axis=0), places[half:]])
        passes = found(network, truth.received(places, random, sigma_m), np.arange(len(places)) * 1.0)
        wrong += len(visited(network, passes) - true)
        share = (passes["to_m"] - passes["from_m"]).to_numpy() / network.length_m[passes["edge"]]
        visits += [int(((share >= 0.5) & (passes["edge"] == edge)).sum()) for edge in true]
    assert wrong <= more and set(visits) <= {0, 1} and visits.count(0) <= missed


@pytest.mark.parametrize(("apart_m", "least"), [(25.0, 0.97), (50.0, 0.995)])
def test_five_minutes_between_high_walls_are_borne(apart_m: float, least: float) -> None:
    """Reflections move all points by 15 m, to the middle between two lanes and beyond: another lane would be proved."""
    town, random = truth.lattice(apart_m, 9, 17), np.random.default_rng(31)
    network, edge_of = network_of(town)
    total = np.zeros(3)
    for _ in range(15):
        way = truth.walk(town, random, 30)
        places, t = truth.paced(np.array([town.xy(corner) for corner in way]), random)
        at, angle = int(random.integers(200, len(t) - 400)), random.uniform(0, 2 * np.pi)
        xy = truth.received(places, random, 5.0)
        xy[at : at + 300] += 15.0 * np.array([np.cos(angle), np.sin(angle)])
        total += by_length(
            network, visited(network, found(network, xy, t)), {edge_of[one] for one in truth.walked(way)}
        )
    assert total[0] / total[1] >= least and total[0] / total[2] >= least


@pytest.mark.parametrize("pace_m_s", [5.0, 9.0, 13.0])
def test_who_is_driven_along_the_main_road_has_not_walked_the_lane_beside_it(pace_m_s: float) -> None:
    """An inspector in a car, taken for one on foot, would have walked the lane 25 m beside."""
    town, random = truth.lattice(25.0, 9, 2), np.random.default_rng(7)
    network, edge_of = network_of(town)
    lane = {edge_of[block] for block in town.blocks("h") if block[0][1] == 1}
    for _ in range(10):
        places, t = truth.paced(np.array([town.xy((column, 0)) for column in range(9)]), random, pace_m_s)
        assert not visited(network, found(network, truth.received(places, random, 8.0), t)) & lane

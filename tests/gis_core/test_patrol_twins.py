"""Streets that are drawn twice, or that share a stretch."""

import numpy as np
import pandas as pd
import pytest

from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.exposure import spent, walked_by_carrier
from gis_core.patrol.matching import DRIVER, Matcher
from gis_core.patrol.network import DRIVING, StreetNetwork, build_network
from gis_core.patrol.status import neighbours, statuses
from tests.gis_core import truth_patrol as truth

CORNER = (truth.EAST_M, truth.NORTH_M)
CROSSED = {"west": [(0, -80), (0, 80)], "east": [(200, -80), (200, 80)]}


def walked(network: StreetNetwork, corners: list[tuple[float, float]]) -> pd.DataFrame:
    """What is matched of a walk with an error of 3 m."""
    random = np.random.default_rng(5)
    places, t = truth.paced(np.array(corners, float) + CORNER, random)
    xy, t = truth.received(places, random, 3.0)[::5], t[::5]
    return Matcher(network).match(xy, t, np.zeros(len(t), np.int64), np.full(len(t), 3.0))


@pytest.mark.parametrize("second", [[(0, 0), (200, 0)], [(200, 0.03), (0, 0.03)]])
def test_a_street_that_is_drawn_twice_is_walked_twice_and_surely(second: list[tuple[float, float]]) -> None:
    """Each of the two would be walked with a certainty of a half: neither ever surely."""
    network = build_network(truth.layer(CROSSED | {"a": [(0, 0), (200, 0)], "b": second}), truth.SRID)
    found = walked(network, [(0, -60), (0, 0), (200, 0), (200, 60)])
    codes = pd.Series(network.edges()["code"].to_numpy()[found["edge"]])
    for code in ("a", "b"):
        (own,) = found[(codes == code).to_numpy()].to_dict("records")
        assert own["confidence"] > 0.99
        assert (own["from_m"], own["to_m"]) == pytest.approx((0, 200), abs=0.1)
    coverage = PatrolLog(network, found).within(0, 86_400)
    called = statuses(coverage, neighbours(network, 3.0), np.ones(len(network.u), bool))
    assert set(called[np.isin(network.edges()["code"], ["a", "b"])]) == {"walked"}


def test_half_a_street_drawn_the_other_way_is_the_same_half() -> None:
    """Metres of the second drawing would be painted from its wrong end."""
    streets = {"west": CROSSED["west"], "a": [(0, 0), (200, 0)], "b": [(200, 0), (0, 0)]}
    network = build_network(truth.layer(streets), truth.SRID)
    found = walked(network, [(0, -60), (0, 0), (90, 0)])
    code = network.edges()["code"].to_numpy()[found["edge"]]
    (one,), (other,) = (found[code == name][["from_m", "to_m"]].to_numpy() for name in "ab")
    assert one == pytest.approx((0, 90), abs=12) and list(other) == pytest.approx([200 - one[1], 200 - one[0]])


def test_streets_that_share_a_stretch_are_both_walked_there() -> None:
    """A ring road that uses a street would leave both unproved where they are one."""
    streets = CROSSED | {"a": [(-100, 0), (300, 0)], "b": [(50, 90), (50, 0), (150, 0), (150, 90)]}
    network = build_network(truth.layer(streets), truth.SRID)
    found = walked(network, [(-90, 0), (290, 0)])
    edges = network.edges().loc[found["edge"]]
    assert (found["confidence"] > 0.95).all()
    assert set(edges["code"]) == {"a", "b"}
    (shared,) = edges[edges["code"] == "b"][["from_m", "to_m"]].to_numpy()
    assert list(shared) == pytest.approx([90, 190], abs=0.1)


def test_two_one_way_drawings_are_one_street_for_both_ways() -> None:
    """A car could not drive back, since only the first of the two is looked at."""
    streets = truth.layer({"a": [(0, 0), (200, 0)], "b": [(200, 0), (0, 0)]}, oneway=["yes", "yes"])
    network = build_network(streets, truth.SRID)
    assert list(network.twins.first) == [0, 0] and list(network.twins.against) == [False, True]
    graph = network.graph(DRIVING)
    assert list(graph.onward) == [True, False] and list(graph.back) == [True, False]
    x = np.append(np.arange(10, 190, 20.0), np.arange(170, 0, -20.0))
    xy, t = np.column_stack([x, np.zeros(len(x))]) + CORNER, np.arange(len(x)) * 5.0
    found = Matcher(network, DRIVER).match(xy, t, np.zeros(len(t), np.int64))
    assert set(found["edge"]) == {0, 1} and set(found["chain"]) == {0}


def test_a_bent_street_that_is_drawn_twice_is_not_cut_at_its_bends() -> None:
    """Segments would be a few metres long, and whoever looks in would have visited them."""
    bent = [(0.0, 0.0), (60.0, 5.0), (100.0, 40.0), (110.0, 90.0)]
    streets = {"a": bent, "b": bent[::-1], "c": [*bent[1:3], (180.0, 60.0)]}
    network = build_network(truth.layer(streets), truth.SRID)
    edges = network.edges().assign(first=network.twins.first)
    assert edges.groupby("code").size().to_dict() == {"a": 3, "b": 3, "c": 2}
    assert list(edges["first"]) == [0, 1, 2, 2, 1, 0, 1, 7]
    ring = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0)]
    network = build_network(truth.layer({"a": ring, "b": ring[::-1], "c": ring}), truth.SRID)
    assert list(network.twins.first) == [0, 0, 0] and list(network.twins.against) == [False, True, False]


def test_lanes_side_by_side_are_not_the_same() -> None:
    """Two ways round a flower bed would be one."""
    streets = {"a": [(0, 0), (100, 0)], "b": [(0, 0), (10, 3), (90, 3), (100, 0)]}
    assert list(build_network(truth.layer(streets), truth.SRID).twins.first) == [0, 1]


def test_one_walk_of_a_street_that_is_drawn_twice_is_one_walk() -> None:
    """Who walks where streets are drawn twice would have walked twice as far as anybody else, in twice the time."""
    network = build_network(truth.layer({"a": [(0, 0), (200, 0)], "b": [(200, 0), (0, 0)]}), truth.SRID)
    both = pd.DataFrame({"edge": [0, 1], "from_m": 0.0, "to_m": 200.0, "t_in": 0.0, "t_out": 180.0, "confidence": 1.0})
    log = PatrolLog(network, both)
    assert [float(one.sum()) for one in spent(log, 0, 86_400)] == pytest.approx([200, 180])
    for chosen in ([True, True], [False, True]):
        (own,) = walked_by_carrier(log, 0, 86_400, np.array(chosen)).to_dict("records")
        assert (own["patrol_m"], own["patrol_s"], own["visits"]) == pytest.approx((200, 180, 1))
        assert (own["covered_m"], own["segments"]) == pytest.approx((200, 1))
    assert list(log.within(0, 86_400).covered_m) == pytest.approx([200, 200])

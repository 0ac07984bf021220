"""Passes of one lane that a silence or a turn has torn apart."""

import numpy as np
import pandas as pd
import pytest

from gis_core.patrol.following import joined, match_cleaned
from gis_core.patrol.matching import INTERVALS, Matcher
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.patrol.tracks import clean_track
from tests.gis_core import truth_patrol as truth

CORNER = (truth.EAST_M, truth.NORTH_M)
LINES = {"west": [(0, -200), (0, 200)], "lane": [(0, 0), (400, 0)], "east": [(400, -200), (400, 200)]}


@pytest.fixture(scope="module")
def network() -> StreetNetwork:
    """A lane of 400 m between two streets."""
    return build_network(truth.layer(LINES), truth.SRID)


def lane(network: StreetNetwork, xy: np.ndarray, t: np.ndarray, sigma_m: float = 3.0) -> pd.DataFrame:
    """Passes of the lane that are found."""
    received = truth.received(xy + CORNER, np.random.default_rng(5), sigma_m)[::5]
    points = clean_track(truth.frame(received, t[::5]), truth.SRID, truth.START_S + 86_400).points
    found = match_cleaned(Matcher(network), points)
    return found[network.edges()["code"].to_numpy()[found["edge"]] == "lane"].reset_index(drop=True)


def walk(corners: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Places and seconds at 1.2 m/s."""
    return truth.paced(np.array(corners, float), np.random.default_rng(5))


@pytest.mark.parametrize(("unheard", "waits_s", "passes"), [
    ((170, 345), 0, 1), ((190, 210), 300, 1), ((100, 300), 900, 2), ((100, 300), 350, 2), ((395, 399), 0, 1),
])  # fmt: skip
def test_a_silence_that_is_walked_or_stood_through_does_not_break_a_visit(
    network: StreetNetwork, unheard: tuple[float, float], waits_s: float, passes: int
) -> None:
    """Between high walls a shift would have no visits; or who was elsewhere for a quarter of an hour would have
    walked what was not seen.
    """
    xy, t = walk([(0, -100), (0, 0), (400, 0), (400, 100)])
    in_lane = (xy[:, 1] == 0) & (xy[:, 0] > 0)
    heard = ~(in_lane & (xy[:, 0] > unheard[0]) & (xy[:, 0] < unheard[1]))
    t = t + waits_s * (in_lane & (xy[:, 0] >= unheard[1]) | (xy[:, 0] >= 399.9))
    found = lane(network, xy[heard], t[heard])
    assert len(found) == passes
    if passes == 1:
        assert found[["from_m", "to_m"]].to_numpy()[0] == pytest.approx((0, 400), abs=1)
    else:
        assert (found["to_m"] - found["from_m"]).sum() == pytest.approx(400 - (unheard[1] - unheard[0]), abs=25)


def test_who_comes_back_another_way_has_come_twice(network: StreetNetwork) -> None:
    """Two visits would be one."""
    xy, t = walk([(0, -100), (0, 0), (400, 0), (400, 100), (400, 0), (0, 0), (0, 100)])
    assert len(lane(network, xy, t)) == 2


@pytest.mark.parametrize("beyond_m", [-10, -4, 0, 4, 8])
def test_a_few_metres_do_not_decide_whether_the_way_back_is_a_visit(network: StreetNetwork, beyond_m: float) -> None:
    """Who turns at the corner would have one visit or two by chance."""
    far = [(400.0 + min(beyond_m, 0), 0.0), (400.0 + min(beyond_m, 0), max(beyond_m, 0.0))]
    xy, t = walk([(0, -100), (0, 0), *far, far[0], (0, 0), (0, 100)])
    assert len(lane(network, xy, t)) == 1


def passes(*rows: tuple[float, ...]) -> pd.DataFrame:
    """Passes as the matcher has them."""
    return pd.DataFrame(rows, columns=list(INTERVALS)).astype(dict.fromkeys(INTERVALS[:3], "int64"))


def test_what_is_joined_and_what_is_not() -> None:
    """Rounds of a square would be one, or a doubtful pass made sure."""
    for one, other, count in (
        ((0, 0, 3, 0, 50, 0, 60, 0.9), (1, 0, 3, 60, 99, 200, 250, 0.9), 1),  # stood
        ((0, 0, 3, 0, 50, 0, 60, 0.9), (0, 1, 3, 60, 99, 200, 250, 0.9), 1),  # a broken chain
        ((0, 0, 3, 50, 99, 0, 60, 0.9), (1, 0, 3, 0, 40, 200, 250, 0.9), 1),  # the other way
        ((0, 0, 3, 0, 50, 0, 60, 0.4), (1, 0, 3, 60, 99, 200, 250, 0.9), 2),  # unsure
        ((0, 0, 3, 0, 50, 0, 60, 0.9), (1, 0, 4, 60, 99, 200, 250, 0.9), 2),  # another lane
        ((0, 0, 3, 0, 50, 0, 60, 0.9), (1, 0, 3, 60, 99, 700, 750, 0.9), 2),  # too long
        ((0, 0, 3, 0, 50, 0, 60, 0.9), (1, 0, 3, 450, 499, 70, 90, 0.9), 2),  # faster than anybody walks
        ((0, 0, 3, 0, 50, 0, 60, 0.9), (0, 0, 3, 60, 99, 60, 90, 0.9), 2),  # the seam of a ring
    ):
        found = joined(passes(one, other), 3.0, 15.0)
        assert len(found) == count, (one, other)
        assert list(found) == list(INTERVALS)
    turned = passes((0, 0, 3, 0, 99, 0, 60, 0.5), (0, 0, 4, 0, 14, 60, 80, 0.9), (0, 0, 3, 40, 99, 80, 120, 0.9))
    assert joined(turned, 3.0, 15.0).to_numpy().tolist() == [
        [0, 0, 3, 0, 99, 0, 120, 0.9], [0, 0, 4, 0, 14, 60, 80, 0.9],
    ]  # fmt: skip
    pd.testing.assert_frame_equal(joined(turned, 3.0, 13.0), turned.astype(dict.fromkeys(INTERVALS[3:], float)))
    assert len(joined(passes(), 3.0, 15.0)) == 0

"""Passes that are kept by street and metre, on networks of other versions."""

import numpy as np
import pandas as pd
import pytest

from gis_core.patrol.matching import Matcher
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.patrol.passes import PASSES, intervals_of, passes_of
from tests.gis_core import truth_patrol as truth

Lines = dict[str, list[tuple[float, float]]]
OLD: Lines = {
    "a": [(0, 0), (200, 0)],
    "w": [(0, -50), (0, 50)],
    "x": [(80, -50), (80, 50)],
    "e": [(200, -50), (200, 50)],
}
WHOLE = [("a", 0.0, 80.0), ("a", 80.0, 200.0), ("x", 50.0, 100.0)]


def network(lines: Lines) -> StreetNetwork:
    """The network of such streets."""
    return build_network(truth.layer(lines), truth.SRID)


def passes(rows: list[tuple[str, float, float]]) -> pd.DataFrame:
    """A pass of a minute each."""
    frame = pd.DataFrame(rows, columns=list(PASSES[:3]))
    t = np.arange(len(rows)) * 60.0
    return frame.assign(t_in=t, t_out=t + 60, confidence=0.9, piece=0, carrier=7)


def told(built: StreetNetwork, rows: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Street, begin and end of what the passes are on a network, whole metres."""
    found = intervals_of(built, passes(rows))
    code, from_m = built.at(found["edge"].to_numpy(), found["from_m"].to_numpy())
    to_m = from_m + (found["to_m"] - found["from_m"])
    assert (found["from_m"] >= 0).all() and (found["to_m"] <= built.length_m[found["edge"]] + 1e-9).all()
    assert (found["t_in"] <= found["t_out"]).all() and set(found["carrier"]) <= {7}
    return list(zip(code, from_m.round(), to_m.round(), strict=True))


def test_on_the_same_network_passes_are_what_was_matched() -> None:
    """Every change of the streets would move what was walked."""
    town, random = truth.crooked(3), np.random.default_rng(3)
    built = build_network(town.streets(), truth.SRID)
    xy, t = truth.track(town, truth.walk(town, random, 30), random, 8.0, 5)
    found = Matcher(built).match(xy, t, np.zeros(len(t), np.int64))
    again = intervals_of(built, passes_of(built, found))
    real = found[found["to_m"] - found["from_m"] > 0.005].reset_index(drop=True)
    again = again[again["to_m"] - again["from_m"] > 0.005].reset_index(drop=True)
    pd.testing.assert_frame_equal(again[list(real.drop(columns="chain"))], real.drop(columns="chain"))


def test_a_new_crossing_divides_a_pass_and_its_time() -> None:
    """Of a lane that was walked whole one half would be blind after the next survey."""
    built = network(OLD | {"new": [(140, -50), (140, 50)]})
    assert told(built, WHOLE) == [("a", 0, 80), ("a", 80, 140), ("a", 140, 200), ("x", 50, 100)]
    found = intervals_of(built, passes(WHOLE))
    assert list(found["t_in"].round()) == [0, 60, 90, 120] and list(found["t_out"].round()) == [60, 90, 120, 180]


def test_a_crossing_that_is_gone_leaves_two_passes() -> None:
    """Metres beyond the crossing would be lost."""
    built = network({name: line for name, line in OLD.items() if name != "x"})
    assert told(built, WHOLE) == [("a", 0, 80), ("a", 80, 200)]


@pytest.mark.parametrize("moved_m", [-0.3, 0.3])
def test_a_crossing_that_moves_by_a_hand_makes_no_pass_of_the_next_lane(moved_m: float) -> None:
    """Every segment would be passed once more than it was, from either end."""
    built = network(OLD | {"x": [(80 + moved_m, -50), (80 + moved_m, 50)]})
    assert told(built, WHOLE) == [("a", 0, 80), ("a", 80, 200), ("x", 50, 100)]
    both = network(OLD | {"second": [(80 + moved_m, 0), (80 + moved_m, 50)]})
    assert told(both, WHOLE) == WHOLE


def test_a_street_that_is_split_keeps_what_its_code_has() -> None:
    """The second half has another code: its metres cannot be known, and must not be painted elsewhere."""
    built = network(OLD | {"a": [(0, 0), (80, 0)], "a2": [(80, 0), (200, 0)]})
    assert told(built, WHOLE) == [("a", 0, 80), ("x", 50, 100)]


def test_a_street_that_grows_shorter_or_longer_keeps_its_passes() -> None:
    """A vertex drawn anew would leave passes beyond the end of the street, which the log refuses."""
    longer = network(OLD | {"a": [(0, 0), (100, 9), (200, 0)]})
    assert [row[0] for row in told(longer, WHOLE)] == ["a", "a", "x", "x"]  # x crosses it 7 m on
    shorter = network(OLD | {"a": [(0, 0), (150, 0)]})
    assert told(shorter, WHOLE) == [("a", 0, 80), ("a", 80, 150), ("x", 50, 100)]


def test_who_stood_at_a_crossing_stood_there_once() -> None:
    """A place without a length would be a pass of both lanes."""
    assert len(told(network(OLD), [("a", 80.0, 80.0), ("a", 10.0, 10.0), ("a", 0.0, 0.0)])) == 3

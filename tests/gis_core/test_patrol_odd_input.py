"""Points, passes and columns as they should not be, and come nevertheless."""

import numpy as np
import pandas as pd
import pytest

from gis_core.errors import InvalidInput
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.matching import INTERVALS, Matcher
from gis_core.patrol.network import build_network
from gis_core.patrol.places import CELL_M, places_of
from gis_core.patrol.tracks import clean_track
from tests.gis_core import truth_patrol as truth

NOW_S = truth.START_S + 86_400


def test_no_points_are_no_passes() -> None:
    """An inspector who sent nothing would end the run of the whole city."""
    matcher = Matcher(build_network(truth.crooked(9, 5, 5).streets(), truth.SRID))
    found = matcher.match(np.empty((0, 2)), np.empty(0), np.empty(0, np.int64))
    assert len(found) == 0 and list(found) == list(INTERVALS)
    assert matcher.explains(np.empty((0, 2)), np.empty(0), np.empty(0, np.int64)) == 0.0


@pytest.mark.parametrize("fault", ["x", "y", "t", "both"])
def test_a_point_that_is_nowhere_does_not_spoil_the_rest(fault: str) -> None:
    """One point without a position would take the rest of the shift with it."""
    town, random = truth.crooked(3), np.random.default_rng(3)
    xy, t = truth.track(town, truth.walk(town, random, 15), random, 8.0, 5)
    matcher, piece = Matcher(build_network(town.streets(), truth.SRID)), np.zeros(len(t), np.int64)
    rest = np.arange(len(t)) != 20
    expected = matcher.match(xy[rest], t[rest], piece[rest])
    xy, t = xy.copy(), t.astype(float)
    xy[20, {"x": [0], "y": [1], "t": [], "both": [0, 1]}[fault]] = np.nan
    t[20] = np.nan if fault == "t" else t[20]
    pd.testing.assert_frame_equal(matcher.match(xy, t, piece), expected)
    unsure = np.full(len(t), matcher.mover.sigma_m)
    unsure[[5, 9]] = np.nan, 0.0
    pd.testing.assert_frame_equal(matcher.match(xy, t, piece, unsure), expected)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("edge", -1), ("edge", 10_000), ("edge", np.nan), ("t_in", np.nan), ("t_out", np.inf), ("t_out", -1.0),
        ("from_m", -0.5), ("from_m", np.nan), ("to_m", 1e6), ("to_m", -1.0), ("carrier", np.nan),
    ],
)  # fmt: skip
def test_passes_that_are_on_no_street_are_refused(column: str, value: float) -> None:
    """Metres of a street that is no longer drawn would be painted on whatever lies behind it in memory."""
    network = build_network(truth.crooked(9, 5, 5).streets(), truth.SRID)
    good = {"edge": 0, "from_m": 0.0, "to_m": network.length_m[0], "t_in": 5.0, "t_out": 9.0, "confidence": 1.0}
    passes = pd.DataFrame([good | {"carrier": 1}, good | {"carrier": 1, column: value}])
    with pytest.raises(InvalidInput) as refused:
        PatrolLog(network, passes)
    assert refused.value.params["row"] == 1 and column in refused.value.text("en")
    assert refused.value.text("zh") != refused.value.text("en")


def test_a_street_in_another_province_takes_no_room_and_is_found() -> None:
    """One mistyped coordinate would make every lattice cell a kilometre wide, or take gigabytes."""
    town, random = truth.crooked(3), np.random.default_rng(3)
    far = truth.layer(
        {"far": [(900_000.0, 400_000.0), (900_100.0, 400_000.0)]}, **{"name": ["far"], "class": ["branch"]}
    )
    alone, both = (build_network(streets, truth.SRID) for streets in (town.streets(), pd.concat([town.streets(), far])))
    assert places_of(both, 5.0).grid.cell == places_of(alone, 5.0).grid.cell == CELL_M
    assert len(places_of(both, 5.0).offset) < 5 * len(places_of(alone, 5.0).offset)
    xy, t = truth.track(town, truth.walk(town, random, 15), random, 8.0, 5)
    piece = np.zeros(len(t), np.int64)
    pd.testing.assert_frame_equal(Matcher(both).match(xy, t, piece), Matcher(alone).match(xy, t, piece))
    there = both.node_xy[both.u[-1]] + np.column_stack([np.arange(0, 100, 6.0), np.zeros(17)])
    found = Matcher(both).match(there, np.arange(17) * 5.0, np.zeros(17, np.int64))
    assert set(found["edge"]) == {len(both.u) - 1}


def test_an_accuracy_of_nothing_is_none() -> None:
    """A receiver that does not know its accuracy would be taken for the best of all, one that says -1 as well."""
    town, random = truth.crooked(1), np.random.default_rng(1)
    points = truth.frame(*truth.track(town, truth.walk(town, random, 10), random, 5.0, 5)).assign(accuracy_m=8.0)
    points.loc[[3, 5], "accuracy_m"] = -1.0, 0.0
    done = clean_track(points, truth.SRID, NOW_S)
    assert done.dropped == {"unreadable": 1} and done.reason[3] == "unreadable"
    assert list(done.points["row"][done.points["accuracy_m"].isna()]) == [5]

"""Comings and goings in any order, and positions that prove a stay."""

import datetime as dt
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Geometry
from shapely.geometry import Point, box

from gis_core.errors import InvalidInput
from gis_core.patrol.stays import LONGEST, Positions, Stay, check_positions, stays_with

Event = tuple[str, float]
LONGEST_S = LONGEST.total_seconds()
SHAPE = box(0, 0, 60, 40)


def stays(*events: Event) -> list[tuple[float, float | None]]:
    """What is made of events in the order in which they come, in seconds."""
    found: list[Stay] = []
    for event, at_s in events:
        found = stays_with(found, event, dt.datetime.fromtimestamp(at_s, dt.UTC))
    return [(begun.timestamp(), None if ended is None else ended.timestamp()) for begun, ended in found]


@given(
    st.lists(
        st.tuples(st.sampled_from(["arrive", "leave"]), st.sampled_from([0.0, 600.0, 1_200.0, 50_000.0])), max_size=5
    )
)
def test_the_order_does_not_matter_and_what_is_known_changes_nothing(events: list[Event]) -> None:
    """What a telephone sent late would be another stay than what it sent at once."""
    expected = stays(*events)
    for order in permutations(events):
        assert stays(*order) == expected
    assert stays(*events, *events) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("arrive", 0.0), ("leave", 600.0)], [(0.0, 600.0)]),
        ([("leave", 600.0)], [(600.0, 600.0)]),
        ([("arrive", 0.0), ("arrive", 300.0), ("leave", 600.0)], [(0.0, None), (300.0, 600.0)]),
        ([("arrive", 0.0), ("leave", 600.0), ("leave", 900.0)], [(0.0, 600.0), (900.0, 900.0)]),
        ([("arrive", 0.0), ("leave", LONGEST_S + 1.0)], [(0.0, None), (LONGEST_S + 1.0, LONGEST_S + 1.0)]),
        ([("arrive", 600.0), ("leave", 600.0)], [(600.0, 600.0)]),
    ],
)
def test_a_going_belongs_to_the_coming_before_it(
    events: list[Event], expected: list[tuple[float, float | None]]
) -> None:
    """Who forgot to leave yesterday would have been there all night."""
    assert stays(*events) == expected


def positions(*xy: tuple[float, float], every_s: float = 60.0, accuracy_m: float = 10.0) -> Positions:
    """Positions one after the other."""
    return Positions(
        every_s * np.arange(len(xy), dtype=np.float64), np.array(xy, dtype=float), np.full(len(xy), accuracy_m)
    )


def refused(told: Positions, shape: Geometry = SHAPE, ended_s: float | None = None) -> str | None:
    """Why positions prove nothing, ``None`` if they do."""
    try:
        check_positions(shape, told, 0.0, float(told.at_s[-1]) if ended_s is None else ended_s, 30.0)
    except InvalidInput as fault:
        return fault.key
    return None


def test_positions_prove_a_stay_or_not() -> None:
    """Who walked by in the street would have been inside, or who was inside not."""
    inside = [(30.0, 20.0)] * 6
    assert refused(positions(*inside)) is None
    assert refused(positions(*inside), Point(35, 20)) is None, "a place known by a point"
    assert refused(positions(*inside[:4], (30.0, 75.0), (30.0, 20.0))) is None, "one stray position of six"
    assert refused(positions((30.0, 69.9), *inside)) is None
    assert refused(positions((30.0, 70.1), *inside)) == refused(positions(*inside, (30.0, 70.1))) == "fence_outside"
    assert refused(positions(*inside[:3], (200.0, 0.0), (200.0, 0.0), *inside[:1])) == "fence_outside"
    assert refused(positions((30.0, 20.0), (float("inf"), 0.0), (30.0, 20.0))) == "fence_outside"
    assert refused(positions(*inside, accuracy_m=50.1)) == "fence_accuracy"
    assert refused(positions(*inside), ended_s=400.0) == "fence_gaps"
    assert refused(positions((30.0, 20.0), (30.0, 20.0), every_s=601.0)) == "fence_gaps"


def test_a_walk_along_the_street_proves_no_visit() -> None:
    """Street GPS cannot prove an indoor visit: whoever walks by is gone before a visit would have begun to count."""
    walk = [(x, -5.0) for x in np.arange(-400.0, 460.0, 12.0)]
    told = positions(*walk, every_s=10.0)
    assert refused(told) == "fence_outside"
    near = [(x, y) for x, y in walk if -28.0 <= x <= 88.0]
    assert refused(positions(*near, every_s=10.0)) is None and 10.0 * len(near) < 5 * 60, "too short to count"

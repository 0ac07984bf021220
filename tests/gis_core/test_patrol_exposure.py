"""Metres walked and seconds spent, against passes whose metres are known."""

import pytest
from hypothesis import given, settings

from gis_core.patrol.exposure import exposure_of
from tests.gis_core.test_patrol_report import BEGIN, DAY_S, TOWN, walked, walks


def test_time_is_split_where_grids_end() -> None:
    """Hot spots would be measured against hours that were spent in the next grid."""
    log = TOWN.log([TOWN.one("west", BEGIN + 60), TOWN.one("west", BEGIN + 600, carrier="wang")])
    found = exposure_of(log, TOWN.ground, BEGIN, BEGIN + DAY_S)
    grids = found.grids.set_index("grid")
    length_m = float(TOWN.network.length_m[TOWN.edges("west")[0]])
    assert grids["patrol_m"][["010101", "010102"]].tolist() == pytest.approx([1.2 * length_m, 0.8 * length_m], abs=10)
    assert grids["patrol_s"][["010101", "010102"]].tolist() == pytest.approx([120, 80], abs=4)
    lane = found.segments.iloc[TOWN.edges("west")[0]]
    assert lane.tolist() == pytest.approx([2 * length_m, 200])
    upper = exposure_of(log, TOWN.ground, BEGIN, BEGIN + DAY_S, level="community").grids
    assert upper["grid"].tolist() == ["0101", "0102"] and upper["patrol_s"].tolist() == pytest.approx([200, 0])


def test_who_stands_spends_time_and_no_metres() -> None:
    """Twenty minutes at one door would be no patrol at all, or be spread over the lane."""
    stands = TOWN.one("west", BEGIN, share=(0.9, 0.9), t_out=BEGIN + 1200)
    found = exposure_of(TOWN.log([stands]), TOWN.ground, BEGIN, BEGIN + DAY_S)
    assert found.grids.set_index("grid")["patrol_s"]["010102"] == 1200
    assert found.segments["patrol_s"].sum() == 1200 and found.segments["patrol_m"].sum() == 0


def test_what_is_not_sure_is_no_patrol() -> None:
    """The lane beside a busy one would have the patrol of its neighbour."""
    log = TOWN.log([TOWN.one("east", BEGIN, confidence=0.4), TOWN.one("north", BEGIN + DAY_S)])
    found = exposure_of(log, TOWN.ground, BEGIN, BEGIN + DAY_S)
    assert not found.segments.to_numpy().any() and not found.grids[["patrol_m", "patrol_s"]].to_numpy().any()


@settings(max_examples=60, deadline=None)
@given(walks)
def test_exposure_adds_up(rows: list[tuple[int, int, int, int, float, str]]) -> None:
    """Metres would be lost between days, or between pieces."""
    log = walked(rows)
    whole = exposure_of(log, TOWN.ground, BEGIN, BEGIN + 3 * DAY_S)
    days = [exposure_of(log, TOWN.ground, BEGIN + day * DAY_S, BEGIN + (day + 1) * DAY_S) for day in range(3)]
    assert sum(one.segments for one in days).to_numpy() == pytest.approx(whole.segments.to_numpy())
    # Walked by the same carrier at the same time on the same metres is walked once.
    distinct = {(row[0], *sorted(row[1:3]), *row[3:]) for row in rows if row[4] >= 0.5}
    length_m = TOWN.network.length_m
    assert whole.segments["patrol_m"].sum() == pytest.approx(
        sum(abs(row[2] - row[1]) / 10 * length_m[row[0]] for row in distinct), rel=1e-5, abs=0.01
    )
    assert whole.segments["patrol_s"].sum() == pytest.approx(70 * len(distinct))
    inside = TOWN.ground.pieces["grid"].notna().groupby(TOWN.ground.pieces["edge"]).all()
    assert whole.grids["patrol_s"].sum() >= whole.segments["patrol_s"][inside.to_numpy()].sum() - 1e-6

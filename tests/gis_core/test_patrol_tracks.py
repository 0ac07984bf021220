"""Cleaning of tracks: what goes, what stays, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from gis_core.crs import gcj02_to_bd09, wgs84_to_gcj02
from gis_core.errors import GisError, InvalidInput
from gis_core.patrol.datums import check_declared
from gis_core.patrol.matching import Matcher
from gis_core.patrol.network import build_network
from gis_core.patrol.tracks import IN_A_CAR, ON_FOOT, REASONS, Cleaned, Rules, clean_track
from tests.gis_core import truth_patrol as truth

NOW_S = truth.START_S + 86_400


def walk(seed: int = 1, sigma_m: float = 5.0, every_s: int = 5) -> pd.DataFrame:
    """A walk of 25 blocks as a phone sends it."""
    random = np.random.default_rng(seed)
    town = truth.crooked(seed)
    return truth.frame(*truth.track(town, truth.walk(town, random, 25), random, sigma_m, every_s))


def cleaned(points: pd.DataFrame) -> Cleaned:
    """The same, cleaned; every point that went has a reason, and no other has."""
    done = clean_track(points, truth.SRID, NOW_S)
    gone = [row for row, reason in enumerate(done.reason) if reason]
    assert sorted([*gone, *done.points["row"]]) == list(range(len(points)))
    assert set(done.dropped) <= set(REASONS)
    return done


def test_a_good_track_stays_whole() -> None:
    """Metres that were walked would be lost in the cleaning."""
    points = walk()
    assert cleaned(points).dropped == {}
    assert list(cleaned(points.iloc[::-1]).points["t"]) == list(cleaned(points).points["t"])


def test_each_fault_goes_with_its_reason() -> None:
    """One bad point would spoil a shift, or an inspector would not learn why metres are missing."""
    points = walk().assign(accuracy_m=8.0)
    points.loc[3, "accuracy_m"] = 90.0
    points.loc[7, "lon"] += 0.02  # two kilometres
    points.loc[11, "t"] += 10 * 86_400
    points.loc[13, "t"] = 1.0
    points.loc[15, "lat"] = np.nan
    points = pd.concat([points, points.iloc[[20]]], ignore_index=True)
    done = cleaned(points)
    assert done.dropped == {
        "inaccurate": 1,
        "teleporting": 1,
        "future": 1,
        "too_old": 1,
        "unreadable": 1,
        "duplicate": 1,
    }
    assert [done.reason[row] for row in (3, 7, 11, 13, 15)] == [
        "inaccurate", "teleporting", "future", "too_old", "unreadable",
    ]  # fmt: skip


@pytest.mark.parametrize("run", [1, 2, 5])
def test_outliers_go_and_not_what_follows(run: int) -> None:
    """A jump of the receiver would take the rest of the shift with it."""
    for at in (0, 30, len(walk()) - run):
        points = walk()
        points.loc[at : at + run - 1, "lat"] += 0.01
        assert cleaned(points).dropped == {"teleporting": run}


def test_who_really_is_elsewhere_is_believed() -> None:
    """A receiver switched on again across the city would be thrown away."""
    points = walk()
    points.loc[100:, "lat"] += 0.02
    done = cleaned(points)
    assert done.dropped == {}
    assert done.points["piece"].nunique() == 2


def test_ten_a_second_are_thinned() -> None:
    """A phone that writes ten points a second would cost fifty times as much and prove no more."""
    slow = walk(every_s=1)
    t = np.arange(0, len(slow) - 1, 0.1)
    fast = pd.DataFrame({name: np.interp(t, np.arange(len(slow)), slow[name]) for name in slow})
    done = cleaned(fast)
    assert set(done.dropped) == {"thinned"}
    assert len(done.points) == pytest.approx(len(slow) / 5, abs=2)


@pytest.mark.parametrize("jump_s", [0, 12, 40])
def test_ten_a_second_tell_what_one_a_second_tells(jump_s: int) -> None:
    """Twelve seconds of bad reception would be a walk elsewhere, but only for who has the better receiver."""
    seconds = walk(every_s=1)
    seconds.loc[300 : 300 + jump_s - 1, "lat"] += 0.01
    often = seconds.loc[np.repeat(seconds.index, 10)].reset_index(drop=True)
    often["t"] += np.tile(np.arange(10) / 10, len(seconds))
    often["lon"] += np.tile(np.arange(10) * 1e-8, len(seconds))
    one, ten = cleaned(seconds), cleaned(often)
    assert one.dropped.get("teleporting", 0) == ten.dropped.get("teleporting", 0) == jump_s // 5 + (jump_s % 5 > 0)
    assert one.points["piece"].nunique() == ten.points["piece"].nunique() == 1
    columns = ["t", "x", "y", "piece"]
    pd.testing.assert_frame_equal(one.points[columns], ten.points[columns])


@pytest.mark.parametrize(("rules", "stops"), [(ON_FOOT, 1), (IN_A_CAR, 0)])
def test_a_day_in_one_place_is_a_day_in_one_place(rules: Rules, stops: int) -> None:
    """A car that is parked all day, a point a second, would hold up the matching of the whole city."""
    random = np.random.default_rng(6)
    places = np.tile((truth.EAST_M, truth.NORTH_M), (86_400, 1)) + random.normal(0, 2, (86_400, 2))
    done = clean_track(truth.frame(places, np.arange(86_400.0)), truth.SRID, NOW_S + 60, rules)
    assert len(done.stops) == stops
    assert done.stops["dwell_s"].sum() == (86_395 if stops else 0)


def test_a_stop_of_twenty_minutes_is_one_place() -> None:
    """Jitter at a tea stall would be walked metres."""
    random = np.random.default_rng(4)
    corners = np.array([(0.0, 0.0), (300.0, 0.0)]) + (truth.EAST_M, truth.NORTH_M)
    places, _ = truth.paced(corners, random)
    places = np.concatenate([places, np.repeat(places[-1:], 1200, axis=0), places[::-1]])
    points = truth.frame(truth.received(places, random, 6.0)[::5], np.arange(len(places))[::5] * 1.0)
    done = cleaned(points)
    assert done.stops["dwell_s"].sum() == pytest.approx(1200, abs=90)
    assert done.points["piece"].nunique() == 1
    xy = done.points[["x", "y"]].to_numpy()
    assert np.hypot(*np.diff(xy, axis=0).T).sum() < 1100  # 600 walked, and what noise adds; with the stop 2,000


def test_a_long_silence_ends_a_piece() -> None:
    """Ten minutes without a signal would be walked in a straight line."""
    points = walk()
    points.loc[100:, "t"] += 600
    points = points.drop(index=range(95, 100))
    done = cleaned(points)
    assert done.points["piece"].nunique() == 2


@pytest.mark.parametrize(("rows", "key"), [(0, "track_empty"), (1, "track_too_short")])
def test_what_is_no_track_is_refused(rows: int, key: str) -> None:
    """An empty batch would be accepted and prove nothing."""
    with pytest.raises(InvalidInput) as refused:
        clean_track(walk()[:rows], truth.SRID, NOW_S)
    assert refused.value.key == key and refused.value.text("zh") != refused.value.text("en")


def test_a_clock_that_is_years_ahead_is_refused() -> None:
    """Freshness would lie in the future."""
    points = walk()
    with pytest.raises(InvalidInput, match="future"):
        clean_track(points.assign(t=points["t"] + 400 * 86_400), truth.SRID, NOW_S)


def declared(points: pd.DataFrame, matcher: Matcher) -> str | None:
    """What a batch is refused for, as the datum it is taken for."""
    try:
        done = clean_track(points, truth.SRID, NOW_S).points
    except GisError as refused:
        return refused.key
    given = points.iloc[done["row"]][["lon", "lat"]].reset_index(drop=True)
    try:
        check_declared(done[["t", "piece"]].join(given), matcher)
    except GisError as refused:
        return str(refused.params.get("datum", refused.key))
    return None


def refused(seed: int, count: int, blocks: tuple[int, int]) -> dict[str, int]:
    """How many of so many walks with an error of 10 m, mostly bias, are refused for what they are: none of those in
    WGS 84 may be.
    """
    town, random = truth.crooked(seed), np.random.default_rng(seed)
    matcher, found = Matcher(build_network(town.streets(), truth.SRID)), {"gcj02": 0, "bd09": 0}
    for _ in range(count):
        way = truth.walk(town, random, int(random.integers(*blocks)))
        points = truth.frame(*truth.track(town, way, random, 10.0, 5, varying=True))
        assert declared(points, matcher) is None
        gcj02 = wgs84_to_gcj02(points[["lon", "lat"]].to_numpy())
        for datum, shifted in (("gcj02", gcj02), ("bd09", gcj02_to_bd09(gcj02))):
            found[datum] += declared(points.assign(lon=shifted[:, 0], lat=shifted[:, 1]), matcher) == datum
    return found


@pytest.mark.parametrize("count", [8, pytest.param(100, marks=pytest.mark.full)])
def test_gcj02_declared_as_wgs84_is_refused_and_nothing_else(count: int) -> None:
    """Every metre would be put on a street five hundred metres away; or honest tracks would be refused."""
    assert refused(5, count, (30, 60)) == {"gcj02": count, "bd09": count}


@pytest.mark.full
def test_most_short_batches_are_told_too() -> None:
    """Of ten minutes in a regular town a few fit the streets in both readings: 97 of 100 are told, and no honest one
    is refused.
    """
    assert refused(5, 100, (8, 30))["gcj02"] >= 95


@pytest.mark.parametrize("moved", [(0.0, 2.0), (40.0, 0.0), (-150.0, -60.0), (-114.0, -90.0)])
def test_a_track_from_another_city_is_refused(moved: tuple[float, float]) -> None:
    """Somebody else's shift would count as one in which nothing was walked; or end the process, where its coordinates
    are infinite in the city's CRS.
    """
    matcher = Matcher(build_network(truth.crooked(5).streets(), truth.SRID))
    points = walk()
    points = points.assign(lon=points["lon"] + moved[0], lat=points["lat"] + moved[1])
    assert declared(points, matcher) in ("track_elsewhere", "track_too_short")

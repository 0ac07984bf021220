"""What was walked when, against the same told metre by metre."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, pdtr
from scipy.stats import poisson

from gis_core.errors import InvalidInput
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.duty import SEVEN_TO_NINE, TWELVE_HOURS, Duty, duty_windows
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.patrol.places import pieces_of
from gis_core.patrol.status import Neighbours, neighbours, statuses, visits_needed
from tests.gis_core import truth_patrol as truth

DAY_S = 86_400.0


def passes(network: StreetNetwork, seed: int, count: int) -> pd.DataFrame:
    """Passes of random stretches at random times within ten days, some of them unsure."""
    random = np.random.default_rng(seed)
    edge = random.integers(0, len(network.u), count)
    low, high = np.sort(random.choice([0, 0.2, 0.5, 0.7, 1.0], (count, 2)), axis=1).T
    offset, _ = pieces_of(network, 10.0)  # whole pieces, so that nothing depends on which half of one was passed
    low, high = (np.floor(share * np.diff(offset)[edge]) / np.diff(offset)[edge] for share in (low, high))
    t_in = random.uniform(0, 10 * DAY_S, count)
    return pd.DataFrame(
        {
            "edge": edge, "from_m": low * network.length_m[edge], "to_m": high * network.length_m[edge], "t_in": t_in,
            "t_out": t_in + 60, "confidence": random.choice([0.3, 0.9], count),
        }
    )  # fmt: skip


def told(network: StreetNetwork, intervals: pd.DataFrame, begin_s: float, end_s: float) -> pd.DataFrame:
    """The same, one segment and one piece after the other."""
    offset, piece_m = pieces_of(network, 10.0)
    rows = []
    long_s = (intervals["t_out"] - intervals["t_in"]) / (intervals["to_m"] - intervals["from_m"]).clip(lower=1e-9)
    intervals = intervals.assign(t_out=intervals["t_out"].clip(upper=end_s), long_s=long_s).sort_values("t_in")
    inside = intervals[(intervals["t_in"] >= begin_s) & (intervals["t_in"] < end_s)]
    lasting = intervals[(intervals["t_in"] < begin_s) & (intervals["t_out"] > begin_s)]
    lasting = lasting[lasting["confidence"] >= 0.5]
    for edge, length_m in enumerate(network.length_m):
        own = inside[inside["edge"] == edge]
        middles = (np.arange(offset[edge + 1] - offset[edge]) + 0.5) * piece_m[edge]
        last = [
            (own["t_in"] + (at - own["from_m"]) * own["long_s"])
            .clip(upper=end_s)[
                (own["confidence"] >= 0.5)
                & (own["from_m"] <= at + 1e-4)
                & (own["to_m"] >= at - 1e-4)
                & (own["to_m"] - own["from_m"] > 1)
            ]
            .max()
            for at in middles
        ]
        visits = own[(own["to_m"] - own["from_m"] >= length_m / 2 - 1e-3) & (own["confidence"] >= 0.5)]
        before = lasting[(lasting["edge"] == edge) & (lasting["to_m"] - lasting["from_m"] >= length_m / 2 - 1e-3)]
        ends = np.maximum.accumulate([max([begin_s, *before["t_out"]]), *visits["t_out"]])
        gaps = np.array([*visits["t_in"], end_s]) - ends
        ages = np.sort([np.inf if np.isnan(one) else end_s - one for one in last])
        age_s = ages[int(np.ceil(0.8 * len(ages))) - 1]
        rows.append((np.isfinite(last).sum() * piece_m[edge], len(visits), len(own), age_s, gaps.max()))
    return pd.DataFrame(rows, columns=["covered_m", "visits", "passes", "age_s", "gap_s"])


@pytest.fixture(scope="module")
def network() -> StreetNetwork:
    """A small town."""
    return build_network(truth.crooked(9, 5, 5).streets(), truth.SRID)


@pytest.mark.parametrize("window", [(0.0, 10.0), (3.0, 4.0), (2.5, 2.6), (20.0, 21.0)])
def test_windows_tell_what_was_passed_in_them(network: StreetNetwork, window: tuple[float, float]) -> None:
    """A lane would be shown as walked on a day on which nobody was there."""
    intervals = passes(network, 1, 400)
    begin_s, end_s = np.array(window) * DAY_S
    found, expected = PatrolLog(network, intervals).within(begin_s, end_s), told(network, intervals, begin_s, end_s)
    assert found.visits == pytest.approx(expected["visits"])
    assert found.passes == pytest.approx(expected["passes"])
    assert found.gap_s == pytest.approx(expected["gap_s"])
    assert found.covered_m == pytest.approx(expected["covered_m"])
    assert found.age_s == pytest.approx(expected["age_s"])


def test_the_same_passes_given_twice_count_once(network: StreetNetwork) -> None:
    """A batch sent twice by a phone would double the visits."""
    once = passes(network, 2, 300)
    twice = pd.concat([once, once]).sample(frac=1, random_state=1)
    one, two = (PatrolLog(network, some).within(0, 10 * DAY_S) for some in (once, twice))
    for name in ("covered_m", "visits", "passes", "age_s", "gap_s"):
        assert np.array_equal(getattr(one, name), getattr(two, name))


def test_two_people_side_by_side_are_two_passes(network: StreetNetwork) -> None:
    """Of two inspectors who walk together, with points at the same seconds, one would have walked nothing."""
    one = passes(network, 3, 1).assign(edge=0, from_m=0.0, to_m=network.length_m[0], confidence=1.0)
    both = pd.concat([one.assign(carrier=1), one.assign(carrier=2), one.assign(carrier=2)])
    assert PatrolLog(network, both).within(0, 10 * DAY_S).visits[0] == 2
    assert PatrolLog(network, pd.concat([one, one])).within(0, 10 * DAY_S).visits[0] == 1


def test_a_pass_over_midnight_leaves_no_gap_and_no_age_below_nothing(network: StreetNetwork) -> None:
    """Freshness would lie in the future, and who walks at midnight would be told of a gap he had filled."""
    night = passes(network, 3, 1).assign(
        edge=0, from_m=0.0, to_m=network.length_m[0], confidence=1.0, t_in=DAY_S - 600, t_out=DAY_S + 1800
    )
    log = PatrolLog(network, night)
    before, after = log.within(0, DAY_S), log.within(DAY_S, 2 * DAY_S)
    assert 0 <= before.age_s[0] < 600 and before.gap_s[0] == DAY_S - 600
    assert after.visits[0] == 0 and after.gap_s[0] == DAY_S - 1800
    assert log.within(DAY_S + 60, DAY_S + 120).gap_s[0] == 0


def test_what_is_hardly_certain_is_neither_fresh_nor_covered(network: StreetNetwork) -> None:
    """A lane would be as fresh as the last walk through the next one, by one pass in a hundred."""
    nearly = passes(network, 3, 3).assign(
        edge=[0, 1, 2], from_m=0.0, to_m=network.length_m[:3], confidence=[0.01, 0.3, 0.9]
    )
    found = PatrolLog(network, nearly).within(0, 10 * DAY_S)
    assert list(np.isfinite(found.age_s[:3])) == [False, False, True]
    assert list(found.share[:3].round(6)) == [0, 0, 1] and list(found.likely_share[:3].round(6)) == [0, 1, 1]
    called = statuses(found, neighbours(network, 1.0), np.ones(len(network.u), bool))
    assert list(called[:3]) == ["blind", "probable", "walked"]


def test_pieces_add_up_to_their_segments(network: StreetNetwork) -> None:
    """A lane through two grids would have other metres in the grids than on the lane."""
    log = PatrolLog(network, passes(network, 6, 200))
    pieces, found = log.pieces(), log.within(0, 10 * DAY_S)
    walked_m = pieces["length_m"].where(found.last_s > -np.inf, 0.0).groupby(pieces["edge"]).sum()
    assert walked_m.to_numpy() == pytest.approx(found.covered_m)
    assert pieces.groupby("edge")["length_m"].sum().to_numpy() == pytest.approx(network.length_m)


def test_windows_are_half_open(network: StreetNetwork) -> None:
    """A visit at midnight would count on both days, or on neither."""
    one = passes(network, 3, 1).assign(from_m=0.0, to_m=network.length_m[0], edge=0, t_in=DAY_S, confidence=1.0)
    log = PatrolLog(network, one)
    assert log.within(0, DAY_S).visits.sum() == 0
    assert log.within(DAY_S, 2 * DAY_S).visits.sum() == 1


def test_a_half_walked_segment_is_not_fresh(network: StreetNetwork) -> None:
    """Whoever looks into a lane would make it fresh."""
    half = passes(network, 4, 1).assign(edge=0, from_m=0.0, to_m=network.length_m[0] * 0.6, confidence=1.0)
    found = PatrolLog(network, half).within(0, 10 * DAY_S)
    assert found.visits[0] == 1 and found.share[0] == pytest.approx(0.6, abs=0.1) and found.age_s[0] == np.inf


def test_no_track_is_no_data_and_not_blind(network: StreetNetwork) -> None:
    """An inspector whose phone was off would be told to have missed every lane."""
    nothing = PatrolLog(network, passes(network, 5, 0)).within(0, DAY_S)
    heard = np.arange(len(network.u)) % 2 == 0
    called = statuses(nothing, neighbours(network, 10.0), heard)
    assert set(called[heard]) == {"blind"} and set(called[~heard]) == {"no_data"}


def test_one_visit_proves_a_lane_apart_and_not_one_beside_a_busy_one() -> None:
    """A lane beside a well-walked one would sooner or later be shown as walked by bad reception alone."""
    town = truth.lattice(25.0, 4, 4)
    network = build_network(town.streets(), truth.SRID)
    lane = {town.where(block)[:2]: block for block in town.blocks("h")}
    edges = network.edges()
    number = {
        (code, round(at)): edge for edge, (code, at) in enumerate(zip(edges["code"], edges["from_m"], strict=True))
    }
    assert len(lane) == 12
    busy, beside, apart = number["h1", 100], number["h2", 100], number["h3", 0]
    visits = [busy] * 20 + [beside, apart]
    log = pd.DataFrame({"edge": visits, "t_in": np.arange(len(visits)) * 600.0}).assign(
        t_out=lambda frame: frame["t_in"] + 80, from_m=0.0, to_m=100.0, confidence=0.9
    )
    coverage = PatrolLog(network, log).within(0, DAY_S)
    near = neighbours(network, 10.0)
    called = statuses(coverage, near, np.ones(len(network.u), bool))
    assert [called[edge] for edge in (busy, beside, apart)] == ["walked", "probable", "walked"]
    assert visits_needed(coverage, neighbours(network, 5.0))[beside] == 1


def test_a_lane_beside_a_street_that_is_cut_in_pieces_is_as_doubtful() -> None:
    """Side alleys cut the busy street, but not the lane: by bad reception alone the lane would be shown as walked."""
    alleys = {f"alley {at}": [(at, -40), (at, 0)] for at in (22, 48, 77)}
    streets = {"busy": [(0, 0), (100, 0)], "lane": [(0, 15), (100, 15)]} | alleys
    built = build_network(truth.layer(streets), truth.SRID)
    codes = built.edges()["code"].to_numpy()
    parts, lane = np.flatnonzero(codes == "busy"), int(np.flatnonzero(codes == "lane")[0])
    assert len(parts) == 4
    log = pd.DataFrame({"edge": [*np.tile(parts, 40), lane], "t_in": np.arange(161) * 100.0})
    log = log.assign(t_out=log["t_in"] + 80, from_m=0.0, to_m=built.length_m[log["edge"]], confidence=0.9)
    coverage, near = PatrolLog(built, log).within(0, DAY_S), neighbours(built, 10.0)
    assert statuses(coverage, near, np.ones(len(built.u), bool))[lane] == "probable"
    whole = ndtr(-15 / 14.5) * 40
    assert visits_needed(coverage, near)[lane] == pytest.approx(poisson.ppf(0.95, whole) + 1, abs=1)


def test_what_is_needed_beside_the_busiest_streets_is_the_bound_of_poisson(network: StreetNetwork) -> None:
    """Statuses of a city would take a quarter of a minute where a few streets are passed thousands of times."""
    random = np.random.default_rng(1)
    visits = random.integers(0, 20_000, len(network.u))
    nothing = PatrolLog(network, passes(network, 5, 0)).within(0, DAY_S)
    edge = np.arange(len(network.u))
    near = Neighbours(edge, np.roll(edge, 1), random.uniform(0, 0.3, len(edge)))
    needed, expected = visits_needed(replace(nothing, visits=visits), near), near.rate * visits[near.other]
    assert (pdtr(needed - 1, expected) >= 0.95).all()
    more = needed > 1
    assert (pdtr(needed[more] - 2, expected[more]) < 0.95).all()
    assert (visits_needed(nothing, near) == 1).all()


def test_duty_windows_are_local_and_end_where_they_end() -> None:
    """Twelve hours would be counted where fourteen are due, or a night shift would lose its second half."""
    days = [dt.date(2026, 7, 1), dt.date(2026, 7, 2)]
    for duties, hours in ((TWELVE_HOURS, 12), (SEVEN_TO_NINE, 14)):
        windows = duty_windows(duties, days, "Asia/Shanghai")
        assert list((windows["end_s"] - windows["begin_s"]) / 3600) == [hours, hours]
        assert windows["begin_s"][0] == dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC).timestamp()
    night = duty_windows([Duty("backstreet", "22:00", "06:00")], days[:1], "Asia/Shanghai")
    assert sorted((night["end_s"] - night["begin_s"]) / 3600) == [2, 6]
    assert night["end_s"][0] == night["begin_s"][1] and set(night["day"]) == {days[0]}
    with pytest.raises(InvalidInput):
        duty_windows([Duty("*", "7 Uhr", "19:00")], days, "Asia/Shanghai")


def test_duties_in_no_zone_and_hours_that_there_are_not() -> None:
    """A mistyped zone would end the process; in the night of the leap a duty would end before it begins."""
    for zone in ("Asia/Nowhere", "../etc", ""):
        with pytest.raises(InvalidInput) as refused:
            duty_windows(TWELVE_HOURS, [dt.date(2026, 7, 1)], zone)
        assert refused.value.key == "duty_zone" and refused.value.text("zh") != refused.value.text("en")
    leap = duty_windows([Duty("*", "02:30", "03:00")], [dt.date(2026, 3, 28), dt.date(2026, 3, 29)], "Europe/Berlin")
    assert list(leap["day"]) == [dt.date(2026, 3, 28)]


def test_there_and_back_is_one_visit(network: StreetNetwork) -> None:
    """Whoever looks into a lane to its middle and turns would have visited it twice."""
    length_m = network.length_m[0]
    there = {"edge": 0, "from_m": 0.0, "to_m": 0.6 * length_m, "t_in": 0.0, "t_out": 40.0, "confidence": 1.0}

    def visits(**back: float) -> int:
        rows = pd.DataFrame([there, there | {"t_in": 40.0, "t_out": 80.0} | back])
        return int(PatrolLog(network, rows).within(0, DAY_S).visits[0])

    assert visits() == 1
    assert visits(t_in=100.0, t_out=140.0) == 1
    assert visits(t_in=101.0, t_out=140.0) == 2
    assert visits(edge=1, to_m=0.1) == 1
    rows = pd.DataFrame([there | {"carrier": 1}, there | {"t_in": 40.0, "t_out": 80.0, "carrier": 2}])
    assert PatrolLog(network, rows).within(0, DAY_S).visits[0] == 2


@pytest.mark.parametrize("day", [1, 4])
def test_there_and_back_over_midnight_is_one_visit(network: StreetNetwork, day: int) -> None:
    """At eight in the morning, when a day begins in UTC, whoever turns in a lane would have visited it twice."""
    length_m = network.length_m[0]
    there = {"edge": 0, "from_m": 0.0, "to_m": 0.6 * length_m, "t_in": day * DAY_S - 50, "t_out": day * DAY_S - 10}
    back = there | {"t_in": day * DAY_S + 10, "t_out": day * DAY_S + 50}
    late = there | {"t_in": day * DAY_S + 51, "t_out": day * DAY_S + 90}

    def passed(*rows: dict[str, float], carrier: str = "li") -> pd.DataFrame:
        return pd.DataFrame([{"edge": 1, "from_m": 0.0, "to_m": 1.0, "t_in": 9.0, "t_out": 9.0}, *rows]).assign(
            confidence=1.0, carrier=carrier
        )

    def visits(log: PatrolLog) -> int:
        return int(log.within(0, 10 * DAY_S).visits[0])

    both = PatrolLog(network, passed(there, back))
    assert visits(both) == 1 and visits(PatrolLog(network, passed(there, late))) == 2
    assert visits(PatrolLog(network, pd.concat([passed(there), passed(back, carrier="wang")]))) == 2
    assert visits(PatrolLog(network, passed(there, back | {"edge": 2}))) == 1
    grown = PatrolLog(network, passed(back))
    stale = pd.DataFrame({"carrier": ["li"], "begin_s": (day - 1) * DAY_S, "end_s": day * DAY_S})
    assert visits(grown) == 1 and visits(grown.with_passes(passed(there), stale)) == 1, "who comes later is known"
    assert visits(both.with_passes(passed(), stale)) == 1 and visits(both) == 1, "as if it were built of all"
    parts = [both.within(0, day * DAY_S), both.within(day * DAY_S, 10 * DAY_S)]
    assert [int(one.visits[0]) for one in parts] == [1, 0], "a visit is of the window in which it begins"
    assert parts[1].gap_s[0] == pytest.approx((10 - day) * DAY_S - 50), "and ends with who comes back"


def test_a_stop_makes_only_what_is_walked_at_its_end_fresh(network: StreetNetwork) -> None:
    """A lane would be as fresh as the moment in which whoever sat in it for twenty minutes left it."""
    edge = int(np.argmax(network.length_m))
    stop = pd.DataFrame([{"edge": edge, "from_m": 0.0, "to_m": network.length_m[edge], "t_in": 0.0, "t_out": 1260.0}])
    stop = stop.assign(confidence=1.0)
    found = PatrolLog(network, stop).within(0, 2000)
    assert 2000 - 0.3 * 1260 < found.age_s[edge] < 2000  # four fifths were walked after a fifth of the time
    own = found.last_s[np.isfinite(found.last_s)]
    assert (np.diff(own) > 0).all() and own[0] < 1260 / 10 and own[-1] > 1260 * 9 / 10
    # A second walk without a stop makes all of it as fresh as that one.
    walk = stop.assign(t_in=1300.0, t_out=1360.0)
    assert PatrolLog(network, pd.concat([stop, walk])).within(0, 2000).age_s[edge] < 700


def test_days_that_come_anew_leave_a_log_as_if_it_were_built_of_all(network: StreetNetwork) -> None:
    """After a day was matched again, coverage would depend on which process answers."""
    random = np.random.default_rng(7)
    old = passes(network, 11, 600).assign(carrier=random.choice(["li", "wang", "zhao"], 600))
    new = passes(network, 12, 200).assign(carrier=random.choice(["wang", "zhou"], 200))
    new = new[(new["t_in"] >= 2.4 * DAY_S) & (new["t_in"] < 3.4 * DAY_S)]
    stale = pd.DataFrame({"carrier": ["wang", "zhou"], "begin_s": 2.4 * DAY_S, "end_s": 3.4 * DAY_S})
    log = PatrolLog(network, old)
    before = log.within(0, 10 * DAY_S)
    grown = log.with_passes(new, stale)
    left = ~((old["carrier"] == "wang") & (old["t_in"] >= 2.4 * DAY_S) & (old["t_in"] < 3.4 * DAY_S))
    built = PatrolLog(network, pd.concat([old[left], new]))
    for window in ((0.0, 10.0), (2.0, 3.0), (3.1, 3.9), (5.0, 6.0)):
        for carriers in (None, ["wang"], ["zhou", "li"]):
            one, two = (each.within(window[0] * DAY_S, window[1] * DAY_S, carriers) for each in (grown, built))
            for name in ("covered_m", "visits", "passes", "age_s", "gap_s", "visited_s", "last_s"):
                assert np.array_equal(getattr(one, name), getattr(two, name))
    assert log.within(0, 10 * DAY_S) is before  # and the log before is as it was
    assert np.array_equal(PatrolLog(network, old).within(0, 10 * DAY_S).last_s, before.last_s)
    again = grown.with_passes(new, stale)
    assert np.array_equal(again.within(0, 10 * DAY_S).visits, grown.within(0, 10 * DAY_S).visits)
    later = grown.since(3.5 * DAY_S)
    assert later.begin_s == 3 * DAY_S and grown.begin_s == 0
    assert np.array_equal(later.within(3 * DAY_S, 10 * DAY_S).visits, grown.within(3 * DAY_S, 10 * DAY_S).visits)
    nobody = grown.with_passes(new.iloc[:0], stale.assign(carrier="nobody"))
    assert np.array_equal(nobody.within(0, 10 * DAY_S).visits, grown.within(0, 10 * DAY_S).visits)

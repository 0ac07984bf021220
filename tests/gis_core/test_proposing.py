"""What is proposed of lanes, places, issues and hot spots, and why; what is drawn; what recurs."""

import datetime as dt
import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gis_core.errors import InvalidInput
from gis_core.patrol.checker import check
from gis_core.patrol.duty import Duty
from gis_core.planning import worth
from gis_core.planning.asking import Asked
from gis_core.planning.choosing import limited
from gis_core.planning.drawing import draw
from gis_core.planning.proposing import (
    asked_places,
    hotspots,
    issues,
    joined,
    lanes,
    spread,
    surveyed,
    visits,
    windows_of,
)
from gis_core.planning.recurring import Recurring, alone, plan_showcase, showcase
from gis_core.planning.tasks import Break, Patroller, Reason, Stop
from gis_core.texts import TEXTS
from tests.gis_core.planned import place, random_day, town, ways_of

H = 3_600
DAY = dt.date(2026, 7, 1)
ASKED = Asked(day=DAY)
DUTIES = (Duty("*", "07:00", "21:00"), Duty("night", "22:00", "06:00"))
STATUS = ("walked", "walked", "probable", "blind", "no_data", "walked")
AGE_H = (24.0, 144.0, 192.0, np.nan, np.nan, np.nan)
TOWN = town(6)


def segments(**changed: object) -> pd.DataFrame:
    """Six segments of a hundred metres, one of each kind."""
    columns = {
        "street": [f"L{at}" for at in range(6)], "name": ["甲巷", None, "丙巷", "丁巷", "戊巷", "己巷"],
        "class": "backstreet", "from_m": 0.0, "to_m": 100.0, "length_m": 100.0,
        "grid": ["g1", "g1", "g2", "g2", None, "g1"], "edge": range(6), "wide": False, "status": STATUS, "age_h": AGE_H,
    }  # fmt: skip
    return pd.DataFrame({**columns, **changed})


def places(**changed: object) -> pd.DataFrame:
    """A market that four bodies are to visit today, of which nobody has come."""
    columns = {
        "place": ["M1"], "name": ["集市"], "type": ["market"], "x": [0.0], "y": [0.0], "area": ["g1"], "state": ["due"],
        "period": ["day"], "done": [0], "required": [4], "today": [4], "spacing_s": [H], "dwell_s": [300],
        "after_s": [0], "came": [frozenset()], "bodies_required": [4],
    }  # fmt: skip
    return pd.DataFrame({**columns, **{name: [value] for name, value in changed.items()}})


def keys(reasons: tuple[Reason, ...]) -> list[str]:
    """Their keys; every reason can be said in both languages."""
    for reason in reasons:
        for locale in ("zh", "en"):
            assert "?" not in TEXTS.say(reason.key, locale, **reason.params), reason
        json.dumps(dict(reason.params), allow_nan=False)
    return [reason.key for reason in reasons]


def test_lanes_are_worth_what_they_are_late() -> None:
    """A lane of yesterday would be walked before one that nobody has seen for a week."""
    found = lanes(segments(), 7, DUTIES)
    assert [lane.street for lane in found] == ["L1", "L2", "L3", "L4", "L5"]
    assert [keys(lane.reasons)[0] for lane in found] == [
        "lane_age",
        "lane_unwalked",
        "lane_blind",
        "lane_no_data",
        "lane_part",
    ]
    prize = {lane.street: lane.prize for lane in found}
    assert prize["L3"] > prize["L4"] > prize["L2"] > prize["L1"] > prize["L5"] > 0
    assert {lane.windows for lane in found} == {((7 * H, 21 * H),)}
    assert not any(lane.must for lane in found)


def test_what_was_not_walked_for_so_long_must_be() -> None:
    found = lanes(segments(), 7, DUTIES, must_days=10)
    assert [lane.street for lane in found if lane.must] == ["L3", "L4"]


def test_sides_of_wide_streets_are_worth_two_walks() -> None:
    narrow, wide = lanes(segments(), 7, DUTIES), lanes(segments(wide=True), 7, DUTIES)
    assert all(one.both_sides and one.prize == 2 * other.prize for one, other in zip(wide, narrow, strict=True))
    assert "lane_sides" in keys(wide[0].reasons)


def test_nights_are_windows_of_the_evening_and_of_the_morning() -> None:
    """Who goes out at five would be told that the night is over."""
    assert windows_of(DUTIES, "night") == ((0, 6 * H), (22 * H, 30 * H))
    assert windows_of(DUTIES, "other") == ((7 * H, 21 * H),)
    assert windows_of([], "other") == ()


def test_surveys_are_drawn_from_a_seed_among_all_lanes() -> None:
    """Who is surveyed could tell from the freshness of a lane that nobody comes."""
    found, asked = lanes(segments(), 7, DUTIES), replace(ASKED, surveys=3)
    drawn = surveyed(found, segments(), asked, DUTIES)
    turned = surveyed(found, segments().iloc[::-1], asked, DUTIES)
    assert sorted(drawn, key=str) == sorted(turned, key=str)
    chosen = [lane for lane in drawn if lane.kind == "survey"]
    assert len(chosen) == 3 and len({lane.code for lane in drawn}) == len(drawn)
    assert all(keys(lane.reasons)[0] == "survey_drawn" and lane.prize >= worth.SURVEY for lane in chosen)
    ever = {
        lane.street
        for seed in range(1, 40)
        for lane in surveyed(found, segments(), replace(asked, seed=seed), DUTIES)
        if lane.kind == "survey"
    }
    assert ever == {f"L{at}" for at in range(6)}
    assert len(surveyed([], segments(), replace(asked, surveys=100), DUTIES)) == 6


def test_issues_are_worth_their_age_their_category_and_their_return() -> None:
    frame = pd.DataFrame({
        "code": ["1", "2", "3", "4"], "category": ["0101", "0101", "0901", "0101"], "title": "暴露垃圾", "x": 0.0,
        "y": 0.0, "area": ["g1", None, "g1", "g1"], "days": [1.0, 1.0, 1.0, 500.0],
        "returned": [False, True, False, False],
    })  # fmt: skip
    found = issues(frame, replace(ASKED, weights={"09": 2.0, "0902": 9.0}))
    first, again, heavy, old = (stop.prize for stop in found)
    assert again == first * worth.ISSUE_RETURNED and heavy == 2 * first and old == worth.ISSUE_MOST
    assert keys(found[1].reasons) == ["issue_open", "issue_returned"] and found[1].area is None


def test_a_market_is_visited_four_times_by_four_bodies_an_hour_apart() -> None:
    """Four visits at once, or by one body, count as one."""
    stops, left = visits(places(), (8 * H, 17 * H), ["A", "B", "C", "D", "E"])
    assert not left and len(stops) == 4
    assert len({stop.skills for stop in stops}) == 4 and all(len(stop.skills) == 1 for stop in stops)
    for before, after in pairwise(stop.windows[0] for stop in stops):
        assert after[0] - before[1] >= H
    assert stops[0].windows[0][0] == 8 * H and stops[-1].windows[0][1] + 300 <= 17 * H
    assert stops[0].service_s == 300 and stops[0].place == "M1"
    assert keys(stops[0].reasons) == ["quota_left_day", "quota_body"]


def test_of_bodies_that_have_come_none_is_sent_again() -> None:
    came = frozenset({"A", "B"})
    stops, left = visits(places(came=came, done=2, today=2), (8 * H, 17 * H), ["A", "B", "C", "D"])
    assert {skill for stop in stops for skill in stop.skills} == {"body:C", "body:D"} and not left


def test_visits_without_a_body_or_without_time_are_left_and_told() -> None:
    stops, left = visits(places(), (8 * H, 17 * H), ["A", "B"])
    assert {skill for stop in stops for skill in stop.skills} == {"body:A", "body:B"}
    assert [keys((one.reason,))[0] for one in left] == ["proposal_bodies"] * 2
    stops, left = visits(places(bodies_required=0, after_s=15 * H), (8 * H, 17 * H), ["A"])
    assert len(stops) == 2 and [keys((one.reason,))[0] for one in left] == ["proposal_spacing"] * 2
    assert not any(stop.skills for stop in stops)


@example(24_571, 3, 5, 0)
@example(0, 3_601, 3, 1_800)
@given(st.integers(0, 90_000), st.integers(-100, 90_000), st.integers(0, 9), st.integers(0, 20_000))
def test_windows_are_as_far_apart_as_is_asked(begin: int, long: int, count: int, apart: int) -> None:
    found = spread((begin, begin + long), count, apart)
    assert len(found) == (0 if long < 0 else min(count, 1 + long // apart) if apart else count)
    assert all(begin <= one <= other <= begin + long for one, other in found)
    assert all(after[0] - before[1] >= apart for before, after in pairwise(found))


def test_hot_spots_raise_what_lies_in_them() -> None:
    units = pd.DataFrame({
        "code": ["g1", "g9"], "name": ["一格", "九格"], "count": 12, "expected": 3.25, "sure": [99, 90], "days": 28,
        "x": [1.0, np.nan], "y": [2.0, np.nan],
    })  # fmt: skip
    stops, hot = hotspots(units)
    assert [stop.code for stop in stops] == ["hotspot:g1"] and set(hot) == {"g1", "g9"}
    before = lanes(segments(), 7, DUTIES)
    after = worth.raised(before, hot)
    for one, other in zip(before, after, strict=True):
        raised = one.area == "g1"
        assert (other.prize > one.prize) == raised and ("hotspot" in keys(other.reasons)) == raised


def test_what_a_task_is_worth_is_said_in_points_and_minutes() -> None:
    told = worth.told(lanes(segments(), 7, DUTIES, must_days=10))
    assert all(keys(lane.reasons)[-1] == ("worth_must" if lane.must else "worth") for lane in told)
    assert all(lane.prize == int(lane.prize) >= 1 for lane in told)
    assert worth.told([replace(told[0], prize=10_000.0)])[0].prize == worth.MOST


def test_a_place_that_is_visited_anyway_is_not_visited_once_more() -> None:
    row = pd.DataFrame({"place": ["M1", "M2"], "name": "", "x": 0.0, "y": 0.0, "area": "g1"})
    drawn = asked_places(row, {code: Reason("place_asked") for code in row["place"]})
    stops, _ = visits(places(), (8 * H, 17 * H), ["A", "B", "C", "D"])
    found = joined(drawn, stops)
    assert [stop.code for stop in found] == ["place:M2", *(f"place:M1:{nth}" for nth in range(1, 5))]
    assert keys(found[1].reasons)[0] == "place_asked" and found[1].prize == max(worth.DRAWN, stops[0].prize)


def test_the_worthiest_are_kept_for_everybody() -> None:
    """One rich grid would leave the inspectors of all others without a task."""
    day = random_day(TOWN, people=4, stops=80, lanes=20)
    short, left = limited(day, 5)
    assert {task.code for task in short.tasks} | {one.code for one in left} == {task.code for task in day.tasks}
    assert not {task.code for task in short.tasks} & {one.code for one in left}
    assert all(task.code in {one.code for one in short.tasks} for task in day.tasks if task.must and any(
        day.fits(task, who) for who in day.patrollers))  # fmt: skip
    for who in day.patrollers:
        own = [task for task in day.tasks if day.fits(task, who)]
        assert sum(task in short.tasks for task in own) >= min(5, len(own))
    assert {keys((one.reason,))[0] for one in left} <= {"proposal_most", "proposal_nobody"}


def test_draws_are_drawn_again_by_their_seed() -> None:
    """A draw that cannot be repeated cannot be defended."""
    rows = pd.DataFrame({"code": [f"p{at}" for at in range(12)], "type": ["market"] * 8 + ["park"] * 4})
    found = draw(rows, {"park": 2, "market": 3, "zoo": 1, "hotel": 0}, 7)
    assert found == draw(rows.sample(frac=1, random_state=1), {"market": 3, "park": 2, "zoo": 1, "hotel": 0}, 7)
    assert {kind: len(set(codes)) for kind, codes in found.codes.items()} == {
        "market": 3,
        "park": 2,
        "zoo": 0,
        "hotel": 0,
    }
    assert found.missing == ("zoo",) and found.short == ()
    more = draw(rows, {"park": 9}, 7)
    assert more.short == ("park",) and more.codes["park"][:2] == found.codes["park"]
    drawn = np.array(
        [[code in draw(rows, {"market": 3}, seed).codes["market"] for code in rows["code"][:8]] for seed in range(400)]
    )
    assert np.abs(drawn.mean(axis=0) - 3 / 8).max() < 0.1
    with pytest.raises(InvalidInput):
        draw(rows, {"park": -1}, 7)


def test_what_recurs_is_asked_on_its_days() -> None:
    every = Recurring(
        asked=ASKED, weekdays=frozenset({0, 4}), dates=frozenset({dt.date(2026, 7, 4)}),
        without=frozenset({dt.date(2026, 7, 6)}), until=dt.date(2026, 7, 13),
    )  # fmt: skip
    days = [DAY + dt.timedelta(days=n) for n in range(-7, 21)]
    assert [day.day for day in days if every.on(day)] == [3, 4, 10, 13]
    assert every.on(dt.date(2026, 7, 3)) == replace(ASKED, day=dt.date(2026, 7, 3))
    with pytest.raises(InvalidInput):
        Recurring(asked=ASKED, weekdays=frozenset({7}))


@pytest.mark.parametrize("wrong", [{"kinds": ("walk",)}, {"surveys": -1}, {"must_days": 0}, {"draw": {"park": -1}}])
def test_what_cannot_be_asked_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as fault:
        Asked(day=DAY, **wrong)  # type: ignore[arg-type]
    assert all(fault.value.text(locale) for locale in ("zh", "en"))


def test_a_showcase_route_is_walked_as_it_is_written() -> None:
    """A route sorted by distance would end with the car park, and begin with the finale."""
    ends = [(700.0, 700.0), (0.0, 0.0), (700.0, 0.0), (0.0, 0.0)]
    stops = [Stop(code=f"s{at}", kind="place", x=place(x, y)[0], y=place(x, y)[1]) for at, (x, y) in enumerate(ends)]
    who = Patroller(code="guide", start=place(10, 0), breaks=(Break(1_800, 11 * H, 13 * H),), areas=frozenset({"g00"}))
    day = alone(random_day(TOWN), who, showcase("一号线", stops))
    plan = plan_showcase(day, ways_of(TOWN, day))
    assert not check(day, plan, TOWN) and not plan.dropped
    assert [step.code for step in plan.routes[0].steps if step.code] == [stop.code for stop in day.stops]
    assert all(stop.must and keys(stop.reasons) == ["showcase_place"] for stop in day.stops)


def test_a_showcase_route_that_cannot_be_kept_is_refused() -> None:
    stop = Stop(code="s", kind="place", name="广场", x=place(0, 0)[0], y=place(0, 0)[1], windows=((7 * H, 7 * H + 60),))
    day = alone(random_day(TOWN), Patroller(code="guide", start=place(700, 700)), showcase("一号线", [stop]))
    with pytest.raises(InvalidInput) as fault:
        plan_showcase(day, ways_of(TOWN, day))
    assert "广场" in fault.value.text("zh")
    with pytest.raises(InvalidInput):
        plan_showcase(replace(day, patrollers=()), {})

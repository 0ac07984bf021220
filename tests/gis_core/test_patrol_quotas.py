"""Quotas of visits: what counts, and when the next visit is due."""

import datetime as dt
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_core.patrol.counting import Visit, reasons_of
from gis_core.patrol.duty import Duty
from gis_core.patrol.quotas import duty_of, history, judge, period_of, why_not
from gis_core.patrol.rules import PatrolRules, Quota

SHANGHAI = ZoneInfo("Asia/Shanghai")
FOUR = Quota(type="market", visits=4, bodies=4)
DUTY = Duty("*", "07:00", "21:00")
PLACES = pd.DataFrame({"code": ["M1"], "name": ["东市场"], "type": ["market"]})
END_S = 86_400.0


def at(time: str, day: str = "2026-06-10", zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    """A local time."""
    return dt.datetime.fromisoformat(f"{day} {time}").replace(tzinfo=zone)


def stays(*said: tuple[dt.datetime, float | None, str | None], place: str = "M1") -> pd.DataFrame:
    """Check-ins: when, for how many minutes, by whom."""
    rows = [
        (place, body, begun, None if stay is None else begun + dt.timedelta(minutes=stay)) for begun, stay, body in said
    ]
    frame = pd.DataFrame(rows, columns=["place", "body", "arrived_at", "left_at"])
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in ("arrived_at", "left_at")})


def row(check_ins: pd.DataFrame, now: dt.datetime, quota: Quota = FOUR, **more: object) -> dict[str, object]:
    """How the market stands."""
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    (found,) = judge([quota], PLACES, check_ins, now, zone, **{"duty": DUTY, **more}).to_dict("records")  # type: ignore[arg-type]
    return found


def best(quota: Quota, visits: list[Visit]) -> int:
    """The most visits that can count, by trying every choice."""
    ended = [one for one in visits if one.left_s is not None and one.left_s - one.arrived_s >= 60 * quota.dwell_min]
    fit = sorted(ended, key=lambda one: one.arrived_s)
    most = 0
    for count in range(1, min(quota.visits, len(fit)) + 1):
        for some in combinations(fit, count):
            apart = all(b.arrived_s - a.arrived_s >= 60 * quota.spacing_min for a, b in pairwise(some))
            if apart and count - len({one.body for one in some}) <= quota.visits - quota.bodies:
                most = count
    return most


VISITS = st.lists(
    st.builds(
        lambda hour, stay, body: Visit(1_800.0 * hour, None if stay is None else 1_800.0 * hour + 60 * stay, body),
        st.integers(0, 47), st.sampled_from([None, 2, 5, 30]), st.sampled_from(["A", "B", "C", "D", None]),
    ),
    max_size=9,
)  # fmt: skip
QUOTAS = st.integers(1, 5).flatmap(
    lambda visits: st.builds(
        Quota, type=st.just("market"), visits=st.just(visits), bodies=st.integers(1, visits),
        spacing_min=st.sampled_from([0, 30, 60, 120]),
    )
)  # fmt: skip


def done(quota: Quota, visits: list[Visit]) -> int:
    """How many count."""
    return reasons_of(quota, visits, 0.0, END_S, END_S).count(None)


@given(QUOTAS, VISITS)
def test_as_many_count_as_can(quota: Quota, visits: list[Visit]) -> None:
    """A market would be called missed that was visited as often as it should."""
    assert done(quota, visits) == best(quota, visits)


@given(QUOTAS, VISITS, st.randoms())
def test_the_order_of_arrival_does_not_matter(quota: Quota, visits: list[Visit], chance: object) -> None:
    """A telephone that was offline would change what counts."""
    shuffled = list(visits)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        sorted(str((visit, why)) for visit, why in zip(some, reasons_of(quota, some, 0.0, END_S, END_S), strict=True))
        for some in (visits, shuffled)
    )
    assert one == other


@given(QUOTAS, VISITS, VISITS)
def test_one_more_check_in_never_lowers_what_is_done(quota: Quota, visits: list[Visit], more: list[Visit]) -> None:
    """Somebody could undo another's visit by coming a little before."""
    assert done(quota, visits + more) >= done(quota, visits)


def test_an_early_visit_does_not_push_out_a_better_choice() -> None:
    """Taken in order of time alone, A at 9:30 would shut out B at 10, and one body would be left."""
    told = stays((at("09:30"), 10, "A"), (at("10:00"), 10, "B"), (at("11:00"), 10, "A"))
    assert row(told, at("12:00"))["bodies"] == 2
    assert why_not(FOUR, told, at("12:00"), SHANGHAI, dt.date(2026, 6, 10)) == ["soon", None, None]


def test_four_visits_by_three_bodies_lack_one() -> None:
    """Twice the same unit would pass for two."""
    told = stays(*((at(f"{hour:02}:00"), 10, body) for hour, body in ((8, "A"), (10, "B"), (12, "A"), (14, "C"))))
    found = row(told, at("15:00"))
    assert (found["done"], found["bodies"], found["required"]) == (3, 3, 4)
    reasons = why_not(FOUR, told, at("15:00"), SHANGHAI, dt.date(2026, 6, 10))
    assert reasons == [None, None, "body", None]
    assert row(stays((at("08:00"), 10, None), (at("10:00"), 10, None)), at("12:00"))["bodies"] == 1, (
        "who belongs to none"
    )
    by_two = Quota(type="market", visits=4, bodies=3)
    assert row(told, at("15:00"), by_two)["state"] == "done"


def test_why_a_check_in_does_not_count() -> None:
    """An inspector would not know what to do better."""
    told = stays(
        (at("08:00"), 4.9, "A"), (at("09:00"), None, "A"), (at("10:00"), 5, "A"), (at("10:59"), 5, "B"),
        (at("23:58", "2026-06-09"), 60, "C"), (at("11:55"), 10, "B"), (at("12:00", "2026-06-11"), 5, "D"),
    )  # fmt: skip
    reasons = why_not(FOUR, told, at("12:00"), SHANGHAI, dt.date(2026, 6, 10))
    assert reasons == ["short", "open", None, "soon", "outside", "open", "outside"]
    assert why_not(FOUR, told, at("12:05"), SHANGHAI, dt.date(2026, 6, 10))[5] is None
    once = Quota(type="market", spacing_min=0)
    assert why_not(once, stays((at("08:00"), 5, "A"), (at("08:00"), 5, "B")), at("12:00"), SHANGHAI,
                   dt.date(2026, 6, 10)) == [None, "enough"]  # fmt: skip


def test_visits_are_due_over_the_hours_of_duty() -> None:
    """Every market would be overdue at midnight, or none before the day is over."""
    none = stays()
    found = row(none, at("06:00"))
    assert (found["state"], found["next_due"], found["last_at"]) == ("on_time", at("10:30"), pd.NaT)
    assert [row(none, at(time))["state"] for time in ("08:44", "08:45", "10:29", "10:30")] == [
        "on_time", "due", "due", "overdue"
    ]  # fmt: skip
    once = stays((at("10:00"), 10, "A"))
    assert row(once, at("10:20"))["next_due"] == at("14:20"), "ten hours from 11:00 on, for three"
    assert row(once, at("14:20"))["state"] == "overdue"
    assert row(none, at("20:59"))["state"] == "overdue"
    assert row(none, at("21:00"))["state"] == "missed", "four an hour apart do not fit before midnight any more"
    assert row(none, at("21:00"))["next_due"] == at("10:30", "2026-06-11")
    late = stays(*((at(f"{hour:02}:00"), 10, body) for hour, body in ((8, "A"), (12, "B"), (20, "C"))))
    found = row(late, at("20:30"))
    assert (found["state"], found["next_due"]) == ("on_time", at("21:00")), "as soon as may be"


def test_a_day_begins_at_local_midnight_and_ends_before_the_next() -> None:
    """A visit at midnight would count for two days, or for none."""
    once = Quota(type="market", spacing_min=0)
    told = stays((at("00:00"), 5, "A"), (at("00:00", "2026-06-11"), 5, "A"))
    for day, expected in (("2026-06-09", 0), ("2026-06-10", 1), ("2026-06-11", 1), ("2026-06-12", 0)):
        found = row(told, at("00:00", "2026-06-13"), once, day=dt.date.fromisoformat(day))
        assert found["done"] == expected, day
    passed = row(told, at("00:00", "2026-06-13"), once, day=dt.date(2026, 6, 9))
    assert passed["state"] == "missed"


@pytest.mark.parametrize(
    ("period", "day", "expected"),
    [
        ("day", "2024-02-29", ("2024-02-29", "2024-03-01")),
        ("week", "2026-06-10", ("2026-06-08", "2026-06-15")),
        ("week", "2026-06-08", ("2026-06-08", "2026-06-15")),
        ("week", "2027-01-03", ("2026-12-28", "2027-01-04")),
        ("month", "2024-02-29", ("2024-02-01", "2024-03-01")),
        ("month", "2025-02-28", ("2025-02-01", "2025-03-01")),
        ("month", "2026-12-31", ("2026-12-01", "2027-01-01")),
    ],
)
def test_periods_by_the_calendar(period: str, day: str, expected: tuple[str, str]) -> None:
    assert period_of(period, dt.date.fromisoformat(day)) == tuple(map(dt.date.fromisoformat, expected))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_days_on_which_the_clocks_change(day: str, hours: int) -> None:
    """An hour of the day would be nobody's, or the next day's."""
    berlin = ZoneInfo("Europe/Berlin")
    first = at("00:00", day, berlin).astimezone(dt.UTC)
    last = first + dt.timedelta(hours=hours, minutes=-1)
    once = Quota(type="market", visits=2, spacing_min=0, dwell_min=0)
    told = stays((first, 0, "A"), (last, 0, "A"), (last + dt.timedelta(minutes=1), 0, "A"))
    now = (last + dt.timedelta(minutes=5)).astimezone(berlin)
    assert row(told, now, once, day=dt.date.fromisoformat(day))["done"] == 2
    night = Duty("*", "00:00", "24:00")
    due = row(stays(), first.astimezone(berlin), once, duty=night)["next_due"]
    assert due == first + dt.timedelta(hours=hours / 2)


def test_weeks_months_and_duty_over_midnight() -> None:
    """A weekly visit would be overdue on Monday morning."""
    weekly = Quota(type="market", period="week")
    assert row(stays(), at("12:00", "2026-06-08"), weekly)["next_due"] == at("21:00", "2026-06-14")
    assert row(stays((at("09:00", "2026-06-08"), 5, "A")), at("12:00"), weekly)["next_due"] == at("21:00", "2026-06-21")
    monthly = Quota(type="market", period="month", visits=2)
    assert row(stays(), at("12:00", "2026-06-30"), monthly)["state"] == "overdue"
    night = Duty("*", "22:00", "06:00")
    assert row(stays(), at("00:10"), FOUR, duty=night)["next_due"] == at("02:00"), "six hours now, two at the end"


def test_instants_are_whole() -> None:
    """An instant between two microseconds could not be told."""
    begun = at("08:00") + dt.timedelta(microseconds=123_457)
    found = row(stays((begun, 10, "A")), at("08:30"), Quota(type="market", visits=8))
    due, last = found["next_due"], found["last_at"]
    assert isinstance(due, pd.Timestamp) and isinstance(last, pd.Timestamp)
    assert last.to_pydatetime() == begun and due.to_pydatetime().microsecond == 0


def test_history_tells_each_period() -> None:
    """A manager could not tell a bad day from a bad month."""
    rounds = ((8, "A"), (10, "B"), (12, "C"), (14, "D"))
    days = {"2026-06-08": rounds, "2026-06-09": rounds[:3]}
    told = stays(*((at(f"{hour:02}:00", day), 10, body) for day, some in days.items() for hour, body in some))
    found = history([FOUR], PLACES, told, at("12:00"), SHANGHAI, 3, duty=DUTY)
    assert found["begins"].tolist() == [dt.date(2026, 6, day) for day in (8, 9, 10)]
    assert found["done"].tolist() == [4, 3, 0] and found["state"].tolist() == ["done", "missed", "overdue"]
    assert not len(history([], PLACES, told, at("12:00"), SHANGHAI, 3))


def test_only_places_of_types_with_a_quota() -> None:
    """A park would be overdue for ever."""
    places = pd.concat([PLACES, pd.DataFrame({"code": ["P1"], "name": ["公园"], "type": ["park"]})])
    found = judge([FOUR], places, stays(), at("12:00"), SHANGHAI)
    assert found["place"].tolist() == ["M1"]
    assert not len(judge([], places, stays(), at("12:00"), SHANGHAI))
    assert duty_of(PatrolRules(duty={"backstreet": "07:00-19:00"})).end == "24:00" and duty_of(PatrolRules()) == DUTY


def test_many_bodies_and_visits_are_counted_in_no_time() -> None:
    """Somebody could stop the server by visits."""
    monthly = Quota(type="market", period="month", visits=30, bodies=25, spacing_min=60)
    visits = [Visit(1_800.0 * n, 1_800.0 * n + 600, f"B{n * 7 % 30}") for n in range(400)]
    assert reasons_of(monthly, visits, 0.0, 30 * END_S, 30 * END_S).count(None) == 30

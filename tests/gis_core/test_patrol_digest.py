"""A day of patrol in figures, against passes whose metres are known."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest

from gis_core.patrol.digest import digest, window_of
from gis_core.patrol.rules import PatrolRules
from tests.gis_core import patrolled

DAY = dt.date(2026, 7, 2)
TOWN = patrolled.town()


def at(day: int, hour: int) -> float:
    """A moment of July 2026 by the city's clock."""
    return dt.datetime(2026, 7, day, hour, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()


def test_a_day_is_told_in_figures_that_json_can_hold() -> None:
    """The morning's digest could not be sent, or would praise the day for what was walked the day before."""
    length_m = {name: float(TOWN.network.length_m[TOWN.edges(name)].sum()) for name in ("east", "north", "west", "far")}
    log = TOWN.log(
        [
            TOWN.one("east", at(2, 8)), TOWN.one("west", at(2, 9), carrier="wang"), TOWN.one("east", at(1, 8)),
            TOWN.one("north", at(1, 1)), TOWN.one("main", at(2, 10)),
        ]
    )  # fmt: skip
    quotas = [{"required": 4, "done": 5, "state": "done"}, {"required": 4, "done": 1, "state": "missed"}]
    found = digest(TOWN.ground, log, TOWN.near, DAY, quotas)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    own = found["totals"]
    assert own["walked_m"] == pytest.approx(length_m["east"] + length_m["west"])
    assert own["no_data_m"] == pytest.approx(length_m["far"])
    assert own["due_m"] == pytest.approx(sum(own[f"{one}_m"] for one in ("walked", "probable", "blind", "no_data")))
    assert own["people"] == 2 and own["visits"] == 2
    assert found["against"]["day_before"]["day"] == "2026-07-01"
    change = found["against"]["day_before"]["change"]
    assert change["walked_m"] == pytest.approx(length_m["west"] - length_m["north"]) and change["people"] == 1
    assert found["against"]["week_before"] is None, "nobody passed anything"
    assert [one["code"] for one in found["grids"]][:1] == ["010104"]  # three quarters of the border lane
    late = found["unwalked"]
    assert {one["street"] for one in late["worst"]} == {"border", "far"} and late["lanes"] == 2
    assert late["segments"] == len(late["worst"]) == 3
    parts = late["by_status"]
    assert {one: part["segments"] for one, part in parts.items()} == {"probable": 0, "blind": 2, "no_data": 1}
    assert parts["no_data"]["metres"] == pytest.approx(length_m["far"])
    assert sum(part["metres"] for part in parts.values()) == pytest.approx(late["metres"])
    assert found["longest_gap"]["street"] == "west"
    assert found["quotas"] == {"places": 2, "required": 8, "done": 5, "met": 1}


def test_a_day_without_anything_is_told_as_well() -> None:
    """There would be no digest on the day on which it is needed most."""
    found = digest(TOWN.ground, TOWN.log([]), TOWN.near, DAY)
    assert found["totals"]["share"] == 0 and found["longest_gap"] is None and found["grids"] == []
    assert found["totals"]["no_data_m"] == found["totals"]["due_m"] and found["unwalked"]["lanes"] == 5
    idle = patrolled.town(PatrolRules(classes=("alley",)))
    empty = digest(idle.ground, idle.log([]), idle.near, DAY)
    assert empty["totals"]["share"] is None and empty["unwalked"]["segments"] == 0
    assert json.loads(json.dumps(empty, allow_nan=False)) == empty


def test_a_day_that_is_running_ends_now() -> None:
    """In the morning all lanes would have gone without a visit since, and the day be worse than the one before."""
    log = TOWN.log([TOWN.one("east", at(2, 8)), TOWN.one("east", at(1, 8)), TOWN.one("west", at(2, 10))])
    found = digest(TOWN.ground, log, TOWN.near, DAY, now_s=at(2, 9))
    assert found["running"] and found["against"]["day_before"]["change"] is None
    assert found["totals"]["visits"] == 1 and found["against"]["day_before"]["totals"]["visits"] == 1
    assert found["longest_gap"]["gap_s"] == at(1, 8) - at(2, 9) + 7 * 86_400
    over = digest(TOWN.ground, log, TOWN.near, DAY, now_s=at(3, 0))
    assert not over["running"] and over == digest(TOWN.ground, log, TOWN.near, DAY)
    assert digest(TOWN.ground, log, TOWN.near, DAY, now_s=at(2, 0))["totals"]["visits"] == 0


def test_the_day_on_which_clocks_leap_has_23_hours() -> None:
    """The last hour of the day before would be counted twice."""
    berlin = patrolled.town(timezone="Europe/Berlin").ground
    hours = [(end - begin) / 3600 for begin, end in (window_of(berlin, dt.date(2026, 3, day)) for day in (28, 29, 30))]
    assert hours == [24, 23, 24]


def test_what_was_before_anything_is_known_is_not_compared_with() -> None:
    """All would be unwalked, and every day be better than the one before, where fewer days are kept than asked."""
    log = TOWN.log([TOWN.one("east", at(2, 8)), TOWN.one("east", at(1, 8))])
    found = digest(TOWN.ground, log, TOWN.near, DAY, known_s=at(2, 0))
    assert found["against"] == {"day_before": None, "week_before": None}
    assert found["unwalked"] is None and found["longest_gap"] is None


def test_the_worst_grids_are_the_worst_of_those_asked_for() -> None:
    """Whoever sees one grid would be told of none, where five others are worse."""
    log = TOWN.log([TOWN.one("main", at(2, 8), nth=nth) for nth in range(len(TOWN.edges("main")))])
    every = [one["code"] for one in digest(TOWN.ground, log, TOWN.near, DAY)["grids"]]
    assert [one["code"] for one in digest(TOWN.ground, log, TOWN.near, DAY, cells=every[-1:])["grids"]] == every[-1:]

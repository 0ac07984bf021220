"""An explanation tells the answer that was given, and every candidate with what became of it."""

import datetime as dt
from dataclasses import asdict

import pandas as pd
import pytest
import shapely

from gis_core.answers import FALLBACK
from gis_core.assignment import Assigner
from gis_core.explaining import Explanation, explain
from gis_core.rules import RULES
from gis_core.territory import Territory
from gis_core.texts import TEXTS
from tests.gis_core.small_city import (
    S1,
    S2,
    box,
    contract,
    facility,
    grids,
    holder,
    instant,
    issues,
    lonlat,
    moved,
    place,
    territory,
)

PLACES = [
    (x, y)
    for x in (0.02, 0.5, 1.0, 1.49, 1.5, 1.97, 2.0, 2.03, 3.5, 4.05, 5.0)
    for y in (0.02, 0.45, 0.5, 0.55, 1.0, 1.5)
]


@pytest.fixture(scope="module")
def city() -> Territory:
    """Something of everything."""
    middle = shapely.Point(lonlat(1.5, 0.5))
    return territory(
        grids=grids(unit_010204={"organisation": "office"}, unit_010101={"geometry": box(0, 0, 1.02, 1)}),
        streets=[S1, S2],
        facilities=[facility("bin", lonlat(1.5, 0.45)), facility("bin2", lonlat(1.5, 0.5))],
        places=[
            place("estate", box(1.2, 0.6, 1.8, 0.9)),
            place("market", box(0.4, 0.4, 0.6, 0.6), operator="cleaners"),
        ],
        contracts=[
            contract("point", "point", radius_m=12.0, geometry=middle),
            contract("part", "section", street="S1", from_m=0.0, to_m=300.0, left_m=15.0, right_m=8.0),
            contract("road", "road", street="S1", duties=["tag:eight"]),
            contract("area", "area", geometry=box(1, 0, 3, 2), valid_to="2026-06-30"),
            contract("block", "block", geometry=box(2, 1, 3, 2), duties=["parking"]),
            contract("grid", "grid", grid="0102", contractor=None, responsible="bureau"),
        ],
        holders=[holder("010101", "li"), holder("010102", "wang", valid_from="2026-01-01")],
    )


@pytest.mark.parametrize("category", ["litter", "bin-full", "parking"])
def test_the_explanation_is_of_the_answer(city: Territory, category: str) -> None:
    """The same answer, one winner in the rule that won, and none in any other."""
    rules = [*(rule.name for rule in RULES), FALLBACK]
    seen = set()
    for spot in PLACES:
        asked = issues([lonlat(*spot)], category=category)
        told = explain(city, asked)
        answer = Assigner(city)(asked).iloc[0].to_dict()
        assert pd.Series(told.answer).equals(pd.Series(answer))
        won = [one for one in told.considered if one.verdict == "won" and one.step in rules]
        assert [one.step for one in won] == [answer["rule"]]
        assert won[0].party == answer["responsible"]
        codes = {"place": "place_operator", "facility": "named_component"}
        assert answer["rule"] != "front_door" or answer["frontage"] == won[0].code
        for column, rule in codes.items():
            assert (answer[column] == won[0].code) is (answer["rule"] == rule)
        if answer["rule"].endswith("contract"):
            assert won[0].code == answer["contract"]
        assert {one.code for one in told.considered if one.step == "grid" and one.verdict == "won"} == {
            code for code in (answer["grid_1"], answer["grid_2"], answer["grid_3"]) if isinstance(code, str)
        }
        streets = [one.code for one in told.considered if one.step == "street" and one.verdict == "won"]
        assert streets == ([answer["street"]] if isinstance(answer["street"], str) else [])
        seen.add(answer["rule"])
        check_order(told, answer["rule"])
    assert len(seen) >= 4, "the places are to try the rules"


def check_order(told: Explanation, won_by: str) -> None:
    """Nothing before the winning rule fits, everything after it that fits is later; every verdict has its text."""
    rules = [*(rule.name for rule in RULES), FALLBACK]
    for one in told.considered:
        assert f"fault_{one.verdict}" in TEXTS
        if one.step in rules:
            fits = one.verdict in ("won", "ranked_behind", "later_rule")
            assert not (fits and rules.index(one.step) < rules.index(won_by))
            assert (one.verdict == "later_rule") is (fits and rules.index(one.step) > rules.index(won_by))


def test_all_that_was_considered_is_told(city: Territory) -> None:
    told = explain(city, issues([lonlat(1.5, 0.5)], category="bin-full"))
    assert [(one.step, one.code, one.verdict) for one in told.considered] == [
        ("grid", "01", "won"),
        ("grid", "0101", "won"),
        ("grid", "010102", "won"),
        ("street", "S1", "won"),
        ("named_component", "bin2", "won"),
        ("named_component", "bin", "ranked_behind"),
        ("point_contract", "point", "other_duty"),
        ("section_contract", "part", "other_duty"),
        ("area_contract", "road", "other_duty"),
        ("area_contract", "area", "not_in_force"),
        ("grid_holder", "010102", "later_rule"),
    ]
    winner = told.considered[4]
    assert asdict(winner) == {
        "step": "named_component", "code": "bin2", "name": "bin2", "party": "cleaners", "verdict": "won",
        "distance_m": 0.0,
    }  # fmt: skip
    assert told.day == dt.date(2026, 7, 1)


def test_the_local_day_is_told(city: Territory) -> None:
    late = explain(city, issues([lonlat(1.5, 0.5)], reported_at=instant("2026-07-02 00:30")))
    assert late.day == dt.date(2026, 7, 2), "16:30 UTC of the day before"


def test_a_cell_that_lost_says_why(city: Territory) -> None:
    """An overlap goes to the smaller code; on a border street the polygon does not count."""

    def cells(where: tuple[float, float]) -> list[tuple[str, str]]:
        told = explain(city, issues([where])).considered
        return [(one.code, one.verdict) for one in told if one.step == "grid"][-2:]

    assert cells(lonlat(1.01, 0.5)) == [("010101", "won"), ("010102", "larger_code")]
    assert cells(moved(lonlat(2, 0.25), 5, 0)) == [("010102", "won"), ("010201", "border_side")]


def test_the_queue_is_told_as_the_last_resort(city: Territory) -> None:
    told = explain(city, issues([lonlat(5, 1)]))
    assert [(one.step, one.code, one.party, one.verdict) for one in told.considered] == [
        ("grid", "01", None, "won"), (FALLBACK, "01", "01", "won"),
    ]  # fmt: skip

"""Every rule with its winner and its losers, the order of the rules, and what is told with an answer."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from gis_core.answers import ANSWER
from gis_core.assignment import FEW, Assigner, categories_of
from gis_core.city import MAX_LEVELS
from gis_core.explaining import explain
from gis_core.rules import RULES
from gis_core.territory import Territory
from tests.gis_core.small_city import (
    S1,
    S2,
    Row,
    answer,
    box,
    contract,
    facility,
    frame,
    grids,
    holder,
    instant,
    issues,
    line,
    lonlat,
    moved,
    place,
    street,
    strip,
    territory,
)

MIDDLE = lonlat(1.5, 0.5)
"""On street S1, in unit 010102."""


def verdicts(city: Territory, where: tuple[float, float], step: str, **columns: Any) -> dict[str, str]:
    """What became of each candidate of one rule."""
    told = explain(city, issues([where], **columns))
    return {one.code: one.verdict for one in told.considered if one.step == step}


def north(metres: float, of: tuple[float, float] = MIDDLE) -> tuple[float, float]:
    return moved(of, 0, metres)


def test_the_order_of_the_rules_is_policy() -> None:
    assert [rule.name for rule in RULES] == [
        "named_component", "place_operator", "front_door", "point_contract", "section_contract", "area_contract",
        "grid_holder",
    ]  # fmt: skip


def test_a_named_component_is_its_maintainers() -> None:
    """The nearest one within the radius of its class, if the category names it."""
    city = territory(
        facilities=[
            facility("near", north(5), maintains="cleaners", supervises="bureau", owns="office"),
            facility("far", north(12), maintains="sweepers"),
            facility("nearest-but-nobodys", north(1), maintains=None),
            facility("lamp", north(1), category="lamp"),
            facility("gone", north(2), valid_to="2026-06-30"),
            facility("out-of-reach", north(20.1)),
        ]
    )
    found = answer(city, MIDDLE, category="bin-full")
    assert (found["rule"], found["facility"], found["responsible"]) == ("named_component", "near", "cleaners")
    assert (found["contractor"], found["supervises"], found["owns"]) == ("cleaners", "bureau", "office")
    assert (found["handles"], found["responsible_kind"]) == ("cleaners", "firm")
    assert verdicts(city, MIDDLE, "named_component", category="bin-full") == {
        "near": "won", "far": "ranked_behind", "nearest-but-nobodys": "nobody_named", "gone": "not_in_force",
    }  # fmt: skip
    assert answer(city, MIDDLE, category="litter")["rule"] == "territorial_fallback"
    assert answer(city, MIDDLE, kind="component", category="bin")["facility"] == "near"


def test_the_radius_of_a_class_is_data() -> None:
    """20 m for bins; a class that says nothing has 25 m."""
    city = territory(
        facilities=[facility("bin", north(19.99)), facility("lamp", north(24.99), category="lamp", maintains="li")]
    )
    assert answer(city, MIDDLE, category="bin-full")["facility"] == "bin"
    assert answer(city, MIDDLE, kind="component", category="lamp")["facility"] == "lamp"
    farther = moved(MIDDLE, 0, -0.1)
    assert answer(city, farther, category="bin-full")["facility"] is None
    assert answer(city, farther, kind="component", category="lamp")["facility"] is None


def test_a_place_is_its_operators() -> None:
    """The smallest that encloses the point; shops and points enclose nothing."""
    city = territory(
        places=[
            place("estate", box(1.2, 0.2, 1.8, 0.8), supervisor="office"),
            place("a-larger-estate", box(1, 0, 2, 1)),
            place("market", box(1.45, 0.45, 1.55, 0.55), operator="cleaners"),
            place("shop", box(1.49, 0.49, 1.51, 0.51), type="shop", operator="li"),
            place("kiosk", shapely.Point(MIDDLE), operator="li"),
            place("nobodys", box(1.48, 0.48, 1.52, 0.52), operator=None),
            place("closed", box(1.47, 0.47, 1.53, 0.53), operator="li", valid_to="2026-06-30"),
        ]
    )
    found = answer(city, MIDDLE)
    assert (found["rule"], found["place"], found["responsible"]) == ("place_operator", "market", "cleaners")
    assert verdicts(city, MIDDLE, "place_operator") == {
        "market": "won", "estate": "ranked_behind", "a-larger-estate": "ranked_behind",
        "nobodys": "nobody_named", "closed": "not_in_force",
    }  # fmt: skip
    beside = answer(city, lonlat(1.6, 0.5))
    assert (beside["place"], beside["supervises"], beside["owns"]) == ("estate", "office", "manager")
    assert answer(city, lonlat(1.2, 0.5))["place"] == "estate", "a place holds its boundary"


def test_litter_inside_an_estate_beside_a_contracted_road_is_the_estates() -> None:
    """Twenty metres inside, and within reach of the road's contract."""
    gate = north(20)
    estate = place("estate", shapely.box(*lonlat(1.2, 0.5), *lonlat(1.8, 0.9)), supervisor="bureau")
    city = territory(streets=[S1], places=[estate], contracts=[contract("road", "road", street="S1", left_m=30.0)])
    found = answer(city, gate)
    assert (found["rule"], found["responsible"], found["contract"]) == ("place_operator", "manager", None)
    assert verdicts(city, gate, "area_contract") == {"road": "later_rule"}
    assert answer(city, moved(lonlat(1.9, 0.5), 0, 20))["contract"] == "road", "beside the estate it is the road's"


def test_a_point_contract_reaches_as_far_as_its_radius() -> None:
    city = territory(
        contracts=[
            contract("wide", "point", radius_m=50.0, geometry=shapely.Point(MIDDLE)),
            contract("small", "point", radius_m=10.0, geometry=shapely.Point(MIDDLE), contractor="cleaners"),
            contract("parking", "point", radius_m=5.0, geometry=shapely.Point(MIDDLE), duties=["parking"]),
            contract("ended", "point", radius_m=5.0, geometry=shapely.Point(MIDDLE), valid_to="2026-06-30"),
        ]
    )
    found = answer(city, north(9))
    assert (found["rule"], found["contract"], found["responsible"]) == ("point_contract", "small", "cleaners")
    assert verdicts(city, north(9), "point_contract") == {
        "small": "won", "wide": "ranked_behind", "parking": "other_duty", "ended": "not_in_force",
    }  # fmt: skip
    assert answer(city, north(10))["contract"] == "small", "its length belongs to it"
    assert answer(city, north(10.01))["contract"] == "wide"
    assert verdicts(city, north(10.01), "point_contract")["small"] == "beyond_radius"
    assert answer(city, north(50.01))["contract"] is None


def section(code: str, **more: Any) -> Row:
    return contract(code, "section", **{"street": "S1", "from_m": 100.0, "to_m": 400.0, **more})


def along(metres: float, north_m: float) -> tuple[float, float]:
    """A point beside S1, which runs east from x = 0, so far from its start."""
    start = lonlat(0, 0.5)
    end = lonlat(4, 0.5)
    share = metres / 820.69
    return moved((start[0] + share * (end[0] - start[0]), start[1]), 0, north_m)


@pytest.mark.parametrize(
    ("metres", "north_m", "verdict"),
    [
        (250, 10, "won"),
        (250, -7, "won"),
        (250, -9, "beyond_extent"),
        (95, 5, "before_start"),
        (405, 5, "after_end"),
        (101, 5, "won"),
        (399, 5, "won"),
    ],
)
def test_a_section_holds_only_inside_its_extent(metres: float, north_m: float, verdict: str) -> None:
    """From 100 to 400 m, 15 m to the left (north) and 8 m to the right."""
    city = territory(streets=[S1], contracts=[section("part", left_m=15.0, right_m=8.0)])
    where = along(metres, north_m)
    assert verdicts(city, where, "section_contract") == {"part": verdict}
    found = answer(city, where)
    assert (found["rule"] == "section_contract") is (verdict == "won")
    assert found["contract"] == ("part" if verdict == "won" else None)


def test_a_section_may_have_one_side() -> None:
    city = territory(
        streets=[S1], contracts=[section("left", side="left"), section("right", side="right", contractor="cleaners")]
    )
    assert answer(city, along(250, 3))["contract"] == "left"
    assert answer(city, along(250, -3))["contract"] == "right"
    assert verdicts(city, along(250, 3), "section_contract") == {"left": "won", "right": "other_side"}


def test_a_section_that_states_no_extent_reaches_wall_to_wall() -> None:
    """Thirty metres to each side."""
    city = territory(streets=[S1], contracts=[section("part")])
    assert answer(city, along(250, 29))["contract"] == "part"
    assert answer(city, along(250, 31))["contract"] is None
    assert answer(city, along(250, -31))["contract"] is None


def test_the_nearest_section_answers_and_of_equals_the_smallest_code() -> None:
    crossing = street("S3", line((1.2, 0), (1.2, 1)))
    contracts = [section("b"), section("a", contractor="cleaners"), section("c", street="S3", from_m=None, to_m=None)]
    city = territory(streets=[S1, crossing], contracts=contracts)
    where = moved(lonlat(1.2, 0.5), 12, 5)
    assert verdicts(city, where, "section_contract") == {"a": "won", "b": "ranked_behind", "c": "ranked_behind"}
    assert answer(city, moved(lonlat(1.2, 0.5), 5, 12))["contract"] == "c"


def test_of_areas_the_smallest_answers() -> None:
    """Roads, blocks, areas and grids are ranked by their ground."""
    square = {"geometry": box(1.4, 0.4, 1.6, 0.6)}
    city = territory(
        streets=[S1, street("S4", line((0, 1.5), (4, 1.5)), name="S1")],
        contracts=[
            contract("grid", "grid", grid="010102"),
            contract("community", "grid", grid="0101"),
            contract("area", "area", geometry=box(1.2, 0.2, 1.8, 0.8)),
            contract("block", "block", **square, contractor="cleaners"),
            contract("other", "block", **square, duties=["parking"]),
            contract("road", "road", street="S1", left_m=10.0, right_m=10.0),
            contract("elsewhere", "area", geometry=box(3.2, 0.2, 3.8, 0.8)),
            contract("other-grid", "grid", grid="010101"),
        ],
    )
    assert verdicts(city, MIDDLE, "area_contract") == {
        "block": "won", "area": "ranked_behind", "road": "ranked_behind", "grid": "ranked_behind",
        "community": "ranked_behind", "other": "other_duty",
    }  # fmt: skip
    found = answer(city, MIDDLE)
    assert (found["rule"], found["contract"], found["responsible"]) == ("area_contract", "block", "cleaners")
    assert answer(city, lonlat(1.7, 0.7))["contract"] == "area"
    assert answer(city, lonlat(1.9, 0.5))["contract"] == "road", "16,000 m2 of one street are less than a grid"
    assert answer(city, lonlat(1.9, 0.9))["contract"] == "grid"
    assert answer(city, lonlat(0.9, 1.9))["contract"] == "community"


def test_areas_of_one_size_go_to_the_smallest_code() -> None:
    twins = [contract(code, "area", geometry=box(1, 0, 2, 1)) for code in ("q", "p", "r")]
    assert answer(territory(contracts=twins), MIDDLE)["contract"] == "p"


def test_a_contract_for_the_whole_city_answers_where_no_smaller_one_does() -> None:
    """Also in the widest of areas, and beside every cell."""
    city = territory(
        contracts=[
            contract("all", "city"),
            contract("b_all", "city", contractor="cleaners"),
            contract("parks", "city", duties=["parking"]),
            contract("wide", "area", geometry=box(0, 0, 2, 2)),
        ]
    )
    assert verdicts(city, MIDDLE, "area_contract") == {
        "wide": "won", "all": "ranked_behind", "b_all": "ranked_behind", "parks": "other_duty",
    }  # fmt: skip
    assert answer(city, lonlat(2.5, 0.5))["contract"] == "all"


def test_a_road_by_name_is_all_its_segments() -> None:
    """Two segments of one name, the contract names the name; a code names one segment."""
    streets = [
        street("S5", line((0, 0.5), (2, 0.5)), name="Long Road"),
        street("S6", line((2, 0.5), (4, 0.5)), name="Long Road"),
    ]
    by_name = territory(streets=streets, contracts=[contract("road", "road", street="Long Road")])
    by_code = territory(streets=streets, contracts=[contract("road", "road", street="S5")])
    assert [answer(by_name, lonlat(x, 0.5))["contract"] for x in (1.5, 2.5)] == ["road", "road"]
    assert [answer(by_code, lonlat(x, 0.5))["contract"] for x in (1.5, 2.5)] == ["road", None]


def test_a_road_contract_that_names_no_street_owns_none() -> None:
    """Not even those without a name."""
    nameless = street("S5", line((0, 0.5), (4, 0.5)), name=None)
    city = territory(streets=[nameless], contracts=[contract("road", "road", street=None)])
    assert answer(city, MIDDLE)["rule"] == "territorial_fallback"


def test_a_contract_without_a_firm_has_a_responsible_party() -> None:
    """The party answers and handles; the flag says that no firm works there."""
    city = territory(
        contracts=[contract("area", "area", geometry=box(1, 0, 2, 1), contractor=None, responsible="office")]
    )
    found = answer(city, MIDDLE)
    assert (found["responsible"], found["responsible_kind"], found["contractor"]) == ("office", "unit", None)
    assert (found["handles"], found["supervises"]) == ("office", "bureau")
    assert "no_contractor" in found["flags"].split()


def test_a_contract_with_both_is_the_partys_and_the_firm_handles() -> None:
    given = contract("area", "area", geometry=box(1, 0, 2, 1), responsible="office", supervisor="li")
    found = answer(territory(contracts=[given]), MIDDLE)
    assert (found["responsible"], found["contractor"], found["handles"]) == ("office", "sweepers", "sweepers")
    assert (found["owns"], found["supervises"]) == ("office", "li")
    assert "no_contractor" not in found["flags"]


def test_a_contract_that_names_nobody_does_not_answer() -> None:
    given = [
        contract("area", "area", geometry=box(1.4, 0.4, 1.6, 0.6), contractor=None),
        contract("wider", "area", geometry=box(1, 0, 2, 1)),
    ]
    city = territory(contracts=given)
    assert answer(city, MIDDLE)["contract"] == "wider"
    assert verdicts(city, MIDDLE, "area_contract") == {"wider": "won", "area": "nobody_named"}


def test_the_holder_of_the_grid_answers() -> None:
    """The one who began last; a deputy stands in for the holder and is not the answer."""
    city = territory(
        holders=[
            holder("010102", "wang", deputy="li", valid_from="2026-06-01"),
            holder("010102", "li", valid_from="2025-01-01"),
            holder("010102", "office", valid_from="2026-07-02"),
            holder("010101", "office"),
            holder("010102", "bureau", subject="street"),
        ]
    )
    found = answer(city, MIDDLE)
    assert (found["rule"], found["responsible"], found["responsible_kind"]) == ("grid_holder", "wang", "person")
    assert (found["holds"], found["supervises"], found["handles"]) == ("wang", "office", "wang")
    told = explain(city, issues([MIDDLE])).considered
    held = [(one.party, one.verdict) for one in told if one.step == "grid_holder"]
    assert held == [("wang", "won"), ("li", "ranked_behind"), ("office", "not_in_force")]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ({"holders": [holder("010102", "li"), holder("0101", "wang")]}, ("grid_holder", "li", "person")),
        ({"grids": grids(unit_010102={"organisation": "office"})}, ("territorial_fallback", "office", "unit")),
        ({"holders": [holder("0101", "wang")]}, ("territorial_fallback", "wang", "person")),
        (
            {"holders": [holder("0101", "wang")], "grids": grids(unit_010102={"organisation": "office"})},
            ("territorial_fallback", "office", "unit"),
        ),
        (
            {"holders": [holder("0101", "wang")], "grids": grids(community_0101={"organisation": "office"})},
            ("territorial_fallback", "wang", "person"),
        ),
        (
            {"grids": grids(community_0101={"organisation": "office"}, district_01={"organisation": "bureau"})},
            ("territorial_fallback", "office", "unit"),
        ),
        ({"grids": grids(district_01={"organisation": "bureau"})}, ("territorial_fallback", "bureau", "unit")),
        ({}, ("territorial_fallback", "01", "queue")),
    ],
    ids=["unit's holder", "unit's body", "community's holder", "unit's body first", "holder before body",
         "community's body", "district's body", "queue"],
)  # fmt: skip
def test_what_no_rule_answers_falls_to_the_territory(
    layers: dict[str, list[Row]], expected: tuple[str, str, str]
) -> None:
    """From the lowest cell up: its holder, else its organisation; at last the queue of the topmost."""
    found = answer(territory(**layers), MIDDLE)
    assert (found["rule"], found["responsible"], found["responsible_kind"]) == expected
    assert found["holds"] == expected[1]


def test_who_holds_the_territory_is_told_beside_who_answers() -> None:
    city = territory(places=[place("estate", box(1, 0, 2, 1))], holders=[holder("010102", "wang")])
    found = answer(city, MIDDLE)
    assert (found["responsible"], found["holds"]) == ("manager", "wang")


def test_the_first_rule_that_answers_wins() -> None:
    """Everything at one place; taken away one after the other, the next rule answers."""
    layers: dict[str, list[Row]] = {
        "facilities": [facility("bin", MIDDLE)],
        "places": [place("estate", box(1, 0, 2, 1))],
        "frontages": [strip("shop", box(1, 0, 2, 1))],
        "streets": [S1],
        "holders": [holder("010102", "wang")],
    }
    duty = {"duties": ["tag:eight", "bin-full"]}
    contracts = [
        contract("point", "point", radius_m=5.0, geometry=shapely.Point(MIDDLE), **duty),
        section("section", **duty),
        contract("area", "area", geometry=box(1, 0, 2, 1), **duty),
    ]
    order = []
    for taken in (None, "facilities", "places", "frontages", "point", "section", "area", "holders"):
        layers.pop(str(taken), None)
        contracts = [one for one in contracts if one["code"] != taken]
        order.append(answer(territory(**layers, contracts=contracts), MIDDLE, category="bin-full")["rule"])
    assert order == [*(rule.name for rule in RULES), "territorial_fallback"]


def test_a_border_streets_litter_is_the_named_sides() -> None:
    """East of the border by polygon, but the street belongs whole to the west: its holder and its contract answer."""
    where = moved(lonlat(2, 0.25), 5, 0)
    held = {"holders": [holder("010102", "wang"), holder("010201", "li")]}
    assert answer(territory(**held), where)["responsible"] == "li"
    assert answer(territory(**held, streets=[S2]), where)["responsible"] == "wang"
    both = [contract("west", "grid", grid="0101"), contract("east", "grid", grid="0102")]
    assert answer(territory(streets=[S2], contracts=both), where)["contract"] == "west"


@pytest.mark.parametrize(
    ("at", "held"),
    [
        ("2026-06-30 23:59", {"old"}),
        ("2026-07-01 00:00", {"old", "new"}),
        ("2026-07-02 23:59", {"old", "new"}),
        ("2026-07-03 00:00", {"new"}),
    ],
)
def test_a_contract_holds_on_its_first_and_on_its_last_day(at: str, held: set[str]) -> None:
    """Days are the city's: midnight in Shanghai is 16:00 UTC of the day before."""
    city = territory(
        contracts=[
            contract("new", "area", geometry=box(1, 0, 2, 1), valid_from="2026-07-01"),
            contract("old", "area", geometry=box(0, 0, 2, 1), valid_to="2026-07-02"),
        ]
    )
    told = verdicts(city, MIDDLE, "area_contract", reported_at=instant(at))
    assert {code for code, verdict in told.items() if verdict != "not_in_force"} == held


@pytest.mark.parametrize(
    ("at", "grid"), [("2026-06-30 23:59", "010102"), ("2026-07-01 00:00", "010109"), ("2026-07-05 12:00", "010109")]
)
def test_a_unit_that_ends_makes_way_for_its_successor(at: str, grid: str) -> None:
    rows = grids(unit_010102={"valid_to": "2026-06-30"})
    successor = rows[4] | {"code": "010109", "valid_to": None, "valid_from": "2026-07-01"}
    city = territory(grids=[*rows, successor], holders=[holder("010102", "li"), holder("010109", "wang")])
    found = answer(city, MIDDLE, reported_at=instant(at))
    assert (found["grid"], found["responsible"]) == (grid, {"010102": "li", "010109": "wang"}[grid])
    assert found["flags"] == "no_street"


def test_answers_of_several_states_have_one_set_of_categories() -> None:
    rows = grids(unit_010102={"valid_to": "2026-06-30"})
    city = territory(grids=[*rows, rows[4] | {"code": "010109", "valid_to": None, "valid_from": "2026-07-01"}])
    both = issues([MIDDLE] * 3 + [lonlat(3.5, 0.5)])
    both["reported_at"] = [instant(f"2026-0{month}-15 12:00") for month in (8, 6, 8, 6)]
    answers = Assigner(city)(both)
    assert answers["grid"].tolist() == ["010109", "010102", "010109", "010202"]
    assert answers.columns.tolist() == list(ANSWER)
    assert {answers[name].dtype.name for name in ("grid", "rule", "street", "flags")} == {"category"}
    assert answers["street"].isna().all() and answers.index.equals(both.index)


def test_a_street_holds_for_its_days_only() -> None:
    city = territory(streets=[S1 | {"valid_from": "2026-07-01", "valid_to": "2026-07-31"}], contracts=[section("part")])
    days = ["2026-06-30 12:00", "2026-07-01 12:00", "2026-07-31 23:59", "2026-08-01 00:00"]
    reported = issues([MIDDLE] * 4).assign(reported_at=[instant(day) for day in days])
    found = Assigner(city)(reported)
    assert (found["street"] == "S1").tolist() == [False, True, True, False]
    assert (found["contract"] == "part").tolist() == [False, True, True, False]
    assert city.turning_days.tolist() == [20_635, 20_666], "2026-07-01 and 2026-08-01"


def test_a_day_far_ahead_means_until_further_notice() -> None:
    city = territory(holders=[holder("010102", "wang", valid_to="9999-12-31")])
    assert answer(city, MIDDLE)["responsible"] == "wang"


def test_an_answer_has_its_columns_on_the_index_of_the_issues() -> None:
    city = territory()
    reported = issues([MIDDLE, lonlat(3.5, 1.5), lonlat(5, 1)]).set_index(pd.Index([30, 10, 20]))
    found = Assigner(city)(reported)
    assert list(found.columns) == list(ANSWER) and found.index.tolist() == [30, 10, 20]
    assert set(found["version"]) == {7} and set(found["revision"]) == {3}
    assert found[[f"grid_{level}" for level in range(4, MAX_LEVELS + 1)]].isna().all(axis=None)
    empty = Assigner(city)(reported.iloc[:0])
    assert list(empty.columns) == list(ANSWER) and len(empty) == 0


def test_a_city_of_grids_alone_answers() -> None:
    """No categories, parties, contracts or streets are needed to say whose queue it is."""
    alone = Territory(territory().city, 1, 1, {"grids": frame(grids())})
    found = answer(alone, MIDDLE)
    assert (found["responsible"], found["responsible_kind"], found["grid"]) == ("01", "queue", "010102")


def test_an_empty_territory_has_no_inside() -> None:
    empty = Territory(territory().city, 0, 0, {})
    assert empty.lowest is None and not empty.inside(np.array([MIDDLE])).any()
    assert np.isnan(empty.distance_m(np.array([MIDDLE]))).all()


def test_categories_of_many_issues_are_those_of_each() -> None:
    """Unknown and missing ones too, as objects and as text."""
    city = territory()
    random = np.random.default_rng(3)
    known = list(city.category_positions)
    assert len(known) > 1
    keys = [*known, ("town", "matter", "nothing"), (None, "matter", "a"), ("town", None, None)]
    rows = pd.DataFrame([keys[one] for one in random.integers(0, len(keys), FEW + 1)])
    rows.columns = ["scheme", "kind", "category"]
    expected = np.concatenate([categories_of(rows.iloc[one : one + 100], city) for one in range(0, len(rows), 100)])
    assert -1 in expected and (expected >= 0).any()
    for many in (rows, rows.astype(object), rows.astype("str")):
        np.testing.assert_array_equal(categories_of(many, city), expected)


def test_one_issue_gets_the_answer_it_gets_among_many() -> None:
    """By every rule, in a queue and without a street; in the same words, None for what is missing."""
    city = territory(
        streets=[S1],
        facilities=[facility("bin", north(5))],
        contracts=[contract("c", "point", geometry=shapely.Point(MIDDLE), radius_m=20.0)],
    )
    many = issues([MIDDLE, north(200), lonlat(0.5, 0.5), lonlat(3.5, 0.5)])
    for nth, row in Assigner(city)(many).astype(object).iterrows():
        said = many.loc[nth, ["lon", "lat", "scheme", "kind", "category", "reported_at"]]
        one = Assigner(city).one(**said.to_dict())
        assert tuple(one) == ANSWER
        assert one == {name: None if pd.isna(value) else value for name, value in row.items()}


def test_threads_share_the_issues_and_answer_the_same() -> None:
    city = territory(streets=[S1], facilities=[facility("bin", north(5))])
    many = issues([MIDDLE, north(200), lonlat(0.5, 0.5), lonlat(3.5, 0.5)] * 25)
    for threads in (2, 3, 200):
        pd.testing.assert_frame_equal(Assigner(city, threads)(many), Assigner(city)(many))
    assert len(Assigner(city, 2)(many.head(0))) == 0

"""Who answers before a shop's door: by strip, agreement, class and painted lines."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import shapely

from gis_core.explaining import explain
from gis_core.territory import Territory
from tests.gis_core.small_city import CITY, Row, answer, box, contract, holder, issues, lonlat, place, strip, territory

DOOR = lonlat(0.3, 0.52)
NOODLES = strip("noodles", box(0.2, 0.5, 0.6, 0.55))
ROAD = contract("road", "area", geometry=box(0, 0, 2, 1), duties=["litter", "bin-full", "parking"])


def town(*strips: Row, **layers: list[Row]) -> Territory:
    return territory(
        frontages=list(strips or (NOODLES,)), contracts=[ROAD], holders=[holder("010101", "li")],
        **{"agreements": [], "marks": [], **layers},
    )  # fmt: skip


def at_door(city: Territory, **more: Any) -> tuple[str, str, str | None]:
    found = answer(city, DOOR, **more)
    return found["rule"], found["responsible"], found["frontage"]


def test_the_shop_answers_for_its_duties_and_the_road_for_the_rest() -> None:
    """A broken kerb would be sent to the noodle shop, or litter before its door to the road's contractor."""
    assert at_door(town(), category="litter") == ("front_door", "noodles", "noodles")
    assert at_door(town(), category="parking") == ("area_contract", "sweepers", "noodles"), "named, but not answering"
    assert answer(town(), DOOR, category="litter")["holds"] == "li", "the grid's duty stands beside the shop's"
    assert at_door(town(), category="unheard") == ("grid_holder", "li", "noodles")
    told = explain(town(), issues([DOOR], category="parking"))
    assert [(one.code, one.verdict) for one in told.considered if one.step == "front_door"] == [
        ("noodles", "other_duty")
    ]


def test_a_shop_that_answers_is_a_shop() -> None:
    """Figures by kind of party would count noodle shops among the city's units."""
    shop = place("noodles", NOODLES["geometry"].centroid, type="shop")
    assert answer(town(places=[shop]), DOOR, category="litter")["responsible_kind"] == "shop"
    run = town({**NOODLES, "responsible": "manager"}, places=[shop])
    assert answer(run, DOOR, category="litter")["responsible_kind"] == "firm", "who runs it, where somebody does"


def test_it_comes_after_the_place_and_before_contracts() -> None:
    market = place("market", box(0, 0.4, 1, 0.6), type="market", operator="manager")
    assert at_door(town(places=[market]), category="litter") == ("place_operator", "manager", "noodles")
    point = contract("p", "point", geometry=NOODLES["geometry"].centroid, radius_m=60.0)
    city = territory(frontages=[NOODLES], contracts=[point])
    assert answer(city, DOOR, category="litter")["rule"] == "front_door"


def test_an_agreement_says_what_the_shop_answers_for_while_it_holds() -> None:
    """An expired letter would go on, or one not begun would already count; reports are of 1 July."""

    def letter(**said: Any) -> list[Row]:
        return [{"code": "A", "shop": "noodles", "duties": ["parking"], **said}]

    held = town(agreements=letter(valid_from="2026-07-01", valid_to="2026-07-01"))
    assert at_door(held, category="parking")[0] == "front_door"
    assert at_door(held, category="litter")[0] == "area_contract", "its letter does not name litter"
    for said in ({"valid_to": "2026-06-30"}, {"valid_from": "2026-07-02"}):
        assert at_door(town(agreements=letter(**said)), category="parking")[0] == "area_contract"
        assert at_door(town(agreements=letter(**said)), category="litter")[0] == "front_door", "what holds without one"
    both = [*letter(valid_from="2026-01-01"), *letter(code="B", duties=["litter"], valid_from="2026-06-01")]
    assert at_door(town(agreements=both), category="litter")[0] == "front_door", "the later one"
    assert at_door(town(agreements=both), category="parking")[0] == "area_contract"
    silent = town(agreements=letter(duties=[]))
    assert at_door(silent, category="litter")[0] == "front_door", "a letter without duties means the usual ones"


def test_the_official_strip_prevails_on_the_days_it_holds() -> None:
    drawn = strip("tea", box(0.2, 0.5, 0.9, 0.9), origin="official")
    assert at_door(town(NOODLES, drawn), category="litter")[1:] == ("tea", "tea"), "although it is the larger one"
    for said in ({"valid_from": "2026-07-02"}, {"valid_to": "2026-06-30"}):
        assert at_door(town(NOODLES, {**drawn, **said}), category="litter")[2] == "noodles"
    small = strip("kiosk", box(0.29, 0.51, 0.31, 0.53))
    assert at_door(town(NOODLES, small), category="litter")[2] == "kiosk", "of two derived ones the smaller"


def test_the_drawn_line_counts_instead_of_the_derived_one() -> None:
    """Outside the line that the subdistrict drew the derived strip of the same shop would go on answering."""
    drawn = strip("own", box(0.4, 0.5, 0.6, 0.55), origin="official", shops=["noodles"], responsible="noodles")
    assert at_door(town(NOODLES, drawn), category="litter") == ("area_contract", "sweepers", None)
    later = {**drawn, "valid_from": "2026-07-02"}
    assert at_door(town(NOODLES, later), category="litter") == ("front_door", "noodles", "noodles")
    joint = strip("a", NOODLES["geometry"], kind="joint", shops=["a", "noodles"], responsible="a")
    assert at_door(town(joint, drawn), category="litter")[1] == "a", "it still has a shop of its own"


def test_nobody_answers_for_what_is_excluded() -> None:
    gate = strip("gate", NOODLES["geometry"], kind="excluded", shops=[], responsible="bureau")
    assert at_door(town(gate), category="litter") == ("area_contract", "sweepers", "gate")


def test_a_joint_strip_and_a_blank() -> None:
    joint = strip("a", NOODLES["geometry"], kind="joint", shops=["a", "b"], responsible="a")
    letters = [{"code": "A", "shop": "a", "duties": ["parking"]}, {"code": "B", "shop": "b", "duties": ["x"]}]
    assert at_door(town(joint, agreements=letters), category="parking") == ("front_door", "a", "a")
    blank = strip("B1", NOODLES["geometry"], kind="blank", shops=[], responsible=None)
    assert at_door(town(blank), category="litter") == ("area_contract", "sweepers", "B1")
    told = explain(town(blank), issues([DOOR], category="litter"))
    assert [(one.code, one.verdict) for one in told.considered if one.step == "front_door"] == [("B1", "nobody_named")]


def test_the_city_says_what_shops_answer_for() -> None:
    city = dataclasses.replace(CITY, door_duties=("tag:door/clean",))
    found = territory(city=city, frontages=[NOODLES])
    assert answer(found, DOOR, category="litter")["rule"] == "front_door"
    assert answer(found, DOOR, category="bin-full")["rule"] == "territorial_fallback"


@pytest.mark.parametrize(
    ("kind", "category", "flags"),
    [
        ("goods", "litter", {"inside_lines"}),
        ("goods", "parking", set()),
        ("parking", "parking", {"inside_lines"}),
        ("no_parking", "parking", {"no_parking"}),
        ("no_parking", "litter", set()),
        ("parking", "unheard", set()),
    ],
)
def test_painted_lines_are_told_for_what_they_are_about(kind: str, category: str, flags: set[str]) -> None:
    """Bicycles inside the lines painted for them would be counted against the street."""
    mark = {"code": "X", "kind": kind, "geometry": box(0.25, 0.5, 0.35, 0.55)}
    marked = {"inside_lines", "no_parking"}
    assert set(answer(town(marks=[mark]), DOOR, category=category)["flags"].split()) & marked == flags
    assert not set(answer(town(marks=[mark | {"valid_to": "2026-06-30"}]), DOOR)["flags"].split()) & marked
    assert not set(answer(town(marks=[mark]), lonlat(0.45, 0.52), category=category)["flags"].split()) & marked


def test_many_points_are_answered_as_one() -> None:
    random = np.random.default_rng(3)
    strips = [
        strip(f"s{n}", box(x, y, x + 0.05, y + 0.05), origin=("derived", "official")[n % 2])
        for n, (x, y) in enumerate(random.uniform(0, 1, (60, 2)))
    ]
    city = town(*strips)
    points = np.array([lonlat(x, y) for x, y in random.uniform(0, 1, (2_000, 2))])
    found = city.doors.strip_at(points, np.full(len(points), 20_000))
    codes = city.codes("frontages", "code")
    by_code = {one["code"]: one for one in strips}
    for point, position in zip(points[:200], found[:200], strict=True):
        inside = [one for one in strips if one["geometry"].covers(shapely.Point(point))]
        best = min(inside, key=lambda one: (one["origin"] == "derived", one["geometry"].area), default=None)
        assert (by_code[codes[position]]["origin"] if position >= 0 else None) == (best and best["origin"])

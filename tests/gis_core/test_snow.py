"""Snow on the carriageway: before which doors it lies, where a city's rule goes on to the centre line."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import shapely

from gis_core.assignment import Asked
from gis_core.explaining import explain
from gis_core.frontage.rules import StripRules
from gis_core.frontage.strips import strips
from gis_core.territory import Territory
from tests.gis_core.blocks import AROUND, Drawn, geographic, kerbside, shops
from tests.gis_core.small_city import CATEGORIES, CITY, TAGS, Row, answer, issues, strip, territory

MATTER = {"scheme": "T", "kind": "matter", "code": "snow"}
KNOWN: dict[str, list[Row]] = {
    "categories": [*CATEGORIES, {**MATTER, "component": None, "radius_m": None}],
    "tags": [*TAGS, {**MATTER, "tag_group": "door", "tag": "clean"}, {**MATTER, "tag_group": "snow", "tag": "snow"}],
}
DAY, FINE_M = 20_635, 0.5
ROAD_Y = {"South": -5.0, "Lane": 40.0}


def city_of(these: Any, streets: Any = AROUND, snow: str = "centre_line", **layers: list[Row]) -> Territory:
    """A territory with the strips of shops as they are drawn and kept."""
    side = kerbside(streets, snow=snow)
    found = strips(side, these).strips
    rows = [
        strip(
            row["code"], row.geometry, kind=row["kind"], shops=row["shops"], responsible=next(iter(row["shops"]), None)
        )
        for _, row in found.iterrows()
    ]
    ruled = dataclasses.replace(CITY, strips=side.rules)
    layers = {"frontages": [*rows, *layers.pop("more", [])], "streets": side.streets.to_dict("records"), **layers}
    return territory(city=ruled, **KNOWN, **layers)


def owned(city: Territory, west: float, south: float, east: float, north: float, code: str = "snow") -> Any:
    """Whose snow lies in a rectangle: square metres by strip."""
    x, y = (np.arange(low + FINE_M / 2, high, FINE_M) for low, high in ((west, east), (south, north)))
    places = shapely.get_coordinates(geographic(shapely.points(*(one.ravel() for one in np.meshgrid(x, y)))))
    category = city.category_positions["T", "matter", code]
    asked = Asked(places, np.full(len(places), DAY), np.full(len(places), category))
    found = asked.located(np.arange(len(places)), city).strip
    codes = np.append(city.codes("frontages", "code"), None)[found]
    return {one: round(float((codes == one).sum()) * FINE_M**2, 2) for one in dict.fromkeys(codes) if one}


TEN: Drawn = [(33, 5), (47, 5)]
"""With three metres to either side twenty of them."""


def test_before_twenty_metres_of_kerb_it_is_half_the_carriageway() -> None:
    """The shop would shovel to the kerb only, or across the street, or before the blank beside it."""
    city = city_of(shops(a=TEN))
    assert owned(city, 20, -5, 60, 0)["a"] == 20 * 5
    assert owned(city, 30, -5, 50, 0) == {"a": 100.0}
    assert "a" not in owned(city, 0, -10, 100, -5), "beyond the centre line it is the other side's"
    assert owned(city, 30, -5, 50, 0, code="litter") == {}, "of litter on the carriageway nothing is said"
    assert owned(city_of(shops(a=TEN), snow="strip"), 30, -5, 50, 0) == {}


@pytest.mark.parametrize("width_m", [4.0, 9.0, None])
def test_two_sides_of_a_street_meet_at_the_centre_line(width_m: float | None) -> None:
    """Both sides would be fined for the same ice; without a width it is the class that says how wide."""
    streets: Any = {**AROUND, "Lane": ([(50, -5), (50, 105)], width_m, 1.5)}
    half = (width_m or 9.0) / 2
    city = city_of(shops(a=[(44, 33), (44, 47)], b=[(56, 33), (56, 47)]), streets)
    assert owned(city, 50 - half, 30, 50, 50) == {"a": half * 20}
    assert owned(city, 50, 30, 50 + half, 50) == {"b": half * 20}


def test_at_a_corner_each_has_its_street_and_nobody_the_crossing() -> None:
    """A corner shop would clear the crossing, or nobody the last metres before it."""
    city = city_of(shops(a=[(85, 5), (95, 5)], b=[(95, 5), (95, 15)]))
    assert owned(city, 70, -5, 100, 0)["a"] == 18 * 5 and "b" not in owned(city, 70, -5, 100, 0)
    assert owned(city, 100, 0, 105, 30)["b"] == 18 * 5 and "a" not in owned(city, 100, 0, 105, 30)
    assert owned(city, 103, -7, 107, -3) == {}


@pytest.mark.parametrize("wide_m", [10.0, 24.0])
def test_at_the_mouth_of_a_lane_snow_of_the_wide_street_is_still_before_its_shops(wide_m: float) -> None:
    """The lane's centre line is nearer there than the wide street's: that of a corner shop's snow would be nobody's."""
    south, half = -wide_m / 2, wide_m / 2
    streets: Any = {
        **AROUND, "South": ([(-50, south), (150, south)], wide_m, 3), "Lane": ([(50, south), (50, 105)], 5, 1.5),
    }  # fmt: skip
    city = city_of(shops(a=[(53, 5), (65, 5)], b=[(35, 5), (47, 5)]), streets)
    # From the lane's kerb at 52.5 to three metres beyond the front.
    assert owned(city, 53, -half, 80, 0)["a"] == pytest.approx(15 * half, abs=1.5)
    assert owned(city, 20, -half, 47, 0)["b"] == pytest.approx(15 * half, abs=1.5)
    assert set(owned(city, 0, -wide_m, 100, -half)) & {"a", "b"} == set()


def test_it_is_assigned_and_explained() -> None:
    """The answer would name a shop without a word why it has the street."""
    city = city_of(shops(a=TEN))
    (place,) = shapely.get_coordinates(geographic([shapely.Point(40, -2)])).tolist()
    found = answer(city, tuple(place), category="snow")
    assert (found["rule"], found["responsible"], found["frontage"]) == ("front_door", "a", "a")
    assert answer(city, tuple(place), category="litter")["rule"] != "front_door"
    (told,) = [one for one in explain(city, issues([place], category="snow")).considered if one.step == "front_door"]
    assert (told.code, told.verdict) == ("a", "won") and told.distance_m == pytest.approx(2, abs=0.01)
    (inside,) = shapely.get_coordinates(geographic([shapely.Point(40, 2)])).tolist()
    (told,) = [one for one in explain(city, issues([inside], category="snow")).considered if one.step == "front_door"]
    assert told.verdict == "won" and told.distance_m is None
    letter = {"code": "A", "shop": "a", "duties": ["litter"]}
    other = city_of(shops(a=TEN), agreements=[letter])
    assert answer(other, tuple(place), category="snow")["rule"] != "front_door", "its letter does not name snow"


def test_the_drawn_line_and_excluded_ground_prevail_there_too() -> None:
    """The shop would clear the bus bay's ice, or a neighbour what the subdistrict gave to another."""
    (bay, own) = geographic([shapely.box(30, 0, 36, 4), shapely.box(36, 0, 70, 4.5)])
    more = [
        strip("bay", bay, kind="excluded", shops=[], responsible=None, origin="official"),
        strip("own", own, shops=["a"], responsible="a", origin="official"),
    ]
    city = city_of(shops(a=TEN), more=more)
    found = owned(city, 30, -5, 70, 0)
    assert found["own"] == 34 * 5 and found["bay"] == 6 * 5 and "a" not in found


def test_the_rule_is_of_the_city_and_answers_a_million_as_one() -> None:
    """A night of snow brings as many reports as a year of litter."""
    city = city_of(shops(a=TEN, b=(70, 5)))
    random = np.random.default_rng(5)
    xy = random.uniform((0, -10), (100, 0), (3_000, 2))
    places = shapely.get_coordinates(geographic(shapely.points(xy)))
    category = city.category_positions["T", "matter", "snow"]
    all_at_once = Asked(places, np.full(len(xy), DAY), np.full(len(xy), category)).located(np.arange(len(xy)), city)
    for one in range(0, len(xy), 100):
        alone = Asked(places[[one]], np.array([DAY]), np.array([category])).located(np.arange(1), city)
        assert alone.strip[0] == all_at_once.strip[one]
    assert StripRules().snow == "strip"

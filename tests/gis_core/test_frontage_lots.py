"""Lots as cadastres have them: parcels of road, estates, lots over the kerb and over each other."""

from typing import Any

import numpy as np
import pytest
import shapely

from gis_core.frontage.strips import strips
from tests.gis_core.blocks import AROUND, Drawn, drawn, geographic, kerbside, shops, sound
from tests.gis_core.test_frontage import lengths
from tests.gis_core.test_frontage_rules import along, by_lots

LOT = shapely.box(30, 5, 60, 30)
FRONT: Drawn = [(34, 5), (40, 5)]


@pytest.mark.parametrize(
    "road",
    [shapely.box(0, 0, 100, 5), shapely.box(-5, -10, 105, 5), shapely.box(36, 1, 39, 3), shapely.box(-50, -40, 200, 5)],
)
def test_a_parcel_of_road_before_a_lot_takes_nothing_of_it(road: shapely.Geometry) -> None:
    """Cadastres have the road's land as parcels: one shop would answer for the whole street, or none for its lot."""
    assert along(by_lots([LOT, road], a=FRONT)) == {"a": (30, 60)}
    assert along(by_lots([road, LOT], a=(40, 6))) == {"a": (30, 60)}


def test_a_deep_parcel_of_road_is_passed_over_where_a_shop_has_its_kerb_beyond() -> None:
    """Before a wide pavement shops would have half their gaps instead of their lots."""
    deep = [shapely.box(30, 9, 60, 30), shapely.box(0, 0, 100, 9)]
    assert along(by_lots(deep, a=[(34, 9), (40, 9)])) == {"a": (30, 60)}


def test_a_lot_behind_a_closed_shop_s_does_not_reach_the_kerb_there() -> None:
    """An estate's kiosk would answer for the kerb before every lot at its edge whose shop is closed."""
    behind = shapely.difference(shapely.box(30, 5, 80, 60), shapely.box(60, 5, 80, 20))
    assert along(by_lots([behind, shapely.box(60, 5, 80, 20)], a=FRONT)) == {"a": (30, 60)}


def test_a_lot_ends_where_its_side_crosses_the_kerb() -> None:
    """A lot drawn to the middle of the street would begin where the nearest of its corners is, or nowhere near."""
    slanting = shapely.Polygon([(10, -30), (50, -30), (70, 30), (30, 30)])
    # Its sides cross the kerb at 20 and 60.
    found = by_lots([slanting], a=FRONT)
    assert along(found) == {"a": (20, 60)}


def test_a_lot_across_a_narrow_back_lane_is_not_before_it() -> None:
    """A shop with one lot on both sides of a lane would have the neighbours' kerb there."""
    streets: Any = {**AROUND, "Lane": ([(-50, 20), (150, 20)], 5, 1)}
    lot = shapely.box(30, 23, 60, 60)
    side = kerbside(streets, sides="property_line")
    found = sound(strips(side, shops(z=[(40, 16), (44, 16)]), lots=geographic([lot])))
    assert drawn(found).loc["z", "length_m"] == 10.0, "three metres to either side"
    front = sound(strips(side, shops(z=FRONT), lots=geographic([lot, shapely.box(34, 5, 40, 10)])))
    assert lengths(front, "z") == {"South": 6.0}


def test_a_kiosk_in_an_estate_has_fifty_metres_to_either_side() -> None:
    """A kiosk in the wall of an estate would answer for all its streets, four hundred metres."""
    estate = [shapely.box(5, 5, 95, 95)]
    found = by_lots(estate, a=[(48, 5), (52, 5)])
    assert drawn(found).loc["a", "length_m"] == 104.0
    side = kerbside(AROUND, sides="property_line", lot_most_m=20.0)
    few = sound(strips(side, shops(a=[(48, 5), (52, 5)], b=[(48, 95), (52, 95)]), lots=geographic(estate)))
    assert drawn(few).loc[["a", "b"], "length_m"].tolist() == [44.0, 44.0]
    near = by_lots(estate, a=[(28, 5), (32, 5)], b=[(68, 5), (72, 5)])
    rows = drawn(near)
    assert np.isclose(rows.geometry["a"].bounds[2], 50.0), "between two in one estate half the gap is nearer"
    assert rows.loc["a", "length_m"] == 54 + 18


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_neighbour_without_a_lot_takes_nothing_of_one(mirrored: bool) -> None:
    """Whose neighbour is in no lot would lose half its own, or metres of it to nobody."""

    def shown(lot: tuple[float, float], a: tuple[float, float], z: tuple[float, float]) -> Any:
        turn = (lambda x: 100 - x) if mirrored else (lambda x: x)
        fronts: Any = {
            code: [(x, 5) for x in sorted(map(turn, ends))] for code, ends in (("a", a), ("z", z))
        }  # fmt: skip
        west, east = sorted(map(turn, lot))
        found = along(by_lots([shapely.box(west, 5, east, 30)], **fronts))
        return {code: tuple(sorted(map(turn, ends))) for code, ends in found.items()}

    assert shown((30, 50), (31, 38), (52, 60)) == {"a": (30, 50), "z": (51, 63)}
    assert shown((30, 50), (31, 38), (62, 70)) == {"a": (30, 50), "z": (59, 73)}
    assert shown((30, 50), (31, 38), (48, 60)) == {"a": (30, 48), "z": (48, 63)}, "but a front keeps its wall"
    assert shown((30, 50), (31, 48), (46, 60)) == {"a": (30, 47), "z": (47, 63)}, "and two share what both cover"


def test_between_lots_that_overlap_the_smaller_one_counts() -> None:
    """A border would be where the store happens to have put a lot, and a neighbour's strip move with an edit of it."""
    one, other = shapely.box(30, 5, 50, 30), shapely.box(40, 5, 70, 30)
    fronts: Any = {"a": [(32, 5), (38, 5)], "z": [(52, 5), (58, 5)]}
    assert along(by_lots([one, other], **fronts)) == along(by_lots([other, one], **fronts))
    assert along(by_lots([one, other], **fronts)) == {"a": (30, 50), "z": (50, 70)}
    twice = [shapely.box(5, 5, 95, 95), one]
    assert along(by_lots(twice, a=fronts["a"])) == along(by_lots(twice[::-1], a=fronts["a"])) == {"a": (30, 50)}


def test_a_shop_known_by_a_point_between_two_lots_has_some_kerb() -> None:
    """Its neighbours' lines would meet at its door, and a shop without a metre stop the drawing of the city."""
    lots = [shapely.box(30, 5, 45, 30), shapely.box(45, 5, 60, 30)]
    found = by_lots(lots, a=[(31, 5), (36, 5)], b=(45, 1), c=[(54, 5), (59, 5)])
    assert along(found) == {"a": (30, 41), "b": (41, 49), "c": (49, 60)}

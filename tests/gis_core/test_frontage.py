"""Strips whose answer one computes by hand: a rectangle, a corner, a ring, a dead end."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

from tests.gis_core.blocks import AROUND, GROUND, Drawn, drawn, geographic, kerbside, made, shops

ROW = {f"s{k}": [(30 + 10 * k, 1), (40 + 10 * k, 1)] for k in range(4)}
"""Four shops of ten metres side by side on South."""


def lengths(found: Any, strip: str) -> dict[str, float]:
    """Metres of a strip by street."""
    rows = found.fronts[found.fronts["strip"] == strip]
    return {street: round(metres, 1) for street, metres in zip(rows["street"], rows["length_m"], strict=True)}


def test_two_shops_side_by_side_have_a_rectangle_each() -> None:
    """Half of a doorstep would be somebody else's."""
    found = made(kerbside(AROUND), shops(**ROW))
    rows = drawn(found)
    for code, west in (("s1", 40), ("s2", 50)):
        assert rows.loc[code, ["kind", "quality", "length_m", "area_m2"]].tolist() == ["shop", "measured", 10.0, 50.0]
        assert rows.geometry[code].symmetric_difference(shapely.box(west, 0, west + 10, 5)).area < 0.01
    assert rows.loc["s0", "length_m"] == rows.loc["s3", "length_m"] == 13.0, "a neighbour's gap: three metres of it"
    (front,) = found.fronts[found.fronts["strip"] == "s1"].to_dict("records")
    assert front == {"strip": "s1", "street": "South", "side": "left", "from_m": 90, "to_m": 100, "length_m": 10}
    assert (rows["kind"] == "blank").sum() == 9, "eight blocks at the rim, and the rest of this one"
    assert len(found.unplaced) == 0


def test_at_a_corner_the_border_halves_the_angle() -> None:
    """Two strips would overlap in the corner, or leave it to nobody."""
    found = made(kerbside(AROUND), shops(a=[(85, 5), (95, 5)], b=[(95, 5), (95, 15)]))
    rows = drawn(found)
    assert rows["area_m2"][["a", "b"]].tolist() == pytest.approx([18 * 5 - 12.5] * 2, abs=0.05)
    assert shapely.distance(rows.geometry["a"], shapely.Point(96, 4)) == pytest.approx(0, abs=0.01)
    assert shapely.distance(rows.geometry["b"], shapely.Point(96, 4)) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("front", "streets"),
    [([(90, 1), (99, 1), (99, 10)], ("South", "East")), ([(1, 10), (1, 1), (10, 1)], ("West", "South")),
     ([(10, 99), (1, 99), (1, 90)], ("North", "West")), ([(99, 90), (99, 99), (90, 99)], ("East", "North"))],
)  # fmt: skip
def test_a_shop_at_a_corner_has_both_streets(front: Drawn, streets: tuple[str, str]) -> None:
    """One of them would be nobody's; wherever the ring of the kerb begins, which may be within the shop."""
    found = made(kerbside(AROUND), shops(corner=front))
    assert lengths(found, "corner") == dict.fromkeys(streets, 13.0)
    assert drawn(found).loc["corner", "area_m2"] == pytest.approx(2 * 13 * 5 - 25, abs=0.05)


def test_at_a_corner_that_goes_inwards_nothing_is_lost() -> None:
    """Rectangles set off from the kerb would leave a wedge open."""
    bent: dict[str, tuple[Drawn, float | None, float | None]] = {
        "Bent": ([(-5, 105), (-5, -5), (50, -5), (50, 40), (105, 40), (105, 105), (-5, 105)], 10, 3)
    }
    found = made(kerbside(bent), shops(a=[(44, 20), (44, 45)], b=[(45, 46), (70, 46)]))
    rows = drawn(found)
    assert rows.loc[["a", "b"], "area_m2"].sum() == pytest.approx(
        rows.loc[["a", "b"], "length_m"].sum() * 5 + 25, rel=0.02
    )
    assert shapely.area(shapely.intersection(rows.geometry["a"], rows.geometry["b"])) < 0.001


def test_on_a_round_kerb_a_strip_is_a_piece_of_a_ring() -> None:
    """Around a square with a roundabout, areas would be those of rectangles."""
    angles, radius, deep = np.radians(np.arange(0, 360.5, 0.5)), 50.0, 5.0
    ring = [(float(x), float(y)) for x, y in 50 + 55 * np.column_stack([np.cos(angles), np.sin(angles)])]
    turns = np.radians([0, 20, 40, 60])
    fronts = {
        f"s{k}": [tuple((50 + 49 * np.array([np.cos(t), np.sin(t)])).tolist()) for t in np.linspace(begin, end, 9)]
        for k, (begin, end) in enumerate(pairwise(turns))
    }  # fmt: skip
    found = made(kerbside({"Ring": (ring, 10, 3)}, shapely.box(-60, -60, 160, 160)), shops(**fronts))
    expected = np.radians(20) * (radius**2 - (radius - deep) ** 2) / 2
    assert drawn(found).loc["s1", "area_m2"] == pytest.approx(expected, rel=0.01)


def test_a_dead_end_has_two_sides() -> None:
    """The shops of one side would answer for the doors of the other."""
    alley = {**AROUND, "Alley": ([(50.0, -5.0), (50.0, 60.0)], 4.0, 1.0)}
    found = made(kerbside(alley), shops(a=[(47, 20), (47, 30)], b=[(53, 20), (53, 30)]))
    rows = drawn(found)
    for code, box in (("a", shapely.box(43, 17, 48, 33)), ("b", shapely.box(52, 17, 57, 33))):
        assert rows.geometry[code].symmetric_difference(box).area < 0.1
    assert found.fronts.set_index("strip")["side"][["a", "b"]].tolist() == ["left", "right"]
    (end,) = made(kerbside(alley), shops(end=[(49, 61), (51, 61)])).fronts.query("strip == 'end'")["street"].unique()
    assert end == "Alley"


@pytest.mark.parametrize("south_m", [-5.0, 60.0])
def test_without_a_footway_strips_meet_at_the_centre_line(south_m: float) -> None:
    """A lane without a footway would be nobody's; a through lane and a dead end alike."""
    lane = {**AROUND, "Lane": ([(50.0, south_m), (50.0, 105.0)], 4.0, 0.0)}
    found = made(kerbside(lane), shops(a=[(47, 70), (47, 90)], b=[(53, 70), (53, 90)]))
    rows = drawn(found)
    for code, box in (("a", shapely.box(43, 67, 50, 93)), ("b", shapely.box(50, 67, 57, 93))):
        assert rows.geometry[code].symmetric_difference(box).area < 0.3
    assert shapely.area(shapely.intersection(rows.geometry["a"], rows.geometry["b"])) < 1e-3
    kerb_only = drawn(made(kerbside(lane, outer="kerb"), shops(a=[(47, 70), (47, 90)])))
    assert kerb_only.loc["a", "area_m2"] == pytest.approx(26 * 5, abs=0.1)
    red = drawn(made(kerbside(AROUND, outer="red_line"), shops(**ROW)))
    assert red.geometry["s1"].symmetric_difference(shapely.box(40, 3, 50, 8)).area < 0.05


def test_at_a_t_junction_the_mouth_is_road() -> None:
    """A strip would lie on the carriageway."""
    stem = {**AROUND, "Stem": ([(50.0, -5.0), (50.0, 105.0)], 8.0, 2.0)}
    found = made(kerbside(stem), shops(a=[(40, 1), (46, 1)], b=[(54, 1), (60, 1)]))
    rows = drawn(found)
    road = shapely.box(46, -10, 54, 110)
    assert shapely.area(shapely.intersection(rows.geometry.to_numpy(), road)).max() < 0.01
    assert lengths(found, "a") == {"South": 9.0, "Stem": 3.0}


@pytest.mark.parametrize("columns_m", [4.0, 8.0])
def test_a_strip_ends_at_the_wall_or_at_the_columns(columns_m: float) -> None:
    """Under an arcade it is the city's rule where the shop's ground ends: whichever line is given is the wall."""
    walls = [shapely.box(20, columns_m, 80, 30)]
    rows = drawn(made(kerbside(AROUND), shops(**ROW), walls))
    assert rows.geometry["s1"].symmetric_difference(shapely.box(40, 0, 50, columns_m)).area < 0.05
    fence = [shapely.LineString([(20, 6), (80, 6)])]
    fenced = drawn(made(kerbside(AROUND), shops(**ROW), fence))
    assert fenced.loc["s1", "area_m2"] == pytest.approx(60, abs=0.3)


def test_a_building_in_several_parts_or_over_the_kerb_takes_no_road() -> None:
    """A footprint that is drawn wrong would put ground of the street into a strip, or end the run."""
    several = shapely.MultiPolygon([shapely.box(20, 4, 45, 20), shapely.box(46, 4, 80, 20)])
    over = shapely.box(50, -3, 60, 20)
    crossed = shapely.Polygon([(62, 4), (70, 20), (70, 4), (62, 20)])
    rows = drawn(made(kerbside(AROUND), shops(**{**ROW, "far": [(5, 1), (15, 1)]}), [several, over, crossed]))
    assert shapely.area(shapely.intersection(rows.geometry.to_numpy(), shapely.box(0, -10, 100, -0.01))).max() < 0.01
    assert rows.loc["s1", "area_m2"] == pytest.approx(40, abs=1)


def test_shops_without_a_place_are_listed_with_the_reason() -> None:
    """A shop would vanish from the list of those who have signed nothing."""
    building = shapely.box(20, 5, 80, 40).difference(shapely.box(40, 15, 60, 30))
    found = made(kerbside(AROUND), shops(yard=(50, 20), middle=(50, 60), front=(30, 5.5)), [building])
    told = dict(zip(found.unplaced["shop"], found.unplaced["reason"], strict=True))
    assert told == {"yard": "no_wall_on_a_street", "middle": "far_from_kerb"}
    nowhere = shops(a=(30, 5))
    nowhere.loc[0, "geometry"] = shapely.Point()
    assert made(kerbside(AROUND), nowhere).unplaced["reason"].tolist() == ["no_position"]


ODD: dict[str, Any] = {
    "a front in two pieces that meet": shapely.MultiLineString([[(30, 2), (35, 2)], [(35, 2), (40, 2)]]),
    "a front in two pieces": shapely.MultiLineString([[(30, 2), (35, 2)], [(38, 2), (40, 2)]]),
    "a footprint": shapely.box(30, 2, 40, 10), "two points": shapely.MultiPoint([(30, 2), (40, 2)]),
    "no length": shapely.LineString([(30, 2), (30, 2)]),
    "longer than its street": shapely.LineString([(-30, 2), (130, 2)]),
    "around three corners": shapely.LineString([(2, 2), (98, 2), (98, 98), (2, 98), (2, 10)]),
    "on the carriageway": shapely.Point(50, -5), "on the corner": shapely.Point(100, 0),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_drawn_for_a_shop_it_has_one_strip(odd: str) -> None:
    """One shape that somebody drew otherwise would end the run for the whole city."""
    these = shops(a=(60, 5), b=(70, 5))
    these.loc[0, "geometry"] = geographic([ODD[odd]])[0]
    found = made(kerbside(AROUND), these)
    assert sorted(shop for mine in found.strips["shops"] for shop in mine) == ["a", "b"]
    if "meet" in odd:
        assert drawn(found).loc["a", ["quality", "length_m"]].tolist() == ["measured", 16.0]


STREETS: dict[str, tuple[Drawn, float | None, float | None]] = {
    "no length": ([(50, 50), (50, 50)], 5, 1), "less than no width": ([(50, 20), (50, 80)], -5, -1),
    "outside": ([(500, 20), (500, 80)], 5, 1), "twice": ([(-50, -5), (150, -5)], 10, 3),
    "a loop": ([(30, 30), (70, 30), (70, 70), (30, 70), (30, 30)], 6, 2),
}  # fmt: skip


@pytest.mark.parametrize("odd", STREETS)
def test_whatever_is_drawn_as_a_street_the_others_keep_their_kerb(odd: str) -> None:
    """One line of a survey that went wrong would end the run."""
    found = made(kerbside({**AROUND, "Odd": STREETS[odd]}), shops(**ROW))
    assert drawn(found).loc["s1", "area_m2"] == 50.0


def test_ground_in_parts_and_with_holes() -> None:
    """A lake, or a town that belongs to the city from afar, would end the run."""
    holed = shapely.MultiPolygon([GROUND.difference(shapely.box(40, 40, 60, 60)), shapely.box(300, 0, 400, 100)])
    rows = drawn(made(kerbside(AROUND, holed), shops(**ROW)))
    assert rows.loc[["s1", "s2"], "area_m2"].tolist() == [50.0, 50.0]


def test_the_street_in_the_address_goes_before_the_nearer_kerb() -> None:
    """A shop whose back is on the lane would answer for the lane."""
    near_lane = (90.0, 94.0)
    assert lengths(made(kerbside(AROUND), shops(a=near_lane)), "a") == {"North": 14.0}
    assert lengths(made(kerbside(AROUND), shops({"a": "East"}, a=near_lane)), "a") == {"East": 13.0, "North": 1.0}


def test_shops_that_share_a_door_have_one_strip() -> None:
    """The upstairs shop would have no ground, or half a door's width."""
    found = made(kerbside(AROUND), shops(up=(50, 5), down=(50.3, 5), other=(70, 5)))
    rows = drawn(found)
    assert rows.loc["down", ["kind", "quality", "length_m"]].tolist() == ["joint", "estimated", 14.3]
    assert rows.loc["down", "shops"] == ["down", "up"] and "up" not in rows.index
    assert rows.loc["other", "kind"] == "shop"


def test_fronts_that_overlap_meet_in_the_middle() -> None:
    """Two surveys of one façade would claim the same metre twice."""
    rows = drawn(made(kerbside(AROUND), shops(a=[(30, 1), (42, 1)], b=[(40, 1), (50, 1)])))
    assert rows.loc[["a", "b"], "length_m"].tolist() == [14.0, 12.0]


def test_a_street_that_changes_its_name_shares_a_strip() -> None:
    """A street's share would count metres of another."""
    renamed: dict[str, Any] = {name: one for name, one in AROUND.items() if name != "South"}
    renamed |= {"Old": ([(-50, -5), (50, -5)], 10, 3), "New": ([(50, -5), (150, -5)], None, None)}
    found = made(kerbside(renamed), shops(a=[(45, 1), (55, 1)]))
    # The kerb steps back by half a metre, where the class's nine metres begin.
    assert lengths(found, "a") == pytest.approx({"Old": 8.5, "New": 8.0}, abs=0.1)


def test_without_shops_all_is_blank_and_without_streets_nothing_is() -> None:
    """An empty register would be an error, or the rim of the territory a shop front."""
    empty = shops(a=(30, 5)).head(0)
    found = made(kerbside(AROUND), empty)
    assert set(found.strips["kind"]) == {"blank"} and found.strips["length_m"].sum() > 1000
    assert set(found.fronts["street"]) == set(AROUND)
    rim = made(kerbside({"Far": ([(-49, -49), (-48, -49)], 2, 1)}), shops(a=(140, 100)))
    assert rim.unplaced["reason"].tolist() == ["far_from_kerb"], "the rim of the territory is no street"


def test_the_same_again_is_the_same_and_an_edit_changes_its_block_alone() -> None:
    """Agreements would lose their strip whenever somebody computes anew."""
    side, many = kerbside(AROUND), shops(**ROW, far=(-20, 60), point=(60, 96))
    first, again = made(side, many), made(kerbside(AROUND), many.iloc[::-1])
    assert first.strips.to_json() == again.strips.to_json() and first.fronts.equals(again.fronts)
    moved = made(side, shops(**ROW, far=(-20, 50), point=(60, 96)))
    mine = [one for one in first.strips["code"] if one not in set(moved.strips["code"])]
    both = first.strips.merge(moved.strips, on="code")
    same = [one.equals(other) for one, other in zip(both["geometry_x"], both["geometry_y"], strict=True)]
    assert set(both["code"][~np.array(same)]) | set(mine) <= {"far", *first.strips["code"][:6]}
    assert {"s0", "s1", "s2", "s3", "point"} <= set(both["code"][same])

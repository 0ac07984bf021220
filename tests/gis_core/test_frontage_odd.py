"""What stands, runs or is written oddly at the kerb, and has to come out right nevertheless."""

import numpy as np
import pytest
import shapely

from api.strips import street_in
from gis_core.frontage.strips import redrawn, strips
from tests.gis_core.blocks import AROUND, drawn, geographic, kerbside, made, shops

ROW = [shapely.box(10, 5, 90, 15)]
FRONTS = {f"s{n}": [(20 + 10 * n, 5), (30 + 10 * n, 5)] for n in range(4)}


@pytest.mark.parametrize("odd", [shapely.box(24.7, 2, 25.3, 2.6), shapely.box(24, 2, 26, 2.5)])
def test_a_column_or_kiosk_before_a_door_hides_no_shop(odd: shapely.Geometry) -> None:
    """The shops of an arcade would be listed as having no front."""
    found = made(kerbside(AROUND), shops(**FRONTS), [*ROW, odd])
    assert not len(found.unplaced) and set(FRONTS) <= set(found.strips["code"])
    behind = shops(yard=[(45, 17), (55, 17)])
    assert made(kerbside(AROUND), behind, ROW).unplaced["reason"].tolist() == ["no_wall_on_a_street"]


def test_walls_on_both_sides_of_a_narrow_lane_leave_it_open() -> None:
    """Shops in a dead end of 2.5 m would have no ground, since the walls are near enough to count as one."""
    streets = {**AROUND, "Lane": ([(50, -5), (50, 60)], 2.5, 0.3)}
    walls = [shapely.box(30, 10, 48.65, 50), shapely.box(51.35, 10, 70, 50)]
    these = shops(left=[(48.65, 20), (48.65, 30)], right=[(51.35, 20), (51.35, 30)])
    found = made(kerbside(streets, outer="kerb"), these, walls)
    assert not len(found.unplaced)
    assert found.strips.set_index("code").loc[["left", "right"], "area_m2"].min() > 0.9


def test_a_front_within_another_leaves_nothing_to_nobody() -> None:
    found = made(kerbside(AROUND), shops(outer=[(10, 5), (70, 5)], inner=[(20, 5), (30, 5)]))
    rows = drawn(found)
    owned = rows.loc[["outer", "inner"], "length_m"].sum()
    assert 60 <= owned <= 66.5, "all sixty metres, and at most three more at either end"
    same = made(kerbside(AROUND), shops(outer=[(20, 5), (60, 5)], inner=[(38, 5), (42, 5)]))
    assert set(same.strips["kind"]) == {"shop", "blank"}, "one in the middle of another is no shared door"


def test_a_row_of_stalls_is_not_one_door() -> None:
    these = shops(**{f"s{n:02}": (20 + 0.7 * n, 3) for n in range(40)})
    found = made(kerbside(AROUND), these)
    assert found.strips["shops"].str.len().max() <= 2
    assert sorted(code for mine in found.strips["shops"] for code in mine) == sorted(these["code"])


@pytest.mark.parametrize("turn", np.linspace(0, 2 * np.pi, 9))
def test_doors_are_shared_wherever_the_ring_of_kerb_begins(turn: float) -> None:
    angles = turn + np.array([0, 0.4 / 40])
    these = shops(one=tuple(38 * np.array([np.cos(angles[0]), np.sin(angles[0])])),
                  two=tuple(38 * np.array([np.cos(angles[1]), np.sin(angles[1])])))  # fmt: skip
    circle = [(45 * np.cos(a), 45 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 73)]
    found = made(kerbside({"Ring": (circle, 10, 3)}), these)
    joint = found.strips[found.strips["kind"] == "joint"]
    assert joint["shops"].tolist() == [["one", "two"]], turn
    fronts = found.fronts[found.fronts["strip"] == "one"]
    assert set(fronts["side"]) == {"left"}, "the street runs around the block anticlockwise"
    assert (fronts["to_m"] - fronts["from_m"]).sum() < 2 * fronts["length_m"].sum()


def test_a_shop_known_by_its_footprint_has_the_front_of_it() -> None:
    """Its middle is farther from the kerb than any door."""
    frame = shops(deep=(50, 25))
    frame = frame.set_geometry(geographic([shapely.box(45, 4, 55, 50)]), crs=4326)
    row = made(kerbside(AROUND), frame).strips.set_index("code").loc["deep"]
    assert row["quality"] == "measured" and 10 <= row["length_m"] <= 16.5


def test_a_blank_that_stays_keeps_its_code() -> None:
    """Every blank behind a shop that closes would be another one, and stored anew."""
    side = kerbside(AROUND)
    these = shops(a=(20, 3), b=(50, 3), c=(80, 3), d=(3, 50))
    before, after = (made(side, one).strips for one in (these, these[these["code"] != "b"]))
    whole = dict(zip(before.geometry.to_wkb(), before["code"], strict=True))
    again = [
        (whole[shape], code)
        for shape, code in zip(after.geometry.to_wkb(), after["code"], strict=True)
        if shape in whole
    ]
    assert len(again) >= 5 and all(old == new for old, new in again)
    assert before["code"].is_unique and after["code"].is_unique


def test_an_edit_where_nobody_stands_draws_nothing() -> None:
    side, these = kerbside(AROUND), shops(a=(20, 3))
    far = shops(far=(50, 50))
    far.loc[1] = ["nowhere", None, None]
    found, blocks = redrawn(side, these, far)
    assert not len(blocks) and not len(found.strips) and list(found.fronts) == list(strips(side, these).fronts)


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("新人民路12号", None),
        ("朝阳区人民路12号", "人民路"),
        ("人民路12号", "人民路"),
        ("人民路一巷3号", "人民路一巷"),
        ("Southgate Road 5", None),
        ("5 South, Testville", "South"),
        ("5, South", "South"),
        ("", None),
    ],
)
def test_a_street_is_found_in_an_address_as_a_name_of_its_own(address: str, street: str | None) -> None:
    names = {"人民路", "人民路一巷", "South"}
    assert street_in(address, names, max(map(len, names))) == street

"""What cities rule otherwise: strips up to property lines, and fronts as wide as those of a trade usually are."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis_core.errors import InvalidInput
from gis_core.frontage.rules import StripRules
from gis_core.frontage.strips import redrawn, strips
from gis_core.frontage.trades import ENOUGH, median_fronts
from tests.gis_core.blocks import AROUND, SRID, Drawn, drawn, geographic, kerbside, shops, sound
from tests.gis_core.test_frontage import lengths
from tests.gis_core.test_frontage_towns import of, same
from tests.gis_core.truth_town import town

LOTS = [shapely.box(30, 5, 45, 30), shapely.box(45, 5, 60, 30), shapely.box(64, 5, 74, 30)]
"""Two lots that have a line in common, and one beyond an alley."""


def by_lots(lots: Any = LOTS, **fronts: Any) -> Any:
    """Strips by property lines."""
    side = kerbside(AROUND, sides="property_line")
    return sound(strips(side, shops(**fronts), lots=geographic(lots)))


def along(found: Any) -> dict[str, tuple[float, float]]:
    """Where on South the strips of shops are, in metres from the corner."""
    rows = drawn(found)
    rows = rows[rows["kind"] != "blank"]
    return {code: tuple(np.round(shape.bounds[::2], 2)) for code, shape in rows.geometry.items()}


def test_a_strip_ends_where_the_property_line_meets_the_kerb() -> None:
    """Before half of its lot a shop would answer for three metres, and for the neighbour's where fronts are near."""
    found = by_lots(a=[(34, 5), (40, 5)], b=[(52, 5), (58, 5)], c=(70, 9))
    assert along(found) == {"a": (30, 45), "b": (45, 60), "c": (64, 74)}, "and the alley is nobody's"
    assert drawn(found).loc[["a", "b", "c"], "area_m2"].tolist() == [75, 75, 50]
    plain = drawn(strips(kerbside(AROUND), shops(a=[(34, 5), (40, 5)]), lots=geographic(LOTS)))
    assert plain.loc["a", "length_m"] == 12.0, "by the rule of half a gap lots say nothing"


def test_a_front_drawn_beyond_its_line_ends_there_unless_the_ground_is_free() -> None:
    """The border would wander with the surveyor's hand; a shop that took in its neighbour's house would lose half."""
    assert along(by_lots(a=[(34, 5), (45.4, 5)], b=[(46, 5), (58, 5)])) == {"a": (30, 45), "b": (45, 60)}
    assert along(by_lots(a=[(30, 5), (57, 5)], c=(70, 9))) == {"a": (30, 57), "c": (64, 74)}


def test_shops_in_one_lot_share_what_is_between_them() -> None:
    assert along(by_lots(a=[(32, 5), (35, 5)], b=[(39, 5), (42, 5)])) == {"a": (30, 37), "b": (37, 45)}
    assert along(by_lots(a=(32, 7), b=(44, 7))) == {"a": (30, 38), "b": (38, 45)}


def test_where_no_lot_is_half_the_gap_counts() -> None:
    """A street of which the cadastre has a part only would have no strips."""
    found = by_lots(a=[(34, 5), (40, 5)], b=[(84, 5), (90, 5)])
    assert along(found) == {"a": (30, 45), "b": (81, 93)}
    beside = by_lots(c=[(66, 5), (70, 5)], d=[(76, 5), (80, 5)])
    # Half the gap, at 73, would be within the lot of the one: its neighbour would answer for its ground.
    assert along(beside) == {"c": (64, 74), "d": (75, 83)}, "beyond the line of the one, the other has half"


@pytest.mark.parametrize("corner", [(95.0, 5.0), (95.0, 95.0), (5.0, 95.0), (5.0, 5.0)])
def test_a_lot_at_a_corner_has_the_corner(corner: tuple[float, float]) -> None:
    """The corner itself lies straight before no wall; nor would a lot around all four end where the ring begins."""
    (x, y), inwards = corner, np.sign(50 - np.array(corner))
    lot = shapely.box(*np.sort([corner, corner + 15 * inwards], axis=0).ravel())
    front: Drawn = [(x + 10 * inwards[0], y), (x + 2 * inwards[0], y)]
    found = by_lots([lot], a=front)
    assert sorted(lengths(found, "a").values()) == [20, 20]
    assert drawn(found).loc["a", "area_m2"] == pytest.approx(2 * 20 * 5 - 25, abs=0.1)
    # All around the block it would be the four streets of an estate.
    whole = by_lots([shapely.box(5, 5, 95, 95)], a=front)
    assert sum(lengths(whole, "a").values()) == 8 + 2 * 50, "fifty metres to either side, around the corner too"


def test_lots_that_are_drawn_oddly_end_no_run() -> None:
    """Parcels come with holes, crossed edges, in parts, over the kerb, and twice."""
    odd = [
        shapely.box(30, -4, 44, 30), shapely.box(30, -4, 44, 30), shapely.Point(50, 5), shapely.Polygon(),
        shapely.Polygon([(45, 5), (60, 30), (60, 5), (45, 30)]), None,
        shapely.MultiPolygon([shapely.box(62, 5, 66, 9), shapely.box(68, 5, 72, 9)]),
    ]  # fmt: skip
    found = by_lots(odd, a=(36, 5), b=(46, 9), c=(64, 7), d=(70, 7))
    assert along(found)["a"] == (30, 44) and {"b", "c", "d"} <= set(along(found))


@pytest.mark.parametrize("fronts", [True, False])
def test_with_lots_too_an_edit_changes_its_block_only(fronts: bool) -> None:
    """Letters would be out of date wherever the cadastre is used."""
    drawn_town = town(1, fronts=fronts)
    side, these = of(drawn_town)
    side = kerbside_of(side, sides="property_line", fronts_m={"tea": 5.0})
    these["trade"] = np.where(np.arange(len(these)) % 3, "tea", None)
    west, south, east, north = shapely.bounds(drawn_town.ground)
    steps = [np.arange(low, high, 11.0) for low, high in ((west, east), (south, north))]
    lots = geographic([shapely.box(x, y, x + 11, y + 9.5) for x in steps[0] for y in steps[1]])
    before = sound(strips(side, these, lots=lots))
    assert (before.strips["length_m"][before.strips["kind"] == "shop"] > 0).all()
    for one in range(0, len(these), len(these) // 4):
        rest = these.drop(index=these.index[one])
        again, blocks = redrawn(side, rest, these.iloc[[one]], lots=lots)
        whole = strips(side, rest, lots=lots)
        touched = whole.strips["block"].isin(blocks)
        assert same(whole.strips[touched], again.strips)
        assert same(whole.strips[~touched], before.strips[~before.strips["block"].isin(blocks)])


def kerbside_of(side: Any, **rules: Any) -> Any:
    """The same kerbs by other rules."""
    return type(side)(side.streets, side.ground, side.srid, StripRules(**rules))


def test_a_shop_known_by_a_point_is_as_wide_as_its_trade() -> None:
    """A bank would have a kiosk's kerb, and the kiosk beside it the bank's."""
    side = kerbside(AROUND, fronts_m={"bank": 20.0, "kiosk": 2.0})
    these = shops(bank=(40, 5), kiosk=(52, 5), else_=(80, 5)).assign(trade=["bank", "kiosk", "other"])
    found = sound(strips(side, these))
    # Fronts from 30 to 50 and from 51 to 53, and three metres beyond; four and three where the trade is unknown.
    assert along(found) == {"bank": (27, 50.5), "kiosk": (50.5, 56), "else_": (73, 87)}
    assert set(drawn(found).loc[["bank", "kiosk"], "quality"]) == {"estimated"}
    door = shops(bank=(40, 5), kiosk=(40.3, 5)).assign(trade=["bank", "kiosk"])
    (joint,) = strips(side, door).strips.query("kind == 'joint'")["length_m"]
    assert joint == 26.0, "a shared door is shared however wide the two are"
    measured = shops(bank=[(38, 5), (42, 5)]).assign(trade="bank")
    assert along(strips(side, measured)) == {"bank": (35, 45)}, "what is measured is not guessed"


def test_a_narrow_front_takes_nothing_of_a_wide_one_beside_it() -> None:
    """A kiosk would have two metres of the bank's wall."""
    assert along(strips(kerbside(AROUND), shops(bank=[(30, 5), (50, 5)], kiosk=[(50, 5), (52, 5)]))) == {
        "bank": (27, 50), "kiosk": (50, 55),
    }  # fmt: skip


def test_the_usual_front_of_a_trade_is_the_median_of_enough() -> None:
    """One department store would be what every shop of three streets is like."""
    fronts: dict[str, Any] = {f"t{n}": [(0, 5 * n), (6 + 0.2 * n, 5 * n)] for n in range(ENOUGH)}
    fronts |= {f"p{n}": (50, 5 * n) for n in range(ENOUGH)} | {f"q{n}": [(70, n), (90, n)] for n in range(ENOUGH - 1)}
    these = shops(**fronts).assign(trade=[*["tea"] * ENOUGH, *["tea"] * ENOUGH, *["bank"] * (ENOUGH - 1)])
    assert median_fronts(these, SRID) == {"tea": pytest.approx(6.9, abs=0.05)}
    assert median_fronts(gpd.GeoDataFrame(these.drop(columns="trade")), SRID) == {}


@pytest.mark.parametrize(
    ("rules", "field"),
    [({"sides": "wall"}, "sides"), ({"snow": "far"}, "snow"), ({"fronts_m": {"tea": 0.0}}, "fronts_m.tea")],
)
def test_a_rule_that_is_none_is_named(rules: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        StripRules(**rules)
    assert refused.value.params["field"] == f"strips.{field}"

"""Segments, strips and stretches as units: who is next to whom, nothing lost, and no hot spot by chance."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_core.hotspots.asking import Asked, Given
from gis_core.hotspots.methods import METHODS
from gis_core.hotspots.significance import hot, significance
from gis_core.hotspots.street_supports import (
    SegmentSupport,
    segment_support,
    segments_of,
    stretch_support,
    strip_support,
)
from gis_core.ledger import Ledger
from gis_core.patrol.exposure import effort
from gis_core.patrol.ground import Ground
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.territory import Territory
from tests.gis_core import truth_patrol as truth
from tests.gis_core.small_city import territory

CORNER = np.array((truth.EAST_M, truth.NORTH_M))
Places = list[tuple[str | None, float, float]]


def ground(network: StreetNetwork, city: Territory | None = None) -> Ground:
    """What a support asks of the ground: what its segments are called."""
    street = network.code[network.street]
    segments = pd.DataFrame({"street": street, "name": street, "from_m": network.from_m})
    nothing = np.empty((0, 0), np.int64)
    return Ground(city or territory(), segments, pd.DataFrame(), nothing, nothing)


def support(streets: dict[str, list[tuple[float, float]]]) -> tuple[StreetNetwork, SegmentSupport]:
    network = build_network(truth.layer(streets), truth.SRID)
    return network, segment_support(network, ground(network))


def beside(found, code: str) -> set[str]:
    """Codes of the neighbours of a unit."""
    nth = found.codes.tolist().index(code)
    members = found.near.indices[found.near.indptr[nth] : found.near.indptr[nth + 1]]
    return {found.codes[one] for one in members} - {code}


def points(places: Places) -> pd.DataFrame:
    frame = pd.DataFrame(places, columns=["street", "x", "y"])
    return frame.assign(x=frame["x"] + CORNER[0], y=frame["y"] + CORNER[1], number=1)


def test_neighbours_of_a_segment_share_a_junction() -> None:
    """A lane behind a wall, 6 m away, is next to nothing; nor is the same street two crossings on."""
    _, found = support({
        "a": [(0, 0), (300, 0)], "x": [(100, -50), (100, 50)], "y": [(200, -50), (200, 50)], "lane": [(0, 6), (90, 6)],
    })  # fmt: skip
    assert beside(found, "a@0.00") == {"a@100.00", "x@0.00", "x@50.00"}
    assert beside(found, "lane@0.00") == set() and found.near.islands.sum() == 1
    assert "a@200.00" not in beside(found, "a@0.00")
    assert found.codes.tolist() == sorted(found.codes) and found.size.sum() == pytest.approx(0.59, abs=1e-3)


def test_a_ring_and_a_dead_end_are_next_to_what_they_meet() -> None:
    """An edge that begins where it ends is its own neighbour only once."""
    _, found = support({"ring": [(0, 0), (50, 50), (0, 100), (-50, 50), (0, 0)], "stem": [(0, 0), (0, -80)]})
    assert beside(found, "ring@0.00") == {"stem@0.00"}
    assert found.near.sizes.tolist() == [2, 2]


def test_what_lies_on_each_other_is_one_unit() -> None:
    """Reports on either of two drawings of a street are reports on one; against each other drawn, too."""
    network, found = support({"a": [(0, 0), (200, 0)], "b": [(200, 0.03), (0, 0.03)], "c": [(200, 0), (200, 90)]})
    assert found.codes.tolist() == ["a@0.00", "c@0.00"] and found.of_edge.tolist() == [0, 0, 1]
    edge, at_m = segments_of(network, points([("a", 50, 1), ("b", 50, 1), ("c", 203, 40)]))
    assert network.code[network.street[edge]].tolist() == ["a", "a", "c"]
    assert at_m == pytest.approx([50, 50, 40], abs=0.05)
    assert found.counted(edge, np.array([2, 3, 4])).tolist() == [5, 4]


def test_reports_lie_on_their_own_street_and_none_is_lost() -> None:
    """However near another street is; what is on no street of the network is said to be, and the rest adds up."""
    network, found = support({"a": [(0, 0), (300, 0)], "x": [(150, -50), (150, 50)], "lane": [(0, 6), (90, 6)]})
    random = np.random.default_rng(7)
    codes = np.array(["a", "x", "lane", "gone", None], dtype=object)[random.integers(0, 5, 400)]
    places = pd.DataFrame({"street": codes, "x": random.uniform(-20, 320, 400) + CORNER[0],
                           "y": random.uniform(-60, 60, 400) + CORNER[1]})  # fmt: skip
    edge, at_m = segments_of(network, places)
    on = edge >= 0
    assert (on == np.isin(codes, ["a", "x", "lane"])).all()
    assert (network.code[network.street[edge[on]]] == codes[on]).all()
    number = random.integers(1, 5, 400)
    assert found.counted(edge, number).sum() == number[on].sum()
    exact = [
        shapely.distance(shapely.union_all(network.lines[network.code[network.street] == code]), shapely.Point(x, y))
        for code, x, y in zip(codes[on], places["x"][on], places["y"][on], strict=True)
    ]
    at = [line.interpolate(m) for line, m in zip(network.lines[edge[on]], at_m[on], strict=True)]
    assert shapely.distance(at, shapely.points(places[["x", "y"]][on])) == pytest.approx(exact, abs=1e-6)


def test_places_that_are_no_numbers_are_on_no_street() -> None:
    """A kernel would write them to the first edge."""
    network, _ = support({"a": [(0, 0), (300, 0)]})
    edge, at_m = segments_of(network, points([("a", np.nan, 0), ("a", 0, np.inf), ("a", 900, 0)]))
    assert edge.tolist() == [-1, -1, 0] and at_m == pytest.approx([0, 0, 300], abs=1e-3)
    assert [len(part) for part in segments_of(network, points([]))] == [0, 0]


def book(*strips: tuple[str, str, float, float, str]) -> Ledger:
    """Front doors along streets 1,000 m apart, ``(code, street, from, to, side)``; B… is blank."""
    codes, streets, begins, ends, sides = (list(column) for column in zip(*strips, strict=True)) if strips else [[]] * 5
    order = {street: nth for nth, street in enumerate(dict.fromkeys(streets))}
    shapes = [
        shapely.box(begin, 1000 * order[street] + (3 if side == "left" else -7), end,
                    1000 * order[street] + (7 if side == "left" else -3))
        for street, begin, end, side in zip(streets, begins, ends, sides, strict=True)
    ]  # fmt: skip
    shapes = [shapely.transform(shape, lambda xy: xy + CORNER) for shape in shapes]
    metres = np.subtract(ends, begins)
    blank = [code.startswith("B") for code in codes]
    frame = gpd.GeoDataFrame(
        {"code": codes, "state": ["blank" if no else "signed" for no in blank], "name": codes, "street": streets,
         "origin": "derived", "units": [0 if no else 1 for no in blank], "length_m": metres, "excluded_m": 0.0},
        geometry=shapes, crs=truth.SRID,
    ).to_crs(4326)  # fmt: skip
    fronts = pd.DataFrame({"strip": np.arange(len(codes)), "street": streets, "side": sides, "from_m": begins,
                           "to_m": ends, "length_m": metres, "excluded_m": 0.0})  # fmt: skip
    return Ledger(frame, fronts)


ROW = [("a", "S", 0, 20, "left"), ("b", "S", 20, 40, "left"), ("c", "S", 50, 70, "left"), ("d", "S", 0, 40, "right")]


def test_neighbours_of_a_strip_are_on_its_side_of_the_street() -> None:
    """The shop opposite and the one behind a long wall are none."""
    found = strip_support(book(*ROW, ("B1", "S", 70, 110, "left"), ("e", "S", 110, 130, "left")), truth.SRID)
    assert found.codes.tolist() == ["a", "b", "c", "d", "e"], "what is nobody's is no unit"
    assert beside(found, "b") == {"a", "c"} and beside(found, "d") == set() and beside(found, "e") == set()
    assert "c" not in beside(found, "a")
    assert found.size.sum() == pytest.approx(0.12) and found.shops.tolist() == [1] * 5
    assert found.of_strip.tolist() == [0, 1, 2, 3, -1, 4]


def test_a_street_between_two_strips_keeps_them_apart() -> None:
    """A lane leads off between b and c; a and b touch, and nothing fits between them."""
    lanes = gpd.GeoSeries(
        [shapely.LineString(np.array([(x, 0), (x, 60)]) + CORNER) for x in (20, 45)], crs=truth.SRID
    ).to_crs(4326)  # fmt: skip
    found = strip_support(book(*ROW), truth.SRID, lanes.to_numpy())
    assert beside(found, "b") == {"a"} and beside(found, "c") == set()


def test_a_corner_shop_has_neighbours_on_both_streets() -> None:
    """Its strip runs round the corner."""
    corner = book(*ROW, ("f", "T", 0, 20, "left"))
    more = corner.fronts.iloc[[2]].assign(street="T", from_m=25.0, to_m=35.0, length_m=10.0)
    corner = Ledger(corner.strips, pd.concat([corner.fronts, more], ignore_index=True))
    assert beside(strip_support(corner, truth.SRID), "c") == {"b", "f"}


def test_two_strips_of_one_code_are_one_unit() -> None:
    """Violations are told by code: half of them would be nowhere."""
    twice = book(*ROW[:3])
    twice.strips["code"], twice.strips["origin"] = ["a", "b", "a"], ["derived", "derived", "official"]
    found = strip_support(twice, truth.SRID)
    assert found.codes.tolist() == ["a", "b"] and found.size.tolist() == pytest.approx([0.04, 0.02])
    assert found.shapes[0].equals(twice.strips.geometry.iloc[2]), "the drawn one is looked at"


def test_stretches_hold_each_strip_once() -> None:
    """Both sides of 100 m and of the next."""
    found = stretch_support(book(*ROW, ("e", "S", 110, 130, "left"), ("g", "S", 420, 430, "left")), truth.SRID)
    assert found.codes.tolist() == ["S@0:left", "S@0:right", "S@100:left", "S@400:left"]
    assert found.shops.tolist() == [3, 1, 1, 1] and found.size.sum() == pytest.approx(0.13)
    assert beside(found, "S@0:left") == {"S@100:left"} and beside(found, "S@400:left") == set()


def test_nothing_is_no_units() -> None:
    """A city whose front doors nobody drew."""
    for found in (strip_support(book(), truth.SRID), stretch_support(book(), truth.SRID)):
        assert len(found.codes) == len(found.shapes) == len(found.near) == len(found.size) == 0


def block_town() -> SegmentSupport:
    """Ten streets each way, of blocks of 100 m."""
    lines = {f"e{n}": [(0, 100 * n), (1000, 100 * n)] for n in range(11)}
    return support(lines | {f"n{n}": [(100 * n, 0), (100 * n, 1000)] for n in range(11)})[1]


def told(units: SegmentSupport, raised: dict[str, int]) -> tuple[dict[str, dict], dict]:
    """Rows by code and facts of a street's significance, of two reports a unit and more at some."""
    counts = np.random.default_rng(2).poisson(2, len(units.codes))
    counts[[units.codes.tolist().index(code) for code in raised]] = list(raised.values())
    given = Given(shapely.box(0, 0, 1, 1), truth.SRID, support=units, cube=counts[:, None])
    answer = METHODS["significance"].work(Asked(0, 29, support=units.name), given)
    return {row["code"]: row for row in answer.features.to_dict("records")}, answer.facts["stability"]


def test_a_hot_street_is_stable_and_a_fluke_is_not() -> None:
    """Two parties would be sent as surely to one bad week at a door as to a bad street."""
    blocks = [f"e5@{at}.00" for at in (200, 300, 400, 500)]
    rows, facts = told(block_town(), dict.fromkeys(blocks, 26))
    assert facts["ways"] == 4 and all(rows[code]["stable"] == 1 for code in blocks)
    rows, facts = told(block_town(), {"n9@100.00": 18})
    assert rows["n9@100.00"]["class"] == "hot_99" and (rows["n9@100.00"]["stable"], facts["stable"]) == (0.5, 0)


def test_a_hot_row_of_shops_is_stable_and_a_fluke_is_not() -> None:
    """The same of strips before doors, looked at again by the 100 m of their side of the street."""
    shops = [(f"{street}{at:04d}{side}", street, at, at + 10, side) for street in ("p", "q", "r")
             for at in range(0, 1000, 10) for side in ("left", "right")]  # fmt: skip
    row = [f"q{at:04d}left" for at in range(410, 490, 10)]
    strips = strip_support(book(*shops), truth.SRID)
    rows, facts = told(strips, dict.fromkeys(row, 14))
    assert facts["ways"] == 4 and all(rows[code]["stable"] == 1 for code in row)
    rows, facts = told(strips, {"p0500right": 18})
    assert rows["p0500right"]["class"].startswith("hot") and rows["p0500right"]["stable"] < 1 and not facts["stable"]


def test_stretches_that_hold_units_are_of_one_street() -> None:
    """Blocks of 100 m two by two, strips by the 100 m of their side, and these two by two."""
    units = support({"a": [(0, 0), (450, 0)], **{f"x{n}": [(n, -50), (n, 50)] for n in (100, 200, 300, 400)}})[1]
    alike = dict(zip(units.codes.tolist(), units.stretch.tolist(), strict=True))
    assert alike["a@0.00"] == alike["a@100.00"] != alike["a@200.00"] == alike["a@300.00"] != alike["a@400.00"]
    assert alike["x100@0.00"] == alike["x100@50.00"] not in (alike["a@0.00"], alike["x200@0.00"])
    doors = book(*ROW, ("e", "S", 110, 130, "left"), ("g", "S", 420, 430, "left"), ("B2", "S", 430, 440, "left"))
    assert strip_support(doors, truth.SRID).stretch.tolist() == [0, 0, 0, 1, 2, 3]
    assert stretch_support(doors, truth.SRID).stretch.tolist() == [0, 1, 0, 2]


def test_chance_alone_is_seldom_hot_on_segments_and_strips() -> None:
    """A small town: any segment or strip at q < .05 in at most 7 % of maps (of 100, so 13 are allowed by chance)."""
    lines = {f"e{n}": [(0, 100 * n), (1000, 100 * n)] for n in range(11)}
    lines |= {f"n{n}": [(100 * n, 0), (100 * n, 1000)] for n in range(11)}
    shops = [(f"{street}{at:04d}{side}", street, at, at + 8, side) for street in ("p", "q", "r")
             for at in range(0, 1000, 10) for side in ("left", "right")]  # fmt: skip
    random = np.random.default_rng(11)
    for units in (support(lines)[1], strip_support(book(*shops), truth.SRID)):
        exposure = units.size * random.lognormal(0, 0.8, len(units.size))
        mean = 2 * exposure / exposure.mean()
        maps = [significance(random.poisson(mean), units.near, exposure).cells for _ in range(100)]
        assert sum(hot(one["class"]).any() for one in maps) <= 13


def test_reports_that_follow_patrol_are_no_hot_spots() -> None:
    """Compared with kilometres times hours, nearly every such map has one, where patrol is seldom."""
    random = np.random.default_rng(3)
    at = np.cumsum(random.lognormal(4.3, 0.7, 11))
    far = at[-1] + 60
    lines = {f"e{n}": [(0, y), (far, y)] for n, y in enumerate(at)} | {
        f"n{n}": [(x, 0), (x, far)] for n, x in enumerate(at)
    }
    _, units = support(lines)
    found = {"product": 0, "effort": 0}
    for _ in range(40):
        metres = units.size * 1000 * random.lognormal(1.5, 1.0, len(units.size))
        seconds = metres / random.lognormal(0.1, 0.2, len(metres))
        reports = random.poisson(2 * metres / metres.mean())
        for name, exposure in (("product", metres * seconds), ("effort", effort(metres, seconds))):
            found[name] += hot(significance(reports, units.near, exposure).cells["class"]).any()
    assert found["effort"] <= 4 and found["product"] >= 30

"""The street network: what is joined, what is not, and the way back to street and metre."""

import numpy as np
import pandas as pd
import pytest
import shapely

from gis_core.errors import InvalidInput
from gis_core.patrol.beside import with_carriageways
from gis_core.patrol.network import DRIVING, WALKING, StreetNetwork, build_network
from gis_core.patrol.register import check_lanes
from gis_core.patrol.routes import shortest_path
from tests.gis_core import truth_patrol as truth
from tests.gis_core.truth_patrol import layer


def network(lines: dict[str, list[tuple[float, float]]], **more: object) -> StreetNetwork:
    """The network of such streets."""
    return build_network(layer(lines, **more), truth.SRID)


def pieces(built: StreetNetwork) -> list[tuple[str, float, float]]:
    """Code, begin and end of each edge, to the centimetre."""
    frame = built.edges()
    return list(zip(frame["code"], frame["from_m"].round(2), frame["to_m"].round(2), strict=True))


CROSS = {"a": [(0, 0), (100, 0)], "b": [(40, -50), (40, 50)]}


def test_streets_are_joined_where_they_cross() -> None:
    """Nobody could turn from one street into another."""
    built = network(CROSS)
    assert pieces(built) == [("a", 0, 40), ("a", 40, 100), ("b", 0, 50), ("b", 50, 100)]
    assert len(built.node_xy) == 5 and len(built.components()) == 1
    length = shapely.length(built.lines)
    assert built.length_m == pytest.approx(length, abs=1e-6)


@pytest.mark.parametrize("more", [
    {"bridge": [None, "yes"]}, {"tunnel": [True, None]}, {"level": [0, 2]},
    {"bridge": ["no", "viaduct"]}, {"bridge": [0.0, 1.0]}, {"layer": [None, "1"]}, {"layer": [np.nan, -1.0]},
    {"level": [np.nan, 1.0], "layer": [0.0, 0.0]},
])  # fmt: skip
def test_bridges_and_tunnels_are_not_joined_to_what_they_cross(more: dict[str, object]) -> None:
    """A patrol on the flyover would be led into the lane below it."""
    built = network(CROSS, **more)
    assert len(built.u) == 2 and len(built.components()) == 2


@pytest.mark.parametrize("no", ["no", "false", False, 0, 0.0, "", None, np.nan])
def test_what_is_said_to_be_no_bridge_is_none(no: object) -> None:
    """Every street of a layer that fills in the column would be cut off from what it crosses."""
    assert len(network(CROSS, bridge=[None, no]).components()) == 1


def test_one_way_columns_of_numbers_are_read() -> None:
    """A column with a gap comes as 1.0 and -1.0: every one-way street would be open to both sides."""
    lines = {"a": [(0, 0), (100, 0)], "b": [(0, 9), (100, 9)], "c": [(0, 18), (100, 18)]}
    assert list(network(lines, oneway=[1.0, -1.0, np.nan]).one_way) == [1, -1, 0]
    assert list(network(lines, oneway=["1.0", "-1.0", "0.0"]).one_way) == [1, -1, 0]


def test_streets_that_are_no_lines_are_left_out_and_too_short_ones_are_no_network() -> None:
    """One street with a coordinate that is no number, or a layer of dots, would end the process without a word."""
    bad = layer(CROSS | {"c": [(0, 20), (50, 20)]})
    with np.errstate(invalid="ignore"):
        bad.loc[2, "geometry"] = shapely.LineString([(np.nan, np.nan), (117.0, 30.7)])
    assert pieces(build_network(bad, truth.SRID)) == pieces(network(CROSS))
    with pytest.raises(InvalidInput) as refused:
        network({"a": [(0, 0), (0.3, 0)], "b": [(9, 0), (9.4, 0)]})
    assert refused.value.key == "network_empty"


def test_a_bridge_is_joined_where_it_ends() -> None:
    """Nobody could get onto the bridge."""
    built = network(
        {"a": [(0, 0), (100, 0)], "b": [(100, 0), (200, 0)], "c": [(200, 0), (200, 90)]}, bridge=["", "yes", ""]
    )
    assert len(built.components()) == 1


BRIDGE = {"bridge": [(0, 0), (100, 0)]}


@pytest.mark.parametrize(("lane", "parts"), [
    ([(40, 0.2), (40, 50)], 2), ([(40, 0), (40, 50)], 2), ([(100.2, 0), (100, 50)], 1), ([(100, -50), (100, 50)], 1),
])  # fmt: skip
def test_what_ends_beside_a_bridge_does_not_lead_onto_it(lane: list[tuple[float, float]], parts: int) -> None:
    """A lane that ends below a flyover would be a ramp; a flyover that comes down on a street would have none."""
    for more in ({"bridge": ["yes", None]}, {"tunnel": ["yes", None]}, {"level": [2, 1]}, {"level": [-2, 1]}):
        assert len(network(BRIDGE | {"lane": lane}, **more).components()) == parts
    assert len(network(BRIDGE | {"lane": lane}).components()) == 1


def test_areas_are_walked_along_all_their_edges() -> None:
    """Across the pond of a square there would be a way."""
    ring, hole = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)], [(40, 40), (60, 40), (60, 60), (40, 60), (40, 40)]
    drawn = layer({"ring": ring, "hole": hole, "way": [(-50, 0), (0, 0)]})
    corners, pond = (shapely.get_coordinates(drawn.geometry[row]) for row in (0, 1))
    streets = layer({"square": ring, "way": [(-50, 0), (0, 0)]})
    streets.loc[0, "geometry"] = shapely.Polygon(corners, [pond])
    built = build_network(streets, truth.SRID)
    assert built.length_m.sum() == pytest.approx(400 + 80 + 50, abs=0.01)
    assert list(built.components()["length_m"].round()) == [450, 80]
    streets.loc[0, "geometry"] = shapely.Point(corners[0])
    assert build_network(streets, truth.SRID).length_m.sum() == pytest.approx(50, abs=0.01)


@pytest.mark.parametrize(("short_m", "parts"), [(0.0, 1), (0.4, 1), (0.6, 2)])
def test_ends_that_almost_touch_are_joined(short_m: float, parts: int) -> None:
    """A lane drawn a hand short of its street would be unreachable; one a metre short may have a wall before it."""
    built = network({"a": [(0, 0), (100, 0)], "b": [(40, short_m), (40, 50)]})
    assert len(built.components()) == parts


def test_edges_lead_back_to_street_and_metre() -> None:
    """Nobody could say which metres of which street were walked, least of all where a street is drawn in parts."""
    built = build_network(layer({"a": [[(0, 0), (30, 0)], [(60, 0), (100, 0)]], "b": [(80, -5), (80, 5)]}), truth.SRID)
    assert pieces(built) == [("a", 0, 30), ("a", 30, 50), ("a", 50, 70), ("b", 0, 5), ("b", 5, 10)]
    code, at_m = built.at(np.array([2]), np.array([7.0]))
    assert code[0] == "a" and at_m[0] == pytest.approx(57)


def test_a_new_street_leaves_the_names_of_other_edges() -> None:
    """What was walked last month would belong to other metres."""
    before, after = pieces(network(CROSS)), pieces(network(CROSS | {"c": [(70, -9), (70, 0)]}))
    assert set(before) - set(after) == {("a", 40, 100)}


def test_rings_loops_and_streets_without_length_do_no_harm() -> None:
    """One odd line would spoil the whole city."""
    built = network(
        {"ring": [(0, 0), (50, 0), (50, 50), (0, 50), (0, 0)], "spot": [(9, 9), (9, 9)], "end": [(50, 50), (90, 50)]}
    )
    assert built.length_m.sum() == pytest.approx(240)
    assert len(built.components()) == 1
    with pytest.raises(InvalidInput):
        network({"spot": [(9, 9), (9, 9)]})


def test_who_walks_need_not_mind_one_way_streets() -> None:
    """An inspector would be led round the block, or a van against the traffic."""
    lines = {"a": [(0, 0), (100, 0)], "b": [(100, 0), (100, 80), (0, 80), (0, 0)]}
    built = network(lines, oneway=["yes", None])
    start, end = int(built.u[0]), int(built.v[0])
    assert shortest_path(built.graph(WALKING), end, start, 1000.0)[0] == pytest.approx(100)
    length_m, edges = shortest_path(built.graph(DRIVING), end, start, 1000.0)
    assert length_m == pytest.approx(260) and list(edges) == [1]
    assert shortest_path(built.graph(DRIVING), end, start, 200.0)[0] == np.inf


def test_ways_are_the_shortest_there_are() -> None:
    """Routes would be longer than they must be."""
    import scipy.sparse as sp
    from scipy.sparse.csgraph import dijkstra

    built = build_network(truth.crooked(2, 8, 8).streets(), truth.SRID)
    nodes = len(built.node_xy)
    far = dijkstra(sp.csr_array((built.length_m, (built.u, built.v)), (nodes, nodes)), directed=False, indices=5)
    graph = built.graph()
    for target in range(0, nodes, 7):
        length_m, edges = shortest_path(graph, 5, target, 1e6)
        assert length_m == pytest.approx(far[target])
        assert built.length_m[edges].sum() == pytest.approx(far[target])


def test_two_carriageways_are_one_way_each_and_lanes_are_not() -> None:
    """A car would be put on the wrong side of a wide road; or a lane beside another closed to one direction."""
    lines = {
        "west": [(0, 0), (400, 0)],
        "east": [(0, 12), (400, 12)],
        "far": [(0, 60), (400, 60)],
        "said": [(0, 72), (400, 72)],
    }
    built = network(lines, oneway=[None, None, None, "yes"])
    assert list(with_carriageways(built).one_way) == [1, -1, 1, 1]
    assert list(with_carriageways(built, keeps_right=False).one_way) == [-1, 1, -1, 1]
    three = network({"a": [(0, 0), (400, 0)], "b": [(0, 12), (400, 12)], "c": [(0, 24), (400, 24)]})
    assert with_carriageways(three).one_way[1] == 0


def test_the_register_of_lanes_is_held_against_the_layer() -> None:
    """A lane that is on paper only would never be walked, and nobody would miss it."""
    streets = layer(
        {"1": [(0, 0), (100, 0)], "2": [(0, 9), (300, 9)], "3": [(0, 30), (50, 30)], "4": [(0, 50), (50, 50)]}
    )
    streets = streets.assign(name=["甲巷", "乙巷", "丙巷", "大道"], **{"class": ["backstreet"] * 3 + ["arterial"]})
    register = pd.DataFrame(
        [("1", "甲巷", 103.0), ("2", "老乙巷", 200.0), ("9", "丁巷", 80.0), (None, "甲巷", None)],
        columns=["code", "name", "length_m"],
    )
    found = check_lanes(register, streets, truth.SRID, ("backstreet",))
    told = {(row.check, row.code): (row.other, row.amount) for row in found.itertuples()}
    assert told.keys() == {
        ("lane_missing", "9"), ("lane_twice", "甲巷"), ("lane_renamed", "2"), ("lane_length", "2"), ("lane_extra", "3"),
    }  # fmt: skip
    assert told["lane_renamed", "2"][0] == "乙巷"
    assert told["lane_length", "2"][1] == pytest.approx(100, abs=0.2)


def test_a_register_that_agrees_has_no_findings() -> None:
    """People would look for faults that are none."""
    streets = layer({"1": [(0, 0), (100, 0)]}).assign(name=["甲巷"], **{"class": ["backstreet"]})
    register = pd.DataFrame({"name": ["甲巷"]})
    assert len(check_lanes(register, streets, truth.SRID, ("backstreet",))) == 0


def test_a_register_against_a_layer_with_gaps() -> None:
    """A lane without a code would be the first street without one; of a street in two rows half would be missing; and
    behind a street without a line every place would be its neighbour's.
    """
    streets = layer(
        {"1": [(0, 0), (100, 0)], "2": [(0, 9), (300, 9)], "3": [(0, 30), (50, 30)], "4": [(0, 50), (50, 50)]}
    )
    streets = streets.assign(name=[None, "甲巷", "甲巷", "丁巷"], **{"class": "backstreet"})
    streets["code"] = [None, "2", "2", "4"]
    streets.loc[len(streets)] = {"code": "5", "name": "戊巷", "class": "backstreet", "geometry": None}
    streets = streets.iloc[[4, 0, 1, 2, 3]].reset_index(drop=True)
    register = pd.DataFrame(
        [(None, "己巷", None), ("2", "甲巷", 350.0), (None, "丁巷", 80.0), ("5", "戊巷", 10.0), (None, None, None)],
        columns=["code", "name", "length_m"],
    )
    found = check_lanes(register, streets, truth.SRID, ("backstreet",))
    assert set(zip(found["check"], found["code"].fillna(""), strict=True)) == {
        ("lane_extra", ""), ("lane_length", "丁巷"), ("lane_missing", ""), ("lane_missing", "5"),
        ("lane_missing", "己巷"),
    }  # fmt: skip
    (place,) = found[found["check"] == "lane_length"][["lon", "lat"]].to_numpy()
    assert truth.DEGREES.transform(*place, direction="INVERSE")[1] - truth.NORTH_M == pytest.approx(50, abs=0.1)

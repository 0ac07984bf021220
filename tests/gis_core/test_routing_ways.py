"""Shortest ways: two means to the same metres, and legs that add up."""

import heapq
import math
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import routingkit_cch

from gis_core.errors import InvalidInput
from gis_core.patrol.network import DRIVING, WALKING, Profile, StreetNetwork, build_network
from gis_core.routing.matrices import Ways
from gis_core.routing.snapping import OFF, Spots
from gis_core.routing.topology import is_order, order_of, topology_key
from tests.gis_core import truth_patrol as truth
from tests.gis_core.truth_patrol import EAST_M, NORTH_M, layer

ENGINES = ("scipy", "cch")
BOUND = Profile(one_way=True)


def built(lines: dict[str, list[tuple[float, float]]], **more: object) -> StreetNetwork:
    """The network of such streets."""
    return build_network(layer(lines, **more), truth.SRID)


def at(*places: tuple[float, float]) -> np.ndarray:
    """Positions as they are given in the lines of :func:`built`."""
    return np.array(places, float) + [EAST_M, NORTH_M]


def random_network(seed: int) -> StreetNetwork:
    """Crossing streets, some one-way, with twins, rings, parallel lanes, dead ends and an island."""
    random = np.random.default_rng(seed)
    lines = {f"s{nth}": [tuple(end) for end in random.uniform(0, 600, (2, 2))] for nth in range(25)}
    lines |= {f"h{nth}": [(0, 60.0 * nth), (600, 60.0 * nth + 11)] for nth in range(8)}
    lines["twin"], lines["against"] = lines["s0"], lines["s1"][::-1]
    for nth in range(3):
        x, y = random.uniform(50, 550, 2)
        lines[f"ring{nth}"] = [(x, y), (x + 30, y), (x + 30, y + 40), (x - 5, y + 40), (x, y)]
        lines[f"bow{nth}"] = [(x, y), (x + 20, y - 35), (x + 60, y)]
        lines[f"chord{nth}"] = [(x, y), (x + 60, y)]
    lines["island"], lines["coast"] = [(900, 900), (990, 900)], [(950, 850), (950, 950)]
    way = [str(random.choice(["no", "no", "yes", "-1"])) for _ in lines]
    kind = [str(random.choice(["backstreet", "backstreet", "footpath"])) for _ in lines]
    return built(lines, oneway=way, **{"class": kind})


def spots_of(ways: Ways, random: np.random.Generator, count: int) -> Spots:
    """Places beside streets, on nodes, twice on one edge, and at both ends of edges."""
    network = ways.network
    edge = random.integers(len(network.u), size=count)
    share = random.choice([0.0, 1.0, 0.5, 0.2, 0.81], size=count)
    near = ways.spots(random.uniform(0, 1000, (count, 2)) + [EAST_M, NORTH_M], limit_m=80.0)
    nodes = ways.spots(network.node_xy[random.integers(len(network.node_xy), size=count)])
    return Spots.joined([near, nodes, ways.on_edges(edge, share * network.length_m[edge])])


def heap_cm(ways: Ways, source: tuple[int, int], target: tuple[int, int]) -> float:
    """The shortest way by a search of its own, over a network that is cut at both places; centimetres."""
    network, (onward, back) = ways.network, ways.free
    length = np.rint(network.length_m * 100).astype(int)
    cuts: dict[int, set[int]] = {}
    for edge, cm in (source, target):
        if edge == OFF:
            return math.inf
        cuts.setdefault(edge, set()).add(cm)
    arcs: dict[object, list[tuple[object, int]]] = {}
    for edge in range(len(network.u)):
        places = sorted({0, int(length[edge])} | cuts.get(edge, set()))
        name = {cm: (edge, cm) for cm in places}
        name |= {0: network.u[edge], int(length[edge]): network.v[edge]}
        for low, high in pairwise(places):
            if onward[edge]:
                arcs.setdefault(name[low], []).append((name[high], high - low))
            if back[edge]:
                arcs.setdefault(name[high], []).append((name[low], high - low))

    def named(place: tuple[int, int]) -> object:
        edge, cm = place
        return network.u[edge] if cm == 0 else network.v[edge] if cm == length[edge] else place

    best, queue, nth = {}, [(0, 0, named(source))], 0
    while queue:
        cm, _, node = heapq.heappop(queue)
        if node in best:
            continue
        best[node] = cm
        for other, more in arcs.get(node, []):
            heapq.heappush(queue, (cm + more, nth := nth + 1, other))
    return best.get(named(target), math.inf)


def resummed(ways: Ways, source: Spots, target: Spots, leg: object) -> int:
    """Length of a leg, edge by edge, each beginning where the one before ends; centimetres."""
    network, (onward, back) = ways.network, ways.free
    length = np.rint(network.length_m * 100).astype(int)

    def places(edge: int, cm: int) -> set[object]:
        ends = {network.u[edge]} if cm == 0 else set()
        return ends | ({network.v[edge]} if cm == length[edge] else set()) | {(edge, cm)}

    def place(spot: Spots) -> set[object]:
        return places(int(spot.edge[0]), round(float(spot.at_m[0]) * 100))

    here, total = place(source), 0
    for edge, low, high in zip(leg.edges, leg.from_m, leg.to_m, strict=True):
        low, high = round(low * 100), round(high * 100)
        assert here & places(edge, low), "it jumps"
        assert (onward if low < high else back)[edge] or low == high, "against a rule"
        here, total = places(edge, high), total + abs(high - low)
    assert here & place(target)
    return total


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("profile", [WALKING, BOUND, DRIVING], ids=["walking", "bound", "driving"])
@pytest.mark.parametrize("seed", range(3))
def test_every_entry_is_the_shortest_way_and_every_leg_adds_up_to_it(seed: int, profile: Profile, engine: str) -> None:
    """A plan would be made on metres that nobody walks."""
    network, random = random_network(seed), np.random.default_rng(seed)
    ways = Ways(network, profile, engine=engine)
    ways = ways.closing(random.integers(len(network.u), size=12)) if seed else ways
    sources, targets = spots_of(ways, random, 5), spots_of(ways, random, 5)
    matrix = ways.matrix(sources, targets)
    whole = [[(int(e), round(m * 100)) for e, m in zip(s.edge, s.at_m, strict=True)] for s in (sources, targets)]
    assert matrix.tolist() == [[heap_cm(ways, source, target) / 100 for target in whole[1]] for source in whole[0]]
    row, column = (each.ravel() for each in np.indices(matrix.shape))
    legs = ways.paths(sources.take(row), targets.take(column))
    assert [leg.length_m for leg in legs] == matrix.ravel().tolist()
    for nth, leg in enumerate(legs):
        if np.isfinite(leg.length_m):
            total = resummed(ways, sources.take([row[nth]]), targets.take([column[nth]]), leg)
            assert total == round(leg.length_m * 100)
            line = ways.line(leg)
            # Streets are joined where up to half a metre is missing, which is in the line, but not in the length.
            assert (0.0 if line is None else line.length) == pytest.approx(
                leg.length_m, abs=0.6 * len(leg.edges) + 0.01
            )


@pytest.fixture(scope="module")
def cross() -> StreetNetwork:
    """Two streets that cross, a one-way lane beside, and an island of one street 40 m off the end of the first."""
    lines = {
        "a": [(0, 0), (100, 0)], "b": [(40, -50), (40, 50)], "c": [(40, 50), (100, 50)], "d": [(100, 50), (100, 0)],
        "isle": [(140, 0), (190, 0)],
    }  # fmt: skip
    return built(lines, oneway=["no", "no", "yes", "yes", "no"])


def test_both_engines_tell_the_same_of_a_town(cross: StreetNetwork) -> None:
    """A plan would depend on what is installed."""
    network, random = build_network(truth.crooked(1).streets(), truth.SRID), np.random.default_rng(1)
    order = order_of(network)
    assert is_order(order, network) and Ways(network, order=order).engine == "cch" and Ways(network).engine == "scipy"
    one, other = Ways(network, order=order), Ways(network)
    low, high = network.node_xy.min(axis=0), network.node_xy.max(axis=0)
    spots = one.spots(random.uniform(low, high, (60, 2)))
    assert np.array_equal(one.matrix(spots, spots), other.matrix(spots, spots))
    nodes = random.integers(len(network.node_xy), size=60)
    assert np.array_equal(one.nodes_matrix(nodes, nodes[::-1]), other.nodes_matrix(nodes, nodes[::-1]))
    assert np.array_equal(one.nodes_matrix(nodes, nodes), one.nodes_matrix(nodes, nodes).T)


@pytest.mark.parametrize("engine", ENGINES)
def test_two_places_on_one_street_are_their_metres_apart(cross: StreetNetwork, engine: str) -> None:
    """Who inspects two doors of one lane would be sent round the block, or against a one-way street."""
    ways = Ways(cross, BOUND, engine=engine)
    two = ways.spots(at((60, 51), (80, 49), (80, 3), (50, -2), (40, 0), (40, 0)))
    assert two.off_m == pytest.approx([1, 1, 3, 2, 0, 0])
    matrix = ways.matrix(two, two)
    assert matrix[0, 1] == 20.0 and matrix[1, 0] == 20 + 50 + 60 + 50 + 20
    assert matrix[2, 3] == matrix[3, 2] == 30.0 and matrix[4, 5] == 0.0
    there, back = ways.paths(two.take([0, 1, 4]), two.take([1, 0, 5]))[:2]
    assert len(there.edges) == 1 and len(back.edges) == 5 and back.edges[0] == back.edges[-1] == there.edges[0]
    edges, length_m = ways.path(two.take([4]), two.take([5]))
    assert len(edges) == 0 and length_m == 0.0 and ways.line(ways.paths(two.take([4]), two.take([5]))[0]) is None


@pytest.mark.parametrize("engine", ENGINES)
def test_a_ring_is_walked_the_shorter_way(engine: str) -> None:
    """Of a street that ends where it begins only one direction would be known, or none."""
    ways = Ways(built({"ring": [(0, 0), (60, 0), (60, 40), (0, 40), (0, 0)], "in": [(-50, 0), (0, 0)]}), engine=engine)
    spots = ways.spots(at((10, 0), (0, 30), (60, 20), (-20, 0)))
    assert ways.matrix(spots, spots)[0].tolist() == [0.0, 40.0, 70.0, 30.0]
    leg = ways.paths(spots.take([0]), spots.take([1]))[0]
    assert len(leg.edges) == 2 and leg.length_m == 40.0 and ways.line(leg).length == pytest.approx(40.0)


def test_nothing_is_ordered_or_contracted_again_when_streets_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every closure in the middle of a day would cost twenty seconds."""
    network = build_network(truth.crooked(2).streets(), truth.SRID)
    ways, random = Ways(network, order=order_of(network)), np.random.default_rng(2)
    spots = ways.spots(network.node_xy[random.integers(len(network.node_xy), size=40)])
    before = ways.matrix(spots, spots)
    monkeypatch.setattr(routingkit_cch, "compute_order_inertial", None)
    monkeypatch.setattr(routingkit_cch, "CCH", None)
    shut = random.choice(len(network.u), 60, replace=False)
    closed = ways.closing(shut[:30]).closing(shut[30:])
    after = closed.matrix(spots, spots)
    assert np.array_equal(after, Ways(network, closed=shut, engine="scipy").matrix(spots, spots))
    assert (after >= before).all() and (after > before).any()
    assert not set(np.concatenate([leg.edges for leg in closed.paths(spots, spots.take(slice(None, None, -1)))])) & {
        *shut
    }
    assert np.array_equal(ways.matrix(spots, spots), before)


@pytest.mark.parametrize("engine", ENGINES)
def test_who_is_cut_off_is_told_by_what(cross: StreetNetwork, engine: str) -> None:
    """A planner would see a task left out, and not what to do about it."""
    kinds = built({"a": [(0, 0), (100, 0)], "b": [(100, 0), (200, 0)]}, **{"class": ["footpath", "branch"]})
    ways = Ways(cross, BOUND, engine=engine)
    spots = ways.spots(at((10, 0), (90, 0), (160, 5), (40, 400), (40, 20)))
    one, two, isle, off, lane = (spots.take([row]) for row in range(5))
    assert ways.why(one, two) is None
    assert (
        off.edge[0] == OFF
        and ways.why(one, off).key == "way_off"
        and ways.why(off, one).params == {"of": "source", "away_m": 350.0}
    )
    assert np.isinf(ways.matrix(spots, spots)[[0, 0, 2, 3], [2, 3, 0, 3]]).all()
    apart = ways.why(one, isle)
    assert apart.key == "way_component" and apart.params["of"] == "target" and apart.params["street"] == "a"
    assert ways.why(isle, one) == replace(apart, params={**apart.params, "of": "source"})
    assert apart.params["gap_m"] == pytest.approx(60) and apart.params["x"] == pytest.approx(EAST_M + 100, abs=0.1)
    lanes = np.flatnonzero(cross.code[cross.street] == "b")
    assert ways.closing(lanes).why(one, lane).key == "way_closed" and ways.closing(lanes).why(one, two) is None
    assert ways.closing(lanes).why(one, lane).params == {"street": "b"}
    first = np.flatnonzero((cross.code[cross.street] == "a") & (cross.from_m > 1))
    against = ways.closing(first).why(ways.spots(at((100, 20))), ways.spots(at((70, 50))))
    assert against.key == "way_closed" and against.params == {"street": "a"}
    oneway = Ways(
        built({"a": [(0, 0), (100, 0)], "b": [(100, 0), (200, 0)]}, oneway=["yes", "no"]), BOUND, engine=engine
    )
    assert oneway.why(oneway.spots(at((150, 0))), oneway.spots(at((50, 0)))).params == {"street": "a"}
    assert oneway.why(oneway.spots(at((50, 0))), oneway.spots(at((150, 0)))) is None
    driven = Ways(kinds, DRIVING, engine=engine)
    assert driven.spots(at((50, 0))).off_m == pytest.approx([50.0])
    foot = driven.on_edges(np.flatnonzero(kinds.kind[kinds.street] == "footpath"), np.array([50.0]))
    assert driven.why(foot, driven.spots(at((150, 0)))).key == "way_class"


def test_what_stands_on_a_closed_street_is_reached_at_its_ends_alone(cross: StreetNetwork) -> None:
    """The corner house of a lane under repair would be called cut off."""
    lane = np.flatnonzero((cross.code[cross.street] == "b") & (cross.from_m > 1))
    ways = Ways(cross, closed=lane)
    spots = ways.spots(at((0, 0), (40, 0), (40, 10), (40, 50)))
    assert ways.matrix(spots, spots)[0].tolist() == [0.0, 40.0, np.inf, 210.0]


def test_streets_that_lie_on_each_other_are_one() -> None:
    """A lane drawn twice would be closed on one of its lines and walked along the other."""
    network = built(
        {"a": [(0, 0), (100, 0)], "b": [(100, 0), (0, 0)], "c": [(100, 0), (150, 0)]}, oneway=["yes", "yes", "no"]
    )
    ways = Ways(network, BOUND)
    twin = np.flatnonzero(network.code[network.street] == "b")
    end = ways.spots(at((150, 0)))
    assert ways.matrix(ways.on_edges(twin, np.array([30.0])), end)[0, 0] == 80.0  # b runs against a
    assert ways.matrix(end, ways.on_edges(twin, np.array([30.0])))[0, 0] == 80.0
    assert ways.closing(twin).why(ways.spots(at((50, 0))), end).params == {"street": "a"}


def test_edges_without_a_length_are_passed(cross: StreetNetwork) -> None:
    """A network that is not ours, with two nodes in one place, would fall apart there."""
    two = built({"a": [(0, 0), (100, 0)], "b": [(100, 0), (101, 0)], "c": [(101, 0), (150, 0)]})
    to_m = np.where(two.code[two.street] == "b", two.from_m, two.to_m)
    network = replace(two, to_m=to_m)
    for engine in ENGINES:
        ways = Ways(network, engine=engine)
        spots = ways.on_edges(np.array([0, 2, 1]), np.array([60.0, 9.0, 0.0]))
        assert ways.matrix(spots, spots).tolist() == [[0, 49, 40], [49, 0, 9], [40, 9, 0]]
        leg = ways.paths(spots.take([0]), spots.take([1]))[0]
        assert leg.edges.tolist() == [0, 1, 2] and leg.length_m == 49.0


def test_an_order_is_known_by_nodes_and_edges_and_a_strange_one_is_refused(cross: StreetNetwork) -> None:
    """An order of yesterday's streets would give wrong metres, or end the process."""
    other = built({"a": [(0, 0), (100, 0)], "b": [(40, -50), (40, 50)]})
    assert topology_key(cross) == topology_key(replace(cross, from_m=cross.from_m + 1.0)) != topology_key(other)
    good = order_of(cross)
    for bad in (good[:-1], np.append(good[:-1], good[0]), good - 1, good.astype(float), good[None]):
        with pytest.raises(InvalidInput) as refused:
            Ways(cross, order=bad)
        assert refused.value.key == "way_order"


def test_without_the_extra_it_is_scipy(cross: StreetNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installs no more than is needed could plan nothing."""
    order = order_of(cross)
    monkeypatch.setitem(sys.modules, "routingkit_cch", None)
    assert Ways(cross, order=order).engine == "scipy"
    for ask in (lambda: Ways(cross, engine="cch"), lambda: order_of(cross)):
        with pytest.raises(InvalidInput) as refused:
            ask()
        assert refused.value.key == "way_engine"


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_asked_nothing_told(cross: StreetNetwork, engine: str) -> None:
    """A day without tasks would end in a fault of NumPy."""
    ways = Ways(cross, engine=engine)
    none, one = ways.spots(np.zeros((0, 2))), ways.spots(at((0, 0)))
    assert ways.matrix(none, one).shape == (0, 1) and ways.matrix(one, none).shape == (1, 0)
    assert ways.paths(none, none) == []
    with pytest.raises(InvalidInput) as refused:
        ways.spots(np.array([[0.0, 0.0], [np.nan, 1.0]]))
    assert refused.value.key == "way_position" and refused.value.params == {"row": 1}


def test_threads_share_what_is_contracted(cross: StreetNetwork) -> None:
    """A job in one thread would end another's."""
    ways = Ways(cross, engine="cch")
    spots = ways.at_nodes(np.array([0, 1, 2, 3]))
    expected = ways.matrix(spots, spots), [leg.edges.tolist() for leg in ways.paths(spots, spots.take([3, 2, 1, 0]))]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            pool.submit(ways.matrix, spots, spots)
        rounds = [pool.submit(ways.paths, spots, spots.take([3, 2, 1, 0])) for _ in range(20)]
        assert all([leg.edges.tolist() for leg in each.result()] == expected[1] for each in rounds)
    assert np.array_equal(ways.matrix(spots, spots), expected[0])

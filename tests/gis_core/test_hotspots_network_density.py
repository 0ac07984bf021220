"""Heat along streets: the published closed form, mass kept everywhere, and what is refused."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis_core.errors import InvalidInput
from gis_core.hotspots.network_density import network_heat
from gis_core.patrol.network import StreetNetwork, build_network

SRID = 32650
MIDDLE = np.array([500_000.0, 3_500_000.0])


def network_of(*lines: list[tuple[float, float]]) -> StreetNetwork:
    shapes = gpd.GeoSeries([shapely.LineString(np.array(line) + MIDDLE) for line in lines], crs=SRID).to_crs(4326)
    codes = [f"s{number}" for number in range(len(lines))]
    return build_network(gpd.GeoDataFrame({"code": codes}, geometry=shapes), SRID)


def at(network: StreetNetwork, *places: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    points = shapely.points(np.array(places) + MIDDLE)
    edge = np.array([shapely.distance(network.lines, point).argmin() for point in points])
    return edge, shapely.line_locate_point(network.lines[edge], points)


def density_at(network: StreetNetwork, lixels, place: tuple[float, float]) -> float:
    """Reports per metre and day at a place."""
    edge, at_m = (values[0] for values in at(network, place))
    own = np.flatnonzero(lixels.edge == edge)
    return float(lixels.density[own[min(int(at_m / lixels.length_m[own[0]]), len(own) - 1)]] / 1000)


STAR = network_of([(0, 0), (0, 50)], [(0, 0), (50, 0)], [(0, 0), (0, -50)], [(0, 0), (-50, 0)])


def quartic(away: float, reach: float) -> float:
    return 15 / 16 * (1 - (away / reach) ** 2) ** 2


def test_the_closed_form_of_spnetwork() -> None:
    """Its own tests: a star of four arms, events 3 and 3.2 m out, a sample 3 m out on another arm.

    Their figures are divided by the bandwidth once more; arms are longer here, since ours turn back at dead ends.
    """
    first = network_heat(STAR, *at(STAR, (0, 3)), 10.0, 1.0, lixel_m=0.001)
    assert density_at(STAR, first, (3, 0)) / 10 == pytest.approx(0.00128, rel=1e-3)
    second = network_heat(STAR, *at(STAR, (-3.2, 0)), 12.0, 1.0, lixel_m=0.001)
    both = density_at(STAR, first, (3, 0)) / 10 + density_at(STAR, second, (3, 0)) / 12
    assert both == pytest.approx(0.0024462, rel=1e-3)
    assert density_at(STAR, first, (0, 6)) == pytest.approx(quartic(3, 10) / 10, rel=2e-3)


def test_a_report_on_a_junction_sends_an_equal_part_into_each_arm() -> None:
    heat = network_heat(STAR, *at(STAR, (0, 0)), 20.0, 1.0, lixel_m=0.02)
    assert heat.mass.sum() == pytest.approx(1)
    assert np.bincount(heat.edge, heat.mass) == pytest.approx([0.25] * 4)
    assert density_at(STAR, heat, (8, 0)) == pytest.approx(quartic(8, 20) / 20 / 2, rel=5e-3)


@pytest.mark.parametrize("reach", [35.0, 100.0, 150.0])
def test_mass_is_kept_over_crossings_rings_and_dead_ends(reach: float) -> None:
    """A lattice with lanes that end, a ring, two edges between the same crossings, and an island."""
    lines = [[(k * 40, 0), (k * 40, 210)] for k in range(6)] + [[(-10, k * 50), (220, k * 50)] for k in range(5)]
    ring = shapely.get_coordinates(shapely.Point(300, 300).buffer(12)).tolist()
    network = network_of(*lines, [(0, 0), (-20, 10), (-20, 40), (0, 50)], ring, [(500, 0), (507, 0)])
    random = np.random.default_rng(3)
    edge = random.integers(0, len(network.u), 800)
    at_m = random.uniform(0, 1, 800) * network.length_m[edge]
    at_m[:100], at_m[100:200] = 0, network.length_m[edge[100:200]]
    weight = random.uniform(0, 4, 800)
    heat = network_heat(network, edge, at_m, reach, 14.0, weight)
    assert heat.mass.sum() == pytest.approx(weight.sum(), rel=1e-9)
    assert (heat.density * heat.length_m).sum() / 1000 * 14 == pytest.approx(weight.sum(), rel=1e-9)
    assert np.isfinite(heat.density).all()
    assert (heat.mass >= 0).all()
    assert heat.length_m.max() <= 10 + 1e-9


def test_what_is_the_same_from_both_sides_is_told_the_same() -> None:
    line = network_of([(0, 0), (100, 0)])
    mirrored = network_of([(100, 0), (0, 0)])
    ours, theirs = (network_heat(n, *at(n, (30, 0), (99.995, 0)), 60.0, 1.0) for n in (line, mirrored))
    assert ours.mass == pytest.approx(theirs.mass[::-1])


def test_one_enormous_pile_is_one_report_as_often() -> None:
    edge, at_m = at(STAR, (0, 3))
    one = network_heat(STAR, edge, at_m, 30.0, 1.0)
    pile = network_heat(STAR, np.repeat(edge, 100_000), np.repeat(at_m, 100_000), 30.0, 1.0)
    assert pile.mass == pytest.approx(one.mass * 1e5)


def test_what_cannot_be_drawn_is_refused() -> None:
    edge, at_m = at(STAR, (0, 3))
    for key, refused in {
        "surface_bandwidth": lambda: network_heat(STAR, edge, at_m, 0.0, 1.0),
        "surface_days": lambda: network_heat(STAR, edge, at_m, 30.0, 0.0),
        "surface_empty": lambda: network_heat(STAR, edge[:0], at_m[:0], 30.0, 1.0),
        "lixel_length": lambda: network_heat(STAR, edge, at_m, 30.0, 1.0, lixel_m=1e-6),
        "lixel_report": lambda: network_heat(STAR, edge, at_m + 500, 30.0, 1.0),
    }.items():
        with pytest.raises(InvalidInput) as said:
            refused()
        assert said.value.key == key
        assert said.value.text("zh") != said.value.text("en")

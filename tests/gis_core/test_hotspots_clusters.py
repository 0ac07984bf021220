"""Clusters: planted ones found, chance and piles not."""

import numpy as np
import pytest
from scipy.stats import poisson

from gis_core.errors import InvalidInput
from gis_core.hotspots.clusters import clusters_of, least_points

SIDE_M = 6_000.0


def noise(random: np.random.Generator, count: int) -> np.ndarray:
    return random.uniform(0, SIDE_M, (count, 2))


def test_planted_clusters_are_found_by_class() -> None:
    random = np.random.default_rng(0)
    corners = random.uniform(500, 5_500, (20, 2))
    planted = np.repeat(np.arange(20), 40)
    xy = np.concatenate([noise(random, 4_000), corners[planted] + random.normal(0, 20, (800, 2))])
    kind = np.array(["litter"] * 4_400 + ["posters"] * 400, dtype=object)
    kind[:2_000] = "posters"
    cluster, found = clusters_of(xy, kind, SIDE_M**2)
    for corner in range(20):
        own = cluster[4_000:][planted == corner]
        assert (own >= 0).mean() > 0.9
        assert len(np.unique(own[own >= 0])) == 1
    assert (cluster[:4_000] >= 0).mean() < 0.05
    assert found["reports"].sum() == (cluster >= 0).sum()
    assert all((kind[cluster == row] == found["kind"][row]).all() for row in range(len(found)))
    assert set(found["p"]) == {None}


def test_chance_alone_makes_next_to_no_cluster() -> None:
    random = np.random.default_rng(1)
    xy = noise(random, 20_000)
    cluster, _ = clusters_of(xy, np.full(len(xy), "litter", dtype=object), SIDE_M**2)
    assert (cluster >= 0).mean() < 0.005


@pytest.mark.parametrize("count", [0, 1, 50, 5_000, 200_000])
def test_the_least_is_what_chance_does_not_explain(count: int) -> None:
    mean = count / SIDE_M**2 * np.pi * 40**2
    least = least_points(count, SIDE_M**2, 40.0)
    assert poisson.sf(least - 2, mean) < 1e-4
    assert least == 3 or poisson.sf(least - 3, mean) >= 1e-4


def test_a_pile_is_no_crowd() -> None:
    random = np.random.default_rng(2)
    pile = np.repeat([[3_000.2, 3_000.4]], 100_000, axis=0)
    xy = np.concatenate([noise(random, 20_000), pile])
    cluster, found = clusters_of(xy, np.full(len(xy), "litter", dtype=object), SIDE_M**2)
    assert (cluster[-100_000:] == -1).all()
    assert found["radius_m"].notna().all()


def test_the_scan_tells_its_p() -> None:
    xy = np.array([[0, 0], [10, 0], [0, 10], [10, 10], [900, 900.0]])
    asked = []
    cluster, found = clusters_of(
        xy, np.full(5, "a", dtype=object), 1e6, significance=lambda rows: asked.append(rows.tolist()) or 0.01
    )
    assert cluster.tolist() == [0, 0, 0, 0, -1]
    assert (asked, found["p"].tolist()) == ([[0, 1, 2, 3]], [0.01])


def test_none_and_unreadable_are_in_no_cluster() -> None:
    cluster, found = clusters_of(np.empty((0, 2)), np.empty(0, dtype=object), 1e6)
    assert len(cluster) == len(found) == 0
    cluster, found = clusters_of(np.array([[np.nan, 0], [np.inf, 1]]), np.array(["a", "a"], dtype=object), 1e6)
    assert (cluster.tolist(), len(found)) == ([-1, -1], 0)


def test_no_reach_and_no_area_are_refused() -> None:
    for key, area_m2, reach_m in (("cluster_reach", 1e6, 0.0), ("cluster_area", 0.0, 40.0)):
        with pytest.raises(InvalidInput) as said:
            clusters_of(np.zeros((1, 2)), np.array(["a"], dtype=object), area_m2, reach_m)
        assert said.value.key == key
        assert said.value.text("zh") != said.value.text("en")

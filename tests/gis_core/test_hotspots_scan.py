"""The scan statistic against SaTScan's printed results, planted crowds and odd maps."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from gis_core.errors import InvalidInput
from gis_core.hotspots.scan import (
    DAILY_SHARE,
    WIDE_SHARE,
    Circles,
    Draws,
    _Crowds,
    _largest_expected,
    circles,
    scan,
    scan_time,
)
from gis_core.hotspots.scanning import best_cylinder, largest_cylinder, least_reports
from gis_core.hotspots.shuffling import shuffling
from gis_core.hotspots.weights import lattice
from tests.gis_core import truth_hotspots as truth

PRINTED = {
    DAILY_SHARE: "scan_test_ny_poisson_circular_cartesian_ubpop_10percent.txt",
    WIDE_SHARE: "scan_test_ny_poisson_circular_cartesian.txt",
}


def _printed(name: str) -> list[tuple[set[int], int, float, float, float]]:
    """Members, cases, expected, ratio and p of each cluster of a printed result."""
    text = truth.reference(f"smerc/{name}").read_text("latin-1")
    found = []
    for part in re.split(r"\n\d+\.Location IDs included\.: ", text)[1:]:
        members = {int(one) for one in re.findall(r"\d+", part.partition("Overlap")[0])}
        figures = [float(re.search(rf"{label}\.*: ([\d.]+)", part).group(1)) for label in (
            "Number of cases", "Expected cases", "Log likelihood ratio", "P-value",
        )]  # fmt: skip
        found.append((members, int(figures[0]), *figures[1:]))
    return found


@pytest.mark.parametrize("share", PRINTED)
def test_new_york_is_that_of_satscan(share: float) -> None:
    """Members, expected cases or ratio would differ from the programme that health offices use."""
    printed = _printed(PRINTED[share])
    towns = pd.read_csv(truth.reference("smerc/nydf.csv"))
    people = towns["population"].to_numpy(np.float64)
    around = circles(towns[["longitude", "latitude"]].to_numpy(), people, share)
    found = scan(np.floor(towns["cases"]), people, around)
    assert len(printed) == {DAILY_SHARE: 7, WIDE_SHARE: 6}[share] <= len(found)
    for (members, cases, expected, ratio, p), (_, ours) in zip(printed, found.iterrows(), strict=False):
        assert {one + 1 for one in ours["members"]} == members and ours["observed"] == cases
        assert ours["expected"] == pytest.approx(expected, abs=0.0051)
        exact = people[ours["members"]].sum() * found.attrs.get("rate", 552 / people.sum())
        assert ours["expected"] == pytest.approx(exact, abs=1e-6)
        assert ours["llr"] == pytest.approx(ratio, abs=1e-6)
        assert ours["p"] == pytest.approx(p, abs=0.01 + 4 * np.sqrt(2 * p * (1 - p) / 999))


def _town(side: int = 20) -> tuple[np.ndarray, Circles]:
    xy = np.stack(np.meshgrid(np.arange(side) * 100.0, np.arange(side) * 100.0), -1).reshape(-1, 2)
    return xy, circles(xy, np.ones(len(xy)))


def test_a_planted_crowd_is_found_and_chance_is_not() -> None:
    """The alarm would be silent, or ring every day."""
    xy, around = _town()
    random, place = np.random.default_rng(1), np.hypot(*(xy - 950).T) < 220
    found = scan(random.poisson(np.where(place, 6, 2)), None, around, Draws(199))
    assert found["p"][0] == 0.005 and len(set(found["members"][0]) & set(np.flatnonzero(place))) >= 0.5 * place.sum()
    members = found["members"].sum()
    assert len(members) == len(set(members))
    rung = [scan(random.poisson(2, 400), None, around, Draws(99, day), 1)["p"][0] <= 0.05 for day in range(40)]
    assert np.mean(rung) <= 0.15


def test_busy_places_and_busy_days_are_no_crowd() -> None:
    """Every weekend would be an alarm, in the busiest square."""
    xy, _ = _town()
    random = np.random.default_rng(2)
    usual = np.outer(random.lognormal(0, 1, 400) * 0.3, 1 + np.arange(60) % 7 / 3)
    rung = []
    for day in range(20):
        cube = random.poisson(usual)
        rung.append(scan_time(cube, circles(xy, cube.sum(1)), 14, Draws(99, day))["p"][0] <= 0.05)
    assert np.mean(rung) <= 0.2
    cube[np.hypot(*(xy - 950).T) < 220, -5:] += 2
    found = scan_time(cube, circles(xy, cube.sum(1)), 14, Draws(99))
    assert found["p"][0] == 0.01 and found["first"][0] == 55
    inside = cube[found["members"][0], -5:].sum()
    assert found["observed"][0] == inside
    assert found["expected"][0] == pytest.approx(cube[found["members"][0]].sum() * cube[:, -5:].sum() / cube.sum())


def _chances(kind: str, maps: int) -> np.ndarray:
    """p of the first circle in maps of chance, over exposure that neighbours share."""
    xy, even = _town()
    near, random, found = lattice(20, 20), np.random.default_rng(9), []
    for number in range(maps):
        exposure = truth.clustered_exposure(random, near)
        if kind == "space":
            told = scan(random.poisson(0.1 * exposure), exposure, circles(xy, exposure), Draws(99, number), 1)
        elif kind == "alike":
            told = scan(random.poisson(2, 400), None, even, Draws(99, number), 1)
        else:
            cube = random.poisson(np.outer(0.005 * exposure, np.linspace(1, 2, 40)))
            told = scan_time(cube, circles(xy, cube.sum(1)), 7, Draws(99, number))
        found.append(told["p"][0])
    return np.array(found)


@pytest.mark.full
@pytest.mark.parametrize(("kind", "maps"), [("alike", 400), ("space", 400), ("time", 200)])
def test_the_chance_of_the_scan_is_uniform_on_maps_of_chance(kind: str, maps: int) -> None:
    """An alarm at 5 % would ring more or less often than on one day in twenty; also in a city that grows."""
    p = _chances(kind, maps)
    assert kstest(p - 0.005, "uniform").pvalue > 0.01  # from 1/100 to 1 in steps
    assert (p <= 0.05).mean() <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / maps)


def test_the_same_seed_gives_the_same_chance() -> None:
    """A repeated alarm would have another p."""
    _, around = _town(8)
    counts = np.random.default_rng(3).poisson(2, 64)
    pd.testing.assert_frame_equal(scan(counts, None, around, Draws(50)), scan(counts, None, around, Draws(50)))


def test_cells_at_one_place_are_in_a_circle_together() -> None:
    """Which of two cells at one coordinate is the nearest would be decided by their order."""
    around = circles(np.array([[0, 0], [0, 0], [10, 0], [0, 10]], float), np.ones(4), 1.0)
    assert list(around.whole[0]) == [False, True, False, True]
    few = circles(np.array([[0, 0], [10, 0], [20, 0], [31, 0]], float), np.ones(4), 1.0, nearest=2)
    assert few.whole.sum(1).max() == 2


def test_odd_maps_have_an_answer() -> None:
    """No cells, no reports, one cell, all in one place."""
    none = circles(np.empty((0, 2)), np.empty(0))
    assert len(scan([], None, none)) == 0 and len(scan_time(np.empty((0, 5)), none, 2)) == 0
    _, around = _town(3)
    wide = circles(np.indices((3, 3)).reshape(2, -1).T * 100.0, np.ones(9), 0.5)
    for town in (around, wide):
        assert len(scan([0] * 9, None, town)) == 0 and len(scan_time(np.zeros((9, 5)), town, 2)) == 0
    pile = scan([10**4] + [0] * 8, None, wide, Draws(19))
    assert pile["members"][0] == [0] and pile["p"][0] == 0.05 and np.isfinite(pile["llr"][0])
    one = circles(np.zeros((1, 2)), np.ones(1), 1.0)
    assert len(scan([5], None, one)) == 0
    late = np.zeros((9, 5), int)
    late[4, -1], late[0, 0] = 7, 7
    assert scan_time(late, wide, 2, Draws(19))["members"][0] == [4]


def test_what_cannot_be_scanned_is_refused() -> None:
    """Reports where nobody lives, no circles, no simulations."""
    _, around = _town(3)
    for wrong in (
        lambda: scan([1] * 9, [0.0] + [1.0] * 8, around), lambda: scan([1] * 8, None, around),
        lambda: circles(np.zeros((2, 2)), np.ones(2), 0.0), lambda: circles(np.full((2, 2), np.nan), np.ones(2)),
        lambda: Draws(0), lambda: scan_time(np.ones((9, 5)), around, 5), lambda: scan_time(np.ones(9), around, 1),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            wrong()


def test_circles_on_a_lattice_reach_no_farther_than_their_share() -> None:
    """Half the city would be one alarm."""
    around = circles(np.indices((10, 10)).reshape(2, -1).T * 1.0, np.ones(100))
    assert len(lattice(10, 10)) == len(around.order) and around.whole.any(1).all()
    assert np.where(around.whole, np.arange(around.order.shape[1]) + 1, 0).max() <= 10


@pytest.mark.parametrize("floor", [0.5, 3.0, 6.0])
def test_what_is_not_computed_would_not_have_been_largest(floor: float) -> None:
    """An alarm would have a smaller p than its maps give."""
    xy, _ = _town()
    random = np.random.default_rng(4)
    for mean in (0.05, 3.0, 80.0):
        cube = random.poisson(mean, (400, 28))
        around = circles(xy, cube.sum(1).astype(float), 0.1, 20)
        crowds = _Crowds.of(cube.astype(float), around, 14)
        recent = np.ascontiguousarray(cube[:, ::-1][:, :14])
        arguments = crowds.lasts, around.order
        exact = best_cylinder(recent, *arguments, around.whole, crowds.within, crowds.logs)[0]
        asked = _largest_expected(floor, int(crowds.within.max()), int(cube.sum()))
        least = least_reports(crowds.within, around.whole, crowds.lasts, *asked, int(cube.sum()))
        upto = np.cumsum(recent, axis=1, dtype=np.int32)
        quick = largest_cylinder(upto, *arguments, least, crowds.within, crowds.logs, floor)
        assert quick == pytest.approx(exact if exact >= floor else 0.0)


def test_maps_that_are_shared_out_have_the_same_sums() -> None:
    """Simulated maps of many reports would have other busy days than the one that is tested."""
    backwards = np.random.default_rng(5).poisson(60.0, (12, 28))
    random = np.random.default_rng(6)
    drawn = np.mean([shuffling(backwards, 28, random)() for _ in range(300)], axis=0)
    assert drawn.sum(0) == pytest.approx(backwards.sum(0)) and drawn.sum(1) == pytest.approx(backwards.sum(1))
    assert drawn == pytest.approx(np.outer(backwards.sum(1), backwards.sum(0)) / backwards.sum(), rel=0.05)


def test_further_crowds_share_no_cell_with_those_before() -> None:
    """One crowd would be told many times, and another not at all."""
    xy, _ = _town()
    cube = np.random.default_rng(7).poisson(0.3, (400, 28))
    for place in ((450, 450), (1450, 1450)):
        cube[np.hypot(*(xy - place).T) < 160, -4:] += 3
    found = scan_time(cube, circles(xy, cube.sum(1), 0.1, 40), 14, Draws(199))
    members = found["members"].sum()
    assert len(members) == len(set(members)) and (found["p"][:2] == 0.005).all()
    assert (np.hypot(*(xy[found["centre"][:2]] - np.array([[450, 450], [1450, 1450]])).T) < 200).all() or (
        np.hypot(*(xy[found["centre"][:2]] - np.array([[1450, 1450], [450, 450]])).T) < 200
    ).all()

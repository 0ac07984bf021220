"""Hot cells against reference values, maps of pure chance, planted hot spots and input as it should not be."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, false_discovery_control, nbinom, poisson

from gis_core.errors import InvalidInput
from gis_core.hotspots.chance import TAILS, at_least, at_most, chances, interval, q_values, usual
from gis_core.hotspots.shrinking import gi, shrunk_rates
from gis_core.hotspots.significance import Question, crowded_cells, hot, significance, stability
from gis_core.hotspots.weights import Neighbourhoods, lattice, linked, within
from tests.gis_core import truth_hotspots as truth

NULLS = ("0.3", "1", "5", "random exposure", "clustered exposure")


def test_local_gi_is_that_of_spdep() -> None:
    """85 departments would not come out as everybody else computes them."""
    given = pd.read_csv(truth.reference("guerry/guerry_crime_pers_localG_reference.csv"))
    pairs = [(row, int(other) - 1) for row, others in enumerate(given["nb_ids_1based"]) for other in others.split()]
    ours = gi(given["crime_pers"].to_numpy(np.float64), linked(len(given), np.array(pairs)), star=False)
    assert (np.abs(ours - given["spdep_localG_snapshot"]) < 1e-8).sum() == len(given) == 85


def test_gi_is_that_of_esda() -> None:
    """With and without the cell itself, six points would differ."""
    given = json.loads(truth.reference("esda_getisord/six_points.json").read_text())
    near, values = within(np.array(given["points"], float), given["distance_band"], 0), np.array(given["y"])
    assert np.abs(gi(values, near) - given["gi_star_binary_z"]).max() < 1e-8
    assert np.abs(gi(values, near, star=False) - given["gi_binary_z"]).max() < 1e-8


def test_tails_intervals_and_discoveries_are_those_of_scipy() -> None:
    """The chances themselves would be wrong, and everything told from them."""
    counts = np.arange(30.0)
    assert np.abs(at_least(counts, 3.3) - poisson.sf(counts - 1, 3.3)).max() < 1e-12
    assert np.abs(at_most(counts, 3.3) - poisson.cdf(counts, 3.3)).max() < 1e-12
    uneven = nbinom(2, 2 / (2 + 3.3))
    assert np.abs(at_least(counts, 3.3, 0.5) - uneven.sf(counts - 1)).max() < 1e-12
    for unevenness, law in ((0.0, poisson(3.3)), (0.5, uneven)):
        for tail, half in zip(TAILS, (0.0, 0.5), strict=True):
            more, fewer = chances(counts, 3.3, unevenness, tail)
            assert more == pytest.approx(law.sf(counts - 1) - half * law.pmf(counts), rel=1e-9, abs=1e-12)
            assert fewer == pytest.approx(law.cdf(counts) - half * law.pmf(counts), rel=1e-9, abs=1e-12)
    low, high = interval(counts, np.full(30, 2.0))
    assert low[0] == 0 and low[5] == pytest.approx(chi2.ppf(0.025, 10) / 4)
    assert high[5] == pytest.approx(chi2.ppf(0.975, 12) / 4)
    p = np.random.default_rng(0).uniform(size=50) ** 3
    assert q_values(p) == pytest.approx(false_discovery_control(p))
    assert q_values(p, None, "by") == pytest.approx(false_discovery_control(p, method="by"))
    assert (q_values(np.append(p, 0.0), np.arange(51) < 50)[50], len(q_values(np.empty(0)))) == (1.0, 0)


def _null(kind: str, random: np.random.Generator, near: Neighbourhoods) -> tuple[np.ndarray, np.ndarray | None]:
    if "exposure" not in kind:
        return random.poisson(float(kind), len(near)), None
    exposure = truth.random_exposure(random, len(near)) if "random" in kind else truth.clustered_exposure(random, near)
    return random.poisson(0.02 * exposure), exposure


def _alarmed(kind: str, tail: str, maps: int) -> float:
    """Share of maps of pure chance with any hot cell, or any cell of a core."""
    near, random = lattice(60, 60), np.random.default_rng(7)
    question = Question(tail=tail)
    drawn = (_null(kind, random, near) for _ in range(maps))
    cells = [significance(counts, near, exposure, question).cells for counts, exposure in drawn]
    return float(np.mean([(found["q"] < 0.05).any() | found["core"].any() for found in cells]))


@pytest.mark.parametrize("kind", NULLS)
def test_chance_alone_is_seldom_hot(kind: str) -> None:
    """The command center would be sent out by chance: at 5 %, four maps of twenty would be more than chance."""
    assert _alarmed(kind, "exact", 20) <= 0.15


@pytest.mark.full
@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("kind", NULLS)
def test_chance_alone_is_seldom_hot_on_200_maps(kind: str, tail: str) -> None:
    """The same as the issue names it."""
    assert _alarmed(kind, tail, 200) <= 0.07


def _planted(kind: str, maps: int) -> tuple[float, float, int]:
    """Of 7 × 7 cells with three times the risk: share found, share of cores that is false, hot cells far off."""
    near, random, found, wrong, far = lattice(truth.SIDE, truth.SIDE), np.random.default_rng(77), [], [], 0
    for _ in range(maps):
        exposure = (
            truth.random_exposure(random, len(near)) if kind == "random" else truth.clustered_exposure(random, near)
        )
        place = truth.planted(random, 7)
        counts = random.poisson(truth.RATE * exposure * np.where(place, 3, 1))
        cells = significance(counts, near, exposure).cells
        core, touched = cells["core"].to_numpy(), near.sums(place.astype(float)) > 0
        found.append(core[place].mean())
        wrong.append((core & ~place).sum() / max(1, core.sum()))
        far += int((hot(cells["class"]) & ~touched).sum())
    return float(np.mean(found)), float(np.mean(wrong)), far


@pytest.mark.parametrize(("kind", "recall"), [("random", 0.65), ("clustered", 0.39)])
def test_a_planted_hot_spot_is_found(kind: str, recall: float) -> None:
    """The worst block of the city would be missed, or others be called its core."""
    found, false, far = _planted(kind, 15)
    assert found >= recall and false <= 0.15 and far <= 30


@pytest.mark.full
@pytest.mark.parametrize(("kind", "recall"), [("random", 0.75), ("clustered", 0.39)])
def test_a_planted_hot_spot_is_found_on_100_maps(kind: str, recall: float) -> None:
    """The same as the issue names it."""
    found, false, far = _planted(kind, 100)
    assert found >= recall and false <= 0.10 and far <= 200


@pytest.mark.parametrize(("mean", "unevenness"), [(0.3, 1.0), (1.0, 0.4), (1.0, 1.0), (5.0, 0.5)])
def test_uneven_counts_are_not_taken_for_places(mean: float, unevenness: float) -> None:
    """Reports that come in bunches would make a hot spot of every bunch."""
    near, random = lattice(60, 60), np.random.default_rng(2)
    alarmed = 0
    for _ in range(20):
        counts = random.negative_binomial(1 / unevenness, 1 / (1 + unevenness * mean), 3600)
        found = significance(counts, near)
        assert found.reference.unevenness == pytest.approx(unevenness, rel=0.6)
        alarmed += (found.cells["q"] < 0.05).any()
    assert alarmed <= 3


def test_one_enormous_pile_is_hot_and_nothing_else_cold() -> None:
    """A pile at one coordinate would hide itself by making everything uneven, or turn the city cold."""
    counts = np.random.default_rng(3).poisson(1.0, 3600)
    counts[1830] = 1_000_000
    found = significance(counts, lattice(60, 60), None, Question(side="both"))
    assert found.reference.rate == pytest.approx(1.0, abs=0.1)
    assert set(np.flatnonzero(hot(found.cells["class"]))) == set(lattice(60, 60).indices[
        lattice(60, 60).indptr[1830] : lattice(60, 60).indptr[1831]
    ])  # fmt: skip
    assert not found.cells["class"].str.startswith("cold").any()


def test_a_pile_in_an_empty_city_is_hot() -> None:
    """Where nothing else happens nothing would be expected, and nothing be told."""
    counts = np.zeros(400, int)
    counts[210] = 1_000_000
    found = significance(counts, lattice(20, 20)).cells
    assert hot(found["class"]).sum() == 9 and hot(found["class"])[210]


def test_too_little_patrol_is_insufficient_and_never_cold() -> None:
    """Where nobody goes there are no reports, and the map would praise it."""
    random = np.random.default_rng(4)
    exposure = np.full((20, 20), 50.0)
    exposure[:5] = 0.5
    counts = random.poisson(np.where(exposure < 1, 0, exposure))
    counts[10, 10] = 300
    found = significance(counts.ravel(), lattice(20, 20), exposure.ravel(), Question(least=10, side="both")).cells
    assert (found["class"].to_numpy()[:100] == "insufficient").all()
    assert (found["gi_class"].to_numpy()[:100] == "insufficient").all()
    assert found.loc[:99, ["p", "q"]].eq(1.0).all(axis=None) and found.loc[:99, "rate"].isna().all()
    assert found["class"].to_numpy()[210] == "hot_99" and found["agree"].to_numpy()[210]
    assert found.loc[100:, ["rate", "low", "high", "shrunk", "p", "q"]].notna().all(axis=None)


def test_the_number_of_false_cells_is_told() -> None:
    """Nobody would know how much of the red to doubt."""
    random = np.random.default_rng(5)
    place = truth.planted(random, 7)
    found = significance(random.poisson(np.where(place, 9, 3)), lattice(100, 100)).found()
    assert list(found["level"]) == [99, 95, 90] and found["cells"].is_monotonic_increasing
    assert (found["false_cells"] == found["cells"] * [0.01, 0.05, 0.10]).all()


@pytest.mark.parametrize("spread", [0.0, 0.5, 30.0])
def test_what_else_is_looked_at_is_told_as_the_map_itself_is(spread: float) -> None:
    """Another window would be asked by another test, and what is hot in all ways be called unstable."""
    random, near = np.random.default_rng(5), lattice(40, 40)
    for _ in range(5):
        exposure = random.lognormal(0, 1, 1600) * (random.random(1600) > 0.1)
        counts = random.poisson(exposure * (random.gamma(1 / spread, spread, 1600) if spread else 1)).astype(float)
        counts[800:804] += np.ceil(30 * exposure[800:804])
        for question in (Question(), Question(least=0.3, correction="by")):
            alone = significance(counts, near, exposure, question).cells["class"]
            assert crowded_cells(counts, exposure, near, question).tolist() == alone.tolist()


def test_no_more_than_expected_is_never_unlikely() -> None:
    """Where it is taken for certain, a place would be missed."""
    uneven, mean = (each.ravel() for each in np.meshgrid([0, 1e-6, 0.01, 0.3, 1], np.geomspace(0.01, 1000, 400)))
    assert at_least(np.floor(mean), mean, uneven).min() > 1 / 3


def test_stability_over_bandwidths_and_supports() -> None:
    """A cell that is hot in one way of looking only would be as red as one that is hot in all."""
    random = np.random.default_rng(6)
    place = truth.planted(random, 12, 40)
    counts = random.poisson(np.where(place, 12, 3))
    small, holder = lattice(40, 40), (np.arange(40)[:, None] // 2 * 20 + np.arange(40) // 2).ravel()
    coarse, large = np.bincount(holder, counts), lattice(20, 20)
    results = [
        (significance(counts, small).cells["class"], None),
        (significance(counts, small.wider()).cells["class"], None),
        (significance(coarse, large).cells["class"], holder),
        (significance(coarse, large.wider()).cells["class"], np.where(np.arange(1600) == 0, -1, holder)),
    ]
    found = stability(results)
    assert 0.3 < found.share < 1 and found.stable[place].mean() > 0.9
    assert stability([(["none", "insufficient"], None)]).share == 1.0
    for wrong in ([], [(["none"], None), (["none"] * 2, None)], [(["none"], [1])]):
        with pytest.raises(InvalidInput):
            stability(wrong)


@pytest.mark.parametrize("side", ["hot", "both"])
@pytest.mark.parametrize(
    ("counts", "exposure", "near"),
    [
        ([], None, lattice(0, 0)),
        ([5], None, lattice(1, 1)),
        ([0] * 9, None, lattice(3, 3)),
        ([4] * 9, None, lattice(3, 3)),
        ([1, 2, 0, 9], None, linked(4, np.empty((0, 2)))),
        ([1, 2, 0, 9], [0.0] * 4, linked(4, np.empty((0, 2)))),
        ([1, 2, 0, 9], [0.0, 0.0, 0.0, 3.0], lattice(2, 2)),
        ([10**9, 0, 0, 0], [1e-9, 1e9, 1.0, 0.0], lattice(2, 2)),
    ],
)
def test_odd_maps_have_an_answer_without_nan(
    counts: list[int], exposure: list[float] | None, near: Neighbourhoods, side: str
) -> None:
    """Nothing at all, one cell, islands, zeros, all the same, a pile: NaN would be painted in some colour."""
    found = significance(counts, near, exposure, Question(side=side)).cells
    assert len(found) == len(counts)
    assert found[["p", "q", "gi_q"]].notna().all(axis=None) and found["agree"].dtype == bool
    assert (
        found["class"]
        .isin(["none", "insufficient", *(f"{s}_{n}" for s in ("hot", "cold") for n in (90, 95, 99))])
        .all()
    )
    assert ((found["gi_class"] == "alone") == ((found["neighbours"] == 0) & (found["exposure"] > 0))).all()
    if sum(counts) == 0:
        assert set(found["class"]) <= {"none"} and set(found["gi_class"]) <= {"none"}


@pytest.mark.parametrize(
    ("counts", "exposure"),
    [
        ([1, 2, 3], None), ([1, 2, 3, -1], None), ([1, 2, 3, 0.5], None), ([1, 2, 3, np.nan], None),
        ([1, 2, 3, np.inf], None), ([1] * 4, [1] * 3), ([1] * 4, [1, 1, 1, -1]), ([1] * 4, [1, 1, 1, np.nan]),
        ([[1, 2]] * 4, None), ([1] * 4, np.ones((4, 2))),
    ],
)  # fmt: skip
def test_counts_and_exposures_that_are_none_are_refused(counts: list, exposure: list | None) -> None:
    """Broken numbers would become colours."""
    with pytest.raises(InvalidInput) as refused:
        significance(counts, lattice(2, 2), exposure)
    assert refused.value.text("zh") != refused.value.text("en")


@pytest.mark.parametrize("wrong", [{"least": -1}, {"least": np.nan}, {"side": "x"}, {"tail": "x"}, {"correction": "x"}])
def test_questions_that_are_none_are_refused(wrong: dict) -> None:
    """A mistyped option would be answered with another."""
    with pytest.raises(InvalidInput):
        Question(**wrong)


def test_rates_of_little_exposure_are_drawn_to_the_mean() -> None:
    """One report in an alley of ten metres would be the worst street of the city."""
    random = np.random.default_rng(8)
    exposure = np.append(np.full(400, 100.0), 0.1)
    counts = np.append(random.poisson(random.gamma(4, 0.25, 400) * 5.0), 1)
    shrunk = shrunk_rates(counts.astype(float), exposure)
    mean = usual(counts.astype(float), exposure).rate
    assert mean < shrunk[-1] < 1.5 * mean and counts[-1] / exposure[-1] > 100 * mean
    assert np.corrcoef(shrunk[:400], counts[:400])[0, 1] > 0.99

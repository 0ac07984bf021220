"""What becomes of places over time: the table of 17 classes, trends, alarms, and cubes of chance."""

import itertools

import numpy as np
import pytest

from gis_core.errors import InvalidInput
from gis_core.hotspots.emerging import MODES, RESULT, emerging, recency, sliced
from gis_core.hotspots.patterns import KINDS, PATTERNS, WORDS, patterns
from gis_core.hotspots.significance import LEVELS, Question
from gis_core.hotspots.trends import mann_kendall, sen_slopes, trends
from gis_core.hotspots.weights import lattice
from gis_core.texts import TEXTS
from tests.gis_core import truth_hotspots as truth


def _by_words(states: tuple[int, ...], trend: int) -> str:
    """The table read row by row, as somebody would by hand."""
    for side, sign in (("hot", 1), ("cold", -1)):
        s, rise = [sign * one for one in states], sign * trend
        if s.count(1) / len(s) >= 0.9 - 1e-12:
            if s[-1] != 1:
                return f"{side}_historical"
            return f"{side}_{ {1: 'intensifying', -1: 'diminishing', 0: 'persistent'}[rise] }".replace(" ", "")
    if states[-1] == 0:
        return "none"
    side, s = ("hot", states) if states[-1] == 1 else ("cold", tuple(-one for one in states))
    if -1 in s:
        return f"{side}_oscillating"
    if s.count(1) == 1:
        return f"{side}_new"
    run = len(list(itertools.takewhile(lambda one: one == 1, reversed(s))))
    return f"{side}_consecutive" if run == s.count(1) else f"{side}_sporadic"


@pytest.mark.parametrize("steps", range(1, 11))
def test_every_history_has_one_class_and_cold_mirrors_hot(steps: int) -> None:
    """A history would fall through the table, or be read otherwise when it is cold."""
    states = np.array(list(itertools.product((-1, 0, 1), repeat=steps)))
    mirror = np.array([0, *range(9, 17), *range(1, 9)])
    for trend in (-1, 0, 1):
        rise = np.full(len(states), trend)
        number = patterns(states, rise)
        assert number.min() >= 0 and number.max() < len(PATTERNS) == 17
        assert (patterns(-states, -rise) == mirror[number]).all()
        if steps <= 7:
            assert [PATTERNS[one] for one in number] == [_by_words(tuple(row), trend) for row in states.tolist()]


def test_all_classes_are_reached_and_have_words_in_both_languages() -> None:
    """An export would hold a class nobody can be given, or a page a key instead of a word."""
    states = np.array(list(itertools.product((-1, 0, 1), repeat=10)))
    reached = {PATTERNS[one] for t in (-1, 0, 1) for one in np.unique(patterns(states, np.full(len(states), t)))}
    assert reached == set(PATTERNS) and len(KINDS) == 8
    assert {TEXTS.say(f"hotspot_word_{word}", "zh") for word in WORDS} == {"新增", "持续", "加重", "消退", "不显著"}
    assert len({TEXTS.say(f"hotspot_{pattern}", "zh") for pattern in PATTERNS}) == 17
    classes = ["insufficient", "alone", "word_insufficient", *(f"{s}_{n}" for s in ("hot", "cold") for n in LEVELS)]
    assert all(TEXTS.say(f"hotspot_{one}", "zh") != TEXTS.say(f"hotspot_{one}", "en") for one in classes)


def test_histories_that_are_none_are_refused() -> None:
    """NaN would be no pattern without a word."""
    for states, trend in (([[2]], [0]), ([[np.nan]], [0]), ([[1]], [5])):
        with pytest.raises(InvalidInput):
            patterns(np.array(states), np.array(trend))
    assert list(patterns(np.empty((2, 0), int), np.zeros(2, int))) == [0, 0]


def test_trends_by_hand() -> None:
    """Ties, constants and falling series would be counted wrongly."""
    series = np.array([[1.0, 2, 3, 4, 5], [5, 4, 3, 2, 1], [2, 2, 2, 2, 2], [1, 2, 2, 3, 3]])
    z, p = mann_kendall(series)
    assert z[:3] == pytest.approx([9 / np.sqrt(50 / 3), -9 / np.sqrt(50 / 3), 0.0])
    assert z[3] == pytest.approx(7 / np.sqrt((5 * 4 * 15 - 2 * 2 * 1 * 9) / 18)) and p[2] == 1.0
    assert sen_slopes(series) == pytest.approx([1, -1, 0, 0.5])
    assert list(trends(np.tile(np.arange(30.0), (2, 1)) * [[1], [-1]], whiten=False)[0]) == [1, -1]


@pytest.mark.parametrize("carried", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("steps", [24, 52])
def test_inertia_is_not_taken_for_a_trend(steps: int, carried: float) -> None:
    """A week resembles the one before it, and every third place would rise or fall."""
    random = np.random.default_rng(1)
    series = random.normal(size=(8000, steps + 50))
    for step in range(1, steps + 50):
        series[:, step] += carried * series[:, step - 1]
    assert 0.03 <= (trends(series[:, 50:])[0] != 0).mean() <= 0.06


@pytest.mark.parametrize(("steps", "least"), [(12, 0.6), (24, 0.95)])
def test_what_falls_and_levels_off_does_not_rise(steps: int, least: float) -> None:
    """Freed of what it seems to take over from step to step, a place that dies down would get worse."""
    random, time = np.random.default_rng(2), np.arange(steps) / steps
    for half in (0.125, 0.25):
        found, _ = trends(12 * np.exp2(-time / half) + random.normal(size=(4000, steps)))
        assert not (found == 1).any()
    assert (found == -1).mean() >= least
    found, _ = trends(6 * time + random.normal(size=(4000, steps)))
    assert (found == 1).mean() >= least and not (found == -1).any()


def _alarmed(maps: int, mean: float, growth: float, clustered: bool = False) -> tuple[float, float, float]:
    """Shares of cubes of chance with a hot cell at last and with an alarm, and of cells with a trend.

    Clustered exposure has the mean, and lies in patches.
    """
    near, random, hot, alarm, trend = lattice(30, 30), np.random.default_rng(11), 0, 0, 0.0
    for _ in range(maps):
        exposure = truth.clustered_exposure(random, near) if clustered else np.ones(900)
        usual = np.outer(mean * exposure / exposure.mean(), np.linspace(1, growth, 24))
        cube = random.poisson(usual)
        found = emerging(cube, near, exposure).cells
        hot += (found["last"] == 1).any()
        trend += (found["trend"] != 0).mean()
        alarm += (recency(cube, 3)["q"] < 0.05).any()
    return hot / maps, alarm / maps, trend / maps


def test_what_grows_everywhere_is_no_hot_spot() -> None:
    """In a busy season every place would be alarmed."""
    hot, alarm, trend = _alarmed(20, 1.0, 2.0)
    assert hot <= 0.15 and alarm <= 0.15 and 0.03 <= trend <= 0.06


@pytest.mark.full
@pytest.mark.parametrize(("mean", "clustered"), [(0.3, False), (1.0, False), (5.0, False), (1.0, True)])
@pytest.mark.parametrize("growth", [1.0, 2.0])
def test_what_grows_everywhere_is_no_hot_spot_in_200_cubes(mean: float, clustered: bool, growth: float) -> None:
    """The same as the issue names it, over exposure that neighbours share as well."""
    hot, alarm, trend = _alarmed(200, mean, growth, clustered)
    assert hot <= 0.07 and alarm <= 0.07 and 0.03 <= trend <= 0.06


def test_what_has_just_begun_is_found_and_called_new() -> None:
    """Three weeks of three times as many would go unnoticed among 24."""
    near, random, found, words = lattice(60, 60), np.random.default_rng(12), [], []
    for _ in range(5):
        cube, place = random.poisson(2, (3600, 24)), truth.planted(random, 5, 60)
        cube[place, -3:] += random.poisson(4, (25, 3))
        cells = emerging(cube, near).cells
        found.append((cells["last"] == 1)[place].mean())
        words.append((cells["word"] == "new")[place].mean())
    assert np.mean(found) >= 0.95 and np.mean(words) >= 0.8


def test_what_gets_worse_fades_or_lasts_is_called_so() -> None:
    """The five words would not say what everybody sees."""
    near, random = lattice(30, 30), np.random.default_rng(13)
    cube = random.poisson(2.0, (900, 30)).astype(float)
    where = np.arange(900).reshape(30, 30)
    shapes = {
        "lasting": np.full(30, 6.0), "worse": np.linspace(4, 16, 30), "fading": np.linspace(16, 4, 30),
    }  # fmt: skip
    for place, more in zip((3, 13, 23), shapes.values(), strict=True):
        cube[where[place : place + 5, 10:15].ravel()] += random.poisson(more, (25, 30))
    for mode in MODES:
        cells = emerging(cube, near, mode=mode).cells
        assert tuple(cells) == RESULT
        for place, word in zip((3, 13, 23), shapes, strict=True):
            assert cells["word"][where[place + 2, 12]] == word, mode
    slope = emerging(cube, near).cells["slope"]
    assert slope[where[15, 12]] > 0 > slope[where[25, 12]]


def test_what_was_hot_for_weeks_and_is_over_has_faded() -> None:
    """A third of the steps is too short for the table, and pages would say that nothing had been there."""
    near, random = lattice(30, 30), np.random.default_rng(14)
    cube = random.poisson(2.0, (900, 12))
    where = np.arange(900).reshape(30, 30)
    gone, wavering = where[5:9, 5:9].ravel(), where[20:24, 20:24].ravel()
    cube[gone, :5] += random.poisson(6, (16, 5))
    cube[wavering] += random.poisson(4, (16, 12))
    cube[wavering, -2:] = 5  # a little less than before
    cells = emerging(cube, near).cells
    assert (cells["word"][gone] == "fading").all() and (cells["pattern"][gone] == "none").all()
    assert not (cells["word"][wavering] == "fading").any()
    assert (cells["word"] == "fading").sum() <= 40


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("value", [0, 3, 10**6])
def test_cubes_without_any_difference_have_no_pattern(mode: str, value: int) -> None:
    """Nothing at all, or the same everywhere, would be a division by nothing."""
    for near in (lattice(4, 4), lattice(1, 1), lattice(0, 0)):
        found = emerging(np.full((len(near), 12), value), near, mode=mode).cells
        assert found.notna().all(axis=None) and set(found["word"]) <= {"none"}


def test_cells_without_patrol_are_insufficient() -> None:
    """A place nobody goes to any more would have improved."""
    cube, exposure = np.full((16, 12), 3), np.full((16, 12), 5.0)
    exposure[3], exposure[7, -1], exposure[:, 4] = 0.0, 0.0, 0.0
    found = emerging(cube, lattice(4, 4), exposure, Question(side="both", least=1)).cells
    assert list(np.flatnonzero(found["pattern"] == "insufficient")) == [3, 7]
    assert (found["word"] == "insufficient").sum() == 2 and found.notna().all(axis=None)


@pytest.mark.parametrize(
    ("cube", "given"),
    [
        (np.ones((4, 9)), {}), (np.ones(4), {}), (np.ones((3, 12)), {}), (np.ones((4, 12)), {"mode": "other"}),
        (np.full((4, 12), -1), {}), (np.ones((4, 12)), {"exposure": np.ones((4, 11))}),
    ],
)  # fmt: skip
def test_cubes_that_are_none_are_refused(cube: np.ndarray, given: dict) -> None:
    """A trend of nine steps, or a cube of another city, would be told as if it were sure."""
    with pytest.raises(InvalidInput):
        emerging(cube, lattice(2, 2), **given)


def test_the_alarm_by_hand() -> None:
    """A single cell's last steps would be compared with the wrong share."""
    cube = np.zeros((3, 10), int)
    cube[0], cube[1, :8], cube[2, -2:] = 2, 1, 4
    found = recency(cube, 2)
    share = 12 / 36
    assert found["expected"].to_numpy() == pytest.approx([20 * share, 8 * share, 8 * share])
    assert found["p"][2] == pytest.approx(share**8) and found["p"][1] == 1.0
    assert (recency(np.zeros((2, 4)), 1)["p"] == 1).all() and len(recency(np.zeros((0, 4)), 1)) == 0
    for wrong in (0, 10):
        with pytest.raises(InvalidInput):
            recency(cube, wrong)


def test_reports_are_counted_into_the_cube() -> None:
    """A report outside every cell would be counted in the last."""
    cube = sliced([0, 0, 1, -1, 5, 1], [0, 0, 2, 1, 1, 3], (2, 3))
    assert cube.tolist() == [[2, 0, 0], [0, 0, 1]]

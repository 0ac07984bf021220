"""The forecast: nearly as good as knowing the truth, its scores by hand, and what is refused."""

import numpy as np
import pandas as pd
import pytest
import shapely

from gis_core.errors import InvalidInput
from gis_core.hotspots.forecast import Forecast, forecast, scored, scores
from gis_core.hotspots.surface import Canvas, Surface, canvas_of

SIDE_M, CELL_M = 6_000.0, 15.0
BANDWIDTHS_M = (50.0, 75.0, 100.0, 200.0)


@pytest.fixture(scope="module")
def canvas() -> Canvas:
    return canvas_of(shapely.box(0, 0, SIDE_M, SIDE_M), CELL_M)


def truth(canvas: Canvas, random: np.random.Generator) -> np.ndarray:
    """Reports per cell and day: some everywhere, more round sixty corners."""
    at = (np.arange(canvas.inside.shape[0]) + 0.5) * CELL_M
    x, y = np.meshgrid(at, at)
    intensity = np.full(x.shape, 0.02)
    for _ in range(60):
        east, north, spread = *random.uniform(0, SIDE_M, 2), random.uniform(60, 150)
        intensity += random.gamma(2, 0.25) * np.exp(-((x - east) ** 2 + (y - north) ** 2) / (2 * spread**2))
    return intensity * (CELL_M / 50) ** 2 / 7


def drawn(intensity: np.ndarray, days: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    count = random.poisson(intensity.sum() * days)
    cell = random.choice(intensity.size, count, p=intensity.ravel() / intensity.sum())
    row, column = np.divmod(cell, intensity.shape[1])
    xy = (np.column_stack([column, row]) + random.random((count, 2))) * CELL_M
    return xy, random.uniform(0, days, count)


def bench(canvas: Canvas, seed: int) -> tuple[Forecast, pd.DataFrame, pd.DataFrame]:
    """A forecast of 70 days, its scores over the next 14, and those of the true intensity."""
    random = np.random.default_rng(seed)
    intensity = truth(canvas, random)
    xy, day = drawn(intensity, 84, random)
    past = day < 70
    made = forecast(canvas, xy[past], day[past], BANDWIDTHS_M)
    best = Surface(canvas, intensity, 0, 0)
    return made, scored(made.surface, xy[~past], day[~past]), scored(best, xy[~past], day[~past])


@pytest.fixture(scope="module")
def benched(canvas: Canvas) -> list[tuple[Forecast, pd.DataFrame, pd.DataFrame]]:
    return [bench(canvas, seed) for seed in range(3)]


def test_it_catches_nearly_what_the_true_intensity_does(benched) -> None:
    assert np.mean([ours["pai"] / best["pai"] for _, ours, best in benched], axis=0).min() >= 0.95
    for _, ours, _ in benched:
        assert ours["pai"].iloc[1] > 5
        assert (ours["pei"] <= 1).all()


def test_it_tells_how_good_it_was(benched) -> None:
    made = benched[0][0]
    told = made.told
    assert told["share"].tolist() == [0.01, 0.02, 0.05]
    assert told["hit"].is_monotonic_increasing
    for name in ("hit", "pai", "pei"):
        assert (told[f"{name}_low"] <= told[name]).all()
        assert (told[name] <= told[f"{name}_high"]).all()
        assert (told[f"{name}_high"] > told[f"{name}_low"]).all()
    assert made.bandwidth_m in BANDWIDTHS_M
    assert len(made.choosing) == len(BANDWIDTHS_M)


def test_scores_by_hand() -> None:
    values, size = np.array([5.0, 1, 3, 0]), np.array([1.0, 1, 1, 1])
    told = scores(values, size, np.array([0, 0, 1, 1, 1, 2, 2, 2, 2, 3]), np.zeros(10), (0.25, 0.5), draws=0)
    assert told["caught"].tolist() == [2, 6]
    assert told["hit"].tolist() == [0.2, 0.6]
    assert told["pai"].tolist() == pytest.approx([0.8, 1.2])
    assert told["pei"].tolist() == pytest.approx([2 / 4, 6 / 7])


def test_streets_are_chosen_by_length() -> None:
    values, size = np.array([9.0, 8, 7, 0]), np.array([50.0, 100, 300, 550])
    told = scores(values, size, np.array([0, 1, 1, 3]), np.zeros(4), (0.15, 0.02), draws=0)
    assert told["units"].tolist() == [2, 1]
    assert told["chosen"].tolist() == pytest.approx([0.15, 0.05])
    assert told["pai"].tolist() == pytest.approx([0.75 / 0.15, 0.25 / 0.05])


def test_where_nothing_came_everything_is_0() -> None:
    told = scores(np.zeros(5), np.ones(5), np.empty(0, np.int64), np.empty(0))
    assert not told[["reports", "hit", "pai", "pei", "hit_low", "pai_high"]].to_numpy().any()
    assert told.notna().all().all()
    assert scores(np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0)).notna().all().all()


def test_the_same_seed_draws_the_same() -> None:
    unit, day = np.array([0, 1, 1, 2]), np.array([0.0, 1, 2, 3])
    one, two = (scores(np.arange(3.0), np.ones(3), unit, day, seed=4) for _ in range(2))
    assert one.equals(two)


def test_what_cannot_be_forecast_is_refused(canvas: Canvas) -> None:
    point = np.full((3, 2), 100.0)
    for key, refused in {
        "surface_empty": lambda: forecast(canvas, np.empty((0, 2)), np.empty(0)),
        "forecast_short": lambda: forecast(canvas, point, np.array([0.0, 1, 20])),
        "forecast_share": lambda: scores(np.ones(2), np.ones(2), np.zeros(1, np.int64), np.zeros(1), (0.0,)),
    }.items():
        with pytest.raises(InvalidInput) as said:
            refused()
        assert said.value.key == key
        assert said.value.text("zh") != said.value.text("en")


def test_one_enormous_pile_is_forecast_where_it_is(canvas: Canvas) -> None:
    xy = np.full((20_000, 2), 3_000.0)
    made = forecast(canvas, xy, np.arange(20_000) % 60 + 0.5, (50.0, 100.0))
    assert made.told["hit"].tolist() == [1, 1, 1]
    assert np.isfinite(made.surface.density).all()

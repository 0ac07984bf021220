"""Heat on the ground: against the exact sum, with its mass kept, and what is refused."""

import numpy as np
import pytest
import shapely

from gis_core.errors import InvalidInput
from gis_core.hotspots.surface import breaks_of, canvas_of, cell_for, decay, decayed_days, heat

H, DAYS = 60.0, 30.0
TOWN = shapely.box(1000, 2000, 4000, 4000)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


def exact(xy: np.ndarray, at: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Gaussians summed one by one."""
    away = ((at[:, None] - xy[None]) ** 2).sum(axis=2)
    return np.exp(-away / (2 * H * H)) @ weight / (2 * np.pi * H * H) * 1e6 / DAYS


def centres(canvas) -> np.ndarray:
    row, column = np.nonzero(canvas.inside)
    return np.column_stack([canvas.west + (column + 0.5) * canvas.cell_m, canvas.south + (row + 0.5) * canvas.cell_m])


def test_it_is_the_exact_sum_within_half_a_percent(random: np.random.Generator) -> None:
    """Away from the border, where nothing is corrected."""
    spread, pile = random.uniform((1600, 2600), (3400, 3400), (400, 2)), random.normal((2500, 2900), 30, (80, 2))
    xy = np.concatenate([spread, pile])
    weight = random.uniform(0.2, 3, len(xy))
    surface = heat(canvas_of(TOWN, cell_for(H)), xy, H, DAYS, weight)
    wanted = exact(xy, centres(surface.canvas), weight)
    found = surface.density[surface.canvas.inside]
    warm = wanted > wanted.max() / 100
    assert np.abs(found / wanted - 1)[warm].max() <= 0.005
    assert np.abs(found - wanted).max() <= 0.005 * wanted.max()


@pytest.mark.parametrize("offset", [0.0, 0.25, 0.5])
def test_one_enormous_pile_is_the_kernel(offset: float) -> None:
    canvas = canvas_of(TOWN, cell_for(H))
    place = np.array([1000, 2000]) + (70 + offset) * canvas.cell_m
    xy = np.repeat(place[None], 100_000, axis=0)
    surface = heat(canvas, xy, H, DAYS)
    wanted = exact(place[None], centres(canvas), np.array([1e5]))
    assert np.abs(surface.density[canvas.inside] - wanted).max() <= 0.005 * wanted.max()


def test_the_mass_stays_inside_whatever_the_shape(random: np.random.Generator) -> None:
    islands = shapely.union_all([shapely.Point(500, 500).buffer(450), shapely.box(1500, 0, 1700, 900)])
    territory = islands - shapely.Point(500, 500).buffer(200)
    xy = random.uniform(-200, 1900, (5000, 2))
    surface = heat(canvas_of(territory, 10), xy, 60.0, 7.0)
    total = surface.density.sum() * 10**2 / 1e6 * 7
    assert surface.counted + surface.left_out == 5000
    assert total == pytest.approx(surface.counted, rel=1e-3)
    assert not surface.density[~surface.canvas.inside].any()
    assert np.isfinite(surface.density).all()


def test_evenly_spread_reports_are_level_up_to_the_border() -> None:
    canvas = canvas_of(shapely.box(0, 0, 1000, 1000), 10)
    every = np.stack(np.meshgrid(np.arange(5, 1000, 10.0), np.arange(5, 1000, 10.0)), axis=-1).reshape(-1, 2)
    density = heat(canvas, every, 100.0, 1.0).density
    assert density.mean() == pytest.approx(1e4)
    assert density.min() > 0.97e4
    assert density.max() < 1.03e4


def test_decay_halves_and_keeps_the_unit() -> None:
    assert decay(np.array([0.0, 7.0, 14.0, -1.0]), 7.0).tolist() == [1, 0.5, 0.25, 1]
    ages = (np.arange(90_000) + 0.5) / 1000
    assert decay(ages, 7.0).sum() / decayed_days(90.0, 7.0) == pytest.approx(1000, rel=1e-4)


def test_classes_rise_and_do_not_change_with_the_view(random: np.random.Generator) -> None:
    surface = heat(canvas_of(TOWN, 20), random.normal((2500, 3000), 300, (900, 2)), 100.0, DAYS)
    breaks = breaks_of(surface)
    assert len(breaks) == 5
    assert list(breaks) == sorted(set(breaks))
    assert breaks[-1] <= surface.density.max() * 1.05


def test_points_that_are_nowhere_are_left_out() -> None:
    xy = np.array([[2000, 3000], [np.nan, 3000], [np.inf, 1], [1e300, -1e300], [0, 0]])
    surface = heat(canvas_of(TOWN, 20), xy, 100.0, DAYS)
    assert (surface.counted, surface.left_out) == (1, 4)
    assert np.isfinite(surface.density).all()


@pytest.mark.parametrize("bandwidth_m", [0.0, -5.0, np.nan, np.inf])
def test_no_bandwidth_is_refused(bandwidth_m: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        heat(canvas_of(TOWN, 20), np.array([[2000.0, 3000.0]]), bandwidth_m, DAYS)
    assert refused.value.key == "surface_bandwidth"
    assert "100" in refused.value.text("zh")


def test_a_centimetre_over_a_city_is_refused_with_what_would_do() -> None:
    city = shapely.box(0, 0, 40_000, 30_000)
    with pytest.raises(InvalidInput) as refused:
        canvas_of(city, 0.01)
    assert refused.value.key == "surface_cells"
    assert canvas_of(city, refused.value.params["expected"]).inside.all()


def test_other_refusals_say_why() -> None:
    canvas = canvas_of(TOWN, 20)
    point = np.array([[2000.0, 3000.0]])
    for key, refused in {
        "surface_empty": lambda: heat(canvas, np.empty((0, 2)), 100.0, DAYS),
        "surface_coarse": lambda: heat(canvas, point, 50.0, DAYS),
        "surface_days": lambda: heat(canvas, point, 100.0, 0.0),
        "surface_territory": lambda: canvas_of(shapely.Polygon(), 20),
        "surface_cell": lambda: canvas_of(TOWN, 0.0),
        "surface_halflife": lambda: decay(np.zeros(1), 0.0),
    }.items():
        with pytest.raises(InvalidInput) as said:
            refused()
        assert said.value.key == key
        assert said.value.text("zh") != said.value.text("en")


def test_reports_that_all_weigh_nothing_are_none() -> None:
    with pytest.raises(InvalidInput, match="no heat"):
        heat(canvas_of(TOWN, 20), np.array([[2000.0, 3000.0]]), 100.0, DAYS, np.zeros(1))

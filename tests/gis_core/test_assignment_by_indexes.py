"""Whole assignments of a city by the compiled indexes and by the light ones: nobody can tell which it was."""

import numpy as np
import pandas as pd
import pytest
import shapely

from gis_core import cells, reach
from gis_core.answers import FALLBACK, GRID_COLUMNS
from gis_core.arrays import Floats, shapes_of
from gis_core.assignment import Assigner
from gis_core.issues import screen
from gis_core.rules import RULES
from gis_core.territory import Territory
from tests.benchmarks.territory import build, territory_of
from tests.gis_core.joined import beside, covering_pairs

DEGREE_M = 111_320.0
AWAY_M = np.array([1e-9, 1e-7, 1e-5, 1e-3, 0.1])
ALWAYS, NEVER = (0, 0.0), (np.inf, 0.0)


def on_and_beside(territory: Territory, count: int) -> Floats:
    """Points where three cells meet, on vertices, edges and outer borders of all shapes, and a hair beside them."""
    random = np.random.default_rng(11)
    vertices = shapely.get_coordinates(shapes_of(territory.levels[-1].frame))
    corners, meeting = np.unique(vertices, axis=0, return_counts=True)
    drawn = [corners[meeting > 2][: count // 4]]
    for layer in ("grids", "places", "contracts", "streets"):
        shapes = shapes_of(territory.frames[layer])
        shapes = shapes[shapely.get_dimensions(shapes) > 0]
        near = beside(shapes[random.choice(len(shapes), min(len(shapes), 1_000), replace=False)], AWAY_M / DEGREE_M)
        drawn.append(near[random.choice(len(near), count * 3 // 16)])
    return np.vstack(drawn)


def reported(issues: pd.DataFrame, territory: Territory) -> pd.DataFrame:
    """The issues, half of them moved onto boundaries or a hair beside, as far as they are accepted."""
    lonlat = issues[["lon", "lat"]].to_numpy(copy=True)
    moved = on_and_beside(territory, len(issues) // 2)
    lonlat[: 2 * len(moved) : 2] = moved
    return screen(issues.assign(lon=lonlat[:, 0], lat=lonlat[:, 1]), territory).accepted


def assigned(
    territory: Territory, issues: pd.DataFrame, pays: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> pd.DataFrame:
    """The answers of a territory without indexes yet that compiles them at once, or never."""
    for room, name in ((cells, "POLYGONS_PAY"), (cells, "LINES_PAY"), (reach, "REACH_PAYS")):
        monkeypatch.setattr(room, name, pays)
    return Assigner(Territory(territory.city, 1, 1, territory.frames))(issues)


def assert_lowest_codes(territory: Territory, issues: pd.DataFrame, answers: pd.DataFrame) -> None:
    """Of the cells that cover a point, each level answers with the lowest code."""
    points = issues[["lon", "lat"]].to_numpy()
    own = ~answers["flags"].str.contains("border_street").to_numpy()
    for name, level in zip(GRID_COLUMNS, territory.levels, strict=False):
        point, cell = covering_pairs(shapes_of(level.frame), points)
        first, at = np.unique(point, return_index=True)
        kept = own[first]
        expected = level.codes[cell[at]][kept]
        assert answers[name].to_numpy(object)[first[kept]].tolist() == expected.tolist()
        assert len(first) > len(points) / 2


def assert_same(territory: Territory, issues: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Every column of every answer, bit for bit."""
    light = assigned(territory, issues, NEVER, monkeypatch)
    compiled = assigned(territory, issues, ALWAYS, monkeypatch)
    pd.testing.assert_frame_equal(light, compiled, check_exact=True)
    assert_lowest_codes(territory, issues, compiled)
    return compiled


def test_a_city(monkeypatch: pytest.MonkeyPatch) -> None:
    large = build(5, grids=400, streets=2_400, places=2_000, facilities=2_000, agreed=300, issues=24_000)
    territory = territory_of(large)
    answers = assert_same(territory, reported(large.frames["issues"], territory), monkeypatch)
    assert set(answers["rule"]) == {FALLBACK, *(rule.name for rule in RULES)}
    assert (answers["flags"].str.contains("several_grids")).sum() > 1_000
    assert (answers["flags"].str.contains("snapped")).sum() > 10


@pytest.mark.full
def test_a_city_at_full_size(monkeypatch: pytest.MonkeyPatch) -> None:
    large = build(6, issues=300_000)
    territory = territory_of(large)
    assert len(assert_same(territory, reported(large.frames["issues"], territory), monkeypatch)) > 250_000

"""Forecasts that are kept: their scores are those of the forecast itself."""

import json

import numpy as np
import pytest
import shapely

from gis_core.hotspots.forecast import scored
from gis_core.hotspots.keeping import kept, read_kept
from gis_core.hotspots.surface import canvas_of, heat

SIDE_M = 3_000.0


@pytest.mark.parametrize("came", [0, 1, 400])
def test_what_was_kept_scores_as_the_forecast_does(came: int) -> None:
    """Cells that share a class stand in another order than by their density; no share may cut through a class."""
    random = np.random.default_rng(7)
    canvas = canvas_of(shapely.box(0, 0, SIDE_M, SIDE_M).difference(shapely.box(0, 0, 700, 700)), 25.0)
    drawn = heat(canvas, random.normal(2_000, 400, (500, 2)), 100.0, 28.0)
    xy, day = random.normal(2_000, 500, (came, 2)), random.integers(0, 14, came).astype(float)
    document = json.loads(json.dumps(kept(drawn).document()))
    assert read_kept(document).scored(xy, day).equals(scored(drawn, xy, day))
    assert len(json.dumps(document)) < 4_000


def test_a_city_of_one_cell_is_kept() -> None:
    """The first cell is chosen although it is more than any share."""
    canvas = canvas_of(shapely.box(0, 0, 50, 50), 50.0)
    drawn = heat(canvas, np.array([[20.0, 20.0]]), 150.0, 1.0)
    again = read_kept(kept(drawn).document())
    xy, day = np.array([[10.0, 10.0]]), np.zeros(1)
    assert again.surface.density.tolist() == [[3.0]]
    assert again.scored(xy, day).equals(scored(drawn, xy, day))

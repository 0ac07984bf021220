"""Kerbs and walls on which the computation of ground is brittle: no city is without strips for one of them."""

from typing import Any

import numpy as np
import pytest
import shapely

from gis_core.frontage import cells
from gis_core.frontage.strips import strips
from tests.gis_core.blocks import AROUND, geographic, kerbside, made, shops
from tests.gis_core.test_frontage_towns import of, same
from tests.gis_core.truth_town import town

WHOLE = shapely.box(0, 0, 133.5, 103.5)
LOT_M = 10.0


def places(seed: int) -> Any:
    """Places along a straight kerb before lots of ten metres, off by what a projection is."""
    random, length = np.random.default_rng(seed), WHOLE.exterior.length
    lots = np.arange(0, length, LOT_M) + random.uniform(0, 9)
    cuts = np.where(random.random(len(lots)) < 0.5, lots, lots + random.uniform(-3, 3, len(lots)))
    cuts = np.append(np.sort(cuts), length)
    cuts = cuts[cuts > 0]
    along: list[float] = []
    for begin, end in zip([0.0, *cuts[:-1]], cuts, strict=True):
        steps = 0.02 + 0.5 * np.arange(int(max((end - begin) / 2 - 0.02, 0) / 0.5) + 1)
        along += [*(begin + steps), *(end - steps)[::-1]]
    ring = shapely.LinearRing([(0, 0), (133.5, 0), (133.5, 103.5), (0, 103.5)])
    xy = shapely.get_coordinates(shapely.line_interpolate_point(ring, along))
    return shapely.points(xy + random.uniform(-1, 1, xy.shape) * 10.0 ** -random.integers(6, 12))


@pytest.mark.parametrize("seed", [37, 46, 64, 66, 76, 100, 108, 114])
def test_a_straight_kerb_before_a_row_of_lots_is_shared_out(seed: int) -> None:
    """The city would have no strips; or shops would be listed as built over, whose ground was given to others."""
    these = places(seed)
    ground = cells._regions(these, np.arange(0, len(these), 20), WHOLE)
    shares = shapely.area(shapely.intersection(ground, WHOLE))
    assert shares.sum() == pytest.approx(WHOLE.area, rel=1e-6)
    assert shapely.area(shapely.union_all(ground, grid_size=1e-6).intersection(WHOLE)) == pytest.approx(WHOLE.area)


def test_ground_that_overlaps_in_every_way_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong strips would be stored, and nobody told."""
    monkeypatch.setattr(cells, "ROUGHLY", 0.0)
    with pytest.raises(ArithmeticError, match="overlap"):
        strips(kerbside(AROUND), shops(a=(20, 3), b=(60, 3)))


def test_houses_askew_that_nearly_touch_stop_no_city() -> None:
    """Where the walls between alleys are closed, edges may cross; all the city's strips would be lost for one yard."""
    drawn = town(3, fronts=True)
    side, these = of(drawn)
    random, (west, south, east, north) = np.random.default_rng(3), shapely.bounds(drawn.ground)
    corners = [(x, y) for x in np.arange(west, east, 14) for y in np.arange(south, north, 14)]
    walls = [shapely.affinity.rotate(shapely.box(x, y, x + 8, y + 7.5), random.uniform(0, 90)) for x, y in corners]
    found = strips(side, these, geographic(walls))
    assert len(found.strips) > len(these) / 2 and shapely.is_valid(found.strips.geometry).all()


def test_a_block_whose_walls_cannot_be_reckoned_with_is_drawn_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other blocks would have no strips either."""

    def fails(*_: object) -> None:
        raise shapely.errors.GEOSException("side location conflict")

    side, these = kerbside(AROUND), shops(a=[(20, 5), (30, 5)], b=(60, 3))
    monkeypatch.setattr(cells, "_to_the_wall", fails)
    assert same(made(side, these, [shapely.box(10, 8, 90, 15)]).strips, made(side, these).strips)

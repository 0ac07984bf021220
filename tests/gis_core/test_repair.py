"""Proposals that make cells fit: no more is moved than was wrong."""

import geopandas as gpd
import numpy as np
import shapely

from gis_core.repair import REPAIR_COLUMNS, repaired
from gis_core.tiling import Tiling
from tests.gis_core.small_city import CITY
from tests.gis_core.test_tiling import PLANE, SEEDED, at_any_time, mid_edges, moved, town

DAY = 20_600


def framed(cells: "np.typing.NDArray[np.object_]") -> gpd.GeoDataFrame:
    """Unit grids of cells in metres."""
    codes = [f"{number:06}" for number in range(len(cells))]
    return gpd.GeoDataFrame({"code": codes, "level": "unit"}, geometry=PLANE.back(cells), crs=4326)


def test_cells_that_fit_stay_as_they_are() -> None:
    """Every check would propose to redraw the city."""
    proposal = repaired(framed(town(400, 1)), CITY, DAY)
    assert len(proposal) == 0 and list(proposal.columns) == [*REPAIR_COLUMNS, "geometry"]


def test_cells_of_another_day_and_cells_drawn_twice_are_left_alone() -> None:
    """A proposal would delete the grids of last year, or decide which of two is meant."""
    cells = shapely.box([0, 100, 0], 0, [100, 200, 200], 100)
    dated = framed(cells).assign(valid_to=["2025-12-31", "2025-12-31", None], valid_from=[None, None, "2026-01-01"])
    assert len(repaired(dated, CITY, DAY)) == 0
    assert len(repaired(framed(np.append(cells[:2], cells[:1])), CITY, DAY)) == 0


def test_whatever_the_check_tells_is_mended() -> None:
    """A sliver would be told for ever, and nothing proposed."""
    cells = shapely.box([0, 0.991], [0, 0], [1, 2], [1, 1])
    assert len(repaired(framed(cells), CITY, DAY)) > 0


def test_only_what_is_wrong_is_moved() -> None:
    """Who looks at a proposal must see what it costs each grid, and be able to take it as it is."""
    cells = town(400, 2)
    seeded = mid_edges(cells, SEEDED, 3)
    wrong = cells.copy()
    for number, (cell, at) in enumerate(seeded):
        wrong[cell], _ = moved(cells[cell], at, 0.6 if number % 2 else -0.6)
    wrong_m2 = shapely.area(shapely.symmetric_difference(wrong, cells)).sum()
    proposal = repaired(framed(wrong), CITY, DAY)
    moved_m2 = proposal["gained_m2"].sum() + proposal["lost_m2"].sum()
    assert 0.5 * wrong_m2 < moved_m2 < 1.05 * wrong_m2
    fitting = framed(wrong).set_index("code").geometry
    fitting.update(proposal.set_index("code").geometry)
    tiling = Tiling(np.asarray(fitting.to_numpy(), dtype=object))
    assert len(tiling.overlaps(at_any_time)[0]) == len(tiling.gaps()[0]) == 0


def test_a_wide_gap_is_not_given_away() -> None:
    """A park that belongs to no grid would be somebody's by arithmetic."""
    cells = town(400, 4)
    ((gone, _),) = mid_edges(cells, 1, 5)
    assert len(repaired(framed(np.delete(cells, gone)), CITY, DAY)) == 0


def test_what_is_no_polygon_is_left_out() -> None:
    """One faulty row would keep all others from being repaired."""
    cells = town(100, 6)
    cells[3] = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    assert "000003" not in set(repaired(framed(cells), CITY, DAY)["code"])
    assert len(repaired(framed(cells[:0]), CITY, DAY)) == 0

"""Units that reports are counted by: the same squares for every part of a city, and the cells of a day."""

import numpy as np
import pytest
import shapely

from gis_core.crs import project
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import StreetSupport
from gis_core.hotspots.supports import coarser, grid_support, lattice_places, lattice_support
from gis_core.hotspots.weights import linked
from tests.gis_core import small_city

SRID = 32649
CITY = shapely.box(500_030, 2_500_000, 502_000, 2_501_000)
NARROW = shapely.Polygon([(0, 0), (1e6, 1e6), (1e6 + 1, 1e6), (1, 0)])
ISLAND = shapely.box(520_000, 2_500_000, 520_050, 2_500_050)


def test_squares_cover_the_territory_and_nothing_else() -> None:
    """Reports would be in no square, or areas not add up to the city."""
    ring = shapely.difference(
        shapely.Point(500_000, 2_500_000).buffer(1_000), shapely.Point(500_000, 2_500_000).buffer(333)
    )
    for ground in (CITY, ring, shapely.MultiPolygon([CITY, ISLAND])):
        found = lattice_support(ground, SRID, 100.0)
        assert found.size.sum() == pytest.approx(ground.area / 1e6, rel=1e-9)
        shapes = project(found.shapes, SRID)
        assert shapely.area(shapes) == pytest.approx(found.size * 1e6, rel=1e-3)
        assert shapely.contains_xy(shapely.buffer(shapes, 0.01), *found.xy.T).all()
        assert list(found.codes) == sorted(found.codes) and len(set(found.codes)) == len(found.codes)
        assert lattice_places(found, found.xy, 100.0).tolist() == list(range(len(found.codes)))


def test_a_square_has_one_code_whatever_is_looked_at() -> None:
    """Last month's square would not be this month's, nor the district's that of the city."""
    whole, part = (
        lattice_support(ground, SRID, 100.0) for ground in (CITY, CITY.intersection(CITY.centroid.buffer(300)))
    )
    assert set(part.codes) < set(whole.codes) and "5003:25009" in whole.codes
    assert lattice_places(whole, np.array([[500_399.0, 2_500_999.0], [0, 0], [np.nan, 1]]), 100.0).tolist() == [
        list(whole.codes).index("5003:25009"), -1, -1
    ]  # fmt: skip


def test_squares_that_touch_are_neighbours() -> None:
    """Windows would leave out a corner, or reach over a bay."""
    found = lattice_support(shapely.box(0, 0, 400, 300), SRID, 100.0)
    assert sorted(found.near.sizes) == [4] * 4 + [6] * 6 + [9] * 2
    corner = list(found.codes).index("0:0")
    members = found.near.indices[found.near.indptr[corner] : found.near.indptr[corner + 1]]
    assert {found.codes[one] for one in members} == {"0:0", "0:1", "1:0", "1:1"}
    islands = shapely.MultiPolygon([shapely.box(0, 0, 90, 90), shapely.box(200, 0, 290, 90)])
    assert lattice_support(islands, SRID, 100.0).near.islands.all()


def test_one_square_may_be_all() -> None:
    """A district smaller than a square would have none."""
    found = lattice_support(shapely.box(10, 10, 20, 20), SRID, 100.0)
    assert (list(found.codes), found.size.tolist(), len(found.near)) == (["0:0"], [1e-4], 1)


@pytest.mark.parametrize(
    ("ground", "cell_m", "key"),
    [
        (CITY, 0.01, "hotspot_cells"), (CITY, 0.0, "hotspot_cell"), (CITY, np.nan, "hotspot_cell"),
        (CITY, -5.0, "hotspot_cell"), (None, 100.0, "surface_territory"),
        (shapely.Polygon(), 100.0, "surface_territory"),
        (shapely.Point(0, 0), 100.0, "surface_territory"),
        (NARROW, 100.0, "hotspot_cells"),
    ],
)  # fmt: skip
def test_squares_that_cannot_be_are_refused(ground: shapely.Geometry, cell_m: float, key: str) -> None:
    """Memory would end, or nothing be counted."""
    with pytest.raises(InvalidInput) as refused:
        lattice_support(ground, SRID, cell_m)
    assert key == "surface_territory" or refused.value.params["field"] == "cell_m"
    assert refused.value.key == key and refused.value.text("zh") != refused.value.text("en")


@pytest.mark.parametrize(("ground", "cell_m"), [(CITY, 0.01), (NARROW, 100.0)])
def test_the_size_that_is_named_would_do(ground: shapely.Geometry, cell_m: float) -> None:
    """Whoever follows the advice would be refused again."""
    with pytest.raises(InvalidInput) as refused:
        lattice_support(ground, SRID, cell_m)
    assert len(lattice_support(ground, SRID, refused.value.params["expected"]).codes) <= 100_000


def test_cells_of_a_level_are_those_of_the_day() -> None:
    """Reports of July would be counted by the cells of August."""
    city = small_city.territory(grids=small_city.grids(unit_010101={"valid_from": "2026-07-01"}))
    before, after = (grid_support(city, "unit", day) for day in (20_634, 20_635))
    assert (len(before.codes), len(after.codes)) == (7, 8)
    assert list(after.codes) == sorted(small_city.UNITS) and after.unit == "km2"
    assert sorted(after.near.sizes) == [4, 4, 4, 4, 6, 6, 6, 6]
    assert after.size == pytest.approx(shapely.area(project(after.shapes, small_city.CITY.metric_srid)) / 1e6)
    assert len(grid_support(city, "community", 20_635).codes) == 2
    with pytest.raises(InvalidInput, match="unit"):
        grid_support(city, "village", 20_635)


def test_larger_units_hold_the_smaller() -> None:
    """What is hot would be compared with the wrong community, or a lattice with none."""
    city = small_city.territory()
    units, above = grid_support(city, "unit", 20_635), grid_support(city, "community", 20_635)
    holder, near = coarser(units, above, small_city.CITY.metric_srid)
    assert [above.codes[one] for one in holder] == [code[:4] for code in units.codes] and len(near) == 2
    assert coarser(units, None, small_city.CITY.metric_srid) is None
    lattice = lattice_support(CITY, SRID, 100.0)
    holder, near = coarser(lattice, None, SRID)
    assert np.bincount(holder).max() == 4 and len(near) == holder.max() + 1
    far = lattice_support(shapely.box(0, 0, 100, 100), SRID, 100.0)
    assert coarser(far, lattice, SRID)[0].tolist() == [-1]


def test_streets_are_held_by_their_stretches() -> None:
    """What is of no stretch is in none, and stretches are next to each other where their streets are."""
    near = linked(5, np.array([[0, 1], [1, 2], [2, 3]]))
    nothing = np.full(5, None, dtype=object)
    line = StreetSupport("segment", nothing, nothing, nothing, np.zeros((5, 2)), np.ones(5), "km", near,
                         np.array([4, 4, 7, -1, 9]))  # fmt: skip
    holder, stretches = coarser(line, None, SRID)
    assert holder.tolist() == [0, 0, 1, -1, 2]
    assert stretches.sizes.tolist() == [2, 2, 1] and stretches.indices.tolist() == [0, 1, 0, 1, 2]

"""Faults sown into a town whose cells fit: each is found where it is, and nothing else."""

import numpy as np
import pytest
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.tiling import GRAIN_M, SLIVER_M, Plane, Tiling

PLANE = Plane(np.array([108.3, 22.8]))
SEEDED = 20


def town(count: int, seed: int) -> Objects:
    """Cells that fit, of some 40 corners each on whole millimetres, in metres."""
    random, side = np.random.default_rng(seed), 100 * count**0.5
    points = shapely.multipoints(random.random((count, 2)) * side)
    square = shapely.box(0, 0, side, side)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    cells = shapely.segmentize(shapely.intersection(cells, square), 15.0)
    return shapely.transform(cells, lambda xy: np.rint(xy / GRAIN_M) * GRAIN_M)


def at_any_time(one: Ints, _: Ints) -> Bools:
    """All are there together."""
    return np.ones(len(one), dtype=bool)


def checked(cells: Objects) -> tuple[tuple[Ints, Ints, Objects, Floats], tuple[Objects, Floats]]:
    """Overlaps and gaps of cells in metres."""
    tiling = Tiling(PLANE.back(cells))
    return tiling.overlaps(at_any_time), tiling.gaps()


def mid_edges(cells: Objects, count: int, seed: int) -> list[tuple[int, int]]:
    """Cells that are no neighbours of each other, each with the position of a corner that it shares with one other."""
    xy, cell = shapely.get_coordinates(cells, return_index=True)
    _, corner, shared = np.unique(np.rint(xy / GRAIN_M), axis=0, return_inverse=True, return_counts=True)
    begins, taken, found = np.searchsorted(cell, np.arange(len(cells))), set[int](), []
    for one in np.random.default_rng(seed).permutation(len(cells)).tolist():
        ring = corner[begins[one] : begins[one] + shapely.get_num_coordinates(cells[one])]
        middles = [at for at in range(1, len(ring) - 1) if shared[ring[at]] == 2]
        if middles and not taken & set(ring.tolist()):
            # Whoever touches it is spoken for as well.
            beside = np.unique(cell[np.isin(corner, ring)])
            taken |= set(corner[np.isin(cell, beside)].tolist())
            found.append((one, middles[len(middles) // 2]))
    assert len(found) >= count
    return found[:count]


def moved(cell: shapely.Geometry, at: int, by_m: float) -> tuple[shapely.Geometry, shapely.Point]:
    """A cell with one corner pushed out, or with a minus in, and where that corner was."""
    xy = shapely.get_coordinates(cell)
    along = xy[at + 1] - xy[at - 1]
    across = np.array([along[1], -along[0]]) / np.hypot(*along) * (1 if shapely.is_ccw(cell.exterior) else -1)
    was = shapely.Point(xy[at])
    xy[at] += across * by_m
    return shapely.polygons(xy), was


def where(found: Objects, places: list[shapely.Point]) -> list[list[int]]:
    """Of each place the faults found there."""
    flat = PLANE.flat(found)
    return [np.flatnonzero(shapely.dwithin(flat, place, 0.05)).tolist() for place in places]


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.full)])
def test_a_town_that_fits_has_no_fault(count: int) -> None:
    """Thousands of warnings about nothing would hide the one that matters."""
    (one, _, _, _), (gaps, _) = checked(town(count, 1))
    assert len(one) == len(gaps) == 0


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.full)])
@pytest.mark.parametrize("by_m", [0.01, 0.6])
def test_a_corner_out_of_place_is_found_from_a_centimetre_on(count: int, by_m: float) -> None:
    """A border that somebody moved by a hand would be nobody's finding, and two grids answer for one place."""
    cells = town(count, 2)
    seeded, places = mid_edges(cells, SEEDED, 3), []
    for number, (cell, at) in enumerate(seeded):
        cells[cell], was = moved(cells[cell], at, by_m if number % 2 else -by_m)
        places.append(was)
    (one, other, common, width_m), (gaps, gap_width_m) = checked(cells)
    out, into = places[1::2], places[::2]
    assert [len(found) for found in where(common, out)] == [1] * len(out) and len(common) == len(out)
    assert [len(found) for found in where(gaps, into)] == [1] * len(into) and len(gaps) == len(into)
    for (cell, _), (found,) in zip(seeded[1::2], where(common, out), strict=True):
        assert cell in (one[found], other[found])
    assert (np.concatenate([width_m, gap_width_m]) < by_m).all()


def test_a_cell_that_is_missing_or_drawn_twice_is_found() -> None:
    """A block would have no grid; or a grid within a grid, of which only the inner one looks wrong."""
    cells = town(400, 4)
    (gone, _), (doubled, _) = mid_edges(cells, 2, 5)
    missing_m2 = shapely.area(cells[gone])
    inner = shapely.buffer(cells[doubled], -5)
    (one, other, common, width_m), (gaps, gap_width_m) = checked(np.append(np.delete(cells, gone), inner))
    assert len(one) == 1 and other[0] == len(cells) - 1 and width_m[0] > 1
    assert shapely.area(PLANE.flat(common))[0] == pytest.approx(shapely.area(inner), rel=1e-3)
    assert len(gaps) == 1 and gap_width_m[0] > 1
    assert shapely.area(PLANE.flat(gaps))[0] == pytest.approx(missing_m2, rel=1e-3)


def test_a_gap_that_reaches_the_outside_is_found() -> None:
    """It is no hole, so that nothing encloses it; a notch in one cell's own outer edge is nobody's gap."""
    cells = shapely.box([0, 100.2, 200.2], 0, [100, 200.2, 300], 100)
    cells[2] = shapely.union(cells[2], shapely.box(250, 100, 260, 120)).difference(shapely.box(270, 99.8, 270.3, 100))
    (one, _, _, _), (gaps, width_m) = checked(cells)
    assert len(one) == 0 and width_m.tolist() == pytest.approx([0.2], abs=0.01)
    assert shapely.bounds(PLANE.flat(gaps))[0].tolist() == pytest.approx([100, 0, 100.2, 100], abs=0.01)


@pytest.mark.parametrize("by_m", [0.05, 0.3])
def test_whatever_is_drawn_by_hand_every_fault_has_a_place(by_m: float) -> None:
    """A fault that becomes no polygon in degrees would be nowhere, and whoever tells it would fail."""
    for seed in range(6):
        cells, random = town(200, seed), np.random.default_rng(seed)
        rings = [shapely.get_coordinates(cell)[:-1] for cell in cells]
        shaken = np.array([shapely.Polygon(ring + random.uniform(-by_m, by_m, ring.shape)) for ring in rings])
        (_, _, common, _), (gaps, _) = checked(shaken[shapely.is_valid(shaken)])
        for shapes in (common, gaps):
            assert len(shapes) and shapely.is_valid(shapes).all() and not shapely.is_empty(shapes).any()


def test_an_overlap_with_a_tail_is_as_wide_as_its_body() -> None:
    """A block that two grids claim would be called inaccurate drawing, since their border is inaccurate as well."""
    west = shapely.Polygon(
        [(0, 0), (100, 0), (100, 500), (110, 500), (110, 510), (100.02, 510), (100.02, 1000), (0, 1000)]
    )
    (one, _, _, width_m), _ = checked(np.array([west, shapely.box(100, 0, 200, 1000)]))
    assert len(one) == 1 and width_m[0] >= SLIVER_M
    apart = shapely.Polygon(
        [(0, 0), (100.02, 0), (100.02, 400), (99, 401), (99, 500), (110, 500), (110, 510), (0, 510)]
    )
    (one, _, _, width_m), _ = checked(np.array([apart, shapely.box(100, 0, 200, 1000)]))
    assert len(one) == 1 and width_m[0] == pytest.approx(5, abs=0.2)


def test_a_corner_that_only_one_side_has_is_no_fault() -> None:
    """Where three cells meet, two of them have a corner in the middle of the third's edge; drawn by hand, all do."""
    cells = np.array([shapely.box(0, 0, 300, 50), shapely.box(0, 50, 77.777, 99), shapely.box(77.777, 50, 300, 99)])
    turned = shapely.transform(cells, lambda xy: xy @ [[0.8, 0.6], [-0.6, 0.8]])
    (one, _, _, _), (gaps, _) = checked(turned)
    assert len(one) == len(gaps) == 0


def test_of_a_larger_area_what_is_left_open_at_its_edge_is_found() -> None:
    """No cell encloses it and no two are beside it."""
    cells = shapely.box([0, 100, 0], [0, 0, 100], [100, 200, 100], [100, 100, 200])
    upper, open_ground = Tiling(PLANE.back(cells)).uncovered(PLANE.back(np.array([shapely.box(0, 0, 200, 200)])))
    assert upper.tolist() == [0]
    assert shapely.bounds(PLANE.flat(open_ground))[0].tolist() == pytest.approx([100, 100, 200, 200], abs=0.01)
    holed = np.append(cells, shapely.box(100, 100, 200, 200).difference(shapely.box(140, 140, 160, 160)))
    tiling = Tiling(PLANE.back(holed))
    assert len(tiling.gaps()[0]) == 1, "a hole is a gap"
    assert len(tiling.uncovered(PLANE.back(np.array([shapely.box(0, 0, 200, 200)])))[0]) == 0, "and told once"

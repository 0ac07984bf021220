"""Who is next to whom."""

import numpy as np
import pytest
import shapely

from gis_core.errors import InvalidInput
from gis_core.hotspots import weights
from gis_core.hotspots.weights import contiguous, lattice, linked, within


def test_a_lattice_is_what_its_squares_say() -> None:
    """Cells would be tested with others than those they touch."""
    squares = [shapely.box(c, r, c + 1, r + 1) for r in range(4) for c in range(5)]
    drawn, counted = contiguous(np.array(squares, dtype=object)), lattice(4, 5)
    assert (drawn.indices == counted.indices).all() and (drawn.indptr == counted.indptr).all()
    assert list(counted.sizes[:6]) == [4, 6, 6, 6, 4, 6] and counted.sizes.max() == 9
    wide = counted.wider()
    assert (wide.indices == lattice(4, 5, 2).indices).all()


def test_slits_between_polygons_are_bridged_when_told() -> None:
    """A layer drawn with slits would be a city of islands."""
    squares = np.array([shapely.box(n * 10, 0, n * 10 + 9.5, 10) for n in range(4)], dtype=object)
    assert contiguous(squares).islands.all()
    assert list(contiguous(squares, 1.0).sizes) == [2, 3, 3, 2]


def test_islands_and_shapes_that_are_none_stand_alone() -> None:
    """An island would end the run, or be joined to something."""
    shapes = np.array([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6), None, shapely.Polygon()], dtype=object)
    assert contiguous(shapes).islands.all() and len(contiguous(shapes)) == 4
    assert len(contiguous(np.empty(0, dtype=object))) == 0


def test_every_point_has_enough_neighbours() -> None:
    """A point far out would be compared with itself alone."""
    xy = np.vstack([np.random.default_rng(0).uniform(0, 100, (50, 2)), [[5000, 5000]]])
    near = within(xy, 10.0, 8)
    assert near.sizes.min() >= 9 and near.sizes[-1] == 9
    assert all(row in near.indices[near.indptr[row] : near.indptr[row + 1]] for row in range(51))
    assert list(within(xy[:3], 1.0, 8).sizes) == [3, 3, 3]
    assert list(within(xy[:1], 1.0).sizes) == [1] and len(within(xy[:0], 1.0)) == 0


def test_a_pile_of_points_is_refused_before_memory_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand points at one coordinate are a hundred million pairs."""
    with pytest.raises(InvalidInput, match="smaller radius"):
        within(np.zeros((10_000, 2)), 1.0)
    monkeypatch.setattr(weights, "MOST_PAIRS", 10_000)
    assert within(np.zeros((100, 2)), 1.0).sizes.tolist() == [100] * 100


def test_network_neighbours_are_as_given() -> None:
    """Front and back of a wall would be neighbours though no street joins them."""
    near = linked(4, np.array([[0, 1], [1, 0], [1, 2], [2, 2]]))
    assert list(near.sizes) == [2, 3, 2, 1] and list(near.islands) == [False, False, False, True]
    assert list(near.sums(np.array([1.0, 10.0, 100.0, 1000.0]))) == [11, 111, 110, 1000]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: linked(2, np.array([[0, 2]])), lambda: linked(2, np.array([[-1, 0]])),
        lambda: within(np.zeros((2, 2)), 0.0), lambda: within(np.zeros((2, 2)), np.nan),
        lambda: within(np.full((2, 2), np.nan), 1.0), lambda: contiguous(np.empty(0, dtype=object), -1.0),
    ],
)  # fmt: skip
def test_what_is_no_neighbourhood_is_refused(wrong) -> None:
    """A bandwidth of 0 would make every cell an island without a word."""
    with pytest.raises(InvalidInput):
        wrong()

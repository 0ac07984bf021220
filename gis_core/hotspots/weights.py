"""Who is next to whom: neighbourhoods of cells, points and streets, each cell in its own."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.errors import InvalidInput
from gis_core.hotspots.checking import places_of

MOST_PAIRS = 50_000_000
"""More would not fit into memory; a pile at one place is that many soon."""


@dataclass(frozen=True)
class Neighbourhoods:
    """For each cell the cells around it and itself, as compressed rows.

    Parameters
    ----------
    indptr
        Where each cell's neighbourhood begins in ``indices``, and behind the last where it ends.
    indices
        Members, ascending within a neighbourhood; each cell is a member of its own.
    """

    indptr: Ints
    indices: Ints

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def sizes(self) -> Ints:
        """Members of each neighbourhood, the cell itself among them."""
        return np.diff(self.indptr)

    @property
    def islands(self) -> Bools:
        """Cells that have no neighbour but themselves."""
        return self.sizes == 1

    @cached_property
    def matrix(self) -> csr_array:
        """1 where the column is in the neighbourhood of the row."""
        ones = np.ones(len(self.indices))
        return csr_array((ones, self.indices, self.indptr), shape=(len(self), len(self)))

    def sums(self, values: Floats) -> Floats:
        """Sums over each neighbourhood, of one column or of several at once."""
        return self.matrix @ values

    def wider(self) -> "Neighbourhoods":
        """The same with the neighbours of neighbours: the next bandwidth."""
        return self._wider

    @cached_property
    def _wider(self) -> "Neighbourhoods":
        return _of_matrix(self.matrix @ self.matrix)

    def among(self, kept: Bools) -> "Neighbourhoods":
        """The same of some of the cells, counted anew, as if the others were not there."""
        return _of_matrix(self.matrix[kept][:, kept])

    def joined(self, group: Ints, groups: int) -> "Neighbourhoods":
        """Of groups of cells: next to each other are those of which cells are; -1 is in none."""
        pairs = np.column_stack([np.repeat(group, self.sizes), group[self.indices]])
        return linked(groups, pairs[(pairs >= 0).all(axis=1)])


def contiguous(polygons: Objects, gap_m: float = 0.0) -> Neighbourhoods:
    """Polygons that share a border or a corner (queen contiguity).

    Parameters
    ----------
    polygons
        Shapes in a metric CRS; one that is absent or empty is an island.
    gap_m
        Polygons no farther apart than this touch as well, for layers drawn with slits.
    """
    _radius("gap_m", gap_m, from_0=True)
    tree = shapely.STRtree(polygons)
    if gap_m > 0:
        pairs = tree.query(polygons, predicate="dwithin", distance=gap_m)
    else:
        pairs = tree.query(polygons, predicate="intersects")
    return linked(len(polygons), pairs.T)


def within(xy: Floats, radius_m: float, at_least: int = 8) -> Neighbourhoods:
    """Points no farther than ``radius_m``, and where they are fewer, the ``at_least`` nearest.

    Parameters
    ----------
    xy
        Metric coordinates, shape (n, 2).
    at_least
        Neighbours besides itself that every point has, as far as there are so many.

    Raises
    ------
    InvalidInput
        A coordinate is absent, the radius is not above 0, or there would be more than :data:`MOST_PAIRS` pairs.
    """
    _radius("radius_m", radius_m)
    xy = places_of(xy)
    if len(xy) == 0:
        return linked(0, np.empty((0, 2), np.int64))
    tree = cKDTree(xy)
    found = int(tree.count_neighbors(tree, radius_m))
    if found > MOST_PAIRS:
        raise InvalidInput("hotspot_dense", value=radius_m, found=found, limit=MOST_PAIRS)
    pairs = tree.query_pairs(radius_m, output_type="ndarray").astype(np.int64)
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    few = np.flatnonzero(np.bincount(pairs[:, 0], minlength=len(xy)) < at_least)
    wanted = min(at_least + 1, len(xy))
    if len(few) and wanted > 1:
        nearest = tree.query(xy[few], wanted)[1]
        pairs = np.concatenate([pairs, np.column_stack([np.repeat(few, wanted), nearest.ravel()])])
    return _of_pairs(len(xy), pairs)


def linked(cells: int, pairs: Ints) -> Neighbourhoods:
    """Neighbours that are given: along a street network, or any other relation, each both ways.

    Parameters
    ----------
    pairs
        Two positions of cells a row; doubles and pairs of a cell with itself do no harm.

    Raises
    ------
    InvalidInput
        A position is not that of a cell, or no whole number.
    """
    pairs = np.asarray(pairs)
    if pairs.size % 2 or not (pairs.size == 0 or pairs.dtype.kind in "iu"):
        raise InvalidInput("hotspot_shape", field="pairs", found=pairs.shape, expected="(n, 2)")
    pairs = pairs.astype(np.int64).reshape(-1, 2)
    wrong = pairs[(pairs < 0) | (pairs >= cells)]
    if len(wrong):
        raise InvalidInput("hotspot_pairs", field="pairs", value=int(wrong[0]), expected=cells)
    return _of_pairs(cells, np.concatenate([pairs, pairs[:, ::-1]]))


def lattice(rows: int, columns: int, reach: int = 1) -> Neighbourhoods:
    """Cells of a rectangle, row by row, with all cells ``reach`` steps around them.

    Raises
    ------
    InvalidInput
        A number is negative.
    """
    for field, value in (("rows", rows), ("columns", columns), ("reach", reach)):
        _radius(field, value, from_0=True)
    cell = np.arange(rows * columns).reshape(rows, columns)
    pairs = []
    for down in range(reach + 1):
        for right in range(-reach, reach + 1):
            here = cell[: max(rows - down, 0), max(-right, 0) : max(columns - max(right, 0), 0)]
            there = cell[down:, max(right, 0) : max(columns + min(right, 0), 0)]
            pairs.append(np.column_stack([here.ravel(), there.ravel()]))
    return linked(rows * columns, np.concatenate(pairs))


def _of_pairs(cells: int, pairs: Ints) -> Neighbourhoods:
    own = np.arange(cells)
    row, column = np.concatenate([pairs[:, 0], own]), np.concatenate([pairs[:, 1], own])
    return _of_matrix(csr_array((np.ones(len(row)), (row, column)), shape=(cells, cells)))


def _of_matrix(matrix: csr_array) -> Neighbourhoods:
    matrix.sum_duplicates()
    matrix.sort_indices()
    return Neighbourhoods(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64))


def _radius(field: str, value: float, *, from_0: bool = False) -> None:
    if not (np.isfinite(value) and (value > 0 or (from_0 and value == 0))):
        raise InvalidInput(
            "hotspot_radius", field=field, value=value, expected="0 or more" if from_0 else "a number above 0"
        )

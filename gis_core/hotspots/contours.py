"""Classes of heat as polygons: the outlines of cells of one class."""

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.hotspots.surface import Canvas


def contours(canvas: Canvas, values: Floats, breaks: tuple[float, ...]) -> tuple[Objects, Ints]:
    """Patches of cells of one class, metric CRS, and the class of each: 0 from the first break on.

    Cells below the first break belong to none. Patches of one class that touch in a corner only are two.

    Parameters
    ----------
    values
        Of each cell, rows by columns.
    breaks
        Rising.
    """
    above = np.searchsorted(np.asarray(breaks, dtype=np.float64), values, side="right")
    padded = np.pad(np.where(canvas.inside, above, 0), 1)
    if not padded.any():
        return np.empty(0, dtype=object), np.empty(0, np.int64)
    faces = shapely.get_parts(shapely.polygonize(_borders(padded)))
    of_face = padded[_lowest(faces)]
    faces, of_face = faces[of_face > 0], of_face[of_face > 0]
    order = np.argsort(of_face, kind="stable")
    corner = np.array([canvas.west - canvas.cell_m, canvas.south - canvas.cell_m])
    return shapely.transform(faces[order], lambda at: at * canvas.cell_m + corner), of_face[order] - 1


def _lowest(faces: Objects) -> tuple[Ints, Ints]:
    """Row and column of a cell of each face: that north-east of the first of its southernmost corners."""
    at, face = shapely.get_coordinates(faces, return_index=True)
    order = np.lexsort((at[:, 0], at[:, 1], face))
    first = order[np.unique(face[order], return_index=True)[1]]
    column, row = at[first].astype(np.int64).T
    return row, column


def _borders(number: Ints) -> Objects:
    """Lines between cells of different numbers, in cells from the corner, cut where they turn or meet others."""
    flat, steep = number[1:, :] != number[:-1, :], (number[:, 1:] != number[:, :-1]).T
    meet = np.zeros((number.shape[0] + 1, number.shape[1] + 1), np.int8)
    meet[1:-1, :-1] += flat
    meet[1:-1, 1:] += flat
    meet[:-1, 1:-1] += steep.T
    meet[1:, 1:-1] += steep.T
    lines = np.concatenate([_runs(flat, meet[1:-1]), _runs(steep, meet.T[1:-1])[:, :, ::-1]])
    return shapely.linestrings(lines.astype(np.float64))


def _runs(side: Bools, meet: Ints) -> Ints:
    """Begin and end of each run of sides along the rows, as column and row of corners, shape (n, 2, 2)."""
    row, column = np.nonzero(side)
    begins = np.ones(len(row), bool)
    begins[1:] = (np.diff(row) != 0) | (np.diff(column) != 1) | (meet[row[1:], column[1:]] > 2)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(row)) - 1
    ends = [np.column_stack([column[first], row[first] + 1]), np.column_stack([column[last] + 1, row[last] + 1])]
    return np.stack(ends, axis=1)

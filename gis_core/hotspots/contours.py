"""Classes of heat as polygons: the outlines of cells of one class."""

import numpy as np
import shapely
from scipy.ndimage import label

from gis_core.arrays import Floats, Ints, Objects
from gis_core.hotspots.surface import Canvas
from gis_core.joins.compiled import compiled


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
    patch, of_class = _patches(np.pad(np.where(canvas.inside, above, 0), 1))
    if not len(of_class):
        return np.empty(0, dtype=object), of_class
    corners, ring, of_patch, is_hole = _outlines(patch)
    at = (corners - 1) * canvas.cell_m + np.array([canvas.west, canvas.south])
    rings = shapely.linearrings(at, indices=ring)
    order = np.lexsort((is_hole, of_patch))
    return shapely.polygons(rings[order], indices=of_patch[order]), of_class


def _patches(number: Ints) -> tuple[Ints, Ints]:
    """Which patch each cell is in, -1 for 0; and the class of each patch, in order of classes."""
    patch, classes = np.full(number.shape, -1, np.int64), [np.empty(0, np.int64)]
    count = 0
    for one in range(1, int(number.max(initial=0)) + 1):
        found, more = label(number == one)
        patch[found > 0] = found[found > 0] + count - 1
        classes.append(np.full(more, one - 1))
        count += more
    return patch, np.concatenate(classes)


@compiled
def _outlines(patch: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Rings around patches and their holes, the patch to the left: corners (column and row), the ring each is of; and
    of each ring its patch and whether it is a hole. Cells on the rim of the array are in no patch.

    Where a patch touches itself in a corner, the way goes on to the right: so no ring meets itself.
    """
    column_step, row_step = np.array([1, 0, -1, 0]), np.array([0, 1, 0, -1])
    # Where a way along a southern, eastern, northern, western side begins, from the cell's south-western corner.
    column_from, row_from = np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1])
    rows, columns = patch.shape
    seen = np.zeros((rows, columns, 4), np.bool_)
    corners, ring, of_patch, is_hole = [(0, 0)], [0], [0], [0]
    for first_row in range(1, rows - 1):
        for first_column in range(1, columns - 1):
            one = patch[first_row, first_column]
            # Every ring has a southern side of one of its cells.
            if one < 0 or patch[first_row - 1, first_column] == one or seen[first_row, first_column, 0]:
                continue
            row, column, way, area = first_row, first_column, 0, 0
            while not seen[row, column, way]:
                seen[row, column, way] = True
                left, top = column + column_from[way], row + row_from[way]
                area += left * row_step[way] - top * column_step[way]
                ahead = row + row_step[way], column + column_step[way]
                right = (way + 3) % 4
                beyond = ahead[0] + row_step[right], ahead[1] + column_step[right]
                turned = True
                if patch[beyond] == one:
                    (row, column), way = beyond, right
                elif patch[ahead] == one:
                    (row, column), turned = ahead, False
                else:
                    way = (way + 1) % 4
                if turned:
                    corners.append((column + column_from[way], row + row_from[way]))
                    ring.append(len(of_patch) - 1)
            of_patch.append(one)
            is_hole.append(1 if area < 0 else 0)
    return np.array(corners[1:]), np.array(ring[1:]), np.array(of_patch[1:]), np.array(is_hole[1:])

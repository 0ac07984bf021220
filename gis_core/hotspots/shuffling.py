"""Maps of chance for the scan in time: which report came when is shuffled, where and how many stays."""

from collections.abc import Callable

import numpy as np

from gis_core.arrays import Ints
from gis_core.hotspots.scanning import newest

DENSE = 20
"""Reports a cell and step above which sharing them out is faster than shuffling them."""


def shuffling(backwards: Ints, longest: int, random: np.random.Generator) -> Callable[[], Ints]:
    """Draws maps with the same reports by cell and the same by age: those of the newest steps, by cell and age."""
    by_cell, by_age = backwards.sum(1), backwards.sum(0)
    cell, age = (np.repeat(where, backwards[backwards > 0]) for where in np.nonzero(backwards))
    # Short numbers are shuffled in half the time.
    age = age.astype(np.min_scalar_type(backwards.shape[1]))

    def shuffled() -> Ints:
        return newest(cell, random.permutation(age), len(by_cell), longest)

    def shared() -> Ints:
        left, maps = by_age.copy(), np.zeros(backwards.shape, np.int64)
        for nth, many in enumerate(by_cell):
            maps[nth] = random.multivariate_hypergeometric(left, many)
            left -= maps[nth]
        return np.ascontiguousarray(maps[:, :longest])

    return shared if by_cell.sum() > DENSE * backwards.size else shuffled

"""The 17 classes of a place by its history of hot and cold steps and its trend: one written table.

With H the share of hot steps, for cold places mirrored, the first row that holds:

1. H ≥ .9, the last step not hot: historical
2. H ≥ .9, trend up: intensifying
3. H ≥ .9, trend down: diminishing
4. H ≥ .9: persistent
5. the last step hot, any earlier one cold: oscillating
6. the last step hot and no other: new
7. the last steps hot in one run, and no other: consecutive
8. the last step hot: sporadic
9. no pattern

Rows 1 to 4 are asked for hot and cold before rows 5 to 8 for either.
"""

import numpy as np

from gis_core.arrays import Bools, Ints
from gis_core.hotspots.checking import refuse

KINDS = (
    "historical", "intensifying", "diminishing", "persistent", "oscillating", "new", "consecutive", "sporadic",
)  # fmt: skip
PATTERNS = ("none", *(f"hot_{kind}" for kind in KINDS), *(f"cold_{kind}" for kind in KINDS))
"""By number; text keys with ``hotspot_`` before them."""
WORD_OF = {
    "hot_new": "new", "hot_consecutive": "new", "hot_oscillating": "new",
    "hot_persistent": "lasting", "hot_sporadic": "lasting",
    "hot_intensifying": "worse",
    "hot_diminishing": "fading", "hot_historical": "fading",
}  # fmt: skip
"""The plain words of pages, text keys with ``hotspot_word_`` before them; cold places and no pattern are ``none``."""
WORDS = tuple(WORD_OF.get(pattern, "none") for pattern in PATTERNS)
"""By number of the pattern."""


def patterns(states: Ints, trend: Ints) -> Ints:
    """Number in :data:`PATTERNS` of every cell.

    Parameters
    ----------
    states
        1 hot, -1 cold, 0 neither, shape (cells, steps).
    trend
        1 up, -1 down, 0 neither.

    Raises
    ------
    InvalidInput
        A state or trend is something else.
    """
    refuse("states", ~np.isin(states, (-1, 0, 1)), "-1, 0 or 1")
    refuse("trend", ~np.isin(trend, (-1, 0, 1)), "-1, 0 or 1")
    number = np.zeros(len(states), np.int64)
    if states.shape[1] == 0:
        return number
    sides = [(states, trend, 1), (-states, -trend, 1 + len(KINDS))]
    for rows in (_lasting, _recent):
        for state, rise, first in sides:
            for kind, holds in enumerate(rows(state, rise)):
                number = np.where((number == 0) & holds, first + kind + (4 if rows is _recent else 0), number)
    return number


def _lasting(states: Ints, trend: Ints) -> tuple[Bools, ...]:
    """Rows 1 to 4."""
    hot = states == 1
    long = 10 * hot.sum(1) >= 9 * states.shape[1]
    return long & ~hot[:, -1], long & (trend == 1), long & (trend == -1), long


def _recent(states: Ints, trend: Ints) -> tuple[Bools, ...]:
    """Rows 5 to 8, of places that are hot at last."""
    hot = states == 1
    last, count = hot[:, -1], hot.sum(1)
    run = np.logical_and.accumulate(hot[:, ::-1], axis=1).sum(1)
    return last & (states == -1).any(1), last & (count == 1), last & (count == run), last

"""Shares as people read them."""

import numpy as np

from gis_core.arrays import Floats


def percents(shares: Floats) -> Floats:
    """Whole per cent of shares from 0 to 1, NaN for NaN: rounded, but 100 only of everything and 0 only of nothing."""
    low, high = np.where(shares > 0, 1, 0), np.where(shares < 1, 99, 100)
    return np.clip(np.floor(100 * shares + 0.5), low, high)

"""Per cent as they are told."""

import numpy as np

from gis_core.patrol.percent import percents


def test_only_everything_is_100_and_only_nothing_is_0() -> None:
    """A city with a lane left out would read that all was walked, and the digest say another figure than the page."""
    shares = np.array([0, 0.0004, 0.4494, 0.455, 0.9951, 0.99999, 1, np.nan])
    assert percents(shares)[:-1].tolist() == [0, 1, 45, 46, 99, 99, 100]
    assert np.isnan(percents(shares)[-1])

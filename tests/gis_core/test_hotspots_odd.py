"""Numbers as they should not be, for every method: an answer without NaN, or a refusal in both languages."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gis_core.errors import InvalidInput
from gis_core.hotspots.clusters import clusters_of
from gis_core.hotspots.emerging import MODES, emerging, recency
from gis_core.hotspots.scan import Draws, circles, scan, scan_time
from gis_core.hotspots.significance import INSUFFICIENT, Question, significance
from gis_core.hotspots.weights import lattice, linked, within

NEAR, XY = lattice(3, 3), np.indices((3, 3)).reshape(2, -1).T * 100.0
COUNTS: dict[str, Any] = {
    "none": [0] * 9, "one": [0] * 8 + [1], "much": [0] * 8 + [10**6], "most": [10**12] * 9, "yes": [True] * 9,
    "texts of numbers": ["3"] * 9,
}  # fmt: skip
EXPOSURES: dict[str, Any] = {
    "each alike": None, "zero": [0.0] * 9, "next to none": [5e-324] * 9, "least": [1e-12] * 9, "most": [1e12] * 9,
    "very uneven": [1e-12] * 4 + [1e12] * 5,
}  # fmt: skip
NUMBERLESS = [["a"] * 9, [None] * 9, [np.nan] * 9, [1j] * 9, [-1] * 9, [0.5] * 9, [1e13] * 9, [10**300] * 9, []]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("exposure", EXPOSURES)
@pytest.mark.parametrize("counts", COUNTS)
def test_what_is_extreme_is_told_without_nan(counts: str, exposure: str) -> None:
    """A sliver's area of 10⁻³⁰⁰ km² would overflow, and its colour be that of NaN."""
    observed, exposed = COUNTS[counts], EXPOSURES[exposure]
    cells = significance(observed, NEAR, exposed, Question(side="both")).cells
    told = cells["class"] != INSUFFICIENT
    assert told.all() != (exposure in {"zero", "next to none"})
    assert np.isfinite(cells.loc[told, ["expected", "ratio", "rate", "low", "high", "shrunk"]]).all(axis=None)
    assert np.isfinite(cells[["p", "q", "gi_q"]]).all(axis=None)
    cube = np.repeat(np.asarray(observed, dtype=float)[:, None], 12, axis=1)
    for mode in MODES:
        assert emerging(cube, NEAR, exposed, mode=mode).cells.notna().all(axis=None)
    assert recency(cube, 3).notna().all(axis=None)


@pytest.mark.parametrize("wrong", NUMBERLESS)
def test_what_is_no_count_is_refused_by_all(wrong: list) -> None:
    """An error of numpy would reach the page instead of a sentence."""
    around = circles(XY, np.ones(9), 0.5)
    cube = np.repeat(np.array(wrong, dtype=object)[:, None], 12, axis=1) if wrong else np.empty((0, 12))
    asked: list[Callable[[], object]] = [
        lambda: significance(wrong, NEAR), lambda: emerging(cube, NEAR), lambda: scan(wrong, None, around),
        lambda: scan_time(cube, around, 3), lambda: significance([1] * 9, NEAR, [*wrong[:-1], "x"]),
    ]  # fmt: skip
    for one in asked:
        with pytest.raises(InvalidInput) as refused:
            one()
        assert refused.value.text("zh") != refused.value.text("en")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: significance([1] * 9, NEAR, [1e13] * 9), lambda: significance([1] * 9, NEAR, [np.inf] * 9),
        lambda: scan(np.ones((9, 2)), None, circles(XY, np.ones(9), 0.5)), lambda: circles(XY, np.full(9, np.nan)),
        lambda: circles(XY, np.full(9, -1.0)), lambda: circles(XY, np.ones(8)), lambda: circles(XY * 1e200, np.ones(9)),
        lambda: circles(np.zeros(9), np.ones(9)), lambda: circles(XY, np.ones(9), 0.5, -1), lambda: Draws(1.5),
        lambda: Draws(9, -1), lambda: Draws(np.nan), lambda: scan_time(np.ones((9, 6)), circles(XY, np.ones(9)), 1.5),
        lambda: recency(np.ones((9, 12)), 1.5), lambda: emerging(np.ones((9, 12)), NEAR, back=-1),
        lambda: within(XY * 1e300, 1.0), lambda: within(np.zeros(9), 1.0),
        lambda: linked(3, np.array([[np.nan, 0]])), lambda: linked(3, np.array([0, 1, 2])), lambda: lattice(-1, 3),
        lambda: linked(3, np.array([["a", "b"]])), lambda: lattice(3, 3, -1),
        lambda: scan([0] * 8 + [10**12], None, circles(XY, np.ones(9), 0.5)),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(wrong: Callable[[], object]) -> None:
    """Half a step, circles of a negative share, places beyond the earth, more reports than fit into memory."""
    with pytest.raises(InvalidInput):
        wrong()


def test_reports_beyond_the_earth_and_a_reach_beyond_the_city_are_no_cluster() -> None:
    """One broken coordinate would end the run, or a reach of a million kilometres last for minutes."""
    xy = np.vstack([np.random.default_rng(0).uniform(0, 1000, (50, 2)), [[1e300, -1e300]]])
    for kind in ("", "🗑️", None):
        cluster, _ = clusters_of(xy, np.full(51, kind, dtype=object), 1e6)
        assert cluster[-1] == -1
    cluster, found = clusters_of(xy, np.full(51, "a", dtype=object), 1e6, 1e9)
    assert (cluster == -1).all() and len(found) == 0

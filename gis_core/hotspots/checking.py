"""Counts and exposures as they are given: read, or refused with the reason."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from gis_core.arrays import Floats
from gis_core.errors import InvalidInput

MOST, LEAST = 1e12, 1e-12
"""The largest count or exposure that is read, and the least exposure that is any: what rounding leaves is none."""


def counts_of(observed: ArrayLike, cells: int) -> Floats:
    """Numbers of reports, shape (cells,) or (cells, steps).

    Raises
    ------
    InvalidInput
        There is not one row for each cell, or a count is negative, broken, absent, or more than :data:`MOST`.
    """
    counts = _numbers("observed", observed)
    _one_row_each(counts, cells, "observed")
    wrong = ~((counts >= 0) & (counts <= MOST) & (counts == np.floor(counts)))
    refuse("observed", wrong, "whole numbers from 0 to 10^12")
    return counts


def exposures_of(exposure: ArrayLike | None, shape: tuple[int, ...]) -> Floats:
    """What the counts are compared with, spread to ``shape``; ``None`` counts each cell alike.

    Raises
    ------
    InvalidInput
        There is not one row for each cell, or an exposure is negative, absent, or more than :data:`MOST`.
    """
    if exposure is None:
        return np.ones(shape)
    given = _numbers("exposure", exposure)
    _one_row_each(given, shape[0], "exposure")
    refuse("exposure", ~((given >= 0) & (given <= MOST)), "numbers from 0 to 10^12")
    given = np.where(given < LEAST, 0.0, given)
    if given.ndim < len(shape):
        given = given[:, None]
    if given.shape[1:] not in {shape[1:], (1,)}:
        raise InvalidInput("hotspot_shape", field="exposure", found=given.shape, expected=shape)
    return np.broadcast_to(given, shape).astype(np.float64)


def refuse(field: str, wrong: np.ndarray, expected: str) -> None:
    """Refuse where any row is wrong, and name the first."""
    if wrong.any():
        row = int(np.flatnonzero(wrong.reshape(len(wrong), -1).any(1))[0])
        raise InvalidInput("hotspot_counts", field=field, found=int(wrong.sum()), row=row, expected=expected)


def one_of(field: str, value: str, choices: Sequence[str]) -> None:
    """Refuse what is not among the choices."""
    if value not in choices:
        raise InvalidInput("hotspot_choice", field=field, value=value, expected=", ".join(choices))


def places_of(xy: ArrayLike) -> Floats:
    """Metric coordinates, shape (n, 2).

    Raises
    ------
    InvalidInput
        There are not two of each place, or one is absent or beyond :data:`MOST`.
    """
    given = _numbers("xy", xy)
    if given.ndim != 2 or given.shape[1] != 2:
        raise InvalidInput("hotspot_shape", field="xy", found=given.shape, expected="(n, 2)")
    refuse("xy", ~(np.abs(given) <= MOST), "metres within 10^12")
    return given


def _numbers(field: str, given: ArrayLike) -> Floats:
    array = np.asarray(given)
    try:
        return array.astype(np.float64) if array.dtype.kind in "biuf" else _of_objects(array)
    except (TypeError, ValueError):
        raise InvalidInput("hotspot_counts", field=field, found=array.size, row=0, expected="numbers") from None


def _of_objects(array: np.ndarray) -> Floats:
    if array.dtype.kind == "c":  # numpy would drop the imaginary part with no more than a warning
        raise TypeError
    return array.astype(np.float64)


def _one_row_each(given: Floats, cells: int, field: str) -> None:
    if given.ndim not in {1, 2} or len(given) != cells:
        raise InvalidInput("hotspot_shape", field=field, found=given.shape, expected=cells)

"""Counts and exposures as they are given: read, or refused with the reason."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from gis_core.arrays import Floats
from gis_core.errors import InvalidInput


def counts_of(observed: ArrayLike, cells: int) -> Floats:
    """Numbers of reports, shape (cells,) or (cells, steps).

    Raises
    ------
    InvalidInput
        There is not one row for each cell, or a count is negative, broken or absent.
    """
    counts = np.asarray(observed, dtype=np.float64)
    _one_row_each(counts, cells, "observed")
    refuse("observed", (counts < 0) | ~np.isfinite(counts) | (counts != np.floor(counts)), "whole numbers from 0")
    return counts


def exposures_of(exposure: ArrayLike | None, shape: tuple[int, ...]) -> Floats:
    """What the counts are compared with, spread to ``shape``; ``None`` counts each cell alike.

    Raises
    ------
    InvalidInput
        There is not one row for each cell, or an exposure is negative or absent.
    """
    if exposure is None:
        return np.ones(shape)
    given = np.asarray(exposure, dtype=np.float64)
    _one_row_each(given, shape[0], "exposure")
    refuse("exposure", (given < 0) | ~np.isfinite(given), "numbers from 0")
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


def _one_row_each(given: Floats, cells: int, field: str) -> None:
    if given.ndim not in {1, 2} or len(given) != cells:
        raise InvalidInput("hotspot_shape", field=field, found=given.shape, expected=cells)

"""The arrays everything is computed on, and how they are taken from frames."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]
"""Codes (``None`` where absent) or geometries."""


def missing(codes: Objects) -> Bools:
    """Which codes are absent (None or NaN)."""
    return pd.isna(codes)


def codes_of(frame: pd.DataFrame, column: str) -> Objects:
    """A column of codes, ``None`` where they are absent and where the frame has no such column."""
    if column not in frame:
        return np.full(len(frame), None, dtype=object)
    codes = frame[column].to_numpy(object).copy()
    codes[missing(codes)] = None
    return codes


def numbers_of(frame: pd.DataFrame, column: str, otherwise: float = np.nan) -> Floats:
    """A column of numbers, ``otherwise`` where there is none and where the frame has no such column."""
    if column not in frame:
        return np.full(len(frame), otherwise)
    numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64)
    return np.where(np.isnan(numbers), otherwise, numbers)


def lonlat_of(frame: pd.DataFrame) -> Floats:
    """The columns ``lon`` and ``lat``, shape (n, 2)."""
    return np.column_stack([frame["lon"].to_numpy(np.float64), frame["lat"].to_numpy(np.float64)])


def shapes_of(frame: pd.DataFrame) -> Objects:
    """The column ``geometry``, ``None`` where the frame has none."""
    if "geometry" not in frame:
        return np.full(len(frame), None, dtype=object)
    return np.asarray(frame["geometry"].to_numpy(), dtype=object)

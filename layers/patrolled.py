"""Tracks and what was passed, read and written: columns of numbers as compressed bytes, in order of time."""

import hashlib
import io
from collections.abc import Mapping

import numpy as np
import pandas as pd

POINT_COLUMNS = ("t", "lon", "lat", "accuracy_m")
"""Seconds since 1970, degrees (EPSG:4326), metres or NaN."""


def packed(frame: pd.DataFrame) -> bytes:
    """A frame of numbers and texts as bytes, the same for the same frame."""
    columns = {name: frame[name].to_numpy() for name in frame}
    arrays = {name: one.astype(np.str_) if one.dtype.kind not in "iuf" else one for name, one in columns.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def unpacked(content: bytes) -> pd.DataFrame:
    """The frame that :func:`packed` made bytes of."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        found: Mapping[str, np.ndarray] = {name: arrays[name] for name in arrays.files}
    return pd.DataFrame({name: one.astype(object) if one.dtype.kind == "U" else one for name, one in found.items()})


def digest_of_points(points: pd.DataFrame) -> str:
    """SHA-256 of points, whatever the order they come in."""
    values = points[list(POINT_COLUMNS)].to_numpy(np.float64)
    values = values[np.lexsort(values.T[::-1])]
    return hashlib.sha256(np.where(np.isnan(values), -1.0, values).tobytes()).hexdigest()

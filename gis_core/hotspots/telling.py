"""How an answer is told: frames and facts that JSON can carry, and what is not known is absent, never NaN."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Objects
from gis_core.crs import WGS84


def features(columns: Mapping[str, Any], shapes: Objects) -> gpd.GeoDataFrame:
    """Rows of an answer, EPSG:4326; numbers that are none are ``None``."""
    frame = pd.DataFrame({name: _plain(values) for name, values in columns.items()}, index=range(len(shapes)))
    return gpd.GeoDataFrame(frame, geometry=np.asarray(shapes, dtype=object), crs=WGS84)


def number(value: float) -> float | None:
    """A number as JSON can carry it, ``None`` for what is none."""
    return float(value) if np.isfinite(value) else None


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a small frame as JSON can carry them."""
    names = list(frame.columns)
    columns = [_plain(frame[name].to_numpy()).tolist() for name in names]
    return [dict(zip(names, each, strict=True)) for each in zip(*columns, strict=True)]


def _plain(values: Any) -> pd.Series:
    given: np.ndarray = np.asarray(values)
    if given.dtype.kind not in "fO":
        return pd.Series(given)
    if given.dtype.kind == "f" and np.isfinite(given).all():
        return pd.Series(given)
    known: Bools = np.isfinite(given) if given.dtype.kind == "f" else ~pd.isna(given)
    plain = given.astype(object)
    plain[~known] = None
    return pd.Series(plain, dtype=object)

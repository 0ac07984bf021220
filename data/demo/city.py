"""The fictional city the demo is set in, and the ways its parts share."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.city import City
from gis_core.crs import to_lonlat
from gis_core.patrol.rules import PatrolRules

CITY = City(
    name="云岭市", timezone="Asia/Shanghai", metric_srid=4545, patrol=PatrolRules(tracks_days=3_660)
)  # fmt: skip
"""Yunling: a city that does not exist, placed near Nanning so that its coordinates are plausible.

Its tracks are of days long past, and stay.
"""

CENTRE = (108.3, 22.8)
"""Longitude and latitude of its middle."""

SOURCE = "demo"
COUNTY_PREFIX = "4599"
"""No county-level division has a code that begins so."""

LAST_DAY = dt.date(2026, 6, 30)
"""The day the demo stands on; nothing in it reads the clock."""

_DECIMALS = 7


def lonlat(xy: Floats) -> Floats:
    """Metric positions, shape (n, 2), as longitude and latitude of 7 decimals (1 cm)."""
    return np.round(to_lonlat(xy, CITY.metric_srid), _DECIMALS)


def geographic(shapes: Objects) -> Objects:
    """Metric shapes in EPSG:4326; a vertex that two of them share stays one vertex."""
    turned: Objects = shapely.transform(shapes, lonlat)
    return turned


def generator(seed: int, part: str) -> np.random.Generator:
    """Random numbers of one part of the city, independent of how many the other parts drew."""
    return np.random.default_rng([seed, *part.encode()])


def layer(columns: Mapping[str, Any], shapes: Objects) -> gpd.GeoDataFrame:
    """A layer frame: ``columns`` with a ``code`` that is also the key, and shapes in EPSG:4326."""
    return gpd.GeoDataFrame({**columns, "source": SOURCE, "key": columns["code"]}, geometry=shapes, crs=4326)


def table(columns: Mapping[str, Any], key: str | Objects = "code") -> pd.DataFrame:
    """A frame without shapes; ``key`` is a column or the keys themselves."""
    frame = pd.DataFrame(columns)
    return frame.assign(source=SOURCE, key=frame[key] if isinstance(key, str) else key)


def names(chinese: Objects, english: Objects) -> pd.Series:
    """Names by language."""
    pairs = zip(chinese, english, strict=True)
    return pd.Series([{"zh": zh, "en": en} for zh, en in pairs], dtype=object)


def numbered(prefix: str, count: int, digits: int) -> Objects:
    """Codes ``prefix`` + 1 … ``count``."""
    return np.array([f"{prefix}{number:0{digits}d}" for number in range(1, count + 1)], dtype=object)


def groups(count: int, size: float, least: int = 1) -> Ints:
    """Divide ``count`` things in a row into groups of about ``size``: the group of each."""
    number = min(count, max(least, round(count / size)))
    return np.arange(count) * number // max(number, count)


def ordinal(codes: Objects) -> Ints:
    """Position of each code among the distinct ones in order."""
    position: Ints = np.unique(codes, return_inverse=True)[1]
    return position


def text(numbers: Ints) -> Objects:
    """Whole numbers as text."""
    return numbers.astype(str).astype(object)


def drawn(weights: Floats, count: int, rng: np.random.Generator) -> Ints:
    """``count`` positions drawn with the chances that ``weights`` give them; a position may come again."""
    rising = np.cumsum(weights)
    return np.searchsorted(rising, rng.random(count) * rising[-1], side="right").astype(np.int64)

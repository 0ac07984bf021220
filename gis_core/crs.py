"""Coordinate systems: the only ways between them.

Everything is kept in longitude and latitude (EPSG:4326) and measured in the city's metric CRS.
GCJ-02 and BD-09 are obfuscations of WGS 84, not datums; PROJ does not know them, so they are here.
They are undone only where data are declared to be so, wherever they lie: the bounding box that map
libraries test also holds Seoul, Hanoi and most of India, so it is no reason for anything.
"""

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis_core.arrays import Bools, Floats, Objects
from gis_core.errors import InvalidInput

WGS84 = 4326
OBFUSCATED = ("gcj02", "bd09")
UNCHANGED = ("wgs84", "cgcs2000")
"""CGCS2000 (EPSG:4490) differs from WGS 84 by plate motion only, under a metre, and is taken as it is."""
_NAMES = {"EPSG:4326": "wgs84", "EPSG:4490": "cgcs2000"}

_KRASOVSKY_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BD09_TURN = np.pi * 3000 / 180
_SETTLED_DEG = 1e-12
_ROUNDS = 12
"""The inverse settles in five rounds anywhere in China; the rest is for coordinates that are nonsense."""


def check_datum(text: str) -> str:
    """The one spelling of a coordinate system: ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:n``.

    Raises
    ------
    InvalidInput
        When it is none of these, or not the code of a horizontal CRS.
    """
    name = text.strip()
    if name.lower() in UNCHANGED + OBFUSCATED:
        return name.lower()
    scheme, _, number = name.upper().partition(":")
    if scheme == "EPSG" and number.isascii() and number.isdigit() and _is_horizontal(int(number)):
        code = f"EPSG:{int(number)}"
        return _NAMES.get(code, code)
    raise InvalidInput("datum_unknown", field="datum", value=text, expected="wgs84, cgcs2000, gcj02, bd09, EPSG:n")


def is_metric(srid: int) -> bool:
    """Whether ``srid`` is the EPSG code of a projected CRS in which a metre is a metre (in EPSG:3857 it is not)."""
    crs = _crs(srid)
    return (
        srid != 3857
        and crs is not None
        and crs.is_projected
        and all(axis.unit_name == "metre" for axis in crs.axis_info[:2])
    )


def north_first(srid: int) -> bool:
    """Whether the CRS itself names north before east, other than EPSG:4326, which is ours in longitude and latitude."""
    crs = _crs(srid)
    return srid != WGS84 and crs is not None and crs.axis_info[0].direction.lower() == "north"


def readable(lonlat: Floats) -> Bools:
    """Whether each pair, shape (n, 2), is a longitude and a latitude in degrees."""
    with np.errstate(invalid="ignore"):
        fits = np.isfinite(lonlat) & (np.abs(lonlat) <= (180, 90))
    return fits[:, 0] & fits[:, 1]


def to_metres(lonlat: Floats, srid: int) -> Floats:
    """Longitude and latitude, shape (n, 2), to metres in the CRS ``srid``, east before north."""
    return _transformed(lonlat, WGS84, srid)


def to_lonlat(xy: Floats, srid: int) -> Floats:
    """Metres in the CRS ``srid``, shape (n, 2), to longitude and latitude."""
    return _transformed(xy, srid, WGS84)


def project(shapes: Objects, srid: int) -> Objects:
    """Objects in longitude and latitude to the CRS ``srid``; ``None`` stays ``None``."""
    return _reshaped(shapes, partial(to_metres, srid=srid))


def to_wgs84(xy: Floats, datum: str) -> Floats:
    """Coordinates, shape (n, 2), east before north, from ``datum`` to longitude and latitude.

    Parameters
    ----------
    datum
        As :func:`check_datum` spells it, or any spelling that it accepts.
    """
    name = check_datum(datum)
    if name in UNCHANGED:
        return xy
    if name == "gcj02":
        return _undone(wgs84_to_gcj02, xy)
    if name == "bd09":
        return _undone(wgs84_to_gcj02, _undone(gcj02_to_bd09, xy))
    return _transformed(xy, int(name.removeprefix("EPSG:")), WGS84)


def shapes_to_wgs84(shapes: Objects, datum: str) -> Objects:
    """Objects from ``datum`` to longitude and latitude, heights dropped; ``None`` stays ``None``."""
    return _reshaped(shapes, partial(to_wgs84, datum=datum))


def wgs84_to_gcj02(lonlat: Floats) -> Floats:
    """WGS 84 degrees, shape (n, 2), as a Chinese web map shows them."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    with np.errstate(invalid="ignore", over="ignore"):
        common = 0.1 * x * y + _waves(x, (20, 1 / 6), (20, 1 / 2))
        east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * np.sqrt(np.abs(x)) + common
        east_m = east_m + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30))
        north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.2 * np.sqrt(np.abs(x)) + common
        north_m = north_m + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30))
        latitude = np.radians(lonlat[:, 1])
        bulge = 1 - _ECCENTRICITY2 * np.sin(latitude) ** 2
        parallel_m = _KRASOVSKY_M / np.sqrt(bulge) * np.cos(latitude)
        meridian_m = _KRASOVSKY_M * (1 - _ECCENTRICITY2) / bulge**1.5
        return lonlat + np.degrees(np.column_stack([east_m / parallel_m, north_m / meridian_m]))


def gcj02_to_bd09(lonlat: Floats) -> Floats:
    """GCJ-02 degrees, shape (n, 2), as Baidu shows them."""
    x, y = lonlat[:, 0], lonlat[:, 1]
    with np.errstate(invalid="ignore", over="ignore"):
        radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD09_TURN)
        angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD09_TURN)
        return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def suggest(raw: Floats, inside: Callable[[Floats], Bools]) -> list[str | None]:
    """Which reading of coordinates that lie outside the city would put them inside; nothing is applied.

    Parameters
    ----------
    raw
        The coordinates as they were given, shape (n, 2).
    inside
        Whether each longitude and latitude, shape (n, 2), lies in the city.

    Returns
    -------
    readings
        ``"swapped"``, ``"gcj02"``, ``"bd09"`` or ``None``, the first that fits.
    """
    found: list[str | None] = [None] * len(raw)
    readings: dict[str, Callable[[Floats], Floats]] = {"swapped": lambda xy: xy[:, ::-1]}
    readings |= {datum: partial(to_wgs84, datum=datum) for datum in OBFUSCATED}
    for name, reading in readings.items():
        left = np.array([row for row, one in enumerate(found) if one is None], dtype=np.int64)
        lonlat = reading(raw[left])
        left, lonlat = left[readable(lonlat)], lonlat[readable(lonlat)]
        for row in left[inside(lonlat)]:
            found[row] = name
    return found


def _waves(at: Floats, *waves: tuple[float, float]) -> Floats:
    """Sum of sine waves given as (amplitude, half wavelength in degrees), at the two thirds that GCJ-02 takes."""
    total = np.zeros_like(at)
    for amplitude, half in waves:
        total += amplitude * np.sin(np.pi * at / half)
    return total * 2 / 3


def _undone(shift: Callable[[Floats], Floats], shifted: Floats) -> Floats:
    """The coordinates that ``shift`` moves to ``shifted``, by fixed-point iteration."""
    guess = shifted
    for _ in range(_ROUNDS):
        error = shift(guess) - shifted
        guess = guess - error
        if not (np.abs(error) > _SETTLED_DEG).any():
            break
    return guess


def _reshaped(shapes: Objects, move: Callable[[Floats], Floats]) -> Objects:
    return shapely.transform(np.asarray(shapes, dtype=object), move)


def _transformed(xy: Floats, source: int, target: int) -> Floats:
    if not len(xy):
        return np.empty((0, 2))
    return np.column_stack(_transformer(source, target).transform(xy[:, 0], xy[:, 1]))


@lru_cache(maxsize=64)
def _transformer(source: int, target: int) -> Transformer:
    # One for all threads: pyproj keeps the PROJ object behind it per thread.
    return Transformer.from_crs(source, target, always_xy=True)


@lru_cache(maxsize=64)
def _crs(srid: int) -> CRS | None:
    try:
        return CRS.from_epsg(srid)
    except CRSError:
        return None


def _is_horizontal(srid: int) -> bool:
    crs = _crs(srid)
    return crs is not None and len(crs.axis_info) == 2 and (crs.is_projected or crs.is_geographic)

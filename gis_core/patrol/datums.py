"""Whether a track is where it says: in this city, and in the coordinate system it is declared in."""

import numpy as np
import pandas as pd

from gis_core.arrays import lonlat_of
from gis_core.crs import OBFUSCATED, to_metres, to_wgs84
from gis_core.errors import InvalidInput
from gis_core.patrol.matching import Matcher

NEAR_M = 15.0
"""Half of the points of a track lie nearer to a street than this."""
FAR_M = 40.0
MOST = 720
"""So many points are looked at, an hour of them, and no more: a day is no surer."""
SURE = 8.0
"""By so much more likely (natural logarithm) another reading must be, before a track is refused for it. Tracks of half
an hour differ by hundreds; of ten minutes in a regular town some fit both readings, and are taken as declared."""


SPELT = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def check_declared(points: pd.DataFrame, matcher: Matcher, named: str = "WGS 84") -> None:
    """Refuse a cleaned track that the streets explain only in another coordinate system than declared.

    The distance to the streets alone cannot tell, since lanes are nearer to each other than GCJ-02 is to WGS 84: the
    longest pieces are matched in both readings, and the one that is refused must be far less likely.

    Parameters
    ----------
    points
        ``t``, ``lon``, ``lat`` as declared (WGS 84), ``piece``.
    named
        What a refusal says that they are declared as.

    Raises
    ------
    InvalidInput
        ``track_datum`` with the suggestion; ``track_elsewhere`` where no reading brings it to the streets.
    """
    points = _longest(points)
    lonlat, srid = lonlat_of(points), matcher.network.srid
    t, piece = points["t"].to_numpy(np.float64), points["piece"].to_numpy(np.int64)
    readings = {"wgs84": lonlat} | {datum: to_wgs84(lonlat, datum) for datum in OBFUSCATED}
    metres = {datum: to_metres(reading, srid) for datum, reading in readings.items()}
    explained = {datum: matcher.explains(xy, t, piece) for datum, xy in metres.items()}
    off_m = {datum: float(np.median(matcher.off_m(xy, FAR_M))) for datum, xy in metres.items()}
    best = max(OBFUSCATED, key=lambda datum: explained[datum])
    if off_m[best] < NEAR_M and explained[best] > explained["wgs84"] + SURE:
        raise InvalidInput("track_datum", value=named, suggestion=SPELT[best], datum=best)
    if off_m["wgs84"] > NEAR_M:
        lon, lat = np.median(lonlat, axis=0)
        raise InvalidInput("track_elsewhere", limit_m=NEAR_M, lon=float(lon), lat=float(lat))


def _longest(points: pd.DataFrame) -> pd.DataFrame:
    """The first points of the longest pieces, :data:`MOST` of them."""
    size = points.groupby("piece")["t"].transform("size").to_numpy()
    order = np.lexsort((points["t"], points["piece"], -size))
    return points.iloc[order[:MOST]]

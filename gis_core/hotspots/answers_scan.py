"""The daily alarm as an answer: circles with the most unlikely crowds of reports."""

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.crs import project, shapes_to_wgs84
from gis_core.errors import InvalidInput
from gis_core.hotspots.answers_units import counted, exposure_of, least_of, unit_of
from gis_core.hotspots.asking import Answer, Asked, Given, Support
from gis_core.hotspots.scan import DAILY_SHARE, Draws, circles, scan, scan_time
from gis_core.hotspots.telling import features

DAYS, LONGEST = 28, 14
"""Days that are looked at, and the longest crowd, which lasts until the last of them."""
NEAREST = 50
"""Units of a circle at most, so that thousands of units are an alarm in seconds."""
ALARM = 0.05
COLUMNS = ("rank", "radius_m", "units", "count", "expected", "ratio", "llr", "p", "days")


def crowds(asked: Asked, given: Given) -> Answer:
    """Where there are more reports, since a few days or for what units are compared with, than chance explains.

    Where units count alike it is a crowd of the last 1 to 14 of 28 days: more than the place's and the days' share.
    Else it is one of the whole window: more than the exposure's share.

    Returns
    -------
    Circles :data:`COLUMNS`: ``radius_m`` reaches round all units of it, ``days`` is how long the crowd lasts, ``None``
    of the whole window. The first is told whatever its ``p``, further ones up to :data:`ALARM`.

    Raises
    ------
    InvalidInput
        Fewer than two days, or an exposure that is needed and not given.
    """
    support, cube = counted(given)
    exposure = exposure_of(asked, given)
    if exposure is None:
        cube = cube[:, -DAYS:]
        found = _by_days(support, cube, asked.seed)
    else:
        found = _by_exposure(support, cube.sum(axis=1), exposure, least_of(asked, exposure), asked.seed)
    found = found[(found["rank"] == 1) | (found["p"] <= ALARM)]
    shapes, radius_m = _round(support, found, given.srid)
    columns = {
        "rank": np.arange(len(found)) + 1, "radius_m": radius_m, "units": found["members"].map(len).astype(np.int64),
        "count": found["observed"].astype(np.int64), "expected": found["expected"], "ratio": found["ratio"],
        "llr": found["llr"], "p": found["p"], "days": found["days"],
    }  # fmt: skip
    facts = {
        "counted": int(cube.sum()), "units": len(support.codes), "unit": unit_of(asked, support), "per": asked.per,
        "share": DAILY_SHARE, "alarm": bool((found["p"] <= ALARM).any()),
    }  # fmt: skip
    return Answer(features({name: np.asarray(columns[name]) for name in COLUMNS}, shapes), facts)


def _by_days(support: Support, cube: Ints, seed: int) -> pd.DataFrame:
    if cube.shape[1] < 2:
        raise InvalidInput("hotspot_steps", found=cube.shape[1], expected=2)
    around = circles(support.xy, cube.sum(axis=1).astype(np.float64), DAILY_SHARE, NEAREST)
    found = scan_time(cube, around, min(LONGEST, cube.shape[1] - 1), Draws(seed=seed))
    return found.assign(days=cube.shape[1] - found["first"])


def _by_exposure(support: Support, counts: Ints, exposure: Floats, least: float, seed: int) -> pd.DataFrame:
    """Units without enough exposure are left out: nothing is told of them."""
    told = np.flatnonzero((exposure > 0) & (exposure >= least))
    around = circles(support.xy[told], exposure[told], DAILY_SHARE, NEAREST)
    found = scan(counts[told], exposure[told], around, Draws(seed=seed))
    found["members"] = [told[members].tolist() for members in found["members"]]
    found["centre"] = told[found["centre"].to_numpy(np.int64)]
    return found.assign(days=None)


def _round(support: Support, found: pd.DataFrame, srid: int) -> tuple[Objects, Floats]:
    """Circles round whole units, EPSG:4326, and their radius."""
    centres = support.xy[found["centre"].to_numpy(np.int64)]
    radius_m = np.zeros(len(found))
    for nth, members in enumerate(found["members"]):
        corners, of = shapely.get_coordinates(project(support.shapes[members], srid)), centres[nth]
        radius_m[nth] = np.hypot(*(corners - of).T).max()
    return shapes_to_wgs84(shapely.buffer(shapely.points(centres), radius_m), f"EPSG:{srid}"), radius_m

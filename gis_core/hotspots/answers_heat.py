"""Heat on the ground as an answer."""

from functools import lru_cache
from typing import Any

import numpy as np
import shapely

from gis_core.arrays import Floats, Ints
from gis_core.crs import shapes_to_wgs84
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Answer, Asked, Given, Points
from gis_core.hotspots.contours import contours
from gis_core.hotspots.surface import COARSE, Canvas, Surface, breaks_of, canvas_of, cell_for, decay, decayed_days, heat
from gis_core.hotspots.telling import features

DRAWN_CELLS = 250_000
"""No more cells than this, though larger than the kernel is exact by, while the kernel bears it."""
MOST_DRAWN = 6_000_000
"""More are refused: whoever asks waits for them."""
KEPT = 4
"""Canvases of a million cells at most that are kept, so that the next window of a city costs the heat alone."""
PER_AREA = "reports_per_km2_day"


def surface(asked: Asked, given: Given) -> Answer:
    """Heat of reports per km² per day, in classes; a window without reports has none.

    Returns
    -------
    Polygons: ``class`` from 0, ``from_density`` and ``to_density``, ``None`` for the last.

    Raises
    ------
    InvalidInput
        A bandwidth or half-life of 0, more cells than can be drawn, or a territory without area.
    """
    found, facts = spread(asked, given)
    return drawn(found, asked.breaks, given.srid, facts | {"unit": PER_AREA})


def spread(asked: Asked, given: Given) -> tuple[Surface, dict[str, Any]]:
    """The same heat without its classes, whose borders cost as much as the heat, and what is said of it."""
    canvas = given.canvas or drawn_canvas(given.territory, asked.bandwidth_m)
    points = points_of(given)
    xy, number = points.xy, points.number
    weight, days = weights(asked, points)
    counted = canvas.within(xy) & (weight > 0)
    if counted.any():
        found = heat(canvas, xy[counted], asked.bandwidth_m, days, weight[counted])
    else:
        found = Surface(canvas, np.zeros(canvas.inside.shape), 0, 0)
    facts = {
        "counted": int(number[counted].sum()), "left_out": int(number[~counted].sum()),
        "bandwidth_m": float(asked.bandwidth_m), "halflife_days": asked.halflife_days,
    }  # fmt: skip
    return found, facts


def points_of(given: Given) -> Points:
    """The reports that a method on points is given; none where there are none."""
    if given.points is not None:
        return given.points
    return Points(np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, object), np.empty(0, np.int64))


def drawn_canvas(territory: shapely.Geometry, bandwidth_m: float) -> Canvas:
    """Cells for heat of a bandwidth: a sixth of it, in a large city up to a third.

    Raises
    ------
    InvalidInput
        A bandwidth of 0, one too narrow for so large a territory, or a territory without area.
    """
    fine = cell_for(bandwidth_m)
    west, south, east, north = shapely.bounds(territory)
    even = float(np.sqrt((east - west) * (north - south) / DRAWN_CELLS))
    least_m = COARSE * even * float(np.sqrt(DRAWN_CELLS / MOST_DRAWN))
    if bandwidth_m < least_m:
        raise InvalidInput("surface_narrow", value=bandwidth_m, expected=np.ceil(least_m))
    cell_m = float(np.clip(np.nan_to_num(even), fine, bandwidth_m / COARSE))
    return _kept_canvas(territory, cell_m) if even <= 2 * cell_m else canvas_of(territory, cell_m)


@lru_cache(KEPT)
def _kept_canvas(territory: shapely.Geometry, cell_m: float) -> Canvas:
    return canvas_of(territory, cell_m)


def weights(asked: Asked, points: Points) -> tuple[Floats, float]:
    """What each row of points counts for, and for how many days the period counts."""
    if asked.halflife_days is None:
        return points.number.astype(np.float64), float(asked.days)
    weight = points.number * day_weights(asked, points.day) if points.weight is None else points.weight
    return weight, decayed_days(asked.days, asked.halflife_days)


def day_weights(asked: Asked, day: Ints) -> Floats:
    """What a report of each local day counts for, where there is a half-life."""
    assert asked.halflife_days is not None
    return decay((asked.last - day).astype(np.float64), asked.halflife_days)


def drawn(found: Surface, breaks: tuple[float, ...], srid: int, facts: dict[str, Any]) -> Answer:
    """Heat in classes, with what is said of all: ``breaks``, ``peak``, ``cell_m`` and ``facts``."""
    breaks = breaks or breaks_of(found)
    shapes, number = contours(found.canvas, found.density, breaks)
    low = np.append(breaks, np.nan)
    columns = {"class": number, "from_density": low[number], "to_density": low[number + 1]}
    told = {"breaks": list(breaks), "peak": float(found.density.max()), "cell_m": found.canvas.cell_m}
    return Answer(features(columns, shapes_to_wgs84(shapes, f"EPSG:{srid}")), told | facts, found)

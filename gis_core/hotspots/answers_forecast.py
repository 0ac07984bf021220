"""The forecast of the next two weeks as an answer, with how good it was so far."""

import numpy as np
import shapely

from gis_core.errors import InvalidInput
from gis_core.hotspots.answers_heat import drawn, points_of
from gis_core.hotspots.asking import Answer, Asked, Given
from gis_core.hotspots.forecast import BANDWIDTHS_M, HORIZON_DAYS, forecast
from gis_core.hotspots.surface import COARSE, Surface, canvas_of
from gis_core.hotspots.telling import rows

NEEDED_DAYS = 70
"""A fortnight that scores, three before it that choose, and one for the first of these to be made of."""
FORECAST_CELLS = 500_000
"""More cells are not made: narrow bandwidths are not offered to large cities, which would wait for them."""
EXPECTED = "reports_per_km2_14_days"


def expected(asked: Asked, given: Given) -> Answer:
    """Reports per km² that are expected in the next 14 days, in classes as of heat.

    Raises
    ------
    InvalidInput
        Fewer than :data:`NEEDED_DAYS` days are asked for, or what :func:`~gis_core.hotspots.forecast.forecast` refuses.
    """
    if asked.days < NEEDED_DAYS:
        raise InvalidInput("forecast_short", found=asked.days, expected=NEEDED_DAYS)
    points = points_of(given)
    west, south, east, north = shapely.bounds(given.territory)
    even = np.nan_to_num(np.sqrt((east - west) * (north - south) / FORECAST_CELLS))
    cell_m = max(float(even), min(BANDWIDTHS_M) / COARSE)
    canvas = canvas_of(given.territory, cell_m)
    offered = [one for one in BANDWIDTHS_M if one >= COARSE * cell_m] or [COARSE * cell_m]
    counted = canvas.within(points.xy) & (points.number > 0)
    made = forecast(
        canvas, points.xy[counted], points.day[counted].astype(np.float64), offered, asked.seed,
        points.number[counted], (float(asked.first), float(asked.last + 1)),
    )  # fmt: skip
    fortnight = Surface(canvas, made.surface.density * HORIZON_DAYS, made.surface.counted, made.surface.left_out)
    told = made.told.rename(columns=lambda name: name.replace("hit", "hit_rate"))
    facts = {
        "bandwidth_m": made.bandwidth_m, "told": rows(told), "unit": EXPECTED, "days": HORIZON_DAYS,
        "counted": int(points.number[counted].sum()), "left_out": int(points.number[~counted].sum()),
    }  # fmt: skip
    return drawn(fortnight, asked.breaks, given.srid, facts)

"""How wide a shop usually is by its trade: for shops of which only a point is known."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Floats, codes_of, shapes_of
from gis_core.crs import project

ENOUGH = 10
"""Of so many fronts of a trade the median says something."""


def usual_m(shops: pd.DataFrame, fronts_m: Mapping[str, float]) -> Floats:
    """The usual front of each shop's trade in metres, NaN where none is known.

    Parameters
    ----------
    shops
        ``trade``, if there is one.
    fronts_m
        Metres by trade.
    """
    return np.array([fronts_m.get(trade, np.nan) for trade in codes_of(shops, "trade")], dtype=np.float64)


def median_fronts(shops: pd.DataFrame, srid: int) -> dict[str, float]:
    """The median front by trade in metres, of the trades of which :data:`ENOUGH` fronts are known.

    Parameters
    ----------
    shops
        ``trade``, and ``geometry`` in EPSG:4326, of which lines are fronts.
    srid
        The city's metric CRS.
    """
    shapes = project(shapes_of(shops), srid)
    fronts = pd.DataFrame({"trade": codes_of(shops, "trade"), "front_m": shapely.length(shapes)})
    fronts = fronts[(shapely.get_dimensions(shapes) == 1) & (fronts["front_m"] > 0)]
    known = fronts.groupby("trade")["front_m"].agg(["size", "median"])
    medians: dict[str, float] = known.loc[known["size"] >= ENOUGH, "median"].round(1).to_dict()
    return medians

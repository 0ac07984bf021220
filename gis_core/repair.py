"""How grids that do not fit could be drawn so that they do: a proposal, which nobody is bound to."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import shapes_of
from gis_core.city import City
from gis_core.tiling import SLIVER_M, Plane

REPAIR_COLUMNS = ("level", "code", "gained_m2", "lost_m2")
LEAST_M2 = 0.01
"""A cell that changes by less keeps its shape."""


def repaired(grids: gpd.GeoDataFrame, city: City) -> gpd.GeoDataFrame:
    """The cells that would change so that each level lies edge to edge: an overlap goes to the cell with the longer
    border along it, and so does a gap narrower than :data:`gis_core.tiling.SLIVER_M`; wider gaps stay.

    Parameters
    ----------
    grids
        ``code``, ``level``, ``geometry`` in EPSG:4326; what is no valid polygon is left out.

    Returns
    -------
    proposal
        Columns :data:`REPAIR_COLUMNS`, square metres, and ``geometry`` in EPSG:4326, in the order of ``grids``.
    """
    parts = [_of_level(grids[grids["level"] == level.name]) for level in city.levels]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=4326)


def _of_level(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = shapes_of(cells)
    sound = (shapely.get_dimensions(shapes) == 2) & shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    cells, shapes = cells[sound], shapes[sound]
    if not len(shapes):
        return gpd.GeoDataFrame(columns=[*REPAIR_COLUMNS, "geometry"], geometry="geometry", crs=4326)
    plane = Plane.around(shapes)
    was = plane.flat(shapes)
    fitting = shapely.coverage_clean(was, gap_width=SLIVER_M)
    gained, lost = (shapely.area(shapely.difference(one, other)) for one, other in ((fitting, was), (was, fitting)))
    changed = np.flatnonzero(gained + lost > LEAST_M2)
    rows = cells.iloc[changed]
    values = {"level": rows["level"], "code": rows["code"], "gained_m2": gained[changed], "lost_m2": lost[changed]}
    return gpd.GeoDataFrame(values, geometry=plane.back(fitting[changed]), crs=4326)

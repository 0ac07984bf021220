"""How grids that do not fit could be drawn so that they do: a proposal, which nobody is bound to."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import shapes_of
from gis_core.city import City
from gis_core.tiling import NOISE_M, SLIVER_M, Plane, mean_width_m
from gis_core.validity import on_day

REPAIR_COLUMNS = ("level", "code", "gained_m2", "lost_m2")


def repaired(grids: gpd.GeoDataFrame, city: City, day: int) -> gpd.GeoDataFrame:
    """The cells that would change so that each level lies edge to edge: an overlap goes to the cell with the longer
    border along it, and so does a gap narrower than :data:`gis_core.tiling.SLIVER_M`; wider gaps stay. Of a cell that
    lies within others somebody must say which is meant: nothing is proposed for it.

    Parameters
    ----------
    grids
        ``code``, ``level``, ``geometry`` in EPSG:4326, ``valid_from`` and ``valid_to`` where there are any; what is no
        valid polygon is left out.
    day
        Days since 1970: cells that hold then.

    Returns
    -------
    proposal
        Columns :data:`REPAIR_COLUMNS`, square metres, and ``geometry`` in EPSG:4326, in the order of ``grids``.
    """
    held = grids[on_day(grids, day)]
    parts = [_of_level(held[held["level"] == level.name]) for level in city.levels]
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
    more, less = shapely.difference(fitting, was), shapely.difference(was, fitting)
    width_m = np.maximum(mean_width_m(more)[0], mean_width_m(less)[0])
    changed = np.flatnonzero((width_m > NOISE_M) & ~shapely.is_empty(fitting))
    rows, (gained, lost) = cells.iloc[changed], (shapely.area(part[changed]) for part in (more, less))
    values = {"level": rows["level"], "code": rows["code"], "gained_m2": gained, "lost_m2": lost}
    return gpd.GeoDataFrame(values, geometry=plane.back(fitting[changed]), crs=4326)

"""Where an issue lies: its cell at every grid level and its nearest street."""

from dataclasses import dataclass

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.cells import EQUAL_M
from gis_core.crs import to_metres
from gis_core.territory import Territory


@dataclass(frozen=True, eq=False)
class Located:
    """Issues as arrays, each beside where it lies; positions refer to the territory's ordered frames.

    Parameters
    ----------
    lonlat, xy
        Shape (n, 2): degrees in EPSG:4326 and metres in the city's CRS.
    grids
        Shape (n, levels): the cell that answers at each level, -1 for none.
    grid_distance_m
        Distance to the lowest cell: 0 inside, more where the nearest was taken, NaN without one.
    street, street_distance_m, street_side
        Nearest street within the city's limit (-1 and NaN without), side 1 left, -1 right, 0 on it.
    snapped, border_street, several_grids
        Whether the lowest cell is the nearest instead of a covering one; whether a border street
        decided; whether several lowest cells cover the point.
    """

    lonlat: Floats
    xy: Floats
    grids: Ints
    grid_distance_m: Floats
    street: Ints
    street_distance_m: Floats
    street_side: Ints
    snapped: Bools
    border_street: Bools
    several_grids: Bools

    def __len__(self) -> int:
        return len(self.lonlat)

    def take(self, rows: Ints) -> "Located":
        """The same of only these rows."""
        return Located(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def locate(territory: Territory, lonlat: Floats, street: Ints | None = None) -> Located:
    """Find the cell of every level and the nearest street for each point.

    A cell covers its boundary; of several covering cells the smallest code wins. A point that no
    cell of a level covers gets the nearest within the city's tolerance. On a street that belongs
    whole to one grid, that grid's cells answer whichever side the point lies on.

    Parameters
    ----------
    territory
        With its grids and streets already those of the day.
    lonlat
        Shape (n, 2), degrees.
    street
        The street that each point is known to lie on; without it the nearest.
    """
    xy = to_metres(lonlat, territory.city.metric_srid)
    grids = np.full((len(xy), len(territory.levels)), -1, dtype=np.int64)
    distance = np.full(len(xy), np.nan)
    several = np.zeros(len(xy), dtype=bool)
    for level, cells in enumerate(territory.levels):
        if not len(cells.codes):
            continue
        grids[:, level], several = cells.index.covering(lonlat)
        distance = np.where(grids[:, level] >= 0, 0.0, np.nan)
        missing = np.flatnonzero(grids[:, level] < 0)
        if len(missing):
            grids[missing, level], distance[missing] = cells.near.nearest(xy[missing], territory.city.grid_tolerance_m)
    has_lowest = grids[:, -1] >= 0
    snapped = has_lowest & (distance > 0)
    distance[~has_lowest], several[~has_lowest] = np.nan, False
    if street is None:
        street, street_distance, side = territory.nearest_street.nearest(xy, territory.city.street_limit_m)
    else:
        street_distance, side = np.where(street >= 0, 0.0, np.nan), np.zeros(len(xy), dtype=np.int64)
    border = _on_border_street(territory, xy, street, street_distance, grids, distance)
    return Located(
        lonlat, xy, grids, distance, street, street_distance, side, snapped & ~border, border, several & ~border
    )


def _on_border_street(
    territory: Territory, xy: Floats, street: Ints, street_distance: Floats, grids: Ints, distance: Floats
) -> Bools:
    """Give points on a border street to the side it belongs to; changes ``grids`` and ``distance`` in place."""
    border = np.zeros(len(xy), dtype=bool)
    shared = np.flatnonzero(territory.is_border_street[street])
    if not len(shared):
        return border
    half_width = territory.street_half_width_m
    on_it = shared[street_distance[shared] <= half_width[street[shared]] + EQUAL_M]
    for position in np.unique(street[on_it]):
        rows = on_it[street[on_it] == position]
        border[rows] = True
        reach = float(half_width[position] + territory.city.grid_tolerance_m)
        grids[rows], moved, away = _within(
            territory, *territory.border_streets[position], xy[rows], grids[rows, -1], reach
        )
        distance[rows[moved]] = away
    return border


def _within(
    territory: Territory, level: int, owner: int, xy: Floats, lowest: Ints, reach_m: float
) -> tuple[Ints, Ints, Floats]:
    """Cells at every level for points that belong to cell ``owner`` of ``level``: the nearest of its lowest cells.

    Returns
    -------
    chain, moved, distance_m
        Cells by level; which points get another lowest cell than they have by themselves, and how far away it is.
    """
    ancestry = territory.ancestry
    own, index = territory.border_owners[level, owner]
    inside = np.isin(lowest, own)
    chain, moved = np.full((len(xy), ancestry.shape[1]), -1, dtype=np.int64), np.flatnonzero(~inside)
    chain[inside] = ancestry[lowest[inside]]
    near, distance_m = index.nearest(xy[moved], reach_m)
    if len(own):
        chain[moved] = ancestry[own[near]]  # all of them have the same above the owner
    queued = moved[near < 0]
    chain[queued, level + 1 :] = -1
    chain[queued, level] = owner
    return chain, moved, distance_m

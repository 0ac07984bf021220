"""Places every few metres along all edges, and those near a point."""

from typing import NamedTuple

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.joins.compiled import Int32s, compiled, frozen
from gis_core.joins.grids import Grid, lattice
from gis_core.patrol.network import StreetNetwork

CELL_M = 20.0
CELLS_A_PLACE = 4
"""Where streets are sparse cells grow, so that there are no more of them for each place."""
STRAY = 0.01
"""The lattice lies over all places but such a share on each side, and as far again beyond: one street in another
province does not make its cells large. What is outside belongs to the outermost cells."""


class Places(NamedTuple):
    """Places in the order of edges and metres, and the lattice that finds them.

    Parameters
    ----------
    grid, offset, entry
        The places in each cell of a lattice, row by row.
    x, y
        Position in the order of ``entry``, metres.
    edge, at_m
        Of each place its edge and how far along it lies.
    px, py
        Position of each place.
    """

    grid: Grid
    offset: Ints
    entry: Int32s
    x: Floats
    y: Floats
    edge: Ints
    at_m: Floats
    px: Floats
    py: Floats


def places_of(network: StreetNetwork, spacing_m: float) -> Places:
    """Places along all edges, no farther apart than about ``spacing_m``, at least one an edge.

    Of edges that lie on each other only the first has any.
    """
    alone = network.twins.first == np.arange(len(network.length_m))
    count = np.maximum(np.round(network.length_m / spacing_m), 1).astype(np.int64) * alone
    edge = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    at_m = (nth + 0.5) * (network.length_m / np.maximum(count, 1))[edge]
    xy = on_edges(network, edge, at_m)
    grid = _over(xy)
    column, row = np.clip((xy - (grid.x0, grid.y0)) * grid.inverse, 0, (grid.nx - 1, grid.ny - 1)).astype(np.int64).T
    at = row * grid.nx + column
    order = np.argsort(at, kind="stable")
    offset = np.searchsorted(at[order], np.arange(grid.nx * grid.ny + 1))
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    return frozen(Places(grid, offset, order.astype(np.int32), x[order], y[order], edge, at_m, x, y))


def _over(xy: Floats) -> Grid:
    inner = np.quantile(xy, [STRAY, 1 - STRAY], axis=0)
    beyond = inner[1] - inner[0]
    low, high = np.maximum(xy.min(axis=0), inner[0] - beyond), np.minimum(xy.max(axis=0), inner[1] + beyond)
    cell = max(CELL_M, float(np.sqrt(np.prod(high - low + 2 * CELL_M) / (CELLS_A_PLACE * len(xy)))))
    return lattice(low, high, cell, cell)


def on_edges(network: StreetNetwork, edge: Ints, at_m: Floats) -> Floats:
    """Position of places on edges, shape (n, 2), metres."""
    step = np.zeros(len(network.xy))
    step[1:] = np.hypot(*np.diff(network.xy, axis=0).T)
    along = np.cumsum(step)
    begin, last = network.begin[edge], network.end[edge]
    target = along[begin] + at_m
    chord = np.clip(np.searchsorted(along, target, side="right") - 1, begin, last - 1)
    share = np.clip((target - along[chord]) / np.maximum(along[chord + 1] - along[chord], 1e-12), 0, 1)
    return network.xy[chord] + share[:, None] * (network.xy[chord + 1] - network.xy[chord])


@compiled
def near_places(x: float, y: float, reach_m: float, places: Places, found: Int32s, away: Floats) -> int:
    """Write the places within reach of a point, by number, the nearest if there are more than there is room for.

    Returns
    -------
    count
        How many are written to ``found``.
    """
    grid, count, most = places.grid, 0, reach_m * reach_m
    left, right, low, high = _cells(x, y, reach_m, grid)
    for row in range(low, high):
        for nth in range(places.offset[row * grid.nx + left], places.offset[row * grid.nx + right]):
            far = (places.x[nth] - x) ** 2 + (places.y[nth] - y) ** 2
            if far > most:
                continue
            if count < len(found):
                found[count], away[count] = places.entry[nth], far
                count += 1
            else:
                last = np.argmax(away)
                if far < away[last]:
                    found[last], away[last] = places.entry[nth], far
    for nth in range(1, count):
        one, place = found[nth], nth
        while place and found[place - 1] > one:
            found[place] = found[place - 1]
            place -= 1
        found[place] = one
    return count


@compiled
def none_near(x: Floats, y: Floats, reach_m: Floats, places: Places) -> Bools:
    """Whether no place is within the reach of each point."""
    grid, far = places.grid, np.ones(len(x), np.bool_)
    for k in range(len(x)):
        most = reach_m[k] * reach_m[k]
        left, right, low, high = _cells(x[k], y[k], reach_m[k], grid)
        for row in range(low, high):
            for nth in range(places.offset[row * grid.nx + left], places.offset[row * grid.nx + right]):
                if (places.x[nth] - x[k]) ** 2 + (places.y[nth] - y[k]) ** 2 <= most:
                    far[k] = False
                    break
            if not far[k]:
                break
    return far


@compiled
def near_network(x: Floats, y: Floats, reach_m: float, places: Places) -> Floats:
    """How far points are from the nearest place; inf beyond ``reach_m``."""
    grid, off_m = places.grid, np.full(len(x), np.inf)
    for k in range(len(x)):
        least = reach_m * reach_m
        left, right, low, high = _cells(x[k], y[k], reach_m, grid)
        for row in range(low, high):
            for nth in range(places.offset[row * grid.nx + left], places.offset[row * grid.nx + right]):
                least = min(least, (places.x[nth] - x[k]) ** 2 + (places.y[nth] - y[k]) ** 2)
        if least < reach_m * reach_m:
            off_m[k] = np.sqrt(least)
    return off_m


@compiled
def _cells(x: float, y: float, reach_m: float, grid: Grid) -> tuple[int, int, int, int]:
    """First and last but one column and row within reach of a point."""
    # Compared before they are made whole: of another continent coordinates may be infinite.
    west = min(max((x - reach_m - grid.x0) * grid.inverse, 0.0), grid.nx - 1.0)
    east = min(max((x + reach_m - grid.x0) * grid.inverse, 0.0), grid.nx - 1.0)
    south = min(max((y - reach_m - grid.y0) * grid.inverse, 0.0), grid.ny - 1.0)
    north = min(max((y + reach_m - grid.y0) * grid.inverse, 0.0), grid.ny - 1.0)
    return int(west), int(east) + 1, int(south), int(north) + 1


def pieces_of(network: StreetNetwork, most_m: float) -> tuple[Ints, Floats]:
    """Edges in equal pieces: those of edge e are ``offset[e]`` up to ``offset[e + 1]``, each ``length_m[e]`` long."""
    count = np.maximum(np.ceil(network.length_m / most_m - 1e-9), 1).astype(np.int64)
    return np.append(0, np.cumsum(count)), network.length_m / count

"""Grounds: which blocks a kind of place takes, and the outline of each place in its block."""

import numpy as np
import shapely

from data.demo.blocks import Blocks
from data.demo.grids import multipolygons
from data.demo.kinds import KINDS
from data.demo.streets import WALL_M, Streets
from gis_core.arrays import Floats, Ints, Objects

_FORECOURT_M = 4.0
"""Between a street's wall and the ground of a place: the depth of the shops that stand there."""


def within(quads: Floats, across: Floats, down: Floats) -> Floats:
    """Positions in quadrilaterals: ``across`` from west (0) to east (1), ``down`` from north (0) to south (1)."""
    north = quads[:, 0] + (quads[:, 1] - quads[:, 0]) * across[:, None]
    south = quads[:, 2] + (quads[:, 3] - quads[:, 2]) * across[:, None]
    inside: Floats = north + (south - north) * down[:, None]
    return inside


def choose(blocks: Blocks, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Which blocks the kinds of :data:`KINDS` take, one block a place: kind and block of each."""
    middle = blocks.corners.mean(axis=1)
    away = np.hypot(*(middle - middle.mean(axis=0)).T)
    central = 1 - 2 * away / away.max()
    free = np.ones(len(middle), dtype=bool)
    kinds, cells = [], []
    for position, kind in enumerate(KINDS):
        count = max(1, round(kind.share * len(middle)))
        wish = np.where(free, kind.pull * central + rng.gumbel(size=len(middle)), -np.inf)
        taken = np.sort(np.argsort(-wish, kind="stable")[:count])
        free[taken] = False
        kinds.append(np.full(count, position))
        cells.append(taken)
    return np.concatenate(kinds), np.concatenate(cells)


def grounds(blocks: Blocks, streets: Streets, kind: Ints, cell: Ints, rng: np.random.Generator) -> Floats:
    """Corners in metres of each place's ground: a part of its block that touches two sides of it, a little askew.

    Returns
    -------
    quads
        Shape (places, 4, 2): north-west, north-east, south-west, south-east.
    """
    built = _built(blocks, streets)[cell]
    least, most = (np.array([getattr(one, name) for one in KINDS])[kind] for name in ("least", "most"))
    across, down = rng.uniform(least, most, (2, len(kind)))
    west, north = rng.integers(2, size=(2, len(kind))) * (1 - np.stack([across, down]))
    ground = _part(built, west, west + across, north, north + down)
    return ground + rng.uniform(0, 0.06, (len(kind), 4, 1)) * (ground.mean(axis=1, keepdims=True) - ground)


def outlines(quads: Floats, cut: Floats) -> Objects:
    """Polygons of the quadrilaterals with their corners cut off by a share of the sides."""
    ring = quads[:, [0, 2, 3, 1]]
    ahead, behind = np.roll(ring, -1, axis=1), np.roll(ring, 1, axis=1)
    share = cut[:, None, None]
    cut_off = np.stack([ring + share * (behind - ring), ring + share * (ahead - ring)], axis=2)
    return multipolygons(list(shapely.polygons(cut_off.reshape(len(quads), 8, 2))))


def _built(blocks: Blocks, streets: Streets) -> Floats:
    """Corners of the ground between the streets' walls in each unit grid, shape (units, 4, 2)."""
    row, column = blocks.row_column
    inset = np.append(WALL_M + _FORECOURT_M, _FORECOURT_M)
    north, south = (inset[streets.across_class[row + more, column]] for more in (0, 1))
    west, east = (inset[streets.down_class[row, column + more]] for more in (0, 1))
    corners = blocks.corners
    width = np.hypot(*(corners[:, [1, 3]] - corners[:, [0, 2]]).mean(axis=1).T)
    depth = np.hypot(*(corners[:, [2, 3]] - corners[:, [0, 1]]).mean(axis=1).T)
    return _part(corners, west / width, 1 - east / width, north / depth, 1 - south / depth)


def _part(quads: Floats, west: Floats, east: Floats, north: Floats, south: Floats) -> Floats:
    """The part of each quadrilateral between two shares across and two down."""
    corners = ((west, north), (east, north), (west, south), (east, south))
    return np.stack([within(quads, across, down) for across, down in corners], axis=1)

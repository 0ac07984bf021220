"""Blocks: the ground between streets. Their edge is the kerb, corners included, and no two of them share any."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects, codes_of, numbers_of
from gis_core.frontage.rules import StripRules

WIDTHS_M = {"arterial": 24.0, "secondary": 16.0, "branch": 9.0, "backstreet": 5.0}
FOOTWAYS_M = {"arterial": 5.0, "secondary": 3.5, "branch": 2.0, "backstreet": 0.0}
"""Carriageway, and footway on each side, of a street of which only the class is known."""
OTHER_M = 7.0, 1.5
ISLAND_M = 2.0
"""Half the width of ground between carriageways that is no block."""
ROUGH_M = 0.5
"""How far a kerb may be from half the width of the street it borders: corners are rounded."""
GRAIN_M = 0.0001
STEP_M = 0.05
"""Half the chord that stands for the direction of the kerb."""


@dataclass(frozen=True, eq=False)
class Kerbs:
    """The kerb of some blocks in straight edges, ring after ring in its direction (ground to the left).

    Parameters
    ----------
    block, ring
        Of each edge: position of the block, and number of the ring over all blocks.
    start, end
        Its ends in metres, shape (n, 2).
    street
        Position of the street it borders; -1 at the rim of the territory.
    """

    block: Ints
    ring: Ints
    start: Floats
    end: Floats
    street: Ints

    @cached_property
    def length_m(self) -> Floats:
        """Length of each edge."""
        return np.hypot(*(self.end - self.start).T)

    @cached_property
    def begins_m(self) -> Floats:
        """Where each edge begins, along its ring: the same to the last digit whatever other rings there are."""
        rings = np.split(self.length_m, self.first[1:])
        return np.concatenate([np.cumsum(one) - one for one in rings])

    @cached_property
    def first(self) -> Ints:
        """The first edge of each ring."""
        return np.flatnonzero(np.diff(self.ring, prepend=-1))

    @cached_property
    def ring_m(self) -> Floats:
        """Length of each ring."""
        lengths: Floats = np.bincount(self.ring, weights=self.length_m).astype(np.float64)
        return lengths

    @cached_property
    def rings(self) -> Objects:
        """The rings as lines."""
        xy = np.insert(self.end, self.first, self.start[self.first], axis=0)
        return shapely.linestrings(xy, indices=np.repeat(np.arange(len(self.first)), np.bincount(self.ring) + 1))

    @cached_property
    def ring_block(self) -> Ints:
        """The block of each ring."""
        return self.block[self.first]

    @cached_property
    def lines(self) -> Objects:
        """The edges as lines."""
        return shapely.linestrings(np.stack([self.start, self.end], axis=1))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The edges by place."""
        return shapely.STRtree(self.lines)

    def points(self, ring: Ints, along_m: Floats) -> Objects:
        """The places so far along rings, which are in ascending order."""
        edge = np.zeros(len(ring), dtype=np.int64)
        bounds = np.searchsorted(ring, np.arange(len(self.first) + 1))
        ends = np.append(self.first, len(self.ring))
        for one in np.unique(ring).tolist():
            mine = slice(bounds[one], bounds[one + 1])
            begins = self.begins_m[ends[one] : ends[one + 1]]
            edge[mine] = ends[one] + np.searchsorted(begins, along_m[mine], side="right") - 1
        share = np.clip((along_m - self.begins_m[edge]) / self.length_m[edge], 0.0, 1.0)[:, None]
        return shapely.points(self.start[edge] + share * (self.end[edge] - self.start[edge]))

    def inwards(self, ring: Ints, along_m: Floats) -> tuple[Floats, Floats]:
        """The places so far along rings, which are in ascending order, and the way of a metre straight from the street
        there.
        """
        back, ahead = (
            shapely.get_coordinates(self.points(ring, (along_m + by) % self.ring_m[ring])) for by in (-STEP_M, STEP_M)
        )
        (x, y), length = (ahead - back).T, np.hypot(*(ahead - back).T)
        return (back + ahead) / 2, np.column_stack([-y, x]) / length[:, None]

    def place(self, edge: Ints, points: Objects) -> Floats:
        """Where along the ring the place of an edge nearest to each point is."""
        along = shapely.line_locate_point(self.lines[edge], points)
        found: Floats = self.begins_m[edge] + along
        return found


@dataclass(frozen=True, eq=False)
class Roads:
    """Carriageways: centre lines in metres, from each to its kerb, and whether strips reach to the centre line."""

    lines: Objects
    half_m: Floats
    shared: Bools


def roads(streets: pd.DataFrame, lines: Objects, rules: StripRules) -> Roads:
    """The carriageways of streets; widths of 0 and missing ones are those of the class.

    Parameters
    ----------
    streets
        ``class``, ``width_m`` from kerb to kerb, ``footway_m`` on each side.
    lines
        Their centre lines in metres.
    """
    kind = codes_of(streets, "class")
    usual = np.array([(WIDTHS_M.get(one, OTHER_M[0]), FOOTWAYS_M.get(one, OTHER_M[1])) for one in kind]).reshape(-1, 2)
    width, footway = numbers_of(streets, "width_m"), numbers_of(streets, "footway_m")
    width, footway = np.where(width > 0, width, usual[:, 0]), np.where(footway >= 0, footway, usual[:, 1])
    half = width / 2 + (footway if rules.outer == "red_line" else 0)
    return Roads(lines, half, (footway == 0) & (rules.outer == "centre_line"))


def blocks(roads: Roads, ground: shapely.Geometry) -> tuple[Objects, Objects, Ints]:
    """Ground between streets in a stable order; and its parts behind the kerb, with the position of the ground of each.

    Parameters
    ----------
    ground
        The territory in metres, a polygon or several.
    """
    noded = shapely.union_all([*roads.lines, shapely.boundary(ground)], grid_size=GRAIN_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = faces[shapely.covers(shapely.buffer(ground, 1.0), shapely.point_on_surface(faces))]
    surfaces, shared = _surfaces(roads)
    whole = _parts(_without(faces, surfaces[~shared]))
    behind = _parts(_without(whole, surfaces[shared]))
    kerb, of = shapely.STRtree(whole).query(shapely.point_on_surface(behind), predicate="within")
    order = np.argsort(of, kind="stable")
    return whole, behind[kerb[order]], of[order]


def _without(areas: Objects, surfaces: Objects) -> Objects:
    area, road = shapely.STRtree(surfaces).query(areas, predicate="intersects")
    order = np.argsort(area, kind="stable")
    near = np.split(surfaces[road[order]], np.cumsum(np.bincount(area, minlength=len(areas)))[:-1])
    return np.array([shapely.difference(one, shapely.union_all(there)) for one, there in zip(areas, near, strict=True)])


def _parts(areas: Objects) -> Objects:
    """The polygons of areas that are more than islands between carriageways, from west to east."""
    parts = shapely.get_parts(shapely.set_precision(areas, GRAIN_M))
    parts = parts[~shapely.is_empty(shapely.buffer(parts, -ISLAND_M, quad_segs=1))]
    parts = shapely.orient_polygons(shapely.normalize(parts))
    west, south, east, north = shapely.bounds(parts).reshape(-1, 4).T
    return parts[np.lexsort((north, east, south, west))]


def _surfaces(roads: Roads) -> tuple[Objects, Bools]:
    """Road surface part by part, and whether it is shared: flat where a street ends, round where it meets another, but
    no farther than two streets there are wide, since the end of a wide one would reach beyond a narrow one's kerb.
    """
    parts, street = shapely.get_parts(roads.lines, return_index=True)
    half = roads.half_m[street]
    ends = np.concatenate([shapely.get_point(parts, at) for at in (0, -1)])
    _, node = np.unique(np.rint(shapely.get_coordinates(ends) * 100), axis=0, return_inverse=True)
    width = np.tile(half, 2)
    order = np.lexsort((-width, node))
    first = np.flatnonzero(np.diff(node[order], prepend=-1))
    alone = np.diff(np.append(first, len(node))) == 1
    second = np.where(alone, 0.0, width[order][np.minimum(first + 1, len(node) - 1)])
    rounds = shapely.buffer(ends, np.minimum(width, second[node]), quad_segs=32)
    flat = shapely.buffer(parts, half, cap_style="flat", quad_segs=32)
    return shapely.union(shapely.union(flat, rounds[: len(parts)]), rounds[len(parts) :]), roads.shared[street]


def kerbs(behind: Objects, of: Ints, roads: Roads) -> Kerbs:
    """The kerb of blocks, each edge with the street it borders.

    Parameters
    ----------
    behind, of
        Ground behind the kerb, and its block, as :func:`blocks` has them.
    """
    rings, part = shapely.get_rings(behind, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    start, end, ring = xy[:-1][inside], xy[1:][inside], ring[:-1][inside]
    middles = shapely.points((start + end) / 2)
    reach_m = float(roads.half_m.max(initial=0.0)) + 1.0
    edge, near = shapely.STRtree(roads.lines).query(middles, predicate="dwithin", distance=reach_m)
    off = np.abs(shapely.distance(middles[edge], roads.lines[near]) - roads.half_m[near])
    order = np.lexsort((near, off.round(3), edge))
    first = order[np.flatnonzero(np.diff(edge[order], prepend=-1))]
    first = first[off[first] <= ROUGH_M]
    street = np.full(len(middles), -1)
    street[edge[first]] = near[first]
    return Kerbs(of[part[ring]], ring, start, end, street)

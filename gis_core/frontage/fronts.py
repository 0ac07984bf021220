"""Where shops stand along the kerb: at which ring, from where to where."""

from dataclasses import dataclass

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects, missing
from gis_core.frontage.blocks import Kerbs
from gis_core.frontage.rules import StripRules

PARALLEL = 0.7
"""Cosine of the angle up to which a kerb runs as a front does."""
REASONS = ("no_position", "far_from_kerb", "no_wall_on_a_street", "built_over")
"""Why a shop has no strip, or one without ground."""


@dataclass(frozen=True, eq=False)
class Doors:
    """Where shops stand along the kerb: the shop, ring, and from where to where, ``end_m`` beyond the ring's length
    where the front passes its beginning; and the places of its ends. For a shop of which only a point is known both are
    the same.
    """

    shop: Ints
    ring: Ints
    begin_m: Floats
    end_m: Floats
    begin_xy: Floats
    end_xy: Floats


def doors(
    shapes: Objects, streets: Objects, kerbs: Kerbs, names: Objects, walls: Objects, rules: StripRules
) -> tuple[Doors, Objects]:
    """Where shops stand, and for each shop why it stands nowhere, or ``None``.

    Parameters
    ----------
    shapes
        Fronts as lines, or points, in metres; of other shapes the middle.
    streets
        Names of the streets in the shops' addresses, ``None`` where unknown.
    names
        Names of streets, by position.
    walls
        Footprints that are known: a shop behind one that is not its own has no front.
    """
    several = shapely.get_type_id(shapes) == shapely.GeometryType.MULTILINESTRING
    shapes = _fronted(np.where(several, shapely.line_merge(shapes), shapes), kerbs)
    reason = np.full(len(shapes), None, dtype=object)
    sound = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    reason[~sound] = REASONS[0]
    middles = _middles(shapes)
    shop, edge = _reachable(middles, sound, kerbs, rules)
    hidden = _hidden(middles[shop], kerbs.lines[edge], walls[_wide(walls, rules.gap_m)])
    distance = shapely.distance(middles[shop], kerbs.lines[edge])
    side_names = np.array([*names, None], dtype=object)[kerbs.street[edge]]
    other = ~missing(streets[shop]) & (side_names != streets[shop])
    distance = distance + np.where(other, rules.other_street_m, 0.0) + np.where(hidden, np.inf, 0.0)
    order = np.lexsort((edge, distance.round(3), shop))
    first = order[np.flatnonzero(np.diff(shop[order], prepend=-1))]
    reached = np.zeros(len(shapes), dtype=bool)
    reached[shop] = True
    reason[sound & ~reached] = REASONS[1]
    seen = np.isfinite(distance[first])
    reason[shop[first[~seen]]] = REASONS[2]
    first = first[seen]
    return _placed(shapes, middles, shop[first], edge[first], kerbs, rules), reason


def _fronted(shapes: Objects, kerbs: Kerbs) -> Objects:
    """The shapes, but of a footprint the side of the rectangle around it that is nearest to the kerb."""
    shapes = shapes.copy()
    areas = np.flatnonzero((shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes))
    around = shapely.oriented_envelope(shapes[areas])
    areas, around = areas[shapely.get_dimensions(around) == 2], around[shapely.get_dimensions(around) == 2]
    if not len(areas) or not len(kerbs.ring):
        return shapes
    corners = shapely.get_coordinates(shapely.get_exterior_ring(around)).reshape(-1, 5, 2)
    sides = shapely.linestrings(np.stack([corners[:, :-1], corners[:, 1:]], axis=2))
    middles = shapely.line_interpolate_point(sides.ravel(), 0.5, normalized=True)
    (_, _), away = kerbs.tree.query_nearest(middles, return_distance=True, all_matches=False)
    shapes[areas] = sides[np.arange(len(areas)), away.reshape(-1, 4).round(3).argmin(axis=1)]
    return shapes


def _middles(shapes: Objects) -> Objects:
    lines = _are_fronts(shapes)
    middles: Objects = shapely.centroid(shapes)
    middles[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    return middles


def _are_fronts(shapes: Objects) -> Bools:
    """Lines in one piece; of anything else only its middle says where a shop is."""
    found: Bools = (shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(shapes)
    return found


def _reachable(points: Objects, sound: Bools, kerbs: Kerbs, rules: StripRules) -> tuple[Ints, Ints]:
    chosen = np.flatnonzero(sound)
    nth, edge = kerbs.tree.query(points[chosen], predicate="dwithin", distance=rules.farthest_m)
    faced = kerbs.street[edge] >= 0
    return chosen[nth[faced]], edge[faced]


def _wide(walls: Objects, least_m: float) -> Bools:
    """Whether walls are wide enough to have a shop behind them: columns and kiosks stand before one."""
    around = shapely.get_coordinates(shapely.get_exterior_ring(shapely.oriented_envelope(walls)), return_index=True)
    longest = np.zeros(len(walls))
    sides, same = np.diff(around[0], axis=0), np.diff(around[1]) == 0
    np.maximum.at(longest, around[1][1:][same], np.hypot(*sides[same].T))
    wide: Bools = longest >= least_m
    return wide


def _hidden(points: Objects, edges: Objects, walls: Objects) -> Bools:
    """Whether the shortest way from a shop to the kerb leads through a building that is not its own."""
    hidden = np.zeros(len(points), dtype=bool)
    ways = shapely.shortest_line(points, edges)
    way, wall = shapely.STRtree(walls).query(ways, predicate="intersects")
    own = shapely.dwithin(walls[wall], points[way], 1.0)
    through = shapely.length(shapely.intersection(ways[way], walls[wall])) > 0.1
    hidden[way[~own & through]] = True
    return hidden


def _placed(shapes: Objects, middles: Objects, shop: Ints, edge: Ints, kerbs: Kerbs, rules: StripRules) -> Doors:
    ring = kerbs.ring[edge]
    around = kerbs.ring_m[ring]
    middle = kerbs.place(edge, middles[shop])
    fronts = np.flatnonzero(_are_fronts(shapes[shop]))
    ends = np.tile(middle, (2, 1))
    xy = np.tile(shapely.get_coordinates(middles[shop]), (2, 1, 1))
    for at, beside in ((0, 1), (-1, -2)):
        one, other = (shapely.get_point(shapes[shop[fronts]], end) for end in (at, beside))
        xy[at, fronts] = shapely.get_coordinates(one)
        piece = shapely.get_coordinates(other) - shapely.get_coordinates(one)
        faced = _faced(one, piece, ring[fronts], kerbs, rules)
        ends[at, fronts] = np.where(faced >= 0, kerbs.place(faced, one), middle[fronts])
    # Of the two ways round between its ends the front is the one with its middle.
    before, after = (middle - ends[0]) % around, (ends[1] - middle) % around
    turned = before + after > around
    before, after = (
        np.where(turned, (middle - ends[1]) % around, before),
        np.where(turned, (ends[0] - middle) % around, after),
    )
    xy[:, turned] = xy[::-1, turned]
    length = shapely.length(shapes[shop])
    strange = before + after > 2 * length + rules.farthest_m
    before, after = (np.where(strange, length / 2, one) for one in (before, after))
    begin = (middle - before) % around
    return Doors(shop, ring, begin, begin + before + after, xy[0], xy[1])


def _faced(ends: Objects, piece: Floats, ring: Ints, kerbs: Kerbs, rules: StripRules) -> Ints:
    """The nearest edge of a ring that runs as the last piece of a front does, since at a corner another street's may be
    nearer to its end; -1 where there is none.
    """
    nth, edge = kerbs.tree.query(ends, predicate="dwithin", distance=2 * rules.farthest_m)
    nth, edge = nth[meant := kerbs.ring[edge] == ring[nth]], edge[meant]
    along = (kerbs.end - kerbs.start)[edge]
    parallel = np.abs((along * piece[nth]).sum(axis=1)) >= PARALLEL * np.hypot(*along.T) * np.hypot(*piece[nth].T)
    nth, edge = nth[parallel], edge[parallel]
    order = np.lexsort((edge, shapely.distance(ends[nth], kerbs.lines[edge]).round(3), nth))
    first = order[np.flatnonzero(np.diff(nth[order], prepend=-1))]
    found = np.full(len(ends), -1)
    found[nth[first]] = edge[first]
    return found

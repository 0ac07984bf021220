"""Whose stretch of kerb is whose: along each ring, in order, shop by shop, with what is nobody's between them."""

from dataclasses import dataclass

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects, missing
from gis_core.frontage.blocks import Kerbs
from gis_core.frontage.rules import StripRules

NOBODY = -1
PARALLEL = 0.7
"""Cosine of the angle up to which a kerb runs as a front does."""
LEAST_M = 0.05
"""A stretch shorter than this is nobody's finding."""
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


@dataclass(frozen=True, eq=False)
class Stretches:
    """Stretches of kerb, ring by ring in order, that cover it all: ``owner`` is the number of a group of shops that
    have one strip together, or :data:`NOBODY`; ``group`` has the group of each of ``shop``.
    """

    ring: Ints
    begin_m: Floats
    end_m: Floats
    owner: Ints
    shop: Ints
    group: Ints


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


def stretches(doors: Doors, kerbs: Kerbs, rules: StripRules) -> Stretches:
    """The kerb shared out: a gap between two shops goes half to each, up to the rules' limit, the rest is nobody's;
    where fronts overlap, the border is in the middle.
    """
    order, group, fronts = _groups(doors, kerbs, rules)
    ring_of = doors.ring[order][np.flatnonzero(np.diff(group, prepend=-1))]
    bounds = np.searchsorted(ring_of, np.arange(len(kerbs.ring_m) + 1))
    parts = [
        (ring, *_shared_out(np.arange(*bounds[ring : ring + 2]), fronts, around, rules))
        for ring, around in enumerate(kerbs.ring_m.tolist())
    ]
    along = np.repeat([part[0] for part in parts], [len(part[1]) for part in parts])
    begin, end, owner = (np.concatenate([part[at] for part in parts]) for at in (1, 2, 3))
    return Stretches(along, begin, end, owner, doors.shop[order], group)


@dataclass(frozen=True, eq=False)
class _Fronts:
    """Groups of doors in order along their rings: the middle, how far they reach before and after it, whether fronts
    are known or only points, where their ends are, and how far those are from the kerb.
    """

    middle: Floats
    before: Floats
    after: Floats
    measured: Bools
    begin_xy: Floats
    end_xy: Floats
    begin_off_m: Floats
    end_off_m: Floats


def _groups(doors: Doors, kerbs: Kerbs, rules: StripRules) -> tuple[Ints, Ints, _Fronts]:
    """Doors in order along the rings and the group of each: doors nearer than the rules' limit have one together."""
    half = (doors.end_m - doors.begin_m) / 2
    at = (doors.begin_m + half) % kerbs.ring_m[doors.ring]
    # Doors on both sides of where a ring begins may be neighbours.
    least = np.full(len(kerbs.ring_m), np.inf)
    np.minimum.at(least, doors.ring, at)
    at = np.where(least[doors.ring] + kerbs.ring_m[doors.ring] - at < rules.joint_m, at - kerbs.ring_m[doors.ring], at)
    order = np.lexsort((doors.shop, at, doors.ring))
    ring, at, half = doors.ring[order], at[order], half[order]
    group = _joined(ring, at, half, rules.joint_m)
    apart = np.diff(group, prepend=-1) != 0
    first = np.flatnonzero(apart)
    begin, end = np.minimum.reduceat(at - half, first), np.maximum.reduceat(at + half, first)
    middle = np.add.reduceat(at, first) / np.diff(np.append(first, len(at)))
    ends = [np.lexsort((one, group))[first] for one in (at - half, -at - half)]
    xy = doors.begin_xy[order[ends[0]]], doors.end_xy[order[ends[1]]]
    off = [shapely.distance(shapely.points(one), kerbs.rings[ring[first]]) for one in xy]
    sure = np.maximum.reduceat(half, first) > 0
    return order, group, _Fronts(middle, middle - begin, end - middle, sure, *xy, *off)


def _joined(ring: Ints, at: Floats, half: Floats, joint_m: float) -> Ints:
    """The group of each door: those whose fronts begin and end within the limit of its first door's have one."""
    near = np.maximum(np.abs(np.diff(at - half)), np.abs(np.diff(at + half))) < joint_m
    begins = np.append(True, (np.diff(ring) != 0) | ~near)[: len(ring)]
    first = np.maximum.accumulate(np.where(begins, np.arange(len(ring)), 0))
    # A row of stalls, each near the next, is no one door.
    nth = np.floor((at - at[first]) / joint_m)
    return np.cumsum(begins | (np.diff(nth, prepend=0) != 0)) - 1


def _shared_out(group: Ints, fronts: _Fronts, around: float, rules: StripRules) -> tuple[Floats, Floats, Ints]:
    """One ring: where stretches begin and end, and whose they are."""
    if not len(group):
        return np.zeros(1), np.array([around]), np.array([NOBODY])
    middle, before, after = (one[group] for one in (fronts.middle, fronts.before, fronts.after))
    measured = fronts.measured[group]
    reach = np.where(measured, rules.gap_m, rules.point_half_m + rules.gap_m)
    # A front within another leaves no kerb of the outer one to nobody.
    begin = np.minimum.accumulate((middle - before)[::-1])[::-1]
    end, following = np.maximum.accumulate(middle + after), np.roll(np.arange(len(group)), -1)
    turn = np.where(following == 0, around, 0.0)
    next_begin, next_middle, next_reach = begin[following] + turn, middle[following] + turn, reach[following]
    gap = next_begin - end
    # At a corner walls meet where kerbs are yet as far apart as the walls from them; across an alley they do not.
    open_m = np.hypot(*(fronts.begin_xy[group[following]] - fronts.end_xy[group]).T)
    corner = gap <= open_m + 1.5 * (fronts.begin_off_m[group[following]] + fronts.end_off_m[group])
    whole = (gap <= 0) | (measured & measured[following] & corner & (open_m <= 2 * rules.gap_m))
    least = (next_middle - middle) / 4
    border = np.clip((next_begin + end) / 2, middle + least, next_middle - least)
    mine = np.where(whole, border, end + np.minimum(gap / 2, reach))
    theirs = np.where(whole, border, next_begin - np.minimum(gap / 2, next_reach))
    blank = theirs - mine > LEAST_M
    mine = np.where(blank, mine, (mine + theirs) / 2)
    theirs = np.where(blank, theirs, mine)
    left = np.roll(theirs - turn, 1)
    starts, ends = np.concatenate([left, mine[blank]]), np.concatenate([mine, theirs[blank]])
    owner = np.concatenate([group, np.full(int(blank.sum()), NOBODY)])
    order = np.argsort(starts, kind="stable")
    return starts[order], ends[order], owner[order]

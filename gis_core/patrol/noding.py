"""Where the lines of a street layer are cut, so that what meets is joined and what passes over is not."""

from typing import NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_core.arrays import Bools, Floats, Ints, Objects

JOIN_M = 0.5
"""An end this near to another line is joined to it, and cuts of one line this near to each other are one."""
_PARALLEL = 1e-9


class Parts(NamedTuple):
    """Lines in single parts, as vertices one after the other.

    Parameters
    ----------
    street
        Position of the street each part is of, ascending.
    before_m
        Metres of the street that lie before each part, where it is drawn in several.
    level
        Height at which each part crosses others: 0 ground, 1 bridge, -1 tunnel.
    first, last
        First and last vertex of each part.
    xy, part, at_m
        Of each vertex: position in metres, its part, and metres from the part's start.
    """

    street: Ints
    before_m: Floats
    level: Ints
    first: Ints
    last: Ints
    xy: Floats
    part: Ints
    at_m: Floats


class Cuts(NamedTuple):
    """Where parts are cut, by part, then by measure; and which node each cut is."""

    part: Ints
    at_m: Floats
    node: Ints


def parts_of(lines: Objects, level: Ints) -> Parts:
    """Lines (metric CRS) in single parts; those without length are left out."""
    parts, street = shapely.get_parts(shapely.force_2d(lines), return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    moved = np.append(True, (part[1:] != part[:-1]) | (xy[1:] != xy[:-1]).any(axis=1))[: len(xy)]
    xy, part = xy[moved], part[moved]
    size = np.bincount(part, minlength=len(parts))
    real = size > 1
    kept = real[part]
    xy, part, street, size = xy[kept], (np.cumsum(real) - 1)[part[kept]], street[real], size[real]
    last = np.cumsum(size) - 1
    first = last - size + 1
    step = np.zeros(len(xy))
    step[1:] = np.hypot(*np.diff(xy, axis=0).T)
    step[first] = 0.0
    along = np.cumsum(step)
    at_m = along - along[first][part]
    ahead = np.cumsum(at_m[last]) - at_m[last]
    _, begins = np.unique(street, return_index=True)
    own = np.repeat(ahead[begins], np.diff(np.append(begins, len(street))))
    return Parts(street, ahead - own, level[street], first, last, xy, part, at_m)


def cut(parts: Parts) -> Cuts:
    """Cut parts where they cross on one level and where an end comes to them, and at their own ends."""
    chord = np.flatnonzero(parts.part[1:] == parts.part[:-1])
    tree = shapely.STRtree(shapely.linestrings(np.stack([parts.xy[chord], parts.xy[chord + 1]], axis=1)))
    ends = np.repeat(np.arange(len(parts.first)), 2)
    end_m = np.column_stack([np.zeros(len(parts.last)), parts.at_m[parts.last]]).ravel()
    one, other = _crossings(parts, chord, tree), _landings(parts, chord, tree)
    part = np.concatenate([ends, one[0], one[2], other[0], other[2]])
    at_m = np.concatenate([end_m, one[1], one[3], other[1], other[3]])
    crossed, landed = len(ends) + np.arange(len(one[0])), len(ends) + 2 * len(one[0]) + np.arange(len(other[0]))
    left = np.concatenate([crossed, landed])
    right = np.concatenate([crossed + len(one[0]), landed + len(other[0])])
    return _merged(parts, part, at_m, left, right)


def _crossings(parts: Parts, chord: Ints, tree: shapely.STRtree) -> tuple[Ints, Floats, Ints, Floats]:
    """Part and measure on both sides of each crossing on one level, and of each where a bridge or tunnel ends."""
    one, other = tree.query(tree.geometries, predicate="intersects")
    a, b = chord[one], chord[other]
    # Vertex numbers of one part follow each other: neighbours share a vertex and do not cross there.
    kept = (one < other) & ~((parts.part[a] == parts.part[b]) & (np.abs(a - b) == 1))
    a, b = a[kept], b[kept]
    along, across, apart = parts.xy[a + 1] - parts.xy[a], parts.xy[b + 1] - parts.xy[b], parts.xy[b] - parts.xy[a]
    turn = _cross(along, across)
    slanted = np.abs(turn) > _PARALLEL * np.hypot(*along.T) * np.hypot(*across.T)
    a, b, along, across, apart, turn = (x[slanted] for x in (a, b, along, across, apart, turn))
    on_a = parts.at_m[a] + np.clip(_cross(apart, across) / turn, 0, 1) * np.hypot(*along.T)
    on_b = parts.at_m[b] + np.clip(_cross(apart, along) / turn, 0, 1) * np.hypot(*across.T)
    part_a, part_b = parts.part[a], parts.part[b]
    meets = _joined(parts, part_a, on_a, part_b, on_b)
    meets &= ~_together(parts, a + (on_a > parts.at_m[a]), b + (on_b > parts.at_m[b]))
    return part_a[meets], on_a[meets], part_b[meets], on_b[meets]


def _together(parts: Parts, a: Ints, b: Ints) -> Bools:
    """Whether two lines bend at a vertex ``a`` of one and ``b`` of the other and go on together on both sides: a street
    that is drawn twice is not cut at each of its bends.
    """
    inside = ~np.isin(a, np.append(parts.first, parts.last)) & ~np.isin(b, np.append(parts.first, parts.last))
    same = np.zeros(len(a), bool)
    one, other = a[inside], b[inside]

    def near(left: Ints, right: Ints) -> Bools:
        return np.hypot(*(parts.xy[left] - parts.xy[right]).T) <= JOIN_M

    ahead = near(one - 1, other - 1) & near(one + 1, other + 1)
    against = near(one - 1, other + 1) & near(one + 1, other - 1)
    same[inside] = near(one, other) & (ahead | against)
    return same


def _landings(parts: Parts, chord: Ints, tree: shapely.STRtree) -> tuple[Ints, Floats, Ints, Floats]:
    """Part and measure of each end near another line, and part and measure where it comes to it."""
    end = np.concatenate([parts.first, parts.last])
    which, near = tree.query(shapely.points(parts.xy[end]), predicate="dwithin", distance=JOIN_M)
    vertex, chord_at = end[which], chord[near]
    a = parts.xy[chord_at]
    along = parts.xy[chord_at + 1] - a
    length_m = np.hypot(*along.T)
    share = np.clip(((parts.xy[vertex] - a) * along).sum(axis=1) / length_m**2, 0, 1)
    at_m = parts.at_m[chord_at] + share * length_m
    part, own = parts.part[chord_at], parts.part[vertex]
    # A line does not come to itself where it has just set out, but it may close a ring or a loop.
    kept = (part != own) | (np.abs(at_m - parts.at_m[vertex]) > 2 * JOIN_M)
    kept &= _joined(parts, own, parts.at_m[vertex], part, at_m)
    return own[kept], parts.at_m[vertex][kept], part[kept], at_m[kept]


def _merged(parts: Parts, part: Ints, at_m: Floats, left: Ints, right: Ints) -> Cuts:
    """One cut for all that lie within the tolerance on one line, and one node for all that were linked."""
    order = np.lexsort((at_m, part))
    part, at_m = part[order], at_m[order]
    apart = np.append(True, (part[1:] != part[:-1]) | (np.diff(at_m) > JOIN_M))[: len(part)]
    run = np.cumsum(apart) - 1
    run_of = np.empty(len(order), np.int64)
    run_of[order] = run
    begins = np.flatnonzero(apart)
    closes = np.append(begins[1:], len(part)) - 1
    whole = parts.at_m[parts.last][part[closes]]
    # The ends of a line stay where they are; of other cuts the first stands for all.
    kept = np.where(at_m[closes] >= whole, at_m[closes], at_m[begins])
    kept = np.where(at_m[begins] == 0.0, 0.0, kept)
    ones = np.ones(len(left), np.int8)
    count, node = connected_components(coo_array((ones, (run_of[left], run_of[right])), (len(begins),) * 2))
    _, first, node = np.unique(node, return_index=True, return_inverse=True)
    rank = np.empty(count, np.int64)
    rank[np.argsort(first)] = np.arange(count)
    return Cuts(part[begins], kept, rank[node])


def _joined(parts: Parts, a: Ints, on_a: Floats, b: Ints, on_b: Floats) -> Bools:
    """Whether two lines that come to each other are joined there.

    On one level they are. A bridge comes down where it ends, on whatever street is there; a lane that ends below it, or
    at its abutment, does not lead onto it.
    """
    level_a, level_b, end_a, end_b = parts.level[a], parts.level[b], _at_end(parts, a, on_a), _at_end(parts, b, on_b)
    down_a = end_a & (np.abs(level_a) > np.abs(level_b))
    down_b = end_b & (np.abs(level_b) > np.abs(level_a))
    return (level_a == level_b) | (end_a & end_b) | down_a | down_b


def _at_end(parts: Parts, part: Ints, at_m: Floats) -> Bools:
    return (at_m <= JOIN_M) | (at_m >= parts.at_m[parts.last][part] - JOIN_M)


def _cross(a: Floats, b: Floats) -> Floats:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]

"""Whose stretch of kerb is whose: along each ring, in order, shop by shop, with what is nobody's between them."""

from dataclasses import dataclass, fields

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints
from gis_core.frontage.blocks import Kerbs
from gis_core.frontage.fronts import Doors
from gis_core.frontage.lots import Held
from gis_core.frontage.rules import StripRules

NOBODY = -1
LEAST_M = 0.05
"""A stretch shorter than this is nobody's finding."""


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


def stretches(doors: Doors, kerbs: Kerbs, held: Held, usual_m: Floats, rules: StripRules) -> Stretches:
    """The kerb shared out: a gap between two shops goes half to each, up to the rules' limit or the property lines of
    the lot, the rest is nobody's; where fronts overlap, the border is in the middle.

    Parameters
    ----------
    held
        The kerb before the lots of doors.
    usual_m
        The usual front of each shop's trade, NaN where none is known: the front of a shop known by a point.
    """
    order, group, fronts = _groups(doors, kerbs, held, usual_m, rules)
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
    """Groups of doors in order along their rings: the middle, how far their fronts are before and after it, how far
    beyond a front a strip reaches at most, the lot and how far its kerb is before and after the middle, whether fronts
    are known or usual, where their ends are, and how far those are from the kerb.
    """

    middle: Floats
    before: Floats
    after: Floats
    reach: Floats
    lot: Ints
    lot_before: Floats
    lot_after: Floats
    known: Bools
    begin_xy: Floats
    end_xy: Floats
    begin_off_m: Floats
    end_off_m: Floats

    def take(self, rows: Ints) -> "_Fronts":
        return _Fronts(*(getattr(self, one.name)[rows] for one in fields(self)))


def _groups(doors: Doors, kerbs: Kerbs, held: Held, usual_m: Floats, rules: StripRules) -> tuple[Ints, Ints, _Fronts]:
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
    # Doors are shared by where they are known to be, so that only now a point gets the front of its trade.
    assumed = np.where(half > 0, 0.0, np.nan_to_num(usual_m[doors.shop[order]] / 2))
    half = half + assumed
    begin, end = np.minimum.reduceat(at - half, first), np.maximum.reduceat(at + half, first)
    known = np.maximum.reduceat(half, first) > 0
    reach = rules.gap_m + np.where(known, 0.0, rules.point_half_m)
    middle = np.add.reduceat(at, first) / np.diff(np.append(first, len(at)))
    moved, its = middle - at[first], order[first]
    lot, before, after = held.lot[its], held.before_m[its] + moved, held.after_m[its] - moved
    xy = []
    for sides, side, given in ((at - half, -1, doors.begin_xy), (at + half, 1, doors.end_xy)):
        one = np.lexsort((-side * sides, group))[first]
        xy.append(given[order[one]])
        unknown = np.flatnonzero(assumed[one])
        xy[-1][unknown] = _set_back(ring[one[unknown]], sides[one[unknown]], kerbs, rules)
    off = [shapely.distance(shapely.points(one), kerbs.rings[ring[first]]) for one in xy]
    return order, group, _Fronts(middle, middle - begin, end - middle, reach, lot, before, after, known, *xy, *off)


def _set_back(ring: Ints, at: Floats, kerbs: Kerbs, rules: StripRules) -> Floats:
    """Places of the kerb moved to where its wall is taken to be."""
    feet, inwards = kerbs.inwards(ring, at)
    return feet + rules.set_back_m * inwards


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
    one, following = fronts.take(group), np.roll(np.arange(len(group)), -1)
    other, turn = one.take(following), np.where(following == 0, around, 0.0)
    middle = one.middle
    # A front within another leaves no kerb of the outer one to nobody.
    begin = np.minimum.accumulate((middle - one.before)[::-1])[::-1]
    end, next_begin = np.maximum.accumulate(middle + one.after), begin[following] + turn
    mine, theirs = _meeting(one, other, turn, end, next_begin, rules)
    blank = theirs - mine > LEAST_M
    mine = np.where(blank, mine, (mine + theirs) / 2)
    theirs = np.where(blank, theirs, mine)
    left = np.roll(theirs - turn, 1)
    starts, ends = np.concatenate([left, mine[blank]]), np.concatenate([mine, theirs[blank]])
    owner = np.concatenate([group, np.full(int(blank.sum()), NOBODY)])
    order = np.argsort(starts, kind="stable")
    return starts[order], ends[order], owner[order]


def _meeting(
    one: _Fronts, other: _Fronts, turn: Floats, end: Floats, next_begin: Floats, rules: StripRules
) -> tuple[Floats, Floats]:
    """Where the stretch of each group ends, and where that of the next one begins, ``turn`` farther along the ring; the
    front of the one ends at ``end``, and that of the other begins at ``next_begin``.
    """
    middle, next_middle = one.middle, other.middle + turn
    line, next_line = middle + one.lot_after, next_middle - other.lot_before
    reach = np.where(one.lot < 0, one.reach, np.maximum(line - end, 0.0))
    next_reach = np.where(other.lot < 0, other.reach, np.maximum(next_begin - next_line, 0.0))
    gap = next_begin - end
    # At a corner walls meet where kerbs are yet as far apart as the walls from them; across an alley they do not.
    open_m = np.hypot(*(other.begin_xy - one.end_xy).T)
    corner = gap <= open_m + 1.5 * (other.begin_off_m + one.end_off_m)
    whole = (gap <= 0) | (one.known & other.known & corner & (open_m <= 2 * rules.gap_m))
    # Of two fronts, one of which is within the other, each has some kerb.
    least = (next_middle - middle) / 4
    low, high = np.minimum(middle + least, end), np.maximum(next_middle - least, next_begin)
    border = np.clip((next_begin + end) / 2, low, high)
    mine = np.where(whole, border, end + np.minimum(gap / 2, reach))
    theirs = np.where(whole, border, next_begin - np.minimum(gap / 2, next_reach))
    # Between two lots the lines say where, and a front that goes on beyond its own has what is before nobody's lot.
    apart = (one.lot >= 0) & (other.lot >= 0) & (one.lot != other.lot)
    mine = np.where(apart, np.maximum(line, np.minimum(end, next_line)), mine)
    theirs = np.where(apart, np.minimum(next_line, np.maximum(next_begin, line)), theirs)
    # Where only one stands in a lot, its line says where it ends; the other has half of what is beyond.
    left, right = ((mine_ >= 0) & (its < 0) & ~whole for mine_, its in ((one.lot, other.lot), (other.lot, one.lot)))
    half, next_half = np.maximum(next_line - end, 0.0) / 2, np.maximum(next_begin - line, 0.0) / 2
    # Of a shop known by a point some wall is its own too.
    some = np.minimum(rules.point_half_m, np.maximum(gap, 0.0) / 2)
    front, next_front = end + np.where(one.known, 0.0, some), next_begin - np.where(other.known, 0.0, some)
    mine = np.where(left, np.maximum(end, np.minimum(line, next_front)), mine)
    beyond = np.minimum(next_front, next_begin - np.minimum(next_half, next_reach))
    theirs = np.where(left, np.maximum(mine, beyond), theirs)
    theirs = np.where(right, np.minimum(next_begin, np.maximum(next_line, front)), theirs)
    beyond = np.maximum(front, end + np.minimum(half, reach))
    mine = np.where(right, np.minimum(theirs, beyond), mine)
    return mine, theirs

"""How far along the kerb the lot of a shop reaches: its property lines, extended to the kerb."""

from dataclasses import dataclass, fields

import numpy as np
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.frontage.blocks import Kerbs
from gis_core.frontage.fronts import Doors
from gis_core.frontage.rules import StripRules

NO_LOT = -1
STANDS_M = 1.0
"""Fronts are drawn on the line of a lot: a shop stands where one is that is so far behind its front, or nearer to there
than to the front.
"""
TOUCH_M = 0.01
"""Lots nearer to each other than this have a line in common."""
CORNER = 1.5
"""At a corner the kerb before two lines that meet is at most so much longer than both are from it."""


@dataclass(frozen=True, eq=False)
class Held:
    """The lot that each door stands in, :data:`NO_LOT` for none, and how far the kerb before that lot goes on to either
    side of the door's middle, in metres.
    """

    lot: Ints
    before_m: Floats
    after_m: Floats


@dataclass(frozen=True, eq=False)
class _Runs:
    """Pieces of one ring in order, which cover it all, each before one lot or none, with how far that lot is from the
    kerb where they begin and where they end.
    """

    begin: Floats
    end: Floats
    lot: Ints
    off: Floats
    end_off: Floats

    def take(self, rows: Ints) -> "_Runs":
        return _Runs(*(getattr(self, one.name)[rows] for one in fields(self)))


@dataclass(frozen=True, eq=False)
class _Lots:
    """Lots as far as they lie behind the kerb, each in one block; whether a shop stands there, and whether one has its
    kerb beyond.
    """

    shapes: Objects
    block: Ints
    stood: Bools
    crossed: Bools


def held(
    doors: Doors, kerbs: Kerbs, behind: Objects, of: Ints, lots: Objects, rules: StripRules
) -> Held:  # fmt: skip
    """What doors have by property, where lots are given and the city's rules say so.

    Parameters
    ----------
    behind, of
        Ground behind the kerb, and its block, as :func:`gis_core.frontage.blocks.blocks` has them.
    lots
        Polygons in metres; of several in the same place the smallest counts, of equal ones the first.
    """
    count = len(doors.shop)
    found = Held(np.full(count, NO_LOT), np.zeros(count), np.zeros(count))
    if rules.sides != "property_line" or not len(lots) or not count:
        return found
    smallest_first = np.argsort(shapely.area(lots).round(2), kind="stable")
    lot, known = _stands(doors, kerbs, *_behind(lots[smallest_first], behind, of))
    edges = np.flatnonzero(np.isin(kerbs.ring, doors.ring))
    edge, runs = _faced(edges, kerbs, known, rules)
    middle, half = (doors.begin_m + doors.end_m) / 2 % kerbs.ring_m[doors.ring], (doors.end_m - doors.begin_m) / 2
    most = half + rules.lot_most_m
    for ring in np.unique(doors.ring).tolist():
        mine, around = np.flatnonzero(doors.ring == ring), float(kerbs.ring_m[ring])
        here = _joined(_cornered(runs.take(np.flatnonzero(kerbs.ring[edge] == ring)), around, known.shapes), around)
        # Behind the last piece of a ring comes its first one.
        past = np.where(middle[mine] < here.begin[0], middle[mine] + around, middle[mine])
        at = np.searchsorted(here.begin, past, side="right") - 1
        stands = (lot[mine] != NO_LOT) & (here.lot[at] == lot[mine])
        mine, at, past = mine[stands], at[stands], past[stands]
        found.lot[mine] = here.lot[at]
        found.before_m[mine] = np.minimum(past - here.begin[at], most[mine])
        found.after_m[mine] = np.minimum(here.end[at] - past, most[mine])
    return found


def _behind(lots: Objects, behind: Objects, of: Ints) -> tuple[Objects, Ints]:
    """What of lots lies behind the kerb, and in which block: parcels of road go on over the carriageway."""
    lot, part = shapely.STRtree(behind).query(lots, predicate="intersects")
    order = np.lexsort((part, lot))
    pieces, row = shapely.get_parts(shapely.intersection(lots[lot[order]], behind[part[order]]), return_index=True)
    solid = shapely.get_dimensions(pieces) == 2
    found = np.full(len(lot), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(pieces[solid], indices=row[solid], out=found)
    there = ~shapely.is_empty(found)
    return found[there], of[part[order]][there]


def _stands(doors: Doors, kerbs: Kerbs, shapes: Objects, block: Ints) -> tuple[Ints, _Lots]:
    """The lot that each door stands in, and the lots: in which some door stands, and across which one has its kerb."""
    order = np.argsort(doors.ring, kind="stable")
    ring = doors.ring[order]
    feet, inwards = kerbs.inwards(ring, (doors.begin_m + doors.end_m)[order] / 2 % kerbs.ring_m[ring])
    middles = (doors.begin_xy + doors.end_xy)[order] / 2
    own, tree = kerbs.ring_block[ring], shapely.STRtree(shapes)
    # On a line between two lots it is the one away from the street.
    inside = shapely.points(middles + STANDS_M * inwards)
    nth, met = tree.query(inside, predicate="dwithin", distance=STANDS_M - TOUCH_M)
    nth, met = nth[same := block[met] == own[nth]], met[same]
    best = np.lexsort((met, shapely.distance(inside[nth], shapes[met]).round(3), nth))
    first = best[np.flatnonzero(np.diff(nth[best], prepend=-1))]
    lot = np.full(len(ring), NO_LOT)
    lot[nth[first]] = met[first]
    stood, crossed = np.zeros(len(shapes), dtype=bool), np.zeros(len(shapes), dtype=bool)
    stood[lot[lot != NO_LOT]] = True
    ways = shapely.linestrings(np.stack([feet, middles], axis=1))
    nth, met = tree.query(ways, predicate="intersects")
    over = (lot[nth] != NO_LOT) & (lot[nth] != met) & (block[met] == own[nth])
    over[over] = shapely.length(shapely.intersection(ways[nth[over]], shapes[met[over]])) > TOUCH_M
    crossed[met[over]] = True
    found = np.full(len(lot), NO_LOT)
    found[order] = lot
    return found, _Lots(shapes, block, stood, crossed)


def _faced(edges: Ints, kerbs: Kerbs, lots: _Lots, rules: StripRules) -> tuple[Ints, _Runs]:
    """Edges of kerb cut where the lot across changes: at the feet of the lots' corners. Of each piece its edge, and the
    first lot that one meets from its middle straight away from the street.
    """
    reach_m, corners = rules.farthest_m, shapely.points(np.unique(shapely.get_coordinates(lots.shapes), axis=0))
    nth, corner = shapely.STRtree(corners).query(kerbs.lines[edges], predicate="dwithin", distance=reach_m)
    foot = shapely.line_locate_point(kerbs.lines[edges[nth]], corners[corner])
    edge, begin = np.append(edges, edges[nth]), np.append(np.zeros(len(edges)), foot)
    order = np.lexsort((begin, edge))
    edge, begin = edge[order], begin[order]
    end = np.where(np.diff(edge, append=-1) != 0, kerbs.length_m[edge], np.append(begin[1:], 0.0))
    there = end > begin
    edge, begin, end = edge[there], begin[there], end[there]
    along = ((kerbs.end - kerbs.start) / kerbs.length_m[:, None])[edge]
    middle = kerbs.start[edge] + along * ((begin + end) / 2)[:, None]
    inwards = np.column_stack([-along[:, 1], along[:, 0]])
    rays = shapely.linestrings(np.stack([middle, middle + reach_m * inwards], axis=1))
    lot, off = _met(rays, kerbs.block[edge], kerbs, lots, rules)
    return edge, _Runs(kerbs.begins_m[edge] + begin, kerbs.begins_m[edge] + end, lot, off, off)


def _met(rays: Objects, block: Ints, kerbs: Kerbs, lots: _Lots, rules: StripRules) -> tuple[Ints, Floats]:
    """The first lot of its block that each ray meets before it leaves that, and how far away; what nobody stands in is
    passed over where it is no deeper than the usual set-back, or where a shop has its kerb beyond it.
    """
    starts = shapely.get_point(rays, 0)
    ray, edge = kerbs.tree.query(rays, predicate="intersects")
    across = shapely.distance(starts[ray], shapely.intersection(rays[ray], kerbs.lines[edge]))
    limit = np.full(len(rays), np.inf)
    np.minimum.at(limit, ray[across > TOUCH_M], across[across > TOUCH_M])
    ray, met = shapely.STRtree(lots.shapes).query(rays, predicate="intersects")
    ray, met = ray[same := lots.block[met] == block[ray]], met[same]
    within = shapely.intersection(rays[ray], lots.shapes[met])
    away = shapely.distance(starts[ray], within)
    shallow = shapely.length(within) <= rules.set_back_m + TOUCH_M
    counts = (away <= limit[ray] + TOUCH_M) & (lots.stood[met] | ~(shallow | lots.crossed[met]))
    ray, met, away = ray[counts], met[counts], away[counts]
    order = np.lexsort((met, away.round(3), ray))
    first = order[np.flatnonzero(np.diff(ray[order], prepend=-1))]
    lot, off = np.full(len(rays), NO_LOT), np.full(len(rays), np.nan)
    lot[ray[first]], off[ray[first]] = met[first], away[first]
    return lot, off


def _cornered(runs: _Runs, around: float, lots: Objects) -> _Runs:
    """At a corner of the kerb no lot lies straight across: half of it goes to the lot on either side."""
    runs = _joined(runs, around)
    before, after = np.roll(np.arange(len(runs.lot)), 1), np.roll(np.arange(len(runs.lot)), -1)
    open_ = np.flatnonzero((runs.lot == NO_LOT) & (runs.lot[before] != NO_LOT) & (runs.lot[after] != NO_LOT))
    one, other = before[open_], after[open_]
    meet = shapely.dwithin(lots[runs.lot[one]], lots[runs.lot[other]], TOUCH_M)
    near = (runs.end - runs.begin)[open_] <= CORNER * (runs.end_off[one] + runs.off[other])
    open_, one, other = open_[meet & near], one[meet & near], other[meet & near]
    middle = (runs.begin + runs.end) / 2
    added = _Runs(middle[open_], runs.end[open_], *(off[other] for off in (runs.lot, runs.off, runs.off)))
    runs.lot[open_], runs.end[open_] = runs.lot[one], middle[open_]
    both = _Runs(*(np.append(getattr(runs, part.name), getattr(added, part.name)) for part in fields(runs)))
    return both.take(np.argsort(both.begin, kind="stable"))


def _joined(runs: _Runs, around: float) -> _Runs:
    """Neighbours before the same lot put together: the first begins where its lot does, and the last ends there, beyond
    the beginning of the ring.
    """
    changes = np.flatnonzero(runs.lot != np.roll(runs.lot, 1))
    if not len(changes):
        # All around the ring there is no line.
        return _Runs(np.array([-around]), np.array([2 * around]), runs.lot[:1], runs.off[:1], runs.off[:1])
    begin, last = runs.begin[changes], np.roll(changes, -1) - 1
    return _Runs(
        begin, np.append(begin[1:], begin[0] + around), runs.lot[changes], runs.off[changes], runs.end_off[last]
    )

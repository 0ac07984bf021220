"""How far along the kerb the lot of a shop reaches: its property lines, extended to the kerb."""

from dataclasses import dataclass, fields

import numpy as np
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.frontage.blocks import Kerbs
from gis_core.frontage.fronts import Doors
from gis_core.frontage.rules import StripRules

NO_LOT = -1
STANDS_M = 1.0
"""A shop stands in a lot from which it is no farther: fronts are drawn on its line."""
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


def held(doors: Doors, kerbs: Kerbs, lots: Objects, rules: StripRules) -> Held:
    """What doors have by property, where lots are given and the city's rules say so.

    Parameters
    ----------
    lots
        Polygons in metres.
    """
    count = len(doors.shop)
    found = Held(np.full(count, NO_LOT), np.zeros(count), np.zeros(count))
    if rules.sides != "property_line" or not len(lots) or not count:
        return found
    edges = np.flatnonzero(np.isin(kerbs.ring, doors.ring))
    edge, runs = _faced(edges, kerbs, lots, rules.farthest_m)
    middle = (doors.begin_m + doors.end_m) / 2 % kerbs.ring_m[doors.ring]
    chords = shapely.linestrings(np.stack([doors.begin_xy, doors.end_xy], axis=1))
    for ring in np.unique(doors.ring).tolist():
        mine, around = np.flatnonzero(doors.ring == ring), float(kerbs.ring_m[ring])
        here = _joined(_cornered(runs.take(np.flatnonzero(kerbs.ring[edge] == ring)), around, lots), around)
        # Behind the last piece of a ring comes its first one.
        past = np.where(middle[mine] < here.begin[0], middle[mine] + around, middle[mine])
        at = np.searchsorted(here.begin, past, side="right") - 1
        stands = here.lot[at] != NO_LOT
        stands[stands] = shapely.dwithin(chords[mine[stands]], lots[here.lot[at[stands]]], STANDS_M)
        mine, at, past = mine[stands], at[stands], past[stands]
        found.lot[mine] = here.lot[at]
        found.before_m[mine], found.after_m[mine] = past - here.begin[at], here.end[at] - past
    return found


def _faced(edges: Ints, kerbs: Kerbs, lots: Objects, reach_m: float) -> tuple[Ints, _Runs]:
    """Edges of kerb cut where the lot across changes: at the feet of the lots' corners. Of each piece its edge, and the
    first lot that one meets from its middle straight away from the street.
    """
    corners = shapely.points(np.unique(shapely.get_coordinates(lots), axis=0))
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
    ray, met = shapely.STRtree(lots).query(rays, predicate="intersects")
    away = shapely.distance(shapely.points(middle[ray]), shapely.intersection(rays[ray], lots[met]))
    order = np.lexsort((met, away.round(3), ray))
    first = order[np.flatnonzero(np.diff(ray[order], prepend=-1))]
    lot, off = np.full(len(edge), NO_LOT), np.full(len(edge), np.nan)
    lot[ray[first]], off[ray[first]] = met[first], away[first]
    return edge, _Runs(kerbs.begins_m[edge] + begin, kerbs.begins_m[edge] + end, lot, off, off)


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

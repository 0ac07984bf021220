"""Kernels of coverage: passes in order, and the pieces of segments painted with the time they were passed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis_core.arrays import Bools, Floats, Ints
from gis_core.joins.compiled import Float32s, Int32s, compiled, frozen

VISIT_SHARE = 0.5
"""Who passes so much of a segment in one go has visited it."""
SURE = 0.5
"""A pass less certain than this is no visit, and what it passed is neither covered nor fresh."""
AGAIN_S = 60.0
"""Who passes a segment again so soon after has not come again: half-way in and back out is one visit."""
LIKELY = 0.2
"""A pass less certain than this says nothing at all."""
FRESH_SHARE = 0.8
"""A segment is as fresh as the oldest of the freshest four fifths of its metres."""


Bytes = NDArray[np.uint8]
IS_LIKELY, IS_SURE, PROVES, IS_VISIT, IS_LEFT, IS_RIGHT = 1, 2, 4, 8, 16, 32


class Log(NamedTuple):
    """Passes of one day by edge, then by time: whole days are painted edge after edge, which memory likes.

    Parameters
    ----------
    t_in, t_out
        Seconds.
    edge, from_m, to_m, sure
        As :data:`gis_core.patrol.matching.INTERVALS` has them.
    carrier
        Who it was.
    side
        Of a wide street: 1 left, -1 right, 0 untold.
    says
        What it says: a sum of 1 (likely), 2 (sure), 4 (sure and long enough for a visit), 8 (a visit), 16 and 32 (a
        visit of the left and of the right side).
    """

    t_in: Floats
    t_out: Floats
    edge: Int32s
    from_m: Float32s
    to_m: Float32s
    sure: Float32s
    carrier: Int32s
    side: NDArray[np.int8]
    says: Bytes


class Painted(NamedTuple):
    """Of each piece when it was last surely passed (-inf: never), and whether it was likely passed at all; of each
    edge its visits, of the left and of the right side too, and the longest time without.
    """

    last_s: Floats
    likely: Bools
    visits: Ints
    visits_left: Ints
    visits_right: Ints
    any_pass: Ints
    previous_s: Floats
    gap_s: Floats


def ordered(log: Log) -> Log:
    """By edge, then by time, each pass once; what it says is not known yet."""
    order = np.lexsort((log.t_in, log.edge))
    if ((np.diff(log.edge[order]) == 0) & (np.diff(log.t_in[order]) == 0)).any():
        order = np.lexsort((log.side, log.carrier, log.sure, log.to_m, log.from_m, log.t_out, log.t_in, log.edge))
        same = np.all([value[order][1:] == value[order][:-1] for value in log[:-1]], axis=0)
        order = order[~np.append(False, same)]
    return Log._make((*(value[order] for value in log[:-1]), np.zeros(len(order), np.uint8)))


def noted(log: Log, eve: Log, length_m: Floats, wide: Bools) -> Log:
    """Passes in order with which of them are visits; sides count on wide edges only.

    Parameters
    ----------
    eve
        Of the day before, in the same order, those that prove a visit and end in its last minute or later.
    """
    new = Log._make((*log[:-1], np.zeros(len(log.t_in), np.uint8)))
    _note(new, frozen(eve), length_m, wide)
    return frozen(new)


@compiled
def mark(log: Log, carrier: Ints, begin_s: Floats, end_s: Floats, going: Bools) -> None:
    """Mark the passes that go."""
    for nth in range(len(log.t_in)):
        for row in range(len(carrier)):
            if log.carrier[nth] == carrier[row] and begin_s[row] <= log.t_in[nth] < end_s[row]:
                going[nth] = True
                break


@compiled
def _note(log: Log, eve: Log, length_m: Floats, wide: Bools) -> None:
    """Note what each pass says. A visit is sure, long enough, and not of somebody who has only just been there; who
    comes back on the other side has visited that side too.
    """
    latest = 0  # In ``eve`` behind the passes of the edge.
    for nth in range(len(log.t_in)):
        long = log.to_m[nth] - log.from_m[nth] >= VISIT_SHARE * length_m[log.edge[nth]] - 1e-3
        if log.sure[nth] >= LIKELY:
            log.says[nth] |= IS_LIKELY
        if log.sure[nth] >= SURE:
            log.says[nth] |= IS_SURE
        if log.sure[nth] < SURE or not long:
            continue
        log.says[nth] |= PROVES | IS_VISIT
        if wide[log.edge[nth]] and log.side[nth] != 0:
            log.says[nth] |= IS_LEFT if log.side[nth] > 0 else IS_RIGHT
        before, edge = nth - 1, log.edge[nth]
        while before >= 0 and log.edge[before] == edge:
            if log.carrier[before] == log.carrier[nth] and log.says[before] & PROVES:
                break
            before -= 1
        if before >= 0 and log.edge[before] == edge:
            log.says[nth] = _said(log, nth, log, before)
            continue
        while latest < len(eve.t_in) and eve.edge[latest] <= edge:
            latest += 1
        before = latest - 1
        while before >= 0 and eve.edge[before] == edge and eve.carrier[before] != log.carrier[nth]:
            before -= 1
        if before >= 0 and eve.edge[before] == edge:
            log.says[nth] = _said(log, nth, eve, before)


@compiled
def _said(log: Log, nth: int, known: Log, before: int) -> int:
    """What a pass says whose carrier proved a visit before: where that was only just now, it is none."""
    says = int(log.says[nth])
    if log.t_in[nth] - known.t_out[before] > AGAIN_S:
        return says
    return says & ~(IS_VISIT | IS_LEFT | IS_RIGHT) if known.side[before] == log.side[nth] else says & ~IS_VISIT


@compiled
def paint(
    log: Log, window: tuple[float, float], wanted: Bools, offset: Ints, piece_m: Floats, painted: Painted
) -> None:
    """Paint those of the passes that begin in the window; of those that began before, only note when they end.

    A piece counts as passed when half of it was, at the time of its middle at an even pace. Which way it was passed is
    not known: forwards is as good as backwards, the ages of the whole are the same.
    """
    for nth in range(len(log.t_in)):
        in_s, out_s = log.t_in[nth], min(log.t_out[nth], window[1])
        if in_s >= window[1] or (in_s < window[0] and out_s <= window[0]):
            continue
        if len(wanted) and not wanted[log.carrier[nth]]:
            continue
        edge, says = log.edge[nth], log.says[nth]
        if in_s >= window[0]:
            inverse = 1.0 / piece_m[edge]
            first = offset[edge] + int(log.from_m[nth] * inverse + 0.5)
            stop = min(offset[edge] + int(log.to_m[nth] * inverse + 0.5), offset[edge + 1])
            if says & IS_SURE:
                step_s = (log.t_out[nth] - in_s) / max(stop - first, 1)
                at_s = in_s + 0.5 * step_s
                for piece in range(first, stop):
                    painted.last_s[piece] = max(painted.last_s[piece], min(at_s, window[1]))
                    at_s += step_s
            elif says & IS_LIKELY:
                painted.likely[first:stop] = True
            painted.any_pass[edge] += 1
            if says & PROVES:
                painted.visits[edge] += (says & IS_VISIT) // IS_VISIT
                if says & (IS_LEFT | IS_RIGHT):
                    painted.visits_left[edge] += (says & IS_LEFT) // IS_LEFT
                    painted.visits_right[edge] += (says & IS_RIGHT) // IS_RIGHT
                painted.gap_s[edge] = max(painted.gap_s[edge], in_s - painted.previous_s[edge])
        if says & PROVES:
            painted.previous_s[edge] = max(out_s, painted.previous_s[edge])


@compiled
def summed(painted: Painted, offset: Ints, piece_m: Floats, end_s: float) -> tuple[Floats, Floats, Floats]:
    """Metres passed of each edge, those that were or may have been, and the age of its freshest four fifths."""
    last_s = painted.last_s
    edges = len(offset) - 1
    covered_m, likely_m, age_s = np.zeros(edges), np.zeros(edges), np.full(edges, np.inf)
    sorted_s = np.empty(np.diff(offset).max() if edges else 0)
    for edge in range(edges):
        begin, stop = offset[edge], offset[edge + 1]
        count, likely = 0, 0
        for piece in range(begin, stop):
            passed = last_s[piece] > -np.inf
            count += passed
            likely += passed or painted.likely[piece]
        covered_m[edge], likely_m[edge] = count * piece_m[edge], likely * piece_m[edge]
        needed = int(np.ceil(FRESH_SHARE * (stop - begin) - 1e-9))
        if count >= needed:
            # Pieces are few, and mostly in order of time already: to insert each is a tenth of what np.sort takes.
            for piece in range(begin, stop):
                at = piece - begin
                while at > 0 and sorted_s[at - 1] > last_s[piece]:
                    sorted_s[at] = sorted_s[at - 1]
                    at -= 1
                sorted_s[at] = last_s[piece]
            age_s[edge] = end_s - sorted_s[stop - begin - needed]
    return covered_m, likely_m, age_s

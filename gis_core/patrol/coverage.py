"""Which metres were passed when: coverage, freshness, visits and gaps of every segment, for any window of time.

A segment is an edge of the network, from crossing to crossing. It is looked at in pieces of five to ten metres.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.joins.compiled import Float32s, Int32s, compiled, frozen
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.places import on_edges, pieces_of

PIECE_M, DAY_S = 10.0, 86_400.0
COLUMNS = {
    "t_in": np.float64, "t_out": np.float64, "edge": np.int32, "from_m": np.float32, "to_m": np.float32,
    "confidence": np.float32, "carrier": np.int32,
}  # fmt: skip
SPARE_M = 0.01
"""A pass may end so far beyond its segment, by rounding."""
VISIT_SHARE = 0.5
"""Who passes so much of a segment in one go has visited it."""
SURE = 0.5
"""A pass less certain than this is no visit, and what it passed is neither covered nor fresh."""
LIKELY = 0.2
"""A pass less certain than this says nothing at all."""
FRESH_SHARE = 0.8
"""A segment is as fresh as the oldest of the freshest four fifths of its metres."""


class Log(NamedTuple):
    """Passes by day, then by edge, then by time: whole days are painted edge after edge, which memory likes.

    Parameters
    ----------
    t_in, t_out
        Seconds.
    edge, from_m, to_m, sure
        As :data:`gis_core.patrol.matching.INTERVALS` has them.
    carrier
        Who it was.
    """

    t_in: Floats
    t_out: Floats
    edge: Int32s
    from_m: Float32s
    to_m: Float32s
    sure: Float32s
    carrier: Int32s


class Painted(NamedTuple):
    """Of each piece when it was last passed (-inf: never), and whether it was likely passed; of each edge its visits,
    and the longest time without.
    """

    last_s: Floats
    likely: Bools
    visits: Ints
    any_pass: Ints
    previous_s: Floats
    gap_s: Floats


@dataclass(frozen=True)
class Coverage:
    """What was walked of each segment within a window of time.

    Parameters
    ----------
    covered_m, share
        Metres surely passed at least once, and as a share of the segment.
    likely_share
        Share of the metres passed with a certainty of a fifth or more.
    visits
        Passes of at least half of the segment that are sure.
    passes
        Passes of any length and certainty.
    age_s
        Age of the freshest four fifths at the end of the window; inf where they were not all surely passed.
    gap_s
        The longest time without a visit, from the beginning of the window to its end.
    last_s
        Of each piece of :meth:`PatrolLog.pieces` when it was last surely passed, -inf where it was not.
    """

    covered_m: Floats
    share: Floats
    likely_share: Floats
    visits: Ints
    passes: Ints
    age_s: Floats
    gap_s: Floats
    last_s: Floats


class PatrolLog:
    """All passes there are, ready for any window of time.

    Parameters
    ----------
    network
        The streets.
    intervals
        Columns :data:`gis_core.patrol.matching.INTERVALS`, in any order, and ``carrier``, a whole number for whoever it
        was; without it all are of one. The same pass of one carrier given twice counts once.

    Raises
    ------
    InvalidInput
        When a pass is on no edge of the network, not within its edge, or at no time.
    """

    def __init__(self, network: StreetNetwork, intervals: pd.DataFrame) -> None:
        self.network = network
        self._offset, self._length_m = pieces_of(network, PIECE_M)
        if "carrier" not in intervals:
            intervals = intervals.assign(carrier=0)
        _check(intervals, network.length_m)
        log = Log(*(intervals[name].to_numpy().astype(kind) for name, kind in COLUMNS.items()))
        place = np.floor(log.t_in / DAY_S).astype(np.int64) * len(network.u) + log.edge
        order = np.lexsort((log.t_in, place))
        if (tied := (np.diff(place[order]) == 0) & (np.diff(log.t_in[order]) == 0)).any():
            order = np.lexsort((log.carrier, log.sure, log.to_m, log.from_m, log.t_out, log.t_in, place))
            tied = np.all([value[order][1:] == value[order][:-1] for value in log], axis=0)
        order = order[~np.append(False, tied)[: len(order)]]
        self._log = frozen(Log(*(value[order] for value in log)))
        self._day = place[order] // len(network.u)
        self._lasting = np.flatnonzero(self._log.t_out > (self._day + 1) * DAY_S)  # over midnight

    def pieces(self) -> pd.DataFrame:
        """The pieces of all segments: ``edge``, ``length_m``, and ``x``, ``y`` of the middle (metres), by which pieces
        are told to grids and other areas.
        """
        edge = np.repeat(np.arange(len(self._length_m)), np.diff(self._offset))
        length_m = self._length_m[edge]
        xy = on_edges(self.network, edge, (np.arange(len(edge)) - self._offset[edge] + 0.5) * length_m)
        return pd.DataFrame({"edge": edge, "length_m": length_m, "x": xy[:, 0], "y": xy[:, 1]})

    def within(self, begin_s: float, end_s: float) -> Coverage:
        """What was walked from ``begin_s`` on and before ``end_s``; a pass counts where it begins.

        Where a pass began before and lasts into the window there is no gap until it ends; one that lasts beyond the
        window is as fresh as can be at its end.
        """
        low = np.searchsorted(self._day, np.floor(begin_s / DAY_S))
        high = np.searchsorted(self._day, np.floor(end_s / DAY_S), side="right")
        edges = len(self.network.u)
        painted = Painted(
            np.full(self._offset[-1], -np.inf), np.zeros(self._offset[-1], np.bool_), np.zeros(edges, np.int64),
            np.zeros(edges, np.int64), np.full(edges, float(begin_s)), np.zeros(edges),
        )  # fmt: skip
        length_m = self.network.length_m
        window = float(begin_s), float(end_s)
        lasting = self._lasting[(self._lasting < low) & (self._log.t_out[self._lasting] > begin_s)]
        before = frozen(Log(*(np.asarray(getattr(self._log, name))[lasting] for name in Log._fields)))
        _paint(before, 0, len(lasting), window, self._offset, self._length_m, length_m, painted)
        _paint(self._log, int(low), int(high), window, self._offset, self._length_m, length_m, painted)
        covered_m, age_s = _summed(painted.last_s, self._offset, self._length_m, float(end_s))
        gap_s = np.maximum(painted.gap_s, end_s - painted.previous_s)
        likely_m = np.add.reduceat(painted.likely, self._offset[:-1], dtype=np.int64) * self._length_m
        return Coverage(
            covered_m, covered_m / length_m, likely_m / length_m, painted.visits, painted.any_pass, age_s, gap_s,
            painted.last_s,
        )  # fmt: skip


def _check(intervals: pd.DataFrame, length_m: Floats) -> None:
    names = ("edge", "t_in", "t_out", "from_m", "to_m", "carrier")
    edge, t_in, t_out, from_m, to_m, carrier = (intervals[name].to_numpy(np.float64) for name in names)
    on = (edge >= 0) & (edge < len(length_m)) & (edge == np.floor(edge))
    within = (from_m >= 0) & (from_m <= to_m)
    within[on] &= to_m[on] <= length_m[edge[on].astype(np.int64)] + SPARE_M
    known = (np.abs(carrier) < 2**31) & (carrier == np.floor(carrier))
    faults = {"edge": ~on, "t_in": ~np.isfinite(t_in), "t_out": ~(np.isfinite(t_out) & (t_out >= t_in))}
    for field, fault in (faults | {"from_m, to_m": ~within, "carrier": ~known}).items():
        if fault.any():
            raise InvalidInput("pass_field", field=field, found=int(fault.sum()), row=int(np.flatnonzero(fault)[0]))


@compiled
def _paint(
    log: Log, low: int, high: int, window: tuple[float, float], offset: Ints, piece_m: Floats, length_m: Floats,
    painted: Painted,
) -> None:  # fmt: skip
    """Paint those of the passes ``low`` up to ``high`` that begin in the window; of those that began before, only note
    when they end. A piece counts as passed when half of it was.
    """
    for nth in range(low, high):
        edge, in_s, out_s = log.edge[nth], log.t_in[nth], min(log.t_out[nth], window[1])
        if in_s >= window[1] or (in_s < window[0] and out_s <= window[0]):
            continue
        long = log.to_m[nth] - log.from_m[nth] >= VISIT_SHARE * length_m[edge] - 1e-3
        sure = log.sure[nth] >= SURE
        if in_s < window[0]:
            if long and sure:
                painted.previous_s[edge] = max(out_s, painted.previous_s[edge])
            continue
        begin, inverse = offset[edge], 1.0 / piece_m[edge]
        first = begin + int(log.from_m[nth] * inverse + 0.5)
        stop = min(begin + int(log.to_m[nth] * inverse + 0.5), offset[edge + 1])
        for piece in range(first, stop):
            if sure and out_s > painted.last_s[piece]:
                painted.last_s[piece] = out_s
            painted.likely[piece] |= log.sure[nth] >= LIKELY
        painted.any_pass[edge] += 1
        if long and sure:
            painted.visits[edge] += 1
            gap_s = in_s - painted.previous_s[edge]
            painted.gap_s[edge] = max(painted.gap_s[edge], gap_s)
            painted.previous_s[edge] = max(out_s, painted.previous_s[edge])


@compiled
def _summed(last_s: Floats, offset: Ints, piece_m: Floats, end_s: float) -> tuple[Floats, Floats]:
    """Metres passed of each edge, and the age of its freshest four fifths."""
    edges = len(offset) - 1
    covered_m, age_s = np.zeros(edges), np.full(edges, np.inf)
    for edge in range(edges):
        begin, stop = offset[edge], offset[edge + 1]
        count = 0
        for piece in range(begin, stop):
            count += last_s[piece] > -np.inf
        covered_m[edge] = count * piece_m[edge]
        needed = int(np.ceil(FRESH_SHARE * (stop - begin) - 1e-9))
        if count >= needed:
            age_s[edge] = end_s - np.sort(last_s[begin:stop])[stop - begin - needed]
    return covered_m, age_s

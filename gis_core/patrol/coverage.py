"""Which metres were passed when: coverage, freshness, visits and gaps of every segment, for any window of time.

A segment is an edge of the network, from crossing to crossing. It is looked at in pieces of five to ten metres.
"""

from collections.abc import Iterable
from copy import copy
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
AGAIN_S = 60.0
"""Who passes a segment again so soon after has not come again: half-way in and back out is one visit."""
LIKELY = 0.2
"""A pass less certain than this says nothing at all."""
FRESH_SHARE = 0.8
"""A segment is as fresh as the oldest of the freshest four fifths of its metres."""
WINDOWS_KEPT = 4
"""So many windows are not painted anew when they are asked for again."""
_NONE = np.empty(0, np.bool_)


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
    visit
        Whether it is a visit.
    """

    t_in: Floats
    t_out: Floats
    edge: Int32s
    from_m: Float32s
    to_m: Float32s
    sure: Float32s
    carrier: Int32s
    visit: Bools


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
        Passes of at least half of the segment that are sure, but none of somebody who has passed it within the minute
        before.
    passes
        Passes of any length and certainty.
    age_s
        Age of the freshest four fifths at the end of the window; inf where they were not all surely passed.
    gap_s
        The longest time without a visit, from the beginning of the window to its end.
    visited_s
        When the last visit ended, -inf where there was none.
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
    visited_s: Floats
    last_s: Floats


class Day(NamedTuple):
    """The passes that begin on one day (UTC).

    Parameters
    ----------
    log
        By edge, then by time.
    lasting
        Those of them that go on over midnight.
    """

    log: Log
    lasting: Log


class PatrolLog:
    """All passes there are, ready for any window of time: 37 bytes each, day by day.

    Parameters
    ----------
    network
        The streets.
    intervals
        Columns :data:`gis_core.patrol.matching.INTERVALS`, in any order, and ``carrier``, the name or number of whoever
        it was; without it all are of one. The same pass of one carrier given twice counts once.

    Raises
    ------
    InvalidInput
        When a pass is on no edge of the network, not within its edge, or at no time.
    """

    def __init__(self, network: StreetNetwork, intervals: pd.DataFrame) -> None:
        self.network = network
        self.carriers: tuple[str, ...] = ()
        """Names by number, as :class:`Log` has them."""
        self._offset, self._length_m = pieces_of(network, PIECE_M)
        self._days: dict[int, Day] = {}
        self._take_in(intervals, pd.DataFrame({"carrier": [], "begin_s": [], "end_s": []}))

    def with_passes(self, intervals: pd.DataFrame, stale: pd.DataFrame) -> "PatrolLog":
        """A log with some passes in place of others; the days that nothing changes are shared with this one.

        Parameters
        ----------
        intervals
            The passes that come, as the log itself takes them.
        stale
            The passes that go: all of ``carrier`` that begin from ``begin_s`` on and before ``end_s``, one row each.

        Raises
        ------
        InvalidInput
            As for the log itself.
        """
        other = copy(self)
        other._days = dict(self._days)
        other._take_in(intervals, stale)
        return other

    @property
    def begin_s(self) -> float:
        """When the first pass begins, at the earliest; inf without any."""
        return min(self._days, default=np.inf) * DAY_S

    def pieces(self) -> pd.DataFrame:
        """As :func:`pieces_of_streets` has them."""
        return pieces_of_streets(self.network)

    def within(self, begin_s: float, end_s: float, carriers: Iterable[str] | None = None) -> Coverage:
        """What was walked from ``begin_s`` on and before ``end_s``; a pass counts where it begins.

        Where a pass began before and lasts into the window there is no gap until it ends; one that lasts beyond the
        window is taken to have come to its pieces by its end. The latest windows are kept.

        Parameters
        ----------
        carriers
            Only their passes; without, all.
        """
        asked = float(begin_s), float(end_s), None if carriers is None else frozenset(carriers)
        if (found := self._windows.get(asked)) is None:
            found = self._windows[asked] = self._within(*asked)
            for oldest in list(self._windows)[:-WINDOWS_KEPT]:
                self._windows.pop(oldest, None)
        return found

    def days(self, begin_s: float, end_s: float) -> list[Log]:
        """The passes of the days (UTC) that a window touches, one after the other."""
        return [one.log for day, one in self._days.items() if begin_s < (day + 1) * DAY_S and day * DAY_S < end_s]

    def numbered(self, carriers: Iterable[str] | None) -> Bools:
        """Whether each carrier is one of these; empty for all."""
        if carriers is None:
            return np.empty(0, np.bool_)
        # One more than there are, so that it is not empty where there is none.
        return np.append(np.isin(np.array(self.carriers, dtype=object), list(carriers)), False)

    def _take_in(self, intervals: pd.DataFrame, stale: pd.DataFrame) -> None:
        """Put passes in and take others out; days that change are sorted anew."""
        self._windows: dict[tuple[float, float, frozenset[str] | None], Coverage] = {}
        if "carrier" not in intervals:
            intervals = intervals.assign(carrier=0)
        _check(intervals, self.network.length_m)
        number, names = pd.factorize(intervals["carrier"])
        self.carriers = tuple(dict.fromkeys((*self.carriers, *map(str, names))))
        known = pd.Index(self.carriers, dtype=object)
        carrier = known.get_indexer(pd.Index([str(name) for name in names], dtype=object))[number]
        columns = [carrier if name == "carrier" else intervals[name].to_numpy() for name in COLUMNS]
        fresh = Log(*(one.astype(kind) for one, kind in zip(columns, COLUMNS.values(), strict=True)), _NONE)
        day = np.floor(fresh.t_in / DAY_S).astype(np.int64)
        gone = stale.assign(
            number=known.get_indexer(pd.Index(stale["carrier"].astype(str).to_numpy(object))),
            first=np.floor(stale["begin_s"].to_numpy(np.float64) / DAY_S),
            last=np.floor(stale["end_s"].to_numpy(np.float64) / DAY_S),
        )  # fmt: skip
        for one in sorted({*self._days, *np.unique(day).tolist()}):
            touched = gone[(gone["first"] <= one) & (gone["last"] >= one)]
            coming = np.flatnonzero(day == one)
            if len(coming) or len(touched):
                self._change(one, Log(*(value[coming] for value in fresh[:-1]), _NONE), touched)
        self._days = dict(sorted(self._days.items()))

    def _change(self, day: int, coming: Log, gone: pd.DataFrame) -> None:
        staying = self._days[day].log if day in self._days else None
        parts = [coming]
        if staying is not None:
            going = np.zeros(len(staying.t_in), np.bool_)
            columns = (gone[name].to_numpy(kind) for name, kind in
                       (("number", np.int64), ("begin_s", np.float64), ("end_s", np.float64)))  # fmt: skip
            _mark(staying, *columns, going)
            parts.insert(0, Log(*(value[~going] for value in staying)))
        log = _ordered(Log(*(np.concatenate(values) for values in zip(*parts, strict=True))), self.network.length_m)
        lasting = log.t_out > (day + 1) * DAY_S
        self._days[day] = Day(log, frozen(Log(*(value[lasting] for value in log))))

    def _within(self, begin_s: float, end_s: float, carriers: frozenset[str] | None) -> Coverage:
        edges, length_m = len(self.network.u), self.network.length_m
        painted = Painted(
            np.full(self._offset[-1], -np.inf), np.zeros(self._offset[-1], np.bool_), np.zeros(edges, np.int64),
            np.zeros(edges, np.int64), np.full(edges, begin_s), np.zeros(edges),
        )  # fmt: skip
        before = [one.lasting for day, one in self._days.items() if (day + 1) * DAY_S <= begin_s]
        for log in before + self.days(begin_s, end_s):
            _paint(log, (begin_s, end_s), self.numbered(carriers), self._offset, self._length_m, length_m, painted)
        covered_m, age_s = _summed(painted.last_s, self._offset, self._length_m, end_s)
        gap_s = np.maximum(painted.gap_s, end_s - painted.previous_s)
        likely_m = np.add.reduceat(painted.likely, self._offset[:-1], dtype=np.int64) * self._length_m
        visited_s = np.where(painted.visits > 0, painted.previous_s, -np.inf)
        return Coverage(
            covered_m, covered_m / length_m, likely_m / length_m, painted.visits, painted.any_pass, age_s, gap_s,
            visited_s, painted.last_s,
        )  # fmt: skip


def pieces_of_streets(network: StreetNetwork) -> pd.DataFrame:
    """The pieces of all segments: ``edge``, ``length_m``, and ``x``, ``y`` of the middle (metres), by which pieces
    are told to grids and other areas.
    """
    offset, length_m = pieces_of(network, PIECE_M)
    edge = np.repeat(np.arange(len(length_m)), np.diff(offset))
    xy = on_edges(network, edge, (np.arange(len(edge)) - offset[edge] + 0.5) * length_m[edge])
    return pd.DataFrame({"edge": edge, "length_m": length_m[edge], "x": xy[:, 0], "y": xy[:, 1]})


def _ordered(log: Log, length_m: Floats) -> Log:
    """By edge, then by time, each pass once, with which of them are visits."""
    order = np.lexsort((log.t_in, log.edge))
    if ((np.diff(log.edge[order]) == 0) & (np.diff(log.t_in[order]) == 0)).any():
        order = np.lexsort((log.carrier, log.sure, log.to_m, log.from_m, log.t_out, log.t_in, log.edge))
        same = np.all([value[order][1:] == value[order][:-1] for value in log[:-1]], axis=0)
        order = order[~np.append(False, same)]
    sorted_ = Log(*(value[order] for value in log[:-1]), np.zeros(len(order), np.bool_))
    _note_visits(sorted_, length_m)
    return frozen(sorted_)


def _check(intervals: pd.DataFrame, length_m: Floats) -> None:
    names = ("edge", "t_in", "t_out", "from_m", "to_m")
    edge, t_in, t_out, from_m, to_m = (intervals[name].to_numpy(np.float64) for name in names)
    on = (edge >= 0) & (edge < len(length_m)) & (edge == np.floor(edge))
    within = (from_m >= 0) & (from_m <= to_m)
    within[on] &= to_m[on] <= length_m[edge[on].astype(np.int64)] + SPARE_M
    faults = {"edge": ~on, "t_in": ~np.isfinite(t_in), "t_out": ~(np.isfinite(t_out) & (t_out >= t_in))}
    for field, fault in (faults | {"from_m, to_m": ~within, "carrier": intervals["carrier"].isna().to_numpy()}).items():
        if fault.any():
            raise InvalidInput("pass_field", field=field, found=int(fault.sum()), row=int(np.flatnonzero(fault)[0]))


@compiled
def _mark(log: Log, carrier: Ints, begin_s: Floats, end_s: Floats, going: Bools) -> None:
    """Mark the passes that go."""
    for nth in range(len(log.t_in)):
        for row in range(len(carrier)):
            if log.carrier[nth] == carrier[row] and begin_s[row] <= log.t_in[nth] < end_s[row]:
                going[nth] = True
                break


@compiled
def _note_visits(log: Log, length_m: Floats) -> None:
    """Note which passes are visits: sure, long enough, and not of somebody who has only just been there."""
    for nth in range(len(log.t_in)):
        if not _long_and_sure(log, nth, length_m):
            continue
        log.visit[nth] = True
        before = nth - 1
        while before >= 0 and log.edge[before] == log.edge[nth]:
            if log.carrier[before] == log.carrier[nth] and _long_and_sure(log, before, length_m):
                log.visit[nth] = log.t_in[nth] - log.t_out[before] > AGAIN_S
                break
            before -= 1


@compiled
def _long_and_sure(log: Log, nth: int, length_m: Floats) -> bool:
    return log.sure[nth] >= SURE and log.to_m[nth] - log.from_m[nth] >= VISIT_SHARE * length_m[log.edge[nth]] - 1e-3


@compiled
def _paint(
    log: Log, window: tuple[float, float], wanted: Bools, offset: Ints, piece_m: Floats, length_m: Floats,
    painted: Painted,
) -> None:  # fmt: skip
    """Paint those of the passes that begin in the window; of those that began before, only note when they end.

    A piece counts as passed when half of it was, at the time of its middle at an even pace. Which way it was passed is
    not known: forwards is as good as backwards, the ages of the whole are the same.
    """
    for nth in range(len(log.t_in)):
        edge, in_s, out_s = log.edge[nth], log.t_in[nth], min(log.t_out[nth], window[1])
        if in_s >= window[1] or (in_s < window[0] and out_s <= window[0]):
            continue
        if len(wanted) and not wanted[log.carrier[nth]]:
            continue
        proves = _long_and_sure(log, nth, length_m)
        if in_s < window[0]:
            if proves:
                painted.previous_s[edge] = max(out_s, painted.previous_s[edge])
            continue
        begin, inverse = offset[edge], 1.0 / piece_m[edge]
        first = begin + int(log.from_m[nth] * inverse + 0.5)
        stop = min(begin + int(log.to_m[nth] * inverse + 0.5), offset[edge + 1])
        step_s = (log.t_out[nth] - in_s) / max(stop - first, 1)
        for piece in range(first, stop):
            at_s = min(in_s + (piece - first + 0.5) * step_s, window[1])
            if log.sure[nth] >= SURE and at_s > painted.last_s[piece]:
                painted.last_s[piece] = at_s
            painted.likely[piece] |= log.sure[nth] >= LIKELY
        painted.any_pass[edge] += 1
        if proves:
            painted.visits[edge] += log.visit[nth]
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

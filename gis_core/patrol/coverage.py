"""Which metres were passed when: coverage, freshness, visits and gaps of every segment, for any window of time.

A segment is an edge of the network, from crossing to crossing. It is looked at in pieces of five to ten metres.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.joins.compiled import frozen
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.painting import AGAIN_S, PROVES, Log, Painted, mark, noted, ordered, paint, summed
from gis_core.patrol.places import on_edges, pieces_of
from gis_core.patrol.sides import wide_of

PIECE_M, DAY_S = 10.0, 86_400.0
COLUMNS = {
    "t_in": np.float64, "t_out": np.float64, "edge": np.int32, "from_m": np.float32, "to_m": np.float32,
    "confidence": np.float32, "carrier": np.int32, "side": np.int8,
}  # fmt: skip
SPARE_M = 0.01
"""A pass may end so far beyond its segment, by rounding."""
WINDOWS_KEPT = 4
"""So many windows are not painted anew when they are asked for again."""


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
        before, in this window or ahead of it: a visit is of the window in which it begins.
    visits_left, visits_right
        Of wide segments (:func:`gis_core.patrol.sides.wide_of`): the visits that are told to a side of the line as it
        is drawn. Who comes back within the minute on the other side has visited both, but the segment once.
    passes
        Passes of any length and certainty.
    age_s
        Age of the freshest four fifths at the end of the window; inf where they were not all surely passed.
    gap_s
        The longest time without a visit, from the beginning of the window to its end; who comes back within the minute
        ends it too.
    visited_s
        When the last visit ended, -inf where there was none.
    last_s
        Of each piece of :meth:`PatrolLog.pieces` when it was last surely passed, -inf where it was not.
    """

    covered_m: Floats
    share: Floats
    likely_share: Floats
    visits: Ints
    visits_left: Ints
    visits_right: Ints
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
    """All passes there are, ready for any window of time: 38 bytes each, day by day.

    Parameters
    ----------
    network
        The streets.
    intervals
        Columns :data:`gis_core.patrol.matching.INTERVALS`, in any order, and ``carrier``, the name or number of whoever
        it was; without it all are of one; and ``side``, without which none is told. The same pass of one carrier given
        twice counts once.

    Raises
    ------
    InvalidInput
        When a pass is on no edge of the network, not within its edge, or at no time.
    """

    def __init__(self, network: StreetNetwork, intervals: pd.DataFrame) -> None:
        self.network = network
        self.carriers: tuple[str, ...] = ()
        """Names by number, as :class:`Log` has them."""
        self.offset, self._length_m = pieces_of(network, PIECE_M)
        """The pieces of segment e are ``offset[e]`` up to ``offset[e + 1]``."""
        self._wide = wide_of(network)
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

    def since(self, begin_s: float) -> "PatrolLog":
        """A log without the days (UTC) that are over by then; the rest is shared with this one."""
        other = copy(self)
        other._days = {day: one for day, one in self._days.items() if (day + 1) * DAY_S > begin_s}
        other._windows, other._lock = {}, Lock()
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
        with self._lock:
            found = self._windows.get(asked)
        if found is None:
            found = self._within(*asked)
            with self._lock:
                self._windows[asked] = found
                for oldest in list(self._windows)[:-WINDOWS_KEPT]:
                    del self._windows[oldest]
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
        """Put passes in and take others out; the days that change are sorted anew, and of the day after each is noted
        anew who comes back over midnight.
        """
        self._windows: dict[tuple[float, float, frozenset[str] | None], Coverage] = {}
        self._lock = Lock()
        coming = self._numbered(intervals)
        day = np.floor(coming.t_in / DAY_S).astype(np.int64)
        number = pd.Index(self.carriers, dtype=object).get_indexer(pd.Index(stale["carrier"].astype(str), dtype=object))
        begin_s, end_s = (stale[name].to_numpy(np.float64) for name in ("begin_s", "end_s"))
        changed = None
        for one in sorted({*self._days, *np.unique(day).tolist()}):
            gone = np.flatnonzero((number >= 0) & (begin_s < (one + 1) * DAY_S) & (end_s > one * DAY_S))
            fresh = np.flatnonzero(day == one)
            if len(fresh) or (len(gone) and one in self._days):
                parts = [self._staying(one, number[gone], begin_s[gone], end_s[gone])] if one in self._days else []
                parts.append(Log._make(values[fresh] for values in coming))
                log = Log._make(np.concatenate(values) for values in zip(*parts, strict=True))
                self._days[one], changed = self._noted(one, ordered(log)), one
            elif changed == one - 1:
                self._days[one] = self._noted(one, self._days[one].log)
        self._days = dict(sorted(self._days.items()))

    def _numbered(self, intervals: pd.DataFrame) -> Log:
        """Passes as arrays, carriers by number; who is new gets the next."""
        if "carrier" not in intervals:
            intervals = intervals.assign(carrier=0)
        if "side" not in intervals:
            intervals = intervals.assign(side=0)
        _check(intervals, self.network.length_m)
        number, names = pd.factorize(intervals["carrier"])
        named = [str(name) for name in names]
        self.carriers = tuple(dict.fromkeys((*self.carriers, *named)))
        position = pd.Index(self.carriers, dtype=object).get_indexer(pd.Index(named, dtype=object))
        columns = [position[number] if name == "carrier" else intervals[name].to_numpy() for name in COLUMNS]
        kinds = COLUMNS.values()
        return Log._make((*(one.astype(kind) for one, kind in zip(columns, kinds, strict=True)), np.zeros(len(number))))

    def _staying(self, day: int, carrier: Ints, begin_s: Floats, end_s: Floats) -> Log:
        """The passes of a day without those that go."""
        log = self._days[day].log
        going = np.zeros(len(log.t_in), np.bool_)
        mark(log, carrier.astype(np.int64), begin_s, end_s, going)
        return Log._make(values[~going] for values in log)

    def _noted(self, day: int, log: Log) -> Day:
        eve = self._days[day - 1].log if day - 1 in self._days else Log._make(values[:0] for values in log)
        late = (eve.t_out >= day * DAY_S - AGAIN_S) & (eve.says & PROVES > 0)
        log = noted(log, Log._make(values[late] for values in eve), self.network.length_m, self._wide)
        lasting = log.t_out > (day + 1) * DAY_S
        return Day(log, frozen(Log._make(values[lasting] for values in log)))

    def _within(self, begin_s: float, end_s: float, carriers: frozenset[str] | None) -> Coverage:
        edges, length_m = len(self.network.u), self.network.length_m
        painted = Painted(
            np.full(self.offset[-1], -np.inf), np.zeros(self.offset[-1], np.bool_), np.zeros(edges, np.int64),
            np.zeros(edges, np.int64), np.zeros(edges, np.int64), np.zeros(edges, np.int64), np.full(edges, begin_s),
            np.zeros(edges),
        )  # fmt: skip
        wanted = self.numbered(carriers)
        before = [one.lasting for day, one in self._days.items() if (day + 1) * DAY_S <= begin_s]
        for log in before + self.days(begin_s, end_s):
            paint(log, (begin_s, end_s), wanted, self.offset, self._length_m, painted)
        covered_m, likely_m, age_s = summed(painted, self.offset, self._length_m, end_s)
        gap_s = np.maximum(painted.gap_s, end_s - painted.previous_s)
        visited_s = np.where(painted.visits > 0, painted.previous_s, -np.inf)
        return Coverage(
            covered_m, covered_m / length_m, likely_m / length_m, painted.visits, painted.visits_left,
            painted.visits_right, painted.any_pass, age_s, gap_s, visited_s, painted.last_s,
        )  # fmt: skip


def pieces_of_streets(network: StreetNetwork) -> pd.DataFrame:
    """The pieces of all segments: ``edge``, ``length_m``, and ``x``, ``y`` of the middle (metres), by which pieces
    are told to grids and other areas.
    """
    offset, length_m = pieces_of(network, PIECE_M)
    edge = np.repeat(np.arange(len(length_m)), np.diff(offset))
    xy = on_edges(network, edge, (np.arange(len(edge)) - offset[edge] + 0.5) * length_m[edge])
    return pd.DataFrame({"edge": edge, "length_m": length_m[edge], "x": xy[:, 0], "y": xy[:, 1]})


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

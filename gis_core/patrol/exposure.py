"""How much patrol there was: metres walked and time spent, by segment, piece, grid and carrier."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.joins.compiled import compiled
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.ground import Ground
from gis_core.patrol.painting import IS_SURE, IS_VISIT, Log

M_PER_KM, S_PER_HOUR = 1_000.0, 3_600.0


class Exposure(NamedTuple):
    """Patrol on the ground.

    Parameters
    ----------
    segments
        One row an edge: ``patrol_m`` and ``patrol_s``.
    grids
        The same by ``grid``, the lowest, ascending; split at borders by pieces. ``None`` for what is outside is left
        out.
    """

    segments: pd.DataFrame
    grids: pd.DataFrame


class Walked(NamedTuple):
    """By carrier: metres passed once, visits, segments visited, metres and seconds of all passes, first and last."""

    covered_m: Floats
    visits: Ints
    segments: Ints
    patrol_m: Floats
    patrol_s: Floats
    first_s: Floats
    last_s: Floats


def exposure_of(log: PatrolLog, ground: Ground, begin_s: float, end_s: float, level: str | None = None) -> Exposure:
    """Metres walked and seconds spent on each segment and in each grid, of passes that begin in the window.

    Only passes that are sure count (certainty at least .5), each as often as it was walked. Its time is spread evenly
    over its metres, so that it is split where pieces, and with them grids, end; who stood still was at one place. What
    was walked of edges that lie on each other is counted on the first of them.

    Parameters
    ----------
    level
        The grid level, the lowest by itself.

    Raises
    ------
    InvalidInput
        When the city has no such level.
    """
    pieces = ground.pieces
    metres, seconds = spent(log, begin_s, end_s)
    cell = pieces["grid"].to_numpy(object) if level is None else ground.cells(level)
    of_pieces = pd.DataFrame({"patrol_m": metres, "patrol_s": seconds})
    grids = of_pieces.assign(grid=cell).groupby("grid", as_index=False)[["patrol_m", "patrol_s"]].sum()
    segments = of_pieces.groupby(pieces["edge"].to_numpy(np.int64)).sum().reset_index(drop=True)
    return Exposure(segments, grids)


def effort(patrol_m: Floats, patrol_s: Floats) -> Floats:
    """Patrol as reports grow with it, in km·h: the root of kilometres walked times hours spent.

    Twice as much patrol is twice the effort, and so is twice as long a street. The product itself would be four times
    as much, and a map of chance would have hot spots where patrol is seldom; the root of it counts walking and
    looking alike, and who only stands or only passes for less.
    """
    return np.sqrt(np.maximum(patrol_m, 0.0) / M_PER_KM * np.maximum(patrol_s, 0.0) / S_PER_HOUR)


def spent(log: PatrolLog, begin_s: float, end_s: float) -> tuple[Floats, Floats]:
    """Metres walked and seconds spent on each piece of :meth:`PatrolLog.pieces`, as :func:`exposure_of` counts them."""
    metres, seconds = np.zeros(log.offset[-1]), np.zeros(log.offset[-1])
    firsts = log.network.twins.firsts(np.ones(len(log.network.u), np.bool_))
    for day in log.days(begin_s, end_s):
        _spend(day, (float(begin_s), float(end_s)), firsts, log.offset, log.network.length_m, metres, seconds)
    return metres, seconds


def walked_by_carrier(
    log: PatrolLog, begin_s: float, end_s: float, chosen: Bools, seen: Bools | None = None
) -> pd.DataFrame:
    """What each carrier walked in a window, one row for each who passed anything, edges that lie on each other counted
    as one: see :func:`gis_core.patrol.report.by_carrier`.
    """
    # For the compiler one type, wherever it comes from.
    seen = np.ones(len(chosen), bool) if seen is None else np.array(seen)
    twins, count = log.network.twins, len(log.carriers)
    once = twins.firsts(seen), twins.firsts(chosen & seen)
    zeros = (np.zeros(count) for _ in range(3))
    walked = Walked(
        next(zeros), np.zeros(count, np.int64), np.zeros(count, np.int64), next(zeros), next(zeros),
        np.full(count, np.inf), np.full(count, -np.inf),
    )  # fmt: skip
    passed = np.zeros((count, log.offset[-1] // 8 + 1), np.uint8)
    visited = np.zeros((count, len(chosen) // 8 + 1), np.uint8)
    for day in log.days(begin_s, end_s):
        window = float(begin_s), float(end_s)
        _walk(day, window, seen, once, log.offset, log.network.length_m, passed, visited, walked)
    names: Objects = np.array(log.carriers, dtype=object)
    frame = pd.DataFrame({"code": names, **walked._asdict()})
    return frame[np.isfinite(frame["first_s"])].sort_values("code", ignore_index=True)


@compiled
def _spend(
    log: Log, window: tuple[float, float], firsts: Bools, offset: Ints, length_m: Floats, metres: Floats,
    seconds: Floats,
) -> None:  # fmt: skip
    for nth in range(len(log.t_in)):
        if not window[0] <= log.t_in[nth] < window[1] or not log.says[nth] & IS_SURE:
            continue
        edge = log.edge[nth]
        if not firsts[edge]:
            continue
        begin, pieces = offset[edge], offset[edge + 1] - offset[edge]
        piece_m = length_m[edge] / pieces
        low, high = float(log.from_m[nth]), min(float(log.to_m[nth]), length_m[edge])
        first = min(int(low / piece_m), pieces - 1)
        spent_s = log.t_out[nth] - log.t_in[nth]
        if high - low < 0.01:
            seconds[begin + first] += spent_s
            continue
        for piece in range(first, min(int(high / piece_m), pieces - 1) + 1):
            walked_m = max(min(high, (piece + 1) * piece_m) - max(low, piece * piece_m), 0.0)
            metres[begin + piece] += walked_m
            seconds[begin + piece] += spent_s * walked_m / (high - low)


@compiled
def _walk(
    log: Log, window: tuple[float, float], seen: Bools, once: tuple[Bools, Bools], offset: Ints,
    length_m: Floats, passed: np.ndarray, visited: np.ndarray, walked: Walked,
) -> None:  # fmt: skip
    for nth in range(len(log.t_in)):
        if not window[0] <= log.t_in[nth] < window[1] or not seen[log.edge[nth]]:
            continue
        edge, who = log.edge[nth], log.carrier[nth]
        walked.first_s[who] = min(walked.first_s[who], log.t_in[nth])
        walked.last_s[who] = max(walked.last_s[who], log.t_out[nth])
        if not log.says[nth] & IS_SURE:
            continue
        if once[0][edge]:
            walked.patrol_m[who] += log.to_m[nth] - log.from_m[nth]
            walked.patrol_s[who] += log.t_out[nth] - log.t_in[nth]
        if not once[1][edge]:
            continue
        if log.says[nth] & IS_VISIT:
            walked.visits[who] += 1
            bit = np.uint8(1 << (edge & 7))
            if not visited[who, edge >> 3] & bit:
                visited[who, edge >> 3] |= bit
                walked.segments[who] += 1
        piece_m = length_m[edge] / (offset[edge + 1] - offset[edge])
        first = offset[edge] + int(log.from_m[nth] / piece_m + 0.5)
        stop = min(offset[edge] + int(log.to_m[nth] / piece_m + 0.5), offset[edge + 1])
        for piece in range(first, stop):
            bit = np.uint8(1 << (piece & 7))
            if not passed[who, piece >> 3] & bit:
                passed[who, piece >> 3] |= bit
                walked.covered_m[who] += piece_m

"""Points of one device to pieces that can be matched: what is impossible goes, with its reason."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Floats, Ints, lonlat_of, numbers_of
from gis_core.crs import readable, to_metres
from gis_core.errors import InvalidInput
from gis_core.joins.compiled import compiled

LOOK_BACK = 30
"""So many points in a row can be wrong before it is believed that the carrier really is elsewhere."""
RESTART = 10.0
"""What such a belief costs, in points given up."""
AWAY_S = 60.0
"""Who is back at a stop after so long has not left it: for as long most errors last."""
REASONS = (
    "unreadable", "future", "too_old", "inaccurate", "duplicate", "thinned", "teleporting", "repeated", "standing",
    "lone",
)  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """What a track may be.

    Parameters
    ----------
    worst_m
        Points with a larger reported accuracy go.
    fastest_m_s, noise_m
        Nobody moves faster, but for the noise of two points.
    gap_s
        A longer silence ends a piece.
    every_s
        Of each so many seconds one point is kept, by the clock, so that it does not matter where a batch begins.
    stop_m, stop_s
        Who stays within the first for the second has stood.
    clock_s
        So far a point may lie in the future.
    oldest_s
        So old a point may be.
    """

    worst_m: float = 50.0
    fastest_m_s: float = 15.0
    noise_m: float = 15.0
    gap_s: float = 120.0
    every_s: float = 5.0
    stop_m: float = 25.0
    stop_s: float = 300.0
    clock_s: float = 120.0
    oldest_s: float = 400 * 86400.0


ON_FOOT = Rules()
IN_A_CAR = Rules(fastest_m_s=45.0, noise_m=30.0, every_s=1.0, gap_s=900.0, stop_s=1e9)


@dataclass(frozen=True)
class Cleaned:
    """A track that can be matched.

    Parameters
    ----------
    points
        ``t`` (seconds), ``x``, ``y`` (metres of the city's CRS), ``accuracy_m`` (NaN where not reported), ``piece``,
        and ``row``, which of the points given each is. A stop is two points at one place.
    stops
        ``t_in``, ``t_out``, ``x``, ``y``, ``dwell_s``.
    reason
        Of each point given why it went, ``None`` where it stayed.
    """

    points: pd.DataFrame
    stops: pd.DataFrame
    reason: list[str | None]

    @property
    def dropped(self) -> dict[str, int]:
        """How many points went, by reason."""
        return dict(Counter(reason for reason in self.reason if reason))


def clean_track(points: pd.DataFrame, srid: int, as_of_s: float, rules: Rules = ON_FOOT) -> Cleaned:
    """Clean the points of one device, in whatever order they come.

    Parameters
    ----------
    points
        ``t`` (seconds since 1970), ``lon``, ``lat`` (EPSG:4326) and ``accuracy_m`` where it is reported; 0 is what
        receivers send that do not know it, and less than 0 what they send with a position that is none.
    srid
        The city's metric CRS.
    as_of_s
        Now.

    Raises
    ------
    InvalidInput
        When there are no points, or fewer than two are left.
    """
    if not len(points):
        raise InvalidInput("track_empty")
    lonlat, t, accuracy_m = lonlat_of(points), numbers_of(points, "t"), numbers_of(points, "accuracy_m")
    reason = _faults(lonlat, t, accuracy_m, as_of_s, rules)
    accuracy_m[accuracy_m == 0] = np.nan
    rows, xy = np.flatnonzero(reason == 0), np.full((len(t), 2), np.nan)
    xy[rows] = to_metres(lonlat[rows], srid)
    rows = rows[np.lexsort((accuracy_m[rows], xy[rows, 1], xy[rows, 0], t[rows]))]
    rows = _without(reason, rows, _same(xy[rows], t[rows]), "duplicate")
    # Before all that counts points: ten a second are judged as one a second is.
    rows = _without(
        reason, rows, np.append(False, np.diff(np.floor(t[rows] / rules.every_s)) == 0)[: len(rows)], "thinned"
    )
    kept, piece = _consistent(xy[rows], t[rows], rules.fastest_m_s, rules.noise_m, rules.gap_s)
    rows, piece = _without(reason, rows, ~kept, "teleporting"), piece[kept]
    stop = _stops(xy[rows], t[rows], piece, rules.stop_m, rules.stop_s)
    xy[rows] = _in_the_middle(xy[rows], stop)
    points_, stops = _gathered(*_resting(reason, rows, piece, stop, xy), xy, t, accuracy_m, rules, reason)
    cleaned = Cleaned(points_, stops, [REASONS[why - 1] if why else None for why in reason])
    if len(points_) < 2:
        told = ", ".join(f"{why} {count}" for why, count in cleaned.dropped.items())
        raise InvalidInput("track_too_short", found=len(t), left=len(points_), reasons=told)
    return cleaned


def _faults(lonlat: Floats, t: Floats, accuracy_m: Floats, as_of_s: float, rules: Rules) -> Ints:
    """What is wrong with each point by itself."""
    reason = np.zeros(len(t), np.int64)
    _because(reason, ~(readable(lonlat) & np.isfinite(t)), "unreadable")
    with np.errstate(invalid="ignore"):
        _because(reason, accuracy_m < 0, "unreadable")
        _because(reason, t > as_of_s + rules.clock_s, "future")
        _because(reason, t < as_of_s - rules.oldest_s, "too_old")
        _because(reason, accuracy_m > rules.worst_m, "inaccurate")
    return reason


def _because(reason: Ints, fault: Bools, why: str) -> None:
    reason[fault & (reason == 0)] = REASONS.index(why) + 1


def _without(reason: Ints, rows: Ints, fault: Bools, why: str) -> Ints:
    reason[rows[fault]] = REASONS.index(why) + 1
    return rows[~fault]


def _same(xy: Floats, t: Floats) -> Bools:
    """Which points are the one before once more."""
    return np.append(False, (np.diff(t) == 0) & (np.diff(xy, axis=0) == 0).all(axis=1))[: len(t)]


def _in_the_middle(xy: Floats, stop: Ints) -> Floats:
    """Points, those of a stop at the middle of them all."""
    held, many = stop >= 0, np.bincount(stop[stop >= 0])
    xy = xy.copy()
    for axis in (0, 1):
        xy[held, axis] = (np.bincount(stop[held], xy[held, axis]) / many)[stop[held]]
    return xy


def _resting(reason: Ints, rows: Ints, piece: Ints, stop: Ints, xy: Floats) -> tuple[Ints, Ints, Ints]:
    """Drop what a stop and a receiver without a new fix add."""
    place = np.append(False, (np.diff(xy[rows], axis=0) == 0).all(axis=1) & (np.diff(piece) == 0))[: len(rows)]
    repeated = place & (stop < 0)
    rest = _without(reason, rows, repeated, "repeated")
    piece, stop = piece[~repeated], stop[~repeated]
    edge = np.append(True, np.diff(stop) != 0)[: len(stop)] | np.append(np.diff(stop) != 0, True)[: len(stop)]
    inside = (stop >= 0) & ~edge
    return _without(reason, rest, inside, "standing"), piece[~inside], stop[~inside]


def _gathered(
    rows: Ints, piece: Ints, stop: Ints, xy: Floats, t: Floats, accuracy_m: Floats, rules: Rules, reason: Ints
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Points with their pieces, and stops as one place each."""
    frame = pd.DataFrame(
        {"t": t[rows], "x": xy[rows, 0], "y": xy[rows, 1], "accuracy_m": accuracy_m[rows], "row": rows, "stop": stop}
    )
    held = frame[frame["stop"] >= 0].groupby("stop")
    stops = held.agg(t_in=("t", "min"), t_out=("t", "max"), x=("x", "first"), y=("y", "first")).reset_index(drop=True)
    stops["dwell_s"] = stops["t_out"] - stops["t_in"]
    same_stop = (np.diff(stop) == 0) & (stop[1:] >= 0)
    broken = (np.diff(piece) != 0) | ((np.diff(t[rows]) > rules.gap_s) & ~same_stop)
    frame["piece"] = np.append(0, np.cumsum(broken))[: len(rows)]
    lone = frame.groupby("piece")["t"].transform("size").to_numpy() < 2
    reason[rows[lone]] = REASONS.index("lone") + 1
    return frame[~lone].drop(columns="stop").reset_index(drop=True), stops


@compiled
def _consistent(xy: Floats, t: Floats, fastest_m_s: float, noise_m: float, gap_s: float) -> tuple[Bools, Ints]:
    """The most points of which each can be reached from the one before; and where it is begun anew elsewhere.

    Returns
    -------
    kept, piece
        Whether each point is one of them, and how often it was begun anew before it.
    """
    size = len(t)
    most, before = np.ones(size), np.full(size, -1, np.int64)
    anew, best = np.zeros(size, np.bool_), -1
    for i in range(size):
        for j in range(i - 1, max(i - LOOK_BACK, 0) - 1, -1):
            apart_s = t[i] - t[j]
            far = np.hypot(xy[i, 0] - xy[j, 0], xy[i, 1] - xy[j, 1])
            reached = far <= fastest_m_s * apart_s + noise_m and (apart_s > 0.0 or far <= noise_m)
            if (reached or apart_s > gap_s) and most[j] + 1.0 > most[i]:
                most[i], before[i], anew[i] = most[j] + 1.0, j, not reached
        if best >= 0 and most[best] + 1.0 - RESTART > most[i]:
            most[i], before[i], anew[i] = most[best] + 1.0 - RESTART, best, True
        if best < 0 or most[i] > most[best]:
            best = i
    kept, piece = np.zeros(size, np.bool_), np.zeros(size, np.int64)
    at = best
    while at >= 0:
        kept[at] = True
        piece[at] = 1 if anew[at] else 0
        at = before[at]
    return kept, np.cumsum(piece)


@compiled
def _stops(xy: Floats, t: Floats, piece: Ints, stop_m: float, stop_s: float) -> Ints:
    """The stop each point is of, -1 for none: points that stay within ``stop_m`` of their middle, but for what bad
    reception does for a minute.
    """
    size, count = len(t), 0
    stop = np.full(size, -1, np.int64)
    first, close = 0, 0
    while first < size:
        close = max(close, first)
        while close + 1 < size and piece[close + 1] == piece[first]:
            close += 1
        if t[close] - t[first] < stop_s:  # what is left of the piece is too short, of a parked car's all of it
            first = close + 1
            continue
        x, y, last, many = xy[first, 0], xy[first, 1], first, 1
        while last < close:
            near = last + 1
            while near <= close and np.hypot(xy[near, 0] - x, xy[near, 1] - y) > stop_m:
                near = near + 1 if t[near] - t[last] <= AWAY_S else size
            if near > close:
                break
            last, many = near, many + 1
            x, y = x + (xy[last, 0] - x) / many, y + (xy[last, 1] - y) / many
        if t[last] - t[first] >= stop_s:
            stop[first : last + 1] = count
            count += 1
            first = last + 1
        else:
            first += 1
    return stop

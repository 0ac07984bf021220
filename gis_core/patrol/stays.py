"""Stays at places: made of comings and goings that may come in any order, and proved by positions."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis_core.arrays import Floats
from gis_core.errors import InvalidInput

LONGEST = dt.timedelta(hours=12)
"""Who left later than this after coming has left some other time."""
WORST_ACCURACY_M = 50.0
NEAR_END_S = 60
"""So close to coming and going the first and last position must be."""
LONGEST_GAP_S = 600
LEAST_WITHIN = 0.8
"""Share of the positions that must be at the place; the first and the last must be."""
FAR_M = 1e8

Stay = tuple[dt.datetime, dt.datetime | None]
"""When somebody came and left; ``None``: nobody told. Equal where only the leaving is known."""


def stays_with(stays: Iterable[Stay], event: str, at: dt.datetime) -> list[Stay]:
    """Stays of one person at one place with one more coming or going, in order of time.

    A going belongs to the coming that is next before it, if there was no other going between and it is not longer ago
    than :data:`LONGEST`; one without a coming waits for it. So the order in which they become known does not matter,
    and what is known already changes nothing.

    Parameters
    ----------
    event
        ``arrive`` or ``leave``.
    """
    stays = list(stays)
    known = {("leave", begun) if begun == ended else ("arrive", begun) for begun, ended in stays}
    known |= {("leave", ended) for _, ended in stays if ended is not None} | {(event, at)}
    # Who goes at the very instant of coming has only gone.
    kept = (one for one in known if one[0] == "leave" or ("leave", one[1]) not in known)
    return _paired(sorted(kept, key=lambda one: one[1]))


def _paired(events: Sequence[tuple[str, dt.datetime]]) -> list[Stay]:
    found: list[Stay] = []
    came: dt.datetime | None = None
    for event, at in events:
        if event == "arrive":
            found.append((at, None))
            came = at
        elif came is not None and at - came <= LONGEST:
            found[-1] = (came, at)
            came = None
        else:
            found.append((at, at))
            came = None
    return found


@dataclass(frozen=True)
class Positions:
    """Positions in order of time.

    Parameters
    ----------
    at_s
        Seconds since 1970.
    xy
        Metres, shape (n, 2).
    accuracy_m
        How far off each may be.
    """

    at_s: Floats
    xy: Floats
    accuracy_m: Floats


def check_positions(
    shape: shapely.Geometry, positions: Positions, begun_s: float, ended_s: float, fence_m: float
) -> None:
    """Refuse positions that do not prove a stay.

    Parameters
    ----------
    shape
        The place in the metric CRS of the positions.
    fence_m
        So far from it is still at it.

    Raises
    ------
    InvalidInput
        When one is too inaccurate, when they do not cover the stay from beginning to end, or were not at the place.
    """
    if (worst_m := float(positions.accuracy_m.max())) > WORST_ACCURACY_M:
        raise InvalidInput("fence_accuracy", field="positions", value=worst_m, expected=WORST_ACCURACY_M)
    gaps_s = np.diff(positions.at_s)
    ends_s = np.abs(positions.at_s[[0, -1]] - [begun_s, ended_s])
    if ends_s.max() > NEAR_END_S or (len(gaps_s) and gaps_s.max() > LONGEST_GAP_S):
        raise InvalidInput("fence_gaps", field="positions", value=NEAR_END_S, expected=LONGEST_GAP_S // 60)
    # Half way round the Earth a position has no metres in the city's CRS.
    far_m = shapely.distance(shape, shapely.points(np.where(np.isfinite(positions.xy), positions.xy, FAR_M)))
    within = far_m <= fence_m
    if not (within[0] and within[-1] and within.mean() >= LEAST_WITHIN):
        said = {"value": float(far_m.max()), "share": float(within.mean()), "expected": fence_m}
        raise InvalidInput("fence_outside", field="positions", **said)

"""Exact answers on doubles: the side of a line, and whether a polygon covers a point.

A determinant in double precision is trusted beyond its error bound (Shewchuk 1997); within it, the sum is
done again without rounding. A few points in a million come that far.
"""

import numpy as np

from gis_core.arrays import Floats
from gis_core.joins.compiled import Int32s, compiled

TRUSTED = 3.3306690738754716e-16
"""Share of its two products' sizes beyond which the sign of their difference is right."""
_SPLIT = 134217729.0


@compiled
def side_of(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Positive left of the line from a to b, negative right of it, zero on it: the sign is exact."""
    left, right = (ax - px) * (by - py), (ay - py) * (bx - px)
    turn = left - right
    if abs(turn) >= TRUSTED * (abs(left) + abs(right)):
        return turn
    return _exactly(ax, ay, bx, by, px, py)


@compiled
def _exactly(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """The largest part of the determinant as a sum of doubles that do not overlap."""
    parts, used = np.empty(12), 0
    for one, other in ((ax, by), (-ax, py), (-px, by), (-ay, bx), (ay, px), (py, bx)):
        product = one * other
        high, above = _SPLIT * one, _SPLIT * other
        high, above = high - (high - one), above - (above - other)
        low, below = one - high, other - above
        rest = low * below - (((product - high * above) - low * above) - high * below)
        used = _add(parts, used, rest)
        used = _add(parts, used, product)
    for at in range(used - 1, -1, -1):
        if parts[at] != 0.0:
            return parts[at]
    return 0.0


@compiled
def _add(parts: Floats, used: int, number: float) -> int:
    for at in range(used):
        total = number + parts[at]
        taken = total - number
        parts[at] = (number - (total - taken)) + (parts[at] - taken)
        number = total
    parts[used] = number
    return used + 1


@compiled
def on_segment(turn: float, ax: float, ay: float, bx: float, by: float, px: float, py: float) -> bool:
    """Whether a point whose ``side_of`` the line is ``turn`` lies between its ends."""
    return turn == 0.0 and min(ax, bx) <= px <= max(ax, bx) and min(ay, by) <= py <= max(ay, by)


@compiled
def covers(xy: Floats, owner: Int32s, first: int, end: int, x: float, y: float) -> bool:
    """Whether the polygon of the vertices from ``first`` to before ``end`` covers a point, boundary included."""
    inside = False
    for edge in range(first, end):
        ax, ay = xy[edge, 0], xy[edge, 1]
        if owner[edge] < 0:
            continue
        bx, by = xy[edge + 1, 0], xy[edge + 1, 1]
        if (ay > y) != (by > y):
            if x > ax and x > bx:
                continue
            turn = side_of(ax, ay, bx, by, x, y)
            if turn == 0.0:
                return True
            if (turn > 0.0) == (by > ay):
                inside = not inside
        elif (ax == x and ay == y) or (ay == y and by == y and min(ax, bx) <= x <= max(ax, bx)):
            return True
    return inside


@compiled
def clipped(ax: float, ay: float, bx: float, by: float, reach: float) -> tuple[float, float, float, float]:
    """The part of a segment within ``reach`` of the origin in both directions; all of it where none is."""
    start, end = 0.0, 1.0
    dx, dy = bx - ax, by - ay
    for at, step in ((ax, dx), (ay, dy)):
        if step != 0.0:
            one, other = (-reach - at) / step, (reach - at) / step
            start, end = max(start, min(one, other)), min(end, max(one, other))
    if start >= end:
        return ax, ay, bx, by
    cx, cy = (ax + start * dx, ay + start * dy) if start > 0.0 else (ax, ay)
    if end < 1.0:
        bx, by = ax + end * dx, ay + end * dy
    return cx, cy, bx, by

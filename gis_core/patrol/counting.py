"""Which visits of a place count: the most that can, whatever the order in which they became known."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gis_core.patrol.rules import Quota

MOST_WAYS = 2_000
"""Ways to choose that are followed at once. Four visits by four bodies need some hundred; where a city asks for more
than these can tell apart, the most promising are followed.
"""
REASONS = ("outside", "open", "short", "soon", "body", "enough")
"""Why a visit does not count: it is of another period; it is not over, or nobody told when it ended; it was shorter
than the dwell; it was nearer than the spacing to one that counts; its body has been there already; there are enough.
"""


@dataclass(frozen=True)
class Visit:
    """Somebody's stay at a place.

    Parameters
    ----------
    arrived_s, left_s
        Seconds since 1970; ``left_s`` is ``None`` as long as nobody told.
    body
        Party that they belong to; all who belong to none are one body.
    """

    arrived_s: float
    left_s: float | None
    body: str | None


@dataclass(frozen=True)
class _Way:
    last_s: float
    rows: tuple[int, ...]


_Key = tuple[frozenset[str | None], int, int]
"""Bodies that come again which have come, how many others came, and how many visits are by a body that came before."""


def reasons_of(quota: Quota, visits: Sequence[Visit], begin_s: float, end_s: float, now_s: float) -> list[str | None]:
    """Why each visit does not count for a quota, ``None`` where it does.

    Visits count that are at least the spacing apart, from arrival to arrival, and of them as many by a body that has
    been there already as leave room for the bodies that are still to come. Whatever fills the quota is taken; where
    nothing does, the choice with most visits, then most bodies, then the earliest. One more visit never makes it fewer.

    Parameters
    ----------
    begin_s, end_s
        The period, half-open; a visit belongs to the one in which it begins.
    now_s
        What was later has not happened.
    """
    found: list[str | None] = [_unfit(quota, one, begin_s, end_s, now_s) for one in visits]
    fit = sorted((row for row, why in enumerate(found) if why is None), key=lambda row: _order(visits[row], row))
    chosen = [fit[place] for place in _most(quota, [visits[row] for row in fit])]
    for row in set(fit) - set(chosen):
        found[row] = _left_out(quota, visits[row], [visits[one] for one in chosen])
    return found


def _unfit(quota: Quota, visit: Visit, begin_s: float, end_s: float, now_s: float) -> str | None:
    if not begin_s <= visit.arrived_s < end_s:
        return "outside"
    if visit.left_s is None or visit.left_s > now_s:
        return "open"
    return "short" if visit.left_s - visit.arrived_s < 60 * quota.dwell_min else None


def _order(visit: Visit, row: int) -> tuple[float, str, float, int]:
    return visit.arrived_s, visit.body or "", visit.left_s or 0.0, row


def _most(quota: Quota, visits: Sequence[Visit]) -> tuple[int, ...]:
    """Positions of the visits that count, of visits in order of time."""
    # One body is as good as another where one is enough.
    bodies = [one.body if quota.bodies > 1 else "" for one in visits]
    first = _first(quota, visits, bodies)
    return first if len(first) == quota.visits else _best(quota, visits, bodies)


def _first(quota: Quota, visits: Sequence[Visit], bodies: Sequence[str | None]) -> tuple[int, ...]:
    """Whatever counts, in order of time: mostly it fills the quota, and nothing else need be tried."""
    rows: list[int] = []
    came: set[str | None] = set()
    for row, (visit, body) in enumerate(zip(visits, bodies, strict=True)):
        apart = not rows or visit.arrived_s - visits[rows[-1]].arrived_s >= 60 * quota.spacing_min
        if apart and (body not in came or len(rows) - len(came) < quota.visits - quota.bodies):
            rows.append(row)
            came.add(body)
            if len(rows) == quota.visits:
                break
    return tuple(rows)


def _best(quota: Quota, visits: Sequence[Visit], bodies: Sequence[str | None]) -> tuple[int, ...]:
    """Every choice tried, as far as they differ in what can still come."""
    again = frozenset(body for body, count in Counter(bodies).items() if count > 1)
    room = quota.visits - quota.bodies
    ways: dict[_Key, _Way] = {(frozenset(), 0, 0): _Way(float("-inf"), ())}
    for row, (visit, body) in enumerate(zip(visits, bodies, strict=True)):
        for key, way in list(ways.items()):
            came, others, repeats = key
            if visit.arrived_s - way.last_s < 60 * quota.spacing_min or (body in came and repeats >= room):
                continue
            if body in came:
                reached: _Key = (came, others, repeats + 1)
            else:
                reached = (came | {body}, others, repeats) if body in again else (came, others + 1, repeats)
            # Whoever reached the same before ended earlier, and leaves more room.
            ways.setdefault(reached, _Way(visit.arrived_s, (*way.rows, row)))
            if len(way.rows) + 1 == quota.visits:
                return ways[reached].rows
        ways = _promising(ways)
    return max(ways.items(), key=_worth)[1].rows


def _promising(ways: dict[_Key, _Way]) -> dict[_Key, _Way]:
    if len(ways) <= MOST_WAYS:
        return ways
    return dict(sorted(ways.items(), key=_worth, reverse=True)[:MOST_WAYS])


def _worth(item: tuple[_Key, _Way]) -> tuple[int, int, float]:
    (came, others, _), way = item
    return len(way.rows), len(came) + others, -way.last_s


def _left_out(quota: Quota, visit: Visit, chosen: Sequence[Visit]) -> str:
    if any(abs(visit.arrived_s - one.arrived_s) < 60 * quota.spacing_min for one in chosen):
        return "soon"
    return "enough" if len(chosen) == quota.visits else "body"

"""A plan held against what was walked: lanes and stops that were done, when, and what was walked beside the plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Floats, codes_of
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.painting import FRESH_SHARE, IS_SURE
from gis_core.patrol.stays import Positions
from gis_core.planning.plan import Plan, Route
from gis_core.planning.tasks import Day, Lane, Stop, Task

TRACK, CHECK_IN, MARK = PROOFS = ("track", "check_in", "mark")
VISITS = ("code", "patroller", "proof", "arrived_s")
LONGEST_GAP_S = 120.0
"""Who was not seen for longer at a place did not stand there meanwhile, as far as is known."""
LEAST_EXTRA_M = 20.0
"""Shorter streets that were passed are corners that were cut, not detours."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What became of a task.

    Parameters
    ----------
    code
        Of the task.
    done
        Whether it was walked, or its place visited.
    share
        Of a lane: the share that was surely walked; of a stop 1 or 0.
    proof
        One of :data:`PROOFS`, or None.
    at_s
        When it was begun, seconds since the day's midnight, as far as it is known.
    late_s
        So long after the plan's time; negative: early.
    """

    code: str
    done: bool
    share: float
    proof: str | None = None
    at_s: float | None = None
    late_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Walked:
    """What one patroller did of a route, in its order, and beside it.

    Parameters
    ----------
    patroller
        Name of the account.
    tasks
        One a task of the route.
    extra
        Positions of the edges that were walked and are neither lanes of the route nor on its ways.
    extra_m
        Their length.
    seen
        Whether any track of the day came in; without, nothing that only tracks prove is known.
    """

    patroller: str
    tasks: tuple[Kept, ...]
    extra: tuple[int, ...]
    extra_m: float
    seen: bool


def walked(
    day: Day, plan: Plan, log: PatrolLog, visits: pd.DataFrame, positions: Mapping[str, Positions], midnight_s: float,
    *, until_s: float, fence_m: float, dwell_s: float,
) -> list[Walked]:  # fmt: skip
    """Hold a plan against its day.

    A lane is walked when at least four fifths of it were surely passed by its own patroller, the share by which the
    product calls a segment fresh. A stop is visited when they checked in or marked it done, or when their track stood
    within ``fence_m`` of it for its service time, ``dwell_s`` at most.

    Parameters
    ----------
    log
        Passes on the network that the plan's edges are of; carriers are names of accounts.
    visits
        Columns :data:`VISITS`: check-ins and marks by code of the task, seconds since 1970.
    positions
        Of tracks by patroller, metres of the network's CRS.
    midnight_s, until_s
        When the day begins and ends, seconds since 1970.
    fence_m, dwell_s
        So near, and so long at most, is a visit.
    """
    tasks = {task.code: task for task in day.tasks}
    rows = {
        who: part.sort_values("arrived_s", kind="stable") for who, part in visits.groupby("patroller", sort=False)
    }  # fmt: skip
    return [
        _route(
            route, tasks, log, rows.get(route.patroller), positions.get(route.patroller), (midnight_s, until_s),
            (fence_m, dwell_s),
        )
        for route in plan.routes
    ]  # fmt: skip


def _route(
    route: Route, tasks: Mapping[str, Task], log: PatrolLog, visits: pd.DataFrame | None,
    positions: Positions | None, window: tuple[float, float], rule: tuple[float, float],
) -> Walked:  # fmt: skip
    share = log.within(*window, [route.patroller]).share
    begun = _begun(log, window, route.patroller)
    found: dict[str, Kept] = {}
    for step in route.steps:
        task = tasks.get(step.code)
        if task is None or task.code in found:
            continue
        if isinstance(task, Lane):
            done = bool(share[task.edge] >= FRESH_SHARE)
            at_s, proof = begun.get(task.edge), TRACK if done else None
            part = float(share[task.edge])
        else:
            at_s, proof = _visited(task, visits, positions, rule) if isinstance(task, Stop) else (None, None)
            done, part = proof is not None, float(proof is not None)
        since_s = None if at_s is None or not done else at_s - window[0]
        late_s = None if since_s is None else since_s - step.begin_s
        found[task.code] = Kept(code=task.code, done=done, share=part, proof=proof, at_s=since_s, late_s=late_s)
    extra = _extra(route, tasks, share, log.network.length_m)
    return Walked(
        patroller=route.patroller, tasks=tuple(found.values()), extra=tuple(np.flatnonzero(extra).tolist()),
        extra_m=float(log.network.length_m[extra].sum()), seen=positions is not None or bool(begun),
    )  # fmt: skip


def _begun(log: PatrolLog, window: tuple[float, float], patroller: str) -> dict[int, float]:
    """When each edge was first surely passed."""
    if patroller not in log.carriers:
        return {}
    number = log.carriers.index(patroller)
    found: dict[int, float] = {}
    for part in log.days(*window):
        t_in = np.asarray(part.t_in, np.float64)
        sure = (np.asarray(part.says) & IS_SURE) > 0
        chosen = (part.carrier == number) & sure & (t_in >= window[0]) & (t_in < window[1])
        for edge, at_s in zip(part.edge[chosen].tolist(), t_in[chosen].tolist(), strict=True):
            found[edge] = min(at_s, found.get(edge, np.inf))
    return found


def _visited(
    stop: Stop, visits: pd.DataFrame | None, positions: Positions | None, rule: tuple[float, float]
) -> tuple[float | None, str | None]:
    """When a stop was visited, and what proves it: who told it at the place before who only passed."""
    if visits is not None:
        mine = visits[codes_of(visits, "code") == stop.code]
        for proof in (CHECK_IN, MARK):
            told = mine[codes_of(mine, "proof") == proof]
            if len(told):
                return float(told["arrived_s"].iloc[0]), proof
    stood = None if positions is None else _stood(stop, positions, *rule)
    return (None, None) if stood is None else (stood, TRACK)


def _stood(stop: Stop, positions: Positions, fence_m: float, dwell_s: float) -> float | None:
    """When a track first stood at a stop for long enough."""
    near: Bools = np.hypot(*(positions.xy - [stop.x, stop.y]).T) <= fence_m
    at_s: Floats = positions.at_s
    fresh = np.append(True, (~near[:-1] & near[1:]) | (np.diff(at_s) > LONGEST_GAP_S)) if len(near) else near
    group = np.cumsum(fresh)
    least_s = min(stop.service_s, dwell_s)
    for one in np.unique(group[near]):
        stay = at_s[near & (group == one)]
        if stay[-1] - stay[0] >= least_s:
            return float(stay[0])
    return None


def _extra(route: Route, tasks: Mapping[str, Task], share: Floats, length_m: Floats) -> Bools:
    """Edges that were walked and are nowhere on the route."""
    planned = [edge for step in route.steps for edge in step.edges]
    planned += [task.edge for task in (tasks.get(step.code) for step in route.steps) if isinstance(task, Lane)]
    extra: Bools = (share >= FRESH_SHARE) & (length_m >= LEAST_EXTRA_M)
    extra[np.asarray(planned, np.int64)] = False
    return extra


def missed(found: Sequence[Walked], patroller: str) -> list[str]:
    """Codes of the tasks that somebody had and did not do; nothing where nothing of their day is known."""
    own = [one for one in found if one.patroller == patroller]
    known = [one for one in own if one.seen or any(task.done for task in one.tasks)]
    return [task.code for one in known for task in one.tasks if not task.done]

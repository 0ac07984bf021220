"""What is told of a day before anybody searches for a plan: what cannot be, and the least that would help."""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
from scipy.spatial import cKDTree

from gis_core.arrays import Floats
from gis_core.errors import InvalidInput
from gis_core.planning.board import Board, clock, lane_s
from gis_core.planning.dropping import Asked
from gis_core.planning.openings import opened
from gis_core.planning.placing import able
from gis_core.planning.tasks import DAY_S, SPEEDS_MPS, Day, Lane, Patroller, Reason, Stop, Task
from gis_core.routing.matrices import Ways
from gis_core.routing.snapping import OFF

MOST_SEED = 2**32 - 1
"""What a seed of the search can be at most."""
MOST_PLACES = 6_000
"""Of so many places the ways of one mover take 600 MB."""
MOST_WORK = 5.0
"""Work for so many times the people that are there is refused: choosing among so much is not planning a day."""


def tell_before(day: Day, ways: Mapping[str, Ways], *, now_s: int = 0) -> tuple[Reason, ...]:
    """Everything about a day that will keep tasks out of its plan.

    Parameters
    ----------
    day
        What is to be done and by whom.
    ways
        Of each mover that somebody is.
    now_s
        Seconds since midnight; what lies before is past.

    Returns
    -------
    reasons
        ``plan_off_network`` (``code``, ``away_m``), ``plan_window_past``, ``plan_window_outside``, ``plan_must`` (a
        task that must be done and cannot, with ``why``), ``plan_much`` (more work than time, and the least that helps).

    Raises
    ------
    InvalidInput
        What :func:`refuse` and :func:`refuse_many` refuse.
    """
    refuse(day)
    refuse_many(day)
    return (*_off(day, ways), *_windows(day, now_s), *_musts(day, ways, now_s), *_much(day))


def refuse(day: Day) -> None:
    """Refuse what no plan can be made for.

    Raises
    ------
    InvalidInput
        Nobody is there; a shift, break, place or seed that cannot be; a code twice or none; no day's work by far.
    """
    if not day.patrollers:
        raise InvalidInput("plan_nobody", field="patrollers", value=0, expected=1)
    if not 0 <= day.seed <= MOST_SEED:
        raise InvalidInput("plan_seed", field="seed", value=day.seed, expected=f"0 – {MOST_SEED}")
    for what, codes in (("tasks", day.tasks), ("patrollers", day.patrollers)):
        if not all(one.code for one in codes):
            raise InvalidInput("plan_unnamed", field=what, value="")
        code, count = Counter(one.code for one in codes).most_common(1)[0] if codes else ("", 0)
        if count > 1:
            raise InvalidInput("plan_code", field=what, value=code, expected=1)
    for who in day.patrollers:
        _refuse_shift(who)
    for task in day.tasks:
        _refuse_task(task)
    work_s, time_s = work(day).sum(), available_s(day)
    if work_s > MOST_WORK * time_s:
        raise InvalidInput("plan_too_much", field="tasks", value=len(day.tasks), **relaxation(day, MOST_WORK))


def refuse_many(day: Day) -> None:
    """Refuse a day whose ways, from each place to each, nobody has room for.

    Raises
    ------
    InvalidInput
        With how many places there are: a stop is one, a lane two, and so is a patroller.
    """
    places = len(day.stops) + 2 * (len(day.lanes) + len(day.patrollers))
    if places > MOST_PLACES:
        raise InvalidInput("plan_many", field="tasks", value=places, expected=MOST_PLACES)


def _refuse_task(task: Task) -> None:
    if isinstance(task, Stop) and not (task.service_s >= 0 and math.isfinite(task.x) and math.isfinite(task.y)):
        raise InvalidInput("plan_stop", field="stop", code=task.code, value=task.service_s)
    if math.isnan(task.prize):
        raise InvalidInput("plan_prize", field="prize", code=task.code, value=task.prize)
    if any(not 0 <= begin <= end for begin, end in task.windows):
        raise InvalidInput("plan_window", field="windows", code=task.code, value=task.windows)


def _refuse_shift(who: Patroller) -> None:
    begin, end = who.shift
    if not 0 <= begin < end <= 2 * DAY_S:
        raise InvalidInput("plan_shift", field="shift", patroller=who.code, begin=clock(begin), end=clock(end))
    if not all(math.isfinite(value) for place in (who.start, who.end or who.start) for value in place):
        raise InvalidInput("plan_place", field="start", value=who.code)
    free, paused_s = begin, sum(pause.length_s for pause in who.breaks)
    for pause in who.breaks:
        free = max(free, pause.earliest_s) + pause.length_s
        # Breaks that are the whole shift leave nobody to plan for.
        begun_late = free - pause.length_s > pause.latest_s
        if pause.length_s < 0 or begun_late or free > end or paused_s >= end - begin:
            value = f"{pause.length_s // 60} min, {clock(pause.earliest_s)}–{clock(pause.latest_s)}"
            raise InvalidInput(
                "plan_break", field="breaks", patroller=who.code, value=value, begin=clock(begin), end=clock(end)
            )


def available_s(day: Day) -> int:
    """Seconds that all patrollers have, breaks left out."""
    return sum(who.shift[1] - who.shift[0] - sum(pause.length_s for pause in who.breaks) for who in day.patrollers)


def work(day: Day) -> Floats:
    """Seconds that each task takes at least: what is done there, and the straight way from the nearest other place.

    No plan takes less: to each task leads a way from somewhere else.
    """
    movers = sorted({who.mover for who in day.patrollers}, key=lambda mover: SPEEDS_MPS[mover])
    there = [min(_service_s(task, mover) for mover in movers) for task in day.tasks]
    # A lane's ends are not known here; what is walked in it is, and from one lane to the next may be no way at all.
    places = [(stop.x, stop.y) for stop in day.stops]
    ends = [xy for who in day.patrollers for xy in (who.start, who.end or who.start)]
    way = np.zeros(len(day.tasks))
    if places and not day.lanes:
        near, _ = cKDTree(places + ends).query(places, k=2)
        way[: len(places)] = near[:, 1] / SPEEDS_MPS[movers[-1]]
    return np.asarray(there, np.float64) + way


def _service_s(task: Task, mover: str) -> int:
    if isinstance(task, Lane):
        return lane_s(task.length_m, mover) * (1 + task.both_sides)
    return task.service_s if isinstance(task, Stop) else 0


def relaxation(day: Day, times: float = 1.0) -> dict[str, object]:
    """The least that makes the work of a day not more than ``times`` what its people have time for: ``people`` more, or
    ``fewer`` tasks, or ``hours`` more for each; ``needed_h`` and ``time_h`` are what is compared.
    """
    each, time_s = work(day), float(available_s(day))
    over_s = float(each.sum()) - times * time_s
    one_s = time_s / len(day.patrollers)
    gone = np.cumsum(np.sort(each)[::-1])
    return {
        "people": math.ceil(over_s / times / one_s - 1e-9),
        "fewer": int(np.searchsorted(gone, over_s - 1e-6) + 1),
        "hours": math.ceil(over_s / times / len(day.patrollers) / 360.0 - 1e-9) / 10.0,
        "needed_h": round(float(each.sum()) / 3_600.0, 1),
        "time_h": round(time_s / 3_600.0, 1),
        "there": len(day.patrollers),
    }


def _much(day: Day) -> list[Reason]:
    if work(day).sum() <= available_s(day):
        return []
    return [Reason("plan_much", {"tasks": len(day.tasks), **relaxation(day)})]


def _off(day: Day, ways: Mapping[str, Ways]) -> list[Reason]:
    """Places that are too far from every street for everybody."""
    named = [(who.code, who.start) for who in day.patrollers]
    named += [(who.code, who.end) for who in day.patrollers if who.end]
    named += [(stop.code, (stop.x, stop.y)) for stop in day.stops]
    xy = np.array([place for _, place in named], np.float64)
    spots = [some.spots(xy) for some in ways.values()]
    off = np.all([some.edge == OFF for some in spots], axis=0)
    away_m = np.min([some.off_m for some in spots], axis=0)
    return [
        Reason("plan_off_network", {"code": code, "away_m": round(float(away), 1)})
        for (code, _), is_off, away in zip(named, off, away_m, strict=True)
        if is_off
    ]


def _windows(day: Day, now_s: int) -> list[Reason]:
    """Tasks whose windows are all over, or open when nobody is out."""
    first, last = min(who.shift[0] for who in day.patrollers), max(who.shift[1] for who in day.patrollers)
    told = []
    for task in day.tasks:
        shown = ", ".join(f"{clock(begin)}–{clock(end)}" for begin, end in task.windows)
        if task.windows and all(end < now_s for _, end in task.windows):
            told.append(Reason("plan_window_past", {"code": task.code, "windows": shown, "now": clock(now_s)}))
        elif task.windows and not any(
            begin < who.shift[1] and end >= who.shift[0] for begin, end in task.windows for who in day.patrollers
        ):
            params = {"code": task.code, "windows": shown, "begin": clock(first), "end": clock(last)}
            told.append(Reason("plan_window_outside", params))
    return told


def _musts(day: Day, ways: Mapping[str, Ways], now_s: int) -> list[Reason]:
    """Tasks that must be done, and that nobody can do even with nothing else to do."""
    board = Board(day, ways)
    drafts = opened(board, None, now_s)
    for mover in ways:
        ends = range(2 * len(day.patrollers))
        musts = {
            point
            for task, known in enumerate(day.tasks)
            if known.must
            for unit in board.units(task, mover)
            for choice in unit
            for point in (choice.into, choice.out)
        }
        board.fill(mover, ends, musts)
        board.fill(mover, musts, ends)
    told = []
    for task, known in enumerate(day.tasks):
        if known.must and not any(able(board, draft, task) for draft in drafts):
            reason = Asked(board, tuple(drafts)).why(task).reason
            told.append(Reason("plan_must", {"code": known.code, "why": reason.key, **reason.params}))
    return told

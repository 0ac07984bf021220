"""No more tasks are proposed than people can be asked to choose among: the worthiest of each are kept."""

from dataclasses import replace

import numpy as np

from gis_core.arrays import Ints
from gis_core.planning.plan import Dropped
from gis_core.planning.tasks import LANE_MPS, Day, Lane, Reason, Stop, Task

WORK = 3.0
"""So many times what is left of a shift is proposed to each at most."""


def limited(day: Day, most: int) -> tuple[Day, list[Dropped]]:
    """The day with so many tasks a patroller at most, and what is left.

    What must be done comes first, then what is worth most, and of equals the smaller code. Each is proposed to whoever
    may and can do it and has been proposed least; who has been proposed as many as ``most``, or three times the
    work of the shift, is proposed no more. What nobody may or can do is left.
    """
    time_s = [
        WORK * (who.shift[1] - who.shift[0] - sum(pause.length_s for pause in who.breaks)) for who in day.patrollers
    ]
    has_s, has = np.zeros(len(time_s)), np.zeros(len(time_s), np.int64)
    kept, left = set[str](), list[Dropped]()
    able: dict[tuple[str | None, frozenset[str]], Ints] = {}
    for task in sorted(day.tasks, key=lambda one: (not one.must, -one.prize, one.code)):
        like = (task.area, task.skills)
        if like not in able:
            able[like] = np.array([at for at, who in enumerate(day.patrollers) if day.fits(task, who)], np.int64)
        who = able[like]
        if not len(who):
            left.append(Dropped(code=task.code, reason=Reason("proposal_nobody", _lacking(task))))
            continue
        needs_s = [_service_s(task, day.patrollers[at].mover) for at in who]
        room = np.flatnonzero((has[who] < most) & (has_s[who] + needs_s <= np.array(time_s)[who]))
        if len(room) or task.must:
            at = room[np.argmin(has[who[room]])] if len(room) else np.argmin(has[who])
            has[who[at]] += 1
            has_s[who[at]] += needs_s[at]
            kept.add(task.code)
        else:
            left.append(
                Dropped(code=task.code, reason=Reason("proposal_most", {"points": int(task.prize), "most": most}))
            )
    stops = tuple(stop for stop in day.stops if stop.code in kept)
    return replace(day, stops=stops, lanes=tuple(lane for lane in day.lanes if lane.code in kept)), left


def _lacking(task: Task) -> dict[str, object]:
    return {"area": task.area or "–", "skills": ", ".join(sorted(task.skills)) or "–"}


def _service_s(task: Task, mover: str) -> float:
    if isinstance(task, Lane):
        return task.length_m / LANE_MPS[mover] * (1 + task.both_sides)
    return float(task.service_s) if isinstance(task, Stop) else 0.0

"""A plan as far as it can be changed, and what became of it, told to people."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gis_core.errors import InvalidInput
from gis_core.planning.board import NEVER_S, Board, clock
from gis_core.planning.openings import opened
from gis_core.planning.plan import Dropped, Plan
from gis_core.planning.tasks import Day, Reason
from gis_core.planning.timing import Draft
from gis_core.planning.writing import rewritten
from gis_core.routing.matrices import Ways

NOTICED_S = 60
"""Who comes so much earlier or later is told about it."""


class Adjusted(NamedTuple):
    """A changed plan, the day that it answers, and what is different for whom."""

    day: Day
    plan: Plan
    told: tuple[Reason, ...]


class Open(NamedTuple):
    """A plan as far as it can be changed."""

    board: Board
    plan: Plan
    drafts: tuple[Draft, ...]

    @classmethod
    def of(cls, day: Day, plan: Plan, ways: Mapping[str, Ways], now_s: int) -> "Open":
        """What is open of a plan at a moment."""
        board = Board(day, ways)
        return cls(board, plan, tuple(opened(board, plan, now_s)))

    def done(self, changed: Mapping[int, Draft], dropped: Sequence[Dropped] = ()) -> Adjusted:
        """The plan with some drafts in place of others, unless somebody would come too late."""
        for draft in changed.values():
            refuse_late(draft)
        plan = rewritten(self.board, self.plan, changed, dropped)
        return Adjusted(self.board.day, plan, consequences(self.plan, plan))

    def who(self, patroller: str) -> int:
        """Position of a patroller."""
        codes = [who.code for who in self.board.day.patrollers]
        if patroller not in codes:
            raise InvalidInput("plan_patroller", field="patroller", value=patroller, expected=", ".join(codes))
        return codes.index(patroller)

    def holders(self, code: str) -> tuple[list[int], int]:
        """Who holds a task that can still be moved, two where they share the sides of a lane; and its position among
        the day's.
        """
        task = self.board.position.get(code, -1)
        held = [at for at, draft in enumerate(self.drafts) if any(choice.task == task for choice in draft.choices)]
        if any(choice.locked for at in held for choice in self.drafts[at].choices if choice.task == task):
            raise InvalidInput("plan_locked", field="code", value=code)
        if not held:
            raise InvalidInput("plan_task", field="code", value=code)
        return held, task


def refuse_late(draft: Draft) -> None:
    """Refuse a draft that does not fit.

    Raises
    ------
    InvalidInput
        With what comes too late first, a task, a ``break`` or the ``end``, and by how many seconds.
    """
    patroller = draft.board.day.patrollers[draft.who].code
    if draft.over and draft.choices:
        raise InvalidInput("plan_over", field="patroller", value=patroller)
    if draft.fits:
        return
    value, late_s = "break", 0
    for at, choice in enumerate(draft.choices):
        if min(draft.earliest[at + 1]) >= NEVER_S:
            arrive_s = min(draft.earliest[at]) + draft.legs[at]
            value = draft.board.tasks[choice.task].code
            late_s = arrive_s - max(end for _, end in choice.windows)
            break
    else:
        if draft.back_s < NEVER_S:
            value, late_s = "end", draft.back_s - draft.until_s
    raise InvalidInput("plan_late", field="plan", patroller=patroller, value=value, late_s=late_s)


def consequences(before: Plan, after: Plan) -> tuple[Reason, ...]:
    """What is different for whom.

    Returns
    -------
    reasons
        ``changed_added``, ``changed_given`` and ``changed_moved`` of tasks, ``changed_left_out``, and ``changed_back``
        of patrollers; by route and step.
    """
    was, told = _begins(before), []
    for code, (patroller, begin_s) in _begins(after).items():
        if code not in was:
            told.append(Reason("changed_added", {"code": code, "patroller": patroller, "now": clock(begin_s)}))
            continue
        giver, then_s = was[code]
        if giver != patroller:
            params = {"code": code, "before": giver, "patroller": patroller, "now": clock(begin_s)}
            told.append(Reason("changed_given", params))
        elif abs(begin_s - then_s) >= NOTICED_S:
            told.append(Reason("changed_moved", {"code": code, "before": clock(then_s), "now": clock(begin_s)}))
    told += [Reason("changed_left_out", {"code": code}) for code in was if code not in after.done]
    backs = {route.patroller: route.steps[-1].leave_s for route in before.routes}
    for route in after.routes:
        back_s, then_s = route.steps[-1].leave_s, backs.get(route.patroller, route.steps[-1].leave_s)
        if abs(back_s - then_s) >= NOTICED_S:
            params = {"patroller": route.patroller, "before": clock(then_s), "now": clock(back_s)}
            told.append(Reason("changed_back", params))
    return tuple(told)


def _begins(plan: Plan) -> dict[str, tuple[str, int]]:
    """Of each task who does it, and when it begins."""
    found: dict[str, tuple[str, int]] = {}
    for route in plan.routes:
        for step in route.steps:
            if step.code:
                found.setdefault(step.code, (route.patroller, step.begin_s))
    return found

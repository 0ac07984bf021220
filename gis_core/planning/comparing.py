"""Two plans held against each other: who gains and loses which tasks, metres and value."""

from dataclasses import dataclass

from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Day


@dataclass(frozen=True, kw_only=True)
class Side:
    """What one plan comes to for somebody, or for all: tasks, points of their prizes, legs and seconds."""

    tasks: int
    value: float
    walked_m: float
    lasts_s: int


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Somebody in two plans; ``patroller`` is empty of all together."""

    patroller: str
    before: Side
    after: Side
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def compare(day: Day, plan: Plan, other_day: Day, other: Plan) -> list[Difference]:
    """What is different in another plan, of all together first and then by patroller, by name."""
    people = sorted({route.patroller for one in (plan, other) for route in one.routes})
    prizes = {task.code: task.prize for task in day.tasks} | {task.code: task.prize for task in other_day.tasks}
    return [_difference(plan, other, who, prizes) for who in (None, *people)]


def _difference(plan: Plan, other: Plan, who: str | None, prizes: dict[str, float]) -> Difference:
    had, has = _codes(plan, who), _codes(other, who)
    return Difference(
        patroller=who or "", before=_side(plan, who, prizes), after=_side(other, who, prizes),
        gained=tuple(code for code in has if code not in had), lost=tuple(code for code in had if code not in has),
    )  # fmt: skip


def _codes(plan: Plan, who: str | None) -> dict[str, None]:
    """Tasks on somebody's route, in order, each once."""
    routes = [route for route in plan.routes if who in (None, route.patroller)]
    return dict.fromkeys(step.code for route in routes for step in route.steps if step.code)


def _side(plan: Plan, who: str | None, prizes: dict[str, float]) -> Side:
    codes = _codes(plan, who)
    routes = [route for route in plan.routes if who in (None, route.patroller)]
    return Side(
        tasks=len(codes), value=round(sum(prizes.get(code, 0.0) for code in codes), 2),
        walked_m=round(sum(route.walked_m for route in routes), 2), lasts_s=sum(route.lasts_s for route in routes),
    )  # fmt: skip

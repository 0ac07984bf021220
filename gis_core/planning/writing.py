"""A plan written down: times, ways with their edges, and what is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gis_core.planning.board import Board
from gis_core.planning.dropping import dropped
from gis_core.planning.plan import Dropped, Plan, Route, Step
from gis_core.planning.timing import Draft


def written(
    board: Board, drafts: Sequence[Draft], *, seed: int, iterations: int, bound: Mapping[str, float] | None = None
) -> Plan:
    """The plan of some drafts, one a patroller, all of which fit."""
    routes = [draft.steps() for draft in drafts]
    _look_up(board, drafts)
    told = tuple(
        Route(patroller=board.day.patrollers[draft.who].code, steps=_with_edges(board, draft, steps))
        for draft, steps in zip(drafts, routes, strict=True)
    )
    left = dropped(board, drafts)
    return Plan(routes=told, dropped=left, seed=seed, iterations=iterations, bound=bound or {})


def rewritten(board: Board, plan: Plan, changed: Mapping[int, Draft], dropped: Sequence[Dropped] = ()) -> Plan:
    """A plan with some drafts, by patroller, in place of their routes.

    What is left out and why stays as it was found when the plan was made, except for what was put in and for what is
    ``dropped`` now.
    """
    _look_up(board, list(changed.values()))
    was = {route.patroller: route for route in plan.routes}
    routes = []
    for at, who in enumerate(board.day.patrollers):
        if at in changed:
            steps = _with_edges(board, changed[at], changed[at].steps())
            routes.append(Route(patroller=who.code, steps=steps))
        else:
            routes.append(was[who.code])
    after = replace(plan, routes=tuple(routes), dropped=())
    left = {one.code: one for one in (*plan.dropped, *dropped)}
    told = tuple(left[task.code] for task in board.tasks if task.code in left and task.code not in after.done)
    return replace(after, dropped=told, bound={})


def _pairs(draft: Draft) -> list[tuple[str, int, int]]:
    """The ways that a draft takes, as far as it can still be changed."""
    if draft.over or draft.idle:
        return []
    return [(draft.mover, *draft.around(gap)) for gap in range(len(draft.choices) + 1)]


def _look_up(board: Board, drafts: Sequence[Draft]) -> None:
    """Ask for all ways that are not known yet, those of a mover at once."""
    wanted = dict.fromkeys(pair for draft in drafts for pair in _pairs(draft) if pair not in board.paths)
    for mover, ways in board.ways.items():
        pairs = [(source, target) for known, source, target in wanted if known == mover]
        spots = board.spots[mover]
        legs = ways.paths(spots.take([one for one, _ in pairs]), spots.take([one for _, one in pairs])) if pairs else []
        for (source, target), leg in zip(pairs, legs, strict=True):
            board.paths[mover, source, target] = tuple(int(edge) for edge in leg.edges)


def _with_edges(board: Board, draft: Draft, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Steps with the edges of the ways to them."""
    if draft.idle:
        return tuple(steps)
    pairs, out = iter(_pairs(draft)), list(draft.past)
    for step in steps[len(out) :]:
        goes = step.code or step.kind == "end"
        pair = next(pairs, None) if goes else None
        out.append(replace(step, edges=board.paths[pair]) if pair else step)
    return tuple(out)

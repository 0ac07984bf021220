"""Backstreets for patrollers: every lane that is due, walked by some people in short or in equal rounds."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event

import numpy as np

from gis_core.errors import InvalidInput
from gis_core.patrol.dividing import MOST_TASKS, Division, divided
from gis_core.patrol.street_model import Streets, may_do, worthiest
from gis_core.patrol.visits import Tell, quiet
from gis_core.planning.board import Board
from gis_core.planning.dropping import Asked
from gis_core.planning.openings import opened
from gis_core.planning.placing import fits, mended, missing, placed, whole
from gis_core.planning.plan import Dropped, Plan, Route
from gis_core.planning.tasks import LANE_MPS, Day, Lane, Stop
from gis_core.planning.telling import refuse
from gis_core.planning.timing import Draft
from gis_core.planning.writing import written
from gis_core.routing.arcs import CHUNK, ArcProblem, Tours, min_max, solve
from gis_core.routing.bounds import longest_at_least, total_at_least
from gis_core.routing.matrices import Ways
from gis_core.routing.pacing import steps_within
from gis_core.routing.splitting import split_tour
from gis_core.routing.tours import FREE

STEPS = 100
"""Steps of the search in one of the day's iterations."""
CHAINS = 2
"""Searches side by side, of which the best counts."""
BRIEF = 40
"""Steps by task that show whether tasks fit into the shifts."""
HALVINGS = 5
"""How often the number of tasks that fit is halved in on."""
TOUR = 8
"""Of the steps one in so many goes first into the tour that equal rounds are cut from."""
LOOK_S = 0.5
"""How often whoever waits is told how far it is."""


def plan_streets(
    day: Day, ways: Mapping[str, Ways], *, seconds: float | None = None, clock: Callable[[], float] | None = None,
    tell: Tell = quiet, most_tasks: int = MOST_TASKS,
) -> Plan:  # fmt: skip
    """Plan a day without windows: lanes, and stops for which any time will do.

    Parameters
    ----------
    day
        With ``balance`` the longest round is made short, then all together; else all together. :data:`STEPS` times
        ``iterations`` steps are searched for each part of the day that is planned for itself.
    ways
        Of each mover that somebody is.
    seconds, clock
        Take so many iterations that it lasts about so long by this clock, and no more than the day has.
    tell
        Told the iterations that are done and of how many, all parts together; what it raises ends the search.
    most_tasks
        Above so many a part is divided by grid first.

    Returns
    -------
    plan
        The same of the same day, ways and iterations. No plan of what is on it is below ``bound``.

    Raises
    ------
    InvalidInput
        What :func:`gis_core.planning.telling.refuse` refuses, or a task that has windows.
    """
    _refuse(day)
    divisions, nobodys = divided(day, next(iter(ways.values())).network, most_tasks)
    boards = [_board(division.day, ways) for division in divisions]
    todo = [_fitting(board) for board in boards]
    iterations = day.iterations
    if seconds is not None:
        iterations = min(iterations, _iterations(day, [one for one in todo if one.tasks], seconds, clock))
    plans = []
    for nth, streets in enumerate(todo):

        def told(done: int, before: int = nth * iterations) -> None:
            tell(before + done, len(todo) * iterations)

        drafts = _searched(streets, iterations, told)
        plans.append(
            written(streets.board, drafts, seed=day.seed, iterations=iterations, bound=_bound(streets, drafts))
        )
        told(iterations)
    return _joined(day, ways, divisions, plans, [task.code for task in nobodys], iterations)


def _refuse(day: Day) -> None:
    """Refuse what no plan can be made for, and windows."""
    refuse(day)
    for task in day.tasks:
        if task.windows:
            raise InvalidInput("plan_window", field="windows", code=task.code, value=task.windows)


def _board(day: Day, ways: Mapping[str, Ways]) -> Board:
    """A division laid out, with all ways."""
    board = Board(day, {day.patrollers[0].mover: ways[day.patrollers[0].mover]})
    board.fill(day.patrollers[0].mover, range(board.points), range(board.points))
    return board


def _fitting(board: Board) -> Streets:
    """What may be planned: tasks that somebody can do, without the least worthy that are too much in any case."""
    drafts = [replace(draft, late=board.day.balance) for draft in opened(board)]
    able = np.flatnonzero(may_do(board, drafts, range(len(board.tasks))).any(axis=1)).tolist()
    order = worthiest(board, drafts, able)
    streets = Streets(board, drafts, order)
    each = [sum(board.service_s(unit[0], streets.mover) for unit in board.units(task, streets.mover)) for task in order]
    fit = int(np.searchsorted(np.cumsum(each), (streets.shift_s - streets.pause_s).sum(), side="right"))
    return replace(streets, tasks=order[:fit])


def _iterations(day: Day, todo: Sequence[Streets], seconds: float, clock: Callable[[], float] | None) -> int:
    """How many iterations of all parts go into a time."""
    if clock is None:
        raise TypeError("seconds are counted by a clock")
    search = min_max if day.balance else solve
    paces = [1.0 / steps_within(streets.problem(), search, 1.0, clock) for streets in todo]
    return max(1, int(seconds / max(sum(paces), 1e-9) / STEPS))


def _searched(streets: Streets, iterations: int, told: Callable[[int], None]) -> list[Draft]:
    """Good rounds, and whatever else fits in at their end."""
    board = streets.board
    within, begin = _within(streets)
    drafts = list(streets.drafts)
    if begin is not None:
        # With more to do than there is time for everybody is out to the end; what counts is how much fits in.
        evenly = board.day.balance and len(within.tasks) == len(board.tasks)
        tours = _side_by_side(within.problem(), iterations * STEPS, board.day.seed, evenly, begin, told)
        drafts = within.meaning(tours.arcs)
    return _filled(board, whole(board, [mended(draft) for draft in drafts]))


def _within(streets: Streets) -> tuple[Streets, Tours | None]:
    """As many of the worthiest tasks as a short search finds room for, and how they fit in."""
    low, high = 0, len(streets.tasks)
    found: tuple[Streets, Tours | None] = (streets, None)
    count = high
    for _ in range(HALVINGS + 1):
        some = replace(streets, tasks=streets.tasks[:count])
        tours = _brief(some) if count else None
        if tours and tours.sound:
            low, found = count, (some, tours)
        else:
            high = count
        if high - low <= 1:
            break
        count = (low + high) // 2
    return found


def _brief(streets: Streets) -> Tours:
    """A search that ends as soon as all fits in."""
    return solve(
        streets.problem(), steps=max(CHUNK, BRIEF * len(streets.units)), seed=streets.board.day.seed,
        more=lambda longest, total: bool(total >= FREE),
    )  # fmt: skip


def _side_by_side(
    problem: ArcProblem, steps: int, seed: int, evenly: bool, begin: Tours, told: Callable[[int], None]
) -> Tours:
    """The best of :data:`CHAINS` searches. The thread that called tells how far they are; its errors end them."""
    done, over = [0] * CHAINS, Event()

    def one(chain: int) -> Tours:
        def more(longest: int, total: int) -> bool:
            done[chain] += CHUNK
            return not over.is_set()

        # Where only the sum counts, one begins with what a short search found and one with rounds for all.
        before: Sequence[Sequence[int]] | None = begin.arcs
        if evenly or chain:
            before = split_tour(problem, steps=max(1, steps // TOUR), seed=seed + chain)
        return (min_max if evenly else solve)(problem, steps=steps, seed=seed + chain, before=before, more=more)

    with ThreadPoolExecutor(CHAINS) as pool:
        runs = [pool.submit(one, chain) for chain in range(CHAINS)]
        try:
            while wait(runs, timeout=LOOK_S).not_done:
                told(min(min(done), steps) // STEPS)
        except BaseException:
            over.set()
            raise
    found = [begin, *(run.result() for run in runs)]
    return min(found, key=lambda tours: (not tours.sound, evenly * tours.longest, tours.total))


def _filled(board: Board, drafts: list[Draft]) -> list[Draft]:
    """Drafts with whatever still fits in, the worthiest first, where the detour is least."""
    for task in missing(board, drafts):
        found = [
            (done.detour_s, at, done.draft)
            for at, draft in enumerate(drafts)
            if fits(board, draft, task) and (done := placed(draft, task))
        ]
        if found:
            _, at, draft = min(found, key=lambda one: one[:2])
            drafts[at] = draft
    return drafts


def _bound(streets: Streets, drafts: Sequence[Draft]) -> dict[str, float]:
    """What no plan of the tasks on these drafts goes below."""
    tasks = sorted({choice.task for draft in drafts for choice in draft.choices})
    if not tasks:
        return {"longest_s": 0.0, "total_s": 0.0}
    problem = replace(streets, tasks=tasks).bare()
    return {"longest_s": float(longest_at_least(problem)), "total_s": float(total_at_least(problem))}


def _joined(
    day: Day, ways: Mapping[str, Ways], divisions: Sequence[Division], plans: Sequence[Plan], nobodys: Sequence[str],
    iterations: int,
) -> Plan:  # fmt: skip
    """One plan of all parts."""
    routes: dict[str, Route] = {route.patroller: route for plan in plans for route in plan.routes}
    left = {one.code: one for plan in plans for one in plan.dropped} | _nobodys(day, ways, nobodys)
    return Plan(
        routes=tuple(routes[who.code] for who in day.patrollers),
        dropped=tuple(left[task.code] for task in day.tasks if task.code in left),
        seed=day.seed, iterations=iterations, bound=_bounds(divisions, plans),
    )  # fmt: skip


def _nobodys(day: Day, ways: Mapping[str, Ways], codes: Sequence[str]) -> dict[str, Dropped]:
    """Tasks that nobody may do, with what the one lacks who lacks least."""
    kept = frozenset(codes)
    stops = tuple(stop for stop in day.stops if stop.code in kept)
    lanes = tuple(lane for lane in day.lanes if lane.code in kept)
    board = Board(replace(day, stops=stops, lanes=lanes), ways)
    asked = Asked(board, tuple(opened(board)))
    return {task.code: asked.why(at) for at, task in enumerate(board.tasks)}


def _bounds(divisions: Sequence[Division], plans: Sequence[Plan]) -> dict[str, float]:
    """Bounds of the whole: of a family that was divided only what is done itself counts, as it could be divided
    otherwise.
    """
    longest_s, total_s = 0.0, 0.0
    for family in sorted({division.family for division in divisions}):
        own = [at for at, division in enumerate(divisions) if division.family == family]
        if len(own) == 1:
            bound = plans[own[0]].bound
            longest_s, total_s = max(longest_s, bound["longest_s"]), total_s + bound["total_s"]
            continue
        people = [who for at in own for who in divisions[at].day.patrollers]
        done = frozenset().union(*(plans[at].done for at in own))
        tasks = [task for at in own for task in divisions[at].day.tasks if task.code in done]
        work_s = sum(_least_s(task, {who.mover for who in people}) for task in tasks if isinstance(task, Lane | Stop))
        longest_s, total_s = max(longest_s, np.ceil(work_s / len(people))), total_s + work_s
    return {"longest_s": float(longest_s), "total_s": float(total_s)}


def _least_s(task: Lane | Stop, movers: set[str]) -> float:
    """Seconds that a task takes whoever of some does it."""
    if isinstance(task, Stop):
        return task.service_s
    fastest = max(LANE_MPS[mover] for mover in movers)
    return np.floor(task.length_m / fastest) * (1 + task.both_sides)

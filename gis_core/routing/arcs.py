"""Arc routing: streets to be passed by routes, in whichever direction suits, on plain arrays of whole numbers.

:func:`solve` makes the whole way short, :func:`min_max` the longest route. Both are searches: the same problem, seed
and steps give the same answer.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from gis_core.arrays import Bools, Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.routing.annealing import anneal, keep_if_best
from gis_core.routing.renewing import Habits, Work, begun, put_back
from gis_core.routing.tours import FREE, Ground, directed, repriced, settle

FAR = 1_000_000_000
"""Ways as long as this, or longer, are none."""
CHUNK = 1_000
"""Steps between two questions whether to go on."""
ROUND = {False: 3_000, True: 1_500}
"""Steps by task in which a search cools down once; by whether only the longest route counts."""
HEAT = {False: (0.3, 0.003), True: (5.0, 0.05)}
"""Temperatures at the beginning and end of a round, in parts of what passing a task takes on average."""
More = Callable[[int, int], bool]
"""Told the longest route and the sum of the best plan so far (:data:`FREE`: none yet), whether to go on."""


@dataclass(frozen=True, kw_only=True)
class ArcProblem:
    """What is to be passed, and by how many.

    Parameters
    ----------
    ways
        Shortest way from each node (row) to each (column), whole numbers; none: :data:`FAR`.
    task, tail, head, cost
        By arc: whose direction it is, from which node to which, and what passing it takes, which is no less than the
        way from the one to the other. A task has one arc (a one-way street, or with one node a place) or two, of which
        one is passed; tasks are numbered from 0.
    start, end
        Nodes where routes begin and end: one for all, or one by route.
    routes
        How many there are, all of which may stay empty; None: as many as are needed.
    demand, room
        By task, and what a route (one number, or one by route) holds; None: no limit.
    limit
        How long a route may be: None, one number, or one by route.
    allowed
        Whether a task (row) may be on a route (column); None: any on any.
    """

    ways: Ints
    task: Ints
    tail: Ints
    head: Ints
    cost: Ints
    start: int | Ints
    end: int | Ints
    routes: int | None = None
    demand: Ints | None = None
    room: int | Ints | None = None
    limit: int | Ints | None = None
    allowed: Bools | None = None

    @property
    def tasks(self) -> int:
        """How many tasks there are."""
        return int(self.task.max()) + 1 if len(self.task) else 0

    @property
    def pairs(self) -> Ints:
        """By task its two arcs; the same twice where it has one.

        Raises
        ------
        InvalidInput
            A task has no arc, or more than two.
        """
        found = np.bincount(self.task, minlength=self.tasks)
        for task in np.flatnonzero((found < 1) | (found > 2))[:1]:
            raise InvalidInput("arcs_directions", task=int(task), found=int(found[task]))
        order = np.argsort(self.task, kind="stable")
        first = np.cumsum(found) - found
        return np.column_stack([order[first], order[first + found - 1]])

    @property
    def most_routes(self) -> int:
        """How many routes there are or, where that is open, so many that there is always one more."""
        if self.routes is not None:
            return self.routes
        if self.demand is None or self.room is None:
            return 1
        return min(self.tasks, 2 * -(-int(self.demand.sum()) // int(np.min(self.room))) + 1)


@dataclass(frozen=True)
class Tours:
    """What a search found.

    Parameters
    ----------
    arcs
        By route the arcs that are passed, in order.
    lengths
        By route: ways and arcs; of one without tasks the way from its beginning to its end.
    sound
        Whether every way exists and no route is too long or holds too much.
    steps, seed
        What was spent on the search that found it, and its seed.
    """

    arcs: tuple[tuple[int, ...], ...]
    lengths: tuple[int, ...]
    sound: bool
    steps: int
    seed: int

    @property
    def longest(self) -> int:
        """The longest route."""
        return max(self.lengths, default=0)

    @property
    def total(self) -> int:
        """All routes."""
        return sum(self.lengths)


def solve(
    problem: ArcProblem, *, steps: int, seed: int = 1, chains: int = 1, before: Sequence[Sequence[int]] | None = None,
    more: More | None = None,
) -> Tours:  # fmt: skip
    """Make the sum of all routes short.

    Parameters
    ----------
    problem
        What is to be passed.
    steps
        How many to take; a step takes some 10 to 30 microseconds.
    seed, chains
        Searches with ``seed``, ``seed`` + 1, … of ``steps`` each, side by side; the best counts.
    before
        Arcs by route to begin with, every task among them.
    more
        Asked now and then; once it says no, what is best so far is the answer.

    Raises
    ------
    InvalidInput
        A task without a direction or with more than two, or one that no route may do.
    """
    return _searched(problem, steps, seed, chains, before, more, False)


def min_max(
    problem: ArcProblem, *, steps: int, seed: int = 1, chains: int = 1, before: Sequence[Sequence[int]] | None = None,
    more: More | None = None,
) -> Tours:  # fmt: skip
    """Make the longest route short, then the sum; otherwise as :func:`solve`. ``problem.routes`` must be a number."""
    return _searched(problem, steps, seed, chains, before, more, True)


def _searched(
    problem: ArcProblem, steps: int, seed: int, chains: int, before: Sequence[Sequence[int]] | None,
    more: More | None, evenly: bool,
) -> Tours:  # fmt: skip
    """The best of several searches; of equals the first."""
    if problem.tasks == 0:
        return Tours(((),) * (problem.routes or 0), (0,) * (problem.routes or 0), True, 0, seed)
    pairs = problem.pairs
    ground = ground_of(problem, pairs)

    def one(number: int) -> Tours:
        return _chain(problem, ground, pairs, steps, seed + number, before, more, evenly)

    if chains == 1:
        return one(0)
    with ThreadPoolExecutor(chains) as pool:
        found = list(pool.map(one, range(chains)))
    return min(found, key=lambda tours: (not tours.sound, evenly * tours.longest, tours.total))


def ground_of(problem: ArcProblem, pairs: Ints) -> Ground:
    """The problem as the search takes it.

    Raises
    ------
    InvalidInput
        There are tasks that no route may do.
    """
    tasks, routes = problem.tasks, problem.most_routes
    allowed = np.ones((tasks, routes), bool) if problem.allowed is None else np.array(problem.allowed, bool)
    for task in np.flatnonzero(~allowed.any(axis=1))[:1]:
        raise InvalidInput("arcs_nobody", task=int(task))
    spots, spot = np.unique(
        np.concatenate([_each(problem.start, routes), _each(problem.end, routes)]), return_inverse=True
    )
    arcs = pairs.ravel()
    tail = np.concatenate([problem.tail[arcs], np.repeat(spots, 2)]).astype(np.int32)
    head = np.concatenate([problem.head[arcs], np.repeat(spots, 2)]).astype(np.int32)
    ways = np.ascontiguousarray(np.minimum(problem.ways, FAR).astype(np.int32))
    apart = ways[head[: 2 * tasks]][:, tail[: 2 * tasks]].reshape(tasks, 2, tasks, 2).min(axis=(1, 3))
    apart = np.minimum(apart, apart.T)
    np.fill_diagonal(apart, -1)
    out = ways[spots[spot[:routes]]][:, tail[: 2 * tasks]].min(axis=0).reshape(tasks, 2).min(axis=1)
    room, limit = _each(problem.room, routes), _each(problem.limit, routes)
    same = all(len(np.unique(part)) == 1 for part in (spot[:routes], spot[routes:], room, limit))
    return Ground(
        ways,
        ways if np.array_equal(ways, ways.T) else np.ascontiguousarray(ways.T),
        tail,
        head,
        np.concatenate([problem.cost[arcs], np.zeros(2 * len(spots), np.int64)]).astype(np.int64),
        np.zeros(tasks, np.int64) if problem.demand is None else np.array(problem.demand, np.int64),
        np.argsort(apart, axis=1, kind="stable").astype(np.int32),
        out.astype(np.int64),
        tasks + spot[:routes],
        tasks + spot[routes:],
        room,
        limit,
        limit,
        allowed,
        bool(same and allowed.all()),
    )


def _each(value: int | Ints | None, routes: int) -> Ints:
    """One by route."""
    return np.array(np.broadcast_to(FREE if value is None else np.asarray(value, np.int64), (routes,)))


def _chain(
    problem: ArcProblem, ground: Ground, pairs: Ints, steps: int, seed: int, before: Sequence[Sequence[int]] | None,
    more: More | None, evenly: bool,
) -> Tours:  # fmt: skip
    """One search from beginning to end."""
    ground = ground._replace(sought=ground.limit.copy())
    serve = float(ground.serve[: 2 * problem.tasks].mean())
    habits = Habits()
    work = begun(ground, _weights(ground, serve, evenly), seed)
    if before is None:
        put_back(ground, work, habits, problem.tasks)
    else:
        _filled(ground, work, problem, before)
    if evenly:
        work.weigh[2] = 1.0 / max(1, int(work.rows.length.max()))
    repriced(ground, work.rows, work.weigh)
    keep_if_best(ground, work, evenly)
    total = float(work.rows.length.sum()) / problem.tasks
    hot, cold = (max(part * total, 1e-9) for part in HEAT[evenly])
    whole = -(-steps // max(1, steps // (ROUND[evenly] * problem.tasks)))
    done = 0
    while done < steps and (more is None or more(int(work.score[0]), int(work.score[1]))):
        first = done % whole
        last = min(first + CHUNK, whole, first + steps - done)
        anneal(ground, work, habits, hot, cold, first, last, whole, evenly)
        done += last - first
    return _tours(problem, ground, work, pairs, done, seed)


def _weights(ground: Ground, serve: float, evenly: bool) -> Floats:
    """What too much load and length cost at first, and what makes long routes dear."""
    load = serve * (len(ground.serve) // 2) / max(1, int(ground.demand.sum()))
    longest = max(1.0, 2 * serve * len(ground.demand) / len(ground.start))
    return np.array([max(load, 1e-3), 1.0, 1.0 / longest if evenly else 0.0])


def _filled(ground: Ground, work: Work, problem: ArcProblem, before: Sequence[Sequence[int]]) -> None:
    """Put the tasks on the routes they were on."""
    rows = work.rows
    for r, arcs in enumerate(before):
        tasks = problem.task[np.asarray(arcs, np.int64)]
        rows.tasks[r, 1 : len(tasks) + 1] = tasks
        rows.tasks[r, len(tasks) + 1] = ground.end[r]
        rows.size[r], rows.load[r] = len(tasks), ground.demand[tasks].sum()
        settle(ground, rows, r, 1, len(tasks), work.weigh)


def _tours(problem: ArcProblem, ground: Ground, work: Work, pairs: Ints, steps: int, seed: int) -> Tours:
    """The best routes with their directions; where none was sound, the last."""
    sound = bool(work.score[1] < FREE)
    rows = work.best if sound else work.rows
    used = [r for r in range(len(rows.size)) if problem.routes is not None or rows.size[r]]
    arcs = tuple(tuple(pairs.ravel()[directed(ground, rows, r)].tolist()) for r in used)
    lengths = tuple(int(rows.length[r]) for r in used)
    return Tours(arcs, lengths, sound and max(lengths, default=0) < FAR, steps, seed)

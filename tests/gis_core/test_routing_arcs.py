"""Arc routing: the answers of the search against all there are on tiny problems, and against what is best known."""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations, product

import numpy as np
import pytest

from gis_core.errors import InvalidInput
from gis_core.routing.arcs import FAR, ArcProblem, Tours, min_max, solve
from gis_core.routing.bounds import longest_at_least, total_at_least
from tests.benchmarks.arc_files import FOLDER, added_up, best_known, carp, windy

STEPS = 300


def tiny(seed: int, tasks: int = 4, **more: object) -> ArcProblem:
    """A few streets of which some are one-way, between nodes whose ways differ by direction."""
    random = np.random.default_rng(seed)
    ways = random.integers(1, 30, (6, 6))
    np.fill_diagonal(ways, 0)
    for k in range(6):
        ways = np.minimum(ways, ways[:, k : k + 1] + ways[k : k + 1, :])
    ends = random.integers(0, 6, (tasks, 2))
    both = random.random(tasks) < 0.7
    task = np.concatenate([np.arange(tasks), np.flatnonzero(both)])
    tail, head = np.concatenate([ends[:, 0], ends[both, 1]]), np.concatenate([ends[:, 1], ends[both, 0]])
    return ArcProblem(
        ways=ways,
        task=task,
        tail=tail,
        head=head,
        cost=ways[tail, head] + random.integers(0, 9, len(task)),
        **{"start": 0, "end": 0, **more},
    )


def length(problem: ArcProblem, route: int, arcs: Sequence[int]) -> int:
    """A route, added up."""
    starts, ends = (np.broadcast_to(side, (problem.most_routes,)) for side in (problem.start, problem.end))
    at, total = starts[route], 0
    for arc in arcs:
        total += problem.ways[at, problem.tail[arc]] + problem.cost[arc]
        at = problem.head[arc]
    return int(total + problem.ways[at, ends[route]])


def fits(problem: ArcProblem, route: int, arcs: Sequence[int]) -> bool:
    """Whether a route keeps what is asked of it."""
    tasks = problem.task[list(arcs)]
    rooms, limits = (
        np.broadcast_to(FAR if most is None else most, (problem.most_routes,)) for most in (problem.room, problem.limit)
    )
    load = 0 if problem.demand is None else problem.demand[tasks].sum()
    may = problem.allowed is None or problem.allowed[tasks, route].all()
    return bool(load <= rooms[route] and length(problem, route, arcs) <= limits[route] and may)


def plans(problem: ArcProblem) -> Iterator[tuple[int, int]]:
    """Longest route and sum of every plan there is."""
    tasks, routes = problem.tasks, problem.most_routes
    choices = [np.flatnonzero(problem.task == task).tolist() for task in range(tasks)]
    for order in permutations(range(tasks)):
        for arcs in product(*(choices[task] for task in order)):
            for cuts in combinations(range(tasks + routes - 1), routes - 1):
                at = [cut - k for k, cut in enumerate(cuts)]
                parts = [arcs[i:j] for i, j in zip([0, *at], [*at, tasks], strict=True)]
                if all(fits(problem, r, part) for r, part in enumerate(parts)):
                    lengths = [length(problem, r, part) for r, part in enumerate(parts)]
                    yield max(lengths), sum(lengths)


def checked(problem: ArcProblem, tours: Tours) -> tuple[int, int]:
    """Longest route and sum of a plan that is what it says it is."""
    assert sorted(problem.task[arc] for arcs in tours.arcs for arc in arcs) == list(range(problem.tasks))
    lengths = tuple(length(problem, r, arcs) for r, arcs in enumerate(tours.arcs))
    assert lengths == tours.lengths
    assert tours.sound == all(fits(problem, r, arcs) for r, arcs in enumerate(tours.arcs))
    return max(lengths), sum(lengths)


KINDS = {
    "two postmen": {"routes": 2},
    "trucks": {"demand": np.array([3, 2, 2, 1]), "room": 4},
    "shifts": {"routes": 2, "limit": np.array([200, 110])},
    "areas": {"routes": 2, "allowed": np.array([[1, 1], [1, 0], [0, 1], [1, 1]], bool)},
    "homes": {"routes": 2, "start": np.array([0, 3]), "end": np.array([2, 5])},
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", KINDS)
def test_tiny_problems_are_solved_as_well_as_can_be(kind: str, seed: int) -> None:
    """A plan would be longer than it need be, or not keep to what was asked."""
    problem = tiny(seed, **KINDS[kind])
    every = set(plans(problem))
    shortest = solve(problem, steps=STEPS, seed=seed)
    assert shortest.sound
    assert checked(problem, shortest)[1] == min(total for _, total in every)
    assert total_at_least(problem) <= shortest.total
    if problem.routes:
        even = min_max(problem, steps=STEPS, seed=seed)
        assert even.sound
        assert checked(problem, even) == min(every)
        assert longest_at_least(problem) <= even.longest


def test_the_bound_of_a_cross_is_what_it_takes() -> None:
    """A gap would be told that is none: from four dead ends everybody has to come back."""
    nodes = np.array([(0, 0), (10, 0), (-10, 0), (0, 10), (0, -10)])
    ways = np.abs(nodes[:, None] - nodes[None]).sum(axis=2)
    arms = np.arange(1, 5)
    problem = ArcProblem(
        ways=ways, task=np.tile(arms - 1, 2), tail=np.repeat([0, 1], 4) * np.tile(arms, 2), cost=np.full(8, 10),
        head=np.repeat([1, 0], 4) * np.tile(arms, 2), start=0, end=0, routes=2,
    )  # fmt: skip
    assert total_at_least(problem) == 80
    assert longest_at_least(problem) == 40
    even = min_max(problem, steps=STEPS)
    assert checked(problem, even) == (40, 80)


def test_the_same_seed_and_steps_give_the_same_plan() -> None:
    """What was planned could not be made again."""
    problem = tiny(5, 25, routes=3)
    once, again, other = (min_max(problem, steps=2_000, seed=seed, chains=2) for seed in (7, 7, 8))
    assert once == again
    assert {once.longest, other.longest} and checked(problem, once)
    alone = [min_max(problem, steps=2_000, seed=seed) for seed in (7, 8)]
    assert once == min(alone, key=lambda tours: (tours.longest, tours.total))


def test_a_search_stops_when_it_is_told_to_and_never_makes_a_plan_worse() -> None:
    """Nobody could cancel, or a plan changed by hand would be spoilt."""
    problem = tiny(6, 40, routes=3)
    good = min_max(problem, steps=4_000)
    told: list[tuple[int, int]] = []

    def more(longest: int, total: int) -> bool:
        told.append((longest, total))
        return len(told) < 3

    after = min_max(problem, steps=1_000_000, seed=9, before=good.arcs, more=more)
    assert after.steps == 2_000
    assert told[0] == (good.longest, good.total)
    assert checked(problem, after) <= (good.longest, good.total)


def test_what_cannot_be_kept_is_the_least_wrong_and_said_to_be_wrong() -> None:
    """A plan that breaks a limit would pass for one that does not."""
    problem = tiny(1, routes=2, limit=5)
    assert not list(plans(problem))
    assert not solve(problem, steps=STEPS).sound
    assert not min_max(problem, steps=STEPS).sound


def test_a_street_that_cannot_be_reached_makes_a_plan_unsound() -> None:
    """Somebody would be sent where no way leads."""
    ways = np.array([[0, FAR], [FAR, 0]])
    problem = ArcProblem(
        ways=ways, task=np.array([0]), tail=np.array([1]), head=np.array([1]), cost=np.array([3]),
        start=0, end=0, routes=1,
    )  # fmt: skip
    assert not solve(problem, steps=STEPS).sound


def test_nothing_to_do_is_done() -> None:
    """An empty day would be an error."""
    none = np.zeros(0, np.int64)
    problem = ArcProblem(ways=np.zeros((1, 1)), task=none, tail=none, head=none, cost=none, start=0, end=0, routes=2)
    assert min_max(problem, steps=STEPS).arcs == ((), ())


def test_problems_that_make_no_sense_are_refused() -> None:
    """The search would never end, or leave a street out."""
    with pytest.raises(InvalidInput, match="task 1 may be on no route"):
        solve(tiny(1, routes=1, allowed=np.array([[1], [0], [1], [1]], bool)), steps=STEPS)
    three = ArcProblem(
        ways=np.zeros((2, 2), np.int64), task=np.array([0, 0, 0]), tail=np.array([0, 1, 0]), head=np.array([1, 0, 1]),
        cost=np.ones(3, np.int64), start=0, end=0,
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="task 0 can be passed in 3 directions"):
        solve(three, steps=STEPS)


needs_instances = pytest.mark.skipif(not FOLDER.is_dir(), reason="the public instances do not lie beside the project")


@needs_instances
@pytest.mark.parametrize("name", ["gdb1", "gdb9", "gdb19", "val1A", "val3C", "egl-e1-A"])
def test_known_optima_are_found(name: str) -> None:
    """Plans would be worse than what science knows to be possible."""
    instance = carp(name)
    problem = instance.problem()
    tours = solve(problem, steps=30_000, chains=2)
    assert sum(added_up(instance, problem.ways, tours)) == tours.total <= best_known()[name] * 1.004


@needs_instances
@pytest.mark.parametrize(("name", "routes", "best"), [("P202100", 5, 905), ("P24110", 4, 97)])
def test_postmen_in_the_wind_share_as_evenly_as_is_known(name: str, routes: int, best: int) -> None:
    """The longest shift would be longer than it need be."""
    instance = windy(name)
    problem = instance.problem(routes)
    tours = min_max(problem, steps=30_000, chains=2)
    assert max(added_up(instance, problem.ways, tours)) == tours.longest <= best * 1.01

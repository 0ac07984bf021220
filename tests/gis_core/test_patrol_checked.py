"""Plans that are made pass the checker, and stop passing when any of their steps is touched."""

from dataclasses import replace

import numpy as np
import pytest

from gis_core.patrol.checker import check, check_kept
from gis_core.patrol.checking_ways import Streets
from gis_core.patrol.network import PROFILES, StreetNetwork
from gis_core.patrol.visits import plan_visits
from gis_core.planning.adjusting import insert_urgent
from gis_core.planning.plan import Plan, Step
from gis_core.planning.tasks import Day, Stop
from gis_core.routing.matrices import Ways, ways_of
from gis_core.routing.snapping import OFF
from tests.gis_core.planned import H, place, random_day, town
from tests.gis_core.test_routing_ways import random_network


@pytest.fixture(scope="module")
def network() -> StreetNetwork:
    return town(8)


def made(network: StreetNetwork, seed: int) -> tuple[Day, Plan]:
    """A day by chance and its plan."""
    movers = (("walking",), ("walking", "driving"), ("cycling", "walking", "driving"))[seed % 3]
    day = random_day(network, seed, movers=movers, stops=25, lanes=12, iterations=40, crossing=seed % 2 == 0)
    return day, plan_visits(day, ways_of(network, (who.mover for who in day.patrollers)))


@pytest.mark.parametrize("seed", range(6))
def test_plans_that_are_made_are_right(network: StreetNetwork, seed: int) -> None:
    """The checker would be of another opinion about streets and seconds, and no plan would be kept."""
    day, plan = made(network, seed)
    assert check(day, plan, network) == [] == check_kept(plan, plan)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_urgent_comes_in_and_what_was_done_stays(network: StreetNetwork, seed: int) -> None:
    """A changed plan would not be held to what a new one is held to."""
    (day, plan), random = made(network, 2 * seed), np.random.default_rng(seed)
    ways = ways_of(network, (who.mover for who in day.patrollers))
    for nth in range(3):
        now_s = 9 * H + nth * 1_500
        before = replace(plan, routes=tuple(
            replace(route, steps=tuple(replace(step, done=step.leave_s <= now_s) for step in route.steps))
            for route in plan.routes
        ))  # fmt: skip
        x, y = place(*random.uniform(0, 900, 2))
        urgent = Stop(code=f"urgent:{nth}", kind="issue", x=x, y=y, must=True, area="g00")
        day, plan, _ = insert_urgent(day, before, urgent, ways, now_s)
        assert urgent.code in plan.done
        assert check(day, plan, network) == [] == check_kept(before, plan)


def harmed(step: Step, random: np.random.Generator) -> Step | None:
    """A step with something wrong, ``None`` where there is nothing to be made wrong."""
    changes: list[dict[str, object]] = [{"leave_s": step.leave_s - 1}, {"begin_s": step.arrive_s - 1}]
    if step.kind != "start":
        changes += [{"leg_m": step.leg_m + 0.02}, {"arrive_s": step.arrive_s - 1}]
    if step.code:
        changes += [{"code": f"{step.code}0"}, {"kind": "end"}]
    if len(step.edges) > 1:
        changes += [{"edges": step.edges[1:]}, {"edges": step.edges[:-1]}]
    return replace(step, **changes[random.integers(len(changes))])  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_touched_is_found(network: StreetNetwork, seed: int) -> None:
    """A plan that was changed on its way into the store would be walked."""
    (day, plan), random = made(network, seed), np.random.default_rng(seed)
    for who, route in enumerate(plan.routes):
        for nth, step in enumerate(route.steps):
            steps = (*route.steps[:nth], harmed(step, random), *route.steps[nth + 1 :])
            routes = (*plan.routes[:who], replace(route, steps=steps), *plan.routes[who + 1 :])
            assert check(day, replace(plan, routes=routes), network), (step, steps[nth])
        kept = [nth for nth, step in enumerate(route.steps) if step.code]
        for nth in random.permutation(kept)[:3].tolist():
            steps = (*route.steps[:nth], *route.steps[nth + 1 :])
            routes = (*plan.routes[:who], replace(route, steps=steps), *plan.routes[who + 1 :])
            assert check(day, replace(plan, routes=routes), network)
    for dropped in plan.dropped:
        left = tuple(one for one in plan.dropped if one is not dropped)
        assert check(day, replace(plan, dropped=left), network)


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("seed", range(3))
def test_planner_and_checker_are_of_one_opinion_about_streets(seed: int, profile: str) -> None:
    """Rings, twins, one-way streets and islands would be walked by one and refused by the other."""
    network, random = random_network(seed), np.random.default_rng(seed)
    closed = random.integers(len(network.u), size=8)
    ways, streets = Ways(network, PROFILES[profile], closed), Streets(network, PROFILES[profile], closed.tolist())
    low, high = network.node_xy.min(axis=0), network.node_xy.max(axis=0)
    xy = np.concatenate([random.uniform(low, high, (12, 2)), random.permutation(network.node_xy)[:8]])
    spots, places = ways.spots(xy), [streets.places((x, y)) for x, y in xy.tolist()]
    assert [bool(found) for found, _ in places] == (spots.edge != OFF).tolist()
    assert [away for _, away in places] == pytest.approx(spots.off_m.tolist())
    matrix = ways.matrix(spots, spots)
    rows, columns = (each.ravel() for each in np.indices(matrix.shape))
    for one, other, leg in zip(rows, columns, ways.paths(spots.take(rows), spots.take(columns)), strict=True):
        begin, end = places[one][0], places[other][0]
        # Where a point is as near to two streets, the planner has taken one of them.
        shortest_m = streets.shortest(begin, end) / 100.0
        assert shortest_m == matrix[one, other] or (len(begin | end) > 2 and shortest_m < matrix[one, other])
        walked = streets.walked(begin, leg.edges.tolist(), end)
        assert np.isinf(leg.length_m) or min(walked.values()) / 100.0 == leg.length_m

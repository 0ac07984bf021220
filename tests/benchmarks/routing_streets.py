"""Coverage: 400 backstreets of a town of 4,900 crossings, walked by four people in rounds as equal as can be.

The yardstick is one tour cut into four. Seconds are CPU seconds of each of two searches side by side.

``python -m tests.benchmarks.routing_streets`` prints the table.
"""

import sys
import time
from typing import NamedTuple

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.patrol.checker import check
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.streets import plan_streets
from gis_core.planning.board import lane_s
from gis_core.planning.tasks import Day, Lane, Patroller, travel_s
from gis_core.routing.matrices import Ways
from tests.benchmarks.routing_matrix import grid
from tests.oracles.giant_tour import length, split_tour

SIDE, CLUSTERS, LANES, PEOPLE, SECONDS = 70, 12, 400, 4, 60.0
SEEDS = (1, 2, 3)
MUST_RATIO, MUST_LESS = 1.03, 5.0


class Coverage(NamedTuple):
    """What a seed came to: how long the tour cut into rounds takes and how long the plan, by person; seconds spent."""

    seed: int
    cut_s: list[int]
    plan_s: list[int]
    bound_s: float
    spent_s: float

    @property
    def ratio(self) -> float:
        """Longest round by the mean."""
        return max(self.plan_s) / (sum(self.plan_s) / len(self.plan_s))

    @property
    def less(self) -> float:
        """By how much the longest round is shorter than that of the tour, percent."""
        return 100 * (1 - max(self.plan_s) / max(self.cut_s))


def scattered(network: StreetNetwork, seed: int, lanes: int) -> Ints:
    """Edges near to some places, and a few far from them."""
    random = np.random.default_rng(seed)
    middle: Floats = (network.node_xy[network.u] + network.node_xy[network.v]) / 2
    places = middle[random.choice(len(middle), CLUSTERS)]
    away = np.hypot(*(middle[:, None] - places).transpose(2, 0, 1)).min(axis=1) + random.exponential(500, len(middle))
    away[network.component != 0] = np.inf
    found: Ints = np.sort(np.argsort(away, kind="stable")[:lanes])
    return found


def town() -> StreetNetwork:
    """Its streets."""
    return grid(SIDE)


def coverage_day(network: StreetNetwork, seed: int, lanes: int = LANES, people: int = PEOPLE) -> Day:
    """Lanes to be walked by people who all begin in the middle."""
    x, y = network.node_xy[_middle(network)]
    walked = tuple(
        Lane(
            code=f"lane:{edge}", kind="lane", street=str(network.code[network.street[edge]]), edge=edge,
            from_m=float(network.from_m[edge]), to_m=float(network.to_m[edge]), length_m=float(network.length_m[edge]),
        )
        for edge in scattered(network, seed, lanes).tolist()
    )  # fmt: skip
    crew = tuple(
        Patroller(code=f"p{nth}", start=(float(x), float(y)), shift=(6 * 3_600, 18 * 3_600)) for nth in range(people)
    )
    return Day(lanes=walked, patrollers=crew, balance=True, seed=seed, iterations=10_000_000)


def _middle(network: StreetNetwork) -> int:
    """The crossing in the middle, among those that streets lead to."""
    apart = np.hypot(*(network.node_xy - network.node_xy.mean(axis=0)).T)
    on = np.unique([network.u[network.component == 0], network.v[network.component == 0]])
    return int(on[np.argmin(apart[on])])


def cut_rounds(network: StreetNetwork, ways: Ways, day: Day) -> list[int]:
    """Seconds of the rounds that the tour is cut into."""
    edges = np.array([lane.edge for lane in day.lanes])
    nodes = np.unique(np.concatenate([[_middle(network)], network.u[edges], network.v[edges]]))
    at = {int(node): nth for nth, node in enumerate(nodes)}
    seconds = travel_s(ways.nodes_matrix(nodes, nodes), "walking").astype(np.int64)
    streets = [
        (at[int(network.u[lane.edge])], at[int(network.v[lane.edge])], lane_s(lane.length_m, "walking"))
        for lane in day.lanes
    ]
    depot = at[_middle(network)]
    rounds = split_tour(streets, seconds, depot, len(day.patrollers))
    assert sorted(street for one in rounds for street, _ in one) == list(range(len(streets)))
    return [length(one, streets, seconds, depot) for one in rounds]


def covered(seed: int, seconds: float = SECONDS) -> Coverage:
    """One seed; the plan is looked at by the checker."""
    network = town()
    day, ways = coverage_day(network, seed), Ways(network)
    begun = time.monotonic()
    plan = plan_streets(day, {"walking": ways}, seconds=seconds, clock=time.thread_time)
    spent_s = time.monotonic() - begun
    faults = check(day, plan, network)
    assert not faults and not plan.dropped, (faults[:3], len(plan.dropped))
    plan_s = [route.lasts_s for route in plan.routes]
    return Coverage(seed, cut_rounds(network, ways, day), plan_s, plan.bound["longest_s"], spent_s)


def coverage_table(seconds: float = SECONDS) -> str:
    """A row for each seed, and the means."""
    rows = []
    for seed in SEEDS:
        rows.append(covered(seed, seconds))
        print(rows[-1], rows[-1].ratio, rows[-1].less, file=sys.stderr, flush=True)  # noqa: T201
    ratio, less = np.mean([row.ratio for row in rows]), np.mean([row.less for row in rows])
    told = (
        f"{LANES} lanes, {PEOPLE} people, {seconds:g} s. Longest round by the mean **{ratio:.4f}** (must {MUST_RATIO}),"
    )
    more = f"**{less:.1f} %** under one tour cut into {PEOPLE} (must {MUST_LESS:g} %). Every plan passes the checker."
    lines = [
        f"{told} {more}",
        "",
        "| seed | longest of the tour, s | longest of the plan, s | less | longest by mean | bound, s | waited, s |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.seed} | {max(row.cut_s):,} | {max(row.plan_s):,} | {row.less:.1f} % | {row.ratio:.4f} |"
        f" {row.bound_s:,.0f} | {row.spent_s:.0f} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(coverage_table())

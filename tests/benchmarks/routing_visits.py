"""What planned visits are measured by: Solomon's instances, a district's morning, and rounds that go nearest first.

Seconds are CPU seconds of one thread, which is how long it takes on a core that does nothing else.
"""

import csv
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import numpy as np

from gis_core.patrol.checker import check
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.visit_search import Search
from gis_core.patrol.visits import plan_visits
from gis_core.planning.adjusting import insert_urgent
from gis_core.planning.plan import Plan
from gis_core.planning.tasks import Day, Stop
from gis_core.routing.matrices import Ways, ways_of
from tests.gis_core import planned
from tests.oracles.nearest_first import nearest_first

GATES = Path(os.environ.get("GRIDWARDEN_ROUTING", Path(__file__).parents[3] / "shared" / "gates" / "routing"))
SOLOMON = GATES / "vrptw_solomon"
GIVEN = ("R109", "RC206")
SEEDS = (1, 2, 3)
SCALE = 100
"""Units of Solomon's that a hundredth is."""
HISTORY = 300


class Solomon(NamedTuple):
    """An instance: place, demand, ready, due and service of the depot and each customer, and what is best known."""

    name: str
    rows: np.ndarray
    capacity: int
    vehicles: int
    known: float

    @property
    def metres(self) -> np.ndarray:
        """Straight ways."""
        return np.hypot(*(self.rows[:, None, 1:3] - self.rows[None, :, 1:3]).transpose(2, 0, 1))


def solomon(name: str) -> Solomon:
    """Read an instance."""
    lines = [line.split() for line in (SOLOMON / f"{name}.txt").read_text().splitlines()]
    capacity = next(int(line[1]) for line in lines if len(line) == 2 and line[0].isdigit())
    rows = np.array([[float(value) for value in line] for line in lines if len(line) == 7])
    with (SOLOMON / "bks_solomon.csv").open() as file:
        known = next(row for row in csv.DictReader(file) if row["instance_id"] == name)
    return Solomon(name, rows, capacity, int(known["k_bks"]), float(known["d_bks"]))


def rounds(instance: Solomon, seed: int, goes_on: Callable[[int], bool]) -> list[list[int]]:
    """Rounds that the planner's search finds within the best known fleet, as customers in order.

    ``goes_on`` is asked after each 50 iterations, told how many there were. The search is the planner's own; the
    problem is not, since a day of patrol knows no loads and counts ways in whole seconds, rounded up.
    """
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType

    rows, way = instance.rows, np.rint(instance.metres * SCALE).astype(np.int64)
    # Rounded up, so that whoever is in time here is in time by the true ways.
    lasts = np.ceil(np.round(instance.metres * SCALE, 6)).astype(np.int64)
    clients = [
        Client(at, [int(row[3])], [], int(row[6] * SCALE), int(row[4] * SCALE), int(row[5] * SCALE))
        for at, row in enumerate(rows)
        if at
    ]
    fleet = VehicleType(instance.vehicles, [instance.capacity], tw_late=int(rows[0, 5] * SCALE))
    data = ProblemData([Location(*row[1:3]) for row in rows], clients, [Depot(0)], [fleet], [way], [lasts])
    search = Search(data, seed, late_cost=200.0, history=HISTORY)
    done = 0
    while goes_on(done):
        search.run(50)
        done += 50
    return [[one + 1 for one in clients] for _, clients in search.rounds()]


def length(instance: Solomon, routes: Sequence[Sequence[int]]) -> float:
    """The way of some rounds, added up anew; refuses what is late, too much or not everybody."""
    rows, way, total = instance.rows, instance.metres, 0.0
    for route in routes:
        when, here = 0.0, 0
        for there in [*route, 0]:
            total += way[here, there]
            when = max(when + way[here, there], rows[there, 4])
            assert when <= rows[there, 5] + 1e-6, "late"
            when, here = when + rows[there, 6], there
        assert rows[list(route), 3].sum() <= instance.capacity, "too much"
    assert sorted(one for route in routes for one in route) == list(range(1, len(rows))), "not everybody"
    assert len(routes) <= instance.vehicles, "too many rounds"
    return total


def vrptw_rows(seconds: float = 60.0) -> list[tuple[str, float, list[float]]]:
    """Of each given instance the best known way, and by seed the one found."""
    found = []
    for name in GIVEN:
        instance = solomon(name)
        ways = [length(instance, rounds(instance, seed, _for(seconds))) for seed in SEEDS]
        found.append((name, instance.known, ways))
        gap = 100 * (mean(ways) / instance.known - 1)
        print(name, [round(way, 1) for way in ways], f"{gap:.2f} %", file=sys.stderr, flush=True)  # noqa: T201
    return found


def _for(seconds: float) -> Callable[[int], bool]:
    """Goes on for so many seconds of the processor."""
    end = time.thread_time() + seconds
    return lambda done: time.thread_time() < end


def vrptw_table(seconds: float = 60.0) -> str:
    """The same for people."""
    rows = [
        f"| {name} | {known:.1f} | {', '.join(f'{way:.1f}' for way in ways)} | {100 * (mean(ways) / known - 1):.2f} % |"
        for name, known, ways in vrptw_rows(seconds)
    ]
    return "\n".join(["| instance | best known | seeds 1, 2, 3 | mean over it |", "|---|---:|---|---:|", *rows]) + "\n"


def morning(seed: int = 1, *, crossing: bool = False) -> tuple[StreetNetwork, Day]:
    """A district: 12 inspectors, 300 stops, 150 lanes."""
    network = planned.town(30)
    return network, planned.random_day(network, seed, people=12, stops=300, lanes=150, parts=3, crossing=crossing)


def morning_table(iterations: int = 300) -> str:
    """What a checked plan of a morning costs, and an urgent stop put into it, in own grids and anywhere."""
    rows = []
    for crossing in (False, True):
        network, day = morning(crossing=crossing)
        ways = ways_of(network, {who.mover for who in day.patrollers})
        begun = time.process_time()
        plan = plan_visits(replace(day, iterations=iterations), ways)
        made_s = time.process_time() - begun
        assert check(day, plan, network) == []
        checked_s = time.process_time() - begun
        begun = time.process_time()
        x, y = planned.place(1_700.0, 1_900.0)
        urgent = Stop(code="urgent", kind="issue", x=x, y=y, must=True, prize=1_000.0, area=day.stops[0].area)
        after = insert_urgent(day, plan, urgent, ways, 10 * planned.H)
        urgent_s = time.process_time() - begun
        assert check(after.day, after.plan, network) == []
        where = "anywhere" if crossing else "own grids"
        rows.append(f"| {where} | {made_s:.1f} | {checked_s:.1f} | {len(plan.done)} | {urgent_s:.2f} |")
    head = "| where | plan, s | with the check, s | tasks done of 450 | urgent stop, s |"
    return "\n".join([head, "|---|---:|---:|---:|---:|", *rows]) + "\n"


def value(day: Day, plan: Plan) -> float:
    """Points of what is done."""
    return sum(task.prize for task in day.tasks if task.code in plan.done)


def against_nearest(network: StreetNetwork, days: Sequence[Day]) -> list[tuple[float, float]]:
    """Of each day the points of nearest-first rounds and those of the plan, both looked at by the checker."""
    found = []
    for day in days:
        ways: dict[str, Ways] = ways_of(network, {who.mover for who in day.patrollers})
        plans = nearest_first(day, ways), plan_visits(day, ways)
        for plan in plans:
            assert check(day, plan, network) == []
        found.append((value(day, plans[0]), value(day, plans[1])))
    return found


def nearest_table(network: StreetNetwork, days: Sequence[Day]) -> str:
    """The same for people, summed up."""
    found = against_nearest(network, days)
    more = [100 * (ours / theirs - 1) for theirs, ours in found if theirs]
    totals = [sum(values) for values in zip(*found, strict=True)]
    head = "| days | nearest first, points | planned, points | more | least and most of a day |"
    row = (
        f"| {len(days)} | {totals[0]:,.0f} | {totals[1]:,.0f} | {100 * (totals[1] / totals[0] - 1):.1f} % |"
        f" {min(more):.1f} to {max(more):.1f} % |"
    )
    return "\n".join([head, "|---:|---:|---:|---:|---|", row]) + "\n"


def drawn_days(count: int = 30) -> tuple[StreetNetwork, list[Day]]:
    """Days drawn by chance, with about twice as much to do as there is time for."""
    network = planned.town(20)
    days = [
        planned.random_day(network, seed, people=6, stops=150, lanes=80, parts=2, iterations=500)
        for seed in range(count)
    ]
    return network, days


if __name__ == "__main__":
    wanted = set(sys.argv[1:]) or {"vrptw", "morning", "nearest"}
    tables = {"vrptw": vrptw_table, "morning": morning_table, "nearest": lambda: nearest_table(*drawn_days())}
    for name, table in tables.items():
        if name in wanted:
            sys.stdout.write(f"\n{table()}")

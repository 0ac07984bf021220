"""Thirty days of the demo city: what is proposed for each, planned, and held against nearest-first rounds.

Both have the same tasks, shifts and grids, and the checker looks at both. ``python -m tests.benchmarks.routing_demo``
prints a row a day.
"""

import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory

from api.demo import fill
from api.door import Door, now
from api.networks import Networks
from api.patrolling import Patrols, midnight_of
from api.proposing import propose
from data.demo.walks import DAYS, FIRST_DAY
from gis_core.patrol.checker import check
from gis_core.patrol.visits import plan_visits
from gis_core.planning.asking import Asked
from gis_core.routing.matrices import ways_of
from layers.stores import Stores
from layers.territories import Territories
from tests.benchmarks.routing_visits import value
from tests.oracles.nearest_first import nearest_first

UNITS, ISSUES, SEED = 400, 6_000, 20260701
"""The demo city as everybody gets it."""
SECONDS = 8.0


@dataclass(frozen=True)
class Compared:
    """One day: how many tasks there are, what all are worth, and what was done of it."""

    day: dt.date
    tasks: int
    worth: float
    planned: float
    nearest: float
    iterations: int

    @property
    def gain(self) -> float:
        """How much more the plan does than nearest-first rounds, in per cent."""
        return 100.0 * (self.planned / self.nearest - 1.0)


def morning(asked: Asked) -> Asked:
    """The same for four hours, without a break: there is more to do than anybody can."""
    return replace(asked, shift=(8 * 3_600, 12 * 3_600), breaks=())


def compared(
    stores: Stores, days: Iterable[dt.date], seconds: float | None = None, asked: Asked | None = None
) -> Iterator[Compared]:
    """Each of some days proposed as it was known at its midnight, planned and walked nearest first."""
    patrols = Patrols(Networks(), Territories())
    zone = patrols.known(stores, now()).zone
    for date in days:
        wanted = replace(asked or Asked(day=date), day=date, as_of=midnight_of(date, zone))
        proposal = propose(stores, patrols, wanted, now())
        day, ways = proposal.day, ways_of(proposal.network, {who.mover for who in proposal.day.patrollers})
        plan, rounds = plan_visits(day, ways, seconds=seconds), nearest_first(day, ways)
        for one in (plan, rounds):
            faults = check(day, one, proposal.network)
            assert not faults, faults[0]
        whole = sum(task.prize for task in day.tasks)
        yield Compared(date, len(day.tasks), whole, value(day, plan), value(day, rounds), plan.iterations)


def section(rows: Sequence[Compared]) -> str:
    """The days as a table, and what they come to."""
    planned, nearest = sum(row.planned for row in rows), sum(row.nearest for row in rows)
    gains = [row.gain for row in rows]
    lines = [
        f"| {row.day} | {row.tasks} | {row.worth:.0f} | {row.nearest:.0f} | {row.planned:.0f} | {row.gain:+.1f} % |"
        for row in rows
    ]
    head = "| day | tasks | worth | nearest first | planned | more |\n|---|---:|---:|---:|---:|---:|\n"
    more = 100 * (planned / nearest - 1)
    told = f"{len(rows)} days together: {more:+.1f} %, from {min(gains):+.1f} to {max(gains):+.1f} %"
    return head + "\n".join(lines) + f"\n\n{told} (must 10, good 20).\n"


def measured(seconds: float = SECONDS) -> dict[str, list[Compared]]:
    """All thirty days, mornings and whole shifts, each searched for so many seconds."""
    days, asked = [FIRST_DAY + dt.timedelta(days=n) for n in range(DAYS)], Asked(day=FIRST_DAY)
    with TemporaryDirectory() as folder:
        door = Door(url=f"sqlite:///{folder}/demo.db", lang="en", as_json=True)
        fill(door, UNITS, ISSUES, SEED, strips=False, patrols=True)
        kinds = {"mornings of four hours": morning(asked), "whole shifts": asked}
        rows = {kind: list(compared(door.stores, days, seconds, one)) for kind, one in kinds.items()}
        door.stores.close()
    return rows


def demo_table() -> str:
    """The same for people."""
    return "\n".join(f"### {kind.capitalize()}\n\n{section(rows)}" for kind, rows in measured().items())


if __name__ == "__main__":
    sys.stdout.write(demo_table())

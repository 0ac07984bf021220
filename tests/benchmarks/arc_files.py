"""Public instances of arc routing, read from where they lie, and what a plan for one really comes to.

The formats are CARPLIB's (undirected, with demands) and that of the windy rural postman (two costs an edge). Nothing
here uses the product's search: plans are added up edge by edge.
"""

import csv
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gis_core.arrays import Ints
from gis_core.routing.arcs import ArcProblem, Tours

FOLDER = Path(os.environ.get("GRIDWARDEN_ROUTING", Path(__file__).parents[3] / "shared" / "gates" / "routing"))
"""Where the instances lie, beside the project."""


@dataclass(frozen=True)
class Instance:
    """Edges ``(u, v, there, back, demand)``, the required ones first in ``required``; the depot is a node."""

    name: str
    nodes: int
    depot: int
    required: list[tuple[int, int, int, int, int]]
    others: list[tuple[int, int, int, int, int]]
    capacity: int | None

    @property
    def ways(self) -> Ints:
        """Shortest ways, by Floyd and Warshall."""
        far = np.full((self.nodes, self.nodes), 1_000_000_000, np.int64)
        np.fill_diagonal(far, 0)
        for u, v, there, back, _ in self.required + self.others:
            far[u, v], far[v, u] = min(far[u, v], there), min(far[v, u], back)
        for k in range(self.nodes):
            far = np.minimum(far, far[:, k : k + 1] + far[k : k + 1, :])
        return far

    def problem(self, routes: int | None = None) -> ArcProblem:
        """For the search: arc ``2 * e`` passes edge ``e`` as it is written, ``2 * e + 1`` the other way."""
        edges = np.array(self.required, np.int64)
        return ArcProblem(
            ways=self.ways,
            task=np.repeat(np.arange(len(edges)), 2),
            tail=edges[:, :2].ravel(),
            head=edges[:, 1::-1].ravel(),
            cost=edges[:, 2:4].ravel(),
            start=self.depot,
            end=self.depot,
            routes=routes,
            demand=edges[:, 4] if self.capacity else None,
            room=self.capacity,
        )


def carp(name: str) -> Instance:
    """An instance of capacitated arc routing."""
    text = (FOLDER / "carp" / f"{name}.dat").read_text("latin-1")
    required, others = text.split("LISTA_ARISTAS_NOREQ") if "LISTA_ARISTAS_NOREQ" in text else (text, "")
    found = re.findall(r"\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*coste\s+(\d+)\s+demanda\s+(\d+)", required)
    edges = [(int(u) - 1, int(v) - 1, int(cost), int(cost), int(demand)) for u, v, cost, demand in found]
    found = re.findall(r"\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*coste\s+(\d+)", others)
    rest = [(int(u) - 1, int(v) - 1, int(cost), int(cost), 0) for u, v, cost in found]
    assert len(edges) == _number(text, "ARISTAS_REQ")
    assert len(rest) == _number(text, "ARISTAS_NOREQ")
    depot = _number(text, "DEPOSITO") - 1 if "DEPOSITO" in text else 0
    return Instance(name, _number(text, "VERTICES"), depot, edges, rest, _number(text, "CAPACIDAD"))


def windy(name: str) -> Instance:
    """An instance of the windy rural postman; its depot is the first node."""
    text = (FOLDER / "mm_kwrpp" / name).read_text("latin-1")
    lists = [[(int(u) - 1, int(v) - 1, int(there), int(back), 0) for u, v, there, back in part] for part in _two(text)]
    assert [len(part) for part in lists] == [_number(text, "ARISTAS_REQ"), _number(text, "ARISTAS_NOREQ")]
    return Instance(name, _number(text, "VERTICES"), 0, lists[0], lists[1], None)


def _two(text: str) -> list[list[tuple[str, ...]]]:
    pattern = r"\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*coste\s+(\d+)\s+(\d+)"
    return [re.findall(pattern, part) for part in text.split("LISTA_ARISTAS_NOREQ")]


def _number(text: str, key: str) -> int:
    found = re.search(rf"^\s*{key}\s*:\s*(\d+)", text, re.MULTILINE)
    assert found, key
    return int(found[1])


def best_known() -> dict[str, int]:
    """Least sums anybody has found, by instance."""
    with (FOLDER / "carp" / "bks.csv").open() as file:
        return {row["instance"]: int(row["best_known"]) for row in csv.DictReader(file)}


def added_up(instance: Instance, ways: Ints, tours: Tours) -> list[int]:
    """How long the routes are; every edge must be passed once, and no route hold too much."""
    passed = sorted(arc // 2 for arcs in tours.arcs for arc in arcs)
    assert passed == list(range(len(instance.required))), "an edge is left out or passed twice"
    return [_length(instance, ways, arcs) for arcs in tours.arcs]


def _length(instance: Instance, ways: Ints, arcs: Sequence[int]) -> int:
    at, length, load = instance.depot, 0, 0
    for arc in arcs:
        u, v, there, back, demand = instance.required[arc // 2]
        tail, head, cost = (v, u, back) if arc % 2 else (u, v, there)
        length += int(ways[at, tail]) + cost
        load += demand
        at = head
    assert instance.capacity is None or load <= instance.capacity, "a route holds too much"
    return length + int(ways[at, instance.depot])

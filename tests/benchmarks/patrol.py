"""Patrol: what building the network, matching tracks and asking for a window of time cost."""

from pathlib import Path

import numpy as np
import pandas as pd

from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.matching import Matcher
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.patrol.status import neighbours, statuses
from tests.benchmarks.spending import alone, measured, setting
from tests.gis_core import truth_patrol as truth

SIDE, WALKS, BLOCKS = 246, 200, 60
INSPECTORS, DAYS, PASSES = 500, 30, 576
DAY_S = 86_400
HEAD = """
{setting}.

One thread. {edges:,} segments of about 50 m, {km:,.0f} km; walks of {blocks} segments at 1.2 m/s, one point in 5 s.

| work | CPU s | rate |
|---|---:|---:|
"""


def section(_: Path) -> str:
    """Everything, as a section of the page."""
    return alone(_measured)


def _measured() -> str:
    random = np.random.default_rng(0)
    east, north = np.meshgrid(np.arange(SIDE) * 50.0, np.arange(SIDE) * 50.0, indexing="ij")
    town = truth.Town(east + random.normal(0, 4, east.shape), north + random.normal(0, 4, east.shape))
    streets = town.streets()
    with measured() as building:
        network = build_network(streets, truth.SRID)
    with measured() as places:
        matcher = Matcher(network)
    head = HEAD.format(
        setting=setting("numba", "numpy", "scipy", "shapely"), edges=len(network.u), km=network.length_m.sum() / 1000,
        blocks=BLOCKS,
    )  # fmt: skip
    rows = [
        f"| network from {len(streets)} streets | {building.ours:.2f} | |",
        f"| places along it | {places.ours:.2f} | |",
    ]
    for sigma_m in (5.0, 10.0):
        xy, t, piece = _tracks(town, random, sigma_m)
        first, sigma = piece == 0, np.full(len(t), sigma_m)
        matcher.match(xy[first], t[first], piece[first], sigma[first])  # the kernels are compiled at their first call
        with measured() as matching:
            matcher.match(xy, t, piece, sigma)
        rate = f"{len(t) / matching.ours:,.0f} points/s"
        rows.append(f"| matching {len(t):,} points, σ {sigma_m:g} m | {matching.ours:.2f} | {rate} |")
    return "\n".join([head.strip(), *rows, *_windows(network, random)]) + "\n"


def _tracks(town: truth.Town, random: np.random.Generator, sigma_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    walks = [truth.track(town, truth.walk(town, random, BLOCKS), random, sigma_m, 5) for _ in range(WALKS)]
    piece = np.repeat(np.arange(WALKS), [len(t) for _, t in walks])
    return np.concatenate([xy for xy, _ in walks]), np.concatenate([t for _, t in walks]), piece


def _windows(network: StreetNetwork, random: np.random.Generator) -> list[str]:
    count = INSPECTORS * DAYS * PASSES
    edge = random.integers(0, len(network.u), count).astype(np.int32)
    t_in = random.uniform(0, DAYS * DAY_S, count)
    intervals = pd.DataFrame(
        {
            "edge": edge, "from_m": np.zeros(count, np.float32), "to_m": network.length_m[edge].astype(np.float32),
            "t_in": t_in, "t_out": t_in + 42, "confidence": random.uniform(0.4, 1, count).astype(np.float32),
        }
    )  # fmt: skip
    with measured() as sorting:
        log = PatrolLog(network, intervals)
    rows = [f"| sorting {count:,} passes of {INSPECTORS} inspectors in {DAYS} days | {sorting.ours:.1f} | |"]
    near, heard = neighbours(network, 10.0), np.ones(len(network.u), bool)
    log.within(0, 10)
    for name, begin, end in (
        ("all 30 days", 0, 30),
        ("seven days", 20, 27),
        ("one day", 12, 13),
        ("half a day", 29.5, 30),
    ):
        with measured() as asking:
            statuses(log.within(begin * DAY_S, end * DAY_S), near, heard)
        rows.append(f"| coverage, freshness, gaps and status of every segment, {name} | {asking.ours:.2f} | |")
    return rows

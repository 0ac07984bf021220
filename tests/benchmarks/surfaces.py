"""Surfaces: what heat on the ground and along streets, and asking for suspected repeats, cost."""

from pathlib import Path

import numpy as np
import shapely

from gis_core.duplicates import Intake
from gis_core.hotspots.network_density import network_heat
from gis_core.hotspots.surface import canvas_of, heat
from gis_core.likeness import Coder, Report, features, near_pairs
from gis_core.patrol.network import build_network
from tests.benchmarks.spending import alone, measured, setting
from tests.gis_core import truth_patrol as streets
from tests.gis_core import truth_repeats as repeats

SIDE_M, CELL_M, BANDWIDTH_M, POINTS = 12_000.0, 12.0, 150.0, 1_000_000
CROSSINGS, EVENTS = 233, 50_000
REPORTS, ASKED = 200_000, 300
HEAD = """
{setting}.

One thread; kernels compiled before. Means over what was asked where there is more than one.

| work | CPU s |
|---|---:|
"""


def section(_: Path) -> str:
    """Everything, as a section of the page."""
    return alone(_measured)


def _measured() -> str:
    random = np.random.default_rng(0)
    head = HEAD.format(setting=setting("numba", "numpy", "rtree", "scipy", "shapely"))
    return "\n".join([head.strip(), *_ground(random), *_streets(random), *_repeats()]) + "\n"


def _ground(random: np.random.Generator) -> list[str]:
    canvas = canvas_of(shapely.box(0, 0, SIDE_M, SIDE_M), CELL_M)
    xy = random.uniform(0, SIDE_M, (POINTS, 2))
    heat(canvas, xy[:10], BANDWIDTH_M, 1.0)
    with measured() as spent:
        heat(canvas, xy, BANDWIDTH_M, 30.0)
    rows, columns = canvas.inside.shape
    return [f"| {POINTS:,} points to a surface of {columns} × {rows} cells, h = {BANDWIDTH_M:g} m | {spent.ours:.2f} |"]


def _streets(random: np.random.Generator) -> list[str]:
    east, north = np.meshgrid(np.arange(CROSSINGS) * 50.0, np.arange(CROSSINGS) * 50.0, indexing="ij")
    network = build_network(streets.Town(east, north).streets(), streets.SRID)
    edge = random.integers(0, len(network.u), EVENTS)
    at_m = random.uniform(0, 1, EVENTS) * network.length_m[edge]
    network_heat(network, edge[:10], at_m[:10], BANDWIDTH_M, 1.0)
    with measured() as spent:
        found = network_heat(network, edge, at_m, BANDWIDTH_M, 30.0)
    return [f"| {EVENTS:,} reports on {len(found.mass):,} lixels, h = {BANDWIDTH_M:g} m | {spent.ours:.2f} |"]


def _repeats() -> list[str]:
    reports = [Report(**report) for report in repeats.told(REPORTS, 0).reports]
    some = Coder().coded(reports[:1000])
    features(some, near_pairs(some, False), False)
    with measured() as coding:
        coded = Coder().coded(reports)
    with measured() as pairing:
        pairs = near_pairs(coded, False)
        features(coded, pairs, False)
    with measured() as loading:
        intake = Intake(reports)
    asked = [Report(**report) for report in repeats.told(ASKED, 5).reports]
    intake.suspects(reports[0])
    with measured() as asking:
        for report in asked + reports[-ASKED:]:
            intake.suspects(report)
            intake.add(report)
    return [
        f"| reading the words of {REPORTS:,} reports | {coding.ours:.2f} |",
        f"| their {len(pairs):,} near pairs and what is alike | {pairing.ours:.2f} |",
        f"| growing the tree | {loading.ours:.2f} |",
        f"| asking and adding one report against {REPORTS:,} | {asking.ours / (2 * ASKED):.4f} |",
    ]

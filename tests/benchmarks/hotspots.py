"""Hot spots: what testing cells, cubes of cells and steps, and scanning cost."""

from pathlib import Path

import numpy as np

from gis_core.hotspots.emerging import MODES, emerging, recency
from gis_core.hotspots.scan import Draws, circles, scan
from gis_core.hotspots.significance import significance
from gis_core.hotspots.weights import lattice, within
from tests.benchmarks.spending import alone, measured, setting

ROWS, COLUMNS, STEPS = 100, 200, 52
HEAD = """
{setting}.

One thread. {cells:,} cells, {steps} steps, a report in every cell and step on average.

| work | CPU s |
|---|---:|
"""


def section(_: Path) -> str:
    """Everything, as a section of the page."""
    return alone(_measured)


def _measured() -> str:
    random, rows = np.random.default_rng(0), []
    xy = np.indices((ROWS, COLUMNS)).reshape(2, -1).T * 100.0
    near, cells = lattice(ROWS, COLUMNS), ROWS * COLUMNS
    exposure = random.lognormal(-0.5, 1, cells)
    uneven = exposure[:, None] * random.gamma(1, 1, (cells, STEPS))
    cubes = {"Poisson": random.poisson(exposure[:, None], (cells, STEPS)), "uneven": random.poisson(uneven)}
    with measured() as spent:
        within(xy, 150.0)
    rows.append(("neighbourhoods within 150 m", spent.ours))
    for name, cube in cubes.items():
        with measured() as spent:
            significance(cube[:, 0], near, exposure)
        rows.append((f"significance and Gi* of one map, {name} counts", spent.ours))
        for mode in MODES:
            with measured() as spent:
                emerging(cube, near, exposure, mode=mode)
            rows.append((f"emerging, {name} counts, mode {mode}", spent.ours))
    with measured() as spent:
        recency(cubes["Poisson"], 3)
    rows.append(("alarm of single cells", spent.ours))
    around, counts = circles(xy, np.ones(cells), nearest=50), cubes["Poisson"][:, 0]
    scan(counts, None, around, Draws(1))  # the kernel is compiled at its first call
    with measured() as spent:
        scan(counts, None, around)
    rows.append(("scan of the 50 nearest cells, 500 simulated maps", spent.ours))
    head = HEAD.format(setting=setting("numba", "numpy", "scipy"), cells=cells, steps=STEPS)
    return "\n".join([head.strip(), *(f"| {name} | {cpu:.2f} |" for name, cpu in rows)]) + "\n"

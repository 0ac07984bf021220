"""Maps made by chance, with and without a planted hot spot, and where the reference values lie."""

from pathlib import Path

import numpy as np
import pytest

from gis_core.arrays import Bools, Floats
from gis_core.hotspots.weights import Neighbourhoods

GATES = Path(__file__).parents[3] / "shared" / "gates" / "hotspots"
SIDE, RATE = 100, 0.02
"""Cells of a planted map each way, and reports for one unit of exposure: four in five cells on average."""


def reference(name: str) -> Path:
    """A file of reference values, or the test is skipped."""
    if not (GATES / name).exists():
        pytest.skip(f"no reference values {name} beside the repository")
    return GATES / name


def random_exposure(random: np.random.Generator, cells: int) -> Floats:
    """Exposure of each cell by itself, very uneven."""
    return random.lognormal(3, 1.2, cells)


def clustered_exposure(random: np.random.Generator, near: Neighbourhoods) -> Floats:
    """Exposure that neighbours share, as of patrols and of shops."""
    smooth = near.sums(near.sums(near.sums(random.normal(size=len(near)))))
    return np.exp(3 + (smooth - smooth.mean()) / smooth.std())


def planted(random: np.random.Generator, size: int, side: int = SIDE) -> Bools:
    """A square of cells somewhere in a lattice."""
    square = np.zeros((side, side), bool)
    row, column = random.integers(0, side - size, 2)
    square[row : row + size, column : column + size] = True
    return square.ravel()

"""Kernels compiled beforehand are all there are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import ROOT

WORK = """
from dataclasses import replace
from pathlib import Path
import sys
import numpy as np
from gis_core.assignment import Assigner
from layers import indexes
from tests.gis_core.small_city import LAYERS_OF_ALL, issues, lonlat, territory

random = np.random.default_rng(2)
places = [lonlat(x, y) for x, y in random.uniform((-0.2, -0.2), (6.2, 2.2), (150_000, 2))]
reported = issues(places, category="bin-full")
indexes.WORTH_A_FILE = 1
for keeps in (True, False):
    city = replace(territory(**LAYERS_OF_ALL), ready=indexes.Shelf(Path(sys.argv[1]), keeps=keeps))
    Assigner(city, threads=2)(reported)
Assigner(territory(**LAYERS_OF_ALL))(reported)
"""


@pytest.mark.full
def test_nothing_is_left_to_compile(tmp_path: Path) -> None:
    """The first report after an image is started would wait for the compiler."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}

    def compiled_by(*arguments: str | Path) -> set[str]:
        subprocess.run([sys.executable, *arguments], env=environment, check=True, cwd=ROOT)
        return {path.name for path in (tmp_path / "cache").rglob("*.nbc")}

    beforehand = compiled_by("-m", "gis_core.joins.warming")
    assert len(beforehand) > 20
    assert compiled_by("-c", WORK, tmp_path / "shelf") == beforehand

"""One demo city that the tests of this room share, and its answers."""

import pandas as pd
import pytest

from data.demo import Demo, build
from gis_core.assignment import Assigner
from gis_core.issues import Screened, screen
from gis_core.territory import Territory

UNITS, ISSUES, SEED = 400, 6_000, 20260701


@pytest.fixture(scope="session")
def demo() -> Demo:
    return build(units=UNITS, issues=ISSUES, seed=SEED)


@pytest.fixture(scope="session")
def territory(demo: Demo) -> Territory:
    return Territory(demo.city, 1, 1, demo.frames)


@pytest.fixture(scope="session")
def screened(demo: Demo, territory: Territory) -> Screened:
    return screen(demo.frames["issues"], territory)


@pytest.fixture(scope="session")
def answers(screened: Screened, territory: Territory) -> pd.DataFrame:
    return screened.accepted.join(Assigner(territory)(screened.accepted))

"""The hot spots planted in the demo city are found, and called what they are."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
import shapely

from data.demo import build
from data.demo.city import CITY, LAST_DAY
from data.demo.rhythm import DAYS
from gis_core.arrays import Ints, Objects
from gis_core.crs import project, to_metres
from gis_core.hotspots.emerging import emerging, sliced
from gis_core.hotspots.scan import Draws, circles, scan_time
from gis_core.hotspots.significance import hot, significance
from gis_core.hotspots.weights import Neighbourhoods, contiguous, lattice

UNITS, ISSUES, STEP_DAYS, CELL_M, HEAVY = 1_000, 20_000, 7, 100.0, 20
"""A planted cell is heavy where as many reports were planted as a cell has on average."""
CALLED = {"persistent": {"lasting", "worse"}, "emerging": {"new"}, "fading": {"fading"}}
"""What pages may call a place of each planted pattern."""
RECALL = {"unit": (0.55, 0.9, 0.9), "lattice": (0.9, 0.65, 0.95)}
"""Share of the planted reports in cells that are called so, by support. A market's unit grids are busy in a city where
many are, so some are not significant; a building site is raised before its crowd comes, so some of its cells last."""


class Town:
    """Reports of a demo city, by day and by what they were planted as."""

    def __init__(self, seed: int) -> None:
        demo = build(units=UNITS, issues=ISSUES, seed=seed)
        issues, cells = demo.frames["issues"], demo.frames["grids"]
        self.units: Objects = project(cells.geometry[cells["level"] == "unit"].to_numpy(), CITY.metric_srid)
        self.xy = to_metres(issues[["lon", "lat"]].to_numpy(), CITY.metric_srid)
        local = pd.DatetimeIndex(issues["reported_at"]).tz_convert(CITY.timezone).tz_localize(None)
        self.day = (DAYS - 1 - (pd.Timestamp(LAST_DAY) - local.normalize()).days).to_numpy(np.int64)
        self.pattern = issues["extra"].str.get("pattern").fillna("").to_numpy(str)

    def on(self, support: str) -> tuple[Objects, Neighbourhoods]:
        """Unit grids, or a lattice over them."""
        if support == "unit":
            return self.units, contiguous(self.units)
        west, south, east, north = shapely.total_bounds(self.units)
        x, y = np.meshgrid(np.arange(west, east, CELL_M), np.arange(south, north, CELL_M))
        return shapely.box(x.ravel(), y.ravel(), x.ravel() + CELL_M, y.ravel() + CELL_M), lattice(*x.shape)

    def cells(self, shapes: Objects) -> Ints:
        """In which cell each report lies, -1 in none."""
        point, cell = shapely.STRtree(shapes).query(shapely.points(self.xy), predicate="intersects")
        found = np.full(len(self.xy), -1)
        found[point] = cell
        return found

    def planted(self, cell: Ints, cells: int) -> Mapping[str, Ints]:
        """Of each pattern the planted reports of each cell."""
        return {one: np.bincount(cell[(self.pattern == one) & (cell >= 0)], minlength=cells) for one in CALLED}


@pytest.fixture(scope="module", params=[20260701, 1])
def town(request: pytest.FixtureRequest) -> Town:
    return Town(request.param)


def steps(day: Ints) -> Ints:
    """Weeks, the last of which is over; -1 before the first whole one."""
    return (day - DAYS % STEP_DAYS) // STEP_DAYS


@pytest.mark.parametrize("support", RECALL)
def test_each_planted_pattern_is_called_by_its_word(town: Town, support: str) -> None:
    """A market would be no lasting hot spot, a building site none that is new, a school none that has faded."""
    shapes, near = town.on(support)
    cell = town.cells(shapes)
    planted = town.planted(cell, len(shapes))
    found = emerging(sliced(cell, steps(town.day), (len(shapes), DAYS // STEP_DAYS)), near).cells
    for (pattern, words), least in zip(CALLED.items(), RECALL[support], strict=True):
        right = found["word"].isin(words).to_numpy()
        assert planted[pattern][right].sum() / planted[pattern].sum() >= least, pattern
        assert right[planted[pattern] >= HEAVY].mean() >= least, pattern
    far = near.wider().sums(sum(planted.values()).astype(float)) == 0
    assert (found["word"] != "none")[far].mean() <= 0.02
    assert found["word"].isin({"new", "fading"})[far].mean() <= 0.01


def test_two_months_side_by_side_tell_what_has_come_and_gone(town: Town) -> None:
    """The first month and the last would look alike."""
    shapes, near = town.on("unit")
    cell = town.cells(shapes)
    planted = town.planted(cell, len(shapes))
    then, now = (
        hot(significance(np.bincount(cell[(cell >= 0) & part], minlength=len(shapes)), near).cells["class"])
        for part in (town.day < DAYS // 3, town.day >= 2 * DAYS // 3)
    )
    for pattern, asked, least in (("fading", then & ~now, 0.9), ("emerging", now & ~then, 0.9)):
        assert asked[planted[pattern] >= HEAVY].mean() >= least, pattern
    assert (then | now)[planted["persistent"] >= HEAVY].mean() >= 0.6


def test_the_alarm_rings_at_a_building_site(town: Town) -> None:
    """The crowd of the last days would be looked for elsewhere."""
    late = town.day >= DAYS - 42
    shapes, _ = town.on("unit")
    cell = town.cells(shapes)
    cube = sliced(cell[late], town.day[late] - (DAYS - 42), (len(shapes), 42))
    found = scan_time(
        cube, circles(shapely.get_coordinates(shapely.centroid(shapes)), cube.sum(1), nearest=40), 14, Draws(99)
    )
    assert found["p"][0] == 0.01
    planted = town.planted(cell, len(shapes))["emerging"]
    assert planted[found["members"][0]].sum() >= 0.25 * planted.sum()

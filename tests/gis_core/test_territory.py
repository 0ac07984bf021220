"""One territory and its states between turning days."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from gis_core.arrays import Objects
from gis_core.assignment import Assigner
from gis_core.ready import Ready
from gis_core.territory import Territory
from gis_core.validity import FIRST_DAY, LAST_DAY, days
from tests.gis_core.small_city import CITY, LAYERS_OF_ALL, UNITS, grids, issues, lonlat, territory

JULY_1 = 20_635


def test_dates_are_whole_days() -> None:
    dates = pd.Series(
        [pd.Timestamp("2026-07-01").date(), None, "1969-12-31", pd.Timestamp("9999-12-31").date()], dtype=object
    )
    assert days(dates, LAST_DAY).tolist() == [JULY_1, LAST_DAY, -1, 2_932_896]
    assert days(pd.Series([None, None], dtype=object), FIRST_DAY).tolist() == [FIRST_DAY] * 2


def test_a_territory_without_dates_is_its_own_state() -> None:
    city = territory()
    assert city.on(JULY_1) is city and len(city.turning_days) == 0


def test_a_state_is_built_once_for_all_its_days() -> None:
    city = territory(grids=grids(unit_010101={"valid_from": "2026-07-01", "valid_to": "2026-07-31"}))
    assert city.turning_days.tolist() == [JULY_1, JULY_1 + 31]
    before, during, after = city.on(JULY_1 - 1), city.on(JULY_1), city.on(JULY_1 + 31)
    assert during is city and city.on(JULY_1 + 30) is during
    assert city.on(FIRST_DAY) is before is city.on(JULY_1 - 1)
    assert [len(state.levels[-1].codes) for state in (before, during, after)] == [7, 8, 7]
    rows = [held.tolist() for held, _ in city.by_state(np.array([JULY_1, JULY_1 - 5, JULY_1 + 30, JULY_1 + 40]))]
    assert rows == [[1], [0, 2], [3]]


def test_layers_are_ordered_by_code() -> None:
    shuffled = list(reversed(grids()))
    assert territory(grids=shuffled).levels[-1].codes.tolist() == sorted(UNITS)


def test_compiled_indexes_are_asked_for_by_the_shapes_of_the_day() -> None:
    """An index of other days' shapes would answer with other positions."""

    class Asked(Ready):
        def __init__(self) -> None:
            self.shapes: list[Objects] = []

        def polygons(self, polygons: Objects) -> None:
            self.shapes.append(polygons)

        def lines(self, lines: Objects, srid: int, reach_m: float) -> None:
            assert (srid, reach_m) == (CITY.metric_srid, CITY.street_limit_m)
            self.shapes.append(lines)

    asked = Asked()
    frames = territory(**LAYERS_OF_ALL | {"grids": grids(unit_010101={"valid_from": "2026-07-01"})}).frames
    for state, units in ((JULY_1 - 1, 7), (JULY_1, 8)):
        city = Territory(CITY, 7, 3, frames, asked).on(state)
        assert all(cells.index.locate(np.array([lonlat(3.5, 0.5)]))[0] >= 0 for cells in city.levels)
        city.nearest_street.nearest(np.zeros((1, 2)), 1.0)
        places, _ = city.enclosing_places
        expected = [1, 2, units, len(city.streets.shapes), len(places)]
        assert [len(shapes) for shapes in asked.shapes] == expected
        asked.shapes.clear()


def test_threads_share_one_territory() -> None:
    """The indexes are built at their first use, whoever comes first."""
    city = Territory(CITY, 7, 3, territory(**LAYERS_OF_ALL).frames)
    reported = issues([lonlat(x / 10, y / 10) for x in range(40) for y in range(20)], category="bin-full")
    expected = Assigner(territory(**LAYERS_OF_ALL))(reported)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: Assigner(city)(reported), range(8)):
            pd.testing.assert_frame_equal(found, expected)

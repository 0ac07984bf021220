"""Stated bounds against the hand-drawn lattice: which streets lie at which side of which cell."""

import pytest
import shapely

from gis_core.bounds import SIDES, check_bounds
from tests.gis_core.small_city import CITY, S2, Row, frame, grid, grids, line, street

DAY = 20_600
S1 = street("S1", line((0, 1), (4, 1)), name="中街")
RIGHT = {"bound_north": "中街", "bound_east": "S2"}


def found(streets: list[Row], **bounds: str | None) -> list[tuple[str, str, str, float]]:
    cells = frame(grids(unit_010102=bounds))
    findings = check_bounds(cells, frame(streets), CITY, DAY)
    assert set(findings["severity"]) <= {"warning"}
    return [(row.check, row.code, row.other, row.amount) for row in findings.itertuples()]


def test_a_cell_that_ends_where_it_is_said_to_has_no_findings() -> None:
    assert found([S1, S2], **RIGHT) == []
    assert found([S1, S2]) == [], "what is not stated is not checked"


@pytest.mark.parametrize("side", SIDES)
def test_a_street_on_another_side_is_told(side: str) -> None:
    """The border moved by a block, and the paper still says the old street."""
    wrong = {"east": "中街", "north": "S2", "west": "S2", "south": "中街"}[side]
    ((check, code, other, percent),) = found([S1, S2], **{f"bound_{side}": wrong})
    assert (check, code, other) == ("bound_differs", "010102", f"{side} {wrong}")
    assert percent <= 20, "only what is within 30 m of the corner"


def test_a_street_that_does_not_exist_is_told() -> None:
    ((check, code, other, amount),) = found([S1, S2], bound_west="解放街")
    assert (check, code, other) == ("bound_unknown", "010102", "west 解放街") and amount != amount
    ended = {**S2, "valid_to": "2020-01-01"}
    assert [row[0] for row in found([S1, ended], **RIGHT)] == ["bound_unknown"]


def test_the_finding_is_drawn_where_the_side_is() -> None:
    cells = frame(grids(unit_010102={"bound_west": "S2"}))
    (shape,) = check_bounds(cells, frame([S1, S2]), CITY, DAY).geometry
    west, _, east, _ = shape.bounds
    assert east - west < 1e-6 and west == pytest.approx(cells.set_index("code").loc["010102", "geometry"].bounds[0])
    assert shapely.length(shape) > 0


def test_no_cells_and_no_streets_are_no_fault() -> None:
    assert not len(check_bounds(frame([]), frame([]), CITY, DAY))
    alone = frame([grid("01", "district", shapely.box(108.3, 22.8, 108.31, 22.81), bound_north="S1")])
    assert check_bounds(alone, frame([]), CITY, DAY)["check"].tolist() == ["bound_unknown"]

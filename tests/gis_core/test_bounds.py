"""Stated bounds against the hand-drawn lattice: which streets lie at which side of which cell."""

from itertools import pairwise

import pytest
import shapely
import shapely.affinity

from gis_core.bounds import SIDES, check_bounds, named_in
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
    assert (check, code, other) == (f"bound_{side}", "010102", wrong)
    assert percent <= 20, "only what is within 30 m of the corner"


def test_a_street_that_does_not_exist_is_told() -> None:
    ((check, code, other, amount),) = found([S1, S2], bound_west="解放街")
    assert (check, code, other) == ("bound_unknown", "010102", "解放街") and amount != amount
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


@pytest.mark.parametrize(
    "stated",
    [
        "至中街",
        "北至中街",
        "以中街为界",
        "中街中心线",
        "中街（不含）",
        " 中街 ",
        "中街、S2",
        "中街;S2",
        "中街和S2",
        "东起中街",
        "中街道路红线",
        "中街边线",
        "以中街以南",
    ],
)
def test_papers_write_words_around_a_street(stated: str) -> None:
    """A check that knows bare names only would call every real paper wrong."""
    assert found([S1, S2], bound_north=stated) == []


def test_what_is_no_street_is_not_compared() -> None:
    assert found([S1, S2], bound_north="邕江", bound_west="铁路线") == []
    assert [row[0] for row in found([S1, S2], bound_north="邕江、解放街")] == ["bound_unknown"]


def test_a_name_with_and_in_it_is_one_street() -> None:
    """和平路 would be the street 平路."""
    peace = street("S9", line((0, 1), (4, 1)), name="和平路")
    assert found([peace], bound_north="北至和平路") == []
    assert found([peace, S1], bound_north="和平路与中街") == []
    river = street("S8", line((0, 1), (4, 1)), name="临江大道")
    assert found([river], bound_north="临江大道为界") == found([river], bound_north="至临江大道中心线") == []


def test_brackets_are_read_in_their_own_time() -> None:
    """A row of brackets in a draft would keep the server busy for good."""
    assert named_in("甲路" + "（）" * 5_000 + "x", set()) != []


def turned(degrees: float) -> shapely.Geometry:
    """A square of 400 m, turned against the clock."""
    square = shapely.affinity.rotate(shapely.box(0, 0, 400, 400), degrees)
    return shapely.transform(
        square, lambda xy: 108.3 + xy[:, :1] * [1, 0] / 102_500 + [0, -85.5] + xy[:, 1:] * [0, 1] / 110_700
    )


def test_a_cell_turned_by_any_angle_has_its_sides() -> None:
    """Past 45° the north-eastern side would be east no longer from one cell to the next."""
    for degrees in (0, 20, 40):
        cell = turned(degrees)
        east = max(pairwise(cell.exterior.coords), key=lambda ends: sum(x for x, _ in ends))
        cells = frame([grid("01", "district", cell, bound_east="东街", bound_west="东街")])
        told = check_bounds(cells, frame([street("E", shapely.LineString(east), name="东街")]), CITY, DAY)
        assert told["check"].tolist() == ["bound_west"], degrees


def test_a_wide_street_is_reached_at_its_wall() -> None:
    """36 m from its centre line is the wall of an avenue of 60 m."""
    far = line((0, 1 + 36 / 221.5), (4, 1 + 36 / 221.5))
    assert found([street("S1", far, name="中街", width_m=60.0, footway_m=6.0)], bound_north="中街") == []
    assert found([street("S1", far, name="中街", width_m=14.0)], bound_north="中街") != []

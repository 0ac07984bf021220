"""Where a point lies: edges, corners, holes, gaps, overlaps, the tolerance, the queue, streets and their sides."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from gis_core.crs import to_lonlat, to_metres
from tests.gis_core.small_city import (
    CITY,
    S1,
    S2,
    STEP,
    Row,
    answer,
    box,
    grids,
    line,
    lonlat,
    moved,
    street,
    territory,
)

Place = tuple[float, float]


def located(
    place: Place, rows: list[Row] | None = None, streets: list[Row] | None = None, **city: Any
) -> dict[str, Any]:
    layers = {"grids": grids() if rows is None else rows, "streets": streets or []}
    return answer(territory(city=replace(CITY, **city), **layers), place)


def flags(found: dict[str, Any]) -> set[str]:
    return set(found["flags"].split()) - {"no_street"}


def test_a_point_inside_has_a_cell_at_every_level() -> None:
    found = located(lonlat(3.5, 0.5))
    assert [found["grid_1"], found["grid_2"], found["grid_3"], found["grid_4"]] == ["01", "0102", "010202", None]
    assert (found["grid"], found["area"], found["grid_distance_m"], flags(found)) == ("010202", "01", 0.0, set())


@pytest.mark.parametrize(
    ("place", "grid", "several"),
    [
        ((1, 0.5), "010101", True),
        ((1, 1), "010101", True),
        ((2, 1), "010102", True),
        ((3, 1), "010201", True),
        ((0, 0.5), "010101", False),
        ((0, 0), "010101", False),
        ((4, 1), "010202", True),
        ((4, 2), "010204", False),
    ],
    ids=[
        "edge",
        "corner",
        "corner of communities",
        "corner of four",
        "outer edge",
        "outer corner",
        "outer T",
        "far corner",
    ],
)
def test_a_boundary_belongs_to_the_smallest_code(place: Place, grid: str, several: bool) -> None:
    found = located(lonlat(*place))
    assert (found["grid"], found["grid_distance_m"]) == (grid, 0.0)
    assert flags(found) == ({"several_grids"} if several else set())


def test_three_cells_meet_in_one_corner() -> None:
    rows = grids(without=["010103", "010104"])
    above = rows[3] | {"code": "010105", "geometry": box(0, 1, 2, 2)}
    found = located(lonlat(1, 1), [*rows, above])
    assert found["grid"] == "010101" and flags(found) == {"several_grids"}


def test_in_an_overlap_the_smallest_code_answers() -> None:
    rows = grids(unit_010204={"geometry": box(2.5, 1, 4, 2)})
    found = located(lonlat(2.75, 1.5), rows)
    assert found["grid"] == "010203" and flags(found) == {"several_grids"}


def test_a_hole_belongs_to_the_nearest_cell_within_the_tolerance() -> None:
    holed = box(3, 0, 4, 1).difference(box(3.4, 0.4, 3.6, 0.6))
    found = located(lonlat(3.5, 0.5), grids(unit_010202={"geometry": holed}))
    assert found["grid"] == "010202" and flags(found) == {"snapped"}
    assert 15 < found["grid_distance_m"] < 25
    queued = located(lonlat(3.5, 0.5), grids(unit_010202={"geometry": holed}), grid_tolerance_m=10.0)
    assert queued["grid"] is None and queued["grid_2"] == "0102" and flags(queued) == {"queue"}


@pytest.mark.parametrize(("part", "grid"), [(0.25, "010101"), (0.5, "010101"), (0.75, "010102")])
def test_a_gap_of_a_metre_belongs_to_the_nearer_side(part: float, grid: str) -> None:
    """In the very middle to the smaller code; near the corner, where edges in degrees are edges in metres."""
    gap_deg = 1e-5
    rows = grids(unit_010102={"geometry": shapely.box(WEST_OF_102 + gap_deg, *box(1, 0, 2, 1).bounds[1:])})
    found = located((WEST_OF_102 + gap_deg * part, lonlat(0, 0.001)[1]), rows)
    assert found["grid"] == grid and flags(found) == {"snapped"}
    assert found["grid_distance_m"] == pytest.approx(min(part, 1 - part) * 1.027, abs=0.01)


WEST_OF_102 = lonlat(1, 0)[0]


def away_from_units(metres: float) -> Place:
    """A point so far east of the corner of unit 010204, in the district still."""
    return moved(lonlat(4, 2), metres, -1.0)


@pytest.mark.parametrize(("over_m", "snaps"), [(-1e-3, True), (0.0, True), (1e-3, False)])
def test_the_tolerance_includes_its_own_length(over_m: float, snaps: bool) -> None:
    place = away_from_units(25.0)
    edge = shapely.transform(box(3, 1, 4, 2), lambda xy: to_metres(xy, CITY.metric_srid))
    exact_m = shapely.distance(edge, shapely.Point(to_metres(np.array([place]), CITY.metric_srid)[0]))
    found = located(place, grid_tolerance_m=float(exact_m) - over_m)
    assert flags(found) == ({"snapped"} if snaps else {"queue"})
    assert (found["grid"] == "010204") is snaps
    assert found["grid_1"] == "01", "the district encloses it anyhow"
    if snaps:
        assert found["grid_distance_m"] == pytest.approx(exact_m, abs=1e-6)
    else:
        assert np.isnan(found["grid_distance_m"])


def test_beyond_the_tolerance_waits_in_the_queue_of_the_enclosing_cell() -> None:
    found = located(lonlat(5, 1))
    assert (found["grid"], found["grid_1"], found["grid_2"]) == (None, "01", None)
    assert (found["rule"], found["responsible"], found["responsible_kind"]) == ("territorial_fallback", "01", "queue")
    assert flags(found) == {"queue"}


def test_levels_that_disagree_are_flagged() -> None:
    """The unit says it belongs to the other community than the one whose polygon covers the point."""
    found = located(lonlat(1.5, 1.5), grids(unit_010104={"parent": "0102"}))
    assert (found["grid"], found["grid_2"], flags(found)) == ("010104", "0101", {"parent_differs"})


def test_without_cells_at_the_lowest_level_the_one_above_encloses() -> None:
    rows = [row for row in grids() if row["level"] != "unit"]
    found = located(lonlat(2, 1), rows)
    assert (found["grid_2"], found["grid"], flags(found)) == ("0101", None, {"queue"})


@pytest.mark.parametrize(
    ("north_m", "side"),
    [(7.0, "left"), (-7.0, "right"), (0.0, "on"), (1e-9, "on")],
    ids=["left", "right", "on", "noise"],
)
def test_a_street_has_two_sides(north_m: float, side: str) -> None:
    """Left and right as seen along the line; S1 runs east."""
    metric = shapely.transform(S1["geometry"], lambda xy: to_metres(xy, CITY.metric_srid))
    on_it = shapely.line_interpolate_point(metric, 300)
    found = located(
        moved(tuple(to_lonlat(shapely.get_coordinates(on_it), CITY.metric_srid)[0]), 0, north_m), streets=[S1]
    )
    assert (found["street"], found["street_side"]) == ("S1", side)
    assert found["street_distance_m"] == pytest.approx(abs(north_m), abs=0.01)


def test_turning_the_line_turns_the_sides() -> None:
    turned = street("S1", shapely.reverse(S1["geometry"]))
    assert located(moved(lonlat(1.5, 0.5), 0, 7), streets=[turned])["street_side"] == "right"


def test_at_a_bend_both_flanks_are_on_the_outer_side() -> None:
    """East, then north: points off the outer corner lie to the right of both legs."""
    bend = street("S9", line((0.2, 0.5), (0.8, 0.5), (0.8, 1.5)))
    for east_m, north_m in ((5, -1), (1, -5), (5, -5)):
        assert located(moved(lonlat(0.8, 0.5), east_m, north_m), streets=[bend])["street_side"] == "right"
    assert located(moved(lonlat(0.8, 0.5), -3, 3), streets=[bend])["street_side"] == "left"


def test_the_nearest_street_within_the_limit_is_named() -> None:
    place = moved(lonlat(1.5, 0.5), 0, 60)
    assert located(place, streets=[S1])["street"] == "S1"
    far = located(place, streets=[S1], street_limit_m=50.0)
    assert far["street"] is None and far["street_side"] is None and np.isnan(far["street_distance_m"])
    assert "no_street" in far["flags"]


def test_of_streets_equally_near_the_smallest_code_is_named() -> None:
    twins = [street(code, S1["geometry"]) for code in ("S7", "S3", "S5")]
    assert located(moved(lonlat(1.5, 0.5), 0, 9), streets=twins)["street"] == "S3"


@pytest.mark.parametrize(
    ("east_m", "grid", "border"), [(-5, "010102", True), (5, "010102", True), (14, "010201", False)]
)
def test_a_border_street_belongs_to_one_named_side(east_m: float, grid: str, border: bool) -> None:
    """S2 lies on the border of both communities and belongs to 0101, from wall to wall: 7 + 3 m to each side."""
    found = located(moved(lonlat(2, 0.25), east_m, 0), streets=[S2])
    assert found["grid"] == grid and found["grid_2"] == grid[:4]
    assert flags(found) == ({"border_street"} if border else set())
    assert found["grid_distance_m"] == pytest.approx(max(east_m, 0) if border else 0, abs=0.01)


def test_a_border_street_may_belong_to_a_unit() -> None:
    owned = S2 | {"belongs_to": "010201"}
    assert located(moved(lonlat(2, 1.5), -3, 0), streets=[owned])["grid"] == "010201"


def test_a_border_street_of_an_owner_without_units_near_waits_there() -> None:
    """The street belongs to 0102, whose only unit is far away: no unit answers, the community does."""
    rows = grids(without=["010201", "010202", "010203"])
    found = located(moved(lonlat(2, 0.25), -3, 0), rows, streets=[S2 | {"belongs_to": "0102"}])
    assert (found["grid"], found["grid_2"], found["grid_1"]) == (None, "0102", "01")
    assert flags(found) == {"border_street", "queue"}


def test_a_point_snapped_on_a_border_street_keeps_its_distance() -> None:
    """The unit of the owner ends short of the street: it is still the nearest, at its true distance."""
    rows = grids(unit_010102={"geometry": box(1, 0, 1.98, 1)})
    found = located(moved(lonlat(2, 0.25), -1, 0), rows, streets=[S2])
    gap_m = 0.02 * STEP * 111_320 * np.cos(np.radians(22.8)) - 1
    assert found["grid"] == "010102" and found["grid_distance_m"] == pytest.approx(gap_m, abs=0.1)

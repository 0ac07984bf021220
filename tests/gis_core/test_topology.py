"""Faults drawn into the lattice city, each found once and nothing else with it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from gis_core.city import Level
from gis_core.crs import project
from gis_core.references import FINDING_COLUMNS
from gis_core.texts import TEXTS
from gis_core.topology import check_grids, parents
from tests.gis_core.small_city import CITY, STEP, UNITS, Row, box, frame, grid, grids, lonlat

DAY = 20_600
UNIT_M2 = float(shapely.area(project(np.array([box(0, 0, 1, 1)], dtype=object), CITY.metric_srid))[0])


def found(rows: list[Row], **city: Any) -> pd.DataFrame:
    findings = check_grids(frame(rows), replace(CITY, **city), DAY)
    assert list(findings.columns) == [*FINDING_COLUMNS, "geometry"]
    for row in findings.to_dict("records"):
        for locale in ("en", "zh"):
            assert "?" not in TEXTS.say(f"check_{row['check']}", locale, **row)
    return findings


def checks(findings: pd.DataFrame) -> list[tuple[str, str, Any]]:
    return list(zip(findings["check"], findings["severity"], findings["code"], strict=True))


def test_a_sound_city_has_no_fault() -> None:
    assert len(found(grids())) == 0
    assert len(check_grids(pd.DataFrame(), CITY, DAY)) == 0


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (grid("0109", "ward", box(7, 0, 8, 1)), ("level_unknown", "error", "0109")),
        (grid("x", "district", box(7, 0, 8, 1)), ("code_form", "error", "x")),
        (grid("01", "district", box(7, 0, 8, 1)), ("code_twice", "error", "01")),
        (grid("02", "district", shapely.MultiPolygon()), ("polygon_invalid", "error", "02")),
        (grid("02", "district", shapely.Point(lonlat(7, 1))), ("polygon_invalid", "error", "02")),
        (
            grid("02", "district", shapely.Polygon([lonlat(7, 0), lonlat(8, 1), lonlat(8, 0), lonlat(7, 1)])),
            ("polygon_invalid", "error", "02"),
        ),
        (grid("02", "district", box(7, 0, 8, 1), stated_area_m2=UNIT_M2 * 1.02), ("stated_area", "warning", "02")),
    ],
)
def test_a_faulty_cell_is_found(row: Row, expected: tuple[str, str, str]) -> None:
    assert checks(found([*grids(), row])) == [expected]


def test_a_stated_area_within_a_hundredth_is_right() -> None:
    assert len(found([*grids(), grid("02", "district", box(7, 0, 8, 1), stated_area_m2=UNIT_M2 * 1.009)])) == 0


def test_an_overlap_has_its_size_and_place() -> None:
    """Cells that only touch, at an edge or at a corner, do not overlap."""
    rows = grids(unit_010201={"geometry": box(2, 0, 3.25, 1)})
    findings = found(rows)
    assert checks(findings) == [("overlap", "error", "010201")]
    finding = findings.iloc[0]
    assert finding["other"] == "010202" and finding["unit"] == "m2"
    assert finding["amount"] == pytest.approx(UNIT_M2 / 4, rel=1e-4)
    assert box(3, 0, 3.25, 1).contains(shapely.Point(finding["lon"], finding["lat"]))


def test_cells_that_follow_each_other_in_time_do_not_overlap() -> None:
    """Both lie in one version; one ends the day before the other begins."""
    old = grid("010205", "unit", box(2, 0, 3, 1), valid_to="2026-06-30")
    assert len(found([*grids(unit_010201={"valid_from": "2026-07-01"}), old])) == 0
    shared = found([*grids(unit_010201={"valid_from": "2026-06-30"}), old])
    assert checks(shared) == [("overlap", "error", "010201")]


@pytest.mark.parametrize(
    ("width_m", "expected"), [(0.001, []), (0.01, ["warning"]), (0.9, ["warning"]), (1.1, ["error"])]
)
def test_a_narrow_overlap_is_a_sliver(width_m: float, expected: list[str]) -> None:
    """Who publishes would have to excuse every inaccuracy of drawing, or never hear of it."""
    cell_m = UNIT_M2 / shapely.length(project(np.array([shapely.LineString([lonlat(2, 0), lonlat(2, 1)])]), 4545))[0]
    findings = found(grids(unit_010201={"geometry": box(2, 0, 3 + width_m / cell_m, 1)}))
    assert findings["severity"].tolist() == expected
    assert set(findings["check"]) <= ({"overlap"} if width_m > 1 else {"overlap_sliver"})


def test_a_narrow_gap_is_a_sliver() -> None:
    """Also where it reaches the outside, so that nothing encloses it."""
    findings = found(grids(unit_010201={"geometry": box(2, 0, 2.999, 1)}))
    assert checks(findings) == [("gap_sliver", "warning", None)]
    assert findings["amount"].iloc[0] == pytest.approx(UNIT_M2 / 1000, rel=0.01)


def test_national_numbers_grow_from_west_to_east_and_from_north_to_south() -> None:
    """Whoever looks for a number on the ground finds it where the standard says."""
    levels = (Level(name="community", code=r"\d{12}"), Level(name="unit", code=r"\d{15}"))
    above = grid("450107001001", "community", box(0, 0, 3, 2)) | {"parent": None}
    places = [(0, 1), (1, 1), (2, 1), (0, 0), (1, 0), (2, 0)]

    def numbered(order: list[int], community: str = "450107001001") -> list[tuple[str, Any]]:
        cells = [
            grid(f"{community}{number:03}", "unit", box(*places[at], places[at][0] + 1, places[at][1] + 1))
            | {"parent": "450107001001"}
            for number, at in enumerate(order, start=1)
        ]
        findings = found([above, *cells], levels=levels)
        return list(zip(findings["check"], findings["code"].str.slice(-3), strict=True))

    assert numbered([0, 1, 2, 3, 4, 5]) == []
    assert numbered([1, 0, 2, 3, 4, 5]) == [("code_order", "002")]
    assert numbered([0, 1, 5, 3, 4, 2]) == [("code_order", "005"), ("code_order", "006")]
    assert set(numbered([0, 1, 2, 3, 4, 5], "450107001002")) == {("code_prefix", f"{one:03}") for one in range(1, 7)}


def test_a_cell_that_has_ended_covers_nothing() -> None:
    """A block whose grid was dissolved last year would look as if somebody answered for it."""
    ring = [grid(f"01010{k}", "unit", box(k % 3, k // 3, k % 3 + 1, k // 3 + 1)) for k in range(9)]
    for ended, gaps in (("2026-05-01", 1), ("2027-05-01", 0)):
        ring[4]["valid_to"] = ended
        assert list(found(ring)["check"]).count("gap") == gaps


def test_a_national_number_beside_others_is_no_fault() -> None:
    """A city whose communities have names of their own would get a warning for each of its grids."""
    levels = (Level(name="community", code=r"R\d+"), Level(name="unit", code=r"\d{15}"))
    cells = [grid("R1", "community", box(0, 0, 1, 1)) | {"parent": None},
             grid("450107001001001", "unit", box(0, 0, 1, 1)) | {"parent": "R1"}]  # fmt: skip
    assert len(found(cells, levels=levels)) == 0


def test_a_cell_in_two_parts_is_told() -> None:
    """Mostly somebody has given two cells one code."""
    parts = shapely.MultiPolygon([box(7, 0, 8, 1), box(9, 0, 10, 1)])
    findings = found([*grids(), grid("02", "district", parts)])
    assert checks(findings) == [("in_parts", "warning", "02")] and findings["amount"].iloc[0] == 2


def test_what_cells_leave_open_of_their_parent_is_told_where_they_mean_to_cover_it() -> None:
    """A corner of a community would be in no grid; but unit grids often end with the built-up area."""
    wide = grid("02", "district", box(10, 0, 20, 1))
    cells = [grid(f"02{x:02}", "community", box(x, 0, x + 1, 1)) for x in range(10, 19)]
    rest = grid("0219", "community", box(19, 0, 19.6, 1))
    findings = found([*grids(), wide, *cells, rest])
    assert checks(findings) == [("uncovered", "warning", "02")]
    assert findings["amount"].iloc[0] == pytest.approx(UNIT_M2 * 0.4, rel=1e-3)
    assert box(19.6, 0, 20, 1).contains(shapely.Point(findings["lon"].iloc[0], findings["lat"].iloc[0]))
    assert len(found([*grids(), wide, *cells[:8]])) == 0


def test_a_gap_has_its_size_and_place() -> None:
    holed = box(0, 0, 1, 1).difference(box(0.25, 0.25, 0.75, 0.75))
    findings = found(grids(unit_010101={"geometry": holed}))
    assert checks(findings) == [("gap", "warning", None)]
    finding = findings.iloc[0]
    assert finding["level"] == "unit" and finding["amount"] == pytest.approx(UNIT_M2 / 4, rel=1e-4)
    assert box(0.25, 0.25, 0.75, 0.75).contains(shapely.Point(finding["lon"], finding["lat"]))


def test_a_gap_between_cells_is_found_and_an_island_in_it_is_not_part_of_it() -> None:
    """A ring of eight cells around a gap, with one small cell on its own in the middle."""
    ring = [(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    cells = [grid(f"02010{number}", "unit", box(x, y, x + 1, y + 1)) for number, (x, y) in enumerate(ring)]
    island = grid("020109", "unit", box(1.25, 1.25, 1.75, 1.75))
    findings = found([*cells, island])
    assert checks(findings) == [("gap", "warning", None)]
    assert findings["amount"].iloc[0] == pytest.approx(UNIT_M2 * 3 / 4, rel=1e-4)


@pytest.mark.parametrize(("nests", "severity"), [(True, "error"), (False, "warning")])
def test_each_cell_lies_in_its_parent(nests: bool, severity: str) -> None:
    """How grave it is depends on whether the city says that the level nests."""
    levels = (*CITY.levels[:2], Level(name="unit", code=r"\d{6}", nests=nests))
    out = found(grids(unit_010202={"geometry": box(3, 0, 4.25, 1)}), levels=levels)
    assert checks(out) == [("outside_parent", severity, "010202")]
    assert out["amount"].iloc[0] == pytest.approx(UNIT_M2 / 4, rel=1e-4) and out["other"].iloc[0] == "0102"
    other = found(grids(unit_010202={"parent": "0101"}), levels=levels)
    assert checks(other) == [("parent_differs", severity, "010202")]
    unknown = found(grids(unit_010202={"parent": "0103"}), levels=levels)
    assert checks(unknown) == [("parent_unknown", severity, "010202")] and unknown["other"].iloc[0] == "0103"
    nowhere = found([*grids(), grid("020101", "unit", box(9, 0, 10, 1)) | {"parent": None}], levels=levels)
    assert checks(nowhere) == [("parent_none", severity, "020101")]


def test_units_alone_need_no_parent() -> None:
    """A level is checked against the one above only where that has cells."""
    assert len(found([row for row in grids() if row["level"] == "unit"])) == 0


def test_a_parent_comes_from_the_file_then_the_code_then_the_ground() -> None:
    cells = frame([row | {"parent": None} for row in grids() if row["level"] == "unit"])
    uppers = frame([row for row in grids() if row["level"] == "community"])
    by_code = parents(cells, uppers, CITY.metric_srid)
    assert by_code["parent"].tolist() == [code[:4] for code in UNITS] and set(by_code["parent_by"]) == {"code"}
    assert by_code["parent_share"].tolist() == [1.0] * 8 and not by_code["parent_differs"].any()
    named = parents(cells.assign(parent=["0102"] + [None] * 7), uppers, CITY.metric_srid).iloc[0]
    assert (named["parent"], named["parent_by"], named["parent_share"]) == ("0102", "file", 0.0)
    assert named["parent_differs"]
    by_ground = parents(cells.assign(code=[f"u{number}" for number in range(8)]), uppers, CITY.metric_srid)
    assert by_ground["parent"].tolist() == [code[:4] for code in UNITS] and set(by_ground["parent_by"]) == {"overlap"}


def test_a_code_that_only_looks_like_a_parents_is_not_believed() -> None:
    """Of a unit's 15 digits the first 14 may be some responsibility grid's code by accident."""
    patches = {"45010700100100": box(0, 0, 2, 2), "45010700100101": box(2, 0, 4, 2)}
    units = {f"450107001001{number:03}": box(x, y, x + 1, y + 1) for number, (x, y) in enumerate(UNITS.values(), 8)}
    uppers = frame([{"code": code, "geometry": shape} for code, shape in patches.items()])
    found = parents(frame([{"code": code, "geometry": shape} for code, shape in units.items()]), uppers, 4545)
    assert set(found["parent_by"]) == {"overlap"} and not found["parent_differs"].any()
    assert found["parent"].tolist() == ["45010700100100"] * 4 + ["45010700100101"] * 4


def test_a_code_is_believed_against_the_ground_where_nearly_all_others_agree() -> None:
    """One of thirty cells was drawn into the wrong half."""
    uppers = frame([{"code": "a", "geometry": box(0, 0, 30, 1)}, {"code": "b", "geometry": box(30, 0, 60, 1)}])
    cells = [{"code": f"a{number:02}", "geometry": box(number, 0, number + 1, 1)} for number in range(29)]
    found = parents(frame([*cells, {"code": "a29", "geometry": box(40, 0, 41, 1)}]), uppers, CITY.metric_srid)
    assert set(found["parent_by"]) == {"code"} and set(found["parent"]) == {"a"}
    assert found["parent_differs"].tolist() == [False] * 29 + [True]


def test_the_share_is_of_the_cells_own_area() -> None:
    uppers = frame([{"code": "b", "geometry": box(0, 0, 1, 1)}, {"code": "a", "geometry": box(1, 0, 2, 1)}])
    cells = frame([{"code": "c", "geometry": box(0.75, 0, 1.75, 1)}, {"code": "d", "geometry": box(0.5, 0, 1.5, 1)}])
    found = parents(cells.set_index(pd.Index([5, 9])), uppers, CITY.metric_srid)
    assert found.index.tolist() == [5, 9]
    assert found["parent"].tolist() == ["a", "a"], "of two equal shares the smaller code"
    assert found["parent_share"].tolist() == pytest.approx([0.75, 0.5], abs=1e-6)
    alone = parents(frame([{"code": "e", "geometry": box(9, 9, 10, 10)}]), uppers, CITY.metric_srid).iloc[0]
    assert alone["parent"] is None and alone["parent_by"] is None and np.isnan(alone["parent_share"])


def test_thousands_of_cells_are_checked_without_comparing_all_with_all() -> None:
    """One overlap and one gap among 10,000 cells; comparing every pair would not end within a test."""
    side = 100
    codes = [f"{number:06}" for number in range(side * side)]
    cells = shapely.box(
        *np.meshgrid(np.arange(side), np.arange(side)), *np.meshgrid(*[np.arange(1, side + 1)] * 2)
    ).ravel()
    cells = shapely.transform(cells, lambda xy: xy * STEP / 10 + (108.3, 22.8))
    cells[150] = shapely.box(*cells[150].bounds[:2], cells[150].bounds[2] + STEP / 20, cells[150].bounds[3])
    keep = np.arange(len(cells)) != 5050
    rows = frame([{"code": code, "geometry": cell} for code, cell in zip(codes, cells, strict=True)])
    findings = check_grids(rows[keep].assign(level="unit"), CITY, DAY)
    assert checks(findings) == [("overlap", "error", "000150"), ("gap", "warning", None)]

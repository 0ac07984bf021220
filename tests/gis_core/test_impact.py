"""What a change would move: hand-drawn changes to the lattice city, each with the answer one sees on its drawing."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gis_core.impact import (
    CONTRACT_COLUMNS,
    GROUND_COLUMNS,
    HOLDER_COLUMNS,
    ISSUE_COLUMNS,
    MOVE_COLUMNS,
    PLACE_COLUMNS,
    STREET_COLUMNS,
    Impact,
    impact,
)
from gis_core.tiling import DEGREE_M
from tests.gis_core.small_city import S1, S2, STEP, Row, box, contract, grid, grids, holder, lonlat, place, territory

DAY = 20_600
DOWN_M = STEP * DEGREE_M
ACROSS_M = DOWN_M * np.cos(np.radians(22.801))
CELL_M2 = ACROSS_M * DOWN_M
SHIFTED = {
    "unit_010101": {"geometry": box(0, 0, 1.25, 1)},
    "unit_010102": {"geometry": box(1.25, 0, 2, 1)},
}  # fmt: skip
"""A quarter of 010102 goes to 010101."""
BESIDE: dict[str, list[Row]] = {
    "streets": [S1, S2],
    "places": [place("kiosk", box(1.1, 0.1, 1.15, 0.15), type="shop"), place("hall", box(0.5, 0.1, 0.6, 0.2))],
    "contracts": [
        contract("road", "road", street="S1"),
        contract("part", "area", geometry=box(1.2, 0, 1.5, 1)),
        contract("cell", "grid", grid="010102"),
        contract("over", "area", geometry=box(1, 0, 1.2, 1), valid_to="2025-01-01"),
    ],
    "holders": [holder("010101", "li"), holder("010102", "wang", deputy="li")],
}


def reports(*places: tuple[float, float]) -> pd.DataFrame:
    lon, lat = np.array([lonlat(*one) for one in places] or np.empty((0, 2))).T
    told = {"scheme": "T", "kind": "matter", "category": "litter", "reported_at": pd.Timestamp("2026-05-27T04:00Z")}
    return pd.DataFrame({"code": [f"C{k}" for k in range(len(lon))], "lon": lon, "lat": lat, **told})


def moved(cells: list[Row], changed: Any, *places: tuple[float, float], **layers: Any) -> Impact:
    """The impact of having these cells, and layers, instead of the usual ones."""
    before = territory(grids=grids(), **BESIDE)
    after = territory(**{"grids": cells, **BESIDE, **layers})
    found = impact(before, after, changed, reports(*places), DAY)
    for rows, columns in (
        (found.ground.drop(columns="geometry"), GROUND_COLUMNS), (found.issues, ISSUE_COLUMNS),
        (found.streets, STREET_COLUMNS), (found.places, PLACE_COLUMNS), (found.contracts, CONTRACT_COLUMNS),
        (found.holders, HOLDER_COLUMNS), (found.moves(), MOVE_COLUMNS),
    ):  # fmt: skip
        assert tuple(rows.columns) == columns
    return found


def test_a_border_moved_by_a_quarter_of_a_cell() -> None:
    """A boundary would be published without anybody knowing whose work it makes more."""
    found = moved(grids(**SHIFTED), {"grids": ["010101", "010102"]}, (1.1, 0.9), (1.3, 0.9), (0.5, 0.9))
    (ground,) = found.ground.to_dict("records")
    assert (ground["level"], ground["from_grid"], ground["to_grid"]) == ("unit", "010102", "010101")
    assert ground["area_m2"] == pytest.approx(CELL_M2 / 4, rel=0.01)
    assert ground["geometry"].symmetric_difference(box(1, 0, 1.25, 1)).area < 1e-11
    assert found.issues[["level", "code", "from_grid", "to_grid"]].values.tolist() == [
        ["unit", "C0", "010102", "010101"]
    ]
    (street,) = found.streets.to_dict("records")
    assert (street["code"], street["from_grid"], street["to_grid"]) == ("S1", "010102", "010101")
    assert street["length_m"] == pytest.approx(ACROSS_M / 4, rel=0.01)
    assert found.places[["code", "type"]].values.tolist() == [["kiosk", "shop"]]
    told = found.contracts.set_index("code")[["amount", "unit"]]
    assert told.loc["road", "unit"] == "m" and told.loc["road", "amount"] == pytest.approx(ACROSS_M / 4, rel=0.01)
    assert told.loc["part", "amount"] == pytest.approx(CELL_M2 / 20, rel=0.01)
    assert told.loc["cell", "amount"] == pytest.approx(CELL_M2 / 4, rel=0.01)
    assert "over" not in told.index, "a contract that has ended moves nothing"
    held = found.holders.set_index("subject_code")
    assert held["holder"].to_dict() == {"010101": "li", "010102": "wang"}
    assert held["to_m2"].to_dict() == pytest.approx({"010101": 1.25 * CELL_M2, "010102": 0.75 * CELL_M2}, rel=0.01)
    totals = found.totals()
    assert totals.pop("area_m2") == pytest.approx(CELL_M2 / 4, rel=0.01)
    assert totals.pop("street_m") == pytest.approx(ACROSS_M / 4, rel=0.01)
    assert totals == {"issues": 1, "streets": 1, "places": 1, "contracts": 3, "holders": 2}
    (move,) = found.moves().to_dict("records")
    assert (move["issues"], move["places"], move["contracts"]) == (1, 1, 3)


def test_a_cell_that_goes_leaves_ground_to_nobody() -> None:
    """Its issues would wait in a queue, and nobody would have been told."""
    found = moved(grids(without=["010204"]), {"grids": ["010204"]}, (3.5, 1.5))
    (ground,) = found.ground.to_dict("records")
    assert (ground["from_grid"], ground["to_grid"]) == ("010204", None)
    assert found.issues[["from_grid", "to_grid"]].values.tolist() == [["010204", None]]
    (holder_,) = found.holders.to_dict("records")
    assert np.isnan(holder_["to_m2"]) and holder_["subject_code"] == "010204"
    assert found.moves()["to_grid"].isna().all()


def test_a_new_cell_takes_ground_from_nobody_and_has_no_holder() -> None:
    """Whoever draws it would not think of naming somebody."""
    cells = [*grids(), grid("010205", "unit", box(4, 0, 5, 1))]
    found = moved(cells, {"grids": ["010205"]}, (4.5, 0.5))
    (ground,) = found.ground.to_dict("records")
    assert (ground["from_grid"], ground["to_grid"]) == (None, "010205")
    (holder_,) = found.holders.to_dict("records")
    assert np.isnan(holder_["from_m2"]) and pd.isna(holder_["holder"])
    assert found.issues["to_grid"].tolist() == ["010205"]


def test_a_border_of_an_upper_level_moves_issues_of_that_level() -> None:
    """A community would win a street, and the table would say that nothing happens, since the unit stays."""
    cells = grids(
        community_0101={"geometry": box(0, 0, 3, 2)}, community_0102={"geometry": box(3, 0, 4, 2)},
        unit_010201={"parent": "0101"}, unit_010203={"parent": "0101"},
    )  # fmt: skip
    found = moved(cells, {"grids": ["0101", "0102", "010201", "010203"]}, (2.5, 0.9))
    assert found.ground[["level", "from_grid", "to_grid"]].values.tolist() == [["community", "0102", "0101"]]
    assert found.issues[["level", "from_grid", "to_grid"]].values.tolist() == [["community", "0102", "0101"]]
    assert found.holders["subject_code"].tolist() == ["0101", "0102"], "what keeps its shape keeps its holder"


def test_a_street_on_a_border_given_to_one_side() -> None:
    """Both sides would send their people, or none: the street goes whole to one."""
    given = [S1, S2 | {"belongs_to": "0102"}]
    found = moved(grids(), {"streets": ["S2"]}, (2.01, 0.9), (1.99, 0.9), streets=given)
    (street,) = found.streets.to_dict("records")
    assert (street["code"], street["from_grid"], street["to_grid"]) == ("S2", "0101", "0102")
    assert street["length_m"] == pytest.approx(2 * DOWN_M, rel=0.01)
    assert set(found.issues["code"]) == {"C0", "C1"} and len(found.ground) == 0
    assert found.totals()["street_m"] == pytest.approx(2 * DOWN_M, rel=0.01)


def test_another_office_for_the_same_ground() -> None:
    """Nothing moves on the map, and yet somebody else answers."""
    found = moved(grids(unit_010104={"organisation": "office"}), {"grids": ["010104"]}, (1.5, 1.9), (0.5, 1.9))
    assert len(found.ground) == 0 and len(found.holders) == 0
    (issue,) = found.issues.to_dict("records")
    assert (issue["level"], issue["code"]) == (None, "C0")


def test_no_change_moves_nothing() -> None:
    """Noise of arithmetic would frighten whoever looks."""
    found = moved(grids(), {"grids": ["010101"]}, (0.5, 0.5))
    assert not any(found.totals().values()) and not len(found.moves())
    assert not any(moved(grids(), {}).totals().values())


def test_a_cell_that_overlaps_another_keeps_what_it_had() -> None:
    """Renaming a cell that overlaps its neighbour would be said to move the ground they share."""
    wide = {"unit_010101": {"geometry": box(0, 0, 1.05, 1)}}
    renamed = {"unit_010101": {**wide["unit_010101"], "name": "renamed"}}
    before, after = (territory(grids=grids(**cells), **BESIDE) for cells in (wide, renamed))
    found = impact(before, after, {"grids": {"010101"}}, reports(), DAY)
    assert len(found.ground) == 0 and len(found.holders) == 0
    grown = moved(grids(**wide), {"grids": {"010101"}})
    assert grown.ground[["from_grid", "to_grid"]].to_numpy().tolist() == [["010102", "010101"]]


def test_two_cells_that_change_places_change_hands() -> None:
    """Equal areas would look as if nothing had happened."""
    swapped = {"unit_010101": {"geometry": box(1, 0, 2, 1)}, "unit_010102": {"geometry": box(0, 0, 1, 1)}}
    found = moved(grids(**swapped), {"grids": {"010101", "010102"}})
    assert found.holders["subject_code"].tolist() == ["010101", "010102"]
    assert len(found.ground) == 2


def test_the_first_cells_of_a_level_come_from_nobody() -> None:
    """A city that begins to draw its unit grids would get an error instead of a map."""
    before, after = (territory(grids=cells, **BESIDE) for cells in (grids()[:3], grids()))
    units = {row["code"] for row in grids()[3:]}
    found = impact(before, after, {"grids": units}, reports((0.5, 0.5)), DAY)
    assert set(found.ground["level"]) == {"unit"} and found.ground["from_grid"].isna().all()
    assert found.issues[["from_grid", "to_grid"]].to_numpy().tolist() == [[None, "010101"]]

"""What the checks find as a layer: each finding with its place, and of one's area only."""

from collections.abc import Iterator

import pytest
from shapely.geometry import shape

from gis_core.permissions import Area, Grant
from layers.stores import Stores
from tests import town
from tests.api.test_doors import fill, put
from tests.serving import Server, join, serving


@pytest.fixture
def server(founded_stores: Stores) -> Iterator[Server]:
    """The town with a unit that reaches into the next, and shops whose papers are not in order."""
    fill(founded_stores)
    shapes = [town.cell(0, 0, 2, 2), town.cell(0, 0, 1.1, 1), town.cell(1, 0), town.cell(0, 1), town.cell(1, 1)]
    with founded_stores.publishing() as store:
        town.publish(store, grids=town.grids(geometry=shapes))
    put(
        founded_stores, shops=town.rows(code=["D1", "D2"], plate=["7", "7"]),
        agreements=town.rows(code=["A1", "A2", "A3"], shop=["D1", "D1", "D3"]),
    )  # fmt: skip
    with serving(founded_stores) as up:
        yield up


def test_faults_of_grids_are_features(server: Server, founded_stores: Stores) -> None:
    """A map could not show where two cells claim the same ground."""
    commander = server.by(join(founded_stores, "commander", Grant("commander", Area("city"))))
    reply = commander.ask("/api/v1/findings")
    assert reply.headers["Content-Type"] == "application/geo+json"
    (overlap,) = [one for one in reply.document["features"] if one["properties"]["check"] == "overlap"]
    assert {overlap["properties"]["code"], overlap["properties"]["other"]} == {"0101", "0102"}
    assert shape(overlap["geometry"]).intersection(town.cell(1, 0, 0.1, 1)).area == pytest.approx(1e-7, rel=0.01)
    assert commander.ask("/api/v1/findings?check=nothing").document == {
        "type": "FeatureCollection", "count": 0, "features": [],
    }  # fmt: skip
    assert commander.ask("/api/v1/findings?limit=1&severity=error").document["count"] >= 1
    assert commander.ask("/api/v1/findings?about=moon").status == 400
    part = server.by(join(founded_stores, "part", Grant("grid_manager", Area("grid", "0101"))))
    (seen,) = [one for one in part.ask("/api/v1/findings").document["features"]
               if one["properties"]["check"] == "overlap"]  # fmt: skip
    assert (seen["properties"]["code"], seen["properties"]["other"]) == ("0101", None)


def test_papers_of_shops_are_features_of_their_area(server: Server, founded_stores: Stores) -> None:
    """Whoever manages one grid would read of the shops of another, or not find the shop on the map."""
    commander = server.by(join(founded_stores, "commander", Grant("commander", Area("city"))))
    told = {(one["properties"]["check"], one["properties"]["code"]): one
            for one in commander.ask("/api/v1/findings?about=doors").document["features"]}  # fmt: skip
    assert set(told) == {
        ("plate_twice", "D1"),
        ("plate_twice", "D2"),
        ("two_agreements", "A1"),
        ("two_agreements", "A2"),
    }
    assert shape(told["two_agreements", "A1"]["geometry"]).within(town.cell(0, 0))
    assert shape(told["plate_twice", "D2"]["geometry"]).within(town.cell(1, 0))
    part = server.by(join(founded_stores, "part", Grant("grid_manager", Area("grid", "0102"))))
    mine = part.ask("/api/v1/findings?about=doors").document["features"]
    assert [one["properties"]["code"] for one in mine] == ["D2"]


def test_an_overlap_is_told_on_both_sides(server: Server, founded_stores: Stores) -> None:
    """The manager of one grid would not hear that a neighbour's strip was drawn over a shop's of theirs."""
    shapes = [town.cell(0.9, 0.9, 0.15, 0.05), town.cell(1.0, 0.9, 0.15, 0.05)]
    put(founded_stores, frontages=town.rows(code=["o1", "o2"], kind=["shop"] * 2, origin=["official"] * 2,
                                            shops=[["D1"], ["D2"]], area_m2=[1.0] * 2, geometry=shapes))  # fmt: skip
    told = {}
    for unit in ("0101", "0102"):
        manager = server.by(join(founded_stores, f"of{unit}", Grant("grid_manager", Area("grid", unit))))
        (told[unit],) = manager.ask("/api/v1/findings?about=doors&check=strips_overlap").document["features"]
    assert [(one["properties"]["code"], one["properties"]["other"]) for one in told.values()] == [
        ("o1", None),
        ("o2", None),
    ]

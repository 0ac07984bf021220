"""Vector tiles on both databases: nothing dropped at any zoom, nothing of another grid, an index in use."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point
from sqlalchemy import event, text

from gis_core.mvt import EXTENT, tile_units
from gis_core.permissions import EVERYTHING, Area, Grant, Sight
from layers import LAYERS
from layers.engine import connect, upgrade
from layers.features import is_given
from layers.frames import read_frame
from layers.rollups import put_segments
from layers.stores import Stores
from layers.tiles import DETAIL_ZOOM, LATTICE, SEGMENT_ZOOM, SHOWN, is_counted, tile
from tests import town
from tests.serving import join, serving
from tests.town import NOW, SIDE, SOUTH, WEST

FOUND: pytest.StashKey[Any] = pytest.StashKey()
COUNT = 90
PART = Sight((Area("grid", "0101"),))


@pytest.fixture(scope="module")
def stores(module_store_url: str) -> Iterator[Stores]:
    """The town with issues all over it, some of them closed, and a place and a bin in two units."""
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    market = MultiPolygon([town.cell(0.2, 0.2, 0.3, 0.3).geoms[0], town.cell(0.6, 0.2, 0.2, 0.3).geoms[0]])
    with stores.publishing() as store:
        places = town.rows(code=["M1", "M2"], name=["一市", "二市"], type=["market"] * 2,
                           geometry=[market, town.cell(1.3, 1.3, 0.3, 0.3)])  # fmt: skip
        town.publish(store, places=places)
        bins = town.rows(code=["B1"], scheme=["town"], category=["x"], geometry=[Point(WEST + SIDE, SOUTH + SIDE / 2)])
        revision = store.revise(NOW, "bins")
        assert not len(store.put("facilities", bins, revision).rejects)
        fence = shapely.MultiLineString([[(WEST, SOUTH + SIDE / 4), (WEST + SIDE, SOUTH + SIDE / 4)]])
        walls = town.rows(code=["W1", "W2", "W3"], kind=["fence", "building", "building"],
                          geometry=[fence, town.cell(0.2, 0.7, 0.1, 0.1), town.cell(1.5, 0.7, 0.1, 0.1)])  # fmt: skip
        assert not len(store.put("walls", walls, revision).rejects)
    with stores.write() as store:
        put_segments(store.session, dt.date(2026, 6, 29), town.walked())
        put_segments(store.session, dt.date(2026, 6, 30), town.walked())
        for number in range(COUNT):
            said = town.issues(1, first=number, column=0.02 + 1.96 * number / COUNT, row=0.05 + number * 7 % 19 * 0.1)
            said = said.assign(closed_at=said["reported_at"]) if number % 3 == 0 else said
            store.add_issues(town.answered(store, said), NOW)
    yield stores
    engine.dispose()


def covering(z: int) -> list[tuple[int, int]]:
    """The tiles of a zoom that the town lies in."""
    corners = np.array([[WEST, SOUTH + 2 * SIDE], [WEST + 2 * SIDE, SOUTH]])
    (west, north), (east, south) = np.floor(tile_units(corners, z, 0, 0) / EXTENT).astype(int).tolist()
    return [(x, y) for x in range(west, east + 1) for y in range(north, south + 1)]


def read(stores: Stores, layer: str, z: int, sight: Sight = EVERYTHING) -> list[dict[str, Any]]:
    """The features of a zoom's tiles, decoded; in units of the world at that zoom."""
    found = []
    with stores.read(sight) as store:
        for x, y in covering(z):
            if data := tile(store, layer, z, x, y):
                decoded = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
                assert list(decoded) == [layer] and len(data) < 500_000
                found += decoded[layer]["features"]
    return found


@pytest.mark.parametrize("layer", ["issues", "facilities", "places", "walls"])
def test_every_feature_is_counted_once_at_every_zoom_below(stores: Stores, layer: str) -> None:
    """A heat map would have cold spots where a tile dropped what was too much."""
    with stores.read() as store:
        there, still_open = store.count(layer), store.issues_by_status()["open"]
    for z in (0, 5, 8, 10, 12, 13):
        assert is_counted(layer, z)
        cells = read(stores, layer, z)
        assert sum(one["properties"]["count"] for one in cells) == there, z
        assert len(cells) <= LATTICE**2 * len(covering(z))
        if layer == "issues":
            assert sum(one["properties"]["open"] for one in cells) == still_open, z
    assert len(read(stores, "issues", 13)) > len(read(stores, "issues", 10)) or layer != "issues"


def test_cells_lie_where_their_features_lie(stores: Stores) -> None:
    """The map would show the issues in the next street."""
    with stores.read() as store:
        issues = store.issues()
        ((x, y),) = covering(8)
        data = tile(store, "issues", 8, x, y)
    (decoded,) = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True}).values()
    places = tile_units(issues[["lon", "lat"]].to_numpy(), 8, x, y)
    for cell in decoded["features"]:
        middle = np.array(cell["geometry"]["coordinates"])
        near = (np.abs(places - middle) <= EXTENT / LATTICE / 2 + 1).all(axis=1)
        assert near.sum() >= cell["properties"]["count"]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("z", [DETAIL_ZOOM, 16, 18])
def test_from_zoom_14_on_features_come_with_their_properties(stores: Stores, layer: str, z: int) -> None:
    """A click would tell nothing, or a feature be missing."""
    features = read(stores, layer, z)
    with stores.read() as store:
        state = store.latest_version() if layer in ("grids", "streets", "places") else store.latest_revision()
        if is_given(layer):
            rows = store.read(layer, state)
        else:
            rows = read_frame(store.session, LAYERS[layer], store.bounded(layer))
    rows = rows[rows["level"] == "unit"] if layer == "grids" else rows
    # Of what was walked only the newest day is on the map.
    rows = rows[rows["day"] == dt.date(2026, 6, 30)] if layer == "coverage" else rows
    number = "feature_id" if is_given(layer) else "id"
    assert {one["id"] for one in features} == set(rows[number])
    for one in features:
        (row,) = rows[rows[number] == one["id"]].to_dict("records")
        assert one["properties"] == {name: row[name] for name in SHOWN[layer] if row[name] is not None}
        assert shapely.geometry.shape(one["geometry"]).is_valid


def test_coarser_cells_and_main_streets_where_one_sees_far(stores: Stores) -> None:
    """A country-wide tile would hold every unit grid."""
    for z, codes in ((16, {"0101", "0102", "0103", "0104"}), (13, {"01"}), (8, {"01"})):
        assert {one["properties"]["code"] for one in read(stores, "grids", z)} == codes
    assert {one["properties"]["code"] for one in read(stores, "streets", 8)} == {"S1"}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("z", [8, 13, 16])
def test_nothing_of_another_grid_is_in_a_tile(stores: Stores, layer: str, z: int) -> None:
    """A neighbour's issues would be seen, or counted, on the map."""
    seen = read(stores, layer, z, PART)
    with stores.read(PART) as store:
        there = store.count(layer)
    if is_counted(layer, z):
        assert sum(one["properties"]["count"] for one in seen) == there
    elif layer == "grids":
        assert {one["properties"]["code"] for one in seen} == ({"0101"} if z >= DETAIL_ZOOM else set())
    elif layer == "coverage":
        assert len({one["id"] for one in seen}) == (z >= SEGMENT_ZOOM) and there == 2
    else:
        assert len({one["id"] for one in seen}) == there
    assert read(stores, layer, z, Sight(())) == []


def test_both_kinds_of_tiles_say_the_same(stores: Stores, request: pytest.FixtureRequest) -> None:
    """A city would look otherwise on the other database: compared by what the one of SQLite was found to hold."""
    found = {
        (layer, z): sorted(str(sorted(one["properties"].items())) for one in read(stores, layer, z))
        for layer in LAYERS
        for z in (9, 12, 14, 17)
    }
    kept = request.config.stash.setdefault(FOUND, found)
    assert kept == found


@pytest.mark.parametrize(
    ("layer", "index", "on_sqlite"),
    [("issues", "ix_issue_place", "COVERING INDEX ix_issue_place"), ("grids", "ix_grid_geom", "VIRTUAL TABLE INDEX")],
)
def test_the_database_looks_into_its_index_alone(stores: Stores, layer: str, index: str, on_sqlite: str) -> None:
    """A tile would read the whole table, with workers of its own."""
    with stores.read() as store:
        sent: list[tuple[str, Any]] = []
        engine = store.session.get_bind()
        note = lambda *given: sent.append((given[2], given[3]))  # noqa: E731
        event.listen(engine, "before_cursor_execute", note)
        x, y = covering(16)[0]
        tile(store, layer, 16, x, y)
        event.remove(engine, "before_cursor_execute", note)
        if not store.is_postgis:
            plan = store.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sent[-1][0]}", sent[-1][1])
            assert on_sqlite in str(plan.all())
            return
        store.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = store.session.connection().exec_driver_sql(f"EXPLAIN {sent[-1][0]}", sent[-1][1])
        assert index in (shown := str(plan.all())) and "Gather" not in shown


def test_tiles_are_served_kept_and_refused(stores: Stores) -> None:
    """A map would load everything again at each move, show yesterday, or somebody else's tiles from the cache."""
    key = join(stores, "commander", Grant("commander", Area("city")))
    part = join(stores, "part", Grant("inspector", Area("grid", "0101")))
    x, y = covering(14)[0]
    path = f"/tiles/issues/14/{x}/{y}.pbf"
    with serving(stores) as up:
        whole, again, partly = up.by(key).ask(path), up.by(key).ask(path), up.by(part).ask(path)
        assert whole.status == 200 and whole.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
        assert whole.body == again.body and len(partly.body) < len(whole.body)
        assert len({whole.headers["ETag"], partly.headers["ETag"]}) == 2
        assert whole.headers["Cache-Control"] == "private, no-cache"
        assert up.by(key).ask(path, If_None_Match=whole.headers["ETag"]).status == 304
        assert up.by(key).ask("/tiles/issues/14/0/0.pbf").status == 204
        described = up.by(key).ask("/tiles/grids.json").document
        assert described["tiles"] == [f"{up.root}/tiles/grids/{{z}}/{{x}}/{{y}}.pbf"]
        for wrong in ("issues/23/0/0", "issues/1/2/0", "issues/1/-1/0", "issues/x/0/0", f"issues/1/0/{9**20}"):
            assert up.by(key).ask(f"/tiles/{wrong}.pbf").status == 400, wrong
        for missing in ("/tiles/nothing/1/0/0.pbf", "/tiles/user_account.json"):
            assert up.by(key).ask(missing).status == 404, missing
        with stores.write() as store:
            store.add_issues(town.answered(store, town.issues(1, first=900)), NOW)
        assert up.by(key).ask(path, If_None_Match=whole.headers["ETag"]).status == 200

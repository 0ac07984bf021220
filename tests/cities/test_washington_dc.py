"""Washington, DC: 22,576 requests of the summer of 2016."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from layers.store import Store
from layers.verify import verify
from tests.cities.conftest import Filled, assert_sayable, changes

CITY = "washington-dc"
WASTE = ["S0031", "S0321", "S0441", "S0476"]
pytestmark = pytest.mark.parametrize("module_store_url", ["postgis"], indirect=True)


@pytest.fixture(scope="module")
def issues(filled: Filled) -> gpd.GeoDataFrame:
    """All stored requests with what the file said beside."""
    with filled.stores.read() as store:
        read = store.issues()
    return read.assign(ward=read["extra"].str.get("ward"), agency=read["extra"].str.get("agency"))


def test_everything_is_in(filled: Filled, store: Store) -> None:
    """Wards, commissions and districts, streets with classes, places, facilities, contracts and requests."""
    assert filled.stored == {
        "parties": 142, "categories": 51, "tags": 48, "grids": 344, "streets": 4401, "places": 3925,
        "facilities": 6479, "contracts": 150,
    }  # fmt: skip
    territory = {name: store.read(name, filled.loaded.version) for name in ("grids", "streets")}
    assert territory["grids"]["level"].value_counts().to_dict() == {"smd": 296, "anc": 40, "ward": 8}
    assert territory["streets"]["class"].value_counts().to_dict() == {
        "branch": 3734, "other": 466, "secondary": 101, "arterial": 88, "backstreet": 12,
    }  # fmt: skip
    contracts = store.read("contracts", store.latest_revision())
    routes, city_wide = (contracts[contracts["kind"] == kind] for kind in ("area", "city"))
    assert (len(routes), routes["contractor"].nunique()) == (144, 96)
    assert set(city_wide["responsible"]) == {"DDOT", "DOEE", "DOH", "DPW", "FEMS", "OUC"}
    assert city_wide.geometry.isna().all() and routes.geometry.notna().all()
    assert store.count("issues") == 22_576
    assert not (filled.loaded.findings["severity"] == "error").any()


def test_one_camera_is_rejected(filled: Filled) -> None:
    """It stands in Virginia; nothing else is lost."""
    assert_sayable(filled.rejects)
    (row,) = filled.rejects.to_dict("records")
    assert (row["file"], row["row"], row["reason"]) == ("fac_cctv", 68, "outside")
    assert row["params"]["distance_m"] == pytest.approx(128, abs=1)


def test_every_request_is_in_exactly_one_district(filled: Filled) -> None:
    """PostGIS finds one cell at each level, and it is the one that answers."""
    (covered,) = filled.ask(
        "SELECT count(*), count(DISTINCT i.id), bool_and(g.code = CASE g.level"
        " WHEN 'ward' THEN i.grid_1 WHEN 'anc' THEN i.grid_2 ELSE i.grid_3 END)"
        " FROM issue i JOIN grid g ON ST_Covers(g.geom, i.geom)"
    )
    assert tuple(covered) == (3 * 22_576, 22_576, True)


def test_the_ward_is_the_datas_own(issues: gpd.GeoDataFrame) -> None:
    """Of 149 rows the file does not know it."""
    known = issues[issues["ward"].notna()]
    assert len(known) == 22_427
    assert (known["ward"] == known["grid_1"]).mean() >= 0.998


def test_waste_is_the_business_of_the_route(issues: gpd.GeoDataFrame, cities: Path) -> None:
    """Of the smallest route over the place; outside all routes, of the agency."""
    routes = gpd.read_file(cities / CITY / "zone_trash_routes_2015.geojson")
    routes["area"] = routes.to_crs(26985).area
    waste = issues.loc[issues["category"].isin(WASTE), ["code", "contract", "contractor", "supervises", "geometry"]]
    met = waste.sjoin(routes, how="left", predicate="intersects").sort_values("area").drop_duplicates("code")
    covered = met["ROUTE_NUMBER"].notna()
    assert (len(met), int(covered.sum())) == (5862, 5862 - 72)
    route = met[covered]
    expected = "route-" + route["ROUTE_ID"] + "-" + route["OBJECTID"].astype(int).astype(str)
    assert (route["contract"] == expected).all()
    assert (route["contractor"] == "crew-" + route["ROUTE_NUMBER"].astype(int).astype(str)).all()
    assert set(route["supervises"]) == {"DPW"}
    assert set(met["contract"][~covered]) == {"agency-DPW"}


def test_the_rest_is_the_agencys(issues: gpd.GeoDataFrame) -> None:
    """Except where the category means a litter can and one stands near."""
    rest = issues[~issues["category"].isin(WASTE)]
    cans = rest["rule"] == "named_component"
    assert set(rest["category"][cans]) == {"S0216", "S0217"} and set(rest["responsible"][cans]) == {"DPW"}
    assert rest["facility"][cans].str.startswith("can-").all()
    assert set(rest["rule"][~cans]) == {"area_contract"}
    assert (rest["responsible"] == rest["agency"]).all()
    assert issues["holds"].str.fullmatch(r"ANC-[1-8][A-G]").all()


def test_postgis_agrees(filled: Filled, store: Store) -> None:
    """Cell by cell and street by street."""
    assert len(verify(store.session, store.city)) == 0


def test_closed_requests_are_closed(issues: gpd.GeoDataFrame) -> None:
    """Those with a time of closing, whatever their status says besides."""
    assert issues["status"].value_counts().to_dict() == {"closed": 15_767, "open": 6809}
    status = issues["extra"].str.get("status")
    assert set(status[issues["status"] == "open"]) == {"OPEN", "IN-PROGRESS", "IN PROGRESS", "DUPLICATE (OPENED)"}
    assert pd.Series(issues["closed_at"]).notna().sum() == 15_767


def test_a_second_load_changes_nothing(filled: Filled) -> None:
    """Every row is known again, and the same one is rejected."""
    again = filled.again()
    assert changes(again) == {"stored": 0, "added": 0, "changed": 0, "ended": 0}
    assert (again.loaded.version, again.loaded.revision) == (None, None)
    assert [report.known for report in again.issues] == [15_360, 7216]
    assert again.rejects.drop(columns="params").equals(filled.rejects.drop(columns="params"))

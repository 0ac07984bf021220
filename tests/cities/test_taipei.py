"""Taipei: 11,490 base areas and a week of dispatch cases of 2023."""

from pathlib import Path

import geopandas as gpd
import pytest

from layers.store import Store
from layers.verify import verify
from tests.cities.conftest import Filled, assert_sayable, changes

CITY = "taipei"
pytestmark = pytest.mark.parametrize("module_store_url", ["postgis"], indirect=True)


def test_everything_is_in(filled: Filled, store: Store) -> None:
    """Districts, villages and base areas, places, facilities, works and cases."""
    assert filled.stored == {
        "parties": 671, "categories": 26, "grids": 11_958, "places": 5514, "facilities": 7328, "contracts": 111,
    }  # fmt: skip
    grids = store.read("grids", filled.loaded.version)
    assert grids["level"].value_counts().to_dict() == {"base": 11_490, "village": 456, "district": 12}
    assert store.count("issues") == 2817


def test_the_villages_have_slivers(filled: Filled) -> None:
    """Seven pairs overlap by a few centimetres, and six gaps as narrow are between others."""
    findings = filled.loaded.findings
    assert not (findings["severity"] == "error").any()
    ours = findings[findings["check"].isin(("overlap_sliver", "gap_sliver", "overlap", "gap"))]
    assert set(ours["level"]) == {"village"}
    assert ours["check"].value_counts().to_dict() == {"overlap_sliver": 7, "gap_sliver": 6}
    overlaps = ours[ours["check"] == "overlap_sliver"]
    assert overlaps["amount"].max() == pytest.approx(18.5, abs=0.5)


def test_rows_that_lie_elsewhere_are_rejected(filled: Filled) -> None:
    """One stop would fit with its coordinates swapped, seventeen are far away, a bin stands at 211.51 degrees."""
    rejects = filled.rejects
    assert_sayable(rejects)
    stops = rejects[rejects["file"].str.startswith("sanitation")]
    assert stops["reason"].value_counts().to_dict() == {"outside": 17, "geometry_swapped": 1}
    assert stops.loc[stops["reason"] == "geometry_swapped", "row"].tolist() == [76]
    assert stops["params"].str.get("distance_m").min() > 500
    bins = rejects[rejects["file"] == "fac_old_clothes_bins"]
    assert bins["reason"].value_counts().to_dict() == {"outside": 5, "geometry_not_degrees": 1}
    ((_, worst),) = bins[bins["reason"] == "geometry_not_degrees"].iterrows()
    assert (worst["row"], worst["key"], worst["params"]["x"]) == (974, "1128", pytest.approx(211.514, abs=1e-3))
    others = rejects.drop(stops.index).drop(bins.index)
    assert set(zip(others["file"], others["row"], others["reason"], strict=True)) == {
        ("fac_public_toilets", 849, "outside"), ("works_road_excavation", 93, "outside"),
    }  # fmt: skip


def test_every_case_is_in_one_cell_of_every_level(filled: Filled) -> None:
    """PostGIS finds one cell at each level, and it is the one that answers."""
    (covered,) = filled.ask(
        "SELECT count(*), count(DISTINCT i.id), bool_and(g.code = CASE g.level"
        " WHEN 'district' THEN i.grid_1 WHEN 'village' THEN i.grid_2 ELSE i.grid_3 END)"
        " FROM issue i JOIN grid g ON ST_Covers(g.geom, i.geom)"
    )
    assert tuple(covered) == (3 * 2817, 2817, True)


def test_bulky_waste_is_the_nearest_squads(store: Store, cities: Path) -> None:
    """Of the squad whose truck stops nearest, within 200 m; of the village office where none does."""
    stops = gpd.read_file(cities / CITY / "sanitation_garbage_truck_stops.geojson").drop(index=75).to_crs(3826)
    cases = store.issues().to_crs(3826)
    waste = cases[cases["category"].isin(["大型廢棄物清運聯繫", "鄰里無主垃圾清運"])]
    near = waste[["code", "rule", "responsible", "geometry"]].sjoin_nearest(stops, max_distance=200, how="left")
    assert near["code"].nunique() == 1457
    served = near["分隊"].notna()
    near["named"] = ("squad-" + near["分隊"]) == near["responsible"]
    assert near[served].groupby("code")["named"].any().all(), "of equally near stops, either"
    assert set(near["rule"][served]) == {"named_component"}
    assert set(near["rule"][~served]) == {"territorial_fallback"}
    assert cases.loc[cases["rule"] == "territorial_fallback", "responsible"].str.fullmatch(r"office-63\d{8}").all()


def test_a_contract_holds_for_its_days_and_names_who_digs(store: Store) -> None:
    """Two cases lie beside works of those days."""
    cases = store.issues()
    found = cases[cases["rule"] == "point_contract"]
    assert set(found["contract"]) == {"works-72"}
    assert (found["contractor"].iloc[0], found["responsible"].iloc[0]) == (
        "日商鹿島營造股份有限公司",
        "applicant-台電輸變電",
    )


def test_postgis_agrees(store: Store) -> None:
    """Cell by cell; the city has no streets."""
    assert len(verify(store.session, store.city)) == 0


def test_a_second_load_changes_nothing(filled: Filled) -> None:
    """Every row is known again, and the same ones are rejected."""
    again = filled.again()
    assert changes(again) == {"stored": 0, "added": 0, "changed": 0, "ended": 0}
    assert (again.loaded.version, again.loaded.revision) == (None, None)
    assert [report.known for report in again.issues] == [2817]
    assert again.rejects.drop(columns="params").equals(filled.rejects.drop(columns="params"))

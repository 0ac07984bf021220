"""The shipped reference tables load, are complete, and their keys are unique."""

import pandas as pd
import pytest

from data.tables import category_rows, reference, tag_rows
from gis_core.city import DEFAULT_SCHEME
from gis_core.codes import resolve_duties
from gis_core.errors import NotFound

KEYS = {
    "categories": ["scheme", "kind", "code"],
    "tags": ["tag_group", "tag", "scheme", "kind", "code"],
    "place_types": ["code"],
    "indicators": ["code"],
    "fields_47678_5": ["object", "abbr"],
    "gk_zones": ["zone_width", "zone"],
    "coord_test_vectors": ["name"],
    "door_rules": [],
    "sla": [],
}
ROWS = {"categories": 403, "tags": 59, "place_types": 35, "indicators": 52, "fields_47678_5": 24, "gk_zones": 32,
        "coord_test_vectors": 14, "door_rules": 25, "sla": 501}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_table_is_whole_and_keyed(name: str) -> None:
    table = reference(name)
    assert len(table) == ROWS[name]
    assert not table.duplicated(KEYS[name] or None).any()
    assert (table[KEYS[name]] != "").all(axis=None)


@pytest.mark.parametrize("name", sorted(set(KEYS) - {"coord_test_vectors", "gk_zones"}))
def test_every_row_says_where_it_comes_from(name: str) -> None:
    assert (reference(name)["source"] != "").all()


def test_unknown_table_is_refused_by_name() -> None:
    with pytest.raises(NotFound) as refused:
        reference("no_such_table")
    assert "place_types" in refused.value.text("en")
    assert "no_such_table" in refused.value.text("zh")


def test_categories_are_those_of_the_standard() -> None:
    rows = category_rows()
    assert rows["kind"].value_counts().to_dict() == {"matter": 250, "component": 153}
    assert (rows["scheme"] == DEFAULT_SCHEME).all()
    assert (rows["status"] == "single transcription").all()
    assert (rows["major"] == rows["code"].str.slice(0, 2)).all()
    keyed = rows.set_index(["kind", "code"])
    assert keyed.loc[("component", "01002"), "name"] == "污水井盖"
    assert keyed.loc[("matter", "01002"), "component"] == "01002"
    assert keyed.loc[("matter", "06010"), "name"] == "暴露垃圾"
    assert keyed.loc[("matter", "06010"), "names"] == {"zh": "暴露垃圾", "en": "exposed garbage"}


def test_a_fault_names_a_component_that_exists() -> None:
    rows = category_rows()
    faults = rows[rows["component"].notna()]
    assert len(faults) == 153
    assert (faults["kind"] == "matter").all()
    assert set(faults["component"]) == set(rows["code"][rows["kind"] == "component"])


def test_only_components_have_a_radius() -> None:
    rows = category_rows()
    assert (rows["radius_m"].notna() == (rows["kind"] == "component")).all()
    assert rows["radius_m"].dropna().between(10, 100).all()


def test_every_tag_leads_to_a_category() -> None:
    tags, categories = tag_rows(), category_rows()
    assert tags["key"].is_unique
    items = [f"tag:{group}/{tag}" for group, tag in zip(tags["tag_group"], tags["tag"], strict=True)]
    covered, unknown = resolve_duties([items], [DEFAULT_SCHEME], categories, tags)
    assert unknown.empty
    assert covered.sum() == len(tags[["kind", "code"]].drop_duplicates())


def test_eight_disorders_are_eight() -> None:
    tags = tag_rows()
    assert tags["tag"][tags["tag_group"] == "eight"].nunique() == 8


def test_zones_agree_with_their_meridians() -> None:
    zones = reference("gk_zones").astype({"zone": int, "central_meridian_deg": float})
    three = zones[zones["zone_width"] == "3-degree"]
    assert (three["central_meridian_deg"] == three["zone"] * 3).all()


def test_place_types_that_enclose_are_areas() -> None:
    types = reference("place_types").set_index("code")
    assert types.loc["shop", "encloses"] == "false"
    assert pd.Index(["market", "estate", "park"]).isin(types.index[types["encloses"] == "true"]).all()

"""The demo city: the same for the same seed, whole, and realistic enough to show what it is for."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data.demo import Demo, build
from data.demo.city import LAST_DAY
from data.demo.contracts import HANDED_OVER, OVERTENDERED
from data.demo.holders import UNHELD
from data.demo.mixes import BACKSTREET, CLUSTERS, MAIN_ROAD, PLACES, PULL, SHOP_FRONT, WATERSIDE
from data.demo.rhythm import DAYS, END
from data.tables import reference
from gis_core.answers import FALLBACK
from gis_core.crs import project
from gis_core.errors import InvalidInput
from gis_core.issues import Screened
from gis_core.references import check_holders, check_references
from gis_core.rules import RULES
from gis_core.territory import Territory
from tests.data.conftest import ISSUES, SEED, UNITS

ORDER = (
    "parties", "categories", "tags", "grids", "streets", "places", "shops", "agreements", "marks", "facilities",
    "contracts", "holders", "issues",
)  # fmt: skip
LEVELS = ("district", "subdistrict", "community", "responsibility", "unit")
DIGITS = dict(zip(LEVELS, (6, 9, 12, 14, 15), strict=True))


def digest(demo: Demo) -> str:
    """One digest of every value of every frame, and of every track."""
    patrols = demo.patrols
    frames = {"blind": patrols.blind, "carriers": patrols.carriers, "check_ins": patrols.check_ins}
    whole = hashlib.sha256(digest_of({**demo.frames, **frames}).encode())
    for carrier, points in patrols.tracks():
        whole.update(carrier.encode() + points.to_numpy().tobytes())
    return whole.hexdigest()


def digest_of(frames: Mapping[str, pd.DataFrame]) -> str:
    """The same of some frames."""
    whole = hashlib.sha256()
    for name, frame in frames.items():
        plain = pd.DataFrame(frame)
        if "geometry" in plain:
            plain = plain.assign(geometry=shapely.to_wkb(plain["geometry"].to_numpy(object), hex=True))
        whole.update(name.encode())
        whole.update(plain.to_csv().encode())
    return whole.hexdigest()


def cells(demo: Demo, level: str) -> gpd.GeoDataFrame:
    grids = demo.frames["grids"]
    return grids[grids["level"] == level].reset_index(drop=True)


def metric(demo: Demo, frame: pd.DataFrame) -> "np.typing.NDArray[np.object_]":
    return project(frame["geometry"].to_numpy(object), demo.city.metric_srid)


def test_same_seed_same_bytes_in_any_process(demo: Demo) -> None:
    program = (
        "from data.demo import build; from tests.data.test_demo import digest; "
        f"print(digest(build(units={UNITS}, issues={ISSUES}, seed={SEED})))"
    )
    # The order of sets of texts depends on this number, so that it must not show in the city.
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(demo)


def test_other_seed_other_city() -> None:
    one, other = (build(units=60, issues=100, seed=seed) for seed in (1, 2))
    for name in ("parties", "grids", "streets", "places", "facilities", "contracts", "issues"):
        assert digest_of({name: one.frames[name]}) != digest_of({name: other.frames[name]})
    assert digest_of({"blind": one.blind}) != digest_of({"blind": other.blind})


@pytest.mark.parametrize("units", [30, 31, 64, 149, 150, 333])
def test_any_size_is_whole(units: int) -> None:
    demo = build(units=units, issues=40, seed=3)
    territory = Territory(demo.city, 1, 1, demo.frames)
    assert len(cells(demo, "unit")) == units
    assert len(demo.frames["issues"]) == 40
    assert territory.inside(demo.frames["issues"][["lon", "lat"]].to_numpy()).all()
    assert check_references(territory).empty
    for level in LEVELS:
        assert shapely.coverage_is_valid(metric(demo, cells(demo, level)))


@pytest.mark.full
def test_large_city_has_unique_codes() -> None:
    demo = build(units=50_000, issues=100_000, seed=1)
    assert len(cells(demo, "unit")) == 50_000
    for name in set(ORDER) - {"issues", "tags", "categories", "holders"}:
        assert demo.frames[name]["code"].is_unique, name


@pytest.mark.parametrize(
    ("field", "wanted"),
    [("units", {"units": 29}), ("issues", {"issues": -1}), ("seed", {"seed": -1})],
)
def test_impossible_city_is_refused(field: str, wanted: dict[str, int]) -> None:
    with pytest.raises(InvalidInput) as refused:
        build(**({"units": 60, "issues": 10, "seed": 1} | wanted))
    assert field in refused.value.text("en")


def test_city_without_issues() -> None:
    issues = build(units=30, issues=0, seed=1).frames["issues"]
    assert issues.empty
    assert isinstance(issues["reported_at"].dtype, pd.DatetimeTZDtype)


def test_frames_come_in_the_order_of_storing(demo: Demo) -> None:
    assert tuple(demo.frames) == ORDER
    for name, frame in demo.frames.items():
        key = "external_id" if name == "issues" else "key"
        assert frame[key].is_unique, name
        assert (frame["source"] != "").all(), name
        if "geometry" in frame:
            assert frame.crs == 4326, name


def test_counts_are_near_what_is_asked(demo: Demo) -> None:
    frames = demo.frames
    assert len(cells(demo, "unit")) == UNITS
    assert len(frames["issues"]) == ISSUES
    assert 0.4 * UNITS < len(frames["streets"]) < 1.2 * UNITS
    assert 3 * UNITS < (frames["places"]["type"] == "shop").sum() < 10 * UNITS
    assert 8 * UNITS < len(frames["facilities"]) < 25 * UNITS
    assert set(frames["streets"]["class"]) == {"arterial", "secondary", "branch", "backstreet"}
    assert set(frames["contracts"]["kind"]) == {"road", "section", "area", "block", "point", "grid"}


@pytest.mark.parametrize("level", LEVELS)
def test_cells_tile_the_ground(demo: Demo, level: str) -> None:
    shapes = metric(demo, cells(demo, level))
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert set(shapely.get_type_id(shapes)) == {shapely.GeometryType.MULTIPOLYGON}
    if level != "district":
        ground = shapely.coverage_union_all(metric(demo, cells(demo, "unit")))
        assert shapely.symmetric_difference(shapely.coverage_union_all(shapes), ground).area < 1e-3
        assert cells(demo, level)["area_m2"].sum() == pytest.approx(ground.area, abs=len(shapes))


def test_unit_grids_are_of_the_size_the_standard_asks_for(demo: Demo) -> None:
    assert cells(demo, "unit")["area_m2"].median() == pytest.approx(10_000, rel=0.2)


@pytest.mark.parametrize("level", LEVELS)
def test_codes_fit_their_level_and_begin_with_their_parents(demo: Demo, level: str) -> None:
    below = cells(demo, level)
    assert below["code"].is_unique
    assert all(demo.city.levels[demo.city.level(level)].accepts(code) for code in below["code"])
    assert (below["code"].str.len() == DIGITS[level]).all()
    if level != "district":
        above = LEVELS[LEVELS.index(level) - 1]
        assert below["parent"].isin(cells(demo, above)["code"]).all()
        begun = [code.startswith(parent[: DIGITS[above] if level != "unit" else 12])
                 for code, parent in zip(below["code"], below["parent"], strict=True)]  # fmt: skip
        assert all(begun)


def test_every_unit_grid_lies_within_its_one_community(demo: Demo) -> None:
    units, communities = cells(demo, "unit"), cells(demo, "community")
    middle = shapely.point_on_surface(units.geometry.to_numpy())
    unit, community = shapely.STRtree(communities.geometry.to_numpy()).query(middle, predicate="within")
    assert (unit == np.arange(len(units))).all()
    assert (communities["code"].to_numpy()[community] == units["code"].str.slice(0, 12)).all()
    shapes, around = metric(demo, units), metric(demo, communities)[community]
    assert shapely.area(shapely.difference(shapes, around)).max() < 1e-3


def test_official_names_are_chinese_and_english_stands_beside(demo: Demo) -> None:
    for name in ("grids", "streets", "places", "parties", "facilities"):
        frame = demo.frames[name]
        assert frame["name"].str.contains("[\u4e00-\u9fff]").all(), name
        assert [one["zh"] for one in frame["names"]] == frame["name"].tolist(), name
        assert all(one["en"].isascii() and one["en"] for one in frame["names"]), name


def test_streets_run_along_their_grids(demo: Demo) -> None:
    streets = demo.frames["streets"]
    lines = metric(demo, streets)
    assert streets["length_m"].to_numpy() == pytest.approx(shapely.length(lines), abs=0.5)
    border = shapely.boundary(shapely.coverage_union_all(metric(demo, cells(demo, "district"))))
    inner = shapely.union_all(shapely.boundary(metric(demo, cells(demo, "unit"))))
    bridges = shapely.length(shapely.difference(lines, shapely.buffer(shapely.union(border, inner), 0.1)))
    assert (bridges == 0).mean() > 0.8
    assert set(streets["class"][bridges > 1]) <= {"arterial", "secondary"}


def test_places_with_ground_keep_to_their_block(demo: Demo) -> None:
    places = demo.frames["places"]
    assert set(places["type"]) <= set(reference("place_types")["code"])
    points = places.geometry.geom_type == "Point"
    assert set(places["type"][points]) == {"shop", "bus_stop", "public_toilet"}
    assert places["operator"][~points].notna().all()
    assert places["supervisor"].notna().all()
    grounds = metric(demo, places[~points])
    assert shapely.is_valid(grounds).all()
    tree = shapely.STRtree(grounds)
    assert tree.query(grounds, predicate="intersects").shape[1] == len(grounds)
    streets = metric(demo, demo.frames["streets"])
    assert tree.query(streets, predicate="intersects").size == 0
    assert shapely.STRtree(metric(demo, cells(demo, "unit"))).query(grounds, predicate="within").shape[1] == len(
        grounds
    )
    shops = metric(demo, places[places["type"] == "shop"])
    assert tree.query(shops, predicate="within").size == 0


def test_every_kind_of_ground_has_its_own_matters() -> None:
    matters = set(reference("categories").query("kind == 'matter'")["code"])
    mixes = [MAIN_ROAD, BACKSTREET, SHOP_FRONT, WATERSIDE, *PLACES.values(), *CLUSTERS.values()]
    assert {entry.split(":")[0] for mix in mixes for entry in mix.split()} <= matters
    assert set(PULL) == set(PLACES)


def test_facilities_carry_their_three_bodies(demo: Demo) -> None:
    facilities = demo.frames["facilities"]
    components = set(reference("categories").query("kind == 'component'")["code"])
    assert set(facilities["category"]) <= components
    assert facilities["code"].str.fullmatch(r"\d{17}").all()
    assert (facilities["code"].str.slice(6, 11) == facilities["category"]).all()
    assert facilities["supervises"].notna().all()
    unknown = facilities["category"] == "01023"
    assert unknown.any()
    assert (facilities["maintains"].isna() == unknown).all()
    assert (facilities["owns"].isna() == unknown).all()


def test_every_reference_resolves(territory: Territory) -> None:
    assert check_references(territory).empty


def test_organisation_tree_has_one_root_and_four_steps(demo: Demo) -> None:
    parties = demo.frames["parties"].set_index("code")
    units = parties[(parties["kind"] == "unit")]
    assert units["parent"].isna().sum() == 1
    committee = "U" + cells(demo, "community")["code"].iloc[0]
    chain = [committee]
    while isinstance(parent := parties.loc[chain[-1], "parent"], str):
        chain.append(parent)
    assert [len(code) for code in chain] == [13, 10, 7, 5]


def test_all_is_held_but_the_few_left_out(territory: Territory) -> None:
    findings = check_holders(territory, (LAST_DAY - pd.Timestamp(0).date()).days)
    assert findings["layer"].value_counts().to_dict() == UNHELD
    assert (findings["check"] == "no_holder").all()


def test_one_holder_at_a_time(demo: Demo) -> None:
    holders = demo.frames["holders"]
    people = demo.frames["parties"].query("kind == 'person'")
    assert holders["holder"].isin(people["code"]).all()
    assert (holders["holder"] != holders["deputy"]).all()
    ended = holders["valid_to"].notna()
    assert ended.any()
    kept = holders[~ended].set_index(["subject", "subject_code"])
    assert kept.index.is_unique
    following = kept.loc[pd.MultiIndex.from_frame(holders[ended][["subject", "subject_code"]]), "valid_from"]
    gaps = pd.to_datetime(following).to_numpy() - pd.to_datetime(holders["valid_to"][ended]).to_numpy()
    assert set(gaps) == {np.timedelta64(1, "D")}


def test_contracts_say_what_their_kind_needs(demo: Demo) -> None:
    contracts = demo.frames["contracts"]
    by_kind = dict(list(contracts.groupby("kind")))
    assert by_kind["section"][["street", "from_m", "to_m"]].notna().all(axis=None)
    assert (by_kind["section"]["from_m"] < by_kind["section"]["to_m"]).all()
    assert set(by_kind["section"]["side"]) == {"both", "left", "right"}
    assert by_kind["point"]["radius_m"].notna().all()
    assert (by_kind["point"].geometry.geom_type == "Point").all()
    assert by_kind["grid"]["grid"].notna().all()
    for kind in ("area", "block"):
        assert (by_kind[kind].geometry.geom_type == "MultiPolygon").all()
    assert contracts["document"].is_unique
    assert contracts["contractor"].isna().sum() == 1
    lacking = contracts[contracts["contractor"].isna()]
    assert lacking["responsible"].notna().all()


def test_areas_tendered_stand_beside_areas_measured(demo: Demo) -> None:
    contracts = demo.frames["contracts"]
    ratio = contracts["tendered_area_m2"] / contracts["area_m2"]
    assert (ratio > 1.1).sum() == 1
    assert ratio.max() == pytest.approx(OVERTENDERED, abs=0.01)
    assert ratio.min() > 0.95


def test_one_contract_ended_and_has_a_successor(demo: Demo) -> None:
    contracts = demo.frames["contracts"]
    first, second = contracts.iloc[np.flatnonzero(contracts["valid_to"] < HANDED_OVER)[0]], None
    (second,) = [row for row in contracts.itertuples() if row.valid_from == HANDED_OVER]
    assert (first["street"], first["kind"], first["duties"]) == (second.street, second.kind, second.duties)
    assert first["contractor"] != second.contractor
    assert (second.valid_from - first["valid_to"]).days == 1


def test_no_issue_is_rejected(screened: Screened) -> None:
    assert screened.rejects.empty
    assert len(screened.accepted) == ISSUES


def test_every_rule_answers_some_issue(answers: pd.DataFrame) -> None:
    """But that of front doors: their strips are drawn of a stored city."""
    assert set(answers["rule"]) == {rule.name for rule in RULES if rule.name != "front_door"} | {FALLBACK}


def test_edges_of_the_city_are_met(answers: pd.DataFrame, demo: Demo) -> None:
    flags = answers["flags"].str.split().explode()
    assert {"snapped", "queue", "border_street", "several_grids", "no_contractor"} <= set(flags)
    city = shapely.union_all(metric(demo, cells(demo, "district")))
    away = shapely.distance(city, metric(demo, answers))
    outside = away[away > 0.1]
    assert ((outside > 2) & (outside < 10.5)).sum() >= 5
    assert outside.max() < demo.city.grid_tolerance_m


def test_issues_are_of_the_ninety_days(demo: Demo) -> None:
    issues = demo.frames["issues"]
    assert issues["reported_at"].is_monotonic_increasing
    local = issues["reported_at"].dt.tz_convert(demo.city.zone).dt.date
    assert local.max() == LAST_DAY
    assert (LAST_DAY - local.min()).days == DAYS - 1
    closed = issues["closed_at"].notna()
    assert (issues["closed_at"][closed] > issues["reported_at"][closed]).all()
    assert issues["closed_at"].max() < END


def test_the_older_the_more_are_closed(demo: Demo) -> None:
    issues = demo.frames["issues"]
    age = (END - issues["reported_at"]).dt.days
    share = issues["closed_at"].notna().groupby(pd.cut(age, [-1, 2, 10, 90]), observed=True).mean()
    assert share.is_monotonic_increasing
    assert share.iloc[0] < 0.7 < 0.95 < share.iloc[-1]


def test_days_and_weeks_have_their_rhythm(demo: Demo) -> None:
    local = demo.frames["issues"]["reported_at"].dt.tz_convert(demo.city.zone)
    hours = local.dt.hour.value_counts()
    assert hours[[9, 10, 15, 16]].min() > 3 * hours[[3, 4]].max()
    weekend = local.dt.day_of_week >= 5
    assert weekend.mean() < 2 / 7


def test_clusters_last_emerge_and_fade(demo: Demo) -> None:
    issues = demo.frames["issues"]
    pattern = issues["extra"].map(lambda extra: extra.get("pattern"))
    late = (END - issues["reported_at"]).dt.days < 28
    share = late.groupby(pattern).mean()
    assert share["emerging"] > 0.9
    assert share["fading"] < 0.1
    assert 0.2 < share["persistent"] < 0.45
    xy = shapely.get_coordinates(metric(demo, issues[pattern == "emerging"]))
    assert np.hypot(*(xy - np.median(xy, axis=0)).T).max() < 250


def test_some_shops_offend_again_and_again(demo: Demo) -> None:
    issues, places = demo.frames["issues"], demo.frames["places"]
    shops = places[places["type"] == "shop"]
    said = (shops["address"] + shops["name"]).drop_duplicates()
    fronts = issues["description"].str.extract("(" + "|".join(said) + ")")[0].value_counts()
    assert fronts.max() >= 10
    assert fronts.median() <= 2


def test_texts_vary_and_some_look_like_markup(demo: Demo) -> None:
    issues = demo.frames["issues"]
    assert issues["description"].nunique() > 0.8 * ISSUES
    assert issues["description"].str.contains("[\u4e00-\u9fff]").all()
    marked = issues["description"].str.contains("[<&]")
    assert 5 <= marked.sum() < 0.01 * ISSUES
    assert issues["description"].str.contains("<b>").any()
    assert issues["description"].str.contains("&").any()
    assert issues["channel"].nunique() == 5


def test_matters_suit_the_place(answers: pd.DataFrame, demo: Demo) -> None:
    types = demo.frames["places"].set_index("code")["type"]
    inside = answers[answers["rule"] == "place_operator"]
    kind = inside["place"].map(types)
    assert (inside["category"][kind == "market"] == "09020").mean() > 0.2
    assert inside["category"][kind == "construction_site"].str.startswith("08").mean() > 0.8
    assert (kind.isin(["estate", "old_estate"])).sum() > 0.05 * ISSUES
    named = answers[answers["rule"] == "named_component"]
    assert named["category"].str.slice(0, 2).isin(["01", "02", "03", "04"]).all()
    assert len(named) > 0.1 * ISSUES

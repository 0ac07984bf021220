"""Facilities along lanes: towns drawn by hand whose answers are known, and others held against brute force."""

import dataclasses
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gis_core.crs import project
from gis_core.patrol.amenities import Amenities, amenities_of, amenity_figures, check_amenities
from gis_core.patrol.chains import chains_of
from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.patrol.rules import PatrolRules
from tests.gis_core import truth_patrol as truth

Line = list[tuple[float, float]]
TOILET, SIGN, BIN, LAMP, NOTICE = "03001", "03002", "03005", "01037", "03008"
RULES = PatrolRules()


def network(lines: dict[str, Line], kinds: dict[str, str] | None = None, **more: object) -> StreetNetwork:
    """Streets by code: lanes, unless another class is said."""
    classes = [(kinds or {}).get(code, "backstreet") for code in lines]
    return build_network(truth.layer(lines, **{"class": classes}, **more), truth.SRID)


def things(*given: tuple[str, float, float] | tuple[str, float, float, str]) -> gpd.GeoDataFrame:
    """Facilities: category, where in metres from the corner of the town, and the state if there is one."""
    points = [shapely.Point(truth.DEGREES.transform(x + truth.EAST_M, y + truth.NORTH_M)) for _, x, y, *_ in given]
    columns = {"category": [one[0] for one in given], "state": [(*one, None)[3] for one in given]}
    return gpd.GeoDataFrame(pd.DataFrame(columns, dtype=object), geometry=points, crs=4326)


def along(built: StreetNetwork, facilities: pd.DataFrame, **rules: object) -> Amenities:
    """What stands along the lanes of a town."""
    due = np.isin(built.kind[built.street].astype(str), ["backstreet"])
    return amenities_of(built, facilities, due, dataclasses.replace(RULES, **rules))


def told(built: StreetNetwork, facilities: pd.DataFrame, *checks: str, **rules: object) -> list[tuple[str, str, float]]:
    """Check, street and amount of what is found by some checks."""
    found = check_amenities(along(built, facilities, **rules))
    rows = zip(found["check"], found["code"], found["amount"], strict=True)
    return [row for row in rows if row[0] in checks]


STRAIGHT = {"a": [(0.0, 0.0), (1200.0, 0.0)]}


def test_five_hundred_metres_are_near_enough() -> None:
    """A lane that ends where the rule says would be found wanting, or one that goes on would not."""
    half = {"a": [(0.0, 0.0), (500.0, 0.0)]}
    assert told(network(half), things((TOILET, 0, 5)), "toilet_far") == []
    assert told(network(half), things((TOILET, 0, 5)), "toilet_far", toilet_m=499.0) == [("toilet_far", "a", 500.0)]


def test_a_toilet_in_the_middle_serves_both_ways() -> None:
    """Only crossings would have toilets: one in the middle of a street would be as far as its nearer end."""
    assert told(network(STRAIGHT), things((TOILET, 600, 5)), "toilet_far") == [("toilet_far", "a", 600.0)] * 2
    assert told(network(STRAIGHT), things((TOILET, 600, 5)), "toilet_far", toilet_m=600.0) == []
    far = along(network(STRAIGHT), things((TOILET, 600, 5))).short("toilets")
    assert far[["from_m", "to_m"]].to_numpy() == pytest.approx(np.array([[0, 100], [1100, 1200]]), abs=0.01)
    two = things((TOILET, 100, 5), (SIGN, 1150, -5))
    (stretch,) = along(network(STRAIGHT), two).short("toilets")[["from_m", "to_m", "amount_m"]].to_numpy()
    assert stretch == pytest.approx([600, 650, 525], abs=0.01)


def test_one_walks_round_the_river() -> None:
    """A toilet on the other bank, a stone's throw away, would serve who has to walk 700 m to it."""
    town = {"a": [(0.0, 0.0), (300.0, 0.0)], "bridge": [(300.0, 0.0), (300.0, 100.0)],
            "b": [(300.0, 100.0), (0.0, 100.0)]}  # fmt: skip
    built = network(town, {"bridge": "branch", "b": "branch"})
    assert told(built, things((TOILET, 0, 105)), "toilet_far") == [("toilet_far", "a", 700.0)]
    (stretch,) = along(built, things((TOILET, 0, 105))).short("toilets")[["from_m", "to_m"]].to_numpy()
    assert stretch == pytest.approx([0, 200], abs=0.01)


def test_a_lane_cut_by_crossings_is_one_stretch() -> None:
    """A long lane would be as many findings as it has crossings."""
    crossings = {f"c{k}": [(k * 200.0, -20.0), (k * 200.0, 20.0)] for k in range(1, 6)}
    built = network(STRAIGHT | crossings, dict.fromkeys(crossings, "branch"))
    found = check_amenities(along(built, things((TOILET, 0, 5))))
    (far,) = found[found["check"] == "toilet_far"].to_dict("records")
    assert (far["code"], far["amount"], far["severity"]) == ("a", 1200.0, "warning")
    assert far["geometry"].geom_type == "LineString"
    assert shapely.length(project(np.array([far["geometry"]]), truth.SRID)) == pytest.approx(700, abs=0.01)


def test_where_no_way_leads_it_is_said() -> None:
    """A lane on an island would be served by a toilet on the shore, or have a walk of infinite metres."""
    town = {"a": [(0.0, 0.0), (100.0, 0.0)], "island": [(0.0, 200.0), (60.0, 200.0)]}
    assert told(network(town), things((TOILET, 0, 5)), "toilet_far", "toilet_none") == [("toilet_none", "island", 60.0)]


def test_what_is_gone_or_nowhere_does_not_count() -> None:
    """A toilet that was pulled down would serve the lane for ever."""
    built = network(STRAIGHT)
    there = things((TOILET, 600, 5), (TOILET, 100, 5, "移除"), (TOILET, 1150, 5, " Removed "), (TOILET, 0, 60))
    assert [row[2] for row in told(built, there, "toilet_far")] == [600.0, 600.0]
    assert told(built, things((TOILET, 600, 5, "removed")), "toilet_none") == [("toilet_none", "a", 1200.0)]
    nowhere = things((TOILET, 600, 5), (TOILET, 100, 5), (TOILET, 1100, 5))
    nowhere["geometry"] = [nowhere.geometry[0], None, shapely.Point()]
    assert len(told(built, nowhere, "toilet_far")) == 2


def test_a_broken_toilet_is_still_a_toilet() -> None:
    """Where a door is to be mended, the lane would be told to have none."""
    assert told(network(STRAIGHT), things((TOILET, 600, 5, "破损")), "toilet_none") == []


def test_what_was_never_surveyed_is_not_missing() -> None:
    """A city that keeps no register of bins would read of bins missing in every lane."""
    found = check_amenities(along(network(STRAIGHT), things()))
    assert list(found["check"]) == ["no_toilets", "no_bins", "no_lamps", "no_notices"]
    assert found["code"].isna().all() and next(iter(found["other"])) == "03001, 03002"
    figures = amenity_figures(along(network(STRAIGHT), things()), np.array(["a"], dtype=object))
    assert figures["toilets_share"].isna().all() and list(figures["lamps"]) == [0]


def test_without_lanes_nothing_is_found() -> None:
    """A city without backstreets could not be checked."""
    built = network(STRAIGHT, {"a": "branch"})
    assert len(check_amenities(along(built, things((TOILET, 0, 5), (LAMP, 0, 5))))) == 0
    assert len(amenity_figures(along(built, things()), np.array(["a"], dtype=object))) == 0


def test_gaps_between_notices() -> None:
    """Two notices 200 m apart are near enough; up to its ends a lane has them too."""
    built = network({"a": [(0.0, 0.0), (700.0, 0.0)]})
    fine = things(*((NOTICE, x, 4) for x in (200, 400, 600)))
    assert told(built, fine, "notice_gap") == []
    assert told(built, things(*((NOTICE, x, 4) for x in (200, 401, 499))), "notice_gap") == [
        ("notice_gap", "a", 201.0),
        ("notice_gap", "a", 201.0),
    ]
    assert told(built, things((NOTICE, 350, 26)), "notice_gap") == [("notice_gap", "a", 700.0)]
    short = network({"a": [(0.0, 0.0), (200.0, 0.0)]})
    assert told(short, things((NOTICE, 350, 0)), "notice_gap") == []


def test_a_lane_goes_on_where_the_layer_cuts_it() -> None:
    """In a layer cut at every crossing no lane would be long enough to miss anything."""
    parts = {"a": [(0.0, 0.0), (150.0, 0.0)], "b": [(300.0, 0.0), (150.0, 0.0)], "c": [(300.0, 0.0), (450.0, 0.0)]}
    built = network(parts, name=["青云巷"] * 3)
    assert told(built, things((NOTICE, 10, 4), (NOTICE, 440, 4)), "notice_gap") == [("notice_gap", "b", 430.0)]
    apart = network(parts, name=["甲巷", "乙巷", None])
    assert told(apart, things((NOTICE, 10, 4), (NOTICE, 440, 4)), "notice_gap") == []
    assert told(built, things((BIN, 100, 4), (BIN, 290, 4)), "bin_gap") == []
    assert told(built, things((BIN, 100, 4), (BIN, 290, 4)), "bin_gap", bin_m=160.0) == [("bin_gap", "b", 190.0)]


def test_a_gap_over_a_border_is_told_on_both_sides() -> None:
    """Of two managers whose lanes are one, the one with the shorter part would not hear of the gap, or read of the
    other's street.
    """
    parts = {"a": [(0.0, 0.0), (150.0, 0.0)], "b": [(150.0, 0.0), (400.0, 0.0)]}
    amenities = along(network(parts, name=["青云巷"] * 2), things((NOTICE, 390, 4), (LAMP, 200, 200)))
    for streets, code, metres in ((None, "b", 390), (["a"], "a", 150), (["b", "z"], "b", 240)):
        found = check_amenities(amenities, streets)
        (gap,) = found[found["check"] == "notice_gap"].to_dict("records")
        assert (gap["code"], gap["amount"]) == (code, 390.0)
        assert shapely.length(project(np.array([gap["geometry"]]), truth.SRID)) == pytest.approx(metres, abs=0.01)
        (dark,) = found[found["check"] == "lamps_missing"].to_dict("records")
        assert (dark["code"], dark["amount"]) == (code, 400.0)
    assert set(check_amenities(amenities, ["z"])["check"]) == {"no_toilets", "no_bins"}


def test_a_ring_has_no_ends() -> None:
    """What is missing on both sides of where a ring was begun would be told as two short gaps."""
    ring = {"a": [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0)]}
    for start in range(4):
        turned = {"a": [*ring["a"][start:-1], *ring["a"][: start + 1]]}
        found = told(network(turned), things((NOTICE, 50, 4), (NOTICE, 100, 60)), "notice_gap")
        assert found == [("notice_gap", "a", 290.0)]
    lollipop = {"stem": [(-300.0, 0.0), (0.0, 0.0)], "ring": ring["a"]}
    chains = chains_of(network(lollipop, name=["巷", "巷"]), np.ones(2, dtype=bool))
    assert sorted(chains.length_m) == pytest.approx([300, 400], abs=0.01) and not chains.ring.any()


def test_lamps_missing_and_unlit() -> None:
    """A dark lane would not be found, or one in which nearly all lamps are lit would be."""
    town = {"a": [(0.0, 0.0), (400.0, 0.0)], "b": [(0.0, 100.0), (400.0, 100.0)], "c": [(0.0, 200.0), (40.0, 200.0)]}
    built = network(town)
    lamps = [(LAMP, x, 3, "破损" if x == 210 else "完好") for x in range(10, 400, 20)]
    assert told(built, things(*lamps), "lamps_missing", "lamps_unlit") == [("lamps_missing", "b", 400.0)]
    lamps[3] = (LAMP, 70, 3, "damaged")
    assert told(built, things(*lamps), "lamps_unlit") == [("lamps_unlit", "a", 90.0)]
    assert set(check_amenities(along(built, things(*lamps)))["unit"].dropna()) == {"m", "%"}
    assert told(built, things(*lamps), "lamps_unlit", lamps_lit=0.9) == []


def test_figures() -> None:
    """Lamps per household, and how many metres have a toilet near enough, would be anybody's guess."""
    town = {"a": [(0.0, 0.0), (800.0, 0.0)], "b": [(0.0, 100.0), (200.0, 100.0)], "x": [(0.0, 0.0), (0.0, 100.0)]}
    built = network(town, {"x": "branch"})
    lamps = [(LAMP, 10, 3), (LAMP, 30, 3, "破损"), (LAMP, 0, 50)]
    there = things((TOILET, 0, -5), (BIN, 100, 3), (BIN, 300, 3), *lamps, (NOTICE, 20, 97))
    amenities = along(built, there)
    figures = amenity_figures(amenities, built.code[built.street], {"a": 40, "b": 0}).set_index("code")
    assert list(figures.index) == ["a", "b"]
    a = figures.loc["a"]
    assert (a["due_m"], a["bins"], a["lamps"], a["notices"]) == (pytest.approx(800, abs=0.01), 2, 2, 0)
    assert (a["toilets_share"], a["bins_share"]) == (pytest.approx(0.625, abs=1e-4), pytest.approx(0.375, abs=1e-4))
    assert (a["lamps_share"], a["lit_share"]) == (pytest.approx(0.0375, abs=1e-4), 0.5)
    assert a["lamps_per_100_households"] == pytest.approx(5.0)
    b = figures.loc["b"]
    assert (b["toilets_share"], b["notices_share"], b["notices"]) == (1.0, 1.0, 1)
    assert np.isnan(b["lit_share"]) and np.isnan(b["lamps_per_100_households"])
    whole = amenity_figures(amenities, np.where(built.kind[built.street] == "branch", None, "district"))
    assert (whole["due_m"].sum(), whole["lamps"].sum()) == (pytest.approx(1000, abs=0.01), 2)


@pytest.mark.parametrize("seed", range(6))
def test_walks_are_those_of_brute_force(seed: int) -> None:
    """The walk from a point in the middle of a street could go by the farther end."""
    random = np.random.default_rng(seed)
    town = {}
    for k in range(14):
        x, y, size = random.uniform(0, 900, 3)
        town[f"s{k}"] = [(x, y), (x + size, y)] if k % 2 else [(x, y), (x, y + size)]
    built = network(town, dict.fromkeys(list(town)[::3], "branch"))
    edge = random.integers(0, len(built.u), 3)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(built.lines[edge], random.random(3), normalized=True))
    there = things(*((TOILET, x - truth.EAST_M, y - truth.NORTH_M) for x, y in xy))
    amenities = along(built, there, toilet_m=300.0)
    edges, at_m, walk_m = _by_points(built, xy)
    far = amenities.short("toilets")
    asked = amenities.due[edges] & (np.abs(walk_m - 300) > 3)
    inside = np.zeros(len(edges), dtype=bool)
    for _, stretch in far.groupby("stretch"):
        on = np.zeros(len(edges), dtype=bool)
        for one in stretch.itertuples():
            on |= (edges == one.edge) & (at_m > one.from_m) & (at_m < one.to_m)
        if on.any():
            near = walk_m[on].max()
            assert stretch["amount_m"].iloc[0] == (near if np.isinf(near) else pytest.approx(near, abs=3))
        inside |= on
    assert (inside == (walk_m > 300))[asked].all()


def _by_points(built: StreetNetwork, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points a metre apart on every edge, and the walk from each to the nearest place, from point to point."""
    edges, at_m, links, node = [], [], [], len(built.node_xy)
    for edge, length_m in enumerate(built.length_m):
        steps = int(np.ceil(length_m))
        own = np.arange(node, node + steps - 1)
        node += steps - 1
        chain = [built.u[edge], *own, built.v[edge]]
        links += [(a, b, length_m / steps) for a, b in pairwise(chain)]
        edges += [edge] * (steps - 1)
        at_m += [length_m * k / steps for k in range(1, steps)]
    edges, at_m = np.array(edges), np.array(at_m)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(built.lines[edges], at_m))
    start = len(built.node_xy) + np.argmin(np.hypot(*(xy[:, None] - places).T), axis=1)
    a, b, metres = zip(*links, strict=True)
    walk_m = dijkstra(coo_array((metres, (a, b)), (node, node)).tocsr(), directed=False, indices=start, min_only=True)
    return edges, at_m, walk_m[len(built.node_xy) :]


@pytest.mark.parametrize("seed", range(6))
def test_gaps_are_those_of_a_walk_along_the_lane(seed: int) -> None:
    """A lane cut into pieces that are drawn either way would be measured to and fro."""
    random = np.random.default_rng(seed)
    town, lanes = {}, {}
    for lane in range(5):
        cuts = np.unique(np.append(random.integers(1, 899, 4), [0, 900]))
        parts = list(pairwise(cuts.tolist()))
        for nth in random.permutation(len(parts)):
            line = [(parts[nth][0], lane * 100.0), (parts[nth][1], lane * 100.0)]
            town[f"l{lane}-{nth}"] = line if random.random() < 0.5 else line[::-1]
            lanes[f"l{lane}-{nth}"] = f"巷{lane}"
    built = network(town, name=[lanes[code] for code in town])
    at = [(lane, float(x)) for lane in range(5) for x in random.integers(0, 900, random.integers(1, 9))]
    there = things(*((NOTICE, x, lane * 100 + 3) for lane, x in at))
    found = check_amenities(along(built, there))
    gaps = found[found["check"] == "notice_gap"]
    expected = []
    for lane in range(5):
        stands = np.sort([0.0, *(x for of, x in at if of == lane), 900.0])
        expected += [step for step in np.diff(stands) if step > 200]
    assert sorted(gaps["amount"]) == pytest.approx(sorted(expected), abs=0.05)
    drawn_m = shapely.length(project(gaps.geometry.to_numpy(), truth.SRID))
    assert drawn_m == pytest.approx(gaps["amount"].to_numpy(), abs=0.06)
    middle = project(shapely.points(gaps["lon"].astype(float), gaps["lat"].astype(float)), truth.SRID)
    assert (shapely.distance(middle, project(gaps.geometry.to_numpy(), truth.SRID)) < 0.01).all()


def test_odd_facilities_do_no_harm() -> None:
    """One row of a bad file would take the check from the whole city."""
    built = network(STRAIGHT)
    odd = things((TOILET, 600, 5), (TOILET, 0, 5), (TOILET, 1200, 5), ("", 10, 5), (LAMP, 20, 3))
    square = shapely.box(*built.lines[0].centroid.buffer(10).bounds)
    square = shapely.transform(square, lambda xy: np.column_stack(truth.DEGREES.transform(*xy.T)))
    odd["geometry"] = [square, shapely.Point(np.inf, 3), shapely.Point(200, 95), *odd.geometry[3:]]
    odd["category"] = [TOILET, TOILET, TOILET, None, np.nan]
    odd["state"] = [None, np.nan, 5, "", "完好"]
    found = check_amenities(along(built, odd))
    assert list(found.loc[found["check"] == "toilet_far", "amount"]) == [600.0, 600.0], (
        "a polygon is where its middle is"
    )
    assert len(check_amenities(along(built, pd.DataFrame()))) == 4
    same = things(*[(TOILET, 600, 5)] * 3)
    assert len(told(built, same, "toilet_far")) == 2


def test_streets_between_the_same_crossings_are_not_added_up() -> None:
    """A way round beside the lane would make every walk as long as both together."""
    town = {
        "a": [(0.0, 0.0), (400.0, 0.0)],
        "round": [(0.0, 0.0), (200.0, 300.0), (400.0, 0.0)],
        "b": [(400.0, 0.0), (400.0, 50.0)],
        "loop": [(0.0, 0.0), (-20.0, 9.0), (-20.0, -9.0), (0.0, 0.0)],
    }
    built = network(town, {"round": "branch", "loop": "branch", "a": "branch"})
    found = told(built, things((TOILET, -1, 0)), "toilet_far", toilet_m=400.0)
    assert found == [("toilet_far", "b", pytest.approx(450, abs=1.5))]

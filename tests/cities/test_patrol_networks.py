"""Street networks and registers of lanes of real cities."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_core.crs import project
from gis_core.patrol.network import build_network
from gis_core.patrol.register import check_lanes

SRID = 32618
"""UTM zone 18 N."""


@pytest.fixture(scope="module")
def streets(cities: Path) -> gpd.GeoDataFrame:
    """The streets of Washington, of which twelve are alleys."""
    read = gpd.read_file(cities / "washington-dc" / "streets_tiger2018.geojson").to_crs(4326)
    kinds = read["MTFCC"].map({"S1730": "backstreet"}).fillna("other")
    return gpd.GeoDataFrame(
        {"code": read["LINEARID"], "name": read["FULLNAME"], "class": kinds}, geometry=read.geometry
    )


def test_washington_hangs_together(streets: gpd.GeoDataFrame) -> None:
    """Half a city would be unreachable for a patrol, or metres would be lost in joining."""
    network = build_network(streets, SRID)
    drawn_m = shapely.length(project(streets.geometry.to_numpy(), SRID)).sum()
    assert network.length_m.sum() == pytest.approx(drawn_m, rel=1e-4)
    parts = network.components()
    assert parts["length_m"][0] / drawn_m > 0.95
    assert np.abs(shapely.length(network.lines) - network.length_m).max() < 1e-6


def test_the_alleys_of_washington_as_a_register(streets: gpd.GeoDataFrame) -> None:
    """A renamed alley would be taken for a new one, and one that nobody draws would not be missed."""
    alleys = streets[streets["class"] == "backstreet"].reset_index(drop=True)
    assert len(alleys) == 12
    length_m = shapely.length(project(alleys.geometry.to_numpy(), SRID))
    register = pd.DataFrame({"code": alleys["code"], "name": alleys["name"], "length_m": length_m})
    assert len(check_lanes(register, streets, SRID, ("backstreet",))) == 0
    register.loc[0, "name"], register.loc[1, "code"], register.loc[1, "name"] = "Another Alley", "none", "Paper Aly"
    found = check_lanes(register, streets, SRID, ("backstreet",))
    assert sorted(found["check"]) == ["lane_extra", "lane_missing", "lane_renamed"]


def test_the_alleys_of_taipei_are_known_by_name_only(cities: Path) -> None:
    """269 narrow lanes without a line each would stop the check, or be called too short."""
    lanes = gpd.read_file(cities / "taipei" / "alleys_narrow_list.geojson")
    register = pd.DataFrame({"name": lanes["巷道名稱"]})
    none = gpd.GeoDataFrame({"code": [], "name": [], "class": []}, geometry=[], crs=4326)
    found = check_lanes(register, none, 3826, ("backstreet",))
    assert len(register) == 269 and set(found["check"]) == {"lane_missing"} and len(found) == 269


def off_m(these: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, srid: int) -> np.ndarray:
    """How far each shape is from the nearest line, metres."""
    tree = shapely.STRtree(lines.geometry.to_crs(srid).to_numpy())
    _, far_m = tree.query_nearest(these.geometry.to_crs(srid).to_numpy(), return_distance=True, all_matches=False)
    return np.asarray(far_m)


@pytest.mark.parametrize(
    ("district", "code", "lanes", "within"),
    [("中正區", "63000050", 37, (25, 30, 34)), ("大同區", "63000060", 25, (19, 23, 24))],
)
def test_the_alleys_of_taipei_lie_on_the_edges_of_blocks(
    cities: Path, district: str, code: str, lanes: int, within: tuple[int, int, int]
) -> None:
    """Names find nothing, since the edges have none: a register without lines must be held against places."""
    listed = gpd.read_file(cities / "taipei" / "alleys_narrow_list.geojson")
    listed = listed[listed["TOWN_NAME"] == district]
    edges = gpd.read_file(cities / "taipei" / f"derived_block_edges_{code}.geojson")
    streets = edges.assign(code=edges["edge_id"], name=None, **{"class": "other"})
    found = check_lanes(pd.DataFrame({"name": listed["巷道名稱"]}), streets, 3826, ("backstreet",))
    assert len(listed) == lanes == len(found) and set(found["check"]) == {"lane_missing"}
    far_m = off_m(listed, edges, 3826)
    assert tuple(int((far_m <= reach_m).sum()) for reach_m in (5, 10, 30)) == within
    network = build_network(streets, 3826)
    assert network.length_m.sum() == pytest.approx(edges["length_m"].sum(), rel=0.01)


def test_no_alley_that_washington_dedicated_is_drawn_as_one(cities: Path, streets: gpd.GeoDataFrame) -> None:
    """The twelve alleys of the layer would be taken for all there are."""
    changes = gpd.read_file(cities / "washington-dc" / "alley_street_changes.geojson")
    register = pd.DataFrame({"name": changes["NAME"]})
    found = check_lanes(register, streets, SRID, ("backstreet",))
    assert (found["check"] == "lane_missing").sum() == len(changes) == 411
    assert (found["check"] == "lane_extra").sum() == 12
    alleys = streets[streets["class"] == "backstreet"]
    dedicated, closed = (changes[changes["ACTION_"] == what] for what in ("ALLEY - DEDICATE", "ALLEY - CLOSE"))
    assert (len(dedicated), len(closed)) == (27, 197)
    assert off_m(dedicated, alleys, SRID).min() > 350
    assert (off_m(dedicated, streets, SRID) <= 10).sum() == 18
    assert (off_m(closed, alleys, SRID) <= 5).sum() == 1

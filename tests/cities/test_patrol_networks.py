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

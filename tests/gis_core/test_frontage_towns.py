"""Random towns: nothing overlaps, nothing is open, nothing lies on a carriageway, and shares of streets are true."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis_core.frontage.kerbside import Kerbside
from gis_core.frontage.rules import StripRules
from gis_core.frontage.strips import Strips, redrawn, strips
from tests.gis_core.blocks import SRID, geographic, metric
from tests.gis_core.truth_town import Town, town

EDITS = 6
TOWNS = [25, pytest.param(250, marks=pytest.mark.full)]
POINTS_OFF, FRONTS_OFF, MOSTLY = 0.05, 0.02, 0.9


def found(drawn: Town) -> Strips:
    """The strips of a town."""
    return strips(*of(drawn))


def of(drawn: Town) -> tuple[Kerbside, gpd.GeoDataFrame]:
    """A town's kerbs and shops."""
    streets = gpd.GeoDataFrame(drawn.streets.assign(geometry=geographic(drawn.streets["geometry"])), crs=4326)
    shops = gpd.GeoDataFrame(drawn.shops.assign(geometry=geographic(drawn.shops["geometry"])), crs=4326)
    (ground,) = geographic([drawn.ground])
    return Kerbside(streets, ground, SRID, StripRules()), shops


def off(drawn: Town, these: Strips) -> float:
    """By how much the signed share of a street is wrong, on average."""
    signed = these.strips["code"][[bool(drawn.signed & set(shops)) for shops in these.strips["shops"]]]
    fronts = these.fronts.assign(signed=these.fronts["length_m"].where(these.fronts["strip"].isin(signed), 0.0))
    shares = fronts.groupby("street")[["length_m", "signed"]].sum()
    told = (shares["signed"] / shares["length_m"]).reindex(drawn.truth.index)
    return float((told - drawn.truth["signed"] / drawn.truth["metres"]).abs().mean())


@pytest.mark.parametrize("count", TOWNS)
@pytest.mark.parametrize("fronts", [True, False])
def test_in_any_town_strips_fit_and_shares_are_true(count: int, fronts: bool) -> None:
    """A metre would be claimed twice, or be nobody's unlisted; or a street be praised for the wrong reason."""
    wrong = []
    for seed in range(count):
        drawn = town(seed, fronts=fronts)
        these = found(drawn)
        shapes = shapely.transform(metric(these.strips.geometry.to_numpy()), lambda xy: np.rint(xy * 10_000) / 10_000)
        assert shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes, gap_width=0.01), seed
        placed = [shop for mine in these.strips["shops"] for shop in mine]
        assert sorted([*placed, *these.unplaced["shop"]]) == sorted(drawn.shops["code"]), seed
        assert set(these.unplaced["reason"]) <= {"far_from_kerb"}, seed
        known = drawn.streets["width_m"].notna().all()
        if known:
            assert shapely.area(shapely.intersection(shapes, drawn.roads)).max() <= 0.01, seed
        wrong.append(off(drawn, these))
    assert np.mean(np.array(wrong) <= (FRONTS_OFF if fronts else POINTS_OFF)) >= MOSTLY, sorted(wrong)


@pytest.mark.parametrize("count", [3, pytest.param(60, marks=pytest.mark.full)])
@pytest.mark.parametrize("fronts", [True, False])
def test_an_edit_changes_its_block_only(count: int, fronts: bool) -> None:
    """The strips of a city would wander by a millimetre with every shop that opens, and every letter be out of date."""
    for seed in range(count):
        side, shops = of(town(seed, fronts=fronts))
        before = strips(side, shops)
        for one in np.random.default_rng(seed).choice(len(shops), EDITS, replace=False):
            gone, rest = shops.iloc[[one]], shops.drop(index=shops.index[one])
            again, blocks = redrawn(side, rest, gone)
            whole = strips(side, rest)
            touched = whole.strips["block"].isin(blocks)
            assert len(blocks) <= 1 and same(whole.strips[touched], again.strips), seed
            fronted = whole.fronts["strip"].isin(again.strips["code"])
            assert whole.fronts[fronted].reset_index(drop=True).equals(again.fronts), seed
            assert same(whole.strips[~touched], before.strips[~before.strips["block"].isin(blocks)]), seed


def same(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> bool:
    """Whether two tables of strips are equal to the last byte."""
    return bool(one.to_wkb().reset_index(drop=True).equals(other.to_wkb().reset_index(drop=True)))

"""A territory on its way to other machines answers like the store it comes from."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gis_core.territory import LAYERS
from layers import indexes
from layers.bundles import open_bundle, write_bundle
from layers.stores import Stores
from layers.territories import read_territory
from tests import town

JULY_1 = 20_635


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Small shapes have index files as well, in a folder of the test's own."""
    monkeypatch.setattr(indexes, "WORTH_A_FILE", 1)
    monkeypatch.setenv("GRIDWARDEN_INDEXES", str(tmp_path / "shelf"))


def test_every_version_is_the_same_there(stores: Stores, tmp_path: Path) -> None:
    effective = dt.datetime(2026, 6, 15, 1, 2, 3, 456_789, dt.UTC)
    with stores.publishing() as store:
        town.publish(store, effective, grids=town.grids(organisation=["U01", None, None, None, "P1"]))
        store.put("holders", town.holders("P2"), store.revise(town.NOW, "another holder"))
    folder = tmp_path / "bundle"
    folder.mkdir()
    with stores.read() as store:
        write_bundle(store, folder, JULY_1)
        sent = open_bundle(folder)
        with sent.read() as copy:
            assert copy.city == store.city
            assert copy.latest_revision() == store.latest_revision()
            instants = pd.Series([effective, effective - dt.timedelta(microseconds=1)])
            assert copy.versions_at(instants).tolist() == store.versions_at(instants).tolist() == [2, 1]
            for version in (1, 2):
                ours, theirs = (read_territory(one, version, one.latest_revision()) for one in (store, copy))
                for name in LAYERS:
                    compared = pd.testing.assert_frame_equal
                    if isinstance(ours.frames[name], gpd.GeoDataFrame):
                        assert town.same_shapes(ours.frames[name]["geometry"], theirs.frames[name]["geometry"])
                    compared(pd.DataFrame(ours.frames[name]), pd.DataFrame(theirs.frames[name]))
            assert theirs.ready.polygons(theirs.levels[-1].frame["geometry"].to_numpy(object)) is not None
            assert copy.count("issues") == 0
        sent.close()
    assert not list(folder.glob("*.db-*"))

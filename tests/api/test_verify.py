"""PostGIS as the oracle: random points, corners, edges and outer borders of the demo city."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import update

from api.door import Door
from api.founding import found
from api.loading import Batch, Step, Terms, store_batches
from api.reporting import Report, store_issues
from data.demo import build
from layers.importers import Mapping
from layers.issues import Issue
from layers.verify import verify
from tests.town import NOW


def points(grids: gpd.GeoDataFrame, count: int, seed: int) -> np.ndarray:
    """A third anywhere in and around the city, the rest on corners and edges, some a hair beside them."""
    random = np.random.default_rng(seed)
    west, south, east, north = grids.total_bounds
    anywhere = random.uniform((west - 2e-4, south - 2e-4), (east + 2e-4, north + 2e-4), (count // 3, 2))
    corners = shapely.get_coordinates(grids.geometry.to_numpy())
    start = random.integers(0, len(corners) - 1, count - len(anywhere))
    along = random.choice([0.0, 0.5, 0.25, 1.0], (len(start), 1))
    edges = corners[start] + along * (corners[start + 1] - corners[start])
    return np.concatenate([anywhere, edges + random.choice([0.0, 0.0, 1e-9, -1e-9], (len(edges), 2))])


@pytest.mark.parametrize(("units", "count"), [(150, 9_000), pytest.param(2_000, 100_000, marks=pytest.mark.full)])
def test_random_points_get_the_grid_and_street_that_postgis_finds(postgis_url: str, units: int, count: int) -> None:
    door = Door(url=postgis_url, lang="en", as_json=True)
    city = build(units=units, issues=0, seed=7)
    found(door.stores, city.city, NOW)
    batches = [
        Batch(
            Step(table=name, path=Path("demo"), mapping=Mapping(table=name)),
            frame.assign(row=range(len(frame))),
            Report(),
        )
        for name, frame in city.frames.items()
        if name in ("grids", "streets", "parties", "holders")
    ]
    store_batches(door.stores, batches, Terms(now=NOW))
    lonlat = points(city.frames["grids"], count, seed=7)
    frame = pd.DataFrame(
        {
            "lon": lonlat[:, 0], "lat": lonlat[:, 1], "raw_x": lonlat[:, 0], "raw_y": lonlat[:, 1], "datum": "wgs84",
            "scheme": city.city.scheme, "kind": "matter", "category": "06010", "source": "random",
            "external_id": np.arange(count).astype(str), "reported_at": pd.Timestamp(NOW), "row": np.arange(count) + 1,
            "extra": [{}] * count,
        }
    )  # fmt: skip
    report = Report()
    store_issues(door.stores, gpd.GeoDataFrame(frame, geometry=shapely.points(lonlat), crs=4326), report, now=NOW)
    assert report.stored > count * 0.9
    assert report.stored + len(report.rejected) == count
    assert set(report.rejected["reason"]) <= {"outside", "outside_gcj02", "outside_bd09"}
    with door.stores.read() as store:
        stored = store.issues()
        assert len(verify(store.session, store.city)) == 0
    assert stored["flags"].str.contains("several_grids").sum() > count / 20
    tampered = stored["id"].iloc[:3].tolist()
    with door.stores.write() as store:
        store.session.execute(update(Issue).where(Issue.id.in_(tampered)).values(grid_1="999999"))
    with door.stores.read() as store:
        differences = verify(store.session, store.city)
    assert sorted(differences["issue"]) == sorted(stored["code"].iloc[:3])

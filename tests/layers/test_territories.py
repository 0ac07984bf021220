"""Part of a territory decides in its place as the whole does."""

from collections.abc import Iterator

import numpy as np
import pytest
import shapely

from api.demo import fill
from api.door import Door
from api.impacting import reach_m
from gis_core.assignment import Assigner
from gis_core.permissions import Area, Sight
from gis_core.tiling import DEGREE_M
from layers.engine import connect, upgrade
from layers.stores import Stores
from layers.territories import read_around, read_territory


@pytest.fixture(scope="module")
def stores(module_store_url: str) -> Iterator[Stores]:
    """The demo city, small."""
    upgrade(connect(module_store_url))
    fill(Door(url=module_store_url, lang="en", as_json=True), 120, 3_000, 20260701)
    yield Stores(connect(module_store_url))


def test_what_lies_around_a_place_decides_there_as_the_whole(stores: Stores) -> None:
    """What a draft would move would be told by half a territory, and be wrong."""
    with stores.read() as store:
        whole = read_territory(store, store.latest_version(), store.latest_revision())
        grids = whole.frames["grids"]
        units = grids[grids["level"] == store.city.levels[-1].name]
        chosen = np.random.default_rng(3).choice(len(units), 12, replace=False)
        bounds = shapely.bounds(units.geometry.to_numpy()[chosen])
        margin = reach_m(store) / DEGREE_M * 1.2
        boxes = [tuple(box) for box in (bounds + np.array([-margin, -margin, margin, margin])).tolist()]
        version = store.latest_version()
        part = read_around(store, boxes, version)
        assert len(part.frames["grids"]) < len(grids) and len(part.frames["streets"]) < len(whole.frames["streets"])
        issues = store.issues(near=[tuple(box) for box in bounds.tolist()])
        issues = issues[["code", "lon", "lat", "scheme", "kind", "category", "reported_at"]]
        assert len(issues) > 100
        answers = [Assigner(territory)(issues).astype(object) for territory in (whole, part)]
        assert answers[0].equals(answers[1])
        assert read_around(store, [], version).lowest is None
    with stores.read(Sight((Area("grid", "0102"),))) as store, pytest.raises(ValueError, match="whole"):
        read_around(store, [], 1)

"""Strips of what the store has, whichever order it was put there."""

import dataclasses

import numpy as np
import pytest
import shapely

from api.strips import draw_strips
from gis_core.errors import Conflict
from gis_core.frontage.rules import StripRules
from layers.stores import Stores
from tests import town
from tests.api.test_redrawing import SHOPS, place, put, shops
from tests.gis_core.test_frontage_towns import same


def test_without_ground_it_is_said_that_grids_are_missing(founded_stores: Stores) -> None:
    """The job would fail with a fault of the program, and nobody know what to load."""
    with founded_stores.publishing() as store:
        town.publish(store, places=shops())
        grids = store.read("grids", store.latest_version())
        top = store.city.levels[0].name
        low = grids[grids["level"] != top].drop(columns=["id", "valid_from", "valid_to"], errors="ignore")
        town.publish(store, grids=low.assign(parent=None))
    with pytest.raises(Conflict, match="strips have no ground"):
        draw_strips(founded_stores, town.NOW)


def test_a_wall_that_is_stored_anew_moves_no_strip(founded_stores: Stores) -> None:
    """Of lots that overlap the one stored last would give way, and saving it once more move a neighbour's strip."""
    codes = np.array(["W1", "W2"], dtype=object)
    at = [shapely.MultiPolygon([shapely.box(*place(x, 0.5).coords[0], *place(x + 1, 0.9).coords[0])]) for x in (0, 0.5)]
    drawn = []
    with founded_stores.publishing() as store:
        store.init_city(dataclasses.replace(store.city, strips=StripRules(sides="property_line")))
        town.publish(store, places=shops())
    for order in ([0, 1], [1, 0]):
        for one in order:
            rows = town.rows(code=codes[[one]], kind=["lot"], geometry=[at[one]], name=[f"{order}"])
            put(founded_stores, "walls", rows)
        drawn.append(draw_strips(founded_stores, town.NOW).strips.strips)
    assert set(SHOPS) <= set(drawn[0]["code"]) and same(*drawn)

"""Lanes in the town, and people who walk them, by the simulator that the patrol's own tests use."""

import datetime as dt

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from layers.stores import Stores
from tests import town
from tests.gis_core import truth_patrol as truth

LANES = truth.lattice(25.0, columns=5, rows=9, block_m=50.0)
"""Nine lanes that run east and five streets across, within the four cells of the town."""
BEGIN = dt.datetime(2026, 7, 1, 8, 0, tzinfo=town.CITY.zone)
"""Four hours before the town's now."""
_TO_METRES = Transformer.from_crs(4326, town.CITY.metric_srid, always_xy=True)
_TO_DEGREES = Transformer.from_crs(town.CITY.metric_srid, 4326, always_xy=True)
_CORNER = np.array(_TO_METRES.transform(town.WEST, town.SOUTH)) + 3.0
_SHIFT = _CORNER - (truth.EAST_M, truth.NORTH_M)


def degrees(xy: np.ndarray) -> np.ndarray:
    """Positions of the simulator in the town, degrees, shape (n, 2)."""
    return np.column_stack(_TO_DEGREES.transform(*(xy + _SHIFT).T))


def streets() -> pd.DataFrame:
    """The lanes as an importer accepts them."""
    columns, rows = LANES.corners
    runs = {f"h{row}": [(column, row) for column in range(columns)] for row in range(rows)}
    runs |= {f"v{column}": [(column, row) for row in range(rows)] for column in range(columns)}
    lines = [degrees(np.array([LANES.xy(corner) for corner in run])) for run in runs.values()]
    kinds = ["backstreet" if code.startswith("h") else "branch" for code in runs]
    lengths = [200.0] * len(lines)
    shapes = [shapely.MultiLineString([line]) for line in lines]
    return town.rows(code=list(runs), name=list(runs), length_m=lengths, geometry=shapes, **{"class": kinds})


def lay(stores: Stores) -> int:
    """Publish the lanes instead of the town's street; the version."""
    with stores.publishing() as store:
        return town.publish(store, streets=streets())


def walk(
    seed: int = 1, *, blocks: int = 60, begin: dt.datetime = BEGIN, every_s: int = 5, sigma_m: float = 3.0
) -> pd.DataFrame:
    """Points of somebody who walks the lanes: ``t``, ``lon``, ``lat``, ``accuracy_m``."""
    random = np.random.default_rng(seed)
    way = truth.walk(LANES, random, blocks)
    xy, t = truth.track(LANES, way, random, sigma_m, every_s)
    lonlat = degrees(xy)
    columns = {"t": begin.timestamp() + t, "lon": lonlat[:, 0], "lat": lonlat[:, 1]}
    return pd.DataFrame({**columns, "accuracy_m": np.nan})


def as_sent(points: pd.DataFrame, **more: object) -> dict[str, object]:
    """Points as a phone sends them."""
    columns = points.astype(object).where(points.notna(), None)
    return {"points": columns.to_dict("records"), **more}

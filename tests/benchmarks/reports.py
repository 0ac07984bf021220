"""The large city's issues: half matters where its points are, half components, mostly beside one of their class."""

import numpy as np
import pandas as pd

from data.demo.city import CITY, lonlat, numbered, text
from data.demo.mixes import BACKSTREET, MAIN_ROAD, SHOP_FRONT, mixed
from data.demo.rhythm import END, closed
from data.demo.wording import channels, descriptions
from data.tables import reference
from gis_core.arrays import Floats, Objects

DAYS = 365
COMPONENTS, BESIDE_ONE = 0.5, 0.8
"""Shares: of issues about components, and of these of reports beside a component of their class."""
STREETS_SAID = 5_000


def issues(points: Floats, category: Objects, at: Floats, streets: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """One issue per point, as an import gives them, ordered by time.

    Parameters
    ----------
    points
        Where something may be reported, metres.
    category, at
        Class of each facility, and where it stands in metres.
    streets
        Names that descriptions take.
    """
    count = len(points)
    component = rng.random(count) < COMPONENTS
    one = rng.integers(len(category), size=count)
    beside = component & (rng.random(count) < BESIDE_ONE)
    position = lonlat(np.where(beside[:, None], at[one] + rng.normal(0, 3, (count, 2)), points))
    classes = np.where(component, category[one], _matters(count, rng))
    start = END - pd.Timedelta(days=DAYS)
    seconds = np.sort(rng.integers(DAYS * 86_400, size=count))
    reported_at = pd.DatetimeIndex(start + pd.to_timedelta(seconds, unit="s")).as_unit("us")
    channel = channels(count, rng)
    house = text(rng.integers(1, 400, count)) + "号"
    address = streets.to_numpy(object)[rng.integers(min(len(streets), STREETS_SAID), size=count)] + house
    columns = {
        "scheme": np.full(count, CITY.scheme, dtype=object),
        "kind": np.where(component, "component", "matter").astype(object),
        "category": classes,
        "description": descriptions(address, classes, channel, rng),
        "address": address,
        "channel": channel,
        "reported_at": reported_at,
        "closed_at": closed(reported_at, classes, rng).as_unit("us"),
        "raw_x": position[:, 0],
        "raw_y": position[:, 1],
        "datum": np.full(count, CITY.datum, dtype=object),
        "lon": position[:, 0],
        "lat": position[:, 1],
        "source": np.full(count, "bench", dtype=object),
        "external_id": numbered("B-", count, 8),
        "row": np.arange(1, count + 1),
    }
    return pd.DataFrame({name: pd.Series(cells, dtype=cells.dtype) for name, cells in columns.items()})


def _matters(count: int, rng: np.random.Generator) -> Objects:
    """Classes of matters: most as in the demo city's streets, one in five any."""
    known = reference("categories").query("kind == 'matter'")["code"].to_numpy(object)
    usual = [mixed(mix, count, rng) for mix in (MAIN_ROAD, BACKSTREET, SHOP_FRONT)]
    which = rng.choice(4, count, p=(0.4, 0.25, 0.15, 0.2))
    chosen: Objects = np.stack([*usual, rng.choice(known, count)])[which, np.arange(count)]
    return chosen

"""The large city's contracts: every kind of ground, every kind of duty."""

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.demo.city import CITY, layer, numbered
from data.demo.contracts import ADS, BACKSTREETS, CLEANING, FORECOURT, GREENING, ORDER, PARKING, UPKEEP
from data.demo.parties import firm
from data.demo.streets import WALL_M
from gis_core.arrays import Objects
from gis_core.crs import project

BEGUN, MIDDLE, ENDS = dt.date(2025, 1, 1), dt.date(2026, 1, 1), dt.date(2027, 12, 31)
COMPONENTS = ("component:01037", "component:03005", "component:01002")
DUTIES = {
    "road": (CLEANING, PARKING, (*CLEANING, *COMPONENTS)),
    "section": (CLEANING, PARKING, FORECOURT, (*ORDER, "component:02010")),
    "area": (GREENING, UPKEEP, BACKSTREETS, COMPONENTS),
    "block": (FORECOURT, ("tag:eight",), ("*",)),
    "point": (ORDER, ("*",)),
    "grid": (BACKSTREETS, ("tag:door",)),
    "city": (ADS,),
}
"""What contracts of each kind are for, in turn."""
SHARES = {"road": 0.15, "section": 0.4, "area": 0.125, "block": 0.2, "point": 0.1, "grid": 0.02, "city": 0.005}


def contracts(
    grids: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, places: gpd.GeoDataFrame, count: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """About ``count`` contracts: one in ten ended half way through the year of the issues, one in 20 has no firm."""
    sizes = {kind: max(2, round(share * count)) for kind, share in SHARES.items()}
    frame = pd.concat([_of(kind, size, grids, streets, places, rng) for kind, size in sizes.items()], ignore_index=True)
    count, units = len(frame), int(grids["level"].eq("unit").sum())
    contractor = firm("FC", rng.permutation(count), units)
    contractor[rng.random(count) < 0.05] = None
    named = rng.random(count) < 0.3
    columns = {
        "code": numbered("C", count, 5),
        "name": frame["kind"],
        "scheme": CITY.scheme,
        "contractor": contractor,
        "responsible": np.where(named | pd.isna(contractor), "D01", None),
        "supervisor": rng.choice(np.array(["D01", "D05", None], dtype=object), count),
        "valid_from": BEGUN,
        "valid_to": np.where(rng.random(count) < 0.1, MIDDLE, ENDS),
        **{name: frame[name] for name in frame if name != "geometry"},
    }
    return layer(columns, frame["geometry"].to_numpy(object))


def _of(
    kind: str,
    count: int,
    grids: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """What contracts of one kind say about their ground and duties."""
    said: dict[str, Any] = dict.fromkeys(("street", "grid", "geometry"))
    said |= dict.fromkeys(("from_m", "to_m", "left_m", "right_m", "radius_m", "area_m2"), np.nan)
    if kind in ("road", "section"):
        said |= _along(kind, count, streets, rng)
    elif kind in ("area", "block"):
        wanted = ("subdistrict", "community") if kind == "area" else ("unit",)
        shapes = _some(grids[grids["level"].isin(wanted)].geometry.to_numpy(), count, rng)
        said |= {"geometry": shapes, "area_m2": shapely.area(project(shapes, CITY.metric_srid)).round(1)}
    elif kind == "point":
        gates = shapely.get_point(shapely.get_exterior_ring(shapely.get_geometry(places.geometry.to_numpy(), 0)), 0)
        said |= {"geometry": _some(gates, count, rng), "radius_m": rng.uniform(20, 60, count).round()}
    elif kind == "grid":
        levels = grids["level"].isin(("community", "responsibility"))
        said["grid"] = _some(grids["code"][levels].to_numpy(object), count, rng)
    part = pd.DataFrame({"side": "both", **said, "kind": [kind] * count})
    return part.assign(duties=[list(DUTIES[kind][one % len(DUTIES[kind])]) for one in range(count)])


def _along(kind: str, count: int, streets: gpd.GeoDataFrame, rng: np.random.Generator) -> dict[str, Any]:
    """Roads by name or by code; sections whole or in part, on one side or both."""
    chosen = streets.iloc[rng.choice(len(streets), count, replace=False)]
    wall = WALL_M[0]
    if kind == "road":
        by_name = rng.random(count) < 0.5
        return {"street": np.where(by_name, chosen["name"], chosen["code"]), "left_m": wall, "right_m": wall}
    length = chosen["length_m"].to_numpy()
    whole = rng.random(count) < 0.6
    return {
        "street": chosen["code"].to_numpy(object),
        "from_m": np.where(whole, 0.0, (length * 0.25).round(1)),
        "to_m": np.where(whole, length, (length * 0.75).round(1)),
        "side": rng.choice(np.array(["both", "left", "right"], dtype=object), count, p=(0.5, 0.25, 0.25)),
        "left_m": wall,
        "right_m": np.where(rng.random(count) < 0.8, wall, np.nan),
    }


def _some(things: Objects, count: int, rng: np.random.Generator) -> Objects:
    """So many of the things, none twice unless there are too few."""
    chosen: Objects = things[rng.choice(len(things), count, replace=count > len(things))]
    return chosen

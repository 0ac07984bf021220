"""Contracts of every kind of ground: roads, sections, areas, blocks, points and grids."""

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.demo.blocks import Blocks
from data.demo.city import CITY, generator, geographic, layer, lonlat, numbered, ordinal, text
from data.demo.grids import Codes, multipolygons, organisation
from data.demo.parties import COMMAND, firm
from data.demo.places import Places
from data.demo.streets import WALL_M, Streets, kerbs
from gis_core.arrays import Floats, Ints, Objects
from gis_core.crs import project

BEGUN, ENDS = dt.date(2025, 1, 1), dt.date(2027, 12, 31)
HANDED_OVER = dt.date(2026, 5, 1)
"""The day on which the first road went from one firm to the next."""
OVERTENDERED = 1.18
"""The first area contract was tendered for so many times the ground it covers; all others within 3 percent."""

Duties = tuple[str, ...]

CLEANING: Duties = ("06012", "06014", "tag:eight/垃圾乱倒")
UPKEEP: Duties = ("06013", "06016", "06050", "06051", "06052")
GREENING: Duties = ("06017", "06018", "06021", "tag:eight/绿化乱毁")
WATER: Duties = ("06015", "06023", "06024", "06025", "tag:eight/污水乱排")
ADS: Duties = ("tag:eight/广告乱设",)
ORDER: Duties = ("tag:eight/摊点乱摆", "06010")
PARKING: Duties = ("tag:eight/车辆乱停",)
FORECOURT: Duties = ("tag:door/包卫生", "tag:door/包秩序")
BACKSTREETS: Duties = (*CLEANING, "06034", "06035", "06036")

_ARTERIAL, _SECONDARY = 0, 1
_GATE_RADIUS_M = 30.0
_FORECOURTS_M = 3.0
_UNSAID: dict[str, Any] = {
    "contractor": None, "responsible": None, "supervisor": "D01", "street": None, "from_m": np.nan, "to_m": np.nan,
    "side": "both", "left_m": np.nan, "right_m": np.nan, "radius_m": np.nan, "grid": None, "valid_from": BEGUN,
    "valid_to": ENDS, "geometry": None,
}  # fmt: skip


def contracts(
    blocks: Blocks, grids: gpd.GeoDataFrame, codes: Codes, streets: Streets, places: Places, seed: int
) -> gpd.GeoDataFrame:
    """Contracts of every kind.

    One covers the whole city without a firm; the first road has one that ended and its successor.

    Returns
    -------
    contracts
        Columns of the contract table; MultiPolygons and Points in EPSG:4326, None for streets and grids.
    """
    units = len(codes["unit"])
    parts = [
        *_roads(streets, units),
        *_sections(streets, units),
        *_areas(blocks, grids, units),
        _blocks_around_malls(grids, places, units),
        _points_at_gates(codes, places, units),
        _backstreets(grids, units),
    ]
    frame = pd.concat(parts, ignore_index=True)
    rng = generator(seed, "contracts")
    tendered = frame["area_m2"].to_numpy() * rng.uniform(0.97, 1.03, len(frame))
    first_area = int(frame["kind"].eq("area").idxmax())
    tendered[first_area] = OVERTENDERED * frame["area_m2"].iloc[first_area]
    frame["code"] = numbered("C", len(frame), 4)
    frame["scheme"] = CITY.scheme
    frame["tendered_area_m2"] = tendered.round(-1)
    year = np.array([begun.year for begun in frame["valid_from"]], dtype=object)
    frame["document"] = "云城管合〔" + text(year) + "〕" + text(np.arange(1, len(frame) + 1)) + "号"
    return layer(frame.drop(columns="geometry"), frame["geometry"].to_numpy(object))


def _part(kind: str, name: Objects, duties: Duties, **said: Any) -> pd.DataFrame:
    """Contracts of one kind with equal duties; ``said`` goes beyond :data:`_UNSAID`, one value each or one for all."""
    part = pd.DataFrame({"kind": kind, "name": name, **_UNSAID, **said})
    part["duties"] = [list(duties) for _ in range(len(part))]
    return part


def _roads(streets: Streets, units: int) -> list[pd.DataFrame]:
    """Cleaning and parked vehicles of every arterial road by name; the first is cleaned by one firm until another
    takes over.
    """
    arterial = streets.grade == _ARTERIAL
    length = (
        pd.Series(shapely.length(streets.lines[arterial])).groupby(streets.frame["name"].to_numpy()[arterial]).sum()
    )
    name, wall = length.index.to_numpy(object), WALL_M[_ARTERIAL]
    index = np.arange(len(name))
    said = {"street": name, "left_m": wall, "right_m": wall, "area_m2": (length.to_numpy() * 2 * wall).round(1)}
    cleaned = _part("road", name + "清扫保洁", CLEANING, contractor=firm("FC", index, units), **said)
    cleaned.loc[0, "valid_to"] = HANDED_OVER - dt.timedelta(days=1)
    next_firm = firm("FC", index[:1] + 1, units)
    successor = cleaned.iloc[[0]].assign(contractor=next_firm, valid_from=HANDED_OVER, valid_to=ENDS)
    return [cleaned, successor, _part("road", name + "停车秩序", PARKING, contractor=firm("FS", index, units), **said)]


def _sections(streets: Streets, units: int) -> list[pd.DataFrame]:
    """Secondary roads: cleaning and parked vehicles by the side of the road, or cleaning by the half of its length."""
    secondary = streets.grade == _SECONDARY
    by_side = secondary & ((streets.inside != 0) | (np.arange(len(secondary)) % 2 == 0))
    street, side = kerbs(streets)
    kerb = by_side[street]
    halved = np.flatnonzero(secondary & ~by_side)
    return [
        _sides(streets, street[kerb], side[kerb], "清扫保洁", CLEANING, "FC", units),
        _sides(streets, street[kerb], side[kerb], "停车秩序", PARKING, "FS", units),
        _halves(streets, np.repeat(halved, 2), units),
    ]


def _sides(
    streets: Streets, street: Ints, side: Ints, title: str, duties: Duties, trade: str, units: int
) -> pd.DataFrame:
    """One contract per side, from the centre line to the wall."""
    code, name = (streets.frame[column].to_numpy(object)[street] for column in ("code", "name"))
    length, wall, left = shapely.length(streets.lines[street]), WALL_M[_SECONDARY], side > 0
    return _part(
        "section", name + np.where(left, "左侧", "右侧") + title, duties, street=code, from_m=0.0, to_m=length.round(1),
        contractor=firm(trade, np.arange(len(street)), units), side=np.where(left, "left", "right").astype(object),
        left_m=np.where(left, wall, np.nan), right_m=np.where(left, np.nan, wall), area_m2=(length * wall).round(1),
    )  # fmt: skip


def _halves(streets: Streets, street: Ints, units: int) -> pd.DataFrame:
    """Two contracts per street, one after the other along it; on the right the forecourts are private."""
    code, name = (streets.frame[column].to_numpy(object)[street] for column in ("code", "name"))
    length, wall = shapely.length(streets.lines[street]), WALL_M[_SECONDARY]
    second = np.arange(len(street)) % 2 == 1
    begin, end = np.where(second, (length / 2).round(), 0.0), np.where(second, length.round(1), (length / 2).round())
    return _part(
        "section", name + np.where(second, "后段", "前段") + "清扫保洁", CLEANING, street=code, from_m=begin, to_m=end,
        contractor=firm("FC", np.arange(len(street)), units), left_m=wall, right_m=wall - _FORECOURTS_M,
        area_m2=((end - begin) * (2 * wall - _FORECOURTS_M)).round(1),
    )  # fmt: skip


def _areas(blocks: Blocks, grids: gpd.GeoDataFrame, units: int) -> list[pd.DataFrame]:
    """Greening of each subdistrict, upkeep of the roads of each district, and two contracts over the whole city:
    for the water, and, without a firm, against unlawful advertisements.
    """
    parts = []
    for level, title, duties, trade, supervisor in (
        ("subdistrict", "绿化养护", GREENING, "FG", "D05"),
        ("district", "市政道路养护", UPKEEP, "FM", "D01"),
    ):
        cells = grids[grids["level"] == level]
        said = {"contractor": firm(trade, np.arange(len(cells)), units), "supervisor": supervisor}
        parts.append(_ground("area", cells["name"].to_numpy(object) + title, duties, cells.geometry.to_numpy(), **said))
    water = shapely.union_all(geographic(shapely.polygons(blocks.rings(blocks.water))))
    city = shapely.union_all(grids[grids["level"] == "district"].geometry.to_numpy())
    whole = (("城区水域保洁", WATER, water, "D11"), ("全市违规广告清除", ADS, city, COMMAND))
    for title, duties, shape, supervisor in whole:
        parts.append(_ground("area", np.array([title], object), duties, multipolygons([shape]), supervisor=supervisor))
    parts[-2]["contractor"], parts[-1]["responsible"] = firm("FC", np.arange(1), units), "D01"
    return parts


def _blocks_around_malls(grids: gpd.GeoDataFrame, places: Places, units: int) -> pd.DataFrame:
    """The front-of-door area of the blocks in which a mall lies."""
    malls = places.of_type("mall")
    shapes = grids[grids["level"] == "unit"].geometry.to_numpy()[places.cell[malls]]
    name = places.frame["name"].to_numpy(object)[malls] + "街区门前责任区"
    return _ground("block", name, FORECOURT, shapes, contractor=firm("FC", np.arange(len(malls)), units))


def _points_at_gates(codes: Codes, places: Places, units: int) -> pd.DataFrame:
    """Order before the gates of markets and stations, kept by their operators."""
    at = places.of_type("market", "station")
    body = [organisation(code) for code in codes["subdistrict"][places.cell[at]]]
    return _part(
        "point", places.frame["name"].to_numpy(object)[at] + "门前秩序", ORDER, radius_m=_GATE_RADIUS_M,
        contractor=firm("FC", np.arange(len(at)), units), responsible=places.frame["operator"].to_numpy(object)[at],
        supervisor=body, area_m2=round(np.pi * _GATE_RADIUS_M**2, 1), geometry=shapely.points(lonlat(places.door[at])),
    )  # fmt: skip


def _backstreets(grids: gpd.GeoDataFrame, units: int) -> pd.DataFrame:
    """Cleaning of the backstreets of one community in two, for which its committee answers."""
    cells = grids[grids["level"] == "community"].iloc[1::2]
    return _part(
        "grid", cells["name"].to_numpy(object) + "背街小巷保洁", BACKSTREETS, grid=cells["code"].to_numpy(object),
        contractor=firm("FC", ordinal(cells["parent"].to_numpy(object)), units),
        responsible=cells["organisation"].to_numpy(object),
        supervisor=[organisation(code) for code in cells["parent"]], area_m2=cells["area_m2"].to_numpy(),
    )  # fmt: skip


def _ground(kind: str, name: Objects, duties: Duties, shapes: Objects, **said: Any) -> pd.DataFrame:
    """Contracts over polygons in EPSG:4326."""
    area_m2: Floats = shapely.area(project(shapes, CITY.metric_srid)).round(1)
    return _part(kind, name, duties, geometry=shapes, area_m2=area_m2, **said)

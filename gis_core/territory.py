"""Territory: one immutable state of everything that decides who answers, with its indexes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_core.cells import CellIndex, Floats, Groups, Ints, NearestIndex, Shapes, shapes_of
from gis_core.city import City
from gis_core.codes import resolve_duties
from gis_core.contracts import (
    ContractAreas,
    ContractCells,
    ContractLines,
    ContractPoints,
    contract_areas,
    contract_cells,
    contract_lines,
    contract_points,
)
from gis_core.crs import project, to_metres

FIRST_DAY, LAST_DAY = -(2**31), 2**31
"""Days since 1970 that stand for "always" and "until further notice"."""

DEFAULT_RADIUS_M = 25.0
"""How far a component may stand from a report that names its class, where the class says nothing."""

FAR_M = 2e7
"""Farther than any two places on Earth."""

LAYERS = ("grids", "streets", "places", "facilities", "contracts", "holders", "parties", "categories", "tags")


def days(dates: pd.Series, missing: int) -> Ints:
    """Calendar days as whole days since 1970-01-01, ``missing`` where there is none."""
    stamps = pd.to_datetime(dates, errors="coerce")
    count = stamps.to_numpy("datetime64[D]").astype(np.int64)
    return np.where(stamps.isna().to_numpy(), missing, count)


def in_force(frame: pd.DataFrame, position: Ints, day: Ints) -> NDArray[np.bool_]:
    """Whether the rows at ``position`` hold on ``day``, both end days included."""
    since = frame["from_day"].to_numpy()[position]
    until = frame["to_day"].to_numpy()[position]
    held: NDArray[np.bool_] = (since <= day) & (day <= until)
    return held


@dataclass(frozen=True, eq=False)
class LevelCells:
    """The cells of one grid level, ordered by code.

    Parameters
    ----------
    frame
        Grid rows with a RangeIndex; positions everywhere refer to it.
    srid
        The city's metric CRS.
    """

    frame: gpd.GeoDataFrame
    srid: int

    @cached_property
    def codes(self) -> Shapes:
        """Code of each cell."""
        return self.frame["code"].to_numpy(object)

    @cached_property
    def index(self) -> CellIndex:
        """Cells in longitude and latitude."""
        return CellIndex(self.frame.geometry.to_numpy())

    @cached_property
    def metric(self) -> Shapes:
        """Cells in metres."""
        return project(self.frame.geometry.to_numpy(), self.srid)

    def area_m2(self) -> Floats:
        """Area of each cell."""
        area: Floats = shapely.area(self.metric)
        return area

    @cached_property
    def near(self) -> NearestIndex:
        """Cells in metres, for points that none of them covers."""
        return NearestIndex(self.metric)


@dataclass(frozen=True, eq=False)
class Territory:
    """One state of grids, streets, places and reference data, immutable and without a clock.

    Parameters
    ----------
    city
        The city's configuration.
    version, revision
        Numbers of the territory version and of the reference revision it was read at.
    frames
        One frame per name in :data:`LAYERS`, columns as in the layers' tables, geometry in
        EPSG:4326. Missing frames are empty. Each is ordered by code at construction.
    """

    city: City
    version: int
    revision: int
    frames: Mapping[str, pd.DataFrame]

    def __post_init__(self) -> None:
        ordered = {name: _ordered(self.frames.get(name)) for name in LAYERS}
        object.__setattr__(self, "frames", ordered)

    def on(self, day: int) -> "Territory":
        """The territory with the grids and streets that hold on ``day`` (days since 1970)."""
        kept = {}
        for name in ("grids", "streets"):
            frame = self.frames[name]
            held = in_force(frame, np.arange(len(frame)), np.int64(day)) if len(frame) else np.ones(0, bool)
            if not held.all():
                kept[name] = frame[held]
        return replace(self, frames={**self.frames, **kept}) if kept else self

    @cached_property
    def turning_days(self) -> Ints:
        """Days on which a grid or street begins or has ceased to hold, ascending."""
        dated = [self.frames[name] for name in ("grids", "streets") if len(self.frames[name])]
        begins = [frame["from_day"].to_numpy() for frame in dated]
        ceases = [frame["to_day"].to_numpy() + 1 for frame in dated]
        turns = np.unique(np.concatenate([*begins, *ceases, np.empty(0, np.int64)]))
        return turns[(turns > FIRST_DAY) & (turns <= LAST_DAY)]

    @cached_property
    def levels(self) -> tuple[LevelCells, ...]:
        """Cells per level, from the top down."""
        grids = self.frames["grids"]
        return tuple(
            LevelCells(_ordered(grids[grids["level"] == level.name]) if len(grids) else grids, self.city.metric_srid)
            for level in self.city.levels
        )

    @cached_property
    def ancestry(self) -> Ints:
        """Positions of each lowest cell's ancestors by ``parent``, shape (cells, levels), -1 where unknown."""
        count = len(self.levels)
        chain = np.full((len(self.levels[-1].codes), count), -1, dtype=np.int64)
        chain[:, -1] = np.arange(len(chain))
        for level in range(count - 1, 0, -1):
            upper = pd.Index(self.levels[level - 1].codes)
            parent = self.levels[level].frame.get("parent", pd.Series(dtype=object)).to_numpy(object)
            above = upper.get_indexer(pd.Index(parent, dtype=object)) if len(upper) else np.full(len(parent), -1)
            known = chain[:, level] >= 0
            chain[known, level - 1] = above[chain[known, level]]
        return chain

    @cached_property
    def lowest(self) -> LevelCells | None:
        """Cells of the lowest level that has any; ``None`` in an empty territory."""
        return next((cells for cells in reversed(self.levels) if len(cells.codes)), None)

    def inside(self, lonlat: Floats) -> NDArray[np.bool_]:
        """Whether each point lies in the city: covered at some level or within the tolerance of a lowest cell."""
        held = np.zeros(len(lonlat), dtype=bool)
        for cells in self.levels:
            left = np.flatnonzero(~held)
            if len(cells.codes) and len(left):
                held[left] = cells.index.locate(lonlat[left]) >= 0
        left = np.flatnonzero(~held)
        if self.lowest is not None and len(left):
            xy = to_metres(lonlat[left], self.city.metric_srid)
            held[left] = self.lowest.near.nearest(xy, self.city.grid_tolerance_m)[0] >= 0
        return held

    def touched_by(self, shapes: Shapes) -> NDArray[np.bool_]:
        """Whether each shape (EPSG:4326) has ground in the city: in a cell of some level or within the tolerance of
        a lowest cell."""
        touched = np.zeros(len(shapes), dtype=bool)
        for cells in self.levels:
            if len(cells.codes):
                touched |= cells.index.touched_by(shapes)
        left = np.flatnonzero(~touched)
        if self.lowest is not None and len(left):
            metric = project(shapes[left], self.city.metric_srid)
            touched[left] = self.lowest.near.touched_by(metric, self.city.grid_tolerance_m)
        return touched

    def distance_m(self, lonlat: Floats) -> Floats:
        """Distance of each point to the nearest lowest cell, infinite in an empty territory."""
        if self.lowest is None:
            return np.full(len(lonlat), np.inf)
        return self.lowest.near.nearest(to_metres(lonlat, self.city.metric_srid), FAR_M)[1]

    @cached_property
    def streets(self) -> NearestIndex:
        """Street lines in metres."""
        return NearestIndex(self._metric("streets"))

    @cached_property
    def street_half_width_m(self) -> Floats:
        """Half the street from wall to wall (carriageway and footways); NaN where the width is unknown."""
        frame = self.frames["streets"]
        footway = _numbers(frame, "footway_m")
        return _numbers(frame, "width_m") / 2 + np.where(np.isnan(footway), 0.0, footway)

    @cached_property
    def border_streets(self) -> Mapping[int, tuple[int, int]]:
        """Level and position of the grid that a border street belongs to, by street position."""
        frame = self.frames["streets"]
        owners = frame["belongs_to"].to_numpy(object) if "belongs_to" in frame else []
        cells = {code: (k, p) for k, level in enumerate(self.levels) for p, code in enumerate(level.codes)}
        return {position: cells[code] for position, code in enumerate(owners) if code in cells}

    @cached_property
    def enclosing_places(self) -> tuple[Ints, CellIndex]:
        """Positions of the places that enclose (polygons other than shops), smallest area first, and their index."""
        frame = self.frames["places"]
        polygonal = shapely.get_dimensions(shapes_of(frame)) == 2
        chosen = np.flatnonzero(polygonal & (frame["type"].to_numpy(object) != "shop")) if len(frame) else np.empty(0, int)
        area = shapely.area(project(shapes_of(frame)[chosen], self.city.metric_srid))
        chosen = chosen[np.lexsort((chosen, area))]
        return chosen, CellIndex(shapes_of(frame)[chosen])

    @cached_property
    def category_positions(self) -> Mapping[tuple[str, str, str], int]:
        """Position of each category by (scheme, kind, code)."""
        frame = self.frames["categories"]
        if not len(frame):
            return {}
        keys = zip(frame["scheme"], frame["kind"], frame["code"], strict=True)
        return {key: position for position, key in enumerate(keys)}

    @cached_property
    def named_component(self) -> Ints:
        """Per category: position of the component category it names (itself for a component), or -1."""
        frame = self.frames["categories"]
        places = self.category_positions
        named = [
            position if kind == "component" else places.get((scheme, "component", component), -1)
            for position, (scheme, kind, component) in enumerate(
                zip(frame["scheme"], frame["kind"], frame["component"], strict=True)
            )
        ] if len(frame) else []
        return np.array(named, dtype=np.int64)

    @cached_property
    def components(self) -> Mapping[int, tuple[Ints, NearestIndex]]:
        """Per component category: positions of its facilities and their index in metres."""
        frame = self.frames["facilities"]
        if not len(frame):
            return {}
        keys = zip(frame["scheme"], frame["category"], strict=True)
        category = np.array([self.category_positions.get((s, "component", c), -1) for s, c in keys], dtype=np.int64)
        points = self._metric("facilities")
        groups = {int(one): np.flatnonzero(category == one) for one in np.unique(category[category >= 0])}
        return {one: (rows, NearestIndex(points[rows])) for one, rows in groups.items()}

    @cached_property
    def duties(self) -> NDArray[np.bool_]:
        """Whether a contract (row) covers a category (column)."""
        contracts = self.frames["contracts"]
        if not len(contracts):
            return np.zeros((0, len(self.frames["categories"])), dtype=bool)
        covered, _ = resolve_duties(
            contracts["duties"].tolist(), contracts["scheme"].tolist(), self.frames["categories"], self.frames["tags"]
        )
        return covered

    @cached_property
    def party_kinds(self) -> Mapping[str, str]:
        """Kind of each party by code."""
        frame = self.frames["parties"]
        return dict(zip(frame["code"], frame["kind"], strict=True)) if len(frame) else {}

    @cached_property
    def party_parents(self) -> Mapping[str, str | None]:
        """Code of the party above each party."""
        frame = self.frames["parties"]
        return dict(zip(frame["code"], frame["parent"], strict=True)) if len(frame) else {}

    @cached_property
    def component_radius_m(self) -> Floats:
        """Per category: how far a named component may stand from the report, metres."""
        radius = _numbers(self.frames["categories"], "radius_m")
        return np.where(np.isnan(radius), DEFAULT_RADIUS_M, radius)

    @cached_property
    def grid_holders(self) -> tuple[Groups, ...]:
        """Per level: rows of ``holders`` by cell position."""
        holders = self.frames["holders"]
        subject = holders["subject_code"].where(holders["subject"] == "grid") if len(holders) else []
        wanted = pd.Index(subject, dtype=object)
        return tuple(
            Groups(pd.Index(cells.codes, dtype=object).get_indexer(wanted).astype(np.int64), len(cells.codes))
            for cells in self.levels
        )

    @cached_property
    def contract_points(self) -> ContractPoints:
        """Ground of the point contracts."""
        return contract_points(self.frames["contracts"], self.city.metric_srid)

    @cached_property
    def contract_sections(self) -> ContractLines:
        """Ground of the section contracts."""
        return contract_lines(self.frames["contracts"], "section", self.frames["streets"], self.streets.shapes)

    @cached_property
    def contract_roads(self) -> ContractLines:
        """Ground of the road contracts."""
        return contract_lines(self.frames["contracts"], "road", self.frames["streets"], self.streets.shapes)

    @cached_property
    def contract_areas(self) -> ContractAreas:
        """Ground of the area and block contracts."""
        return contract_areas(self.frames["contracts"], self.city.metric_srid)

    @cached_property
    def contract_cells(self) -> tuple[ContractCells, ...]:
        """Ground of the grid contracts, per level."""
        return tuple(contract_cells(self.frames["contracts"], cells.codes, cells.area_m2) for cells in self.levels)

    def _metric(self, name: str) -> Shapes:
        return project(shapes_of(self.frames[name]), self.city.metric_srid)


def _numbers(frame: pd.DataFrame, column: str) -> Floats:
    if column not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64)


def _ordered(frame: pd.DataFrame | None) -> pd.DataFrame:
    """The frame by code with its validity as whole days, so that a smaller position is a smaller code."""
    if frame is None or not len(frame):
        return pd.DataFrame() if frame is None else frame.reset_index(drop=True)
    by = [name for name in ("code", "subject_code", "holder", "tag_group", "tag", "scheme", "kind") if name in frame]
    ordered = frame.sort_values(by, kind="stable").reset_index(drop=True)
    ordered["from_day"] = days(ordered["valid_from"], FIRST_DAY) if "valid_from" in ordered else FIRST_DAY
    ordered["to_day"] = days(ordered["valid_to"], LAST_DAY) if "valid_to" in ordered else LAST_DAY
    return ordered

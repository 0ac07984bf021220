"""Territory: one immutable state of everything that decides who answers, with its indexes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Floats, Ints, Objects, codes_of, numbers_of, shapes_of
from gis_core.bodies import Bodies, bodies
from gis_core.cells import CellIndex, Groups, NearestIndex, SegmentIndex
from gis_core.city import City
from gis_core.codes import resolve_duties
from gis_core.contracts import ContractGround
from gis_core.crs import project, readable, to_metres
from gis_core.front_doors import FrontDoors
from gis_core.labels import Labels, label
from gis_core.levels import LevelCells
from gis_core.reach import ReachIndex
from gis_core.ready import Ready
from gis_core.validity import FIRST_DAY, LAST_DAY, first_day, holds, last_day, ordered

DEFAULT_RADIUS_M = 25.0
"""How far a component may stand from a report that names its class, where the class says nothing."""

FAR_M = 2e7
"""Farther than any two places on Earth."""

THINGS = ("streets", "places", "frontages", "facilities", "contracts")
"""Layers whose codes an answer can hold."""

STATES_KEPT = 4
"""How many states of one territory between turning days keep their indexes."""

LAYERS = (
    "grids", "streets", "places", "frontages", "marks", "facilities", "agreements", "contracts", "holders", "parties",
    "categories", "tags",
)  # fmt: skip


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
    ready
        Where compiled indexes are found; what is not there is built once it pays, or at once where others are.
    """

    city: City
    version: int
    revision: int
    frames: Mapping[str, pd.DataFrame]
    ready: Ready = field(default_factory=Ready)

    def __post_init__(self) -> None:
        object.__setattr__(self, "frames", {name: ordered(self.frames.get(name)) for name in LAYERS})

    @cached_property
    def periods(self) -> Mapping[str, tuple[Ints, Ints]]:
        """Per layer: first and last day on which each row holds."""
        return {name: (first_day(frame), last_day(frame)) for name, frame in self.frames.items()}

    def in_force(self, layer: str, position: Ints, day: Ints | int) -> Bools:
        """Whether the layer's rows at ``position`` hold on ``day``, both end days included."""
        return holds(self.periods[layer], position, day)

    def on(self, day: int) -> "Territory":
        """The territory with the grids and streets that hold on ``day`` (days since 1970)."""
        return self._state(int(np.searchsorted(self.turning_days, day, side="right")))

    def by_state(self, day: Ints) -> Iterator[tuple[Ints, "Territory"]]:
        """The rows whose ``day`` has the same grids and streets, with the territory of those days."""
        turn = np.searchsorted(self.turning_days, day, side="right")
        for one in np.unique(turn):
            yield np.flatnonzero(turn == one), self._state(int(one))

    @cached_property
    def _state(self) -> Callable[[int], "Territory"]:
        return lru_cache(STATES_KEPT)(self._after)

    def _after(self, turns: int) -> "Territory":
        """The territory after so many of its turning days."""
        if not len(self.turning_days):
            return self
        day = self.turning_days[turns - 1] if turns else self.turning_days[0] - 1
        kept = {}
        for name in ("grids", "streets"):
            frame = self.frames[name]
            held = self.in_force(name, np.arange(len(frame)), day)
            if not held.all():
                kept[name] = frame[held]
        return replace(self, frames={**self.frames, **kept}) if kept else self

    @cached_property
    def turning_days(self) -> Ints:
        """Days on which a grid or street begins or has ceased to hold, ascending."""
        dated = [self.periods[name] for name in ("grids", "streets")]
        turns = np.unique(np.concatenate([days for begins, ends in dated for days in (begins, ends + 1)]))
        return turns[(turns > FIRST_DAY) & (turns <= LAST_DAY)]

    @cached_property
    def levels(self) -> tuple[LevelCells, ...]:
        """Cells per level, from the top down."""
        grids = self.frames["grids"]
        return tuple(
            LevelCells(ordered(grids[codes_of(grids, "level") == level.name]), self.city.metric_srid, self.ready)
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
            parent = codes_of(self.levels[level].frame, "parent")
            above = upper.get_indexer(pd.Index(parent, dtype=object)) if len(upper) else np.full(len(parent), -1)
            known = chain[:, level] >= 0
            chain[known, level - 1] = above[chain[known, level]]
        return chain

    @cached_property
    def lowest(self) -> LevelCells | None:
        """Cells of the lowest level that has any; ``None`` in an empty territory."""
        return next((cells for cells in reversed(self.levels) if len(cells.codes)), None)

    @cached_property
    def codes(self) -> Callable[[str, str], Objects]:
        """A layer's column of codes, ``None`` where absent, by layer and column."""
        return lru_cache(None)(lambda layer, column: codes_of(self.frames[layer], column))

    @cached_property
    def bodies(self) -> Bodies:
        """Everybody whom a layer names."""
        return bodies(self.frames)

    @cached_property
    def first_cell(self) -> Ints:
        """Per level: how many cells the levels above it have."""
        return np.cumsum([0, *(len(level.codes) for level in self.levels[:-1])])

    @cached_property
    def labels(self) -> Labels:
        """All codes an answer can hold: who can answer (bodies, then the cells' queues), cells, streets, things."""
        cells = np.concatenate([level.codes for level in self.levels])
        things = {layer: self.codes(layer, "code") for layer in THINGS}
        texts = {"answerers": np.concatenate([self.bodies.codes, cells]), "cells": cells, **things}
        return {kind: label(one) for kind, one in texts.items()}

    @cached_property
    def named(self) -> Callable[[str, str], Ints]:
        """Positions in :attr:`bodies` of a layer's column of parties, -1 where it names none."""
        return lru_cache(None)(lambda layer, column: self.bodies.positions(self.codes(layer, column)))

    @cached_property
    def organisations(self) -> tuple[Ints, ...]:
        """Per level: position in :attr:`bodies` of the party that governs each cell, -1 where there is none."""
        return tuple(self.bodies.positions(codes_of(cells.frame, "organisation")) for cells in self.levels)

    def inside(self, lonlat: Floats) -> Bools:
        """Whether each point lies in the city: covered at some level or within the tolerance of a lowest cell.

        What is no longitude and latitude lies nowhere.
        """
        held = np.zeros(len(lonlat), dtype=bool)
        sound = readable(lonlat)
        for cells in self.levels:
            left = np.flatnonzero(sound & ~held)
            if len(cells.codes) and len(left):
                held[left] = cells.index.locate(lonlat[left]) >= 0
        left = np.flatnonzero(sound & ~held)
        if self.lowest is not None and len(left):
            xy = to_metres(lonlat[left], self.city.metric_srid)
            held[left] = self.lowest.near.nearest(xy, self.city.grid_tolerance_m)[0] >= 0
        return held

    def touched_by(self, shapes: Objects) -> Bools:
        """Whether each shape (EPSG:4326) has ground in the city: in a cell of some level or within the tolerance of
        a lowest cell.
        """
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
        """Distance of each point that no lowest cell covers to the nearest; NaN where there is no point, or no cell."""
        distance = np.full(len(lonlat), np.nan)
        sound = readable(lonlat)
        if self.lowest is not None:
            xy = to_metres(lonlat[sound], self.city.metric_srid)
            distance[sound] = self.lowest.near.nearest(xy, FAR_M)[1]
        return distance

    @cached_property
    def streets(self) -> NearestIndex:
        """Street lines in metres."""
        return NearestIndex(self._metric("streets"))

    @cached_property
    def nearest_street(self) -> SegmentIndex:
        """The nearest street of a point within the city's limit, and its side."""
        lines, reach_m = shapes_of(self.frames["streets"]), self.city.street_limit_m
        ready = self.ready.lines(lines, self.city.metric_srid, reach_m)
        return SegmentIndex(lines, lambda: self.streets, reach_m, ready)

    @cached_property
    def nobody_named(self) -> Bools:
        """Whether a contract names neither a contractor nor a responsible party."""
        return (self.named("contracts", "contractor") < 0) & (self.named("contracts", "responsible") < 0)

    @cached_property
    def street_half_width_m(self) -> Floats:
        """Half the street from wall to wall (carriageway and footways); NaN where the width is unknown."""
        frame = self.frames["streets"]
        return numbers_of(frame, "width_m") / 2 + numbers_of(frame, "footway_m", 0.0)

    @cached_property
    def border_streets(self) -> Mapping[int, tuple[int, int]]:
        """Level and position of the grid that a border street belongs to, by street position."""
        owners = self.codes("streets", "belongs_to")
        cells = {code: (k, p) for k, level in enumerate(self.levels) for p, code in enumerate(level.codes)}
        return {position: cells[code] for position, code in enumerate(owners) if code in cells}

    @cached_property
    def is_border_street(self) -> Bools:
        """Whether each street belongs whole to one grid; once more for no street."""
        found = np.zeros(len(self.frames["streets"]) + 1, dtype=bool)
        found[list(self.border_streets)] = True
        return found

    @cached_property
    def border_owners(self) -> Mapping[tuple[int, int], tuple[Ints, NearestIndex]]:
        """Positions of the lowest cells, and their index in metres, of each grid that border streets belong to."""
        owned = {}
        for level, owner in set(self.border_streets.values()):
            rows = np.flatnonzero(self.ancestry[:, level] == owner)
            owned[level, owner] = rows, NearestIndex(self.levels[-1].metric(rows))
        return owned

    @cached_property
    def enclosing_places(self) -> tuple[Ints, CellIndex]:
        """Positions of the places that enclose (polygons other than shops), smallest area first, and their index."""
        frame = self.frames["places"]
        polygonal = shapely.get_dimensions(shapes_of(frame)) == 2
        chosen = np.flatnonzero(polygonal & (codes_of(frame, "type") != "shop"))
        area = shapely.area(project(shapes_of(frame)[chosen], self.city.metric_srid))
        chosen = chosen[np.lexsort((chosen, area))]
        shapes = shapes_of(frame)[chosen]
        return chosen, CellIndex(shapes, self.ready.polygons(shapes))

    @cached_property
    def category_positions(self) -> Mapping[tuple[str, str, str], int]:
        """Position of each category by (scheme, kind, code)."""
        keys = zip(*(self.codes("categories", name) for name in ("scheme", "kind", "code")), strict=True)
        return {key: position for position, key in enumerate(keys)}

    @cached_property
    def named_component(self) -> Ints:
        """Per category: position of the component category it names (itself for a component), or -1."""
        known = self.category_positions
        keys = zip(*(self.codes("categories", name) for name in ("scheme", "kind", "component")), strict=True)
        named = [
            position if kind == "component" else known.get((scheme, "component", component), -1)
            for position, (scheme, kind, component) in enumerate(keys)
        ]
        return np.array(named, dtype=np.int64)

    @cached_property
    def components(self) -> ReachIndex:
        """Facilities, each in the group of its component category (the category's position, -1 where unknown)."""
        keys = zip(self.codes("facilities", "scheme"), self.codes("facilities", "category"), strict=True)
        category = np.array([self.category_positions.get((s, "component", c), -1) for s, c in keys], dtype=np.int64)
        reach_m = float(self.component_radius_m.max(initial=0.0))
        return ReachIndex(self._metric("facilities"), reach_m, category, self.ready)

    @cached_property
    def duties(self) -> Bools:
        """Whether a contract (row) covers a category (column)."""
        contracts = self.frames["contracts"]
        if not len(contracts):
            return np.zeros((0, len(self.frames["categories"])), dtype=bool)
        covered, _ = resolve_duties(
            contracts["duties"].tolist(), contracts["scheme"].tolist(), self.frames["categories"], self.frames["tags"]
        )
        return covered

    @cached_property
    def component_radius_m(self) -> Floats:
        """Per category: how far a named component may stand from the report, metres."""
        return numbers_of(self.frames["categories"], "radius_m", DEFAULT_RADIUS_M)

    @cached_property
    def grid_holders(self) -> tuple[Groups, ...]:
        """Per level: rows of ``holders`` by cell position."""
        subject = self.codes("holders", "subject_code").copy()
        subject[self.codes("holders", "subject") != "grid"] = None
        wanted = pd.Index(subject, dtype=object)
        return tuple(
            Groups(pd.Index(cells.codes, dtype=object).get_indexer(wanted).astype(np.int64), len(cells.codes))
            for cells in self.levels
        )

    @cached_property
    def ground(self) -> ContractGround:
        """Ground of the contracts."""
        contracts, streets = (self.frames[name] for name in ("contracts", "streets"))
        return ContractGround(contracts, streets, self.levels, self.city.metric_srid, self.ready)

    @cached_property
    def doors(self) -> FrontDoors:
        """What lies before doors."""
        return FrontDoors(self.city, self.frames, self.periods, self.ready)

    def _metric(self, name: str) -> Objects:
        return project(shapes_of(self.frames[name]), self.city.metric_srid)

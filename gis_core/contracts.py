"""The ground that contracts cover, by geometry kind: points, street lines, polygons and grid cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Floats, Ints, Objects, codes_of, missing, numbers_of, shapes_of
from gis_core.cells import CellIndex, Groups
from gis_core.crs import project
from gis_core.levels import LevelCells
from gis_core.reach import ReachIndex
from gis_core.ready import Ready

DEFAULT_EXTENT_M = 30.0
"""Reach to either side of a street contract that states none: wall to wall of an ordinary street."""


@dataclass(frozen=True, eq=False)
class ContractPoints:
    """Point contracts: positions, index in metres, radius and the largest one."""

    thing: Ints
    index: ReachIndex
    radius_m: Floats
    reach_m: float


@dataclass(frozen=True, eq=False)
class ContractLines:
    """Road or section contracts, one row per contract and street, none of which reaches beyond ``reach_m``.

    ``from_m`` and ``to_m`` bound the ground along the line (infinite for a whole street),
    ``left_m`` and ``right_m`` across it, -1 on a side that is not part of the contract.
    """

    thing: Ints
    index: ReachIndex
    from_m: Floats
    to_m: Floats
    left_m: Floats
    right_m: Floats
    reach_m: float
    area_m2: Floats


@dataclass(frozen=True, eq=False)
class ContractAreas:
    """Area and block contracts, smallest area first: positions, index in lon/lat and area."""

    thing: Ints
    index: CellIndex
    area_m2: Floats


@dataclass(frozen=True, eq=False)
class ContractCells:
    """Grid contracts of one level: contracts by cell position, and the areas of cells that have one."""

    thing: Ints
    groups: Groups
    area_m2: Floats


@dataclass(frozen=True, eq=False)
class ContractGround:
    """The ground of all contracts, each kind found when it is asked for first.

    Parameters
    ----------
    contracts, streets
        Frames of a territory.
    levels
        Its cells.
    srid
        The city's metric CRS.
    ready
        Where compiled indexes are found.
    """

    contracts: pd.DataFrame
    streets: pd.DataFrame
    levels: Sequence[LevelCells]
    srid: int
    ready: Ready

    @cached_property
    def points(self) -> ContractPoints:
        """Ground of the contracts of kind ``point`` that have a geometry."""
        thing = self._of_kind("point")
        shapes = project(shapes_of(self.contracts)[thing], self.srid)
        radius_m = numbers_of(self.contracts, "radius_m", 0.0)[thing]
        reach_m = float(radius_m.max(initial=0.0))
        return ContractPoints(thing, ReachIndex(shapes, reach_m, ready=self.ready), radius_m, reach_m)

    @cached_property
    def sections(self) -> ContractLines:
        """Ground of the contracts of kind ``section``, each of which names one street by code."""
        return self._lines("section")

    @cached_property
    def roads(self) -> ContractLines:
        """Ground of the contracts of kind ``road``, which name a street by code or all streets of a name."""
        return self._lines("road")

    @cached_property
    def areas(self) -> ContractAreas:
        """Ground of the contracts of kind ``area`` and ``block`` that have a geometry."""
        thing = self._of_kind("area", "block")
        area = shapely.area(project(shapes_of(self.contracts)[thing], self.srid))
        order = np.lexsort((thing, area))
        shapes = shapes_of(self.contracts)[thing[order]]
        return ContractAreas(thing[order], CellIndex(shapes, self.ready.polygons(shapes)), area[order])

    @cached_property
    def cells(self) -> tuple[ContractCells, ...]:
        """Ground of the contracts of kind ``grid``, per level."""
        return tuple(self._cells(level) for level in self.levels)

    @cached_property
    def city(self) -> Ints:
        """Positions of the contracts of kind ``city``, whose ground is everything."""
        return _rows(self.contracts, "city")

    def _cells(self, level: LevelCells) -> ContractCells:
        thing = _rows(self.contracts, "grid")
        named = codes_of(self.contracts, "grid")[thing]
        position = pd.Index(level.codes, dtype=object).get_indexer(pd.Index(named, dtype=object)).astype(np.int64)
        area, meant = np.full(len(level.codes), np.nan), np.unique(position[position >= 0])
        area[meant] = shapely.area(level.metric(meant))
        return ContractCells(thing, Groups(position, len(level.codes)), area)

    def _lines(self, kind: str) -> ContractLines:
        contract, street = _streets_of(self.contracts, kind, self.streets)
        shapes = project(shapes_of(self.streets)[street], self.srid)
        length = shapely.length(shapes)
        whole = kind == "road"
        start = np.full(len(contract), -np.inf) if whole else numbers_of(self.contracts, "from_m", -np.inf)[contract]
        end = np.full(len(contract), np.inf) if whole else numbers_of(self.contracts, "to_m", np.inf)[contract]
        side = codes_of(self.contracts, "side")[contract]
        left = np.where(side == "right", -1.0, numbers_of(self.contracts, "left_m", DEFAULT_EXTENT_M)[contract])
        right = np.where(side == "left", -1.0, numbers_of(self.contracts, "right_m", DEFAULT_EXTENT_M)[contract])
        along = np.minimum(end, length) - np.maximum(start, 0.0)
        area = along * (np.maximum(left, 0.0) + np.maximum(right, 0.0))
        # A road is ranked by all of its ground, not by the one street near the issue.
        total = np.zeros(len(self.contracts))
        np.add.at(total, contract, area)
        reach = float(max(left.max(initial=0.0), right.max(initial=0.0)))
        index = ReachIndex(shapes, reach, ready=self.ready)
        return ContractLines(contract, index, start, end, left, right, reach, total[contract])

    def _of_kind(self, *kinds: str) -> Ints:
        rows = _rows(self.contracts, *kinds)
        return rows[~shapely.is_missing(shapes_of(self.contracts)[rows])]


def _streets_of(contracts: pd.DataFrame, kind: str, streets: pd.DataFrame) -> tuple[Ints, Ints]:
    rows = _rows(contracts, kind)
    if not len(rows) or not len(streets):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    named = contracts["street"].to_numpy(object)[rows]
    by_code = _positions(codes_of(streets, "code"), named)
    by_name = _positions(codes_of(streets, "name"), named) if kind == "road" else {}
    contract: list[int] = []
    street: list[int] = []
    for row, wanted in zip(rows, named, strict=True):
        found: Sequence[int] = by_code.get(wanted) or by_name.get(wanted) or ()
        contract += [int(row)] * len(found)
        street += found
    return np.array(contract, dtype=np.int64), np.array(street, dtype=np.int64)


def _positions(codes: Objects, wanted: Objects) -> Mapping[str, list[int]]:
    """Where each of the codes wanted stands, of thousands that nobody asks for."""
    found: dict[str, list[int]] = {}
    for position in np.flatnonzero(pd.Series(codes).isin(wanted[~missing(wanted)])).tolist():
        found.setdefault(codes[position], []).append(position)
    return found


def _rows(contracts: pd.DataFrame, *kinds: str) -> Ints:
    if not len(contracts):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(contracts["kind"].isin(kinds).to_numpy())

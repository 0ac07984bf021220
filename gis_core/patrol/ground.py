"""What lies under the streets: the grid of each piece and segment, whether it is due, and who sweeps it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.assignment import Asked, decide
from gis_core.codes import resolve_duties
from gis_core.crs import to_lonlat
from gis_core.locating import locate
from gis_core.patrol.coverage import pieces_of_streets
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.places import on_edges
from gis_core.territory import Territory


@dataclass(frozen=True, eq=False)
class Ground:
    """The segments of a network and where they lie.

    Parameters
    ----------
    territory
        With the grids and streets of the day.
    segments
        One row an edge of the network, in its order: ``street``, ``name``, ``class``, ``from_m``, ``to_m``,
        ``length_m``, ``due`` (whether it is to be patrolled: of a class that is, and in force on the day), ``grid``
        (the lowest grid with most of its metres, ``None`` outside) and ``contractor`` (who sweeps it, or ``None``).
    pieces
        One row a piece as in :meth:`gis_core.patrol.coverage.PatrolLog.pieces`: ``edge``, ``length_m`` and ``grid``,
        the lowest grid.
    piece_cell, segment_cell
        Position of the cell of each piece, and of each segment, at every level from the top, -1 for none.
    """

    territory: Territory
    segments: pd.DataFrame
    pieces: pd.DataFrame
    piece_cell: Ints
    segment_cell: Ints

    @cached_property
    def due(self) -> Bools:
        """Whether each segment is to be patrolled."""
        return self.segments["due"].to_numpy(bool)

    def cells(self, level: str) -> Objects:
        """Code of the cell of each piece at a level, ``None`` outside.

        Raises
        ------
        InvalidInput
            When the city has no such level.
        """
        number = self.territory.city.level(level)
        return _picked(self.territory.levels[number].codes, self.piece_cell[:, number])

    def segment_cells(self, level: str) -> Objects:
        """Code of the cell at a level in which most of each segment lies, ``None`` outside.

        Raises
        ------
        InvalidInput
            When the city has no such level.
        """
        number = self.territory.city.level(level)
        return _picked(self.territory.levels[number].codes, self.segment_cell[:, number])


def ground_of(network: StreetNetwork, territory: Territory, day: int) -> Ground:
    """Where the segments of a network lie, told as issues are.

    A segment is looked at in pieces of five to ten metres, by their middle points. Each lies in the cell that would
    answer for an issue there, on that very street: a street that belongs whole to one grid lies in it. The cells above
    are the lowest one's by ``parent``. Who sweeps a segment is the contractor who would be answered for an issue of
    the city's category of sweeping in its middle.

    Parameters
    ----------
    network
        Built of the territory's streets.
    territory
        Of any days.
    day
        Days since 1970, by the city's calendar.
    """
    state = territory.on(day)
    lowest = state.levels[-1].codes
    codes = pd.Index(state.codes("streets", "code"))
    street = codes.get_indexer(pd.Index(network.code[network.street])).astype(np.int64)
    pieces = pieces_of_streets(network)
    edge = pieces["edge"].to_numpy(np.int64)
    piece_cell = _cells(state, to_lonlat(pieces[["x", "y"]].to_numpy(np.float64), network.srid), street[edge])
    segment_cell = piece_cell[_foremost(edge, piece_cell[:, -1], len(lowest))]
    kind = network.kind[network.street]
    columns = {"street": network.code[network.street], "name": network.name[network.street], "class": kind}
    segments = pd.DataFrame({name: _column(values) for name, values in columns.items()}).assign(
        from_m=network.from_m, to_m=network.to_m, length_m=network.length_m,
        due=(street >= 0) & np.isin(kind.astype(str), state.city.patrol.classes),
        grid=_column(_picked(lowest, segment_cell[:, -1])),
        contractor=_column(_contractors(state, network, day)),
    )  # fmt: skip
    named = pieces[["edge", "length_m"]].assign(grid=_column(_picked(lowest, piece_cell[:, -1])))
    return Ground(state, segments, named, piece_cell, segment_cell)


def _cells(state: Territory, lonlat: Floats, street: Ints) -> Ints:
    """Cells of points at every level: the lowest as issues are told, those above by its parents where it has any."""
    found = locate(state, lonlat, street).grids
    by_parents = np.append(state.ancestry, np.full((1, found.shape[1]), -1), axis=0)[found[:, -1]]
    return np.where(by_parents >= 0, by_parents, found)


def _foremost(edge: Ints, cell: Ints, cells: int) -> Ints:
    """Of each edge its first piece in the cell that most of its pieces lie in, of several the smallest code."""
    which, first, count = np.unique(edge * (cells + 1) + cell % (cells + 1), return_index=True, return_counts=True)
    of = which // (cells + 1)
    outside = which % (cells + 1) == cells
    order = np.lexsort((which, -count, outside, of))
    return first[order[np.unique(of[order], return_index=True)[1]]]


def _contractors(state: Territory, network: StreetNetwork, day: int) -> Objects:
    """The firm that answers for sweeping in the middle of each segment."""
    middle = on_edges(network, np.arange(len(network.u)), network.length_m / 2)
    covered, _ = resolve_duties(
        [[state.city.patrol.sweeping]], [state.city.scheme], state.frames["categories"], state.frames["tags"]
    )
    category = int(np.argmax(covered[0])) if covered.any() else -1
    count = len(middle)
    asked = Asked(to_lonlat(middle, network.srid), np.full(count, day), np.full(count, category))
    decided = decide(asked.located(np.arange(count), state), state)
    return _picked(state.bodies.codes, decided.found["contractor"])


def _picked(codes: Objects, position: Ints) -> Objects:
    """The codes at positions, ``None`` at -1."""
    return np.append(codes, np.array([None], dtype=object))[position]


def _column(codes: Objects) -> "pd.Series[Any]":
    """A column in which what is missing stays ``None``."""
    return pd.Series(codes, dtype=object)

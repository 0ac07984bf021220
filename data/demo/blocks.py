"""The ground: a warped lattice of blocks with a river and a lake.

Every edge is drawn once and used by the cells on both sides of it and by the street along it,
so that cells tile without gaps or overlaps and streets run exactly on their borders.
Rows are counted from the north, columns from the west.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.demo.city import CENTRE, CITY, generator, groups
from gis_core.arrays import Bools, Floats, Ints
from gis_core.crs import to_metres
from gis_core.errors import InvalidInput

LEAST_UNITS = 30
_LAKE_FROM_UNITS = 150
_LAKE = 2
"""Rows and columns of blocks that the lake takes."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """The lattice in metres.

    Parameters
    ----------
    across, down
        Edges that run west to east, shape (rows + 1, columns, 4, 2), and north to south, shape
        (rows, columns + 1, 4, 2): start, two points between, end.
    land
        Which blocks are unit grids, shape (rows, columns); the others are water or lie outside.
    water
        Which blocks are river or lake.
    row_group, column_group
        Per level from district to community: the group of each row and column.
    river
        Row of the river.
    """

    across: Floats
    down: Floats
    land: Bools
    water: Bools
    row_group: tuple[Ints, Ints, Ints]
    column_group: tuple[Ints, Ints, Ints]
    river: int

    @cached_property
    def cell(self) -> Ints:
        """Position of each block among the unit grids (row by row), -1 where there is none."""
        position = np.full(self.land.shape, -1, dtype=np.int64)
        position[self.land] = np.arange(self.land.sum())
        return position

    @cached_property
    def corners(self) -> Floats:
        """Corners of each unit grid: north-west, north-east, south-west, south-east; shape (units, 4, 2)."""
        row, column = self.row_column
        north, south = self.across[row, column], self.across[row + 1, column]
        return np.stack([north[:, 0], north[:, -1], south[:, 0], south[:, -1]], axis=1)

    def rings(self, blocks: Bools) -> Floats:
        """Outlines in metres of the blocks chosen, row by row, anticlockwise, shape (blocks, 13, 2)."""
        row, column = np.nonzero(blocks)
        south, east = self.across[row + 1, column], self.down[row, column + 1][:, ::-1]
        north, west = self.across[row, column][:, ::-1], self.down[row, column]
        return np.concatenate([south[:, :-1], east[:, :-1], north[:, :-1], west], axis=1)

    @cached_property
    def row_column(self) -> tuple[Ints, Ints]:
        """Row and column of each unit grid."""
        row, column = np.nonzero(self.land)
        return row, column


def lay_out(units: int, seed: int) -> Blocks:
    """Lay out a city of ``units`` unit grids.

    Raises
    ------
    InvalidInput
        When there are too few unit grids for a river to divide.
    """
    if units < LEAST_UNITS:
        raise InvalidInput("demo_size", field="units", value=units, expected=f"at least {LEAST_UNITS}")
    lake = _LAKE if units >= _LAKE_FROM_UNITS else 0
    rows = max(6, round((units / 1.15) ** 0.5))
    columns = -(-(units + lake * lake) // rows)
    row_group, river = _with_river(_hierarchy(rows, 5.0, 3.0))
    column_group = _hierarchy(columns, 4.0, 4.0, split=False)
    water = np.zeros((rows + 1, columns), dtype=bool)
    water[river] = True
    top, left = max(0, river // 2 - 1), 2 * columns // 3
    water[top : top + lake, left : left + lake] = True
    land = ~water
    surplus = int(land.sum()) - units
    land[np.flatnonzero(land[:, -1])[len(row_group[0]) - 1 - surplus :], -1] = False
    across, down = _edges(_vertices(rows + 1, columns, generator(seed, "blocks")), generator(seed, "edges"))
    return Blocks(across, down, land, water & _beside(land), row_group, column_group, river)


def _hierarchy(count: int, community: float, district: float, *, split: bool = True) -> tuple[Ints, Ints, Ints]:
    """District, subdistrict and community group of each row or column."""
    communities = groups(count, community, 2 if split else 1)
    subdistricts = groups(int(communities[-1]) + 1, 2.0, 2 if split else 1)
    districts = groups(int(subdistricts[-1]) + 1, district, 2 if split else 1)
    return districts[subdistricts][communities], subdistricts[communities], communities


def _with_river(groups_of_rows: tuple[Ints, Ints, Ints]) -> tuple[tuple[Ints, Ints, Ints], int]:
    """Insert the river's row at the border between districts that is nearest to the middle; the north has it."""
    districts = groups_of_rows[0]
    borders = np.flatnonzero(np.diff(districts)) + 1
    river = int(borders[np.abs(borders - len(districts) / 2).argmin()])
    district, subdistrict, community = (np.insert(one, river, one[river - 1]) for one in groups_of_rows)
    return (district, subdistrict, community), river


def _beside(land: Bools) -> Bools:
    """Rows and columns between the first and the last land block of their row or column."""
    ahead, behind = np.maximum.accumulate(land, axis=0), np.maximum.accumulate(land[::-1], axis=0)[::-1]
    between: Bools = ahead & behind
    return between


def _vertices(rows: int, columns: int, rng: np.random.Generator) -> Floats:
    """Lattice points in metres, shape (rows + 1, columns + 1, 2): uneven, rounded off and bent."""
    x = np.concatenate([[0.0], np.cumsum(rng.uniform(92, 126, columns))])
    y = -np.concatenate([[0.0], np.cumsum(rng.uniform(88, 118, rows))])
    half_width, half_height = x[-1] / 2, -y[-1] / 2
    u, v = np.meshgrid(x / half_width - 1, y / half_height + 1)
    rounded = 0.35
    east = u * np.sqrt(1 - rounded * v**2 / 2) * half_width
    north = v * np.sqrt(1 - rounded * u**2 / 2) * half_height
    phase = rng.uniform(0, 2 * np.pi, 4)
    bent_east = east + 28 * np.sin(north / 310 + phase[0]) + 14 * np.sin((east + north) / 170 + phase[1])
    bent_north = north + 32 * np.sin(east / 340 + phase[2]) + 12 * np.sin((east - north) / 150 + phase[3])
    jitter = np.clip(rng.normal(0, 4, (2, *u.shape)), -9, 9)
    origin = to_metres(np.array([CENTRE]), CITY.metric_srid)[0]
    return np.stack([bent_east + jitter[0], bent_north + jitter[1]], axis=-1) + origin


def _edges(vertices: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Edges between neighbouring vertices, with two points between that stray a little sideways."""

    def drawn(start: Floats, end: Floats) -> Floats:
        along = (end - start)[..., None, :]
        sideways = (
            np.stack([-along[..., 1], along[..., 0]], axis=-1) / np.hypot(along[..., 0], along[..., 1])[..., None]
        )
        stray = np.clip(rng.normal(0, 1.8, (*start.shape[:-1], 2, 1)), -4, 4)
        between = start[..., None, :] + along * np.array([[1 / 3], [2 / 3]]) + sideways * stray
        return np.concatenate([start[..., None, :], between, end[..., None, :]], axis=-2)

    return drawn(vertices[:, :-1], vertices[:, 1:]), drawn(vertices[:-1], vertices[1:])

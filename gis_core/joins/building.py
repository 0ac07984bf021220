"""The raster of cells, from the polygons."""

import numpy as np

from gis_core.arrays import Bools, Ints
from gis_core.joins.compiled import Int32s
from gis_core.joins.filling import LOWEST, PARENT, SIZE, fill
from gis_core.joins.grids import Blocks, Grid, count_edges, enter_edges, lattice
from gis_core.joins.looking import BLOCK, Raster
from gis_core.joins.records import EDGES, MANY, SET, WIDTH, write_records
from gis_core.joins.shapes import Rings

MOST_CELLS = 64_000_000
CELLS_A_VERTEX = 32
SMALL = 65_536
"""A raster of more cells than the first, or than the second by vertices and the third, is stored in two levels."""
BOUNDARY_SHARE = 0.11
"""Side of a cell as a share of the polygons' area by perimeter: the share of cells with an edge in them."""
EDGES_A_CELL = 1.2
"""Side of a cell in mean lengths of an edge, at most, so that few cells have more edges than a record."""
RECORDS_A_VERTEX = 16


def raster_of(rings: Rings) -> Raster:
    """Build the raster of polygons."""
    grid, shift = _frame(rings)
    side = 1 << shift
    blocks, stored = Blocks(np.zeros((1, 1), np.int32), grid.nx, grid.ny), np.zeros(1, np.int64)
    above, above_sets, top = np.zeros(0, np.int32), np.zeros((1, 4), np.int32), np.zeros(0, np.int32)
    if shift:
        coarse = grid._replace(
            cell=grid.cell * side, inverse=grid.inverse / side, nx=grid.nx >> shift, ny=grid.ny >> shift
        )
        above, above_sets, passed = _filled(rings, coarse, Blocks(np.zeros((1, 1), np.int32), coarse.nx, coarse.ny), 1)
        stored = np.flatnonzero(passed)
        number = np.full((coarse.ny, coarse.nx), -1, np.int32)
        number.ravel()[stored] = np.arange(len(stored))
        blocks = Blocks(number, side, side)
    cells, sets, counts = _filled(rings, grid, blocks, len(stored))
    above[above > 0] += len(sets) - 1
    sets = _joined(sets, above_sets)
    hit, offset, entries = _entered(rings, grid, blocks, counts)
    value, states = _values(sets, cells, counts == 0, above, len(hit))
    records = _blank(len(hit) + len(states))
    records[:, SET] = np.concatenate([cells[hit], states])
    records[:, EDGES] = MANY
    places = _places(hit, blocks, stored)
    edges = records.view(np.float32)
    passing = write_records(rings.xy, rings.owner, grid, places, offset, entries, sets, records, edges)
    offset = np.concatenate([offset, np.full(len(states), offset[-1])])
    cells = value[cells]
    cells[hit] = -2 - np.arange(len(hit))
    if shift:
        top = value[above]
        top[stored] = BLOCK + np.arange(len(stored))
    most = int(sets[:, SIZE].max()) + passing
    return Raster(grid, cells, top, shift, records, edges, offset, entries, *rings, sets, max(most, 1))


def _frame(rings: Rings) -> tuple[Grid, int]:
    """The lattice, and how many times a cell is doubled for the upper level (0: there is none)."""
    xy, owner, _ = rings
    if not len(xy):
        return lattice(np.zeros(2), np.zeros(2), 1.0, 1.0), 0
    low, high = xy.min(axis=0), xy.max(axis=0)
    edge = np.flatnonzero(owner >= 0)
    start, end = xy[edge] - low, xy[edge + 1] - low
    perimeter = float(np.hypot(*(end - start).T).sum())
    area = float(np.abs(np.bincount(owner[edge], start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0])).sum()) / 2
    cell = min(BOUNDARY_SHARE * area / perimeter if perimeter else 0.0, EDGES_A_CELL * perimeter / len(edge))
    width, height = high - low
    cell = max(
        cell,
        0.64 * perimeter / (RECORDS_A_VERTEX * len(xy) + SMALL),
        1e-6 * max(width, height),
        1e-12 * float(np.abs(xy).max()),
        1e-300,
    )
    most = min(MOST_CELLS, CELLS_A_VERTEX * len(xy) + SMALL)
    shift = 0
    if (width / cell + 3) * (height / cell + 3) > most:
        shift = 3
        while (width / (cell * 2**shift) + 3) * (height / (cell * 2**shift) + 3) > most:
            shift += 1
    return lattice(low, high, cell, cell, 1 << shift), shift


def _filled(rings: Rings, grid: Grid, blocks: Blocks, count: int) -> tuple[Int32s, Int32s, Int32s]:
    """Of each cell in ``count`` blocks its set and its number of edges; and the sets."""
    size = count * blocks.width * blocks.height
    cells, counts = np.zeros(size, np.int32), np.zeros(size, np.int32)
    sets = fill(*rings, grid, blocks, cells)
    count_edges(rings.xy, rings.owner, grid, blocks, counts)
    return cells, sets, counts


def _joined(sets: Int32s, others: Int32s) -> Int32s:
    """Sets and behind them others, but for their empty one."""
    others = others[1:].copy()
    others[others[:, PARENT] > 0, PARENT] += len(sets) - 1
    return np.concatenate([sets, others])


def _entered(rings: Rings, grid: Grid, blocks: Blocks, counts: Int32s) -> tuple[Ints, Ints, Int32s]:
    """Cells that edges pass through, and their edges."""
    hit = np.flatnonzero(counts)
    offset = np.concatenate([[0], np.cumsum(counts[hit], dtype=np.int64)])
    position = np.zeros(len(counts), np.int32)
    position[hit] = offset[:-1]
    entries = np.empty(offset[-1], np.int32)
    enter_edges(rings.xy, rings.owner, grid, blocks, position, entries)
    return hit, offset, entries


def _values(sets: Int32s, cells: Int32s, free: Bools, above: Int32s, records: int) -> tuple[Int32s, Int32s]:
    """What stands for a set in the raster, and the sets of several polygons, which have a record each."""
    used = np.zeros(len(sets), np.bool_)
    used[cells[free]] = True
    used[above] = True
    states = np.flatnonzero(used & (sets[:, SIZE] > 1)).astype(np.int32)
    value = sets[:, LOWEST].copy()
    value[states] = -2 - records - np.arange(len(states))
    return value, states


def _places(hit: Ints, blocks: Blocks, stored: Ints) -> Ints:
    """Row and column of each cell."""
    block, inside = np.divmod(hit, blocks.width * blocks.height)
    row, column = np.divmod(stored[block], blocks.number.shape[1])
    up, along = np.divmod(inside, blocks.width)
    return np.column_stack([row * blocks.height + up, column * blocks.width + along])


def _blank(count: int) -> Int32s:
    """Records, each on one line of the processor's cache."""
    line = WIDTH * 4
    memory = np.zeros(count * WIDTH + WIDTH, np.int32)
    skipped = (-memory.ctypes.data % line) // 4
    return memory[skipped : skipped + count * WIDTH].reshape(count, WIDTH)

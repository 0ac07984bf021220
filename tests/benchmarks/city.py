"""A large city for measuring: gap-free grids with wiggly borders, streets half along them, rectangles, points.

Everything comes from a seed. Kernels were tuned on ``TUNED_SEED`` alone; ``MEASURED_SEED`` is for measuring.
"""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.crs import to_lonlat

TUNED_SEED, MEASURED_SEED = 7, 20261101
SRID = 4545
SIDE_M = 40_000.0
CORNER_M = np.array([480_000.0, 3_360_000.0])
CROWDING = 0.55
"""How much denser the middle is than the outskirts; below 1."""


@dataclass(frozen=True)
class LargeCity:
    """Shapes in metres (EPSG:4545) and in longitude and latitude; lines are in metres alone.

    Parameters
    ----------
    grids, rectangles
        Polygons in metres; ``grids_lonlat`` and ``rectangles_lonlat`` the same in degrees.
    points, points_lonlat
        Shape (n, 2).
    row_column
        Of each grid in the rows of bricks, two arrays.
    """

    grids: Objects
    streets: Objects
    rectangles: Objects
    points: Floats
    grids_lonlat: Objects
    rectangles_lonlat: Objects
    points_lonlat: Floats
    row_column: tuple[Ints, Ints]


@dataclass(frozen=True)
class Network:
    """Bricks: rows of cells, every second one shifted by half, so that three meet in a corner.

    Parameters
    ----------
    nodes
        Shape (rows + 1, 2 * columns + 2, 2): corners.
    lines
        The wiggly line of each edge, shape (vertices, 2).
    flat, upright
        Number of the line from each node to the next one in its row, and to the one above it.
    """

    nodes: Floats
    lines: list[Floats]
    flat: Ints
    upright: Ints


def build(
    seed: int, grids: int = 20_000, streets: int = 120_000, rectangles: int = 60_000, points: int = 1_000_000
) -> LargeCity:
    """Build the city."""
    random = np.random.default_rng(seed)
    blocks = _untangled(_network(random, grids, step_m=8.0, wiggle=0.085))
    cells = _cells(blocks)
    along = [blocks.lines[one] for one in random.permutation(len(blocks.lines))[: streets * 5 // 12]]
    others = _network(random, max(int((streets - len(along)) / 2.7), 4), step_m=30.0, wiggle=0.05).lines
    between = [others[one] for one in random.permutation(len(others))[: streets - len(along)]]
    lines = [_thinned(line) for line in along + between]
    lines = [lines[one] for one in random.permutation(len(lines))]
    sizes = np.array([len(line) for line in lines])
    roads = shapely.linestrings(np.vstack(lines), indices=np.repeat(np.arange(len(lines)), sizes))
    fronts = _rectangles(random, roads, rectangles)
    xy = _points(random, roads, points)
    return LargeCity(
        cells, roads, fronts, xy, _degrees(cells), _degrees(fronts), to_lonlat(xy, SRID), _row_column(blocks)
    )  # fmt: skip


def _degrees(shapes: Objects) -> Objects:
    return shapely.transform(shapes, lambda xy: to_lonlat(xy, SRID))


def _crowded(share: Floats) -> Floats:
    return share - CROWDING * np.sin(2 * np.pi * (share - 0.5)) / (2 * np.pi)


def _network(random: np.random.Generator, cells: int, step_m: float, wiggle: float) -> Network:
    rows = max(round(float(np.sqrt(cells))), 2)
    columns = max(round(cells / rows), 2)
    wide = 2 * columns + 2
    jitter = random.uniform(-0.18, 0.18, (rows + 1, wide, 2)) * (0.5, 1.0)
    jitter[[0, -1], :, 1] = 0.0
    share = (np.stack(np.meshgrid(np.arange(wide) / 2, np.arange(rows + 1)), axis=-1) + jitter) / (wide / 2, rows)
    share = 0.5 + (share - 0.5) * 0.98
    turned = _crowded(share)
    angle = np.radians(8.0)
    middle = (turned - 0.5) @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    nodes = CORNER_M + SIDE_M * (0.5 + middle * 0.85)
    lines: list[Floats] = []
    flat = np.full((rows + 1, wide), -1)
    upright = np.full((rows + 1, wide), -1)
    for row in range(rows + 1):
        for column in range(wide):
            if column + 1 < wide:
                flat[row, column] = len(lines)
                lines.append(_wiggly(random, nodes[row, column], nodes[row, column + 1], step_m, wiggle))
            if row < rows and column % 2 == row % 2 and column < wide:
                upright[row, column] = len(lines)
                lines.append(_wiggly(random, nodes[row, column], nodes[row + 1, column], step_m, wiggle))
    return Network(nodes, lines, flat, upright)


def _wiggly(random: np.random.Generator, start: Floats, end: Floats, step_m: float, wiggle: float) -> Floats:
    chord = end - start
    count = int(np.clip(round(float(np.hypot(*chord)) / step_m), 5, 40))
    share = np.arange(count + 1) / count
    waves = sum(
        size * np.sin(2 * np.pi * (often * share + shift))
        for size, often, shift in zip(
            (1, 0.45, 0.2), random.uniform((0.5, 2, 5), (1.5, 3.5, 8)), random.random(3), strict=True
        )
    )
    away = waves / 1.65 * wiggle * random.uniform(0.3, 1.0) * np.clip(5 * np.minimum(share, 1 - share), 0, 1)
    line = start + chord * share[:, None] + away[:, None] * np.array([-chord[1], chord[0]])
    line[0], line[-1] = start, end
    return line


def _untangled(network: Network) -> Network:
    """The same without the few lines that cross another: they run straight."""
    lines = list(network.lines)
    while True:
        shapes = np.array([shapely.LineString(line) for line in lines], dtype=object)
        crossing = np.unique(shapely.STRtree(shapes).query(shapes, predicate="crosses"))
        if not len(crossing):
            return replace(network, lines=lines)
        for one in crossing:
            share = np.linspace(0, 1, len(lines[one]))[:, None]
            lines[one] = lines[one][0] * (1 - share) + lines[one][-1] * share


def _cells(network: Network) -> Objects:
    """Each brick from its six edges, so that neighbours share every vertex."""
    rows, wide = network.nodes.shape[0] - 1, network.nodes.shape[1]
    rings = []
    for row in range(rows):
        for column in range(row % 2, wide - 2, 2):
            below = [network.lines[network.flat[row, column + half]][:-1] for half in (0, 1)]
            above = [network.lines[network.flat[row + 1, column + half]][:0:-1] for half in (1, 0)]
            right = network.lines[network.upright[row, column + 2]][:-1]
            left = network.lines[network.upright[row, column]][:0:-1]
            rings.append(np.vstack([*below, right, *above, left, below[0][:1]]))
    index = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    return shapely.polygons(shapely.linearrings(np.vstack(rings), indices=index))


def _row_column(network: Network) -> tuple[Ints, Ints]:
    """Row and column of each of :func:`_cells`."""
    rows, columns = len(network.nodes) - 1, network.nodes.shape[1] // 2 - 1
    row, column = np.divmod(np.arange(rows * columns), columns)
    return row, column


def _thinned(line: Floats) -> Floats:
    """Three to ten vertices of a line."""
    count = int(np.clip(round(len(line) / 3), 3, 10))
    return line[np.unique(np.round(np.linspace(0, len(line) - 1, count)).astype(int))]


def _edges(lines: Objects) -> tuple[Floats, Floats, Ints]:
    """Starts, vectors and lines of all edges."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    edge = np.flatnonzero(line[1:] == line[:-1])
    return xy[edge], xy[edge + 1] - xy[edge], line[edge]


def _rectangles(random: np.random.Generator, roads: Objects, count: int) -> Objects:
    """Fronts of shops: a few metres wide and deep, a few metres beside an edge, dense in the middle."""
    start, along, _ = _edges(roads)
    length = np.hypot(*along.T)
    weight = length * (length > 6) * np.exp(-np.hypot(*(start - CORNER_M - SIDE_M / 2).T) / 12_000)
    edge = np.searchsorted(np.cumsum(weight) / weight.sum(), random.random(count)).clip(max=len(start) - 1)
    ahead = along[edge] / length[edge, None]
    aside = np.column_stack([-ahead[:, 1], ahead[:, 0]]) * random.choice([-1.0, 1.0], count)[:, None]
    foot = start[edge] + along[edge] * random.random((count, 1))
    half = ahead * random.uniform(2, 7.5, (count, 1))
    near, far = aside * random.uniform(3.5, 7, (count, 1)), aside * random.uniform(8, 16, (count, 1))
    corners = [foot - half + near, foot + half + near, foot + half + near + far, foot - half + near + far]
    return shapely.polygons(np.stack(corners, axis=1))


def _points(random: np.random.Generator, roads: Objects, count: int) -> Floats:
    """Along streets, some streets far more than others; 4 % anywhere, 0.5 % outside."""
    start, along, line = _edges(roads)
    busy = random.lognormal(0, 1.1, len(roads))[line]
    weight = np.hypot(*along.T) * busy * (0.15 + np.exp(-np.hypot(*(start - CORNER_M - SIDE_M / 2).T) / 7_000))
    edge = np.searchsorted(np.cumsum(weight) / weight.sum(), random.random(count)).clip(max=len(start) - 1)
    spread_m = np.where(random.random(count) < 0.85, 7.0, 25.0)[:, None]
    points = start[edge] + along[edge] * random.random((count, 1)) + random.normal(size=(count, 2)) * spread_m
    kind = random.random(count)
    anywhere, outside = kind < 0.04, kind > 0.995
    points[anywhere] = CORNER_M + SIDE_M * (0.1 + 0.8 * random.random((int(anywhere.sum()), 2)))
    points[outside] = CORNER_M + 800.0 * random.random((int(outside.sum()), 2))
    return points

"""Walks whose truth is known beforehand: towns of blocks, people who walk them, and receivers that err.

Nothing here is shared with :mod:`gis_core.patrol`: a town is a lattice of corners, a walk a list of corners, and what
was walked the set of blocks between them.
"""

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

SRID, EAST_M, NORTH_M = 4547, 500_000.0, 3_400_000.0
DEGREES = Transformer.from_crs(SRID, 4326, always_xy=True)
START_S = 1_780_000_000.0
Corner = tuple[int, int]
Block = tuple[Corner, Corner]


@dataclass(frozen=True)
class Town:
    """Lanes that run east every ``apart_m``, and crossing streets, by the coordinates of their corners.

    Parameters
    ----------
    east, north
        Position of each corner, metres, shape (columns, rows).
    """

    east: np.ndarray
    north: np.ndarray

    @property
    def corners(self) -> tuple[int, int]:
        """Columns and rows."""
        return self.east.shape

    def xy(self, corner: Corner) -> tuple[float, float]:
        """Position of a corner, metres of the CRS."""
        return float(self.east[corner]) + EAST_M, float(self.north[corner]) + NORTH_M

    def streets(self) -> gpd.GeoDataFrame:
        """Every street from end to end, as a layer would have it."""
        columns, rows = self.corners
        runs = {f"h{row}": [(column, row) for column in range(columns)] for row in range(rows)}
        runs |= {f"v{column}": [(column, row) for row in range(rows)] for column in range(columns)}
        lines = [shapely.LineString([DEGREES.transform(*self.xy(one)) for one in run]) for run in runs.values()]
        kinds = ["backstreet" if code.startswith("h") else "branch" for code in runs]
        return gpd.GeoDataFrame({"code": list(runs), "name": list(runs), "class": kinds}, geometry=lines, crs=4326)

    def length_m(self, block: Block) -> float:
        """Length of a block."""
        (a, b), (c, d) = (self.xy(corner) for corner in block)
        return float(np.hypot(c - a, d - b))

    def where(self, block: Block) -> tuple[str, float, float]:
        """Street of a block, and from where to where on it, metres."""
        (column, row), (_, other) = block
        code = f"h{row}" if row == other else f"v{column}"
        run = [(one, row) for one in range(column + 1)] if row == other else [(column, one) for one in range(row + 1)]
        before = sum(self.length_m(step) for step in pairwise(run))
        return code, before, before + self.length_m(block)

    def blocks(self, letter: str = "") -> list[Block]:
        """All blocks, or those of streets whose code begins so."""
        columns, rows = self.corners
        along = [((c, r), (c + 1, r)) for r in range(rows) for c in range(columns - 1)]
        across = [((c, r), (c, r + 1)) for r in range(rows - 1) for c in range(columns)]
        return along * (letter in ("", "h")) + across * (letter in ("", "v"))


def lattice(apart_m: float = 25.0, columns: int = 9, rows: int = 33, block_m: float = 100.0) -> Town:
    """Straight lanes, equally far apart."""
    east, north = np.meshgrid(np.arange(columns) * block_m, np.arange(rows) * apart_m, indexing="ij")
    return Town(east, north)


def crooked(seed: int, columns: int = 14, rows: int = 20) -> Town:
    """A town as it has grown: no two blocks alike."""
    random = np.random.default_rng(seed)
    east = np.cumsum(random.uniform(60, 130, (columns, 1)), axis=0) + random.normal(0, 8, (columns, rows))
    north = np.cumsum(random.uniform(35, 80, (1, rows)), axis=1) + random.normal(0, 6, (columns, rows))
    return Town(east, north)


def block(one: Corner, other: Corner) -> Block:
    """The block between two corners, whichever way it is walked."""
    return (one, other) if one < other else (other, one)


def walk(town: Town, random: np.random.Generator, blocks: int, never: frozenset[Block] = frozenset()) -> list[Corner]:
    """Corners of a random walk that turns back only at dead ends and leaves some blocks out."""
    columns, rows = town.corners
    while True:
        way: list[Corner] = [(int(random.integers(columns)), int(random.integers(rows)))]
        while len(way) <= blocks:
            column, row = way[-1]
            around = [(column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1)]
            around = [
                (c, r) for c, r in around
                if 0 <= c < columns and 0 <= r < rows and block(way[-1], (c, r)) not in never
            ]  # fmt: skip
            onward = [corner for corner in around if len(way) < 2 or corner != way[-2]] or around
            if not onward:
                break
            way.append(onward[random.integers(len(onward))])
        if len(way) > blocks:
            return way


def walked(way: list[Corner]) -> set[Block]:
    """The blocks of a walk."""
    return {block(one, other) for one, other in pairwise(way)}


def paced(
    xy: np.ndarray, random: np.random.Generator, pace_m_s: float = 1.2, varying: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Positions every second along a line at a pace, which may vary by a share of itself within half a minute."""
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
    seconds = int(2.5 * along[-1] / pace_m_s) + 60
    pace = pace_m_s * np.exp(varying * _lasting(random, seconds, 30.0)) if varying else np.full(seconds, pace_m_s)
    at = np.append(0.0, np.cumsum(pace))
    at = at[at < along[-1]]
    return np.column_stack([np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])]), np.arange(len(at)) * 1.0


def received(
    places: np.ndarray, random: np.random.Generator, sigma_m: float, lasting_s: float = 60.0, share: float = 0.8
) -> np.ndarray:
    """What a receiver makes of positions given every second: on each axis a bias that lasts, and noise."""
    bias = np.column_stack([_lasting(random, len(places), lasting_s) for _ in range(2)])
    noise = random.normal(size=places.shape)
    return places + sigma_m * (np.sqrt(share) * bias + np.sqrt(1 - share) * noise)


def track(
    town: Town, way: list[Corner], random: np.random.Generator, sigma_m: float, every_s: int, *, varying: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Positions (metres) and seconds of a walk, one every so many seconds.

    At 1.2 m/s, or, ``varying``, each at a pace of their own between 0.9 and 1.5 m/s that varies by a fifth.
    """
    corners = np.array([town.xy(corner) for corner in way])
    pace = (random.uniform(0.9, 1.5), 0.2) if varying else (1.2, 0.0)
    places, t = paced(corners, random, *pace)
    return received(places, random, sigma_m)[::every_s], t[::every_s]


def frame(xy: np.ndarray, t: np.ndarray, **more: object) -> pd.DataFrame:
    """Points as a phone sends them."""
    lon, lat = DEGREES.transform(xy[:, 0], xy[:, 1])
    return pd.DataFrame({"t": START_S + t, "lon": lon, "lat": lat, **more})


def _lasting(random: np.random.Generator, seconds: int, lasting_s: float) -> np.ndarray:
    """Unit variance, correlated over ``lasting_s``, one value a second."""
    kept, fresh = np.exp(-1 / lasting_s), random.normal(size=seconds)
    fresh[1:] *= np.sqrt(1 - kept * kept)
    for second in range(1, seconds):
        fresh[second] += kept * fresh[second - 1]
    return fresh


def layer(
    lines: dict[str, list[tuple[float, float]] | list[list[tuple[float, float]]]], **more: object
) -> gpd.GeoDataFrame:
    """Streets by code, drawn in metres from the corner of the town; several parts where lines are nested."""
    shapes = [
        shapely.MultiLineString(line) if isinstance(line[0], list) else shapely.LineString(line)
        for line in lines.values()
    ]
    corner = (EAST_M, NORTH_M)
    shapes = [shapely.transform(one, lambda xy: np.column_stack(DEGREES.transform(*(xy + corner).T))) for one in shapes]
    return gpd.GeoDataFrame({"code": list(lines), **more}, geometry=shapes, crs=4326)

"""Heat: reports per km² per day on a raster, smoothed by a Gaussian and kept inside the territory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter

from gis_core.arrays import Bools, Floats
from gis_core.errors import InvalidInput
from gis_core.joins.compiled import compiled

MOST_CELLS = 25_000_000
FINE, COARSE = 6, 3
REACH = 5.0
LEVELLED = 4
KM2, QUANTILES = 1e6, (0.5, 0.75, 0.9, 0.95, 0.99)


@dataclass(frozen=True, eq=False)
class Canvas:
    """Squares over a territory, metric CRS; row 0 is the southernmost.

    Parameters
    ----------
    west, south
        Corner of the first cell, metres.
    cell_m
        Side of a cell.
    inside
        Of each cell, rows by columns, whether its centre lies in the territory.
    """

    west: float
    south: float
    cell_m: float
    inside: Bools
    _levelled: dict[float, tuple[Floats, Floats]] = field(default_factory=dict, init=False, repr=False)

    def levelled(self, spread: float) -> tuple[Floats, Floats]:
        """By how much cells are raised for a kernel of a spread in cells, and what share of it then lies inside.

        One cell wider on each side than the canvas. Made once: it costs more than the heat itself.
        """
        if spread not in self._levelled:
            inside = np.pad(self.inside, 1).astype(np.float64)  # a point in a cell on the rim has centres beyond it
            level = _levelling(inside, spread)
            self._levelled[spread] = level, _smoothed(level, spread)
        return self._levelled[spread]

    def places(self, xy: Floats) -> tuple[Floats, Floats]:
        """Column and row of points as fractions, 0 at the centre of the first cell."""
        return (xy[:, 0] - self.west) / self.cell_m - 0.5, (xy[:, 1] - self.south) / self.cell_m - 0.5

    def within(self, xy: Floats) -> Bools:
        """Which points lie in a cell of the territory; a point that is nowhere does not."""
        readable = np.isfinite(xy).all(axis=1)
        column, row = (np.floor(np.where(readable, at, -1.0) + 0.5) for at in self.places(xy))
        rows, columns = self.inside.shape
        found: Bools = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        found[found] = self.inside[row[found].astype(np.int64), column[found].astype(np.int64)]
        return found


@dataclass(frozen=True, eq=False)
class Surface:
    """Heat on a canvas.

    Parameters
    ----------
    canvas
        Where.
    density
        Reports per km² per day of each cell, 0 outside the territory; never NaN.
    counted, left_out
        Points that count, and those outside the territory or nowhere.
    """

    canvas: Canvas
    density: Floats
    counted: int
    left_out: int


def cell_for(bandwidth_m: float) -> float:
    """Side of a cell that keeps the surface within 0.5 % of the exact sum, one pile at one place included."""
    return _bandwidth(bandwidth_m) / FINE


def canvas_of(territory: shapely.Geometry, cell_m: float) -> Canvas:
    """Cover a territory (polygons, metric CRS) with cells.

    Raises
    ------
    InvalidInput
        When the territory has no area, when a cell has no size, or when there would be more than
        :data:`MOST_CELLS`; the text says what cell would do.
    """
    west, south, east, north = shapely.bounds(territory) if territory is not None else (np.nan,) * 4
    if not shapely.area(territory) > 0:
        raise InvalidInput("surface_territory")
    least = float(np.sqrt((east - west) * (north - south) / MOST_CELLS))
    if not (np.isfinite(cell_m) and cell_m > 0):
        raise InvalidInput("surface_cell", value=cell_m, expected=_rounded_up(least))
    columns, rows = (max(np.ceil(side / cell_m), 1.0) for side in (east - west, north - south))
    if columns * rows > MOST_CELLS:
        # The smallest round size that stays below the limit even when both sides are rounded up.
        raise InvalidInput("surface_cells", value=cell_m, found=int(columns * rows), limit=MOST_CELLS,
                           expected=_rounded_up(least * 1.01))  # fmt: skip
    x = west + (np.arange(int(columns)) + 0.5) * cell_m
    y = south + (np.arange(int(rows)) + 0.5) * cell_m
    ground = prepared(territory)
    inside = np.stack([shapely.contains_xy(ground, x, np.full(len(x), one)) for one in y])
    if not inside.any():
        raise InvalidInput("surface_cell", value=cell_m, expected=_rounded_up(least))
    return Canvas(float(west), float(south), float(cell_m), inside)


def prepared(territory: shapely.Geometry) -> shapely.Geometry:
    """A copy that is prepared: two threads that ask a shape which both may prepare end the process."""
    ground = shapely.transform(territory, lambda at: at)
    shapely.prepare(ground)
    return ground


def decay(age_days: Floats, halflife_days: float) -> Floats:
    """Weight of reports by age: 1 of today's, a half of those a half-life old."""
    if not (np.isfinite(halflife_days) and halflife_days > 0):
        raise InvalidInput("surface_halflife", value=halflife_days)
    return np.exp2(-np.maximum(age_days, 0.0) / halflife_days)


def decayed_days(days: float, halflife_days: float) -> float:
    """Days that a period counts for when its reports decay, so that heat stays reports per km² per day."""
    return float(halflife_days / np.log(2) * (1 - 2 ** (-days / halflife_days)))


def heat(canvas: Canvas, xy: Floats, bandwidth_m: float, days: float, weight: Floats | None = None) -> Surface:
    """Spread points over a canvas.

    What a Gaussian would spread outside the territory is spread inside: each point is divided by the share of its
    kernel that lies inside, so that the surface sums to the weights, and kernels are levelled near the border, so
    that evenly spread reports look even there too.

    Parameters
    ----------
    canvas
        Where; cells of at most a third of the bandwidth.
    xy
        Points, shape (n, 2), metric CRS. Those outside the territory or without a finite position are left out.
    bandwidth_m
        Standard deviation of the kernel.
    days
        Length of the period; of decaying weights :func:`decayed_days`.
    weight
        Of each point, 1 where not given.

    Raises
    ------
    InvalidInput
        When the bandwidth is 0 or less than three cells, the period has no length, or no point lies inside.
    """
    sigma = _bandwidth(bandwidth_m) / canvas.cell_m
    if sigma < COARSE:
        raise InvalidInput("surface_coarse", value=canvas.cell_m, bandwidth_m=bandwidth_m,
                           expected=bandwidth_m / COARSE)  # fmt: skip
    if not (np.isfinite(days) and days > 0):
        raise InvalidInput("surface_days", value=days)
    counted = canvas.within(xy)
    amount = np.ones(len(xy)) if weight is None else np.asarray(weight, dtype=np.float64)
    counted &= np.isfinite(amount) & (amount > 0)
    if not counted.any():
        raise InvalidInput("surface_empty", found=len(xy))
    column, row = canvas.places(xy[counted])
    binned = _binned(column + 1, row + 1, amount[counted], canvas.inside.shape[0] + 2, canvas.inside.shape[1] + 2)
    # Linear binning adds a sixth of a cell² to the variance on average; the kernel has so much less.
    spread = float(np.sqrt(sigma * sigma - 1 / 6))
    level, share = canvas.levelled(spread)
    density = level * _smoothed(np.divide(binned, share, out=np.zeros_like(binned), where=binned > 0), spread)
    density = density[1:-1, 1:-1] / (canvas.cell_m**2 / KM2 * days)
    return Surface(canvas, density, int(counted.sum()), int(len(xy) - counted.sum()))


def breaks_of(surface: Surface, quantiles: Sequence[float] = QUANTILES) -> tuple[float, ...]:
    """Class breaks of a city and period: quantiles of its warm cells, to two digits, rising.

    Taken once of the whole surface of a period and used for every view and day of it, so that red means the same.
    Cells under a thousandth of the peak are not warm.
    """
    return breaks_from(surface.density[surface.canvas.inside], quantiles)


def breaks_from(values: Floats, quantiles: Sequence[float] = QUANTILES) -> tuple[float, ...]:
    """The same of densities of any units, such as lixels."""
    warm = values[values > values.max(initial=0.0) / 1000]
    found = [float(f"{value:.2g}") for value in np.quantile(warm, quantiles)] if len(warm) else []
    return tuple(sorted({value for value in found if value > 0}))


def _bandwidth(bandwidth_m: float) -> float:
    if not (np.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise InvalidInput("surface_bandwidth", value=bandwidth_m)
    return float(bandwidth_m)


def _smoothed(values: Floats, sigma: float) -> Floats:
    return gaussian_filter(values, sigma, mode="constant", truncate=REACH)


def _levelling(inside: Floats, sigma: float) -> Floats:
    """By how much cells near the border are raised so that what is even before smoothing is even after it.

    Sinkhorn's scaling of a symmetric kernel; the first guess is near, and each round halves what is missing.
    """
    level = inside
    for _ in range(LEVELLED):
        share = _smoothed(level, sigma)
        level = np.sqrt(np.divide(level, share, out=np.zeros_like(level), where=inside > 0))
    return level


def _rounded_up(size_m: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 … hundredths of a metre."""
    least = max(size_m, 0.01)
    ten = 10.0 ** np.floor(np.log10(least))
    return float(next(ten * step for step in (1, 2, 5, 10) if ten * step >= least * (1 - 1e-9)))


@compiled
def _binned(column: Floats, row: Floats, weight: Floats, rows: int, columns: int) -> Floats:
    """Weights shared among the four nearest centres by nearness; no point lies beyond the centres."""
    sums = np.zeros((rows, columns))
    for k in range(len(weight)):
        left, low = int(column[k]), int(row[k])
        east, north = column[k] - left, row[k] - low
        sums[low, left] += weight[k] * (1 - east) * (1 - north)
        sums[low, left + 1] += weight[k] * east * (1 - north)
        sums[low + 1, left] += weight[k] * (1 - east) * north
        sums[low + 1, left + 1] += weight[k] * east * north
    return sums

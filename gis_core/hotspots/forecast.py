"""Where the next two weeks' reports will come, and how good such a forecast was: hit rate, PAI and PEI."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.hotspots.surface import Canvas, Surface, heat

HORIZON_DAYS = 14.0
SHARES = (0.01, 0.02, 0.05)
BANDWIDTHS_M = (50.0, 75.0, 100.0, 150.0, 200.0, 400.0)
FOLDS, CHOSEN_BY = 3, 0.02
DRAWS = 400


@dataclass(frozen=True, eq=False)
class Forecast:
    """Where the next days' reports are expected.

    Parameters
    ----------
    surface
        Expected reports per km² per day.
    bandwidth_m
        Chosen by leaving the future out.
    told
        How good the same forecast was over the last days known, by :func:`scores`.
    choosing
        ``bandwidth_m`` and the mean ``pai`` of each that was tried.
    """

    surface: Surface
    bandwidth_m: float
    told: pd.DataFrame
    choosing: pd.DataFrame


def forecast(
    canvas: Canvas, xy: Floats, day: Floats, bandwidths_m: Sequence[float] = BANDWIDTHS_M, seed: int = 0,
    number: Ints | None = None, period: tuple[float, float] | None = None,
) -> Forecast:  # fmt: skip
    """Forecast the next 14 days, and score the same forecast over the last 14 known.

    The bandwidth is the one whose forecasts of earlier fortnights, each made of what was known before, caught the
    most. The fortnight that scores takes no part in choosing for it.

    Parameters
    ----------
    canvas
        Cells of at most a third of the narrowest bandwidth.
    xy, day
        Reports of the past: position, metric CRS, and when, in days; day ``d`` is from d up to d + 1.
    bandwidths_m
        To choose from.
    seed
        Of the drawing of days.
    number
        How many reports each row stands for, 1 where not given.
    period
        From when on and until when all reports are known; from the first to the last of them where not given.

    Raises
    ------
    InvalidInput
        When there are less than two fortnights more than are scored, or none of the reports is inside.
    """
    known = np.isfinite(day) & canvas.within(xy)
    if not known.any():
        raise InvalidInput("surface_empty", found=len(xy))
    xy, day = xy[known], np.floor(day[known])
    many = np.ones(len(xy)) if number is None else number[known].astype(np.float64)
    first, end = period or (float(day.min()), float(day.max()) + 1)
    needed = 3 * HORIZON_DAYS
    if end - first < needed:
        raise InvalidInput("forecast_short", found=end - first, expected=needed)
    before = day < end - HORIZON_DAYS
    if not before.any():
        raise InvalidInput("forecast_short", found=float(end - day.min()), expected=needed)
    past, held, tried = (first, end - HORIZON_DAYS), (many[before], many[~before]), dict[tuple[float, float], float]()
    then, _ = chosen_bandwidth(canvas, xy[before], day[before], bandwidths_m, held[0], past, tried)
    drawn = heat(canvas, xy[before], then, past[1] - first, held[0])
    told = scored(drawn, xy[~before], day[~before], seed=seed, number=held[1])
    now, choosing = chosen_bandwidth(canvas, xy, day, bandwidths_m, many, (first, end), tried)
    return Forecast(heat(canvas, xy, now, end - first, many), now, told, choosing)


def chosen_bandwidth(
    canvas: Canvas, xy: Floats, day: Floats, bandwidths_m: Sequence[float] = BANDWIDTHS_M,
    number: Floats | None = None, period: tuple[float, float] | None = None,
    tried: dict[tuple[float, float], float] | None = None,
) -> tuple[float, pd.DataFrame]:  # fmt: skip
    """The bandwidth whose forecasts of the last fortnights caught the most, the widest of equals; all that were tried.

    Of each of up to three fortnights with reports before and in it, the surface of all before is scored by the share
    of reports in its hottest 2 %. What was ``tried`` of the same reports, by bandwidth and beginning of the fortnight,
    is not made again.
    """
    tried = {} if tried is None else tried
    first, end = period or (float(day.min()), float(day.max()) + 1)
    many = np.ones(len(xy)) if number is None else number
    rows = []
    for bandwidth_m in sorted(bandwidths_m, reverse=True):
        found = []
        for fold in range(FOLDS):
            split = end - (fold + 1) * HORIZON_DAYS
            past, future = day < split, (day >= split) & (day < split + HORIZON_DAYS)
            if not (past.any() and future.any()):
                continue
            if (bandwidth_m, split) not in tried:
                surface = heat(canvas, xy[past], bandwidth_m, split - first, many[past])
                told = scored(surface, xy[future], day[future], (CHOSEN_BY,), draws=0, number=many[future])
                tried[bandwidth_m, split] = float(told["pai"].iloc[0])
            found.append(tried[bandwidth_m, split])
        rows.append({"bandwidth_m": bandwidth_m, "pai": float(np.mean(found)) if found else 0.0})
    choosing = pd.DataFrame(rows)
    return float(choosing["bandwidth_m"][choosing["pai"].argmax()]), choosing


def scored(
    surface: Surface, xy: Floats, day: Floats, shares: Sequence[float] = SHARES, draws: int = DRAWS, seed: int = 0,
    number: Floats | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Score a surface by the reports that came after it; of cells, by :func:`scores`."""
    canvas = surface.canvas
    inside = canvas.within(xy)
    column, row = (np.floor(at + 0.5).astype(np.int64) for at in canvas.places(xy[inside]))
    nth = np.cumsum(canvas.inside.ravel()) - 1
    unit = nth[row * canvas.inside.shape[1] + column]
    values = surface.density[canvas.inside]
    size = np.full(len(values), canvas.cell_m**2 / 1e6)
    return scores(values, size, unit, day[inside], shares, draws, seed, None if number is None else number[inside])


def scores(
    values: Floats, size: Floats, unit: Ints, day: Floats, shares: Sequence[float] = SHARES, draws: int = DRAWS,
    seed: int = 0, number: Floats | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Score a ranking of cells or stretches of street by the reports that came after it.

    Parameters
    ----------
    values
        What was forecast of each unit, reports per size.
    size
        Its area or length.
    unit, day
        Of each report that came: its unit, and when.
    shares
        Of all area or length, which the chosen units may come to at most (the first alone may be more).
    draws
        How often days are drawn again for the intervals; none are told where it is 0.
    number
        How many reports each row of ``unit`` and ``day`` stands for, 1 where not given.

    Returns
    -------
    told
        One row a share: ``share``, ``units``, ``chosen`` (share that was chosen), ``reports``, ``caught``,
        ``hit`` (caught of all), ``pai`` (hit over chosen), ``pei`` (caught over the most that any choice of that size
        could have), and of these three ``_low`` and ``_high``, 95 % intervals by drawing days.
        All 0 where nothing came.

    Raises
    ------
    InvalidInput
        When a share is not between 0 and 1.
    """
    for share in shares:
        if not 0 < share < 1:
            raise InvalidInput("forecast_share", value=share)
    many = np.ones(len(unit)) if number is None else number
    order = np.lexsort((np.arange(len(values)), -values))
    again, nth = _days_again(day, draws, seed)
    rows = []
    for share in shares:
        taken = _first(order, size, share)
        best = _best(_summed(unit, many, len(size)), size, float(size[taken].sum()))
        # All that scores are made of adds up by day, so that drawing days again costs nothing.
        parts = (many, many * taken[unit], many * best[unit])
        sums = again @ np.stack([_summed(nth, one, again.shape[1]) for one in parts], axis=1)
        chosen = float(size[taken].sum() / (size.sum() or 1.0))
        rows.append({"share": share, "units": int(taken.sum())} | _told(sums, chosen, draws > 0))
    return pd.DataFrame(rows)


def _first(order: Ints, size: Floats, share: float) -> Bools:
    """The first units that come to a share of all size at most, and the very first whatever its size."""
    upto = np.cumsum(size[order]) <= share * size.sum() * (1 + 1e-9)
    upto[:1] = True
    taken = np.zeros(len(size), bool)
    taken[order[upto]] = True
    return taken


def _days_again(day: Floats, draws: int, seed: int) -> tuple[Floats, Ints]:
    """How often each day counts, once in the first row, as it is drawn again in the others; and each report's day."""
    days, nth = np.unique(np.floor(day), return_inverse=True)
    again = np.ones((1, len(days)))
    if len(days) and draws:
        drawn = np.random.default_rng(seed).multinomial(len(days), np.full(len(days), 1 / len(days)), draws)
        again = np.concatenate([again, drawn])
    return again, nth


def _told(sums: Floats, chosen: float, with_ends: bool) -> dict[str, float]:
    """Scores by the reports that came, those caught and the most that could have been; the first row is what happened,
    the others say with days drawn again where 95 % of the scores lie.
    """
    total, caught, most = sums.T
    hit = np.divide(caught, total, out=np.zeros(len(total)), where=total > 0)
    pei = np.minimum(np.divide(caught, most, out=np.zeros(len(most)), where=most > 0), 1.0)
    scores = {"hit": hit, "pai": hit / (chosen or 1.0), "pei": pei}
    told = {"chosen": chosen, "reports": float(total[0]), "caught": float(caught[0])}
    told |= {name: float(one[0]) for name, one in scores.items()}
    for name, one in scores.items() if with_ends else ():
        low, high = np.quantile(one[1:] if len(one) > 1 else one, (0.025, 0.975))
        told |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    return told


def _best(came: Floats, size: Floats, room: float) -> Floats:
    """How much of each unit the best choice of so much size takes; the last in part, so that none holds more.

    Days are drawn again against this one choice: the best of each drawing would be fitted to its chance.
    """
    taken = np.zeros(len(size))
    some = np.flatnonzero(came > 0)
    best = some[np.argsort(-came[some] / size[some], kind="stable")]
    before = np.append(0.0, np.cumsum(size[best]))[:-1]
    taken[best] = np.clip((room - before) / size[best], 0.0, 1.0)
    return taken


def _summed(unit: Ints, number: Floats, units: int) -> Floats:
    return np.bincount(unit, number, minlength=units).astype(np.float64)

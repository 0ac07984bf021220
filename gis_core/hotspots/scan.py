"""The daily alarm: where, and since when, there is the one most unlikely crowd of reports (Kulldorff's scan statistic).

Circles grow around every cell. The likelihood of each is compared with the largest of as many simulated maps, so the
whole city and all sizes are one test, and no share of false discoveries has to be kept.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree
from scipy.special import xlogy

from gis_core.arrays import Bools, Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.hotspots.checking import counts_of, exposures_of, places_of, refuse
from gis_core.hotspots.scanning import best_circles, best_cylinder, largest_cylinder, least_reports
from gis_core.hotspots.shuffling import shuffling

DAILY_SHARE, WIDE_SHARE = 0.10, 0.50
"""Largest circles, as shares of all exposure: small ones for a daily alarm, half of everything as is usual."""
MOST_NEAREST = 5_000
QUICK, ENOUGH, CHANCE = 19, 99, 0.2
"""Simulated maps that say how large a ratio is worth counting; after how many, with what chance, no more are made."""
MOST_REPORTS, MOST_SHUFFLED, A_CELL = 5_000_000, 100_000_000, 50
"""Reports of an alarm, and those that are shuffled in all maps together, down to :data:`ENOUGH` maps; a cell takes as
long as so many of them."""
MOST_COUNTED, AT_ONCE = 10_000_000, 9
"""Cells that reports are drawn for in all maps together, down to as many, and how many maps are made at once."""
EXACT, GROWTH = 1_000, 0.005
"""Up to how many reports every number is asked what ratio it makes, and beyond, numbers by how much larger."""
_HALVINGS = 60
_Found = tuple[int, int, int, float, float, float, Floats]
"""Centre, last member, first step, observed, expected, ratio, and the largest ratios of simulated maps."""
RESULT = ("rank", "centre", "radius_m", "members", "first", "observed", "expected", "ratio", "exposure", "llr", "p")


@dataclass(frozen=True)
class Circles:
    """Circles around every cell.

    Parameters
    ----------
    order
        The nearest cells of each cell, itself first, shape (cells, k).
    radius_m
        How far they are.
    whole
        Whether a circle ends there: the next cell is farther, and the share of exposure is kept.
    """

    order: Ints
    radius_m: Floats
    whole: Bools


@dataclass(frozen=True)
class Draws:
    """How the chance is found: so many simulated maps from one seed."""

    simulations: int = 999
    seed: int = 1

    def __post_init__(self) -> None:
        for field, least in (("simulations", 1), ("seed", 0)):
            if not (isinstance(value := getattr(self, field), int | np.integer) and value >= least):
                expected = f"a whole number from {least}"
                raise InvalidInput("hotspot_radius", field=field, value=value, expected=expected)


USUAL_DRAWS = Draws()


def circles(xy: Floats, size: Floats, share: float = DAILY_SHARE, nearest: int | None = None) -> Circles:
    """Circles of no more than a share of ``size``, and each cell by itself, whatever its size.

    Parameters
    ----------
    xy
        Centres of cells in metres, shape (n, 2).
    size
        What the share is of: exposure, or reports where there is none.
    nearest
        Cells a circle has at most, for large cities; as many as the share allows, up to :data:`MOST_NEAREST`, where
        ``None``.

    Raises
    ------
    InvalidInput
        A coordinate is absent, or the share is not within 0 and 1.
    """
    xy = places_of(xy)
    if not 0 < share <= 1:
        raise InvalidInput("hotspot_radius", field="share", value=share, expected="above 0, at most 1")
    if nearest is not None and nearest < 1:
        raise InvalidInput("hotspot_radius", field="nearest", value=nearest, expected="1 or more")
    size = exposures_of(size, (len(xy),))
    count, limit = len(xy), share * size.sum() * (1 + 1e-12)
    if count == 0:
        return Circles(np.empty((0, 0), np.int64), np.empty((0, 0)), np.empty((0, 0), bool))
    wanted = min(count, (nearest or MOST_NEAREST) + 1)
    radius_m, order = cKDTree(xy).query(xy, wanted)
    radius_m, order = radius_m.reshape(count, wanted), order.reshape(count, wanted).astype(np.int64)
    within = np.cumsum(size[order], axis=1) <= limit
    within[:, 0] = True  # one enormous pile is more than any share, and must not be hidden by it
    beyond = np.full((count, 1), np.inf if wanted == count else 0.0)
    whole = within & (np.hstack([radius_m[:, 1:], beyond]) > radius_m)
    most = max(1, int(within.sum(1).max()))
    return Circles(order[:, :most].copy(), radius_m[:, :most], whole[:, :most].copy())


def scan(
    observed: ArrayLike, exposure: ArrayLike | None, around: Circles, draws: Draws = USUAL_DRAWS, most: int = 10
) -> pd.DataFrame:
    """Circles with more reports than their exposure explains, the most unlikely first, none overlapping another.

    Returns
    -------
    Columns :data:`RESULT`, at most ``most`` rows: ``members`` are positions of cells, nearest first; ``first`` is 0;
    ``llr`` is Kulldorff's log likelihood ratio; ``p`` = (1 + simulated maps with as large a ratio) / (simulations + 1).

    Raises
    ------
    InvalidInput
        A count or an exposure is none, there are reports where there is no exposure, or more than
        :data:`MOST_REPORTS`.
    """
    counts = counts_of(observed, len(around.order))
    if counts.ndim != 1:
        raise InvalidInput("hotspot_shape", field="observed", found=counts.shape, expected=len(around.order))
    exposed = exposures_of(exposure, counts.shape)
    refuse("exposure", (exposed == 0) & (counts > 0), "above 0 where there are reports")
    total = _total(counts)
    if total == 0:
        return _clusters([], around, exposed)
    share = exposed / exposed.sum()
    expected = np.cumsum(share[around.order], axis=1) * total
    ratios = np.where(around.whole, ratio_of(np.cumsum(counts[around.order], axis=1), expected, total), 0.0)
    largest = largest_ratios(share, total, around, draws, float(ratios.max(initial=0.0)))
    found: list[_Found] = []
    for centre, last in _apart(ratios, around, most):
        members = around.order[centre, : last + 1]
        observed_here, expected_here = counts[members].sum(), expected[centre, last]
        found.append((centre, last, 0, observed_here, expected_here, ratios[centre, last], largest))
    return _clusters(found, around, exposed)


def largest_ratios(
    share: Floats, total: int, around: Circles, draws: Draws = USUAL_DRAWS, ratio: float = np.inf
) -> Floats:
    """Largest ratio of each simulated map of so many reports, shared among cells as their exposure is.

    Where a fifth of the first :data:`ENOUGH` maps reach ``ratio`` it is chance, and no more are made.
    """
    expected = np.cumsum(share[around.order], axis=1) * total
    random = np.random.default_rng(draws.seed)
    logs = xlogy(np.arange(total + 1.0), np.arange(total + 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = around.whole & (expected > 0)
        inside, outside = np.log(expected), np.log(np.maximum(total - expected, 1e-300))
    largest, maps = list[float](), min(draws.simulations, max(ENOUGH, MOST_COUNTED // max(len(share), 1)))
    while len(largest) < maps and not _is_chance(largest, ratio):
        drawn = random.multinomial(total, share, min(AT_ONCE, maps - len(largest)))
        several = np.ascontiguousarray(drawn.T, dtype=np.int32)
        largest += best_circles(several, around.order, ends, expected, inside, outside, logs).tolist()
    return np.array(largest)


def _is_chance(largest: list[float], ratio: float) -> bool:
    return len(largest) == ENOUGH and float(np.mean(np.array(largest) >= ratio * (1 - 1e-12))) >= CHANCE


def scan_time(
    cube: ArrayLike, around: Circles, longest: int = 14, draws: Draws = USUAL_DRAWS, most: int = 10
) -> pd.DataFrame:
    """The most unlikely crowds that last until now: circles times the last 1 to ``longest`` steps, without exposure.

    Expected is what cells and steps would share if they had nothing to do with each other (space-time permutation), so
    busy places and busy days are none.

    Parameters
    ----------
    cube
        Reports by cell and step, the last step being now.
    most
        Crowds that are told. Those after the first share no cell with others, and are left out where all of
        :data:`QUICK` simulated maps have larger ones.

    Returns
    -------
    As of :func:`scan`; ``first`` is the step it began.

    Raises
    ------
    InvalidInput
        A count is none, there are more than :data:`MOST_REPORTS`, or ``longest`` is not from 1 to all steps but one.
    """
    counts = counts_of(cube, len(around.order))
    if counts.ndim != 2 or not (isinstance(longest, int | np.integer) and 1 <= longest < counts.shape[1]):
        raise InvalidInput("hotspot_radius", field="longest", value=longest, expected="1 to all steps but one")
    by_cell, total = counts.sum(1), _total(counts)
    crowds = _Crowds.of(counts, around, longest)
    found = crowds.apart(np.ascontiguousarray(counts[:, ::-1][:, :longest], dtype=np.int64), most) if total else []
    if not found:
        return _clusters([], around, by_cell)
    largest, floor = crowds.simulated(counts[:, ::-1].astype(np.int64), found[0][0], draws)
    rows: list[_Found] = []
    for ratio, centre, last, lasting in found:
        if ratio < floor:
            continue
        observed = counts[around.order[centre, : last + 1], -lasting:].sum()
        expected = crowds.within[centre, last] * crowds.lasts[lasting - 1] / total
        rows.append((centre, last, counts.shape[1] - lasting, observed, expected, ratio, largest))
    return _clusters(rows, around, by_cell)


@dataclass(frozen=True, eq=False)
class _Crowds:
    """What all maps have in common: reports by circle, by age of the step, and n ln n of every number of them."""

    around: Circles
    within: Ints
    lasts: Ints
    logs: Floats

    @classmethod
    def of(cls, counts: Floats, around: Circles, longest: int) -> "_Crowds":
        within = np.cumsum(counts.sum(1)[around.order], axis=1).astype(np.int64)
        lasts = np.cumsum(counts.sum(0)[::-1])[:longest].astype(np.int64)
        all_to = np.arange(counts.sum() + 1.0)
        return cls(around, within, lasts, xlogy(all_to, all_to))

    def apart(self, recent: Ints, most: int) -> list[tuple[float, int, int, int]]:
        """Crowds by falling ratio that have no cell in common: ratio, centre, last member, steps."""
        ends, used = self.around.whole, np.zeros(len(recent), bool)
        found: list[tuple[float, int, int, int]] = []
        while len(found) < most:
            ratio, centre, last, lasting = best_cylinder(
                recent, self.lasts, self.around.order, ends, self.within, self.logs
            )
            if ratio <= 0:
                break
            found.append((ratio, centre, last, lasting))
            used[self.around.order[centre, : last + 1]] = True
            ends = ends & ~np.logical_or.accumulate(used[self.around.order], axis=1)
        return found

    def simulated(self, backwards: Ints, ratio: float, draws: Draws) -> tuple[Floats, float]:
        """Largest ratios of maps whose steps are shuffled among the reports, 0 where less than a floor; and that floor.

        The floor is what the first :data:`QUICK` maps all reach, or the ratio that was found where that is less. Where
        a fifth of the first :data:`ENOUGH` maps reach that ratio it is chance, and no more are made.
        """
        total = len(self.logs) - 1
        drawn = shuffling(backwards, len(self.lasts), np.random.default_rng(draws.seed))
        maps = min(draws.simulations, max(ENOUGH, MOST_SHUFFLED // (total + A_CELL * len(backwards))))
        order, largest = self.around.order, list[float]()
        for _ in range(min(QUICK, maps)):
            best = best_cylinder(drawn(), self.lasts, order, self.around.whole, self.within, self.logs)
            largest.append(best[0])
        floor = min(*largest, ratio) * (1 - 1e-9)
        asked = _largest_expected(floor, int(self.within.max()), total)
        least = least_reports(self.within, self.around.whole, self.lasts, *asked, total)
        if int(self.within.max()) < np.iinfo(np.int16).max:
            least = np.minimum(least, np.iinfo(np.int16).max).astype(np.int16)
        while len(largest) < maps and not _is_chance(largest, ratio):
            upto = np.cumsum(drawn(), axis=1, dtype=least.dtype)
            largest.append(largest_cylinder(upto, self.lasts, order, least, self.within, self.logs, floor))
        return np.array(largest), floor


def _largest_expected(ratio: float, most: int, total: int) -> tuple[Ints, Floats]:
    """Some numbers of reports up to the most there are, and of each the largest expected with which it has a ratio."""
    steps = int(np.log(max(most / EXACT, 1.0)) / np.log1p(GROWTH)) + 2
    rough = np.minimum(EXACT * (1 + GROWTH) ** np.arange(steps), most).astype(np.int64)
    counts = np.unique(np.concatenate([np.arange(1, min(EXACT, most) + 1), rough]))
    low, high = np.zeros(len(counts)), counts.astype(np.float64)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        as_large = ratio_of(counts.astype(np.float64), middle, total) >= ratio
        low, high = np.where(as_large, middle, low), np.where(as_large, high, middle)
    return np.append(0, counts), np.append(0.0, low)


def _total(counts: Floats) -> int:
    total = int(counts.sum())
    if total > MOST_REPORTS:
        raise InvalidInput("hotspot_many", found=total, limit=MOST_REPORTS)
    return total


def ratio_of(observed: Floats, expected: Floats, total: int) -> Floats:
    """Kulldorff's log likelihood ratio, 0 where there are no more than expected."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = xlogy(total - observed, (total - observed) / (total - expected))
        ratio = xlogy(observed, observed / expected) + np.where(observed < total, rest, 0.0)
        return np.where((observed > expected) & (expected > 0), ratio, 0.0)


def _apart(ratios: Floats, around: Circles, most: int) -> list[tuple[int, int]]:
    """Circles by falling ratio that have no cell in common."""
    used = np.zeros(len(ratios), bool)
    found: list[tuple[int, int]] = []
    left = ratios.max(1, initial=0.0)
    free = ratios.copy()
    while len(found) < most and (left > 0).any():
        centre = int(left.argmax())
        last = int(free[centre].argmax())
        if free[centre, last] <= 0:
            break
        members = around.order[centre, : last + 1]
        used[members] = True
        found.append((centre, last))
        free = np.where(np.logical_or.accumulate(used[around.order], axis=1), 0.0, free)
        left = free.max(1, initial=0.0)
    return found


def _clusters(found: list[_Found], around: Circles, exposed: Floats) -> pd.DataFrame:
    rows = []
    for rank, (centre, last, first, observed, expected, ratio, largest) in enumerate(found, 1):
        members = around.order[centre, : last + 1]
        p = (1 + (largest >= ratio * (1 - 1e-12)).sum()) / (len(largest) + 1)
        rows.append(
            (rank, centre, around.radius_m[centre, last], members.tolist(), first, int(observed), expected,
             observed / expected, exposed[members].sum(), ratio, p)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(RESULT))

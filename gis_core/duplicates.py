"""Suspected repeats: the same problem reported more than once, at intake and in batch; and problems that return.

Always a suspicion: a person merges. The earliest report is the master, and counts are kept both ways.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np
import pandas as pd
from rtree.index import Index, Property

from gis_core.arrays import Bools, Floats, Ints
from gis_core.likeness import (
    BY,
    MOST_BEFORE,
    REACH_M,
    RETURN_REACH_M,
    RETURN_WINDOW_H,
    WINDOW_H,
    Coded,
    Coder,
    Report,
    features,
    grams,
    joined,
    near_pairs,
)  # fmt: skip

LEAST, MOST_TOLD = 0.5, 10
"""How likely a suspicion is at least; of one report so many repeats are told, and so many returns, the likeliest."""
WIDEST_M = 2 * REACH_M
RIDGE, ROUNDS = 1e-3, 50


@dataclass(frozen=True)
class Model:
    """What each feature is worth: a logistic model.

    Parameters
    ----------
    bias
        Of a pair of which nothing is alike.
    worth
        In the order of :data:`~gis_core.likeness.FEATURES`.
    """

    bias: float
    worth: tuple[float, ...]

    def score(self, told: Floats) -> Floats:
        """Probability that each pair is one problem."""
        return _chance(self.bias + told @ np.array(self.worth))

    def both(self, told: Floats) -> tuple[Floats, Floats]:
        """The same, and the same without regard to who reported: equal but where one person reported both."""
        nameless = told.copy()
        nameless[:, BY] = 0.0
        blind = self.score(nameless)
        return np.where(told[:, BY] > 0, self.score(told), blind), blind


MODEL = Model(-3.057, (0.463, -6.220, -7.224, 11.601, 4.506, -6.468, 7.006, 1.278, 2.227, -1.784))
"""Fitted on simulated Chinese reports; to be fitted again where a person has judged pairs."""


class Suspect(NamedTuple):
    """An earlier report that may be of the same problem.

    Parameters
    ----------
    number
        Of the earlier report.
    score, blind
        Probability that it is the same problem; the same without regard to who reported.
    returned
        Whether it was closed before: then the problem has returned, and the report is no repeat.
    away_m
        How far it lies.
    """

    number: int
    score: float
    blind: float
    returned: bool
    away_m: float


def fitted(told: Floats, same: Bools) -> Model:
    """Fit a model to pairs a person has judged, by Newton's method with a slight ridge."""
    columns = np.column_stack([np.ones(len(told)), told])
    worth = np.zeros(columns.shape[1])
    for _ in range(ROUNDS):
        chance = _chance(columns @ worth)
        slope = columns.T @ (same - chance) - RIDGE * worth
        bend = (columns.T * (chance * (1 - chance))) @ columns + RIDGE * np.eye(len(worth))
        step = np.linalg.solve(bend, slope)
        worth += step
        if np.abs(step).max() < 1e-8:
            break
    return Model(float(worth[0]), tuple(float(value) for value in worth[1:]))


def _chance(worth: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(worth, -50, 50)))


class Alike(NamedTuple):
    """What two reports have in common, for people to judge by.

    Parameters
    ----------
    away_m, apart_h
        How far they lie from each other, in metres and hours.
    kind, street, number
        Whether they are of one class, along one street and not on different sides of it, with one house number.
    words
        Dice's share of words in common.
    """

    away_m: float
    apart_h: float
    kind: bool
    street: bool
    number: bool
    words: float


def alike(one: Report, other: Report) -> Alike:
    """What two reports have in common."""
    (told,) = features(Coder().coded([one, other]), np.array([[0, 1]]), False).tolist()
    away, _, apart, words, kind, _, _, street, number, _ = told
    return Alike(away * REACH_M, apart * WINDOW_H, kind > 0, street > 0, number > 0, words)


def suspected(reports: Iterable[Report], model: Model = MODEL, least: float = LEAST) -> pd.DataFrame:
    """Find suspected repeats and returns among reports.

    Returns
    -------
    pairs
        ``earlier``, ``later`` (positions of reports), ``score``, ``blind`` (without regard to who reported),
        ``returned`` (the earlier was closed before the later: a recurrence, no repeat), ``away_m``; the likeliest
        first. Of one report the :data:`MOST_TOLD` of each that are likeliest whoever reported them, so that who
        reported hides none of these, and as many that are likely only for who did.
    """
    coded = Coder().coded(reports)
    found = []
    for returning in (False, True):
        pairs = near_pairs(coded, returning)
        told = features(coded, pairs, returning)
        score, blind = model.both(told)
        columns = {"earlier": pairs[:, 0], "later": pairs[:, 1], "score": score, "blind": blind, "returned": returning,
                   "away_m": told[:, 0] * REACH_M}  # fmt: skip
        frame = pd.DataFrame(columns)
        found.append(_likeliest(frame[frame["blind"] >= least], "blind"))
        found.append(_likeliest(frame[(frame["blind"] < least) & (frame["score"] >= least)], "score"))
    return _ordered(pd.concat(found)).reset_index(drop=True)


def _ordered(pairs: pd.DataFrame, by: str = "score") -> pd.DataFrame:
    return pairs.sort_values([by, "later", "earlier"], ascending=[False, True, True])


def _likeliest(pairs: pd.DataFrame, by: str) -> pd.DataFrame:
    """Of each later report."""
    ordered = _ordered(pairs, by)
    return ordered[ordered.groupby("later").cumcount() < MOST_TOLD]


def masters(reports: Iterable[Report], pairs: pd.DataFrame) -> Ints:
    """Of each report the earliest of its group, itself where it is in none.

    Groups grow by the likeliest pairs first; a pair that would make one wider than :data:`WIDEST_M` is cut, so hot
    corners do not chain. Returns join nothing.
    """
    rows = list(reports)
    box = [(one.x, one.y, one.x, one.y) for one in rows]
    parent = list(range(len(rows)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    repeats = pairs[~pairs["returned"].to_numpy(bool)].sort_values("score", ascending=False, kind="stable")
    for earlier, later in zip(repeats["earlier"].tolist(), repeats["later"].tolist(), strict=True):
        one, two = root(earlier), root(later)
        west, south, east, north = (
            pick(*ends) for pick, *ends in zip((min, min, max, max), box[one], box[two], strict=True)
        )
        if one == two or np.hypot(east - west, north - south) > WIDEST_M:
            continue
        if (rows[two].t_h, two) < (rows[one].t_h, one):
            one, two = two, one
        parent[two], box[one] = one, (west, south, east, north)
    return np.array([root(number) for number in range(len(rows))], dtype=np.int64)


class Counts(NamedTuple):
    """How much there is: reports as they came, and problems when suspected repeats count once."""

    reports: int
    problems: int


def counts(master: Ints) -> Counts:
    """Count both ways."""
    return Counts(len(master), len(np.unique(master)))


class Intake:
    """Reports as they come in, each asked against those before; used by one thread at a time.

    An R-tree over position and time, which grows with each report. Of reports in one square metre the latest
    :data:`~gis_core.likeness.MOST_BEFORE` are looked at, so that a pile costs no more than a crowd.

    Parameters
    ----------
    reports
        Those there are already, in the order of their numbers.
    model
        What features are worth.
    """

    def __init__(self, reports: Iterable[Report] = (), model: Model = MODEL) -> None:
        self.model = model
        self._coder = Coder()
        self._reports = list(reports)
        self._names = [self._coder.names(report) for report in self._reports]
        self._words = [grams(report) for report in self._reports]
        self._piles: defaultdict[tuple[int, int], deque[int]] = defaultdict(lambda: deque(maxlen=MOST_BEFORE))
        self._closed: dict[int, float] = {}
        for number, report in enumerate(self._reports):
            if report.is_somewhere:
                self._piles[_metre(report)].append(number)
        kept = (number for pile in self._piles.values() for number in pile)
        entries = ((number, _box(self._reports[number]), None) for number in kept)
        rules = Property(dimension=3)
        self._tree = Index(entries, properties=rules) if self._piles else Index(properties=rules)

    def __len__(self) -> int:
        return len(self._reports)

    def add(self, report: Report) -> int:
        """Keep a report; its number. One without a position or time is counted, but never suspected."""
        number = len(self._reports)
        self._reports.append(report)
        self._names.append(self._coder.names(report))
        self._words.append(grams(report))
        if report.is_somewhere:
            pile = self._piles[_metre(report)]
            if len(pile) == MOST_BEFORE:
                self._tree.delete(pile[0], _box(self._reports[pile[0]]))
            pile.append(number)
            self._tree.insert(number, _box(report))
        return number

    def close(self, number: int, closed_h: float) -> None:
        """Note that a report was closed: what comes after is a return and no repeat."""
        self._closed[number] = closed_h

    def suspects(
        self, report: Report, least: float = LEAST, same: Callable[[Sequence[int]], Collection[int]] | None = None
    ) -> list[Suspect]:
        """Earlier reports of what may be the same problem, the likeliest first; so many as :func:`suspected` finds.

        Parameters
        ----------
        same
            Which of some reports, by their numbers, are by who reports now, besides those that say so: asked of those
            near alone, so that nobody has to be remembered.
        """
        if not report.is_somewhere:
            return []
        near = self._near(report)
        theirs = set(same([*near[0], *near[1]])) if same and any(near) else set[int]()
        found = []
        for returning, numbers in zip((False, True), near, strict=True):
            if not numbers:
                continue
            pairs = np.column_stack([np.arange(len(numbers)), np.full(len(numbers), len(numbers))])
            told = features(self._coded(numbers, report), pairs, returning)
            told[[number in theirs for number in numbers], BY] = 1.0
            score, blind, far = (part.tolist() for part in (*self.model.both(told), told[:, 0] * REACH_M))
            some = [Suspect(*row) for row in zip(numbers, score, blind, repeat(returning), far, strict=False)]
            seen = [one for one in some if one.blind >= least]
            found += sorted(seen, key=lambda one: (-one.blind, one.number))[:MOST_TOLD]
            found += sorted((one for one in some if one.blind < least <= one.score), key=_rank)[:MOST_TOLD]
        return sorted(found, key=_rank)

    def _near(self, report: Report) -> tuple[list[int], list[int]]:
        """Numbers of the reports near in space and time that were open then, and of those that had been closed; of
        each the latest :data:`~gis_core.likeness.MOST_BEFORE`, as in batch.
        """
        x, y, t_h = report.x, report.y, report.t_h
        around = (x - REACH_M, y - REACH_M, t_h - RETURN_WINDOW_H, x + REACH_M, y + REACH_M, t_h)
        latest = sorted(
            ((self._reports[number].t_h, number) for number in self._tree.intersection(around)), reverse=True
        )
        still, before = list[int](), list[int]()
        for at_h, number in latest:
            one = self._reports[number]
            returning = self._closed.get(number, one.closed_h) <= t_h
            reach_m, window_h = (RETURN_REACH_M, RETURN_WINDOW_H) if returning else (REACH_M, WINDOW_H)
            some = before if returning else still
            is_near = (one.x - x) ** 2 + (one.y - y) ** 2 <= reach_m * reach_m and t_h - at_h <= window_h
            if is_near and len(some) < MOST_BEFORE:
                some.append(number)
        return still, before

    def _coded(self, numbers: list[int], report: Report) -> Coded:
        """Reports kept and, last, the one asked about."""
        reports = [*(self._reports[number] for number in numbers), report]
        names = [*(self._names[number] for number in numbers), self._coder.names(report)]
        return joined(reports, names, [*(self._words[number] for number in numbers), grams(report)])


def _rank(one: Suspect) -> tuple[float, int]:
    return -one.score, one.number


def _metre(report: Report) -> tuple[int, int]:
    return int(np.floor(report.x)), int(np.floor(report.y))


def _box(report: Report) -> tuple[float, ...]:
    return report.x, report.y, report.t_h, report.x, report.y, report.t_h

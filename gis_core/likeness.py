"""How alike two reports are: what is compared, by numbers that kernels take, and which pairs are near at all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.joins.compiled import compiled, grown

REACH_M, WINDOW_H = 40.0, 72.0
RETURN_REACH_M, RETURN_WINDOW_H = 25.0, 720.0
MOST_BEFORE, MOST_LOOKED = 64, 2048
FEATURES = ("away", "away²", "apart", "words", "kind", "kind × words", "reporter", "street", "number", "words²")
BY = FEATURES.index("reporter")
WORDS, DIGITS = re.compile(r"[^\W\d_]"), re.compile(r"\d{1,9}")
FILLING = re.compile(r"\d+[号弄栋幢]?|请|您好|你好|发现|附近|门口|旁边|尽快|及时|处理|解决|一下|谢谢")
"""What says nothing of the problem: house numbers and the courtesies of reports."""
SHORTEST, OWN = 7, 10
"""Digits of a telephone number that somebody has for themselves, at least; the last so many tell whose it is, whether
the country or a leading zero is written or not.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What is compared of a report.

    Parameters
    ----------
    x, y
        Position, metric CRS.
    t_h
        When it was reported, hours from any moment.
    kind
        Code of its class.
    words
        What was written; empty where nothing was.
    reporter, street, side
        Who reported it, along which street and on which side; ``None`` where unknown.
    closed_h
        When it was closed, infinite where it is open.
    """

    x: float
    y: float
    t_h: float
    kind: str
    words: str = ""
    reporter: str | None = None
    street: str | None = None
    side: str | None = None
    closed_h: float = np.inf

    @property
    def is_somewhere(self) -> bool:
        """Whether position and time are numbers."""
        return bool(np.isfinite([self.x, self.y, self.t_h]).all())


class Coded(NamedTuple):
    """Reports as kernels take them; -1 where unknown.

    Parameters
    ----------
    x, y, t_h, closed_h
        As of reports.
    name
        Kind, reporter, street, side and house number of each report, as whole numbers.
    offset, gram
        The words of report k are ``gram[offset[k]]`` up to ``gram[offset[k + 1]]``, rising.
    """

    x: Floats
    y: Floats
    t_h: Floats
    closed_h: Floats
    name: Ints
    offset: Ints
    gram: Ints


@dataclass(eq=False)
class Coder:
    """Turns reports into numbers, the same word always into the same."""

    known: dict[tuple[int, str], int] = field(default_factory=dict)

    def names(self, report: Report) -> tuple[int, ...]:
        """Kind, reporter, street, side and house number."""
        parts = (report.kind, report.reporter, report.street, report.side)
        number = DIGITS.search(report.words)
        codes = (
            -1 if not part else self.known.setdefault((nth, part), len(self.known)) for nth, part in enumerate(parts)
        )
        return (*codes, int(number[0]) if number else -1)

    def coded(self, reports: Iterable[Report]) -> Coded:
        """Reports as arrays."""
        reports = list(reports)
        return joined(reports, [self.names(report) for report in reports], [grams(one) for one in reports])


def reporter_of(phone: str | None) -> str | None:
    """Who reports, by a telephone number however it is written; ``None`` where it is nobody's own: a service number,
    which is short, or a digit that only fills the field.
    """
    digits = re.sub(r"[^0-9]", "", phone or "")
    return digits[-OWN:] if len(digits) >= SHORTEST and len(set(digits)) > 1 else None


def grams(report: Report) -> Ints:
    """Letters and pairs of neighbours in a report's words, as rising numbers.

    Without punctuation, house numbers, courtesies and the name of its street, which all neighbours share.
    """
    words = report.words.replace(report.street, " ") if report.street else report.words
    letters = [ord(letter) for letter in WORDS.findall(FILLING.sub(" ", words))]
    pairs = {(one << 21) | after for one, after in pairwise(letters)}
    return np.array(sorted(pairs | set(letters)), dtype=np.int64)


def joined(reports: list[Report], names: list[tuple[int, ...]], words: list[Ints]) -> Coded:
    """Reports with their names and words as arrays."""
    numbers = np.array([(one.x, one.y, one.t_h, one.closed_h) for one in reports], np.float64).reshape(-1, 4)
    offset = np.append(0, np.cumsum([len(word) for word in words])).astype(np.int64)
    gram = np.concatenate([*words, np.empty(0, np.int64)])
    x, y, t_h, closed_h = (np.ascontiguousarray(column) for column in numbers.T)
    return Coded(x, y, t_h, closed_h, np.array(names, np.int64).reshape(-1, 5), offset, gram)


def near_pairs(reports: Coded, returning: bool) -> Ints:
    """Pairs of reports near each other in space and time, shape (n, 2): the earlier and the later.

    Of one report at most :data:`MOST_BEFORE` earlier ones, the latest, so that a pile stays bounded.

    Parameters
    ----------
    returning
        Whether the earlier must have been closed before the later, or must not; the reach and window of each differ.
    """
    reach_m, window_h = (RETURN_REACH_M, RETURN_WINDOW_H) if returning else (REACH_M, WINDOW_H)
    somewhere = np.flatnonzero(np.isfinite(reports.x) & np.isfinite(reports.y) & np.isfinite(reports.t_h))
    if len(somewhere) < 2:
        return np.empty((0, 2), np.int64)
    x, y = reports.x[somewhere], reports.y[somewhere]
    # Cells by rank of what is there: places however far apart make no lattice larger.
    column, columns = _ranked(np.floor(x / reach_m))
    row, _ = _ranked(np.floor(y / reach_m))
    cell = row * columns + column
    order = np.lexsort((somewhere, reports.t_h[somewhere], cell))
    sorted_cell = cell[order]
    around = np.array([dy * columns + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    at = sorted_cell[:, None] + around
    begin, end = np.searchsorted(sorted_cell, at), np.searchsorted(sorted_cell, at, side="right")
    return _pairs(reports, somewhere[order], begin, end, reach_m, window_h, returning)


def _ranked(cells: Floats) -> tuple[Ints, int]:
    """Cells along one axis, numbered so that neighbours stay neighbours and gaps shrink to one; and how many."""
    values, at = np.unique(cells, return_inverse=True)
    number = np.append(1, 1 + np.cumsum(np.minimum(np.diff(values), 2))).astype(np.int64)
    return number[at], int(number[-1]) + 2


@compiled
def _pairs(
    reports: Coded, order: Ints, begin: Ints, end: Ints, reach_m: float, window_h: float, returning: bool
) -> Ints:  # fmt: skip
    found, count = np.empty((1024, 2), np.int64), 0
    place = np.empty(begin.shape[1], np.int64)
    for k in range(len(order)):
        later, first = order[k], count
        for nth in range(len(place)):
            place[nth] = _before(reports.t_h, order, later, begin[k, nth], end[k, nth])
        for _ in range(MOST_LOOKED):
            # The latest of what is left in all cells, so that a crowd in one of them hides nobody in another.
            one, cell = -1, -1
            for nth in range(len(place)):
                if place[nth] >= begin[k, nth]:
                    other = order[place[nth]]
                    if cell < 0 or (reports.t_h[other], other) > (reports.t_h[one], one):
                        one, cell = other, nth
            if cell < 0 or reports.t_h[later] - reports.t_h[one] > window_h or count - first >= MOST_BEFORE:
                break
            place[cell] -= 1
            near = (reports.x[one] - reports.x[later]) ** 2 + (reports.y[one] - reports.y[later]) ** 2
            if near <= reach_m * reach_m and (reports.closed_h[one] <= reports.t_h[later]) == returning:
                found = grown(found, count + 1)
                found[count, 0], found[count, 1] = one, later
                count += 1
    return found[:count]


@compiled
def _before(t_h: Floats, order: Ints, later: int, low: int, high: int) -> int:
    """The last place of some in order of time that holds an earlier report."""
    while low < high:
        middle = (low + high) // 2
        one = order[middle]
        if (t_h[one], one) < (t_h[later], later):
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled
def features(reports: Coded, pairs: Ints, returning: bool) -> Floats:
    """What is alike of each pair, in the columns of :data:`FEATURES`; of a return time says nothing."""
    told = np.zeros((len(pairs), 10))
    for k in range(len(pairs)):
        one, two = pairs[k]
        far = (reports.x[one] - reports.x[two]) ** 2 + (reports.y[one] - reports.y[two]) ** 2
        told[k, 0], told[k, 1] = np.sqrt(far) / REACH_M, far / REACH_M**2
        if not returning:
            told[k, 2] = abs(reports.t_h[two] - reports.t_h[one]) / WINDOW_H
        told[k, 3] = _shared(reports, one, two)
        if reports.name[one, 0] == reports.name[two, 0]:
            told[k, 4], told[k, 5] = 1.0, told[k, 3]
        if reports.name[one, 1] >= 0 and reports.name[one, 1] == reports.name[two, 1]:
            told[k, 6] = 1.0
        told[k, 7] = _agreed(reports, one, two, 2)
        if told[k, 7] > 0 and _agreed(reports, one, two, 3) < 0:
            told[k, 7] = 0.0
        told[k, 8], told[k, 9] = _agreed(reports, one, two, 4), told[k, 3] ** 2
    return told


@compiled
def _agreed(reports: Coded, one: int, two: int, name: int) -> float:
    """1 where both say the same, -1 where they do not, 0 where one says nothing."""
    ours, theirs = reports.name[one, name], reports.name[two, name]
    if ours < 0 or theirs < 0:
        return 0.0
    return 1.0 if ours == theirs else -1.0


@compiled
def _shared(reports: Coded, one: int, two: int) -> float:
    """Dice's share of words in common."""
    k, last, m, end = reports.offset[one], reports.offset[one + 1], reports.offset[two], reports.offset[two + 1]
    size, both = last - k + end - m, 0
    while k < last and m < end:
        if reports.gram[k] == reports.gram[m]:
            both, k, m = both + 1, k + 1, m + 1
        elif reports.gram[k] < reports.gram[m]:
            k += 1
        else:
            m += 1
    return 2.0 * both / size if size else 0.0

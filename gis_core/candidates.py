"""What rules consider: issues beside where they lie, and the things that may answer for them, each with its fault."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis_core.arrays import Bools, Floats, Ints
from gis_core.cells import EQUAL_M, NONE
from gis_core.locating import Located

FAULTS = (
    "fits",
    "not_in_force",
    "other_duty",
    "beyond_radius",
    "before_start",
    "after_end",
    "other_side",
    "beyond_extent",
    "nobody_named",
)
"""Why a candidate does not answer, by code; 0 means that it does."""
NOTHING = np.iinfo(np.int64).max
FAULT = {name: np.int8(code) for code, name in enumerate(FAULTS)}


@dataclass(frozen=True, eq=False)
class Batch:
    """Issues located.

    Parameters
    ----------
    located
        Where each lies.
    day, category
        Local day (days since 1970) and category position.
    strip
        Position of the front-of-door strip it lies in or before on that day, -1 for none.
    strip_distance_m
        How far that strip is from what lies before it; NaN inside.
    inside_lines, no_parking
        Whether it lies inside painted lines that allow what it is about, or that forbid it.
    """

    located: Located
    day: Ints
    category: Ints
    strip: Ints
    strip_distance_m: Floats
    inside_lines: Bools
    no_parking: Bools

    def __len__(self) -> int:
        return len(self.day)

    def take(self, rows: Ints) -> "Batch":
        """The batch of only these rows."""
        rest = (getattr(self, name)[rows] for name in self.__dataclass_fields__ if name != "located")
        return Batch(self.located.take(rows), *rest)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of issue and thing that a rule considered.

    Parameters
    ----------
    issue, thing
        Positions in the batch and in the rule's frame of the territory.
    rank
        Smaller is better; ranks equal within :data:`gis_core.cells.EQUAL_M` go to the smaller position, which is
        the smaller code.
    fault
        Code of :data:`FAULTS`.
    distance_m
        Distance in metres where the rule measures one, else NaN.
    """

    issue: Ints
    thing: Ints
    rank: Floats
    fault: NDArray[np.int8]
    distance_m: Floats

    def winners(self) -> tuple[Ints, Ints]:
        """The best fitting thing of each issue that has one: issues ascending, and their things."""
        fits = np.flatnonzero(self.fault == 0)
        if not len(fits):
            return NONE, NONE
        issue, thing, rank = self.issue[fits], self.thing[fits], self.rank[fits]
        if len(fits) == 1 and not np.isnan(rank[0]):
            return issue, thing
        best = np.full(issue.max(initial=-1) + 1, np.inf)
        np.minimum.at(best, issue, rank)
        equal = rank <= best[issue] + EQUAL_M
        winner = np.full(len(best), NOTHING)
        np.minimum.at(winner, issue[equal], thing[equal])
        won = np.flatnonzero(winner < NOTHING)
        return won, winner[won]


def pairs(
    issue: Ints, thing: Ints, rank: Floats, faults: dict[str, Bools], distance_m: Floats | None = None
) -> Candidates:
    """Candidates with the first fault that applies to each, in the order given."""
    fault = np.zeros(len(issue), dtype=np.int8)
    for name, wrong in reversed(faults.items()):
        fault[wrong] = FAULT[name]
    return Candidates(issue, thing, rank, fault, np.full(len(issue), np.nan) if distance_m is None else distance_m)


FIELDS = tuple(Candidates.__dataclass_fields__)
NO_CANDIDATES = pairs(NONE, NONE, np.empty(0), {})


def join(parts: list[Candidates]) -> Candidates:
    """All candidates of several searches as one."""
    some = [part for part in parts if len(part.issue)] or [NO_CANDIDATES]
    if len(some) == 1:
        return some[0]
    columns: list[Any] = [np.concatenate([getattr(part, name) for part in some]) for name in FIELDS]
    return Candidates(*columns)

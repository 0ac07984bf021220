"""What a day of patrol is to do, and who is there to do it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gis_core.arrays import Floats
from gis_core.errors import InvalidInput

DAY_S = 86_400
Window = tuple[int, int]
"""From when to when, in whole seconds since the midnight that the day begins with."""
SPEEDS_MPS: Mapping[str, float] = {"walking": 1.25, "cycling": 3.5, "driving": 6.0}
"""How fast movers get on in a city: 4.5, 12.6 and 21.6 km/h, crossings and lights included."""
LANE_MPS: Mapping[str, float] = {"walking": 0.9, "cycling": 1.5, "driving": 2.5}
"""How fast they pass along a lane that they inspect."""


@dataclass(frozen=True)
class Reason:
    """Why a task is in, or out of, a plan: the key of a text and what goes into it."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What stops and lanes have in common.

    Parameters
    ----------
    code
        Names it among all tasks of the day, as ``issue:110101-…``, ``place:…``, ``lane:…``.
    kind
        ``issue``, ``place``, ``hotspot``, ``survey``, ``lane``, ``showcase`` or ``other``.
    name
        For people.
    must
        Whether no plan without it will do; others are weighed by ``prize``.
    prize
        What doing it is worth, in points; 100 is a task one would go half an hour for.
    reasons
        Why it is proposed, the weightiest first.
    windows
        When it may begin; none: any time.
    skills
        What whoever does it must be able to do.
    area
        Code of the lowest grid that it lies in, or None.
    """

    code: str
    kind: str
    name: str = ""
    must: bool = False
    prize: float = 100.0
    reasons: tuple[Reason, ...] = ()
    windows: tuple[Window, ...] = ()
    skills: frozenset[str] = frozenset()
    area: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stop(Task):
    """A place to be at for a time.

    Parameters
    ----------
    x, y
        Where, in metres of the network's CRS.
    service_s
        How long it takes.
    place
        Code of the place that has a plate there, whose QR code proves the visit; None: no plate.
    """

    x: float
    y: float
    service_s: int = 300
    place: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lane(Task):
    """A stretch of street to be walked from end to end, in either direction where it is no one-way street.

    Parameters
    ----------
    street, from_m, to_m
        Street code and metres on it; they name the edge of the network.
    edge
        Position of the edge in the network.
    length_m
        Its length.
    both_sides
        Whether each side is walked for itself, which is two walks, one each way or both the same way.
    """

    street: str
    from_m: float
    to_m: float
    edge: int
    length_m: float
    both_sides: bool = False


@dataclass(frozen=True)
class Break:
    """A pause that is part of the shift: it begins between ``earliest_s`` and ``latest_s`` and lasts ``length_s``."""

    length_s: int
    earliest_s: int
    latest_s: int


@dataclass(frozen=True, kw_only=True)
class Patroller:
    """Somebody who goes out on the day.

    Parameters
    ----------
    code
        Name of the account.
    name
        For people.
    start, end
        Where the shift begins and ends, metres of the network's CRS; ``end`` None: where it began.
    shift
        From when to when.
    breaks
        Pauses in it, in order.
    skills
        What they can do.
    areas
        Grids that are theirs, at any level; None: the whole city.
    mover
        A name in :data:`SPEEDS_MPS`.
    """

    code: str
    name: str = ""
    start: tuple[float, float]
    end: tuple[float, float] | None = None
    shift: Window = (8 * 3_600, 17 * 3_600)
    breaks: tuple[Break, ...] = ()
    skills: frozenset[str] = frozenset()
    areas: frozenset[str] | None = None
    mover: str = "walking"

    def __post_init__(self) -> None:
        if self.mover not in SPEEDS_MPS:
            raise InvalidInput("plan_mover", field="mover", value=self.mover, expected=", ".join(SPEEDS_MPS))


@dataclass(frozen=True, kw_only=True)
class Day:
    """The problem that a plan answers.

    Parameters
    ----------
    stops, lanes, patrollers
        Codes differ among tasks and among patrollers.
    crossing
        Whether patrollers may be sent outside their areas.
    balance
        Whether loads are to be as equal as can be, instead of the whole way as short as can be.
    seed, iterations
        Make the same plan again; no more than ``iterations`` are spent, whatever the clock says.
    above
        Code of the grid above each grid, so that an area contains what lies below it.
    """

    stops: tuple[Stop, ...] = ()
    lanes: tuple[Lane, ...] = ()
    patrollers: tuple[Patroller, ...] = ()
    crossing: bool = False
    balance: bool = False
    seed: int = 1
    iterations: int = 2_000
    above: Mapping[str, str | None] = field(default_factory=dict, hash=False)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Stops, then lanes."""
        return (*self.stops, *self.lanes)

    def belongs(self, area: str | None, areas: frozenset[str] | None) -> bool:
        """Whether what lies in ``area`` lies in one of ``areas``, or in one below it."""
        if areas is None:
            return True
        while area is not None:
            if area in areas:
                return True
            area = self.above.get(area)
        return False

    def fits(self, task: Task, patroller: Patroller) -> bool:
        """Whether a patroller may and can do a task."""
        return task.skills <= patroller.skills and (self.crossing or self.belongs(task.area, patroller.areas))


def travel_s(metres: Floats, mover: str) -> Floats:
    """Whole seconds that a mover needs for ways, rounded up. Legs are rounded to the centimetre before, so that two who
    add the same leg up agree.
    """
    return np.ceil(np.round(np.asarray(metres, np.float64), 2) / SPEEDS_MPS[mover] - 1e-9)

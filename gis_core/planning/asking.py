"""What a proposal of a day is asked for."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from gis_core.errors import InvalidInput
from gis_core.planning.tasks import Break, Window

LANES, PLACES, ISSUES, HOTSPOTS = KINDS = ("lane", "place", "issue", "hotspot")
"""What days are proposed of."""
NOON = Break(3_600, 41_400, 43_200)
"""An hour between 11:30 and 13:00."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody who is to go out, and what differs from what is usual.

    Parameters
    ----------
    code
        Name of the account.
    start, end
        Where the shift begins and ends, metres of the city's CRS; None: on a street of their own grids.
    shift, breaks
        None: those of all.
    skills
        What they can do beside what is known of them.
    mover
        A name in :data:`gis_core.planning.tasks.SPEEDS_MPS`.
    """

    code: str
    start: tuple[float, float] | None = None
    end: tuple[float, float] | None = None
    shift: Window | None = None
    breaks: tuple[Break, ...] | None = None
    skills: frozenset[str] = frozenset()
    mover: str = "walking"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a day is proposed from. The same of the same store is the same day.

    Parameters
    ----------
    day
        Local day.
    area
        Code of the grid that it is for, at any level; None: the city.
    as_of
        What was not known by then does not count; None: now.
    kinds
        Of :data:`KINDS`.
    patrollers
        Who goes out; none named: every inspector of the area.
    shift, breaks
        Of whoever has none of their own.
    must_days
        Lanes not proved to be walked for so many days must be walked; None: no lane must.
    surveys
        So many lanes are drawn by chance for secret surveys, whatever is known of them.
    draw
        Places to draw by chance, by type, as before an inspection.
    places
        Codes of places to be visited whatever their quota says.
    weights
        By which prizes of issues are multiplied, by how categories begin; the longest beginning counts.
    most
        Tasks a patroller that are proposed at most; the worthiest are kept.
    crossing, balance, seed, iterations
        As :class:`gis_core.planning.tasks.Day` has them; the seed is that of all draws as well.
    """

    day: dt.date
    area: str | None = None
    as_of: dt.datetime | None = None
    kinds: tuple[str, ...] = KINDS
    patrollers: tuple[Named, ...] = ()
    shift: Window = (8 * 3_600, 17 * 3_600)
    breaks: tuple[Break, ...] = (NOON,)
    must_days: int | None = None
    surveys: int = 0
    draw: Mapping[str, int] = field(default_factory=dict, hash=False)
    places: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict, hash=False)
    most: int = 80
    crossing: bool = False
    balance: bool = False
    seed: int = 1
    iterations: int = 2_000

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise InvalidInput("proposal_kind", field="kinds", value=kind, expected=", ".join(KINDS))
        counts = {"surveys": self.surveys, "most": self.most, **{f"draw.{name}": n for name, n in self.draw.items()}}
        for name, value in counts.items():
            if not 0 <= value <= 10_000:
                raise InvalidInput("proposal_count", field=name, value=value, expected="0 – 10000")
        if self.must_days is not None and self.must_days < 1:
            raise InvalidInput("proposal_count", field="must_days", value=self.must_days, expected="1 – 29")

    def weight(self, category: str) -> float:
        """What prizes of a category's issues are multiplied by."""
        found = max((begin for begin in self.weights if category.startswith(begin)), key=len, default=None)
        return 1.0 if found is None else self.weights[found]

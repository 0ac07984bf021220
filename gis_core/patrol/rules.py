"""What a city says of its patrols: when, which streets, how often, and what counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gis_core.errors import InvalidInput
from gis_core.patrol.duty import Duty

PERIODS = ("day", "week", "month")


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How often places of a type are to be visited.

    Parameters
    ----------
    type
        Code of a place type.
    period
        One of :data:`PERIODS`, by the city's calendar; weeks begin on Monday.
    visits
        In each period.
    bodies
        By so many distinct bodies at least (一日四督查: four visits by four).
    spacing_min
        Minutes from one visit that counts to the next.
    dwell_min
        Who stays for less has not visited.
    """

    type: str
    period: str = "day"
    visits: int = 1
    bodies: int = 1
    spacing_min: int = 60
    dwell_min: int = 5

    def __post_init__(self) -> None:
        checks = {
            "type": (bool(self.type.strip()), "a place type"),
            "period": (self.period in PERIODS, ", ".join(PERIODS)),
            "visits": (1 <= self.visits <= 100, "1 to 100"),
            "bodies": (1 <= self.bodies <= self.visits, "1 to the number of visits"),
            "spacing_min": (0 <= self.spacing_min <= 44_640, "0 to 44640 minutes"),
            "dwell_min": (0 <= self.dwell_min <= 1_440, "0 to 1440 minutes"),
        }
        for name, (fits, expected) in checks.items():
            if not fits:
                raise InvalidInput("city_field", field=f"quota.{name}", value=getattr(self, name), expected=expected)


MOST_UNWALKED_DAYS = 29
"""So far back what was passed is looked at; what is kept at hand is a day more, since today is not over."""
FOUR_A_DAY = (
    Quota(type="market", visits=4, bodies=4),
    Quota(type="mall", visits=4, bodies=4),
)
"""一日四督查: each market and mall four times a day by four distinct bodies."""


@dataclass(frozen=True, kw_only=True)
class PatrolRules:
    """Rules of a city's patrols.

    Parameters
    ----------
    classes
        Streets of these classes are patrolled.
    duty
        By class of street, ``*`` for all others: from when to when it is to be patrolled, local time.
    sweeping
        A category as contracts name it: whoever has a contract for it sweeps the street.
    unwalked_days
        Not walked for so many days, :data:`MOST_UNWALKED_DAYS` at most, is a finding.
    tracks_days
        So long raw tracks are kept; what was passed stays.
    fence_m
        A position so far from a place is still at it.
    toilet_m, notice_m
        Along lanes no point is farther from a toilet or its sign, and no two public-service notices are farther apart.
    bin_m, lamp_m
        Along lanes no two litter bins and no two lamps are farther apart. CJJ 27 asks for a bin every 25 to 50 m in
        shopping streets, 50 to 100 m along arterial roads and 100 to 200 m elsewhere.
    lamps_lit
        Share of lamps that are lit.
    toilets, bins, lamps, notices
        Categories of the components that are toilets or signs to one, litter bins, lamps and public-service notices.
    """

    classes: tuple[str, ...] = ("backstreet",)
    duty: Mapping[str, str] = field(default_factory=lambda: {"*": "07:00-21:00"}, hash=False)
    sweeping: str = "06012"
    unwalked_days: int = 7
    tracks_days: int = 90
    fence_m: float = 30.0
    toilet_m: float = 500.0
    notice_m: float = 200.0
    bin_m: float = 200.0
    lamp_m: float = 50.0
    lamps_lit: float = 0.95
    toilets: tuple[str, ...] = ("03001", "03002")
    bins: tuple[str, ...] = ("03005",)
    lamps: tuple[str, ...] = ("01037",)
    notices: tuple[str, ...] = ("03008",)

    def __post_init__(self) -> None:
        self.duties()
        ranges = {
            "unwalked_days": (1, MOST_UNWALKED_DAYS), "tracks_days": (1, 3_660), "fence_m": (0, 500),
            "toilet_m": (1, 10_000), "notice_m": (1, 10_000), "bin_m": (1, 10_000), "lamp_m": (1, 10_000),
            "lamps_lit": (0, 1),
        }  # fmt: skip
        for name, (least, most) in ranges.items():
            if not least <= (value := getattr(self, name)) <= most:
                raise InvalidInput("city_field", field=f"patrol.{name}", value=value, expected=f"{least} – {most}")

    def duties(self) -> tuple[Duty, ...]:
        """The windows by class of street.

        Raises
        ------
        InvalidInput
            When one is not ``HH:MM-HH:MM``.
        """
        found = []
        for kind, written in self.duty.items():
            begin, _, end = str(written).partition("-")
            one = Duty(kind, begin.strip(), end.strip())
            one.minutes()
            found.append(one)
        return tuple(found)

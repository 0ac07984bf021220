"""Who may do what, and where: roles, area scopes and the sight they give."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

PERMITTED: dict[str, frozenset[str]] = {
    "see": frozenset(
        {"commander", "planner", "grid_manager", "contractor", "inspector", "auditor", "admin"}
    ),
    "report": frozenset({"commander", "grid_manager", "inspector", "reporter"}),
    "contact": frozenset({"commander", "grid_manager"}),
    "publish": frozenset({"commander", "grid_manager"}),
    "merge": frozenset({"commander", "grid_manager"}),
    "draft": frozenset({"commander", "planner"}),
    "enact": frozenset({"commander"}),
    "export": frozenset({"commander", "planner", "grid_manager", "auditor"}),
    "load": frozenset({"commander"}),
    "photograph": frozenset({"commander", "grid_manager", "contractor", "inspector"}),
    "inspect": frozenset({"commander", "grid_manager", "inspector"}),
    "patrol": frozenset({"commander", "grid_manager", "contractor", "inspector"}),
    "plan": frozenset({"commander", "planner", "grid_manager"}),
    "trace": frozenset({"planner", "auditor"}),
    "evidence": frozenset({"commander", "grid_manager", "auditor"}),
    "erase": frozenset({"commander", "admin"}),
    "audit": frozenset({"auditor", "admin"}),
    "monitor": frozenset({"monitor", "admin"}),
}  # fmt: skip
"""The roles that may do what, by action; a role is given for an area, and counts within it only."""
ROLES = ("commander", "planner", "grid_manager", "contractor", "inspector", "reporter", "auditor", "monitor", "admin")
AREA_KINDS = ("city", "grid", "organisation", "contractor")


@dataclass(frozen=True, order=True)
class Area:
    """What a role is given for.

    Parameters
    ----------
    kind
        ``city`` (all of it), ``grid`` (a cell and everything below it), ``organisation`` (a party and those below
        it in the organisation tree) or ``contractor`` (a party, for what it is contracted to do).
    code
        Of the grid or party; empty for the city.
    """

    kind: str
    code: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}" if self.code else self.kind


@dataclass(frozen=True, order=True)
class Grant:
    """A role, given for an area."""

    role: str
    area: Area


@dataclass(frozen=True)
class Sight:
    """The areas whose things somebody may see, or do something with.

    Parameters
    ----------
    areas
        Each once, in order, so that equal sights are equal; none of them is inside the city as a whole, which
        stands alone.
    day
        On which what parties hold and are contracted for puts it in sight; ``None`` for any day.
    """

    areas: tuple[Area, ...]
    day: dt.date | None = None

    @property
    def by_party(self) -> bool:
        """Whether it follows from what parties hold or are contracted for, which changes from day to day."""
        return bool(self.codes("organisation") or self.codes("contractor"))

    @property
    def everything(self) -> bool:
        """Whether it is the whole city."""
        return self.areas == (Area("city"),)

    def codes(self, kind: str) -> tuple[str, ...]:
        """Codes of its areas of a kind."""
        return tuple(area.code for area in self.areas if area.kind == kind)

    @cached_property
    def key(self) -> str:
        """Short text that differs between sights: part of every tag and cache key."""
        written = "\n".join(map(str, (*self.areas, *([self.day] if self.day else []))))
        return hashlib.sha256(written.encode()).hexdigest()[:16]


EVERYTHING = Sight((Area("city"),))
"""The sight of whoever runs commands on the machine itself."""


def may(grants: Iterable[Grant], action: str) -> bool:
    """Whether a role among the grants may do it anywhere."""
    return any(grant.role in PERMITTED[action] for grant in grants)


def sight_of(grants: Collection[Grant], action: str) -> Sight:
    """Where the roles may do it; nowhere is a sight without areas."""
    areas = {grant.area for grant in grants if grant.role in PERMITTED[action]}
    return EVERYTHING if Area("city") in areas else Sight(tuple(sorted(areas)))

"""A plan: for everybody a route of steps, and what is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gis_core.planning.tasks import Reason


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something on a route.

    Parameters
    ----------
    kind
        ``start``, ``stop``, ``lane``, ``break`` or ``end``.
    code
        Of the task; of a start, break or end empty.
    arrive_s, begin_s, leave_s
        When one is there, when it begins (a window may not be open yet), and when it is over: whole seconds since
        midnight.
    leg_m
        The way from the step before, metres; a lane's own length is not in it.
    reverse
        Of a lane: walked from ``to_m`` to ``from_m``. One whose sides are walked for themselves is two steps.
    edges
        Positions of the network's edges on the way from the step before, the first and last maybe in part; told once
        the plan is made.
    locked, done
        Whether it must stay where it is when the plan is changed, and whether it was done already.
    """

    kind: str
    code: str = ""
    arrive_s: int
    begin_s: int
    leave_s: int
    leg_m: float = 0.0
    reverse: bool = False
    edges: tuple[int, ...] = ()
    locked: bool = False
    done: bool = False


@dataclass(frozen=True, kw_only=True)
class Route:
    """What one patroller does, from a ``start`` to an ``end``."""

    patroller: str
    steps: tuple[Step, ...]

    @property
    def walked_m(self) -> float:
        """All legs; lanes that are inspected are not in it."""
        return sum(step.leg_m for step in self.steps)

    @property
    def lasts_s(self) -> int:
        """From leaving to being back."""
        return self.steps[-1].leave_s - self.steps[0].leave_s


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """A task that is left out.

    Parameters
    ----------
    code
        Of the task.
    reason
        ``nobody`` (no one has the skill, or its area), ``unreachable``, ``window`` (cannot be there in time), ``shift``
        (takes more than is left of any shift), ``prize`` (not worth its way), ``urgent`` (made room for what came in)
        or ``by_hand``; as texts these are ``dropped_nobody`` and so on.
    needs
        What would bring it in: ``extra_s`` (seconds more for ``patroller``), ``skill``, ``area``, ``window``,
        ``points``.
    """

    code: str
    reason: Reason
    needs: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is planned for a :class:`gis_core.planning.tasks.Day`.

    Parameters
    ----------
    routes
        One a patroller, in the order of the day's patrollers; who has nothing to do has a start and an end.
    dropped
        Every task that is on no route.
    seed, iterations
        What made it, so that it can be made again.
    bound
        A value that no plan can go below, by name (``longest_s``), or empty.
    """

    routes: tuple[Route, ...]
    dropped: tuple[Dropped, ...] = ()
    seed: int = 1
    iterations: int = 0
    bound: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def done(self) -> frozenset[str]:
        """Codes of the tasks that are on a route."""
        return frozenset(step.code for route in self.routes for step in route.steps if step.code)

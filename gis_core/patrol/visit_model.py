"""A day as a problem for PyVRP: clients in groups, one vehicle a patroller, whole seconds and tenths of seconds of way.

Times are the durations of the problem, and what a task takes lies on the arcs out of it, since it depends on who does
it. Ways are its distances, in tenths of a second, and prizes are told in the same unit. A break is a group of clients,
of which one must be visited, at the start and at places spread over what its patroller may do: to stop there is a
detour at most, so that a round that fits with it also fits when the break is taken where one happens to be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gis_core.arrays import Bools, Ints
from gis_core.planning.board import NEVER_S, POINT_S, Board, Choice, points
from gis_core.planning.tasks import Break, Window
from gis_core.planning.timing import Draft

if TYPE_CHECKING:
    from pyvrp import Client, ProblemData, VehicleType

FAR = 100_000_000
"""Tenths of a second on an arc that is not to be taken: more than all prizes on a shift."""
Rests = Mapping[tuple[int, int], list[tuple[int, int]]]
"""Of each draft and which of its breaks: the clients that stand for it, and the points they are at."""
RESTS = 12
"""At how many places a break may be taken while rounds are searched for."""


@dataclass(frozen=True, eq=False)
class Model:
    """The problem of some patrollers and tasks.

    Parameters
    ----------
    board
        The day.
    drafts
        The patrollers; what their drafts hold already is locked, and stays with them at its moment.
    tasks
        Positions of the other tasks.
    may
        Whether each task (row) may be done by each draft (column).
    required
        Whether all tasks must be done, and prizes count for nothing.
    """

    board: Board
    drafts: Sequence[Draft]
    tasks: Sequence[int]
    may: Bools
    required: bool = False

    @cached_property
    def choices(self) -> tuple[tuple[Choice, int], ...]:
        """Each way to do each task with the row of its task; of what a draft holds, -1 less the draft."""
        open_ = [(choice, row) for row, units in enumerate(self._units) for unit in units for choice in unit]
        return (*open_, *((choice, -1 - at) for at, draft in enumerate(self.drafts) for choice in draft.choices))

    @cached_property
    def _units(self) -> list[list[list[Choice]]]:
        """Of each task its parts, and of each part the ways to do it, of whatever mover."""
        movers = sorted({draft.mover for draft in self.drafts})
        known = [[self.board.units(task, mover) for mover in movers] for task in self.tasks]
        return [
            [list(dict.fromkeys(one for units in by_mover for one in units[unit])) for unit in range(len(by_mover[0]))]
            for by_mover in known
        ]

    @cached_property
    def _seconds(self) -> Mapping[str, Ints]:
        return {mover: self.board.seconds(mover) for mover in sorted({draft.mover for draft in self.drafts})}

    @cached_property
    def _rests(self) -> list[list[int]]:
        """Of each draft the points at which its breaks may be taken."""
        return [self._resting(at) if draft.breaks else [] for at, draft in enumerate(self.drafts)]

    def _resting(self, at: int) -> list[int]:
        """Points spread over what a patroller may do, the one they begin at first."""
        draft = self.drafts[at]
        own = [choice.out for choice, row in self.choices if row == -1 - at or (row >= 0 and self.may[row, at])]
        seconds = self._seconds[draft.mover]
        picked, near = [draft.place], seconds[draft.place]
        while own and len(picked) < RESTS:
            far = np.where(near[own] < NEVER_S, near[own], -1)
            if far.max() <= 0:
                break
            picked.append(own[int(np.argmax(far))])
            near = np.minimum(near, seconds[picked[-1]])
        return picked

    @cached_property
    def _pauses(self) -> Mapping[tuple[int, Break], list[int]]:
        """The drafts that have each break, by which of their breaks it is."""
        found: dict[tuple[int, Break], list[int]] = {}
        for at, draft in enumerate(self.drafts):
            for nth, pause in enumerate(draft.breaks):
                found.setdefault((nth, pause), []).append(at)
        return found

    @cached_property
    def _places(self) -> tuple[list[int], Ints, Ints]:
        """Points to rest at, and the points where each location is entered and left: starts, ends, choices, rests."""
        rests = sorted({point for points in self._rests for point in points})
        ends = [*(draft.place for draft in self.drafts), *(self.board.end(draft.who) for draft in self.drafts)]
        into = [*ends, *(choice.into for choice, _ in self.choices), *rests]
        out = [*ends, *(choice.out for choice, _ in self.choices), *rests]
        return rests, np.array(into, np.int64), np.array(out, np.int64)

    def data(self, most_s: int | None = None) -> "ProblemData":
        """The problem; nobody is out for longer than ``most_s``."""
        from pyvrp import ClientGroup, Depot, Location, ProblemData

        clients, groups, _ = self._clients
        kinds = {kind: at for at, kind in enumerate(dict.fromkeys(map(self._kind, range(len(self.drafts)))))}
        arcs: list[tuple[Any, Any]] = [self._arcs(*kind) for kind in kinds]
        return ProblemData(
            [Location(0, 0) for _ in self._places[1]], [client for client, _ in clients],
            [Depot(at) for at in range(2 * len(self.drafts))],
            [self._vehicle(at, kinds[self._kind(at)], most_s) for at in range(len(self.drafts))],
            [distance for distance, _ in arcs], [duration for _, duration in arcs],
            [ClientGroup(members, needed) for members, needed in groups],
        )  # fmt: skip

    def meaning(self, clients: Iterable[int]) -> list[Choice]:
        """What clients stand for; breaks stand for nothing."""
        told = [self._clients[0][client][1] for client in clients]
        return [choice for choice in told if choice is not None]

    def start(
        self, data: "ProblemData", drafts: Sequence[Draft], *, whole: bool = False
    ) -> list[tuple[int, list[int]]]:
        """What drafts hold as clients of each vehicle.

        Where a detour to rest is too much, the least worthy are left out, unless it is to be ``whole``.
        """
        from pyvrp import Route

        rounds = []
        for at, draft in enumerate(drafts):
            clients = self._round(at, draft)
            while not whole and clients and not Route(data, clients, at).is_feasible():
                free = [choice.task for choice in draft.choices if choice not in self.drafts[at].choices]
                if not free:
                    break
                least = min(free, key=lambda one: (points(self.board.tasks[one]), one))
                draft = draft.having([choice for choice in draft.choices if choice.task != least])
                clients = self._round(at, draft)
            rounds += [(at, clients)] if clients else []
        return rounds

    def _round(self, at: int, draft: Draft) -> list[int]:
        """The clients of a draft in order, each break where its detour is least."""
        known, _, rests = self._clients
        of: dict[Choice | None, list[int]] = {}
        for one, (_, told) in enumerate(known):
            of.setdefault(told, []).append(one)
        clients: list[int] = []
        held, pauses = iter(draft.choices), 0
        place, seconds = draft.place, self._seconds[draft.mover]
        todo = [choice.into for choice in draft.choices] + [self.board.end(draft.who)]
        for step in draft.steps()[len(draft.past) :]:
            if step.kind == "break":
                ways = [(int(seconds[place, one] + seconds[one, todo[0]]), client) for client, one in rests[at, pauses]]
                clients.append(min(ways)[1])
                pauses += 1
            elif step.code:
                choice = next(held)
                clients += [
                    one for one in of[choice] if known[one][0].tw_early <= step.begin_s <= known[one][0].tw_late
                ][:1]
                place = choice.out
                del todo[0]
        return clients

    def _kind(self, at: int) -> tuple[str, tuple[int, ...], int]:
        """What patrollers share who move alike and may do the same; who holds something locked shares with nobody."""
        draft = self.drafts[at]
        return draft.mover, tuple(np.flatnonzero(self.may[:, at]).tolist()), at if draft.choices else -1

    def _arcs(self, mover: str, rows: tuple[int, ...], holder: int) -> tuple[Ints, Ints]:
        """Distances and durations as one kind of patroller finds them."""
        _, into, out = self._places
        seconds = self._seconds[mover][np.ix_(out, into)]
        own = {*rows, -1 - holder} if holder >= 0 else {*rows}
        ends = 2 * len(self.drafts)
        passable = {choice for task in self.tasks for unit in self.board.units(task, mover) for choice in unit}
        open_ = np.ones(len(into), bool)
        takes_s = np.zeros(len(into), np.int64)
        for at, (choice, row) in enumerate(self.choices, ends):
            open_[at] = row in own and (choice in passable or choice.locked)
            takes_s[at] = self.board.service_s(choice, mover)
        barred = (seconds >= NEVER_S) | ~open_ | ~open_[:, None]
        distance = np.where(barred, FAR, 10 * seconds)
        duration = np.where(barred, NEVER_S, seconds + takes_s[:, None])
        for arcs in (distance, duration):
            np.fill_diagonal(arcs, 0)
        return distance, duration

    @cached_property
    def _clients(self) -> "tuple[list[tuple[Client, Choice | None]], list[tuple[list[int], bool]], Rests]":
        """All clients with what they stand for; groups of which one is visited: members, whether it must be; breaks."""
        clients: list[tuple[Client, Choice | None]] = []
        groups: list[tuple[list[int], bool]] = []
        location = 2 * len(self.drafts)
        wanted: list[tuple[list[Choice], int, bool]] = []
        for task, units in zip(self.tasks, self._units, strict=True):
            prize = 0 if self.required else round(10 * POINT_S * points(self.board.tasks[task]) / len(units))
            wanted += [(unit, prize, self.required) for unit in units]
        wanted += [([choice], 0, True) for draft in self.drafts for choice in draft.choices]
        for unit, prize, needed in wanted:
            places = [
                (location + at, window, choice) for at, choice in enumerate(unit) for window in choice.windows
            ]  # fmt: skip
            location += len(unit)
            self._add(clients, groups, places, prize=prize, needed=needed)
        return clients, groups, self._add_rests(clients, groups, location)

    def _add(
        self, clients: "list[tuple[Client, Choice | None]]", groups: list[tuple[list[int], bool]],
        places: Sequence[tuple[int, Window, Choice | None]], *, prize: int, needed: bool, pause: int | None = None,
        length_s: int = 0,
    ) -> None:  # fmt: skip
        """Clients of which one is to be visited; one alone needs no group."""
        from pyvrp import Client

        alone = len(places) == 1
        group = None if alone else len(groups)
        if not alone:
            groups.append((list(range(len(clients), len(clients) + len(places))), needed))
        load = [int(nth == pause) for nth in range(len(self._pauses))]
        for location, (begin, end), choice in places:
            client = Client(
                location, load, service_duration=length_s, tw_early=begin, tw_late=end, prize=prize,
                required=needed and alone, group=group,
            )  # fmt: skip
            clients.append((client, choice))

    def _add_rests(
        self, clients: "list[tuple[Client, Choice | None]]", groups: list[tuple[list[int], bool]], begin: int
    ) -> "Rests":
        """One break more of each who has it: as many as there are fit once into each who has room for one. The clients
        and points of each draft's break, by which of its breaks it is.
        """
        rests = self._places[0]
        added: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for nth, ((order, pause), members) in enumerate(self._pauses.items()):
            window = (pause.earliest_s, pause.latest_s)
            for at in members:
                places = [(begin + rests.index(point), window, None) for point in dict.fromkeys(self._rests[at])]
                own = enumerate(dict.fromkeys(self._rests[at]), len(clients))
                added[at, order] = list(own)
                self._add(clients, groups, places, prize=0, needed=True, pause=nth, length_s=pause.length_s)
        return added

    def _vehicle(self, at: int, profile: int, most_s: int | None) -> "VehicleType":
        from pyvrp import VehicleType

        draft = self.drafts[at]
        return VehicleType(
            1, [int(at in members) for members in self._pauses.values()], at, len(self.drafts) + at,
            tw_early=draft.leave_s, tw_late=max(draft.until_s, draft.leave_s), shift_duration=most_s or NEVER_S,
            profile=profile,
        )  # fmt: skip

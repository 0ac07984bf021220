"""A day laid out for planning: what can be done how, where that is, and what the ways between cost."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from gis_core.arrays import Floats, Ints
from gis_core.errors import InvalidInput
from gis_core.planning.tasks import LANE_MPS, Day, Lane, Stop, Task, Window, travel_s
from gis_core.routing.matrices import Ways
from gis_core.routing.snapping import Spots

NEVER_S = 10_000_000
"""What a way that there is not takes: longer than any shift, and small enough to be added up."""
UNKNOWN_S = -1
POINT_S = 18
"""Seconds of way that a point is worth: 100 points are half an hour."""
MUST_POINTS, MOST_POINTS = 10_000.0, 2_000.0
"""What a task that must be done counts as, and what any other counts as at most: sums stay far from what whole numbers
of 64 bits hold, and no shift full of others outweighs one that must be.
"""
ALWAYS: tuple[Window, ...] = ((0, NEVER_S),)


@dataclass(frozen=True)
class Choice:
    """One way to do a task, or one side of a lane whose sides are walked for themselves.

    Parameters
    ----------
    task
        Position of the task among the day's.
    unit
        Which part of the task: 0, and 1 for the other side of a lane.
    into, out
        Points where it begins and where it ends.
    length_m
        What is walked while it is done: a lane's length.
    reverse
        Of a lane: from its ``to_m`` to its ``from_m``.
    windows
        When it may begin.
    """

    task: int
    unit: int
    into: int
    out: int
    length_m: float = 0.0
    reverse: bool = False
    windows: tuple[Window, ...] = ALWAYS
    locked: bool = False


@dataclass(frozen=True, eq=False)
class Board:
    """A day and its ways. Points are numbered: start and end of each patroller, the stops, both ends of each lane.

    Parameters
    ----------
    day
        What is to be done.
    ways
        The shortest ways of each mover that somebody is.
    paths
        Edges of the ways that were asked for, by mover and points.
    """

    day: Day
    ways: Mapping[str, Ways]
    _tables: dict[str, Floats] = field(default_factory=dict, repr=False)
    _seconds: dict[str, Ints] = field(default_factory=dict, repr=False)
    paths: dict[tuple[str, int, int], tuple[int, ...]] = field(default_factory=dict, repr=False)
    _units: dict[tuple[int, str], tuple[tuple[Choice, ...], ...]] = field(default_factory=dict, repr=False)

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """Stops, then lanes."""
        return self.day.tasks

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Where among the tasks each code stands."""
        return {task.code: at for at, task in enumerate(self.tasks)}

    @cached_property
    def points(self) -> int:
        """How many points there are."""
        return 2 * len(self.day.patrollers) + len(self.day.stops) + 2 * len(self.day.lanes)

    def start(self, who: int) -> int:
        """Point where a patroller begins."""
        return 2 * who

    def end(self, who: int) -> int:
        """Point where a patroller ends."""
        return 2 * who + 1

    @cached_property
    def spots(self) -> Mapping[str, Spots]:
        """Where on the network of each mover the points are."""
        return {mover: self._spots(ways) for mover, ways in self.ways.items()}

    def _spots(self, ways: Ways) -> Spots:
        places = [xy for who in self.day.patrollers for xy in (who.start, who.end or who.start)]
        places += [(stop.x, stop.y) for stop in self.day.stops]
        found = ways.spots(np.array(places, np.float64).reshape(-1, 2))
        most = len(ways.network.u) - 1
        for lane in self.day.lanes:
            if not 0 <= lane.edge <= most:
                told = {"code": lane.code, "value": lane.edge, "expected": f"0 – {most}"}
                raise InvalidInput("plan_lane", field="lanes", **told)
        edge = np.repeat(np.array([lane.edge for lane in self.day.lanes], np.int64), 2)
        at_m = np.where(np.arange(len(edge)) % 2, ways.network.length_m[edge], 0.0)
        return Spots.joined([found, ways.on_edges(edge, at_m)])

    def passable(self, lane: int, mover: str) -> tuple[bool, bool]:
        """Whether a mover may go along a lane from where it begins, and from where it ends."""
        begin = self.points - 2 * len(self.day.lanes) + 2 * lane
        ends = self.spots[mover].take([begin, begin + 1])
        onward, back = (bool(free[ends.edge[0]]) for free in self.ways[mover].free)
        return (onward, back) if ends.at_m[0] <= ends.at_m[1] else (back, onward)

    def metres(self, mover: str) -> Floats:
        """Ways from each point to each, NaN where nobody asked yet and inf where there is none."""
        if mover not in self._tables:
            self._tables[mover] = np.full((self.points, self.points), np.nan)
        return self._tables[mover]

    def fill(self, mover: str, sources: Iterable[int], targets: Iterable[int]) -> None:
        """Ask for the ways from all of some points to all of others at once."""
        rows, columns = (np.unique(np.fromiter(points, np.int64)) for points in (sources, targets))
        block, spots = np.ix_(rows, columns), self.spots[mover]
        if not np.isnan(self.metres(mover)[block]).any():
            return
        if len(columns) < len(rows) and self._both_ways[mover]:
            # The fewer places are searched from, the sooner it is done; there and back is the same.
            self._take(mover, block, self.ways[mover].matrix(spots.take(columns), spots.take(rows)).T)
        else:
            self._take(mover, block, self.ways[mover].matrix(spots.take(rows), spots.take(columns)))

    @cached_property
    def _both_ways(self) -> Mapping[str, bool]:
        """Whether all that a mover may pass may be passed both ways."""
        return {mover: bool((ways.free[0] == ways.free[1]).all()) for mover, ways in self.ways.items()}

    def know(self, mover: str, source: int, target: int, leg_m: float, edges: tuple[int, ...]) -> None:
        """Take over a way that somebody asked for before."""
        self._take(mover, (source, target), np.float64(leg_m))
        self.paths[mover, source, target] = edges

    def _take(self, mover: str, block: Any, metres: Any) -> None:
        self.metres(mover)[block] = metres
        found = np.isfinite(metres)
        self.seconds(mover)[block] = np.where(found, travel_s(np.where(found, metres, 0.0), mover), NEVER_S)

    def leg_m(self, mover: str, source: int, target: int) -> float:
        """The way between two points, metres; inf where there is none."""
        self.leg_s(mover, source, target)
        return float(self.metres(mover)[source, target])

    def leg_s(self, mover: str, source: int, target: int) -> int:
        """How long the way between two points takes, :data:`NEVER_S` where there is none."""
        if (known := int(self.seconds(mover)[source, target])) == UNKNOWN_S:
            self.fill(mover, [source], [target])
            return int(self.seconds(mover)[source, target])
        return known

    def legs_s(self, mover: str, places: Ints, choice: Choice, targets: Ints) -> tuple[Ints, Ints]:
        """How long the ways take from places to something, and from there to targets."""
        seconds = self.seconds(mover)
        if (seconds[places, choice.into] == UNKNOWN_S).any():
            self.fill(mover, places, [choice.into])
        if (seconds[choice.out, targets] == UNKNOWN_S).any():
            self.fill(mover, [choice.out], targets)
        return seconds[places, choice.into], seconds[choice.out, targets]

    def seconds(self, mover: str) -> Ints:
        """How long all ways take: :data:`UNKNOWN_S` where nobody asked yet, :data:`NEVER_S` where there is none."""
        if mover not in self._seconds:
            self._seconds[mover] = np.full((self.points, self.points), UNKNOWN_S, np.int64)
        return self._seconds[mover]

    def service_s(self, choice: Choice, mover: str) -> int:
        """How long a task, or one side of it, takes."""
        task = self.tasks[choice.task]
        if isinstance(task, Stop):
            return task.service_s
        return lane_s(choice.length_m, mover)

    def units(self, task: int, mover: str) -> tuple[tuple[Choice, ...], ...]:
        """Of each part of a task all ways to do it."""
        if (task, mover) not in self._units:
            self._units[task, mover] = self._parts(task, mover)
        return self._units[task, mover]

    def sides(self, task: int) -> int:
        """How often a task is to be done: a lane whose sides are walked for themselves twice."""
        told = self.tasks[task]
        return 2 if isinstance(told, Lane) and told.both_sides else 1

    def _parts(self, task: int, mover: str) -> tuple[tuple[Choice, ...], ...]:
        told = self.tasks[task]
        windows = tuple(sorted(told.windows)) or ALWAYS
        if isinstance(told, Stop):
            point = 2 * len(self.day.patrollers) + task
            return ((Choice(task, 0, point, point, windows=windows),),)
        assert isinstance(told, Lane)
        lane = task - len(self.day.stops)
        begin = 2 * len(self.day.patrollers) + len(self.day.stops) + 2 * lane
        onward, back = self.passable(lane, mover)
        ends = [(begin, begin + 1, False)] * onward + [(begin + 1, begin, True)] * back
        return tuple(
            tuple(Choice(task, side, into, out, told.length_m, turned, windows) for into, out, turned in ends)
            for side in range(self.sides(task))
        )


def lane_s(length_m: float, mover: str) -> int:
    """Whole seconds that a mover needs along a lane that is inspected, rounded up as ways are."""
    return math.ceil(round(length_m, 2) / LANE_MPS[mover] - 1e-9)


def clock(second: int) -> str:
    """A moment of the day for people, as ``08:05``."""
    return f"{second // 3_600:02d}:{second % 3_600 // 60:02d}"


def points(task: Task) -> float:
    """What doing a task counts as."""
    return MUST_POINTS if task.must else min(max(task.prize, 0.0), MOST_POINTS)


def slot(windows: Sequence[Window], arrive_s: int) -> int:
    """When one who arrives then may begin; :data:`NEVER_S` when no window is open any more."""
    for begin, end in windows:
        if arrive_s <= end:
            return max(arrive_s, begin)
    return NEVER_S


def latest(windows: Sequence[Window], leave_s: int, service_s: int) -> int:
    """Until when one must have come, to be done by ``leave_s``; -1 when that cannot be."""
    return max((min(end, leave_s - service_s) for begin, end in windows if begin + service_s <= leave_s), default=-1)

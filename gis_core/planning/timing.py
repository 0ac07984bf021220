"""When what is done in a given order: breaks are taken where one is, as early as all that follows allows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gis_core.arrays import Bools, Ints
from gis_core.planning.board import NEVER_S, Board, Choice, latest, slot
from gis_core.planning.plan import Step
from gis_core.planning.tasks import Break


@dataclass(frozen=True)
class Draft:
    """What one patroller is to do, in order, from a place and a moment on.

    Parameters
    ----------
    board
        The day.
    who
        Position of the patroller.
    place, leave_s
        Point they set out from, and when at the earliest.
    until_s
        When they must be back.
    choices
        What they do.
    breaks
        Pauses not yet taken, in order.
    past
        Steps before, which stay as they are; without them a day begins with a start.
    late
        Whether they leave so late that they are out as short as can be; else at once, unless the first door is closed.
    """

    board: Board
    who: int
    place: int
    leave_s: int
    until_s: int
    choices: tuple[Choice, ...] = ()
    breaks: tuple[Break, ...] = ()
    past: tuple[Step, ...] = ()
    late: bool = False

    @property
    def mover(self) -> str:
        """How they get on."""
        return self.board.day.patrollers[self.who].mover

    def having(self, choices: Sequence[Choice]) -> "Draft":
        """The same patroller with other things to do."""
        return replace(self, choices=tuple(choices))

    def until(self, until_s: int) -> "Draft":
        """The same with another end of the shift."""
        return replace(self, until_s=until_s)

    @property
    def over(self) -> bool:
        """Whether they are back, and nothing can be added any more."""
        return bool(self.past) and self.past[-1].kind == "end"

    @property
    def idle(self) -> bool:
        """Whether they have nothing to do, and had nothing."""
        return not self.choices and not any(step.code for step in self.past)

    @cached_property
    def services(self) -> tuple[int, ...]:
        """How long each takes."""
        return tuple(self.board.service_s(choice, self.mover) for choice in self.choices)

    @cached_property
    def legs(self) -> tuple[int, ...]:
        """Seconds of the way to each, and at last to the end."""
        places = [self.place, *(choice.out for choice in self.choices)]
        targets = [*(choice.into for choice in self.choices), self.board.end(self.who)]
        return tuple(self.board.leg_s(self.mover, *pair) for pair in zip(places, targets, strict=True))

    @cached_property
    def earliest(self) -> tuple[tuple[int, ...], ...]:
        """By how many things are done, and how many breaks were taken: when one can go on at the earliest."""
        return tuple(tuple(when for when, _ in row) for row in self._reached)

    @cached_property
    def _reached(self) -> list[list[tuple[int, bool]]]:
        """As :attr:`earliest`, with whether the last break was taken there."""
        rows = [self._paused([self.leave_s] + [NEVER_S] * len(self.breaks))]
        for choice, service_s, leg_s in zip(self.choices, self.services, self.legs[:-1], strict=True):
            begins = [slot(choice.windows, when + leg_s) for when, _ in rows[-1]]
            rows.append(self._paused([min(begin + service_s, NEVER_S) for begin in begins]))
        return rows

    def _paused(self, row: Sequence[int]) -> list[tuple[int, bool]]:
        """Moments at a place by breaks taken, those that are taken there included."""
        out = [(row[0], False)]
        for when, pause in zip(row[1:], self.breaks, strict=True):
            begin = max(out[-1][0], pause.earliest_s)
            after = begin + pause.length_s if begin <= pause.latest_s else NEVER_S
            out.append((after, True) if after < when else (when, False))
        return out

    @cached_property
    def latest(self) -> tuple[tuple[int, ...], ...]:
        """By how many things are done, and how many breaks were taken: until when one must be at the next."""
        most = len(self.breaks)
        rows = [[-1] * most + [self.until_s]]
        for at in range(len(self.choices) - 1, -1, -1):
            leave = self._before([when - self.legs[at + 1] for when in rows[-1]])
            rows.append([latest(self.choices[at].windows, when, self.services[at]) for when in leave])
        return tuple(tuple(row) for row in reversed(rows))

    def _before(self, row: Sequence[int]) -> list[int]:
        """Until when one must be done at a place, given until when one must go on from it, by breaks taken."""
        out = list(row)
        for taken in range(len(self.breaks) - 1, -1, -1):
            pause = self.breaks[taken]
            begin = min(out[taken + 1] - pause.length_s, pause.latest_s)
            if begin >= pause.earliest_s:
                out[taken] = max(out[taken], begin)
        return out

    @property
    def back_s(self) -> int:
        """When they are back."""
        return self.earliest[-1][-1] + self.legs[-1]

    @property
    def lasts_s(self) -> int:
        """From leaving to being back."""
        if not self.choices:
            return self.past[-1].leave_s - self.past[0].leave_s if self.past else 0
        steps = self.steps()
        return steps[-1].leave_s - steps[0].leave_s

    @property
    def fits(self) -> bool:
        """Whether all windows, breaks and the shift are kept."""
        return self.over or self.idle or self.back_s <= self.until_s

    @cached_property
    def _arrays(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """By gap: the points before and after, seconds between; by breaks too the earliest and the latest."""
        places = [self.place, *(choice.out for choice in self.choices)]
        targets = [*(choice.into for choice in self.choices), self.board.end(self.who)]
        told = (places, targets, self.legs, self.earliest, self.latest)
        return tuple(np.array(values, np.int64) for values in told)  # type: ignore[return-value]

    def taking(self, choice: Choice) -> tuple[Ints, Bools]:
        """Of each gap how many seconds of way more one thing more is there, and whether it fits."""
        places, targets, legs, earliest, latest_s = self._arrays
        leg_s, onward_s = self.board.legs_s(self.mover, places, choice, targets)
        detour_s = leg_s + onward_s - legs
        if self.over:
            return detour_s, np.zeros(len(detour_s), bool)
        arrive_s = earliest + leg_s[:, None]
        begin_s = np.full(arrive_s.shape, NEVER_S)
        for begin, end in reversed(choice.windows):
            begin_s = np.where(arrive_s <= end, np.maximum(arrive_s, begin), begin_s)
        until_s = latest_s - onward_s[:, None]
        for taken in range(len(self.breaks) - 1, -1, -1):
            pause = self.breaks[taken]
            pause_s = np.minimum(until_s[:, taken + 1] - pause.length_s, pause.latest_s)
            later = np.maximum(until_s[:, taken], pause_s)
            until_s[:, taken] = np.where(pause_s >= pause.earliest_s, later, until_s[:, taken])
        fits = (begin_s + self.board.service_s(choice, self.mover) <= until_s).any(axis=1)
        return detour_s, fits & (leg_s < NEVER_S) & (onward_s < NEVER_S)

    def around(self, gap: int) -> tuple[int, int]:
        """Point that one comes from at a gap, and the one that comes next."""
        place = self.choices[gap - 1].out if gap else self.place
        return place, self.choices[gap].into if gap < len(self.choices) else self.board.end(self.who)

    def with_one(self, gap: int, choice: Choice) -> "Draft":
        """The same with one thing more, before the one at a gap."""
        return self.having([*self.choices[:gap], choice, *self.choices[gap:]])

    def steps(self) -> tuple[Step, ...]:
        """The route with its times; the way there is told without its edges."""
        assert self.fits, "a draft that does not fit has no times"
        if self.over:
            return self.past
        if self.idle:
            return self._idle()
        if self.late and not self.past:
            return self._shortest().steps()
        taken = self._pauses()
        steps: list[Step] = list(self.past)
        when = self.leave_s
        if not steps:
            when = self._leaving(taken)
            steps.append(Step(kind="start", arrive_s=when, begin_s=when, leave_s=when))
        pauses = iter(self.breaks)
        places = [self.place, *(choice.out for choice in self.choices)]
        for at in range(len(self.choices) + 1):
            for pause in [next(pauses) for _ in range(taken[at])]:
                begin = max(when, pause.earliest_s)
                steps.append(Step(kind="break", arrive_s=when, begin_s=begin, leave_s=begin + pause.length_s))
                when = begin + pause.length_s
            steps.append(self._step(at, places[at], when))
            when = steps[-1].leave_s
        return tuple(steps)

    def _shortest(self) -> "Draft":
        """The same, leaving as early as lets the round be as short as can be: later, less is waited for doors."""
        leaving = replace(self, late=False)
        low, high = self.leave_s, max(self.leave_s, self.latest[0][0] - self.legs[0])
        least_s = replace(leaving, leave_s=high).back_s - high
        while low < high:
            middle = (low + high) // 2
            if replace(leaving, leave_s=middle).back_s - middle <= least_s:
                high = middle
            else:
                low = middle + 1
        return replace(leaving, leave_s=high)

    def _step(self, at: int, place: int, leave_s: int) -> Step:
        arrive_s = leave_s + self.legs[at]
        if at == len(self.choices):
            leg_m = self.board.leg_m(self.mover, place, self.board.end(self.who))
            return Step(kind="end", arrive_s=arrive_s, begin_s=arrive_s, leave_s=arrive_s, leg_m=leg_m)
        choice = self.choices[at]
        task = self.board.tasks[choice.task]
        begin_s = slot(choice.windows, arrive_s)
        return Step(
            kind="lane" if choice.length_m else "stop", code=task.code, arrive_s=arrive_s, begin_s=begin_s,
            leave_s=begin_s + self.services[at], leg_m=self.board.leg_m(self.mover, place, choice.into),
            reverse=choice.reverse, locked=choice.locked,
        )  # fmt: skip

    def _pauses(self) -> list[int]:
        """How many breaks are taken before each thing is gone to."""
        taken = [0] * len(self._reached)
        left = len(self.breaks)
        for at in range(len(self._reached) - 1, -1, -1):
            while left and self._reached[at][left][1]:
                taken[at] += 1
                left -= 1
        return taken

    def _leaving(self, taken: Sequence[int]) -> int:
        """When to leave at the start, so as not to wait before the first door."""
        if taken[0] or not self.choices:
            return self.leave_s
        arrive_s = self.leave_s + self.legs[0]
        return self.leave_s + slot(self.choices[0].windows, arrive_s) - arrive_s

    def _idle(self) -> tuple[Step, ...]:
        """Nothing to do: one stays where one is, no longer than the shift lasts."""
        when = self.past[0].leave_s if self.past else min(self.leave_s, self.until_s)
        return tuple(Step(kind=kind, arrive_s=when, begin_s=when, leave_s=when) for kind in ("start", "end"))

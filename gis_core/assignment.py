"""Who is responsible for an issue: locate it, then ask the rules in order.

One call answers for one issue and for a million, and the same inputs give the same answer in any
order. Every accepted issue gets exactly one answer: what no rule answers falls to whoever holds or
governs the territory (属地兜底), and at last to the queue of the enclosing grid.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis_core.answers import ANSWER, RULE_COLUMNS, Decided, answer_of, answers_of, stacked
from gis_core.arrays import Floats, Ints, lonlat_of
from gis_core.candidates import Batch
from gis_core.joins.threads import mapped
from gis_core.locating import locate
from gis_core.rules import RULES, holders_of
from gis_core.territory import Territory
from gis_core.validity import local_day, local_days

FEW = 1_000
"""Of so few issues each category is looked up by itself."""
BLOCK_ROWS = 131_072
"""So many issues are decided at once: what they need at a time stays small, and threads have their share."""
SHARES = 4
"""Of several threads each gets so many blocks at least, so that none waits long for the others."""
WORTH_ASKING = 0.9
"""The next rule is asked about answered issues as well, unless leaving them out makes this share of the batch."""


@dataclass(frozen=True, eq=False)
class Assigner:
    """Assigns issues by one territory.

    Parameters
    ----------
    threads
        So many blocks of issues are decided at the same time.
    """

    territory: Territory
    threads: int = 1

    def __call__(self, issues: pd.DataFrame) -> pd.DataFrame:
        """Answer for every issue.

        Parameters
        ----------
        issues
            Accepted issues (see :func:`gis_core.issues.screen`): ``lon``, ``lat`` in degrees,
            ``scheme``, ``kind``, ``category``, ``reported_at`` as UTC instants. One row or a million.

        Returns
        -------
        answers
            Columns :data:`gis_core.answers.ANSWER` on the index of ``issues``, texts as categories. ``x``, ``y`` are
            metres in the city's CRS; ``grid_1`` … hold the code of the cell that answers at each level from the top;
            ``area`` is the code of the topmost cell, which numbers the case.
        """
        asked = asked_of(issues, self.territory)
        shares = SHARES * self.threads if self.threads > 1 else 1
        at_once = min(BLOCK_ROWS, -(-len(issues) // shares) or 1)
        blocks = [
            (rows[first : first + at_once], state)
            for rows, state in self.territory.by_state(asked.day)
            for first in range(0, len(rows), at_once)
        ]
        if not blocks:
            return pd.DataFrame(columns=list(ANSWER), index=issues.index)

        def answer(block: tuple[Ints, Territory]) -> pd.DataFrame:
            rows, state = block
            return answers_of(decide(asked.located(rows, state), state), state, issues.index[rows])

        # The first one alone: it makes the indexes that the others share.
        parts = [answer(blocks[0]), *mapped(answer, blocks[1:], self.threads)]
        answers = stacked(parts)
        return answers if all(state is blocks[0][1] for _, state in blocks) else answers.reindex(issues.index)

    def one(
        self, *, lon: float, lat: float, scheme: str, kind: str, category: str, reported_at: dt.datetime
    ) -> dict[str, Any]:
        """Answer for one issue, without the cost of a frame.

        Parameters
        ----------
        lon, lat
            Degrees, EPSG:4326, of a place that :func:`gis_core.issues.screen` would accept.
        reported_at
            With its time zone.

        Returns
        -------
        answer
            By the names in :data:`gis_core.answers.ANSWER`, as in a frame, but ``None`` for what is missing.
        """
        day = local_day(reported_at, self.territory.city.zone)
        position = self.territory.category_positions.get((scheme, kind, category), -1)
        asked = Asked(np.array([[lon, lat]]), np.array([day]), np.array([position]))
        state = self.territory.on(day)
        return answer_of(decide(asked.located(np.zeros(1, np.int64), state), state), state)


@dataclass(frozen=True, eq=False)
class Asked:
    """Issues as arrays: degrees, local day (days since 1970) and category position."""

    lonlat: Floats
    day: Ints
    category: Ints

    def located(self, rows: Ints, territory: Territory) -> Batch:
        """Some of them with where they lie."""
        lonlat, day, category = self.lonlat[rows], self.day[rows], self.category[rows]
        doors = territory.doors
        found, lines = locate(territory, lonlat), doors.lines_at(lonlat, day, category)
        strip = doors.strip_at(lonlat, day)
        before = doors.before(found.xy, day, category, strip)
        return Batch(found, day, category, *before, *lines)


def asked_of(issues: pd.DataFrame, territory: Territory) -> Asked:
    """What an assignment needs to know of issues."""
    return Asked(
        lonlat_of(issues), local_days(issues["reported_at"], territory.city.zone), categories_of(issues, territory)
    )


def categories_of(issues: pd.DataFrame, territory: Territory) -> Ints:
    """Position of each issue's category, -1 where the territory has no such category."""
    columns = [issues[name] for name in ("scheme", "kind", "category")]
    if len(issues) <= FEW:
        return _category_positions(columns, territory)
    # A million issues have some hundred combinations.
    number, texts = zip(*(pd.factorize(column, use_na_sentinel=False) for column in columns), strict=True)
    sizes = [len(one) for one in texts]
    which, combination = pd.factorize(np.ravel_multi_index(number, sizes))
    parts = [one[nth] for one, nth in zip(texts, np.unravel_index(combination, sizes), strict=True)]
    return _category_positions(parts, territory)[which]


def _category_positions(columns: list[Any], territory: Territory) -> Ints:
    known = territory.category_positions
    keys = zip(*(column.tolist() for column in columns), strict=True)
    return np.array([known.get(key, -1) for key in keys], dtype=np.int64)


def decide(batch: Batch, territory: Territory) -> Decided:
    """Ask the rules in order; the first that answers wins."""
    count = len(batch)
    rule = np.full(count, len(RULES))
    found = dict(zip(RULE_COLUMNS, np.full((len(RULE_COLUMNS), count), -1), strict=True))
    found["frontage"] = batch.strip
    rows, asking, unanswered = np.arange(count), batch, np.ones(count, dtype=bool)
    for nth, entry in enumerate(RULES):
        issue, thing = entry.candidates(asking, territory).winners()
        new = unanswered[rows[issue]]
        won, thing = rows[issue[new]], thing[new]
        if not len(won):
            continue
        rule[won], unanswered[won] = nth, False
        for name, positions in entry.answer(territory, thing).items():
            found[name][won] = positions
        left = np.flatnonzero(unanswered[rows])
        if not len(left):
            break
        if len(left) < WORTH_ASKING * len(rows):
            rows, asking = rows[left], asking.take(left)
    topmost = _topmost(batch.located.grids, territory)
    holds = territorial_party(batch, territory, topmost)
    found["responsible"][unanswered] = holds[unanswered]
    return Decided(batch, rule, found, holds, topmost)


def territorial_party(batch: Batch, territory: Territory, topmost: Ints) -> Ints:
    """Who holds the territory under each issue: the holder of its lowest cell, else the cell's organisation,
    else the same one level up, and at last the enclosing cell, in whose queue it waits.

    Returns
    -------
    holds
        As in :class:`Decided`.
    """
    holds = np.full(len(batch), -1)
    left = np.arange(len(batch))
    for level in range(len(territory.levels) - 1, -1, -1):
        if not len(left):
            break
        cell = batch.located.grids[left, level]
        held, holder = holders_of(cell, batch.day[left], territory, level).winners()
        holds[left[held]] = territory.named("holders", "holder")[holder]
        left, cell = left[holds[left] < 0], cell[holds[left] < 0]
        holds[left[cell >= 0]] = territory.organisations[level][cell[cell >= 0]]
        left = left[holds[left] < 0]
    holds[left] = len(territory.bodies.codes) + topmost[left]
    return holds


def _topmost(grids: Ints, territory: Territory) -> Ints:
    has = grids >= 0
    level = has.argmax(axis=1)
    row = np.arange(len(grids))
    return np.where(has[row, level], territory.first_cell[level] + grids[row, level], -1)

"""Who is responsible for an issue: locate it, then ask the rules in order.

One call answers for one issue and for a million, and the same inputs give the same answer in any
order. Every accepted issue gets exactly one answer: what no rule answers falls to whoever holds or
governs the territory (属地兜底), and at last to the queue of the enclosing grid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.internals import create_dataframe_from_blocks

from gis_core.arrays import Bools, Floats, Ints, lonlat_of
from gis_core.bodies import KINDS
from gis_core.city import MAX_LEVELS
from gis_core.joins.threads import mapped
from gis_core.labels import labels, words_of
from gis_core.locating import Located, locate
from gis_core.rules import RULES, Batch, holders_of
from gis_core.territory import Territory

FALLBACK = "territorial_fallback"
QUEUE = "queue"
RULE_NAMES = (*(rule.name for rule in RULES), FALLBACK)
"""What :attr:`Decided.rule` counts."""
FLAGS = ("snapped", "queue", "border_street", "several_grids", "parent_differs", "no_street", "no_contractor")
"""What is worth a second look about an answer; ``flag_<name>`` is its text."""
SIDES = ("on", "left", "right")
"""Names of the sides 0, 1 and -1 of a street."""
GRID_COLUMNS = tuple(f"grid_{level + 1}" for level in range(MAX_LEVELS))
THINGS = {"place": "places", "facility": "facilities", "contract": "contracts"}
"""Columns of an answer that name a thing, and the layer it stands in."""
PARTIES = ("contractor", "responsible", "supervises", "owns")
RULE_COLUMNS = (*THINGS, *PARTIES)
ANSWER = (
    "x", "y", "version", "revision", *GRID_COLUMNS, "grid", "grid_distance_m", "street", "street_distance_m",
    "street_side", "place", "facility", "contract", "contractor", "responsible", "responsible_kind", "rule",
    "supervises", "owns", "handles", "holds", "flags", "area",
)  # fmt: skip
"""Columns an assignment adds to the issues."""
_COLUMNS = pd.Index(ANSWER)
FEW = 1_000
"""Of so few issues each category is looked up by itself."""
BLOCK_ROWS = 65_536
"""So many issues are decided at once: what they need at a time stays small, and threads have their share."""

_CODES = {
    **dict.fromkeys(GRID_COLUMNS, "cells"), "grid": "cells", "area": "cells", "street": "streets", **THINGS,
    **dict.fromkeys((*PARTIES, "handles", "holds"), "answerers"),
}  # fmt: skip
"""Columns of codes, each with its kind in :attr:`Territory.labels`."""
_RAISED = list(product((False, True), repeat=len(FLAGS)))
_WORDS = labels(
    {
        "rule": words_of(RULE_NAMES),
        "street_side": words_of(SIDES),
        "responsible_kind": words_of((*KINDS, QUEUE)),
        # Each combination of flags in words, by the number whose binary digits they are.
        "flags": words_of([" ".join(name for name, on in zip(FLAGS, raised, strict=True) if on) for raised in _RAISED]),
    }
)


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
            Columns :data:`ANSWER` on the index of ``issues``. ``x``, ``y`` are metres in the city's
            CRS; ``grid_1`` … hold the code of the cell that answers at each level from the top;
            ``area`` is the code of the topmost cell, which numbers the case.
        """
        asked = asked_of(issues, self.territory)
        blocks = [
            (rows[first : first + BLOCK_ROWS], state)
            for rows, state in self.territory.by_state(asked.day)
            for first in range(0, len(rows), BLOCK_ROWS)
        ]
        if not blocks:
            return pd.DataFrame(columns=list(ANSWER), index=issues.index)

        def answer(block: tuple[Ints, Territory]) -> pd.DataFrame:
            rows, state = block
            return answers_of(decide(asked.located(rows, state), state), state, issues.index[rows])

        # The first one alone: it makes the indexes that the others share.
        parts = [answer(blocks[0]), *mapped(answer, blocks[1:], self.threads)]
        answers = parts[0] if len(parts) == 1 else pd.concat(parts)
        return answers if all(state is blocks[0][1] for _, state in blocks) else answers.reindex(issues.index)


@dataclass(frozen=True, eq=False)
class Asked:
    """Issues as arrays: degrees, local day (days since 1970) and category position."""

    lonlat: Floats
    day: Ints
    category: Ints

    def located(self, rows: Ints, territory: Territory) -> Batch:
        """Some of them with where they lie."""
        return Batch(locate(territory, self.lonlat[rows]), self.day[rows], self.category[rows])


def asked_of(issues: pd.DataFrame, territory: Territory) -> Asked:
    """What an assignment needs to know of issues."""
    return Asked(lonlat_of(issues), local_days(issues["reported_at"], territory), categories_of(issues, territory))


def local_days(reported_at: pd.Series, territory: Territory) -> Ints:
    """The city's calendar day of each instant, as days since 1970."""
    local = reported_at.array.tz_convert(territory.city.zone).tz_localize(None)
    return np.asarray(local).astype("datetime64[D]").astype(np.int64)


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


@dataclass(frozen=True, eq=False)
class Decided:
    """Answers as whole numbers.

    Parameters
    ----------
    rule
        Position in :data:`RULE_NAMES`.
    found
        Columns :data:`RULE_COLUMNS`: of things the position in their layer, of parties in
        :attr:`Territory.bodies`, beyond whose end come the cells of all levels, each with a queue; -1 for none.
    holds
        Who holds the territory, by the same positions.
    topmost
        Position of the topmost cell among the cells of all levels, -1 where there is none at all.
    """

    located: Located
    rule: Ints
    found: Mapping[str, Ints]
    holds: Ints
    topmost: Ints


def decide(batch: Batch, territory: Territory) -> Decided:
    """Ask the rules in order; the first that answers wins."""
    count = len(batch)
    rule = np.full(count, len(RULES))
    found = {name: np.full(count, -1) for name in RULE_COLUMNS}
    unanswered, asking = np.arange(count), batch
    for nth, entry in enumerate(RULES):
        issue, thing = entry.candidates(asking, territory).winners()
        if not len(issue):
            continue
        rows = unanswered[issue]
        rule[rows] = nth
        for name, positions in entry.answer(territory, thing).items():
            found[name][rows] = positions
        left = np.delete(np.arange(len(unanswered)), issue)
        unanswered = unanswered[left]
        if not len(left):
            break
        asking = asking.take(left)
    topmost = _topmost(batch.located.grids, territory)
    holds = territorial_party(batch, territory, topmost)
    found["responsible"][unanswered] = holds[unanswered]
    return Decided(batch.located, rule, found, holds, topmost)


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


def answers_of(decided: Decided, territory: Territory, index: pd.Index) -> pd.DataFrame:
    """Decided answers as a frame, columns :data:`ANSWER`."""
    located, found, bodies = decided.located, decided.found, territory.bodies
    cells = np.where(located.grids >= 0, located.grids + territory.first_cell, -1)
    nowhere = np.full(len(located), -1)
    # A queue comes after all bodies; it is of no kind of theirs and nobody is above it.
    body = np.minimum(found["responsible"], len(bodies.codes))
    positions = {
        **{name: cells[:, level] if level < cells.shape[1] else nowhere for level, name in enumerate(GRID_COLUMNS)},
        **found,
        "grid": cells[:, -1],
        "area": decided.topmost,
        "street": located.street,
        "street_side": np.where(located.street >= 0, located.street_side % len(SIDES), -1),
        "responsible_kind": bodies.kind[body],
        "rule": decided.rule,
        "supervises": np.where(found["supervises"] >= 0, found["supervises"], bodies.parent[body]),
        "handles": np.where(found["contractor"] >= 0, found["contractor"], found["responsible"]),
        "holds": decided.holds,
        "flags": _flags(decided, territory),
    }
    columns = {
        "x": located.xy[None, :, 0],
        "y": located.xy[None, :, 1],
        "version": np.full((1, len(located)), territory.version),
        "revision": np.full((1, len(located)), territory.revision),
        "grid_distance_m": located.grid_distance_m[None],
        "street_distance_m": located.street_distance_m[None],
        **territory.labels.columns(_CODES, positions),
        **_WORDS.columns({name: name for name in _WORDS.first}, positions),
    }
    # The usual constructor looks at every column as if it could be anything, which one issue would feel.
    blocks = [(columns[name], np.array([place])) for place, name in enumerate(ANSWER)]
    return create_dataframe_from_blocks(blocks, index, _COLUMNS)


def _flags(decided: Decided, territory: Territory) -> Ints:
    """The flags of each answer as the binary digits of a number."""
    located = decided.located
    raised = {
        "snapped": located.snapped,
        "queue": located.grids[:, -1] < 0,
        "border_street": located.border_street,
        "several_grids": located.several_grids,
        "parent_differs": _parent_differs(territory, located),
        "no_street": located.street < 0,
        "no_contractor": (decided.found["contract"] >= 0) & (decided.found["contractor"] < 0),
    }
    number = np.zeros(len(located), dtype=np.int64)
    for name in FLAGS:
        number = 2 * number + raised[name]
    return number


def _parent_differs(territory: Territory, located: Located) -> Bools:
    """Whether the cells located at two levels disagree with the lower cell's own chain of parents."""
    differs = np.zeros(len(located), dtype=bool)
    rows = np.flatnonzero(located.grids[:, -1] >= 0)
    chain = territory.ancestry[located.grids[rows, -1]]
    differs[rows] = ((chain >= 0) & (located.grids[rows] >= 0) & (chain != located.grids[rows])).any(axis=1)
    return differs

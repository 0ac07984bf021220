"""Who is responsible for an issue: locate it, then ask the rules in order.

One call answers for one issue and for a million, and the same inputs give the same answer in any
order. Every accepted issue gets exactly one answer: what no rule answers falls to whoever holds or
governs the territory (属地兜底), and at last to the queue of the enclosing grid.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Ints, Objects, either, lonlat_of, missing
from gis_core.city import MAX_LEVELS
from gis_core.locating import Located, locate
from gis_core.rules import RULES, Batch, holders_of
from gis_core.territory import Territory

FALLBACK = "territorial_fallback"
QUEUE = "queue"
FLAGS = ("snapped", "queue", "border_street", "several_grids", "parent_differs", "no_street", "no_contractor")
"""What is worth a second look about an answer; ``flag_<name>`` is its text."""
SIDES = np.array(["on", "left", "right"], dtype=object)
"""Names of the sides 0, 1 and -1 of a street."""
GRID_COLUMNS = tuple(f"grid_{level + 1}" for level in range(MAX_LEVELS))
RULE_COLUMNS = ("place", "facility", "contract", "contractor", "responsible", "supervises", "owns")
ANSWER = (
    "x", "y", "version", "revision", *GRID_COLUMNS, "grid", "grid_distance_m", "street", "street_distance_m",
    "street_side", "place", "facility", "contract", "contractor", "responsible", "responsible_kind", "rule",
    "supervises", "owns", "handles", "holds", "flags", "area",
)  # fmt: skip
"""Columns an assignment adds to the issues."""


@dataclass(frozen=True, eq=False)
class Assigner:
    """Assigns issues by one territory."""

    territory: Territory

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
        parts = [
            pd.DataFrame(decide(batch, state), index=issues.index[rows])
            for rows, batch, state in batches(issues, self.territory)
        ]
        if not parts:
            return pd.DataFrame(columns=list(ANSWER), index=issues.index)
        return parts[0] if len(parts) == 1 else pd.concat(parts).reindex(issues.index)


def local_days(reported_at: pd.Series, territory: Territory) -> Ints:
    """The city's calendar day of each instant, as days since 1970."""
    local = reported_at.dt.tz_convert(territory.city.zone).dt.tz_localize(None)
    return local.to_numpy("datetime64[D]").astype(np.int64)


def categories_of(issues: pd.DataFrame, territory: Territory) -> Ints:
    """Position of each issue's category, -1 where the territory has no such category."""
    known = territory.category_positions
    keys = zip(issues["scheme"], issues["kind"], issues["category"], strict=True)
    return np.array([known.get(key, -1) for key in keys], dtype=np.int64)


def batches(issues: pd.DataFrame, territory: Territory) -> Iterator[tuple[Ints, Batch, Territory]]:
    """Issues located, by the states of the territory on their days: row numbers, batch and state."""
    day, category = local_days(issues["reported_at"], territory), categories_of(issues, territory)
    lonlat = lonlat_of(issues)
    for rows, state in territory.by_state(day):
        yield rows, Batch(locate(state, lonlat[rows]), day[rows], category[rows]), state


def decide(batch: Batch, territory: Territory) -> dict[str, object]:
    """Ask the rules in order; the first that answers wins."""
    located, count = batch.located, len(batch)
    rule = np.full(count, FALLBACK, dtype=object)
    columns = {name: np.full(count, None, dtype=object) for name in RULE_COLUMNS}
    unanswered = np.arange(count)
    for entry in RULES:
        if not len(unanswered):
            break
        issue, thing = entry.candidates(batch.take(unanswered), territory).winners()
        if not len(issue):
            continue
        rows = unanswered[issue]
        rule[rows] = entry.name
        for name, codes in entry.answer(territory, thing).items():
            columns[name][rows] = codes
        unanswered = np.delete(unanswered, issue)
    holds, queued = territorial_party(batch, territory)
    columns["responsible"][unanswered] = holds[unanswered]
    return _assemble(territory, located, rule, columns, holds, queued)


def territorial_party(batch: Batch, territory: Territory) -> tuple[Objects, Bools]:
    """Who holds the territory under each issue: the holder of its lowest cell, else the cell's organisation,
    else the same one level up, and at last the code of the enclosing cell, whose queue it waits in.

    Returns
    -------
    holds, queued
        Party codes (grid codes where queued), and whether it is a queue.
    """
    holds = np.full(len(batch), None, dtype=object)
    for level in range(len(territory.levels) - 1, -1, -1):
        cell = np.where(missing(holds), batch.located.grids[:, level], -1)
        held, holder = holders_of(cell, batch.day, territory, level).winners()
        holds[held] = territory.codes("holders", "holder")[holder]
        left = np.flatnonzero(missing(holds) & (cell >= 0))
        holds[left] = territory.levels[level].organisations[cell[left]]
    queued = missing(holds)
    holds[queued] = _topmost(batch.located.grids, territory)[queued]
    return holds, queued


def _topmost(grids: Ints, territory: Territory) -> Objects:
    """Code of the uppermost cell of each row, None where there is none at all."""
    codes = np.full(len(grids), None, dtype=object)
    for level in range(len(territory.levels) - 1, -1, -1):
        rows = grids[:, level] >= 0
        codes[rows] = territory.levels[level].codes[grids[rows, level]]
    return codes


def _assemble(
    territory: Territory, located: Located, rule: Objects, columns: dict[str, Objects], holds: Objects, queued: Bools
) -> dict[str, object]:
    kinds = territory.party_kinds
    waiting = queued & (rule == FALLBACK)
    kind = np.array([kinds.get(code, "unit") for code in columns["responsible"]], dtype=object)
    kind[waiting] = QUEUE
    above = np.array([territory.party_parents.get(code) for code in columns["responsible"]], dtype=object)
    grid = _codes(territory.levels[-1].codes, located.grids[:, -1])
    grids = {
        name: _codes(territory.levels[level].codes, located.grids[:, level]) if level < len(territory.levels)
        else np.full(len(located), None, dtype=object)
        for level, name in enumerate(GRID_COLUMNS)
    }  # fmt: skip
    answer = {
        "x": located.xy[:, 0],
        "y": located.xy[:, 1],
        "version": territory.version,
        "revision": territory.revision,
        **grids,
        "grid": grid,
        "grid_distance_m": located.grid_distance_m,
        "street": _codes(territory.codes("streets", "code"), located.street),
        "street_distance_m": located.street_distance_m,
        "street_side": _codes(SIDES, np.where(located.street >= 0, located.street_side % len(SIDES), -1)),
        **columns,
        "responsible_kind": kind,
        "rule": rule,
        "supervises": either(columns["supervises"], above),
        "handles": either(columns["contractor"], columns["responsible"]),
        "holds": holds,
        "flags": _flags(territory, located, missing(grid), columns),
        "area": _topmost(located.grids, territory),
    }
    return {name: answer[name] for name in ANSWER}


def _flags(territory: Territory, located: Located, queue: Bools, columns: dict[str, Objects]) -> Objects:
    raised = {
        "snapped": located.snapped,
        "queue": queue,
        "border_street": located.border_street,
        "several_grids": located.several_grids,
        "parent_differs": _parent_differs(territory, located),
        "no_street": located.street < 0,
        "no_contractor": ~missing(columns["contract"]) & missing(columns["contractor"]),
    }
    words = np.full(len(located), "", dtype=object)
    for name in FLAGS:
        words[raised[name]] += f"{name} "
    return np.array([word.rstrip() for word in words], dtype=object)


def _parent_differs(territory: Territory, located: Located) -> Bools:
    """Whether the cells located at two levels disagree with the lower cell's own chain of parents."""
    differs = np.zeros(len(located), dtype=bool)
    rows = np.flatnonzero(located.grids[:, -1] >= 0)
    chain = territory.ancestry[located.grids[rows, -1]]
    differs[rows] = ((chain >= 0) & (located.grids[rows] >= 0) & (chain != located.grids[rows])).any(axis=1)
    return differs


def _codes(codes: Objects, position: Ints) -> Objects:
    known = position >= 0
    found = np.full(len(position), None, dtype=object)
    found[known] = codes[position[known]]
    return found

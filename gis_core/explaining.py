"""Why an issue has its answer: every candidate considered, with the reason it won or lost."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis_core.answers import FALLBACK, answer_of
from gis_core.assignment import asked_of, decide
from gis_core.candidates import FAULTS, Batch, Candidates
from gis_core.rules import RULES, Rule
from gis_core.territory import Territory

STREETS_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Considered:
    """One candidate: what it is, whom it names and what became of it.

    Parameters
    ----------
    step
        ``grid``, ``street`` or the name of a rule.
    code, name
        The candidate's code, and its name where it has one.
    party
        Whom it would answer with, if anybody.
    verdict
        Key of the reason without ``fault_``: ``won``, ``ranked_behind``, ``other_duty`` …
    distance_m
        Distance where one was measured.
    """

    step: str
    code: str
    name: str | None
    party: str | None
    verdict: str
    distance_m: float | None = None


@dataclass(frozen=True)
class Explanation:
    """The answer (columns of :data:`gis_core.answers.ANSWER`), the local day and every candidate in order."""

    answer: dict[str, Any]
    day: dt.date
    considered: tuple[Considered, ...]


def explain(territory: Territory, issue: pd.DataFrame) -> Explanation:
    """Assign one issue again and keep what was considered on the way.

    Parameters
    ----------
    issue
        One row, as for :class:`gis_core.assignment.Assigner`.
    """
    asked = asked_of(issue, territory)
    territory = territory.on(int(asked.day[0]))
    batch = asked.located(np.arange(1), territory)
    answer = answer_of(decide(batch, territory), territory)
    considered = [*_grids(batch, territory, answer["flags"].split()), *_streets(batch, territory, answer["street"])]
    for rule in RULES:
        considered += _candidates(rule, batch, territory, answer["rule"])
    if answer["rule"] == FALLBACK:
        considered.append(
            Considered(step=FALLBACK, code=answer["area"], name=None, party=answer["responsible"], verdict="won")
        )
    return Explanation(answer, dt.date(1970, 1, 1) + dt.timedelta(days=int(batch.day[0])), tuple(considered))


def _grids(batch: Batch, territory: Territory, flags: list[str]) -> list[Considered]:
    found = []
    lost = "border_side" if "border_street" in flags else "larger_code"
    for level, cells in enumerate(territory.levels):
        if not len(cells.codes):
            continue
        chosen = int(batch.located.grids[0, level])
        _, covering = cells.index.pairs(batch.located.lonlat)
        for position in dict.fromkeys([chosen, *covering.tolist()]):
            if position >= 0:
                row = cells.frame.iloc[position]
                verdict = "won" if position == chosen else lost
                found.append(Considered(step="grid", code=row["code"], name=row["name"], party=None, verdict=verdict))
    return found


def _streets(batch: Batch, territory: Territory, chosen: str | None) -> list[Considered]:
    frame = territory.frames["streets"]
    _, near, distance = territory.streets.within(batch.located.xy, territory.city.street_limit_m)
    order = np.lexsort((near, distance))[:STREETS_SHOWN]
    rows = [(frame.iloc[near[k]], float(distance[k])) for k in order]
    return [
        Considered(
            step="street",
            code=row["code"],
            name=row["name"],
            party=None,
            verdict="won" if row["code"] == chosen else "farther",
            distance_m=away,
        )
        for row, away in rows
    ]


def _candidates(rule: Rule, batch: Batch, territory: Territory, won_by: str) -> list[Considered]:
    found = rule.candidates(batch, territory)
    if not len(found.issue):
        return []
    _, winner = found.winners()
    best = np.isin(found.thing, winner) & (found.fault == 0)
    order = np.lexsort((found.thing, found.rank, ~best, found.fault != 0))
    answer = rule.answer(territory, found.thing[order])
    frame = territory.frames[rule.table]
    return [
        Considered(
            step=rule.name,
            code=str(frame["code" if "code" in frame else "subject_code"].iloc[found.thing[k]]),
            name=frame["name"].iloc[found.thing[k]] if "name" in frame else None,
            party=_code(territory, answer["responsible"][place]),
            verdict=_verdict(found, k, first=place == 0, rule=rule.name, won_by=won_by),
            distance_m=None if np.isnan(found.distance_m[k]) else float(found.distance_m[k]),
        )
        for place, k in enumerate(order)
    ]


def _code(territory: Territory, body: int) -> str | None:
    return str(territory.bodies.codes[body]) if body >= 0 else None


def _verdict(found: Candidates, k: int, *, first: bool, rule: str, won_by: str) -> str:
    if found.fault[k]:
        return FAULTS[found.fault[k]]
    if rule != won_by:
        return "later_rule"
    return "won" if first else "ranked_behind"

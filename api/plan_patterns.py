"""Patterns of plans: what may be kept as one, and what is asked for by one on a day."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from api.plan_schemas import PatternSent, PlanAsked, WantedSent
from gis_core.errors import InvalidInput
from gis_core.planning.asking import Asked
from gis_core.planning.recurring import Recurring
from layers.plans import DRAW, RECURRING, SHOWCASE

DAYS = ("weekdays", "dates", "without")
"""What a pattern says of its days, kept beside what it asks for."""


def kept_pattern(said: PatternSent) -> dict[str, Any]:
    """A pattern as :func:`layers.plan_marks.put_pattern` takes it.

    Raises
    ------
    InvalidInput
        When it does not say what its kind is made of.
    """
    needs = {
        RECURRING: ("weekdays", said.weekdays or said.dates), SHOWCASE: ("asked.places", said.asked.places),
        DRAW: ("asked.draw", said.asked.draw),
    }  # fmt: skip
    field, there = needs[said.kind]
    if not there:
        raise InvalidInput("pattern_empty", field=field, value=said.kind)
    days = said.model_dump(mode="json", include=set(DAYS))
    asked = {**days, **said.asked.model_dump(mode="json", exclude_unset=True)}
    return {"name": said.name, "kind": said.kind, "area": said.area, "asked": asked}


def pattern_document(one: Mapping[str, Any]) -> dict[str, Any]:
    """A pattern by the names of :class:`api.plan_schemas.PatternDocument`."""
    days = {name: one["asked"].get(name, []) for name in DAYS}
    return {**one, **days, "asked": {name: value for name, value in one["asked"].items() if name not in DAYS}}


def asked_by(said: PlanAsked, pattern: Mapping[str, Any]) -> PlanAsked:
    """What is asked for, and of the rest what a pattern says.

    Parameters
    ----------
    pattern
        As :func:`layers.plan_marks.pattern_of` gives it.

    Raises
    ------
    InvalidInput
        When it recurs and the day is none of its days, with what days it has.
    """
    asked = pattern["asked"]
    if pattern["kind"] == RECURRING:
        _check_day(said.day, asked)
    of_kind: dict[str, Any] = {"area": pattern["area"]}
    if pattern["kind"] == DRAW:
        # What is drawn is looked at, and nothing else is due beside it unless the pattern says so.
        of_kind["kinds"] = []
    if pattern["kind"] == SHOWCASE:
        of_kind["showcase"] = pattern["name"] or pattern["code"]
    wanted = {name: value for name, value in asked.items() if name in WantedSent.model_fields}
    return PlanAsked.model_validate({**of_kind, **wanted, **said.model_dump(mode="json", exclude_unset=True)})


def _check_day(day: dt.date, asked: Mapping[str, Any]) -> None:
    weekdays = sorted(set(asked.get("weekdays", [])))
    dates, without = (frozenset(map(dt.date.fromisoformat, asked.get(name, []))) for name in DAYS[1:])
    recurring = Recurring(asked=Asked(day=day), weekdays=frozenset(weekdays), dates=dates, without=without)
    if recurring.on(day) is None:
        raise InvalidInput(
            "pattern_day", field="day", value=day, weekdays=", ".join(map(str, weekdays)) or "–",
            dates=", ".join(str(one) for one in sorted(dates)) or "–",
        )  # fmt: skip

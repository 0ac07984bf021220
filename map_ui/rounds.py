"""What sheets, files and pages tell alike of a plan's routes.

A plan here is the document that the API tells (``GET /api/v1/plans/{number}``): ``routes`` of ``steps`` whose ``at``,
``to`` and ``way`` are longitudes and latitudes (WGS 84), times in seconds since the day's midnight, and reasons in both
languages.
"""

from collections.abc import Mapping
from typing import Any

from map_ui.texts import TEXTS, number

TASKS = ("stop", "lane")


def clock(seconds: int) -> str:
    """A time of the day; what is after midnight goes on counting, as 25:10."""
    return f"{int(seconds) // 3_600:02d}:{int(seconds) % 3_600 // 60:02d}"


def metres(value: float, locale: str) -> str:
    """A length in whole metres."""
    return TEXTS.say("metres", locale, value=number(round(value)))


def step_name(step: Mapping[str, Any], locale: str) -> str:
    """What a step is called."""
    return str(step["name"]) if step["kind"] in TASKS else TEXTS.say(f"sheet_{step['kind']}", locale)


def numbered(route: Mapping[str, Any]) -> list[int | None]:
    """Of each step its number among the tasks of a route, from 1; of a start, break or end none."""
    found, count = [], 0
    for step in route["steps"]:
        count += step["kind"] in TASKS
        found.append(count if step["kind"] in TASKS else None)
    return found


def reasons(task: Mapping[str, Any], locale: str) -> list[str]:
    """Why a task is proposed."""
    return [one[locale] for one in task["reasons"]]


def needs(task: Mapping[str, Any], names: Mapping[str, str], locale: str) -> str:
    """What would bring a task in that was left out; empty where nothing is known that would.

    Parameters
    ----------
    names
        Of patrollers by code.
    """
    wanted, said = task["needs"], []
    if "extra_s" in wanted:
        who = str(wanted.get("patroller", ""))
        minutes = -(-int(wanted["extra_s"]) // 60)
        said.append(TEXTS.say("sheet_needs_extra", locale, minutes=minutes, patroller=names.get(who, who)))
    said += [
        TEXTS.say(f"sheet_needs_{name}", locale, value=_listed(name, wanted[name]))
        for name in ("skill", "area", "window")
        if wanted.get(name)
    ]
    return TEXTS.say("comma", locale).join(said)


def _listed(name: str, value: Any) -> str:
    if name == "window" and isinstance(value, list | tuple) and all(isinstance(one, int | float) for one in value):
        return "–".join(clock(int(one)) for one in value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)


def line_of(step: Mapping[str, Any]) -> list[list[float]]:
    """A lane as it is walked: its ``line`` where it is told, else from one end to the other."""
    found: list[list[float]] = step.get("line") or [step["at"], step["to"]]
    return found


def lines_of(route: Mapping[str, Any]) -> list[list[list[float]]]:
    """The ways of a route, longitudes and latitudes."""
    return [line for step in route["steps"] for line in step["way"] if len(line) > 1]

"""From what is known of lanes, places, issues and hot spots to the tasks of a day, each with its reasons."""

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from gis_core.patrol.duty import DAY as DAY_MIN
from gis_core.patrol.duty import Duty
from gis_core.patrol.status import BLIND, NO_DATA, WALKED
from gis_core.planning import worth
from gis_core.planning.asking import Asked
from gis_core.planning.plan import Dropped
from gis_core.planning.tasks import Lane, Reason, Stop, Window

BODY = "body:"
"""Skills that begin so are the party that somebody belongs to."""
ISSUE_S, HOTSPOT_S, DRAWN_S = 600, 900, 900
"""How long it takes to look at an issue, at a hot spot, and at a place that was drawn."""
HOUR_S, DAY_H = 3_600, 24.0


def windows_of(duties: Sequence[Duty], kind: str) -> tuple[Window, ...]:
    """When streets of a class may be walked on a day: of a night its end in the morning too."""
    duty = next((one for one in duties if one.kind == kind), None) or next(
        (one for one in duties if one.kind == "*"), None
    )
    if duty is None:
        return ()
    parts = duty.minutes()
    begin, end = parts[0][0], parts[-1][1]
    found = [(60 * begin, 60 * end)]
    if end > DAY_MIN:
        found.insert(0, (0, 60 * (end - DAY_MIN)))
    return tuple(found)


def lane_code(street: str, from_m: float) -> str:
    """Names a lane among the tasks of a day, as reports name a segment."""
    return f"lane:{street}@{from_m:.2f}"


def lanes(segments: pd.DataFrame, days: int, duties: Sequence[Duty], must_days: int | None = None) -> list[Lane]:
    """Lanes that are due, or soon will be.

    Parameters
    ----------
    segments
        One row a segment that is to be patrolled: ``street``, ``name``, ``class``, ``from_m``, ``to_m``, ``length_m``,
        ``grid``, ``edge``, ``wide`` (whether each side is walked for itself), ``status`` in the window of ``days``, and
        ``age_h``, hours since it was passed (NaN: not within what is known).
    days
        Not walked for so many is due.
    must_days
        Not walked for so many must be walked.

    Returns
    -------
    lanes
        In the order of ``segments``; those that were walked within half of the days are left out.
    """
    windows = {kind: windows_of(duties, str(kind)) for kind in segments["class"].unique()}
    found = []
    for row in segments.to_dict("records"):
        status, aged = str(row["status"]), float(row["age_h"]) / DAY_H
        factor, reason = _lateness(status, aged, days)
        if not factor:
            continue
        must = must_days is not None and status != WALKED and not aged < must_days
        long_m = min(max(float(row["length_m"]), worth.LANE_LEAST_M), worth.LANE_MOST_M)
        reasons = (reason, *([Reason("lane_sides")] if row["wide"] else []))
        found.append(_lane(row, windows[row["class"]], worth.LANE * factor * long_m / 100.0, must, reasons))
    return found


def _lane(
    row: Mapping[Hashable, Any], windows: tuple[Window, ...], prize: float, must: bool, reasons: tuple[Reason, ...]
) -> Lane:
    wide, street, from_m = bool(row["wide"]), str(row["street"]), float(row["from_m"])
    return Lane(
        code=lane_code(street, from_m), kind="lane", name=_text(row["name"]), must=must, prize=prize * (1 + wide),
        reasons=reasons, windows=windows, area=_code(row["grid"]), street=street, from_m=from_m,
        to_m=float(row["to_m"]), edge=int(row["edge"]), length_m=float(row["length_m"]), both_sides=wide,
    )  # fmt: skip


def _lateness(status: str, age_d: float, days: int) -> tuple[float, Reason]:
    """Times the usual that a lane is worth, 0 where it is not proposed, and why."""
    if status == WALKED:
        if not math.isfinite(age_d):
            return worth.LANE_YOUNG, Reason("lane_part")
        share = age_d / days
        return (share if share >= worth.LANE_YOUNG else 0.0), Reason("lane_age", {"days": round(age_d, 1)})
    by_age = min(max(age_d / days, 1.0), worth.LANE_TWICE) if math.isfinite(age_d) else 0.0
    if status == BLIND:
        return max(by_age, worth.LANE_BLIND), Reason("lane_blind", {"days": days})
    if status == NO_DATA:
        return max(by_age, worth.LANE_NO_DATA), Reason("lane_no_data", {"days": days})
    return by_age or 1.0, Reason("lane_unwalked", {"days": days})


def surveyed(found: Sequence[Lane], segments: pd.DataFrame, asked: Asked, duties: Sequence[Duty]) -> list[Lane]:
    """Lanes with some drawn by chance among all segments, whatever is known of them: who is surveyed cannot tell when.

    Segments of equal metres are equally likely; the draw is that of the seed and the day, and of nothing else.
    """
    if not asked.surveys or not len(segments):
        return list(found)
    names = [lane_code(street, from_m) for street, from_m in zip(segments["street"], segments["from_m"], strict=True)]
    rows = segments.assign(code=names).sort_values("code", kind="stable", ignore_index=True)
    random = np.random.default_rng([asked.seed, asked.day.toordinal()])
    metres = rows["length_m"].to_numpy(np.float64)
    count = min(asked.surveys, len(rows))
    chosen = random.choice(len(rows), count, replace=False, p=metres / metres.sum())
    said = Reason("survey_drawn", {"count": count, "of": len(rows), "seed": asked.seed})
    by_code = {lane.code: lane for lane in found}
    for at in np.sort(chosen):
        values = rows.iloc[int(at)].to_dict()
        known = by_code.get(values["code"])
        if known is None:
            known = _lane(values, windows_of(duties, str(values["class"])), 0.0, False, ())
        by_code[known.code] = replace(
            known, kind="survey", prize=max(known.prize, worth.SURVEY), reasons=(said, *known.reasons)
        )
    return list(by_code.values())


def issues(frame: pd.DataFrame, asked: Asked) -> list[Stop]:
    """Open issues to be looked at.

    Parameters
    ----------
    frame
        ``code``, ``category``, ``title`` (of the category), ``x``, ``y`` (metres), ``area``, ``days`` since it was
        reported, and ``returned``, whether the problem was closed before.
    """
    found = []
    for row in frame.itertuples(index=False):
        points = min(worth.ISSUE + worth.ISSUE_A_DAY * row.days, worth.ISSUE_MOST) * asked.weight(str(row.category))
        reasons = [Reason("issue_open", {"days": round(float(row.days), 1), "category": str(row.title)})]
        if row.returned:
            points, reasons = points * worth.ISSUE_RETURNED, [*reasons, Reason("issue_returned")]
        found.append(Stop(
            code=f"issue:{row.code}", kind="issue", name=str(row.title), prize=points, reasons=tuple(reasons),
            area=_code(row.area), x=float(row.x), y=float(row.y), service_s=ISSUE_S,
        ))  # fmt: skip
    return found


def visits(places: pd.DataFrame, open_s: Window, bodies: Collection[str]) -> tuple[list[Stop], list[Dropped]]:
    """Visits that quotas still ask for on the day: of one place in windows that do not touch, so that each counts.

    Parameters
    ----------
    places
        One row a place: ``place``, ``name``, ``type``, ``x``, ``y``, ``area``, ``state``, ``done`` and ``required``
        visits of the period, ``today`` (how many are proposed), ``spacing_s``, ``dwell_s``, ``after_s`` (not before so
        many seconds since midnight), ``period``, ``came`` (bodies that have come) and ``bodies_required``.
    open_s
        When places are to be visited and somebody is out.
    bodies
        Of those who go out.

    Returns
    -------
    stops, left
        Visits that there is no time or no body for are left.
    """
    stops, left = [], []
    for turn, row in enumerate(places.itertuples(index=False)):
        spans = spread(
            (max(open_s[0], int(row.after_s)), open_s[1] - int(row.dwell_s)),
            int(row.today),
            int(row.spacing_s) + int(row.dwell_s),
        )
        others = sorted(set(bodies) - set(row.came))
        others = others[turn % len(others) :] + others[: turn % len(others)] if others else []
        lacking = max(int(row.bodies_required) - len(row.came), 0)
        for nth in range(int(row.today)):
            code = f"place:{row.place}:{nth + 1}"
            # Of the visits still to come, the first are by bodies that have not come: whoever is late is not the last.
            skill = frozenset({BODY + others[nth]}) if nth < min(lacking, len(others)) else frozenset[str]()
            if nth >= len(spans):
                left.append(Dropped(code=code, reason=Reason("proposal_spacing", {"name": row.name or row.place})))
            elif int(row.today) - nth <= lacking - len(others) and not skill:
                left.append(
                    Dropped(
                        code=code,
                        reason=Reason(
                            "proposal_bodies", {"name": row.name or row.place, "needed": lacking, "there": len(others)}
                        ),
                    )
                )
            else:
                stops.append(_visit(row, code, spans[nth], skill))
    return stops, left


def _visit(row: object, code: str, span: Window, skill: frozenset[str]) -> Stop:
    values = row._asdict()  # type: ignore[attr-defined]
    points = {"due": worth.VISIT_DUE, "overdue": worth.VISIT_OVERDUE}.get(values["state"], worth.VISIT)
    said = {"done": int(values["done"]), "required": int(values["required"]), "state": values["state"]}
    reasons = [Reason(f"quota_left_{values['period']}", said)]
    reasons += [Reason("quota_body", {"body": one.removeprefix(BODY)}) for one in sorted(skill)]
    return Stop(
        code=code, kind="place", name=_text(values["name"]), prize=points, reasons=tuple(reasons), windows=(span,),
        skills=skill, area=_code(values["area"]), x=float(values["x"]), y=float(values["y"]),
        service_s=max(int(values["dwell_s"]), 60), place=str(values["place"]),
    )  # fmt: skip


def spread(span: Window, count: int, apart_s: int) -> list[Window]:
    """Windows of equal length in a span, so far apart that whoever comes at the end of one and at the beginning of the
    next is ``apart_s`` apart; fewer where there is no room.
    """
    begin, end = span
    if count < 1 or begin > end:
        return []
    count = min(count, 1 + (end - begin) // apart_s) if apart_s > 0 else count
    # Whole seconds: of half a one the end would be before the beginning.
    wide = (end - begin - (count - 1) * apart_s) // count
    begins = [begin + nth * (wide + apart_s) for nth in range(count)]
    return [(one, one + wide) for one in begins]


def asked_places(places: pd.DataFrame, reasons: Mapping[str, Reason]) -> list[Stop]:
    """Places that were drawn or asked for: ``place``, ``name``, ``x``, ``y``, ``area``; ``reasons`` by code."""
    found = []
    for row in places.itertuples(index=False):
        said = (reasons[str(row.place)],)
        found.append(Stop(
            code=f"place:{row.place}", kind="place", name=_text(row.name), prize=worth.DRAWN, reasons=said,
            place=str(row.place), area=_code(row.area), x=float(row.x), y=float(row.y), service_s=DRAWN_S,
        ))  # fmt: skip
    return found


def joined(asked: Sequence[Stop], visits: Sequence[Stop]) -> list[Stop]:
    """Places asked for and visits of quotas: where a visit is to be made anyway, the first is that one."""
    wanted = {stop.place: stop for stop in asked}
    found = []
    for visit in visits:
        one = wanted.pop(visit.place, None)
        if one is not None:
            prize, service_s = max(visit.prize, one.prize), max(visit.service_s, one.service_s)
            visit = replace(visit, prize=prize, service_s=service_s, reasons=(*one.reasons, *visit.reasons))
        found.append(visit)
    return [*wanted.values(), *found]


def hotspots(units: pd.DataFrame) -> tuple[list[Stop], dict[str, Reason]]:
    """A look at each hot spot, and by grid why it is one.

    Parameters
    ----------
    units
        ``code`` and ``name`` of the lowest grid, ``count`` of reports, ``expected``, ``sure`` (per cent), ``days``,
        and ``x``, ``y``, a place on a street in it (NaN: no street).
    """
    reasons, stops = {}, []
    for row in units.itertuples(index=False):
        said = {
            "count": int(row.count),
            "expected": round(float(row.expected), 1),
            "days": int(row.days),
            "sure": int(row.sure),
        }
        reasons[str(row.code)] = Reason("hotspot", said)
        if math.isfinite(row.x):
            stops.append(Stop(
                code=f"hotspot:{row.code}", kind="hotspot", name=_text(row.name), prize=worth.HOT[int(row.sure)],
                reasons=(reasons[str(row.code)],), area=str(row.code), x=float(row.x), y=float(row.y),
                service_s=HOTSPOT_S,
            ))  # fmt: skip
    return stops, reasons


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _code(value: object) -> str | None:
    return value if isinstance(value, str) and value else None

"""One report in: screened, assigned and stored, or only answered for. Parse, decide, store, as for a million."""

import datetime as dt
import hashlib
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import pandas as pd
from shapely.geometry import Point

from api.callers import Context
from api.schemas import Question, Report
from gis_core.assignment import Assigner
from gis_core.crs import check_datum, to_wgs84
from gis_core.errors import Conflict, InvalidInput
from gis_core.issues import fits, screen
from layers.citizens import Contact, keep_contact, number_of
from layers.reports import Overtaken
from layers.store import Store
from layers.suspecting import note_pairs

AHEAD = dt.timedelta(minutes=5)
"""How far a client's clock may be ahead of ours."""
PUBLIC = "public"
"""Source of reports without an account; a program's is ``api/`` and its name."""
FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
INSISTED = "insist"
"""Field of a report that says nothing of what is reported."""


class Stored(NamedTuple):
    """What became of a report: its case number, whether that is new, who answers, and how many earlier reports it may
    repeat, ``None`` where it is not new.
    """

    code: str
    new: bool
    answer: dict[str, Any]
    suspected: int | None


def source_of(name: str) -> str:
    """Source of the reports of an account."""
    return f"api/{name}"


def answer(
    context: Context, store: Store, question: Question, now: dt.datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answer for one place, by the territory in force when it was reported.

    Returns
    -------
    issue, answer
        The issue's own columns and those of :data:`gis_core.answers.ANSWER`.

    Raises
    ------
    InvalidInput
        When it lies outside the city, its category is unknown, or it is reported in the future.
    """
    issue = _issue(store, question, now)
    territory = context.territories.get(store, store.version_at(issue["reported_at"]))
    if territory.lowest is None:
        raise Conflict("no_grids")
    asked = {name: issue[name] for name in ("lon", "lat", "scheme", "kind", "category", "reported_at")}
    if not fits(territory, **asked):
        rejects = screen(pd.DataFrame({name: [value] for name, value in issue.items()}), territory).rejects
        reason, params = rejects["reason"].iloc[0], rejects["params"].iloc[0]
        raise InvalidInput(
            reason, **{**params, "field": "category" if reason == "issue_category_unknown" else "lon, lat"}
        )
    return issue, Assigner(territory).one(**asked)


def file(context: Context, source: str, report: Report, key: str | None, now: dt.datetime) -> Stored:
    """Store a report once, however often its key brings it, and note with it what it may repeat.

    Parameters
    ----------
    source
        Whose keys these are.

    Raises
    ------
    Conflict
        When the key brought another report before, unless it is the public's.
    """
    context.intakes.ready(context.stores, now)
    while True:
        try:
            with context.stores.write() as store:
                return file_within(context, store, source, report, key, now)
        except Overtaken:
            continue


def file_within(
    context: Context, store: Store, source: str, report: Report, key: str | None, now: dt.datetime
) -> Stored:
    """The same in a transaction that does more than this, over the whole city.

    Raises
    ------
    Overtaken
        When the transaction has to be done again.
    """
    # Who reported is erasable, so that nothing may be derived from it.
    said = hashlib.sha256(report.model_dump_json(exclude={"contact", INSISTED}).encode()).hexdigest()
    if key is not None and source == PUBLIC:
        # Strangers do not know each other's keys: one key with two reports is two people's.
        key = f"{key} {said}"
    named = {
        "source": source, "external_id": key or uuid4().hex, "extra": {"request": said},
        "description": report.description, "address": report.address, "channel": report.channel,
    }  # fmt: skip
    issue, answered = answer(context, store, report, now)
    shape = Point(issue.pop("lon"), issue.pop("lat"))
    filed = {**issue, **named, **answered}
    code, new = store.add_report({**filed, "geometry": shape}, now)
    if not new:
        return Stored(code, new, answered, None)
    contact = None if report.contact is None else Contact(report.contact.name, report.contact.phone)
    if contact is not None:
        keep_contact(store, code, contact, now)
    asked = {**filed, "closed_at": None}
    found = context.intakes.suspicions(store, asked, None if contact is None else contact.phone)
    if found:
        number = number_of(store, code)
        rows = [{"issue_id": number, "earlier_id": one.earlier, "score": one.score, "blind": one.blind,
                 "away_m": one.away_m, "returned": one.returned} for one in found]  # fmt: skip
        note_pairs(store.session, rows, now)
    return Stored(code, new, answered, len(found))


def _issue(store: Store, question: Question, now: dt.datetime) -> dict[str, Any]:
    reported_at = question.reported_at or now.astimezone(dt.UTC)
    if not FIRST <= reported_at <= now + AHEAD:
        raise InvalidInput("reported_when", field="reported_at", value=reported_at.isoformat())
    datum = check_datum(question.datum)
    ((lon, lat),) = to_wgs84(np.array([[question.lon, question.lat]]), datum).tolist()
    return {
        "raw_x": question.lon, "raw_y": question.lat, "datum": datum, "lon": lon, "lat": lat,
        "scheme": question.scheme or store.city.scheme, "kind": question.kind, "category": question.category,
        "reported_at": reported_at,
    }  # fmt: skip

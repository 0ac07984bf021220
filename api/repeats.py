"""What a report may repeat: told to whoever reports it, as far as they may know, before or after it is stored."""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from api.callers import Caller, Context
from api.filing import INSISTED, Stored, answer, source_of
from api.limits import TooMany
from api.preconditions import MayRepeat
from api.repeating import Document, names_of, reasons
from api.schemas import Report
from gis_core.permissions import may, sight_of
from layers.reports import is_stored
from layers.store import Store
from layers.suspecting import CLASS, Row, issues_by_id, suspects_of

NOT_TOLD: Document = {"code": None, "score": None, "returned": None, "reasons": []}
"""Of an earlier report to who may not see issues."""


def is_blind(asking: Caller) -> bool:
    """Whether somebody may not know who reported all that they see. They are told as if nobody did: else whoever names
    another's telephone number would learn by a score, or by being told at all, what that person has reported.
    """
    contacts, seen = (sight_of(asking.user.grants, action) for action in ("contact", "see"))
    return not contacts.areas or contacts.areas != seen.areas


def hints_of(context: Context, asking: Caller, filed: Stored, locale: str | None) -> list[Document]:
    """What an issue that was reported may repeat, as far as whoever reported it may know; by the names of
    :class:`api.repeat_schemas.SuspectDocument`. Nothing, when somebody who may not see issues has asked too often.
    """
    try:
        _take(context, asking)
    except TooMany:
        return []
    if filed.suspected == 0:
        return []
    with _seeing(asking) as store:
        found = [(one, one["earlier"], one["later"]) for one in suspects_of(store, filed.code, is_blind(asking))]
        return _hints(asking, store, found, locale)


def hints_before(
    context: Context, asking: Caller, said: Report, locale: str | None, *, returns: bool = True
) -> list[Document]:
    """The same of a report that is not stored, without regard to who reports: by asking with telephone numbers
    somebody could look for what a person has reported, and leave no trace of it.

    Parameters
    ----------
    returns
        Whether problems that have returned are told as well, which no report repeats.

    Raises
    ------
    InvalidInput
        As for a report that is stored.
    TooMany
        When somebody who may not see issues asks too often.
    """
    now = context.now()
    _take(context, asking)
    context.intakes.ready(context.stores, now)
    with context.stores.read() as store:
        issue, answered = answer(context, store, said, now)
        asked = {**issue, **answered, "description": said.description, "address": said.address, "closed_at": None}
        found = [one for one in context.intakes.suspicions(store, asked) if returns or not one.returned]
    if not found:
        return []
    with _seeing(asking) as store:
        rows = issues_by_id(store, [one.earlier for one in found])
        known = [(vars(one), rows[one.earlier], asked) for one in found if one.earlier in rows]
        return _hints(asking, store, known, locale)


def check_repeats(context: Context, asking: Caller, said: Report, key: str | None, locale: str | None) -> None:
    """Refuse a report that may repeat one that its sender may know of, unless it is stored already.

    Raises
    ------
    MayRepeat
        With what it may repeat.
    TooMany
        As :func:`hints_before`.
    """
    if key is not None:
        with context.stores.read() as store:
            if is_stored(store.session, source_of(asking.user.name), key):
                return
    found = hints_before(context, asking, said, locale, returns=False)
    if found:
        raise MayRepeat("repeat_suspected", field=INSISTED, value=len(found), suspected=found)


def _take(context: Context, asking: Caller) -> None:
    """Count a question of somebody who may not see issues."""
    if not may(asking.user.grants, "see"):
        context.hints.take(asking.user.name, context.now())


def _seeing(asking: Caller) -> AbstractContextManager[Store]:
    """What somebody sees; who sees nothing is told a little of where they may report."""
    return asking.reading("see" if may(asking.user.grants, "see") else "report")


def _hints(
    asking: Caller, store: Store, found: Sequence[tuple[Mapping[str, Any], Row, Row]], locale: str | None
) -> list[Document]:
    """A document for each suspicion, the earlier issue and the later one."""
    sees, told = may(asking.user.grants, "see"), locale or store.city.locale
    names = names_of(store, (side for _, *both in found for side in both)) if sees else {}
    return [
        {
            **{name: earlier[name] for name in CLASS},
            **({"away_m": round(one["away_m"], 1), "reported_at": earlier["reported_at"], "code": earlier["code"],
                "score": round(one["score"], 3), "returned": one["returned"],
                "reasons": reasons(one, earlier, later, names, told)}
               if sees else {**NOT_TOLD, **_roughly(one["away_m"], earlier["reported_at"])}),
        }
        for one, earlier, later in found
    ]  # fmt: skip


def _roughly(away_m: float, at: dt.datetime) -> Document:
    """How far away and when, to the ten metres and the hour, so that questions around a place do not find a door."""
    return {"away_m": float(round(away_m, -1)), "reported_at": at.replace(minute=0, second=0, microsecond=0)}

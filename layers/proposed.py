"""What proposals of a day are made from: issues that were open at a moment, and places with their shapes."""

import datetime as dt
from collections.abc import Collection

import pandas as pd
from sqlalchemy import or_, select

from gis_core.answers import GRID_COLUMNS
from layers.bulk import among
from layers.frames import read_frame, table_of
from layers.issues import Issue
from layers.places import Place
from layers.repeats import REJECTED, Repeat
from layers.store import Store
from layers.validity import holds_between

_issue, _place, _repeat = table_of(Issue), table_of(Place), table_of(Repeat)
_OF_ISSUE = ("id", "code", "scheme", "kind", "category", "reported_at", "x", "y", "grid", *GRID_COLUMNS)


def open_issues(store: Store, at: dt.datetime) -> pd.DataFrame:
    """Issues in scope that had been reported and were not closed at a moment, by code; repeats of others are left out.

    Returns
    -------
    issues
        ``id``, ``code``, ``scheme``, ``kind``, ``category``, ``reported_at``, ``x``, ``y`` and the grids.
    """
    still = or_(_issue.c.status == "open", _issue.c.closed_at > at)
    chosen = store.bounded("issues", _issue.c.reported_at <= at, still, _issue.c.master.is_(None))
    found = read_frame(store.session, Issue, chosen.order_by(_issue.c.code), _OF_ISSUE)
    return pd.DataFrame(found.drop(columns="geometry"))


def returned(store: Store, ids: Collection[int]) -> set[int]:
    """Which of some issues are of a problem that had been closed before, unless somebody said that they are not."""
    chosen = select(_repeat.c.issue_id).where(
        among(store.session, _repeat.c.issue_id, sorted(ids)), _repeat.c.returned, _repeat.c.state != REJECTED
    )
    return set(store.session.scalars(chosen))


def shaped_places(
    store: Store, day: dt.date, *, codes: Collection[str] | None = None, types: Collection[str] | None = None
) -> pd.DataFrame:
    """Places in scope that are there on a day, of some codes or types, by code: ``code``, ``name``, ``type``, shape."""
    wanted = [] if codes is None else [among(store.session, _place.c.code, sorted(codes))]
    wanted += [] if types is None else [among(store.session, _place.c.type, sorted(types))]
    there = holds_between(_place, day, day + dt.timedelta(days=1))
    chosen = store.bounded("places", store.scope.seen(_place), there, *wanted)
    found = read_frame(store.session, Place, chosen, ("code", "name", "type"))
    return found.sort_values("code", ignore_index=True)

"""What the page of backstreets shows of patrols and of visits to places."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from api.networks import Networks
from api.patrolling import EPOCH, KEPT_DAYS, Patrolling, begin_of, hour_end, patrolling_of, segments_told
from api.quotas import quota_rows
from api.street_heat import street_heat, street_reports
from gis_core.arrays import Bools
from gis_core.errors import Conflict, InvalidInput
from layers.rollups import newest_day
from layers.store import Store
from layers.territories import Territories
from layers.validity import midnight
from map_ui.backstreets import WINDOWS_DAYS
from map_ui.data import Patrolled


def read_patrols(store: Store, now: dt.datetime) -> Patrolling | None:
    """What was walked up to the newest day there is a track of; ``None`` where nothing is published, or no street is.

    Parameters
    ----------
    store
        One that sees everything.
    """
    today = now.astimezone(store.city.zone).date()
    last = min(newest_day(store.session) or EPOCH, today)
    first = last - dt.timedelta(days=KEPT_DAYS - 1)
    try:
        return patrolling_of(store, Networks(), Territories(), now, first, last)
    except (Conflict, InvalidInput):
        return None


@dataclass(frozen=True, eq=False)
class Walks:
    """All that the page needs of the store: what is left to do needs none.

    Parameters
    ----------
    seen
        Which segments are in scope.
    reports
        As :func:`api.street_heat.street_reports` counts them, from ``since`` on and before ``as_of``.
    newest
        The last day of which tracks came in; ``None`` while none did.
    quotas
        How the places in scope stand that are to be visited.
    """

    patrolling: Patrolling
    seen: Bools
    reports: pd.DataFrame
    since: dt.datetime
    as_of: dt.datetime
    asked_at: dt.datetime
    newest: dt.date | None
    quotas: Sequence[Mapping[str, Any]]

    def told(self) -> Patrolled:
        """What was walked of the segments in scope, and how the places in scope stand that are to be visited."""
        segments = segments_told(self.patrolling, self.as_of, WINDOWS_DAYS)
        segments = segments[self.seen[segments.index]]
        heat = street_heat(self.patrolling, self.reports, self.seen, self.since, self.as_of)
        return Patrolled(
            segments=segments, as_of=self.as_of, newest=self.newest, asked_at=self.asked_at, quotas=self.quotas,
            heat=heat,
        )  # fmt: skip


def walks_of(store: Store, patrolling: Patrolling, now: dt.datetime) -> Walks:
    """Read what the page shows of a store's scope.

    Periods end with this hour, so that one reader's windows serve the next and no age tells a minute; where no track is
    as young as the longest of them, they and the quotas are those of the end of the last day that there is a track of:
    what was wanting then is missed, and no longer overdue.
    """
    zone, newest = patrolling.zone, None if patrolling.last == EPOCH else patrolling.last
    as_of = hour_end(now)
    judged_at, day = now, None
    if newest is not None and (now.astimezone(zone).date() - newest).days >= max(WINDOWS_DAYS):
        as_of = midnight(dt.datetime.combine(newest, dt.time(12), zone), zone, 1)
        judged_at, day = as_of, newest
    since = begin_of(as_of, max(WINDOWS_DAYS), zone)
    return Walks(
        patrolling, patrolling.seen(store.scope), street_reports(store, since, as_of), since, as_of, now, newest,
        quota_rows(store, judged_at, day),
    )  # fmt: skip

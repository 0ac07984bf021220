"""Kept hot spots as people ask for them: a list, one of a day, and how good the forecasts were."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from api.instants import sensible
from api.snapshot_bodies import BY_UNITS, short, shown
from api.snapshots import DAY, HORIZON
from gis_core.errors import Forbidden, InvalidInput, NotFound
from gis_core.texts import TEXTS
from layers.snapshots import Snapshot, snapshot_of, snapshots_of, snapshots_on
from layers.store import Store

WRITTEN_DAY = "YYYY-MM-DD"


def written_day(field: str, value: str) -> dt.date:
    """A local day as it was written.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    try:
        return sensible(dt.date.fromisoformat(value))
    except (ValueError, InvalidInput):
        raise InvalidInput("parameter_invalid", field=field, value=value[:100], expected=WRITTEN_DAY) from None


def listed(
    store: Store, method: str | None, since: dt.date | None, until: dt.date | None, limit: int, locale: str
) -> dict[str, Any]:
    """Snapshots by the names of :class:`api.snapshot_schemas.SnapshotList`: whole days, the newest first, until about
    ``limit`` are told.
    """
    found = snapshots_of(store.session, method, first=since, last=until, limit=limit + 1)
    following = None
    if len(found) > limit:
        # A day is told as a whole: the last one begun is left to the next page, unless it is the only one.
        cut = found[limit].day
        whole = [one for one in found if one.day > cut]
        found, following = (whole, cut) if whole else (_of_day(store, cut, method), cut - DAY)
    return {"snapshots": [entry(store, one, locale) for one in found], "until": following}


def _of_day(store: Store, day: dt.date, method: str | None) -> list[Snapshot]:
    return [one for one in snapshots_on(store.session, day) if method in (None, one.method)]


def entry(store: Store, one: Snapshot, locale: str) -> dict[str, Any]:
    """A snapshot by the names of :class:`api.snapshot_schemas.SnapshotEntry`; what is said of the whole city is told
    to those who see it.
    """
    whole = store.scope.sight.everything
    return {
        "day": one.day, "method": one.method, "support": one.support, "per": one.per, "made_at": one.made_at,
        "fault": _fault(one.fault, locale), "facts": short(one.facts) if whole else None,
        "told": one.told if whole else None,
    }  # fmt: skip


def _fault(fault: Mapping[str, Any] | None, locale: str) -> dict[str, str] | None:
    if fault is None:
        return None
    return {"code": fault["key"], "detail": TEXTS.say(fault["key"], locale, **fault["params"])}


def one_of_day(store: Store, day: dt.date, method: str, by: str | None, per: str, locale: str) -> bytes:
    """A snapshot as GeoJSON; by cells of the lowest level unless another is said.

    Raises
    ------
    NotFound
        When there is none.
    Forbidden
        When it is of no cells, and who asks does not see the whole city: what a circle or a surface says of their area
        comes from beyond it.
    """
    levels = [level.name for level in store.city.levels]
    there = [one.support for one in _of_day(store, day, method) if one.per == per]
    there.sort(key=lambda support: levels.index(support) if support in levels else -1)
    support = (there[-1] if there else "") if by is None else by
    one = snapshot_of(store.session, day, method, support, per) if support in there else None
    if one is None:
        raise NotFound("snapshot_missing", method=method[:100], day=day.isoformat(), by=support[:100], per=per)
    if not (one.method in BY_UNITS or store.scope.sight.everything):
        raise Forbidden("not_permitted")
    facts = {name: value for name, value in one.facts.items() if name != "fault"}
    head = entry(store, one, locale) | ({"facts": facts} if store.scope.sight.everything else {})
    return shown(store, one, head)


def scores_of(store: Store, limit: int) -> list[dict[str, Any]]:
    """Forecasts by the names of :class:`api.snapshot_schemas.ForecastScore`, newest first."""
    return [
        {
            "day": one.day, "made_at": one.made_at, "bandwidth_m": one.facts.get("bandwidth_m"),
            "since": one.day + DAY, "until": one.day + HORIZON, "before": one.facts.get("told"), "told": one.told,
        }
        for one in snapshots_of(store.session, "forecast", limit=limit)
        if one.fault is None
    ]  # fmt: skip

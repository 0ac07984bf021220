"""Quotas of visits judged: done or not, by how many bodies, and when the next visit is due."""

import datetime as dt
from collections.abc import Collection, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from gis_core.arrays import codes_of
from gis_core.patrol.counting import Visit, reasons_of
from gis_core.patrol.duty import Duty, duty_windows
from gis_core.patrol.rules import PatrolRules, Quota

STATES = ("done", "on_time", "due", "overdue", "missed")
"""Done; less than half of the time until the next visit is due has gone; more than half; all of it; not done in the
period, or no longer to be done in what is left of it.
"""
CHECK_INS = ("place", "body", "arrived_at", "left_at")
"""Columns that a frame of check-ins needs."""
WHOLE_DAY = Duty("*", "00:00", "24:00")
_COLUMNS = (
    "place", "name", "type", "period", "begins", "ends", "required", "done", "bodies", "bodies_required", "last_at",
    "next_due", "state",
)  # fmt: skip
_Spans = Sequence[tuple[float, float]]


def period_of(period: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First day of the day, week or month that a day lies in, and the first day after it."""
    if period == "day":
        return day, day + dt.timedelta(days=1)
    if period == "week":
        monday = day - dt.timedelta(days=day.weekday())
        return monday, monday + dt.timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + dt.timedelta(days=31)).replace(day=1)


def duty_of(rules: PatrolRules) -> Duty:
    """When places are to be visited: the window of streets without one of their own, else the whole day."""
    return next((duty for duty in rules.duties() if duty.kind == "*"), WHOLE_DAY)


def instant(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """When a local day begins."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def judge(
    quotas: Collection[Quota], places: pd.DataFrame, check_ins: pd.DataFrame, now: dt.datetime, zone: ZoneInfo, *,
    duty: Duty = WHOLE_DAY, day: dt.date | None = None,
) -> pd.DataFrame:  # fmt: skip
    """How each place stands that a quota is for.

    Parameters
    ----------
    places
        ``code``, ``name`` and ``type``.
    check_ins
        :data:`CHECK_INS`, of the periods that are judged at least; instants with a time zone.
    now
        What was later has not happened.
    duty
        The hours over which visits are spread.
    day
        Local day whose day, week or month is judged; that of ``now`` if not given.

    Returns
    -------
    judged
        One row for each place, in the order of ``places``: ``place``, ``name``, ``type``, ``period``, ``begins`` and
        ``ends`` (local days, half-open), ``required`` and ``done`` visits, ``bodies`` that have come and
        ``bodies_required``, ``last_at`` (when the last visit that counts began), ``next_due``, ``state``
        (:data:`STATES`). Where the quota is done, or can no longer be, ``next_due`` is in the next period.
    """
    by_type = {quota.type: quota for quota in quotas}
    day = day or now.astimezone(zone).date()
    visits = _visits(check_ins)
    named = zip(places["code"], places["name"], places["type"], strict=True)
    rows = [
        {"place": code, "name": name, "type": kind} | _judged(by_type[kind], visits.get(code, []), now, zone, duty, day)
        for code, name, kind in named
        if kind in by_type
    ]
    found = pd.DataFrame(rows, columns=list(_COLUMNS))
    return found.assign(last_at=_instants(found["last_at"], "us"), next_due=_instants(found["next_due"], "s"))


def history(
    quotas: Collection[Quota], places: pd.DataFrame, check_ins: pd.DataFrame, now: dt.datetime, zone: ZoneInfo,
    periods: int, *, duty: Duty = WHOLE_DAY,
) -> pd.DataFrame:  # fmt: skip
    """The running period of each place and those before it, ``periods`` in all, oldest first: columns of
    :func:`judge`.
    """
    parts = []
    for quota in quotas:
        day = now.astimezone(zone).date()
        for _ in range(periods):
            first, after = period_of(quota.period, day)
            own = check_ins["arrived_at"].between(instant(first, zone), instant(after, zone), inclusive="left")
            parts.append(judge([quota], places, check_ins[own], now, zone, duty=duty, day=first))
            day = first - dt.timedelta(days=1)
    told = [part for part in parts if len(part)] or [judge([], places, check_ins, now, zone)]
    return pd.concat(told).sort_values(["place", "begins"], kind="stable", ignore_index=True)


def why_not(quota: Quota, check_ins: pd.DataFrame, now: dt.datetime, zone: ZoneInfo, day: dt.date) -> list[str | None]:
    """Of check-ins at one place: why each does not count in the period of a day
    (:data:`gis_core.patrol.counting.REASONS`), ``None`` where it does.
    """
    visits = [visit for some in _visits(check_ins.assign(place="")).values() for visit in some]
    begin_s, end_s = (instant(one, zone).timestamp() for one in period_of(quota.period, day))
    return reasons_of(quota, visits, begin_s, end_s, now.timestamp())


def _visits(check_ins: pd.DataFrame) -> dict[str, list[Visit]]:
    """Check-ins by place, in their order."""
    found: dict[str, list[Visit]] = {}
    codes = (codes_of(check_ins, name).tolist() for name in ("place", "body"))
    times = (_seconds(check_ins[name]) for name in ("arrived_at", "left_at"))
    for place, body, arrived_s, left_s in zip(*codes, *times, strict=True):
        found.setdefault(place, []).append(Visit(arrived_s, None if left_s != left_s else left_s, body))
    return found


def _instants(seconds: pd.Series, unit: str) -> pd.Series:
    """Instants of seconds since 1970, to the microsecond or second."""
    return pd.to_datetime(seconds.astype(np.float64), utc=True, unit="s").dt.round(unit).dt.as_unit("us")


def _seconds(instants: pd.Series) -> list[float]:
    """Seconds since 1970, NaN for none."""
    stamps = pd.to_datetime(instants, utc=True).dt.tz_localize(None).to_numpy("datetime64[us]")
    return np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 1e6).tolist()


def _judged(
    quota: Quota, visits: Sequence[Visit], now: dt.datetime, zone: ZoneInfo, duty: Duty, day: dt.date
) -> dict[str, object]:
    first, after = period_of(quota.period, day)
    begin_s, end_s, now_s = instant(first, zone).timestamp(), instant(after, zone).timestamp(), now.timestamp()
    reasons = reasons_of(quota, visits, begin_s, end_s, now_s)
    counted = [one for one, why in zip(visits, reasons, strict=True) if why is None]
    left, last_s = quota.visits - len(counted), max((one.arrived_s for one in counted), default=None)
    from_s = begin_s if last_s is None else max(begin_s, last_s + 60 * quota.spacing_min)
    half_s, due_s = (_spread(from_s, _duty_spans(duty, first, after, zone, from_s, end_s), left, share)
                     for share in (0.5, 1.0))  # fmt: skip
    if not left:
        state = "done"
    elif now_s >= end_s or max(now_s, from_s) + 60 * quota.spacing_min * (left - 1) >= end_s:
        state = "missed"
    else:
        state = "overdue" if now_s >= due_s else "due" if now_s >= half_s else "on_time"
    if state in ("done", "missed"):
        _, later = period_of(quota.period, after)
        spans = _duty_spans(duty, after, later, zone, end_s, instant(later, zone).timestamp())
        due_s = _spread(end_s, spans, quota.visits, 1.0)
    return {
        "period": quota.period, "begins": first, "ends": after, "required": quota.visits, "done": len(counted),
        "bodies": len({one.body for one in counted}), "bodies_required": quota.bodies, "last_at": last_s,
        "next_due": due_s, "state": state,
    }  # fmt: skip


def _duty_spans(duty: Duty, first: dt.date, after: dt.date, zone: ZoneInfo, from_s: float, end_s: float) -> _Spans:
    """The hours of duty from an instant to the end of a period, also of a night that began on the day before it."""
    spans = ((max(begin, from_s), min(end, end_s)) for begin, end in _windows(duty, first, after, zone.key))
    return [(begin, end) for begin, end in spans if begin < end]


@lru_cache(maxsize=256)
def _windows(duty: Duty, first: dt.date, after: dt.date, timezone: str) -> _Spans:
    """The same for every place."""
    days = [first + dt.timedelta(days=n) for n in range(-1, (after - first).days)]
    windows = duty_windows([duty], days, timezone)
    return sorted(zip(windows["begin_s"].tolist(), windows["end_s"].tolist(), strict=True))


def _spread(from_s: float, spans: _Spans, left: int, share: float) -> float:
    """When so much of the first of the remaining visits' equal parts of duty has gone; at once where none is left."""
    wanted_s = share * sum(end - begin for begin, end in spans) / max(left, 1)
    for begin, end in spans:
        if wanted_s <= end - begin:
            return begin + wanted_s
        wanted_s -= end - begin
    return spans[-1][1] if spans else from_s

"""Issues counted where and when they were reported, for heat and hot spots: one question of the database each.

A place lies in a box when its number does: to the four centimetres of :data:`gis_core.lattice.BITS`, whatever cells
are asked for. A day is one of the city's clock, whatever the database knows of time zones.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Integer, Select, String, case, cast, func, literal, select

from gis_core.arrays import Floats, Ints
from gis_core.crs import to_metres
from gis_core.hotspots.asking import Points
from gis_core.lattice import box_numbers, lonlat_of_cells
from gis_core.validity import local_day
from layers.boxes import Box
from layers.bulk import among
from layers.frames import table_of
from layers.issues import Issue
from layers.store import Store

DAY_S = 86_400
_issue = table_of(Issue)


@dataclass(frozen=True)
class Window:
    """Which issues are counted.

    Parameters
    ----------
    since, until
        Reported from here on and before here.
    box
        Degrees; ``None``: wherever they are.
    categories, kinds
        Codes; none: all. Kinds are ``component`` and ``matter``.
    problems
        Leave out what repeats another issue: count problems, not reports.
    """

    since: dt.datetime
    until: dt.datetime
    box: Box | None = None
    categories: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    problems: bool = False


def points(store: Store, window: Window, shift: int, *, by_day: bool, by_kind: bool) -> Points:
    """Issues in scope counted by small cell, and by local day and category where asked for.

    Parameters
    ----------
    shift
        By how many bits, an even number, a place's number is longer than its cell's: the cell's side is 2 to the half
        of it times four centimetres at the equator.
    by_day, by_kind
        Else ``day`` is 0 and ``kind`` empty.

    Returns
    -------
    points
        Middles of cells in the city's metric CRS, in no order.
    """
    cell = _issue.c.place_number.bitwise_rshift(shift)
    first = local_day(window.since, store.city.zone)
    numbers = [cell, *([_days_since(first, store, window)] if by_day else [])]
    texts, (cells, *days), number = _counted(store, window, [_issue.c.category] if by_kind else [], numbers)
    (kinds,) = texts or (np.full(len(cells), "", dtype=object),)
    day = days[0] + first if by_day else np.zeros(len(cells), np.int64)
    return Points(_middles(store, cells, shift), day, kinds, number)


def unit_counts(store: Store, window: Window, column: str, edges: Sequence[dt.datetime]) -> pd.DataFrame:
    """Issues in scope counted by unit and step of time; those that lie in no unit are left out.

    Parameters
    ----------
    column
        Of the issue that names its unit: ``grid_1`` to ``grid_6``, ``grid`` or ``frontage``.
    edges
        Where steps begin, ascending, and where the last one ends: what is reported outside them is left out too.

    Returns
    -------
    counts
        ``code``, ``step`` (0 is the first) and ``number``, those that are not 0, in no order.
    """
    unit, when = _issue.c[column], _issue.c.reported_at
    within = (unit.is_not(None), when >= edges[0], when < edges[-1])
    (codes,), (step,), number = _counted(store, window, [unit], [_step(edges)], *within)
    return pd.DataFrame({"code": codes, "step": step, "number": number})


def street_points(store: Store, window: Window, shift: int) -> pd.DataFrame:
    """Issues in scope that were found to be on a street, counted by street and small cell; see :func:`points`.

    Returns
    -------
    points
        ``street`` (code), ``x`` and ``y`` (metres in the city's CRS) and ``number``, in no order.
    """
    street, cell = _issue.c.street, _issue.c.place_number.bitwise_rshift(shift)
    (streets,), (cells,), number = _counted(store, window, [street], [cell], street.is_not(None))
    x, y = _middles(store, cells, shift).T
    return pd.DataFrame({"street": streets, "x": x, "y": y, "number": number})


def _middles(store: Store, cells: Ints, shift: int) -> Floats:
    return to_metres(lonlat_of_cells(cells, shift), store.city.metric_srid)


def _counted(
    store: Store, window: Window, texts: Sequence[ColumnElement[str]], numbers: Sequence[ColumnElement[int]],
    *conditions: ColumnElement[bool],
) -> tuple[list[Any], list[Ints], Ints]:  # fmt: skip
    """Issues counted by texts and whole numbers: what is said of each group, and how many there are.

    Groups travel as lists, one for each text: as rows they would take several times what counting them takes.
    """
    said = [column.label(f"text_{nth}") for nth, column in enumerate(texts)]
    told = [column.label(f"number_{nth}") for nth, column in enumerate(numbers)]
    found = store.bounded("issues", *_conditions(store, window), *conditions).with_only_columns(*said, *told).subquery()
    groups = select(*found.c, func.count().label("count")).group_by(*found.c).subquery()
    by = [groups.c[column.name] for column in said]
    lists = [groups.c[column.name] for column in (*told, groups.c["count"])]
    rows = store.session.execute(_listed(by, lists)).all()
    size = [row[0] for row in rows]
    values = [np.repeat(np.array([row[1 + nth] for row in rows], dtype=object), size) for nth in range(len(by))]
    *keys, count = (_whole([row[1 + len(by) + nth] for row in rows]) for nth in range(len(lists)))
    return values, keys, count


def _listed(by: Sequence[Any], lists: Sequence[Any]) -> Select[Any]:
    columns = (func.aggregate_strings(cast(column, String), ",") for column in lists)
    return select(func.count(), *by, *columns).group_by(*by)


def _whole(listed: Sequence[str | None]) -> Ints:
    return np.fromstring(",".join(text for text in listed if text), dtype=np.int64, sep=",")


def _conditions(store: Store, window: Window) -> list[ColumnElement[bool]]:
    when, place = _issue.c.reported_at, _issue.c.place_number
    found: list[ColumnElement[bool]] = [when >= window.since, when < window.until]
    if window.box is not None:
        found += [place.bitwise_and(part.bits).between(part.low, part.high) for part in box_numbers(*window.box)]
    for column, several in ((_issue.c.category, window.categories), (_issue.c.kind, window.kinds)):
        if several:
            found.append(among(store.session, column, several))
    if window.problems:
        found.append(_issue.c.master.is_(None))
    return found


def _days_since(first: int, store: Store, window: Window) -> ColumnElement[int]:
    """Local days after day ``first``, that of the window's beginning."""
    when = _issue.c.reported_at
    if store.is_postgis:
        seconds: Any = cast(func.floor(func.date_part("epoch", when)), BigInteger)
    else:
        # A fraction of a second would be rounded, and may be the last one of a day.
        seconds = cast(func.strftime("%s", func.substr(when, 1, len("2026-07-01 00:00:00"))), Integer)
    *changes, (_, last) = _offsets(store.city.zone, window.since, window.until)
    # An offset is asked about before the next one: the first that has not ended yet.
    offset = case(*((when < end, offset_s) for end, offset_s in changes), else_=last) if changes else literal(last)
    return (seconds + offset - first * DAY_S) // DAY_S


def _offsets(zone: ZoneInfo, since: dt.datetime, until: dt.datetime) -> list[tuple[dt.datetime, int]]:
    """Until when the zone has been how many seconds ahead of UTC, in a span of time."""

    def ahead_s(instant: dt.datetime) -> int:
        offset = instant.astimezone(zone).utcoffset()
        assert offset is not None
        return int(offset.total_seconds())

    found, week, second = [], dt.timedelta(days=7), dt.timedelta(seconds=1)
    begin = since.astimezone(dt.UTC).replace(microsecond=0)
    while begin < until:
        end = min(begin + week, until.astimezone(dt.UTC))
        if ahead_s(begin) != ahead_s(end):
            low, high = begin, end
            while high - low > second:
                middle = low + (high - low) // 2
                low, high = (middle, high) if ahead_s(middle) == ahead_s(begin) else (low, middle)
            found.append((high.replace(microsecond=0), ahead_s(begin)))
        begin = end
    return [*found, (until, ahead_s(until))]


def _step(edges: Sequence[dt.datetime], low: int = 0, high: int | None = None) -> ColumnElement[int]:
    """Which step a report is in: halves are asked about, so that a hundred steps are seven questions."""
    high = len(edges) - 1 if high is None else high
    if high - low <= 1:
        return literal(low)
    middle = (low + high) // 2
    earlier = _issue.c.reported_at < edges[middle]
    return case((earlier, _step(edges, low, middle)), else_=_step(edges, middle, high))

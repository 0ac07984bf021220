"""Issues counted where and when they were reported, for heat and hot spots: one question of the database each.

The database chooses the issues, from an index that holds all that is asked of them, and hands over a column of each
step of time as one long value; numpy counts. A million issues lie in half a million small cells, and to group them into
so many groups takes PostgreSQL three times as long as to hand them over (docs/hotspots-serving.md, Who counts).

A place lies in a box when its number does: to the four centimetres of :data:`gis_core.lattice.BITS`, whatever cells
are asked for. A day is one of the city's clock, whatever the database knows of time zones.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Column, ColumnElement, Integer, LargeBinary, Select, func, literal_column, select, true

from gis_core.arrays import Floats, Ints, Objects
from gis_core.hotspots.asking import Points
from gis_core.lattice import box_numbers, metres_of_cells
from layers.boxes import Box
from layers.bulk import among, periods
from layers.frames import table_of
from layers.issues import Issue
from layers.store import Store
from layers.validity import midnight

BETWEEN, BESIDE = "\x1f", "\x1e"
"""Stand between texts in a list, and between lists; what cannot be printed is taken out of texts when they come in."""
DENSE = 4
"""Up to so many times as many numbers as rows are counted one by one; more are sorted."""
EPOCH = dt.date(1970, 1, 1)
Weigh = Callable[[Ints], Floats]
"""What a report counts for, by the local day it is of."""
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


def points(
    store: Store, window: Window, shift: int, *, by_day: bool, by_kind: bool, weigh: Weigh | None = None
) -> Points:
    """Issues in scope counted by small cell, and by local day and category where asked for.

    Parameters
    ----------
    shift
        By how many bits, an even number, a place's number is longer than its cell's: the cell's side is 2 to the half
        of it times four centimetres at the equator.
    by_day, by_kind
        Else ``day`` is 0 and ``kind`` empty.
    weigh
        Where reports do not all count for one.

    Returns
    -------
    points
        Middles of cells in the city's metric CRS, in order of cells.
    """
    days, edges = _days(store, window)
    (places, *more), step = _listed(store, window, [_issue.c.place_number, *[_issue.c.category] * by_kind], edges)
    which, kinds = more[0] if by_kind else (None, np.array([""], dtype=object))
    rows = [places >> shift, *[days[step]] * by_day, *[which] * by_kind]
    (cells, *said), number, weight = alike(*rows, weight=None if weigh is None else weigh(days)[step])
    nothing = np.zeros(len(cells), np.int64)
    day, kind = said[0] if by_day else nothing, kinds[said[-1] if by_kind else nothing]
    return Points(_middles(store, cells, shift), day, kind, number, weight)


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
        ``code``, ``step`` (0 is the first) and ``number``, those that are not 0.
    """
    unit = _issue.c[column]
    ((which, codes),), step = _listed(store, window, [unit], edges, unit.is_not(None))
    (which, step), number, _ = alike(which, step)
    return pd.DataFrame({"code": codes[which], "step": step, "number": number})


def street_points(store: Store, window: Window, shift: int, weigh: Weigh | None = None) -> pd.DataFrame:
    """Issues in scope that were found to be on a street, counted by street and small cell; see :func:`points`.

    Returns
    -------
    points
        ``street`` (code), ``x`` and ``y`` (metres in the city's CRS), ``number`` and ``weight``, which is ``number``
        where all count for one.
    """
    days, edges = _days(store, window)
    street = _issue.c.street
    columns = [street, _issue.c.place_number]
    ((which, codes), places), step = _listed(store, window, columns, edges, street.is_not(None))
    weight = None if weigh is None else weigh(days)[step]
    (which, cells), number, weight = alike(which, places >> shift, weight=weight)
    x, y = _middles(store, cells, shift).T
    weight = number.astype(np.float64) if weight is None else weight
    return pd.DataFrame({"street": codes[which], "x": x, "y": y, "number": number, "weight": weight})


def _middles(store: Store, cells: Ints, shift: int) -> Floats:
    return metres_of_cells(cells, shift, store.city.metric_srid)


def _days(store: Store, window: Window) -> tuple[Ints, list[dt.datetime]]:
    """The local days of a window since 1970, of which the first and last may be parts, and between which instants each
    of them lies.
    """
    zone = store.city.zone
    first, last = (at.astimezone(zone).date() for at in (window.since, window.until))
    begins = [midnight(window.since, zone, nth) for nth in range(1, (last - first).days + 1)]
    days = np.arange(len(begins) + 1, dtype=np.int64) + (first - EPOCH).days
    return days, [window.since, *begins, window.until]


def alike(*columns: Ints, weight: Floats | None = None) -> tuple[list[Ints], Ints, Floats | None]:
    """What is said in rows of whole numbers, each once, in order; in how many rows it is, and what these weigh."""
    if not len(columns[0]):
        return [np.empty(0, np.int64)] * len(columns), np.empty(0, np.int64), weight
    low = [int(one.min()) for one in columns]
    span = [int(one.max()) - least + 1 for one, least in zip(columns, low, strict=True)]
    if prod(span) >= 2**63:
        # Cells far apart, as on both sides of a meridian that halves the world: their places among each other will do.
        said, place = np.unique(columns[0], return_inverse=True)
        (place, *others), number, weighed = alike(place, *columns[1:], weight=weight)
        return [said[place], *others], number, weighed
    key = np.zeros(len(columns[0]), np.int64)
    for one, least, wide in zip(columns, low, span, strict=True):
        key = key * wide + (one - least)
    key, number, weighed = _each_once(key, prod(span), weight)
    found: list[Ints] = []
    for least, wide in zip(reversed(low), reversed(span), strict=True):
        key, rest = np.divmod(key, wide) if wide > 1 else (key, np.zeros(len(key), np.int64))
        found.insert(0, rest + least)
    return found, number, weighed


def _each_once(key: Ints, span: int, weight: Floats | None) -> tuple[Ints, Ints, Floats | None]:
    """The different ones of numbers below ``span``, rising, how many there are of each and what they weigh."""
    if span <= DENSE * len(key):
        # To count by number takes a quarter of what sorting takes.
        sums = np.bincount(key, minlength=span)
        found = np.flatnonzero(sums)
        return found, sums[found], None if weight is None else _summed(key, weight, span)[found]
    # Short numbers are sorted in half the time.
    short = key.astype(np.uint32) if span <= 2**32 else key
    if weight is None:
        said, number = np.unique(short, return_counts=True)
        return said.astype(np.int64), number, None
    said, place, number = np.unique(short, return_inverse=True, return_counts=True)
    return said.astype(np.int64), number, _summed(place, weight, len(said))


def _summed(place: Ints, weight: Floats, size: int) -> Floats:
    sums: Floats = np.bincount(place, weight, size).astype(np.float64, copy=False)
    return sums


def _listed(
    store: Store,
    window: Window,
    columns: Sequence[Column[Any]],
    edges: Sequence[dt.datetime],
    *conditions: ColumnElement[bool],
) -> tuple[list[Any], Ints]:
    """Columns of the issues in scope and window, in one order: whole numbers as they are, texts as positions among the
    distinct ones, and these; and in which step of time between ``edges`` each issue lies.
    """
    # No second bound: SQLite would look from there on in each step.
    within = [min(max(edge, window.since), window.until) for edge in edges]
    steps, nth, begin, end = periods(store.session, within)
    when = _issue.c.reported_at
    chosen = store.bounded("issues", *_conditions(store, window), *conditions, when >= begin, when < end)
    asked: Select[Any]
    if store.is_postgis:
        part = chosen.with_only_columns(*map(_sent, columns)).lateral()
        asked = select(nth, *part.c).select_from(steps.join(part, true()))
    else:
        # SQLite's inner question has one value: the lists as one text.
        lists = reduce(lambda some, one: some + BESIDE + one, map(_text_of, columns))
        asked = select(nth, chosen.with_only_columns(lists).correlate(steps).scalar_subquery())
    rows = [list(row[1:]) for row in sorted(store.session.execute(asked), key=lambda row: row[0])]
    if not store.is_postgis:
        rows = [[None] * len(columns) if text is None else text.split(BESIDE) for (text,) in rows]
    step = np.repeat(np.arange(len(rows)), [_length(row[0]) for row in rows])
    return [_read(column, list(values)) for column, values in zip(columns, zip(*rows, strict=True), strict=True)], step


def _sent(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, Integer):
        return func.string_agg(func.int8send(column), literal_column("''::bytea"), type_=LargeBinary)
    return _text_of(column)


def _text_of(column: Column[Any]) -> ColumnElement[Any]:
    return func.aggregate_strings(column, BETWEEN)


def _length(value: bytes | memoryview | str | None) -> int:
    """How many there are in a list."""
    if value is None:
        return 0
    return value.count(BETWEEN) + 1 if isinstance(value, str) else len(value) // 8


def _read(column: Column[Any], values: list[Any]) -> Any:
    """Lists of a column, one after the other."""
    there = [value for value in values if value is not None]
    number = isinstance(column.type, Integer)
    if not there:
        none = np.empty(0, np.int64)
        return none if number else (none, np.empty(0, dtype=object))
    if not isinstance(there[0], str):
        return np.frombuffer(b"".join(there), ">i8").astype(np.int64)
    text = BETWEEN.join(there)
    return np.fromstring(text, dtype=np.int64, sep=BETWEEN) if number else _encoded(text)


def _encoded(text: str) -> tuple[Ints, Objects]:
    found = pc.split_pattern(pa.array([text], pa.large_string()), BETWEEN).flatten().dictionary_encode()
    return found.indices.to_numpy().astype(np.int64), np.array(found.dictionary.to_pylist(), dtype=object)


def _conditions(store: Store, window: Window) -> list[ColumnElement[bool]]:
    """All that a window asks beside time."""
    place, found = _issue.c.place_number, list[ColumnElement[bool]]()
    if window.box is not None:
        found += [place.bitwise_and(part.bits).between(part.low, part.high) for part in box_numbers(*window.box)]
    for column, several in ((_issue.c.category, window.categories), (_issue.c.kind, window.kinds)):
        if several:
            found.append(among(store.session, column, several))
    if window.problems:
        found.append(_issue.c.master.is_(None))
    return found

"""Issues counted where and when they were reported, for heat and hot spots: one question of the database each.

The database chooses the issues, from an index that holds all that is asked of them, and hands over a column as one
long value; numpy counts. A million issues lie in half a million small cells, and to group them into so many groups
takes either database five times as long as to hand them over.

A place lies in a box when its number does: to the four centimetres of :data:`gis_core.lattice.BITS`, whatever cells
are asked for. A day is one of the city's clock, whatever the database knows of time zones.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Column, ColumnElement, Integer, LargeBinary, func, literal_column

from gis_core.arrays import Floats, Ints, Objects
from gis_core.hotspots.asking import Points
from gis_core.lattice import box_numbers, metres_of_cells
from gis_core.validity import local_days
from layers.base import Instant
from layers.boxes import Box
from layers.bulk import EPOCH_S, among
from layers.frames import table_of
from layers.issues import Issue
from layers.store import Store

BETWEEN = "\x1f"
"""Stands between texts in a list; what cannot be printed is taken out of texts when they come in."""
DENSE = 4
"""Up to so many times as many numbers as rows are counted one by one; more are sorted."""
_BEGIN, _MICROSECOND = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)
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
        Middles of cells in the city's metric CRS, in order of cells.
    """
    wanted = [_issue.c.place_number, *[_issue.c.reported_at] * by_day, *[_issue.c.category] * by_kind]
    places, *more = _listed(store, window, wanted)
    which, kinds = more[-1] if by_kind else (None, np.array([""], dtype=object))
    day = local_days(_instants(more[0]), store.city.zone) if by_day else None
    (cells, *said), number = alike(places >> shift, *(one for one in (day, which) if one is not None))
    nothing = np.zeros(len(cells), np.int64)
    return Points(
        _middles(store, cells, shift), said[0] if by_day else nothing, kinds[said[-1] if by_kind else nothing], number
    )


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
    unit, when, several = _issue.c[column], _issue.c.reported_at, len(edges) > 2
    within = (unit.is_not(None), when >= edges[0], when < edges[-1])
    (which, codes), *whens = _listed(store, window, [unit, *[when] * several], *within)
    begins = np.array([(edge - _BEGIN) // _MICROSECOND for edge in edges[:-1]], np.int64)
    step = np.searchsorted(begins, whens[0], "right") - 1 if several else np.zeros(len(which), np.int64)
    (which, step), number = alike(which, step)
    return pd.DataFrame({"code": codes[which], "step": step, "number": number})


def street_points(store: Store, window: Window, shift: int) -> pd.DataFrame:
    """Issues in scope that were found to be on a street, counted by street and small cell; see :func:`points`.

    Returns
    -------
    points
        ``street`` (code), ``x`` and ``y`` (metres in the city's CRS) and ``number``.
    """
    street = _issue.c.street
    (which, codes), places = _listed(store, window, [street, _issue.c.place_number], street.is_not(None))
    (which, cells), number = alike(which, places >> shift)
    x, y = _middles(store, cells, shift).T
    return pd.DataFrame({"street": codes[which], "x": x, "y": y, "number": number})


def _middles(store: Store, cells: Ints, shift: int) -> Floats:
    return metres_of_cells(cells, shift, store.city.metric_srid)


def _instants(microseconds: Ints) -> pd.Series:
    return pd.Series(pd.DatetimeIndex(microseconds.view("datetime64[us]"), tz="UTC"))


def alike(*columns: Ints) -> tuple[list[Ints], Ints]:
    """What is said in rows of whole numbers, each once, in order; and in how many rows it is."""
    if not len(columns[0]):
        return [np.empty(0, np.int64)] * len(columns), np.empty(0, np.int64)
    low = [int(one.min()) for one in columns]
    span = [int(one.max()) - least + 1 for one, least in zip(columns, low, strict=True)]
    if prod(span) >= 2**63:
        # Cells far apart, as on both sides of a meridian that halves the world: their places among each other will do.
        said, place = np.unique(columns[0], return_inverse=True)
        (place, *others), number = alike(place, *columns[1:])
        return [said[place], *others], number
    key = np.zeros(len(columns[0]), np.int64)
    for one, least, wide in zip(columns, low, span, strict=True):
        key = key * wide + (one - least)
    key, number = _each_once(key, prod(span))
    found: list[Ints] = []
    for least, wide in zip(reversed(low), reversed(span), strict=True):
        key, rest = np.divmod(key, wide) if wide > 1 else (key, np.zeros(len(key), np.int64))
        found.insert(0, rest + least)
    return found, number


def _each_once(key: Ints, span: int) -> tuple[Ints, Ints]:
    """The different ones of numbers below ``span``, rising, and how many there are of each."""
    if span <= DENSE * len(key):
        # To count by number takes a quarter of what sorting takes.
        sums = np.bincount(key, minlength=span)
        found = np.flatnonzero(sums)
        return found, sums[found]
    # Short numbers are sorted in half the time.
    short, number = np.unique(key.astype(np.uint32) if span <= 2**32 else key, return_counts=True)
    return short.astype(np.int64), number


def _listed(
    store: Store, window: Window, columns: Sequence[Column[Any]], *conditions: ColumnElement[bool]
) -> list[Any]:
    """Columns of the issues in scope and window, in one order: whole numbers as they are, instants as microseconds
    since 1970, texts as positions among the distinct ones, and these.
    """
    lists = [(_bytes_of if store.is_postgis else _text_of)(column) for column in columns]
    found = store.bounded("issues", *_conditions(store, window), *conditions).with_only_columns(*lists)
    row = store.session.execute(found).one()
    return [_read(column, value) for column, value in zip(columns, row, strict=True)]


def _bytes_of(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, Integer | Instant):
        send = func.int8send if isinstance(column.type, Integer) else func.timestamptz_send
        return func.string_agg(send(column), literal_column("''::bytea"), type_=LargeBinary)
    return _text_of(column)


def _text_of(column: Column[Any]) -> ColumnElement[Any]:
    return func.aggregate_strings(column, BETWEEN)


def _read(column: Column[Any], value: bytes | str | None) -> Any:
    numbers, instants = isinstance(column.type, Integer), isinstance(column.type, Instant)
    if isinstance(value, str):
        texts = pc.split_pattern(pa.array([value], pa.large_string()), BETWEEN).flatten()
        if instants:
            return texts.cast(pa.timestamp("us")).to_numpy().view(np.int64)
        return np.fromstring(value, dtype=np.int64, sep=BETWEEN) if numbers else _encoded(texts)
    if not (numbers or instants):
        return np.empty(0, np.int64), np.empty(0, dtype=object)
    sent = np.frombuffer(value or b"", ">i8").astype(np.int64)
    return sent + EPOCH_S * 1_000_000 if instants else sent


def _encoded(texts: pa.Array) -> tuple[Ints, Objects]:
    found = texts.dictionary_encode()
    return found.indices.to_numpy().astype(np.int64), np.array(found.dictionary.to_pylist(), dtype=object)


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

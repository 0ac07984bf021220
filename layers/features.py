"""Layers as features: which columns are told, and pages of them as GeoJSON, on both databases."""

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import isfinite
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Float,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    String,
    Subquery,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from gis_core.crs import WGS84, north_first, to_metres
from gis_core.errors import NotFound
from gis_core.lattice import box_numbers
from layers import LAYERS
from layers.base import Instant, Source
from layers.boxes import Box
from layers.drafts import edition_of, shown
from layers.frames import table_of
from layers.issues import Issue
from layers.present import Present
from layers.store import Store

UNTOLD = frozenset(
    {
        "id", "feature_id", "source", "external_id", "key", "digest", "extra", "names", "geom", "version_from",
        "version_to", "revision_from", "revision_to", "raw_x", "raw_y", "datum", "place_number", "master",
    }
)  # fmt: skip
"""Columns that are our own business, or nobody's who reads a map."""
DECIMALS = 7
"""Of a degree: a centimetre."""
DEGREES = (WGS84, 4490)
"""Systems in degrees; in the others a millimetre is told."""
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Sort:
    """One column to sort by; rows without a value come last, whichever way."""

    column: Column[Any]
    descending: bool = False

    def key(self, postgis: bool) -> ColumnElement[Any]:
        """What is compared: text by its code points on both databases."""
        return self.column.collate("C") if postgis and isinstance(self.column.type, String) else self.column

    def order(self, postgis: bool) -> ColumnElement[Any]:
        """The column's place in ``ORDER BY``."""
        key = self.key(postgis)
        return (key.desc() if self.descending else key.asc()).nulls_last()


@dataclass(frozen=True)
class Asked:
    """What of a layer is asked for.

    Parameters
    ----------
    conditions
        All of them must be fulfilled.
    sort
        Columns to sort by before the id.
    after
        The values of the sort columns and the id of the last feature of the page before.
    crs
        EPSG code of the coordinates that are told.
    box
        Where the features of a page in order of place lie, if nothing else is asked of them; the condition says so
        exactly.
    """

    conditions: Sequence[ColumnElement[bool]] = ()
    sort: tuple[Sort, ...] = ()
    after: Sequence[Any] | None = None
    offset: int = 0
    crs: int = WGS84
    box: Box | None = None


@dataclass(frozen=True)
class Page:
    """Features as the text of a JSON list without its brackets, how many they are, and the place after the last."""

    features: str
    count: int
    after: list[Any] | None = field(default=None)


@lru_cache(None)
def properties(layer: str) -> Mapping[str, Column[Any]]:
    """The columns of a layer that are told, by name."""
    return {column.name: column for column in table_of(LAYERS[layer]).columns if column.name not in UNTOLD}


def id_of(layer: str) -> Column[Any]:
    """The column that numbers a layer's features, the same number through all versions."""
    table = table_of(LAYERS[layer])
    return table.c.feature_id if is_given(layer) else table.c.id


def is_given(layer: str) -> bool:
    """Whether a layer is given, so that versions or revisions see it; issues and coverage come of what happens."""
    return issubclass(LAYERS[layer], Source)


def feature_number(written: str) -> int:
    """A feature's number as an address writes it.

    Raises
    ------
    NotFound
        When it is none.
    """
    if not written.isascii() or not written.isdigit() or int(written) >= 2**63:
        raise NotFound("feature_missing", value=written)
    return int(written)


def state_of(store: Store, layer: str) -> str:
    """Text that differs whenever a layer in scope may look different: part of every tag and cache key."""
    state = state_at(store.scope.present, layer)
    return f"{state}.{edition_of(store, store.draft)}" if store.draft and is_given(layer) else state


def state_at(moment: Present, layer: str) -> str:
    """The same of a moment, for what is published."""
    state = f"{moment.version}.{moment.revision}"
    of_events = {"issues": moment.position, "coverage": moment.patrolled}
    return f"{state}.{of_events[layer]}" if layer in of_events else state


def digest_of(store: Store, layer: str, conditions: Sequence[ColumnElement[bool]]) -> str:
    """Digest of what was given for the one feature that fulfils conditions; empty for none, and in a layer that is not
    given.
    """
    if not is_given(layer):
        return ""
    return (
        store.session.scalar(chosen(store, layer, conditions).with_only_columns(table_of(LAYERS[layer]).c.digest)) or ""
    )


def chosen(store: Store, layer: str, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """The ids of the features in scope, of the newest state or the draft looked at, that fulfil conditions."""
    model = LAYERS[layer]
    if not is_given(layer):
        return store.bounded(layer, *conditions)
    held = shown(store, layer, store.draft) if store.draft else store.scope.seen(table_of(model), model)
    return store.bounded(layer, held, *conditions)


def count(store: Store, layer: str, conditions: Sequence[ColumnElement[bool]], most: int | None = None) -> int:
    """How many features fulfil conditions; with ``most`` no more than that and one are counted."""
    found = chosen(store, layer, conditions)
    if most is not None:
        found = found.limit(most + 1)
    return store.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def extent(store: Store) -> tuple[float, float, float, float] | None:
    """West, south, east and north of the city's grids in scope, in degrees; ``None`` where there are none."""
    # The grids hold everything else, and are few; a million issues would be read for the same answer.
    table = table_of(LAYERS["grids"])
    sides = (func.min(func.ST_XMin(table.c.geom)), func.min(func.ST_YMin(table.c.geom)),
             func.max(func.ST_XMax(table.c.geom)), func.max(func.ST_YMax(table.c.geom)))  # fmt: skip
    found = store.session.execute(chosen(store, "grids", []).with_only_columns(*sides)).one()
    return None if found[0] is None else (found[0], found[1], found[2], found[3])


def page(store: Store, layer: str, asked: Asked, limit: int) -> Page:
    """A page of a layer's features."""
    number, postgis = id_of(layer), store.is_postgis
    sort = (*asked.sort, Sort(number))
    conditions = [*asked.conditions, *([] if asked.after is None else [_beyond(sort, asked.after, postgis)])]
    found = chosen(store, layer, conditions)
    if asked.box is not None and postgis and store.scope.sight.everything:
        near: Any = _from_place_to_place(asked.box, asked.after)
        found, sort = found.join(near, near.c.id == number), (Sort(near.c.place_number), Sort(near.c.id))
    found = found.order_by(*(one.order(postgis) for one in sort)).limit(limit).offset(asked.offset or None)
    told = (_by_database if postgis else _by_row)(store, layer, found, sort, asked.crs)
    return told if told.count == limit else Page(told.features, told.count)


def _from_place_to_place(box: Box, after: Sequence[Any] | None) -> Subquery:
    """Ids and places of the issues in a box, and of some beside it, as their index has them in order: whoever wants
    the first thousand reads little more, however many there are.
    """
    table = table_of(Issue)
    whole, *parts = box_numbers(*box)
    place = table.c.place_number
    first = whole.low if after is None else max(whole.low, after[0])
    within = [place.bitwise_and(part.bits).between(part.low, part.high) for part in parts]
    near = select(table.c.id, place).where(place.between(first, whole.high), *within)
    return near.order_by(place, table.c.id).subquery("near")


def placed(layer: str) -> tuple[Sort, ...]:
    """The order of place, where a layer has it."""
    return (Sort(table_of(Issue).c.place_number),) if LAYERS[layer] is Issue else ()


def _beyond(sort: Sequence[Sort], last: Sequence[Any], postgis: bool) -> ColumnElement[bool]:
    """The rows after the one with these values."""
    beyond: ColumnElement[bool] = false()
    for one, value in reversed(list(zip(sort, last, strict=True))):
        key = one.key(postgis)
        if value is None:
            beyond = and_(one.column.is_(None), beyond)
            continue
        farther = key < value if one.descending else key > value
        later = or_(farther, one.column.is_(None)) if one.column.nullable else farther
        beyond = or_(later, and_(one.column == value, beyond))
    return beyond


def _by_database(store: Store, layer: str, found: Select[Any], sort: Sequence[Sort], crs: int) -> Page:
    """The whole page as one text, made by PostGIS: nothing of it is an object in Python."""
    feature, said = _feature(layer, crs)
    place = cast(func.json_build_array(*(one.column for one in sort)), String)
    # Rows come to the aggregates in the order of the subquery. Numbered by it they would all be written as JSON before
    # the limit is looked at.
    rows = found.with_only_columns(feature.label("feature"), place.label("place")).join(said, true()).subquery()
    whole = func.string_agg(rows.c.feature, literal(","))
    last = func.array_agg(rows.c.place)[func.count()]
    features, number, after = store.session.execute(select(whole, func.count(), last)).one()
    return Page(features or "", number, json.loads(after) if after else None)


@lru_cache(None)
def _feature(layer: str, crs: int) -> tuple[ColumnElement[str], FromClause]:
    """A feature as PostGIS writes it, and the row of its properties, to be joined."""
    table = table_of(LAYERS[layer])
    shape = table.c.geom if crs == WGS84 else func.ST_Transform(table.c.geom, crs)
    shape = func.ST_FlipCoordinates(shape) if north_first(crs) else shape
    decimals = DECIMALS if crs in DEGREES else 3
    said = select(*properties(layer).values()).correlate(table).lateral("said")
    feature = func.concat(
        '{"type":"Feature","id":', cast(id_of(layer), String), ',"geometry":',
        func.coalesce(func.ST_AsGeoJSON(shape, decimals, 0), "null"), ',"properties":',
        cast(func.row_to_json(said.table_valued()), String), "}",
    )  # fmt: skip
    return feature, said


def _by_row(store: Store, layer: str, found: Select[Any], sort: Sequence[Sort], crs: int) -> Page:
    table, told = table_of(LAYERS[layer]), properties(layer)
    columns = [id_of(layer), type_coerce(table.c.geom, LargeBinary), *told.values(), *(one.column for one in sort)]
    rows = store.session.execute(found.with_only_columns(*columns)).all()
    shapes = in_system(shapely.from_wkb([row[1] for row in rows]), crs)
    if north_first(crs):
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    features = written_features([row[0] for row in rows], shapes, told, (row[2:] for row in rows))
    last = [_plain(value) for value in rows[-1][2 + len(told) :]] if rows else None
    return Page(",".join(features), len(rows), last)


def in_system(shapes: NDArray[np.object_], crs: int) -> NDArray[np.object_]:
    """Shapes in EPSG:4326 in another system, east before north."""
    moved: NDArray[np.object_] = shapes if crs == WGS84 else shapely.transform(shapes, partial(to_metres, srid=crs))
    return moved


def written_features(
    numbers: Iterable[int], shapes: NDArray[np.object_], names: Collection[str], rows: Iterable[Iterable[Any]]
) -> list[str]:
    """Features as GeoJSON, each of the values of its row by name; values beyond the names are left out."""
    return joined_features(numbers, shapes, (_json(zip(names, row, strict=False)) for row in rows))


def joined_features(numbers: Iterable[int], shapes: NDArray[np.object_], said: Iterable[str]) -> list[str]:
    """Features as GeoJSON, of properties that are texts already."""
    written = shapely.to_geojson(shapely.set_precision(shapes, 10.0**-DECIMALS, mode="pointwise"))
    return [
        f'{{"type":"Feature","id":{number},"geometry":{shape or "null"},"properties":{properties}}}'
        for number, shape, properties in zip(numbers, written, said, strict=True)
    ]


def _json(values: Iterable[tuple[str, Any]]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime | dt.date) else value


def place_values(sort: Sequence[Sort], written: Sequence[Any]) -> list[Any]:
    """Values of sort columns as JSON had them, as the database compares them.

    Raises
    ------
    ValueError, TypeError, OverflowError
        When they are of other kinds, or no database could keep them.
    """
    given = zip(sort, written, strict=True)
    return [None if value is None else _place_value(one.column.type, value) for one, value in given]


_KEPT: tuple[tuple[type[Any], type[Any], Callable[[Any], bool]], ...] = (
    (Boolean, bool, lambda _: True),
    (Integer, int, lambda number: abs(number) < 2**63),
    (Float, float, isfinite),
    (String, str, lambda text: b"\0" not in text.encode()),
)
"""Kind of column, kind of value, and which of these the databases keep."""


def _place_value(kind: TypeEngine[Any], value: Any) -> Any:
    if isinstance(kind, Instant):
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(dt.UTC)
    if isinstance(kind, Date):
        return dt.date.fromisoformat(value)
    if isinstance(kind, Float) and type(value) is int:
        value = float(value)
    if not any(isinstance(kind, ours) and type(value) is theirs and kept(value) for ours, theirs, kept in _KEPT):
        raise ValueError(value)
    return value

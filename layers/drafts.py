"""Drafts: changes to the territory that are prepared, looked at and checked before they count for anybody."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, literal, or_, select, update

from gis_core.errors import Conflict, Forbidden, NotFound
from layers import LAYERS, TABLES
from layers.base import Shape, Territorial
from layers.boxes import meets
from layers.bulk import insert_rows
from layers.frames import Columns, read_frame, table_of, typed
from layers.putting import digests, state_columns
from layers.store import Store
from layers.versions import DRAFTS, Draft, DraftChange

DRAFTED = tuple(name for name, model in LAYERS.items() if issubclass(model, Territorial))
"""Layers that are changed in drafts."""
_OF_A_STATE = ("id", "feature_id", "digest")
_draft, _change = table_of(Draft), table_of(DraftChange)


def begin_draft(store: Store, note: str, actor: str, now: dt.datetime) -> int:
    """Begin a draft; its number."""
    begun = insert(_draft).values(note=note, created_by=actor, created_at=now, edition=0)
    return store.session.execute(begun.returning(_draft.c.id)).scalar_one()


def draft_of(store: Store, number: int) -> dict[str, Any]:
    """An open draft: the columns of :class:`layers.versions.Draft`.

    Raises
    ------
    NotFound, Conflict
        When there is none of this number, or it is published or thrown away.
    """
    found = store.session.execute(select(_draft).where(_draft.c.id == number)).mappings().one_or_none()
    if found is None:
        raise NotFound("draft_missing", value=number)
    if found["closed_at"] is not None:
        raise Conflict("draft_closed", value=number, version=found["became"] or "–")
    return dict(found)


def look_at(store: Store, number: int) -> None:
    """From here on show the layers as an open draft has them."""
    draft_of(store, number)
    store.draft, store.scope = number, replace(store.scope, drafting=True)


def edition_of(store: Store, number: int) -> str:
    """Text that differs whenever a draft looks different."""
    return f"{number}.{store.session.scalar(select(_draft.c.edition).where(_draft.c.id == number))}"


def open_drafts(store: Store) -> list[dict[str, Any]]:
    """Every open draft, the newest first, with ``changes``: how many are in scope."""
    found = store.session.execute(select(_draft).where(_draft.c.closed_at.is_(None)).order_by(_draft.c.id.desc()))
    return [{**row, "changes": len(changes_of(store, row["id"]))} for row in found.mappings().all()]


def shown(store: Store, layer: str, number: int) -> ColumnElement[bool]:
    """The rows of a layer that a draft shows: the published ones it leaves alone, and its own."""
    table = table_of(TABLES[layer])
    if layer not in DRAFTED:
        return store.scope.seen(table, TABLES[layer])
    own = table.c.version_from == DRAFTS + number
    return or_(own, and_(store.scope.seen(table, TABLES[layer]), table.c.feature_id.not_in(_changed(number, layer))))


def feature_of(store: Store, layer: str, source: str, key: str) -> int | None:
    """Feature id of the row in scope that nothing has ended, by where it came from; ``None`` where there is none."""
    model = TABLES[layer]
    table = table_of(model)
    named = (table.c.source == source, table.c.key == key, table.c[state_columns(model)[1]].is_(None))
    return store.session.scalar(store.bounded(layer, *named).with_only_columns(table.c.feature_id))


def stored_of(store: Store, layer: str, number: int, sources: Sequence[str]) -> dict[tuple[str, str], tuple[int, str]]:
    """Feature id and digest by source and key of the rows that a draft shows of some sources."""
    table = table_of(TABLES[layer])
    named = [table.c[name] for name in ("source", "key", "feature_id", "digest")]
    rows = store.session.execute(select(*named).where(shown(store, layer, number), table.c.source.in_(sources)))
    return {(row.source, row.key): (row.feature_id, row.digest) for row in rows}


def drafted(store: Store, layer: str, number: int, *conditions: ColumnElement[bool]) -> pd.DataFrame:
    """Rows of a layer in scope as a draft shows them."""
    table = table_of(TABLES[layer])
    seen = store.bounded(layer, shown(store, layer, number), *conditions)
    return read_frame(store.session, TABLES[layer], seen.order_by(table.c.feature_id))


def on_the_ground(store: Store, shape: Any) -> bool:
    """Whether a shape in EPSG:4326 touches a grid of the draft looked at, or a published one."""
    table = table_of(TABLES["grids"])
    held = store.scope.seen(table) if store.draft is None else shown(store, "grids", store.draft)
    near = meets(table, shape.bounds, postgis=store.is_postgis)
    touching = func.ST_Intersects(table.c.geom, literal(shape, Shape()))
    return bool(store.session.scalar(select(exists().where(held, near, touching))))


def change(
    store: Store,
    number: int,
    layer: str,
    feature: int | None,
    row: pd.DataFrame | None,
    actor: str,
    now: dt.datetime,
    *,
    unless: str | None = None,
) -> int | None:
    """Bring a feature into a draft, put another row in its place, or take it away.

    Parameters
    ----------
    feature
        Its feature id; ``None`` for a new one.
    row
        One row as an importer accepts it; ``None`` takes the feature away.
    unless
        Digest of the row as it is: an equal one changes nothing.

    Returns
    -------
    feature
        Its feature id; ``None`` where nothing changed.

    Raises
    ------
    Conflict
        When another feature of the draft has the code.
    Forbidden
        When the feature would lie outside the scope.
    """
    table, state = table_of(TABLES[layer]), DRAFTS + number
    columns = None if row is None else _columns(layer, row, state)
    if columns is not None and unless is not None and columns["digest"][0].as_py() == unless:
        return None
    if feature is None:
        feature = (store.session.scalar(select(func.coalesce(func.max(table.c.feature_id), 0))) or 0) + 1
    over = _published(store, layer, feature)
    store.session.execute(delete(table).where(table.c.version_from == state, table.c.feature_id == feature))
    if columns is not None:
        insert_rows(store.session, table, {**columns, "feature_id": pa.array([feature])})
    _note(store, number, layer, feature, over, row is not None, actor, now)
    if row is not None:
        _check_row(store, number, layer, feature, row["code"].iloc[0])
    return feature


def go_back(store: Store, number: int, version: int, actor: str, now: dt.datetime) -> None:
    """Bring into a draft whatever makes the territory what it was in a version.

    Raises
    ------
    NotFound
        When no such version is published.
    """
    if version not in store.published():
        raise NotFound("version_missing", value=version)
    for layer in DRAFTED:
        was, newest = (
            store.read(layer, state).set_index("feature_id", drop=False) for state in (version, store.latest_version())
        )
        gone = newest.index.difference(was.index)
        digest = newest["digest"].reindex(was.index)
        differs = was[(was["digest"] != digest).to_numpy()]
        # What goes first frees its code.
        for feature in gone:
            change(store, number, layer, int(feature), None, actor, now)
        for nth, feature in enumerate(differs.index):
            row = differs.iloc[[nth]].drop(columns=[*_OF_A_STATE, *state_columns(TABLES[layer])])
            change(store, number, layer, int(feature), row, actor, now)


def undo(store: Store, number: int, layer: str, feature: int) -> None:
    """Let a draft show a feature as it is published.

    Raises
    ------
    NotFound
        When the draft does not change it, or it is out of scope.
    """
    if not any((one["layer"], one["id"]) == (layer, feature) for one in changes_of(store, number)):
        raise NotFound("draft_change_missing", value=f"{layer} {feature}")
    table = table_of(TABLES[layer])
    store.session.execute(delete(table).where(table.c.version_from == DRAFTS + number, table.c.feature_id == feature))
    store.session.execute(delete(_change).where(*_about(number, layer, feature)))
    _touch(store, number)


def changes_of(store: Store, number: int) -> list[dict[str, Any]]:
    """What a draft changes, in scope: ``layer``, feature ``id``, ``operation``, ``code`` and ``name``, ``changed_at``,
    ``changed_by``, and whether it is ``outdated``: made over what is no longer published.
    """
    found: list[dict[str, Any]] = []
    for layer in DRAFTED:
        rows = store.session.execute(_changes(store, number, layer)).mappings().all()
        for row in rows:
            now_published = _published(store, layer, row["id"])
            found.append({**{k: row[k] for k in row if k != "over_id"}, "outdated": now_published != row["over_id"]})
    return found


def rows_of(store: Store, number: int, layer: str) -> tuple[pd.DataFrame, list[int]]:
    """What a draft puts into a layer, as :meth:`Store.put` takes it, and the ids of the published rows it ends."""
    table = table_of(TABLES[layer])
    own = select(table.c.id).where(table.c.version_from == DRAFTS + number).order_by(table.c.feature_id)
    rows = read_frame(store.session, TABLES[layer], own).drop(columns=["id", "version_to"])
    gone = select(_change.c.over_id).where(
        _change.c.draft_id == number, _change.c.layer == layer, _change.c.operation == "delete"
    )
    return rows.assign(row=range(1, len(rows) + 1)), list(store.session.scalars(gone))


def replaced(store: Store, number: int, layer: str) -> pd.DataFrame:
    """The published rows that a draft puts others in the place of, or takes away."""
    table = table_of(TABLES[layer])
    over = select(_change.c.over_id).where(_change.c.draft_id == number, _change.c.layer == layer)
    return read_frame(store.session, TABLES[layer], select(table.c.id).where(table.c.id.in_(over)).order_by(table.c.id))


def close(store: Store, number: int, became: int | None, now: dt.datetime) -> None:
    """End a draft: it has become a version, or is thrown away. What it changed stays on record, its rows go."""
    for layer in DRAFTED:
        table = table_of(TABLES[layer])
        store.session.execute(delete(table).where(table.c.version_from == DRAFTS + number))
    ended = update(_draft).where(_draft.c.id == number).values(closed_at=now, became=became)
    store.session.execute(ended)


def _columns(layer: str, row: pd.DataFrame, state: int) -> Columns:
    """A row of a draft as it is inserted, but for its feature id."""
    table = table_of(TABLES[layer])
    given = {"feature_id": 0, "version_from": state, "version_to": state, "digest": ""}
    columns = typed(row.drop(columns="id", errors="ignore").reset_index(drop=True), table, given)
    return {**columns, "digest": pa.array(digests(table, columns))}


def _note(
    store: Store, number: int, layer: str, feature: int, over: int | None, there: bool, actor: str, now: dt.datetime
) -> None:
    """Record a change in the place of an earlier one; a feature that came and went within the draft leaves none."""
    store.session.execute(delete(_change).where(*_about(number, layer, feature)))
    if there or over is not None:
        operation = ("create" if over is None else "replace") if there else "delete"
        store.session.execute(
            insert(_change).values(
                draft_id=number, layer=layer, feature_id=feature, over_id=over, operation=operation,
                changed_at=now, changed_by=actor,
            )
        )  # fmt: skip
    _touch(store, number)


def _check_row(store: Store, number: int, layer: str, feature: int, code: str) -> None:
    """Refuse a row whose code another one of the draft has, or that its writer could not see afterwards."""
    table = table_of(TABLES[layer])
    others = exists().where(shown(store, layer, number), table.c.code == code, table.c.feature_id != feature)
    if store.session.scalar(select(others)):
        raise Conflict("draft_code_taken", field="code", value=code)
    mine = store.bounded(layer, table.c.version_from == DRAFTS + number, table.c.feature_id == feature)
    if store.session.scalar(mine) is None:
        raise Forbidden("draft_outside", value=code)


def _published(store: Store, layer: str, feature: int) -> int | None:
    """Id of the row that the newest version shows of a feature."""
    table = table_of(TABLES[layer])
    return store.session.scalar(
        select(table.c.id).where(store.scope.seen(table, TABLES[layer]), table.c.feature_id == feature)
    )


def _changed(number: int, layer: str) -> Select[Any]:
    return select(_change.c.feature_id).where(_change.c.draft_id == number, _change.c.layer == layer)


def _changes(store: Store, number: int, layer: str) -> Select[Any]:
    """The changes to a layer with the row each shows: the draft's own, or the one it takes away."""
    table = table_of(TABLES[layer])
    shows = or_(
        and_(table.c.version_from == DRAFTS + number, table.c.feature_id == _change.c.feature_id),
        and_(_change.c.operation == "delete", table.c.id == _change.c.over_id),
    )
    told = [_change.c[name] for name in ("layer", "operation", "changed_at", "changed_by", "over_id")]
    return (
        select(_change.c.feature_id.label("id"), *told, table.c.code, table.c.name)
        .join(table, shows)
        .where(_change.c.draft_id == number, _change.c.layer == layer, table.c.id.in_(store.bounded(layer)))
        .order_by(_change.c.feature_id)
    )


def _about(number: int, layer: str, feature: int) -> Sequence[ColumnElement[bool]]:
    return _change.c.draft_id == number, _change.c.layer == layer, _change.c.feature_id == feature


def _touch(store: Store, number: int) -> None:
    store.session.execute(update(_draft).where(_draft.c.id == number).values(edition=_draft.c.edition + 1))

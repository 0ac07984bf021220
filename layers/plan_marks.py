"""What patrollers tell of their tasks, and patterns that plans are made from."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from gis_core.errors import NotFound
from layers.bulk import among, inserting
from layers.frames import table_of
from layers.planned import check_area, in_area
from layers.plans import PlanMark, PlanPattern
from layers.store import Store

_mark, _pattern = table_of(PlanMark), table_of(PlanPattern)
_SAID = tuple(_pattern.c[name] for name in ("code", "name", "kind", "area", "asked", "made_by", "made_at"))


def put_marks(store: Store, number: int, by: str, marks: Sequence[Mapping[str, Any]], now: dt.datetime) -> int:
    """Store marks of a plan; how many were not there. One that comes again changes nothing.

    Parameters
    ----------
    marks
        ``code``, ``event``, ``at``, ``note``, ``lon``, ``lat``.
    """
    rows = [{**mark, "plan_id": number, "by": by, "received_at": now} for mark in marks]
    if not rows:
        return 0
    written = inserting(store.session.get_bind().dialect.name, PlanMark).values(rows)
    return len(store.session.execute(written.on_conflict_do_nothing().returning(_mark.c.id)).all())


def marks_of(store: Store, numbers: Collection[int], by: str | None = None) -> list[dict[str, Any]]:
    """Marks of some plans, of somebody or of all, by when they were made; whoever asks has looked who may see them."""
    conditions = [among(store.session, _mark.c.plan_id, sorted(numbers))]
    conditions += [] if by is None else [_mark.c.by == by]
    chosen = select(_mark).where(*conditions).order_by(_mark.c.at, _mark.c.id)
    return [dict(row) for row in store.session.execute(chosen).mappings()]


def patterns_in(store: Store) -> list[dict[str, Any]]:
    """Patterns in sight, by code."""
    chosen = select(*_SAID).where(in_area(store, _pattern.c.area)).order_by(_pattern.c.code)
    return [dict(row) for row in store.session.execute(chosen).mappings()]


def pattern_of(store: Store, code: str) -> dict[str, Any]:
    """A pattern in sight.

    Raises
    ------
    NotFound
        When there is none.
    """
    chosen = select(*_SAID).where(_pattern.c.code == code, in_area(store, _pattern.c.area))
    found = store.session.execute(chosen).mappings().one_or_none()
    if found is None:
        raise NotFound("pattern_missing", value=code)
    return dict(found)


def put_pattern(store: Store, code: str, said: Mapping[str, Any], by: str, now: dt.datetime) -> None:
    """Store a pattern, in place of the one of the same code.

    Parameters
    ----------
    said
        ``name``, ``kind``, ``area``, ``asked``.

    Raises
    ------
    Forbidden
        When its area, or that of the one in its place, is not in sight.
    """
    check_area(store, said["area"])
    there = store.session.scalar(select(_pattern.c.area).where(_pattern.c.code == code))
    if there is not None:
        check_area(store, there)
    row = {**said, "made_by": by, "made_at": now}
    written = inserting(store.session.get_bind().dialect.name, PlanPattern).values(code=code, **row)
    store.session.execute(written.on_conflict_do_update(index_elements=["code"], set_=row))


def drop_pattern(store: Store, code: str) -> None:
    """Drop a pattern in sight.

    Raises
    ------
    NotFound
        When there is none.
    """
    pattern_of(store, code)
    store.session.execute(delete(_pattern).where(_pattern.c.code == code))

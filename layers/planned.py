"""Plans of patrol put, changed, listed and published."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, insert, select, true, update

from gis_core.errors import Conflict, Forbidden, NotFound
from layers.bulk import among, inserting
from layers.frames import table_of
from layers.plans import PROPOSED, PUBLISHED, WITHDRAWN, PatrolPlan, PlanEdition
from layers.store import Store

_plan, _edition = table_of(PatrolPlan), table_of(PlanEdition)
_HEAD = tuple(_plan.c[name] for name in (
    "id", "day", "area", "name", "state", "edition", "made_by", "made_at", "published_by", "published_at",
))  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Written:
    """One edition, as it is stored: ``day`` and ``plan`` as JSON documents, of a territory ``version``."""

    version: int
    day: Mapping[str, Any]
    plan: Mapping[str, Any]
    change: Mapping[str, Any]


def in_area(store: Store, column: Any) -> ColumnElement[bool]:
    """The rows whose area, a grid code or empty for the city, is in sight as a whole."""
    return true() if store.scope.sight.everything else among(store.session, column, store.scope.cells)


def check_area(store: Store, area: str) -> None:
    """Let only those go on in whose sight the whole area is.

    Raises
    ------
    Forbidden
        When it is not.
    """
    if not store.scope.sight.everything and area not in store.scope.cells:
        raise Forbidden("not_permitted")


def put_plan(
    store: Store, head: Mapping[str, Any], first: Written, by: str, now: dt.datetime, job_id: int | None = None
) -> int:
    """Store a plan with its first edition; its number, that of the one that the same job has stored where there is one.

    Parameters
    ----------
    head
        ``day``, ``area``, ``name`` and ``asked``.
    """
    given = {**head, "state": PROPOSED, "edition": 1, "made_by": by, "made_at": now, "job_id": job_id}
    written = inserting(store.session.get_bind().dialect.name, PatrolPlan).values(**given)
    number = store.session.scalar(written.on_conflict_do_nothing().returning(_plan.c.id))
    if number is None:
        return int(store.session.execute(select(_plan.c.id).where(_plan.c.job_id == job_id)).scalar_one())
    _put_edition(store, number, 1, first, by, now)
    return int(number)


def add_edition(store: Store, number: int, seen: int, changed: Written, by: str, now: dt.datetime) -> int:
    """Store what became of a plan; the number of the edition.

    Parameters
    ----------
    seen
        The edition that was changed.

    Raises
    ------
    Conflict
        When it is not the newest any more.
    """
    newest = (_plan.c.id == number, _plan.c.edition == seen, in_area(store, _plan.c.area))
    raised = update(_plan).where(*newest).values(edition=seen + 1).returning(_plan.c.edition)
    edition = store.session.scalar(raised)
    if edition is None:
        raise Conflict("plan_outdated", value=seen)
    _put_edition(store, number, edition, changed, by, now)
    return int(edition)


def plan_of(store: Store, number: int, edition: int | None = None) -> dict[str, Any]:
    """A plan in sight with one edition, the newest if none is named.

    Returns
    -------
    plan
        Columns of :class:`PatrolPlan`, and of the edition under ``shown``.

    Raises
    ------
    NotFound
        When there is none, or it is not in sight.
    """
    chosen = select(_plan).where(_plan.c.id == number, in_area(store, _plan.c.area))
    head = store.session.execute(chosen).mappings().one_or_none()
    if head is None:
        raise NotFound("plan_missing", value=number)
    wanted = (_edition.c.plan_id == number, _edition.c.edition == (edition or head["edition"]))
    shown = store.session.execute(select(_edition).where(*wanted)).mappings().one_or_none()
    if shown is None:
        raise NotFound("plan_missing", value=f"{number}, {edition}")
    return {**head, "shown": dict(shown)}


def editions_of(store: Store, number: int) -> list[dict[str, Any]]:
    """Who made which edition of a plan when, and by what change, oldest first."""
    columns = [_edition.c[name] for name in ("edition", "made_by", "made_at", "change")]
    chosen = select(*columns).where(_edition.c.plan_id == number).order_by(_edition.c.edition)
    return [dict(row) for row in store.session.execute(chosen).mappings()]


def plans_said(store: Store, number: int) -> Iterator[dict[str, Any]]:
    """What each edition of a plan says, newest first, one by one; whoever asks cuts from them what is theirs."""
    chosen = select(_edition.c.plan).where(_edition.c.plan_id == number).order_by(_edition.c.edition.desc())
    yield from store.session.scalars(chosen.execution_options(yield_per=1))


def plans_in(
    store: Store, *, day: dt.date | None = None, area: str | None = None, state: str | None = None,
    before: int | None = None, limit: int,
) -> list[dict[str, Any]]:  # fmt: skip
    """Plans in sight without what they say, newest first, of a day, an area or a state."""
    asked = {"day": day, "area": area, "state": state}
    conditions = [_plan.c[name] == value for name, value in asked.items() if value is not None]
    conditions += [] if before is None else [_plan.c.id < before]
    chosen = select(*_HEAD).where(in_area(store, _plan.c.area), *conditions).order_by(_plan.c.id.desc()).limit(limit)
    return [dict(row) for row in store.session.execute(chosen).mappings()]


def published_on(store: Store, day: dt.date, number: int | None = None) -> list[dict[str, Any]]:
    """The published plans of a day, or one of them, with their newest edition under ``shown``; whoever asks cuts from
    them what is theirs.
    """
    conditions = [_plan.c.day == day, _plan.c.state == PUBLISHED]
    conditions += [] if number is None else [_plan.c.id == number]
    newest = (_edition.c.plan_id == _plan.c.id) & (_edition.c.edition == _plan.c.edition)
    heads = [dict(row) for row in store.session.execute(
        select(*_HEAD).where(*conditions).order_by(_plan.c.id)
    ).mappings()]  # fmt: skip
    shown = {row["plan_id"]: dict(row) for row in store.session.execute(
        select(_edition).join(_plan, newest).where(*conditions)
    ).mappings()}  # fmt: skip
    return [{**head, "shown": shown[head["id"]]} for head in heads]


def day_of_published(store: Store, number: int) -> dt.date:
    """The day of a published plan.

    Raises
    ------
    NotFound
        When there is no such plan, or it is not published.
    """
    day = store.session.scalar(select(_plan.c.day).where(_plan.c.id == number, _plan.c.state == PUBLISHED))
    if day is None:
        raise NotFound("plan_missing", value=number)
    return day


def set_published(store: Store, number: int, published: bool, by: str, now: dt.datetime) -> bool:
    """Publish or withdraw a plan in sight; whether this changed anything.

    Raises
    ------
    NotFound
        When there is none in sight.
    Conflict
        When it is to be withdrawn and was never published.
    """
    state = plan_of(store, number)["state"]
    if state == (PUBLISHED if published else WITHDRAWN):
        return False
    if not published and state == PROPOSED:
        raise Conflict("plan_unpublished", value=number)
    told = {"state": PUBLISHED, "published_by": by, "published_at": now} if published else {"state": WITHDRAWN}
    store.session.execute(update(_plan).where(_plan.c.id == number).values(**told))
    return True


def _put_edition(store: Store, number: int, edition: int, said: Written, by: str, now: dt.datetime) -> None:
    row = {"plan_id": number, "edition": edition, "made_by": by, "made_at": now, "version": said.version}
    store.session.execute(
        insert(_edition).values(**row, change=dict(said.change), day=dict(said.day), plan=dict(said.plan))
    )

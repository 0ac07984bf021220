"""What happens at front doors: inspections, notices, warnings and cases, only ever added to."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import ColumnElement, Select, and_, func, insert, select, update

from gis_core.errors import Conflict, NotFound
from gis_core.grades import STEPS
from layers.frames import read_frame, table_of
from layers.frontages import DoorEvent
from layers.issues import Issue
from layers.places import Place
from layers.store import Store
from layers.validity import holds_between

TOLD = ("id", "kind", "at", "body", "score", "category", "issue", "answers", "taken_at", "settled_at", "withdrawn_at")
_event, _place, _issue = table_of(DoorEvent), table_of(Place), table_of(Issue)


def is_shop(store: Store, code: str) -> bool:
    """Whether a shop in scope has the code."""
    return store.session.scalar(_of_shop(store, code)) is not None


def shape_of(store: Store, shop: str) -> shapely.Geometry:
    """Where a shop in scope is, in EPSG:4326.

    Raises
    ------
    NotFound
        When there is none.
    """
    found = read_frame(store.session, Place, _of_shop(store, shop), ())
    if not len(found):
        raise NotFound("shop_missing", value=shop)
    return found.geometry.iloc[0]


def alone_with(store: Store, shop: str, day: dt.date) -> None:
    """Let whoever else writes of a shop in scope that is open on a day wait until this transaction ends.

    Raises
    ------
    NotFound
        When there is none.
    Conflict
        When it is closed.
    """
    number = store.session.scalar(_of_shop(store, shop))
    if number is None:
        raise NotFound("shop_missing", value=shop)
    open_then = holds_between(_place, day, day + dt.timedelta(days=1))
    chosen = select(_place.c.id).where(_place.c.id == number, open_then).with_for_update()
    if store.session.scalar(chosen) is None:
        raise Conflict("shop_closed", value=shop, day=day.isoformat())


def add_event(store: Store, shop: str, kind: str, actor: str, now: dt.datetime, **said: Any) -> int:
    """Add an event; its number."""
    given = {"shop": shop, "kind": kind, "at": now, "actor": actor, **said}
    return store.session.execute(insert(_event).values(**given).returning(_event.c.id)).scalar_one()


def warned_since(store: Store, shop: str, since: dt.datetime) -> int:
    """How many notices, warnings and cases a shop has had since then."""
    chosen = select(func.count()).where(_event.c.shop == shop, _told(), _event.c.at >= since)
    return store.session.scalar(chosen) or 0


def told_lately(store: Store, shop: str, category: str, since: dt.datetime) -> dict[str, Any] | None:
    """What a shop was told last about a matter since then: ``id``, ``kind``, ``issue``."""
    chosen = select(_event.c.id, _event.c.kind, _event.c.issue).where(
        _event.c.shop == shop, _event.c.category == category, _told(), _event.c.at >= since
    )
    found = store.session.execute(chosen.order_by(_event.c.id.desc()).limit(1)).mappings().one_or_none()
    return None if found is None else dict(found)


def open_case(store: Store, shop: str, category: str) -> str | None:
    """Number of the case of a shop about a matter that is not closed; also of one whose event was taken back."""
    chosen = (
        select(_event.c.issue)
        .join(_issue, _issue.c.code == _event.c.issue)
        .where(_event.c.shop == shop, _event.c.category == category, _issue.c.status == "open")
    )
    return store.session.scalar(chosen.order_by(_event.c.id.desc()).limit(1))


def events_of(store: Store, shop: str, limit: int) -> Sequence[dict[str, Any]]:
    """The newest events of a shop: :data:`TOLD`."""
    chosen = select(*(_event.c[name] for name in TOLD)).where(_event.c.shop == shop)
    newest = chosen.order_by(_event.c.at.desc(), _event.c.id.desc()).limit(limit)
    return [dict(row) for row in store.session.execute(newest).mappings()]


def event_of(store: Store, shop: str, number: int) -> dict[str, Any]:
    """An event of a shop by its number: ``kind`` and ``body``.

    Raises
    ------
    NotFound
        When the shop has none of this number.
    """
    chosen = select(_event.c.kind, _event.c.body).where(_event.c.id == number, _event.c.shop == shop)
    found = store.session.execute(chosen).mappings().one_or_none()
    if found is None:
        raise NotFound("event_missing", value=number)
    return dict(found)


def withdraw(store: Store, number: int, now: dt.datetime) -> None:
    """Let an event count no more; twice changes nothing."""
    given = {"withdrawn_at": func.coalesce(_event.c.withdrawn_at, now)}
    store.session.execute(update(_event).where(_event.c.id == number).values(**given))


def settle(store: Store, shop: str, number: int, now: dt.datetime) -> None:
    """Say that what a shop was told is dealt with; twice changes nothing.

    Raises
    ------
    NotFound
        When it was told nothing of this number.
    """
    given = {"settled_at": func.coalesce(_event.c.settled_at, now)}
    done = update(_event).where(_event.c.id == number, _event.c.shop == shop, _told()).values(**given)
    if store.session.execute(done.returning(_event.c.id)).one_or_none() is None:
        raise NotFound("notice_missing", value=number)


def inspections(store: Store, since: dt.datetime, shop: str | None = None, day: dt.date | None = None) -> pd.DataFrame:
    """Inspections since then: ``shop``, ``at``, ``body``, ``score``; of one shop wherever it is, or of all in scope
    that are open on a day.
    """
    columns = ("shop", "at", "body", "score")
    chosen = select(*(_event.c[name] for name in columns)).where(
        _event.c.kind == "inspection", _event.c.withdrawn_at.is_(None), _event.c.at >= since
    )
    if shop is not None:
        chosen = chosen.where(_event.c.shop == shop)
    if day is not None:
        there = (_place.c.type == "shop", holds_between(_place, day, day + dt.timedelta(days=1)))
        seen = store.bounded("places", store.scope.seen(_place), *there)
        chosen = chosen.where(_event.c.shop.in_(seen.with_only_columns(_place.c.code)))
    rows = store.session.execute(chosen.order_by(_event.c.at)).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(columns))
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True))


def _told() -> ColumnElement[bool]:
    return and_(_event.c.kind.in_(STEPS), _event.c.withdrawn_at.is_(None))


def _of_shop(store: Store, code: str) -> Select[Any]:
    """Id of the shop in scope that has the code."""
    return store.bounded("places", store.scope.seen(_place), _place.c.code == code, _place.c.type == "shop")

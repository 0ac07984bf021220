"""What happens at front doors: inspections, notices, warnings and cases, only ever added to."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import Select, func, insert, select, update

from gis_core.errors import NotFound
from gis_core.grades import STEPS
from layers.frames import read_frame, table_of
from layers.frontages import DoorEvent
from layers.places import Place
from layers.store import Store

TOLD = ("id", "kind", "at", "body", "score", "category", "issue", "answers")
_event, _place = table_of(DoorEvent), table_of(Place)


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


def alone_with(store: Store, shop: str) -> None:
    """Let whoever else writes of a shop in scope wait until this transaction ends.

    Raises
    ------
    NotFound
        When there is none.
    """
    number = store.session.scalar(_of_shop(store, shop))
    if number is None:
        raise NotFound("shop_missing", value=shop)
    store.session.execute(select(_place.c.id).where(_place.c.id == number).with_for_update())


def add_event(store: Store, shop: str, kind: str, actor: str, now: dt.datetime, **said: Any) -> int:
    """Add an event; its number."""
    given = {"shop": shop, "kind": kind, "at": now, "actor": actor, **said}
    return store.session.execute(insert(_event).values(**given).returning(_event.c.id)).scalar_one()


def warned_since(store: Store, shop: str, since: dt.datetime) -> int:
    """How many notices, warnings and cases a shop has had since then."""
    chosen = select(func.count()).where(_event.c.shop == shop, _event.c.kind.in_(STEPS), _event.c.at >= since)
    return store.session.scalar(chosen) or 0


def events_of(store: Store, shop: str, limit: int) -> Sequence[dict[str, Any]]:
    """The newest events of a shop: :data:`TOLD`."""
    chosen = select(*(_event.c[name] for name in TOLD)).where(_event.c.shop == shop)
    newest = chosen.order_by(_event.c.at.desc(), _event.c.id.desc()).limit(limit)
    return [dict(row) for row in store.session.execute(newest).mappings()]


def inspections_of(store: Store, shop: str) -> pd.DataFrame:
    """Every inspection of a shop: ``at``, ``body``, ``score``."""
    chosen = select(_event.c.at, _event.c.body, _event.c.score).where(
        _event.c.shop == shop, _event.c.kind == "inspection"
    )
    rows = store.session.execute(chosen.order_by(_event.c.at)).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=["at", "body", "score"])
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True))


def issue_of_event(store: Store, number: int) -> str | None:
    """The case that came of an event."""
    return store.session.scalar(select(_event.c.issue).where(_event.c.id == number))


def set_issue(store: Store, number: int, issue: str) -> None:
    """Say which case came of an event."""
    store.session.execute(update(_event).where(_event.c.id == number).values(issue=issue))


def _of_shop(store: Store, code: str) -> Select[Any]:
    """Id of the shop in scope that has the code."""
    return store.bounded("places", store.scope.seen(_place), _place.c.code == code, _place.c.type == "shop")

"""What happened, in the order it was committed: batches of events, one a transaction, each with its position.

A transaction's events are seen when it is committed, and those that began earlier may end later. So a batch takes its
position as the last thing before it is committed, under one lock: whoever has read up to a position misses nothing.
"""

from typing import Any

from sqlalchemy import and_, func, or_, select, true

from layers.frames import table_of
from layers.issues import CaseEvent, EventBatch, Issue
from layers.store import Store

TOLD = ("type", "at", "version", "revision")
OF_ISSUE = ("code", "status", "scheme", "kind", "category", "grid", "responsible", "responsible_kind", "rule")


def newest_position(store: Store) -> int:
    """The position of the last batch, 0 before the first."""
    return store.scope.present.position


def events_after(store: Store, position: int, event: int, limit: int) -> list[dict[str, Any]]:
    """Events in scope after a place, in order: ``position``, ``id``, :data:`TOLD`, and of their issue as it is now
    :data:`OF_ISSUE`, ``lon`` and ``lat``. Codes and numbers only, no words of people.

    Parameters
    ----------
    position, event
        Of the last event that was read.
    """
    happened, batch, issue = (table_of(model).c for model in (CaseEvent, EventBatch, Issue))
    later = or_(batch.position > position, and_(batch.position == position, happened.id > event))
    within = store.scope.within("issues")
    columns = (
        batch.position, happened.id, *(happened[name] for name in TOLD), *(issue[name] for name in OF_ISSUE),
        func.ST_X(issue.geom).label("lon"), func.ST_Y(issue.geom).label("lat"),
    )  # fmt: skip
    chosen = select(*columns).join_from(batch.id.table, happened.id.table, happened.batch == batch.id)
    chosen = chosen.join(issue.id.table, issue.id == happened.issue_id)
    # Said twice, so that the index of positions is enough to begin where the reader is.
    chosen = chosen.where(batch.position >= position, later, true() if within is None else within)
    found = store.session.execute(chosen.order_by(batch.position, happened.id).limit(limit))
    return [dict(row) for row in found.mappings()]

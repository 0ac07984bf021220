"""The batch of a transaction that writes events: begun with the first of them, placed last before commit."""

from sqlalchemy import String, cast, func, insert, select, update
from sqlalchemy.orm import Session

from layers.engine import EVENT_LOCK
from layers.frames import table_of
from layers.issues import EventBatch

CHANNEL = "gridwarden_events"
"""Where PostgreSQL tells listeners that there is a new position; it only wakes, what happened is read."""
_KEPT = "gridwarden_batch"


def batch_of(session: Session) -> int:
    """The number of the transaction's batch."""
    if _KEPT not in session.info:
        begun = insert(table_of(EventBatch)).returning(table_of(EventBatch).c.id)
        session.info[_KEPT] = session.connection().scalar(begun, {})
    number: int = session.info[_KEPT]
    return number


def place_batch(session: Session) -> None:
    """Give the transaction's batch, if it has one, the next position; nobody else takes one until this is committed."""
    if _KEPT not in session.info:
        return
    connection, table = session.connection(), table_of(EventBatch)
    following = select(func.coalesce(func.max(table.c.position), 0) + 1).scalar_subquery()
    placed = update(table).where(table.c.id == session.info[_KEPT]).values(position=following)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (EVENT_LOCK,))
        placed = placed.returning(func.pg_notify(CHANNEL, cast(table.c.position, String)))
    connection.execute(placed)

"""The batch of a transaction that writes events: begun with the first of them, placed last before commit."""

from sqlalchemy import String, bindparam, cast, func, insert, select, update
from sqlalchemy.orm import Session

from layers.engine import EVENT_LOCK
from layers.frames import table_of
from layers.issues import EventBatch

CHANNEL = "gridwarden_events"
"""Where PostgreSQL tells listeners that there is a new position; it only wakes, what happened is read."""
BATCH = "gridwarden_batch"
"""What a session's ``info`` calls the number of its batch."""


def batch_of(session: Session) -> int:
    """The number of the transaction's batch."""
    if BATCH not in session.info:
        begun = insert(table_of(EventBatch)).returning(table_of(EventBatch).c.id)
        session.info[BATCH] = session.connection().scalar(begun, {})
    number: int = session.info[BATCH]
    return number


def place_batch(session: Session) -> None:
    """Give the transaction's batch, if it has one, the next position; nobody else takes one until this is committed."""
    if BATCH not in session.info:
        return
    connection, statement = session.connection(), _PLACED
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (EVENT_LOCK,))
        statement = _TOLD
    connection.execute(statement, {"batch": session.info[BATCH]})


_batch = table_of(EventBatch)
_FOLLOWING = select(func.coalesce(func.max(_batch.c.position), 0) + 1).scalar_subquery()
_PLACED = update(_batch).where(_batch.c.id == bindparam("batch")).values(position=_FOLLOWING)
_TOLD = _PLACED.returning(func.pg_notify(CHANNEL, cast(_batch.c.position, String)))

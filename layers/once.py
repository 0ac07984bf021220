"""Answers kept by the key of the request they were given to, so that a request sent again is not done again."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis_core.errors import Conflict
from layers.base import Base, Instant, Json
from layers.bulk import inserting
from layers.frames import table_of

KEPT_FOR = dt.timedelta(days=7)


class KeptAnswer(Base):
    """What the first request with a key was answered."""

    __tablename__ = "kept_answer"
    actor: Mapped[str] = mapped_column(primary_key=True)
    """Name of the account whose key it is."""
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    """Digest of what was asked."""
    answer: Mapped[Any | None] = mapped_column(Json)
    at: Mapped[dt.datetime] = mapped_column(Instant, index=True)


def once(session: Session, actor: str, key: str | None, request: str, now: dt.datetime, do: Callable[[], Any]) -> Any:
    """Do something and keep the answer, or give the answer that was kept, in one transaction with what is done.

    Parameters
    ----------
    key
        Of the request; ``None``: it is done however often it comes.
    request
        Digest of what is asked.
    do
        Does it; the answer is a JSON document.

    Raises
    ------
    Conflict
        When the key came with another request before.
    """
    if key is None:
        return do()
    table = table_of(KeptAnswer)
    session.execute(delete(table).where(table.c.at < now - KEPT_FOR))
    # Whoever comes with the same key at the same time waits here until the first one is done.
    taken = inserting(session.get_bind().dialect.name, KeptAnswer)
    taken = taken.values(actor=actor, key=key, request=request, at=now).on_conflict_do_nothing()
    if session.execute(taken.returning(table.c.key)).one_or_none() is None:
        kept = session.execute(
            select(table.c.request, table.c.answer).where(table.c.actor == actor, table.c.key == key)
        )
        before, answer = kept.one()
        if before != request:
            raise Conflict("key_reused", field="Idempotency-Key", value=key)
        return answer
    answer = do()
    session.execute(update(table).where(table.c.actor == actor, table.c.key == key).values(answer=answer))
    return answer

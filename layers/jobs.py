"""Work that takes longer than a request: written down, taken by one worker at a time, told how far it is."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Index, and_, case, delete, insert, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis_core.errors import NotFound
from layers.base import Base, BigId, Instant, Json
from layers.bulk import inserting
from layers.frames import table_of

OPEN_STATES = ("queued", "running")
THE_CITY = "the city"
"""Owner of what nobody has asked for; no account is called so."""
LEASE = dt.timedelta(seconds=30)
"""How long a worker that says nothing counts as being there."""
MOST_ATTEMPTS = 3
KEPT_FOR = dt.timedelta(days=7)
"""Jobs that are over, and their files, go after that."""


_ONE_OPEN = text("kind IN ('hotspots', 'strips', 'tracks') AND state IN ('queued', 'running') AND NOT cancelled")


class Job(Base):
    """One piece of work, and what became of it."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    actor: Mapped[str]
    """Name of the account that asked, or :data:`THE_CITY`."""
    state: Mapped[str]
    """``queued``, ``running``, ``done``, ``failed`` or ``cancelled``."""
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    """How many rows there are to do, where that is known."""
    cancelled: Mapped[bool] = mapped_column(default=False)
    """Whether somebody wants it stopped."""
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[dt.datetime | None] = mapped_column(Instant)
    """Until when it is its worker's; of one that was put back, until when it waits."""
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    fault: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Key of a text and its parameters."""
    file: Mapped[str | None]
    """Digest of the file it made."""
    file_name: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    started_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_job_state", "state", "id"),
        Index("ix_job_actor", "actor", "id"),
        # Strips are drawn, tracks are matched and hot spots are kept once at a time, whoever asks for it where; what is
        # being stopped is asked for anew.
        Index("uq_job_one_open", "kind", unique=True, postgresql_where=_ONE_OPEN, sqlite_where=_ONE_OPEN),
    )


class Cancelled(Exception):
    """Somebody wants the job stopped, or another worker has it."""


@dataclass(frozen=True)
class Taken:
    """A job that a worker has taken; ``attempt`` tells it from whoever takes it later."""

    id: int
    kind: str
    asked: dict[str, Any]
    actor: str
    attempt: int


class Upload(Base):
    """A file that somebody sent, to be read by a job."""

    __tablename__ = "upload"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    actor: Mapped[str]
    name: Mapped[str]
    digest: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)


_job, _upload = table_of(Job), table_of(Upload)


def submit(session: Session, kind: str, asked: dict[str, Any], actor: str, now: dt.datetime) -> int:
    """Write a job down; its number, or that of the open one where there is one of this kind at a time."""
    given = {"kind": kind, "asked": asked, "actor": actor, "state": "queued", "created_at": now}
    written = inserting(session.get_bind().dialect.name, Job).values(**given, done=0, attempts=0, cancelled=False)
    is_open = select(_job.c.id).where(_job.c.kind == kind, _job.c.state.in_(OPEN_STATES), _job.c.cancelled.is_(False))
    number = None
    while number is None:  # the open one may have ended in between
        number = session.scalar(written.on_conflict_do_nothing().returning(_job.c.id)) or session.scalar(is_open)
    return int(number)


def newest_of(session: Session, kind: str) -> dict[str, Any] | None:
    """The newest job of a kind."""
    chosen = select(_job).where(_job.c.kind == kind).order_by(_job.c.id.desc()).limit(1)
    found = session.execute(chosen).mappings().one_or_none()
    return None if found is None else dict(found)


def failed_last(session: Session, kind: str, asked: Mapping[str, Any], most: int) -> int:
    """How many of the newest jobs of a kind, ``most`` at most, failed at what is asked, one after the other."""
    chosen = select(_job.c.state, _job.c.asked).where(_job.c.kind == kind).order_by(_job.c.id.desc()).limit(most)
    same = [row.state == "failed" and row.asked == asked for row in session.execute(chosen)]
    return (*same, False).index(False)


def forget_done(session: Session, kind: str) -> None:
    """Drop the jobs of a kind that are done well, where there would be many and none made a file."""
    session.execute(delete(_job).where(_job.c.kind == kind, _job.c.state == "done"))


def stop_all(session: Session, kind: str, now: dt.datetime) -> None:
    """Have all jobs of a kind stopped that are not over."""
    for number in session.scalars(select(_job.c.id).where(_job.c.kind == kind, _job.c.state.in_(OPEN_STATES))).all():
        cancel(session, number, now)


def jobs_of(session: Session, owners: Sequence[str], *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Jobs of some owners, newest first, from before the one of that number on."""
    chosen = select(_job).where(_job.c.actor.in_(owners)).order_by(_job.c.id.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(_job.c.id < before)
    return [dict(row) for row in session.execute(chosen).mappings()]


def job_of(session: Session, number: int, owners: Sequence[str]) -> dict[str, Any]:
    """A job of one of some owners.

    Raises
    ------
    NotFound
        When there is none, or it is another's.
    """
    chosen = select(_job).where(_job.c.id == number, _job.c.actor.in_(owners))
    found = session.execute(chosen).mappings().one_or_none()
    if found is None:
        raise NotFound("job_missing", value=number)
    return dict(found)


def cancel(session: Session, number: int, now: dt.datetime) -> bool:
    """Have a job stopped: at once where nobody has begun it, else at the worker's next look; whether this did it."""
    waiting = _job.c.state == "queued"
    stopped = (
        update(_job)
        .where(_job.c.id == number, _job.c.state.in_(OPEN_STATES), _job.c.cancelled.is_(False))
        .values(
            cancelled=True,
            state=case((waiting, "cancelled"), else_=_job.c.state),
            finished_at=case((waiting, now), else_=None),
        )
    )
    return session.execute(stopped.returning(_job.c.id)).one_or_none() is not None


def keep_upload(session: Session, actor: str, name: str, digest: str, size_bytes: int, now: dt.datetime) -> int:
    """Write down a file that was sent; its number."""
    given = {"actor": actor, "name": name, "digest": digest, "size_bytes": size_bytes, "created_at": now}
    return session.execute(insert(_upload).values(**given).returning(_upload.c.id)).scalar_one()


def upload_of(session: Session, number: int, actor: str) -> dict[str, Any]:
    """A file that an account sent.

    Raises
    ------
    NotFound
        When there is none, or it is another's.
    """
    chosen = select(_upload).where(_upload.c.id == number, _upload.c.actor == actor)
    found = session.execute(chosen).mappings().one_or_none()
    if found is None:
        raise NotFound("upload_missing", value=number)
    return dict(found)


def is_waiting(session: Session, now: dt.datetime) -> bool:
    """Whether a worker would find something to do."""
    return session.scalar(select(_job.c.id).where(_free(now)).limit(1)) is not None


def take(session: Session, now: dt.datetime) -> Taken | None:
    """Take the oldest job that waits, or whose worker has fallen silent; ``None`` where there is none.

    A job that was taken too often fails, or it would end one worker after the other.
    """
    silent, over = and_(_job.c.state == "running", _job.c.lease_until < now), {"finished_at": now, "lease_until": None}
    session.execute(update(_job).where(silent, _job.c.cancelled).values(state="cancelled", **over))
    lost = {"state": "failed", "fault": {"key": "job_lost", "params": {}}, **over}
    session.execute(update(_job).where(silent, _job.c.attempts >= MOST_ATTEMPTS).values(**lost))
    oldest = select(_job.c.id).where(_free(now)).order_by(_job.c.id).limit(1).with_for_update(skip_locked=True)
    number = session.scalar(oldest)
    if number is None:
        return None
    taken = update(_job).where(_job.c.id == number).values(
        state="running", attempts=_job.c.attempts + 1, started_at=now, lease_until=now + LEASE, done=0
    )  # fmt: skip
    row = session.execute(taken.returning(_job.c.kind, _job.c.asked, _job.c.actor, _job.c.attempts)).one()
    return Taken(number, row.kind, row.asked, row.actor, row.attempts)


def still_wanted(session: Session, taken: Taken, now: dt.datetime, done: int, total: int | None) -> bool:
    """Tell how far a job is and go on holding it; whether it is to go on."""
    told = update(_job).where(*_held(taken), _job.c.cancelled.is_(False))
    told = told.values(done=done, total=total, lease_until=now + LEASE)
    return session.execute(told.returning(_job.c.id)).one_or_none() is not None


def check_wanted(session: Session, taken: Taken) -> None:
    """See that a job is to go on, in the transaction that stores what it made.

    Raises
    ------
    Cancelled
        When it is not.
    """
    if session.scalar(select(_job.c.id).where(*_held(taken), _job.c.cancelled.is_(False))) is None:
        raise Cancelled


def finish(session: Session, taken: Taken, now: dt.datetime, state: str, **what: Any) -> bool:
    """Say what became of a job; whether it was still held."""
    over = update(_job).where(*_held(taken)).values(state=state, finished_at=now, lease_until=None, **what)
    return session.execute(over.returning(_job.c.id)).one_or_none() is not None


def put_back(session: Session, taken: Taken, now: dt.datetime) -> bool:
    """Have a job tried again a little later that could not be done just now, three times at most; whether it was held.

    One that somebody wants stopped is stopped.
    """
    spent = taken.attempt >= MOST_ATTEMPTS
    later: dict[str, Any] = {"state": "queued", "lease_until": now + LEASE}
    over: dict[str, Any] = {"state": "failed", "lease_until": None, "finished_at": now}
    over["fault"] = {"key": "job_unanswered", "params": {}}
    stopped = update(_job).where(*_held(taken), _job.c.cancelled)
    session.execute(stopped.values(state="cancelled", lease_until=None, finished_at=now))
    back = update(_job).where(*_held(taken)).values(**(over if spent else later))
    return session.execute(back.returning(_job.c.id)).one_or_none() is not None


def forget(session: Session, now: dt.datetime) -> list[str]:
    """Drop jobs that have been over, and files that were sent, for long; the digests of files that nothing else has."""
    over = delete(_job).where(_job.c.finished_at < now - KEPT_FOR).returning(_job.c.file)
    sent = delete(_upload).where(_upload.c.created_at < now - KEPT_FOR).returning(_upload.c.digest)
    gone = {*session.scalars(over), *session.scalars(sent)} - {None}
    for column in (_job.c.file, _upload.c.digest):
        gone -= set(session.scalars(select(column).where(column.in_(gone))))
    return sorted(gone)


def _free(now: dt.datetime) -> Any:
    unheld = or_(_job.c.lease_until.is_(None), _job.c.lease_until < now)
    return and_(_job.c.state.in_(OPEN_STATES), unheld)


def _held(taken: Taken) -> tuple[Any, ...]:
    return _job.c.id == taken.id, _job.c.state == "running", _job.c.attempts == taken.attempt

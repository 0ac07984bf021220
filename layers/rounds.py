"""What a patroller is to do by published plans, and what they told of it."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.bulk import inserting
from layers.frames import table_of
from layers.plans import PUBLISHED, PatrolPlan, PlanEdition, PlanMark

TOLD = ("plan_id", "code", "event", "at", "note")
_plan, _edition, _mark = table_of(PatrolPlan), table_of(PlanEdition), table_of(PlanMark)
_IN_FORCE = _plan.c.state == PUBLISHED


def in_force(session: Session, day: dt.date) -> Sequence[Any]:
    """Published plans of a day in their newest editions: ``number``, ``edition``, ``version``, ``day``, ``plan``."""
    chosen = _told().where(_IN_FORCE, _plan.c.day == day, _edition.c.edition == _plan.c.edition)
    return session.execute(chosen.order_by(_plan.c.id)).all()


def editions(session: Session, number: int) -> Sequence[Any]:
    """The same of one published plan in each of its editions, newest first; none where it is not published."""
    chosen = _told().where(_IN_FORCE, _plan.c.id == number)
    return session.execute(chosen.order_by(_edition.c.edition.desc())).all()


def put_mark(session: Session, said: dict[str, Any]) -> bool:
    """Store a mark, by the columns of :class:`layers.plans.PlanMark`; whether it is new. One of the same plan, task,
    account and event that is there already stays as it is.
    """
    taken = inserting(session.get_bind().dialect.name, PlanMark).values(**said).on_conflict_do_nothing()
    return session.execute(taken.returning(_mark.c.id)).one_or_none() is not None


def marks_by(session: Session, by: str, plans: Collection[int]) -> list[dict[str, Any]]:
    """What somebody told of plans, in the order in which it came: :data:`TOLD`."""
    chosen = select(*(_mark.c[name] for name in TOLD)).where(_mark.c.by == by, _mark.c.plan_id.in_(plans))
    return [dict(row) for row in session.execute(chosen.order_by(_mark.c.id)).mappings()]


def _told() -> Any:
    wanted = (_plan.c.id.label("number"), *(_edition.c[name] for name in ("edition", "version", "day", "plan")))
    return select(*wanted).join(_edition, _edition.c.plan_id == _plan.c.id)

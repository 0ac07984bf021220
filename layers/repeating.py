"""What repeats what, as a person says: merged under the earliest, parted again, or a suspicion rejected.

A group is flat: its earliest report is the master of all others and repeats nothing itself. Whoever decides is alone
with that until the transaction ends, so that two people at once make one group and no chain.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, text, update

from gis_core.errors import Conflict, Forbidden, NotFound
from layers.batches import batch_of
from layers.bulk import among
from layers.citizens import number_of
from layers.engine import REPEAT_LOCK
from layers.frames import table_of
from layers.issues import CaseEvent, Issue
from layers.repeats import MERGED, REJECTED, Repeat
from layers.store import Store
from layers.suspecting import pair_of

_issue, _repeat = table_of(Issue), table_of(Repeat)
Member = Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """One problem: case numbers of its earliest report and of those that repeat it; and whether that is new."""

    master: str
    repeats: tuple[str, ...]
    changed: bool


def merge(store: Store, number: int, actor: str, now: dt.datetime) -> Group:
    """Say that the two issues of a pair are of one problem; with them their groups become one, under the earliest.

    Parameters
    ----------
    number
        Of a noted pair of which both issues are in scope.
    actor
        Name of the account that says so.

    Raises
    ------
    NotFound
        When there is no such pair.
    Conflict
        When the problem has returned, in this pair or in another one between the two groups: then it is another one.
        When somebody has rejected another pair between them, unless it is a rejected one that is merged: whoever says
        so takes back what was said.
    Forbidden
        When others of the groups are out of scope.
    """
    _alone(store)
    pair = _known(store, number)
    if pair["returned"]:
        raise Conflict("repeat_is_return", value=number)
    roots = _roots(store, pair["earlier"]["id"], pair["later"]["id"])
    members = _group(store, roots)
    _check_between(store, members, roots[0], pair["state"] == REJECTED)
    master = members[0]["code"]
    wanted = {one["id"]: None if one["code"] == master else master for one in members}
    moved = _put(store, members, wanted, now)
    ids = list(wanted)
    both = and_(*(among(store.session, _repeat.c[name], ids) for name in ("issue_id", "earlier_id")))
    decided = _decide(store, and_(both, ~_repeat.c.returned), MERGED, actor, now)
    return Group(master, tuple(one["code"] for one in members[1:]), moved or decided)


def part(store: Store, code: str, actor: str, now: dt.datetime) -> bool:
    """Say that an issue is a problem of its own; if others repeat it, the earliest of them is their master from now on.

    Returns
    -------
    changed
        Whether it was in a group.

    Raises
    ------
    NotFound
        When no issue in scope has the case number.
    Forbidden
        When others of its group are out of scope.
    """
    _alone(store)
    number = number_of(store, code)
    group = _group(store, _roots(store, number))
    others = [other for other in group if other["id"] != number]
    if not others:
        return False
    wanted: dict[int, str | None] = {other["id"]: others[0]["code"] for other in others[1:]}
    # A master that leaves repeats nothing before or after; it is parted from those that stay all the same.
    _put(store, group, {number: None, others[0]["id"]: None, **wanted}, now, parted=number)
    ids = [other["id"] for other in others]
    theirs = or_(
        and_(_repeat.c.issue_id == number, among(store.session, _repeat.c.earlier_id, ids)),
        and_(_repeat.c.earlier_id == number, among(store.session, _repeat.c.issue_id, ids)),
    )
    _decide(store, and_(theirs, ~_repeat.c.returned), REJECTED, actor, now)
    return True


def reject(store: Store, number: int, actor: str, now: dt.datetime) -> bool:
    """Say that the two issues of a pair are not of one problem; whether nobody had said so before.

    Raises
    ------
    NotFound
        When no pair of which both issues are in scope has the number.
    Conflict
        When they are merged, by this pair or by others.
    """
    _alone(store)
    pair = _known(store, number)
    if pair["state"] == MERGED:
        raise Conflict("repeat_is_merged", value=number)
    return _decide(store, _repeat.c.id == number, REJECTED, actor, now)


def _alone(store: Store) -> None:
    """On SQLite a writer is alone from its beginning."""
    if store.is_postgis:
        store.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": REPEAT_LOCK})


def _known(store: Store, number: int) -> Mapping[str, Any]:
    pair = pair_of(store, number)
    if pair is None:
        raise NotFound("repeat_missing", value=number)
    return pair


def _roots(store: Store, *ids: int) -> list[str]:
    """Case numbers of the masters of some issues, which are their own where they repeat nothing."""
    root = func.coalesce(_issue.c.master, _issue.c.code)
    return sorted(set(store.session.scalars(select(root).where(_issue.c.id.in_(ids)))))


def _group(store: Store, masters: Sequence[str]) -> list[Member]:
    """The issues of some masters with them, the earliest first, held until the transaction ends; all must be in
    scope.
    """
    theirs = or_(_issue.c.code.in_(masters), _issue.c.master.in_(masters))
    held = select(_issue.c.id).where(theirs).order_by(_issue.c.id).with_for_update()
    ids = among(store.session, _issue.c.id, store.session.scalars(held).all())
    chosen = select(*(_issue.c[name] for name in ("id", "code", "master"))).where(ids)
    found = store.session.execute(chosen.order_by(_issue.c.reported_at, _issue.c.id)).mappings().all()
    if len(store.session.scalars(store.bounded("issues", ids)).all()) < len(found):
        raise Forbidden("repeat_beyond")
    return [dict(row) for row in found]


def _check_between(store: Store, members: Sequence[Member], root: str, anew: bool) -> None:
    """Refuse to join the group of a root with the other one where a pair between them stands against it; ``anew``:
    where rejected ones do not.
    """
    ours = {one["id"]: root in (one["code"], one["master"]) for one in members}
    sides = [[number for number, is_ours in ours.items() if is_ours is side] for side in (True, False)]
    across = [
        and_(among(store.session, _repeat.c.issue_id, one), among(store.session, _repeat.c.earlier_id, other))
        for one, other in (sides, sides[::-1])
    ]
    against = _repeat.c.returned if anew else or_(_repeat.c.returned, _repeat.c.state == REJECTED)
    chosen = select(_repeat.c.id, _repeat.c.returned).where(or_(*across), against)
    found = store.session.execute(chosen.order_by(_repeat.c.returned.desc(), _repeat.c.id).limit(1)).one_or_none()
    if found is not None:
        raise Conflict("repeat_is_return" if found.returned else "repeat_between", value=found.id)


def _put(
    store: Store, members: Sequence[Member], wanted: Mapping[int, str | None], now: dt.datetime,
    parted: int | None = None,
) -> bool:  # fmt: skip
    """Give issues their masters, each change with its event; whether there was one."""
    changed = [one for one in members if wanted[one["id"]] != one["master"]]
    for one in members:
        to = wanted[one["id"]]
        if one in changed:
            store.session.execute(update(_issue).where(_issue.c.id == one["id"]).values(master=to))
        if one in changed or one["id"] == parted:
            event = {"issue_id": one["id"], "batch": batch_of(store.session), "at": now}
            former = {"former": {"master": one["master"]}} if one["master"] else {}
            happened = insert(table_of(CaseEvent)).values(**event, **former, type="merged" if to else "parted")
            store.session.execute(happened)
    return bool(changed)


def _decide(store: Store, condition: Any, state: str, actor: str, now: dt.datetime) -> bool:
    """Let pairs be of a state; whether one was not."""
    other = update(_repeat).where(condition, _repeat.c.state != state)
    other = other.values(state=state, decided_by=actor, decided_at=now)
    return bool(store.session.execute(other.returning(_repeat.c.id)).all())

"""Suspected repeats as they are found and read: what reports say that is compared, the pairs noted, and counts."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from gis_core.duplicates import LEAST
from gis_core.likeness import reporter_of
from layers.bulk import among, blocks, inserting
from layers.frames import table_of
from layers.issues import CaseEvent, EventBatch, Issue
from layers.people import ReporterContact
from layers.repeats import MERGED, REJECTED, SUSPECTED, Repeat
from layers.store import Store
from layers.streets import Street

Row = dict[str, Any]
COMPARED = (
    "id", "x", "y", "reported_at", "closed_at", "scheme", "kind", "category", "description", "address", "street",
    "street_side",
)  # fmt: skip
"""Columns of an issue by which it is held against others; what repeats another is open or closed as that is."""
CLASS = ("scheme", "kind", "category")
TOLD = ("code", "status", *COMPARED)
OF_PAIR = ("id", "score", "blind", "away_m", "returned", "state", "noted_at", "decided_at")
_issue, _repeat, _street = table_of(Issue), table_of(Repeat), table_of(Street)
_contact = table_of(ReporterContact)
_earlier, _later, _master = (_issue.alias(name) for name in ("earlier", "later", "master"))
_GROUPED = func.coalesce(_later.c.master, _later.c.code) == func.coalesce(_earlier.c.master, _earlier.c.code)
_STATE: Any = case((_GROUPED, MERGED), else_=_repeat.c.state).label("state")
"""What was made of a pair: what lies within one group is merged, whenever it was noted."""


def reports(
    store: Store, since: dt.datetime | None, until: dt.datetime | None = None, newest: int | None = None
) -> list[Row]:
    """Issues in scope in the order in which they were reported: :data:`COMPARED`.

    Parameters
    ----------
    since, until
        Reported from then on, and before then.
    newest
        At most so many, the newest.
    """
    chosen = store.bounded("issues").order_by(_issue.c.reported_at.desc(), _issue.c.id.desc()).limit(newest)
    if since is not None:
        chosen = chosen.where(_issue.c.reported_at >= since)
    if until is not None:
        chosen = chosen.where(_issue.c.reported_at < until)
    return list(reversed(_rows(store, chosen, COMPARED)))


def reports_after(store: Store, position: int, since: dt.datetime, most: int) -> list[Row] | None:
    """What was reported, closed, merged or parted after a position in the order of commits, with what repeats it, and
    reported since then: :data:`COMPARED` of the issues as they are now, by id; ``None`` where more than ``most`` have
    events after it.
    """
    event, batch = table_of(CaseEvent).c, table_of(EventBatch).c
    newer = select(batch.id).where(batch.position > position).order_by(batch.position).limit(most + 1)
    batches = store.session.scalars(newer).all()
    # Named one by one: of batches in a range the planner would expect as many events as a load has.
    touched = select(event.issue_id).where(among(store.session, event.batch, batches))
    touched = touched.where(or_(*(event.type == name for name in ("reported", "closed", "merged", "parted"))))
    ids = store.session.scalars(touched.limit(most + 1)).all()
    if len(batches) > most or len(ids) > most:
        return None
    if not ids:
        return []
    codes = store.session.scalars(select(_issue.c.code).where(among(store.session, _issue.c.id, sorted(set(ids)))))
    kin = select(_issue.c.id).where(among(store.session, _issue.c.master, codes.all()))
    ids = sorted({*ids, *store.session.scalars(kin.limit(most + 1))})
    if len(ids) > most:
        return None
    recent = among(store.session, _issue.c.id, ids), _issue.c.reported_at >= since
    return _rows(store, store.bounded("issues", *recent).order_by(_issue.c.id), COMPARED)


def issues_by_id(store: Store, ids: Collection[int]) -> dict[int, Row]:
    """Issues in scope by id: :data:`TOLD`."""
    chosen = store.bounded("issues", among(store.session, _issue.c.id, sorted(ids)))
    return {row["id"]: row for row in _rows(store, chosen, TOLD)} if ids else {}


def street_names(store: Store, codes: Collection[str] | None = None) -> dict[str, str]:
    """What streets are called that have a name, by code; of all of them, or of some. A name is compared, never told:
    it is read of the whole city.
    """
    wanted = () if codes is None else (among(store.session, _street.c.code, sorted(codes)),)
    whole = Store(store.session, at=store.scope.at)
    chosen = whole.bounded("streets", whole.scope.seen(_street), _street.c.name != "", *wanted)
    named = chosen.with_only_columns(_street.c.code, _street.c.name)
    return dict(tuple(row) for row in store.session.execute(named)) if codes is None or codes else {}


def person_of(phone: str | None, issue: Mapping[str, Any]) -> str | None:
    """Who reported an issue of a class, to be compared; ``None`` where nobody can tell.

    With the class: who reports litter and a manhole at one corner on one day reports two problems.
    """
    who = reporter_of(phone)
    return who and " ".join((who, *(issue[name] for name in CLASS)))


def reporters_of(session: Session, ids: Collection[int], *, held: bool = False) -> dict[int, str]:
    """Who reported some issues, by :func:`person_of`, as far as that is known now: to be compared, and neither kept nor
    told.

    Parameters
    ----------
    held
        Whether nobody can be erased until the transaction ends.
    """
    known = select(_contact.c.issue_id, _contact.c.phone, *(_issue.c[name] for name in CLASS))
    known = known.join(_issue, _issue.c.id == _contact.c.issue_id).order_by(_contact.c.issue_id)
    known = known.where(among(session, _contact.c.issue_id, sorted(ids)), _contact.c.phone.is_not(None))
    if held:
        known = known.with_for_update(read=True, of=_contact)
    found = session.execute(known).mappings().all() if ids else []
    people = {row["issue_id"]: person_of(row["phone"], dict(row)) for row in found}
    return {number: who for number, who in people.items() if who is not None}


def note_pairs(session: Session, pairs: Iterable[Row], now: dt.datetime) -> int:
    """Note suspected pairs; what is noted already stays as it is, whatever a person made of it. Where a reporter was
    erased after a pair was found, it is noted without regard to who reported, or not at all.

    Parameters
    ----------
    pairs
        Each ``issue_id``, ``earlier_id``, ``score``, ``blind``, ``away_m`` and ``returned``.

    Returns
    -------
    noted
        How many were new.
    """
    rows, noted = _still_known(session, list(pairs)), 0
    for block in blocks(rows):
        known = select(_repeat.c.issue_id, _repeat.c.earlier_id)
        known = known.where(among(session, _repeat.c.issue_id, sorted({one["issue_id"] for one in block})))
        before = {tuple(row) for row in session.execute(known)}
        fresh = [one for one in block if (one["issue_id"], one["earlier_id"]) not in before]
        if fresh:
            # Somebody else may note the same at this moment.
            new = inserting(session.get_bind().dialect.name, Repeat).on_conflict_do_nothing()
            session.execute(new, [{**one, "state": SUSPECTED, "noted_at": now} for one in fresh])
        noted += len(fresh)
    return noted


def _still_known(session: Session, rows: Sequence[Row]) -> list[Row]:
    both = ("issue_id", "earlier_id")
    named = {one[name] for one in rows if one["score"] != one["blind"] for name in both}
    people = reporters_of(session, named, held=True)
    kept = (one if one["score"] == one["blind"] or all(one[name] in people for name in both)
            else {**one, "score": one["blind"]} for one in rows)  # fmt: skip
    # By numbers in the order of what everybody may know: a list in that order says nothing of who reported.
    return sorted((one for one in kept if one["score"] >= LEAST),
                  key=lambda one: (-one["blind"], one["issue_id"], one["earlier_id"]))  # fmt: skip


def forget_reporter(session: Session, number: int) -> None:
    """Let what is noted of an issue say nothing any more of who reported it. What only that made likely is noted no
    more, unless a person has decided it.
    """
    theirs = or_(_repeat.c.issue_id == number, _repeat.c.earlier_id == number), _repeat.c.score != _repeat.c.blind
    session.execute(delete(_repeat).where(*theirs, _repeat.c.blind < LEAST, _repeat.c.state == SUSPECTED))
    least = case((_repeat.c.blind < LEAST, LEAST), else_=_repeat.c.blind)
    session.execute(update(_repeat).where(*theirs).values(score=least, blind=least))


def pairs(
    store: Store, *, state: str | None = None, returned: bool | None = None, before: int | None = None, limit: int,
    blind: bool = False,
) -> list[Row]:  # fmt: skip
    """Noted pairs of which both issues are in scope, the newest first.

    Parameters
    ----------
    blind
        As if nobody knew who reported: ``score`` is ``blind``, and what only that makes likely is left out.

    Returns
    -------
    pairs
        :data:`OF_PAIR`, and ``earlier`` and ``later`` with :data:`TOLD`, ``lon`` and ``lat`` of each issue.
    """
    wanted: list[ColumnElement[bool]] = []
    if state is not None:
        wanted.append(state == _STATE)
    if returned is not None:
        wanted.append(_repeat.c.returned.is_(returned))
    if before is not None:
        wanted.append(_repeat.c.id < before)
    seen = [in_scope(store, _repeat.c[name]) for name in ("issue_id", "earlier_id")]
    return _pairs(store, _joined(blind).where(*wanted, *seen).order_by(_repeat.c.id.desc()).limit(limit))


def pair_of(store: Store, number: int) -> Row | None:
    """A noted pair of which both issues are in scope, as :func:`pairs` gives it."""
    seen = [in_scope(store, _repeat.c[name]) for name in ("issue_id", "earlier_id")]
    return next(iter(_pairs(store, _joined().where(_repeat.c.id == number, *seen))), None)


def suspects_of(store: Store, code: str, blind: bool = False) -> list[Row]:
    """What an issue was suspected to repeat when it came, as far as the earlier one is in scope, as :func:`pairs` gives
    it, the likeliest first. The issue itself need not be: whoever reported it knows what it says.
    """
    chosen = _joined(blind).where(_later.c.code == code, in_scope(store, _repeat.c.earlier_id))
    return _pairs(store, chosen.order_by(_score(blind).desc(), _repeat.c.earlier_id))


def relations(store: Store, code: str, blind: bool = False) -> dict[str, Any]:
    """What an issue in scope has to do with others in scope, by their case numbers: the ``master`` that it repeats, the
    ``repeats`` of it, and ``returned_from``, the closed ones whose problem it is that has returned; ``blind`` as of
    :func:`pairs`.
    """
    master = store.session.scalar(select(_issue.c.master).where(_issue.c.code == code))
    ours = _issue.c.master == code if master is None else or_(_issue.c.code == master, _issue.c.master == code)
    kin = store.bounded("issues", ours).with_only_columns(_issue.c.code).order_by(_issue.c.id)
    codes = store.session.scalars(kin).all()
    back = _joined(blind).where(_later.c.code == code, _repeat.c.returned, _repeat.c.state != REJECTED)
    back = back.where(in_scope(store, _repeat.c.earlier_id)).with_only_columns(_earlier.c.code)
    return {
        "master": master if master in codes else None, "repeats": [one for one in codes if one != master],
        "returned_from": list(store.session.scalars(back.order_by(_earlier.c.id))),
    }  # fmt: skip


def counts(store: Store, since: dt.datetime, until: dt.datetime, blind: bool = False) -> dict[str, int]:
    """What was reported in scope in a time, counted both ways; ``blind`` as of :func:`pairs`.

    Returns
    -------
    counts
        ``reports`` as they came; ``problems``, without those that repeat another one; ``returned``, the problems that
        had been closed before; ``suspected``, reports with a suspicion that nobody has decided; both as far as the
        earlier report is in scope as well.
    """
    within = store.bounded("issues", _issue.c.reported_at >= since, _issue.c.reported_at < until)
    first, number = _issue.c.master.is_(None), _repeat.c.issue_id
    row = store.session.execute(within.with_only_columns(func.count(), func.count(case((first, 1))))).one()
    back = and_(first, _repeat.c.returned, _repeat.c.state != REJECTED)
    waits = and_(~_repeat.c.returned, _STATE == SUSPECTED)
    some = [func.count(case((which, number)).distinct()) for which in (back, waits)]
    more = within.with_only_columns(*some).join(_repeat, number == _issue.c.id).join(_later, number == _later.c.id)
    more = more.join(_earlier, _repeat.c.earlier_id == _earlier.c.id)
    more = more.where(in_scope(store, _repeat.c.earlier_id), *_told(blind))
    names = ("reports", "problems", "returned", "suspected")
    return dict(zip(names, (*row, *store.session.execute(more).one()), strict=True))


def in_scope(store: Store, column: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a column holds the id of an issue in scope."""
    return store.bounded("issues", _issue.c.id == column).correlate(_repeat).exists()


def _score(blind: bool) -> ColumnElement[float]:
    return _repeat.c.blind if blind else _repeat.c.score


def _told(blind: bool) -> list[ColumnElement[bool]]:
    return [_repeat.c.blind >= LEAST] if blind else []


def _joined(blind: bool = False) -> Select[Any]:
    both = _repeat.join(_later, _later.c.id == _repeat.c.issue_id).join(_earlier, _earlier.c.id == _repeat.c.earlier_id)
    named = {"state": _STATE, "score": _score(blind).label("score")}
    chosen = select(*(named.get(name, _repeat.c[name]) for name in OF_PAIR)).select_from(both)
    return chosen.where(*_told(blind))


def _pairs(store: Store, chosen: Select[Any]) -> list[Row]:
    sides = {"earlier": _earlier, "later": _later}
    columns: Sequence[Any] = [
        column.label(f"{side}_{column.name}")
        for side, table in sides.items()
        for column in (*(table.c[name] for name in TOLD), func.ST_X(table.c.geom).label("lon"),
                       func.ST_Y(table.c.geom).label("lat"))
    ]  # fmt: skip
    found = store.session.execute(chosen.add_columns(*columns)).mappings()
    names = (*TOLD, "lon", "lat")
    return [
        {**{name: row[name] for name in OF_PAIR},
         **{side: {name: row[f"{side}_{name}"] for name in names} for side in sides}}
        for row in found
    ]  # fmt: skip


def _rows(store: Store, chosen: Select[Any], names: Sequence[str]) -> list[Row]:
    ended = select(_master.c.closed_at).where(_master.c.code == _issue.c.master).scalar_subquery()
    # A repeat is filed away while the problem goes on.
    closed = case((_issue.c.master.is_not(None), ended), else_=_issue.c.closed_at).label("closed_at")
    found = store.session.execute(
        chosen.with_only_columns(*(closed if name == "closed_at" else _issue.c[name] for name in names))
    )
    return [dict(row) for row in found.mappings()]

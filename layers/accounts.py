"""Accounts within one transaction: who there is, what they hold, and who comes in."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from gis_core.errors import Conflict, InvalidInput, NotFound, Unauthorised
from gis_core.permissions import Area, Grant
from layers.base import Instant
from layers.frames import table_of
from layers.grids import Grid
from layers.people import AuditEntry, Passage, UserAccount, UserGrant
from layers.present import PRESENT, Present, told
from layers.reference import Party
from layers.standing import Standing

NAME = re.compile(r"(?!public$)[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
"""What an account may be called; ``public`` is whoever has none."""
FREE_ATTEMPTS = 5
"""Wrong passwords before the account is locked."""
LONGEST_LOCK_MIN = 60
LOCKED_OUT = "locked_out"
COMMAND_LINE = "command line"


@dataclass(frozen=True)
class User:
    """An account as it stands.

    Parameters
    ----------
    epoch
        Tokens of another epoch are void.
    password
        Argon2 digest, ``None`` where there is no password.
    """

    id: int
    name: str
    title: str
    organisation: str | None
    epoch: int
    password: str | None
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class Known:
    """Who somebody is, and what there was when they were looked up."""

    user: User
    present: Present


class Accounts:
    """Everything about people, within one transaction.

    Parameters
    ----------
    session
        The transaction; :meth:`layers.stores.Stores.people` begins and ends it.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, name: str, *, title: str, organisation: str | None, password: str | None, now: dt.datetime) -> User:
        """Make an account.

        Raises
        ------
        InvalidInput
            When the name is none, or nobody knows the organisation.
        Conflict
            When the name is taken.
        """
        if not NAME.fullmatch(name):
            raise InvalidInput("user_name", field="name", value=name)
        if self._found(name) is not None:
            raise Conflict("user_exists", value=name)
        if organisation is not None and not self._there_is(Party, organisation):
            raise InvalidInput("organisation_unknown", field="organisation", value=organisation)
        given = {"title": title, "organisation": organisation, "password": password}
        self.session.add(UserAccount(name=name, **given, created_at=now))
        self.session.flush()
        return self.user(name)

    def user(self, name: str) -> User:
        """The account of that name.

        Raises
        ------
        NotFound
            When there is none, or they left.
        """
        user = self._found(name)
        if user is None:
            raise NotFound("user_missing", value=name)
        return user

    def known(self, name: str) -> str:
        """The name, if it is an account's; else empty."""
        user = self._found(name)
        return "" if user is None else user.name

    def users(self) -> list[User]:
        """Every account in use, by name."""
        names = select(UserAccount.name).where(UserAccount.left_at.is_(None)).order_by(UserAccount.name)
        return [self.user(name) for name in self.session.scalars(names)]

    def set_password(self, user: User, password: str) -> None:
        """Give a new password; whatever came in by the former one has to come in again."""
        table = table_of(UserAccount)
        self._change(user, password=password, attempts=0, locked_until=None, epoch=table.c.epoch + 1)

    def leave(self, user: User, now: dt.datetime) -> None:
        """Let nobody in under this name any more; what they did stays theirs."""
        self._change(user, left_at=now, password=None, epoch=table_of(UserAccount).c.epoch + 1)

    def _change(self, user: User, **values: Any) -> None:
        table = table_of(UserAccount)
        self.session.execute(update(table).where(table.c.id == user.id).values(values))

    # Roles

    def grant(self, user: User, grant: Grant) -> None:
        """Give a role for an area; one that is there already stays.

        Raises
        ------
        InvalidInput
            When no grid or party has the area's code.
        """
        model = Grid if grant.area.kind == "grid" else Party
        if grant.area.kind != "city" and not self._there_is(model, grant.area.code):
            raise InvalidInput("area_unknown", field="area", kind=grant.area.kind, value=grant.area.code)
        if grant not in user.grants:
            area = {"area_kind": grant.area.kind, "area_code": grant.area.code}
            self.session.add(UserGrant(user_id=user.id, role=grant.role, **area))
            self.session.flush()

    def revoke(self, user: User, grant: Grant) -> None:
        """Take a role for an area back.

        Raises
        ------
        NotFound
            When it was not given.
        """
        table = table_of(UserGrant)
        held = (table.c.area_kind == grant.area.kind) & (table.c.area_code == grant.area.code)
        found = delete(table).where(table.c.user_id == user.id, table.c.role == grant.role, held)
        if not self.session.execute(found.returning(table.c.id)).all():
            raise NotFound("grant_missing", name=user.name, role=grant.role, area=str(grant.area))

    # Coming in

    def attempt(self, name: str, now: dt.datetime) -> User | None:
        """Count an attempt at a password, before it is looked at, so that many at once are all counted.

        Returns
        -------
        user
            ``None`` when there is nobody of that name.

        Raises
        ------
        Unauthorised
            When the account is locked.
        """
        if not NAME.fullmatch(name):
            return None
        table = table_of(UserAccount)
        wrong = table.c.attempts + 1 - FREE_ATTEMPTS
        minutes = [(wrong == nth, now + dt.timedelta(minutes=2 ** (nth - 1))) for nth in range(1, 7)]
        longest = now + dt.timedelta(minutes=LONGEST_LOCK_MIN)
        lock = case((wrong < 1, None), *((which, literal(until, Instant)) for which, until in minutes), else_=longest)
        free = or_(table.c.locked_until.is_(None), table.c.locked_until <= literal(now, Instant))
        counted = update(table).where(table.c.name == name, table.c.left_at.is_(None), free)
        counted = counted.values(attempts=table.c.attempts + 1, locked_until=lock)
        if self.session.execute(counted.returning(table.c.id)).one_or_none():
            return self._found(name)
        until = self.session.scalar(select(table.c.locked_until).where(table.c.name == name, table.c.left_at.is_(None)))
        if until is not None:
            raise Unauthorised(LOCKED_OUT, minutes=max(1, -int(-(until - now).total_seconds() // 60)))
        return None

    def came_in(self, user: User) -> None:
        """Forget the attempts before the right password."""
        self._change(user, attempts=0, locked_until=None)

    def give(
        self, user: User, kind: str, digest: str, now: dt.datetime, *,
        expires_at: dt.datetime | None, label: str = "", family: str = "",
    ) -> None:  # fmt: skip
        """Keep the digest of something to come in by, and clear away what has run out.

        Raises
        ------
        Conflict
            When the user has a key of that label already.
        """
        table = table_of(Passage)
        self.session.execute(delete(table).where(table.c.expires_at <= literal(now, Instant)))
        if kind == "key" and self.session.scalar(_keys(user, label)):
            raise Conflict("key_exists", name=user.name, value=label)
        given = {"kind": kind, "digest": digest, "label": label, "family": family, "epoch": user.epoch}
        self.session.add(Passage(user_id=user.id, created_at=now, expires_at=expires_at, **given))
        self.session.flush()

    def by_passage(self, kind: str, digest: str, now: dt.datetime) -> Known | None:
        """Who comes in by it, if it is still good."""
        return self._one(_BY_PASSAGE, kind=kind, digest=digest, now=now)

    def of_epoch(self, name: str, epoch: int) -> Known | None:
        """The account of that name, unless what was given out under ``epoch`` is void."""
        known = self._known(name)
        return known if known is not None and known.user.epoch == epoch else None

    def spend(self, digest: str, now: dt.datetime) -> tuple[User, str] | None:
        """Use a refresh token up; one that was used before was stolen, and voids all that came from it.

        Returns
        -------
        user, family
            Whose it is, and what the next one belongs to; ``None`` when it is not good.
        """
        table = table_of(Passage)
        known = self.by_passage("refresh", digest, now)
        unspent = update(table).where(table.c.digest == digest, table.c.kind == "refresh", table.c.spent_at.is_(None))
        spent = self.session.execute(unspent.values(spent_at=now).returning(table.c.family)).scalar_one_or_none()
        if known is not None and spent is not None:
            return known.user, spent
        stolen = select(table.c.family).where(table.c.digest == digest, table.c.kind == "refresh")
        self.session.execute(delete(table).where(table.c.kind == "refresh", table.c.family.in_(stolen)))
        return None

    def end(self, kind: str, digest: str) -> None:
        """Let nobody in by it any more."""
        table = table_of(Passage)
        self.session.execute(delete(table).where(table.c.kind == kind, table.c.digest == digest))

    def keys(self, user: User) -> Sequence[str]:
        """Labels of a user's keys."""
        return self.session.scalars(_keys(user).with_only_columns(Passage.label).order_by(Passage.label)).all()

    def drop_key(self, user: User, label: str) -> None:
        """Void a key.

        Raises
        ------
        NotFound
            When the user has none of that label.
        """
        table = table_of(Passage)
        held = delete(table).where(table.c.id.in_(_keys(user, label)))
        if not self.session.execute(held.returning(table.c.id)).all():
            raise NotFound("key_missing", name=user.name, value=label)

    # What was done

    def note(
        self, actor: str, action: str, now: dt.datetime, *, subject: str = "", address: str = "", **detail: Any
    ) -> None:
        """Add to the audit trail."""
        entry = {"actor": actor, "action": action, "subject": subject, "address": address, "detail": detail}
        self.session.add(AuditEntry(at=now, **entry))
        self.session.flush()

    def trail(self, *, before: int | None, limit: int) -> list[dict[str, Any]]:
        """Entries of the audit trail, newest first, from before the entry of that id on."""
        table = table_of(AuditEntry)
        chosen = select(table).order_by(table.c.id.desc()).limit(limit)
        if before is not None:
            chosen = chosen.where(table.c.id < before)
        return [dict(row) for row in self.session.execute(chosen).mappings()]

    def _found(self, name: str) -> User | None:
        known = self._known(name)
        return known.user if known is not None else None

    def _known(self, name: str) -> Known | None:
        return self._one(_BY_NAME, name=name) if NAME.fullmatch(name) else None

    def _one(self, question: Standing, **given: Any) -> Known | None:
        rows = [tuple(row) for row in question.ask(self.session.connection(), **given)]
        if not rows:
            return None
        number, name, title, organisation, epoch, password = rows[0][: len(_TOLD)]
        held = (row[len(_TOLD) : -len(PRESENT)] for row in rows)
        grants = tuple(Grant(role, Area(kind, code)) for role, kind, code in held if role is not None)
        user = User(number, name, title, organisation, epoch, password, grants)
        return Known(user, told(rows[0][-len(PRESENT) :]))

    def _there_is(self, model: type[Grid | Party], code: str) -> bool:
        table = table_of(model)
        return bool(self.session.scalar(select(func.count()).where(table.c.code == code)))


def _keys(user: User, label: str | None = None) -> Select[Any]:
    table = table_of(Passage)
    held = select(table.c.id).where(table.c.kind == "key", table.c.user_id == user.id)
    return held if label is None else held.where(table.c.label == label)


# Asked by every request, with what there is, so that most requests have one question more.
_TOLD = ("id", "name", "title", "organisation", "epoch", "password")
_user, _held, _shown = (table_of(model) for model in (UserAccount, UserGrant, Passage))
_USERS = (
    select(*(_user.c[name] for name in _TOLD), _held.c.role, _held.c.area_kind, _held.c.area_code, *PRESENT)
    .join_from(_user, _held, _held.c.user_id == _user.c.id, isouter=True)
    .where(_user.c.left_at.is_(None))
    .order_by(_held.c.id)
)
_BY_NAME = Standing("gridwarden_by_name", _USERS.where(_user.c.name == bindparam("name")))
_passages = _USERS.join(_shown, _shown.c.user_id == _user.c.id).where(
    _shown.c.kind == bindparam("kind"),
    _shown.c.digest == bindparam("digest"),
    _shown.c.epoch == _user.c.epoch,
    _shown.c.spent_at.is_(None),
    or_(_shown.c.expires_at.is_(None), _shown.c.expires_at > bindparam("now", type_=Instant)),
)
_BY_PASSAGE = Standing("gridwarden_by_passage", _passages)

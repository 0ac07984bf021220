"""Coming in by a password, and by what was given out for one."""

import datetime as dt
from dataclasses import dataclass

from fastapi import Request

from api.callers import Context
from api.exchanges import exchange_of
from api.security import PAGE_FOR, REFRESH_FOR, access_token, digest_of, is_right, new_secret
from gis_core.errors import GisError, Unauthorised
from layers.accounts import LOCKED_OUT, Accounts, User


@dataclass(frozen=True)
class Tokens:
    """What a program comes in by: for a quarter of an hour, and for the next one."""

    access: str
    refresh: str


def enter(context: Context, request: Request, name: str, password: str) -> User:
    """Who has this name and password.

    Raises
    ------
    TooMany, Unauthorised
        When the client tries too often; when the two do not belong together, or the account is locked, which sounds
        alike.
    """
    try:
        return _entered(context, exchange_of(request).address, name, password)
    except GisError as fault:
        context.metrics.sign_ins_refused.labels(fault.key).inc()
        if fault.key == LOCKED_OUT:
            # Only accounts there are get locked: a stranger would learn their names by it.
            raise Unauthorised("wrong_password") from None
        raise


def _entered(context: Context, address: str, name: str, password: str) -> User:
    now = context.now()
    context.sign_ins.take(address, now)
    user: User | None = None
    try:
        with context.stores.people(writes=True) as accounts:
            user = accounts.attempt(name, now)
        if not is_right(password, user.password if user else None) or user is None:
            raise Unauthorised("wrong_password")
    except GisError as fault:
        if fault.key == LOCKED_OUT:
            # It takes as long as any other wrong one.
            is_right(password, None)
        with context.stores.people(writes=True) as accounts:
            # What was typed for a name may be a password: only names there are get into the trail.
            accounts.note(accounts.known(name), "sign_in_refused", now, address=address, reason=fault.key)
        raise
    with context.stores.people(writes=True) as accounts:
        accounts.came_in(user)
        accounts.note(user.name, "sign_in", now, address=address)
    return user


def give_page(context: Context, user: User) -> str:
    """What the cookie of a page says for a shift."""
    shown, now = new_secret(), context.now()
    with context.stores.people(writes=True) as accounts:
        accounts.give(user, "page", digest_of(shown), now, expires_at=now + PAGE_FOR)
    return shown


def give_tokens(context: Context, user: User) -> Tokens:
    """The first tokens of a program."""
    with context.stores.people(writes=True) as accounts:
        return _tokens(context, accounts, user, new_secret(), context.now())


def exchange(context: Context, refresh: str) -> Tokens:
    """The next tokens for a refresh token, which is good once.

    Raises
    ------
    Unauthorised
        When it is not good; if it was used before, all that came from it are void from now on.
    """
    now, given = context.now(), None
    with context.stores.people(writes=True) as accounts:
        # The next one in the same transaction: whoever shows the same token meanwhile waits, and voids that one too.
        if (spent := accounts.spend(digest_of(refresh), now)) is not None:
            given = _tokens(context, accounts, *spent, now)
    if given is None:
        raise Unauthorised("token_invalid")
    return given


def _tokens(context: Context, accounts: Accounts, user: User, family: str, now: dt.datetime) -> Tokens:
    refresh = new_secret()
    accounts.give(user, "refresh", digest_of(refresh), now, expires_at=now + REFRESH_FOR, family=family)
    return Tokens(access_token(user, context.settings.secret, now), refresh)

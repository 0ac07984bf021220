"""Commands about people: ``user add``, ``grant``, ``revoke``, ``key``, ``password``, ``leave`` and ``list``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from api.door import Door, help_text, now
from api.security import KEY_PREFIX, digest_of, hashed, new_secret
from api.texts import SAY
from gis_core.errors import InvalidInput
from gis_core.permissions import AREA_KINDS, ROLES, Area, Grant
from layers.accounts import COMMAND_LINE, Accounts


@click.group(help=help_text("help_user"), short_help=help_text("help_user"))
def user() -> None:
    """Accounts, roles and keys."""


_name = click.argument("name")
_role = click.argument("role", type=click.Choice(ROLES))
_area = click.argument("area", default="city")
_from_stdin = click.option("--password-stdin", is_flag=True, help=help_text("opt_password_stdin"))


@user.command(name="add", help=help_text("help_user_add"), short_help=help_text("help_user_add"))
@_name
@click.option("--title", default="", help=help_text("opt_title"))
@click.option("--organisation", help=help_text("opt_organisation"))
@click.option("--no-password", is_flag=True, help=help_text("opt_no_password"))
@_from_stdin
@click.pass_obj
def add(
    door: Door, /, name: str, title: str, organisation: str | None, no_password: bool, password_stdin: bool
) -> None:
    if no_password and password_stdin:
        raise InvalidInput("one_of", first="--no-password", second="--password-stdin")
    password = None if no_password else hashed(_password(door, password_stdin))
    with _noted(door, "user_added", name) as accounts:
        accounts.add(name, title=title, organisation=organisation, password=password, now=now())


@user.command(name="grant", help=help_text("help_user_grant"), short_help=help_text("help_user_grant"))
@_name
@_role
@_area
@click.pass_obj
def grant(door: Door, /, name: str, role: str, area: str) -> None:
    given = Grant(role, _parsed(area))
    with _noted(door, "role_given", name, role=role, area=area) as accounts:
        accounts.grant(accounts.user(name), given)


@user.command(name="revoke", help=help_text("help_user_revoke"), short_help=help_text("help_user_revoke"))
@_name
@_role
@_area
@click.pass_obj
def revoke(door: Door, /, name: str, role: str, area: str) -> None:
    with _noted(door, "role_taken", name, role=role, area=area) as accounts:
        accounts.revoke(accounts.user(name), Grant(role, _parsed(area)))


@user.command(name="key", help=help_text("help_user_key"), short_help=help_text("help_user_key"))
@_name
@click.argument("label")
@click.option("--drop", is_flag=True, help=help_text("opt_drop"))
@click.pass_obj
def key(door: Door, /, name: str, label: str, drop: bool) -> None:
    if drop:
        with _noted(door, "key_dropped", name, label=label) as accounts:
            accounts.drop_key(accounts.user(name), label)
        return
    shown = new_secret(KEY_PREFIX)
    with _noted(door, "key_given", name, label=label, answer={"key": shown}) as accounts:
        accounts.give(accounts.user(name), "key", digest_of(shown), now(), expires_at=None, label=label)
    door.say("key_shown", shown=shown)


@user.command(name="password", help=help_text("help_user_password"), short_help=help_text("help_user_password"))
@_name
@_from_stdin
@click.pass_obj
def password(door: Door, /, name: str, password_stdin: bool) -> None:
    with door.stores.people() as accounts:
        accounts.user(name)
    new = hashed(_password(door, password_stdin))
    with _noted(door, "password_set", name) as accounts:
        accounts.set_password(accounts.user(name), new)


@user.command(name="leave", help=help_text("help_user_leave"), short_help=help_text("help_user_leave"))
@_name
@click.pass_obj
def leave(door: Door, /, name: str) -> None:
    with _noted(door, "user_left", name) as accounts:
        accounts.leave(accounts.user(name), now())


@user.command(name="list", help=help_text("help_user_list"), short_help=help_text("help_user_list"))
@click.pass_obj
def list_(door: Door, /) -> None:
    with door.stores.people() as accounts:
        users = [(one, list(accounts.keys(one))) for one in accounts.users()]
    for one, keys in users:
        grants = ", ".join(f"{given.role} {given.area!s}" for given in one.grants)
        door.say("user_line", name=one.name, title=one.title, grants=grants or "–", keys=", ".join(keys) or "–")
    door.answer(
        {
            "users": [
                {
                    "name": one.name, "title": one.title, "organisation": one.organisation, "keys": keys,
                    "grants": [{"role": given.role, "area": str(given.area)} for given in one.grants],
                }
                for one, keys in users
            ]
        }
    )  # fmt: skip


@contextmanager
def _noted(
    door: Door, action: str, name: str, *, answer: dict[str, str] | None = None, **detail: str
) -> Iterator[Accounts]:
    """The accounts for one change, which goes into the trail with it and is told when it is kept."""
    with door.stores.people(writes=True) as accounts:
        yield accounts
        accounts.note(COMMAND_LINE, action, now(), subject=name, **detail)
    door.say(action, name=name, **detail)
    door.answer({"user": name, "done": action, **detail, **(answer or {})})


def _password(door: Door, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt(SAY.say("type_password", door.lang), hide_input=True, confirmation_prompt=True, err=True))


def _parsed(written: str) -> Area:
    kind, _, code = written.partition(":")
    if kind not in AREA_KINDS or bool(code) == (kind == "city"):
        raise InvalidInput("area_form", field="area", value=written)
    return Area(kind, code)

"""The commands about suspected repeats: found among what is stored, listed and decided."""

import datetime as dt

import click

from api.door import Door, help_text, now
from api.repeating import COUNTED, documents, find_repeats
from layers.accounts import COMMAND_LINE, Accounts
from layers.repeating import merge, part, reject
from layers.repeats import REPEAT_STATES, SUSPECTED
from layers.suspecting import counts, pairs

MOST_LISTED = 1_000


@click.group(help=help_text("help_repeats"), short_help=help_text("help_repeats"))
def repeats() -> None:
    """Suspected repeats, found and decided."""


_number = click.argument("number", type=click.IntRange(1, 2**62))


@repeats.command(name="find", help=help_text("help_repeats_find"), short_help=help_text("help_repeats_find"))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help=help_text("opt_repeats_since"), metavar="DAY")
@click.pass_obj
def find(door: Door, /, since: dt.datetime | None) -> None:
    with door.stores.read() as store:
        zone = store.city.zone
        there = store.count("issues")
    begin = since and since.replace(tzinfo=zone).astimezone(dt.UTC)
    with door.progress("repeats_looking", total=None if begin else there) as tell:
        looked, noted = find_repeats(door.stores, begin, now(), tell)
    door.say("repeats_found", looked=looked, noted=noted)
    door.answer({"looked": looked, "noted": noted})


@repeats.command(name="list", help=help_text("help_repeats_list"), short_help=help_text("help_repeats_list"))
@click.option("--state", type=click.Choice(REPEAT_STATES), default=SUSPECTED, show_default=True,
              help=help_text("opt_repeats_state"))  # fmt: skip
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=20, show_default=True,
              help=help_text("opt_repeats_limit"))  # fmt: skip
@click.pass_obj
def list_(door: Door, /, state: str, limit: int) -> None:
    moment = now()
    with door.stores.read() as store:
        told = documents(store, pairs(store, state=state, limit=limit), door.lang)
        found = counts(store, moment - COUNTED, moment)
    for one in told:
        key = "repeats_line_returned" if one["returned"] else "repeats_line"
        codes = {side: one[side]["code"] for side in ("earlier", "later")}
        door.say(key, number=one["id"], score=one["score"], reasons=", ".join(one["reasons"]), **codes)
    door.say("repeats_counts", **found)
    door.answer({"repeats": told, "counts": found})


@repeats.command(name="merge", help=help_text("help_repeats_merge"), short_help=help_text("help_repeats_merge"))
@_number
@click.pass_obj
def merge_(door: Door, /, number: int) -> None:
    moment = now()
    with door.stores.write() as store:
        group = merge(store, number, COMMAND_LINE, moment)
        if group.changed:
            Accounts(store.session).note(COMMAND_LINE, "merged", moment, subject=group.master, pair=number)
    door.say("repeats_merged" if group.changed else "nothing_changed", master=group.master,
             repeats=", ".join(group.repeats))  # fmt: skip
    door.answer(vars(group))


@repeats.command(name="reject", help=help_text("help_repeats_reject"), short_help=help_text("help_repeats_reject"))
@_number
@click.pass_obj
def reject_(door: Door, /, number: int) -> None:
    moment = now()
    with door.stores.write() as store:
        changed = reject(store, number, COMMAND_LINE, moment)
        if changed:
            Accounts(store.session).note(COMMAND_LINE, "repeat_rejected", moment, subject=str(number))
    _tell(door, changed)


@repeats.command(name="part", help=help_text("help_repeats_part"), short_help=help_text("help_repeats_part"))
@click.argument("code")
@click.pass_obj
def part_(door: Door, /, code: str) -> None:
    moment = now()
    with door.stores.write() as store:
        changed = part(store, code, COMMAND_LINE, moment)
        if changed:
            Accounts(store.session).note(COMMAND_LINE, "parted", moment, subject=code)
    _tell(door, changed)


def _tell(door: Door, /, changed: bool) -> None:
    door.say("repeats_decided" if changed else "nothing_changed")
    door.answer({"changed": changed})

"""The command that keeps the hot spots of a day."""

import click

from api.door import Door, help_text, now
from api.instants import parse_day
from api.snapshots import take_night


@click.command(
    name="hotspots-snapshot", help=help_text("help_hotspots_snapshot"), short_help=help_text("help_hotspots_snapshot")
)
@click.option("--day", help=help_text("opt_snapshot_day"), metavar="DAY")
@click.pass_obj
def hotspots_snapshot(door: Door, /, day: str | None) -> None:
    wanted = None if day is None else parse_day(day)
    with door.progress("snapshot_taking") as advance:
        before = 0

        def tell(done: int, total: int | None) -> None:
            nonlocal before
            advance(done - before)
            before = done

        done = take_night(door.stores, now(), tell, day=wanted, again=True)
    door.say("snapshot_taken", **done.result)
    door.answer(done.result)

"""The command that says what was walked, from the store itself."""

import datetime as dt
from pathlib import Path

import click
import numpy as np

from api.coverage_files import check_ending, write_file
from api.coverages import SEGMENT, Narrowed, Window, chosen, figures_of, segments_of, shapes_by, told_rows
from api.digests import digest_document
from api.door import Door, help_text, now
from api.instants import parse_day
from api.networks import Networks
from api.patrolling import KEPT_DAYS, Patrolling, midnight_of, patrolling_of
from api.reporting import Progress as Tell
from gis_core.errors import InvalidInput
from layers.rollups import newest_day
from layers.store import Store
from layers.territories import Territories

DIGEST_DAYS = 15
"""A digest compares with the week before, and tells of what was not walked for a week before that day as well."""
MOST_SHOWN = 20


@click.command(help=help_text("help_coverage"), short_help=help_text("help_coverage"))
@click.option("--date", "day", help=help_text("opt_coverage_date"), metavar="DAY")
@click.option("--days", type=click.IntRange(1, KEPT_DAYS), show_default="1", help=help_text("opt_days"))
@click.option("--by", default="grid", show_default=True, help=help_text("opt_coverage_by"))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help=help_text("opt_coverage_out"), metavar="FILE"
)
@click.option("--digest", "as_digest", is_flag=True, help=help_text("opt_digest"))
@click.pass_obj
def coverage(door: Door, /, day: str | None, days: int | None, by: str, out: Path | None, as_digest: bool) -> None:
    if out is not None:
        check_ending(out)
    if as_digest and days is not None:
        raise InvalidInput("one_of", first="--digest", second="--days")
    days = days or 1
    with door.stores.read() as store:
        last = parse_day(day) if day else newest_day(store.session) or now().astimezone(store.city.zone).date()
        today = now().astimezone(store.city.zone).date()
        if last > today:
            raise InvalidInput("coverage_future", value=last.isoformat(), expected=today.isoformat())
        with door.progress("coverage_reading") as tell:
            patrolling = _patrolling(store, last, DIGEST_DAYS if as_digest else days, tell)
        if as_digest:
            document = digest_document(patrolling, store, last, door.lang, now())
            for line in document["lines"]:
                door.console.print(line, markup=False)
            door.answer(document)
            return
        _tell(door, store, patrolling, _window(patrolling, last, days), by, out)


def _patrolling(store: Store, last: dt.date, days: int, tell: Tell) -> Patrolling:
    """What was walked in the days up to one, on the streets and ground of then."""
    end = min(midnight_of(last + dt.timedelta(days=1), store.city.zone), now())
    first = last - dt.timedelta(days=max(days, store.city.patrol.unwalked_days + 1) - 1)
    return patrolling_of(store, Networks(), Territories(), end - dt.timedelta(microseconds=1), first, last, tell)


def _window(patrolling: Patrolling, last: dt.date, days: int) -> Window:
    begin = midnight_of(last - dt.timedelta(days=days - 1), patrolling.zone)
    moment = now()
    end = max(min(midnight_of(last + dt.timedelta(days=1), patrolling.zone), moment), begin)
    return Window(begin, end, moment)


def _tell(door: Door, /, store: Store, patrolling: Patrolling, window: Window, by: str, out: Path | None) -> None:
    by = store.city.levels[-1].name if by == "grid" else by
    mask = chosen(patrolling, np.ones(len(patrolling.ground.due), dtype=bool), Narrowed())
    found = segments_of(patrolling, window, mask) if by == SEGMENT else figures_of(patrolling, store, window, mask, by)
    head = {"since": window.begin, "until": window.end, "by": by, "count": len(found)}
    if out is None:
        shown = found.drop(columns=[one for one in ("first_at", "last_at", "begins_at", "ends_at") if one in found])
        first = shown.head(MOST_SHOWN).round(2)
        table = first.astype(object).where(first.notna(), "–")
        door.console.print(table.to_string(index=False), markup=False)
        if len(found) > MOST_SHOWN:
            door.say("and_more", count=len(found) - MOST_SHOWN)
    else:
        write_file(out, found, shapes_by(patrolling, store, found, mask, by), head, patrolling.zone)
        door.say("coverage_written", count=len(found), file=out)
    door.answer({**head, **({"out": str(out)} if out else {"rows": told_rows(found)})})

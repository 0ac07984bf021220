"""Commands about tracks: files of them in, and matched to the streets."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pandas as pd

from api.door import Door, fail, help_text, now
from api.matching import Tell, match_again, match_pending
from api.networks import Networks
from api.tracking import Kept, keep_file
from gis_core.crs import check_datum
from gis_core.errors import GisError, InvalidInput
from gis_core.texts import TEXTS
from layers.accounts import COMMAND_LINE
from layers.track_files import TrackFile, read_track

FILES = click.Path(path_type=Path)


@click.group(help=help_text("help_tracks"), short_help=help_text("help_tracks"))
def tracks() -> None:
    """Tracks of patrols, in and matched."""


@tracks.command(name="load", help=help_text("help_tracks_load"), short_help=help_text("help_tracks_load"))
@click.argument("files", nargs=-1, required=True, type=FILES)
@click.option("--carrier", help=help_text("opt_carrier"), metavar="NAME")
@click.option("--datum", default="wgs84", show_default=True, help=help_text("opt_track_datum"))
@click.pass_obj
def load(door: Door, /, files: tuple[Path, ...], carrier: str | None, datum: str) -> None:
    check_datum(datum)
    with door.stores.read() as store:
        zone = store.city.zone
    networks, told = Networks(), []
    faults: list[tuple[Path, GisError]] = []
    for path in files:
        try:
            with door.progress("loading", file=path.name) as tell:
                read = read_track(path, zone)
                kept, rejects = keep_file(door.stores, networks, read, carrier, datum, now(), COMMAND_LINE)
                tell(read.read)
        except GisError as fault:
            if len(files) == 1:
                raise
            faults.append((path, fault))
            continue
        told.append(_told(door, path, read, kept, rejects))
    refused = [{"file": str(path), "code": fault.key, "detail": fault.text(door.lang)} for path, fault in faults]
    door.answer({"files": told, **({"refused": refused} if refused else {})})
    if faults:
        fail("; ".join(f"{path.name}: {fault.text(door.lang)}" for path, fault in faults))


@tracks.command(name="match", help=help_text("help_tracks_match"), short_help=help_text("help_tracks_match"))
@click.option("--again", is_flag=True, help=help_text("opt_again"))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help=help_text("opt_since_day"), metavar="DAY")
@click.pass_obj
def match(door: Door, /, again: bool, since: Any) -> None:
    if again != (since is not None):
        raise InvalidInput("one_of", first="--again --since DAY", second="neither")
    with _days(door) as tell:
        if again:
            done = match_again(door.stores, Networks(), since.date(), now(), tell)
        else:
            done = match_pending(door.stores, Networks(), now(), tell)
    door.say("tracks_matched", **vars(done))
    door.answer(vars(done))


@contextmanager
def _days(door: Door, /) -> Iterator[Tell]:
    """A bar of the days that are matched."""
    with door.progress("matching_tracks") as advance:
        before = 0

        def tell(done: int, total: int | None) -> None:
            nonlocal before
            advance(done - before)
            before = done

        yield tell


def _told(door: Door, /, path: Path, read: TrackFile, kept: Kept, rejects: pd.DataFrame) -> dict[str, Any]:
    counts = {"read": read.read, "stored": kept.accepted, "known": kept.known, "rejected": len(rejects)}
    door.say("tracks_loaded", file=path.name, **counts)
    if not read.read:
        door.console.print(TEXTS.say("track_file_no_track", door.lang, file=path.name), markup=False)
    written = door.write_rejects(path, rejects)
    days = sorted({day.isoformat() for day in kept.days})
    return {"file": str(path), **counts, "days": days, "rejects": str(written) if written else None}

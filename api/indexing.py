"""What follows a publication: the indexes of the new version, as files for every process that opens it."""

import datetime as dt
from collections.abc import Callable

from api.door import Door
from gis_core.validity import local_day
from layers.stores import Stores
from layers.territories import keep_indexes


def index_published(door: Door, version: int | None, moment: dt.datetime) -> None:
    """Write the indexes of a version as it is at ``moment``; where they cannot be written, say so and go on.

    Parameters
    ----------
    version
        The version just published; ``None`` where nothing was.
    """
    if version is None:
        return
    with door.progress("indexing") as tell:
        try:
            index_version(door.stores, version, moment, tell)
        except OSError as fault:
            door.say("indexes_not_kept", fault=fault)


def index_version(stores: Stores, version: int, moment: dt.datetime, progress: Callable[[int], None]) -> None:
    """Write the indexes of a version as it is at ``moment``; see :func:`layers.territories.keep_indexes`."""
    with stores.read() as store:
        keep_indexes(store, version, local_day(moment, store.city.zone), progress)

"""What follows a publication: the indexes of the new version, as files for every process that opens it."""

import datetime as dt

from api.door import Door
from gis_core.validity import local_day
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
    with door.stores.read() as store, door.progress("indexing") as tell:
        try:
            keep_indexes(store, version, local_day(moment, store.city.zone), tell)
        except OSError as fault:
            door.say("indexes_not_kept", fault=fault)

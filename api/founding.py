"""The first thing in a store: its city, and the reference tables that are shipped."""

import datetime as dt

from data.tables import category_rows, tag_rows
from gis_core.city import City
from layers.stores import Stores


def found(stores: Stores, city: City, now: dt.datetime) -> None:
    """Make the store that of ``city``; a new one gets the national categories and the tag groups.

    Raises
    ------
    Conflict
        When the store is another city's.
    """
    with stores.publishing() as store:
        store.init_city(city)
        if not store.latest_revision():
            revision = store.revise(now, "shipped reference tables")
            for table, rows in (("categories", category_rows()), ("tags", tag_rows())):
                store.put(table, rows.assign(row=range(1, len(rows) + 1)), revision)

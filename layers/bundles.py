"""A territory on its way to other machines: everything that answers for issues, as a folder of files.

It is a SQLite store without issues, with its indexes beside it, so that what reads a store reads it as well.
"""

from contextlib import suppress
from pathlib import Path
from shutil import copytree, ignore_patterns

import pandas as pd
from sqlalchemy import URL, insert, select

from gis_core.territory import LAYERS
from layers import TABLES
from layers.base import Base, Territorial
from layers.bulk import insert_rows
from layers.engine import connect, upgrade
from layers.frames import read_frame, table_of, typed
from layers.indexes import shelf_folder
from layers.store import Store
from layers.stores import Stores
from layers.territories import keep_indexes
from layers.versions import CityRow, Revision, TerritoryVersion


def write_bundle(store: Store, folder: Path, day: int) -> None:
    """Write all published versions, and the reference data as they are now.

    Parameters
    ----------
    store
        An open transaction; everything is read in it.
    folder
        Is there and empty.
    day
        Days since 1970: the indexes of that day's territory are built where a file is worth it and there is none.
    """
    engine = connect(_address(folder).render_as_string())
    try:
        upgrade(engine)
        with Stores(engine).publishing() as copy:
            for model in (CityRow, TerritoryVersion, Revision):
                _copy_rows(store, copy, model)
            for name in LAYERS:
                table = table_of(TABLES[name])
                insert_rows(copy.session, table, typed(_rows(store, name), table, {"digest": ""}))
        here, there = (shelf_folder(address) for address in (store.address, _address(folder)))
        if here is not None and there is not None and here.is_dir():
            with suppress(OSError):  # what is removed meanwhile is built below
                copytree(here, there, ignore=ignore_patterns("*.new", "*.old"))
        with Stores(engine).read() as copy:
            if version := copy.latest_version():
                keep_indexes(copy, version, day, lambda _: None)
    finally:
        engine.dispose()


def open_bundle(folder: Path) -> Stores:
    """The store in the folder of a bundle."""
    return Stores(connect(_address(folder).render_as_string()))


def _address(folder: Path) -> URL:
    return URL.create("sqlite", database=str(folder / "territory.db"))


def _copy_rows(store: Store, copy: Store, model: type[Base]) -> None:
    rows = store.session.execute(select(table_of(model))).mappings().all()
    if rows:
        copy.session.execute(insert(table_of(model)), [dict(row) for row in rows])


def _rows(store: Store, name: str) -> pd.DataFrame:
    """Rows of all versions, or of the latest revision, without what nothing decided depends on."""
    table = table_of(TABLES[name])
    only = [column.name for column in table.columns if column.name not in ("names", "extra", "digest")]
    if not issubclass(TABLES[name], Territorial):
        return store.read(name, store.latest_revision(), only=only)
    return read_frame(store.session, TABLES[name], select(table.c.id).order_by(table.c.id), only)

"""Territories read from the store, kept by version and revision."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock

import pandas as pd
from sqlalchemy import ColumnElement, and_, or_

from gis_core.territory import LAYERS as FRAMES
from gis_core.territory import Territory
from layers import LAYERS, TABLES
from layers.base import Territorial
from layers.boxes import Box, meets_any
from layers.bulk import among
from layers.drafts import shown
from layers.frames import read_frame, table_of
from layers.indexes import Shelf, shelf_folder
from layers.putting import state_columns
from layers.store import Store
from layers.versions import DRAFTS

INDEXED = ("grids", "streets", "places")
"""Layers with indexes that are kept as files."""
UNASKED = ("id", "feature_id", "source", "key", "names", "extra", "digest")
"""Columns beside those of the states that nothing decided by a territory depends on."""


def read_territory(store: Store, version: int, revision: int, frames: Sequence[str] = FRAMES) -> Territory:
    """The territory of one version and one revision.

    Parameters
    ----------
    store
        An open transaction; everything is read in it.
    frames
        Names in :data:`gis_core.territory.LAYERS`: all, or those that are needed.

    Raises
    ------
    ValueError
        When the store sees a part only: what is decided by half a territory is wrong, and is kept for others.
    """
    if not store.scope.sight.everything:
        raise ValueError("a territory is read whole")
    read = {
        name: store.read(name, version if issubclass(TABLES[name], Territorial) else revision, only=_asked(name))
        for name in frames
    }
    return Territory(store.city, version, revision, read, Shelf(shelf_folder(store.address)))


def read_around(store: Store, boxes: Sequence[Box], version: int, draft: int | None = None) -> Territory:
    """The territory of a version, or as a draft has it, with the newest reference data, as far as it decides in some
    boxes of degrees: with what has a shape only where it meets one of them, and the cells of whichever grid a street
    there belongs to.

    Raises
    ------
    ValueError
        When the store sees a part only.
    """
    if not store.scope.sight.everything:
        raise ValueError("a territory is read whole")
    frames: dict[str, pd.DataFrame] = {}
    for name in ("streets", *(name for name in FRAMES if name != "streets")):
        table = table_of(TABLES[name])
        held = [seen_by(store, name, version) if draft is None else shown(store, name, draft)]
        if name in LAYERS:
            near = meets_any(table, boxes, postgis=store.is_postgis)
            owners = [code for code in frames["streets"]["belongs_to"] if code] if name == "grids" else []
            held.append(or_(near, among(store.session, table.c.code, _below(store, owners, held))) if owners else near)
        seen = store.bounded(name, *held).order_by(table.c.id)
        frames[name] = read_frame(store.session, TABLES[name], seen, _asked(name))
    return Territory(store.city, version, store.latest_revision(), frames)


def seen_by(store: Store, layer: str, version: int) -> ColumnElement[bool]:
    """The rows of a layer that a version sees, or of reference data those of the newest revision."""
    table, model = table_of(TABLES[layer]), TABLES[layer]
    if not issubclass(model, Territorial):
        return store.scope.seen(table, model)
    return and_(table.c.version_from <= version, or_(table.c.version_to.is_(None), table.c.version_to > version))


def since(store: Store, layer: str, version: int) -> pd.DataFrame:
    """The rows of a territory layer that begun or ended after a version, up to the newest."""
    table = table_of(TABLES[layer])
    later = or_(
        table.c.version_from.between(version + 1, DRAFTS - 1), table.c.version_to.between(version + 1, DRAFTS - 1)
    )
    return read_frame(store.session, TABLES[layer], store.bounded(layer, later).order_by(table.c.id))


def _below(store: Store, owners: Sequence[str], held: Sequence[ColumnElement[bool]]) -> list[str]:
    """Codes of grids and of all that lie below them."""
    table = table_of(TABLES["grids"])
    links = store.session.execute(store.bounded("grids", *held).with_only_columns(table.c.code, table.c.parent)).all()
    below: dict[str, list[str]] = defaultdict(list)
    for code, parent in links:
        below[parent].append(code)
    found = dict.fromkeys(owners)
    for code in (waiting := list(found)):
        waiting += below.pop(code, [])
        found[code] = None
    return list(found)


def _asked(name: str) -> list[str]:
    model = TABLES[name]
    unasked = {*UNASKED, *state_columns(model)}
    return [column.name for column in table_of(model).columns if column.name not in unasked]


def keep_indexes(store: Store, version: int, day: int, progress: Callable[[int], None]) -> None:
    """Build and write the indexes of a version where a file is worth it, and remove those no longer in use.

    Parameters
    ----------
    day
        Days since 1970: grids and streets as they are then.
    progress
        Told after each index.

    Raises
    ------
    OSError
        When they cannot be written; everything works without, after building what pays each time anew.
    """
    shelf = Shelf(shelf_folder(store.address), keeps=True)
    territory = replace(read_territory(store, version, 0, INDEXED), ready=shelf).on(day)
    for cells in territory.levels:
        cells.index  # noqa: B018 - asking is what builds it
        progress(1)
    territory.nearest_street, territory.enclosing_places  # noqa: B018
    progress(2)
    shelf.retire()


class Territories:
    """The territories used last, so that one issue costs no reading.

    A territory of a published version and a closed revision never changes; its two numbers are read
    in the transaction that asks, so that nobody is answered by an outdated one.

    Parameters
    ----------
    size
        How many to keep.
    """

    def __init__(self, size: int = 4) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[int, int], Territory] = OrderedDict()
        self._lock = Lock()

    def get(self, store: Store, version: int, revision: int | None = None) -> Territory:
        """The territory of ``version`` at ``revision`` (the latest when ``None``)."""
        key = (version, store.latest_revision() if revision is None else revision)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = read_territory(store, *key)
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

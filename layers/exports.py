"""Layers out as files: read a few thousand rows at a time, written as they come."""

from collections.abc import Callable, Iterator
from pathlib import Path

import shapely

from layers import LAYERS
from layers.features import Asked, Sort, chosen, count, id_of, in_system, properties
from layers.frames import selected, table_of
from layers.store import Store
from layers.writing import FORMATS, Rows, Sheet

ROWS_AT_ONCE = 2_000


def export(store: Store, layer: str, asked: Asked, form: str, path: Path, tell: Callable[[int, int], None]) -> int:
    """Write the features of a layer in scope that are asked for; how many they are.

    Parameters
    ----------
    form
        Name in :data:`layers.writing.FORMATS`.
    path
        File to write.
    tell
        Told how many are written, and how many there are; what it raises ends the export.
    """
    table = table_of(LAYERS[layer])
    sheet = Sheet(layer, properties(layer), table.c.geom.type.kind, asked.crs, store.city.zone)  # type: ignore[attr-defined]
    total, done = count(store, layer, asked.conditions), 0
    tell(done, total)
    with FORMATS[form].writer(path, sheet) as write:
        for rows in _batches(store, layer, asked):
            write(rows)
            done += len(rows.numbers)
            tell(done, total)
    return done


def _batches(store: Store, layer: str, asked: Asked) -> Iterator[Rows]:
    table, told = table_of(LAYERS[layer]), properties(layer)
    sort = (*asked.sort, Sort(id_of(layer)))
    ordered = chosen(store, layer, asked.conditions).order_by(*(one.order(store.is_postgis) for one in sort))
    shape = selected(table.c.geom, store.is_postgis)
    query = ordered.with_only_columns(id_of(layer), shape, *told.values())
    for part in store.session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)).partitions():
        numbers, shapes, *columns = zip(*part, strict=True)
        read = in_system(shapely.from_wkb([one and bytes(one) for one in shapes]), asked.crs)
        yield Rows(list(numbers), read, dict(zip(told, columns, strict=True)))

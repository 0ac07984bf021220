"""Finding by box: the spatial index of PostGIS, and an R*Tree beside each layer on SQLite."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, false, func, or_, select, table, union_all
from sqlalchemy import column as named

from layers import LAYERS
from layers.base import SRID
from layers.frames import table_of

Box = tuple[float, float, float, float]
"""West, south, east and north in degrees."""
SIDES = ("west", "east", "south", "north")

_TREE = "CREATE VIRTUAL TABLE {name}_box USING rtree(id, west, east, south, north)"
_BOX = "ST_XMin(new.geom), ST_XMax(new.geom), ST_YMin(new.geom), ST_YMax(new.geom)"
_PUT = f"INSERT OR REPLACE INTO {{name}}_box VALUES (new.id, {_BOX})"
_TRIGGERS = (
    f"CREATE TRIGGER {{name}}_box_in AFTER INSERT ON {{name}} WHEN new.geom IS NOT NULL BEGIN {_PUT}; END",
    "CREATE TRIGGER {name}_box_out AFTER DELETE ON {name} BEGIN DELETE FROM {name}_box WHERE id = old.id; END",
    f"CREATE TRIGGER {{name}}_box_moved AFTER UPDATE OF geom ON {{name}} WHEN new.geom IS NOT NULL BEGIN {_PUT}; END",
)


def make_boxes() -> list[str]:
    """Statements that give every layer's table on SQLite its R*Tree, kept by triggers whoever writes."""
    return [part.format(name=table_of(model).name) for model in LAYERS.values() for part in (_TREE, *_TRIGGERS)]


def drop_boxes() -> list[str]:
    """Statements that take them away; a table takes its triggers with it."""
    return [f"DROP TABLE {table_of(model).name}_box" for model in LAYERS.values()]


def meets_any(layer: Table, boxes: Sequence[Box], *, postgis: bool) -> ColumnElement[bool]:
    """The rows whose box meets one of these; see :func:`meets`."""
    if postgis:
        return or_(false(), *(meets(layer, box, postgis=True) for box in boxes))
    # Of several lists in an OR each would be gone through for each row.
    return layer.c.id.in_(union_all(*(_in_tree(layer, box) for box in boxes))) if boxes else false()


def meets(layer: Table, box: Box, *, postgis: bool) -> ColumnElement[bool]:
    """The rows whose box meets this one, by index; some more at its very edge, since indexes round outwards."""
    if postgis:
        west, south, east, north = box
        found: ColumnElement[bool] = layer.c.geom.bool_op("&&")(func.ST_MakeEnvelope(west, south, east, north, SRID))
        return found
    return layer.c.id.in_(_in_tree(layer, box))


def _in_tree(layer: Table, box: Box) -> Select[Any]:
    west, south, east, north = box
    tree = table(f"{layer.name}_box", named("id"), *map(named, SIDES))
    within = (tree.c.west <= east, tree.c.east >= west, tree.c.south <= north, tree.c.north >= south)
    return select(tree.c.id).where(*within)

"""Finding by box: the spatial index of PostGIS, and an R*Tree beside each layer on SQLite."""

from sqlalchemy import ColumnElement, Table, func, select, table
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


def meets(layer: Table, box: Box, *, postgis: bool) -> ColumnElement[bool]:
    """The rows whose box meets this one, by index; some more at its very edge, since indexes round outwards."""
    west, south, east, north = box
    if postgis:
        found: ColumnElement[bool] = layer.c.geom.bool_op("&&")(func.ST_MakeEnvelope(west, south, east, north, SRID))
        return found
    tree = table(f"{layer.name}_box", named("id"), *map(named, SIDES))
    within = (tree.c.west <= east, tree.c.east >= west, tree.c.south <= north, tree.c.north >= south)
    return layer.c.id.in_(select(tree.c.id).where(*within))

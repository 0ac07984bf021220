"""Alembic's entry: runs the migrations on the connection it is given."""

from typing import Any

from alembic import context

from layers import Base


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
    """Whether Alembic minds an object: ours only, not the tables that PostGIS brings."""
    return not (kind == "table" and reflected and compared is None)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=include_object,
)
with context.begin_transaction():
    context.run_migrations()

"""The schema as the layers declare it.

Until version 1.0 the baseline is the declaration itself and its revision is a digest of it: a store made by
another declaration is refused instead of failing half way. With 1.0 it is frozen and changes get files of their own.
"""

import hashlib

from alembic import op
from sqlalchemy.schema import CreateIndex, CreateTable

from layers import Base
from layers.boxes import drop_boxes, make_boxes

STATEMENTS = [
    str(statement)
    for table in Base.metadata.sorted_tables
    for statement in (CreateTable(table), *map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name))))
] + make_boxes()

revision = f"baseline_{hashlib.sha256(''.join(STATEMENTS).encode()).hexdigest()[:12]}"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table and index."""
    Base.metadata.create_all(op.get_bind())
    if op.get_bind().dialect.name == "sqlite":
        for statement in make_boxes():
            op.execute(statement)


def downgrade() -> None:
    """Drop everything."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in drop_boxes():
            op.execute(statement)
    Base.metadata.drop_all(op.get_bind())

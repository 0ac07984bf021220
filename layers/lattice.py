"""Issues counted by cell beforehand, so that a tile that sees far reads some thousand counts and not all issues.

Each row carries the grids it was counted for, so that a sight applies to it. Writers only ever add rows: two that
added to the same row would wait for each other, each with a row the other wants. What they added is folded in from
time to time, by one of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Integer,
    Table,
    case,
    column,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
    values,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis_core.arrays import Ints
from gis_core.lattice import mark_of, shift_of
from layers.base import Base, BigId
from layers.bulk import among
from layers.engine import LATTICE_LOCK
from layers.frames import table_of
from layers.issues import Issue

LEVELS = (9, 11, 12, 13)
"""Zooms whose lattices are kept; a zoom between two is made of the finer one."""
GRIDS = ("grid_1", "grid_2", "grid_3")
"""The grids that a count carries: a sight of a smaller one is counted anew, in no time."""
FOLDED_EVERY = 256
"""Single reports after which what was added is folded in."""


class LatticeCount(Base):
    """How many issues lie in a cell, of which grids."""

    __tablename__ = "issue_lattice"
    cell: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    """Number of the cell behind the mark of its zoom."""
    grid_1: Mapped[str] = mapped_column(primary_key=True)
    grid_2: Mapped[str] = mapped_column(primary_key=True)
    grid_3: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    open: Mapped[int]


class LatticeAdded(Base):
    """What was added since; counts below 0 take away."""

    __tablename__ = "issue_lattice_added"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cell: Mapped[int] = mapped_column(BigInteger)
    grid_1: Mapped[str]
    grid_2: Mapped[str]
    grid_3: Mapped[str]
    count: Mapped[int]
    open: Mapped[int]

    __table_args__ = (Index("ix_issue_lattice_added_cell", "cell"),)


_whole, _added, _issue = table_of(LatticeCount), table_of(LatticeAdded), table_of(Issue)
_NAMES = ("cell", *GRIDS, "count", "open")


def count_issues(session: Session, ids: Sequence[int], sign: int = 1) -> None:
    """Count stored issues in, or with -1 out again before they change, which holds them until the transaction ends.

    Parameters
    ----------
    ids
        Of issues, each once.
    """
    postgis = session.get_bind().dialect.name == "postgresql"
    chosen = among(session, _issue.c.id, ids)
    if sign < 0 and postgis:
        # Another one who changes them waits here, and then counts out what we have made of them.
        session.execute(select(_issue.c.id).where(chosen).order_by(_issue.c.id).with_for_update())
    levels: Any = values(column("mark", BigInteger), column("shift", Integer), name="levels")
    levels = levels.data([(mark_of(level), shift_of(level)) for level in LEVELS]).cte()
    cell = levels.c.mark.bitwise_or(_issue.c.place_number.bitwise_rshift(levels.c.shift))
    grids = [func.coalesce(_issue.c[name], "") for name in GRIDS]
    counted = [literal(sign) * func.count(), literal(sign) * func.sum(case((_issue.c.status == "open", 1), else_=0))]
    rows = select(cell, *grids, *counted).select_from(_issue.join(levels, text("true"))).where(chosen)
    rows = rows.group_by(cell, *grids)
    if postgis:
        session.execute(insert(_added).from_select(list(_NAMES), rows))
        return
    session.execute(_adding(rows))
    if sign > 0:
        session.execute(delete(_whole).where(_whole.c.count == 0))


def count_one(session: Session, place_number: int, grids: Mapping[str, str | None]) -> None:
    """Count one open issue in that has just been stored on SQLite: as :func:`count_issues`, by a statement that is made
    once.

    Parameters
    ----------
    grids
        Codes by the names of :data:`GRIDS`.
    """
    held = {**{name: grids[name] or "" for name in GRIDS}, "count": 1, "open": 1}
    rows = [{"cell": mark_of(level) | place_number >> shift_of(level), **held} for level in LEVELS]
    session.connection().execute(_ONE_ROW, rows)


def fold_in(session: Session) -> None:
    """Add what was added to the counts themselves, unless somebody else is at it; on SQLite it is done at once."""
    if session.get_bind().dialect.name != "postgresql":
        return
    if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": LATTICE_LOCK}):
        return
    gone = delete(_added).returning(_added).cte("gone")
    sums = [func.sum(gone.c[name]) for name in ("count", "open")]
    grouped = [gone.c[name] for name in ("cell", *GRIDS)]
    session.execute(_adding(select(*grouped, *sums).group_by(*grouped), postgresql))
    session.execute(delete(_whole).where(_whole.c.count == 0))


def counts(session: Session, low: int, high: int, shift: int, grids: Sequence[str] | None) -> Ints:
    """Cells of a range with how many issues, and open ones, they hold, shape (n, 3).

    Parameters
    ----------
    low, high
        Cells from ``low`` to before ``high``.
    shift
        By how many bits cells are made coarser.
    grids
        Only issues in one of these grids, each among the first three levels; ``None`` for all.
    """
    parts = [_within(session, table, low, high, grids) for table in _sources(session)]
    rows: Any = union_all(*parts).subquery()
    cell = rows.c.cell.bitwise_rshift(shift)
    number, still_open = func.sum(rows.c.count), func.sum(rows.c.open)
    query = (
        select(cell.label("cell"), number.label("number"), still_open.label("open")).group_by(cell).having(number > 0)
    )
    if len(parts) == 1:
        # Of rows as they come numpy would ask each for the many things it might be.
        return np.array([tuple(row) for row in session.execute(query)], dtype=np.int64).reshape(-1, 3)
    # Three lists travel in a fraction of the time of thousands of rows.
    columns = session.execute(select(*(func.array_agg(each) for each in query.subquery().c))).one()
    return np.array([column or [] for column in columns], dtype=np.int64).T


def _sources(session: Session) -> tuple[Table, ...]:
    return (_whole, _added) if session.get_bind().dialect.name == "postgresql" else (_whole,)


def _within(session: Session, table: Table, low: int, high: int, grids: Sequence[str] | None) -> Any:
    kept: list[ColumnElement[bool]] = [table.c.cell >= low, table.c.cell < high]
    if grids is not None:
        kept.append(or_(*(among(session, table.c[name], grids) for name in GRIDS)))
    return select(table.c.cell, table.c.count, table.c.open).where(*kept)


def _adding(rows: Any, dialect: Any = sqlite) -> Any:
    """Counts added to those that are there."""
    return _summing(dialect.insert(_whole).from_select(list(_NAMES), rows))


def _summing(written: Any) -> Any:
    more = {name: _whole.c[name] + written.excluded[name] for name in ("count", "open")}
    return written.on_conflict_do_update(index_elements=["cell", *GRIDS], set_=more)


_ONE_ROW = _summing(sqlite.insert(_whole))

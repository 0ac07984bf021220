"""Days of patrol read many at a time, and daily coverage written: rows that say what they said keep their numbers."""

import datetime as dt
from collections.abc import Hashable, Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from layers.bulk import among, insert_rows, inserting
from layers.coverages import CountedDay, SegmentDay
from layers.frames import read_frame, table_of, typed
from layers.patrolled import DayRow, day_row
from layers.tracks import PatrolDay

DAYS_AT_ONCE = 1_000
"""Of one carrier each: half a million passes, some tens of megabytes."""
_ROWS, _DAY, _COUNTED = table_of(SegmentDay), table_of(PatrolDay), table_of(CountedDay)
COLUMNS = tuple(column.name for column in _ROWS.columns if column.name not in ("id", "day", "geom"))


def days_stored(session: Session, first: dt.date, last: dt.date, after: int = 0) -> Iterator[Sequence[DayRow]]:
    """Carriers' days from ``first`` to ``last``, both included, that were stored after a position; some at a time."""
    conditions: list[ColumnElement[bool]] = [_DAY.c.day.between(first, last), _DAY.c.position > after]
    chosen = select(_DAY).where(*conditions).order_by(_DAY.c.day, _DAY.c.carrier)
    for part in session.execute(chosen.execution_options(yield_per=DAYS_AT_ONCE)).mappings().partitions():
        yield [day_row(dict(row)) for row in part]


def newest_day(session: Session) -> dt.date | None:
    """The last day that a track of somebody is of, ``None`` before the first."""
    return session.scalar(select(func.max(_DAY.c.day)))


def uncounted(session: Session) -> list[dt.date]:
    """Local days of which carriers' days were stored that are not counted yet, in order."""
    counted = func.coalesce(_COUNTED.c.position, 0)
    joined = _DAY.outerjoin(_COUNTED, _COUNTED.c.day == _DAY.c.day)
    found = select(_DAY.c.day).select_from(joined).where(_DAY.c.position > counted).distinct().order_by(_DAY.c.day)
    return list(session.scalars(found))


def note_counted(session: Session, day: dt.date) -> None:
    """Say of a day that all that is stored of it is counted."""
    position = select(func.max(_DAY.c.position)).where(_DAY.c.day == day).scalar_subquery()
    state = select(func.coalesce(func.max(_COUNTED.c.state), 0) + 1).scalar_subquery()
    given = {"position": session.scalar(select(position)) or 0, "state": session.scalar(select(state))}
    written = inserting(session.get_bind().dialect.name, CountedDay).values(day=day, **given)
    session.execute(written.on_conflict_do_update(index_elements=["day"], set_=given))


def put_segments(session: Session, day: dt.date, rows: gpd.GeoDataFrame) -> int:
    """Make these the rows of a day; how many are not as they were.

    Parameters
    ----------
    rows
        :data:`COLUMNS` and ``geometry`` (EPSG:4326, lines), one row for each street and ``from_m``.
    """
    stored = read_frame(session, SegmentDay, select(_ROWS.c.id).where(_ROWS.c.day == day).order_by(_ROWS.c.id))
    there, coming = _said(stored), _said(rows)
    known = set(coming)
    gone = [number for number, said in zip(stored["id"].tolist(), there, strict=True) if said not in known]
    session.execute(delete(_ROWS).where(among(session, _ROWS.c.id, gone)))
    kept = set(there)
    is_new = np.array([said not in kept for said in coming], dtype=bool)
    new = rows[is_new].sort_values(["street", "from_m"], kind="stable")
    insert_rows(session, _ROWS, typed(new, _ROWS, {"day": day}))
    return len(gone) + len(new)


def _said(rows: pd.DataFrame) -> list[Hashable]:
    """All that each row says, to be compared."""
    told = rows[list(COLUMNS)].astype(object)
    columns = [told[name].where(told[name].notna(), None) for name in COLUMNS]
    return list(zip(*columns, shapely.to_wkb(rows["geometry"].to_numpy(object)).tolist(), strict=True))

"""Daily coverage, written: the rows of a day as they are now. Rows that say what they said keep their numbers."""

import datetime as dt
from collections.abc import Hashable

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from layers.bulk import among, insert_rows
from layers.coverages import SegmentDay
from layers.frames import read_frame, table_of, typed

_ROWS = table_of(SegmentDay)
COLUMNS = tuple(column.name for column in _ROWS.columns if column.name not in ("id", "day", "geom"))


def put_day(session: Session, day: dt.date, rows: gpd.GeoDataFrame) -> int:
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
    new = rows[[said not in kept for said in coming]].sort_values(["street", "from_m"], kind="stable")
    insert_rows(session, _ROWS, typed(new, _ROWS, {"day": day}))
    return len(gone) + len(new)


def _said(rows: pd.DataFrame) -> list[Hashable]:
    """All that each row says, to be compared."""
    told = rows[list(COLUMNS)].astype(object)
    columns = [told[name].where(told[name].notna(), None) for name in COLUMNS]
    return list(zip(*columns, shapely.to_wkb(rows["geometry"].to_numpy(object)).tolist(), strict=True))

"""What was walked, as people ask for it: by segment, lane, cell, party, person or shift; blind spots; exposure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from api.instants import parse_instant
from api.patrolling import HOUR_S, Patrolling, begin_of, hour_end, hours, instants
from gis_core.arrays import Bools, Floats, Objects
from gis_core.errors import InvalidInput, NotFound
from gis_core.patrol.exposure import exposure_of
from gis_core.patrol.report import report, unwalked
from gis_core.patrol.sides import wide_of
from layers.asking import boxes_of
from layers.finding import named_by
from layers.store import Store

DAYS = 7
DAY_WRITTEN = "YYYY-MM-DD"
SEGMENT, LANE, CONTRACTOR, INSPECTOR, SHIFT = "segment", "lane", "contractor", "inspector", "shift"
_SAID = ("street", "name", "class", "from_m", "to_m", "length_m", "grid", "contractor")
_TOLD = ("status", "share", "visits", "passes")
_DECIMALS = {"share": 4, "walked_share": 4}
"""Of all other figures two."""
_INSTANTS = {"first_at": "first_s", "last_at": "last_s", "begins_at": "begin_s", "ends_at": "end_s"}
_TIMES = {"oldest_age_h": "oldest_age_s", "longest_gap_h": "longest_gap_s", "patrol_h": "patrol_s"}
"""Figures in hours and instants, and the columns of a report in seconds that they are made of."""
_TIMES_ABOUT = ("oldest_age_h", "longest_gap_h")
_OF_NOBODY = (
    "walked_m", "probable_m", "blind_m", "no_data_m", "walked_share", "blind", "unwalked_m", "oldest_age_h",
    "longest_gap_h",
)  # fmt: skip
"""What cannot be said of one person: nobody knows what they were to walk."""


@dataclass(frozen=True)
class Window:
    """From ``begin`` on and before ``end``, asked for at ``as_of``; ``exact`` is for those who may see the tracks of
    all that is asked for: others could follow somebody by minutes.
    """

    begin: dt.datetime
    end: dt.datetime
    as_of: dt.datetime
    exact: bool = True

    @property
    def seconds(self) -> tuple[float, float]:
        """Both ends in seconds since 1970."""
        return self.begin.timestamp(), self.end.timestamp()


@dataclass(frozen=True)
class Narrowed:
    """Which segments are asked for: of a class, in a cell of any level, in a box of degrees."""

    kind: str | None = None
    grid: str | None = None
    bbox: str | None = None


def window_of(
    patrolling: Patrolling, now: dt.datetime, days: int | None = None, first: str | None = None,
    until: str | None = None, exact: bool = True,
) -> Window:  # fmt: skip
    """The window of some local days up to now, or between two days or instants; it ends now at the latest, and where
    it is not ``exact`` with this hour.

    Raises
    ------
    InvalidInput
        When both are said, nothing is between, or it begins before what is kept; where it is not ``exact``, when
        anything but local days is said.
    """
    for field, value in (("from", first), ("to", until)):
        if not (exact or value is None or _is_day(value)):
            raise refused(field, value, DAY_WRITTEN)
    if days is not None and first is not None:
        raise InvalidInput("one_of", first="days", second="from")
    zone = patrolling.zone
    latest = now if exact else hour_end(now)
    end = latest if until is None else min(parse_instant(until, zone), latest)
    if end <= patrolling.beginning:
        raise _older("to", until or latest.isoformat(), f"> {patrolling.beginning.astimezone(zone).isoformat()}")
    begin = begin_of(end, days or DAYS, zone) if first is None else parse_instant(first, zone)
    if not patrolling.beginning <= begin < end:
        ends = (one.astimezone(zone).isoformat(timespec="minutes") for one in (patrolling.beginning, end))
        said = _older if begin < patrolling.beginning else refused
        raise said("from" if first is not None else "days", first or str(days or DAYS), " – ".join(ends))
    return Window(begin, end, now, exact)


def chosen(patrolling: Patrolling, seen: Bools, narrowed: Narrowed) -> Bools:
    """Which segments are to be patrolled, are seen and asked for.

    Raises
    ------
    InvalidInput
        When the box is none.
    """
    ground = patrolling.ground
    mask = ground.due & seen
    if narrowed.kind is not None:
        mask &= (ground.segments["class"] == narrowed.kind).to_numpy(bool)
    if narrowed.grid is not None:
        levels = ground.territory.city.levels
        mask &= np.logical_or.reduce([ground.segment_cells(one.name) == narrowed.grid for one in levels])
    if narrowed.bbox is not None:
        near = [patrolling.tree.query(shapely.box(*box), "intersects") for box in boxes_of(narrowed.bbox)]
        mask &= np.isin(np.arange(len(mask)), np.concatenate(near))
    return mask


def check_cell(patrolling: Patrolling, store: Store, code: str | None) -> None:
    """Refuse a cell that is not there, or is neither in scope nor above anything that is.

    Raises
    ------
    NotFound
        When it is so.
    """
    if code is None or code in set(store.read("grids", patrolling.state[0], only=("code",))["code"]):
        return
    ground, seen = patrolling.ground, patrolling.seen(store.scope)
    levels = [ground.segment_cells(level.name) for level in store.city.levels]
    if not any((cells[seen] == code).any() for cells in levels):
        raise NotFound("grid_missing", value=code[:100])


def segments_of(patrolling: Patrolling, window: Window, mask: Bools) -> pd.DataFrame:
    """Segments with what was walked of them, columns of :class:`api.coverage_schemas.SegmentCoverage`; the index is the
    edge.
    """
    edge = np.flatnonzero(mask)
    said = patrolling.ground.segments[list(_SAID)].iloc[edge].set_axis(edge, axis=0)
    told = patrolling.told(window.begin, window.end).iloc[edge].set_axis(edge, axis=0)
    spans = {f"{name}_h": _about(told[f"{name}_s"].to_numpy(np.float64), window) for name in ("age", "gap")}
    wide = wide_of(patrolling.network)[edge]
    sides = {name: told[name].astype("Int64").where(wide) for name in ("visits_left", "visits_right")}
    return said.join(told[list(_TOLD)]).assign(**sides, **spans)


def figures_of(patrolling: Patrolling, store: Store, window: Window, mask: Bools, by: str) -> pd.DataFrame:
    """Figures by what is asked for, columns of :class:`api.coverage_schemas.CoverageFigures`.

    Raises
    ------
    InvalidInput
        When there is no such ``by``.
    """
    levels = [level.name for level in store.city.levels]
    known = (SEGMENT, LANE, *levels, CONTRACTOR, INSPECTOR, SHIFT)
    if by not in known:
        raise refused("by", by, ", ".join(known))
    begin_s, end_s = window.seconds
    told = patrolling.told(window.begin, window.end)
    known_s, seen = patrolling.beginning.timestamp(), patrolling.seen(store.scope)
    found = report(
        patrolling.ground, patrolling.log, told, by, begin_s, end_s, patrolling.near, mask, seen, known_s,
        patrolling.told_of_shift,
    )  # fmt: skip
    if by in levels and not store.scope.sight.everything:
        # Of a segment that reaches over a border, the neighbour's part is the neighbour's.
        found = found[found["code"].isin(store.scope.patrolled_grids)]
    spans = {
        name: _about(seconds, window) if name in _TIMES_ABOUT else _hours(seconds)
        for name, seconds in ((name, found[of].to_numpy(np.float64)) for name, of in _TIMES.items() if of in found)
    }
    at = {
        name: instants(found[of].to_numpy(np.float64)).to_numpy(object) for name, of in _INSTANTS.items() if of in found
    }
    found = found.assign(**spans, **at).drop(columns=[of for of in (_TIMES | _INSTANTS).values() if of in found])
    unsaid = ("code", "name", *(_OF_NOBODY if by == INSPECTOR else ()))
    rest = [name for name in found if name not in unsaid]
    return found.assign(name=_names(patrolling, store, by, found["code"]))[["code", "name", *rest]]


def days_before(patrolling: Patrolling, now: dt.datetime, days: int) -> Window:
    """So many times 24 hours up to the end of this hour, as far as passes are kept: where clocks were put forward the
    first of them begins before.
    """
    end = hour_end(now)
    return Window(max(end - dt.timedelta(days=days), patrolling.beginning), end, now, exact=False)


def unwalked_of(patrolling: Patrolling, window: Window, mask: Bools) -> pd.DataFrame:
    """Segments that nobody is proved to have walked in a window, those longest ago first, columns of
    :class:`api.coverage_schemas.Unwalked`; the index is the edge.
    """
    found = unwalked(patrolling.ground, patrolling.log, *window.seconds, patrolling.near, mask)
    said = patrolling.ground.segments[list(_SAID)].iloc[found["edge"]].set_axis(found["edge"], axis=0)
    last_at = hours(found["last_s"].to_numpy(np.float64)).to_numpy(object)
    return said.assign(status=found["status"].to_numpy(object), last_at=last_at)


def exposure_told(patrolling: Patrolling, store: Store, window: Window, mask: Bools, by: str) -> pd.DataFrame:
    """Metres and hours of patrol by ``segment`` or ``grid``, columns of :class:`api.coverage_schemas.Exposure`."""
    found = exposure_of(patrolling.log, patrolling.ground, *window.seconds)
    if by == SEGMENT:
        edge = np.flatnonzero(mask)
        said = patrolling.ground.segments.iloc[edge][["street", "from_m", "to_m"]].rename(columns={"street": "code"})
        rows = said.join(found.segments)
    else:
        rows = found.grids.rename(columns={"grid": "code"}).assign(from_m=np.nan, to_m=np.nan)
        if not store.scope.sight.everything:
            rows = rows[rows["code"].isin(store.scope.patrolled_grids)]
    rows = rows.assign(patrol_h=rows["patrol_s"] / HOUR_S)
    return rows[["code", "from_m", "to_m", "patrol_m", "patrol_h"]]


def told_rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as they are told: rounded, nothing for what is no number."""
    rounded = found.round({name: _DECIMALS.get(name, 2) for name in found.select_dtypes("floating")})
    plain = rounded.astype(object).where(rounded.notna(), None)
    return plain.to_dict("records")


def shapes_by(patrolling: Patrolling, store: Store, found: pd.DataFrame, mask: Bools, by: str) -> Objects:
    """The shape of each row: its line, the lines of its lane, its cell; of a party, person or shift none."""
    if by == SEGMENT:
        return patrolling.lines[found.index.to_numpy()]
    shapes: Mapping[Any, Any] = {}
    if by == LANE:
        lines = pd.Series(patrolling.lines[mask]).groupby(patrolling.ground.segments["street"].to_numpy()[mask])
        shapes = {code: shapely.multilinestrings(list(parts)) for code, parts in lines}
    elif by in [level.name for level in store.city.levels]:
        grids = store.read("grids", patrolling.state[0], only=("code",))
        shapes = dict(zip(grids["code"], grids.geometry, strict=True))
    return np.array([*(shapes.get(code) for code in found["code"]), None], dtype=object)[:-1]


def _names(patrolling: Patrolling, store: Store, by: str, codes: pd.Series) -> list[str | None]:
    if by == LANE:
        network = patrolling.network
        names = dict(zip(network.code, network.name, strict=True))
        return [names.get(code) for code in codes]
    table = {CONTRACTOR: "parties", INSPECTOR: None, SHIFT: None}.get(by, "grids")
    known = {} if table is None else named_by(store, table, {code for code in codes if code is not None})
    return [known.get(code, {}).get("name") for code in codes]


def _hours(seconds: Floats) -> Floats:
    return np.where(np.isfinite(seconds), seconds, np.nan) / HOUR_S


def _about(seconds: Floats, window: Window) -> Floats:
    """Hours since or between visits, as exactly as they may be told."""
    return np.round(_hours(seconds), 1 if window.exact else 0)


def _is_day(value: str) -> bool:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def refused(field: str, value: str, expected: str) -> InvalidInput:
    """That a parameter cannot be."""
    return InvalidInput("parameter_invalid", field=field, value=value[:100], expected=expected)


def _older(field: str, value: str, expected: str) -> InvalidInput:
    """That a day is older than those kept, and where such days are."""
    return InvalidInput("coverage_older", field=field, value=value[:100], expected=expected)

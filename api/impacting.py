"""What a draft would move, looked at before it is published."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Objects, numbers_of, shapes_of
from gis_core.contracts import DEFAULT_EXTENT_M
from gis_core.impact import MOVES, Impact, impact
from gis_core.ready import Ready
from gis_core.territory import Territory
from gis_core.tiling import DEGREE_M
from gis_core.validity import local_day
from layers.boxes import Box
from layers.drafts import DRAFTED, draft_of, drafted, replaced, rows_of
from layers.store import Store
from layers.territories import Territories
from layers.versions import DRAFTS

ASKED = ("code", "scheme", "kind", "category")
MOST_LISTED = 1_000
KINDS = ("issues", "streets", "places", "contracts", "holders")
MOST_BOXES = 32
"""Of more changed features the issues of one box around them all are looked at."""


def impact_of(store: Store, territories: Territories, number: int, moment: dt.datetime) -> Impact:
    """What an open draft would move at a moment, as far as it is in scope: open issues, and what lies on ground that
    comes from or goes to a cell in scope; a cell out of scope is empty.

    Raises
    ------
    NotFound, Conflict
        When there is no such draft, or it is published or thrown away.
    """
    draft_of(store, number)
    whole = Store(store.session)
    before = territories.get(whole, whole.latest_version())
    after, changed = _drafted(whole, before, number)
    near = _boxes(before, after, changed)
    # As if all were reported at the moment: an open issue follows the territory.
    issues = store.issues(status="open", near=near, only=ASKED).assign(reported_at=pd.Timestamp(moment))
    found = impact(before, after, changed, issues, local_day(moment, store.city.zone))
    return found if store.scope.sight.everything else _within(store, number, found)


def _drafted(whole: Store, before: Territory, number: int) -> tuple[Territory, Mapping[str, set[str]]]:
    """The territory as a draft has it, and the codes that differ, by layer."""
    frames, changed = dict(before.frames), {}
    for layer in DRAFTED:
        own, _ = rows_of(whole, number, layer)
        gone = replaced(whole, number, layer)
        frame = frames[layer]
        kept = frame[~frame["code"].isin([*gone, *own["code"]])] if len(frame) else frame
        frames[layer] = pd.concat([kept, own.reindex(columns=frame.columns) if len(frame) else own])
        changed[layer] = {*gone, *own["code"]}
    return replace(before, version=DRAFTS + number, frames=frames, ready=Ready()), changed


def _boxes(before: Territory, after: Territory, changed: Mapping[str, set[str]]) -> list[Box]:
    """Where issues may get another answer: around everything that differs, as far as a territory reaches."""
    shapes = np.concatenate([_differing(one, changed) for one in (before, after)])
    if not len(shapes):
        return []
    bounds = shapely.bounds(shapes)
    if len(bounds) > MOST_BOXES:
        bounds = np.array([shapely.total_bounds(shapes)])
    north = np.abs(bounds[:, [1, 3]]).max(axis=1)
    reach = _reach_m(before) / DEGREE_M
    margin = np.column_stack([reach / np.cos(np.radians(north)), np.full(len(bounds), reach)])
    return [tuple(box) for box in np.column_stack([bounds[:, :2] - margin, bounds[:, 2:] + margin]).tolist()]


def _differing(territory: Territory, changed: Mapping[str, set[str]]) -> Objects:
    frames = [(territory.frames[layer], changed[layer]) for layer in DRAFTED if len(territory.frames[layer])]
    parts = [shapes_of(frame[frame["code"].isin(codes)]) for frame, codes in frames]
    return np.concatenate([np.empty(0, dtype=object), *parts])


def _reach_m(territory: Territory) -> float:
    """How far from an issue the thing may be that decides who answers for it."""
    contracts = territory.frames["contracts"]
    reaches = [numbers_of(contracts, name, 0.0).max(initial=0.0) for name in ("left_m", "right_m", "radius_m")]
    return float(max(territory.city.grid_tolerance_m, territory.city.street_limit_m, DEFAULT_EXTENT_M, *reaches))


def _within(store: Store, number: int, found: Impact) -> Impact:
    mine = set(drafted(store, "grids", number)["code"])

    def bounded(rows: Any) -> Any:
        ends = {end: rows[end].where(rows[end].isin(mine), None) for end in MOVES}
        rows = rows.assign(**ends)
        return rows[rows[list(MOVES)].notna().any(axis=1)].reset_index(drop=True)

    moved = {name: bounded(getattr(found, name)) for name in ("ground", "streets", "places", "contracts")}
    issues = found.issues.assign(**{end: found.issues[end].where(found.issues[end].isin(mine), None) for end in MOVES})
    holders = found.holders[found.holders["subject_code"].isin(mine)].reset_index(drop=True)
    return Impact(issues=issues, holders=holders, **moved)


def document(found: Impact) -> dict[str, Any]:
    """An impact as JSON: ``totals``, ``moves``, at most :data:`MOST_LISTED` of each kind, ``ground`` as GeoJSON."""
    tables = {name: getattr(found, name).head(MOST_LISTED) for name in KINDS}
    rows = {name: _records(table) for name, table in {"moves": found.moves(), **tables}.items()}
    return {"totals": found.totals(), **rows, "ground": json.loads(found.ground.to_json(drop_id=True))}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return rows.astype(object).where(rows.notna(), None).to_dict("records")

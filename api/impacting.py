"""What a draft would move, looked at before it is published."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Objects, numbers_of, shapes_of
from gis_core.contracts import DEFAULT_EXTENT_M
from gis_core.impact import MOVES, Impact, impact
from gis_core.tiling import DEGREE_M
from gis_core.validity import local_day
from layers import TABLES
from layers.boxes import Box
from layers.drafts import DRAFTED, draft_of, look_at, replaced, rows_of, shown
from layers.frames import table_of
from layers.store import Store
from layers.territories import read_around, since

ASKED = ("code", "scheme", "kind", "category")
REACHES = ("left_m", "right_m", "radius_m")
MOST_LISTED = 1_000
KINDS = ("issues", "streets", "places", "contracts", "holders")
MOST_BOXES = 200
"""Where changes lie in more places than this, one box around them all is looked at."""


def impact_of(store: Store, number: int, moment: dt.datetime) -> Impact:
    """What an open draft would move, published at a moment, against the territory then in force, as far as it is in
    scope: open issues, and what lies on ground that comes from or goes to a cell in scope. A cell out of scope is
    empty, and so is a person out of scope.

    Raises
    ------
    NotFound, Conflict
        When there is no such draft, or it is published or thrown away.
    """
    draft_of(store, number)
    whole = Store(store.session)
    version = whole.version_at(moment)
    # A draft is made over the newest version, which may not be in force yet.
    rows = {
        layer: (replaced(whole, number, layer), rows_of(whole, number, layer)[0], since(whole, layer, version))
        for layer in DRAFTED
    }
    near = _boxes([shapes_of(frame) for several in rows.values() for frame in several], reach_m(whole))
    before, after = read_around(whole, near, version), read_around(whole, near, version, number)
    # As if all were reported at the moment: an open issue follows the territory.
    issues = store.issues(status="open", near=near, only=ASKED).assign(reported_at=pd.Timestamp(moment))
    changed = {layer: {code for frame in several for code in frame["code"]} for layer, several in rows.items()}
    found = impact(before, after, changed, issues, local_day(moment, store.city.zone))
    return found if store.scope.sight.everything else _within(store, number, found)


def _boxes(shapes: Sequence[Objects], reach_m: float) -> list[Box]:
    """Around everything that differs, as far as a territory reaches: where issues may get another answer."""
    differing = np.concatenate([np.empty(0, dtype=object), *shapes])
    if not len(differing):
        return []
    low, high = np.split(shapely.bounds(differing), 2, axis=1)
    margin_lat = reach_m / DEGREE_M
    margin_lon = margin_lat / np.cos(np.radians(np.abs([low[:, 1], high[:, 1]]).max(axis=0)))
    margin = np.column_stack([margin_lon, np.full(len(low), margin_lat)])
    together = shapely.get_parts(shapely.union_all(shapely.box(*(low - margin).T, *(high + margin).T)))
    bounds = shapely.bounds(together) if len(together) <= MOST_BOXES else [shapely.total_bounds(together)]
    return [tuple(box) for box in np.asarray(bounds).tolist()]


def reach_m(whole: Store) -> float:
    """How far from an issue the thing may be that decides who answers for it."""
    contracts = whole.read("contracts", whole.latest_revision(), only=REACHES)
    reaches = [numbers_of(contracts, name, 0.0).max(initial=0.0) for name in REACHES]
    return float(max(whole.city.grid_tolerance_m, whole.city.street_limit_m, DEFAULT_EXTENT_M, *reaches))


def _within(store: Store, number: int, found: Impact) -> Impact:
    look_at(store, number)
    mine, known = _codes(store, "grids", number), _codes(store, "parties", number)
    hidden = _codes(Store(store.session), "parties", number) - known

    def bounded(rows: Any) -> Any:
        ends = {end: rows[end].where(rows[end].isin(mine), None) for end in MOVES}
        rows = rows.assign(**ends)
        return rows[rows[list(MOVES)].notna().any(axis=1)].reset_index(drop=True)

    moved = {"ground": bounded(found.ground)}
    for name in ("streets", "places", "contracts"):
        rows = getattr(found, name)
        moved[name] = bounded(rows[rows["code"].isin(_codes(store, name, number))])
    issues = found.issues.assign(**{end: found.issues[end].where(found.issues[end].isin(mine), None) for end in MOVES})
    holders = found.holders[found.holders["subject_code"].isin(mine)].reset_index(drop=True)
    people = {"contracts": ("contractor",), "issues": ("from_responsible", "to_responsible"),
              "holders": ("holder", "deputy")}  # fmt: skip
    tables = {**moved, "issues": issues, "holders": holders}
    for name, columns in people.items():
        rows = tables[name]
        tables[name] = rows.assign(**{one: rows[one].mask(rows[one].isin(hidden), None) for one in columns})
    return Impact(**tables)


def _codes(store: Store, layer: str, number: int) -> set[str]:
    """Codes of the rows of a table in scope, as a draft shows them."""
    column = table_of(TABLES[layer]).c.code
    return set(store.session.scalars(store.bounded(layer, shown(store, layer, number)).with_only_columns(column)))


def document(found: Impact) -> dict[str, Any]:
    """An impact as JSON: ``totals``, ``moves``, at most :data:`MOST_LISTED` of each kind, ``ground`` as GeoJSON."""
    tables = {name: getattr(found, name).head(MOST_LISTED) for name in KINDS}
    rows = {name: _records(table) for name, table in {"moves": found.moves(), **tables}.items()}
    return {"totals": found.totals(), **rows, "ground": json.loads(found.ground.to_json(drop_id=True))}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return rows.astype(object).where(rows.notna(), None).to_dict("records")

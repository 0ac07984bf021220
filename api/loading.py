"""Territory and reference data in: all files of one load become one version, or nothing does."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.reporting import Progress, Report, parsed_chunks
from gis_core.arrays import codes_of
from gis_core.city import City
from gis_core.crs import suggest
from gis_core.errors import Conflict
from gis_core.front_doors import answering
from gis_core.references import FINDING_COLUMNS
from gis_core.territory import Territory
from gis_core.topology import check_grids, parents
from gis_core.validity import local_day
from layers import TABLES
from layers.base import Territorial
from layers.importers import Mapping
from layers.store import Store
from layers.stores import Stores

ORDER = (
    "parties", "categories", "tags", "grids", "streets", "places", "walls", "shops", "agreements", "frontages",
    "marks", "facilities", "contracts", "holders",
)  # fmt: skip
"""Tables in the order in which they are stored: what is named comes before what names it."""
CHANGES = ("added", "changed", "ended")
LOCATED = ("streets", "places", "walls", "frontages", "marks", "facilities", "contracts")
"""Tables whose shapes must touch the city."""
GRID_COLUMNS = ("code", "level", "parent", "stated_area_m2", "valid_from", "valid_to")
"""What checks and parents need to know of a grid; the rest takes longer to read than the shapes."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One file for one table; ``issues`` steps run after all others, in chunks of their own."""

    table: str
    path: Path
    mapping: Mapping
    replace: bool = False


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How a load is published.

    Parameters
    ----------
    now
        When it is known.
    effective_from
        From when it answers; ``None`` takes the beginning of time for layers that had no rows, else ``now``.
    override
        Reason to publish although the checks complain.
    note
        Kept with the version.
    dry_run
        Do everything and keep nothing.
    """

    now: dt.datetime
    effective_from: dt.datetime | None = None
    override: str | None = None
    note: str = ""
    dry_run: bool = False


@dataclass(frozen=True, eq=False)
class Batch:
    """The accepted rows of one step, and the ids of stored rows that it ends."""

    step: Step
    frame: pd.DataFrame
    report: Report
    ending: Sequence[int] = ()


@dataclass
class Loaded:
    """What a load did.

    The version and revision it made (``None`` where nothing changed), the report of each step, counts per table, and
    what the checks found.
    """

    version: int | None = None
    revision: int | None = None
    reports: list[tuple[Step, Report]] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    findings: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FINDING_COLUMNS)))


class ChecksFailed(Conflict):
    """The checks found errors and no reason to publish nevertheless was given; ``findings`` has them."""

    def __init__(self, findings: pd.DataFrame, *, count: int) -> None:
        super().__init__("checks_failed", count=count)
        self.findings = findings


class _KeepNothing(Exception):
    """Ends a transaction that shall leave no trace."""


def load(stores: Stores, steps: Sequence[Step], terms: Terms, progress: Progress) -> Loaded:
    """Load files into territory layers and reference tables as one version.

    Raises
    ------
    ChecksFailed
        When the checks find errors and no override is given; nothing is stored then.
    """
    return store_batches(stores, [read_step(stores, step, progress) for step in steps], terms)


def store_batches(stores: Stores, batches: Sequence[Batch], terms: Terms) -> Loaded:
    """Store parsed rows as one version; see :func:`load`."""
    loaded = Loaded(reports=[(batch.step, batch.report) for batch in batches])
    try:
        with stores.publishing() as store:
            store_within(store, batches, terms, loaded)
            if terms.dry_run or not _changed(loaded, batches):
                raise _KeepNothing
    except _KeepNothing:
        loaded.version = loaded.revision = None
    return loaded


def read_step(stores: Stores, step: Step, progress: Progress) -> Batch:
    """Parse a whole file; territory files fit into memory."""
    report, frames = Report(), []
    for parsed, rows in parsed_chunks(stores, step.path, step.table, step.mapping):
        report.read += rows
        report.rejects.append(parsed.rejects)
        frames.append(parsed.accepted)
        progress(rows)
    return Batch(step, pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(), report)


def _levels_first(batches: Sequence[Batch], store: Store) -> list[Batch]:
    """Grid files from the top level down, since a cell finds its parent among those above."""

    def depth(batch: Batch) -> tuple[int, int]:
        table = ORDER.index(batch.step.table)
        if batch.step.table != "grids" or not len(batch.frame):
            return table, 0
        return table, min(store.city.level(name) for name in batch.frame["level"].unique())

    return sorted(batches, key=depth)


def store_within(store: Store, given: Sequence[Batch], terms: Terms, loaded: Loaded) -> None:
    """Store parsed rows as one version, within a transaction; see :func:`load`."""
    batches = _levels_first(given, store)
    territory = [batch for batch in batches if _is_territorial(batch.step.table)]
    referring = [batch for batch in batches if not _is_territorial(batch.step.table)]
    first = all(store.first_of_its_kind(batch.step.table, level) for batch in territory for level in _levels_of(batch))
    version = store.begin_version(terms.now, terms.note) if territory else None
    revision = store.revise(terms.now, terms.note) if referring else None
    ground: Territory | None = None
    for batch in batches:
        if batch.step.table in LOCATED:  # the grids are in by now
            ground = ground or _ground(store, version)
        _put(store, batch, version, revision, ground, loaded)
    if version is not None and _changed(loaded, territory):
        _derive_parents(store, version, loaded)
        _check(store, version, terms, loaded)
        effective = terms.effective_from or (None if first else terms.now)
        store.publish(version, effective_from=effective, now=terms.now, override_reason=terms.override)
        loaded.version = version
    elif version is not None:
        store.discard(version)
    if _changed(loaded, referring):
        loaded.revision = revision
    elif revision is not None:
        store.take_back(revision)


def _derive_parents(store: Store, version: int, loaded: Loaded) -> None:
    """Look again for the parents that no file names, where the cells above them have changed since."""
    if not any(loaded.counts.get("grids", {}).get(name) for name in CHANGES):
        return
    grids = store.read("grids", version)
    newest = grids.groupby("level")["version_from"].max()
    for above, level in pairwise(level.name for level in store.city.levels):
        derived = grids[(grids["level"] == level) & (grids["parent_by"] != "file")]
        if newest.get(above, 0) < version or not (derived["version_from"] < version).any():
            continue
        found = with_parents(derived.assign(parent=None), grids, store.city)
        moved = found["parent"].fillna("") != derived["parent"].fillna("")
        rows = found[moved].drop(columns="id").assign(row=0)
        if len(rows):
            loaded.counts["grids"]["changed"] += store.put("grids", rows, version).changed


def _check(store: Store, version: int, terms: Terms, loaded: Loaded) -> None:
    """Check grids that changed; what was published with a reason once is not asked about again."""
    if not any(loaded.counts.get("grids", {}).get(name) for name in CHANGES):
        return
    day = local_day(terms.effective_from or terms.now, store.city.zone)
    loaded.findings = check_grids(_grids(store, version), store.city, day)
    errors = int((loaded.findings["severity"] == "error").sum())
    if errors and not terms.override:
        raise ChecksFailed(loaded.findings, count=errors)


def _put(
    store: Store, batch: Batch, version: int | None, revision: int | None, ground: Territory | None, loaded: Loaded
) -> None:
    table, frame = batch.step.table, batch.frame
    if not len(frame) and not batch.ending:
        return
    if table == "grids" and len(frame):
        frame = with_parents(frame, _grids(store, version), store.city)
    if table == "frontages" and len(frame):
        places = store.read("places", version or store.latest_version(), only=("code", "operator"))
        said = pd.Series(codes_of(frame, "responsible"), index=frame.index, dtype=object)
        frame = frame.assign(responsible=said.where(said.notna(), answering(frame, places)))
    if ground is not None and "geometry" in frame and len(frame):
        frame = touching_the_city(frame, ground, batch.report)
    state = version if _is_territorial(table) else revision
    assert state is not None
    put = store.put(table, frame, state, replace=batch.step.replace, ending=batch.ending)
    batch.report.rejects.append(put.rejects)
    batch.report.stored = put.added + put.changed
    batch.report.known = put.unchanged
    counts = loaded.counts.setdefault(table, dict.fromkeys((*CHANGES, "unchanged"), 0))
    for name in counts:
        counts[name] += getattr(put, name)


def with_parents(frame: pd.DataFrame, stored: pd.DataFrame, city: City) -> pd.DataFrame:
    """Grid rows with their parent in the level above, among themselves and the stored grids, and how it was found."""
    parts = []
    for name, cells in frame.groupby("level", sort=False):
        depth = city.level(str(name))
        if depth == 0:
            parts.append(cells.assign(parent=None, parent_by=None, parent_share=np.nan, parent_differs=False))
            continue
        above = city.levels[depth - 1].name
        known = [part for part in (frame[frame["level"] == above], stored[stored["level"] == above]) if len(part)]
        uppers = gpd.GeoDataFrame(pd.concat(known)[["code", "geometry"]].drop_duplicates("code")) if known else None
        parts.append(cells if uppers is None else _with_parents(cells, uppers, city.metric_srid))
    return gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=4326)


def _with_parents(cells: pd.DataFrame, uppers: gpd.GeoDataFrame, srid: int) -> pd.DataFrame:
    given = cells if "parent" in cells else cells.assign(parent=None)
    found = parents(gpd.GeoDataFrame(given, geometry="geometry"), uppers, srid)
    return given.drop(columns=list(found), errors="ignore").join(found)


def _ground(store: Store, version: int | None) -> Territory:
    """The grids of the draft, or of the newest version where none is drafted."""
    state = version if version is not None else store.latest_version()
    return Territory(store.city, state, 0, {"grids": _grids(store, state)})


def touching_the_city(frame: pd.DataFrame, ground: Territory, report: Report) -> pd.DataFrame:
    """Only the rows whose shape touches the city; the others are rejected with their distance."""
    if ground.lowest is None:
        return frame
    shapes = frame["geometry"].to_numpy(object)
    touches = shapely.is_missing(shapes) | ground.touched_by(shapes)
    if not touches.all():
        report.rejects.append(_far_away(frame[~touches], ground))
    return frame[touches]


def _far_away(frame: pd.DataFrame, territory: Territory) -> pd.DataFrame:
    lonlat = shapely.get_coordinates(shapely.point_on_surface(frame["geometry"].to_numpy(object)))
    hints = suggest(lonlat, territory.inside)
    away = territory.distance_m(lonlat)
    return pd.DataFrame(
        {
            "row": frame["row"].to_numpy(),
            "key": frame["key"].to_numpy(),
            "reason": [f"outside_{hint}" if hint else "outside" for hint in hints],
            "params": [
                {"lon": lon, "lat": lat, "distance_m": metres} for (lon, lat), metres in zip(lonlat, away, strict=True)
            ],
        }
    )


def _grids(store: Store, version: int | None) -> gpd.GeoDataFrame:
    return store.read("grids", version, only=GRID_COLUMNS)


def _levels_of(batch: Batch) -> list[str | None]:
    if batch.step.table == "grids" and len(batch.frame):
        return [str(name) for name in batch.frame["level"].unique()]
    return [None]


def _is_territorial(table: str) -> bool:
    return issubclass(TABLES[table], Territorial)


def _changed(loaded: Loaded, batches: Sequence[Batch]) -> bool:
    tables = {batch.step.table for batch in batches} & loaded.counts.keys()
    return any(loaded.counts[table][name] for table in tables for name in CHANGES)

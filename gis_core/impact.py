"""What a change to the territory would move before it counts: ground, issues, streets, places, contracts, holders."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.answers import GRID_COLUMNS, PARTIES
from gis_core.arrays import Bools, Ints, Objects, codes_of, shapes_of
from gis_core.assignment import Assigner
from gis_core.crs import project, shapes_to_wgs84
from gis_core.issues import screen
from gis_core.levels import LevelCells
from gis_core.territory import Territory

MOVES = ("from_grid", "to_grid")
GROUND_COLUMNS = ("level", *MOVES, "area_m2")
STREET_COLUMNS = ("level", "code", "name", *MOVES, "length_m")
PLACE_COLUMNS = ("level", "code", "name", "type", *MOVES)
CONTRACT_COLUMNS = ("level", "code", "name", "contractor", *MOVES, "amount", "unit")
ISSUE_COLUMNS = ("level", "code", *MOVES, "from_responsible", "to_responsible")
MOVE_COLUMNS = ("level", *MOVES, "area_m2", "issues", "street_m", "places", "contracts")
HOLDER_COLUMNS = ("subject", "subject_code", "holder", "deputy", "from_m2", "to_m2")
LEAST_M2, LEAST_M = 1.0, 0.5
"""Less ground or street than this is how borders are drawn, not a change."""
EDGE_M = 0.1
"""A street that runs along the edge of ground that moves is on it: it borders another cell than before."""
NAMED_BY = ("code", "name")
"""How contracts name streets."""
_ANSWERS = (*GRID_COLUMNS, "grid", *PARTIES, "handles", "holds")
_UNITS = ("", "m", "m2")
"""In which points, lines and polygons are measured; points are counted."""


@dataclass(frozen=True, eq=False)
class Impact:
    """What would change hands, from one cell to another; empty where nobody had it or nobody would have it.

    Parameters
    ----------
    ground
        :data:`GROUND_COLUMNS`, and ``geometry`` in EPSG:4326.
    issues
        :data:`ISSUE_COLUMNS`: once for each level at which it would be in another cell; without a level, one that stays
        and would be somebody else's.
    streets, places, contracts
        :data:`STREET_COLUMNS`, :data:`PLACE_COLUMNS`, :data:`CONTRACT_COLUMNS`: on the ground that moves; ``unit`` is
        ``m``, ``m2`` or empty for a number of points.
    holders
        :data:`HOLDER_COLUMNS` of changed cells: ``to_m2`` is empty for a cell that goes, ``holder`` for a cell that
        nobody holds yet.
    """

    ground: gpd.GeoDataFrame
    issues: pd.DataFrame
    streets: pd.DataFrame
    places: pd.DataFrame
    contracts: pd.DataFrame
    holders: pd.DataFrame

    def totals(self) -> dict[str, float]:
        """How many of each kind, ``area_m2`` of the lowest level that changes, and ``street_m`` on it or as a whole."""
        tables = {"issues": self.issues, "streets": self.streets, "places": self.places, "contracts": self.contracts}
        counts: dict[str, float] = {name: table["code"].nunique() for name, table in tables.items()}
        lowest = self.ground["level"].tail(1)
        on_it = self.streets["level"].isna() | self.streets["level"].isin(lowest)
        areas = {"area_m2": float(self.ground.loc[self.ground["level"].isin(lowest), "area_m2"].sum())}
        streets = {"street_m": float(self.streets.loc[on_it, "length_m"].sum())}
        return counts | {"holders": self.holders["subject_code"].nunique()} | areas | streets

    def moves(self) -> pd.DataFrame:
        """What goes from one cell to another in one row: :data:`MOVE_COLUMNS`; by level, then most ground first."""
        by = ["level", *MOVES]
        told = {
            "area_m2": self.ground.groupby(by, dropna=False)["area_m2"].sum(),
            "issues": self.issues.dropna(subset="level").groupby(by, dropna=False)["code"].nunique(),
            "street_m": self.streets.dropna(subset="level").groupby(by, dropna=False)["length_m"].sum(),
            "places": self.places.groupby(by, dropna=False)["code"].nunique(),
            "contracts": self.contracts.groupby(by, dropna=False)["code"].nunique(),
        }
        rows = pd.DataFrame(told).fillna(0).reset_index()
        rows = rows.astype({"issues": int, "places": int, "contracts": int})[list(MOVE_COLUMNS)]
        return rows.sort_values(["level", "area_m2"], ascending=[True, False], kind="stable", ignore_index=True)


def impact(
    before: Territory, after: Territory, changed: Mapping[str, Collection[str]], issues: pd.DataFrame, day: int
) -> Impact:
    """What lies between two states of a territory.

    Parameters
    ----------
    changed
        Codes of the grids, streets and places that differ, by layer.
    issues
        Open ones within reach of what differs: ``code`` and what :class:`gis_core.assignment.Assigner` takes.
    day
        Days since 1970: what holds then.
    """
    before, after = before.on(day), after.on(day)
    ground = _ground(before, after, changed.get("grids", ()))
    pieces = project(shapes_of(ground), before.city.metric_srid)
    return Impact(
        ground,
        _issues(before, after, issues),
        pd.concat([_streets(after, ground, pieces), _belonging(before, after)], ignore_index=True),
        _lying_on(after, "places", ground, pieces, PLACE_COLUMNS, None),
        _contracts(after, ground, pieces, day),
        _holders(before, after, changed.get("grids", ()), day),
    )


def _ground(before: Territory, after: Territory, changed: Collection[str]) -> gpd.GeoDataFrame:
    parts = []
    for level, was, now in zip(before.city.levels, before.levels, after.levels, strict=True):
        for one, other, forth in ((was, now, True), (now, was, False)):
            mine, theirs, shapes = _leaving(one, other, changed)
            if not forth:
                # What goes from one changed cell to another has been found from the other end.
                new = ~np.append(pd.Index(other.codes).isin(changed), False)[theirs]
                mine, theirs, shapes = mine[new], theirs[new], shapes[new]
            pair = [_named(one, mine), _named(other, theirs)]
            named = dict(zip(MOVES, pair if forth else pair[::-1], strict=True))
            rows = {"level": level.name, **named, "area_m2": shapely.area(shapes), "geometry": shapes}
            parts.append(pd.DataFrame(rows, columns=[*GROUND_COLUMNS, "geometry"]))
    found = pd.concat(parts, ignore_index=True)
    found = found[found["area_m2"] >= LEAST_M2].reset_index(drop=True)
    ends = {end: found[end].astype(object).where(found[end].notna(), None) for end in MOVES}
    shapes = shapes_to_wgs84(shapes_of(found), f"EPSG:{before.city.metric_srid}")
    return gpd.GeoDataFrame(found.assign(**ends), geometry=shapes, crs=4326)


def _leaving(one: LevelCells, other: LevelCells, changed: Collection[str]) -> tuple[Ints, Ints, Objects]:
    """Ground of changed cells that is not theirs in the other state, where it lies in another cell or in none (-1):
    positions and shapes.
    """
    mine = np.flatnonzero(pd.Index(one.codes).isin(changed))
    shapes, theirs = one.metric(mine), np.arange(len(other.codes))
    same = pd.Index(other.codes, dtype=object).get_indexer(pd.Index(one.codes[mine], dtype=object))
    shapes[same >= 0] = shapely.difference(shapes[same >= 0], other.metric(same[same >= 0]))
    if not len(mine):
        return mine, mine, shapes
    near = shapely.STRtree(shapes_of(other.frame)).query(shapes_of(one.frame)[mine], predicate="intersects")
    theirs, place = np.unique(near[1], return_inverse=True)
    metric, nth = other.metric(theirs), near[0]
    left = shapes.copy()
    for cell in range(len(mine)):
        left[cell] = shapely.difference(shapes[cell], shapely.union_all(metric[place[nth == cell]]))
    elsewhere = one.codes[mine[nth]] != other.codes[near[1]]
    nth, place = nth[elsewhere], place[elsewhere]
    shared = shapely.intersection(shapes[nth], metric[place])
    nobody = np.full(len(mine), -1)
    return np.append(mine[nth], mine), np.append(theirs[place], nobody), np.concatenate([shared, left])


def _named(cells: LevelCells, position: Ints) -> Objects:
    return np.array([*cells.codes, None], dtype=object)[position]


def _issues(before: Territory, after: Territory, issues: pd.DataFrame) -> pd.DataFrame:
    told = {}
    for name, territory in (("from", before), ("to", after)):
        inside = screen(issues, territory).accepted
        told[name] = Assigner(territory)(inside)[list(_ANSWERS)].astype(object).reindex(issues.index)
    was, now = (told[name].where(told[name].notna(), None) for name in ("from", "to"))
    differs = was.fillna("") != now.fillna("")
    held = {level.name: name for level, name in zip(before.city.levels, GRID_COLUMNS, strict=False)}
    stays = ~differs[list(held.values())].any(axis=1)
    parts = []
    for level, column in (*held.items(), (None, "grid")):
        rows = differs[column] if level else stays & differs.any(axis=1)
        ends = {f"from_{name}": was.loc[rows, source] for name, source in (("grid", column), ("responsible",) * 2)}
        ends |= {f"to_{name}": now.loc[rows, source] for name, source in (("grid", column), ("responsible",) * 2)}
        parts.append(pd.DataFrame({"level": level, "code": issues["code"][rows], **ends}, columns=list(ISSUE_COLUMNS)))
    return pd.concat(parts, ignore_index=True).astype(object)


def _streets(after: Territory, ground: gpd.GeoDataFrame, pieces: Objects) -> pd.DataFrame:
    # A street that belongs whole to one grid stays with it, wherever borders run.
    bound = after.is_border_street[:-1]
    return _lying_on(after, "streets", ground, pieces, STREET_COLUMNS, "length_m", ~bound)


def _belonging(before: Territory, after: Territory) -> pd.DataFrame:
    """Streets that belong whole to another grid than before, or no longer or newly to one."""
    was, now = (pd.Series(one.codes("streets", "belongs_to"), one.codes("streets", "code")) for one in (before, after))
    frame = after.frames["streets"]
    was = was.reindex(now.index)
    given = np.flatnonzero(
        (was.fillna("") != now.fillna("")).to_numpy() & was.index.isin(before.codes("streets", "code"))
    )
    metric = project(shapes_of(frame)[given], after.city.metric_srid)
    ends = {"from_grid": was.iloc[given].to_numpy(object), "to_grid": now.iloc[given].to_numpy(object)}
    told = {name: frame[name].iloc[given].to_numpy(object) for name in ("code", "name")}
    rows = {**told, **ends, "length_m": shapely.length(metric)}
    return pd.DataFrame(rows, columns=list(STREET_COLUMNS)).assign(level=None)


def _lying_on(
    after: Territory, layer: str, ground: gpd.GeoDataFrame, pieces: Objects, columns: tuple[str, ...],
    measured: str | None, chosen: Bools | None = None,
) -> pd.DataFrame:  # fmt: skip
    """What of a layer lies on ground that moves: lines and polygons by their share, what is not measured by its
    middle.
    """
    frame = after.frames[layer]
    rows = np.arange(len(frame)) if chosen is None else np.flatnonzero(chosen)
    shapes = shapes_of(frame)[rows] if measured else shapely.point_on_surface(shapes_of(frame)[rows])
    row, piece, amount = _shared(shapes, ground, pieces, after.city.metric_srid)
    told = {name: codes_of(frame, name)[rows[row]] for name in columns if name in frame}
    moved = {name: ground[name].to_numpy(object)[piece] for name in ("level", *MOVES)}
    return pd.DataFrame({**told, **moved, **({measured: amount} if measured else {})}, columns=list(columns))


def _shared(shapes: Objects, ground: gpd.GeoDataFrame, pieces: Objects, srid: int) -> tuple[Ints, Ints, Objects]:
    """Pairs of shapes (EPSG:4326) and pieces of ground, and what they share: metres, square metres, or one point."""
    piece, row = shapely.STRtree(shapes).query(shapes_of(ground), predicate="intersects")
    which, nth = np.unique(row, return_inverse=True)
    kind = shapely.get_dimensions(shapes[row])
    ground_there = shapely.buffer(pieces[piece], np.where(kind == 1, EDGE_M, 0.0), join_style="mitre")
    shared = shapely.intersection(project(shapes[which], srid)[nth], ground_there)
    amount = np.choose(kind, (np.ones(len(row)), shapely.length(shared), shapely.area(shared)))
    kept = amount >= np.array([0.0, LEAST_M, LEAST_M2])[kind]
    order = np.lexsort((piece[kept], row[kept]))
    return row[kept][order], piece[kept][order], amount[kept][order]


def _contracts(after: Territory, ground: gpd.GeoDataFrame, pieces: Objects, day: int) -> pd.DataFrame:
    """Contracts on ground that moves: by their own shape, by the streets they name, or by the cell they are for."""
    frame, streets = after.frames["contracts"], after.frames["streets"]
    held = np.flatnonzero(after.in_force("contracts", np.arange(len(frame)), day))
    street, of_street = _by_street(codes_of(frame, "street")[held], streets)
    thing = np.concatenate([held, held[of_street]])
    shape = np.concatenate([shapes_of(frame)[held], shapes_of(streets)[street]])
    known = ~shapely.is_missing(shape)
    thing, shape = thing[known], shape[known]
    row, piece, amount = _shared(shape, ground, pieces, after.city.metric_srid)
    unit = np.array(_UNITS, dtype=object)[shapely.get_dimensions(shape[row])]
    moved = {name: ground[name].to_numpy(object)[piece] for name in ("level", *MOVES)}
    told = {name: codes_of(frame, name)[thing[row]] for name in ("code", "name", "contractor")}
    found = pd.DataFrame({**told, **moved, "amount": amount, "unit": unit}, columns=list(CONTRACT_COLUMNS))
    return pd.concat([found, _for_cells(frame.iloc[held], ground)], ignore_index=True)


def _by_street(wanted: Objects, streets: pd.DataFrame) -> tuple[Ints, Ints]:
    """Pairs of a street and who wants it, by its code or its name."""
    asked = pd.DataFrame({"named": wanted, "who": np.arange(len(wanted))}).dropna()
    names = [pd.DataFrame({"named": codes_of(streets, name), "street": np.arange(len(streets))}) for name in NAMED_BY]
    pairs = pd.concat(names).dropna().merge(asked, on="named")[["street", "who"]].drop_duplicates()
    return pairs["street"].to_numpy(np.int64), pairs["who"].to_numpy(np.int64)


def _for_cells(contracts: pd.DataFrame, ground: gpd.GeoDataFrame) -> pd.DataFrame:
    """Contracts for a cell that gains or loses ground."""
    by_cell = contracts[codes_of(contracts, "kind") == "grid"]
    moved = ground[["level", *MOVES, "area_m2"]].rename(columns={"area_m2": "amount"}).assign(unit="m2")
    ends = [moved.assign(grid=moved[end]) for end in MOVES]
    joined = pd.concat(ends).merge(by_cell[["grid", "code", "name", "contractor"]] if len(by_cell) else
                                   pd.DataFrame(columns=["grid", "code", "name", "contractor"]), on="grid")  # fmt: skip
    return joined[list(CONTRACT_COLUMNS)]


def _holders(before: Territory, after: Territory, changed: Collection[str], day: int) -> pd.DataFrame:
    """Who holds changed cells, with their area before and after."""
    shapes = []
    for territory in (before, after):
        frame = territory.frames["grids"]
        frame = frame[frame["code"].isin(changed)] if len(frame) else frame
        metric = project(shapes_of(frame), territory.city.metric_srid)
        shapes.append(pd.Series(metric, index=codes_of(frame, "code"), dtype=object))
    cells = pd.concat(shapes, axis=1, keys=["was", "now"]).rename_axis("subject_code").reset_index()
    was, now = (cells[name].where(cells[name].notna(), None).to_numpy(object) for name in ("was", "now"))
    cells = cells.assign(from_m2=shapely.area(was), to_m2=shapely.area(now))
    cells = cells[~(shapely.area(shapely.symmetric_difference(was, now)) < LEAST_M2)]
    holders = after.frames["holders"]
    held = after.in_force("holders", np.arange(len(holders)), day) & (codes_of(holders, "subject") == "grid")
    mine = holders[held].reindex(columns=["subject_code", "holder", "deputy"])
    found = cells.merge(mine, on="subject_code", how="left").assign(subject="grid")
    return found[list(HOLDER_COLUMNS)].sort_values(["subject_code", "holder"], ignore_index=True)

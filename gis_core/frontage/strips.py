"""Front-of-door strips of a city: each shop's ground from wall to kerb, and every metre of kerb accounted for."""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_core.arrays import Bools, Ints, Objects, codes_of, shapes_of
from gis_core.cells import measure_and_side
from gis_core.crs import project, shapes_to_wgs84
from gis_core.frontage.cells import cells
from gis_core.frontage.fronts import REASONS, Doors, doors
from gis_core.frontage.kerbside import Kerbside
from gis_core.frontage.lots import held
from gis_core.frontage.stretches import NOBODY, Stretches, stretches
from gis_core.frontage.trades import usual_m

STRIP_COLUMNS = ("code", "kind", "shops", "quality", "block", "length_m", "area_m2")
FRONT_COLUMNS = ("strip", "street", "side", "from_m", "to_m", "length_m")
KINDS = ("blank", "shop", "joint")
QUALITIES = ("estimated", "measured")
SIDES = ("left", "right")
LEAST_M = 0.001
"""A shorter piece of an edge comes of rounding."""
ADJOINING_M = 1.0
"""Pieces of kerb along a street that are nearer to each other are one."""


@dataclass(frozen=True, eq=False)
class Strips:
    """Strips of a city.

    Parameters
    ----------
    strips
        :data:`STRIP_COLUMNS` and ``geometry`` in EPSG:4326. ``kind`` is one of :data:`KINDS`: of one shop, of several
        that share a door, or nobody's; ``shops`` their codes; ``quality``, by points or lines, is one of
        :data:`QUALITIES`; ``block`` names the block by its shape.
    fronts
        :data:`FRONT_COLUMNS`: which metres of which side of a street a strip lies along, measured along the street.
    unplaced
        ``shop`` and ``reason``, one of :data:`gis_core.frontage.fronts.REASONS`: shops without a strip.
    """

    strips: gpd.GeoDataFrame
    fronts: pd.DataFrame
    unplaced: pd.DataFrame


def strips(
    kerbside: Kerbside, shops: pd.DataFrame, walls: Objects | None = None, lots: Objects | None = None,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> Strips:  # fmt: skip
    """The strips of shops.

    Parameters
    ----------
    shops
        ``code``, ``street`` (name of the street in the address, where known), ``trade`` (if there is one),
        ``geometry`` in EPSG:4326: the front as a line from one end to the other, or a point.
    walls
        Footprints and fences, EPSG:4326, where they are known.
    lots
        Polygons of property, EPSG:4326, for rules by which property lines count.
    tell
        Told before each block how many are done, and how many there are.
    """
    return _strips(kerbside, shops, walls, lots, np.arange(len(kerbside.blocks[0])), tell)


def _strips(
    kerbside: Kerbside, shops: pd.DataFrame, walls: Objects | None, lots: Objects | None, drawn: Ints,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> Strips:  # fmt: skip
    """The strips of the blocks ``drawn``; those of the others are empty."""
    shops = shops.sort_values("code", ignore_index=True)
    rules, along, built = kerbside.rules, kerbside.kerbs, _metric(walls, kerbside.srid)
    standing, reason = _standing(kerbside, shops, built)
    mine = held(standing, along, *kerbside.blocks[1:], _metric(lots, kerbside.srid), rules)
    shared = stretches(standing, along, mine, usual_m(shops, rules.fronts_m), rules)
    ground = cells(*kerbside.blocks, along, shared, built, rules, drawn, tell)
    measured = np.zeros(len(shops), dtype=bool)
    measured[standing.shop] = standing.end_m > standing.begin_m
    rows = _rows(kerbside, shared, ground, shops, measured)
    over = {
        shop
        for mine in rows["shops"][rows.geometry.is_empty & rows["block"].isin(kerbside.names[drawn])]
        for shop in mine
    }
    reason[shops["code"].isin(over)] = REASONS[3]
    lost = pd.DataFrame({"shop": shops["code"], "reason": reason}).dropna().reset_index(drop=True)
    return Strips(rows, _fronts(kerbside, shared, codes_of(rows, "code")), lost)


def redrawn(
    kerbside: Kerbside,
    shops: pd.DataFrame,
    changed: pd.DataFrame,
    walls: Objects | None = None,
    lots: Objects | None = None,
) -> tuple[Strips, Objects]:
    """The strips of those blocks only at which shops have changed: byte for byte what :func:`strips` has of them.

    Parameters
    ----------
    shops
        All of them, as they are now.
    changed
        The shops that came, went or changed, as they were and as they are.

    Returns
    -------
    strips, blocks
        The strips, and the names of the blocks they are all of.
    """
    reach_m, whole = kerbside.rules.farthest_m, kerbside.blocks[0]
    nearby = kerbside.within(reach_m, project(shapes_of(changed), kerbside.srid))
    standing, _ = _standing(kerbside.only(nearby), changed, _metric(walls, kerbside.srid))
    there = kerbside.only(nearby).kerbs.ring_block[standing.ring]
    blocks = np.unique(nearby[there])
    if not len(blocks):
        return nothing(), kerbside.names[blocks]
    # Whatever stands near them, with every kerb that it could stand at.
    surrounding = kerbside.within(2 * reach_m, whole[blocks])
    shapes = project(shapes_of(shops), kerbside.srid)
    near = shapely.STRtree(shapes).query(whole[blocks], predicate="dwithin", distance=reach_m)[1]
    drawn = np.searchsorted(surrounding, blocks)
    found = _strips(kerbside.only(surrounding), shops.iloc[np.unique(near)], walls, lots, drawn)
    mine = found.strips["block"].isin(kerbside.names[blocks])
    rows = found.strips[mine].reset_index(drop=True)
    fronts = found.fronts[found.fronts["strip"].isin(rows["code"])].reset_index(drop=True)
    return Strips(rows, fronts, found.unplaced), kerbside.names[blocks]


def nothing() -> Strips:
    """No strips at all."""
    rows = gpd.GeoDataFrame({name: [] for name in STRIP_COLUMNS}, geometry=[], crs=4326)
    return Strips(rows, pd.DataFrame(columns=list(FRONT_COLUMNS)), pd.DataFrame(columns=["shop", "reason"]))


def _standing(kerbside: Kerbside, shops: pd.DataFrame, built: Objects) -> tuple[Doors, Objects]:
    shapes, names = project(shapes_of(shops), kerbside.srid), codes_of(kerbside.streets, "name")
    return doors(shapes, codes_of(shops, "street"), kerbside.kerbs, names, built, kerbside.rules)


def _metric(shapes: Objects | None, srid: int) -> Objects:
    """Shapes in metres; lines a little wide, so that all have area."""
    if shapes is None:
        return np.empty(0, dtype=object)
    metric = project(shapes, srid)
    lines = shapely.get_dimensions(metric) == 1
    metric[lines] = shapely.buffer(metric[lines], 0.01, cap_style="flat")
    return shapely.make_valid(metric[~shapely.is_missing(metric)])


def _rows(
    kerbside: Kerbside, shared: Stretches, ground: Objects, shops: pd.DataFrame, measured: Bools
) -> gpd.GeoDataFrame:
    code = codes_of(shops, "code")
    of_group: list[list[str]] = [[] for _ in range(int(shared.group.max(initial=-1)) + 1)]
    sure = np.ones(len(of_group), dtype=bool)
    for shop, group in zip(shared.shop.tolist(), shared.group.tolist(), strict=True):
        of_group[group].append(code[shop])
        sure[group] &= measured[shop]
    owned = shared.owner != NOBODY
    mine = [sorted(of_group[owner]) if owner != NOBODY else [] for owner in shared.owner.tolist()]
    rows = {
        "code": [one[0] if one else blank for one, blank in zip(mine, _blanks(kerbside, shared), strict=True)],
        "kind": [KINDS[min(len(one), 2)] for one in mine],
        "shops": mine,
        "quality": [
            QUALITIES[int(sure[owner])] if known else None for owner, known in zip(shared.owner, owned, strict=True)
        ],
        "block": kerbside.names[kerbside.kerbs.ring_block[shared.ring]],
        "length_m": (shared.end_m - shared.begin_m).round(2),
        "area_m2": shapely.area(ground).round(2),
    }
    return gpd.GeoDataFrame(rows, geometry=shapes_to_wgs84(ground, f"EPSG:{kerbside.srid}"), crs=4326)


def _blanks(kerbside: Kerbside, shared: Stretches) -> list[str]:
    """A code for each stretch: its block, its ring there, and where it begins, in centimetres."""
    along = kerbside.kerbs
    block = along.ring_block[shared.ring]
    nth = shared.ring - np.searchsorted(along.ring_block, block)
    at = np.rint(100 * (shared.begin_m % along.ring_m[shared.ring])).astype(np.int64)
    numbers = zip(kerbside.names[block], nth.tolist(), at.tolist(), strict=True)
    return [f"B{name}-{ring}-{begin}" for name, ring, begin in numbers]


def _fronts(kerbside: Kerbside, shared: Stretches, code: Objects) -> pd.DataFrame:
    """Each stretch cut at the edges of the kerb, measured along the streets they border, neighbours put together."""
    along = kerbside.kerbs
    around = along.ring_m[shared.ring]
    # A stretch that passes the beginning of its ring lies in two parts of it.
    begin = shared.begin_m % around
    end = begin + (shared.end_m - shared.begin_m)
    over = end > around
    which = np.concatenate([np.arange(len(begin)), np.flatnonzero(over)])
    low = np.concatenate([begin, np.zeros(int(over.sum()))])
    high = np.concatenate([np.minimum(end, around), (end - around)[over]])
    offset = np.cumsum(along.ring_m) - along.ring_m
    edge_begin = along.begins_m + offset[along.ring]
    edge_end = edge_begin + along.length_m
    low, high = low + offset[shared.ring[which]], high + offset[shared.ring[which]]
    first, last = np.searchsorted(edge_end, low, side="right"), np.searchsorted(edge_begin, high, side="left")
    count = np.maximum(last - first, 0)
    part = np.repeat(np.arange(len(which)), count)
    edge = np.repeat(first, count) + np.arange(len(part)) - np.repeat(np.cumsum(count) - count, count)
    start, stop = np.maximum(low[part], edge_begin[edge]), np.minimum(high[part], edge_end[edge])
    kept = (stop > start + LEAST_M) & (along.street[edge] >= 0)
    part, edge, start, stop = part[kept], edge[kept], start[kept], stop[kept]
    return _measured(kerbside, code[which[part]], edge, start - edge_begin[edge], stop - edge_begin[edge])


def _measured(kerbside: Kerbside, strip: Objects, edge: Ints, start: Objects, stop: Objects) -> pd.DataFrame:
    along, lines = kerbside.kerbs, kerbside.roads.lines
    street = along.street[edge]
    ends = [shapely.line_interpolate_point(along.lines[edge], at) for at in (start, stop)]
    at = np.sort(np.column_stack([shapely.line_locate_point(lines[street], one) for one in ends]), axis=1)
    middle = shapely.line_interpolate_point(along.lines[edge], (start + stop) / 2)
    measure, left = measure_and_side(lines[street], shapely.get_coordinates(middle))
    # Where a street ends where it begins, a piece of kerb may be near both.
    length, whole = stop - start, shapely.length(lines[street])
    astray = at[:, 1] - at[:, 0] > 2 * length + ADJOINING_M
    around = np.clip(measure[:, None] + np.outer(length / 2, [-1, 1]), 0, whole[:, None])
    at = np.where(astray[:, None], around, at)
    code, side = codes_of(kerbside.streets, "code")[street], np.where(left > 0, *SIDES)
    rows = pd.DataFrame({"strip": strip, "street": code, "side": side, "from_m": at[:, 0], "to_m": at[:, 1]})
    rows["length_m"] = length
    return _adjoining(rows)


def _adjoining(rows: pd.DataFrame) -> pd.DataFrame:
    """Pieces of one strip along one side of a street put together where they adjoin."""
    by = ["strip", "street", "side"]
    rows = rows.assign(nth=pd.factorize(rows["strip"])[0]).sort_values(["nth", *by[1:], "from_m"], kind="stable")
    reached = rows.groupby(by, sort=False)["to_m"].cummax().shift()
    apart = (rows[by] != rows[by].shift()).any(axis=1) | (rows["from_m"] > reached + ADJOINING_M)
    grouped = rows.groupby([*by, apart.cumsum()], sort=False)
    found = grouped.agg(from_m=("from_m", "min"), to_m=("to_m", "max"), length_m=("length_m", "sum")).reset_index()
    found = found.round({"from_m": 2, "to_m": 2, "length_m": 2})[list(FRONT_COLUMNS)]
    return found[found["length_m"] > 0].reset_index(drop=True)

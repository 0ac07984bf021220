"""Places: grounds inside the blocks; shops, bus stops and public toilets as points along the streets."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.demo.blocks import Blocks
from data.demo.city import generator, geographic, layer, lonlat, names, numbered
from data.demo.grids import Codes, organisation
from data.demo.grounds import choose, grounds, outlines
from data.demo.kinds import KINDS, OWN, POINTS, TRADES
from data.demo.names import Stems, family_names, numeral
from data.demo.parties import firm, management
from data.demo.streets import WALL_M, Streets, address, along, kerbs
from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.cells import measure_and_side

_STEMS = 600
_GATE_M = 1.5
"""How far before its ground a place's gate is."""


@dataclass(frozen=True, eq=False)
class Places:
    """Places and where their doors are.

    Parameters
    ----------
    frame
        Columns of the place table, those with ground first; MultiPolygons and Points in EPSG:4326.
    quads
        Corners in metres of the places with ground, shape (grounds, 4, 2): NW, NE, SW, SE.
    door
        Position of each place's door or gate in metres, shape (places, 2).
    cell, street
        Unit grid each lies in and street each is on, as positions.
    measure_m, side
        Where along its street the door is and on which side: 1 left, -1 right.
    """

    frame: gpd.GeoDataFrame
    quads: Floats
    door: Floats
    cell: Ints
    street: Ints
    measure_m: Floats
    side: Ints

    def of_type(self, *types: str) -> Ints:
        """Positions of the places of these types."""
        chosen: Ints = np.flatnonzero(self.frame["type"].isin(types).to_numpy())
        return chosen


def settle(blocks: Blocks, codes: Codes, streets: Streets, seed: int) -> Places:
    """Give grounds to blocks and line the streets with shops, bus stops and public toilets."""
    rng = generator(seed, "places")
    kind, cell = choose(blocks, rng)
    quads = grounds(blocks, streets, kind, cell, rng)
    shapes = outlines(quads, rng.uniform(0.05, 0.14, len(quads)))
    street, measure, side, gate = _gates(shapes, streets)
    enclosed = _enclosed(kind, cell, codes, seed) | {"address": address(streets, street, measure, side)}
    water = shapely.polygons(blocks.rings(blocks.water))
    types, on, at, by, door = _roadside(streets, np.concatenate([shapes, water]), rng)
    lined = _lined(types, streets.frame["names"].iloc[on], rng) | {"address": address(streets, on, at, by)}
    columns = {name: np.concatenate([enclosed[name], lined[name]]) for name in lined}
    columns["code"] = numbered("L", len(kind) + len(on), 6)
    columns["operator"] = np.where(columns["operator"] == OWN, management(columns["code"]), columns["operator"])
    columns["names"] = names(columns["name"], columns.pop("english"))
    points = shapely.points(lonlat(door))
    return Places(
        frame=layer(columns, np.concatenate([geographic(shapes), points])),
        quads=quads,
        door=np.concatenate([gate, door]),
        cell=np.concatenate([cell, streets.cell[on]]),
        street=np.concatenate([street, on]),
        measure_m=np.concatenate([measure, at]),
        side=np.concatenate([side, by]),
    )


def _gates(shapes: Objects, streets: Streets) -> tuple[Ints, Floats, Ints, Floats]:
    """Where each ground is entered from its nearest street: street, measure, side and the gate's position."""
    street = shapely.STRtree(streets.lines).query_nearest(shapes, all_matches=False)[1]
    way = shapely.shortest_line(shapes, streets.lines[street])
    gate = shapely.get_coordinates(shapely.line_interpolate_point(way, np.minimum(_GATE_M, shapely.length(way))))
    measure, side = measure_and_side(streets.lines[street], gate)
    return street, measure, side, gate


def _enclosed(kind: Ints, cell: Ints, codes: Codes, seed: int) -> dict[str, Objects]:
    """Columns of the places with ground."""
    rank = pd.Series(kind).groupby(kind).cumcount().to_numpy()
    chinese, english = _named(kind, rank, seed)
    return {
        "name": chinese,
        "english": english,
        "type": np.array([KINDS[one].type for one in kind], dtype=object),
        "operator": _operators(kind, rank, cell, codes),
        "supervisor": np.array([KINDS[one].supervisor for one in kind], dtype=object),
    }


def _named(kind: Ints, rank: Ints, seed: int) -> tuple[Objects, Objects]:
    """A name for each place: a stem and its kind's title, numbered where the stems of a kind begin again."""
    pool = Stems(generator(seed, "place names")).take(_STEMS)
    zh, en = (stem[(rank + 53 * kind) % _STEMS] for stem in pool)
    rounds = [("", "")] + [(f"第{numeral(n)}", f" No. {n}") for n in range(2, 2 + int(rank.max()) // _STEMS)]
    again = np.array(rounds, dtype=object)[rank // _STEMS]
    titles = np.array(
        [KINDS[one].titles[n % len(KINDS[one].titles)] for one, n in zip(kind, rank, strict=True)], object
    )
    return zh + again[:, 0] + titles[:, 0], en + again[:, 1] + " " + titles[:, 1]


def _operators(kind: Ints, rank: Ints, cell: Ints, codes: Codes) -> Objects:
    """Who runs each place, :data:`OWN` where it runs itself."""
    operator = np.array([KINDS[one].operator for one in kind], dtype=object)
    for word in sorted(set(operator) - {OWN}):
        rows = operator == word
        if word in codes:
            operator[rows] = [organisation(code) for code in codes[word][cell[rows]]]
        else:
            operator[rows] = firm(word, rank[rows], len(codes["unit"]))
    return operator


def _roadside(streets: Streets, taken: Objects, rng: np.random.Generator) -> tuple[Objects, Ints, Floats, Ints, Floats]:
    """Where shops, stops and toilets stand outside the polygons ``taken``: type, street, measure, side and position."""
    street, side = kerbs(streets)
    grade = streets.grade[street]
    parts = []
    for point in POINTS:
        offset = side * (WALL_M[grade] + point.behind_wall_m)
        row, xy, measure = along(streets.lines[street], np.array(point.spacing_m)[grade], offset, rng, point.shake_m)
        built = rng.random(len(row)) < point.chance
        parts.append((np.full(built.sum(), point.type, dtype=object), row[built], measure[built], xy[built]))
    types, row, measure, xy = (np.concatenate(part) for part in zip(*parts, strict=True))
    free = _free(xy, street[row], streets, taken)
    return types[free], street[row[free]], measure[free], side[row[free]], xy[free]


def _free(xy: Floats, street: Ints, streets: Streets, taken: Objects) -> Bools:
    """Whether a position beside its street lies neither on another street nor in the polygons ``taken``."""
    points = shapely.points(xy)
    nearest, distance = shapely.STRtree(streets.lines).query_nearest(points, all_matches=False, return_distance=True)
    other = nearest[1]
    free: Bools = (other == street) | (distance >= WALL_M[streets.grade[other]])
    free[shapely.STRtree(taken).query(points, predicate="within")[0]] = False
    return free


def _lined(types: Objects, street: pd.Series, rng: np.random.Generator) -> dict[str, Objects]:
    """Columns of the points: a shop is called by its keeper and trade, a stop or toilet by its street."""
    keepers = zip(*family_names(len(types), rng), rng.integers(len(TRADES), size=len(types)), strict=True)
    shops = [(TRADES[trade][0].format(zh), TRADES[trade][1].format(en)) for zh, en, trade in keepers]
    kinds = {point.type: point for point in POINTS}
    others = [
        (called["zh"] + kinds[one].title[0], f"{called['en']} {kinds[one].title[1]}")
        for one, called in zip(types, street, strict=True)
    ]
    called = np.where((types == "shop")[:, None], np.array(shops, dtype=object), np.array(others, dtype=object))
    return {
        "name": called[:, 0],
        "english": called[:, 1],
        "type": types,
        "operator": np.full(len(types), None, dtype=object),
        "supervisor": np.array([kinds[one].supervisor for one in types], dtype=object),
    }

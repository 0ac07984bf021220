"""Streets and front doors as units of hot spots: segments of the network, strips before doors, stretches of kerb.

Neighbours are found along the street. Two streets, or the two sides of one, are not next to each other because they
are near: a wall, a block of houses or the traffic is between them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from gis_core.arrays import Bools, Floats, Ints, Objects, codes_of, missing, numbers_of, shapes_of
from gis_core.crs import project, shapes_to_wgs84
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import StreetSupport
from gis_core.hotspots.weights import MOST_PAIRS, linked
from gis_core.joins.compiled import compiled
from gis_core.ledger import STATES, Ledger
from gis_core.patrol.ground import Ground
from gis_core.patrol.network import StreetNetwork
from gis_core.patrol.places import on_edges
from gis_core.patrol.report import segment_codes

REACH_M = 25.0
"""Strips that follow each other with no more kerb between them are neighbours: a door, a gate, a short wall."""
STRETCH_M, STREET_STRETCH_M = 100.0, 200.0
"""Of one side of a street, and of both: about as far as one sees who stands before a door, and two blocks."""
TOUCHING_M = 0.1
M_PER_KM = 1000.0


@dataclass(frozen=True, eq=False)
class SegmentSupport(StreetSupport):
    """Segments of a network as units; of those that lie on each other the first is the unit for all.

    Parameters
    ----------
    edge
        Of each unit its edge of the network.
    of_edge
        Of each edge its unit.
    """

    edge: Ints
    of_edge: Ints

    def counted(self, edge: Ints, number: Ints) -> Ints:
        """Reports by unit, of reports on edges; what is on edge -1 is on no street and left out."""
        on = edge >= 0
        return _summed(self.of_edge[edge[on]], number[on], len(self.codes)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class FrontSupport(StreetSupport):
    """Strips before doors, or stretches of kerb, as units.

    Parameters
    ----------
    shops
        How many shops answer for each unit.
    of_strip
        Of each row of the ledger's strips its unit, -1 for what is nobody's.
    """

    shops: Ints
    of_strip: Ints

    def counted(self, told: Ints) -> Ints:
        """Violations by unit, of violations by row of the ledger's strips."""
        return _summed(self.of_strip, told, len(self.codes)).astype(np.int64)


def segment_support(network: StreetNetwork, ground: Ground) -> SegmentSupport:
    """Segments as units; neighbours share a junction. Those whose middle is in the same :data:`STREET_STRETCH_M` of a
    street are a stretch of it.

    Parameters
    ----------
    ground
        Of the same network; says how its segments are called.
    """
    codes, edge = segment_codes(ground), np.flatnonzero(network.twins.firsts(np.ones(len(network.u), np.bool_)))
    edge = edge[np.argsort(codes[edge].astype(str), kind="stable")]
    place = np.full(len(network.u), -1)
    place[edge] = np.arange(len(edge))
    middle_m = network.from_m[edge] + network.length_m[edge] / 2
    stretch = np.column_stack([network.street[edge], middle_m // STREET_STRETCH_M])
    return SegmentSupport(
        name="segment", codes=codes[edge], names=codes_of(ground.segments, "name")[edge],
        shapes=shapes_to_wgs84(network.lines[edge], f"EPSG:{network.srid}"),
        xy=on_edges(network, edge, network.length_m[edge] / 2), size=network.length_m[edge] / M_PER_KM, unit="km",
        near=linked(len(edge), _meeting(network.u[edge], network.v[edge])), edge=edge,
        of_edge=place[network.twins.first], stretch=np.unique(stretch, axis=0, return_inverse=True)[1],
    )  # fmt: skip


def segments_of(network: StreetNetwork, points: pd.DataFrame) -> tuple[Ints, Floats]:
    """Where on the network reports lie: the nearest place of the very street that each is on, however near another is.

    Parameters
    ----------
    points
        ``street`` (code), ``x`` and ``y`` in the network's CRS.

    Returns
    -------
    edge, at_m
        -1 and 0 for what is on no street of the network. Of edges that lie on each other it is the first.
    """
    known = pd.Series(np.arange(len(network.code)), index=pd.Index(network.code, dtype=object))
    known = known[~known.index.duplicated() & ~missing(network.code)]
    code = codes_of(points, "street")
    street = known.reindex(pd.Index(code, dtype=object)).fillna(-1).to_numpy(np.int64)
    bounds = np.searchsorted(network.street, np.arange(len(network.code) + 1))
    xy = points[["x", "y"]].to_numpy(np.float64)
    street = np.where(missing(code) | ~np.isfinite(xy).all(axis=1), -1, street)
    lines = np.ascontiguousarray(network.xy), network.begin.astype(np.int64), network.end.astype(np.int64)
    edge, at_m = _snapped(np.ascontiguousarray(xy), street, bounds.astype(np.int64), *lines)
    first, against = network.twins
    on = np.flatnonzero((edge >= 0) & (first[edge] != edge))
    of = edge[on]
    share = at_m[on] / network.length_m[of]
    edge[on], at_m[on] = first[of], np.where(against[of], 1 - share, share) * network.length_m[first[of]]
    return edge, np.clip(at_m, 0.0, np.where(edge >= 0, network.length_m[edge], 0.0))


def strip_support(book: Ledger, srid: int, between: Objects | None = None) -> FrontSupport:
    """Strips of shops as units, by code; neighbours follow each other on one side of a street with at most
    :data:`REACH_M` of kerb between them. They are of the stretches of :func:`stretch_support`.

    Parameters
    ----------
    book
        Front doors of a day: what is blank or excluded is no unit, and excluded metres have no size.
    srid
        The metric CRS.
    between
        Centre lines of streets, or walls, EPSG:4326: strips that do not touch and have one between them are apart.
    """
    strips = book.strips
    kept = np.flatnonzero(np.isin(codes_of(strips, "state"), STATES[:2]))
    # Of two strips of one code the drawn one is looked at; both are its ground.
    rows = kept[np.argsort(codes_of(strips, "origin")[kept] != "official", kind="stable")]
    codes, first, which = np.unique(
        codes_of(strips, "code")[rows].astype(str), return_index=True, return_inverse=True
    )  # fmt: skip
    unit = np.full(len(strips), -1)
    unit[rows] = which
    fronts = book.fronts.assign(unit=unit[book.fronts["strip"].to_numpy(np.int64)])
    shapes = shapes_of(strips)[rows[first]]
    metric = project(shapes, srid)
    pairs = _along(fronts[fronts["unit"] >= 0])
    if between is not None and len(between):
        pairs = pairs[~_parted(pairs, metric, project(between, srid))]
    of_stretch = np.full(len(strips), -1)
    fronts, code = _stretches(book, STRETCH_M)
    of_stretch[fronts["strip"].to_numpy(np.int64)] = np.unique(code, return_inverse=True)[1]
    return FrontSupport(
        name="strip", codes=codes.astype(object), names=codes_of(strips, "name")[rows[first]], shapes=shapes,
        xy=_inside(metric), size=_summed(unit, _open_m(strips), len(codes)) / M_PER_KM, unit="km",
        near=linked(len(codes), pairs), shops=_shops(strips, unit, len(codes)), of_strip=unit,
        stretch=of_stretch[rows[first]],
    )  # fmt: skip


def stretch_support(book: Ledger, srid: int, stretch_m: float = STRETCH_M) -> FrontSupport:
    """Stretches of one side of a street as units: the shops' strips whose longest front begins in each. Neighbours are
    those before and behind; two are of a stretch twice as long.

    Parameters
    ----------
    book, srid
        As :func:`strip_support` takes them.
    stretch_m
        How long a stretch is at most.
    """
    strips = book.strips
    fronts, code = _stretches(book, stretch_m)
    codes, first, which = np.unique(code, return_index=True, return_inverse=True)
    unit = np.full(len(strips), -1)
    unit[fronts["strip"].to_numpy(np.int64)] = which
    rows = np.flatnonzero(unit >= 0)
    rows = rows[np.argsort(unit[rows], kind="stable")]
    parts, of = shapely.get_parts(shapes_of(strips)[rows], return_index=True)
    shapes = shapely.multipolygons(parts, indices=unit[rows][of]) if len(parts) else np.empty(0, object)
    begin_m = fronts["from_m"].to_numpy(np.float64) // stretch_m * stretch_m
    side = fronts.assign(unit=which, from_m=begin_m, to_m=begin_m).iloc[first]
    return FrontSupport(
        name="stretch", codes=codes.astype(object), names=codes_of(side, "street"), shapes=shapes,
        xy=_inside(project(shapes, srid)), size=_summed(unit, _open_m(strips), len(codes)) / M_PER_KM, unit="km",
        near=linked(len(codes), _along(side, stretch_m)), shops=_shops(strips, unit, len(codes)), of_strip=unit,
        stretch=np.unique(_stretches(book, 2 * stretch_m)[1][first], return_inverse=True)[1],
    )  # fmt: skip


def _stretches(book: Ledger, stretch_m: float) -> tuple[pd.DataFrame, Objects]:
    """The longest front of each strip that is somebody's, and the code of the stretch that it begins in."""
    fronts = book.fronts.sort_values("length_m", kind="stable").drop_duplicates("strip", keep="last")
    fronts = fronts[np.isin(codes_of(book.strips, "state"), STATES[:2])[fronts["strip"].to_numpy(np.int64)]]
    nth = (fronts["from_m"].to_numpy(np.float64) // stretch_m).astype(np.int64)
    begin = np.char.mod("%d", nth * int(stretch_m)).astype(object)
    code = codes_of(fronts, "street") + "@" + begin + ":" + codes_of(fronts, "side")
    return fronts, code.astype(str)


def _meeting(u: Ints, v: Ints) -> Ints:
    """Pairs of edges that share a node."""
    if not len(u):
        return np.empty((0, 2), np.int64)
    ends, edge = np.concatenate([u, v]), np.tile(np.arange(len(u)), 2)
    found = int((np.bincount(ends).astype(np.float64) ** 2).sum())
    if found > MOST_PAIRS:
        raise InvalidInput("hotspot_dense", value=0.0, found=found, limit=MOST_PAIRS)
    touched = csr_array((np.ones(len(ends), np.int64), (edge, ends)), shape=(len(u), int(ends.max()) + 1))
    return np.column_stack((touched @ touched.T).nonzero()).astype(np.int64)


def _along(fronts: pd.DataFrame, reach_m: float = REACH_M) -> Ints:
    """Pairs of units that follow each other on one side of a street with no more than ``reach_m`` between them."""
    if not len(fronts):
        return np.empty((0, 2), np.int64)
    key = pd.MultiIndex.from_arrays([codes_of(fronts, "street"), codes_of(fronts, "side")])
    side = pd.factorize(key)[0]
    begin, end = (numbers_of(fronts, name, 0.0) for name in ("from_m", "to_m"))
    order = np.lexsort((begin, side))
    reached = pd.Series(end[order]).groupby(side[order]).cummax().to_numpy()
    follows = (np.diff(side[order]) == 0) & (begin[order][1:] - reached[:-1] <= reach_m)
    unit = fronts["unit"].to_numpy(np.int64)[order]
    return np.column_stack([unit[:-1], unit[1:]])[follows]


def _parted(pairs: Ints, shapes: Objects, between: Objects) -> Bools:
    """Which pairs do not touch and have something between them."""
    parted = np.zeros(len(pairs), np.bool_)
    one, other = pairs.T
    away = np.flatnonzero(shapely.distance(shapes[one], shapes[other]) > TOUCHING_M)
    xy = _inside(shapes)
    lines = shapely.linestrings(np.stack([xy[one[away]], xy[other[away]]], axis=1))
    parted[away[np.unique(shapely.STRtree(between).query(lines, predicate="intersects")[0])]] = True
    return parted


def _inside(shapes: Objects) -> Floats:
    """A place within each."""
    xy: Floats = shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)
    return xy


def _open_m(strips: pd.DataFrame) -> Floats:
    return numbers_of(strips, "length_m", 0.0) - numbers_of(strips, "excluded_m", 0.0)


def _shops(strips: pd.DataFrame, unit: Ints, units: int) -> Ints:
    return np.rint(_summed(unit, numbers_of(strips, "units", 0.0), units)).astype(np.int64)


def _summed(unit: Ints, values: Floats | Ints, units: int) -> Floats:
    """Sums by unit; what is of none is left out."""
    own = unit >= 0
    return np.bincount(unit[own], values[own], minlength=units).astype(np.float64)


@compiled
def _snapped(
    points: Floats, street: Ints, bounds: Ints, xy: Floats, begin: Ints, end: Ints
) -> tuple[Ints, Floats]:  # fmt: skip
    """Of each point the edge of its street that is nearest, and how far along it; -1 and 0 without a street."""
    edge, at_m = np.full(len(points), -1), np.zeros(len(points))
    for nth in range(len(points)):
        if street[nth] < 0:
            continue
        px, py = points[nth]
        least = np.inf
        for one in range(bounds[street[nth]], bounds[street[nth] + 1]):
            along_m = 0.0
            for chord in range(begin[one], end[one]):
                x, y = xy[chord]
                dx, dy = xy[chord + 1, 0] - x, xy[chord + 1, 1] - y
                square = dx * dx + dy * dy
                share = 0.0
                if square > 0:
                    share = min(max(((px - x) * dx + (py - y) * dy) / square, 0.0), 1.0)
                away = (x + share * dx - px) ** 2 + (y + share * dy - py) ** 2
                length_m = np.sqrt(square)
                if away < least:
                    least, edge[nth], at_m[nth] = away, one, along_m + share * length_m
                along_m += length_m
    return edge, at_m

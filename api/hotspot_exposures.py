"""What reports are compared with, by unit: area or length, shops, patrol."""

import numpy as np
import shapely

from api.hotspot_grounds import Area, shops_at
from api.hotspot_questions import DAYS, LATTICE, SEGMENT, STRIP, Question
from api.patrolling import Patrolling, midnight_of
from gis_core.arrays import Floats, Ints
from gis_core.crs import project
from gis_core.hotspots.asking import Support
from gis_core.hotspots.street_supports import FrontSupport, SegmentSupport
from gis_core.hotspots.supports import lattice_places
from gis_core.patrol.exposure import effort, spent
from gis_core.patrol.exposure import exposure_of as patrol_of
from gis_core.patrol.places import on_edges
from layers.store import Store

SHOP_REACH_M = 30.0
"""So far from a street a shop may be and still be one of its segment's."""


def exposure_of(
    store: Store, question: Question, area: Area, support: Support, streets: Patrolling | None
) -> Floats | None:
    """By unit, what reports are compared with; ``None`` where each unit counts alike.

    Parameters
    ----------
    streets
        Where it is patrol, what is known of it, for the question's local days.
    """
    if question.per == "none":
        return None
    if question.per == "size":
        return support.size
    if question.per == "shops":
        return _shops(store, question, area, support)
    assert streets is not None
    return _patrol(question, support, streets)


def _shops(store: Store, question: Question, area: Area, support: Support) -> Floats:
    """Shops by unit: of areas where they stand, of segments those nearest, of strips those that answer."""
    if isinstance(support, FrontSupport):
        return support.shops.astype(np.float64)
    points = shops_at(store, question.until)
    if question.support == SEGMENT:
        tree = shapely.STRtree(project(support.shapes, area.srid))
        shop, unit = tree.query_nearest(project(points, area.srid), max_distance=SHOP_REACH_M, all_matches=False)
    elif question.support == LATTICE:
        unit = lattice_places(support, shapely.get_coordinates(project(points, area.srid)), question.cell_m)
        unit = unit[unit >= 0]
        return np.bincount(unit, minlength=len(support.codes)).astype(np.float64)
    else:
        shop, unit = shapely.STRtree(support.shapes).query(points, predicate="intersects")
    # On a border a shop is in the first of the cells that meet there.
    order = np.lexsort((unit, shop))
    first = order[np.unique(shop[order], return_index=True)[1]]
    return np.bincount(unit[first], minlength=len(support.codes)).astype(np.float64)


def _patrol(question: Question, support: Support, streets: Patrolling) -> Floats:
    """Patrol by unit, as :func:`gis_core.patrol.exposure.effort` tells it."""
    begin_s = midnight_of(question.since, streets.zone).timestamp()
    end_s = midnight_of(question.until + DAYS, streets.zone).timestamp()
    assert question.support != STRIP
    if question.support == LATTICE:
        metres, seconds = spent(streets.log, begin_s, end_s)
        unit = lattice_places(support, _middles(streets), question.cell_m)
        of_units = [_summed(unit, one, len(support.codes)) for one in (metres, seconds)]
    elif isinstance(support, SegmentSupport):
        told = patrol_of(streets.log, streets.ground, begin_s, end_s).segments
        of_units = [told[name].to_numpy(np.float64)[support.edge] for name in ("patrol_m", "patrol_s")]
    else:
        told = patrol_of(streets.log, streets.ground, begin_s, end_s, question.support).grids.set_index("grid")
        named = told.reindex(support.codes).fillna(0.0)
        of_units = [named[name].to_numpy(np.float64) for name in ("patrol_m", "patrol_s")]
    return effort(*of_units)


def _middles(streets: Patrolling) -> Floats:
    """The middle of every piece of the network, metric CRS."""
    edge = streets.ground.pieces["edge"].to_numpy(np.int64)
    length_m = streets.ground.pieces["length_m"].to_numpy(np.float64)
    first = np.searchsorted(edge, edge)
    at_m = (np.arange(len(edge)) - first + 0.5) * length_m
    return on_edges(streets.network, edge, at_m)


def _summed(unit: Ints, values: Floats, units: int) -> Floats:
    own = unit >= 0
    sums: Floats = np.bincount(unit[own], values[own], minlength=units).astype(np.float64)
    return sums

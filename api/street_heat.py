"""Reports along streets as the page of backstreets compares them with patrol."""

import datetime as dt

import numpy as np

from api.patrolling import Patrolling
from gis_core.hotspots.patrol_heat import patrol_heat
from gis_core.hotspots.street_supports import segments_of
from gis_core.patrol.exposure import exposure_of
from layers.heat import Window, street_points
from layers.store import Store
from map_ui.data import PatrolHeat

SHIFT = 14
"""Reports are counted in cells of about 5 m along their street: a junction is not nearer than that."""


def street_heat(store: Store, patrolling: Patrolling, since: dt.datetime, until: dt.datetime) -> PatrolHeat:
    """Reports and patrol from ``since`` on and before ``until`` on the segments in scope that are to be patrolled."""
    network, support = patrolling.network, patrolling.support
    points = street_points(store, Window(since, until), SHIFT)
    edge, _ = segments_of(network, points)
    counts = support.counted(edge, points["number"].to_numpy(np.int64))
    patrol = exposure_of(patrolling.log, patrolling.ground, since.timestamp(), until.timestamp()).segments
    chosen = patrolling.ground.due & patrolling.seen(store.scope)
    unit, answer = patrol_heat(support, counts, patrol, chosen)
    elsewhere = int(points["number"].sum()) - int(answer.cells["count"].sum())
    return PatrolHeat(answer=answer, unit=unit, since=since, until=until, elsewhere=elsewhere)

"""Reports along streets as the page of backstreets compares them with patrol."""

import datetime as dt

import numpy as np
import pandas as pd

from api.patrolling import Patrolling
from gis_core.arrays import Bools
from gis_core.hotspots.patrol_heat import patrol_heat
from gis_core.hotspots.street_supports import segments_of
from gis_core.patrol.exposure import exposure_of
from layers.heat import Window, street_points
from layers.store import Store
from map_ui.data import PatrolHeat

SHIFT = 14
"""Reports are counted in cells of about 5 m along their street: a junction is not nearer than that."""


def street_reports(store: Store, since: dt.datetime, until: dt.datetime) -> pd.DataFrame:
    """Reports in scope from ``since`` on and before ``until``, counted along their streets."""
    return street_points(store, Window(since, until), SHIFT)


def street_heat(
    patrolling: Patrolling, points: pd.DataFrame, seen: Bools, since: dt.datetime, until: dt.datetime
) -> PatrolHeat:
    """Reports and patrol of a window on the segments in scope that are to be patrolled.

    Parameters
    ----------
    points
        As :func:`street_reports` counts them.
    seen
        Which segments are in scope.
    """
    network, support = patrolling.network, patrolling.support
    edge, _ = segments_of(network, points)
    counts = support.counted(edge, points["number"].to_numpy(np.int64))
    patrol = exposure_of(patrolling.log, patrolling.ground, since.timestamp(), until.timestamp()).segments
    unit, answer = patrol_heat(support, counts, patrol, patrolling.ground.due & seen)
    elsewhere = int(points["number"].sum()) - int(answer.cells["count"].sum())
    return PatrolHeat(answer=answer, unit=unit, since=since, until=until, elsewhere=elsewhere)

"""Every kernel compiled before it is needed: ``python -m gis_core.joins.warming``."""

import numpy as np
import pandas as pd
import shapely

from gis_core.joins.buckets import Buckets
from gis_core.joins.radius import RadiusGrid
from gis_core.joins.raster import CellRaster
from gis_core.joins.segments import SegmentRaster
from gis_core.mvt import encode
from gis_core.patrol.coverage import PatrolLog
from gis_core.patrol.exposure import spent, walked_by_carrier
from gis_core.patrol.matching import DRIVER, WALKER, Matcher
from gis_core.patrol.network import build_network
from gis_core.patrol.routes import shortest_path
from gis_core.patrol.tracks import clean_track
from gis_core.routing.arcs import ArcProblem, min_max


def compile_all() -> None:
    """Build and ask every kind of index once, over shapes that overlap and points on their corners."""
    corner = np.stack(np.meshgrid(np.arange(12.0), np.arange(12.0)), axis=-1).reshape(-1, 2)
    points = np.concatenate([corner, np.random.default_rng(1).uniform(-1, 13, (1_000, 2))])
    squares = shapely.box(*corner.T, *(corner.T + 1.5))
    for polygons in (CellRaster(squares), Buckets(squares)):
        polygons.pairs(points)
    lines = shapely.get_exterior_ring(squares)
    SegmentRaster(lines, 1.0).nearest(points, 1.0)
    ones = np.ones(len(points))
    encode("warm", squares, np.arange(len(squares)), {}, 0, 0, 0)
    RadiusGrid(lines, 1.0, np.ones(len(lines), np.int64)).within(points, ones, ones.astype(np.int64))
    _walk()
    _street()


def _walk() -> None:
    """A walk round a block."""
    ring = np.array([(114.0, 30.0), (114.001, 30.0), (114.001, 30.001), (114.0, 30.001), (114.0, 30.0)])
    streets = pd.DataFrame({"code": ["ring"], "geometry": [shapely.linestrings(ring)]})
    network, t = build_network(streets, 4547), np.arange(0.0, 300.0, 5.0)
    lon, lat = (np.interp(t, np.linspace(0, 300, 5), axis) for axis in ring.T)
    points = clean_track(pd.DataFrame({"t": t, "lon": lon, "lat": lat}), 4547, 300.0).points
    for mover in (WALKER, DRIVER):
        matcher = Matcher(network, mover)
        found = matcher.match(points[["x", "y"]].to_numpy(), points["t"].to_numpy(), points["piece"].to_numpy())
    log = PatrolLog(network, found)
    log = log.with_passes(found, pd.DataFrame({"carrier": ["0"], "begin_s": [0.0], "end_s": [300.0]}))
    log.within(0.0, 300.0)
    spent(log, 0.0, 300.0)
    walked_by_carrier(log, 0.0, 300.0, np.ones(len(network.u), np.bool_))
    shortest_path(network.graph(), 0, 0, 100.0)


def _street() -> None:
    """One street to be walked, and two who may walk it."""
    there = np.array([0, 1])
    problem = ArcProblem(
        ways=np.array([[0, 1], [1, 0]]), task=np.zeros(2, np.int64), tail=there, head=there[::-1],
        cost=np.ones(2, np.int64), start=0, end=0, routes=2,
    )  # fmt: skip
    min_max(problem, steps=1, before=((0,), ()))
    min_max(problem, steps=1)


if __name__ == "__main__":
    compile_all()

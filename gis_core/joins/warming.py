"""Every kernel compiled before it is needed: ``python -m gis_core.joins.warming``."""

import numpy as np
import shapely

from gis_core.joins.buckets import Buckets
from gis_core.joins.radius import RadiusGrid
from gis_core.joins.raster import CellRaster
from gis_core.joins.segments import SegmentRaster
from gis_core.mvt import encode


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


if __name__ == "__main__":
    compile_all()

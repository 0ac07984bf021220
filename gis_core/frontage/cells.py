"""Stretches of kerb made ground: every place between kerb and wall goes to the stretch it is nearest to."""

from collections.abc import Callable
from functools import partial

import numpy as np
import shapely

from gis_core.arrays import Floats, Ints, Objects
from gis_core.frontage.blocks import Kerbs
from gis_core.frontage.rules import StripRules
from gis_core.frontage.stretches import Stretches

STEP_M, NEAR_M = 0.5, 0.02
"""Between the places by which a stretch is known, and from its ends to the first of them: what lies between two
stretches is divided evenly, corners included, since both have their places at the same distances from their border.
"""
GAP_M, GRAIN_M = 0.01, 0.0001
"""Gaps up to this width are closed; corners lie on whole tenths of a millimetre."""
SNAPS_M = (0.001, 0.003, 0.01, 0.01, 0.02)
"""Corners nearer than this become one: mostly the first is enough."""
FAR = 3.0
ATTEMPTS, ROUGHLY = ((0, 0.0), (4, 0.0), (4, 1.0), (4, 2.0)), 1e-6
"""Of places whose hull has many in a row the triangles are sometimes wrong, so that grounds overlap: they differ from
what they cover by more than this share. Then four more places, so many times as far as the block is long, make the hull
a square; and where that does not help, all is turned, in radians."""


def cells(
    whole: Objects, behind: Objects, of: Ints, kerbs: Kerbs, stretches: Stretches, walls: Objects, rules: StripRules,
    drawn: Ints, tell: Callable[[int, int], None] = lambda *_: None,
) -> Objects:  # fmt: skip
    """The ground of each stretch: a coverage, without overlap or gap.

    Parameters
    ----------
    whole, behind, of
        As :func:`gis_core.frontage.blocks.blocks` has them.
    walls
        Footprints and fences, in metres.
    drawn
        Positions of the blocks that are wanted; stretches of others have no ground.
    tell
        Told before each block how many are done, and how many there are.
    """
    place, stretch = _places(kerbs, stretches)
    block = kerbs.ring_block[stretches.ring[stretch]]
    found = np.full(len(stretches.owner), shapely.Polygon(), dtype=object)
    order = np.argsort(block, kind="stable")
    bounds, tree = np.searchsorted(block[order], np.arange(len(whole) + 1)), shapely.STRtree(walls)
    for done, one in enumerate(drawn.tolist()):
        tell(done, len(drawn))
        mine = order[bounds[one] : bounds[one + 1]]
        if len(mine):
            # Far from the origin the last digits of coordinates are too coarse for what follows.
            here = partial(_moved, by=np.floor(shapely.bounds(whole[one])[:2]))
            block_, kerb = here(np.array([whole[one], shapely.union_all(behind[of == one])]))
            near = here(walls[tree.query(whole[one], predicate="intersects")])
            of_it = block_, kerb, here(place[mine]), stretch[mine], rules
            try:
                which, ground = _of_block(near, *of_it)
            except shapely.errors.GEOSException:
                # Walls that cannot be reckoned with: one block without them rather than a city without strips.
                which, ground = _of_block(near[:0], *of_it)
            found[which] = here(ground, back=True)
    return found


def _moved(shapes: Objects, by: Floats, *, back: bool = False) -> Objects:
    found: Objects = shapely.transform(shapes, lambda xy: xy + by if back else xy - by)
    return found


def _places(kerbs: Kerbs, stretches: Stretches) -> tuple[Objects, Ints]:
    """Points of the kerb, each with its stretch, in the order of stretches: from both ends in equal steps."""
    length = stretches.end_m - stretches.begin_m
    steps = np.maximum(np.floor((length / 2 - NEAR_M) / STEP_M).astype(np.int64), 0) + 1
    stretch = np.repeat(np.arange(len(length)), 2 * steps)
    nth = np.arange(len(stretch)) - np.repeat(np.cumsum(2 * steps) - 2 * steps, 2 * steps)
    from_begin = nth < steps[stretch]
    step = np.where(from_begin, nth, 2 * steps[stretch] - 1 - nth)
    inwards = np.minimum(NEAR_M, length[stretch] / 4) + step * STEP_M
    along = np.where(from_begin, stretches.begin_m[stretch] + inwards, stretches.end_m[stretch] - inwards)
    ring = stretches.ring[stretch]
    return kerbs.points(ring, along % kerbs.ring_m[ring]), stretch


def _of_block(
    walls: Objects, whole: shapely.Geometry, behind: shapely.Geometry, places: Objects, stretch: Ints, rules: StripRules
) -> tuple[Ints, Objects]:  # fmt: skip
    """Of one block: the stretches, and the ground of each."""
    first = np.flatnonzero(np.diff(stretch, prepend=-1))
    which = stretch[first]
    # Most blocks have no shop at all: what is one stretch's has no borders to be found.
    alone = len(first) == 1
    regions = np.array([whole]) if alone else _regions(places, first, whole)
    inner = _sound(shapely.buffer(behind, -rules.set_back_m, join_style="mitre"))
    ground = shapely.intersection(regions, shapely.difference(whole, inner))
    if len(walls):
        ground = _to_the_wall(ground, regions, whole, behind, walls, places, stretch, which, rules)
    return which, _fitting(ground)


def _fitting(ground: Objects) -> Objects:
    """The same on whole tenths of a millimetre, without overlap or a gap that is narrower than :data:`GAP_M`."""
    for snap_m in SNAPS_M:
        ground = shapely.coverage_clean(ground, gap_width=GAP_M, snapping_distance=snap_m)
        ground = shapely.transform(ground, lambda xy: np.rint(xy / GRAIN_M) * GRAIN_M)
        if shapely.coverage_is_valid(ground, gap_width=GAP_M) and shapely.is_valid(ground).all():
            break
    return ground


def _regions(places: Objects, first: Ints, whole: shapely.Geometry) -> Objects:
    """The ground that is nearest to each row of places.

    Parameters
    ----------
    first
        The first place of each row.

    Raises
    ------
    ArithmeticError
        When no frame leads to grounds that do not overlap: better no strips than wrong ones.
    """
    west, south, east, north = shapely.bounds(whole)
    centre, far = np.array([west + east, south + north]) / 2, FAR * max(east - west, north - south)
    # Two places in one would have no ground in any way.
    apart = np.sort(np.unique(shapely.get_coordinates(places), axis=0, return_index=True)[1])
    found = np.full(len(places), shapely.Polygon(), dtype=object)
    for more, turn in ATTEMPTS:
        angles = 0.3 + np.arange(more) * np.pi / 2
        frame = shapely.points(centre + far * np.column_stack([np.cos(angles), np.sin(angles)]))
        try:
            found[apart] = _apart(np.append(places[apart], frame), whole, turn)[: len(apart)]
            return np.array([_together(part) for part in np.split(found, first[1:])])
        except (ArithmeticError, shapely.errors.GEOSException):
            pass
    raise ArithmeticError(f"grounds of {len(places)} places of kerb overlap")


def _apart(places: Objects, whole: shapely.Geometry, angle: float) -> Objects:
    """The ground of each place, over the whole and beyond."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points, area = (shapely.transform(one, lambda xy: xy @ turn) for one in (places, whole))
    drawn = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=area, ordered=True)
    all_of_it = shapely.area(shapely.envelope(drawn))
    if not abs(shapely.area(drawn) - all_of_it) < ROUGHLY * all_of_it:
        raise ArithmeticError
    found: Objects = shapely.transform(shapely.get_parts(drawn), lambda xy: xy @ turn.T)
    # Of places that the triangles take for one, one has the ground; and where many meet, some cross in the last digit.
    found[shapely.get_dimensions(found) < 2] = shapely.Polygon()
    crossed = ~shapely.is_valid(found)
    found[crossed] = shapely.make_valid(found[crossed])
    return found


def _together(parts: Objects) -> shapely.Geometry:
    try:
        found = shapely.coverage_union_all(parts)
        if shapely.is_valid(found):
            return found
    except shapely.errors.GEOSException:
        pass
    # Corners of triangles that are the same but for their last digit.
    return shapely.union_all(parts, grid_size=GRAIN_M)


def _to_the_wall(
    ground: Objects, regions: Objects, whole: shapely.Geometry, behind: shapely.Geometry, walls: Objects,
    places: Objects, stretch: Ints, which: Ints, rules: StripRules,
) -> Objects:  # fmt: skip
    """Ground up to the walls that face the kerb, where there are any; else as deep as without."""
    half = rules.gap_m / 2
    standing = shapely.union_all(walls)
    closed = standing
    for by in (half, -half):
        closed = _sound(shapely.buffer(closed, by, join_style="mitre"))
    # Alleys between houses are closed, lanes are not.
    lanes = shapely.buffer(shapely.difference(shapely.envelope(whole), behind), half)
    built = shapely.union(standing, shapely.difference(closed, lanes))
    built = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(built))))
    depth = _depth_m(places, stretch, which, behind, built, rules)
    faced = np.isfinite(depth)
    edge = shapely.boundary(behind)
    deep = shapely.difference(shapely.intersection(regions[faced], whole), built)
    ground = shapely.difference(ground, built)
    ground[faced] = shapely.intersection(
        deep, shapely.union(shapely.buffer(edge, depth[faced] + GAP_M), shapely.difference(whole, behind))
    )
    return _touching(ground, edge)


def _sound(shape: shapely.Geometry) -> shapely.Geometry:
    """The same without edges that cross, which mitred buffers may have."""
    return shape if shapely.is_valid(shape) else shapely.make_valid(shape)


def _depth_m(
    places: Objects, stretch: Ints, which: Ints, behind: shapely.Geometry, built: shapely.Geometry, rules: StripRules
) -> Floats:
    """How far from the kerb the farthest wall is that faces a stretch; NaN where none does."""
    depth = np.full(len(which), np.nan)
    reach = shapely.distance(places, built)
    near = reach <= rules.deepest_m
    ways = shapely.shortest_line(places[near], built)
    # A wall faces the kerb if no other kerb is nearer to where the way meets it.
    met = shapely.get_point(ways, -1)
    facing = shapely.distance(met, shapely.boundary(behind)) >= reach[near] - STEP_M
    nth = np.searchsorted(which, stretch[near][facing])
    np.fmax.at(depth, nth, reach[near][facing])
    return depth


def _touching(ground: Objects, kerb: shapely.Geometry) -> Objects:
    """Of each ground the parts that reach the kerb: what lies behind a wall is nobody's strip."""
    parts, row = shapely.get_parts(ground, return_index=True)
    kept = (shapely.get_dimensions(parts) == 2) & shapely.dwithin(parts, kerb, GAP_M)
    found = np.full(len(ground), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(parts[kept], indices=row[kept], out=found)
    return found

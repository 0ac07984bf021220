"""What hot spots are counted on: what somebody sees of the territory, canvases and units; kept by state and sight."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import shapely

from api.hotspot_questions import LATTICE, SEGMENT, STRIP, Question, refused
from api.ledgers import book_of
from api.patrolling import EPOCH, Patrolling, midnight_of
from api.remembering import Remembered
from gis_core.arrays import Bools, Objects, shapes_of
from gis_core.crs import project, shapes_to_wgs84
from gis_core.errors import InvalidInput
from gis_core.hotspots.answers_heat import drawn_canvas
from gis_core.hotspots.asking import Support
from gis_core.hotspots.street_supports import FrontSupport, SegmentSupport, strip_support
from gis_core.hotspots.supports import grid_support, lattice_support
from gis_core.hotspots.surface import COARSE, Canvas
from gis_core.ledger import Ledger
from gis_core.territory import Territory
from gis_core.validity import on_day
from layers.store import Store

Made = TypeVar("Made")
AREAS_KEPT, BOOKS_KEPT = 8, 2
PARTS_BYTES = 256_000_000
"""Of canvases and units that are kept, of all areas together."""
A_UNIT_BYTES, A_CELL_BYTES = 2_000, 20
"""About what a unit takes with its shape, texts and neighbours, and a cell of a canvas with its levelling."""
MOST_CELLS = 4_000_000
"""Cells of a canvas at most."""
READ = ("code", "name", "level", "parent", "valid_from", "valid_to")


@dataclass(frozen=True, eq=False)
class Area:
    """What somebody sees of the territory on a day.

    Parameters
    ----------
    cells
        The territory, of which only grids are there, those in sight.
    day
        Days since 1970.
    shape
        The lowest cells in one, metric CRS.
    _parts, _key
        Where what was made of it is kept, by this key: all areas share it.
    """

    cells: Territory
    day: int
    shape: shapely.Geometry
    _parts: Remembered[object] = field(default_factory=lambda: Remembered(PARTS_BYTES))
    _key: tuple[object, ...] = ()

    @property
    def srid(self) -> int:
        """Of the metric CRS."""
        return self.cells.city.metric_srid

    @property
    def outline(self) -> shapely.Geometry:
        """The shape in EPSG:4326."""
        return self._once(
            ("outline",), lambda: shapes_to_wgs84(np.array([self.shape], dtype=object), f"EPSG:{self.srid}")[0]
        )

    def canvas(self, bandwidth_m: float) -> Canvas:
        """Cells for heat of a bandwidth.

        Raises
        ------
        InvalidInput
            When there would be too many: it says which bandwidth would do.
        """
        west, south, east, north = shapely.bounds(self.shape)
        least_m = float(np.sqrt((east - west) * (north - south) / MOST_CELLS)) * COARSE
        if bandwidth_m < least_m:
            raise refused("bandwidth_m", f"{bandwidth_m:g}", f"≥ {np.ceil(least_m):g}")
        return self._once(("canvas", bandwidth_m), lambda: drawn_canvas(self.shape, bandwidth_m))

    def lattice(self, cell_m: float) -> Support:
        """Squares over it."""
        return self._once((LATTICE, cell_m), lambda: lattice_support(self.shape, self.srid, cell_m))

    def grids(self, level: str) -> Support:
        """Its cells of a level.

        Raises
        ------
        InvalidInput
            When it has none of them.
        """
        support = self._once(("grid", level), lambda: grid_support(self.cells, level, self.day))
        if not len(support.codes):
            raise InvalidInput("hotspot_nowhere")
        return support

    def segments(self, streets: Patrolling, seen: Bools) -> SegmentSupport:
        """Segments of the streets in sight."""
        key = (SEGMENT, streets.state)
        return self._once(key, lambda: _seen(streets.support, seen))

    def _once(self, key: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """What was made of this area before, else made now."""
        key = (self._key, *key)
        found = self._parts.get(key)
        if found is None:
            self._parts.put(key, found := make(), _bytes_of(found))
        return found  # type: ignore[return-value]


class Grounds:
    """Areas and units of a store, kept by a process."""

    def __init__(self) -> None:
        self._read: Remembered[Territory] = Remembered(AREAS_KEPT)
        self._areas: Remembered[Area] = Remembered(AREAS_KEPT)
        self._parts: Remembered[object] = Remembered(PARTS_BYTES)
        self._ledgers: Remembered[Ledger] = Remembered(BOOKS_KEPT)
        self._strips: Remembered[FrontSupport] = Remembered(BOOKS_KEPT)

    def area(self, store: Store, day: dt.date) -> Area:
        """What a store's scope takes in of the newest territory on a day.

        Raises
        ------
        InvalidInput
            When that is no ground at all.
        """
        sight, (version, revision) = store.scope.sight, store.scope.states
        # Which cells are in sight may change with every revision; but all cells are all cells.
        key: tuple[object, ...] = (version, None if sight.everything else revision, sight.key)
        cells = self._read.get(key)
        if cells is None:
            frames = {"grids": store.read("grids", version, only=READ)}
            self._read.put(key, cells := Territory(store.city, version, revision, frames))
        number = (day - EPOCH).days
        key = (*key, on_day(cells.frames["grids"], number).tobytes())
        area = self._areas.get(key)
        if area is None:
            self._areas.put(key, area := Area(cells, number, _ground(cells, number), self._parts, key))
        return area

    def support(self, store: Store, question: Question, streets: Patrolling | None) -> Support:
        """The units of a question that are in scope.

        Parameters
        ----------
        streets
            Of segments, what is known of patrol.
        """
        area = self.area(store, question.until)
        if question.support == LATTICE or question.support is None:
            return area.lattice(question.cell_m)
        if question.support == SEGMENT:
            assert streets is not None
            return area.segments(streets, streets.seen(store.scope))
        if question.support != STRIP:
            return area.grids(question.support)
        key = (store.scope.states, store.scope.sight.key, question.until)
        strips = self._strips.get(key)
        if strips is None:
            book = book_of(self._ledgers, store, midnight_of(question.until, store.city.zone))
            self._strips.put(key, strips := strip_support(book, area.srid))
        if not len(strips.codes):
            raise InvalidInput("hotspot_nowhere")
        return strips


def _bytes_of(part: object) -> int:
    """About what a part of an area takes."""
    if isinstance(part, Canvas):
        return part.inside.size * A_CELL_BYTES
    return len(part.codes) * A_UNIT_BYTES if isinstance(part, Support) else int(shapely.get_num_coordinates(part)) * 16


def shops_at(store: Store, day: dt.date) -> Objects:
    """Where the shops in scope are that are open on a day, points in EPSG:4326."""
    places = store.read("places", store.scope.states[0], only=("type", "valid_from", "valid_to"))
    there = (places["type"] == "shop").to_numpy(bool) & on_day(places, (day - EPOCH).days)
    points: Objects = shapely.point_on_surface(shapes_of(places)[there])
    return points


def _ground(cells: Territory, day: int) -> shapely.Geometry:
    """The lowest cells there are on a day in one, metric CRS."""
    levels = [level.frame for level in cells.on(day).levels]
    lowest = next((frame for frame in reversed(levels) if len(frame)), None)
    if lowest is None:
        raise InvalidInput("hotspot_nowhere")
    return shapely.union_all(project(shapely.force_2d(shapes_of(lowest)), cells.city.metric_srid))


def _seen(support: SegmentSupport, seen: Bools) -> SegmentSupport:
    """The same of the segments in sight."""
    kept = seen[support.edge]
    if not kept.any():
        raise InvalidInput("hotspot_nowhere")
    if kept.all():
        return support
    place = np.where(kept, np.cumsum(kept) - 1, -1)
    of_edge = np.where(support.of_edge >= 0, place[support.of_edge], -1)
    picked = {
        name: getattr(support, name)[kept] for name in ("codes", "names", "shapes", "xy", "size", "edge", "stretch")
    }
    return replace(support, **picked, near=support.near.among(kept), of_edge=of_edge)

"""Hot spots as people ask for them: counted in the database, answered by a method, remembered by state."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
import shapely

from api.hotspot_bounds import check_work
from api.hotspot_exposures import exposure_of
from api.hotspot_grounds import Area, Grounds
from api.hotspot_questions import DAYS, LATTICE, SEGMENT, STRIP, Question, method_of
from api.patrolling import EPOCH, Patrolling, midnight_of
from api.remembering import Remembered
from gis_core.answers import GRID_COLUMNS
from gis_core.arrays import Ints
from gis_core.errors import InvalidInput
from gis_core.hotspots.answers_heat import day_weights
from gis_core.hotspots.asking import Answer, Given, Points, Support
from gis_core.hotspots.methods import Method
from gis_core.hotspots.street_supports import SegmentSupport, segments_of
from gis_core.hotspots.supports import lattice_places
from gis_core.lattice import BITS
from layers.heat import Weigh, Window, points, street_points, unit_counts
from layers.store import Store
from map_ui.data import Hotspots as Page

Key = tuple[object, ...]
FRESH, FRESH_ON_PAGES = dt.timedelta(minutes=1), dt.timedelta(minutes=5)
"""How long answers stay though reports come in: each would throw all of them away."""
ANSWER_BYTES, PAGES_BYTES = 256_000_000, 64_000_000
A_FEATURE_BYTES = 2_000
"""About what a row of an answer takes."""
QUESTIONS_KEPT = 1_000
WORLD_M = 40_075_017.0
EXACT_M = 2.0
"""Side of the cells that reports are counted in for methods that look at single places."""
IN_A_SQUARE = 16
"""Cells along a side of a lattice's square that reports are counted in, so that few are taken for the neighbour's."""


@dataclass(frozen=True, eq=False)
class Found:
    """An answer that is remembered, ready to be cut into views.

    Parameters
    ----------
    method, question, srid
        What was asked, without a box, and the metric CRS.
    key
        Text that differs whenever the answer may.
    """

    method: str
    question: Question
    answer: Answer
    srid: int
    key: str

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Which features are where."""
        return shapely.STRtree(self.answer.features.geometry.to_numpy(object))


@dataclass(frozen=True, eq=False)
class Counted:
    """All that was read for an answer: what is left to do needs no store.

    Parameters
    ----------
    shown
        Degrees outside which nothing is told: heat that spreads over a border is the neighbour's there.
    """

    method: Method
    question: Question
    given: Given
    shown: shapely.Geometry | None = None

    def answer(self) -> Answer:
        """What the method answers."""
        answer = self.method.work(self.question.asked, self.given)
        if self.shown is None:
            return answer
        shapely.prepare(self.shown)
        ours = shapely.intersects(self.shown, answer.features.geometry.to_numpy(object))
        return replace(answer, features=answer.features[ours].reset_index(drop=True))


class Hotspots:
    """Answers about hot spots, and what the page about them shows, kept by a process."""

    def __init__(self) -> None:
        self.grounds = Grounds()
        self._kept: Remembered[Found] = Remembered(ANSWER_BYTES)
        self._written: Remembered[Key] = Remembered(QUESTIONS_KEPT)
        self.pages: Remembered[Page] = Remembered(PAGES_BYTES)
        self._positions: dict[dt.timedelta, tuple[int, dt.datetime]] = {}
        self._lock = Lock()

    def position(self, newest: int, now: dt.datetime, fresh: dt.timedelta = FRESH) -> int:
        """The batch of events that answers are of: the newest, or one that was it so long ago at most."""
        with self._lock:
            position, since = self._positions.get(fresh, (newest, now))
            if not since <= now < since + fresh:
                position, since = newest, now
            self._positions[fresh] = (position, since)
            return position

    def key(
        self, store: Store, method: str, question: Question, streets: Patrolling | None, position: int | None = None
    ) -> Key:
        """What an answer depends on."""
        asked, now = replace(question, bbox=None), store.scope.present
        patrolled = None if streets is None else (streets.key if question.per == "patrol" else streets.state)
        position = now.position if position is None else position
        return (method, asked, now.version, now.revision, position, patrolled, store.scope.sight.key)

    def known(self, key: Key) -> Found | None:
        """What was answered before."""
        return self._kept.get(key)

    def of_written(self, written: Key) -> Found | None:
        """What was answered before to a question as it was written, which is not read again."""
        key = self._written.get(written)
        return None if key is None else self._kept.get(key)

    def note(self, written: Key, key: Key) -> None:
        """Say which question it is that was written so."""
        self._written.put(written, key)

    def counted(self, store: Store, method: str, question: Question, streets: Patrolling | None) -> Counted:
        """What is read for an answer, on the grounds that are kept."""
        return counted_of(store, method, replace(question, bbox=None), self.grounds, streets)

    def keep(self, key: Key, counted: Counted) -> Found:
        """Work out an answer, and remember it."""
        answer = counted.answer()
        found = Found(counted.method.name, counted.question, answer, counted.given.srid, repr(key))
        heat = 0 if answer.surface is None else answer.surface.density.nbytes
        self._kept.put(key, found, heat + A_FEATURE_BYTES * len(answer.features))
        return found


def answer_of(
    store: Store, method: str, question: Question, grounds: Grounds | None = None, streets: Patrolling | None = None
) -> Answer:
    """What a method answers about all that is in a store's scope; see :func:`counted_of`."""
    return counted_of(store, method, question, grounds or Grounds(), streets).answer()


def counted_of(
    store: Store, method: str, question: Question, grounds: Grounds, streets: Patrolling | None = None
) -> Counted:
    """Read all that a method needs to answer about what is in a store's scope.

    Parameters
    ----------
    question
        Its box is not looked at: what is hot does not depend on what is looked at.
    grounds
        Areas and units that are kept.
    streets
        What is known of patrol, where :func:`api.hotspot_questions.needs_streets`.

    Raises
    ------
    InvalidInput
        When it cannot be answered: nothing in scope, too many cells, too few steps, an unknown category.
    NotFound
        When there is no such method.
    """
    chosen = method_of(method)
    _check_categories(store, question)
    area = grounds.area(store, question.until)
    given = Given(area.shape, area.srid)
    if chosen.needs == "points":
        return Counted(chosen, question, _with_points(store, chosen, question, area, given))
    if chosen.needs == "streets":
        assert streets is not None
        given = _with_streets(store, question, streets, given)
        return Counted(chosen, question, given, None if store.scope.sight.everything else area.outline)
    return Counted(chosen, question, _with_cube(store, chosen, question, grounds, streets, given))


def window_of(store: Store, question: Question) -> Window:
    """Which issues a question is about."""
    zone = store.city.zone
    since, until = midnight_of(question.since, zone), midnight_of(question.until + DAYS, zone)
    return Window(since, until, None, question.categories, question.kinds, question.problems)


def edges_of(store: Store, method: Method, question: Question) -> list[dt.datetime]:
    """Where the steps of a method begin, and where the last one ends; by day only where units count alike."""
    days = (question.until - question.since).days + 1
    daily = 1 if question.per == "none" else days
    step = {"one": days, "steps": question.step_days, "days": daily}[method.steps]
    begins = [question.since + nth * DAYS for nth in range(0, days + 1, step)]
    return [midnight_of(day, store.city.zone) for day in begins]


def shift_of(store: Store, area: Area, side_m: float) -> int:
    """By how many bits places may be counted coarser so that a cell is no wider than so many metres."""
    _, south, _, north = shapely.bounds(area.outline)
    widest = WORLD_M * float(np.cos(np.radians(0 if south < 0 < north else min(abs(south), abs(north)))))
    return 2 * int(np.clip(np.floor(np.log2(side_m / widest) + BITS), 0, BITS))


def _with_points(store: Store, method: Method, question: Question, area: Area, given: Given) -> Given:
    canvas = area.canvas(question.bandwidth_m) if method.name == "surface" else None
    side_m = EXACT_M if canvas is None else canvas.cell_m
    counted = points(store, window_of(store, question), shift_of(store, area, side_m),
                     by_day=method.name != "surface", by_kind=method.name == "clusters",
                     weigh=_weigh(question))  # fmt: skip
    return replace(given, points=counted, canvas=canvas)


def _weigh(question: Question) -> Weigh | None:
    return None if question.halflife_days is None else partial(day_weights, question.asked)


def _with_streets(store: Store, question: Question, streets: Patrolling, given: Given) -> Given:
    rows = street_points(store, window_of(store, question), 2 * 5, _weigh(question))
    edge, at_m = segments_of(streets.network, rows)
    on = edge >= 0
    number, weight = rows["number"].to_numpy(np.int64)[on], rows["weight"].to_numpy(np.float64)[on]
    xy = rows[["x", "y"]].to_numpy(np.float64)[on]
    counted = Points(xy, np.zeros(len(xy), np.int64), np.full(len(xy), "", dtype=object), number, weight)
    return replace(given, points=counted, network=streets.network, edge=edge[on], at_m=at_m[on])


def _with_cube(
    store: Store, method: Method, question: Question, grounds: Grounds, streets: Patrolling | None, given: Given
) -> Given:
    area, support = grounds.area(store, question.until), grounds.support(store, question, streets)
    edges = edges_of(store, method, question)
    check_work(method, question, support, len(edges) - 1)
    if question.support == SEGMENT:
        assert isinstance(support, SegmentSupport) and streets is not None
        cube = _of_streets(store, question, support, streets, edges)
    elif question.support in (LATTICE, None):
        cube = _of_squares(store, question, area, support, edges)
    else:
        cube = _of_units(store, question, support, edges)
    exposure = exposure_of(store, question, area, support, streets)
    return replace(given, support=support, cube=cube, exposure=exposure, above=_above(store, question, area))


def _above(store: Store, question: Question, area: Area) -> Support | None:
    """The next larger units of a level of the grids."""
    levels = [level.name for level in store.city.levels]
    if question.support not in levels[1:]:
        return None
    above = levels[levels.index(question.support) - 1]
    return area.grids(above) if len(area.cells.on(area.day).levels[levels.index(above)].frame) else None


def _of_squares(
    store: Store, question: Question, area: Area, support: Support, edges: Sequence[dt.datetime]
) -> Ints:  # fmt: skip
    shift = shift_of(store, area, question.cell_m / IN_A_SQUARE)
    counted = points(store, window_of(store, question), shift, by_day=len(edges) > 2, by_kind=False)
    unit = lattice_places(support, counted.xy, question.cell_m)
    first, days = (question.since - EPOCH).days, (question.until - question.since).days + 1
    step = (counted.day - first) // max(days // (len(edges) - 1), 1) if len(edges) > 2 else counted.day * 0
    return _cube(unit, step, counted.number, len(support.codes), len(edges) - 1)


def _of_units(store: Store, question: Question, support: Support, edges: Sequence[dt.datetime]) -> Ints:
    levels = [level.name for level in store.city.levels]
    assert question.support is not None
    column = "frontage" if question.support == STRIP else GRID_COLUMNS[levels.index(question.support)]
    rows = unit_counts(store, window_of(store, question), column, edges)
    unit = pd.Index(support.codes).get_indexer(pd.Index(rows["code"].to_numpy(object)))
    return _cube(unit, rows["step"].to_numpy(np.int64), rows["number"].to_numpy(np.int64), len(support.codes),
                 len(edges) - 1)  # fmt: skip


def _of_streets(
    store: Store, question: Question, support: SegmentSupport, streets: Patrolling, edges: Sequence[dt.datetime]
) -> Ints:
    steps = []
    for since, until in pairwise(edges):
        rows = street_points(store, replace(window_of(store, question), since=since, until=until), 2 * 5)
        edge, _ = segments_of(streets.network, rows)
        steps.append(support.counted(edge, rows["number"].to_numpy(np.int64)))
    return np.stack(steps, axis=1)


def _cube(unit: Ints, step: Ints, number: Ints, units: int, steps: int) -> Ints:
    """Sums by unit and step; what is in none is left out."""
    own = (unit >= 0) & (step >= 0) & (step < steps)
    sums = np.bincount(unit[own] * steps + step[own], number[own], minlength=units * steps)
    cube: Ints = np.rint(sums).astype(np.int64).reshape(units, steps)
    return cube


def _check_categories(store: Store, question: Question) -> None:
    if not question.categories:
        return
    known: Any = store.read("categories", store.scope.states[1], only=("code",))
    unknown = sorted(set(question.categories) - set(known["code"]))
    if unknown:
        raise InvalidInput("hotspot_category", field="category", value=unknown[0][:100])

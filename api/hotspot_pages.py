"""What the page of hot spots shows: every method asked once for each choice that the page offers."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from api.hotspot_questions import DAYS, Written, method_of, question_of
from api.hotspots import FRESH_ON_PAGES
from api.hotspots import Hotspots as Kept
from api.patrolling import EPOCH, Patrolling
from gis_core.errors import GisError
from gis_core.hotspots.asking import PER, Answer
from layers.store import Store
from map_ui.data import Hotspots, MapData

DAYS_SHOWN, WEEK, WEEKS = 28, 7, 12
"""Local days of a period, and the weeks that changes are told of."""
FEWEST_CELLS, MOST_LEVELS = 8, 2
"""Cells a level needs to be offered, since few cells have no usual rate, and how many levels are, the lowest first."""
BANDWIDTH_M = 100.0
Key = tuple[str, ...]
Span = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class _Page:
    """The questions of a page.

    Parameters
    ----------
    newest, whole
        The local day of the newest report, and the last one that is over.
    levels
        Levels of the grids to count by.
    streets
        What is known of patrol; ``None`` where nothing is.
    """

    newest: dt.date
    whole: dt.date
    levels: tuple[str, ...]
    streets: Patrolling | None

    @property
    def spans(self) -> dict[str, Span]:
        """First and last local day of every question."""
        now = _until(self.newest, DAYS_SHOWN)
        begin = self.whole - (WEEK * WEEKS - 1) * DAYS
        weeks = {str(n): _until(begin + (WEEK * (n + 1) - 1) * DAYS, WEEK) for n in range(WEEKS)}
        spans = {"now": now, "before": _until(now[0] - DAYS, DAYS_SHOWN), "emerging": (begin, self.whole), **weeks}
        if self.streets is not None:
            last = min(self.newest, self.streets.last)
            spans["patrol"] = (max(last - (DAYS_SHOWN - 1) * DAYS, self.streets.first), last)
        following = (self.newest + DAYS, self.newest + 2 * WEEK * DAYS)
        return spans | {"scan": now, "clusters": now, "forecast": following}

    def questions(self) -> Iterator[tuple[Key, str, Written]]:
        """Each with its key and its method."""
        spans = self.spans
        for name in ("now", "before", *map(str, range(WEEKS))):
            yield ("surface", name), "surface", _written(spans[name])._replace(bandwidth_m=BANDWIDTH_M)
        for level in self.levels:
            for per in PER:
                if per == "patrol":
                    if "patrol" in spans and spans["patrol"][0] <= spans["patrol"][1]:
                        told = _written(spans["patrol"])._replace(support=level, per=per)
                        yield ("significance", level, per, "now"), "significance", told
                    continue
                for name in ("now", "before"):
                    told = _written(spans[name])._replace(support=level, per=per)
                    yield ("significance", level, per, name), "significance", told
            yield ("emerging", level), "emerging", _written(spans["emerging"])._replace(support=level, step_days=WEEK)
        yield ("scan",), "scan", _written(spans["scan"])._replace(support=self.levels[0])
        yield ("clusters",), "clusters", _written(spans["clusters"])
        yield ("forecast",), "forecast", Written(until=self.newest.isoformat())


def hotspots_told(data: MapData, store: Store, kept: Kept, streets: Patrolling | None, now: dt.datetime) -> Hotspots:
    """What there is to be shown of the store's scope; nothing where there are no grids, or no reports.

    Parameters
    ----------
    data
        Of the page, with its grids.
    kept
        Answers that are remembered.
    streets
        What is known of patrol; ``None`` where nothing is.
    """
    grids = data.frame("grids")
    if not len(grids) or store.last_report() is None:
        return Hotspots(answers={}, spans={})
    cells = grids["level"].value_counts().to_dict()
    page = _page(store, cells, streets, now)
    # Each report would have every answer of the page made again.
    position = kept.position(store.scope.present.position, now, FRESH_ON_PAGES)
    answers = {
        key: _answer(store, kept, method, told, page.streets, now, position) for key, method, told in page.questions()
    }
    return Hotspots(answers=answers, spans=page.spans)


def _page(store: Store, cells: dict[str, int], streets: Patrolling | None, now: dt.datetime) -> _Page:
    zone, reported = store.city.zone, store.last_report() or now
    today = now.astimezone(zone).date()
    newest = min(reported.astimezone(zone).date(), today)
    order = [level.name for level in reversed(store.city.levels) if cells.get(level.name)]
    offered = [name for name in order if cells[name] >= FEWEST_CELLS] or order[:1]
    known = streets if streets is not None and streets.last != EPOCH else None
    # A step that is not over yet would look like a fall.
    whole = newest - DAYS if newest == today else newest
    return _Page(newest, whole, tuple(offered[:MOST_LEVELS]), known)


def _answer(
    store: Store, kept: Kept, method: str, written: Written, streets: Patrolling | None, now: dt.datetime,
    position: int,
) -> Answer | GisError:  # fmt: skip
    """The answer, or why there is none."""
    by = streets if written.per == "patrol" else None
    try:
        return kept.answer(store, method, question_of(store, method_of(method), written, now, by), by, position)
    except GisError as fault:
        return fault


def _until(last: dt.date, days: int) -> Span:
    return last - (days - 1) * DAYS, last


def _written(span: Span) -> Written:
    first, last = span
    return Written(since=first.isoformat(), until=last.isoformat())
